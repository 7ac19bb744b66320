//! Plain columns: pointer, length and type, turned into the same batch as every other door's.

use std::ffi::{CStr, c_char, c_void};

use csat_core::ErrorKind;
use csat_core::record::{Batch, Column, Integers, Texts, TimeUnit, Validity, Values};

use crate::error::{Done, Failure};
use crate::input::{CSAT_NUL, check_size, slice, text, utf8};

/// A column of a batch, borrowed for the call. Begin with `CSAT_COLUMN_INIT`.
///
/// Missing values: those that `validity` marks, NaN in floats, `INT64_MIN` in instants, local times and durations,
/// NULL in lists of texts.
#[repr(C)]
pub struct csat_column {
    /// `sizeof(csat_column)`; set by `CSAT_COLUMN_INIT`.
    pub struct_size: u32,
    /// What `values` points to: one of `CSAT_TYPE_…`.
    pub r#type: i32,
    /// The name under which the plan knows the column; ends with NUL.
    pub name: *const c_char,
    /// The values.
    pub values: *const c_void,
    /// How many rows there are.
    pub length: usize,
    /// What the numbers of a time count: one of `CSAT_UNIT_OF_TIME_…`. With `CSAT_UNIT_OF_TIME_NONE` instants, local
    /// times and durations are microseconds and other numbers are no times.
    pub unit: i32,
    /// How `validity` says what is there: one of `CSAT_VALIDITY_…`.
    pub validity_type: i32,
    /// Which values are there: a byte or a bit (lowest first) each, not zero where there is a value.
    pub validity: *const u8,
    /// The first bit of `validity` where it has bits.
    pub validity_offset: usize,
    /// With integers as `type`: the texts that they number, from 0; NULL inside is missing. Else NULL.
    pub dictionary: *const *const c_char,
    /// How many texts the dictionary has.
    pub dictionary_length: usize,
    /// For `CSAT_TYPE_TEXT_BYTES`: `length + 1` ascending offsets into the bytes that `values` points to. Else NULL.
    pub offsets: *const i64,
}

/// `int8_t`.
pub const CSAT_TYPE_INT8: i32 = 1;
/// `int16_t`.
pub const CSAT_TYPE_INT16: i32 = 2;
/// `int32_t`.
pub const CSAT_TYPE_INT32: i32 = 3;
/// `int64_t`.
pub const CSAT_TYPE_INT64: i32 = 4;
/// `uint8_t`.
pub const CSAT_TYPE_UINT8: i32 = 5;
/// `uint16_t`.
pub const CSAT_TYPE_UINT16: i32 = 6;
/// `uint32_t`.
pub const CSAT_TYPE_UINT32: i32 = 7;
/// `uint64_t`.
pub const CSAT_TYPE_UINT64: i32 = 8;
/// `float`; NaN is missing.
pub const CSAT_TYPE_FLOAT32: i32 = 9;
/// `double`; NaN is missing.
pub const CSAT_TYPE_FLOAT64: i32 = 10;
/// Truth values, a byte each.
pub const CSAT_TYPE_BOOL: i32 = 11;
/// Texts: `const char *const *`, each ending with NUL; NULL is missing.
pub const CSAT_TYPE_TEXT: i32 = 12;
/// Texts one after another without NUL, cut by `offsets`.
pub const CSAT_TYPE_TEXT_BYTES: i32 = 13;
/// Instants since 1970 UTC: `int64_t`.
pub const CSAT_TYPE_INSTANT: i32 = 14;
/// Local wall-clock times since 1970 without a zone: `int64_t`. The plan must name the zone.
pub const CSAT_TYPE_LOCAL_TIME: i32 = 15;
/// Local dates: `int32_t` days since 1970-01-01.
pub const CSAT_TYPE_DATE: i32 = 16;
/// Durations: `int64_t`.
pub const CSAT_TYPE_DURATION: i32 = 17;

/// No unit of time.
pub const CSAT_UNIT_OF_TIME_NONE: i32 = 0;
/// Seconds.
pub const CSAT_UNIT_OF_TIME_SECOND: i32 = 1;
/// Milliseconds.
pub const CSAT_UNIT_OF_TIME_MILLISECOND: i32 = 2;
/// Microseconds.
pub const CSAT_UNIT_OF_TIME_MICROSECOND: i32 = 3;
/// Nanoseconds; cut down to microseconds.
pub const CSAT_UNIT_OF_TIME_NANOSECOND: i32 = 4;

