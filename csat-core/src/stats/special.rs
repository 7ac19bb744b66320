//! Quantiles and tails of the standard distributions: guards around statrs, which panics, hangs or loses digits in places.

use statrs::distribution::{Beta, ChiSquared, ContinuousCDF, Normal, StudentsT};

use crate::error::{Error, Result};

/// The two-sided normal quantile of a confidence: 1.96 for 0.95.
pub fn z_of_confidence(confidence: f64) -> f64 {
    Normal::standard().inverse_cdf(0.5 + confidence / 2.0)
}

/// The standard normal quantile of `p` in (0, 1).
pub fn normal_quantile(p: f64) -> Result<f64> {
    check(p)?;
    Ok(Normal::standard().inverse_cdf(p))
}

/// The upper tail of the standard normal distribution.
pub fn normal_sf(x: f64) -> Result<f64> {
    number(x)?;
    Ok(0.5 * libm::erfc(x / std::f64::consts::SQRT_2))
}

/// The quantile of Student's t distribution.
pub fn t_quantile(p: f64, df: f64) -> Result<f64> {
    check(p)?;
    if df > 5000.0 {
        return normal_quantile(p).map(|z| z + (z * z * z + z) / (4.0 * df));
    }
    Ok(StudentsT::new(0.0, 1.0, df).map_err(failed)?.inverse_cdf(p))
}

/// The upper tail of Student's t distribution.
pub fn t_sf(x: f64, df: f64) -> Result<f64> {
    number(x)?;
    Ok(StudentsT::new(0.0, 1.0, df).map_err(failed)?.sf(x))
}

/// The quantile of the beta distribution.
pub fn beta_quantile(p: f64, a: f64, b: f64) -> Result<f64> {
    check(p)?;
    let beta = Beta::new(a, b).map_err(failed)?;
    if a + b > 1e6 {
        // The inversion does not come back for very uneven parameters; near enough for a stand-in.
        let mean = a / (a + b);
        let spread = (mean * (1.0 - mean) / (a + b + 1.0)).sqrt();
        return Ok((mean + normal_quantile(p)? * spread).clamp(0.0, 1.0));
    }
    let ln_beta = ln_gamma(a)? + ln_gamma(b)? - ln_gamma(a + b)?;
    // Where nearly all of the mass of a tail sits on its end, the inversion does not come back.
    let near_zero = (libm::log(p * a) + ln_beta) / a;
    let near_one = (libm::log((1.0 - p) * b) + ln_beta) / b;
    if near_zero < -60.0 {
        return Ok(libm::exp(near_zero));
    }
    Ok(if near_one < -60.0 { 1.0 } else { beta.inverse_cdf(p) })
}

/// The beta distribution function.
pub fn beta_cdf(x: f64, a: f64, b: f64) -> Result<f64> {
    number(x)?;
    Ok(Beta::new(a, b).map_err(failed)?.cdf(x))
}

/// The upper tail of the chi-square distribution.
pub fn chi2_sf(x: f64, df: f64) -> Result<f64> {
    number(x)?;
    Ok(ChiSquared::new(df).map_err(failed)?.sf(x))
}

/// The logarithm of the gamma function.
pub fn ln_gamma(x: f64) -> Result<f64> {
    number(x)?;
    Ok(libm::lgamma(x))
}

fn check(p: f64) -> Result<()> {
    if p > 0.0 && p < 1.0 {
        Ok(())
    } else {
        Err(Error::argument(format!("a probability in (0, 1) is needed, not {p}")))
    }
}

fn number(x: f64) -> Result<()> {
    if x.is_nan() { Err(Error::argument("a number is needed")) } else { Ok(()) }
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::argument(error.to_string())
}
