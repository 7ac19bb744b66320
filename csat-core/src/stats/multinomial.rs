//! Simultaneous intervals of several shares that add up to one (the classes of a question).

use super::Interval;
use super::interval::check_confidence;
use super::special::normal_quantile;
use crate::error::{Error, Result};

/// Intervals of all classes of a question.
#[derive(Clone, Debug, PartialEq)]
pub struct Shares {
    /// One interval for each class, in the order of the counts.
    pub intervals: Vec<Interval>,
}

crate::answer_fields!(Shares { intervals });

/// Goodman's simultaneous intervals: all shares lie in theirs together with at least this confidence.
///
/// Formula: (A + 2x ± √(A(A + 4x(n−x)/n))) / 2(n + A), A the quantile 1 − α/k of chi-squared with one degree of freedom,
/// for k classes. Source: Goodman 1965.
///
/// ```
/// let shares = csat_core::stats::multinomial::goodman(&[2, 5, 3], 0.95)?;
/// assert!((shares.intervals[1].low - 0.198206).abs() < 1e-6);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn goodman(counts: &[u64], confidence: f64) -> Result<Shares> {
    check_confidence(confidence)?;
    if counts.len() < 2 {
        return Err(Error::argument(format!("simultaneous intervals need at least two classes, not {}", counts.len())));
    }
    let n = counts.iter().map(|x| u128::from(*x)).sum::<u128>();
    if n == 0 {
        return Err(Error::argument("all classes are empty: shares of nothing do not exist"));
    }
    let n = n as f64;
    let z = normal_quantile((1.0 - confidence) / counts.len() as f64 / 2.0)?;
    let a = z * z;
    let limits = |x: &u64| {
        let x = *x as f64;
        let root = (a * (a + 4.0 * x * (n - x) / n)).sqrt();
        let low = if x == 0.0 { 0.0 } else { (a + 2.0 * x - root) / (2.0 * (n + a)) };
        let high = if x == n { 1.0 } else { (a + 2.0 * x + root) / (2.0 * (n + a)) };
        Interval { low, high }.clamp(0.0, 1.0)
    };
    Ok(Shares { intervals: counts.iter().map(limits).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_lie_inside_and_more_classes_are_wider() {
        let (two, three) = (goodman(&[4, 6], 0.95).unwrap(), goodman(&[4, 6, 0], 0.95).unwrap());
        assert!(two.intervals[0].low < 0.4 && 0.4 < two.intervals[0].high);
        assert!(three.intervals[0].low < two.intervals[0].low && two.intervals[0].high < three.intervals[0].high);
        assert!(three.intervals[2].low == 0.0 && three.intervals[2].high > 0.0);
    }

    #[test]
    fn what_cannot_be_is_an_error() {
        assert!(goodman(&[0, 0], 0.95).is_err() && goodman(&[3], 0.95).is_err() && goodman(&[1, 2], 0.0).is_err());
    }
}
