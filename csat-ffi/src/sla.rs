//! Response targets (SLA): when a ticket was due, and whether it came in time.

use std::ffi::c_char;
use std::ptr;
use std::sync::atomic::AtomicBool;

use csat_core::rule::response::{Event, Pauses, Response, Sla};
use csat_core::tickets::{PauseTable, PreparedSla, TicketColumns};
use csat_core::time::{MISSING, Zone};

use crate::column::{Columns, csat_column};
use crate::error::{Done, Failure, VERDICT_NAMES, csat_error, csat_status};
use crate::guard::{Handle, free, guard, look};
use crate::input::{CSAT_NUL, check_size, input, output, slice, text};
use crate::text::csat_text;

/// Response targets with their calendars and dates. They do not change.
///
/// Threads: any number of threads may use them at once.
pub struct csat_sla {
    poisoned: AtomicBool,
    prepared: PreparedSla,
}

impl Handle for csat_sla {
    const NAME: &'static str = "sla";
    fn poisoned(&self) -> &AtomicBool {
        &self.poisoned
    }
}

/// A stretch in which a clock stands still: `from` belongs to it, `until` does not.
#[repr(C)]
pub struct csat_pause {
    /// Its first instant.
    pub from: i64,
    /// The first instant after it; `INT64_MIN` while it goes on.
    pub until: i64,
}

/// One ticket. Begin with `CSAT_TICKET_INIT`: everything missing. Instants are microseconds UTC.
#[repr(C)]
pub struct csat_ticket {
    /// `sizeof(csat_ticket)`; set by `CSAT_TICKET_INIT`.
    pub struct_size: u32,
    /// What its target depends on, from `csat_sla_prepare`.
    pub code: u32,
    /// When the clock starts.
    pub start: i64,
    /// When it was done; missing while it is not.
    pub done: i64,
    /// When it was created, which chooses the policy; missing is `start`.
    pub created: i64,
    /// The time set by the customer; missing without.
    pub requested: i64,
    /// When it is judged where it is not done; missing is not at all.
    pub as_of: i64,
    /// When the clock stood still, in any order; overlapping pauses count once.
    pub pauses: *const csat_pause,
    /// How many pauses.
    pub pause_count: usize,
}

/// What came of a ticket. Begin with `CSAT_JUDGEMENT_INIT`. Times are microseconds, `INT64_MIN` where there is none.
#[repr(C)]
pub struct csat_judgement {
    /// `sizeof(csat_judgement)`; set by `CSAT_JUDGEMENT_INIT`.
    pub struct_size: u32,
    /// One of `CSAT_VERDICT_…`.
    pub verdict: i32,
    /// When it was due.
    pub due: i64,
    /// The time used; for a time set by the customer the real time after it.
    pub elapsed: i64,
    /// What was left, negative if late.
    pub remaining: i64,
}

/// As the verdict of a row: the ticket has no start.
pub const CSAT_VERDICT_NONE: i32 = -1;

fn handle(sla: Sla) -> Done<*mut csat_sla> {
    let prepared = PreparedSla::new(sla)?;
    Ok(Box::into_raw(Box::new(csat_sla { poisoned: AtomicBool::new(false), prepared })))
}

/// Reads an SLA in TOML or JSON: `calendar`, further `calendars` by name, and `policies` with their `from` and `targets`.
/// Unknown keys are refused. `length` may be `CSAT_NUL`. Free it with `csat_sla_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_sla_new(
    sla: *const c_char,
    length: usize,
    out: *mut *mut csat_sla,
    err: *mut csat_error,
) -> csat_status {
    guard(err, || {
        let out = output(out, "out")?;
        out.put(handle(Sla::from_text(text(sla, length, "sla")?)?)?);
        Ok(())
    })
}

