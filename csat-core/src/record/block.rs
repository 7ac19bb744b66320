//! A block: up to 1,024 rows in canonical form. Measures see nothing else.

use super::schema::{Narrow, Schema, Wide};
use crate::time::MISSING;

/// How many rows a block holds at most.
pub const BLOCK: usize = 1024;

/// A missing value in a narrow lane.
pub const MISSING_MARK: i16 = i16::MIN;

/// Up to [`BLOCK`] rows: 64-bit lanes for instants, durations and whole numbers, 16-bit lanes for marks, flags and
/// category codes. Missing values are [`MISSING`] and [`MISSING_MARK`].
#[derive(Clone, Debug)]
pub struct Block {
    pub(crate) len: usize,
    /// The number of the first row in its batch, for messages.
    pub(crate) first: usize,
    /// When what is not done is looked at; [`MISSING`] where nobody said.
    pub(crate) as_of: i64,
    /// Bits of the outcome classes that its contacts may have.
    pub(crate) outcomes: u32,
    wide: Vec<Vec<i64>>,
    narrow: Vec<Vec<i16>>,
    /// Whether the column of a wide lane is there at all.
    given: Vec<bool>,
}

impl Block {
    /// A block with the lanes of a schema, for at most `rows` rows.
    pub fn new(schema: &Schema, rows: usize) -> Self {
        let (wide, narrow) = schema.lanes();
        Self {
            len: 0,
            first: 0,
            as_of: MISSING,
            outcomes: 0,
            wide: vec![vec![MISSING; rows]; wide],
            narrow: vec![vec![MISSING_MARK; rows]; narrow],
            given: vec![false; wide],
        }
    }

    /// How many rows it holds now.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// When what is not done is looked at, in microseconds UTC; [`MISSING`] where nobody said.
    pub fn as_of(&self) -> i64 {
        self.as_of
    }

    /// Whether the column of a 64-bit lane is there: a column that is not there has nothing but missing values.
    pub fn is_given(&self, lane: Wide) -> bool {
        self.given[lane.0]
    }

    pub(crate) fn set_given(&mut self, lane: usize, given: bool) {
        self.given[lane] = given;
    }

    /// A 64-bit lane.
    pub fn wide(&self, lane: Wide) -> &[i64] {
        &self.wide[lane.0][..self.len]
    }

    /// A 16-bit lane.
    pub fn narrow(&self, lane: Narrow) -> &[i16] {
        &self.narrow[lane.0][..self.len]
    }

    /// Clears a whole lane: its column is not there.
    pub(crate) fn clear(&mut self, wide: bool, lane: usize) {
        if wide {
            self.wide[lane].fill(MISSING);
        } else {
            self.narrow[lane].fill(MISSING_MARK);
        }
    }

    pub(crate) fn wide_lane(&mut self, lane: usize) -> &mut [i64] {
        &mut self.wide[lane][..self.len]
    }

    pub(crate) fn narrow_lane(&mut self, lane: usize) -> &mut [i16] {
        &mut self.narrow[lane][..self.len]
    }

    /// Takes a lane out so that it can be written while others are read.
    pub(crate) fn take_wide(&mut self, lane: Wide) -> Vec<i64> {
        std::mem::take(&mut self.wide[lane.0])
    }

    pub(crate) fn put_wide(&mut self, lane: Wide, values: Vec<i64>) {
        self.wide[lane.0] = values;
    }

    pub(crate) fn take_narrow(&mut self, lane: Narrow) -> Vec<i16> {
        std::mem::take(&mut self.narrow[lane.0])
    }

    pub(crate) fn put_narrow(&mut self, lane: Narrow, values: Vec<i16>) {
        self.narrow[lane.0] = values;
    }

    /// Keeps only the rows for which `keep` holds.
    pub(crate) fn retain(&mut self, keep: &[bool]) {
        let kept: Vec<usize> = (0..self.len).filter(|&i| keep[i]).collect();
        for lane in &mut self.wide {
            for (to, &from) in kept.iter().enumerate() {
                lane[to] = lane[from];
            }
        }
        for lane in &mut self.narrow {
            for (to, &from) in kept.iter().enumerate() {
                lane[to] = lane[from];
            }
        }
        self.len = kept.len();
    }
}
