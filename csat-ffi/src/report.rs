//! Reports: the long table of estimates.

use std::ffi::c_char;
use std::ptr;
use std::sync::atomic::AtomicBool;

use csat_core::door::Answer;
use csat_core::report::{Report, Row};
use csat_core::tally::KeyValue;
use csat_core::time::MISSING;
use csat_core::{Measure, Recipe};
use serde_json::{Map, Value};

use crate::error::{Failure, REASON_NAMES, UNIT_NAMES, csat_error, csat_status};
use crate::guard::{Handle, free, look};
use crate::input::{check_size, output};
use crate::tally::{CSAT_KEY_FLAG, CSAT_KEY_INTEGER, CSAT_KEY_MISSING, CSAT_KEY_TEXT, csat_key};
use crate::text::csat_text;

/// The estimates of a tally: one row for each group and part. It does not change any more.
///
/// Threads: any number of threads may read it at once.
pub struct csat_report {
    poisoned: AtomicBool,
    pub(crate) report: Report,
    /// The zone of its slots.
    pub(crate) zone: Option<String>,
    /// The combination of key values of each group.
    combinations: Vec<u32>,
    keys: Vec<csat_key>,
    parts: Vec<PartTexts>,
    /// What `keys` points into; never touched.
    _texts: Vec<Box<[u8]>>,
}

/// The texts of a part as C strings.
struct PartTexts {
    measure: u32,
    name: Box<[u8]>,
    path: Box<[u8]>,
    definition: Box<[u8]>,
}

impl Handle for csat_report {
    const NAME: &'static str = "report";
    fn poisoned(&self) -> &AtomicBool {
        &self.poisoned
    }
}

fn c_text(text: &str) -> Box<[u8]> {
    text.bytes().chain([0]).collect()
}

impl csat_report {
    /// A report with its C texts; `recipes` are those it was read by.
    pub(crate) fn handle(report: Report, recipes: &[Recipe], zone: Option<String>) -> *mut Self {
        let (distinct, of_groups) = report.combinations();
        let combinations = of_groups.collect();
        let (mut keys, mut texts) = (Vec::new(), Vec::new());
        for value in distinct.iter().flatten() {
            keys.push(c_key(value, &mut texts));
        }
        let measures = recipes.iter().zip(0u32..).flat_map(|(recipe, at)| recipe.parts().into_iter().map(move |_| at));
        let parts = report.parts().iter().zip(measures).map(|((name, part), measure)| PartTexts {
            measure,
            name: c_text(name),
            path: c_text(&part.path),
            definition: c_text(&part.definition),
        });
        let parts = parts.collect();
        let poisoned = AtomicBool::new(false);
        Box::into_raw(Box::new(Self { poisoned, report, zone, combinations, keys, parts, _texts: texts }))
    }
}

fn c_key(value: &KeyValue, texts: &mut Vec<Box<[u8]>>) -> csat_key {
    let (kind, integer, text) = match value {
        KeyValue::Missing => (CSAT_KEY_MISSING, 0, None),
        KeyValue::Flag(flag) => (CSAT_KEY_FLAG, i64::from(*flag), None),
        KeyValue::Integer(integer) => (CSAT_KEY_INTEGER, *integer, None),
        KeyValue::Text(text) => (CSAT_KEY_TEXT, 0, Some(text)),
    };
    let length = text.map_or(0, String::len);
    let text = text.map_or(ptr::null(), |text| {
        texts.push(c_text(text));
        texts[texts.len() - 1].as_ptr().cast()
    });
    csat_key { kind, reserved: 0, integer, text, length }
}

/// One row of a report. Begin with `CSAT_ROW_INIT`. Its pointers are good until the report is freed. Texts end with
/// NUL; numbers that do not exist are NaN and their bit of `present` is not set.
#[repr(C)]
pub struct csat_row {
    /// `sizeof(csat_row)`; set by `CSAT_ROW_INIT`.
    pub struct_size: u32,
    /// Which numbers are there: bits `CSAT_HAS_…`.
    pub present: u32,
    /// The values of the keys, in the order of the plan.
    pub keys: *const csat_key,
    /// How many keys.
    pub key_count: usize,
    /// The start of the slot in microseconds UTC; `INT64_MIN` without slots and for records that have no place.
    pub slot: i64,
    /// The number of the group, from 0.
    pub group: usize,
    /// Which measure of the plan, from 0.
    pub measure_index: u32,
    /// Which part of the report, from 0.
    pub part_index: u32,
    /// The name of the measure.
    pub measure: *const c_char,
    /// The part: words joined by `/`.
    pub part: *const c_char,
    /// One of `CSAT_UNIT_…`.
    pub unit: *const c_char,
    /// The number.
    pub value: f64,
    /// Lower limit of its interval.
    pub low: f64,
    /// Upper limit of its interval.
    pub high: f64,
    /// How many records it rests on.
    pub n: u64,
    /// Numerator, where the value is a ratio.
    pub numerator: f64,
    /// Denominator, where the value is a ratio.
    pub denominator: f64,
    /// Why there is no value or no interval: one of `CSAT_REASON_…`; NULL where both are there.
    pub reason: *const c_char,
    /// The id of the definition, such as `sl:offered:20s`; see `csat_explain`.
    pub definition: *const c_char,
}

