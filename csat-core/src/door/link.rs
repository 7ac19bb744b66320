//! Links on plain sequences: `link.*`.
//!
//! Columns are lists of one length. Keys are texts or whole numbers, instants ISO 8601 texts with an offset, durations
//! seconds, null is missing. Answers are columns of the same rows, to be put beside the table that a tally counts.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::Answer;
use super::when::{At, duration, micros, seconds};
use crate::error::{Error, Result};
use crate::functions;
use crate::link::callback::{self, FollowUp, FollowUpKind, MissedCall, Stop};
use crate::link::key::{codes, codes_together, pairs};
use crate::link::latest::{Answers, latest};
use crate::link::{journey, legs, notice, pivot, repeat, survey};
use crate::time::MISSING;

functions! {
    /// Repeat contacts: for each contact whether it is the first of its issue, whether the same customer (or customer
    /// and `topic`) contacted again within `window` seconds, whether it was settled, its issue, and whether the issue was
    /// settled on its first contact. Contacts younger than the window at `data_end` are null and counted as immature.
    #[example = r#"{"customer": ["a", "b", "a"], "at": ["2024-03-01T10:00Z", "2024-03-01T11:00Z",
        "2024-03-02T10:00Z"], "window": 604800}"#]
    "link.repeat" (
        customer: Vec<Key>, at: Vec<Option<At>>, window: f64, topic: Option<Vec<Key>> = None,
        data_end: Option<At> = None,
    ) => {
        let mut key = codes(keys(&customer));
        if let Some(topic) = &topic {
            key = pairs(&key, &codes(keys(topic)))?;
        }
        let window = duration("window", window)?;
        repeat::repeats(&repeat::Contacts { key: &key, at: &instants(&at), window, data_end: micros(data_end) })
    };
    /// Repeat answers of one respondent about one contact: the rows kept and how many were set aside. `repeat`: latest,
    /// first, all, or a window such as `one_per:30d`, which takes the next answer only when more than that has passed.
    /// Scores are not looked at: a latest answer that is unusable later does not bring back the one it replaced.
    #[example = r#"{"respondent": ["ann", "bob", "ann"], "contact": [7, 7, 7], "at": ["2024-03-01T10:00Z",
        "2024-03-01T11:00Z", "2024-03-01T12:00Z"]}"#]
    "link.latest" (
        respondent: Vec<Key>, at: Vec<Option<At>>, contact: Option<Vec<Key>> = None, repeat: String = "latest".to_owned(),
    ) => {
        let contact = contact.map_or_else(Vec::new, |contact| codes(keys(&contact)));
        let respondent = codes(keys(&respondent));
        latest(&Answers { respondent: &respondent, contact: &contact, at: &instants(&at) }, repeat.parse()?)
    };
    /// Long evaluations to wide ones: `evaluations` with the row of each one's first answer, and for each criterion a column
    /// of answers (null where it was not answered). A second answer to a criterion is an error.
    #[example = r#"{"evaluation": [1, 1, 2], "criterion": ["greeting", "offer", "offer"], "answer": ["yes", 3,
        null]}"#]
    "link.pivot" (evaluation: Vec<Key>, criterion: Vec<Key>, answer: Vec<Value>) =>
        pivoted(&evaluation, &criterion, &answer);
    /// Legs to contacts: first offered, first answer, last end, talk, hold and wrap summed (seconds), legs handled,
    /// transferred, and the rows of the first and of the answered leg. Contacts in the order of their first legs.
    #[example = r#"{"contact": ["x", "x", "x"], "offered": ["2024-03-01T11:00+03:00",
        "2024-03-01T11:00:05+03:00", "2024-03-01T11:03+03:00"], "answered": [null,
        "2024-03-01T11:00:10+03:00", "2024-03-01T11:03:05+03:00"], "ended":
        ["2024-03-01T11:00:10+03:00", "2024-03-01T11:03+03:00", "2024-03-01T11:05+03:00"], "agent":
        ["a", "b", "c"], "talk": [null, 170, 115]}"#]
    "link.legs" (
        contact: Vec<Key>, offered: Vec<Option<At>>, answered: Vec<Option<At>>, ended: Vec<Option<At>> = Vec::new(),
        agent: Vec<Key> = Vec::new(), talk: Vec<Option<f64>> = Vec::new(), hold: Vec<Option<f64>> = Vec::new(),
        wrap: Vec<Option<f64>> = Vec::new(),
    ) => {
        let times = [("talk", &talk), ("hold", &hold), ("wrap", &wrap)].map(|(name, column)| durations(name, column));
        let [talk, hold, wrap] = times;
        legs::stitch(&legs::Legs {
            contact: &codes(keys(&contact)), offered: &instants(&offered), answered: &instants(&answered),
            ended: &instants(&ended), agent: &codes(keys(&agent)), talk: &talk?, hold: &hold?, wrap: &wrap?,
        })
    };
    /// The way of contacts through stages: legs, hand-offs, seconds waited in each stage and in all, seconds until the last
    /// answer. Contacts in the order in which they are first seen.
    #[example = r#"{"contact": ["x", "x", "x"], "stage": ["menu", "first", "sales"], "handler": [null, "a", "b"],
        "began": ["2024-03-01T11:00+03:00", "2024-03-01T11:01+03:00", "2024-03-01T11:05+03:00"],
        "answered": [null, "2024-03-01T11:02+03:00", "2024-03-01T11:08+03:00"], "ended":
        ["2024-03-01T11:01+03:00", "2024-03-01T11:05+03:00", "2024-03-01T11:20+03:00"]}"#]
    "link.journey" (
        contact: Vec<Key>, stage: Vec<Key>, handler: Vec<Key>, began: Vec<Option<At>>, answered: Vec<Option<At>>,
        ended: Vec<Option<At>>,
    ) => journeys(&contact, &stage, &handler, [&began, &answered, &ended]);
    /// Contacts with the survey sent about each (`asked`), whether within `within` seconds of its end (`on_time`), when it
    /// was answered (`responded`), and the row of that answer.
    #[example = r#"{"contact": [1, 2], "ended": ["2024-03-01T11:00+03:00", "2024-03-01T11:00+03:00"], "invited":
        [1, 2], "sent": ["2024-03-01T11:30+03:00", "2024-03-01T11:30:01+03:00"], "answering": [2],
        "answered": ["2024-03-01T12:00+03:00"]}"#]
    "link.survey" (
        contact: Vec<Key>, ended: Vec<Option<At>>, invited: Vec<Key>, sent: Vec<Option<At>>, answering: Vec<Key>,
        answered: Vec<Option<At>>, within: f64 = 1800.0,
    ) => {
        let [contact, invited, answering] = together([&contact, &invited, &answering]);
        survey::join(&survey::Surveys {
            contact: &contact, ended: &instants(&ended), invited: &invited, sent: &instants(&sent),
            answering: &answering, answered: &instants(&answered), within: duration("within", within)?,
        })
    };
    /// Low ratings (strictly below `below`) with the first call back after each, and whether the same respondent's next
    /// rating after that call was not low any more.
    #[example = r#"{"respondent": ["a", "b", "a"], "answered": ["2024-03-01T11:00+03:00",
        "2024-03-01T11:00+03:00", "2024-03-01T18:00+03:00"], "score": [3, 4, 5], "called": ["a", "b"],
        "at": ["2024-03-01T12:00+03:00", "2024-03-01T12:00+03:00"], "below": 4}"#]
    "link.follow_up" (
        respondent: Vec<Key>, answered: Vec<Option<At>>, score: Vec<Option<f64>>, called: Vec<Key>, at: Vec<Option<At>>,
        below: f64,
    ) => {
        let [respondent, called] = together([&respondent, &called]);
        let score: Vec<f64> = score.iter().map(|score| score.unwrap_or(f64::NAN)).collect();
        survey::follow_up(&survey::FollowUps {
            respondent: &respondent, answered: &instants(&answered), score: &score, called: &called, at: &instants(&at), below,
        })
    };
    /// What followed each missed call of a number: the first call back (`attempt`), the first that reached the customer
    /// (`reached`), the customer's own next call that was answered (`own`). Kinds of events: callback_attempt,
    /// callback_reached, inbound_answered.
    #[example = r#"{"number": ["+7"], "missed": ["2024-03-01T10:00Z"], "event_number": ["+7"], "kind":
        ["callback_reached"], "at": ["2024-03-01T10:20Z"]}"#]
    "link.callback" (
        number: Vec<String>, missed: Vec<At>, event_number: Vec<String>, kind: Vec<String>, at: Vec<At>,
    ) => {
        let (calls, events) = (missed_calls(&number, &missed)?, follow_ups(&event_number, &kind, &at)?);
        Ok::<_, Error>(callback::follow(&calls, &events))
    };
    /// The rows of missed calls that nothing closed by `as_of` (default: ever), longest waiting first. `stop`: attempt,
    /// reached or reached_or_self.
    #[example = r#"{"number": ["+7", "+8"], "missed": ["2024-03-01T10:00Z", "2024-03-01T10:05Z"], "event_number":
        ["+7"], "kind": ["callback_reached"], "at": ["2024-03-01T10:20Z"]}"#]
    "link.never_called_back" (
        number: Vec<String>, missed: Vec<At>, event_number: Vec<String>, kind: Vec<String>, at: Vec<At>,
        stop: Stop = Stop::Reached, as_of: Option<At> = None,
    ) => {
        let (calls, events) = (missed_calls(&number, &missed)?, follow_ups(&event_number, &kind, &at)?);
        Ok::<_, Error>(callback::never_called_back(&calls, &events, stop, micros(as_of)))
    };
    /// Seconds from each missed call to the first notice of it, for each role.
    #[example = r#"{"call": ["x", "y"], "missed": ["2024-03-01T11:00+03:00", "2024-03-01T11:00+03:00"],
        "notice_call": ["x", "x", "y"], "role": ["seller", "head", "seller"], "sent":
        ["2024-03-01T11:00:05+03:00", "2024-03-01T11:01+03:00", "2024-03-01T10:59+03:00"]}"#]
    "link.notices" (
        call: Vec<Key>, missed: Vec<Option<At>>, notice_call: Vec<Key>, role: Vec<Key>, sent: Vec<Option<At>>,
    ) => {
        let [calls, notice_calls] = together([&call, &notice_call]);
        let found = notice::latency(&notice::Notices {
            call: &calls, missed_at: &instants(&missed), notice_call: &notice_calls, role: &codes(keys(&role)),
            sent: &instants(&sent),
        })?;
        let named = names(&role).into_iter().zip(found).map(|(role, column)| (role, all_seconds(&column)));
        Ok::<_, Error>(Value::Object(named.collect()))
    };
}

