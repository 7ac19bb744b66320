//! Durations in integer buckets: 128 to each power of two, so that quantiles are right to 0.39 % and merging is adding.
//!
//! A whole number below 256 has a bucket of its own; above, the eight leading bits choose it. There are no floats in
//! the index, so it is the same on every machine. Form: HDR histogram with 7 bits.

use super::quantile::{QuantileType, from_ranks};
use crate::error::{Error, ErrorKind, Result};

/// How many buckets there are for all 64-bit values.
pub const BUCKETS: u16 = 128 * 56 + 256;

/// The bucket of a whole number of milliseconds.
///
/// ```
/// use csat_core::stats::sketch::{bucket_low, bucket_of, bucket_width};
/// let bucket = bucket_of(20_000);
/// assert_eq!((bucket, bucket_low(bucket), bucket_width(bucket)), (1052, 19_968, 128));
/// ```
pub fn bucket_of(ms: u64) -> u16 {
    let shift = 56u32.saturating_sub(ms.leading_zeros());
    (128 * shift) as u16 + (ms >> shift) as u16
}

/// The smallest value of a bucket; an index beyond the last bucket counts as the last.
pub fn bucket_low(bucket: u16) -> u64 {
    let (shift, leading) = parts(bucket);
    leading << shift
}

/// How many whole values a bucket holds.
pub fn bucket_width(bucket: u16) -> u64 {
    1 << parts(bucket).0
}

/// The middle of a bucket, which stands for all its values: low + width / 2. A bucket of one millisecond holds durations
/// from its value up to, but not including, the next, so its middle is half a millisecond higher.
pub fn bucket_middle(bucket: u16) -> f64 {
    bucket_low(bucket) as f64 + bucket_width(bucket) as f64 / 2.0
}

fn parts(bucket: u16) -> (u32, u64) {
    let bucket = bucket.min(BUCKETS - 1);
    let shift = (u32::from(bucket) / 128).saturating_sub(1);
    (shift, u64::from(bucket) - 128 * u64::from(shift))
}

/// Counts by bucket of a plain sequence. Tables of groups keep the same buckets in their cells.
///
/// ```
/// use csat_core::stats::quantile::QuantileType;
/// use csat_core::stats::sketch::LogHistogram;
/// let mut waits = LogHistogram::new();
/// for ms in 1..=1000 {
///     waits.add(ms, 1)?;
/// }
/// let p90 = waits.quantile(0.9, QuantileType::Type7)?;
/// assert!((p90 - 900.1).abs() <= 900.1 * 0.0039 + 0.5);
/// # Ok::<(), csat_core::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogHistogram {
    /// Counts up to the highest bucket seen.
    counts: Vec<u64>,
    total: u64,
}

impl LogHistogram {
    /// Empty.
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts `ms` as often as `times`.
    pub fn add(&mut self, ms: u64, times: u64) -> Result<()> {
        self.add_to(bucket_of(ms), times)
    }

    /// Adds the counts of another histogram; where the total would overflow, nothing is changed.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        self.total.checked_add(other.total).ok_or_else(too_many)?;
        (0u16..).zip(&other.counts).try_for_each(|(bucket, times)| self.add_to(bucket, *times))
    }

    /// How many values were counted.
    pub fn count(&self) -> u64 {
        self.total
    }

    /// The upper edge of the highest bucket in use, at most 0.8 % above the longest value; none if empty.
    pub fn longest(&self) -> Option<u64> {
        let top = self.counts.iter().rposition(|times| *times > 0)? as u16;
        Some(bucket_low(top).saturating_add(bucket_width(top)))
    }

    /// The quantile at `p` in [0, 1] of the bucket middles: within 0.39 % and half a millisecond of the exact one.
    pub fn quantile(&self, p: f64, kind: QuantileType) -> Result<f64> {
        from_ranks(self.total, p, kind, |rank| self.value_at(rank))
    }

    fn value_at(&self, rank: u64) -> f64 {
        let mut seen = 0;
        let bucket = self.counts.iter().position(|times| {
            seen += times;
            seen > rank
        });
        bucket_middle(bucket.unwrap_or(0) as u16)
    }

    fn add_to(&mut self, bucket: u16, times: u64) -> Result<()> {
        self.total = self.total.checked_add(times).ok_or_else(too_many)?;
        let at = usize::from(bucket);
        if times > 0 && at >= self.counts.len() {
            self.counts.resize(at + 1, 0);
        }
        if times > 0 {
            self.counts[at] += times;
        }
        Ok(())
    }
}

fn too_many() -> Error {
    Error::new(ErrorKind::Overflow, "the histogram would hold more than 2^64 values")
}

/// Quantiles of whole numbers at `probabilities` through a [`LogHistogram`].
pub fn quantiles(values: &[u64], probabilities: &[f64], kind: QuantileType) -> Result<Vec<f64>> {
    let mut histogram = LogHistogram::new();
    values.iter().try_for_each(|value| histogram.add(*value, 1))?;
    probabilities.iter().map(|p| histogram.quantile(*p, kind)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn buckets_follow_one_another_without_gaps() {
        for bucket in 0..BUCKETS - 1 {
            assert_eq!(bucket_low(bucket) + bucket_width(bucket), bucket_low(bucket + 1));
            assert_eq!(bucket_of(bucket_low(bucket)), bucket);
            assert_eq!(bucket_of(bucket_low(bucket + 1) - 1), bucket);
        }
        assert_eq!((bucket_of(0), bucket_of(255), bucket_of(256), bucket_of(511)), (0, 255, 256, 383));
        assert_eq!((bucket_of(u64::MAX), bucket_of(u64::from(u32::MAX))), (BUCKETS - 1, 3327));
        assert_eq!(bucket_low(u16::MAX), bucket_low(BUCKETS - 1));
    }

    #[test]
    fn an_empty_histogram_has_no_quantile() {
        let mut histogram = LogHistogram::new();
        assert!(histogram.quantile(0.5, QuantileType::Type7).is_err() && histogram.longest().is_none());
        histogram.add(u64::MAX, u64::MAX).unwrap();
        assert_eq!(histogram.longest(), Some(u64::MAX));
        let before = histogram.clone();
        assert!(histogram.add(1, 1).is_err() && histogram.merge(&before).is_err());
        assert_eq!(histogram, before);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
        #[test]
        fn near_the_exact_quantile_and_the_same_after_merging(
            values in prop::collection::vec(0..10_000_000u64, 1..80), split in 0..80usize, p in 0.0..=1.0f64
        ) {
            let exact: Vec<f64> = values.iter().map(|v| *v as f64).collect();
            for kind in [QuantileType::Type1, QuantileType::Type7] {
                let exact = super::super::quantile::quantiles(&exact, &[p], kind).unwrap()[0];
                let got = quantiles(&values, &[p], kind).unwrap()[0];
                prop_assert!((got - exact).abs() <= exact / 256.0 + 0.5);
            }
            let fold = |part: &[u64]| {
                let mut histogram = LogHistogram::new();
                part.iter().try_for_each(|v| histogram.add(*v, 1)).unwrap();
                histogram
            };
            let (a, b) = values.split_at(split.min(values.len()));
            let mut merged = fold(b);
            merged.merge(&fold(a)).unwrap();
            prop_assert_eq!(merged, fold(&values));
        }
    }
}
