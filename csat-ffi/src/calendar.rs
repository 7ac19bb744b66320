//! Working calendars: what is open, how long it was open, and when a target is used up.

use std::ffi::c_char;
use std::sync::atomic::AtomicBool;

use csat_core::Error;
use csat_core::time::Calendar;

use crate::error::{Done, csat_error, csat_status};
use crate::guard::{Handle, free, guard, look};
use crate::input::{output, slice, text};
use crate::text::csat_text;

/// A working calendar. It does not change.
///
/// Threads: any number of threads may use it at once.
pub struct csat_calendar {
    poisoned: AtomicBool,
    calendar: Calendar,
}

impl Handle for csat_calendar {
    const NAME: &'static str = "calendar";
    fn poisoned(&self) -> &AtomicBool {
        &self.poisoned
    }
}

/// Reads a calendar in TOML or JSON: the IANA zone `time_zone`, `hours` by weekday (`{"mon": [["10:00", "19:00"]]}`; an
/// interval that ends before it begins runs overnight, 24:00 is a valid end), `holidays`, `overrides` and `breaks` of
/// single dates, `production` (a built-in production calendar, such as `ru`) and `years`. Unknown keys are refused.
/// `length` may be `CSAT_NUL`. Free the calendar with `csat_calendar_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_calendar_new(
    calendar: *const c_char,
    length: usize,
    out: *mut *mut csat_calendar,
    err: *mut csat_error,
) -> csat_status {
    guard(err, || {
        let out = output(out, "out")?;
        let calendar = Calendar::from_text(text(calendar, length, "calendar")?)?;
        out.put(Box::into_raw(Box::new(csat_calendar { poisoned: AtomicBool::new(false), calendar })));
        Ok(())
    })
}

/// Frees a calendar. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_calendar_free(calendar: *mut csat_calendar) {
    free(calendar);
}

/// Answers a question about one instant.
fn ask(
    calendar: *const csat_calendar,
    at: i64,
    out: *mut i64,
    err: *mut csat_error,
    question: impl FnOnce(&Calendar, i64) -> csat_core::Result<i64>,
) -> csat_status {
    look(calendar, err, |handle| {
        let out = output(out, "out")?;
        out.put(question(&handle.calendar, at)?);
        Ok(())
    })
}

/// Whether an instant is working time, 0 or 1: an opening is, a closing is not.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_calendar_is_open(
    calendar: *const csat_calendar,
    at: i64,
    out: *mut i32,
    err: *mut csat_error,
) -> csat_status {
    look(calendar, err, |handle| {
        let out = output(out, "out")?;
        out.put(i32::from(handle.calendar.is_open(at)?));
        Ok(())
    })
}

/// The instant itself if it is open, else the next opening. A calendar that never opens again is
/// `CSAT_STATUS_UNDEFINED`, as for the functions below.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_calendar_next_open(
    calendar: *const csat_calendar,
    at: i64,
    out: *mut i64,
    err: *mut csat_error,
) -> csat_status {
    ask(calendar, at, out, err, Calendar::next_open)
}

/// The instant itself if it lies in working time (its end included, its start not), else the latest closing before it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_calendar_previous_open(
    calendar: *const csat_calendar,
    at: i64,
    out: *mut i64,
    err: *mut csat_error,
) -> csat_status {
    ask(calendar, at, out, err, Calendar::previous_open)
}

/// The end of the current stretch of working time, or of the next one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_calendar_closing(
    calendar: *const csat_calendar,
    at: i64,
    out: *mut i64,
    err: *mut csat_error,
) -> csat_status {
    ask(calendar, at, out, err, Calendar::closing)
}

/// The working time between two instants in microseconds of real time. `from` later than `to` is an error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_calendar_elapsed(
    calendar: *const csat_calendar,
    from: i64,
    to: i64,
    out: *mut i64,
    err: *mut csat_error,
) -> csat_status {
    ask(calendar, from, out, err, |calendar, from| calendar.elapsed(from, to))
}

/// The first instant at which `duration` microseconds of working time have passed since `start`; below zero backwards.
/// What is used up exactly at closing time stays at closing time.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_calendar_add(
    calendar: *const csat_calendar,
    start: i64,
    duration: i64,
    out: *mut i64,
    err: *mut csat_error,
) -> csat_status {
    ask(calendar, start, out, err, |calendar, start| calendar.add(start, duration))
}

/// Hands a column to the caller, who sees it only when all of it could be worked out.
fn column(out: *mut i64, count: usize, fill: impl FnOnce(&mut [i64]) -> csat_core::Result<()>) -> Done {
    slice(out.cast_const(), count, "out")?;
    let mut column = Vec::new();
    let room = column.try_reserve_exact(count);
    room.map_err(|_| Error::argument(format!("no memory for a column of {count} rows")))?;
    column.resize(count, 0);
    fill(&mut column)?;
    if count > 0 {
        // SAFETY: `out` was checked: it is aligned, and the caller gives `count` places.
        unsafe { std::ptr::copy_nonoverlapping(column.as_ptr(), out, count) };
    }
    Ok(())
}

/// `csat_calendar_elapsed` for columns of `count` rows: a row with a missing end is missing. An error names its row, and
/// nothing is written then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_calendar_elapsed_column(
    calendar: *const csat_calendar,
    from: *const i64,
    to: *const i64,
    count: usize,
    out: *mut i64,
    err: *mut csat_error,
) -> csat_status {
    look(calendar, err, |handle| {
        let (from, to) = (slice(from, count, "from")?, slice(to, count, "to")?);
        column(out, count, |out| handle.calendar.elapsed_column(from, to, out))
    })
}

/// `csat_calendar_add` for a column of `count` starts: `duration_count` is 1 for one duration for all, or `count`. A row
/// with a missing start or duration is missing. An error names its row, and nothing is written then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_calendar_add_column(
    calendar: *const csat_calendar,
    starts: *const i64,
    count: usize,
    durations: *const i64,
    duration_count: usize,
    out: *mut i64,
    err: *mut csat_error,
) -> csat_status {
    look(calendar, err, |handle| {
        let starts = slice(starts, count, "starts")?;
        let durations = slice(durations, duration_count, "durations")?;
        // Before memory is asked for.
        if duration_count != 1 && duration_count != count {
            let message = format!("{duration_count} durations for {count} starts; give 1 or as many as starts");
            return Err(Error::argument(message).into());
        }
        column(out, count, |out| handle.calendar.add_column(starts, durations, out))
    })
}

/// The working time between two instants in words: every stretch counted, and the dates with hours of their own.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_calendar_explain(
    calendar: *const csat_calendar,
    from: i64,
    to: i64,
    out: *mut csat_text,
    err: *mut csat_error,
) -> csat_status {
    look(calendar, err, |handle| {
        let out = output(out, "out")?;
        out.put(csat_text::new(handle.calendar.explain(from, to)?.to_string()));
        Ok(())
    })
}
