//! Asterisk `queue_log`: bytes in as they come, contacts out.

use std::collections::VecDeque;
use std::ffi::{CString, c_char};
use std::ptr;
use std::sync::atomic::AtomicBool;

use csat_core::door::Answer;
use csat_core::record::queue_log::{QueueContact, QueueLog, QueueLogOptions, Remark};
use csat_core::rule::Outcome;
use csat_core::tally::{KeyValue, PushOptions};
use csat_core::time::MISSING;
use csat_core::{Error, ErrorKind};
use serde_json::{Map, Value, json};

use crate::error::{Done, Failure, csat_error, csat_status};
use crate::event::{CSAT_UNKNOWN, csat_contact};
use crate::guard::{Handle, change, free, guard, look, try_change};
use crate::input::{check_size, output, slice, text};
use crate::tally::csat_tally;
use crate::text::csat_text;

/// Reads an Asterisk `queue_log`: bytes in, contacts out. It reads no file and no clock; the host does.
///
/// Threads: one thread at a time; it may be another one each time.
pub struct csat_queue_log {
    poisoned: AtomicBool,
    log: QueueLog,
    /// The bytes of a line that is not complete: they may end inside a character.
    partial: Vec<u8>,
    ready: VecDeque<QueueContact>,
    /// What the last contact handed out points to.
    texts: Vec<CString>,
}

/// A line longer than this is no line of a queue log.
const LONGEST_LINE: usize = 65_536;

impl Handle for csat_queue_log {
    const NAME: &'static str = "log";
    fn poisoned(&self) -> &AtomicBool {
        &self.poisoned
    }
}

impl csat_queue_log {
    fn push(&mut self, bytes: &[u8]) {
        let Some(end) = bytes.iter().rposition(|b| *b == b'\n') else { return self.keep(bytes) };
        let (lines, rest) = bytes.split_at(end + 1);
        self.partial.extend_from_slice(lines);
        self.flush();
        self.keep(rest);
    }

    fn keep(&mut self, bytes: &[u8]) {
        self.partial.extend_from_slice(bytes);
        if self.partial.len() > LONGEST_LINE {
            self.flush();
        }
    }

    fn flush(&mut self) {
        self.log.push_text(&String::from_utf8_lossy(&self.partial));
        self.partial.clear();
    }

    fn refill(&mut self) {
        if self.ready.is_empty() {
            self.ready.extend(self.log.drain());
        }
    }
}

/// A contact of a queue log. Begin with `CSAT_QUEUE_CONTACT_INIT`. Texts end with NUL, are NULL where there is none, and
/// are good until the next call with the log that is not `const`. Instants are microseconds UTC, durations microseconds,
/// `INT64_MIN` is missing.
#[repr(C)]
pub struct csat_queue_contact {
    /// `sizeof(csat_queue_contact)`; set by `CSAT_QUEUE_CONTACT_INIT`.
    pub struct_size: u32,
    /// One of `CSAT_OUTCOME_…`.
    pub outcome: i32,
    /// The unique id of the caller's channel.
    pub call_id: *const c_char,
    /// The queue.
    pub queue: *const c_char,
    /// Who answered.
    pub agent: *const c_char,
    /// The caller's number as logged.
    pub caller: *const c_char,
    /// The key with which the caller left.
    pub exit_key: *const c_char,
    /// The event that ended it.
    pub ended_by: *const c_char,
    /// When it entered the queue.
    pub offered: i64,
    /// When an agent's phone first rang.
    pub rang: i64,
    /// When it was connected to an agent.
    pub answered: i64,
    /// When the visit ended.
    pub ended: i64,
    /// Time in queue.
    pub wait: i64,
    /// Talking time, hold included.
    pub talk: i64,
    /// How many visits it consists of.
    pub legs: i32,
    /// Whether a conversation ended in a transfer: 0 or 1.
    pub transferred: i32,
    /// How many rings no agent took up.
    pub ring_no_answers: i32,
    /// The place in the queue on entry; `CSAT_UNKNOWN` is missing.
    pub position: i32,
}

impl csat_queue_contact {
    fn new(contact: &QueueContact, texts: &mut Vec<CString>) -> Done<Self> {
        let mut c_text = |text: Option<&str>| {
            let Some(text) = text else { return ptr::null() };
            let text: Vec<u8> = text.bytes().filter(|b| *b != 0).collect();
            texts.push(CString::new(text).unwrap_or_default());
            texts[texts.len() - 1].as_ptr()
        };
        let small = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
        Ok(Self {
            struct_size: size_of::<Self>() as u32,
            outcome: Outcome::from_name(contact.outcome)? as i32,
            call_id: c_text(Some(&contact.call_id)),
            queue: c_text(Some(&contact.queue)),
            agent: c_text(contact.agent.as_deref()),
            caller: c_text(contact.caller.as_deref()),
            exit_key: c_text(contact.exit_key.as_deref()),
            ended_by: c_text(contact.ended_by),
            offered: contact.offered,
            rang: contact.rang.unwrap_or(MISSING),
            answered: contact.answered.unwrap_or(MISSING),
            ended: contact.ended.unwrap_or(MISSING),
            wait: contact.wait.unwrap_or(MISSING),
            talk: contact.talk.unwrap_or(MISSING),
            legs: small(contact.legs),
            transferred: i32::from(contact.transferred),
            ring_no_answers: small(contact.ring_no_answers),
            position: contact.position.map_or(CSAT_UNKNOWN, small),
        })
    }
}

