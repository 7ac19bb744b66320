//! Arrow record batches in, record batches out: the batch door of the C and Python faces.
//!
//! Exempt from semver, because the arrow crates change their major version every few months; they are re-exported so
//! that a face uses the same ones. The pointers of the C data interface are the faces' affair: nothing here is unsafe.
//!
//! In: a [`Reading`] says which columns a tally takes, [`Held`] checks and holds them, and a [`Batch`] borrows from it.
//! Out: [`long_table`] and [`wide_table`] of a [`Report`].

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowDictionaryKeyType, ArrowPrimitiveType, Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type,
    DurationMicrosecondType, DurationMillisecondType, DurationNanosecondType, DurationSecondType, Float16Type,
    Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, IntervalDayTimeType, IntervalMonthDayNanoType,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type,
    UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{
    Array, ArrayRef, BooleanArray, DictionaryArray, DurationMicrosecondArray, Float64Array, GenericStringArray,
    Int32Array, Int64Array, OffsetSizeTrait, PrimitiveArray, RecordBatch, StringArray, StringViewArray,
    TimestampMicrosecondArray, downcast_dictionary_array, downcast_primitive_array,
};
use arrow_buffer::{ArrowNativeType, NullBuffer, ScalarBuffer};
use arrow_schema::{DataType, Field, Schema, TimeUnit as ArrowUnit};

pub use {arrow_array, arrow_buffer, arrow_data, arrow_schema};

use crate::error::{Error, ErrorKind, Result};
use crate::estimate::{Numbers, Reason};
use crate::key::KeyValue;
use crate::measure::Measure;
use crate::record::{Batch, Column, Integers, Kind, TextValues, Texts, TimeUnit, Validity, Values};
use crate::report::Report;
use crate::tally::Tally;
use crate::time::MISSING;

/// The columns that are taken from record batches, and what plain numbers in them count.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    columns: BTreeMap<String, Option<TimeUnit>>,
    trusted: bool,
}

impl Reading {
    /// The columns of a tally, keys included. Plain numbers are taken for seconds where a duration is wanted.
    pub fn of<M: Measure>(tally: &Tally<M>) -> Self {
        let plan = tally.plan();
        let mut reading = Self::default();
        for need in tally.schema().needs() {
            let unit = (need.kind == Kind::Duration).then_some(TimeUnit::Second);
            let known = reading.columns.entry(plan.host_name(&need.role).to_owned()).or_default();
            *known = known.or(unit);
        }
        for key in &plan.keys {
            reading.columns.entry(plan.host_name(key).to_owned()).or_default();
        }
        reading
    }

    /// Takes a column, with what plain numbers in it count.
    pub fn column(mut self, name: impl Into<String>, unit: Option<TimeUnit>) -> Self {
        self.columns.insert(name.into(), unit);
        self
    }

    /// Says that text and dictionaries need no check: the producer is known to be right.
    pub fn trusted(mut self) -> Self {
        self.trusted = true;
        self
    }

    /// The names of the columns.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.keys().map(String::as_str)
    }
}

/// The columns of one record batch, checked, from which a [`Batch`] borrows.
///
/// Columns that are not read keep their name only, for messages.
pub struct Held {
    rows: usize,
    columns: Vec<(String, Option<ArrayRef>, Option<TimeUnit>)>,
}

impl Held {
    /// Checks and holds the columns of a record batch.
    pub fn new(batch: &RecordBatch, reading: &Reading) -> Result<Self> {
        let names = batch.schema_ref().fields().iter().map(|f| f.name().as_str());
        Self::of_columns(batch.num_rows(), names.zip(batch.columns()), reading)
    }

    /// Checks and holds columns given one by one, all of `rows` rows.
    pub fn of_columns<'c>(
        rows: usize,
        columns: impl IntoIterator<Item = (&'c str, &'c ArrayRef)>,
        reading: &Reading,
    ) -> Result<Self> {
        let mut held = Vec::new();
        for (name, array) in columns {
            let wanted = reading.columns.get(name).copied();
            let array = match wanted {
                Some(unit) => Some(plain(array, unit, reading.trusted).map_err(|e| {
                    let message = format!("column `{name}`: {}", e.message());
                    Error::new(e.kind(), message).with("column", name)
                })?),
                None => None,
            };
            held.push((name.to_owned(), array, wanted.flatten()));
        }
        Ok(Self { rows, columns: held })
    }

    /// The columns as a batch.
    pub fn batch(&self) -> Batch<'_> {
        self.columns.iter().fold(Batch::with_rows(self.rows), |batch, (name, array, unit)| {
            let column = match array {
                Some(array) => borrow(array, *unit),
                None => Column::new(Values::Null(self.rows)),
            };
            batch.column(name.clone(), column)
        })
    }
}

impl<O: OffsetSizeTrait> TextValues for GenericStringArray<O> {
    fn len(&self) -> usize {
        Array::len(self)
    }
    fn get(&self, index: usize) -> &str {
        self.value(index)
    }
}

