//! Working time, response targets and call-backs.

use serde_json::{Value, json};

use crate::call::Backend;
use crate::case::{Case, Run, ask, list, number, text, wrong};
use crate::domain::object;
use crate::reach::clock;

/// An instant as the door takes it; null stays null.
fn instant(value: &Value) -> Run<Value> {
    Ok(clock(value)?.map_or(Value::Null, |at| csat_core::time::instant::format_utc(at).into()))
}

/// Minutes as a duration of a policy.
fn minutes(value: &Value, what: &str) -> Run<String> {
    Ok(format!("{}s", number(value, what)? * 60.0))
}

/// A calendar that never closes.
fn always() -> Value {
    let day = json!([["00:00", "24:00"]]);
    let week = json!({"mon": day, "tue": day, "wed": day, "thu": day, "fri": day, "sat": day, "sun": day});
    json!({"time_zone": "UTC", "hours": week})
}

fn calendar(case: &Case) -> Value {
    if case.has("calendar") { case.input("calendar").clone() } else { always() }
}

/// A policy with one target.
fn sla(case: &Case, target: &str, more: &Value) -> Value {
    let mut written = json!({"event": "first_response", "target": target});
    for (key, value) in more.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()) {
        written[key] = value.clone();
    }
    json!({"calendar": calendar(case), "policies": [{"targets": [written]}]})
}

fn after_hours(case: &Case) -> Run<Value> {
    let rule = case.option("out_of_hours");
    let Some(own) = rule.as_object() else { return Ok(rule.clone()) };
    match (own.len(), own.get("from_next_open_min")) {
        (1, Some(budget)) => Ok(format!("next_opening + {}", minutes(budget, "from_next_open_min")?).into()),
        _ => wrong(format!("unknown value {rule} of the option `out_of_hours`")),
    }
}

fn judge(backend: &mut dyn Backend, sla: &Value, start: &Value, more: &Value) -> Run<Value> {
    let mut arguments = json!({"sla": sla, "event": "first_response", "start": instant(start)?});
    for (key, value) in more.as_object().into_iter().flatten() {
        arguments[key] = value.clone();
    }
    ask(backend, "response.judge", arguments)
}

pub(crate) fn deadline(case: &Case, backend: &mut dyn Backend) -> Run<Value> {
    let more = json!({"after_hours": after_hours(case)?, "clock": case.option("clock")});
    let sla = sla(case, &minutes(case.input("target_min"), "target_min")?, &more);
    Ok(judge(backend, &sla, case.input("start"), &json!({}))?["due"].clone())
}

pub(crate) fn elapsed(case: &Case, backend: &mut dyn Backend) -> Run<Value> {
    let arguments =
        [("calendar", calendar(case)), ("start", instant(case.input("from"))?), ("end", instant(case.input("to"))?)];
    let seconds = number(&ask(backend, "calendar.elapsed", object(arguments))?, "elapsed")?;
    Ok(json!({"seconds": seconds, "minutes": seconds / 60.0}))
}

pub(crate) fn next_reply(case: &Case, backend: &mut dyn Backend) -> Run<Value> {
    let mut messages = Vec::new();
    for author in ["customer", "agent"] {
        for at in case.list(author)? {
            messages.push(json!({"at": instant(at)?, "author": author}));
        }
    }
    let arguments = [("messages", messages.into()), ("start", case.option("start").clone())];
    let found = ask(backend, "response.exchanges", object(arguments))?;
    let seconds = number(&found[0]["seconds"], "seconds")?;
    Ok(json!({"minutes": seconds / 60.0, "seconds": seconds}))
}

pub(crate) fn at_customer_time(case: &Case, backend: &mut dyn Backend) -> Run<Value> {
    let by_elapsed = case.word("mode") == "elapsed";
    let limit = |key: &str| match case.option(key) {
        Value::Null => Ok("any".to_owned()),
        given => minutes(given, key),
    };
    let mut window = json!({"early": limit("early_min")?, "late": limit("late_min")?});
    if case.asks("outside_hours") {
        window["outside_hours"] = case.option("outside_hours").clone();
    }
    let sla = if by_elapsed {
        sla(case, &minutes(case.option("target_min"), "target_min")?, &json!({}))
    } else {
        sla(case, "30m", &json!({"customer_time": window}))
    };
    // A window does not look at the start; it only has to come first.
    let requested = instant(case.input("requested"))?;
    let calls = list(case.input("calls"), "calls")?;
    let first = calls.iter().chain([case.input("requested")]).filter_map(|at| clock(at).ok().flatten()).min();
    let start = if by_elapsed {
        case.input("requested_at").clone()
    } else {
        first.map_or(Value::Null, |at| csat_core::time::instant::format_utc(at).into())
    };
    let mut verdicts = Vec::new();
    for call in calls {
        let asked = if by_elapsed { Value::Null } else { requested.clone() };
        let judged = judge(backend, &sla, &start, &json!({"done": instant(call)?, "requested": asked}))?;
        let verdict = text(&judged["verdict"], "verdict")?;
        verdicts.push(if verdict == "missed" { "missed_late".into() } else { Value::from(verdict) });
    }
    Ok(verdicts.into())
}

