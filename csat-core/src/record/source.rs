//! From a physical column to the lanes of a block: one conversion a block, whatever the type.

#![allow(
    clippy::unnecessary_fallible_conversions,
    clippy::useless_conversion,
    reason = "one body serves integers of every width"
)]

use super::block::MISSING_MARK;
use super::column::{Column, Integers, TimeUnit, Validity, Values, bit, each_width};
use super::schema::{Kind, Need};
use crate::error::{Error, ErrorKind, Result};
use crate::simd::widest;
use crate::time::zone::Times;
use crate::time::{MISSING, Pick, Zone};

/// The longest duration taken: 100 years. Longer ones are a slip of units.
pub const LONGEST: i64 = 100 * 366 * 86_400 * 1_000_000;
/// The earliest and latest instants taken: 1900-01-01 and 2200-01-01.
pub const INSTANTS: std::ops::Range<i64> = -2_208_988_800_000_000..7_258_118_400_000_000;

/// The rows of a block that cannot be used, with the reason.
#[derive(Default)]
pub struct Faults {
    bad: Vec<bool>,
    errors: Vec<(usize, Error)>,
    counts: Vec<(String, u64)>,
}

impl Faults {
    /// How many errors are kept with their text; further rows are only counted.
    pub const NAMED: usize = 10;

    /// No fault yet; rows that are not kept cannot have one and are not to be counted.
    pub(crate) fn among(kept: &[bool]) -> Self {
        Self { bad: kept.iter().map(|kept| !kept).collect(), ..Self::default() }
    }

    /// Whether every row of the block is to be counted.
    pub(crate) fn spares_all(&self) -> bool {
        !self.bad.contains(&true)
    }

    /// Marks a row of the block as unusable. `reason` is a short text to count by.
    pub fn add(&mut self, row: usize, reason: &str, error: impl FnOnce() -> Error) {
        if self.bad.len() <= row {
            self.bad.resize(super::BLOCK.max(row + 1), false);
        }
        if std::mem::replace(&mut self.bad[row], true) {
            return;
        }
        match self.counts.iter_mut().find(|(r, _)| r == reason) {
            Some((_, count)) => *count += 1,
            None => self.counts.push((reason.to_owned(), 1)),
        }
        // Rows come in any order within a block; keep the earliest.
        if self.errors.len() < Self::NAMED || self.errors.last().is_some_and(|(last, _)| row < *last) {
            let at = self.errors.partition_point(|(r, _)| *r < row);
            self.errors.insert(at, (row, error()));
            self.errors.truncate(Self::NAMED);
        }
    }

    /// Whether no row is unusable.
    pub fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    /// The first unusable row and why.
    pub fn first(&self) -> Option<&(usize, Error)> {
        self.errors.first()
    }

    pub(crate) fn into_parts(self) -> (Vec<bool>, Vec<(usize, Error)>, Vec<(String, u64)>) {
        (self.bad, self.errors, self.counts)
    }
}

/// A needed column of one batch, ready to be converted block by block.
pub(crate) struct Source<'a> {
    pub(crate) column: Option<&'a Column<'a>>,
    name: &'a str,
    codes: Vec<Option<i16>>,
}