impl TextValues for StringViewArray {
    fn len(&self) -> usize {
        Array::len(self)
    }
    fn get(&self, index: usize) -> &str {
        self.value(index)
    }
}

/// Checks an array and turns the rarer types into one that [`borrow`] knows.
fn plain(array: &ArrayRef, unit: Option<TimeUnit>, trusted: bool) -> Result<ArrayRef> {
    let is_text = |t: &DataType| matches!(t, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View);
    match array.data_type() {
        kind if is_text(kind) => check(array, trusted).map(|()| array.clone()),
        DataType::Dictionary(_, values) if is_text(values) => check(array, trusted).map(|()| array.clone()),
        DataType::Dictionary(..) => {
            check(array, trusted)?;
            decode(array, unit)
        }
        DataType::Float16 => Ok(Arc::new(array.as_primitive::<Float16Type>().unary::<_, Float32Type>(f32::from))),
        DataType::Date64 => {
            let days = |ms: i64| i32::try_from(ms.div_euclid(86_400_000)).unwrap_or(i32::MAX);
            Ok(Arc::new(array.as_primitive::<Date64Type>().unary::<_, Date32Type>(days)))
        }
        DataType::Interval(_) => interval(array),
        DataType::Decimal32(_, scale) => decimal(array.as_primitive::<Decimal32Type>(), *scale, unit),
        DataType::Decimal64(_, scale) => decimal(array.as_primitive::<Decimal64Type>(), *scale, unit),
        DataType::Decimal128(_, scale) => decimal(array.as_primitive::<Decimal128Type>(), *scale, unit),
        kind if kind.is_integer() => Ok(array.clone()),
        DataType::Null
        | DataType::Boolean
        | DataType::Float32
        | DataType::Float64
        | DataType::Timestamp(..)
        | DataType::Duration(_)
        | DataType::Date32 => Ok(array.clone()),
        other => Err(Error::new(
            ErrorKind::WrongType,
            format!(
                "its type {other} is not read; it may be text, a dictionary, a number, a decimal, a truth value, a \
                 timestamp, a date, a duration or an interval of days and smaller units"
            ),
        )),
    }
}

/// Arrays come across the C data interface unchecked: offsets, codes and UTF-8 are checked here.
fn check(array: &ArrayRef, trusted: bool) -> Result<()> {
    if trusted {
        return Ok(());
    }
    array.to_data().validate_full().map_err(|e| {
        let message = format!("the text is not valid ({e}); csat reads UTF-8");
        Error::new(ErrorKind::BadText, message)
    })
}

/// A dictionary of something other than text, written out.
fn decode(array: &ArrayRef, unit: Option<TimeUnit>) -> Result<ArrayRef> {
    fn picked<T: ArrowPrimitiveType>(
        values: &PrimitiveArray<T>,
        keys: impl Iterator<Item = Option<usize>>,
    ) -> ArrayRef {
        let gathered = keys.map(|k| k.filter(|k| values.is_valid(*k)).map(|k| values.value(k)));
        Arc::new(gathered.collect::<PrimitiveArray<T>>().with_data_type(values.data_type().clone()))
    }
    fn gather<K: ArrowDictionaryKeyType>(dictionary: &DictionaryArray<K>, values: &ArrayRef) -> Result<ArrayRef> {
        let keys = || dictionary.keys().iter().map(|k| k.map(ArrowNativeType::as_usize));
        let values: &dyn Array = values;
        Ok(match values.data_type() {
            DataType::Boolean => {
                let values = values.as_boolean();
                Arc::new(
                    keys()
                        .map(|k| k.filter(|k| values.is_valid(*k)).map(|k| values.value(k)))
                        .collect::<BooleanArray>(),
                )
            }
            _ => downcast_primitive_array!(
                values => picked(values, keys()),
                other => return Err(Error::new(ErrorKind::WrongType, format!("a dictionary of {other} is not read"))),
            ),
        })
    }
    let array: &dyn Array = array;
    downcast_dictionary_array!(
        array => gather(array, array.values()).and_then(|plainer| plain(&plainer, unit, true)),
        other => Err(Error::new(ErrorKind::WrongType, format!("its type {other} is not read"))),
    )
}

/// Intervals of days and smaller units as durations. A month has no fixed length.
fn interval(array: &ArrayRef) -> Result<ArrayRef> {
    const DAY: i64 = 86_400_000_000;
    let refuse = |row: usize| {
        let message = format!("row {row}: an interval with months or years has no fixed length; give days or less");
        Err(Error::new(ErrorKind::BadValue, message).with("row", row))
    };
    let durations: DurationMicrosecondArray = match array.data_type() {
        DataType::Interval(arrow_schema::IntervalUnit::MonthDayNano) => {
            let intervals = array.as_primitive::<IntervalMonthDayNanoType>();
            if let Some(row) = (0..intervals.len()).find(|i| intervals.is_valid(*i) && intervals.value(*i).months != 0)
            {
                return refuse(row);
            }
            intervals.unary(|i| (i64::from(i.days) * DAY).saturating_add(i.nanoseconds.div_euclid(1000)))
        }
        DataType::Interval(arrow_schema::IntervalUnit::DayTime) => array
            .as_primitive::<IntervalDayTimeType>()
            .unary(|i| i64::from(i.days) * DAY + i64::from(i.milliseconds) * 1000),
        _ => return refuse(0),
    };
    Ok(Arc::new(durations))
}

