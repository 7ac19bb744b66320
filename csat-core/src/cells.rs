//! The integer table behind every measure: merge, subtract, encode, decode, written once.
//!
//! A measure declares a [`Shape`]: bundles of counts (a bundle is allocated when it is first met), sums, and
//! histograms. [`Cells`] holds one row of them per group. Nothing here is a float.

use std::sync::Arc;

use crate::error::{Error, ErrorKind, Result};
use crate::histogram::{Buckets, Histogram};
use crate::record::{BLOCK, MISSING_MARK};
use crate::simd::widest;
use crate::time::MISSING;

/// What a measure keeps per group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// Bundles of counts: a name and how many counts it has. A row may add at most 1 to each count.
    pub bundles: Vec<(String, usize)>,
    /// Names of the sums.
    pub sums: Vec<String>,
    /// Names of the histograms and how they are kept.
    pub histograms: Vec<(String, Buckets)>,
}

impl Shape {
    /// A shape with one bundle of counts of these names.
    pub fn counts(counts: usize) -> Self {
        Self { bundles: vec![("counts".into(), counts)], ..Self::default() }
    }

    /// Adds a bundle of counts.
    pub fn bundle(mut self, name: impl Into<String>, counts: usize) -> Self {
        self.bundles.push((name.into(), counts));
        self
    }

    /// Adds a sum.
    pub fn sum(mut self, name: impl Into<String>) -> Self {
        self.sums.push(name.into());
        self
    }

    /// Adds a histogram.
    pub fn histogram(mut self, name: impl Into<String>, buckets: Buckets) -> Self {
        self.histograms.push((name.into(), buckets));
        self
    }
}

/// Counts of all groups, 32 bits each while no group can hold more than 2^32 rows.
#[derive(Clone, Debug)]
enum Counts {
    Small(Vec<u32>),
    Large(Vec<u64>),
}

impl Counts {
    fn get(&self, at: usize) -> u64 {
        match self {
            Counts::Small(v) => u64::from(v[at]),
            Counts::Large(v) => v[at],
        }
    }

    fn set(&mut self, at: usize, value: u64) {
        match self {
            // `Cells::room_for` widens before a count can outgrow 32 bits.
            Counts::Small(v) => v[at] = value as u32,
            Counts::Large(v) => v[at] = value,
        }
    }

    fn resize(&mut self, len: usize) {
        match self {
            Counts::Small(v) => v.resize(len, 0),
            Counts::Large(v) => v.resize(len, 0),
        }
    }
}

/// The state of one measure (or one view of it) for all groups of a tally.
#[derive(Clone, Debug)]
pub struct Cells {
    shape: Arc<Shape>,
    groups: usize,
    rows: u64,
    /// Where each bundle's counts begin within a group's row; `None` until it is met.
    offsets: Vec<Option<u32>>,
    stride: usize,
    counts: Counts,
    sums: Vec<i128>,
    histograms: Vec<Histogram>,
    /// No sum can be larger than this; while it is far from 128 bits, sums are added without a look.
    bound: u128,
}

/// The group all rows belong to, if they belong to one: then counts are added up before they are stored, because adding
/// again and again to one place waits for the store before it.
fn single(groups: &[u32]) -> Option<u32> {
    let first = *groups.first()?;
    (groups.len() >= FEW && groups.iter().fold(true, |same, g| same & (*g == first))).then_some(first)
}

/// The value of a row that does not count: it has no value, and that is not a gap.
pub(crate) const UNCOUNTED: i64 = MISSING + 1;

/// Blocks of fewer rows, single events above all, are not worth vectors.
const FEW: usize = 16;

/// All ones for a value, zero where a row has none or does not count.
#[inline]
fn known_mask(value: i64) -> i64 {
    // Adding 2^62 leaves values positive; MISSING and UNCOUNTED stay negative.
    !(value.wrapping_add(1 << 62) >> 63)
}

/// Where [`Cells::moments`] adds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Moments {
    /// The bundle that counts rows with and without a value; `None` where nothing is counted.
    pub bundle: Option<usize>,
    /// The sum of the values; that of their squares is the next.
    pub first: usize,
    /// The histogram of the values; `None` where none is kept.
    pub histogram: Option<usize>,
}

/// Sums over the rows of a block of one group.
struct BlockSums {
    known: u64,
    missing: u64,
    sum: i64,
    /// Squares from halves of 26 bits: 1,024 products of two of them fit 64 bits.
    low: u64,
    mixed: u64,
    high: u64,
    /// Every bit that is set in the size of a value.
    bits: u64,
}

impl BlockSums {
    fn of(values: &[i64]) -> Self {
        const LOW: u64 = (1 << 26) - 1;
        widest(
            #[inline(always)]
            || {
                let (mut gaps, mut missing, mut sum) = (0, 0, 0i64);
                let (mut low, mut mixed, mut high, mut bits) = (0, 0, 0, 0);
                for value in values {
                    let known = known_mask(*value);
                    gaps += !known & 1;
                    // Of the two that are not known, MISSING is the even one.
                    missing += !known & !value & 1;
                    let value = value & known;
                    sum = sum.wrapping_add(value);
                    let sign = value >> 63;
                    let size = (value ^ sign).wrapping_sub(sign).cast_unsigned();
                    let (l, h) = (size & LOW, size >> 26 & LOW);
                    low += l * l;
                    mixed += l * h;
                    high += h * h;
                    bits |= size;
                }
                let known = values.len() as u64 - gaps as u64;
                Self { known, missing: missing as u64, sum, low, mixed, high, bits }
            },
        )
    }

