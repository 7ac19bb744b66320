//! Tallies: integer counts of some measures by group, and the verbs on them.

use std::collections::HashMap;
use std::ffi::c_char;
use std::sync::atomic::AtomicBool;

use csat_core::ErrorKind;
use csat_core::record::Kind;
use csat_core::tally::{BadRows, KeyValue, PushOptions, Tally};
use csat_core::time::{Every, MISSING};
use csat_core::{Measure, Plan, Recipe};
use serde_json::{Value, json};

use crate::column::{Columns, csat_column};
use crate::error::{Done, Failure, csat_error, csat_status};
use crate::event::Feeds;
use crate::guard::{Handle, change, free, guard, look, other};
use crate::input::{CSAT_NUL, check_size, input, output, slice, text, texts};
use crate::report::csat_report;
use crate::text::{copy_out, csat_text};

/// Integer counts of some measures by group, made by a plan. The plan is JSON:
///
///     {"measures": [{"measure": NAME, OPTION: VALUE}], "keys": ["queue"], "every": "30m", "zone": "Europe/Berlin",
///      "columns": {"offered": "queued_at"}}
///
/// Measures and their options are in `csat_catalogue_json`; keys, slots (`every`), zone and names of columns may be
/// left out.
///
/// Threads: one thread at a time; it may be another one each time. Functions that take it as `const` may run at once
/// on several threads while none changes it. Count on many threads in a tally each (`csat_tally_empty_like`) and merge.
pub struct csat_tally {
    poisoned: AtomicBool,
    pub(crate) tally: Tally<Recipe>,
    pub(crate) prepared: Prepared,
    pub(crate) feeds: Feeds,
}

/// The key values a host has prepared. Its codes stay the same whatever the tally does with its own.
#[derive(Clone, Default)]
pub(crate) struct Prepared {
    keys: Vec<PreparedKey>,
}

#[derive(Clone, Default)]
struct PreparedKey {
    codes: HashMap<KeyValue, u32>,
    /// Each value with the code the tally has for it now.
    values: Vec<(KeyValue, u32)>,
}

impl Prepared {
    /// The tally's code of a prepared one.
    #[inline]
    pub(crate) fn current(&self, key: usize, code: u32) -> Option<u32> {
        self.keys.get(key)?.values.get(code as usize).map(|(_, current)| *current)
    }

    pub(crate) fn code(&mut self, tally: &mut Tally<Recipe>, key: usize, value: KeyValue) -> Done<u32> {
        let current = tally.key_code(key, &value)?;
        self.keys.resize_with(tally.plan().keys.len(), PreparedKey::default);
        let PreparedKey { codes, values } = &mut self.keys[key];
        let next = values.len() as u32;
        Ok(*codes.entry(value).or_insert_with_key(|value| {
            values.push((value.clone(), current));
            next
        }))
    }

    /// Asks the tally for its codes again; they change where it drops groups.
    fn refresh(&mut self, tally: &mut Tally<Recipe>) -> Done {
        for (at, key) in self.keys.iter_mut().enumerate() {
            for (value, current) in &mut key.values {
                *current = tally.key_code(at, value)?;
            }
        }
        Ok(())
    }
}

impl Handle for csat_tally {
    const NAME: &'static str = "tally";
    fn poisoned(&self) -> &AtomicBool {
        &self.poisoned
    }
}

impl csat_tally {
    fn handle(tally: Tally<Recipe>) -> *mut Self {
        let prepared = Prepared::default();
        Box::into_raw(Box::new(Self { poisoned: AtomicBool::new(false), tally, prepared, feeds: Feeds::default() }))
    }

    fn reads(&self, name: &str) -> bool {
        let plan = self.tally.plan();
        let needs = self.tally.schema().needs().iter().map(|need| need.role.as_str());
        needs.chain(plan.keys.iter().map(String::as_str)).any(|role| plan.host_name(role) == name)
    }

    fn zone(&self) -> Option<String> {
        self.tally.plan().zone.as_ref().map(|zone| zone.name().to_owned())
    }

    fn key_at(&self, key: &str) -> Done<usize> {
        let keys = &self.tally.plan().keys;
        let at = keys.iter().position(|k| k == key);
        at.ok_or_else(|| csat_core::Error::unknown("key", key, keys.iter().map(String::as_str)).into())
    }
}