/// Decimals of any width in 128 bits; where they count time, as durations rounded half to even to the microsecond.
fn decimal<T: ArrowPrimitiveType>(array: &PrimitiveArray<T>, scale: i8, unit: Option<TimeUnit>) -> Result<ArrayRef>
where
    i128: From<T::Native>,
{
    let per_unit: i128 = match unit {
        None => {
            let wide = array.unary::<_, Decimal128Type>(i128::from);
            let named = wide.with_precision_and_scale(38, scale);
            return named.map(|a| Arc::new(a) as ArrayRef).map_err(unexpected);
        }
        Some(TimeUnit::Second) => 1_000_000_000,
        Some(TimeUnit::Millisecond) => 1_000_000,
        Some(TimeUnit::Microsecond) => 1_000,
        Some(TimeUnit::Nanosecond) => 1,
    };
    // Nanoseconds × 10^-scale; what overflows stays out of every range that is taken.
    let ten = 10i128.checked_pow(u32::from(scale.unsigned_abs())).unwrap_or(i128::MAX);
    let micros = |x: T::Native| {
        let nanos = i128::from(x).saturating_mul(per_unit);
        let (top, bottom) =
            if scale < 0 { (nanos.saturating_mul(ten), 1000) } else { (nanos, ten.saturating_mul(1000)) };
        let (floor, rest) = (top.div_euclid(bottom), top.rem_euclid(bottom));
        let half = (rest.saturating_mul(2)).cmp(&bottom);
        let up = half.is_gt() || (half.is_eq() && floor % 2 != 0);
        i64::try_from(if up { floor + 1 } else { floor }).unwrap_or(i64::MAX)
    };
    Ok(Arc::new(array.unary::<_, DurationMicrosecondType>(micros)))
}

/// Borrows an array that [`plain`] gave.
fn borrow(array: &ArrayRef, unit: Option<TimeUnit>) -> Column<'_> {
    fn values<T: ArrowPrimitiveType>(array: &ArrayRef) -> &[T::Native] {
        array.as_primitive::<T>().values()
    }
    let instants = |values, unit, zone: &Option<Arc<str>>| Values::Instant { values, unit, naive: zone.is_none() };
    let (mut nulls, column) = (array.nulls(), |integers| Values::Integer(integers, unit));
    let values = match array.data_type() {
        DataType::Int8 => column(Integers::I8(values::<Int8Type>(array))),
        DataType::Int16 => column(Integers::I16(values::<Int16Type>(array))),
        DataType::Int32 => column(Integers::I32(values::<Int32Type>(array))),
        DataType::Int64 => column(Integers::I64(values::<Int64Type>(array))),
        DataType::UInt8 => column(Integers::U8(values::<UInt8Type>(array))),
        DataType::UInt16 => column(Integers::U16(values::<UInt16Type>(array))),
        DataType::UInt32 => column(Integers::U32(values::<UInt32Type>(array))),
        DataType::UInt64 => column(Integers::U64(values::<UInt64Type>(array))),
        DataType::Float32 => Values::Float32(values::<Float32Type>(array), unit),
        DataType::Float64 => Values::Float64(values::<Float64Type>(array), unit),
        DataType::Boolean => {
            let bits = array.as_boolean().values();
            Values::Bits { bytes: bits.values(), offset: bits.offset(), len: bits.len() }
        }
        DataType::Utf8 => Values::Text(Texts::Source(Arc::new(array.as_string::<i32>().clone()))),
        DataType::LargeUtf8 => Values::Text(Texts::Source(Arc::new(array.as_string::<i64>().clone()))),
        DataType::Utf8View => Values::Text(Texts::Source(Arc::new(array.as_string_view().clone()))),
        DataType::Timestamp(ArrowUnit::Second, zone) => {
            instants(values::<TimestampSecondType>(array), TimeUnit::Second, zone)
        }
        DataType::Timestamp(ArrowUnit::Millisecond, zone) => {
            instants(values::<TimestampMillisecondType>(array), TimeUnit::Millisecond, zone)
        }
        DataType::Timestamp(ArrowUnit::Microsecond, zone) => {
            instants(values::<TimestampMicrosecondType>(array), TimeUnit::Microsecond, zone)
        }
        DataType::Timestamp(ArrowUnit::Nanosecond, zone) => {
            instants(values::<TimestampNanosecondType>(array), TimeUnit::Nanosecond, zone)
        }
        DataType::Date32 => Values::Date(values::<Date32Type>(array)),
        DataType::Duration(ArrowUnit::Second) => {
            Values::Duration(values::<DurationSecondType>(array), TimeUnit::Second)
        }
        DataType::Duration(ArrowUnit::Millisecond) => {
            Values::Duration(values::<DurationMillisecondType>(array), TimeUnit::Millisecond)
        }
        DataType::Duration(ArrowUnit::Microsecond) => {
            Values::Duration(values::<DurationMicrosecondType>(array), TimeUnit::Microsecond)
        }
        DataType::Duration(ArrowUnit::Nanosecond) => {
            Values::Duration(values::<DurationNanosecondType>(array), TimeUnit::Nanosecond)
        }
        DataType::Decimal128(_, scale) => Values::Decimal(values::<Decimal128Type>(array), *scale),
        DataType::Dictionary(key, _) => {
            macro_rules! codes {
                ($($kind:ident $width:ident $array:ident),+) => { match **key {
                    $(DataType::$kind => {
                        let dictionary = array.as_dictionary::<$array>();
                        (Integers::$width(dictionary.keys().values()), dictionary.values())
                    })+
                    _ => return Column::new(Values::Null(array.len())),
                } };
            }
            let (codes, texts) = codes!(Int8 I8 Int8Type, Int16 I16 Int16Type, Int32 I32 Int32Type, Int64 I64 Int64Type,
                UInt8 U8 UInt8Type, UInt16 U16 UInt16Type, UInt32 U32 UInt32Type, UInt64 U64 UInt64Type);
            Values::Dictionary(codes, dictionary_texts(texts))
        }
        _ => {
            nulls = None;
            Values::Null(array.len())
        }
    };
    let validity = match nulls {
        Some(nulls) if nulls.null_count() > 0 => Validity::Bits(nulls.validity(), nulls.offset()),
        _ => Validity::All,
    };
    Column::new(values).with_validity(validity)
}

