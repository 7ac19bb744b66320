//! Vectors of links and of the measures that read them.
//!
//! The hand-checked ones of `links/clocks.json` beside this file (the common runner does not know these measures yet) always run; with `CSAT_VECTORS` set to a folder of reference
//! vectors its `domain.json` runs too, through one table from metric and options to calls of csat. With `CSAT_DATA` set
//! to a folder of public data sets the published figures of the ticket set are compared.

use csat_core::door::call;
use csat_core::record::{Batch, Column, Table, TimeUnit, Validity, Values};
use csat_core::tally::PushOptions;
use csat_core::time::instant::parse_instant;
use csat_core::time::{MISSING, Zone};
use csat_core::{Measure, Plan, Recipe, Report, Tally};
use serde_json::{Map, Value, json};

fn read(path: &str) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{path}: {e}"));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{path}: {e}"))
}

fn texts(values: &[Value]) -> Vec<&str> {
    values.iter().map(|v| v.as_str().unwrap_or("")).collect()
}

/// One column of JSON values in the kind that the table gives it.
enum Owned {
    Instants(Vec<i64>),
    Seconds(Vec<f64>),
    Integers(Vec<i64>, Vec<u8>),
    Texts(Vec<String>, Vec<u8>),
}

impl Owned {
    fn new(kind: &str, values: &[Value]) -> Owned {
        let there = || values.iter().map(|v| u8::from(!v.is_null())).collect();
        let instant = |v: &Value| v.as_str().map_or(MISSING, |text| parse_instant(text).unwrap());
        match kind {
            "instant" => Owned::Instants(values.iter().map(instant).collect()),
            "duration" => Owned::Seconds(values.iter().map(|v| v.as_f64().unwrap_or(f64::NAN)).collect()),
            "integer" => Owned::Integers(values.iter().map(|v| v.as_i64().unwrap_or(0)).collect(), there()),
            "flag" => Owned::Integers(values.iter().map(|v| i64::from(v.as_bool() == Some(true))).collect(), there()),
            _ => Owned::Texts(texts(values).into_iter().map(str::to_owned).collect(), there()),
        }
    }

    fn borrow(&self) -> Column<'_> {
        match self {
            Owned::Instants(v) => Column::instants(v),
            Owned::Seconds(v) => Column::new(Values::Float64(v, Some(TimeUnit::Second))),
            Owned::Integers(v, there) => Column::integers(v).with_validity(Validity::Bytes(there)),
            Owned::Texts(v, there) => {
                Column::new(Values::Text(csat_core::record::Texts::Strings(v))).with_validity(Validity::Bytes(there))
            }
        }
    }
}

fn kind_of(table: Table, column: &str) -> &'static str {
    table.known_columns().iter().find(|c| c.name == column).unwrap_or_else(|| panic!("no column {column}")).kind
}

/// The report of one measure over columns of JSON values.
fn measure(
    name: &str,
    options: &Map<String, Value>,
    columns: &Map<String, Value>,
    as_of: Option<&str>,
) -> csat_core::Result<Report> {
    let mut recipe = options.clone();
    recipe.insert("measure".into(), name.into());
    let recipe = Recipe::from_json(&Value::Object(recipe))?;
    let table = recipe.about().table;
    let mut tally = Tally::new(Plan::new([recipe]))?;
    let owned: Vec<(&String, Owned)> = columns
        .iter()
        .map(|(name, values)| (name, Owned::new(kind_of(table, name), values.as_array().unwrap())))
        .collect();
    let batch = owned.iter().fold(Batch::new(), |batch, (name, column)| batch.column(name.as_str(), column.borrow()));
    let as_of = as_of.map(|text| parse_instant(text).unwrap());
    tally.push_with(&batch, PushOptions { as_of, ..PushOptions::default() })?;
    tally.report(Some(0.95))
}

fn near(found: f64, expected: &Value, place: &str) {
    let expected = expected.as_f64().unwrap_or_else(|| panic!("{place}: {expected}"));
    assert!((found - expected).abs() <= 6e-7 * expected.abs().max(1.0), "{place}: {found} instead of {expected}");
}

/// Compares a part of a report with a number, null, or an object of value, num, den, low, high, n.
fn compare(report: &Report, name: &str, path: &str, expected: &Value, place: &str) {
    let estimate = report.get(0, name, path).unwrap_or_else(|| panic!("{place}: no part {path}"));
    let Value::Object(fields) = expected else {
        match estimate.value {
            Some(value) => near(value, expected, place),
            None => assert!(expected.is_null(), "{place}: nothing instead of {expected}"),
        }
        return;
    };
    for (field, expected) in fields {
        let found = match field.as_str() {
            "value" => estimate.value,
            "low" => estimate.low,
            "high" => estimate.high,
            "n" => Some(estimate.n as f64),
            "num" => estimate.numerator,
            "den" => estimate.denominator,
            other => panic!("{place}: unknown field {other}"),
        };
        near(found.unwrap_or_else(|| panic!("{place}: no {field}")), expected, &format!("{place} {field}"));
    }
}