impl<'a> Source<'a> {
    /// Checks that the column can serve the need. `name` is the column's name in the batch.
    pub(crate) fn bind(
        need: &Need,
        name: &'a str,
        column: Option<&'a Column<'a>>,
        zone: Option<&Zone>,
    ) -> Result<Self> {
        let Some(column) = column else { return Ok(Self { column: None, name, codes: Vec::new() }) };
        let refuse = |hint: &str| {
            let wanted = need.kind.describe();
            let found = column.type_name();
            let message = format!("column `{name}` holds {found}, but `{}` takes {wanted}{hint}", need.role);
            Err(Error::new(ErrorKind::WrongType, message).with("column", name))
        };
        let mut codes = Vec::new();
        match (&need.kind, &column.values) {
            (_, Values::Null(_))
            | (Kind::Instant | Kind::SlotTime, Values::Instant { naive: false, .. } | Values::Integer(_, Some(_)))
            | (Kind::SlotTime, Values::Date(_))
            | (Kind::Duration, Values::Duration(..) | Values::Integer(_, Some(_)) | Values::Float32(_, Some(_)))
            | (Kind::Duration | Kind::Instant, Values::Float64(_, Some(_)))
            | (Kind::Integer | Kind::Mark, Values::Integer(..) | Values::Float32(..) | Values::Float64(..))
            | (Kind::Integer | Kind::Mark, Values::Decimal(..))
            | (Kind::Flag, Values::Bits { .. } | Values::Bools(_) | Values::Integer(..))
            | (Kind::Category(_), Values::Text(_) | Values::Integer(..) | Values::Float32(..) | Values::Float64(..))
            | (Kind::Category(_), Values::Bits { .. } | Values::Bools(_) | Values::Decimal(..)) => {}
            (Kind::Instant | Kind::SlotTime, Values::Instant { naive: true, .. }) if zone.is_some() => {}
            (Kind::Instant | Kind::SlotTime, Values::Instant { naive: true, .. }) => {
                return refuse("; give the time zone of the data, for example zone = \"Europe/Berlin\"");
            }
            (Kind::Instant, Values::Date(_)) => return refuse("; a date has no time of day"),
            (Kind::Instant | Kind::SlotTime | Kind::Duration, Values::Integer(_, None))
            | (Kind::Duration, Values::Float32(_, None) | Values::Float64(_, None)) => {
                return refuse("; say what they count: s, ms, us or ns");
            }
            (Kind::Category(vocabulary), Values::Dictionary(_, texts)) => {
                codes = texts.iter().map(|t| t.and_then(|t| vocabulary.code_of_text(t).ok())).collect();
            }
            _ => return refuse(""),
        }
        Ok(Self { column: Some(column), name, codes })
    }

    /// Whether the column holds local dates.
    pub(crate) fn is_date(&self) -> bool {
        self.column.is_some_and(|c| matches!(c.values, Values::Date(_)))
    }

    /// Writes rows `start..start + out.len()` into a wide lane.
    pub(crate) fn fill_wide(
        &self,
        need: &Need,
        start: usize,
        out: &mut [i64],
        zone: Option<&Zone>,
        faults: &mut Faults,
    ) {
        // The lane of a column that is not there was cleared when the batch was bound.
        let Some(column) = self.column else { return };
        let end = start + out.len();
        let span = Span::of(&need.kind, self.is_date());
        let mut fine = None;
        match &column.values {
            Values::Null(_) => out.fill(MISSING),
            Values::Integer(Integers::I64(v), None) => fine = Some(span.take(&v[start..end], |x| *x, out)),
            Values::Integer(Integers::I32(v), unit) if unit.is_none_or(|unit| factor(unit).1 == 1) => {
                // 2^31 s in microseconds fits in 64 bits.
                let times = unit.map_or(1, |unit| factor(unit).0);
                fine = Some(span.take(&v[start..end], |x| i64::from(*x) * times, out));
            }
            Values::Integer(v, unit) => fill_integers(*v, start, out, unit.map_or((1, 1), factor)),
            Values::Instant { values: v, unit: TimeUnit::Microsecond, naive: false }
            | Values::Duration(v, TimeUnit::Microsecond) => fine = Some(span.take(&v[start..end], |x| *x, out)),
            Values::Duration(v, unit) => scale_slice(&v[start..end], out, factor(*unit)),
            Values::Instant { values, unit, naive } => {
                scale_slice(&values[start..end], out, factor(*unit));
                if *naive {
                    apply_validity(column.validity, start, out);
                    self.to_instants(zone, out, faults);
                }
            }
            Values::Date(v) => fine = Some(span.take(&v[start..end], |x| i64::from(*x), out)),
            Values::Float64(v, unit) => self.fill_floats(need, v[start..end].iter().copied(), *unit, out, faults),
            Values::Float32(v, unit) => {
                self.fill_floats(need, v[start..end].iter().map(|x| f64::from(*x)), *unit, out, faults);
            }
            Values::Decimal(v, scale) => self.fill_decimals(column, &v[start..end], start, *scale, out, faults),
            _ => unreachable!("bind refuses other types"),
        }
        // Values that are there and values behind a null are looked at alike first: both are nearly always in range.
        let fine = fine.unwrap_or_else(|| span.holds(out));
        apply_validity(column.validity, start, out);
        if !fine {
            self.check_range(need, out, faults);
        }
    }