/// Every value is there.
pub const CSAT_VALIDITY_ALL: i32 = 0;
/// A byte for each value.
pub const CSAT_VALIDITY_BYTES: i32 = 1;
/// A bit for each value.
pub const CSAT_VALIDITY_BITS: i32 = 2;

/// What of a column had to be copied: checked texts, and which of them are there.
enum Copied<'a> {
    Nothing,
    Texts { texts: Vec<&'a str>, there: Vec<u8> },
    Bools(Vec<bool>),
    Dictionary(Vec<Option<&'a str>>),
    NotRead,
}

/// The columns of one call, checked.
pub(crate) struct Columns<'a> {
    columns: Vec<(&'a str, &'a csat_column, Copied<'a>)>,
}

impl Columns<'_> {
    /// Checks the columns. Texts are read only where `wanted` says that the plan reads the column.
    pub(crate) fn new(columns: *const csat_column, count: usize, wanted: impl Fn(&str) -> bool) -> Done<Self> {
        let mut checked = Vec::with_capacity(count);
        for (at, column) in slice(columns, count, "columns")?.iter().enumerate() {
            let place = format!("columns[{at}]");
            check_size::<csat_column>(column.struct_size, &place)?;
            let name = text(column.name, CSAT_NUL, &format!("{place}.name"))?;
            let copied = if wanted(name) { column.copy().map_err(|e| e.in_column(name))? } else { Copied::NotRead };
            checked.push((name, column, copied));
        }
        Ok(Self { columns: checked })
    }

    /// The batch that borrows the columns.
    pub(crate) fn batch(&self) -> Done<Batch<'_>> {
        let mut batch = Batch::new();
        for (name, column, copied) in &self.columns {
            batch = batch.column(*name, column.borrow(copied).map_err(|e| e.in_column(name))?);
        }
        Ok(batch)
    }
}

impl csat_column {
    fn array<'a, T>(&self) -> Done<&'a [T]> {
        slice(self.values.cast::<T>(), self.length, "values")
    }

