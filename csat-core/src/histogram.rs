//! Histograms of durations: integers that merge, subtract and save.
//!
//! Two bucketings. `exact` keeps one bucket a microsecond, sparse: quantiles are those of the data. `log7` keeps
//! 128 buckets a power of two of milliseconds: at most 0.39 % + 0.5 ms off, and small however many values there are.

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::record::BLOCK;
use crate::simd::widest;

/// How a histogram of durations is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Buckets {
    /// 128 buckets a power of two of milliseconds; a quantile is at most 0.39 % + 0.5 ms off.
    Log7,
    /// One bucket a microsecond, sparse.
    Exact,
}

impl Buckets {
    /// What a definition id carries: `~log7`, or nothing for exact.
    pub fn suffix(self) -> &'static str {
        match self {
            Buckets::Log7 => "~log7",
            Buckets::Exact => "",
        }
    }

    /// The bucket of a duration in microseconds.
    pub fn key(self, micros: i64) -> i64 {
        match self {
            Buckets::Exact => micros,
            Buckets::Log7 => i64::from(log7_index(micros)),
        }
    }

    /// The value in microseconds that stands for a bucket: its middle.
    pub fn value(self, key: i64) -> f64 {
        match self {
            Buckets::Exact => key as f64,
            Buckets::Log7 => {
                let (low, width) = log7_bounds(key as u16);
                (low as f64 + width as f64 / 2.0) * 1000.0
            }
        }
    }

    /// The upper edge of a bucket in microseconds; the value itself where buckets are exact.
    pub fn upper(self, key: i64) -> f64 {
        match self {
            Buckets::Exact => key as f64,
            Buckets::Log7 => {
                let (low, width) = log7_bounds(key as u16);
                (low + width) as f64 * 1000.0
            }
        }
    }
}

/// The bucket of a duration: milliseconds below 256 as they are, then 128 buckets a doubling.
#[inline]
pub(crate) fn log7_index(micros: i64) -> u16 {
    let ms = micros as u64 / 1000;
    if ms < 256 {
        ms as u16
    } else {
        let e = 56 - ms.leading_zeros();
        (128 * e + (ms >> e) as u32) as u16
    }
}

/// Lower edge and width of a bucket in milliseconds.
fn log7_bounds(index: u16) -> (u64, u64) {
    let index = u64::from(index);
    if index < 256 {
        (index, 1)
    } else {
        let e = index / 128 - 1;
        ((index - 128 * e) << e, 1 << e)
    }
}

/// Above this many values in waiting (more where there is a dense table) they are sorted into the buckets.
const WAITING: usize = 128;

/// A histogram of durations in microseconds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Histogram {
    /// Sorted buckets and their counts.
    pairs: Vec<(i64, u64)>,
    /// Values not yet in `pairs`: bucket keys that fit 32 bits, and those that do not.
    waiting: Vec<u32>,
    wide: Vec<i64>,
    /// Counts by bucket once `log7` has many of them, and what they add up to.
    dense: Vec<u32>,
    held: u64,
}

impl Histogram {
    /// Adds one bucket key.
    #[inline]
    pub(crate) fn push(&mut self, buckets: Buckets, key: i64) {
        match u32::try_from(key) {
            Ok(small) => self.waiting.push(small),
            Err(_) => self.wide.push(key),
        }
        if buckets == Buckets::Log7 && self.waiting.len() >= WAITING + self.dense.len() / 2 {
            self.settle();
        }
    }

    /// Adds the durations of a block; negative ones are none.
    pub(crate) fn extend(&mut self, buckets: Buckets, durations: &[i64]) {
        if buckets == Buckets::Log7 && !self.dense.is_empty() {
            return self.extend_dense(durations);
        }
        // Which rows have one, found without a branch: missing ones come in no order.
        let (mut known, mut count, mut bits) = ([0i64; BLOCK], 0, 0);
        for micros in durations.iter().take(BLOCK) {
            known[count] = *micros;
            count += usize::from(*micros >= 0);
            bits |= micros & !(micros >> 63);
        }
        let known = &known[..count];
        if buckets == Buckets::Exact && bits >> 32 == 0 {
            self.waiting.extend(known.iter().map(|micros| *micros as u32));
        } else {
            for micros in known {
                self.push(buckets, buckets.key(*micros));
            }
        }
    }