    /// Writes rows `start..start + out.len()` into a narrow lane.
    pub(crate) fn fill_narrow(&self, need: &Need, start: usize, out: &mut [i16], faults: &mut Faults) {
        let Some(column) = self.column else { return };
        let end = start + out.len();
        match (&need.kind, &column.values) {
            (_, Values::Null(_)) => out.fill(MISSING_MARK),
            (Kind::Mark | Kind::Flag, Values::Integer(Integers::I8(v), _)) => widen(&v[start..end], out),
            (Kind::Mark | Kind::Flag, Values::Integer(Integers::U8(v), _)) => widen(&v[start..end], out),
            (Kind::Mark | Kind::Flag, Values::Integer(v, _)) => each_width!(v, v => {
                for (i, (o, x)) in out.iter_mut().zip(&v[start..end]).enumerate() {
                    match i16::try_from(*x) {
                        Ok(x) => *o = x,
                        Err(_) if !column.validity.is_valid(start + i) => *o = MISSING_MARK,
                        Err(_) => {
                            if i64::try_from(*x) != Ok(MISSING) {
                                self.fault_mark(i, faults, x);
                            }
                            *o = MISSING_MARK;
                        }
                    }
                }
            }),
            (Kind::Mark | Kind::Flag, Values::Float64(v, _)) => {
                self.fill_narrow_floats(column, start, v[start..end].iter().copied(), out, faults);
            }
            (Kind::Mark | Kind::Flag, Values::Float32(v, _)) => {
                self.fill_narrow_floats(column, start, v[start..end].iter().map(|x| f64::from(*x)), out, faults);
            }
            (Kind::Mark, Values::Decimal(v, scale)) => {
                for (i, (o, x)) in out.iter_mut().zip(&v[start..end]).enumerate() {
                    let mark = whole_decimal(*x, *scale).and_then(|n| i16::try_from(n).ok());
                    *o = mark.unwrap_or(MISSING_MARK);
                    if mark.is_none() && column.validity.is_valid(start + i) {
                        let reason = format!("{}: not a whole number", self.name);
                        faults.add(i, &reason, || self.bad("a decimal that is not a small whole number"));
                    }
                }
            }
            (Kind::Flag | Kind::Category(_), Values::Bits { .. } | Values::Bools(_)) => {
                for (i, o) in out.iter_mut().enumerate() {
                    let value = match &column.values {
                        Values::Bits { bytes, offset, .. } => bit(bytes, offset + start + i),
                        Values::Bools(v) => v[start + i],
                        _ => false,
                    };
                    *o = i16::from(value);
                    if let Kind::Category(vocabulary) = &need.kind {
                        *o = self.code(i, column, start, vocabulary.code_of_flag(value), faults);
                    }
                }
            }
            (Kind::Category(vocabulary), Values::Dictionary(codes, texts)) => each_width!(codes, codes => {
                for (i, (o, code)) in out.iter_mut().zip(&codes[start..end]).enumerate() {
                    let code = usize::try_from(*code).unwrap_or(usize::MAX);
                    *o = match self.codes.get(code) {
                        Some(Some(known)) => *known,
                        _ => match texts.get(code) {
                            Some(None) => MISSING_MARK,
                            Some(Some(text)) => self.code(i, column, start, vocabulary.code_of_text(text), faults),
                            None => self.code(i, column, start, Err(bad_dictionary_code(self.name)), faults),
                        },
                    };
                }
            }),
            (Kind::Category(vocabulary), Values::Text(texts)) => {
                let mut last: (&str, i16) = ("", MISSING_MARK);
                for (i, o) in out.iter_mut().enumerate() {
                    if !column.validity.is_valid(start + i) {
                        *o = MISSING_MARK;
                        continue;
                    }
                    let text = texts.get(start + i);
                    if text != last.0 || last.1 == MISSING_MARK {
                        last = (text, self.code(i, column, start, vocabulary.code_of_text(text), faults));
                    }
                    *o = last.1;
                }
            }
            (Kind::Category(vocabulary), _) => self.fill_numeric_category(vocabulary, column, start, out, faults),
            _ => unreachable!("bind refuses other types"),
        }
        apply_validity(column.validity, start, out);
    }