    fn squares(&self) -> i128 {
        (u128::from(self.low) + (u128::from(self.mixed) << 27) + (u128::from(self.high) << 52)).cast_signed()
    }
}

/// Up to so many codes are counted by comparing all rows with each.
const COMPARED: usize = 32;

/// How many rows have a code.
fn count_of(code: u8, codes: &[u8]) -> u64 {
    widest(
        #[inline(always)]
        || {
            // Sums of 128 bytes fit a byte.
            let of = |chunk: &[u8]| u64::from(chunk.iter().map(|c| u8::from(*c == code)).sum::<u8>());
            codes.chunks(128).map(of).sum()
        },
    )
}

/// The widest bundle that is added up aside.
const ASIDE: usize = 64;

/// Adding to the counts of one bundle, for many rows at once.
pub struct Adder<'a> {
    counts: &'a mut Counts,
    stride: usize,
    offset: usize,
    width: usize,
}

impl Adder<'_> {
    fn store(self, group: u32, aside: &[[u32; ASIDE]; 4]) {
        let first = group as usize * self.stride + self.offset;
        for at in 0..self.width {
            let more: u32 = aside.iter().map(|lane| lane[at]).sum();
            if more > 0 {
                let total = self.counts.get(first + at) + u64::from(more);
                self.counts.set(first + at, total);
            }
        }
    }

    /// Adds `more` to one count of a group.
    pub fn add(self, group: u32, at: usize, more: u64) {
        let at = group as usize * self.stride + self.offset + at;
        let total = self.counts.get(at) + more;
        self.counts.set(at, total);
    }

    /// Adds 1 to count `index(i)` of group `groups[i]`, for every row.
    #[inline]
    pub fn each(self, groups: &[u32], index: impl Fn(usize) -> usize) {
        let (stride, offset) = (self.stride, self.offset);
        if let (Some(group), true) = (single(groups), self.width <= ASIDE) {
            let mut aside = [[0u32; ASIDE]; 4];
            for i in 0..groups.len() {
                aside[i & 3][index(i)] += 1;
            }
            return self.store(group, &aside);
        }
        match self.counts {
            Counts::Small(v) => {
                for (i, g) in groups.iter().enumerate() {
                    v[*g as usize * stride + offset + index(i)] += 1;
                }
            }
            Counts::Large(v) => {
                for (i, g) in groups.iter().enumerate() {
                    v[*g as usize * stride + offset + index(i)] += 1;
                }
            }
        }
    }

    /// Adds 1 to count `at` of group `groups[i]`, for the rows where `holds`; without a branch a row.
    #[inline]
    pub fn when(self, groups: &[u32], at: usize, holds: impl Fn(usize) -> bool) {
        let (stride, at) = (self.stride, self.offset + at);
        match self.counts {
            Counts::Small(v) => {
                for (i, g) in groups.iter().enumerate() {
                    v[*g as usize * stride + at] += u32::from(holds(i));
                }
            }
            Counts::Large(v) => {
                for (i, g) in groups.iter().enumerate() {
                    v[*g as usize * stride + at] += u64::from(holds(i));
                }
            }
        }
    }

    /// Adds 1 to count `index(i)` of group `groups[i]`, for the rows where there is an index.
    #[inline]
    pub fn some(self, groups: &[u32], index: impl Fn(usize) -> Option<usize>) {
        let (stride, offset) = (self.stride, self.offset);
        match self.counts {
            Counts::Small(v) => {
                for (i, g) in groups.iter().enumerate() {
                    if let Some(at) = index(i) {
                        v[*g as usize * stride + offset + at] += 1;
                    }
                }
            }
            Counts::Large(v) => {
                for (i, g) in groups.iter().enumerate() {
                    if let Some(at) = index(i) {
                        v[*g as usize * stride + offset + at] += 1;
                    }
                }
            }
        }
    }
}

/// The answers of one column, counted in one bundle: marks from `low` on count in turn from 0.
pub struct Answers<'a> {
    /// The bundle.
    pub bundle: usize,
    /// The marks of the block's rows, none of them between N/A (−1) and `low`.
    pub marks: &'a [i16],
    /// The mark that counts first.
    pub low: i16,
    /// The count of marks below `low`: not applicable.
    pub not_applicable: usize,
    /// The count of missing marks.
    pub missing: usize,
}

impl Answers<'_> {
    /// Which count a mark adds to; without a branch, for gaps come in no order.
    #[inline]
    fn place(&self, mark: i16) -> usize {
        let (missing, below) = (-isize::from(mark == MISSING_MARK), -isize::from(mark < self.low));
        let place = isize::from(mark) - isize::from(self.low);
        let gap = (self.missing.cast_signed() & missing) | (self.not_applicable.cast_signed() & !missing);
        ((gap & below) | (place & !below)).cast_unsigned()
    }
}

