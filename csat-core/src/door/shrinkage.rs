//! Units drawn towards their network: `shrinkage.*`.

use crate::functions;
use crate::stats::shrinkage;

functions! {
    /// Shares of units drawn towards the network by a beta distribution fitted to it (empirical Bayes), with
    /// equal-tailed intervals. `alpha` and `beta` are null where the units differ by no more than chance; then every
    /// unit gets the pooled share.
    #[example = r#"{"successes": [5, 10, 20], "n": [10, 20, 40]}"#]
    "shrinkage.beta_binomial" (successes: Vec<u64>, n: Vec<u64>, confidence: f64 = 0.95)
        => shrinkage::beta_binomial(&successes, &n, confidence);
    /// Posterior mean and equal-tailed interval of each unit under a given Beta(alpha, beta).
    #[example = r#"{"successes": [0, 1], "n": [1, 1], "alpha": 1, "beta": 1}"#]
    "shrinkage.posterior" (successes: Vec<u64>, n: Vec<u64>, alpha: f64, beta: f64, confidence: f64 = 0.95)
        => shrinkage::posterior(&successes, &n, alpha, beta, confidence);
    /// James-Stein estimates towards the plain mean; `variance` is the common sampling variance of the values.
    #[example = r#"{"values": [1, 2, 3, 6], "variance": 7}"#]
    "shrinkage.james_stein" (values: Vec<f64>, variance: f64) => shrinkage::james_stein(&values, variance);
    /// Means or nets with standard errors drawn towards the network (normal-normal, Paule-Mandel).
    #[example = r#"{"values": [0, 4], "standard_errors": [1, 1]}"#]
    "shrinkage.normal" (values: Vec<f64>, standard_errors: Vec<f64>, confidence: f64 = 0.95)
        => shrinkage::normal(&values, &standard_errors, confidence);
    /// Units ranked by the lower limit of their Wilson interval; `order` holds positions from zero, best first.
    #[example = r#"{"successes": [3, 80, 80], "n": [3, 100, 100]}"#]
    "shrinkage.rank_by_wilson" (successes: Vec<u64>, n: Vec<u64>, confidence: f64 = 0.95)
        => shrinkage::rank_by_wilson(&successes, &n, confidence);
    /// Chi-square test of whether the shares of units differ beyond chance.
    #[example = r#"{"successes": [30, 20], "n": [50, 50]}"#]
    "shrinkage.homogeneity" (successes: Vec<u64>, n: Vec<u64>) => shrinkage::homogeneity(&successes, &n);
}
