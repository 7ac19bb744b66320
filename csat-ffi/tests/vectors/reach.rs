//! Contacts: service level, abandonment, waits, handle time, and ratios given as counts.

use csat_core::time::instant::{MINUTE, SECOND, parse_instant};
use serde_json::{Map, Value, json};

use crate::call::{Backend, Columns, Count, Line, Values};
use crate::case::{Case, Fail, Run, ask, check, list, number, part, shown, tally, text, wrong};
use crate::domain::object;

/// 2024-03-01T00:00Z: seconds of a vector are counted from it, times of day lie on it.
const DAY: i64 = 1_709_251_200 * SECOND;

/// Seconds since the day, a time of day, or an instant.
pub(crate) fn clock(value: &Value) -> Run<Option<i64>> {
    Ok(Some(match value {
        Value::Null => return Ok(None),
        Value::Number(_) => DAY + (number(value, "time")? * 1e6).round() as i64,
        Value::String(text) => match parse_instant(text) {
            Ok(instant) => instant,
            Err(_) => match csat_core::time::instant::parse_time_of_day(text) {
                Ok(time) => DAY + time,
                Err(e) => return wrong(e.message()),
            },
        },
        other => return wrong(format!("{other} is no time")),
    }))
}

/// A duration as a recipe takes it.
fn duration(seconds: f64) -> String {
    format!("{}us", (seconds * 1e6).round())
}

/// One contact of a vector.
#[derive(Clone, Default)]
struct Contact {
    outcome: Option<String>,
    wait: Option<f64>,
    started: Option<i64>,
    rang: Option<i64>,
    offered: Option<i64>,
    answered: Option<i64>,
    ended: Option<i64>,
}

const CONTACT_KEYS: [&str; 13] = [
    "id",
    "outcome",
    "wait_s",
    "count",
    "offered",
    "enqueue_s",
    "enqueue_epoch",
    "at",
    "answer_epoch",
    "started",
    "rang",
    "ended",
    "note",
];

impl Contact {
    fn read(row: &Value) -> Run<(Self, usize)> {
        let map = row.as_object().ok_or_else(|| Fail::Wrong(format!("{row} is no contact")))?;
        if let Some(key) = map.keys().find(|key| !CONTACT_KEYS.contains(&key.as_str())) {
            return wrong(format!("unknown key `{key}` of a contact"));
        }
        let first = |keys: &[&str]| keys.iter().find_map(|key| map.get(*key)).unwrap_or(&Value::Null);
        let outcome = row["outcome"].as_str().map(|name| match name {
            "exit_key" => "key_exit".to_owned(),
            "waiting" => "pending".to_owned(),
            name => name.to_owned(),
        });
        let wait = row["wait_s"].as_f64();
        let offered = clock(first(&["offered", "enqueue_s", "enqueue_epoch"]))?;
        let mut until = clock(first(&["at", "answer_epoch"]))?;
        if let (None, Some(offered), Some(wait)) = (until, offered, wait) {
            until = Some(offered + (wait * 1e6).round() as i64);
        }
        let is_answered = outcome.as_deref().is_none_or(|o| o == "answered");
        let contact = Self {
            wait: wait.filter(|_| offered.is_none()),
            started: clock(&row["started"])?,
            rang: clock(&row["rang"])?,
            offered,
            answered: until.filter(|_| is_answered),
            ended: clock(&row["ended"])?.or(until.filter(|_| !is_answered)),
            outcome,
        };
        Ok((contact, row["count"].as_u64().unwrap_or(1) as usize))
    }
}

fn contacts(case: &Case) -> Run<Vec<Contact>> {
    let mut all = Vec::new();
    for row in case.list("contacts")? {
        let (contact, count) = Contact::read(row)?;
        all.extend(std::iter::repeat_n(contact, count));
    }
    Ok(all)
}

