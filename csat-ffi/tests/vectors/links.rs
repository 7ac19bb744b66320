//! Links and the measures that read them.
//!
//! Own vectors name a measure and its columns, or a function of the door (a metric with a dot); those of others come
//! through the table of [`domain`](crate::domain).

use csat_core::record::Table;
use csat_core::time::instant::parse_instant;
use csat_core::{Measure, Recipe};
use serde_json::{Map, Value, json};

use crate::call::{Backend, Columns, Count, Values};
use crate::case::{Case, Fail, Near, Run, answer, ask, check, is_expected, list, part, shown, tally, text, wrong};
use crate::domain::object;
use crate::file::Job;

/// Whether a case names a function, or a measure with its columns.
pub(crate) fn is_own(case: &Value) -> bool {
    case["metric"].as_str().is_some_and(|metric| metric.contains('.')) || case["input"].get("columns").is_some()
}

pub(crate) fn jobs(case: &Value) -> Vec<Job<'_>> {
    let variants = case["variants"].as_array().map_or(&[][..], Vec::as_slice);
    let job = |variant| -> Job<'_> {
        let name = format!("{} / {}", case["id"], variant_name(variant));
        (name, Box::new(move |backend| run(case, variant, backend)))
    };
    variants.iter().map(job).collect()
}

fn variant_name(variant: &Value) -> &str {
    variant["variant"].as_str().unwrap_or("?")
}

fn run(case: &Value, variant: &Value, backend: &mut dyn Backend) -> Run<()> {
    let map = |value: &Value| value.as_object().cloned().unwrap_or_default();
    let mut input = map(&case["input"]);
    input.extend(map(&variant["input"]));
    let (metric, expected) = (text(&case["metric"], "metric")?, &variant["expected"]);
    let found = if metric.contains('.') {
        input.extend(map(&variant["options"]));
        answer(backend, metric, Value::Object(input))?.map_err(Fail::from)
    } else {
        measured(metric, map(&variant["options"]), &input, expected, backend)
    };
    match (found, expected.get("error")) {
        (Err(Fail::Refused(refusal)), Some(error)) if is_expected(error, &refusal) => Ok(()),
        (Ok(found), None) => check(expected, &found, Near::Printed(6)),
        (Ok(found), Some(error)) => wrong(format!("the error {error} was expected, not {found}")),
        (Err(fail), _) => Err(fail),
    }
}

/// The parts of a measure that are expected.
fn measured(
    metric: &str,
    mut recipe: Map<String, Value>,
    input: &Map<String, Value>,
    expected: &Value,
    backend: &mut dyn Backend,
) -> Run<Value> {
    let Ok(known) = Recipe::named(metric) else { return Err(Fail::NotRun(format!("no measure `{metric}`"))) };
    let table = known.about().table;
    recipe.insert("measure".into(), metric.into());
    let given = input.get("columns").and_then(Value::as_object).ok_or_else(|| Fail::Wrong("no `columns`".into()))?;
    let columns = given.iter().map(|(name, values)| Ok((name.clone(), column(table, name, list(values, name)?)?)));
    let mut count = Count::new(json!([recipe]), columns.collect::<Run<Columns>>()?);
    if let Some(as_of) = input.get("as_of") {
        count.as_of = Some(instant(as_of)?);
    }
    let lines = tally(backend, &count)?;
    let paths = expected.as_object().into_iter().flat_map(Map::keys).filter(|path| *path != "error");
    let parts = paths.map(|path| Ok((path.clone(), shown(part(&lines, path)?))));
    Ok(Value::Object(parts.collect::<Run<Map<String, Value>>>()?))
}

fn instant(value: &Value) -> Run<i64> {
    parse_instant(text(value, "an instant")?).map_err(|e| Fail::Wrong(e.message().to_owned()))
}

