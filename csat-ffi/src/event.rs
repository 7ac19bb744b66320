//! Single records: a contact, an answer sheet, an evaluation, as they happen.

use std::ffi::c_char;

use csat_core::Recipe;
use csat_core::record::{MISSING_MARK, Table};
use csat_core::rule::Outcome;
use csat_core::tally::{EventFeed, PushOptions, Tally};
use csat_core::time::MISSING;

use crate::error::{Done, Failure, csat_error, csat_status};
use crate::guard::change;
use crate::input::{check_size, input, slice, texts};
use crate::tally::{Prepared, csat_push_options, csat_tally, push_options};

/// A missing flag or count.
pub const CSAT_UNKNOWN: i32 = -1;

/// As the outcome of a contact: derived from its instants.
pub const CSAT_OUTCOME_DERIVED: i32 = -1;

/// One contact. Begin with `CSAT_CONTACT_INIT`: everything missing. Instants are microseconds UTC, durations
/// microseconds, `INT64_MIN` is missing. What the plan does not read is ignored.
#[repr(C)]
pub struct csat_contact {
    /// `sizeof(csat_contact)`; set by `CSAT_CONTACT_INIT`.
    pub struct_size: u32,
    /// One of `CSAT_OUTCOME_…`; `CSAT_OUTCOME_DERIVED` derives it from `answered` and `ended`.
    pub outcome: i32,
    /// The codes of the plan's keys, in their order, from `csat_tally_prepare_key`.
    pub keys: *const u32,
    /// How many keys.
    pub key_count: usize,
    /// When it entered the queue.
    pub offered: i64,
    /// When it began, before any menu.
    pub started: i64,
    /// When it first rang at an agent.
    pub rang: i64,
    /// When an agent answered.
    pub answered: i64,
    /// When it ended or left the queue.
    pub ended: i64,
    /// Time in queue; derived from the instants where it is missing.
    pub wait: i64,
    /// Talking time.
    pub talk: i64,
    /// Time on hold.
    pub hold: i64,
    /// After-contact work.
    pub wrap: i64,
    /// How many legs it had; `CSAT_UNKNOWN` is missing.
    pub legs: i32,
    /// Whether it was handed on: 0, 1, or `CSAT_UNKNOWN`.
    pub transferred: i32,
    /// Whether it arrived in working hours: 0, 1, or `CSAT_UNKNOWN`.
    pub in_hours: i32,
    /// Must be 0.
    pub reserved: i32,
}

/// One answer sheet of a survey. Begin with `CSAT_ANSWER_INIT`.
#[repr(C)]
pub struct csat_answer {
    /// `sizeof(csat_answer)`; set by `CSAT_ANSWER_INIT`.
    pub struct_size: u32,
    /// Must be 0.
    pub reserved: i32,
    /// The codes of the plan's keys, in their order, from `csat_tally_prepare_key`.
    pub keys: *const u32,
    /// How many keys.
    pub key_count: usize,
    /// When it was asked.
    pub asked: i64,
    /// When it was answered.
    pub answered: i64,
    /// The one score of the sheet (the column `score`); `INT64_MIN` is missing.
    pub score: i64,
    /// The marks of the columns named by `csat_tally_prepare_items`; `INT64_MIN` is missing.
    pub items: *const i64,
    /// How many items.
    pub item_count: usize,
}

/// One filled quality form. Begin with `CSAT_EVALUATION_INIT`.
#[repr(C)]
pub struct csat_evaluation {
    /// `sizeof(csat_evaluation)`; set by `CSAT_EVALUATION_INIT`.
    pub struct_size: u32,
    /// The code of the column `form`, from `csat_tally_category_code`; `CSAT_UNKNOWN` is missing.
    pub form: i32,
    /// The codes of the plan's keys, in their order, from `csat_tally_prepare_key`.
    pub keys: *const u32,
    /// How many keys.
    pub key_count: usize,
    /// When the contact was evaluated.
    pub at: i64,
    /// The code of the column `form_version`; `CSAT_UNKNOWN` is missing.
    pub form_version: i32,
    /// The code of the column `contact_type`; `CSAT_UNKNOWN` is missing.
    pub contact_type: i32,
    /// The code of the column `kind`; `CSAT_UNKNOWN` is missing.
    pub kind: i32,
    /// Must be 0.
    pub reserved: i32,
    /// 0 for the first, higher after appeals; `INT64_MIN` is missing.
    pub revision: i64,
    /// The answers to the criteria named by `csat_tally_prepare_items`: the code of an option, `CSAT_NOT_APPLICABLE`, or
    /// `INT16_MIN` for no answer. In a plan with one form they are the codes of `csat_form_codes`, else those of
    /// `csat_tally_category_code`.
    pub marks: *const i16,
    /// How many marks.
    pub mark_count: usize,
}