    fn fill_numeric_category(
        &self,
        vocabulary: &super::schema::Vocabulary,
        column: &Column<'_>,
        start: usize,
        out: &mut [i16],
        faults: &mut Faults,
    ) {
        if let (Values::Integer(Integers::I8(v), _), Some(line)) = (&column.values, vocabulary.line()) {
            // Small marks on a straight line need no look-up; a row off the line sends the block the long way.
            let (low, high, slope, shift) = (line.low, line.high, line.slope, line.shift);
            let off = move |x: i16| (x < low) | (x > high);
            let any = widest(
                #[inline(always)]
                || {
                    let mut any = false;
                    for (o, x) in out.iter_mut().zip(&v[start..]) {
                        let x = i16::from(*x);
                        *o = x * slope + shift;
                        any |= off(x);
                    }
                    any
                },
            );
            if !any || (0..out.len()).all(|i| !off(i16::from(v[start + i])) || !column.validity.is_valid(start + i)) {
                return;
            }
        }
        for (i, o) in out.iter_mut().enumerate() {
            let row = start + i;
            let number = match &column.values {
                Values::Integer(v, _) => each_width!(v, v => i64::try_from(v[row]).ok()),
                Values::Float64(v, _) if v[row].is_nan() => Some(MISSING),
                Values::Float64(v, _) => whole(v[row]),
                Values::Float32(v, _) if v[row].is_nan() => Some(MISSING),
                Values::Float32(v, _) => whole(f64::from(v[row])),
                Values::Decimal(v, scale) => whole_decimal(v[row], *scale),
                _ => None,
            };
            *o = match number {
                Some(MISSING) => MISSING_MARK,
                Some(number) => self.code(i, column, start, vocabulary.code_of_number(number), faults),
                None => {
                    let error = Error::new(ErrorKind::BadValue, "not a whole number");
                    self.code(i, column, start, Err(error), faults)
                }
            };
        }
    }

    fn code(&self, i: usize, column: &Column<'_>, start: usize, code: Result<i16>, faults: &mut Faults) -> i16 {
        code.unwrap_or_else(|error| {
            if column.validity.is_valid(start + i) {
                let reason = format!("{}: value not allowed", self.name);
                faults.add(i, &reason, || self.bad(error.message()));
            }
            MISSING_MARK
        })
    }

    fn bad(&self, message: &str) -> Error {
        Error::new(ErrorKind::BadValue, format!("column `{}`: {message}", self.name)).with("column", self.name)
    }

    fn fault_mark(&self, row: usize, faults: &mut Faults, value: impl std::fmt::Display) {
        let reason = format!("{}: out of range", self.name);
        faults.add(row, &reason, || self.bad(&format!("{value} is out of range")));
    }

