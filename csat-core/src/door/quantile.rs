//! Quantiles: `quantile.*`.

use crate::functions;
use crate::stats::quantile::{self, QuantileType};

functions! {
    /// Quantiles of `values` at `probabilities`. `kind` is 1, 2, 6 or 7 as by Hyndman and Fan.
    #[example = r#"{"values": [40, 10, 20, 30], "probabilities": [0, 0.3, 0.5, 1], "kind": 1}"#]
    "quantile.exact" (values: Vec<f64>, probabilities: Vec<f64>, kind: u8 = 7) =>
        quantile::quantiles(&values, &probabilities, QuantileType::from_number(kind)?);
    /// The median.
    #[example = r#"{"values": [3, 1, 2]}"#]
    "quantile.median" (values: Vec<f64>) => quantile::median(&values);
    /// The quantile at `p` with its order-statistic interval; a limit is null where there are too few values for one.
    #[example = r#"{"values": [1, 2, 3, 4, 5]}"#]
    "quantile.interval" (values: Vec<f64>, p: f64 = 0.5, kind: u8 = 7, confidence: f64 = 0.95) =>
        quantile::interval(&values, p, QuantileType::from_number(kind)?, confidence);
    /// The ranks, counted from 1, of the interval of a quantile of `n` values.
    #[example = r#"{"n": 10}"#]
    "quantile.ranks" (n: u64, p: f64 = 0.5, confidence: f64 = 0.95) => quantile::ranks(n, p, confidence);
}