fn dictionary_texts(values: &ArrayRef) -> Vec<Option<&str>> {
    match values.data_type() {
        DataType::Utf8 => values.as_string::<i32>().iter().collect(),
        DataType::LargeUtf8 => values.as_string::<i64>().iter().collect(),
        _ => values.as_string_view().iter().collect(),
    }
}

fn unexpected(error: impl std::fmt::Display) -> Error {
    Error::argument(format!("the table could not be made: {error}"))
}

/// The columns of a table that is being written.
#[derive(Default)]
struct Table {
    fields: Vec<Field>,
    columns: Vec<ArrayRef>,
}

impl Table {
    fn add(&mut self, name: impl Into<String>, column: ArrayRef, nullable: bool) {
        self.fields.push(Field::new(name, column.data_type().clone(), nullable));
        self.columns.push(column);
    }

    /// Keys and slot, each group `times` times.
    fn add_groups(&mut self, report: &Report, zone: Option<&str>, times: usize) {
        let (combinations, of_group) = report.combinations();
        let of_group: Vec<u32> = of_group.collect();
        for (at, name) in report.keys().iter().enumerate() {
            let values = combinations.iter().map(|c| &c[at]);
            self.add(name.clone(), key_column(values, &of_group, times), true);
        }
        if report.is_slotted() {
            let starts = (0..report.groups()).map(|g| report.group(g).1.unwrap_or(MISSING));
            let starts: Vec<i64> = starts.flat_map(|s| std::iter::repeat_n(s, times)).collect();
            let nulls = nulls_where(&starts, |s| *s == MISSING);
            let slots = TimestampMicrosecondArray::new(starts.into(), nulls).with_timezone(zone.unwrap_or("UTC"));
            self.add("slot", Arc::new(slots), true);
        }
    }

    fn finish(self, rows: usize) -> Result<RecordBatch> {
        for (i, field) in self.fields.iter().enumerate() {
            if self.fields[..i].iter().any(|f| f.name() == field.name()) {
                let name = field.name();
                let message = format!("a key is called `{name}`, like a column of the result; rename the key");
                return Err(Error::new(ErrorKind::InvalidOption, message).with("key", name));
            }
        }
        let options = arrow_array::RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(Arc::new(Schema::new(self.fields)), self.columns, &options)
            .map_err(unexpected)
    }
}

