//! Quantiles of values that are all at hand, and intervals by order statistics.
//!
//! The default is type 7 of Hyndman and Fan (1996), as in `NumPy`, pandas and R. The interval of a quantile needs no
//! assumption about the distribution: it is a pair of ranks.

use super::interval::check_confidence;
use super::special::{binomial_cdf, normal_quantile};
use crate::error::{Error, Result};

/// How a quantile between two ranks is read, numbered as by Hyndman and Fan (1996).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum QuantileType {
    /// The smallest value with at least a share p at or below it ("nearest rank", ⌈np⌉).
    Type1,
    /// As type 1, with the mean of two neighbours where np is whole.
    Type2,
    /// Linear between ranks, at (n + 1)p (Weibull; Minitab, SPSS).
    Type6,
    /// Linear between ranks, at (n − 1)p + 1 (`NumPy`, pandas, R, Excel). The default.
    #[default]
    Type7,
}

impl QuantileType {
    /// The type with this number: 1, 2, 6 or 7.
    pub fn from_number(number: u8) -> Result<Self> {
        match number {
            1 => Ok(Self::Type1),
            2 => Ok(Self::Type2),
            6 => Ok(Self::Type6),
            7 => Ok(Self::Type7),
            _ => Err(Error::argument(format!("quantile type {number} is not offered; use 1, 2, 6 or 7 (the default)"))),
        }
    }
}

/// Quantiles of `values` (in any order) at `probabilities` in [0, 1].
///
/// ```
/// use csat_core::stats::quantile::{QuantileType, quantiles};
/// let waits = [40.0, 10.0, 20.0, 30.0];
/// assert_eq!(quantiles(&waits, &[0.5, 0.9], QuantileType::Type7)?, [25.0, 37.0]);
/// assert_eq!(quantiles(&waits, &[0.5, 0.9], QuantileType::Type1)?, [20.0, 40.0]);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn quantiles(values: &[f64], probabilities: &[f64], kind: QuantileType) -> Result<Vec<f64>> {
    let sorted = sorted(values)?;
    probabilities.iter().map(|p| from_ranks(sorted.len() as u64, *p, kind, |i| sorted[i as usize])).collect()
}

/// The median: type 7 at one half, the mean of the middle two where n is even.
///
/// ```
/// assert_eq!(csat_core::stats::quantile::median(&[3.0, 1.0, 2.0])?, 2.0);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn median(values: &[f64]) -> Result<f64> {
    Ok(quantiles(values, &[0.5], QuantileType::Type7)?[0])
}

/// A quantile of `n` values that are known by rank: `value_at(i)` is the i-th smallest, counted from 0. For histograms.
///
/// ```
/// use csat_core::stats::quantile::{QuantileType, from_ranks};
/// assert_eq!(from_ranks(101, 0.95, QuantileType::Type7, |i| i as f64)?, 95.0);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn from_ranks(n: u64, p: f64, kind: QuantileType, value_at: impl Fn(u64) -> f64) -> Result<f64> {
    if n == 0 {
        return Err(Error::undefined("the quantile of no values does not exist"));
    }
    if !(0.0..=1.0).contains(&p) {
        return Err(Error::argument(format!("a quantile is asked for at a probability from 0 to 1, not {p}")));
    }
    let position = match kind {
        QuantileType::Type1 | QuantileType::Type2 => n as f64 * p,
        QuantileType::Type6 => (n as f64 + 1.0) * p,
        QuantileType::Type7 => (n as f64 - 1.0) * p + 1.0,
    };
    // A product that should be whole may miss it by its rounding: 0.07·100 is not 7.
    let fuzz = 4.0 * f64::EPSILON * position.max(1.0);
    let below = (position + fuzz).floor();
    let part = if position - below <= fuzz { 0.0 } else { position - below };
    let value = |rank: f64| value_at((rank.max(1.0) as u64).min(n) - 1);
    let (low, high) = (value(below), || value(below + 1.0));
    Ok(match kind {
        QuantileType::Type2 if part == 0.0 => between(low, high(), 0.5),
        _ if part == 0.0 => low,
        QuantileType::Type1 | QuantileType::Type2 => high(),
        QuantileType::Type6 | QuantileType::Type7 => between(low, high(), part),
    })
}

