//! A physical column as a host holds it: borrowed values, their type, and which of them are missing.

#![allow(
    clippy::unnecessary_fallible_conversions,
    clippy::useless_conversion,
    reason = "one body serves integers of every width"
)]

use crate::error::{Error, ErrorKind, Result};

/// What a number means where a time is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeUnit {
    /// Seconds.
    Second,
    /// Milliseconds.
    Millisecond,
    /// Microseconds, the unit inside csat.
    Microsecond,
    /// Nanoseconds; instants and durations are cut down to microseconds.
    Nanosecond,
}

impl TimeUnit {
    /// The unit of a text such as `s`, `ms`, `us` or `ns`.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "s" => Self::Second,
            "ms" => Self::Millisecond,
            "us" => Self::Microsecond,
            "ns" => Self::Nanosecond,
            _ => return None,
        })
    }
}

/// Text values read one by one; implemented for slices of strings and for the text columns of Arrow.
pub trait TextValues: Send + Sync {
    /// How many values there are.
    fn len(&self) -> usize;
    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// The value at `index`, which may be anything where the value is missing.
    fn get(&self, index: usize) -> &str;
}

impl TextValues for [&str] {
    fn len(&self) -> usize {
        <[&str]>::len(self)
    }
    fn get(&self, index: usize) -> &str {
        self[index]
    }
}

impl TextValues for [String] {
    fn len(&self) -> usize {
        <[String]>::len(self)
    }
    fn get(&self, index: usize) -> &str {
        &self[index]
    }
}