/// Makes a reader that has seen nothing. `options` is NULL or JSON: `{"zone": "Europe/Berlin"}` for logs with local times
/// and `{"stitch_gap_seconds": 60}` to make one contact of a call's visits to several queues.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_queue_log_new(
    options: *const c_char,
    length: usize,
    out: *mut *mut csat_queue_log,
    err: *mut csat_error,
) -> csat_status {
    guard(err, || {
        let out = output(out, "out")?;
        let options = if options.is_null() { "{}" } else { text(options, length, "options")? };
        let handle = csat_queue_log {
            poisoned: AtomicBool::new(false),
            log: QueueLog::new(read_options(options)?),
            partial: Vec::new(),
            ready: VecDeque::new(),
            texts: Vec::new(),
        };
        out.put(Box::into_raw(Box::new(handle)));
        Ok(())
    })
}

fn read_options(text: &str) -> Done<QueueLogOptions> {
    let invalid = |m: String| Failure::new(ErrorKind::InvalidOption.code(), m);
    let map: Map<String, Value> = serde_json::from_str(text)
        .map_err(|e| Failure::new(ErrorKind::BadText.code(), format!("`options` is not a JSON object: {e}")))?;
    let mut options = QueueLogOptions::default();
    for (name, value) in &map {
        match (name.as_str(), value) {
            (_, Value::Null) => {}
            ("zone", Value::String(zone)) => {
                let unknown = || Error::new(ErrorKind::UnknownName, format!("unknown time zone `{zone}`"));
                options.zone = Some(zone.parse().map_err(|_| unknown())?);
            }
            ("stitch_gap_seconds", value) => {
                let micros = value.as_u64().and_then(|seconds| seconds.checked_mul(1_000_000));
                let gap =
                    micros.ok_or_else(|| invalid(format!("`stitch_gap_seconds` is {value}, not whole seconds")))?;
                options.stitch_gap = Some(gap);
            }
            ("zone", other) => return Err(invalid(format!("`zone` is {other}, not the name of a zone"))),
            (other, _) => return Err(Error::unknown("option", other, ["zone", "stitch_gap_seconds"]).into()),
        }
    }
    Ok(options)
}

/// Frees a reader. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_queue_log_free(log: *mut csat_queue_log) {
    free(log);
}

/// Takes bytes of the log, cut anywhere. Lines that cannot be used are counted (`csat_queue_log_counts_json`), never an
/// error; bytes that are not UTF-8 are replaced.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_queue_log_push(
    log: *mut csat_queue_log,
    bytes: *const c_char,
    length: usize,
    err: *mut csat_error,
) -> csat_status {
    change(log, err, |handle| {
        handle.push(slice(bytes.cast(), length, "bytes")?);
        Ok(())
    })
}

/// The log ends here: a line without an end is set aside, stitched contacts wait for no further visit.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_queue_log_finish(log: *mut csat_queue_log, err: *mut csat_error) -> csat_status {
    change(log, err, |handle| {
        handle.flush();
        handle.log.finish();
        Ok(())
    })
}

/// Takes the next complete contact. `*has` is 1 if there was one, else 0 and `out` is left alone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_queue_log_next_contact(
    log: *mut csat_queue_log,
    out: *mut csat_queue_contact,
    has: *mut i32,
    err: *mut csat_error,
) -> csat_status {
    change(log, err, |handle| {
        let (place, has) = (output(out, "out")?, output(has, "has")?);
        let size = unsafe { ptr::addr_of!((*out).struct_size).read() };
        check_size::<csat_queue_contact>(size, "out")?;
        handle.refill();
        if let Some(contact) = handle.ready.front() {
            handle.texts.clear();
            place.put(csat_queue_contact::new(contact, &mut handle.texts)?);
            handle.ready.pop_front();
            has.put(1);
        } else {
            has.put(0);
        }
        Ok(())
    })
}

/// Counts all complete contacts that were not taken yet in a tally of contacts. Its keys may be `queue`, `agent`,
/// `customer` (the caller) and `id`. `*count` receives how many were counted. A contact that cannot be counted is an
/// error and left out; call again for those after it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_queue_log_count_into(
    log: *mut csat_queue_log,
    tally: *mut csat_tally,
    count: *mut usize,
    err: *mut csat_error,
) -> csat_status {
    change(log, err, |handle| {
        let count = output(count, "count")?;
        try_change(tally, |tally| {
            let mut counted = 0;
            handle.refill();
            while let Some(contact) = handle.ready.pop_front() {
                count_contact(tally, &contact, PushOptions::default())?;
                counted += 1;
            }
            count.put(counted);
            Ok(())
        })
    })
}

