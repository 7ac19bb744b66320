//! Shares of a whole (service level, top box, abandonment): intervals, differences, tests.

use super::Interval;
use super::special::z_of_confidence;
use crate::error::{Error, Result};

/// Wilson score interval of `successes` of `n`.
///
/// Formula: (p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n). Zero successes still have an upper limit.
/// Source: Wilson 1927.
///
/// ```
/// let i = csat_core::stats::share::wilson(80, 100, 0.95)?;
/// assert!((i.low - 0.711171).abs() < 1e-6 && (i.high - 0.866633).abs() < 1e-6);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn wilson(successes: u64, n: u64, confidence: f64) -> Result<Interval> {
    check(successes, n)?;
    Ok(wilson_z(successes, n, z_of_confidence(confidence)?))
}

/// [`wilson`] with the normal quantile already known; for loops over many groups. `n` must not be zero.
pub fn wilson_z(successes: u64, n: u64, z: f64) -> Interval {
    let (x, n) = (successes as f64, n as f64);
    let p = x / n;
    let z2 = z * z;
    let centre = p + z2 / (2.0 * n);
    let half = z * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z2 / n;
    Interval {
        low: if x == 0.0 { 0.0 } else { ((centre - half) / scale).max(0.0) },
        high: if x == n { 1.0 } else { ((centre + half) / scale).min(1.0) },
    }
}

fn check(successes: u64, n: u64) -> Result<()> {
    if n == 0 {
        return Err(Error::argument("n must be at least 1: a share of nothing does not exist"));
    }
    if successes > n {
        return Err(Error::argument(format!("{successes} successes of {n}: successes cannot exceed n")));
    }
    Ok(())
}
