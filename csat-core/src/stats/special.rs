//! Quantiles and tails of the standard distributions: guards around statrs, which panics, hangs or loses digits in places.

use statrs::distribution::{ContinuousCDF, FisherSnedecor, Normal, StudentsT};

use crate::error::{Error, Result};

/// The two-sided normal quantile of a confidence: 1.96 for 0.95.
pub fn z_of_confidence(confidence: f64) -> f64 {
    normal_quantile(0.5 + confidence / 2.0)
}

/// The standard normal quantile of `p` in (0, 1).
pub fn normal_quantile(p: f64) -> f64 {
    Normal::standard().inverse_cdf(p)
}

/// The quantile of Student's t with `df` degrees of freedom, `p` in (0, 1).
pub fn t_quantile(p: f64, df: f64) -> Result<f64> {
    check_probability(p)?;
    let t = StudentsT::new(0.0, 1.0, df).map_err(|e| Error::argument(format!("degrees of freedom {df}: {e}")))?;
    Ok(t.inverse_cdf(p))
}

/// The upper tail of Student's t with `df` degrees of freedom.
pub fn t_sf(t: f64, df: f64) -> Result<f64> {
    let d = StudentsT::new(0.0, 1.0, df).map_err(|e| Error::argument(format!("degrees of freedom {df}: {e}")))?;
    Ok(d.sf(t))
}

/// The quantile of F with `d1` and `d2` degrees of freedom, `p` in (0, 1).
pub fn f_quantile(p: f64, d1: f64, d2: f64) -> Result<f64> {
    check_probability(p)?;
    let f =
        FisherSnedecor::new(d1, d2).map_err(|e| Error::argument(format!("degrees of freedom {d1} and {d2}: {e}")))?;
    Ok(f.inverse_cdf(p))
}

fn check_probability(p: f64) -> Result<()> {
    if p > 0.0 && p < 1.0 { Ok(()) } else { Err(Error::argument(format!("p must lie between 0 and 1, not {p}"))) }
}