/// A text column, shared or borrowed.
#[derive(Clone)]
pub enum Texts<'a> {
    /// A slice of string slices.
    Strs(&'a [&'a str]),
    /// A slice of owned strings.
    Strings(&'a [String]),
    /// Any other source.
    Source(std::sync::Arc<dyn TextValues + 'a>),
}

impl Texts<'_> {
    /// How many values there are.
    pub fn len(&self) -> usize {
        match self {
            Texts::Strs(v) => v.len(),
            Texts::Strings(v) => v.len(),
            Texts::Source(v) => v.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value at `index`.
    pub fn get(&self, index: usize) -> &str {
        match self {
            Texts::Strs(v) => v[index],
            Texts::Strings(v) => &v[index],
            Texts::Source(v) => v.get(index),
        }
    }
}

/// Integers of any width, borrowed.
#[derive(Clone, Copy, Debug)]
pub enum Integers<'a> {
    /// Signed, 8 bits.
    I8(&'a [i8]),
    /// Signed, 16 bits.
    I16(&'a [i16]),
    /// Signed, 32 bits.
    I32(&'a [i32]),
    /// Signed, 64 bits.
    I64(&'a [i64]),
    /// Unsigned, 8 bits.
    U8(&'a [u8]),
    /// Unsigned, 16 bits.
    U16(&'a [u16]),
    /// Unsigned, 32 bits.
    U32(&'a [u32]),
    /// Unsigned, 64 bits.
    U64(&'a [u64]),
}

/// Runs `$body` with `$slice` bound to the typed slice, once for each width.
macro_rules! each_width {
    ($integers:expr, $slice:ident => $body:expr) => {
        match $integers {
            Integers::I8($slice) => $body,
            Integers::I16($slice) => $body,
            Integers::I32($slice) => $body,
            Integers::I64($slice) => $body,
            Integers::U8($slice) => $body,
            Integers::U16($slice) => $body,
            Integers::U32($slice) => $body,
            Integers::U64($slice) => $body,
        }
    };
}
pub(crate) use each_width;

impl Integers<'_> {
    /// How many values there are.
    pub fn len(&self) -> usize {
        each_width!(self, v => v.len())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The values of a column and what they are.
#[derive(Clone)]
pub enum Values<'a> {
    /// Plain integers; where a time is wanted, `unit` says what they count (a duration, or an instant since 1970 UTC).
    Integer(Integers<'a>, Option<TimeUnit>),
    /// 32-bit floats; NaN is missing.
    Float32(&'a [f32], Option<TimeUnit>),
    /// 64-bit floats; NaN is missing.
    Float64(&'a [f64], Option<TimeUnit>),
    /// Truth values, one bit each.
    Bits {
        /// The packed bits.
        bytes: &'a [u8],
        /// The first bit.
        offset: usize,
        /// How many there are.
        len: usize,
    },
    /// Truth values.
    Bools(&'a [bool]),
    /// Text.
    Text(Texts<'a>),
    /// Codes into a list of texts; a code outside the list is an error.
    Dictionary(Integers<'a>, Vec<Option<&'a str>>),
    /// Instants: since 1970 UTC, or local wall-clock time where `naive` is set.
    Instant {
        /// The counts.
        values: &'a [i64],
        /// What they count.
        unit: TimeUnit,
        /// Whether they are local wall-clock times without a zone.
        naive: bool,
    },
    /// Local dates as days since 1970-01-01.
    Date(&'a [i32]),
    /// Durations.
    Duration(&'a [i64], TimeUnit),
    /// Decimals: the integer times ten to the power of minus the scale.
    Decimal(&'a [i128], i8),
    /// A column with nothing in it, of this length.
    Null(usize),
}

/// Which values of a column are there.
#[derive(Clone, Copy)]
pub enum Validity<'a> {
    /// All of them.
    All,
    /// Those whose bit is set, from a bit offset.
    Bits(&'a [u8], usize),
    /// Those whose byte is not zero.
    Bytes(&'a [u8]),
}

impl Validity<'_> {
    /// Whether the value at `index` is there.
    pub fn is_valid(&self, index: usize) -> bool {
        match self {
            Validity::All => true,
            Validity::Bits(bytes, offset) => bit(bytes, offset + index),
            Validity::Bytes(bytes) => bytes[index] != 0,
        }
    }
}

pub(crate) fn bit(bytes: &[u8], index: usize) -> bool {
    bytes[index / 8] >> (index % 8) & 1 != 0
}

/// A physical column: borrowed values and which of them are there.
///
/// ```
/// use csat_core::record::Column;
/// let scores = [9i64, 10, 3];
/// let column = Column::integers(&scores);
/// assert_eq!(column.len(), 3);
/// ```
#[derive(Clone)]
pub struct Column<'a> {
    /// The values.
    pub values: Values<'a>,
    /// Which are there.
    pub validity: Validity<'a>,
}

impl<'a> Column<'a> {
    /// A column in which every value is there.
    pub fn new(values: Values<'a>) -> Self {
        Self { values, validity: Validity::All }
    }

    /// The same column with a validity.
    pub fn with_validity(mut self, validity: Validity<'a>) -> Self {
        self.validity = validity;
        self
    }

    /// Integers: scores, marks, whole numbers, keys.
    pub fn integers(values: &'a [i64]) -> Self {
        Self::new(Values::Integer(Integers::I64(values), None))
    }

    /// Instants in microseconds UTC; [`MISSING`](crate::time::MISSING) is missing.
    pub fn instants(values: &'a [i64]) -> Self {
        Self::new(Values::Instant { values, unit: TimeUnit::Microsecond, naive: false })
    }

    /// Durations in microseconds; [`MISSING`](crate::time::MISSING) is missing.
    pub fn durations(values: &'a [i64]) -> Self {
        Self::new(Values::Duration(values, TimeUnit::Microsecond))
    }

    /// Durations in seconds; NaN is missing.
    pub fn seconds(values: &'a [f64]) -> Self {
        Self::new(Values::Float64(values, Some(TimeUnit::Second)))
    }

    /// Text: outcomes, answers, keys.
    pub fn texts(values: &'a [&'a str]) -> Self {
        Self::new(Values::Text(Texts::Strs(values)))
    }

    /// How many rows it has.
    pub fn len(&self) -> usize {
        match &self.values {
            Values::Integer(v, _) | Values::Dictionary(v, _) => v.len(),
            Values::Float32(v, _) => v.len(),
            Values::Float64(v, _) => v.len(),
            Values::Bits { len, .. } => *len,
            Values::Bools(v) => v.len(),
            Values::Text(v) => v.len(),
            Values::Instant { values, .. } | Values::Duration(values, _) => values.len(),
            Values::Date(v) => v.len(),
            Values::Decimal(v, _) => v.len(),
            Values::Null(n) => *n,
        }
    }

    /// Whether it has no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of a row as what tables are joined by: a whole number or a text; `None` where it is missing. A float
    /// counts where it is a whole number, and is an error where it is not, as are columns of other kinds.
    pub fn key(&self, row: usize) -> Result<Option<Key<'_>>> {
        if !self.validity.is_valid(row) {
            return Ok(None);
        }
        Ok(match &self.values {
            Values::Integer(v, _) => each_width!(v, v => i128::try_from(v[row]).ok()).map(Key::Whole),
            Values::Float32(v, _) => whole(f64::from(v[row]))?.map(Key::Whole),
            Values::Float64(v, _) => whole(v[row])?.map(Key::Whole),
            Values::Text(texts) => Some(Key::Text(texts.get(row))),
            Values::Dictionary(codes, texts) => {
                let code = each_width!(codes, codes => usize::try_from(codes[row]).ok());
                code.and_then(|code| texts.get(code).copied().flatten()).map(Key::Text)
            }
            Values::Null(_) => None,
            _ => {
                let message = format!("{} name no ticket; give whole numbers or text", self.type_name());
                return Err(Error::new(ErrorKind::WrongType, message));
            }
        })
    }

    /// What the column is, for messages.
    pub fn type_name(&self) -> &'static str {
        match &self.values {
            Values::Integer(..) => "integers",
            Values::Float32(..) | Values::Float64(..) => "floats",
            Values::Bits { .. } | Values::Bools(_) => "truth values",
            Values::Text(_) | Values::Dictionary(..) => "text",
            Values::Instant { naive: true, .. } => "local times without a zone",
            Values::Instant { .. } => "instants",
            Values::Date(_) => "dates",
            Values::Duration(..) => "durations",
            Values::Decimal(..) => "decimals",
            Values::Null(_) => "nothing but nulls",
        }
    }
}

/// What tables are joined by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Key<'a> {
    /// A whole number of any width.
    Whole(i128),
    /// A text.
    Text(&'a str),
}

impl Key<'_> {
    /// Whether both are numbers or both texts.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }

    /// What it is, for messages.
    pub(crate) fn words(&self) -> &'static str {
        match self {
            Key::Whole(_) => "whole numbers",
            Key::Text(_) => "text",
        }
    }
}

/// A float that is a whole number; NaN is missing.
fn whole(value: f64) -> Result<Option<i128>> {
    /// From here on floats no longer tell neighbouring whole numbers apart.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.is_nan() {
        return Ok(None);
    }
    if value.fract() != 0.0 || value.abs() >= EXACT {
        return Err(Error::new(
            ErrorKind::BadValue,
            format!("{value} is not a whole number that a float holds exactly"),
        ));
    }
    Ok(Some(value as i128))
}

impl std::fmt::Display for Key<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Key::Whole(number) => number.fmt(f),
            Key::Text(text) => f.write_str(text),
        }
    }
}

/// A batch of rows: named columns of one length.
#[derive(Clone, Default)]
pub struct Batch<'a> {
    columns: Vec<(String, Column<'a>)>,
    rows: Option<usize>,
    only: Option<&'a [bool]>,
}

impl<'a> Batch<'a> {
    /// A batch without columns.
    pub fn new() -> Self {
        Self::default()
    }

    /// A batch that says how many rows it has.
    pub fn with_rows(rows: usize) -> Self {
        Self { rows: Some(rows), ..Self::default() }
    }

    /// Adds a column under the name by which the plan knows it.
    ///
    /// ```
    /// use csat_core::record::{Batch, Column};
    /// let scores = [9i64, 10, 3];
    /// let dealers = ["north", "north", "south"];
    /// let batch = Batch::new().column("score", Column::integers(&scores)).column("dealer", Column::texts(&dealers));
    /// assert_eq!(batch.rows(), 3);
    /// ```
    pub fn column(mut self, name: impl Into<String>, column: Column<'a>) -> Self {
        self.columns.push((name.into(), column));
        self
    }

    /// Leaves out the rows that are false here, such as those a link set aside. They are not looked at; messages still
    /// number rows as they lie in the batch.
    ///
    /// ```
    /// use csat_core::link::latest::{Answers, Keep, latest};
    /// use csat_core::record::{Batch, Column};
    /// use csat_core::{Plan, Tally, measures::voice::Nps};
    /// let kept = latest(&Answers { respondent: &[0, 1, 0], contact: &[7, 7, 7], at: &[10, 20, 30] }, Keep::Latest)?;
    /// let (scores, mask) = ([0i64, 10, 9], kept.mask(3));
    /// let mut tally = Tally::new(Plan::new([Nps::default()]))?;
    /// tally.push(&Batch::new().column("score", Column::integers(&scores)).only(&mask))?;
    /// assert_eq!(tally.report(None)?.get(0, "nps", "nps").unwrap().value, Some(100.0));
    /// # Ok::<(), csat_core::Error>(())
    /// ```
    pub fn only(mut self, kept: &'a [bool]) -> Self {
        self.only = Some(kept);
        self
    }

    pub(crate) fn kept(&self) -> Option<&'a [bool]> {
        self.only
    }

    /// The column of this name; the last one if it was given twice.
    pub fn get(&self, name: &str) -> Option<&Column<'a>> {
        self.columns.iter().rev().find(|(n, _)| n == name).map(|(_, c)| c)
    }

    /// The names of the columns.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|(n, _)| n.as_str())
    }

    /// How many rows it has.
    pub fn rows(&self) -> usize {
        self.rows.unwrap_or_else(|| self.columns.first().map_or(0, |(_, c)| c.len()))
    }
}
