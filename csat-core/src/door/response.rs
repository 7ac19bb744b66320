//! Response targets and call-backs: `response.*`, `callback.*`.
//!
//! An SLA is the name of a built-in policy or an object `{"calendar": …, "policies": [{"targets": [{"event":
//! "first_response", "target": "1h"}]}]}`; instants are ISO 8601 texts with an offset, durations seconds.

use serde::Deserialize;
use serde_json::Value;

use super::Answer;
use super::when::{At, duration, micros, seconds};
use crate::error::{Error, Result};
use crate::functions;
use crate::link::callback::{self, FollowUp, FollowUpKind, InTime, MissedCall, Stop, Unit};
use crate::rule::response::{
    Author, Case, Event, ExchangeStart, Judgement, Message, Pauses, Response, Sla, SlaText, TicketJudgement, TicketLog,
    Verdict, exchanges, judge_due,
};
use crate::time::{Calendar, MISSING};

functions! {
    /// Judges one response: when it was due, the verdict (met, missed, missed_early, missed_late, running, paused,
    /// overdue, rejected, no_target), seconds elapsed and remaining, and why. `done` is left out while there is none and
    /// what is not done is judged at `as_of`; `requested` is a time set by the customer; `pauses` are pairs of instants
    /// (null for an end that is not known) in which the clock stood still. `created` chooses the policy (default: `start`).
    #[example = r#"{"sla": "support_10_19", "event": "callback", "start": "2024-03-01T18:50+03:00", "done":
        "2024-03-04T10:15+03:00"}"#]
    "response.judge" (
        sla: Value, event: Event, start: At, done: Option<At> = None, requested: Option<At> = None,
        as_of: Option<At> = None, pauses: Vec<(At, Option<At>)> = Vec::new(), created: Option<At> = None,
        channel: Option<String> = None, priority: Option<String> = None, segment: Option<String> = None,
        team: Option<String> = None,
    ) => {
        let pauses = unite(&pauses)?;
        let response = Response { start: start.0, done: micros(done), requested: micros(requested), as_of: micros(as_of), pauses: &pauses };
        let created = created.unwrap_or(start).0;
        let case = case(event, created, [&channel, &priority, &segment, &team]);
        read_sla(&sla)?.judge(&case, &response)
    };
    /// How the judgement of one response came about, in words. Arguments as for `response.judge`.
    #[example = r#"{"sla": "support_10_19", "event": "callback", "start": "2024-03-01T18:50+03:00", "done":
        "2024-03-04T10:15+03:00"}"#]
    "response.explain" (
        sla: Value, event: Event, start: At, done: Option<At> = None, requested: Option<At> = None,
        as_of: Option<At> = None, pauses: Vec<(At, Option<At>)> = Vec::new(), created: Option<At> = None,
        channel: Option<String> = None, priority: Option<String> = None, segment: Option<String> = None,
        team: Option<String> = None,
    ) => {
        let pauses = unite(&pauses)?;
        let response = Response { start: start.0, done: micros(done), requested: micros(requested), as_of: micros(as_of), pauses: &pauses };
        let created = created.unwrap_or(start).0;
        let case = case(event, created, [&channel, &priority, &segment, &team]);
        read_sla(&sla)?.explain(&case, &response)
    };
    /// Judges a ticket from its messages (`{"at": …, "author": "customer" | "agent" | "automatic"}`) and its states
    /// (pairs of instant and state, in order): first response, slowest next response, the exchange that waits,
    /// resolution, and the next due time.
    #[example = r#"{"sla": {"calendar": {"time_zone": "Europe/Moscow", "hours": {"mon": [["10:00", "19:00"]],
        "tue": [["10:00", "19:00"]], "wed": [["10:00", "19:00"]], "thu": [["10:00", "19:00"]], "fri":
        [["10:00", "19:00"]]}, "holidays": ["2024-03-08"]}, "policies": [{"targets": [{"event":
        "first_response", "target": "1h"}]}]}, "created": "2024-03-01T18:40+03:00", "messages":
        [{"at": "2024-03-01T18:40+03:00", "author": "customer"}, {"at": "2024-03-04T10:30+03:00",
        "author": "agent"}]}"#]
    "response.judge_ticket" (
        sla: Value, created: At, messages: Vec<MessageText> = Vec::new(), states: Vec<(At, String)> = Vec::new(),
        first_response: Option<At> = None, resolved: Option<At> = None, as_of: Option<At> = None,
        channel: Option<String> = None, priority: Option<String> = None, segment: Option<String> = None,
        team: Option<String> = None,
    ) => {
        let messages: Vec<Message> = messages.into_iter().map(MessageText::message).collect::<Result<_>>()?;
        let states: Vec<(i64, &str)> = states.iter().map(|(at, state)| (at.0, state.as_str())).collect();
        let log = TicketLog {
            created: created.0,
            messages: &messages,
            states: &states,
            first_response: micros(first_response),
            resolved: micros(resolved),
            as_of: micros(as_of),
        };
        read_sla(&sla)?.judge_ticket(&case(Event::FirstResponse, created.0, [&channel, &priority, &segment, &team]), &log)
    };
    /// The verdict of a known due time: met at or before it, missed after it, running while it is not done.
    #[example = r#"{"due": "2024-03-04T10:30+03:00", "done": "2024-03-01T18:40+03:00"}"#]
    "response.judge_due" (due: At, done: Option<At> = None) => Ok::<_, Error>(judge_due(due.0, micros(done)));
    /// From a customer's message to the next answer of a person, exchange by exchange, with its seconds; the last one has
    /// no answer while the customer waits. `start` is `oldest_unanswered` or `latest`.
    #[example = r#"{"messages": [{"at": "2024-03-01T10:00Z", "author": "customer"}, {"at": "2024-03-01T10:20Z",
        "author": "agent"}]}"#]
    "response.exchanges" (messages: Vec<MessageText>, start: ExchangeStart = ExchangeStart::OldestUnanswered) => {
        let messages: Vec<Message> = messages.into_iter().map(MessageText::message).collect::<Result<_>>()?;
        Ok::<_, Error>(exchanges(&messages, start).into_iter().map(Exchange).collect::<Vec<_>>())
    };
    /// Seconds a ticket spent in some `states`, from its log of (instant, state) in order of time; up to `until`, by
    /// default the last entry of the log.
    #[example = r#"{"log": [["2024-03-01T10:00Z", "open"], ["2024-03-01T10:20Z", "waiting"],
        ["2024-03-01T11:00Z", "open"]], "states": ["waiting"]}"#]
    "response.time_in_states" (log: Vec<(At, String)>, states: Vec<String>, until: Option<At> = None) =>
        time_in_states(&log, &states, until);
    /// Missed calls (or numbers: `unit` = `number`) called back within `target` seconds of working time. Missed calls are
    /// `{"key": …, "at": …}`; events have a `kind` as well: callback_attempt, callback_reached, inbound_answered. `stop`:
    /// attempt, reached or reached_or_self. With `as_of` what is open and not late yet is pending; without it a miss.
    #[example = r#"{"calendar": {"time_zone": "Europe/Moscow", "hours": {"mon": [["10:00", "19:00"]], "tue":
        [["10:00", "19:00"]], "wed": [["10:00", "19:00"]], "thu": [["10:00", "19:00"]], "fri":
        [["10:00", "19:00"]]}, "holidays": ["2024-03-08"]}, "missed": [{"key": "+7", "at":
        "2024-03-01T18:40+03:00"}], "events": [{"key": "+7", "kind": "callback_attempt", "at":
        "2024-03-04T10:30+03:00"}], "target": 3600}"#]
    "callback.in_time" (
        calendar: Calendar, missed: Vec<MissedText>, events: Vec<EventText>, target: f64,
        unit: String = "call".to_owned(), stop: String = "attempt".to_owned(), as_of: Option<At> = None,
    ) => in_time(&calendar, &missed, &events, target, &unit, &stop, as_of);
}