/// The columns that any of the contacts fills.
fn columns(contacts: &[Contact]) -> Columns {
    let instants = |of: fn(&Contact) -> Option<i64>| Values::Instants(contacts.iter().map(of).collect());
    let all: [(&str, bool, Values); 7] = [
        (
            "outcome",
            contacts.iter().any(|c| c.outcome.is_some()) || contacts.is_empty(),
            Values::Texts(contacts.iter().map(|c| c.outcome.clone()).collect()),
        ),
        (
            "wait",
            contacts.iter().any(|c| c.wait.is_some()) || contacts.is_empty(),
            Values::Seconds(contacts.iter().map(|c| c.wait).collect()),
        ),
        ("started", contacts.iter().any(|c| c.started.is_some()), instants(|c| c.started)),
        ("rang", contacts.iter().any(|c| c.rang.is_some()), instants(|c| c.rang)),
        ("offered", contacts.iter().any(|c| c.offered.is_some()), instants(|c| c.offered)),
        ("answered", contacts.iter().any(|c| c.answered.is_some()), instants(|c| c.answered)),
        ("ended", contacts.iter().any(|c| c.ended.is_some()), instants(|c| c.ended)),
    ];
    all.into_iter().filter(|(_, there, _)| *there).map(|(name, _, values)| (name.to_owned(), values)).collect()
}

/// Options of a service level as one definition.
fn definition(case: &Case) -> Run<Value> {
    if let Some(named) = case.options.get("definition") {
        let others = ["attribution", "clock_start"];
        if let Some(key) = case.options.keys().find(|k| *k != "definition" && !others.contains(&k.as_str())) {
            return wrong(format!("a named definition takes no `{key}`"));
        }
        let mut definition = named.clone();
        for key in others.into_iter().filter(|key| case.asks(key)) {
            if definition.is_string() {
                definition = json!({ "base": definition });
            }
            definition[key] = case.option(key).clone();
        }
        return Ok(definition);
    }
    let mut definition = Map::new();
    let mut cells = Map::new();
    for (key, value) in &case.options {
        match key.as_str() {
            "cmp" | "answered_cmp" => definition.insert("comparator".to_owned(), value.clone()),
            "abandoned_excluded_cmp" => None,
            "pending" | "resolution" | "attribution" | "clock_start" => definition.insert(key.clone(), value.clone()),
            cell => cells.insert(cell.replace("exit_key_", "key_exit_"), value.clone()),
        };
    }
    // A comparison also says up to where abandons are left out, unless the cells of abandons are given.
    let compares = ["cmp", "answered_cmp", "abandoned_excluded_cmp"].iter().any(|key| case.asks(key));
    if let Some(apart) = case.options.get("abandoned_excluded_cmp") {
        definition.insert("other_comparator".to_owned(), apart.clone());
    }
    if compares && !cells.keys().any(|key| key.starts_with("abandoned_")) {
        cells.insert("abandoned_in".to_owned(), json!("exclude"));
        cells.insert("abandoned_short".to_owned(), json!("exclude"));
    }
    // Below the short limit `abandoned_short` alone says what an abandon is.
    match case.input.get("short_abandon_s") {
        Some(limit) if cells.keys().any(|key| key.starts_with("abandoned_")) => {
            definition.insert("short".to_owned(), json!({"limit": limit, "comparator": "<"}));
            if !cells.contains_key("abandoned_all") {
                cells.entry("abandoned_short").or_insert(json!("miss"));
            }
        }
        _ => {
            cells.shift_remove("abandoned_short");
        }
    }
    if !cells.is_empty() {
        definition.insert("cells".to_owned(), Value::Object(cells));
    }
    Ok(if definition.is_empty() { json!("offered") } else { Value::Object(definition) })
}

pub(crate) fn service_level(case: &Case, backend: &mut dyn Backend) -> Run<Value> {
    if case.has("denominator") && case.input("denominator") != "offered" {
        return wrong(format!("unknown denominator {}", case.input("denominator")));
    }
    let (definition, contacts) = (definition(case)?, contacts(case)?);
    let threshold = case.number("threshold_s")?;
    let level = |within: String| {
        let mut count = Count::new(
            json!([{"measure": "service_level", "within": [within], "definitions": [definition]}]),
            columns(&contacts),
        );
        count.as_of = case.input.get("now_s").map(clock).transpose()?.flatten();
        Ok::<Count, Fail>(count)
    };
    let mut count = level(duration(threshold))?;
    if case.asks("attribution") {
        count.plan["every"] = json!(format!("{}m", case.input("slot_minutes").as_u64().unwrap_or(30)));
        count.plan["zone"] = json!("UTC");
        return Ok(slots(&tally(backend, &count)?));
    }
    let lines = tally(backend, &count)?;
    let mut found = shown(part(&lines, "level")?);
    for path in ["assumed_contacts", "assumed_low", "assumed_high", "unplaced"] {
        if let Some(line) = lines.iter().find(|line| line.part == path) {
            found[path] = json!(line.value);
        }
    }
    if let Some(waits) = case.expected.get("waits_s") {
        found["waits_s"] = measured_waits(&definition, &contacts, list(waits, "waits_s")?, backend)?;
    }
    Ok(found)
}