    fn fill_narrow_floats(
        &self,
        column: &Column<'_>,
        start: usize,
        values: impl Iterator<Item = f64>,
        out: &mut [i16],
        faults: &mut Faults,
    ) {
        for (i, (o, x)) in out.iter_mut().zip(values).enumerate() {
            *o = if x.is_nan() || !column.validity.is_valid(start + i) {
                MISSING_MARK
            } else if let Some(n) = whole(x).and_then(|n| i16::try_from(n).ok()) {
                n
            } else {
                let reason = format!("{}: not a whole number", self.name);
                faults.add(i, &reason, || self.bad(&format!("{x} is not a whole number")));
                MISSING_MARK
            };
        }
    }

    fn fill_floats(
        &self,
        need: &Need,
        values: impl Iterator<Item = f64>,
        unit: Option<TimeUnit>,
        out: &mut [i64],
        faults: &mut Faults,
    ) {
        let (multiply, divide) = unit.map_or((1, 1), factor);
        let scale = multiply as f64 / divide as f64;
        for (i, (o, x)) in out.iter_mut().zip(values).enumerate() {
            if x.is_nan() {
                *o = MISSING;
                continue;
            }
            let scaled = if need.kind == Kind::Integer { x } else { (x * scale).round_ties_even() };
            // 2^62 is far beyond every range that is taken.
            *o = if scaled.abs() < 4.6e18 && scaled.fract() == 0.0 {
                scaled as i64
            } else {
                let reason = format!("{}: out of range", self.name);
                faults.add(i, &reason, || self.bad(&format!("{x} is not {}", need.kind.describe())));
                MISSING
            };
        }
    }

    fn fill_decimals(
        &self,
        column: &Column<'_>,
        values: &[i128],
        start: usize,
        scale: i8,
        out: &mut [i64],
        faults: &mut Faults,
    ) {
        for (i, (o, x)) in out.iter_mut().zip(values).enumerate() {
            *o = whole_decimal(*x, scale).unwrap_or(MISSING);
            if *o == MISSING && column.validity.is_valid(start + i) {
                let reason = format!("{}: not a whole number", self.name);
                faults.add(i, &reason, || self.bad("a decimal that is not a whole number"));
            }
        }
    }

    fn to_instants(&self, zone: Option<&Zone>, out: &mut [i64], faults: &mut Faults) {
        let Some(zone) = zone else { return };
        for (i, o) in out.iter_mut().enumerate() {
            if *o == MISSING {
                continue;
            }
            if !INSTANTS.contains(o) {
                continue; // check_range names it
            }
            let local = *o;
            let resolved = zone.local_to_instant(local, Pick::Earlier);
            *o = resolved.instant;
            if resolved.times == Times::Never {
                let reason = format!("{}: skipped by a clock change", self.name);
                faults.add(i, &reason, || {
                    self.bad(&format!(
                        "the local time {} does not exist in {}: clocks were put forward over it",
                        crate::time::instant::format_local(local),
                        zone.name()
                    ))
                });
            }
        }
    }

    fn check_range(&self, need: &Need, out: &[i64], faults: &mut Faults) {
        let (low, high) = match need.kind {
            Kind::Duration => (0, LONGEST),
            // Days from 1900 to 2199.
            Kind::SlotTime if self.is_date() => (-25_567, 84_006),
            Kind::Instant | Kind::SlotTime => (INSTANTS.start, INSTANTS.end - 1),
            _ => return,
        };
        let outside = |v: i64| v != MISSING && (v < low || v > high);
        // One vectorised look first: bad rows are rare.
        if !out.iter().fold(false, |any, &v| any | outside(v)) {
            return;
        }
        for (i, &v) in out.iter().enumerate().filter(|(_, v)| outside(**v)) {
            let (reason, message) = match need.kind {
                Kind::Duration if v < 0 => {
                    ("negative duration", format!("a duration of {} s is negative", v as f64 / 1e6))
                }
                Kind::Duration => ("too long", format!("a duration of {} s is longer than 100 years", v as f64 / 1e6)),
                _ => ("outside 1900-2199", "an instant outside the years 1900 to 2199".to_owned()),
            };
            faults.add(i, &format!("{}: {reason}", self.name), || self.bad(&message));
        }
    }
}