    /// Adds the durations of a block to the dense table. A row without one is counted in the first bucket, which is put
    /// right at the end: no branch a row.
    fn extend_dense(&mut self, durations: &[i64]) {
        let mut keys = [0u16; BLOCK];
        let (mut last, count, bits) = widest(
            #[inline(always)]
            || {
                let (mut last, mut gaps, mut bits) = (0, 0, 0);
                for (key, micros) in keys.iter_mut().zip(durations) {
                    let gap = micros >> 63;
                    bits |= micros & !gap;
                    gaps += gap & 1;
                    // Below 2^32 microseconds (71 minutes) the division is of 32 bits, many at once.
                    let ms = (micros & !gap) as u32 / 1000;
                    let doubling = 24u32.saturating_sub(ms.leading_zeros());
                    *key = (128 * doubling + (ms >> doubling)) as u16;
                    last = last.max(*key);
                }
                (last, durations.len() as i64 - gaps, bits)
            },
        );
        if bits >> 32 != 0 {
            for (key, micros) in keys.iter_mut().zip(durations) {
                *key = log7_index((*micros).max(0));
                last = last.max(*key);
            }
        }
        if usize::from(last) >= self.dense.len() {
            self.dense.resize(usize::from(last) + 1, 0);
        }
        let keys = &keys[..durations.len()];
        for key in keys {
            let place = &mut self.dense[usize::from(*key)];
            *place = place.wrapping_add(1);
        }
        self.dense[0] = self.dense[0].wrapping_sub((keys.len() - count as usize) as u32);
        self.held += count as u64;
    }

    /// Adds to the dense table. A cell holds fewer than 2^32 rows while it has one: `Cells` and `merge` see to it.
    fn add_dense(&mut self, counts: impl Iterator<Item = (usize, u32)>) {
        for (key, count) in counts {
            if key >= self.dense.len() {
                self.dense.resize(key + 1, 0);
            }
            self.dense[key] += count;
            self.held += u64::from(count);
        }
    }

    /// Sorts what is waiting into the pairs; many buckets become a dense table. With many groups a table is then
    /// fetched once for many values.
    #[cold]
    fn settle(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        if self.dense.is_empty() {
            let mut keys: Vec<i64> = waiting.into_iter().map(i64::from).collect();
            keys.sort_unstable();
            self.pairs = merge_pairs(&self.pairs, &run_lengths(&keys));
            self.make_dense();
        } else {
            self.add_dense(waiting.iter().map(|key| (*key as usize, 1)));
            self.waiting = waiting;
            self.waiting.clear();
        }
    }

    /// Many pairs become a dense table.
    fn make_dense(&mut self) {
        if self.pairs.len() >= WAITING && self.pairs.iter().map(|(_, c)| c).sum::<u64>() < u64::from(u32::MAX) {
            let pairs = std::mem::take(&mut self.pairs);
            self.dense = vec![0; pairs.last().map_or(0, |(k, _)| *k as usize) + 1];
            self.add_dense(pairs.iter().map(|(key, count)| (*key as usize, *count as u32)));
        }
    }

    /// How many values it holds.
    pub(crate) fn count(&self) -> u64 {
        self.pairs.iter().map(|(_, c)| c).sum::<u64>() + (self.waiting.len() + self.wide.len()) as u64 + self.held
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.pairs.is_empty() && self.waiting.is_empty() && self.wide.is_empty() && self.held == 0
    }

    /// The canonical form: ascending buckets with their counts, none of them zero.
    pub(crate) fn canonical(&self) -> Vec<(i64, u64)> {
        let mut keys: Vec<i64> = self.waiting.iter().map(|k| i64::from(*k)).chain(self.wide.iter().copied()).collect();
        keys.sort_unstable();
        let mut all = merge_pairs(&self.pairs, &run_lengths(&keys));
        if !self.dense.is_empty() {
            let dense: Vec<(i64, u64)> = self
                .dense
                .iter()
                .enumerate()
                .filter(|(_, c)| **c > 0)
                .map(|(k, c)| (k as i64, u64::from(*c)))
                .collect();
            all = merge_pairs(&all, &dense);
        }
        all
    }

    pub(crate) fn from_canonical(pairs: Vec<(i64, u64)>) -> Self {
        Self { pairs, ..Self::default() }
    }

    pub(crate) fn merge(&mut self, buckets: Buckets, other: &Histogram) {
        if !self.dense.is_empty() && self.held + other.count() < u64::from(u32::MAX) {
            // Only `log7` has a dense table, and nothing wide.
            self.add_dense(other.waiting.iter().map(|key| (*key as usize, 1)));
            self.add_dense(other.pairs.iter().map(|(key, count)| (*key as usize, *count as u32)));
            self.add_dense(other.dense.iter().copied().enumerate().filter(|(_, count)| *count > 0));
        } else if other.pairs.is_empty() && other.dense.is_empty() && self.dense.is_empty() {
            self.waiting.extend_from_slice(&other.waiting);
            self.wide.extend_from_slice(&other.wide);
            if buckets == Buckets::Log7 && self.waiting.len() >= WAITING {
                self.settle();
            }
        } else {
            *self = Self::from_canonical(merge_pairs(&self.canonical(), &other.canonical()));
            if buckets == Buckets::Log7 {
                self.make_dense();
            }
        }
    }