/// By the time of day at which each slot begins.
fn slots(lines: &[Line]) -> Value {
    let mut found = json!({});
    for line in lines.iter().filter(|line| line.part == "level" && line.n > 0) {
        let Some(slot) = line.slot else { continue };
        let minutes = slot.rem_euclid(24 * 60 * MINUTE) / MINUTE;
        found[format!("{:02}:{:02}", minutes / 60, minutes % 60)] = shown(line);
    }
    found
}

/// The waits as the definition measures them: a contact is within its wait, and not within a microsecond less.
fn measured_waits(
    definition: &Value,
    contacts: &[Contact],
    expected: &[Value],
    backend: &mut dyn Backend,
) -> Run<Value> {
    let mut waits = Vec::new();
    for (contact, expected) in contacts.iter().zip(expected) {
        let wait = number(expected, "waits_s")?;
        let mut within = |seconds: f64| -> Run<bool> {
            let recipe =
                json!([{"measure": "service_level", "within": [duration(seconds)], "definitions": [definition]}]);
            let lines = tally(backend, &Count::new(recipe, columns(std::slice::from_ref(contact))))?;
            Ok(part(&lines, "level")?.numerator == Some(1.0))
        };
        let is_it = within(wait)? && !within(wait - 1e-6)?;
        waits.push(if is_it { expected.clone() } else { Value::Null });
    }
    Ok(waits.into())
}

pub(crate) fn trimmed(case: &Case, backend: &mut dyn Backend) -> Run<Value> {
    let arguments = [
        ("waits", case.input("answered_waits_s").clone()),
        ("threshold", case.input("threshold_s").clone()),
        ("comparator", case.option("cmp").clone()),
        ("trim_top", case.option("trim_top").clone()),
    ];
    let found = ask(backend, "service_level.trimmed", object(arguments))?;
    if case.asks("trim_top") {
        return Ok(found);
    }
    // Without trimming it is the share of answered contacts, which the measure must give too.
    let waits: Run<Vec<Option<f64>>> =
        case.list("answered_waits_s")?.iter().map(|wait| number(wait, "wait").map(Some)).collect();
    let waits = waits?;
    let answered = vec![Some("answered".to_owned()); waits.len()];
    let definition = json!({"base": "answered_only", "comparator": if case.word("cmp") == "<" { "<" } else { "<=" }});
    let recipe = json!({
        "measure": "service_level", "within": [duration(case.number("threshold_s")?)], "definitions": [definition],
    });
    let columns = vec![("outcome".to_owned(), Values::Texts(answered)), ("wait".to_owned(), Values::Seconds(waits))];
    let lines = tally(backend, &Count::new(json!([recipe]), columns))?;
    let measured = shown(part(&lines, "level")?);
    if measured["numerator"].as_f64() != found["numerator"].as_f64() {
        return wrong(format!("the measure gives {measured}, the function {found}"));
    }
    Ok(found)
}

pub(crate) fn abandonment(case: &Case, backend: &mut dyn Backend) -> Run<Value> {
    let mut policy = Map::new();
    let plus = case.word("denominator") == "answered_plus_abandoned";
    let flows_out = case.asks("flow_out_as");
    let base = match (plus, flows_out, case.asks("kind")) {
        (false, false, false) => "offered",
        (true, false, false) => "answered_plus_abandoned",
        (false, true, false) => "flow_out_as_abandoned",
        (false, false, true) => "lost",
        (true, true, false) => {
            policy.insert("denominator".to_owned(), json!(["answered", "abandoned", "flow_out"]));
            "flow_out_as_abandoned"
        }
        _ => return wrong("`kind` = lost counts whatever was not answered; it takes no other option"),
    };
    policy.insert("base".to_owned(), json!(base));
    if case.asks("short") {
        let limit = case.number("short_abandon_s")?;
        let short = json!({"limit": duration(limit), "comparator": "<", "effect": case.option("short")});
        policy.insert("short".to_owned(), short);
    }
    let policy = match case.options.get("policy") {
        Some(named) if case.options.len() == 1 => named.clone(),
        Some(_) => return wrong("a named policy takes no further options"),
        None => Value::Object(policy),
    };
    let recipe = json!([{"measure": "abandonment", "definitions": [policy]}]);
    let lines = tally(backend, &Count::new(recipe, columns(&contacts(case)?)))?;
    Ok(shown(part(&lines, "rate")?))
}