    fn copy<'a>(&self) -> Done<Copied<'a>> {
        Ok(match self.r#type {
            CSAT_TYPE_INT8..=CSAT_TYPE_UINT64 if !self.dictionary.is_null() => {
                let texts = slice(self.dictionary, self.dictionary_length, "dictionary")?;
                let entry = |(at, p): (usize, &*const c_char)| {
                    maybe_text(*p).map_err(|e| e.at(&format!("text {at} of the dictionary")))
                };
                Copied::Dictionary(texts.iter().enumerate().map(entry).collect::<Done<_>>()?)
            }
            CSAT_TYPE_BOOL => Copied::Bools(self.array::<u8>()?.iter().map(|b| *b != 0).collect()),
            CSAT_TYPE_TEXT => {
                let texts = self.array::<*const c_char>()?;
                let text = |(row, p): (usize, &*const c_char)| maybe_text(*p).map_err(|e| e.in_row(row));
                let texts = texts.iter().enumerate().map(text).collect::<Done<Vec<_>>>()?;
                let there = texts.iter().map(|t| u8::from(t.is_some())).collect();
                Copied::Texts { texts: texts.into_iter().map(Option::unwrap_or_default).collect(), there }
            }
            CSAT_TYPE_TEXT_BYTES => {
                let offsets = slice(self.offsets, self.length.saturating_add(1), "offsets")?;
                let ascending = offsets[0] >= 0 && offsets.windows(2).all(|w| w[0] <= w[1]);
                if !ascending {
                    return Err(Failure::argument("`offsets` must ascend from 0 or above"));
                }
                let size = offsets[self.length] as usize;
                let bytes: &[u8] = slice(self.values.cast(), size, "values")?;
                let text = |(row, ends): (usize, &[i64])| {
                    utf8(&bytes[ends[0] as usize..ends[1] as usize], "text").map_err(|e| e.in_row(row))
                };
                let texts = offsets.windows(2).enumerate().map(text);
                Copied::Texts { texts: texts.collect::<Done<_>>()?, there: Vec::new() }
            }
            _ => Copied::Nothing,
        })
    }

    fn borrow<'a>(&'a self, copied: &'a Copied<'a>) -> Done<Column<'a>> {
        if matches!(copied, Copied::NotRead) {
            return Ok(Column::new(Values::Null(self.length)));
        }
        let unit = self.unit()?;
        let time = unit.unwrap_or(TimeUnit::Microsecond);
        let integers = |integers: Integers<'a>| match copied {
            Copied::Dictionary(texts) => Values::Dictionary(integers, texts.clone()),
            _ => Values::Integer(integers, unit),
        };
        let values = match self.r#type {
            CSAT_TYPE_INT8 => integers(Integers::I8(self.array()?)),
            CSAT_TYPE_INT16 => integers(Integers::I16(self.array()?)),
            CSAT_TYPE_INT32 => integers(Integers::I32(self.array()?)),
            CSAT_TYPE_INT64 => integers(Integers::I64(self.array()?)),
            CSAT_TYPE_UINT8 => integers(Integers::U8(self.array()?)),
            CSAT_TYPE_UINT16 => integers(Integers::U16(self.array()?)),
            CSAT_TYPE_UINT32 => integers(Integers::U32(self.array()?)),
            CSAT_TYPE_UINT64 => integers(Integers::U64(self.array()?)),
            CSAT_TYPE_FLOAT32 => Values::Float32(self.array()?, unit),
            CSAT_TYPE_FLOAT64 => Values::Float64(self.array()?, unit),
            CSAT_TYPE_INSTANT => Values::Instant { values: self.array()?, unit: time, naive: false },
            CSAT_TYPE_LOCAL_TIME => Values::Instant { values: self.array()?, unit: time, naive: true },
            CSAT_TYPE_DATE => Values::Date(self.array()?),
            CSAT_TYPE_DURATION => Values::Duration(self.array()?, time),
            CSAT_TYPE_BOOL | CSAT_TYPE_TEXT | CSAT_TYPE_TEXT_BYTES => match copied {
                Copied::Bools(values) => Values::Bools(values),
                Copied::Texts { texts, .. } => Values::Text(Texts::Strs(texts)),
                _ => Values::Null(self.length),
            },
            other => return Err(Failure::argument(format!("{other} is none of CSAT_TYPE_…"))),
        };
        Ok(Column { values, validity: self.validity(copied)? })
    }

    fn unit(&self) -> Done<Option<TimeUnit>> {
        Ok(Some(match self.unit {
            CSAT_UNIT_OF_TIME_NONE => return Ok(None),
            CSAT_UNIT_OF_TIME_SECOND => TimeUnit::Second,
            CSAT_UNIT_OF_TIME_MILLISECOND => TimeUnit::Millisecond,
            CSAT_UNIT_OF_TIME_MICROSECOND => TimeUnit::Microsecond,
            CSAT_UNIT_OF_TIME_NANOSECOND => TimeUnit::Nanosecond,
            other => return Err(Failure::argument(format!("{other} is none of CSAT_UNIT_OF_TIME_…"))),
        }))
    }

    fn validity<'a>(&self, copied: &'a Copied<'a>) -> Done<Validity<'a>> {
        let nulls = match copied {
            Copied::Texts { there, .. } if there.contains(&0) => Some(there),
            _ => None,
        };
        match (self.validity_type, nulls) {
            (CSAT_VALIDITY_ALL, None) => Ok(Validity::All),
            (CSAT_VALIDITY_ALL, Some(there)) => Ok(Validity::Bytes(there)),
            (CSAT_VALIDITY_BYTES | CSAT_VALIDITY_BITS, Some(_)) => {
                let message = "mark missing texts by NULL or by `validity`, not by both";
                Err(Failure::new(ErrorKind::InvalidArgument.code(), message))
            }
            (CSAT_VALIDITY_BYTES, None) => Ok(Validity::Bytes(slice(self.validity, self.length, "validity")?)),
            (CSAT_VALIDITY_BITS, None) => {
                let bits = self.validity_offset.checked_add(self.length);
                let bits = bits.ok_or_else(|| Failure::argument("`validity_offset` is too large"))?;
                Ok(Validity::Bits(slice(self.validity, bits.div_ceil(8), "validity")?, self.validity_offset))
            }
            (other, _) => Err(Failure::argument(format!("{other} is none of CSAT_VALIDITY_…"))),
        }
    }
}

fn maybe_text<'a>(pointer: *const c_char) -> Done<Option<&'a str>> {
    if pointer.is_null() { Ok(None) } else { utf8(unsafe { CStr::from_ptr(pointer) }.to_bytes(), "text").map(Some) }
}