/// A key: text, a whole number, or nothing.
type Key = Option<KeyText>;

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(untagged)]
enum KeyText {
    Number(i64),
    Text(String),
}

impl KeyText {
    fn text(&self) -> String {
        match self {
            KeyText::Number(number) => number.to_string(),
            KeyText::Text(text) => text.clone(),
        }
    }
}

fn keys(column: &[Key]) -> impl Iterator<Item = Option<&KeyText>> {
    column.iter().map(Option::as_ref)
}

fn together<const N: usize>(columns: [&[Key]; N]) -> [Vec<u32>; N] {
    let borrowed = columns.map(|column| keys(column).collect::<Vec<_>>());
    codes_together(std::array::from_fn(|i| &borrowed[i][..]))
}

/// The names of keys in the order of their codes.
fn names(column: &[Key]) -> Vec<String> {
    let mut names: BTreeMap<u32, String> = BTreeMap::new();
    for (code, key) in codes(keys(column)).into_iter().zip(column) {
        if let Some(key) = key {
            names.entry(code).or_insert_with(|| key.text());
        }
    }
    names.into_values().collect()
}

fn instants(column: &[Option<At>]) -> Vec<i64> {
    column.iter().map(|at| micros(*at)).collect()
}

fn durations(what: &str, column: &[Option<f64>]) -> Result<Vec<i64>> {
    column.iter().map(|seconds| seconds.map_or(Ok(MISSING), |seconds| duration(what, seconds))).collect()
}