#[test]
fn hand_checked_vectors() {
    let file = read(&format!("{}/tests/links/clocks.json", env!("CARGO_MANIFEST_DIR")));
    let mut metrics: Vec<&str> = Vec::new();
    for case in file["cases"].as_array().unwrap() {
        let metric = case["metric"].as_str().unwrap();
        metrics.push(metric);
        for variant in case["variants"].as_array().unwrap() {
            let place = format!("{} {}", case["id"], variant["variant"]);
            let mut input = case["input"].as_object().unwrap().clone();
            input.extend(variant.get("input").and_then(Value::as_object).cloned().unwrap_or_default());
            let options = variant["options"].as_object().unwrap();
            if metric.contains('.') {
                input.extend(options.clone());
                let found = call(metric, input);
                if let Some(error) = variant["expected"].get("error") {
                    let message = found.unwrap_err().to_string();
                    assert!(message.contains(error.as_str().unwrap()), "{place}: {message}");
                    continue;
                }
                let found = found.unwrap_or_else(|e| panic!("{place}: {e}"));
                for (key, expected) in variant["expected"].as_object().unwrap() {
                    assert_eq!(&found[key], expected, "{place} {key}");
                }
                continue;
            }
            let as_of = input.get("as_of").and_then(Value::as_str);
            let report = measure(metric, options, input["columns"].as_object().unwrap(), as_of);
            if let Some(error) = variant["expected"].get("error") {
                let message = report.unwrap_err().to_string();
                assert!(message.contains(error.as_str().unwrap()), "{place}: {message}");
                continue;
            }
            let report = report.unwrap_or_else(|e| panic!("{place}: {e}"));
            for (path, expected) in variant["expected"].as_object().unwrap() {
                compare(&report, metric, path, expected, &format!("{place} {path}"));
            }
        }
    }
    let of_issue = [
        "response",
        "missed_calls",
        "callbacks",
        "first_contact_resolution",
        "repeat_contact",
        "containment",
        "contact_rate",
        "survey_funnel",
        "followup",
        "problems",
    ];
    for name in of_issue {
        assert!(metrics.contains(&name), "no vector of {name}");
    }
}

fn options(pairs: Value) -> Map<String, Value> {
    let Value::Object(map) = pairs else { panic!("not an object: {pairs}") };
    map
}

fn share(report: &Report, name: &str, path: &str) -> (f64, f64) {
    let estimate = report.get(0, name, path).unwrap();
    (estimate.numerator.unwrap(), estimate.denominator.unwrap())
}