/// The long table of a report: a row for each group and part.
///
/// Columns: the keys, `slot` (if there are slots, in `zone`, else UTC), `measure`, `part`, `value`, `low`, `high`, `n`,
/// `numerator`, `denominator`, `unit`, `reason`, `definition`. What the report does not keep is null.
pub fn long_table(report: &Report, zone: Option<&str>) -> Result<RecordBatch> {
    let (groups, parts) = (report.groups(), report.parts());
    let mut table = Table::default();
    table.add_groups(report, zone, parts.len());
    let each = |texts: Vec<&str>| repeated(&texts, groups);
    table.add("measure", each(parts.iter().map(|(m, _)| m.as_str()).collect()), false);
    table.add("part", each(parts.iter().map(|(_, p)| p.path.as_str()).collect()), false);
    let numbers = report.numbers();
    let long = |of: fn(&Numbers) -> &[f64]| interleaved(numbers, of, groups);
    table.add("value", long(|p| &p.value), true);
    table.add("low", long(|p| &p.low), true);
    table.add("high", long(|p| &p.high), true);
    let n: Int64Array = (0..groups).flat_map(|g| numbers.iter().map(move |p| p.n.get(g).map(|n| count(*n)))).collect();
    let lacking = n.null_count() > 0;
    table.add("n", Arc::new(n), lacking);
    table.add("numerator", long(|p| &p.numerator), true);
    table.add("denominator", long(|p| &p.denominator), true);
    table.add("unit", each(parts.iter().map(|(_, p)| p.unit.name()).collect()), false);
    table.add(
        "reason",
        reasons((0..groups).flat_map(|g| numbers.iter().map(move |p| p.reason.get(g).copied().unwrap_or(u8::MAX)))),
        true,
    );
    table.add("definition", each(parts.iter().map(|(_, p)| p.definition.as_str()).collect()), false);
    table.finish(report.len())
}

/// The wide table of a report: a row for each group, a column for each part.
///
/// Columns: the keys, `slot` as in [`long_table`], and for each measure the values of its parts, each under its
/// definition id, with `<id> low` and `<id> high` if intervals are wanted, and `n` of the first part (`<measure> n` if
/// there are several measures). An id met before gets ` #2`, ` #3`, ….
pub fn wide_table(mut report: Report, zone: Option<&str>, intervals: bool) -> Result<RecordBatch> {
    let (groups, numbers) = (report.groups(), report.take_numbers());
    let mut table = Table::default();
    table.add_groups(&report, zone, 1);
    let parts = report.parts();
    let several = parts.iter().any(|(m, _)| *m != parts[0].0);
    let mut met: HashMap<String, usize> = HashMap::new();
    let mut unique = |name: String| {
        let times = met.entry(name.clone()).or_default();
        *times += 1;
        if *times == 1 { name } else { format!("{name} #{times}") }
    };
    for (at, ((measure, part), numbers)) in parts.iter().zip(numbers).enumerate() {
        let id = unique(part.definition.clone());
        table.add(&id, floats(numbers.value, groups), true);
        if intervals {
            table.add(format!("{id} low"), floats(numbers.low, groups), true);
            table.add(format!("{id} high"), floats(numbers.high, groups), true);
        }
        if report.is_first(at) {
            let name = if several { format!("{measure} n") } else { "n".to_owned() };
            table.add(unique(name), counts(numbers.n.into_iter()), false);
        }
    }
    table.finish(groups)
}

fn nulls_where<T>(values: &[T], missing: impl Fn(&T) -> bool) -> Option<NullBuffer> {
    // One vectorised look first: a bitmap is made only where there is something to mark.
    let any = values.iter().fold(false, |any, v| any | missing(v));
    any.then(|| values.iter().map(|v| !missing(v)).collect())
}

/// The numbers of all parts, group by group.
fn interleaved(numbers: &[Numbers], of: fn(&Numbers) -> &[f64], groups: usize) -> ArrayRef {
    let columns: Vec<&[f64]> = numbers.iter().map(of).collect();
    if columns.iter().any(|c| c.len() < groups) {
        return floats(Vec::new(), groups * columns.len());
    }
    let mut values = Vec::with_capacity(groups * columns.len());
    for group in 0..groups {
        values.extend(columns.iter().map(|c| c[group]));
    }
    floats(values, groups * columns.len())
}

/// NaN stands for null in the columns of a report; a column that was not kept is null throughout.
fn floats(values: Vec<f64>, rows: usize) -> ArrayRef {
    if values.len() < rows {
        return Arc::new(Float64Array::new_null(rows));
    }
    let nulls = nulls_where(&values, |v| v.is_nan());
    Arc::new(Float64Array::new(values.into(), nulls))
}

fn counts(values: impl Iterator<Item = u64>) -> ArrayRef {
    let values: ScalarBuffer<i64> = values.map(count).collect();
    Arc::new(Int64Array::new(values, None))
}

