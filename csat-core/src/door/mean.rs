//! Means of scores: `mean.*`.

use crate::functions;
use crate::stats::mean::{self, Sample};

functions! {
    /// Mean, standard deviation, standard error and Student's t interval. At least two values.
    #[example = r#"{"values": [1, 2, 3]}"#]
    "mean.t_interval" (values: Vec<f64>, confidence: f64 = 0.95) => mean::t_interval(Sample::of(&values)?, confidence);
    /// The same from integer sums: how many, their sum and the sum of their squares.
    #[example = r#"{"n": 3, "sum": 6, "sum_of_squares": 14}"#]
    "mean.t_interval_integers" (n: u64, sum: i128, sum_of_squares: i128, confidence: f64 = 0.95) =>
        mean::t_interval(Sample::of_integers(n, sum, sum_of_squares)?, confidence);
    /// Welch's t test and interval of the difference of two means, first minus second. Source: Welch 1947.
    #[example = r#"{"a": [1, 3], "b": [2, 4]}"#]
    "mean.welch" (a: Vec<f64>, b: Vec<f64>, confidence: f64 = 0.95) =>
        mean::welch(Sample::of(&a)?, Sample::of(&b)?, confidence);
    /// Cohen's d and Hedges' g, exact and approximate.
    #[example = r#"{"a": [1, 3], "b": [2, 4]}"#]
    "mean.effect_size" (a: Vec<f64>, b: Vec<f64>) => mean::effect_size(Sample::of(&a)?, Sample::of(&b)?);
    /// Mann-Whitney test by the normal approximation, corrected for ties; rank-biserial correlation and probability
    /// of superiority.
    #[example = r#"{"a": [3, 4, 5], "b": [1, 2, 3]}"#]
    "mean.mann_whitney" (a: Vec<f64>, b: Vec<f64>, continuity: bool = true) => mean::mann_whitney(&a, &b, continuity);
    /// Exact Mann-Whitney test; without ties only.
    #[example = r#"{"a": [3, 4], "b": [1, 2]}"#]
    "mean.mann_whitney_exact" (a: Vec<f64>, b: Vec<f64>) => mean::mann_whitney_exact(&a, &b);
}
