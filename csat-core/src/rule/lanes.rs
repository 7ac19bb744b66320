//! The fast road of scores: columns of answers into numerators and denominators, 64 rows at a time. Answers that earn
//! along a straight line are computed, others are looked up in tables.

use super::exact::{MISSING_SCORE, near_score, score_of};

/// Rows of one round; their sums stay in the nearest cache.
pub(crate) const ROWS: usize = 64;

/// Rows that are computed together.
const TOGETHER: usize = 32;

const LOW: i64 = (1 << 48) - 1;

/// The sums of the rows of one round.
#[derive(Clone, Copy)]
pub(crate) struct Sums {
    /// The numerator of each row.
    pub(crate) numerators: [i64; ROWS],
    /// The denominator of each row, with a counter above its low 48 bits.
    packed: [i64; ROWS],
}

impl Sums {
    /// Nothing added yet.
    pub(crate) const ZERO: Self = Self { numerators: [0; ROWS], packed: [0; ROWS] };

    /// The denominator of a row.
    #[inline]
    pub(crate) fn denominator(&self, row: usize) -> i64 {
        self.packed[row] & LOW
    }

    /// The counter of a row.
    #[inline]
    pub(crate) fn counter(&self, row: usize) -> i64 {
        self.packed[row] >> 48
    }

    /// Adds the sums of another group of columns.
    #[inline]
    pub(crate) fn add(&mut self, other: &Self) {
        self.numerators.iter_mut().zip(&other.numerators).for_each(|(sum, more)| *sum += more);
        self.packed.iter_mut().zip(&other.packed).for_each(|(sum, more)| *sum += more);
    }
}

/// What an answer adds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Entry {
    /// To the numerator.
    pub(crate) numerator: i64,
    /// To the denominator; less than 2^47 over all columns.
    pub(crate) denominator: i64,
    /// To the counter, 0 or 1.
    pub(crate) counter: i64,
}

/// What the answers of one column add.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Addend {
    /// They lie on a straight line.
    Line(Line),
    /// Numerators, and denominators with their counters, by code.
    Table(Lane<[i64; 2]>),
}

/// An answer `code` adds `slope · code + shift` to the numerator and `full` to the denominator; N/A adds nothing. Small
/// enough that a thousand of them fit 32 bits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Line {
    slope: i32,
    shift: i32,
    full: i32,
    /// What a given and a missing answer add to the counter.
    given: i32,
    missing: i32,
}

impl Addend {
    /// For the codes `0..=last`; `of` is also asked for N/A (−1) and missing (`i16::MIN`). `None` if there are too many
    /// codes.
    pub(crate) fn new(last: i16, of: impl Fn(i16) -> Entry) -> Option<Self> {
        if let Some(line) = Line::new(last, &of) {
            return Some(Self::Line(line));
        }
        let packed = |code| {
            let entry = of(code);
            [entry.numerator, entry.denominator + (entry.counter << 48)]
        };
        Lane::new(last, packed).map(Self::Table)
    }

    /// Whether scores of nothing but such columns need no look at their size: no numerator is above 1,024 denominators.
    pub(crate) fn is_line(&self) -> bool {
        matches!(self, Self::Line(_))
    }
}

impl Line {
    fn new(last: i16, of: impl Fn(i16) -> Entry) -> Option<Self> {
        let (first, missing) = (of(0), of(i16::MIN));
        let slope = of(last.min(1)).numerator - first.numerator;
        let on_it = |code: i16| {
            let numerator = first.numerator + slope * i64::from(code);
            let small = numerator.abs() < 1 << 20 && numerator.abs() <= first.denominator << 10;
            small && of(code) == Entry { numerator, ..first }
        };
        let absent = of(-1) == Entry::default() && Entry { counter: 0, ..missing } == Entry::default();
        let fits = first.denominator < 1 << 20 && slope.abs() < 1 << 20;
        (absent && fits && (0..=last).all(on_it)).then_some(Self {
            slope: slope as i32,
            shift: first.numerator as i32,
            full: first.denominator as i32,
            given: first.counter as i32,
            missing: missing.counter as i32,
        })
    }
}

/// What each answer of one column gives.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Lane<T> {
    /// Codes 0..=15.
    Small(Box<[T; 32]>),
    /// Codes 0..=1023.
    Large(Box<[T; 2048]>),
}

/// Where an answer lies in a table of `N`: rotated by one bit, codes are even, missing is 1 and N/A is the last.
#[inline]
fn place<const N: usize>(code: i16) -> usize {
    usize::from(code.cast_unsigned().rotate_left(1)) & (N - 1)
}

