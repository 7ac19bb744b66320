//! Control charts: `charts.*`.

use crate::functions;
use crate::stats::charts;

functions! {
    /// p-chart of shares with limits for each n; `signals` are positions from zero.
    #[example = r#"{"events": [5, 5, 20], "n": [100, 100, 100]}"#]
    "charts.p" (events: Vec<u64>, n: Vec<u64>) => charts::p(&events, &n);
    /// u-chart of rates: events per unit of exposure.
    #[example = r#"{"events": [4, 9, 35], "exposure": [1, 1, 1]}"#]
    "charts.u" (events: Vec<u64>, exposure: Vec<f64>) => charts::u(&events, &exposure);
    /// XmR chart: single values and their moving ranges, with exact constants.
    #[example = r#"{"values": [10, 12, 11, 13]}"#]
    "charts.individuals" (values: Vec<f64>) => charts::individuals(&values);
    /// Exponentially weighted moving average; `target` and `sigma` from a quiet period, limits at `width` sigmas.
    #[example = r#"{"values": [2, 2], "target": 0, "sigma": 1, "weight": 0.5, "width": 3}"#]
    "charts.ewma" (values: Vec<f64>, target: f64, sigma: f64, weight: f64 = 0.2, width: f64 = 3.0)
        => charts::ewma(&values, target, sigma, weight, width);
    /// Tabular CUSUM in sigmas; both sums positive.
    #[example = r#"{"values": [2, 2, 2, 2], "target": 0, "sigma": 1}"#]
    "charts.cusum" (values: Vec<f64>, target: f64, sigma: f64, slack: f64 = 0.5, decision: f64 = 5.0)
        => charts::cusum(&values, target, sigma, slack, decision);
}
