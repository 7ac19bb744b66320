//! Working time and ticket escalation.

use serde_json::{Value, json};

use crate::call::Backend;
use crate::case::{Fail, Near, Run, answer, ask, check, is_expected, list, number, text, wrong};
use crate::file::Job;

/// How each operation is called: function, the names of its arguments.
const OPERATIONS: &[(&str, &str, &[&str])] = &[
    ("elapsed_seconds", "calendar.elapsed", &["start", "end"]),
    ("add_seconds", "calendar.add", &["start", "seconds"]),
    ("is_open", "calendar.is_open", &["at"]),
    ("next_open", "calendar.next_open", &["at"]),
    ("prev_open", "calendar.previous_open", &["at"]),
    ("closing_time", "calendar.closing", &["at"]),
    ("next_opening_strictly_later", "calendar.next_opening_strictly_later", &["at"]),
    ("open_periods_after", "calendar.open_periods_after", &["at", "count"]),
    ("open_periods_before", "calendar.open_periods_before", &["at", "count"]),
    ("open_slots", "calendar.open_slots", &["start", "end", "every"]),
    ("add_working_days", "calendar.add_working_days", &["start", "days"]),
    ("add_business_days_keep_time", "calendar.add_business_days_keep_time", &["start", "days"]),
    ("working_days_between", "calendar.working_days_between", &["start", "end"]),
    ("is_working_day", "calendar.is_working_day", &["date"]),
    ("on_break", "calendar.on_break", &["at"]),
    ("on_holiday", "calendar.on_holiday", &["at"]),
];

fn expected_of(case: &Value) -> &Value {
    case.get("csat").map_or(&case["expected"], |csat| &csat["expected"])
}

pub(crate) fn business_jobs(case: &Value) -> Vec<Job<'_>> {
    let name = case["id"].as_str().unwrap_or("?").to_owned();
    vec![(name, Box::new(move |backend| business(case, backend)))]
}

fn business(case: &Value, backend: &mut dyn Backend) -> Run<()> {
    let op = text(&case["op"], "op")?;
    let Some((_, function, names)) = OPERATIONS.iter().find(|(name, ..)| *name == op) else {
        return Err(Fail::NotRun(format!("no operation `{op}`")));
    };
    let given = list(&case["args"], "args")?;
    if given.len() != names.len() {
        return wrong(format!("{} arguments for {op}, which takes {}", given.len(), names.len()));
    }
    let mut arguments = json!({ "calendar": case["schedule"] });
    for (name, value) in names.iter().zip(given) {
        // Whole numbers may be written as 2.0.
        let whole = value.as_f64().filter(|v| v.fract() == 0.0 && *name != "seconds").map(|v| json!(v as i64));
        arguments[*name] = whole.unwrap_or_else(|| value.clone());
    }
    let expected = expected_of(case);
    match (answer(backend, function, arguments)?, expected.get("error")) {
        (Err(refusal), Some(error)) if is_expected(error, &refusal) => Ok(()),
        (Err(refusal), _) => Err(refusal.into()),
        (Ok(found), None) => check(expected, &found, Near::Within(5e-7, 0.0)),
        (Ok(found), Some(error)) => wrong(format!("the error {error} was expected, not {found}")),
    }
}

pub(crate) fn escalation_jobs(case: &Value) -> Vec<Job<'_>> {
    let name = case["id"].as_str().unwrap_or("?").to_owned();
    vec![(name, Box::new(move |backend| escalation(case, backend)))]
}

const INPUTS: [&str; 8] = [
    "calendar",
    "sla_minutes",
    "created",
    "customer_contact",
    "agent_contact",
    "first_response_at",
    "states",
    "closed_at",
];

/// Targets of the vectors and the event each is for.
const TARGETS: [(&str, &str); 3] =
    [("first_response", "first_response"), ("update", "next_response"), ("solution", "resolution")];

fn escalation(case: &Value, backend: &mut dyn Backend) -> Run<()> {
    let input = case["input"].as_object().ok_or_else(|| Fail::Wrong("no input".into()))?;
    if let Some(key) = input.keys().find(|key| !INPUTS.contains(&key.as_str())) {
        return wrong(format!("unknown input `{key}`"));
    }
    let get = |key: &str| input.get(key).cloned().unwrap_or_default();
    let minutes = input["sla_minutes"].as_object().ok_or_else(|| Fail::Wrong("no `sla_minutes`".into()))?;
    let mut targets = Vec::new();
    for (key, value) in minutes.iter().filter(|(_, value)| !value.is_null()) {
        let Some((_, event)) = TARGETS.iter().find(|(name, _)| name == key) else {
            return wrong(format!("unknown target `{key}`"));
        };
        targets.push(json!({
            "event": event, "target": format!("{}s", number(value, key)? * 60.0),
            "pause_states": ["pending", "closed"], "solved_states": [], "resolution": "minutes_down",
            "first_exchange": true,
        }));
    }
    let message = |author: &'static str, at: &Value| json!({ "at": at, "author": author });
    let (customer, agent) = (get("customer_contact"), get("agent_contact"));
    let lists = [("customer", customer), ("agent", agent)];
    let messages: Vec<Value> = lists
        .iter()
        .flat_map(|(author, list)| list.as_array().into_iter().flatten().map(|at| message(author, at)))
        .collect();
    let judged = ask(
        backend,
        "response.judge_ticket",
        json!({
            "sla": {"calendar": get("calendar"), "policies": [{"targets": targets}]},
            "created": get("created"), "messages": messages, "states": get("states"),
            "first_response": get("first_response_at"), "resolved": get("closed_at"),
        }),
    )?;
    let whole = |part: &str, key: &str| judged[part][key].as_f64().map_or(Value::Null, |s| json!((s / 60.0) as i64));
    let due = |part: &str, done: Value| if done.is_null() { judged[part]["due"].clone() } else { Value::Null };
    let found = json!({
        "first_response_due": due("first_response", get("first_response_at")),
        "first_response_min": whole("first_response", "elapsed"),
        "first_response_diff_min": whole("first_response", "remaining"),
        "update_due": due("waiting", Value::Null),
        "update_min": whole("next_response", "elapsed"),
        "update_diff_min": whole("next_response", "remaining"),
        "close_due": due("resolution", get("closed_at")),
        "close_min": whole("resolution", "elapsed"),
        "close_diff_min": whole("resolution", "remaining"),
        "next_due": judged["next_due"],
    });
    check(expected_of(case), &found, Near::Within(0.0, 0.0))
}
