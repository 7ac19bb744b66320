//! Rates: counts over an exposure such as active customers, and the ratio of two of them.

use super::interval::check_confidence;
use super::special::{beta_quantile, chi2_quantile};
use crate::error::{Error, Result};

/// A rate with its limits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// Count over exposure.
    pub rate: f64,
    /// Lower limit.
    pub low: f64,
    /// Upper limit.
    pub high: f64,
}

crate::answer_fields!(Rate { rate, low, high });

fn check_exposure(name: &str, exposure: f64) -> Result<()> {
    if exposure.is_finite() && exposure > 0.0 {
        Ok(())
    } else {
        Err(Error::argument(format!("`{name}` must be a number above zero, not {exposure}")))
    }
}

/// A count over an exposure with the exact (Garwood) Poisson interval: half of χ² quantiles with 2x and 2x + 2 degrees of
/// freedom over the exposure. No events still have an upper limit. Source: Garwood 1936.
///
/// ```
/// let none = csat_core::stats::rate::poisson(0, 100.0, 0.95)?;
/// assert_eq!((none.rate, none.low), (0.0, 0.0));
/// assert!((none.high - 0.036889).abs() < 1e-6);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn poisson(count: u64, exposure: f64, confidence: f64) -> Result<Rate> {
    check_confidence(confidence)?;
    check_exposure("exposure", exposure)?;
    let (x, tail) = (count as f64, (1.0 - confidence) / 2.0);
    let low = if count == 0 { 0.0 } else { chi2_quantile(tail, 2.0 * x)? / 2.0 };
    let high = chi2_quantile(1.0 - tail, 2.0 * x + 2.0)? / 2.0;
    Ok(Rate { rate: x / exposure, low: low / exposure, high: high / exposure })
}

/// The ratio of two rates, first over second, with the interval of the exact conditional (binomial) test: given both
/// counts together, the first is binomial. Without events in the second the ratio is infinite; without any in either it
/// does not exist. Source: Przyborowski and Wilenski 1940.
///
/// ```
/// // 20 contacts of 100 customers against 10 of 100: twice as many, and the interval says how sure that is.
/// let ratio = csat_core::stats::rate::ratio(20, 100.0, 10, 100.0, 0.95)?;
/// assert_eq!(ratio.rate, 2.0);
/// assert!(ratio.low < 1.0 && ratio.high > 4.0);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn ratio(first: u64, first_exposure: f64, second: u64, second_exposure: f64, confidence: f64) -> Result<Rate> {
    check_confidence(confidence)?;
    check_exposure("first_exposure", first_exposure)?;
    check_exposure("second_exposure", second_exposure)?;
    if first == 0 && second == 0 {
        return Err(Error::undefined("the ratio of two rates without any events does not exist"));
    }
    let (a, b, tail) = (first as f64, second as f64, (1.0 - confidence) / 2.0);
    let scale = second_exposure / first_exposure;
    let odds = |p: f64| p / (1.0 - p) * scale;
    let low = if first == 0 { 0.0 } else { odds(beta_quantile(tail, a, b + 1.0)?) };
    let high = if second == 0 { f64::INFINITY } else { odds(beta_quantile(1.0 - tail, a + 1.0, b)?) };
    let rate = if second == 0 { f64::INFINITY } else { a / b * scale };
    Ok(Rate { rate, low, high })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_those_of_the_tables() {
        // Garwood's table at 95 %: 10 events, 4.795 to 18.390.
        let ten = poisson(10, 1.0, 0.95).unwrap();
        assert!((ten.low - 4.795_389).abs() < 1e-6 && (ten.high - 18.390_356).abs() < 1e-6, "{ten:?}");
        // Equal counts: the interval is symmetric on the scale of logarithms; no events on one side have one limit.
        let equal = ratio(7, 2.0, 7, 2.0, 0.9).unwrap();
        assert!((equal.rate - 1.0).abs() < 1e-15 && (equal.low * equal.high - 1.0).abs() < 1e-9);
        assert_eq!(ratio(0, 1.0, 5, 1.0, 0.95).unwrap().low, 0.0);
        assert_eq!(ratio(5, 1.0, 0, 1.0, 0.95).unwrap().high, f64::INFINITY);
        assert!(ratio(0, 1.0, 0, 1.0, 0.95).is_err());
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(poisson(1, bad, 0.95).is_err() && ratio(1, 1.0, 1, bad, 0.95).is_err());
        }
    }
}