/// A column in the kind that its table gives it.
fn column(table: Table, name: &str, values: &[Value]) -> Run<Values> {
    let Some(known) = table.known_columns().iter().find(|c| c.name == name) else {
        return wrong(format!("{} has no column `{name}`", table.name()));
    };
    let there = |value: &Value| !value.is_null();
    Ok(match known.kind {
        "instant" => {
            let each = values.iter().map(|v| if there(v) { instant(v).map(Some) } else { Ok(None) });
            Values::Instants(each.collect::<Run<_>>()?)
        }
        "duration" => Values::Seconds(values.iter().map(Value::as_f64).collect()),
        "integer" => Values::Integers(values.iter().map(Value::as_i64).collect()),
        "flag" => Values::Integers(values.iter().map(|v| v.as_bool().map(i64::from)).collect()),
        _ => Values::Texts(values.iter().map(|v| v.as_str().map(str::to_owned)).collect()),
    })
}

fn flags(count: usize, yes: impl Fn(usize) -> bool) -> Values {
    Values::Integers((0..count).map(|i| Some(i64::from(yes(i)))).collect())
}

fn resolution(options: &Value, columns: Columns, backend: &mut dyn Backend) -> Run<Value> {
    let mut recipe = json!({"measure": "first_contact_resolution"});
    for (key, value) in options.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()) {
        recipe[key] = value.clone();
    }
    Ok(shown(part(&tally(backend, &Count::new(json!([recipe]), columns))?, "rate")?))
}

pub(crate) fn resolved_counts(case: &Case, backend: &mut dyn Backend) -> Run<Value> {
    let [all, resolved, unresolvable] =
        [case.number("contacts")?, case.number("resolved_first")?, case.number("not_resolvable_at_first_level")?]
            .map(|count| count as usize);
    let columns = vec![
        ("resolved".to_owned(), flags(all, |i| i < resolved)),
        ("resolvable".to_owned(), flags(all, |i| i + unresolvable < all)),
    ];
    resolution(&object([("exclude_unresolvable", case.option("exclude_unresolvable").clone())]), columns, backend)
}

pub(crate) fn resolved(case: &Case, backend: &mut dyn Backend) -> Run<Value> {
    let contacts = case.list("contacts")?;
    let column = |key: &str| Value::Array(contacts.iter().map(|c| c[key].clone()).collect());
    // Days are counted from some first of January.
    let day = |day: &Value| day.as_u64().map(|day| format!("2024-01-{:02}T00:00Z", day + 1));
    let mut arguments = json!({
        "customer": column("customer"), "at": contacts.iter().map(|c| day(&c["day"])).collect::<Vec<_>>(),
        "window": case.option("window_d").as_f64().map(|days| days * 86_400.0), "data_end": day(case.option("data_end_day")),
    });
    if case.word("key") == "customer+topic" {
        arguments["topic"] = column("topic");
    }
    let linked = ask(backend, "link.repeat", arguments)?;
    let column = |key: &str| -> Run<(String, Values)> {
        let flags = list(&linked[key], key)?.iter().map(|v| v.as_bool().map(i64::from)).collect();
        Ok((key.to_owned(), Values::Integers(flags)))
    };
    resolution(&object([("unit", case.option("unit").clone())]), vec![column("resolved")?, column("first")?], backend)
}

pub(crate) fn occupancy(case: &Case, backend: &mut dyn Backend) -> Run<Value> {
    let queue = case.input("on_queue_min");
    if case.word("metric") == "utilisation" {
        // Time on queue is occupied or available.
        let arguments = json!({"occupied": queue, "available": 0.0, "paid": case.input("paid_min")});
        return ask(backend, "load.utilisation", arguments);
    }
    let contacts = case.input("contact_intervals_min");
    let arguments = json!({"on_queue": queue, "contacts": contacts, "concurrency": case.option("concurrency")});
    ask(backend, "load.occupancy", arguments)
}

pub(crate) fn occupancy_of_times(case: &Case, backend: &mut dyn Backend) -> Run<Value> {
    let arguments = json!({
        "contacts": case.input("contact_min"), "after_work": case.input("acw_min"),
        "available": case.input("available_min"), "after_work_busy": case.word("acw") != "not_busy",
    });
    ask(backend, "load.occupancy_of_times", arguments)
}