    /// Whether `other` can be subtracted: every bucket holds at least as many.
    pub(crate) fn covers(&self, other: &Histogram) -> bool {
        let mine = self.canonical();
        other
            .canonical()
            .iter()
            .all(|(key, count)| mine.binary_search_by_key(key, |(k, _)| *k).is_ok_and(|i| mine[i].1 >= *count))
    }

    pub(crate) fn subtract(&mut self, other: &Histogram) -> Result<()> {
        let mut mine = self.canonical();
        for (key, count) in other.canonical() {
            match mine.binary_search_by_key(&key, |(k, _)| *k) {
                Ok(i) if mine[i].1 >= count => mine[i].1 -= count,
                _ => return Err(Error::new(ErrorKind::BelowZero, "a histogram bucket would fall below zero")),
            }
        }
        mine.retain(|(_, c)| *c > 0);
        *self = Self::from_canonical(mine);
        Ok(())
    }

    /// The bucket keys at ascending ranks (0 is the smallest value); every rank must be below [`count`](Self::count).
    pub(crate) fn keys_at(&self, ranks: &[u64], out: &mut Vec<i64>) {
        out.clear();
        if self.pairs.is_empty() && self.wide.is_empty() && self.dense.is_empty() {
            return select(&self.waiting, ranks, out);
        }
        if self.pairs.is_empty() && self.wide.is_empty() && self.waiting.is_empty() {
            return walk(self.dense.iter().enumerate().map(|(k, c)| (k as i64, u64::from(*c))), ranks, out);
        }
        walk(self.canonical().into_iter(), ranks, out);
    }
}

fn walk(buckets: impl Iterator<Item = (i64, u64)>, ranks: &[u64], out: &mut Vec<i64>) {
    let (mut below, mut next) = (0u64, 0usize);
    for (key, count) in buckets {
        below += count;
        while next < ranks.len() && ranks[next] < below {
            out.push(key);
            next += 1;
        }
        if next == ranks.len() {
            return;
        }
    }
}

/// The values at ascending ranks of unsorted data: count by leading bits, then sort only the buckets that are hit.
fn select(values: &[u32], ranks: &[u64], out: &mut Vec<i64>) {
    if values.len() <= 2048 {
        let mut sorted = values.to_vec();
        sorted.sort_unstable();
        out.extend(ranks.iter().map(|r| i64::from(sorted[*r as usize])));
        return;
    }
    let top = values.iter().copied().max().unwrap_or(0);
    let bins = (values.len() / 4).next_power_of_two().clamp(1 << 8, 1 << 16);
    let shift = (32 - top.leading_zeros()).saturating_sub(bins.trailing_zeros());
    let mut counts = vec![0u32; bins];
    for v in values {
        counts[(v >> shift) as usize] += 1;
    }
    // The bins that hold a wanted rank, and the rank of their first value.
    let mut wanted: Vec<(usize, u64)> = Vec::new();
    let (mut below, mut next) = (0u64, 0usize);
    for (bin, count) in counts.iter().enumerate() {
        let until = below + u64::from(*count);
        if next < ranks.len() && ranks[next] < until {
            wanted.push((bin, below));
            while next < ranks.len() && ranks[next] < until {
                next += 1;
            }
        }
        below = until;
    }
    let mut slot_of = vec![u8::MAX; bins];
    for (slot, (bin, _)) in wanted.iter().enumerate() {
        slot_of[*bin] = slot as u8;
    }
    let mut gathered: Vec<Vec<u32>> = wanted.iter().map(|(bin, _)| Vec::with_capacity(counts[*bin] as usize)).collect();
    for v in values {
        let slot = slot_of[(v >> shift) as usize];
        if slot != u8::MAX {
            gathered[slot as usize].push(*v);
        }
    }
    for values in &mut gathered {
        values.sort_unstable();
    }
    for rank in ranks {
        let i = wanted.partition_point(|(_, first)| first <= rank) - 1;
        out.push(i64::from(gathered[i][(rank - wanted[i].1) as usize]));
    }
}

fn run_lengths(sorted: &[i64]) -> Vec<(i64, u64)> {
    let mut pairs: Vec<(i64, u64)> = Vec::new();
    for key in sorted {
        match pairs.last_mut() {
            Some((k, count)) if k == key => *count += 1,
            _ => pairs.push((*key, 1)),
        }
    }
    pairs
}

