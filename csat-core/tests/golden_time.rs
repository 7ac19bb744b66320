//! Vectors of working time and response targets.
//!
//! The hand-checked ones of `tests/vectors` always run. With `CSAT_VECTORS` set to a folder of reference vectors in the
//! same shapes, those run too. Where a case carries `csat`, csat differs from its source on purpose and
//! `csat.expected` holds. Keys that no line here knows are a failure, so that no option is passed over in silence.

use csat_core::link::callback::{self, FollowUp, FollowUpKind, MissedCall};
use csat_core::rule::response::{
    Author, Case, Event, ExchangeStart, Message, Pauses, Response, Sla, Target, TicketLog, exchanges, judge_due,
};
use csat_core::time::instant::{
    MINUTE, Moment, SECOND, format_date, format_utc, parse, parse_date, parse_instant, parse_time_of_day,
};
use csat_core::time::{Calendar, MISSING, Period, Zone};
use csat_core::{Error, Result};
use serde_json::{Map, Value, json};

/// A Friday; times of day without a date lie on it.
const SOME_DAY: &str = "2024-03-01T00:00Z";

fn read(path: &str) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{path}: {e}"));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{path}: {e}"))
}

fn own(name: &str) -> Value {
    read(&format!("{}/../tests/vectors/{name}", env!("CARGO_MANIFEST_DIR")))
}

fn reference(name: &str) -> Option<Value> {
    let folder = std::env::var("CSAT_VECTORS").ok();
    if folder.is_none() {
        println!("CSAT_VECTORS is not set: the reference vectors of {name} are left out");
    }
    folder.map(|folder| read(&format!("{folder}/{name}")))
}

/// The object with every key checked against a list.
fn object<'v>(value: &'v Value, known: &[&str], place: &str) -> &'v Map<String, Value> {
    let map = value.as_object().unwrap_or_else(|| panic!("{place}: not an object"));
    for key in map.keys() {
        assert!(known.contains(&key.as_str()), "{place}: unknown key `{key}`");
    }
    map
}

fn expected_of(case: &Value) -> &Value {
    case.get("csat").map_or(&case["expected"], |csat| &csat["expected"])
}

/// An answer or, for an expected error, its reason.
fn settle(answer: Result<Value>) -> Value {
    answer.unwrap_or_else(|e| json!({"error": e.context_value("reason").unwrap_or(e.message())}))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is not a text"))
}

fn integer(value: &Value) -> i64 {
    value
        .as_i64()
        .or_else(|| value.as_f64().filter(|v| v.fract() == 0.0).map(|v| v as i64))
        .unwrap_or_else(|| panic!("{value}"))
}

fn instant(value: &Value) -> i64 {
    parse_instant(text(value)).unwrap()
}

/// An instant, a missing one, or a time of day on [`SOME_DAY`].
fn clock(value: &Value) -> i64 {
    match value {
        Value::Null => MISSING,
        _ if text(value).contains('T') => instant(value),
        _ => parse_instant(SOME_DAY).unwrap() + parse_time_of_day(text(value)).unwrap(),
    }
}

fn calendar(value: &Value) -> Calendar {
    Calendar::from_text(&value.to_string()).unwrap_or_else(|e| panic!("{value}: {e}"))
}

/// The date of an argument: of itself, or of its local time.
fn date(calendar: &Calendar, value: &Value) -> i64 {
    parse_date(text(value)).unwrap_or_else(|_| calendar.zone().date_at(instant(value)))
}

fn periods(found: impl Iterator<Item = Period>, count: i64) -> Value {
    let pair = |period: Period| json!([format_utc(period.open), format_utc(period.close)]);
    found.take(count as usize).map(pair).collect()
}