impl<T: Copy + Default> Lane<T> {
    /// A table for the codes `0..=last` made of `of`, which is also asked for N/A (−1) and missing (`i16::MIN`).
    /// `None` if there are too many codes.
    pub(crate) fn new(last: i16, of: impl Fn(i16) -> T) -> Option<Self> {
        fn fill<T: Copy + Default, const N: usize>(last: i16, of: impl Fn(i16) -> T) -> [T; N] {
            let mut table = [T::default(); N];
            for code in (0..=last).chain([-1, i16::MIN]) {
                table[place::<N>(code)] = of(code);
            }
            table
        }
        match last {
            0..=15 => Some(Lane::Small(Box::new(fill(last, of)))),
            16..=1023 => Some(Lane::Large(Box::new(fill(last, of)))),
            _ => None,
        }
    }

    /// Calls `add` with every row's cell and the entry of its answer.
    #[inline]
    pub(crate) fn each<S>(&self, column: &[i16], cells: impl Iterator<Item = S>, add: impl Fn(S, T)) {
        let rows = cells.zip(column);
        match self {
            Lane::Small(table) => rows.for_each(|(cell, code)| add(cell, table[place::<32>(*code)])),
            Lane::Large(table) => rows.for_each(|(cell, code)| add(cell, table[place::<2048>(*code)])),
        }
    }
}

/// The scores of the rows: those whose counter `counts` accepts; [`MISSING_SCORE`] without a denominator. Where all
/// columns are lines, `straight`, no size needs a look.
#[expect(clippy::inline_always, reason = "part of a loop in the widest vectors")]
#[inline(always)]
pub(crate) fn scores(sums: &Sums, straight: bool, counts: impl Fn(i64) -> bool, out: &mut [i64]) {
    let rows = out.iter_mut().zip(&sums.numerators).zip(&sums.packed);
    if straight {
        for ((out, num), packed) in rows {
            let den = packed & LOW;
            let score = near_score(*num, den.max(1));
            *out = if (den > 0) & counts(packed >> 48) { score } else { MISSING_SCORE };
        }
    } else {
        for ((out, num), packed) in rows {
            let score = score_of(*num, packed & LOW).filter(|_| counts(packed >> 48));
            *out = score.unwrap_or(MISSING_SCORE);
        }
    }
}

/// Adds what the answers of all columns add; `rows` of them, from `start` on.
#[expect(clippy::inline_always, reason = "part of a loop in the widest vectors")]
#[inline(always)]
pub(crate) fn add_all<'a>(parts: impl Iterator<Item = (&'a Addend, &'a [i16])> + Clone, rows: usize, sums: &mut Sums) {
    for start in (0..rows).step_by(TOGETHER) {
        add_lines(parts.clone(), start, (rows - start).min(TOGETHER), sums);
    }
    for (addend, column) in parts {
        if let Addend::Table(lane) = addend {
            let cells = sums.numerators.iter_mut().zip(&mut sums.packed);
            lane.each(&column[..rows], cells, |(num, packed), entry| {
                *num += entry[0];
                *packed += entry[1];
            });
        }
    }
}

#[expect(clippy::inline_always, reason = "part of a loop in the widest vectors")]
#[inline(always)]
fn add_lines<'a>(parts: impl Iterator<Item = (&'a Addend, &'a [i16])>, start: usize, rows: usize, sums: &mut Sums) {
    let (mut nums, mut dens, mut counts) = ([0i32; TOGETHER], [0i32; TOGETHER], [0i32; TOGETHER]);
    for (addend, column) in parts {
        let Addend::Line(Line { slope, shift, full, given, missing }) = *addend else { continue };
        let column = &column[start..start + rows];
        let mut padded = [-1i16; TOGETHER];
        let codes = column.first_chunk().unwrap_or_else(|| {
            padded[..rows].copy_from_slice(column);
            &padded
        });
        for (((code, num), den), count) in codes.iter().zip(&mut nums).zip(&mut dens).zip(&mut counts) {
            let code = i32::from(*code);
            let there = !(code >> 31);
            *num += slope.wrapping_mul(code).wrapping_add(shift) & there;
            *den += full & there;
            // Of the two negative codes, missing is the even one.
            *count += (given & there) | (missing & !there & !code);
        }
    }
    let packed = sums.packed[start..].iter_mut().zip(dens).zip(counts);
    for ((sum, num), ((packed, den), count)) in sums.numerators[start..].iter_mut().zip(nums).zip(packed) {
        *sum += i64::from(num);
        *packed += i64::from(den) + (i64::from(count) << 48);
    }
}