/// An SLA shipped with csat, by name (`slas` of `csat_catalogue_json`).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_sla_shipped(
    name: *const c_char,
    out: *mut *mut csat_sla,
    err: *mut csat_error,
) -> csat_status {
    guard(err, || {
        let out = output(out, "out")?;
        out.put(handle(Sla::named(text(name, CSAT_NUL, "name")?)?)?);
        Ok(())
    })
}

/// Frees an SLA. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_sla_free(sla: *mut csat_sla) {
    free(sla);
}

/// NULL is not known.
fn known<'a>(name: *const c_char, what: &str) -> Done<Option<&'a str>> {
    if name.is_null() { Ok(None) } else { text(name, CSAT_NUL, what).map(Some) }
}

/// The code of what a ticket's target depends on: `event` is one of `CSAT_EVENT_…`, the others are texts or NULL where
/// not known. It is good for this SLA, for any number of tickets. Texts that no target names are allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_sla_prepare(
    sla: *const csat_sla,
    event: *const c_char,
    channel: *const c_char,
    priority: *const c_char,
    segment: *const c_char,
    team: *const c_char,
    code: *mut u32,
    err: *mut csat_error,
) -> csat_status {
    look(sla, err, |handle| {
        let out = output(code, "code")?;
        let event = Event::from_name(text(event, CSAT_NUL, "event")?)?;
        let (channel, priority) = (known(channel, "channel")?, known(priority, "priority")?);
        let (segment, team) = (known(segment, "segment")?, known(team, "team")?);
        out.put(handle.prepared.code(event, channel, priority, segment, team)?);
        Ok(())
    })
}

/// When a ticket created at `start` is due, without pauses or a time set by the customer; `INT64_MIN` where no target fits.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_sla_due(
    sla: *const csat_sla,
    code: u32,
    start: i64,
    due: *mut i64,
    err: *mut csat_error,
) -> csat_status {
    look(sla, err, |handle| {
        let out = output(due, "due")?;
        out.put(handle.prepared.due(code, start)?.unwrap_or(MISSING));
        Ok(())
    })
}

/// Runs `body` with the ticket as the library knows it: code, creation and response.
fn with_ticket(ticket: *const csat_ticket, body: impl FnOnce(u32, i64, &Response<'_>) -> Done) -> Done {
    let ticket = input(ticket, "ticket")?;
    check_size::<csat_ticket>(ticket.struct_size, "ticket")?;
    let pauses = slice(ticket.pauses, ticket.pause_count, "pauses")?;
    let pauses = Pauses::unite(pauses.iter().map(|pause| (pause.from, pause.until)))?;
    let csat_ticket { code, start, done, created, requested, as_of, .. } = *ticket;
    let created = if created == MISSING { start } else { created };
    body(code, created, &Response { start, done, requested, as_of, pauses: &pauses })
}

/// Judges one ticket.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_sla_judge(
    sla: *const csat_sla,
    ticket: *const csat_ticket,
    out: *mut csat_judgement,
    err: *mut csat_error,
) -> csat_status {
    look(sla, err, |handle| {
        with_ticket(ticket, |code, created, response| {
            let place = output(out, "out")?;
            // SAFETY: `out` is neither NULL nor misaligned, which `output` checked.
            let struct_size = unsafe { ptr::addr_of!((*out).struct_size).read() };
            check_size::<csat_judgement>(struct_size, "out")?;
            let judged = handle.prepared.judge(code, created, response)?;
            place.put(csat_judgement {
                struct_size,
                verdict: judged.verdict as i32,
                due: judged.due.unwrap_or(MISSING),
                elapsed: judged.elapsed.unwrap_or(MISSING),
                remaining: judged.remaining.unwrap_or(MISSING),
            });
            Ok(())
        })
    })
}

/// How the judgement of one ticket came about, in words: every stretch counted, every pause, and the verdict.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_sla_explain(
    sla: *const csat_sla,
    ticket: *const csat_ticket,
    out: *mut csat_text,
    err: *mut csat_error,
) -> csat_status {
    look(sla, err, |handle| {
        with_ticket(ticket, |code, created, response| {
            let out = output(out, "out")?;
            out.put(csat_text::new(handle.prepared.explain(code, created, response)?));
            Ok(())
        })
    })
}