/// Adds the answers of rows of several groups to counts with a stride; each column comes with its offset.
fn add_answers<T>(
    counts: &mut [T],
    stride: usize,
    groups: &[u32],
    columns: &[(usize, &Answers<'_>)],
    add: impl Fn(&mut T),
) {
    const ROWS: usize = 16;
    let mut rows = [0; ROWS];
    for (start, groups) in groups.chunks(ROWS).enumerate().map(|(at, groups)| (at * ROWS, groups)) {
        rows.iter_mut().zip(groups).for_each(|(row, group)| *row = *group as usize * stride);
        for (offset, column) in columns {
            let marks = &column.marks[start..start + groups.len()];
            for (row, mark) in rows.iter().zip(marks) {
                add(&mut counts[row + offset + column.place(*mark)]);
            }
        }
    }
}

/// Adding to counts of several bundles whose choice varies by row.
pub struct BundleAdder<'a> {
    counts: &'a mut Counts,
    stride: usize,
    offsets: &'a [Option<u32>],
}

impl BundleAdder<'_> {
    /// Adds 1 to count `index(i)` of group `groups[i]`, where there is one. An index counts from the first count of the
    /// bundle that [`offset`](Self::offset) gives it with.
    #[inline]
    pub fn each(self, groups: &[u32], index: impl Fn(usize) -> Option<usize>) {
        let stride = self.stride;
        if let (Some(group), true) = (single(groups), stride <= ASIDE) {
            let mut aside = [[0u32; ASIDE]; 4];
            for i in 0..groups.len() {
                if let Some(at) = index(i) {
                    aside[i & 3][at] += 1;
                }
            }
            return Adder { counts: self.counts, stride, offset: 0, width: stride }.store(group, &aside);
        }
        match self.counts {
            Counts::Small(v) => {
                for (i, group) in groups.iter().enumerate() {
                    if let Some(at) = index(i) {
                        v[*group as usize * stride + at] += 1;
                    }
                }
            }
            Counts::Large(v) => {
                for (i, group) in groups.iter().enumerate() {
                    if let Some(at) = index(i) {
                        v[*group as usize * stride + at] += 1;
                    }
                }
            }
        }
    }

    /// Adds 1 to count `places[codes[i]]` of group `groups[i]`; rows whose code has no place are left out. Places count
    /// as in [`each`](Self::each).
    pub fn coded(self, groups: &[u32], codes: &[u8], places: &[usize]) {
        let (stride, codes) = (self.stride, &codes[..groups.len()]);
        if let (Some(group), true) = (single(groups), places.len() <= COMPARED) {
            for (code, place) in places.iter().enumerate() {
                let more = count_of(code as u8, codes);
                if more > 0 {
                    let at = group as usize * stride + place;
                    let total = self.counts.get(at) + more;
                    self.counts.set(at, total);
                }
            }
            return;
        }
        self.each(groups, |i| places.get(usize::from(codes[i])).copied());
    }

    /// Where the counts of an open bundle begin.
    pub fn offset(&self, bundle: usize) -> usize {
        self.offsets[bundle].unwrap_or(0) as usize
    }

    /// Adds 1 to count `at` of `bundle` for `group`. The bundle must have been opened.
    #[inline]
    pub fn add(&mut self, group: u32, bundle: usize, at: usize) {
        let offset = self.offsets[bundle].unwrap_or(0) as usize;
        let index = group as usize * self.stride + offset + at;
        match self.counts {
            Counts::Small(v) => v[index] += 1,
            Counts::Large(v) => v[index] += 1,
        }
    }
}

impl Cells {
    /// No groups yet.
    pub fn new(shape: impl Into<Arc<Shape>>) -> Self {
        let shape = shape.into();
        let offsets = vec![None; shape.bundles.len()];
        Self {
            shape,
            groups: 0,
            rows: 0,
            offsets,
            stride: 0,
            counts: Counts::Small(Vec::new()),
            sums: Vec::new(),
            histograms: Vec::new(),
            bound: 0,
        }
    }

    /// The shape.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// How many groups there are.
    pub fn groups(&self) -> usize {
        self.groups
    }

    /// Makes room for `groups` groups and `rows` further rows, before a block is folded.
    pub(crate) fn room_for(&mut self, groups: usize, rows: u64) {
        self.rows = self.rows.saturating_add(rows);
        if self.rows > u64::from(u32::MAX) {
            self.widen();
        }
        if groups > self.groups {
            self.groups = groups;
            self.counts.resize(groups * self.stride);
            self.sums.resize(groups * self.shape.sums.len(), 0);
            self.histograms.resize(groups * self.shape.histograms.len(), Histogram::default());
        }
    }

    fn widen(&mut self) {
        if let Counts::Small(v) = &self.counts {
            self.counts = Counts::Large(v.iter().map(|c| u64::from(*c)).collect());
        }
    }

    /// Makes sure a bundle has its counts.
    pub fn open(&mut self, bundle: usize) {
        if self.offsets[bundle].is_some() {
            return;
        }
        let (old, width) = (self.stride, self.shape.bundles[bundle].1);
        self.offsets[bundle] = Some(old as u32);
        self.stride = old + width;
        let (stride, groups) = (self.stride, self.groups);
        match &mut self.counts {
            Counts::Small(v) => restride(v, groups, old, stride),
            Counts::Large(v) => restride(v, groups, old, stride),
        }
    }