pub(crate) fn menu(case: &Case, backend: &mut dyn Backend) -> Run<Value> {
    let repeats = case.input.keys().find(|key| key.starts_with("self_served_repeat_")).cloned();
    let known = ["entered_ivr", "hung_up_in_ivr", "self_served", "queued", "abandoned_in_queue", "of_which_short"];
    if let Some(key) = case.input.keys().find(|key| !known.contains(&key.as_str()) && Some(*key) != repeats.as_ref()) {
        return wrong(format!("unknown input `{key}`"));
    }
    if let Some(window) = case.options.get("window_h")
        && repeats.as_deref() != Some(&format!("self_served_repeat_{window}h"))
    {
        return wrong(format!("no repeats are given for a window of {window} hours"));
    }
    let arguments = [
        ("entered", case.input("entered_ivr").clone()),
        ("hung_up", case.input("hung_up_in_ivr").clone()),
        ("self_served", case.input("self_served").clone()),
        ("queued", case.input("queued").clone()),
        ("abandoned", case.input("abandoned_in_queue").clone()),
        ("repeated", repeats.map_or(Value::Null, |key| case.input(&key).clone())),
    ];
    let found = ask(backend, "abandonment.menu_stage", object(arguments))?;
    let reading = match (case.word("metric"), case.word("stage"), case.word("rule")) {
        ("", "queue", "") => "abandoned_in_queue",
        ("", "ivr+queue", "") => "abandoned_anywhere",
        ("containment", "", rule) if !rule.is_empty() => rule,
        other => return wrong(format!("{other:?} is no reading of a menu")),
    };
    Ok(found[reading].clone())
}

pub(crate) fn roll_up(case: &Case, backend: &mut dyn Backend) -> Run<Value> {
    let pair = |row: &Value| json!([row["hits"], row["counted"]]);
    let intervals: Vec<Value> = case.list("intervals")?.iter().map(pair).collect();
    let empty = if case.word("empty") == "skip" { json!("null") } else { case.option("empty").clone() };
    let arguments = [("intervals", intervals.into()), ("rule", case.option("rollup").clone()), ("empty", empty)];
    let found = ask(backend, "ratio.roll_up", object(arguments))?;
    if case.word("rollup") != "mean_of_ratios" {
        return Ok(found);
    }
    // The fraction of a mean of ratios is that of its value; the counts are those of the sum.
    let expected = &case.expected;
    let mut mean = json!({"value": found["value"]});
    if let (Some(num), Some(den), Some(value)) =
        (expected["num"].as_f64(), expected["den"].as_f64(), found["value"].as_f64())
    {
        let same = (value - num / den).abs() < 1e-12;
        mean["num"] = if same { expected["num"].clone() } else { Value::Null };
        mean["den"] = expected["den"].clone();
    }
    Ok(mean)
}

pub(crate) fn empty(case: &Case, backend: &mut dyn Backend) -> Run<Value> {
    let arguments = [
        ("numerator", case.input("hits").clone()),
        ("denominator", case.input("counted").clone()),
        ("empty", case.option("empty").clone()),
    ];
    ask(backend, "ratio.show", object(arguments))
}

/// Hits are answered at once, the rest are abandoned; each shard is a tally of its own.
pub(crate) fn merge(case: &Case, backend: &mut dyn Backend) -> Run<Value> {
    let mut batches = Vec::new();
    for shard in case.list("shards")? {
        let (hits, counted) = (number(&shard[0], "hits")? as usize, number(&shard[1], "counted")? as usize);
        if hits > counted || counted > 1_000_000 {
            return wrong(format!("{shard} is no shard of at most a million contacts"));
        }
        let outcome = |i| Some(if i < hits { "answered" } else { "abandoned" }.to_owned());
        batches.push(vec![
            ("outcome".to_owned(), Values::Texts((0..counted).map(outcome).collect())),
            ("wait".to_owned(), Values::Seconds(vec![Some(0.0); counted])),
        ]);
    }
    let recipe = json!({"measure": "service_level", "within": ["20s"]});
    let mut count = Count::new(json!([recipe]), Vec::new());
    count.batches = batches;
    let lines = tally(backend, &count)?;
    Ok(shown(part(&lines, "level")?))
}