fn between(low: f64, high: f64, part: f64) -> f64 {
    let width = high - low;
    if width.is_finite() { low + part * width } else { low * (1.0 - part) + high * part }
}

/// Ranks, counted from 1, between which a quantile of the population lies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ranks {
    /// Rank of the lower limit; none where n is too small for one at this confidence.
    pub low: Option<u64>,
    /// Rank of the upper limit; none where n is too small for one at this confidence.
    pub high: Option<u64>,
    /// The confidence really reached: at least the one asked for.
    pub coverage: f64,
}

crate::answer_fields!(Ranks { low, high, coverage });

/// The ranks of an interval for the quantile at `p` in (0, 1) of `n` values.
///
/// The number of values below the true quantile is binomial(n, p). The lower rank is the largest l with
/// P(B < l) ≤ α/2, the upper the smallest u with P(B ≥ u) ≤ α/2. Ties only raise the coverage.
/// Source: David and Nagaraja, Order Statistics, section 7.1.
///
/// ```
/// let r = csat_core::stats::quantile::ranks(10, 0.5, 0.95)?;
/// assert_eq!((r.low, r.high), (Some(2), Some(9))); // P(B < 2) = 11/1024
/// assert!((r.coverage - (1.0 - 22.0 / 1024.0)).abs() < 1e-14);
/// assert_eq!(csat_core::stats::quantile::ranks(20, 0.95, 0.95)?.high, None);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn ranks(n: u64, p: f64, confidence: f64) -> Result<Ranks> {
    check_confidence(confidence)?;
    if !(p > 0.0 && p < 1.0) {
        return Err(Error::argument(format!("a quantile has an interval for probabilities inside (0, 1), not {p}")));
    }
    if n == 0 {
        return Err(Error::undefined("the quantile of no values does not exist"));
    }
    let tail = (1.0 - confidence) / 2.0;
    let (low, below) = lower_rank(n, p, tail)?;
    let (back, above) = lower_rank(n, 1.0 - p, tail)?;
    Ok(Ranks { low, high: back.map(|rank| n + 1 - rank), coverage: 1.0 - below - above })
}

/// The largest rank l ≥ 1 with P(B < l) ≤ tail, and that probability.
fn lower_rank(n: u64, p: f64, tail: f64) -> Result<(Option<u64>, f64)> {
    let missed = |rank: u64| if rank == 0 { Ok(0.0) } else { binomial_cdf(rank - 1, n, p) };
    let guess = n as f64 * p + normal_quantile(tail)? * (n as f64 * p * (1.0 - p)).sqrt();
    // The normal guess is near; a bracket is opened from it and closed by halving.
    let mut low = (guess.max(0.0) as u64).min(n);
    let mut step = 1;
    while missed(low)? > tail {
        low = low.saturating_sub(step);
        step *= 2;
    }
    let (mut high, mut step) = (low + 1, 1);
    while high <= n && missed(high)? <= tail {
        low = high;
        high = high.saturating_add(step);
        step *= 2;
    }
    high = high.min(n + 1);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if missed(middle)? <= tail {
            low = middle;
        } else {
            high = middle;
        }
    }
    Ok((Some(low).filter(|rank| *rank > 0), missed(low)?))
}

/// A quantile with its order-statistic interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QuantileInterval {
    /// The quantile of the values at hand.
    pub value: f64,
    /// Lower limit: the value at the lower rank; none where n is too small for one.
    pub low: Option<f64>,
    /// Upper limit: the value at the upper rank; none where n is too small for one.
    pub high: Option<f64>,
    /// The confidence really reached: at least the one asked for.
    pub coverage: f64,
}

crate::answer_fields!(QuantileInterval { value, low, high, coverage });

