//! Quantiles and tails of the standard distributions: guards around statrs, which panics, hangs or loses digits in places.

use statrs::distribution::{ContinuousCDF, Normal};

/// The two-sided normal quantile of a confidence: 1.96 for 0.95.
pub fn z_of_confidence(confidence: f64) -> f64 {
    normal_quantile(0.5 + confidence / 2.0)
}

/// The standard normal quantile of `p` in (0, 1).
pub fn normal_quantile(p: f64) -> f64 {
    Normal::standard().inverse_cdf(p)
}