    /// Adds to the counts of one bundle.
    pub fn counts(&mut self, bundle: usize) -> Adder<'_> {
        self.open(bundle);
        let offset = self.offsets[bundle].unwrap_or(0) as usize;
        let width = self.shape.bundles[bundle].1;
        Adder { counts: &mut self.counts, stride: self.stride, offset, width }
    }

    /// Counts the answers of several columns, a bundle each: rows are taken a few at a time, so that a group's counts are
    /// fetched once for all columns.
    pub fn answers(&mut self, groups: &[u32], columns: &[Answers<'_>]) {
        for column in columns {
            self.open(column.bundle);
        }
        if single(groups).is_some() {
            for column in columns {
                self.counts(column.bundle).each(groups, |i| column.place(column.marks[i]));
            }
            return;
        }
        let offset = |bundle: usize| self.offsets[bundle].unwrap_or(0) as usize;
        let columns: Vec<(usize, &Answers<'_>)> =
            columns.iter().map(|column| (offset(column.bundle), column)).collect();
        match &mut self.counts {
            Counts::Small(counts) => add_answers(counts, self.stride, groups, &columns, |count| *count += 1),
            Counts::Large(counts) => add_answers(counts, self.stride, groups, &columns, |count| *count += 1),
        }
    }

    /// Adds to the counts of several bundles; open them first.
    pub fn bundles(&mut self) -> BundleAdder<'_> {
        BundleAdder { counts: &mut self.counts, stride: self.stride, offsets: &self.offsets }
    }

    /// Says that `rows` rows will add at most `largest` each to any sum. Sums that could outgrow 128 bits are refused
    /// by `check_overflow` before the tally shows them.
    #[inline]
    pub fn expect(&mut self, rows: usize, largest: u128) {
        self.bound = self.bound.saturating_add(largest.saturating_mul(rows as u128));
    }

    /// Adds to the sums of a group, from sum `first` on; [`expect`](Self::expect) comes first.
    #[inline]
    pub fn add<const N: usize>(&mut self, group: u32, first: usize, values: [i128; N]) {
        let at = group as usize * self.shape.sums.len() + first;
        for (sum, value) in self.sums[at..at + N].iter_mut().zip(values) {
            *sum = sum.wrapping_add(value);
        }
    }

    /// All sums of a group, to be added to; [`expect`](Self::expect) comes first.
    #[inline]
    pub fn sums_mut(&mut self, group: u32) -> &mut [i128] {
        let width = self.shape.sums.len();
        let at = group as usize * width;
        &mut self.sums[at..at + width]
    }

    /// Adds values and their squares to the sums `first` and `first + 1` of `to`, and counts in its `bundle` the rows
    /// with a value (count 0) and without ([`MISSING`]; count 1); a value that is a duration in microseconds also goes to
    /// its `histogram`.
    ///
    /// `rows` gives for each row whether it counts at all, and its value, within 2^62. Values within 2^52 (durations up to
    /// 142 years, scores in 1e-9 points) take the fast road where a block is of one group.
    #[inline]
    pub fn moments(&mut self, to: Moments, groups: &[u32], rows: impl Iterator<Item = (bool, i64)>) {
        let mut few = [UNCOUNTED; FEW];
        let mut many;
        let values = if groups.len() < FEW {
            &mut few[..groups.len()]
        } else {
            many = [UNCOUNTED; BLOCK];
            &mut many[..groups.len()]
        };
        let fill = |values: &mut [i64]| {
            for (slot, (counts, value)) in values.iter_mut().zip(rows) {
                let counts = -i64::from(counts);
                *slot = (value & counts) | (UNCOUNTED & !counts);
            }
        };
        if groups.len() < FEW {
            fill(values);
        } else {
            widest(
                #[inline(always)]
                || fill(values),
            );
        }
        self.add_moments(to, groups, values);
        if let Some(histogram) = to.histogram {
            self.observe(histogram, groups, values);
        }
    }

    fn add_moments(&mut self, to: Moments, groups: &[u32], values: &[i64]) {
        let Moments { bundle, first, .. } = to;
        let whole = single(groups).map(|group| (group, BlockSums::of(values)));
        let mut bits = 0;
        if let Some((group, moments)) = &whole {
            bits = moments.bits;
            if bits >> 52 == 0 {
                for (at, more) in [moments.known, moments.missing].into_iter().enumerate() {
                    if let (Some(bundle), 1..) = (bundle, more) {
                        self.open(bundle);
                        let at = *group as usize * self.stride + self.offsets[bundle].unwrap_or(0) as usize + at;
                        let total = self.counts.get(at) + more;
                        self.counts.set(at, total);
                    }
                }
                self.add(*group, first, [i128::from(moments.sum), moments.squares()]);
            }
        }
        // Several groups, or values of more than 142 years in microseconds: each row by itself, in 128 bits.
        if whole.is_none() || bits >> 52 != 0 {
            if let Some(bundle) = bundle {
                self.open(bundle);
                let (stride, offset) = (self.stride, self.offsets[bundle].unwrap_or(0) as usize);
                let place = |group: u32, value: i64| group as usize * stride + offset + usize::from(value == MISSING);
                let counted = groups.iter().zip(values);
                match &mut self.counts {
                    Counts::Small(c) => counted.for_each(|(group, value)| {
                        c[place(*group, *value)] += u32::from(*value != UNCOUNTED);
                    }),
                    Counts::Large(c) => counted.for_each(|(group, value)| {
                        c[place(*group, *value)] += u64::from(*value != UNCOUNTED);
                    }),
                }
            }
            let width = self.shape.sums.len();
            for (group, value) in groups.iter().zip(values) {
                // What does not count adds zeros: which rows count is not predictable.
                let value = value & known_mask(*value);
                let sums = &mut self.sums[*group as usize * width + first..][..2];
                let size = value.unsigned_abs();
                sums[0] = sums[0].wrapping_add(i128::from(value));
                sums[1] = sums[1].wrapping_add((u128::from(size) * u128::from(size)).cast_signed());
                bits |= size;
            }
        }
        let largest = u128::from(bits.checked_next_power_of_two().unwrap_or(u64::MAX));
        self.expect(groups.len(), largest * largest);
    }

    /// Adds durations to a histogram; rows that are [`MISSING`] or [`UNCOUNTED`] are left out.
    fn observe(&mut self, histogram: usize, groups: &[u32], durations: &[i64]) {
        let width = self.shape.histograms.len();
        let buckets = self.shape.histograms[histogram].1;
        if groups.len() < FEW {
            for (group, micros) in groups.iter().zip(durations).filter(|(_, micros)| known_mask(**micros) != 0) {
                self.histograms[*group as usize * width + histogram].push(buckets, buckets.key(*micros));
            }
            return;
        }
        if let Some(group) = single(groups) {
            return self.histograms[group as usize * width + histogram].extend(buckets, durations);
        }
        // Which rows have one, found without a branch: missing ones come in no order.
        let (mut keys, mut rows, mut count) = ([0i64; BLOCK], [0u32; BLOCK], 0);
        for (group, micros) in groups.iter().zip(durations).take(BLOCK) {
            (rows[count], keys[count]) = (*group, *micros);
            count += usize::from(known_mask(*micros) != 0);
        }
        if buckets != Buckets::Exact {
            keys[..count].iter_mut().for_each(|key| *key = buckets.key(*key));
        }
        for (group, key) in rows[..count].iter().zip(&keys[..count]) {
            self.histograms[*group as usize * width + histogram].push(buckets, *key);
        }
    }

    /// Whether a sum may have outgrown 128 bits.
    pub(crate) fn check_overflow(&self) -> Result<()> {
        if self.bound > i128::MAX as u128 { Err(sum_overflow()) } else { Ok(()) }
    }

    /// The state of one group.
    pub fn cell(&self, group: u32) -> Cell<'_> {
        Cell { cells: self, group: group as usize }
    }

    /// Whether nothing was counted in a group.
    pub(crate) fn is_empty(&self, group: u32) -> bool {
        let g = group as usize;
        (0..self.stride).all(|i| self.counts.get(g * self.stride + i) == 0)
            && self.sums[g * self.shape.sums.len()..][..self.shape.sums.len()].iter().all(|s| *s == 0)
            && self.group_histograms(g).iter().all(Histogram::is_empty)
    }

    fn group_histograms(&self, group: usize) -> &[Histogram] {
        let width = self.shape.histograms.len();
        &self.histograms[group * width..][..width]
    }

    /// Adds group `from` of `other` to group `to`; both have the same shape. `room_for` must have made room.
    pub(crate) fn merge_group(&mut self, to: u32, other: &Cells, from: u32) -> Result<()> {
        let (to, from) = (to as usize, from as usize);
        for (bundle, &offset) in other.offsets.iter().enumerate() {
            let Some(offset) = offset else { continue };
            self.open(bundle);
            let mine = self.offsets[bundle].unwrap_or(0) as usize;
            for i in 0..self.shape.bundles[bundle].1 {
                let more = other.counts.get(from * other.stride + offset as usize + i);
                if more > 0 {
                    let at = to * self.stride + mine + i;
                    let total = self.counts.get(at).checked_add(more).ok_or_else(count_overflow)?;
                    if total > u64::from(u32::MAX) {
                        self.widen();
                    }
                    self.counts.set(at, total);
                }
            }
        }
        let width = self.shape.sums.len();
        for i in 0..width {
            let sum = &mut self.sums[to * width + i];
            *sum = sum.checked_add(other.sums[from * width + i]).ok_or_else(sum_overflow)?;
            self.bound = self.bound.max(sum.unsigned_abs());
        }
        let width = self.shape.histograms.len();
        for i in 0..width {
            let buckets = self.shape.histograms[i].1;
            self.histograms[to * width + i].merge(buckets, &other.histograms[from * width + i]);
        }
        Ok(())
    }

    /// Whether group `from` of `other` can be subtracted from group `at` without any count falling below zero.
    pub(crate) fn covers(&self, at: u32, other: &Cells, from: u32) -> bool {
        let (mine, theirs) = (self.cell(at), other.cell(from));
        (0..self.shape.bundles.len())
            .all(|b| (0..self.shape.bundles[b].1).all(|i| mine.count(b, i) >= theirs.count(b, i)))
            && self
                .group_histograms(at as usize)
                .iter()
                .zip(other.group_histograms(from as usize))
                .all(|(a, b)| a.covers(b))
    }

    /// Subtracts group `from` of `other` from group `at`; [`covers`](Self::covers) must hold.
    pub(crate) fn subtract_group(&mut self, at: u32, other: &Cells, from: u32) -> Result<()> {
        let (at, from) = (at as usize, from as usize);
        for (bundle, &offset) in other.offsets.iter().enumerate() {
            let (Some(theirs), Some(mine)) = (offset, self.offsets[bundle]) else { continue };
            for i in 0..self.shape.bundles[bundle].1 {
                let less = other.counts.get(from * other.stride + theirs as usize + i);
                let index = at * self.stride + mine as usize + i;
                let left = self.counts.get(index).checked_sub(less);
                self.counts
                    .set(index, left.ok_or_else(|| Error::new(ErrorKind::BelowZero, "a count would fall below zero"))?);
            }
        }
        let width = self.shape.sums.len();
        for i in 0..width {
            let sum = &mut self.sums[at * width + i];
            *sum = sum.checked_sub(other.sums[from * width + i]).ok_or_else(sum_overflow)?;
            self.bound = self.bound.max(sum.unsigned_abs());
        }
        let width = self.shape.histograms.len();
        for i in 0..width {
            self.histograms[at * width + i].subtract(&other.histograms[from * width + i])?;
        }
        Ok(())
    }

    /// Writes one group in its only form: bundles that hold something, sums, histograms.
    pub(crate) fn encode(&self, group: u32, out: &mut Writer) {
        let cell = self.cell(group);
        for (bundle, (_, width)) in self.shape.bundles.iter().enumerate() {
            let last = (0..*width).rev().find(|i| cell.count(bundle, *i) > 0).map_or(0, |i| i + 1);
            out.unsigned(last as u128);
            (0..last).for_each(|i| out.unsigned(u128::from(cell.count(bundle, i))));
        }
        let g = group as usize;
        let width = self.shape.sums.len();
        self.sums[g * width..][..width].iter().for_each(|s| out.signed(*s));
        for histogram in self.group_histograms(g) {
            let pairs = histogram.canonical();
            out.unsigned(pairs.len() as u128);
            let mut previous = -1;
            for (key, count) in pairs {
                out.unsigned((key - previous - 1) as u128);
                out.unsigned(u128::from(count - 1));
                previous = key;
            }
        }
    }

    /// Reads what [`encode`](Self::encode) wrote, into a group that is empty.
    pub(crate) fn decode(&mut self, group: u32, input: &mut Reader<'_>) -> Result<()> {
        let g = group as usize;
        for bundle in 0..self.shape.bundles.len() {
            let width = self.shape.bundles[bundle].1;
            let last = input.length()?;
            if last > width {
                return Err(input.bad("more counts than the plan has"));
            }
            if last > 0 {
                self.open(bundle);
            }
            let offset = self.offsets[bundle].unwrap_or(0) as usize;
            for i in 0..last {
                let count = input.count()?;
                if count == 0 && i + 1 == last {
                    return Err(input.bad("a trailing zero count"));
                }
                if count > u64::from(u32::MAX) {
                    self.widen();
                }
                self.counts.set(g * self.stride + offset + i, count);
                self.rows = self.rows.saturating_add(count);
            }
        }
        let width = self.shape.sums.len();
        for i in 0..width {
            self.sums[g * width + i] = input.signed()?;
            self.bound = self.bound.max(self.sums[g * width + i].unsigned_abs());
        }
        let width = self.shape.histograms.len();
        for i in 0..width {
            let len = input.length()?;
            let mut pairs = Vec::with_capacity(len);
            let mut previous = -1i64;
            for _ in 0..len {
                let step = input.count()?;
                let key = i64::try_from(step).ok().and_then(|s| previous.checked_add(s)?.checked_add(1));
                let key =
                    key.filter(|k| *k <= crate::record::LONGEST).ok_or_else(|| input.bad("a bucket out of range"))?;
                let more = input.count()?.checked_add(1).ok_or_else(|| input.bad("a count out of range"))?;
                pairs.push((key, more));
                previous = key;
            }
            if self.shape.histograms[i].1 == Buckets::Log7 && previous > 5000 {
                return Err(input.bad("a bucket out of range"));
            }
            self.histograms[g * width + i] = Histogram::from_canonical(pairs);
        }
        Ok(())
    }

    /// Bytes held.
    pub(crate) fn memory(&self) -> usize {
        let counts = match &self.counts {
            Counts::Small(v) => v.capacity() * 4,
            Counts::Large(v) => v.capacity() * 8,
        };
        counts + self.sums.capacity() * 16 + self.histograms.capacity() * std::mem::size_of::<Histogram>()
    }

    /// Counts the rows that folding so far may have added to one count; keeps 32-bit counts safe after merges.
    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }
}