/// Judges tickets in columns. `columns` are named as those of the table `tickets`: the clock runs from `start` (or
/// `created`) to `done` (or `first_response` or `resolved`, by the event); `created` chooses the policy, `requested` is the
/// time set by the customer; `channel`, `priority`, `segment` and `team` are needed where targets differ by them.
/// `event` is one of `CSAT_EVENT_…`, or NULL where the column `event` says it. `zone` is the IANA zone of local times, or
/// NULL. `as_of` is when what is not done is judged, or missing.
///
/// `pauses` are columns of another table, or NULL: `ticket` (what the column `id` of the tickets holds, or the number of the
/// row where they have none), `from`, and `until`, which is missing while the pause goes on. Overlapping ones count once.
///
/// Every output has `rows` places, as many as the columns have, or is NULL where it is not wanted: `due`, the verdict
/// (`CSAT_VERDICT_…`; `CSAT_VERDICT_NONE` for a ticket without a start), the time used and what was left. An error names its
/// row, and nothing is written then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_sla_judge_columns(
    sla: *const csat_sla,
    columns: *const csat_column,
    column_count: usize,
    pauses: *const csat_column,
    pause_column_count: usize,
    event: *const c_char,
    zone: *const c_char,
    as_of: i64,
    rows: usize,
    due: *mut i64,
    verdict: *mut i32,
    elapsed: *mut i64,
    remaining: *mut i64,
    err: *mut csat_error,
) -> csat_status {
    look(sla, err, |handle| {
        let how = TicketColumns {
            event: known(event, "event")?.map(Event::from_name).transpose()?,
            zone: known(zone, "zone")?.map(Zone::new).transpose()?,
            as_of: (as_of != MISSING).then_some(as_of),
            ..TicketColumns::default()
        };
        let given = Columns::new(columns, column_count, |_| true)?;
        let tickets = given.batch()?;
        if tickets.rows() != rows {
            let message = format!("the columns have {} rows, the outputs {rows}", tickets.rows());
            return Err(Failure::argument(message));
        }
        for (name, out) in [("due", due), ("elapsed", elapsed), ("remaining", remaining)] {
            if !out.is_null() {
                slice(out.cast_const(), rows, name)?;
            }
        }
        if !verdict.is_null() {
            slice(verdict.cast_const(), rows, "verdict")?;
        }
        let given = Columns::new(pauses, pause_column_count, |_| true)?;
        let pauses = given.batch()?;
        let pauses = match pause_column_count {
            0 => None,
            _ => Some(PauseTable::read(&[pauses], std::slice::from_ref(&tickets), &how)?),
        };
        let judged = handle.prepared.judge_columns(&tickets, &how, pauses.as_ref())?;
        for (column, out) in [(&judged.due, due), (&judged.elapsed, elapsed), (&judged.remaining, remaining)] {
            if !out.is_null() {
                // SAFETY: `out` was checked above: it is aligned, and the caller gives `rows` places.
                unsafe { ptr::copy_nonoverlapping(column.as_ptr(), out, rows) };
            }
        }
        if !verdict.is_null() {
            for (row, code) in judged.verdict.iter().enumerate() {
                // SAFETY: as above; `row` is below `rows`.
                unsafe { verdict.add(row).write(i32::from(*code)) };
            }
        }
        Ok(())
    })
}

/// The name of a verdict, such as `met`; `unknown` for a number that is none. Static text, never freed.
#[unsafe(no_mangle)]
pub extern "C" fn csat_verdict_name(verdict: i32) -> *const c_char {
    let name = usize::try_from(verdict).ok().and_then(|at| VERDICT_NAMES.get(at));
    name.map_or(c"unknown".as_ptr(), |name| name.as_ptr())
}
