//! Funnel limits and over-dispersion: `funnel.*`.

use crate::functions;
use crate::stats::funnel;

functions! {
    /// Normal funnel limits of shares around the pooled or given target; `clamp` cuts them at 0 and 1.
    #[example = r#"{"successes": [50, 30], "n": [100, 60]}"#]
    "funnel.limits_normal"
        (successes: Vec<u64>, n: Vec<u64>, target: Option<f64> = None, clamp: bool = true, confidence: f64 = 0.95)
        => funnel::limits_normal(&successes, &n, target, clamp, confidence);
    /// Exact binomial funnel limits of shares, interpolated between counts unless `interpolate` is false.
    #[example = r#"{"successes": [5], "n": [10]}"#]
    "funnel.limits_exact"
        (successes: Vec<u64>, n: Vec<u64>, target: Option<f64> = None, interpolate: bool = true, clamp: bool = true, confidence: f64 = 0.95)
        => funnel::limits_exact(&successes, &n, target, interpolate, clamp, confidence);
    /// Funnel limits of means or nets with given standard errors.
    #[example = r#"{"values": [1, 4], "standard_errors": [1, 0.5]}"#]
    "funnel.limits_values"
        (values: Vec<f64>, standard_errors: Vec<f64>, target: Option<f64> = None, confidence: f64 = 0.95)
        => funnel::limits_values(&values, &standard_errors, target, confidence);
    /// Spread of shares beyond chance: z winsorised at the quantiles `winsorise` and 1 − `winsorise`, phi, tau2, and
    /// z with tau2 added to the variance.
    #[example = r#"{"successes": [90, 50, 10], "n": [100, 100, 100]}"#]
    "funnel.over_dispersion" (successes: Vec<u64>, n: Vec<u64>, target: Option<f64> = None, winsorise: f64 = 0.1)
        => funnel::over_dispersion(&successes, &n, target, winsorise);
    /// Spread of means or nets beyond chance, from given standard errors.
    #[example = r#"{"values": [10.0, 30.0, 50.0], "standard_errors": [5.0, 5.0, 5.0]}"#]
    "funnel.over_dispersion_values"
        (values: Vec<f64>, standard_errors: Vec<f64>, target: Option<f64> = None, winsorise: f64 = 0.1)
        => funnel::over_dispersion_values(&values, &standard_errors, target, winsorise);
    /// Two-sided exact binomial p-value of a share against a target: twice the smaller tail.
    #[example = r#"{"successes": 0, "n": 5, "target": 0.5}"#]
    "funnel.binomial_p_value" (successes: u64, n: u64, target: f64) => funnel::binomial_p_value(successes, n, target);
    /// Two-sided exact p-values of net scores against given shares of detractors and promoters; `net` is promoters −
    /// detractors, a count.
    #[example = r#"{"n": [2, 2, 2], "net": [-2, -1, 2], "detractors": 0.25, "promoters": 0.5}"#]
    "funnel.net_p_values" (n: Vec<u64>, net: Vec<i64>, detractors: f64, promoters: f64)
        => funnel::net_p_values(&n, &net, detractors, promoters);
}