/// The columns that a kind of record has, in the order in which they are handed on.
struct Kind {
    table: Table,
    fields: &'static [&'static str],
}

const CONTACT: Kind = Kind {
    table: Table::Contacts,
    fields: &[
        "offered",
        "started",
        "rang",
        "answered",
        "ended",
        "outcome",
        "wait",
        "talk",
        "hold",
        "wrap",
        "legs",
        "transferred",
        "in_hours",
    ],
};
const ANSWER: Kind = Kind { table: Table::Answers, fields: &["asked", "answered", "score"] };
const EVALUATION: Kind =
    Kind { table: Table::Evaluations, fields: &["at", "form", "form_version", "contact_type", "kind", "revision"] };

/// Where the values of single records go, worked out at the first of each kind.
#[derive(Clone, Default)]
pub(crate) struct Feeds {
    contact: Option<EventFeed>,
    answer: Option<EventFeed>,
    evaluation: Option<EventFeed>,
    items: Vec<String>,
    values: Vec<i64>,
    keys: Vec<u32>,
}

/// One record on its way in.
struct Event<'a> {
    fields: &'a [i64],
    keys: &'a [u32],
    options: PushOptions,
}

fn feed<'f>(
    made: &'f mut Option<EventFeed>,
    tally: &Tally<Recipe>,
    kind: &Kind,
    items: &[String],
) -> Done<&'f EventFeed> {
    let make = || {
        let table = tally.schema().table();
        if table != kind.table {
            let message = format!("this tally counts {}, not {}", table.name(), kind.table.name());
            return Err(Failure::argument(message));
        }
        let roles: Vec<&str> = kind.fields.iter().copied().chain(items.iter().map(String::as_str)).collect();
        Ok(tally.event_feed(&roles)?)
    };
    match made {
        Some(feed) => Ok(feed),
        None => Ok(made.insert(make()?)),
    }
}

/// Turns the prepared codes of a record into those of the tally.
fn current_keys(prepared: &Prepared, codes: &[u32], out: &mut Vec<u32>) -> Done {
    out.clear();
    for (at, code) in codes.iter().enumerate() {
        let Some(current) = prepared.current(at, *code) else {
            let message = format!("keys[{at}]: {code} was not prepared in this tally; use csat_tally_prepare_key");
            return Err(Failure::argument(message));
        };
        out.push(current);
    }
    Ok(())
}

fn push(
    tally: &mut Tally<Recipe>,
    prepared: &Prepared,
    feed: &EventFeed,
    keys: &mut Vec<u32>,
    event: &Event<'_>,
) -> Done {
    current_keys(prepared, event.keys, keys)?;
    Ok(tally.push_event(feed, event.fields, keys, event.options)?)
}

/// -1 is missing; other values are checked by the tally.
#[inline]
fn small(value: i32) -> i64 {
    if value == CSAT_UNKNOWN { MISSING } else { i64::from(value) }
}

fn refuse_reserved(reserved: i32) -> Done {
    if reserved == 0 { Ok(()) } else { Err(Failure::argument(format!("`reserved` is {reserved}; it must be 0"))) }
}

fn check_items(given: usize, named: usize, what: &str) -> Done {
    if given == named {
        return Ok(());
    }
    let message = format!("{given} {what}, but csat_tally_prepare_items named {named} columns");
    Err(Failure::argument(message))
}

/// The fields of a contact in the order of [`CONTACT`].
impl csat_contact {
    #[inline]
    fn fields(&self) -> Done<[i64; 13]> {
        let legs = if self.legs < CSAT_UNKNOWN { i64::MAX } else { small(self.legs) };
        if self.outcome != CSAT_OUTCOME_DERIVED && !(0..Outcome::COUNT as i32).contains(&self.outcome) {
            return Err(Failure::argument(format!("outcome: {} is none of CSAT_OUTCOME_…", self.outcome)));
        }
        if legs == i64::MAX {
            return Err(Failure::argument(format!("legs: {} is below 0", self.legs)));
        }
        Ok([
            self.offered,
            self.started,
            self.rang,
            self.answered,
            self.ended,
            small(self.outcome),
            self.wait,
            self.talk,
            self.hold,
            self.wrap,
            legs,
            small(self.transferred),
            small(self.in_hours),
        ])
    }
}

impl csat_tally {
    #[inline]
    pub(crate) fn push_contact(&mut self, contact: &csat_contact, options: PushOptions) -> Done {
        check_size::<csat_contact>(contact.struct_size, "contact")?;
        refuse_reserved(contact.reserved)?;
        let keys = slice(contact.keys, contact.key_count, "contact.keys")?;
        let fields = contact.fields()?;
        let feed = feed(&mut self.feeds.contact, &self.tally, &CONTACT, &[])?;
        let event = Event { fields: &fields, keys, options };
        push(&mut self.tally, &self.prepared, feed, &mut self.feeds.keys, &event)
    }
}