fn count_overflow() -> Error {
    Error::new(ErrorKind::Overflow, "a count outgrew 64 bits")
}

fn sum_overflow() -> Error {
    Error::new(ErrorKind::Overflow, "a sum outgrew 128 bits")
}

fn restride<T: Copy + Default>(values: &mut Vec<T>, groups: usize, old: usize, new: usize) {
    values.resize(groups * new, T::default());
    for g in (1..groups).rev() {
        values.copy_within(g * old..(g + 1) * old, g * new);
    }
    for g in 0..groups {
        let used = g * new + old;
        values[used..(g + 1) * new].fill(T::default());
    }
}

/// The state of one group of one measure, to be read.
#[derive(Clone, Copy)]
pub struct Cell<'a> {
    cells: &'a Cells,
    group: usize,
}

impl Cell<'_> {
    /// A count of a bundle.
    #[inline]
    pub fn count(&self, bundle: usize, at: usize) -> u64 {
        match self.cells.offsets[bundle] {
            Some(offset) => self.cells.counts.get(self.group * self.cells.stride + offset as usize + at),
            None => 0,
        }
    }

    /// Whether anything of a bundle was met in any group.
    #[inline]
    pub fn is_open(&self, bundle: usize) -> bool {
        self.cells.offsets[bundle].is_some()
    }

    /// The bundles of which anything was met in any group.
    #[inline]
    pub fn open_bundles(&self) -> impl Iterator<Item = usize> + '_ {
        self.cells.offsets.iter().enumerate().filter(|(_, offset)| offset.is_some()).map(|(bundle, _)| bundle)
    }

    /// All counts of a bundle added up.
    pub fn total(&self, bundle: usize) -> u64 {
        self.range(bundle, 0, self.cells.shape.bundles[bundle].1)
    }

    /// The counts `from..until` of a bundle added up.
    #[inline]
    pub fn range(&self, bundle: usize, from: usize, until: usize) -> u64 {
        let Some(offset) = self.cells.offsets[bundle] else { return 0 };
        let first = self.group * self.cells.stride + offset as usize;
        match &self.cells.counts {
            Counts::Small(v) => v[first + from..first + until].iter().map(|c| u64::from(*c)).sum(),
            Counts::Large(v) => v[first + from..first + until].iter().sum(),
        }
    }

    /// How many the first counts of an open bundle hold together: none, the first, the first two and so on.
    #[inline]
    pub(crate) fn running(&self, bundle: usize, upto: &mut [u64]) {
        let Some(offset) = self.cells.offsets[bundle] else { return };
        let first = self.group * self.cells.stride + offset as usize;
        let mut sum = 0;
        for (at, upto) in upto.iter_mut().enumerate().skip(1) {
            sum += self.cells.counts.get(first + at - 1);
            *upto = sum;
        }
    }

    /// A sum.
    #[inline]
    pub fn sum(&self, at: usize) -> i128 {
        self.cells.sums[self.group * self.cells.shape.sums.len() + at]
    }

    /// How many values a histogram holds.
    pub fn observed(&self, histogram: usize) -> u64 {
        self.cells.group_histograms(self.group)[histogram].count()
    }

    /// Bucket keys of a histogram at ascending ranks, and how the keys are to be read.
    pub(crate) fn keys_at(&self, histogram: usize, ranks: &[u64], out: &mut Vec<i64>) -> Buckets {
        self.cells.group_histograms(self.group)[histogram].keys_at(ranks, out);
        self.cells.shape.histograms[histogram].1
    }
}