fn widen<T: Copy + Into<i16>>(values: &[T], out: &mut [i16]) {
    widest(
        #[inline(always)]
        || out.iter_mut().zip(values).for_each(|(out, value)| *out = (*value).into()),
    );
}

/// The values that are surely in range, told by their leading bits: no comparison a row.
#[derive(Clone, Copy)]
struct Span {
    from: i64,
    bits: u32,
}

impl Span {
    fn of(kind: &Kind, dates: bool) -> Self {
        let (from, bits) = match kind {
            // 2^16 days from 1900 reach 2079.
            Kind::SlotTime if dates => (-25_567, 16),
            // 2^51 microseconds are 71 years.
            Kind::Duration => (0, 51),
            // 2^53 microseconds from 1900 reach 2185.
            Kind::Instant | Kind::SlotTime => (INSTANTS.start, 53),
            _ => (0, 64),
        };
        Self { from, bits }
    }

    /// Converts values; whether all of them lie in the span.
    #[inline]
    fn take<T>(self, values: &[T], convert: impl Fn(&T) -> i64, out: &mut [i64]) -> bool {
        let bits = widest(
            #[inline(always)]
            || {
                let mut bits = 0;
                for (out, value) in out.iter_mut().zip(values) {
                    *out = convert(value);
                    bits |= out.wrapping_sub(self.from) as u64;
                }
                bits
            },
        );
        bits.checked_shr(self.bits).unwrap_or(0) == 0
    }

    /// Whether all values lie in the span.
    fn holds(self, values: &[i64]) -> bool {
        let bits = values.iter().fold(0, |bits, value| bits | value.wrapping_sub(self.from) as u64);
        bits.checked_shr(self.bits).unwrap_or(0) == 0
    }
}

fn bad_dictionary_code(name: &str) -> Error {
    Error::new(ErrorKind::BadValue, format!("column `{name}`: a dictionary code outside its dictionary"))
}

/// Multiply by the first, divide by the second.
fn factor(unit: TimeUnit) -> (i64, i64) {
    match unit {
        TimeUnit::Second => (1_000_000, 1),
        TimeUnit::Millisecond => (1_000, 1),
        TimeUnit::Microsecond => (1, 1),
        TimeUnit::Nanosecond => (1, 1_000),
    }
}

fn scale_one(value: i64, (multiply, divide): (i64, i64)) -> i64 {
    if value == MISSING {
        MISSING
    } else if divide > 1 {
        value.div_euclid(divide)
    } else {
        // What overflows is out of every range that is taken, and stays so.
        value.saturating_mul(multiply).max(MISSING + 1)
    }
}

fn scale_slice(values: &[i64], out: &mut [i64], factor: (i64, i64)) {
    if factor == (1, 1) {
        out.copy_from_slice(values);
    } else {
        for (o, v) in out.iter_mut().zip(values) {
            *o = scale_one(*v, factor);
        }
    }
}

fn fill_integers(values: Integers<'_>, start: usize, out: &mut [i64], factor: (i64, i64)) {
    let end = start + out.len();
    match values {
        Integers::I64(v) => scale_slice(&v[start..end], out, factor),
        Integers::U64(v) => {
            for (o, x) in out.iter_mut().zip(&v[start..end]) {
                *o = scale_one(i64::try_from(*x).unwrap_or(i64::MAX), factor);
            }
        }
        other => each_width!(other, v => {
            for (o, x) in out.iter_mut().zip(&v[start..end]) {
                *o = scale_one(i64::try_from(*x).unwrap_or(i64::MAX), factor);
            }
        }),
    }
}

