//! Missed call → call-back: what closed each missed call, when, and how many were closed in time.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::time::{Calendar, MISSING};

/// A missed call of a number (or any key of a customer).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MissedCall<'a> {
    /// Whose call it was.
    pub key: &'a str,
    /// When it was missed.
    pub at: i64,
}

/// What may close a missed call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FollowUpKind {
    /// A call back that nobody answered.
    CallbackAttempt,
    /// A call back that reached the customer.
    CallbackReached,
    /// The customer called again and was answered.
    InboundAnswered,
}

/// A later event of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FollowUp<'a> {
    /// Whose event it was.
    pub key: &'a str,
    /// What happened.
    pub kind: FollowUpKind,
    /// When.
    pub at: i64,
}

/// Which events close a missed call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stop {
    /// The first call back, reached or not.
    Attempt,
    /// The first call back that reached the customer.
    Reached,
    /// That, or the customer's own later call that was answered.
    ReachedOrSelf,
}

impl Stop {
    fn takes(self, kind: FollowUpKind) -> bool {
        match self {
            Stop::Attempt => kind != FollowUpKind::InboundAnswered,
            Stop::Reached => kind == FollowUpKind::CallbackReached,
            Stop::ReachedOrSelf => kind != FollowUpKind::CallbackAttempt,
        }
    }
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Every missed call.
    Call,
    /// Every number: in time only if each of its missed calls was.
    Number,
}

/// What closed a missed call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed {
    /// When; [`MISSING`] while nothing did.
    pub at: i64,
    /// What.
    pub by: Option<FollowUpKind>,
}

/// For each missed call the first event at or after it that closes it. One call back closes all missed calls before it.
/// Order of the input does not matter.
///
/// ```
/// use csat_core::link::callback::{FollowUp, FollowUpKind, MissedCall, Stop, link};
/// let missed = [MissedCall { key: "+7", at: 100 }];
/// let later = [FollowUp { key: "+7", kind: FollowUpKind::CallbackAttempt, at: 160 }];
/// assert_eq!(link(&missed, &later, Stop::Attempt)[0].at, 160);
/// assert_eq!(link(&missed, &later, Stop::Reached)[0].by, None);
/// ```
pub fn link(missed: &[MissedCall<'_>], events: &[FollowUp<'_>], stop: Stop) -> Vec<Closed> {
    let mut by_key: BTreeMap<&str, Vec<(i64, FollowUpKind)>> = BTreeMap::new();
    for event in events.iter().filter(|event| event.at != MISSING && stop.takes(event.kind)) {
        by_key.entry(event.key).or_default().push((event.at, event.kind));
    }
    for events in by_key.values_mut() {
        events.sort_unstable();
    }
    let close = |call: &MissedCall<'_>| {
        let events = by_key.get(call.key).map_or(&[][..], Vec::as_slice);
        let first = events.get(events.partition_point(|(at, _)| *at < call.at));
        first.map_or(Closed { at: MISSING, by: None }, |(at, kind)| Closed { at: *at, by: Some(*kind) })
    };
    missed.iter().map(close).collect()
}

/// What followed a missed call, each the first at or after it; [`MISSING`] where there is none. The columns `attempt`,
/// `reached` and `own` of the table of missed calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Followed {
    /// The first call back, answered or not.
    pub attempt: Vec<i64>,
    /// The first call back that reached the customer.
    pub reached: Vec<i64>,
    /// The customer's own next call that was answered.
    pub own: Vec<i64>,
}

/// What followed each missed call.
///
/// ```
/// use csat_core::link::callback::{FollowUp, FollowUpKind, MissedCall, follow};
/// let missed = [MissedCall { key: "+7", at: 100 }];
/// let later = [FollowUp { key: "+7", kind: FollowUpKind::CallbackAttempt, at: 160 }];
/// let found = follow(&missed, &later);
/// assert_eq!((found.attempt[0], found.reached[0]), (160, i64::MIN));
/// ```
pub fn follow(missed: &[MissedCall<'_>], events: &[FollowUp<'_>]) -> Followed {
    let at = |stop| link(missed, events, stop).into_iter().map(|closed| closed.at).collect::<Vec<i64>>();
    let own: Vec<FollowUp<'_>> =
        events.iter().filter(|event| event.kind == FollowUpKind::InboundAnswered).copied().collect();
    let own = link(missed, &own, Stop::ReachedOrSelf).into_iter().map(|closed| closed.at).collect();
    Followed { attempt: at(Stop::Attempt), reached: at(Stop::Reached), own }
}

/// The rows of missed calls that nothing closed by `as_of` ([`MISSING`] = ever): the list to be called now, longest
/// waiting first.
///
/// ```
/// use csat_core::link::callback::{MissedCall, Stop, never_called_back};
/// let missed = [MissedCall { key: "+7", at: 200 }, MissedCall { key: "+8", at: 100 }];
/// assert_eq!(never_called_back(&missed, &[], Stop::Reached, i64::MIN), [1, 0]);
/// ```
pub fn never_called_back(missed: &[MissedCall<'_>], events: &[FollowUp<'_>], stop: Stop, as_of: i64) -> Vec<usize> {
    let open = |at: i64| at == MISSING || (as_of != MISSING && at > as_of);
    let closed = link(missed, events, stop);
    let due = |row: &usize| open(closed[*row].at) && (as_of == MISSING || missed[*row].at <= as_of);
    let mut rows: Vec<usize> = (0..missed.len()).filter(due).collect();
    rows.sort_by_key(|row| missed[*row].at);
    rows
}

/// How many missed calls, or numbers, were closed in time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InTime {
    /// Closed within the target.
    pub hits: u64,
    /// All that are decided.
    pub counted: u64,
    /// Not closed and not late yet at `as_of`; not in `counted`.
    pub pending: u64,
}