fn business_time(case: &Value) -> Result<Value> {
    let calendar = calendar(&case["schedule"]);
    let (first, second) = (&case["args"][0], &case["args"][1]);
    let utc = |found: Result<i64>| found.map(|at| Value::from(format_utc(at)));
    match text(&case["op"]) {
        "elapsed_seconds" => {
            calendar.elapsed(instant(first), instant(second)).map(|elapsed| json!(elapsed as f64 / 1e6))
        }
        "add_seconds" => utc(calendar.add(instant(first), integer(second) * SECOND)),
        "is_open" => calendar.is_open(instant(first)).map(Value::from),
        "next_open" => utc(calendar.next_open(instant(first))),
        "prev_open" => utc(calendar.previous_open(instant(first))),
        "closing_time" => utc(calendar.closing(instant(first))),
        "next_opening_strictly_later" => utc(calendar.next_opening_strictly_later(instant(first))),
        "open_periods_after" => {
            calendar.open_periods_after(instant(first)).map(|found| periods(found, integer(second)))
        }
        "open_periods_before" => {
            calendar.open_periods_before(instant(first)).map(|found| periods(found, integer(second)))
        }
        "add_working_days" => match parse(text(first))? {
            Moment::Date(days) => calendar.add_working_days(days, integer(second)).map(|days| format_date(days).into()),
            _ => utc(calendar.add_working_days_to_instant(instant(first), integer(second))),
        },
        "add_business_days_keep_time" => utc(calendar.add_business_days_keep_time(instant(first), integer(second))),
        "working_days_between" => {
            calendar.working_days_between(date(&calendar, first), date(&calendar, second)).map(Value::from)
        }
        "is_working_day" => calendar.is_working_day(date(&calendar, first)).map(Value::from),
        "on_break" => calendar.on_break(instant(first)).map(Value::from),
        "on_holiday" => calendar.on_holiday(instant(first)).map(Value::from),
        op => panic!("unknown op `{op}`"),
    }
}

fn same(found: &Value, expected: &Value) -> bool {
    match (found.as_f64(), expected.as_f64()) {
        (Some(found), Some(expected)) => (found - expected).abs() < 5e-7,
        _ => found == expected,
    }
}

fn run_business_time(vectors: &Value) -> usize {
    let known =
        ["id", "source", "case", "schedule", "op", "args", "expected", "reference_agrees", "note", "csat", "worked"];
    let cases = vectors["cases"].as_array().unwrap();
    for case in cases {
        let id = text(&case["id"]);
        object(case, &known, id);
        let found = settle(business_time(case));
        assert!(same(&found, expected_of(case)), "{id}: {found}, expected {}", expected_of(case));
    }
    cases.len()
}

#[test]
fn business_time_vectors_hold() {
    assert!(run_business_time(&own("business_time.json")) >= 20);
    if let Some(vectors) = reference("business_time.json") {
        assert_eq!(run_business_time(&vectors), 210);
    }
}

/// A variant of a case: its input over that of the case, and its options.
struct Variant<'v> {
    input: Map<String, Value>,
    options: &'v Map<String, Value>,
    /// The source does something that csat does not offer; `csat.expected` holds.
    differs: bool,
    place: String,
}

impl Variant<'_> {
    fn check(&self, input: &[&str], options: &[&str]) {
        for key in self.input.keys() {
            assert!(input.contains(&key.as_str()), "{}: unknown input `{key}`", self.place);
        }
        for key in self.options.keys() {
            assert!(options.contains(&key.as_str()), "{}: unknown option `{key}`", self.place);
        }
    }

    fn option(&self, key: &str) -> &Value {
        self.options.get(key).unwrap_or(&Value::Null)
    }

    /// An option of which csat offers one value only; another one must be a stated difference.
    fn fixed(&self, key: &str, offered: &str) {
        let value = self.option(key);
        assert!(value.is_null() || value == offered || self.differs, "{}: {key} = {value} is not offered", self.place);
    }

    fn input(&self, key: &str) -> &Value {
        self.input.get(key).unwrap_or(&Value::Null)
    }

    fn calendar(&self) -> Calendar {
        if self.input("calendar").is_null() {
            Calendar::always("UTC").unwrap()
        } else {
            calendar(self.input("calendar"))
        }
    }

    /// A target of `target_min` minutes with some keys of its text.
    fn target(&self, minutes: i64, more: Value) -> Target {
        let mut written = json!({"event": "first_response", "target": format!("{minutes}m")});
        let Value::Object(more) = more else { unreachable!() };
        written.as_object_mut().unwrap().extend(more.into_iter().filter(|(_, value)| !value.is_null()));
        Target::with_calendar(serde_json::from_value(written).unwrap(), self.calendar()).unwrap()
    }

    fn minutes(&self) -> i64 {
        integer(self.input("target_min"))
    }

    fn after_hours(&self) -> Value {
        match self.option("out_of_hours") {
            Value::Object(own) => {
                assert_eq!(own.keys().collect::<Vec<_>>(), ["from_next_open_min"], "{}", self.place);
                format!("next_opening + {}m", own["from_next_open_min"]).into()
            }
            rule => rule.clone(),
        }
    }
}

