//! What needs the waits themselves or a set of intervals: no counts to merge, so plain functions on whole columns.

use super::closed::closed_list;
use super::definition::{Comparator, EmptyAs, check_threshold};
use super::level::Ratio;
use crate::error::{Error, ErrorKind, Result};

/// Service level of answered contacts after the longest waits were dropped (`oktell_sl_20_80` with `<` and 0.2).
///
/// `waits` and `threshold` in µs; `trim_top` is the share of the longest waits to drop, 0 ≤ share < 1, as whole
/// contacts rounded down. Hits are waits within the threshold, counted are the waits kept. No waits give 0 of 0.
/// Pitfall: dropping the worst cases before counting hides exactly what a service level is for; the function exists
/// to reproduce such figures. It cannot be merged: the top of two days is not the top of each.
/// Source: wiki.oktell.ru, 2015-03-04.
///
/// ```
/// use csat_core::rule::{batch, definition::Comparator};
/// let waits = [3, 9, 14, 15, 40].map(|seconds| seconds * 1_000_000);
/// let level = batch::service_level_trimmed(&waits, 15_000_000, Comparator::Below, 0.2)?;
/// assert_eq!(level.value(), Some(0.75)); // 3 of the 4 shortest
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn service_level_trimmed(waits: &[i64], threshold: i64, comparator: Comparator, trim_top: f64) -> Result<Ratio> {
    check_threshold(threshold)?;
    check_waits(waits)?;
    if !(0.0..1.0).contains(&trim_top) {
        let message = format!("`trim_top` is a share of at least 0 and below 1, not {trim_top}; 0.2 drops one in five");
        return Err(Error::argument(message));
    }
    let mut sorted = waits.to_vec();
    sorted.sort_unstable();
    // A share such as 0.2 lies a hair off: without the guard 0.29 of 100 would be 28.
    let dropped = (waits.len() as f64 * trim_top + 1e-9).floor() as usize;
    let kept = &sorted[..waits.len().saturating_sub(dropped)];
    let hits = kept.iter().filter(|wait| comparator.within((*wait).cmp(&threshold))).count();
    Ok(Ratio::new(hits as u64, kept.len() as u64))
}

/// The `holdtime` that Asterisk shows after each answered call, in whole seconds: not a mean, but
/// (3 · old + new) >> 2 in integers, beginning with the first wait. Asterisk's `talktime` is made the same way.
///
/// `waits` in whole seconds in the order of the calls; a negative wait is refused.
/// Source: Asterisk, `apps/app_queue.c`.
///
/// ```
/// assert_eq!(csat_core::rule::batch::asterisk_holdtime(&[10, 20, 31])?, [10, 12, 16]);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn asterisk_holdtime(waits: &[i64]) -> Result<Vec<i64>> {
    check_waits(waits)?;
    let mut shown: Option<i64> = None;
    let next = |new: &i64| {
        let average = shown.map_or(i128::from(*new), |old| (3 * i128::from(old) + i128::from(*new)) >> 2);
        // Between the smallest and the largest wait, so it fits.
        let average = i64::try_from(average).unwrap_or(i64::MAX);
        shown = Some(average);
        average
    };
    Ok(waits.iter().map(next).collect())
}

fn check_waits(waits: &[i64]) -> Result<()> {
    match waits.iter().position(|wait| *wait < 0) {
        None => Ok(()),
        Some(row) => Err(Error::argument(format!("wait {row} is negative: {}", waits[row])).with("row", row)),
    }
}

closed_list! {
    /// How the ratio of several intervals is made from theirs.
    RollUp, "roll-up" {
        /// Σ numerators / Σ denominators. The default, and the only rule that does not depend on how time was cut.
        RatioOfSums = "ratio_of_sums",
        /// The plain mean of the ratios. To reproduce somebody's dashboard only: a quiet night weighs as much as a
        /// busy noon, and an empty interval counts as whatever it is shown as.
        MeanOfRatios = "mean_of_ratios",
    }
}

/// The ratio of several intervals. `empty` matters for [`RollUp::MeanOfRatios`] only: an interval without contacts is
/// skipped (null) or enters as 0 or 1. `None` where nothing was counted.
///
/// ```
/// use csat_core::rule::batch::{RollUp, roll_up};
/// use csat_core::rule::{definition::EmptyAs, level::Ratio};
/// let hours = [Ratio::new(8, 10), Ratio::new(1, 5), Ratio::new(0, 0), Ratio::new(90, 100)];
/// assert_eq!(roll_up(&hours, RollUp::RatioOfSums, EmptyAs::Null)?, Some(99.0 / 115.0));
/// let mean = roll_up(&hours, RollUp::MeanOfRatios, EmptyAs::Null)?.unwrap();
/// assert!((mean - 19.0 / 30.0).abs() < 1e-12);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn roll_up(parts: &[Ratio], rule: RollUp, empty: EmptyAs) -> Result<Option<f64>> {
    if rule == RollUp::RatioOfSums {
        return Ok(sum(parts)?.value());
    }
    let shown: Vec<f64> = parts.iter().filter_map(|part| empty.show(part.value())).collect();
    Ok((!shown.is_empty()).then(|| shown.iter().sum::<f64>() / shown.len() as f64))
}

/// Σ numerators and Σ denominators.
pub fn sum(parts: &[Ratio]) -> Result<Ratio> {
    let add = |a: Ratio, b: &Ratio| {
        let numerator = a.numerator.checked_add(b.numerator)?;
        Some(Ratio::new(numerator, a.denominator.checked_add(b.denominator)?))
    };
    parts
        .iter()
        .try_fold(Ratio::default(), add)
        .ok_or_else(|| Error::new(ErrorKind::Overflow, "the counts of the intervals add up to more than 2^64 - 1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trimming_counts_whole_contacts() {
        let waits: Vec<i64> = (1..=100).collect();
        for (share, kept) in [(0.0, 100), (0.29, 71), (0.2, 80), (0.999, 1)] {
            let level = service_level_trimmed(&waits, 50, Comparator::AtMost, share).unwrap();
            assert_eq!(level, Ratio::new(kept.min(50), kept), "{share}");
        }
        assert_eq!(service_level_trimmed(&[], 5, Comparator::Below, 0.2).unwrap().value(), None);
        for bad in [-0.1, 1.0, f64::NAN, f64::INFINITY] {
            assert!(service_level_trimmed(&waits, 50, Comparator::Below, bad).is_err());
        }
        assert!(service_level_trimmed(&[-1], 5, Comparator::Below, 0.2).is_err());
        assert!(service_level_trimmed(&[1], -5, Comparator::Below, 0.2).is_err());
    }

    #[test]
    fn the_moving_average_takes_any_wait() {
        assert_eq!(asterisk_holdtime(&[]).unwrap(), [0i64; 0]);
        assert_eq!(asterisk_holdtime(&[i64::MAX, i64::MAX]).unwrap(), [i64::MAX; 2]);
        assert_eq!(asterisk_holdtime(&[3, -1]).unwrap_err().context_value("row"), Some("1"));
    }

    #[test]
    fn sums_do_not_wrap() {
        assert!(sum(&[Ratio::new(0, u64::MAX), Ratio::new(0, 1)]).is_err());
        assert_eq!(roll_up(&[], RollUp::MeanOfRatios, EmptyAs::Null).unwrap(), None);
        assert_eq!(roll_up(&[Ratio::new(0, 0)], RollUp::MeanOfRatios, EmptyAs::One).unwrap(), Some(1.0));
        assert_eq!(roll_up(&[Ratio::new(0, 0)], RollUp::RatioOfSums, EmptyAs::One).unwrap(), None);
    }
}