fn merge_pairs(a: &[(i64, u64)], b: &[(i64, u64)]) -> Vec<(i64, u64)> {
    let mut all = Vec::with_capacity(a.len() + b.len());
    let (mut i, mut j) = (0, 0);
    while i < a.len() && j < b.len() {
        match a[i].0.cmp(&b[j].0) {
            std::cmp::Ordering::Less => {
                all.push(a[i]);
                i += 1;
            }
            std::cmp::Ordering::Greater => {
                all.push(b[j]);
                j += 1;
            }
            std::cmp::Ordering::Equal => {
                all.push((a[i].0, a[i].1 + b[j].1));
                i += 1;
                j += 1;
            }
        }
    }
    all.extend_from_slice(&a[i..]);
    all.extend_from_slice(&b[j..]);
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::MISSING;
    use proptest::prelude::*;

    /// What cells give for a row that does not count.
    const UNCOUNTED: i64 = MISSING + 1;

    #[test]
    fn log7_buckets_join_without_gaps() {
        let mut expected_low = 0;
        for index in 0..4608u16 {
            let (low, width) = log7_bounds(index);
            assert_eq!(low, expected_low, "bucket {index}");
            assert_eq!(log7_index(low as i64 * 1000), index);
            assert_eq!(log7_index((low + width) as i64 * 1000 - 1), index);
            expected_low = low + width;
        }
        assert!(expected_low as i64 * 1000 > crate::record::LONGEST);
    }

    #[test]
    fn log7_is_within_its_error() {
        for micros in [0, 1, 999, 1_000, 255_999, 256_000, 20_000_000, 3_600_000_001, 86_400_000_000] {
            let back = Buckets::Log7.value(Buckets::Log7.key(micros));
            let limit = micros as f64 / 256.0 + 500.0;
            assert!((back - micros as f64).abs() <= limit, "{micros} came back as {back}");
        }
    }

    fn build(buckets: Buckets, values: &[i64]) -> Histogram {
        let mut h = Histogram::default();
        for v in values {
            h.push(buckets, buckets.key(*v));
        }
        h
    }

    proptest! {
        #[test]
        fn merge_is_concatenation_and_subtract_undoes_it(
            a in prop::collection::vec(0i64..8_000_000_000, 0..600),
            b in prop::collection::vec(0i64..8_000_000_000, 0..600),
            exact: bool,
        ) {
            let buckets = if exact { Buckets::Exact } else { Buckets::Log7 };
            let mut merged = build(buckets, &a);
            let other = build(buckets, &b);
            merged.merge(buckets, &other);
            let both: Vec<i64> = a.iter().chain(&b).copied().collect();
            prop_assert_eq!(merged.canonical(), build(buckets, &both).canonical());
            prop_assert_eq!(merged.count(), both.len() as u64);
            prop_assert!(merged.covers(&other));
            merged.subtract(&other).unwrap();
            prop_assert_eq!(merged.canonical(), build(buckets, &a).canonical());
        }

        #[test]
        fn whole_blocks_are_their_rows(
            blocks in prop::collection::vec(prop::collection::vec(prop_oneof![
                4 => 0i64..3_000_000, 2 => 0i64..8_000_000_000, 1 => Just(MISSING), 1 => Just(UNCOUNTED), 1 => Just(1 << 32),
            ], 1..BLOCK), 1..6),
            long: bool, exact: bool,
        ) {
            let buckets = if exact { Buckets::Exact } else { Buckets::Log7 };
            let (mut at_once, mut one_by_one) = (Histogram::default(), Histogram::default());
            for block in &blocks {
                // Blocks without a long duration take a faster road.
                let durations: Vec<i64> = block.iter().map(|d| if long { *d } else { (*d).min(2_999_999) }).collect();
                at_once.extend(buckets, &durations);
                durations.iter().filter(|d| **d >= 0).for_each(|d| one_by_one.push(buckets, buckets.key(*d)));
            }
            prop_assert_eq!(at_once.canonical(), one_by_one.canonical());
            prop_assert_eq!(at_once.count(), one_by_one.count());
        }

        #[test]
        fn ranks_are_those_of_the_sorted_values(values in prop::collection::vec(0i64..5_000_000, 1..5000), exact: bool) {
            let buckets = if exact { Buckets::Exact } else { Buckets::Log7 };
            let h = build(buckets, &values);
            let mut keys: Vec<i64> = values.iter().map(|v| buckets.key(*v)).collect();
            keys.sort_unstable();
            let n = keys.len() as u64;
            let ranks = [0, n / 3, n / 2, n * 9 / 10, n - 1];
            let mut out = Vec::new();
            h.keys_at(&ranks, &mut out);
            let expected: Vec<i64> = ranks.iter().map(|r| keys[*r as usize]).collect();
            prop_assert_eq!(out, expected);
        }
    }
}
