//! Service level, abandonment, roll-up and empty intervals against vectors: the project's own, and those of the file
//! (or of `domain.json` in the folder) named by the environment variable `CSAT_VECTORS`, where it is set.

use std::collections::{BTreeMap, BTreeSet};

use csat_core::rule::abandonment::{Containment, MenuStage};
use csat_core::rule::batch::{RollUp, roll_up, service_level_trimmed};
use csat_core::rule::definition::{EmptyAs, Treatment};
use csat_core::rule::level::{LevelCounts, Ratio, Reader, band_index, cuts, table};
use csat_core::rule::outcome::{Attribution, ClockStart, derive, event_instant};
use csat_core::rule::{AbandonmentPolicy, Definition, Outcome, duration};
use serde_json::{Map, Value, json};

const OWN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/service_level.json");

#[test]
fn own_vectors() {
    assert_eq!(run(OWN), 15);
}

#[test]
fn vectors_of_the_environment() {
    match std::env::var("CSAT_VECTORS") {
        Ok(path) if std::path::Path::new(&path).is_dir() => assert!(run(&format!("{path}/domain.json")) > 0),
        Ok(path) => assert!(run(&path) > 0),
        Err(_) => println!("CSAT_VECTORS is not set: only the project's own vectors were run"),
    }
}

/// Runs the cases of a file; gives how many there were.
fn run(path: &str) -> usize {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{path}: {e}"));
    let file: Value = serde_json::from_str(&text).unwrap();
    let cases = file["cases"].as_array().unwrap();
    let mut count = 0;
    for case in cases {
        let check = match case["metric"].as_str().unwrap() {
            "service_level" => service_level,
            "abandonment_rate" => abandonment,
            "rollup" => rollup,
            "empty" => empty,
            _ => continue,
        };
        let input = match case["input"]["ref"].as_str() {
            Some(id) => &cases.iter().find(|other| other["id"] == id).unwrap()["input"],
            None => &case["input"],
        };
        for variant in case["variants"].as_array().unwrap() {
            let place = format!("{}: {}", case["id"], variant["variant"]);
            let options = Options::read(variant["options"].as_object().unwrap(), case, input);
            check(input, &options, &variant["expected"], &place);
        }
        count += 1;
    }
    println!("{path}: {count} cases");
    count
}

/// What the options of a variant say, in the terms of the library.
#[derive(Default)]
struct Options {
    definition: Value,
    policy: Value,
    attribution: Option<Attribution>,
    clock_start: Option<ClockStart>,
    roll_up: Option<RollUp>,
    empty: Option<EmptyAs>,
    trim_top: Option<f64>,
    stage: Option<String>,
    containment: Option<Containment>,
}

impl Options {
    /// The one mapping from option keys of the vectors to recipes; unknown keys and values fail.
    fn read(options: &Map<String, Value>, case: &Value, input: &Value) -> Self {
        let mut read = Self::default();
        let (mut definition, mut cells, mut policy) = (Map::new(), Map::new(), Map::new());
        for (key, value) in options {
            let word = value.as_str().unwrap_or_default();
            match key.as_str() {
                "definition" => read.definition = value.clone(),
                "policy" => read.policy = value.clone(),
                // `comparator` sets every class; `other_comparator` then sets the exclusion of abandons apart.
                "cmp" | "answered_cmp" => put(&mut definition, "comparator", word),
                "abandoned_excluded_cmp" => put(&mut definition, "other_comparator", word),
                "pending" | "resolution" => put(&mut definition, key, word),
                "attribution" => read.attribution = Some(Attribution::from_name(word).unwrap()),
                "clock_start" => read.clock_start = Some(ClockStart::from_name(word).unwrap()),
                "trim_top" => read.trim_top = Some(value.as_f64().unwrap()),
                "rollup" => read.roll_up = Some(RollUp::from_name(word).unwrap()),
                "empty" if word == "skip" => read.empty = Some(EmptyAs::Null),
                "empty" => read.empty = Some(EmptyAs::from_name(word).unwrap()),
                "short" => {
                    let rule = json!({"limit": input["short_abandon_s"], "effect": word});
                    policy.insert("short".to_owned(), rule);
                }
                "denominator" => put(&mut policy, "base", word),
                "flow_out_as" if word == "abandoned" => put(&mut policy, "base", "flow_out_as_abandoned"),
                "kind" if word == "lost" => put(&mut policy, "base", "lost"),
                "stage" => read.stage = Some(word.to_owned()),
                "metric" if word == "containment" => {}
                "rule" => read.containment = Some(Containment::from_name(word).unwrap()),
                "window_h" if *value == 24 => {}
                // Everything else must be a cell; the library refuses what is none.
                _ if case["metric"] == "service_level" => put(&mut cells, &key.replace("exit_key_", "key_exit_"), word),
                _ => panic!("unknown option {key} of {}", case["id"]),
            }
        }
        assert!(case["metric"] == "service_level" || definition.is_empty(), "{}: not a service level", case["id"]);
        // The variants of a case that sets the exclusion of abandons apart all leave abandons within T out.
        let variants = case["variants"].as_array().unwrap();
        if variants.iter().any(|v| v["options"].get("abandoned_excluded_cmp").is_some()) {
            put(&mut cells, "abandoned_in", "exclude");
        }
        if cells.contains_key("abandoned_short") {
            definition.insert("short".to_owned(), json!({"limit": input["short_abandon_s"]}));
        }
        if !cells.is_empty() {
            definition.insert("cells".to_owned(), Value::Object(cells));
        }
        for (named, own) in [(&mut read.definition, definition), (&mut read.policy, policy)] {
            assert!(named.is_null() || own.is_empty(), "a named definition takes no further options");
            if named.is_null() {
                *named = Value::Object(own);
            }
        }
        read
    }
}