/// A value of a lane, a block of which takes its missing values from the bits of a word.
trait Lane: Copy {
    /// The missing value.
    const MISSING: Self;
    /// Writes it where a bit of `absent` is set.
    fn blank(values: &mut [Self], absent: u64);
}

impl Lane for i64 {
    const MISSING: Self = MISSING;
    #[inline]
    fn blank(values: &mut [Self], mut absent: u64) {
        // Few are missing, and which they are is not predictable: only they are visited.
        while absent != 0 {
            values[absent.trailing_zeros() as usize] = Self::MISSING;
            absent &= absent - 1;
        }
    }
}

impl Lane for i16 {
    const MISSING: Self = MISSING_MARK;
    #[inline]
    fn blank(values: &mut [Self], absent: u64) {
        for (part, values) in values.chunks_mut(16).enumerate() {
            let absent = (absent >> (16 * part)) as u16;
            for (at, value) in values.iter_mut().enumerate() {
                *value = if absent & 1 << at == 0 { *value } else { Self::MISSING };
            }
        }
    }
}

/// Marks the missing values of a lane.
fn apply_validity<T: Lane>(validity: Validity<'_>, start: usize, out: &mut [T]) {
    match validity {
        Validity::All => {}
        Validity::Bytes(bytes) => {
            for (o, b) in out.iter_mut().zip(&bytes[start..]) {
                *o = if *b == 0 { T::MISSING } else { *o };
            }
        }
        Validity::Bits(bytes, offset) => widest(
            #[inline(always)]
            || {
                let (mut byte, shift) = ((offset + start) / 8, (offset + start) % 8);
                for chunk in out.chunks_mut(64) {
                    let mut absent = !(word_at(bytes, byte) >> shift);
                    if shift > 0 {
                        let next = bytes.get(byte + 8).copied().unwrap_or(0);
                        absent &= !(u64::from(next) << (64 - shift));
                    }
                    absent &= u64::MAX >> (64 - chunk.len());
                    if absent != 0 {
                        T::blank(chunk, absent);
                    }
                    byte += 8;
                }
            },
        ),
    }
}

/// Eight bytes from one on, with zeros after the end.
fn word_at(bytes: &[u8], at: usize) -> u64 {
    match bytes.get(at..at + 8).and_then(|word| word.try_into().ok()) {
        Some(word) => u64::from_le_bytes(word),
        None => bytes.iter().skip(at).take(8).rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    }
}

fn whole(x: f64) -> Option<i64> {
    (x.fract() == 0.0 && x.abs() < 9e15).then_some(x as i64)
}

fn whole_decimal(x: i128, scale: i8) -> Option<i64> {
    let ten = 10i128.checked_pow(u32::from(scale.unsigned_abs()))?;
    let value = if scale >= 0 {
        if x % ten != 0 {
            return None;
        }
        x / ten
    } else {
        x.checked_mul(ten)?
    };
    i64::try_from(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn validity_bits_at_any_offset() {
        let bytes = [0b1011_0110, 0b0101_1101, 0b1110_0011];
        for offset in 0..12 {
            let mut wide = vec![7i64; 12];
            let mut narrow = vec![7i16; 12];
            apply_validity(Validity::Bits(&bytes, offset), 0, &mut wide);
            apply_validity(Validity::Bits(&bytes, offset), 0, &mut narrow);
            for i in 0..12 {
                assert_eq!(wide[i] == 7, bit(&bytes, offset + i), "wide {offset} {i}");
                assert_eq!(narrow[i] == 7, bit(&bytes, offset + i), "narrow {offset} {i}");
            }
        }
    }

    #[test]
    fn decimals_are_whole_or_nothing() {
        assert_eq!(whole_decimal(1200, 2), Some(12));
        assert_eq!(whole_decimal(1250, 2), None);
        assert_eq!(whole_decimal(12, -2), Some(1200));
    }
}