/// How records are taken. NULL in its place, or `CSAT_PUSH_OPTIONS_INIT`, refuses bad rows.
#[repr(C)]
pub struct csat_push_options {
    /// `sizeof(csat_push_options)`; set by `CSAT_PUSH_OPTIONS_INIT`.
    pub struct_size: u32,
    /// What happens to rows that cannot be used: `CSAT_BAD_ROWS_REFUSE` or `CSAT_BAD_ROWS_SET_ASIDE`.
    pub bad_rows: i32,
    /// When contacts without an outcome are looked at; `INT64_MIN` leaves them unplaced.
    pub as_of: i64,
}

/// The call fails, names the first bad row, and counts nothing.
pub const CSAT_BAD_ROWS_REFUSE: i32 = 0;
/// Bad rows are left out, counted by reason, and the first ten are named: `csat_tally_set_aside_json`.
pub const CSAT_BAD_ROWS_SET_ASIDE: i32 = 1;

pub(crate) fn push_options(options: *const csat_push_options) -> Done<PushOptions> {
    if options.is_null() {
        return Ok(PushOptions::default());
    }
    let options = input(options, "options")?;
    check_size::<csat_push_options>(options.struct_size, "options")?;
    let bad_rows = match options.bad_rows {
        CSAT_BAD_ROWS_REFUSE => BadRows::Refuse,
        CSAT_BAD_ROWS_SET_ASIDE => BadRows::SetAside,
        other => return Err(Failure::argument(format!("options.bad_rows: {other} is none of CSAT_BAD_ROWS_…"))),
    };
    Ok(PushOptions { bad_rows, as_of: Some(options.as_of).filter(|at| *at != MISSING), ..PushOptions::default() })
}

/// A value of a key, in prepared keys and in rows of reports. Its text is a C string unless it holds a NUL itself.
#[repr(C)]
pub struct csat_key {
    /// `CSAT_KEY_MISSING`, `CSAT_KEY_TEXT`, `CSAT_KEY_INTEGER` or `CSAT_KEY_FLAG`.
    pub kind: i32,
    /// Must be 0.
    pub reserved: i32,
    /// The whole number, or 0 and 1 of a flag.
    pub integer: i64,
    /// The text; else NULL.
    pub text: *const c_char,
    /// The length of the text in bytes, or `CSAT_NUL` as an input.
    pub length: usize,
}

/// No value: a group of its own.
pub const CSAT_KEY_MISSING: i32 = 0;
/// A text.
pub const CSAT_KEY_TEXT: i32 = 1;
/// A whole number.
pub const CSAT_KEY_INTEGER: i32 = 2;
/// A truth value.
pub const CSAT_KEY_FLAG: i32 = 3;

/// Makes an empty tally of a plan. `length` may be `CSAT_NUL`. Free it with `csat_tally_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_tally_new(
    plan: *const c_char,
    length: usize,
    out: *mut *mut csat_tally,
    err: *mut csat_error,
) -> csat_status {
    guard(err, || {
        let out = output(out, "out")?;
        let plan = Plan::<Recipe>::from_text(text(plan, length, "plan")?)?;
        out.put(csat_tally::handle(Tally::new(plan)?));
        Ok(())
    })
}

/// Frees a tally. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_tally_free(tally: *mut csat_tally) {
    free(tally);
}

/// Makes an empty tally of the same plan: for another thread, process or day. Prepared codes are good for both.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_tally_empty_like(
    tally: *const csat_tally,
    out: *mut *mut csat_tally,
    err: *mut csat_error,
) -> csat_status {
    look(tally, err, |handle| {
        let out = output(out, "out")?;
        let mut tally = handle.tally.empty_like();
        let mut prepared = handle.prepared.clone();
        prepared.refresh(&mut tally)?;
        let like = csat_tally { poisoned: AtomicBool::new(false), tally, prepared, feeds: handle.feeds.clone() };
        out.put(Box::into_raw(Box::new(like)));
        Ok(())
    })
}