fn all_seconds(column: &[i64]) -> Value {
    column.iter().map(|micros| (*micros != MISSING).then(|| seconds(*micros))).collect::<Vec<_>>().answer()
}

fn all_instants(column: &[i64]) -> Value {
    column.iter().map(|at| At(*at)).collect::<Vec<_>>().answer()
}

fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>())
}

fn pivoted(evaluation: &[Key], criterion: &[Key], answer: &[Value]) -> Result<Value> {
    if answer.len() != evaluation.len() {
        return Err(Error::argument(format!("{} answers for {} rows", answer.len(), evaluation.len())));
    }
    let wide = pivot::pivot(&pivot::Long { evaluation: &codes(keys(evaluation)), criterion: &codes(keys(criterion)) })?;
    let gather =
        |rows: &Vec<Option<usize>>| rows.iter().map(|row| row.map(|row| answer[row].clone())).collect::<Vec<_>>();
    let columns = names(criterion).into_iter().zip(&wide.answers).map(|(name, rows)| (name, gather(rows).answer()));
    let answers = Value::Object(columns.collect());
    Ok(object([("evaluations", names(evaluation).answer()), ("rows", wide.rows.answer()), ("answers", answers)]))
}

fn journeys(contact: &[Key], stage: &[Key], handler: &[Key], times: [&[Option<At>]; 3]) -> Result<Value> {
    let [began, answered, ended] = times.map(instants);
    let found = journey::follow(&journey::Stages {
        contact: &codes(keys(contact)),
        stage: &codes(keys(stage)),
        handler: &codes(keys(handler)),
        began: &began,
        answered: &answered,
        ended: &ended,
    })?;
    let waits = names(stage).into_iter().zip(&found.waits).map(|(name, column)| (name, all_seconds(column)));
    Ok(object([
        ("contact", names(contact).answer()),
        ("legs", found.legs.answer()),
        ("hand_offs", found.hand_offs.answer()),
        ("waits", Value::Object(waits.collect())),
        ("waited", all_seconds(&found.waited)),
        ("to_last_answer", all_seconds(&found.to_last_answer)),
    ]))
}