fn count(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// Texts as a dictionary, the whole list `times` times over.
fn repeated(texts: &[&str], times: usize) -> ArrayRef {
    let mut distinct: Vec<&str> = Vec::new();
    let codes: Vec<i32> = texts
        .iter()
        .map(|text| {
            let known = distinct.iter().position(|d| d == text);
            known.unwrap_or_else(|| {
                distinct.push(text);
                distinct.len() - 1
            }) as i32
        })
        .collect();
    let mut all = Vec::with_capacity(codes.len() * times);
    (0..times).for_each(|_| all.extend_from_slice(&codes));
    dictionary(Int32Array::new(all.into(), None), distinct)
}

fn reasons(reasons: impl Iterator<Item = u8>) -> ArrayRef {
    let names: Vec<&str> = Reason::ALL.iter().map(|r| r.name()).collect();
    let place = |code: u8| Reason::ALL.iter().position(|r| *r as u8 == code);
    let places: Vec<i32> = (0..=u8::MAX).map(|code| place(code).map_or(-1, |at| at as i32)).collect();
    let codes: Vec<i32> = reasons.map(|r| places[r as usize]).collect();
    let nulls = nulls_where(&codes, |c| *c < 0);
    let codes: Vec<i32> = codes.into_iter().map(|c| c.max(0)).collect();
    dictionary(Int32Array::new(codes.into(), nulls), names)
}

fn dictionary(codes: Int32Array, texts: Vec<&str>) -> ArrayRef {
    let texts: ArrayRef = Arc::new(StringArray::from(texts));
    Arc::new(DictionaryArray::<Int32Type>::new(codes, texts))
}

/// One key: whole numbers, truth values, or text as a dictionary (also where kinds are mixed).
fn key_column<'v>(values: impl Iterator<Item = &'v KeyValue> + Clone, of_group: &[u32], times: usize) -> ArrayRef {
    let spread = |codes: &dyn Fn(usize) -> i32| -> Vec<i32> {
        of_group.iter().flat_map(|c| std::iter::repeat_n(codes(*c as usize), times)).collect()
    };
    let all = |is: fn(&KeyValue) -> bool| {
        let mut there = values.clone().filter(|v| **v != KeyValue::Missing).peekable();
        there.peek().is_some() && there.all(is)
    };
    if all(|v| matches!(v, KeyValue::Integer(_))) {
        let of: Vec<Option<i64>> = values.map(|v| if let KeyValue::Integer(n) = v { Some(*n) } else { None }).collect();
        return Arc::new(spread(&|c| c as i32).into_iter().map(|c| of[c as usize]).collect::<Int64Array>());
    }
    if all(|v| matches!(v, KeyValue::Flag(_))) {
        let of: Vec<Option<bool>> = values.map(|v| if let KeyValue::Flag(b) = v { Some(*b) } else { None }).collect();
        return Arc::new(spread(&|c| c as i32).into_iter().map(|c| of[c as usize]).collect::<BooleanArray>());
    }
    let mut known: HashMap<&KeyValue, i32> = HashMap::new();
    let mut texts: Vec<String> = Vec::new();
    let codes: Vec<i32> = values
        .map(|value| match value {
            KeyValue::Missing => -1,
            value => *known.entry(value).or_insert_with(|| {
                texts.push(value.to_string());
                texts.len() as i32 - 1
            }),
        })
        .collect();
    let codes = spread(&|c| codes[c]);
    let nulls = nulls_where(&codes, |c| *c < 0);
    let codes: Vec<i32> = codes.into_iter().map(|c| c.max(0)).collect();
    let nothing = texts.is_empty();
    let texts: Vec<&str> = if nothing { vec![""] } else { texts.iter().map(String::as_str).collect() };
    dictionary(Int32Array::new(codes.into(), nulls), texts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Plan, Recipe};
    use arrow_array::{
        Date64Array, Decimal128Array, Int8Array, IntervalMonthDayNanoArray, LargeStringArray,
        TimestampMillisecondArray, TimestampNanosecondArray, TimestampSecondArray, UInt8Array, UInt32Array,
    };
    use arrow_buffer::IntervalMonthDayNano;

    fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
        RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, c)| (n, c, true))).unwrap()
    }

    fn tally(plan: &str) -> Tally<Recipe> {
        Tally::new(Plan::from_text(plan).unwrap()).unwrap()
    }

    fn pushed(plan: &str, batches: &[RecordBatch]) -> Result<Tally<Recipe>> {
        let mut tally = tally(plan);
        let reading = Reading::of(&tally);
        for batch in batches {
            tally.push(&Held::new(batch, &reading)?.batch())?;
        }
        Ok(tally)
    }

    fn bytes(plan: &str, columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
        pushed(plan, &[batch(columns)]).unwrap().save().unwrap()
    }

    const SCORES: &str = r#"{"measures": ["nps"], "keys": ["dealer"]}"#;
    const WAITS: &str = r#"{"measures": ["wait"], "every": "1h", "zone": "UTC"}"#;

    fn scores() -> ArrayRef {
        Arc::new(Int64Array::from(vec![Some(9), Some(10), None, Some(3)]))
    }

    #[test]
    fn every_kind_of_text_and_score_counts_the_same() {
        let dealers = vec![Some("north"), None, Some("south"), Some("north")];
        let text: ArrayRef = Arc::new(StringArray::from(dealers.clone()));
        let expected = bytes(SCORES, vec![("score", scores()), ("dealer", text.clone())]);
        let small = DictionaryArray::<Int8Type>::from_iter(dealers.clone());
        let views: ArrayRef = Arc::new(StringViewArray::from(vec![Some("south"), None, Some("north")]));
        let codes = UInt32Array::from(vec![2, 1, 0, 2]);
        let wide = DictionaryArray::<UInt32Type>::new(codes, views);
        let columns: Vec<ArrayRef> = vec![
            Arc::new(LargeStringArray::from(dealers.clone())),
            Arc::new(StringViewArray::from(dealers)),
            Arc::new(small),
            Arc::new(wide),
        ];
        for column in columns {
            let kind = column.data_type().clone();
            assert!(bytes(SCORES, vec![("score", scores()), ("dealer", column)]) == expected, "{kind}");
        }
        let marks: Vec<ArrayRef> = vec![
            Arc::new(Int8Array::from(vec![Some(9), Some(10), None, Some(3)])),
            Arc::new(UInt8Array::from(vec![Some(9), Some(10), None, Some(3)])),
            Arc::new(Float64Array::from(vec![Some(9.0), Some(10.0), Some(f64::NAN), Some(3.0)])),
            Arc::new(
                Decimal128Array::from(vec![Some(900), Some(1000), None, Some(300)])
                    .with_precision_and_scale(38, 2)
                    .unwrap(),
            ),
            Arc::new(DictionaryArray::<Int8Type>::new(
                Int8Array::from(vec![Some(1), Some(0), None, Some(2)]),
                Arc::new(Int64Array::from(vec![10, 9, 3])),
            )),
        ];
        for marks in marks {
            let kind = marks.data_type().clone();
            assert!(bytes(SCORES, vec![("score", marks), ("dealer", text.clone())]) == expected, "{kind}");
        }
    }

    #[test]
    fn slices_and_chunks_count_the_same() {
        let long = |from: usize, len: usize| {
            let padded: Vec<Option<i64>> =
                [Some(1), Some(2), Some(5)].into_iter().chain([Some(9), Some(10), None, Some(3)]).collect();
            let keys = ["x", "x", "x", "north", "north", "south", "north"];
            let columns = vec![
                ("score", Arc::new(Int64Array::from(padded)) as ArrayRef),
                ("dealer", Arc::new(DictionaryArray::<Int8Type>::from_iter(keys)) as ArrayRef),
            ];
            batch(columns).slice(from, len)
        };
        let whole = pushed(SCORES, &[long(3, 4)]).unwrap().save().unwrap();
        assert!(pushed(SCORES, &[long(3, 1), long(4, 2), long(6, 1)]).unwrap().save().unwrap() == whole);
    }

    #[test]
    fn every_kind_of_time_counts_the_same() {
        // 2024-01-01 12:00:00 UTC, 20.5 s, answered.
        let at = 1_704_110_400;
        let instant = |zone: &str| {
            Arc::new(TimestampMicrosecondArray::from(vec![at * 1_000_000]).with_timezone(zone)) as ArrayRef
        };
        let outcome: ArrayRef = Arc::new(StringArray::from(vec!["answered"]));
        let wait: ArrayRef = Arc::new(DurationMicrosecondArray::from(vec![20_500_000]));
        let count = |offered: &ArrayRef, wait: &ArrayRef| {
            bytes(WAITS, vec![("offered", offered.clone()), ("wait", wait.clone()), ("outcome", outcome.clone())])
        };
        let expected = count(&instant("UTC"), &wait);
        let instants: Vec<ArrayRef> = vec![
            instant("+03:00"),
            Arc::new(TimestampSecondArray::from(vec![at]).with_timezone("UTC")),
            Arc::new(TimestampMillisecondArray::from(vec![at * 1000]).with_timezone("UTC")),
            Arc::new(TimestampNanosecondArray::from(vec![at * 1_000_000_000]).with_timezone("UTC")),
            Arc::new(TimestampSecondArray::from(vec![at])), // local time in the plan's zone, UTC
        ];
        for offered in instants {
            assert!(count(&offered, &wait) == expected, "{}", offered.data_type());
        }
        let day = IntervalMonthDayNano { months: 0, days: 0, nanoseconds: 20_500_000_000 };
        let waits: Vec<ArrayRef> = vec![
            Arc::new(Float64Array::from(vec![20.5])),
            Arc::new(arrow_array::Float32Array::from(vec![20.5])),
            Arc::new(IntervalMonthDayNanoArray::from(vec![day])),
            Arc::new(Decimal128Array::from(vec![2050]).with_precision_and_scale(10, 2).unwrap()),
            Arc::new(arrow_array::DurationMillisecondArray::from(vec![20_500])),
            Arc::new(arrow_array::DurationNanosecondArray::from(vec![20_500_000_000])),
        ];
        for wait in waits {
            assert!(count(&instant("UTC"), &wait) == expected, "{}", wait.data_type());
        }
        let month: ArrayRef =
            Arc::new(IntervalMonthDayNanoArray::from(vec![IntervalMonthDayNano { months: 1, ..day }]));
        let columns = vec![("offered", instant("UTC")), ("wait", month), ("outcome", outcome.clone())];
        let error = pushed(WAITS, &[batch(columns)]).err().unwrap();
        assert_eq!((error.kind(), error.context_value("column")), (ErrorKind::BadValue, Some("wait")));
    }

    #[test]
    fn dates_choose_a_day() {
        let plan = r#"{"measures": ["nps"], "every": "1d", "zone": "Europe/Berlin"}"#;
        let count = |answered: ArrayRef| {
            bytes(plan, vec![("score", Arc::new(Int64Array::from(vec![9])) as ArrayRef), ("answered", answered)])
        };
        let days: ArrayRef = Arc::new(arrow_array::Date32Array::from(vec![19_723]));
        assert!(count(Arc::new(Date64Array::from(vec![19_723 * 86_400_000]))) == count(days));
    }

    #[test]
    fn what_cannot_be_read_is_named_only_where_it_is_used() {
        let times: ArrayRef = Arc::new(arrow_array::Time64MicrosecondArray::from(vec![1, 2, 3, 4]));
        let dealers: ArrayRef = Arc::new(StringArray::from(vec!["a"; 4]));
        let columns = |key| vec![("score", scores()), (key, dealers.clone()), ("lunch", times.clone())];
        assert!(pushed(SCORES, &[batch(columns("dealer"))]).is_ok());
        let error = pushed(r#"{"measures": ["nps"], "keys": ["lunch"]}"#, &[batch(columns("x"))]).err().unwrap();
        assert_eq!((error.kind(), error.context_value("column")), (ErrorKind::WrongType, Some("lunch")));
        let error = pushed(SCORES, &[batch(columns("dealr"))]).err().unwrap();
        assert!(error.message().contains("did you mean `dealr`"), "{error}");
    }

    #[test]
    fn measures_of_one_name_have_their_own_n() {
        let plan = r#"{"measures": ["nps", {"measure": "nps", "score": "brand", "name": "brand"}]}"#;
        let brand: ArrayRef = Arc::new(Int64Array::from(vec![Some(9), None, None, None]));
        let tally = pushed(plan, &[batch(vec![("score", scores()), ("brand", brand)])]).unwrap();
        let report = tally.report_values().unwrap();
        let wide = wide_table(report.clone(), None, false).unwrap();
        let n = |name: &str| wide.column_by_name(name).unwrap().as_primitive::<Int64Type>().value(0);
        assert_eq!((n("n"), n("n #2")), (3, 1));
        let long = long_table(&report, None).unwrap();
        let n = long.column_by_name("n").unwrap();
        assert_eq!((n.is_valid(0), n.is_null(1), n.is_valid(long.num_rows() / 2)), (true, true, true));
        assert!(long.column_by_name("reason").unwrap().is_null(0));
    }

    #[test]
    fn reports_become_tables() {
        let dealers: ArrayRef = Arc::new(StringArray::from(vec![Some("north"), None, Some("south"), Some("north")]));
        let tally = pushed(SCORES, &[batch(vec![("score", scores()), ("dealer", dealers)])]).unwrap();
        let report = tally.report(Some(0.95)).unwrap();
        let long = long_table(&report, None).unwrap();
        assert_eq!(long.num_rows(), 3 * report.parts().len());
        let names: Vec<&str> = long.schema_ref().fields().iter().map(|f| f.name().as_str()).collect::<Vec<_>>();
        let expected = "dealer measure part value low high n numerator denominator unit reason definition";
        assert_eq!(names.join(" "), expected);
        let part = |table: &RecordBatch, name: &str, row| {
            let column = table.column_by_name(name).unwrap().as_dictionary::<Int32Type>().clone();
            let texts = column.downcast_dict::<StringArray>().unwrap();
            column.is_valid(row).then(|| arrow_array::ArrayAccessor::value(&texts, row).to_owned())
        };
        assert_eq!((part(&long, "dealer", 0), part(&long, "part", 0)), (None, Some("nps".into())));
        let south = 2 * report.parts().len();
        assert_eq!(
            (part(&long, "dealer", south), part(&long, "reason", south)),
            (Some("south".into()), Some("empty".into()))
        );
        assert!(long.column_by_name("value").unwrap().is_null(south));
        let wide = wide_table(report, None, true).unwrap();
        let names: Vec<&str> = wide.schema_ref().fields().iter().map(|f| f.name().as_str()).collect();
        assert_eq!(names[..5], ["dealer", "nps", "nps low", "nps high", "n"]);
        assert_eq!(wide.column(1).as_primitive::<Float64Type>().value(0), 100.0);
        let clash = pushed(
            r#"{"measures": ["nps"], "keys": ["part"]}"#,
            &[batch(vec![("score", scores()), ("part", scores())])],
        )
        .unwrap();
        assert_eq!(long_table(&clash.report(None).unwrap(), None).unwrap_err().kind(), ErrorKind::InvalidOption);
    }
}