/// Counts a batch of records given as columns of one length. `options` may be NULL. On an error nothing is counted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_tally_push_columns(
    tally: *mut csat_tally,
    columns: *const csat_column,
    count: usize,
    options: *const csat_push_options,
    err: *mut csat_error,
) -> csat_status {
    change(tally, err, |handle| {
        let options = push_options(options)?;
        let columns = Columns::new(columns, count, |name| handle.reads(name))?;
        let pushed = handle.tally.push_with(&columns.batch()?, options);
        if pushed.is_err() {
            handle.prepared.refresh(&mut handle.tally)?;
        }
        Ok(pushed?)
    })
}

/// Prepares a text of a key, such as the name of a queue, for single records: they then carry the code. `key` is one of
/// the plan's keys. `text` NULL with length 0 is the missing value. Codes are 0, 1, 2 … in the order of preparation
/// and good as long as the tally.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_tally_prepare_key(
    tally: *mut csat_tally,
    key: *const c_char,
    value: *const c_char,
    length: usize,
    code: *mut u32,
    err: *mut csat_error,
) -> csat_status {
    change(tally, err, |handle| {
        let code = output(code, "code")?;
        let at = handle.key_at(text(key, CSAT_NUL, "key")?)?;
        let missing = value.is_null() && length == 0;
        let value = if missing { KeyValue::Missing } else { KeyValue::Text(text(value, length, "value")?.to_owned()) };
        code.put(handle.prepared.code(&mut handle.tally, at, value)?);
        Ok(())
    })
}

/// Prepares a value of a key that need not be a text; see `csat_tally_prepare_key`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_tally_prepare_key_value(
    tally: *mut csat_tally,
    key: *const c_char,
    value: *const csat_key,
    code: *mut u32,
    err: *mut csat_error,
) -> csat_status {
    change(tally, err, |handle| {
        let code = output(code, "code")?;
        let at = handle.key_at(text(key, CSAT_NUL, "key")?)?;
        let value = input(value, "value")?;
        let value = match (value.kind, value.integer) {
            (CSAT_KEY_MISSING, _) => KeyValue::Missing,
            (CSAT_KEY_TEXT, _) => KeyValue::Text(text(value.text, value.length, "value.text")?.to_owned()),
            (CSAT_KEY_INTEGER, integer) => KeyValue::Integer(integer),
            (CSAT_KEY_FLAG, flag @ 0..=1) => KeyValue::Flag(flag == 1),
            (CSAT_KEY_FLAG, other) => return Err(Failure::argument(format!("value: a flag is 0 or 1, not {other}"))),
            (other, _) => return Err(Failure::argument(format!("value.kind: {other} is none of CSAT_KEY_…"))),
        };
        code.put(handle.prepared.code(&mut handle.tally, at, value)?);
        Ok(())
    })
}

/// The code of a text in a column with a closed list of values, such as `contact_type`, for single records. `column` is
/// csat's name of the column.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_tally_category_code(
    tally: *const csat_tally,
    column: *const c_char,
    value: *const c_char,
    length: usize,
    code: *mut i32,
    err: *mut csat_error,
) -> csat_status {
    look(tally, err, |handle| {
        let code = output(code, "code")?;
        let (column, value) = (text(column, CSAT_NUL, "column")?, text(value, length, "value")?);
        let needs = handle.tally.schema().needs();
        let categories = needs.iter().filter_map(|need| match &need.kind {
            Kind::Category(vocabulary) => Some((need.role.as_str(), vocabulary)),
            _ => None,
        });
        let Some((_, vocabulary)) = categories.clone().find(|(role, _)| *role == column) else {
            return Err(csat_core::Error::unknown("category", column, categories.map(|(role, _)| role)).into());
        };
        code.put(i32::from(vocabulary.code_of_text(value)?));
        Ok(())
    })
}

/// Runs `body` with the tally and the other one; a tally with itself is a copy.
fn with_other(
    tally: *mut csat_tally,
    from: *const csat_tally,
    err: *mut csat_error,
    body: impl FnOnce(&mut Tally<Recipe>, &Tally<Recipe>) -> csat_core::Result<()>,
) -> csat_status {
    let same = std::ptr::eq(tally, from);
    change(tally, err, |handle| {
        if same {
            let copy = handle.tally.clone();
            return Ok(body(&mut handle.tally, &copy)?);
        }
        Ok(body(&mut handle.tally, &other(from, "other")?.tally)?)
    })
}