fn missed_calls<'a>(number: &'a [String], missed: &[At]) -> Result<Vec<MissedCall<'a>>> {
    if number.len() != missed.len() {
        return Err(Error::argument(format!("{} numbers for {} missed calls", number.len(), missed.len())));
    }
    Ok(number.iter().zip(missed).map(|(key, at)| MissedCall { key, at: at.0 }).collect())
}

fn follow_ups<'a>(number: &'a [String], kind: &[String], at: &[At]) -> Result<Vec<FollowUp<'a>>> {
    if number.len() != kind.len() || number.len() != at.len() {
        return Err(Error::argument("`event_number`, `kind` and `at` must be equally long"));
    }
    let known = [
        ("callback_attempt", FollowUpKind::CallbackAttempt),
        ("callback_reached", FollowUpKind::CallbackReached),
        ("inbound_answered", FollowUpKind::InboundAnswered),
    ];
    let event = |((key, kind), at): ((&'a String, &String), &At)| {
        let found = known.iter().find(|(name, _)| name == kind).map(|(_, kind)| *kind);
        let kind = found.ok_or_else(|| Error::unknown("kind", kind, known.map(|(name, _)| name)))?;
        Ok(FollowUp { key, kind, at: at.0 })
    };
    number.iter().zip(kind).zip(at).map(event).collect()
}

impl Answer for legs::Contacts {
    fn answer(&self) -> Value {
        object([
            ("first_leg", self.first_leg.answer()),
            ("answered_leg", self.answered_leg.answer()),
            ("offered", all_instants(&self.offered)),
            ("answered", all_instants(&self.answered)),
            ("ended", all_instants(&self.ended)),
            ("talk", all_seconds(&self.talk)),
            ("hold", all_seconds(&self.hold)),
            ("wrap", all_seconds(&self.wrap)),
            ("legs", self.legs.answer()),
            ("transferred", self.transferred.answer()),
        ])
    }
}

impl Answer for survey::Invited {
    fn answer(&self) -> Value {
        object([
            ("asked", all_instants(&self.asked)),
            ("on_time", self.on_time.answer()),
            ("responded", all_instants(&self.responded)),
            ("answer", self.answer.answer()),
        ])
    }
}

impl Answer for survey::Followed {
    fn answer(&self) -> Value {
        let followed_up = all_instants(&self.followed_up);
        object([("low", self.low.answer()), ("followed_up", followed_up), ("recovered", self.recovered.answer())])
    }
}

impl Answer for callback::Followed {
    fn answer(&self) -> Value {
        let [attempt, reached, own] = [&self.attempt, &self.reached, &self.own].map(|column| all_instants(column));
        object([("attempt", attempt), ("reached", reached), ("own", own)])
    }
}