fn domain(metric: &str, variant: &Variant<'_>) -> Option<Result<Value>> {
    Some(match metric {
        "business_deadline" => {
            variant.check(&["calendar", "target_min", "start"], &["out_of_hours", "clock"]);
            let more = json!({"after_hours": variant.after_hours(), "clock": variant.option("clock")});
            let start = clock(variant.input("start"));
            let due = variant.target(variant.minutes(), more).due(start, Pauses::NONE);
            due.map(|due| due.map_or(Value::Null, |due| minutes_text(variant.calendar().zone(), due)))
        }
        "business_elapsed" => {
            variant.check(&["calendar", "from", "to"], &["dst", "tz", "end_of_day"]);
            variant.fixed("dst", "absolute");
            variant.fixed("tz", "per_instant");
            variant.fixed("end_of_day", "literal");
            let elapsed = variant.calendar().elapsed(clock(variant.input("from")), clock(variant.input("to")));
            elapsed.map(|elapsed| json!({"seconds": elapsed / SECOND, "minutes": elapsed / MINUTE}))
        }
        "next_reply_time" => {
            variant.check(&["customer", "agent"], &["start"]);
            let start: ExchangeStart = serde_json::from_value(variant.option("start").clone()).unwrap();
            let found = exchanges(&messages(variant.input("customer"), variant.input("agent")), start);
            Ok(json!({"minutes": (found[0].1 - found[0].0) / MINUTE}))
        }
        "callback_at_customer_time" => callback_at_customer_time(variant),
        "business_sla" => business_sla(variant),
        "ticket_times" => {
            variant.check(&["timeline"], &["count"]);
            let log = variant.input("timeline").as_array().unwrap();
            let log: Vec<(i64, &str)> =
                log.iter().map(|e| (integer(&e["at_min"]) * MINUTE, text(&e["status"]))).collect();
            let states: Vec<&str> = variant.option("count").as_array().unwrap().iter().map(text).collect();
            let last = log[log.len() - 1].0;
            Pauses::of_states(&log, &states).map(|times| json!(times.length(log[0].0, last) / MINUTE))
        }
        "resolution_sla" => {
            variant.check(&["due", "resolved", "polls"], &["evaluate", "cmp"]);
            variant.fixed("evaluate", "timestamps");
            variant.fixed("cmp", "<=");
            Ok(judge_due(clock(variant.input("due")), clock(variant.input("resolved"))).name().into())
        }
        "missed_call_callback" => missed_call_callback(variant),
        "policy" => policy(variant),
        "response" => response(variant),
        _ => return None,
    })
}

