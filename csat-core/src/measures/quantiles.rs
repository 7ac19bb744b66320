//! Reading quantiles from the histogram of a cell.

use crate::cells::Cell;
use crate::error::{Error, ErrorKind, Result};
use crate::estimate::{Confidence, Estimate, Estimates, Reason};
use crate::histogram::Buckets;

/// Refuses quantiles outside 0..1, and one that is given twice.
pub(crate) fn check(quantiles: &[f64]) -> Result<()> {
    if let Some((_, q)) = quantiles.iter().enumerate().find(|(at, q)| quantiles[..*at].contains(q)) {
        return Err(Error::new(ErrorKind::InvalidOption, format!("the quantile {q} is given twice; leave one out")));
    }
    match quantiles.iter().find(|q| !(0.0..=1.0).contains(*q)) {
        None => Ok(()),
        Some(q) => {
            let message = format!("quantiles lie between 0 and 1, not {q}; 0.9 is the 90th percentile");
            Err(Error::new(ErrorKind::InvalidOption, message))
        }
    }
}

/// The name of a quantile: `p90`, `p99.9`.
pub(crate) fn name(q: f64) -> String {
    format!("p{}", (q * 1e6).round() / 1e4)
}

/// Pushes the quantiles (type 7) in seconds, each with the interval of its order statistics, then the longest value.
pub(crate) fn read(cell: &Cell<'_>, histogram: usize, quantiles: &[f64], confidence: &Confidence, out: &mut Estimates) {
    let n = cell.observed(histogram);
    if n == 0 {
        out.extend(std::iter::repeat_n(Estimate::none(0, Reason::Empty), quantiles.len() + 1));
        return;
    }
    let last = n - 1;
    // For each quantile: the two ranks it lies between and, if asked, the ranks of its limits.
    let wanted: Vec<(u64, f64, Option<(u64, u64)>)> = quantiles
        .iter()
        .map(|q| {
            let h = last as f64 * q;
            let low = (h.floor() as u64).min(last);
            (low, h - low as f64, confidence.z.and_then(|z| rank_limits(n, *q, z)))
        })
        .collect();
    let mut ranks: Vec<u64> = vec![last];
    for (low, _, limits) in &wanted {
        ranks.extend([*low, (low + 1).min(last)]);
        ranks.extend(limits.iter().flat_map(|(a, b)| [*a, *b]));
    }
    ranks.sort_unstable();
    ranks.dedup();
    let mut keys = Vec::new();
    let buckets: Buckets = cell.keys_at(histogram, &ranks, &mut keys);
    let key = |rank: u64| keys[ranks.partition_point(|r| *r < rank)];
    let value = |rank: u64| buckets.value(key(rank)) / 1e6;
    for (low, fraction, limits) in wanted {
        let (a, b) = (value(low), value((low + 1).min(last)));
        let mut estimate = Estimate::none(n, if confidence.z.is_some() { Reason::TooFew } else { Reason::NotAsked });
        estimate.value = Some(a + (b - a) * fraction);
        if let Some((first, second)) = limits {
            estimate.limits(value(first), value(second));
        }
        out.push(estimate);
    }
    out.push(Estimate::census(buckets.upper(key(last)) / 1e6, n));
}

/// Ranks (from 0) whose values enclose a quantile: the binomial limits in their normal form, widened outwards; none
/// where a limit would lie beyond the data.
fn rank_limits(n: u64, q: f64, z: f64) -> Option<(u64, u64)> {
    let count = n as f64;
    let half = z * (count * q * (1.0 - q)).sqrt();
    let (low, high) = ((count * q - half).floor(), (count * q + half).ceil());
    (low >= 1.0 && high < count).then(|| (low as u64 - 1, high as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short() {
        assert_eq!([0.5, 0.9, 0.999].map(name), ["p50", "p90", "p99.9"]);
    }

    #[test]
    fn limits_exist_only_inside_the_data() {
        assert_eq!(rank_limits(5, 0.9, 1.96), None);
        // n = 100, median: 50 ± 9.8 → order statistics 40 and 61 (counted from 1), ranks 39 and 60.
        assert_eq!(rank_limits(100, 0.5, 1.96), Some((39, 60)));
    }
}