/// Adds another tally of the same plan. Merging the same tally twice counts it twice.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_tally_merge(
    tally: *mut csat_tally,
    from: *const csat_tally,
    err: *mut csat_error,
) -> csat_status {
    with_other(tally, from, err, Tally::merge)
}

/// Takes another tally of the same plan out again. Refused, and nothing changed, if a count would fall below zero.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_tally_subtract(
    tally: *mut csat_tally,
    less: *const csat_tally,
    err: *mut csat_error,
) -> csat_status {
    with_other(tally, less, err, Tally::subtract)
}

/// Pools to fewer keys and longer slots, into a new tally. `keys` are those that stay; `every` is the new length of a
/// slot such as `1h`, or NULL for no slots. Ratios come out as ratios of sums.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_tally_roll_up(
    tally: *const csat_tally,
    keys: *const *const c_char,
    count: usize,
    every: *const c_char,
    out: *mut *mut csat_tally,
    err: *mut csat_error,
) -> csat_status {
    look(tally, err, |handle| {
        let out = output(out, "out")?;
        let keys = texts(keys, count, "keys")?;
        let every = if every.is_null() { None } else { Some(text(every, CSAT_NUL, "every")?.parse::<Every>()?) };
        out.put(csat_tally::handle(handle.tally.roll_up(&keys, every)?));
        Ok(())
    })
}

/// The slots that start at or after `from` and before `until` (microseconds UTC), as a new tally. Records without a
/// slot are left out.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_tally_window(
    tally: *const csat_tally,
    from: i64,
    until: i64,
    out: *mut *mut csat_tally,
    err: *mut csat_error,
) -> csat_status {
    look(tally, err, |handle| {
        let out = output(out, "out")?;
        out.put(csat_tally::handle(handle.tally.window(from, until)?));
        Ok(())
    })
}

/// Drops the slots that start before an instant. Records without a slot stay. Prepared codes stay good.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_tally_forget(tally: *mut csat_tally, before: i64, err: *mut csat_error) -> csat_status {
    change(tally, err, |handle| {
        handle.tally.forget(before)?;
        handle.prepared.refresh(&mut handle.tally)
    })
}

/// Writes the state, plan included, to a buffer of the caller. `*size` receives the size needed; where `capacity` is
/// less, nothing else is written and the status is `CSAT_STATUS_SHORT_BUFFER`. Ask with NULL and 0. Equal states have
/// equal bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_tally_save(
    tally: *const csat_tally,
    buffer: *mut u8,
    capacity: usize,
    size: *mut usize,
    err: *mut csat_error,
) -> csat_status {
    look(tally, err, |handle| copy_out(&handle.tally.save()?, buffer, capacity, size))
}

/// Writes the state without its plan, for engines that keep one plan beside many states: `csat_tally_merge_saved` adds it
/// to a tally of the same plan, `csat_tally_load` cannot read it. The buffer is as for `csat_tally_save`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_tally_save_cells(
    tally: *const csat_tally,
    buffer: *mut u8,
    capacity: usize,
    size: *mut usize,
    err: *mut csat_error,
) -> csat_status {
    look(tally, err, |handle| copy_out(&handle.tally.save_cells()?, buffer, capacity, size))
}

/// Makes a tally from saved bytes, plan included.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_tally_load(
    bytes: *const u8,
    size: usize,
    out: *mut *mut csat_tally,
    err: *mut csat_error,
) -> csat_status {
    guard(err, || {
        let out = output(out, "out")?;
        out.put(csat_tally::handle(Tally::load(slice(bytes, size, "bytes")?)?));
        Ok(())
    })
}

/// Adds saved bytes of the same plan. On an error nothing is added.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_tally_merge_saved(
    tally: *mut csat_tally,
    bytes: *const u8,
    size: usize,
    err: *mut csat_error,
) -> csat_status {
    change(tally, err, |handle| Ok(handle.tally.merge_saved(slice(bytes, size, "bytes")?)?))
}

fn confidence(confidence: f64) -> Option<f64> {
    (!confidence.is_nan()).then_some(confidence)
}