pub(crate) fn interval(case: &Case, backend: &mut dyn Backend) -> Run<Value> {
    let arguments = [
        ("successes", case.input("hits").clone()),
        ("n", case.input("counted").clone()),
        ("confidence", json!(case.confidence())),
    ];
    let found = ask(backend, &format!("share.{}", case.word("interval")), object(arguments))?;
    Ok(json!({"lo": found["low"], "hi": found["high"]}))
}

pub(crate) fn mean_wait(case: &Case, backend: &mut dyn Backend) -> Run<Value> {
    let waits = case.list("waits_s")?;
    if case.word("mean") == "asterisk_ema" {
        let each = ask(backend, "speed_of_answer.asterisk_holdtime", json!({ "waits": waits }))?;
        return Ok(json!({ "after_each": each }));
    }
    let waits: Run<Vec<Option<f64>>> = waits.iter().map(|wait| number(wait, "wait").map(Some)).collect();
    let waits = waits?;
    let outcome = vec![Some("answered".to_owned()); waits.len()];
    let columns = vec![("outcome".to_owned(), Values::Texts(outcome)), ("wait".to_owned(), Values::Seconds(waits))];
    let lines = tally(backend, &Count::new(json!(["speed_of_answer"]), columns))?;
    Ok(shown(part(&lines, "mean")?))
}

pub(crate) fn waits(case: &Case, backend: &mut dyn Backend) -> Run<Value> {
    let of = if case.asks("population") { case.word("population") } else { "answered" };
    let contacts = contacts(case)?;
    if case.word("stat") == "quantile" && case.asks("q") && case.word("q") != "R7" {
        // The measure has type 7 only; other types are a function of the waits.
        let kept = contacts.iter().filter(|c| of == "all" || c.outcome.as_deref() == Some(of));
        let waits: Vec<Value> = kept.map(|c| json!(c.wait)).collect();
        return quantile(backend, &waits.into(), case.option("p"), case.word("q"));
    }
    let p = case.option("p").as_f64().unwrap_or(0.5);
    let recipe = json!([{"measure": "wait", "of": of, "quantiles": [p], "buckets": "exact"}, "speed_of_answer"]);
    let lines = tally(backend, &Count::new(recipe, columns(&contacts)))?;
    let waits: Vec<Line> = lines.iter().filter(|line| line.measure == "wait").cloned().collect();
    let quantiles: Vec<&Line> =
        waits.iter().filter(|line| !["mean", "longest", "missing"].contains(&line.part.as_str())).collect();
    match case.word("stat") {
        "max" => Ok(shown(part(&waits, "longest")?)),
        "quantile" => Ok(quantiles.first().map_or(Value::Null, |line| shown(line))),
        _ if of == "answered" => {
            let speed: Vec<Line> = lines.into_iter().filter(|line| line.measure == "speed_of_answer").collect();
            let (mean, again) = (shown(part(&speed, "mean")?), shown(part(&waits, "mean")?));
            if mean != again {
                return wrong(format!("speed_of_answer gives {mean}, wait {again}"));
            }
            Ok(mean)
        }
        _ => Ok(shown(part(&waits, "mean")?)),
    }
}

fn quantile(backend: &mut dyn Backend, values: &Value, p: &Value, kind: &str) -> Run<Value> {
    let kind: u64 = kind.trim_start_matches('R').parse().unwrap_or(7);
    let found = ask(backend, "quantile.exact", json!({"values": values, "probabilities": [p], "kind": kind}))?;
    Ok(found.get(0).cloned().unwrap_or(found))
}

pub(crate) fn percentile(case: &Case, backend: &mut dyn Backend) -> Run<Value> {
    let kind = if case.asks("q") { case.word("q") } else { "R7" };
    quantile(backend, case.input("values"), case.input("p"), kind)
}