/// Counts the contacts that wait now, looked at at `as_of` (microseconds UTC). They are not taken out of the log: use a
/// copy of the tally (`csat_tally_empty_like` and `csat_tally_merge`) for a live report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_queue_log_waiting_into(
    log: *const csat_queue_log,
    tally: *mut csat_tally,
    as_of: i64,
    count: *mut usize,
    err: *mut csat_error,
) -> csat_status {
    look(log, err, |handle| {
        let count = output(count, "count")?;
        try_change(tally, |tally| {
            let waiting = handle.log.waiting();
            let options = PushOptions { as_of: Some(as_of).filter(|at| *at != MISSING), ..PushOptions::default() };
            for contact in &waiting {
                count_contact(tally, contact, options)?;
            }
            count.put(waiting.len());
            Ok(())
        })
    })
}

fn count_contact(tally: &mut csat_tally, contact: &QueueContact, options: PushOptions) -> Done {
    let names: Vec<String> = tally.tally.plan().keys.clone();
    let mut keys = Vec::with_capacity(names.len());
    for (at, name) in names.iter().enumerate() {
        let value = match name.as_str() {
            "queue" => Some(&contact.queue),
            "agent" => contact.agent.as_ref(),
            "customer" => contact.caller.as_ref(),
            "id" => Some(&contact.call_id),
            other => {
                let known = ["queue", "agent", "customer", "id"];
                return Err(Error::unknown("column of a queue log", other, known).into());
            }
        };
        let value = value.map_or(KeyValue::Missing, |text| KeyValue::Text(text.clone()));
        keys.push(tally.prepared.code(&mut tally.tally, at, value)?);
    }
    let record = csat_contact {
        struct_size: size_of::<csat_contact>() as u32,
        outcome: Outcome::from_name(contact.outcome)? as i32,
        keys: keys.as_ptr(),
        key_count: keys.len(),
        offered: contact.offered,
        started: MISSING,
        rang: contact.rang.unwrap_or(MISSING),
        answered: contact.answered.unwrap_or(MISSING),
        ended: contact.ended.unwrap_or(MISSING),
        wait: contact.wait.unwrap_or(MISSING),
        talk: contact.talk.unwrap_or(MISSING),
        hold: MISSING,
        wrap: MISSING,
        legs: i32::try_from(contact.legs).unwrap_or(i32::MAX),
        transferred: i32::from(contact.transferred),
        in_hours: CSAT_UNKNOWN,
        reserved: 0,
    };
    tally.push_contact(&record, options)
}

/// The contacts that are not complete, as JSON: `{"waiting": […], "talking": […], "between": […]}`, the longest first.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_queue_log_open_json(
    log: *const csat_queue_log,
    out: *mut csat_text,
    err: *mut csat_error,
) -> csat_status {
    look(log, err, |handle| {
        let out = output(out, "out")?;
        let log = &handle.log;
        let (waiting, talking, between) = (log.waiting().answer(), log.talking().answer(), log.between().answer());
        let value = json!({ "waiting": waiting, "talking": talking, "between": between });
        out.put(csat_text::new(value.to_string()));
        Ok(())
    })
}

/// Counts of lines and calls, and what was remarked with the first ten line numbers, as JSON.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_queue_log_counts_json(
    log: *const csat_queue_log,
    out: *mut csat_text,
    err: *mut csat_error,
) -> csat_status {
    look(log, err, |handle| {
        let out = output(out, "out")?;
        let counts = handle.log.counts();
        let remark = |r: &Remark| json!({ "reason": r.reason.name(), "count": r.count, "lines": r.lines });
        let value = json!({
            "lines": counts.lines,
            "entered": counts.entered,
            "refused": counts.refused,
            "other_events": counts.other_events,
            "set_aside": counts.set_aside,
            "remarks": handle.log.remarks().iter().map(remark).collect::<Vec<_>>(),
        });
        out.put(csat_text::new(value.to_string()));
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_may_cut_characters() {
        let line = "1700000000|1.1|поддержка|NONE|ENTERQUEUE||2001|1\n".as_bytes();
        for cut in 0..line.len() {
            let mut log = csat_queue_log {
                poisoned: AtomicBool::new(false),
                log: QueueLog::new(QueueLogOptions::default()),
                partial: Vec::new(),
                ready: VecDeque::new(),
                texts: Vec::new(),
            };
            log.push(&line[..cut]);
            log.push(&line[cut..]);
            assert_eq!(log.log.waiting()[0].queue, "поддержка", "cut at {cut}");
        }
    }
}