/// `value` is there.
pub const CSAT_HAS_VALUE: u32 = 1;
/// `low` is there.
pub const CSAT_HAS_LOW: u32 = 2;
/// `high` is there.
pub const CSAT_HAS_HIGH: u32 = 4;
/// `numerator` is there.
pub const CSAT_HAS_NUMERATOR: u32 = 8;
/// `denominator` is there.
pub const CSAT_HAS_DENOMINATOR: u32 = 16;
/// `slot` is there.
pub const CSAT_HAS_SLOT: u32 = 32;

/// How many rows a report has: groups times parts.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_report_rows(
    report: *const csat_report,
    rows: *mut usize,
    err: *mut csat_error,
) -> csat_status {
    look(report, err, |handle| {
        output(rows, "rows")?.put(handle.report.len());
        Ok(())
    })
}

/// Reads one row, from 0: group by group in the order of keys and slots, part by part in the order of measures.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_report_row(
    report: *const csat_report,
    index: usize,
    row: *mut csat_row,
    err: *mut csat_error,
) -> csat_status {
    look(report, err, |handle| {
        let out = output(row, "row")?;
        // The size is read alone: the rest need not be initialised.
        let size = unsafe { ptr::addr_of!((*row).struct_size).read() };
        check_size::<csat_row>(size, "row")?;
        let rows = handle.report.len();
        if index >= rows {
            return Err(Failure::argument(format!("row {index} of a report with {rows} rows")));
        }
        let (group, part_index) = (index / handle.parts.len(), index % handle.parts.len());
        let (keys, slot) = handle.report.group(group);
        let estimate = handle.report.estimate(group, part_index);
        let part = &handle.parts[part_index];
        let numbers = [
            (estimate.value.is_some(), CSAT_HAS_VALUE),
            (estimate.low.is_some(), CSAT_HAS_LOW),
            (estimate.high.is_some(), CSAT_HAS_HIGH),
            (estimate.numerator.is_some(), CSAT_HAS_NUMERATOR),
            (estimate.denominator.is_some(), CSAT_HAS_DENOMINATOR),
            (slot.is_some(), CSAT_HAS_SLOT),
        ];
        let first = handle.combinations[group] as usize * keys.len();
        out.put(csat_row {
            struct_size: size,
            present: numbers.iter().filter(|(there, _)| *there).map(|(_, bit)| bit).sum(),
            keys: handle.keys[first..].as_ptr(),
            key_count: keys.len(),
            slot: slot.unwrap_or(MISSING),
            group,
            measure_index: part.measure,
            part_index: part_index as u32,
            measure: part.name.as_ptr().cast(),
            part: part.path.as_ptr().cast(),
            unit: UNIT_NAMES[handle.report.parts()[part_index].1.unit as usize].as_ptr(),
            value: estimate.value.unwrap_or(f64::NAN),
            low: estimate.low.unwrap_or(f64::NAN),
            high: estimate.high.unwrap_or(f64::NAN),
            n: estimate.n,
            numerator: estimate.numerator.unwrap_or(f64::NAN),
            denominator: estimate.denominator.unwrap_or(f64::NAN),
            reason: estimate.reason.map_or(ptr::null(), |reason| REASON_NAMES[reason as usize].as_ptr()),
            definition: part.definition.as_ptr().cast(),
        });
        Ok(())
    })
}

/// The whole report as a JSON list of rows with a fixed order of fields; what does not exist is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_report_json(
    report: *const csat_report,
    out: *mut csat_text,
    err: *mut csat_error,
) -> csat_status {
    look(report, err, |handle| {
        let out = output(out, "out")?;
        let rows = handle.report.rows().map(|row| row_json(handle.report.keys(), &row)).collect();
        out.put(csat_text::new(Value::Array(rows).to_string()));
        Ok(())
    })
}

fn row_json(names: &[String], row: &Row<'_>) -> Value {
    let keys: Map<String, Value> = names.iter().cloned().zip(row.keys.iter().map(key_json)).collect();
    let estimate = &row.estimate;
    let fields = [
        ("measure", Value::from(row.measure)),
        ("keys", Value::Object(keys)),
        ("slot", row.slot.answer()),
        ("part", row.part.path.answer()),
        ("value", estimate.value.answer()),
        ("low", estimate.low.answer()),
        ("high", estimate.high.answer()),
        ("n", estimate.n.answer()),
        ("numerator", estimate.numerator.answer()),
        ("denominator", estimate.denominator.answer()),
        ("unit", row.part.unit.name().answer()),
        ("definition", row.part.definition.answer()),
        ("reason", estimate.reason.map(csat_core::estimate::Reason::name).answer()),
    ];
    Value::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn key_json(value: &KeyValue) -> Value {
    match value {
        KeyValue::Missing => Value::Null,
        KeyValue::Flag(flag) => Value::from(*flag),
        KeyValue::Integer(integer) => Value::from(*integer),
        KeyValue::Text(text) => Value::from(text.as_str()),
    }
}

/// Frees a report and everything its rows point to. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_report_free(report: *mut csat_report) {
    free(report);
}