pub(crate) fn handle_time(case: &Case, backend: &mut dyn Backend) -> Run<Value> {
    let rows = case.list("contacts")?;
    let (mut sums, mut legs) = (vec![Vec::new(); 3], Vec::new());
    for row in rows {
        let segments = list(&row["segments"], "segments")?;
        for (sum, name) in sums.iter_mut().zip(["talk", "hold", "wrap"]) {
            let parts: Run<Vec<f64>> =
                segments.iter().map(|s| s.get(name).map_or(Ok(0.0), |v| number(v, name))).collect();
            sum.push(Some(parts?.iter().sum::<f64>()));
        }
        legs.push(Some(segments.len() as i64));
    }
    let mut columns: Columns = vec![("outcome".into(), Values::Texts(vec![Some("answered".to_owned()); rows.len()]))];
    for (name, sum) in ["talk", "hold", "wrap"].into_iter().zip(sums) {
        columns.push((name.into(), Values::Seconds(sum)));
    }
    columns.push(("legs".into(), Values::Integers(legs)));
    let per = if case.word("per") == "segment" { "leg" } else { "contact" };
    let wrap = case.option("wrap") != &json!(false);
    let recipe = json!([{"measure": "handle_time", "per": per, "wrap": wrap}]);
    let lines = tally(backend, &Count::new(recipe, columns))?;
    Ok(shown(part(&lines, "total/mean")?))
}

pub(crate) fn volume(case: &Case, backend: &mut dyn Backend) -> Run<Value> {
    let mut count = Count::new(json!(["volume"]), columns(&contacts(case)?));
    count.as_of = case.input.get("now_s").map(clock).transpose()?.flatten();
    let lines = tally(backend, &count)?;
    Ok(lines.iter().fold(json!({}), |mut found, line| {
        found[&line.part] = json!(line.value);
        found
    }))
}

pub(crate) fn transfer(case: &Case, backend: &mut dyn Backend) -> Run<Value> {
    let rows = case.list("contacts")?;
    let outcome: Run<Vec<Option<String>>> =
        rows.iter().map(|row| text(&row["outcome"], "outcome").map(|o| Some(o.to_owned()))).collect();
    let flags = rows.iter().map(|row| row["transferred"].as_bool().map(i64::from)).collect();
    let columns =
        vec![("outcome".to_owned(), Values::Texts(outcome?)), ("transferred".to_owned(), Values::Integers(flags))];
    let lines = tally(backend, &Count::new(json!(["transfer"]), columns))?;
    let mut found = shown(part(&lines, "rate")?);
    found["missing"] = json!(part(&lines, "missing")?.value);
    Ok(found)
}

/// Any measure on rows given as they are: texts, whole numbers and truth values; columns named in `units` are durations
/// in seconds (`s`) or instants (`instant`). Expects one part, or some of its fields.
pub(crate) fn measure(case: &Case, backend: &mut dyn Backend) -> Run<Value> {
    let rows = case.list("rows")?;
    let mut names: Vec<&String> = Vec::new();
    for key in rows.iter().filter_map(Value::as_object).flat_map(Map::keys) {
        if !names.contains(&key) {
            names.push(key);
        }
    }
    let mut columns: Columns = Vec::new();
    for name in names {
        let cells: Vec<&Value> = rows.iter().map(|row| &row[name.as_str()]).collect();
        let values = match case.input("units")[name.as_str()].as_str() {
            Some("s") => Values::Seconds(cells.iter().map(|c| c.as_f64()).collect()),
            Some("instant") => Values::Instants(cells.iter().map(|c| clock(c)).collect::<Run<_>>()?),
            Some(unit) => return wrong(format!("`{unit}` is no unit; s or instant")),
            None if cells.iter().any(|c| c.is_string()) => {
                Values::Texts(cells.iter().map(|c| c.as_str().map(str::to_owned)).collect())
            }
            None => Values::Integers(cells.iter().map(|c| c.as_i64().or(c.as_bool().map(i64::from))).collect()),
        };
        columns.push((name.clone(), values));
    }
    let lines = tally(backend, &Count::new(json!([case.input("recipe")]), columns))?;
    Ok(shown(part(&lines, text(case.option("part"), "part")?)?))
}

/// Both must say the same.
pub(crate) fn agree(a: &Value, b: &Value) -> Run<()> {
    check(a, b, crate::case::Near::Within(1e-9, 1e-12))
}
