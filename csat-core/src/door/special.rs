//! Quantiles and tails of standard distributions: `special.*`.

use crate::functions;
use crate::stats::special;

functions! {
    /// The two-sided normal quantile of a confidence: 1.96 for 0.95.
    #[example = r#"{"confidence": 0.95}"#]
    "special.z_of_confidence" (confidence: f64 = 0.95) => special::z_of_confidence(confidence);
    /// The standard normal quantile of `p` in (0, 1).
    #[example = r#"{"p": 0.5}"#]
    "special.normal_quantile" (p: f64) => special::normal_quantile(p);
    /// The probability that a standard normal value is at most `z`.
    #[example = r#"{"z": 1}"#]
    "special.normal_cdf" (z: f64) => special::normal_cdf(z);
    /// The probability that a standard normal value is above `z`.
    #[example = r#"{"z": 8}"#]
    "special.normal_sf" (z: f64) => special::normal_sf(z);
    /// The quantile of Student's t with `df` degrees of freedom (any positive number).
    #[example = r#"{"p": 0.75, "df": 1}"#]
    "special.t_quantile" (p: f64, df: f64) => special::t_quantile(p, df);
    /// The probability that Student's t with `df` degrees of freedom is above `t`.
    #[example = r#"{"t": 1, "df": 1}"#]
    "special.t_sf" (t: f64, df: f64) => special::t_sf(t, df);
    /// The quantile of Beta(`a`, `b`).
    #[example = r#"{"p": 0.125, "a": 3, "b": 1}"#]
    "special.beta_quantile" (p: f64, a: f64, b: f64) => special::beta_quantile(p, a, b);
    /// The probability that a Beta(`a`, `b`) value is at most `x`: the regularised incomplete beta function.
    #[example = r#"{"x": 0.25, "a": 2, "b": 3}"#]
    "special.beta_cdf" (x: f64, a: f64, b: f64) => special::beta_cdf(x, a, b);
    /// The probability that a Beta(`a`, `b`) value is above `x`.
    #[example = r#"{"x": 0.25, "a": 2, "b": 3}"#]
    "special.beta_sf" (x: f64, a: f64, b: f64) => special::beta_sf(x, a, b);
    /// The quantile of chi-squared with `df` degrees of freedom.
    #[example = r#"{"p": 0.95, "df": 2}"#]
    "special.chi2_quantile" (p: f64, df: f64) => special::chi2_quantile(p, df);
    /// The probability that chi-squared with `df` degrees of freedom is above `x`.
    #[example = r#"{"x": 3, "df": 2}"#]
    "special.chi2_sf" (x: f64, df: f64) => special::chi2_sf(x, df);
    /// The quantile of F with `df1` (numerator) and `df2` (denominator) degrees of freedom.
    #[example = r#"{"p": 0.75, "df1": 2, "df2": 2}"#]
    "special.f_quantile" (p: f64, df1: f64, df2: f64) => special::f_quantile(p, df1, df2);
    /// The probability that F with `df1` and `df2` degrees of freedom is above `f`.
    #[example = r#"{"f": 3, "df1": 2, "df2": 2}"#]
    "special.f_sf" (f: f64, df1: f64, df2: f64) => special::f_sf(f, df1, df2);
    /// The probability of at most `k` successes in `n` trials with probability `p` each.
    #[example = r#"{"k": 2, "n": 4, "p": 0.5}"#]
    "special.binomial_cdf" (k: u64, n: u64, p: f64) => special::binomial_cdf(k, n, p);
    /// The probability of exactly `k` successes in `n` trials with probability `p` each.
    #[example = r#"{"k": 2, "n": 4, "p": 0.5}"#]
    "special.binomial_pmf" (k: u64, n: u64, p: f64) => special::binomial_pmf(k, n, p);
    /// The probability of at most `k` events where `mean` are expected (Poisson).
    #[example = r#"{"k": 1, "mean": 2}"#]
    "special.poisson_cdf" (k: u64, mean: f64) => special::poisson_cdf(k, mean);
    /// The natural logarithm of the gamma function at `x` > 0.
    #[example = r#"{"x": 5}"#]
    "special.ln_gamma" (x: f64) => special::ln_gamma(x);
    /// The natural logarithm of the beta function B(`a`, `b`).
    #[example = r#"{"a": 2, "b": 3}"#]
    "special.ln_beta" (a: f64, b: f64) => special::ln_beta(a, b);
}