/// Numerator and denominator of a reference case, by its metric: the one table from the reference vectors to csat.
fn reference(metric: &str, input: &Value, given: &Map<String, Value>) -> Option<(f64, f64)> {
    let option = |key: &str| given.get(key).and_then(Value::as_str);
    Some(match (metric, option("metric")) {
        ("fcr", _) if input.get("resolved_first").is_some() => {
            let count = |key: &str| input[key].as_u64().unwrap() as usize;
            let (all, resolved, unresolvable) =
                (count("contacts"), count("resolved_first"), count("not_resolvable_at_first_level"));
            let flags =
                |pick: &dyn Fn(usize) -> bool| Value::from((0..all).map(|i| json!(pick(i))).collect::<Vec<_>>());
            let columns = json!({
                "resolved": flags(&|i| i < resolved),
                "resolvable": flags(&|i| i < all - unresolvable),
            });
            let net = options(json!({"exclude_unresolvable": given["exclude_unresolvable"]}));
            let report = measure("first_contact_resolution", &net, columns.as_object().unwrap(), None).unwrap();
            share(&report, "first_contact_resolution", "rate")
        }
        ("fcr", _) => {
            let contacts = input["contacts"].as_array().unwrap();
            let day = |day: u64| format!("2024-01-{:02}T00:00Z", day + 1);
            let column = |key: &str| Value::from(contacts.iter().map(|c| c[key].clone()).collect::<Vec<_>>());
            let at: Vec<String> = contacts.iter().map(|c| day(c["day"].as_u64().unwrap())).collect();
            let mut arguments = options(json!({
                "customer": column("customer"), "at": at, "window": given["window_d"].as_f64().unwrap() * 86_400.0,
            }));
            if option("key") != Some("customer") {
                arguments.insert("topic".into(), column("topic"));
            }
            if option("censor") == Some("exclude_immature") {
                arguments.insert("data_end".into(), day(given["data_end_day"].as_u64().unwrap()).into());
            }
            let linked = call("link.repeat", arguments).unwrap();
            let columns = json!({"resolved": linked["resolved"], "first": linked["first"]});
            let unit = options(json!({"unit": option("unit").unwrap_or("contact")}));
            let report = measure("first_contact_resolution", &unit, columns.as_object().unwrap(), None).unwrap();
            share(&report, "first_contact_resolution", "rate")
        }
        ("abandonment_rate", Some("containment")) => {
            let count = |key: &str| input[key].as_u64().unwrap() as usize;
            let (all, served, queued) = (count("entered_ivr"), count("self_served"), count("queued"));
            let flags =
                |pick: &dyn Fn(usize) -> bool| Value::from((0..all).map(|i| json!(pick(i))).collect::<Vec<_>>());
            let columns = json!({
                "completed": flags(&|i| i < served),
                "repeated": flags(&|i| i < count("self_served_repeat_24h")),
                "human": flags(&|i| i >= all - queued),
            });
            let rule = match option("rule").unwrap() {
                "not_queued" => "no_human",
                "completed" => "completed",
                "completed_no_repeat" => "strict",
                other => panic!("rule {other}"),
            };
            let report =
                measure("containment", &options(json!({"rule": rule})), columns.as_object().unwrap(), None).unwrap();
            share(&report, "containment", "rate")
        }
        ("missed_call_callback", _) if option("unit") == Some("call") => {
            let day = |time: &Value| format!("2024-03-01T{}+03:00", time.as_str().unwrap());
            let column = |rows: &str, key: &str| {
                Value::from(input[rows].as_array().unwrap().iter().map(|r| r[key].clone()).collect::<Vec<_>>())
            };
            let times = |rows: &str| {
                Value::from(input[rows].as_array().unwrap().iter().map(|r| day(&r["at"])).collect::<Vec<_>>())
            };
            let linked = call(
                "link.callback",
                options(json!({
                    "number": column("missed", "n"), "missed": times("missed"),
                    "event_number": column("events", "n"), "kind": column("events", "kind"), "at": times("events"),
                })),
            );
            let mut columns = linked.unwrap().as_object().unwrap().clone();
            columns.insert("missed".into(), times("missed"));
            let target = format!("{}m", input["target_min"]);
            let sla = json!({"calendar": input["calendar"], "policies": [{"targets": [{"event": "callback", "target": target}]}]});
            let recipe = options(json!({"sla": sla, "stop": given["stop"]}));
            // The vector counts what was never returned as late: the end of the day is long after every target.
            let report = measure("callbacks", &recipe, &columns, Some("2024-03-01T18:59+03:00")).unwrap();
            share(&report, "callbacks", "in_time")
        }
        ("occupancy", _) => {
            let number = |key: &str| input[key].as_f64().unwrap();
            let answer = match (option("metric"), option("acw"), option("concurrency")) {
                (Some("utilisation"), ..) => {
                    let queue = number("on_queue_min");
                    call("load.utilisation", options(json!({"occupied": queue, "available": 0.0, "paid": number("paid_min")})))
                }
                (_, _, Some(concurrency)) => call("load.occupancy", options(json!({
                    "on_queue": number("on_queue_min"), "contacts": input["contact_intervals_min"], "concurrency": concurrency,
                }))),
                (_, acw, _) => call("load.occupancy_of_times", options(json!({
                    "contacts": number("contact_min"), "after_work": number("acw_min"), "available": number("available_min"),
                    "after_work_busy": acw != Some("not_busy"),
                }))),
            }
            .unwrap();
            (answer["numerator"].as_f64().unwrap(), answer["denominator"].as_f64().unwrap())
        }
        _ => return None,
    })
}

#[test]
fn reference_vectors_of_links() {
    let Ok(folder) = std::env::var("CSAT_VECTORS") else {
        println!("CSAT_VECTORS is not set: the reference vectors of links are left out");
        return;
    };
    let file = read(&format!("{folder}/domain.json"));
    let mut run = 0;
    for case in file["cases"].as_array().unwrap() {
        for variant in case["variants"].as_array().unwrap() {
            let given = variant["options"].as_object().unwrap();
            let Some((num, den)) = reference(case["metric"].as_str().unwrap(), &case["input"], given) else { continue };
            let place = format!("{} {}", case["id"], variant["variant"]);
            let expected = variant.get("csat").map_or(&variant["expected"], |csat| &csat["expected"]);
            near(num / den, expected.get("value").unwrap_or(expected), &place);
            if let (Some(n), Some(d)) = (expected.get("num"), expected.get("den")) {
                near(num / den, &json!(n.as_f64().unwrap() / d.as_f64().unwrap()), &place);
            }
            run += 1;
        }
    }
    assert_eq!(run, 18, "variants of resolution, occupancy, containment and call-backs");
}