/// The quantile of `values` at `p` in (0, 1) and its interval by [`ranks`].
///
/// ```
/// use csat_core::stats::quantile::{QuantileType, interval};
/// let waits: Vec<f64> = (1..=10).map(f64::from).collect();
/// let i = interval(&waits, 0.5, QuantileType::Type7, 0.95)?;
/// assert_eq!((i.value, i.low, i.high), (5.5, Some(2.0), Some(9.0)));
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn interval(values: &[f64], p: f64, kind: QuantileType, confidence: f64) -> Result<QuantileInterval> {
    let sorted = sorted(values)?;
    let n = sorted.len() as u64;
    let Ranks { low, high, coverage } = ranks(n, p, confidence)?;
    let at = |rank: Option<u64>| rank.map(|rank| sorted[rank as usize - 1]);
    let value = from_ranks(n, p, kind, |i| sorted[i as usize])?;
    Ok(QuantileInterval { value, low: at(low), high: at(high), coverage })
}

fn sorted(values: &[f64]) -> Result<Vec<f64>> {
    if let Some(i) = values.iter().position(|x| !x.is_finite()) {
        let message = format!("value {} is {}: quantiles are taken of finite numbers", i + 1, values[i]);
        return Err(Error::argument(message).with("row", i + 1));
    }
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    Ok(sorted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TYPES: [QuantileType; 4] =
        [QuantileType::Type1, QuantileType::Type2, QuantileType::Type6, QuantileType::Type7];

    /// Values 1..4 at 0.3: np = 1.2 → 2nd value; (n+1)p = 1.5; (n−1)p + 1 = 1.9. At 0.5: np = 2 is whole.
    #[test]
    fn the_four_types_by_hand() {
        let at = |p| TYPES.map(|kind| quantiles(&[4.0, 2.0, 1.0, 3.0], &[p], kind).unwrap()[0]);
        assert_eq!(at(0.3), [2.0, 2.0, 1.5, 1.9]);
        assert_eq!(at(0.5), [2.0, 2.5, 2.5, 2.5]);
        assert_eq!((at(0.0), at(1.0)), ([1.0; 4], [4.0; 4]));
    }

    #[test]
    fn a_whole_product_counts_as_whole() {
        let values: Vec<f64> = (1..=100).map(f64::from).collect();
        assert_eq!(quantiles(&values, &[0.07], QuantileType::Type1).unwrap(), [7.0]);
        assert_eq!(quantiles(&values, &[0.07], QuantileType::Type2).unwrap(), [7.5]);
    }

    #[test]
    fn errors_and_extremes() {
        assert!(
            quantiles(&[], &[0.5], QuantileType::Type7).is_err()
                && quantiles(&[1.0], &[1.1], QuantileType::Type7).is_err()
        );
        assert!(median(&[1.0, f64::NAN]).is_err() && QuantileType::from_number(5).is_err());
        assert_eq!(median(&[-1e308, 1e308]), Ok(0.0));
        assert!(ranks(0, 0.5, 0.95).is_err() && ranks(5, 1.0, 0.95).is_err() && ranks(5, 0.5, 0.0).is_err());
        assert_eq!(ranks(5, 0.5, 0.95).unwrap(), Ranks { low: None, high: None, coverage: 1.0 }); // 1/32 > 0.025
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
        #[test]
        fn ranks_are_the_narrowest_that_keep_the_promise(n in 1u64..3000, p in 0.01..0.99f64, confidence in 0.5..0.999f64) {
            let r = ranks(n, p, confidence).unwrap();
            let tail = (1.0 - confidence) / 2.0;
            let (low, high) = (r.low.unwrap_or(0), r.high.unwrap_or(n + 1));
            prop_assert!(low < high && r.coverage >= confidence - 1e-12);
            prop_assert!(binomial_cdf(low, n, p).unwrap() > tail);
            prop_assert!(high < 2 || 1.0 - binomial_cdf(high - 2, n, p).unwrap() > tail - 1e-12);
        }

        #[test]
        fn quantiles_rise_and_stay_inside(values in prop::collection::vec(-1e6..1e6f64, 1..40), p in 0.0..=1.0f64, q in 0.0..=1.0f64) {
            let (p, q) = (p.min(q), p.max(q));
            for kind in TYPES {
                let pair = quantiles(&values, &[0.0, p, q, 1.0], kind).unwrap();
                prop_assert!(pair.windows(2).all(|w| w[0] <= w[1]));
            }
        }
    }
}