fn put(map: &mut Map<String, Value>, key: &str, value: &str) {
    map.insert(key.to_owned(), Value::from(value));
}

struct Contact {
    outcome: Outcome,
    wait: i64,
    offered: i64,
    at: Option<i64>,
    count: u64,
}

fn contacts(input: &Value, definition: &Definition, clock: ClockStart) -> Vec<Contact> {
    let one = |row: &Value| {
        let count = row.get("count").map_or(1, |count| count.as_u64().unwrap());
        let outcome = row.get("outcome").map(|name| match name.as_str().unwrap() {
            "exit_key" => Outcome::KeyExit,
            "waiting" => Outcome::Pending,
            name => Outcome::from_name(name).unwrap(),
        });
        if let Some(wait) = row.get("wait_s") {
            return Contact { outcome: outcome.unwrap(), wait: micros(wait), offered: 0, at: None, count };
        }
        let first = |keys: &[&str]| keys.iter().find_map(|key| row.get(key)).map(instant);
        let offered = first(&["enqueue_s", "enqueue_epoch", "offered"]).unwrap();
        let at = first(&["answer_epoch", "at"]);
        let (derived, end) = derive(at, None, input.get("now_s").map(instant)).unwrap();
        let start = match clock {
            ClockStart::Offered => offered,
            ClockStart::Started => instant(&row["started"]),
            ClockStart::Rang => panic!("no vector uses this clock"),
        };
        let wait = definition.resolution().wait(start, end).unwrap();
        Contact { outcome: outcome.unwrap_or(derived), wait, offered, at, count }
    };
    input["contacts"].as_array().unwrap().iter().map(one).collect()
}

fn micros(seconds: &Value) -> i64 {
    duration::from_seconds(seconds.as_f64().unwrap()).unwrap()
}

/// Seconds, or a time of day.
fn instant(value: &Value) -> i64 {
    let Some(text) = value.as_str() else { return micros(value) };
    let parts: Vec<i64> = text.split(':').map(|part| part.parse().unwrap()).collect();
    (parts[0] * 3600 + parts[1] * 60 + parts[2]) * 1_000_000
}

fn service_level(input: &Value, options: &Options, expected: &Value, place: &str) {
    let definition = Definition::from_value(&options.definition).unwrap();
    let threshold = micros(&input["threshold_s"]);
    if let Some(waits) = input.get("answered_waits_s") {
        let waits: Vec<i64> = waits.as_array().unwrap().iter().map(micros).collect();
        let trim_top = options.trim_top.unwrap_or(0.0);
        let ratio = service_level_trimmed(&waits, threshold, definition.comparator(), trim_top).unwrap();
        return compare(ratio, expected, place);
    }
    assert!(options.trim_top.is_none(), "{place}: only waits can be trimmed");
    let contacts = contacts(input, &definition, options.clock_start.unwrap_or(definition.clock_start()));
    if let Some(waits) = expected.get("waits_s") {
        let waits = waits.as_array().unwrap().iter().map(micros);
        assert!(contacts.iter().map(|contact| contact.wait).eq(waits), "{place}");
    }
    let Some(attribution) = options.attribution else {
        let level = read(&definition, threshold, &contacts, place);
        compare(level.ratio(), expected, place);
        if let Some(assumed) = expected.get("assumed_contacts") {
            assert_eq!(level.assumed_contacts, assumed.as_u64().unwrap(), "{place}");
        }
        for (key, ratio) in [("assumed_low", level.assumed_low), ("assumed_high", level.assumed_high)] {
            if let Some(value) = expected.get(key) {
                close(ratio.value(), value, place);
            }
        }
        return;
    };
    let mut slots: BTreeMap<String, Vec<Contact>> = BTreeMap::new();
    for contact in contacts {
        let at = event_instant(attribution, contact.offered, contact.at, contact.at, threshold).unwrap();
        let minutes = at / 60_000_000 / 30 * 30;
        slots.entry(format!("{:02}:{:02}", minutes / 60, minutes % 60)).or_default().push(contact);
    }
    let names: BTreeSet<&String> = expected.as_object().unwrap().keys().collect();
    assert!(slots.keys().eq(names), "{place}: {:?}", slots.keys());
    for (slot, contacts) in &slots {
        compare(read(&definition, threshold, contacts, place).ratio(), &expected[slot], place);
    }
}