crate::answer_fields!(InTime { hits, counted, pending });

/// Counts missed calls, or numbers, that were closed within `target` microseconds of working time.
///
/// Without `as_of` ([`MISSING`]) what was never closed is a miss; with it, what is open and not late yet is pending. A
/// number with a late call is a miss even while another of its calls is pending.
pub fn in_time(
    calendar: &Calendar,
    missed: &[MissedCall<'_>],
    events: &[FollowUp<'_>],
    target: i64,
    unit: Unit,
    stop: Stop,
    as_of: i64,
) -> Result<InTime> {
    if target <= 0 {
        return Err(Error::argument("the target of a call back must be above zero"));
    }
    let mut numbers: BTreeMap<&str, Outcome> = BTreeMap::new();
    let mut counts = InTime::default();
    for (row, (call, closed)) in missed.iter().zip(link(missed, events, stop)).enumerate() {
        let outcome =
            outcome(calendar, call.at, closed.at, target, as_of).map_err(|e| e.at(format!("missed call {row}")))?;
        match unit {
            Unit::Call => counts.add(outcome),
            Unit::Number => {
                numbers.entry(call.key).and_modify(|worst| *worst = outcome.max(*worst)).or_insert(outcome);
            }
        }
    }
    for outcome in numbers.into_values() {
        counts.add(outcome);
    }
    Ok(counts)
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Hit,
    Pending,
    Miss,
}

fn outcome(calendar: &Calendar, missed: i64, closed: i64, target: i64, as_of: i64) -> Result<Outcome> {
    let in_time = |at| calendar.elapsed(missed, at).map(|elapsed| elapsed <= target);
    Ok(if closed != MISSING && (as_of == MISSING || closed <= as_of) {
        if in_time(closed)? { Outcome::Hit } else { Outcome::Miss }
    } else if as_of != MISSING && in_time(as_of.max(missed))? {
        Outcome::Pending
    } else {
        Outcome::Miss
    })
}

impl InTime {
    fn add(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Hit => self.hits += 1,
            Outcome::Miss => {}
            Outcome::Pending => {
                self.pending += 1;
                return;
            }
        }
        self.counted += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::instant::MINUTE;

    // One number is missed at 0 and 10 min, another at 20 min. Called back (reached) at 20; the other called again at 30.
    fn count(unit: Unit, stop: Stop, as_of: i64) -> (u64, u64, u64) {
        let at = |minute: i64| minute * MINUTE;
        let missed = [("a", 10), ("a", 0), ("b", 20)].map(|(key, minute)| MissedCall { key, at: at(minute) });
        let events = [
            FollowUp { key: "b", kind: FollowUpKind::InboundAnswered, at: at(30) },
            FollowUp { key: "a", kind: FollowUpKind::CallbackReached, at: at(20) },
        ];
        let always = Calendar::always("UTC").unwrap();
        let found = in_time(&always, &missed, &events, 15 * MINUTE, unit, stop, as_of).unwrap();
        (found.hits, found.counted, found.pending)
    }

    #[test]
    fn calls_and_numbers_are_counted_by_what_closes_them() {
        assert_eq!(count(Unit::Call, Stop::Attempt, MISSING), (1, 3, 0));
        assert_eq!(count(Unit::Call, Stop::Reached, MISSING), (1, 3, 0));
        assert_eq!(count(Unit::Call, Stop::ReachedOrSelf, MISSING), (2, 3, 0));
        assert_eq!(count(Unit::Number, Stop::Attempt, MISSING), (0, 2, 0));
        assert_eq!(count(Unit::Number, Stop::ReachedOrSelf, MISSING), (1, 2, 0));
        // At minute 25 the second number has 10 minutes left; at minute 12 the first call of the first has 3.
        assert_eq!(count(Unit::Number, Stop::Attempt, 25 * MINUTE), (0, 1, 1));
        assert_eq!(count(Unit::Call, Stop::Attempt, 12 * MINUTE), (0, 0, 3));
    }

    #[test]
    fn what_was_never_closed_is_listed_oldest_first() {
        let missed = [("a", 10), ("b", 5), ("c", 7), ("a", 30)].map(|(key, at)| MissedCall { key, at });
        let event = |key, kind, at| FollowUp { key, kind, at };
        let events = [
            event("a", FollowUpKind::CallbackAttempt, 12),
            event("c", FollowUpKind::InboundAnswered, 9),
            event("a", FollowUpKind::CallbackReached, 20),
        ];
        let never = |stop, as_of| never_called_back(&missed, &events, stop, as_of);
        assert_eq!(never(Stop::ReachedOrSelf, MISSING), [1, 3]);
        assert_eq!(never(Stop::Reached, MISSING), [1, 2, 3]);
        // At 15 the second call of a is not missed yet, and its first not reached yet.
        assert_eq!(never(Stop::ReachedOrSelf, 15), [1, 0]);
        let found = follow(&missed, &events);
        assert_eq!(
            (found.attempt, found.reached),
            (vec![12, MISSING, MISSING, MISSING], vec![20, MISSING, MISSING, MISSING])
        );
        assert_eq!(found.own, [MISSING, MISSING, 9, MISSING]);
    }

    #[test]
    fn a_missing_instant_or_target_is_refused() {
        let always = Calendar::always("UTC").unwrap();
        let missed = [MissedCall { key: "a", at: MISSING }];
        let events = [FollowUp { key: "a", kind: FollowUpKind::CallbackReached, at: 5 }];
        assert!(in_time(&always, &missed, &events, MINUTE, Unit::Call, Stop::Reached, MISSING).is_err());
        assert!(in_time(&always, &[], &[], 0, Unit::Call, Stop::Reached, MISSING).is_err());
    }
}