/// Counts one contact. `options` may be NULL. On an error nothing is counted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_tally_push_contact(
    tally: *mut csat_tally,
    contact: *const csat_contact,
    options: *const csat_push_options,
    err: *mut csat_error,
) -> csat_status {
    change(tally, err, |handle| handle.push_contact(input(contact, "contact")?, push_options(options)?))
}

/// Names the columns that the items of an answer sheet, or the marks of an evaluation, stand for: by csat's names or by
/// those the plan maps them to. Every one must be read by the plan.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_tally_prepare_items(
    tally: *mut csat_tally,
    names: *const *const c_char,
    count: usize,
    err: *mut csat_error,
) -> csat_status {
    change(tally, err, |handle| {
        let (plan, needs) = (handle.tally.plan(), handle.tally.schema().needs());
        let mut items: Vec<String> = Vec::with_capacity(count);
        for name in texts(names, count, "names")? {
            let found = needs.iter().find(|need| need.role == name || plan.host_name(&need.role) == name);
            let Some(need) = found else {
                let known = needs.iter().map(|need| need.role.as_str());
                return Err(csat_core::Error::unknown("column of the plan", name, known).into());
            };
            let kinds = [CONTACT, ANSWER, EVALUATION];
            let mut fields = kinds.iter().filter(|kind| kind.table == handle.tally.schema().table());
            if fields.any(|kind| kind.fields.contains(&need.role.as_str())) {
                return Err(Failure::argument(format!("`{name}` is a field of the record and no item")));
            }
            if items.contains(&need.role) {
                return Err(Failure::argument(format!("the column `{name}` is named twice")));
            }
            items.push(need.role.clone());
        }
        handle.feeds.items = items;
        handle.feeds.answer = None;
        handle.feeds.evaluation = None;
        Ok(())
    })
}

/// Counts one answer sheet. `options` may be NULL. On an error nothing is counted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_tally_push_answer(
    tally: *mut csat_tally,
    answer: *const csat_answer,
    options: *const csat_push_options,
    err: *mut csat_error,
) -> csat_status {
    change(tally, err, |handle| {
        let answer = input(answer, "answer")?;
        check_size::<csat_answer>(answer.struct_size, "answer")?;
        refuse_reserved(answer.reserved)?;
        let options = push_options(options)?;
        let keys = slice(answer.keys, answer.key_count, "answer.keys")?;
        let items = slice(answer.items, answer.item_count, "answer.items")?;
        let feeds = &mut handle.feeds;
        check_items(items.len(), feeds.items.len(), "items")?;
        feeds.values.clear();
        feeds.values.extend([answer.asked, answer.answered, answer.score]);
        feeds.values.extend(items);
        let feed = feed(&mut feeds.answer, &handle.tally, &ANSWER, &feeds.items)?;
        let event = Event { fields: &feeds.values, keys, options };
        push(&mut handle.tally, &handle.prepared, feed, &mut feeds.keys, &event)
    })
}

/// Counts one evaluation. `options` may be NULL. On an error nothing is counted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_tally_push_evaluation(
    tally: *mut csat_tally,
    evaluation: *const csat_evaluation,
    options: *const csat_push_options,
    err: *mut csat_error,
) -> csat_status {
    change(tally, err, |handle| {
        let evaluation = input(evaluation, "evaluation")?;
        check_size::<csat_evaluation>(evaluation.struct_size, "evaluation")?;
        refuse_reserved(evaluation.reserved)?;
        let options = push_options(options)?;
        let keys = slice(evaluation.keys, evaluation.key_count, "evaluation.keys")?;
        let marks = slice(evaluation.marks, evaluation.mark_count, "evaluation.marks")?;
        let feeds = &mut handle.feeds;
        check_items(marks.len(), feeds.items.len(), "marks")?;
        feeds.values.clear();
        feeds.values.extend([
            evaluation.at,
            small(evaluation.form),
            small(evaluation.form_version),
            small(evaluation.contact_type),
            small(evaluation.kind),
            evaluation.revision,
        ]);
        feeds.values.extend(marks.iter().map(|m| if *m == MISSING_MARK { MISSING } else { i64::from(*m) }));
        let feed = feed(&mut feeds.evaluation, &handle.tally, &EVALUATION, &feeds.items)?;
        let event = Event { fields: &feeds.values, keys, options };
        push(&mut handle.tally, &handle.prepared, feed, &mut feeds.keys, &event)
    })
}