/// Writes minimal variable-length integers.
#[derive(Default)]
pub(crate) struct Writer {
    pub(crate) bytes: Vec<u8>,
}

impl Writer {
    pub(crate) fn unsigned(&mut self, mut value: u128) {
        while value >= 0x80 {
            self.bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }

    pub(crate) fn signed(&mut self, value: i128) {
        self.unsigned(((value << 1) ^ (value >> 127)) as u128);
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.unsigned(text.len() as u128);
        self.bytes.extend_from_slice(text.as_bytes());
    }
}

/// Reads minimal variable-length integers; anything else is an error that names the byte.
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub(crate) fn bad(&self, what: &str) -> Error {
        let message = format!("the saved state is not valid at byte {}: {what}", self.at);
        Error::new(ErrorKind::InvalidState, message).with("byte", self.at)
    }

    pub(crate) fn take(&mut self, len: usize) -> Result<&'a [u8]> {
        let end = self.at.checked_add(len).filter(|end| *end <= self.bytes.len());
        let end = end.ok_or_else(|| self.bad("it ends too early"))?;
        let bytes = &self.bytes[self.at..end];
        self.at = end;
        Ok(bytes)
    }

    #[inline]
    pub(crate) fn unsigned(&mut self) -> Result<u128> {
        // Most numbers are one byte.
        match self.bytes.get(self.at) {
            Some(byte) if *byte < 0x80 => {
                self.at += 1;
                Ok(u128::from(*byte))
            }
            _ => self.long(),
        }
    }

    fn long(&mut self) -> Result<u128> {
        let (mut value, mut shift) = (0u128, 0u32);
        loop {
            let byte = self.take(1)?[0];
            if shift == 126 && byte > 3 {
                return Err(self.bad("a number of more than 128 bits"));
            }
            value |= u128::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                if byte == 0 && shift > 0 {
                    return Err(self.bad("a number that is not in its shortest form"));
                }
                return Ok(value);
            }
            shift += 7;
        }
    }

    pub(crate) fn signed(&mut self) -> Result<i128> {
        let value = self.unsigned()?;
        Ok((value >> 1) as i128 ^ -((value & 1) as i128))
    }

    pub(crate) fn count(&mut self) -> Result<u64> {
        u64::try_from(self.unsigned()?).map_err(|_| self.bad("a count of more than 64 bits"))
    }

    /// A number of items, each of which takes at least one byte: bounded before anything is allocated.
    pub(crate) fn length(&mut self) -> Result<usize> {
        let len = self.unsigned()?;
        usize::try_from(len)
            .ok()
            .filter(|len| *len <= self.bytes.len() - self.at)
            .ok_or_else(|| self.bad("a length beyond the end"))
    }

    pub(crate) fn text(&mut self) -> Result<&'a str> {
        let len = self.length()?;
        std::str::from_utf8(self.take(len)?).map_err(|_| self.bad("text that is not UTF-8"))
    }

    pub(crate) fn finish(&self) -> Result<()> {
        if self.at == self.bytes.len() { Ok(()) } else { Err(self.bad("bytes after the end")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_come_back(a: i128, b: u128) {
            let mut w = Writer::default();
            w.signed(a);
            w.unsigned(b);
            let mut r = Reader::new(&w.bytes);
            prop_assert_eq!(r.signed().unwrap(), a);
            prop_assert_eq!(r.unsigned().unwrap(), b);
            prop_assert!(r.finish().is_ok());
        }

        #[test]
        fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let mut cells = Cells::new(Shape::counts(3).sum("s").histogram("h", Buckets::Exact));
            cells.room_for(1, 0);
            let mut r = Reader::new(&bytes);
            if cells.decode(0, &mut r).is_ok() {
                let mut w = Writer::default();
                cells.encode(0, &mut w);
                prop_assert_eq!(&w.bytes[..], &bytes[..w.bytes.len()]);
            }
        }
    }

    #[test]
    fn long_values_are_squared_exactly_whatever_the_block() {
        // 175 years in microseconds are above 2^52: blocks of one group then go row by row.
        for value in [1i64, -7, (1 << 52) - 1, 1 << 52, 5_522_600_000_000_000] {
            let mut cells = Cells::new(Shape::counts(2).sum("x").sum("x²"));
            cells.room_for(1, 20);
            let rows = (0..20).map(|i| (i > 0, if i == 1 { MISSING } else { value }));
            cells.moments(Moments { bundle: Some(0), ..Moments::default() }, &[0; 20], rows);
            let cell = cells.cell(0);
            let (x, n) = (i128::from(value), 18);
            assert_eq!((cell.count(0, 0), cell.count(0, 1)), (18, 1), "{value}");
            assert_eq!((cell.sum(0), cell.sum(1)), (n * x, n * x * x), "{value}");
        }
    }

    #[test]
    fn one_group_and_several_add_the_same() {
        let numbers = |i: i64| [MISSING, -i, i * i * 1_000_003, i << 40, 7 * i][(i % 5) as usize];
        for len in [1i64, 15, 16, 17, 500, 1024] {
            let rows = (0..len).map(|i| (i % 3 != 0, numbers(i)));
            let to = Moments { bundle: Some(0), ..Moments::default() };
            let (shape, len) = (Shape::counts(2).sum("x").sum("x²"), len as usize);
            let [mut one, mut two] = [1, 2].map(|groups| {
                let mut cells = Cells::new(shape.clone());
                cells.room_for(groups, 2 * len as u64);
                cells
            });
            one.moments(to, &vec![0; len], rows.clone());
            let parity: Vec<u32> = (0..len as u32).map(|i| i % 2).collect();
            two.moments(to, &parity, rows);
            let state = |cells: &Cells, g| {
                let cell = cells.cell(g);
                [cell.count(0, 0).into(), cell.count(0, 1).into(), cell.sum(0), cell.sum(1)]
            };
            let (even, odd) = (state(&two, 0), state(&two, u32::from(len > 1)));
            let sum: Vec<i128> = even.iter().zip(odd).map(|(a, b)| if len > 1 { a + b } else { *a }).collect();
            assert_eq!(state(&one, 0).to_vec(), sum, "{len} rows");
        }
    }

    #[test]
    fn opening_a_bundle_keeps_the_counts() {
        let mut cells = Cells::new(Shape::default().bundle("a", 2).bundle("b", 3));
        cells.room_for(3, 3);
        cells.counts(1).each(&[0, 1, 2], |i| i);
        cells.room_for(4, 1);
        cells.counts(0).each(&[3, 1], |_| 1);
        assert_eq!((cells.cell(0).count(1, 0), cells.cell(2).count(1, 2)), (1, 1));
        assert_eq!((cells.cell(1).count(1, 1), cells.cell(1).count(0, 1), cells.cell(3).count(0, 1)), (1, 1, 1));
        assert_eq!(cells.cell(3).total(1), 0);
    }
}