#[test]
fn published_figures_of_the_ticket_set() {
    let Ok(folder) = std::env::var("CSAT_DATA") else {
        println!("CSAT_DATA is not set: the published ticket figures are left out");
        return;
    };
    let file = |name: &str| std::fs::read_to_string(format!("{folder}/it_tickets_sla/{name}")).unwrap();
    let zone = Zone::utc();
    // Ticket → department, first event, highest status, last closing.
    let mut tickets: std::collections::BTreeMap<String, (String, i64, (i64, String), i64)> =
        std::collections::BTreeMap::default();
    for name in ["tickets_1.csv", "tickets_2.csv", "tickets_3.csv"] {
        for line in file(name).lines().skip(1).filter(|line| !line.trim_matches(',').is_empty()) {
            let field: Vec<&str> = line.split(',').collect();
            let at = zone.parse(field[0].trim()).unwrap();
            let (number, status): (i64, &str) = (field[3].parse().unwrap(), field[5]);
            let department = field[1].split(" / ").nth(1).unwrap().to_owned();
            let ticket = tickets.entry(field[1].to_owned()).or_insert((department, at, (0, String::new()), MISSING));
            ticket.1 = ticket.1.min(at);
            ticket.2 = ticket.2.clone().max((number, status.to_owned()));
            ticket.3 = if status == "Closed" { ticket.3.max(at) } else { ticket.3 };
        }
    }
    let targets: Vec<Value> = file("sla_by_department.csv")
        .lines()
        .skip(1)
        .map(|line| {
            let (department, days) = line.split_once(',').unwrap();
            json!({"event": "resolution", "teams": [department], "target": format!("{}d", days.trim())})
        })
        .collect();
    let day = json!([["00:00", "24:00"]]);
    let hours = json!({"mon": day, "tue": day, "wed": day, "thu": day, "fri": day});
    let sla = json!({"calendar": {"time_zone": "UTC", "hours": hours}, "policies": [{"targets": targets}]});
    let recipe =
        Recipe::from_json(&json!({"measure": "response", "event": "resolution", "sla": sla, "buckets": "exact"}))
            .unwrap();
    let closed: Vec<_> = tickets
        .values()
        .map(|(_, _, (_, status), closed)| if status == "Closed" { *closed } else { MISSING })
        .collect();
    let created: Vec<i64> = tickets.values().map(|t| t.1).collect();
    let departments: Vec<&str> = tickets.values().map(|t| t.0.as_str()).collect();
    let batch = Batch::new()
        .column("created", Column::instants(&created))
        .column("resolved", Column::instants(&closed))
        .column("team", Column::texts(&departments));
    let mut tally = Tally::new(Plan::new([recipe]).by(["team"])).unwrap();
    tally.push(&batch).unwrap();
    let total = tally.roll_up::<&str>(&[], None).unwrap().report(Some(0.95)).unwrap();
    let get = |path: &str| total.get(0, "response", path).unwrap();
    assert_eq!((get("met").numerator, get("missed").value), (Some(71.0), Some(32.0)));
    assert_eq!(get("open").value, Some((tickets.len() - 103) as f64));
    // A weekend end is Friday 24:00 here and 23:59:59 in the record: a second of days.
    let days = |path: &str| get(path).value.unwrap() / 86_400.0;
    assert!((days("elapsed/mean") - 10.687_251).abs() < 2e-5 && (days("elapsed/p50") - 10.016_667).abs() < 2e-5);
    let report = tally.report(Some(0.95)).unwrap();
    let expected = [
        ("HR", 100.0),
        ("Operations", 100.0),
        ("Project Management", 100.0),
        ("Sales", 100.0),
        ("Product Design", 90.91),
    ];
    for (department, percent) in expected {
        let group = (0..report.groups())
            .find(|g| format!("{:?}", report.group(*g).0).contains(&format!("\"{department}\"")))
            .unwrap();
        let met = report.get(group, "response", "met").unwrap().value.unwrap();
        assert!((100.0 * met - percent).abs() < 0.005, "{department}: {met}");
    }
}