/// Reads all estimates, with intervals at `confidence` such as 0.95, or values alone where it is NaN. Free the report
/// with `csat_report_free`; it does not need the tally any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_tally_report(
    tally: *const csat_tally,
    level: f64,
    out: *mut *mut csat_report,
    err: *mut csat_error,
) -> csat_status {
    look(tally, err, |handle| {
        let out = output(out, "out")?;
        let report = handle.tally.report(confidence(level))?;
        out.put(csat_report::handle(report, &handle.tally.plan().measures, handle.zone()));
        Ok(())
    })
}

/// Reads the same counts by other recipes: another definition, other quantiles. `recipes` is a JSON list with one recipe
/// for each measure of the plan; only options that do not change what is counted may differ.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_tally_report_as(
    tally: *const csat_tally,
    recipes: *const c_char,
    length: usize,
    level: f64,
    out: *mut *mut csat_report,
    err: *mut csat_error,
) -> csat_status {
    look(tally, err, |handle| {
        let out = output(out, "out")?;
        let recipes: Vec<Value> = serde_json::from_str(text(recipes, length, "recipes")?)
            .map_err(|e| Failure::new(ErrorKind::BadText.code(), format!("`recipes` is not a JSON list: {e}")))?;
        let recipes = recipes.iter().map(Recipe::from_plan).collect::<csat_core::Result<Vec<_>>>()?;
        let report = handle.tally.report_as(&recipes, confidence(level))?;
        out.put(csat_report::handle(report, &recipes, handle.zone()));
        Ok(())
    })
}

/// Reads the estimates as they would be with further records, which are not kept: contacts that still wait, looked at
/// at `options->as_of`, for a live report. `options` may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_tally_report_pending(
    tally: *const csat_tally,
    columns: *const csat_column,
    count: usize,
    options: *const csat_push_options,
    level: f64,
    out: *mut *mut csat_report,
    err: *mut csat_error,
) -> csat_status {
    look(tally, err, |handle| {
        let out = output(out, "out")?;
        let options = push_options(options)?;
        let columns = Columns::new(columns, count, |name| handle.reads(name))?;
        let all = handle.tally.with_pending(&columns.batch()?, options)?;
        out.put(csat_report::handle(all.report(confidence(level))?, &all.plan().measures, handle.zone()));
        Ok(())
    })
}

/// The rows set aside so far, as JSON: `{"total": 2, "counts": {REASON: 2}, "first": [{"row": 17, "message": …}]}`.
/// This is not part of the saved state.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_tally_set_aside_json(
    tally: *const csat_tally,
    out: *mut csat_text,
    err: *mut csat_error,
) -> csat_status {
    look(tally, err, |handle| {
        let out = output(out, "out")?;
        let set_aside = handle.tally.set_aside();
        let counts = set_aside.counts.iter().map(|(reason, count)| (reason.clone(), Value::from(*count)));
        let first = set_aside.first.iter().map(|(row, error)| json!({ "row": row, "message": error.message() }));
        let value = json!({
            "total": set_aside.total(),
            "counts": counts.collect::<serde_json::Map<_, _>>(),
            "first": first.collect::<Vec<_>>(),
        });
        out.put(csat_text::new(value.to_string()));
        Ok(())
    })
}

/// What the tally counts, as JSON: `plan` (all defaults written out), `footprint` (equal ones can merge), and `columns`:
/// the columns it reads from a batch, what they hold and who needs them (null: it may be left out).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_tally_describe_json(
    tally: *const csat_tally,
    out: *mut csat_text,
    err: *mut csat_error,
) -> csat_status {
    look(tally, err, |handle| {
        let out = output(out, "out")?;
        let plan = handle.tally.plan();
        let columns = handle.tally.schema().needs().iter().map(|need| {
            json!({
                "column": need.role,
                "name": plan.host_name(&need.role),
                "holds": need.kind.describe(),
                "needed_by": need.required_by,
            })
        });
        let footprint = format!("{:016x}", u64::from_be_bytes(handle.tally.footprint()));
        let columns: Vec<Value> = columns.collect();
        let value = json!({ "plan": plan.to_json()?, "footprint": footprint, "columns": columns });
        out.put(csat_text::new(value.to_string()));
        Ok(())
    })
}

/// About how many bytes the counts take.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_tally_memory(
    tally: *const csat_tally,
    bytes: *mut usize,
    err: *mut csat_error,
) -> csat_status {
    look(tally, err, |handle| {
        output(bytes, "bytes")?.put(handle.tally.memory());
        Ok(())
    })
}