/// A message as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MessageText {
    at: At,
    author: String,
}

impl MessageText {
    fn message(self) -> Result<Message> {
        let known = [("customer", Author::Customer), ("agent", Author::Agent), ("automatic", Author::Automatic)];
        choose("author", &self.author, &known).map(|author| Message { at: self.at.0, author })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MissedText {
    key: String,
    at: At,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EventText {
    key: String,
    kind: String,
    at: At,
}

fn read_sla(sla: &Value) -> Result<Sla> {
    match sla {
        Value::String(name) => Sla::named(name),
        other => {
            let text: SlaText =
                serde_json::from_value(other.clone()).map_err(|e| Error::argument(format!("the SLA: {e}")))?;
            Sla::new(text)
        }
    }
}

/// What a record asks for: channel, priority, segment and team, where known.
fn case(event: Event, created: i64, known: [&Option<String>; 4]) -> Case<'_> {
    let [channel, priority, segment, team] = known.map(Option::as_deref);
    Case { event, channel, priority, segment, team, created }
}

fn unite(pauses: &[(At, Option<At>)]) -> Result<Pauses> {
    Pauses::unite(pauses.iter().map(|(from, until)| (from.0, micros(*until))))
}

fn time_in_states(log: &[(At, String)], states: &[String], until: Option<At>) -> Result<f64> {
    let log: Vec<(i64, &str)> = log.iter().map(|(at, state)| (at.0, state.as_str())).collect();
    let (Some(first), Some(last)) = (log.first(), log.last()) else { return Ok(0.0) };
    let until = until.map_or(last.0, |at| at.0);
    Pauses::of_states(&log, states).map(|times| seconds(times.length(first.0, until)))
}

fn in_time(
    calendar: &Calendar,
    missed: &[MissedText],
    events: &[EventText],
    target: f64,
    unit: &str,
    stop: &str,
    as_of: Option<At>,
) -> Result<InTime> {
    let unit = choose("unit", unit, &[("call", Unit::Call), ("number", Unit::Number)])?;
    let stops = [("attempt", Stop::Attempt), ("reached", Stop::Reached), ("reached_or_self", Stop::ReachedOrSelf)];
    let stop = choose("stop", stop, &stops)?;
    let kinds = [
        ("callback_attempt", FollowUpKind::CallbackAttempt),
        ("callback_reached", FollowUpKind::CallbackReached),
        ("inbound_answered", FollowUpKind::InboundAnswered),
    ];
    let missed: Vec<MissedCall<'_>> = missed.iter().map(|m| MissedCall { key: &m.key, at: m.at.0 }).collect();
    let event = |e: &'_ EventText| Ok((choose("kind", &e.kind, &kinds)?, e.at.0));
    let found: Vec<(FollowUpKind, i64)> = events.iter().map(event).collect::<Result<_>>()?;
    let events: Vec<FollowUp<'_>> =
        events.iter().zip(found).map(|(e, (kind, at))| FollowUp { key: &e.key, kind, at }).collect();
    callback::in_time(calendar, &missed, &events, duration("target", target)?, unit, stop, micros(as_of))
}

fn choose<T: Copy>(what: &str, name: &str, known: &[(&str, T)]) -> Result<T> {
    let found = known.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    found.ok_or_else(|| Error::unknown(what, name, known.iter().map(|(known, _)| *known)))
}

/// An exchange at the door: instants and seconds.
struct Exchange((i64, i64));

impl Answer for Exchange {
    fn answer(&self) -> Value {
        let (asked, answered) = self.0;
        let waited = (answered != MISSING).then(|| seconds(answered - asked));
        object(&[("asked", At(asked).answer()), ("answered", At(answered).answer()), ("seconds", waited.answer())])
    }
}

fn object(fields: &[(&str, Value)]) -> Value {
    Value::Object(fields.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect())
}

/// Due as ISO 8601 text in UTC, times in seconds.
impl Answer for Judgement {
    fn answer(&self) -> Value {
        object(&[
            ("due", self.due.map(At).answer()),
            ("verdict", self.verdict.answer()),
            ("elapsed", self.elapsed.map(seconds).answer()),
            ("remaining", self.remaining.map(seconds).answer()),
            ("reason", self.reason.answer()),
        ])
    }
}

impl Answer for TicketJudgement {
    fn answer(&self) -> Value {
        object(&[
            ("first_response", self.first_response.answer()),
            ("next_response", self.next_response.answer()),
            ("waiting", self.waiting.answer()),
            ("resolution", self.resolution.answer()),
            ("next_due", self.next_due.map(At).answer()),
        ])
    }
}

impl Answer for Verdict {
    fn answer(&self) -> Value {
        self.name().into()
    }
}