pub(crate) fn verdicts(case: &Case, backend: &mut dyn Backend) -> Run<Value> {
    let target = minutes(case.input("target_min"), "target_min")?;
    let sla = sla(case, &target, &json!({"compare": case.option("compare")}));
    let mut found = json!({"deadline": judge(backend, &sla, case.input("start"), &json!({}))?["due"]});
    for (name, reply) in case.input("replies").as_object().into_iter().flatten() {
        let judged = judge(backend, &sla, case.input("start"), &json!({"done": instant(reply)?}))?;
        found[name] = judged["verdict"].clone();
    }
    Ok(found)
}

pub(crate) fn time_in_states(case: &Case, backend: &mut dyn Backend) -> Run<Value> {
    let mut log = Vec::new();
    for entry in case.list("timeline")? {
        let at = number(&entry["at_min"], "at_min")? * 60.0;
        log.push(json!([instant(&json!(at))?, entry["status"]]));
    }
    let arguments = [("log", log.into()), ("states", case.option("count").clone())];
    let seconds = number(&ask(backend, "response.time_in_states", object(arguments))?, "seconds")?;
    Ok(json!(seconds / 60.0))
}

pub(crate) fn resolution(case: &Case, backend: &mut dyn Backend) -> Run<Value> {
    let arguments = [("due", instant(case.input("due"))?), ("done", instant(case.input("resolved"))?)];
    ask(backend, "response.judge_due", object(arguments))
}

pub(crate) fn missed_calls(case: &Case, backend: &mut dyn Backend) -> Run<Value> {
    let mut missed = Vec::new();
    for call in case.list("missed")? {
        missed.push(json!({"key": call["n"], "at": instant(&call["at"])?}));
    }
    let mut events = Vec::new();
    for event in case.list("events")? {
        events.push(json!({"key": event["n"], "kind": event["kind"], "at": instant(&event["at"])?}));
    }
    let arguments = [
        ("calendar", calendar(case)),
        ("missed", missed.into()),
        ("events", events.into()),
        ("target", json!(case.number("target_min")? * 60.0)),
        ("unit", case.option("unit").clone()),
        ("stop", case.option("stop").clone()),
    ];
    let found = ask(backend, "callback.in_time", object(arguments))?;
    let (hits, counted) = (number(&found["hits"], "hits")?, number(&found["counted"], "counted")?);
    let value = if counted > 0.0 { json!(hits / counted) } else { Value::Null };
    Ok(json!({"numerator": hits, "denominator": counted, "value": value, "pending": found["pending"]}))
}

/// The due time by a built-in policy.
pub(crate) fn policy(case: &Case, backend: &mut dyn Backend) -> Run<Value> {
    let arguments = [
        ("sla", case.input("policy").clone()),
        ("event", case.input("event").clone()),
        ("channel", case.input("channel").clone()),
        ("start", instant(case.input("start"))?),
    ];
    Ok(ask(backend, "response.judge", object(arguments))?["due"].clone())
}

/// One response with pauses, judged at an instant.
pub(crate) fn one(case: &Case, backend: &mut dyn Backend) -> Run<Value> {
    let more = json!({
        "compare": case.option("compare"), "resolution": case.option("resolution"),
        "clock": case.option("clock"), "after_hours": after_hours(case)?,
    });
    let sla = sla(case, &minutes(case.input("target_min"), "target_min")?, &more);
    let mut pauses = Vec::new();
    for pair in case.input("pauses").as_array().into_iter().flatten() {
        pauses.push(json!([instant(&pair[0])?, instant(&pair[1])?]));
    }
    let more = json!({
        "done": instant(case.input("done"))?, "as_of": instant(case.input("as_of"))?, "pauses": pauses,
    });
    let judged = judge(backend, &sla, case.input("start"), &more)?;
    Ok(json!({
        "due": judged["due"], "verdict": judged["verdict"], "elapsed_s": judged["elapsed"],
        "remaining_s": judged["remaining"],
    }))
}