/// Contacts by class and stored band.
fn counter<'a>(contacts: &'a [Contact], cuts: &'a [i64]) -> impl Fn(Outcome, usize) -> u64 + 'a {
    move |outcome, band| {
        contacts.iter().filter(|c| c.outcome == outcome && band_index(cuts, c.wait) == band).map(|c| c.count).sum()
    }
}

/// Reads by counts and contact by contact; both must agree. A cut that nobody asked for must not matter.
fn read(definition: &Definition, threshold: i64, contacts: &[Contact], place: &str) -> LevelCounts {
    let cuts = cuts(std::slice::from_ref(definition), &[threshold, 7_000_000]);
    let counts = counter(contacts, &cuts);
    let level = Reader::new(definition, threshold, &cuts).unwrap().read(&counts);
    let mut single = Ratio::default();
    for contact in contacts {
        let treatment = definition.treat(threshold, contact.outcome, contact.wait).unwrap().treatment;
        single.numerator += if treatment == Treatment::Hit { contact.count } else { 0 };
        single.denominator += if treatment == Treatment::Exclude { 0 } else { contact.count };
    }
    assert_eq!(single, level.ratio(), "{place}");
    let rows = table(definition, threshold, &cuts, counts).unwrap();
    let all: u64 = contacts.iter().map(|contact| contact.count).sum();
    assert_eq!(rows.iter().map(|row| row.contacts).sum::<u64>(), all, "{place}");
    level
}

fn abandonment(input: &Value, options: &Options, expected: &Value, place: &str) {
    if input.get("entered_ivr").is_some() {
        let count = |key: &str| input[key].as_u64().unwrap();
        let menu = MenuStage {
            entered: count("entered_ivr"),
            hung_up: count("hung_up_in_ivr"),
            self_served: count("self_served"),
            repeated: count("self_served_repeat_24h"),
            queued: count("queued"),
            abandoned: count("abandoned_in_queue"),
        };
        let ratio = match (options.stage.as_deref(), options.containment) {
            (Some("queue"), None) => menu.abandoned_in_queue(),
            (Some("ivr+queue"), None) => menu.abandoned_anywhere(),
            (None, Some(rule)) => menu.contained(rule),
            other => panic!("{place}: {other:?}"),
        };
        return compare(ratio.unwrap(), expected, place);
    }
    let policy = AbandonmentPolicy::from_value(&options.policy).unwrap();
    let contacts = contacts(input, &Definition::by_name("offered").unwrap(), ClockStart::Offered);
    let cuts = policy.cuts();
    let level = policy.reader(&cuts).unwrap().read(counter(&contacts, &cuts));
    compare(level.ratio(), expected, place);
}

fn rollup(input: &Value, options: &Options, expected: &Value, place: &str) {
    let ratio = |row: &Value| Ratio::new(row["hits"].as_u64().unwrap(), row["counted"].as_u64().unwrap());
    let parts: Vec<Ratio> = input["intervals"].as_array().unwrap().iter().map(ratio).collect();
    let value = roll_up(&parts, options.roll_up.unwrap(), options.empty.unwrap_or(EmptyAs::Null)).unwrap();
    close(value, &expected["value"], place);
    if let (Some(num), Some(den)) = (expected.get("num"), expected.get("den")) {
        assert!((value.unwrap() - num.as_f64().unwrap() / den.as_f64().unwrap()).abs() < 1e-12, "{place}");
    }
}

fn empty(input: &Value, options: &Options, expected: &Value, place: &str) {
    let ratio = Ratio::new(input["hits"].as_u64().unwrap(), input["counted"].as_u64().unwrap());
    close(options.empty.unwrap().show(ratio.value()), expected, place);
}

fn compare(ratio: Ratio, expected: &Value, place: &str) {
    if let Some(hits) = expected.get("hits") {
        let expected = Ratio::new(hits.as_u64().unwrap(), expected["counted"].as_u64().unwrap());
        assert_eq!(ratio, expected, "{place}");
    } else {
        // A reduced fraction.
        let (num, den) = (expected["num"].as_u64().unwrap(), expected["den"].as_u64().unwrap());
        assert!(ratio.denominator > 0 && ratio.numerator * den == ratio.denominator * num, "{place}: {ratio:?}");
    }
    if let Some(value) = expected.get("value") {
        close(ratio.value(), value, place);
    }
}

/// Equal to the last of six printed decimals.
fn close(value: Option<f64>, expected: &Value, place: &str) {
    match (value, expected.as_f64()) {
        (Some(value), Some(expected)) => assert!((value - expected).abs() <= 5.1e-7, "{place}: {value} {expected}"),
        (value, expected) => assert!(value.is_none() && expected.is_none(), "{place}: {value:?} {expected:?}"),
    }
}