/// `2024-03-04T10:40+03:00`, as the vectors write local instants.
fn minutes_text(zone: &Zone, at: i64) -> Value {
    zone.format(at).replacen(":00+", "+", 1).into()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn messages(customer: &Value, agent: &Value) -> Vec<Message> {
    let of = |value, author| list(value).iter().map(move |at| Message { at: clock(at), author }).collect::<Vec<_>>();
    [of(customer, Author::Customer), of(agent, Author::Agent)].concat()
}

fn callback_at_customer_time(variant: &Variant<'_>) -> Result<Value> {
    variant.check(
        &["requested", "calls", "note", "requested_at", "calendar"],
        &["early_min", "late_min", "outside_hours", "mode", "target_min"],
    );
    let by_elapsed = variant.option("mode") == "elapsed";
    assert!(by_elapsed || variant.option("mode").is_null(), "{}", variant.place);
    let limit = |key| match variant.option(key) {
        Value::Null => "any".to_owned(),
        minutes => format!("{minutes}m"),
    };
    let mut window = json!({"early": limit("early_min"), "late": limit("late_min")});
    if !variant.option("outside_hours").is_null() {
        window["outside_hours"] = variant.option("outside_hours").clone();
    }
    let target = if by_elapsed {
        variant.target(integer(variant.option("target_min")), json!({}))
    } else {
        variant.target(30, json!({"customer_time": window}))
    };
    let requested = clock(variant.input("requested"));
    let start = if by_elapsed { clock(variant.input("requested_at")) } else { requested - 60 * MINUTE };
    let verdict = |call: &Value| {
        let asked = if by_elapsed { MISSING } else { requested };
        let judged = target.judge(&Response { requested: asked, ..Response::new(start, clock(call)) })?;
        Ok(match judged.verdict.name() {
            "missed" => Value::from("missed_late"),
            name => name.into(),
        })
    };
    list(variant.input("calls")).iter().map(verdict).collect()
}

fn business_sla(variant: &Variant<'_>) -> Result<Value> {
    variant.check(&["calendar", "start", "target_min", "replies"], &["compare"]);
    let target = variant.target(variant.minutes(), json!({"compare": variant.option("compare")}));
    let start = clock(variant.input("start"));
    let due = target.due(start, Pauses::NONE)?.unwrap();
    let mut found = json!({"deadline": minutes_text(variant.calendar().zone(), due)});
    for (name, reply) in variant.input("replies").as_object().unwrap() {
        found[name] = target.judge(&Response::new(start, clock(reply)))?.verdict.name().into();
    }
    Ok(found)
}

fn missed_call_callback(variant: &Variant<'_>) -> Result<Value> {
    variant.check(&["target_min", "calendar", "missed", "events"], &["unit", "stop"]);
    let missed: Vec<MissedCall<'_>> =
        list(variant.input("missed")).iter().map(|m| MissedCall { key: text(&m["n"]), at: clock(&m["at"]) }).collect();
    let events = list(variant.input("events")).iter().map(|event| FollowUp {
        key: text(&event["n"]),
        at: clock(&event["at"]),
        kind: match text(&event["kind"]) {
            "callback_attempt" => FollowUpKind::CallbackAttempt,
            "callback_reached" => FollowUpKind::CallbackReached,
            "inbound_answered" => FollowUpKind::InboundAnswered,
            kind => panic!("{}: unknown kind `{kind}`", variant.place),
        },
    });
    let unit = match text(variant.option("unit")) {
        "call" => callback::Unit::Call,
        "number" => callback::Unit::Number,
        unit => panic!("{}: unknown unit `{unit}`", variant.place),
    };
    let stop = match text(variant.option("stop")) {
        "attempt" => callback::Stop::Attempt,
        "reached" => callback::Stop::Reached,
        "reached_or_self" => callback::Stop::ReachedOrSelf,
        stop => panic!("{}: unknown stop `{stop}`", variant.place),
    };
    let (calendar, events) = (variant.calendar(), events.collect::<Vec<_>>());
    let counts = callback::in_time(&calendar, &missed, &events, variant.minutes() * MINUTE, unit, stop, MISSING)?;
    let divisor = greatest_common_divisor(counts.hits, counts.counted).max(1);
    let value = counts.hits as f64 / counts.counted as f64;
    Ok(json!({"num": counts.hits / divisor, "den": counts.counted / divisor, "value": value}))
}

fn greatest_common_divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

/// Own vectors: the due time by a built-in policy.
fn policy(variant: &Variant<'_>) -> Result<Value> {
    variant.check(&["policy", "event", "channel", "start"], &[]);
    let sla = Sla::named(text(variant.input("policy")))?;
    let event: Event = serde_json::from_value(variant.input("event").clone()).unwrap();
    let start = clock(variant.input("start"));
    let case = Case { channel: variant.input("channel").as_str(), ..Case::new(event, start) };
    let judged = sla.judge(&case, &Response::new(start, MISSING))?;
    Ok(judged.due.map_or(Value::Null, |due| minutes_text(sla.text().calendar.zone(), due)))
}

/// Own vectors: one response with pauses, judged at an instant.
fn response(variant: &Variant<'_>) -> Result<Value> {
    let options = ["compare", "resolution", "clock", "out_of_hours"];
    variant.check(&["calendar", "target_min", "start", "done", "as_of", "pauses"], &options);
    let more = json!({
        "compare": variant.option("compare"), "resolution": variant.option("resolution"), "clock": variant.option("clock"),
        "after_hours": variant.after_hours(),
    });
    let pauses = Pauses::unite(list(variant.input("pauses")).iter().map(|pair| (clock(&pair[0]), clock(&pair[1]))))?;
    let as_of = clock(variant.input("as_of"));
    let (start, done) = (clock(variant.input("start")), clock(variant.input("done")));
    let judged = variant.target(variant.minutes(), more).judge(&Response {
        pauses: &pauses,
        as_of,
        ..Response::new(start, done)
    })?;
    Ok(json!({
        "due": judged.due.map(format_utc), "verdict": judged.verdict.name(),
        "elapsed_s": judged.elapsed.map(|elapsed| elapsed / SECOND), "remaining_s": judged.remaining.map(|left| left / SECOND),
    }))
}

fn run_domain(vectors: &Value) -> Vec<String> {
    let mut run = Vec::new();
    for case in list(&vectors["cases"]) {
        let metric = text(&case["metric"]);
        for variant in list(&case["variants"]) {
            let place = format!("{} / {}", text(&case["id"]), text(&variant["variant"]));
            object(variant, &["variant", "options", "expected", "input", "csat", "note", "worked"], &place);
            let mut input = case["input"].as_object().unwrap().clone();
            input.extend(variant.get("input").and_then(Value::as_object).cloned().unwrap_or_default());
            let options = variant["options"].as_object().unwrap();
            let expected = expected_of(variant);
            let variant = Variant { input, options, differs: variant.get("csat").is_some(), place };
            let Some(found) = domain(metric, &variant) else { break };
            let found = settle(found);
            match expected {
                Value::Object(parts) => {
                    for (part, expected) in parts {
                        assert!(
                            same(&found[part], expected),
                            "{}: {found}, expected {part} = {expected}",
                            variant.place
                        );
                    }
                }
                _ => assert!(same(&found, expected), "{}: {found}, expected {expected}", variant.place),
            }
            run.push(variant.place);
        }
    }
    run
}

#[test]
fn response_vectors_hold() {
    assert!(run_domain(&own("response.json")).len() >= 20);
    if let Some(vectors) = reference("domain.json") {
        // 11 cases: deadlines, elapsed times, next replies, set times, call-backs, verdicts, times in states, resolutions.
        assert_eq!(run_domain(&vectors).len(), 32);
    }
}

fn escalation(case: &Value) -> Result<()> {
    let id = text(&case["id"]);
    object(case, &["id", "input", "expected", "note", "csat"], id);
    let known = [
        "calendar",
        "sla_minutes",
        "created",
        "customer_contact",
        "agent_contact",
        "first_response_at",
        "states",
        "closed_at",
    ];
    let input = object(&case["input"], &known, id);
    let get = |key: &str| input.get(key).unwrap_or(&Value::Null);
    let minutes = object(get("sla_minutes"), &["first_response", "update", "solution"], id);
    let event = [("first_response", "first_response"), ("update", "next_response"), ("solution", "resolution")];
    let targets = event.iter().filter(|(key, _)| !minutes[*key].is_null()).map(|(key, event)| {
        json!({
            "event": event, "target": format!("{}m", minutes[*key]), "pause_states": ["pending", "closed"],
            "solved_states": [], "resolution": "minutes_down", "first_exchange": true,
        })
    });
    let sla = json!({"calendar": get("calendar"), "policies": [{"targets": targets.collect::<Vec<_>>()}]});
    let sla = Sla::from_text(&sla.to_string())?;
    let states: Vec<(i64, &str)> = list(get("states")).iter().map(|pair| (clock(&pair[0]), text(&pair[1]))).collect();
    let log = TicketLog {
        created: clock(get("created")),
        messages: &messages(get("customer_contact"), get("agent_contact")),
        states: &states,
        first_response: clock(get("first_response_at")),
        resolved: clock(get("closed_at")),
        as_of: MISSING,
    };
    let judged = sla.judge_ticket(&Case::new(Event::FirstResponse, log.created), &log)?;
    let due = |at: Option<i64>| at.map_or(Value::Null, |at| format_utc(at).into());
    let whole = |time: Option<i64>| time.map_or(Value::Null, |time| (time / MINUTE).into());
    let running = |judged: Option<csat_core::rule::response::Judgement>, done: i64| {
        due(judged.filter(|_| done == MISSING).and_then(|j| j.due))
    };
    for (key, expected) in object(&case["expected"], &ESCALATION_KEYS, id) {
        let found = match key.as_str() {
            "first_response_due" => running(judged.first_response, log.first_response),
            "first_response_min" => whole(judged.first_response.and_then(|j| j.elapsed)),
            "first_response_diff_min" => whole(judged.first_response.and_then(|j| j.remaining)),
            "update_due" => running(judged.waiting, MISSING),
            "update_min" => whole(judged.next_response.and_then(|j| j.elapsed)),
            "update_diff_min" => whole(judged.next_response.and_then(|j| j.remaining)),
            "close_due" => running(judged.resolution, log.resolved),
            "close_min" => whole(judged.resolution.and_then(|j| j.elapsed)),
            "close_diff_min" => whole(judged.resolution.and_then(|j| j.remaining)),
            _ => due(judged.next_due),
        };
        assert_eq!(&found, expected, "{id}: {key}");
    }
    Ok(())
}

const ESCALATION_KEYS: [&str; 10] = [
    "first_response_due",
    "first_response_min",
    "first_response_diff_min",
    "update_due",
    "update_min",
    "update_diff_min",
    "close_due",
    "close_min",
    "close_diff_min",
    "next_due",
];

#[test]
fn escalation_vectors_hold() -> std::result::Result<(), Error> {
    if let Some(vectors) = reference("ticket_escalation.json") {
        assert_eq!(list(&vectors["cases"]).len(), 6);
        for case in list(&vectors["cases"]) {
            escalation(case)?;
        }
    }
    Ok(())
}
