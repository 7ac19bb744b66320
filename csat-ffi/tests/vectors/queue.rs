//! Queue and agent statistics of a telephony platform: hourly counters and calls in, a report by interval out.
//!
//! A query is hours, weekdays and a zone (a calendar), a period and an interval. The rows that fall in open time go to
//! one tally by interval and one of the whole period; the items of a report are read off their lines.

use std::collections::BTreeMap;

use csat_core::time::Zone;
use csat_core::time::instant::{SECOND, format_utc, parse_instant, parse_time_of_day};
use serde_json::{Map, Value, json};

use crate::call::{Backend, Columns, Count, Line, Values};
use crate::case::{Fail, Near, Run, ask, compare, list, tally, text, wrong};
use crate::file::Job;

/// Whose statistics they are, by the beginning of the api.
struct Subject {
    name: &'static str,
    /// The row that lists one, and the row with its counters.
    listed: &'static str,
    periodic: &'static str,
    measure: &'static str,
    counters: &'static [&'static str],
    times: &'static [&'static str],
    /// What a call adds: the field of the row and the column.
    calls: &'static [(&'static str, &'static str)],
    /// Keys of an item and what they are read from.
    items: &'static [(&'static str, Read)],
}

/// What a key of an item is.
#[derive(Clone, Copy)]
enum Read {
    /// Sums added up.
    Sums(&'static [&'static str]),
    /// A ratio of sums: name, numerator, denominator; times this.
    Ratio(&'static str, &'static [&'static str], &'static [&'static str], f64),
}

const SUBJECTS: [Subject; 2] = [
    Subject {
        name: "queue",
        listed: "stat_queue",
        periodic: "stat_queue_periodic",
        measure: "interval_counts",
        counters: &[
            "total",
            "answered",
            "abandoned",
            "closed",
            "timeout",
            "joinempty",
            "leaveempty",
            "divert_ca_ratio",
            "divert_waittime",
            "full",
        ],
        times: &["wait"],
        calls: &[("waittime", "wait")],
        items: &[
            ("received", Read::Sums(&["total"])),
            ("answered", Read::Sums(&["answered"])),
            ("abandoned", Read::Sums(&["abandoned"])),
            ("closed", Read::Sums(&["closed"])),
            ("not_answered", Read::Sums(&["timeout"])),
            ("saturated", Read::Sums(&["divert_ca_ratio", "divert_waittime", "full"])),
            ("blocked", Read::Sums(&["joinempty", "leaveempty"])),
            (
                "answered_rate",
                Read::Ratio(
                    "answered_rate",
                    &["answered"],
                    &["answered", "abandoned", "full", "leaveempty", "joinempty", "timeout"],
                    100.0,
                ),
            ),
            (
                "average_waiting_time",
                Read::Ratio("average_wait", &["wait"], &["answered", "abandoned", "leaveempty", "timeout"], 1.0),
            ),
        ],
    },
    Subject {
        name: "agent",
        listed: "stat_agent",
        periodic: "stat_agent_periodic",
        measure: "agent_time",
        counters: &["answered"],
        times: &["login", "pause", "wrap", "talk"],
        calls: &[("talktime", "talk")],
        items: &[
            ("answered", Read::Sums(&["answered"])),
            ("conversation_time", Read::Sums(&["talk"])),
            ("login_time", Read::Sums(&["login"])),
            ("pause_time", Read::Sums(&["pause"])),
            ("wrapup_time", Read::Sums(&["wrap"])),
        ],
    },
];

/// Fields of the counter rows that are named otherwise in a column.
const FIELDS: [(&str, &str); 3] = [("login_time", "login"), ("pause_time", "pause"), ("wrapup_time", "wrap")];
const QUERY: [&str; 11] = [
    "from",
    "until",
    "interval",
    "day_start_time",
    "day_end_time",
    "week_days",
    "timezone",
    "qos_threshold",
    "qos_thresholds",
    "queue_id",
    "agent_id",
];
const WEEK: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

pub(crate) fn jobs(case: &Value) -> Vec<Job<'_>> {
    let name = case["id"].as_str().unwrap_or("?").to_owned();
    vec![(name, Box::new(move |backend| run(case, backend)))]
}

fn run(case: &Value, backend: &mut dyn Backend) -> Run<()> {
    let (api, query) = (text(&case["api"], "api")?, &case["query"]);
    let Some((subject, verb)) = api.split_once('.') else { return wrong(format!("no api `{api}`")) };
    let Some(subject) = SUBJECTS.iter().find(|known| known.name == subject) else {
        return Err(Fail::NotRun(format!("no statistics of a {subject}")));
    };
    if !["list", "get_by_id", "get_qos_by_id"].contains(&verb) {
        return Err(Fail::NotRun(format!("no report `{api}`")));
    }
    if let Some(key) = query.as_object().into_iter().flat_map(Map::keys).find(|key| !QUERY.contains(&key.as_str())) {
        return wrong(format!("unknown query `{key}`"));
    }
    let expected = case.get("csat").map_or(&case["expected"], |csat| &csat["expected"]);
    let found = if query.get("from").is_some() {
        Report::new(subject, query, list(&case["rows"], "rows")?, backend)?.items(backend)?
    } else if list(&case["rows"], "rows")?.is_empty() {
        Vec::new()
    } else {
        return wrong("a query of rows without a period");
    };
    if expected.get("total").is_some_and(|total| total != found.len()) {
        return wrong(format!("{} items, expected {}", found.len(), expected["total"]));
    }
    for item in list(&expected["items"], "items")? {
        let nearest = found.iter().map(|found| same(item, found)).find(Result::is_ok);
        if nearest.is_none() {
            let told: Vec<String> = found.iter().filter_map(|found| same(item, found).err()).take(3).collect();
            return wrong(format!("no item like {item}: {}", told.join("; ")));
        }
    }
    Ok(())
}

/// An item as expected; lists may be given by their length.
fn same(expected: &Value, found: &Value) -> Result<(), String> {
    let mut expected = expected.clone();
    if let Some(length) = expected["queues"].get("__length__").and_then(Value::as_u64) {
        let count = found["queues"].as_array().map_or(0, Vec::len) as u64;
        if count != length {
            return Err(format!("{count} queues, expected {length}"));
        }
        expected.as_object_mut().and_then(|item| item.shift_remove("queues"));
    } else if expected["queues"].is_null() {
        expected.as_object_mut().and_then(|item| item.shift_remove("queues"));
    }
    compare(&expected, found, Near::Printed(2))
}

/// One row of counters and one call, as columns of the library.
struct Row {
    who: String,
    number: String,
    queue: Option<i64>,
    at: i64,
    sums: BTreeMap<&'static str, f64>,
    /// A call of a queue: its outcome and wait.
    call: Option<(String, f64)>,
}

struct Report<'q> {
    subject: &'static Subject,
    query: &'q Value,
    from: i64,
    until: i64,
    zone: String,
    every: Option<&'static str>,
    /// Begin and end of each item by interval.
    slots: Vec<(i64, i64)>,
    who: Vec<(String, String)>,
    rows: Vec<Row>,
}

fn instant(value: &Value) -> Run<i64> {
    parse_instant(text(value, "time")?).map_err(|e| Fail::Wrong(e.message().to_owned()))
}

/// A period given at +00:00 in another zone had no offset in the source, which takes it as local.
fn period(value: &Value, zone: &str) -> Run<i64> {
    let fail = |e: csat_core::Error| Fail::Wrong(e.message().to_owned());
    match text(value, "period")?.strip_suffix("+00:00") {
        Some(local) => Zone::new(zone).and_then(|zone| zone.parse(local)).map_err(fail),
        None => instant(value),
    }
}

impl<'q> Report<'q> {
    fn new(subject: &'static Subject, query: &'q Value, rows: &[Value], backend: &mut dyn Backend) -> Run<Self> {
        let every = match query["interval"].as_str() {
            None => None,
            Some("hour") => Some("1h"),
            Some("day") => Some("1d"),
            Some("month") => Some("1mo"),
            Some(other) => return wrong(format!("unknown interval `{other}`")),
        };
        let zone = query["timezone"].as_str().unwrap_or("UTC").to_owned();
        let (from, until) = (period(&query["from"], &zone)?, period(&query["until"], &zone)?);
        let calendar = calendar(query, &zone)?;
        let mut slots = Vec::new();
        if let Some(every) = every {
            let given =
                json!({"calendar": calendar, "start": format_utc(from), "end": format_utc(until), "every": every});
            for slot in list(&ask(backend, "calendar.open_slots", given)?, "slots")? {
                slots.push((instant(&slot[0])?, instant(&slot[1])?));
            }
        }
        let mut report = Self { subject, query, from, until, zone, every, slots, who: Vec::new(), rows: Vec::new() };
        let names = report.names(rows);
        for row in rows.iter().filter(|row| row["kind"] != subject.listed && !row["time"].is_null()) {
            let at = instant(&row["time"])?;
            let open = ask(backend, "calendar.is_open", json!({"calendar": calendar, "at": row["time"]}))?;
            if from <= at && at < until && open == true {
                let read = report.row(row, at, &names)?;
                report.rows.push(read);
            }
        }
        Ok(report)
    }

    /// Everybody who is listed or has a row, and what the rows call them.
    fn names(&mut self, rows: &[Value]) -> BTreeMap<String, usize> {
        let id = format!("{}_id", self.subject.name);
        let mut names = BTreeMap::new();
        // A listed agent's rows carry the number of the listing, not of the agent.
        for row in rows.iter().filter(|row| row["kind"] == self.subject.listed) {
            let number = row["name"].as_str().and_then(|name| name.rsplit('/').next()).unwrap_or("").to_owned();
            let reference = row.get("id").unwrap_or(&row[&id]).to_string();
            names.insert(reference, self.who.len());
            self.who.push((row[&id].to_string(), number));
        }
        for row in rows.iter().filter(|row| row["kind"] == self.subject.periodic) {
            let reference = row[&id].to_string();
            if !names.contains_key(&reference) {
                names.insert(reference.clone(), self.who.len());
                self.who.push((reference, String::new()));
            }
        }
        names
    }

    fn row(&self, row: &Value, at: i64, names: &BTreeMap<String, usize>) -> Run<Row> {
        let id = format!("{}_id", self.subject.name);
        let Some(who) = names.get(&row[&id].to_string()) else { return wrong(format!("nobody has the row {row}")) };
        let (who, number) = self.who[*who].clone();
        let columns = || self.subject.counters.iter().chain(self.subject.times);
        let mut read = Row {
            who,
            number,
            queue: row["stat_queue_id"].as_i64(),
            at,
            sums: columns().map(|name| (*name, 0.0)).collect(),
            call: None,
        };
        let is_call = row["kind"] == "stat_call_on_queue";
        for (key, value) in row.as_object().into_iter().flatten() {
            let renamed = FIELDS.iter().find(|(field, _)| field == key).map_or(key.as_str(), |(_, column)| column);
            let of_call = self.subject.calls.iter().find(|(field, _)| field == key).map(|(_, column)| *column);
            let column = if is_call { of_call } else { columns().copied().find(|name| *name == renamed) };
            let Some(column) = column else {
                if !["kind", "time", "status", "stat_queue_id", id.as_str()].contains(&key.as_str()) {
                    return wrong(format!("unknown field `{key}`"));
                }
                continue;
            };
            let seconds = |text: &str| parse_time_of_day(text).map(|time| time as f64 / SECOND as f64);
            let number = value.as_f64().or_else(|| value.as_str().and_then(|text| seconds(text).ok()));
            let Some(number) = number else { return wrong(format!("`{key}` is {value}")) };
            read.sums.insert(column, number);
        }
        if is_call {
            let status = row["status"].as_str().unwrap_or("answered").to_owned();
            // An agent's calls are counted from the calls, a queue's from its counters.
            if self.subject.name == "agent" && status == "answered" {
                read.sums.insert("answered", 1.0);
            }
            let wait = row["waittime"].as_f64();
            read.call = wait.map(|wait| (status, wait));
        }
        Ok(read)
    }

    /// Counters by who and queue; each of `who` has a row of zeros in every interval, so that all are listed.
    fn counts(&self, every: Option<&str>) -> Count {
        let starts: Vec<i64> =
            if every.is_some() { self.slots.iter().map(|slot| slot.0).collect() } else { vec![self.from] };
        let zeros = self.who.iter().flat_map(|who| starts.iter().map(move |at| (who, *at)));
        let zeros = zeros.map(|((who, number), at)| Row {
            who: who.clone(),
            number: number.clone(),
            queue: None,
            at,
            sums: BTreeMap::new(),
            call: None,
        });
        let zeros: Vec<Row> = zeros.collect();
        let rows: Vec<&Row> = self.rows.iter().chain(&zeros).collect();
        let sum = |name: &'static str| rows.iter().map(move |row| Some(row.sums.get(name).copied().unwrap_or(0.0)));
        let mut columns: Columns = vec![
            ("who".into(), Values::Texts(rows.iter().map(|row| Some(row.who.clone())).collect())),
            ("number".into(), Values::Texts(rows.iter().map(|row| Some(row.number.clone())).collect())),
            ("of_queue".into(), Values::Integers(rows.iter().map(|row| row.queue).collect())),
            ("started".into(), Values::Instants(rows.iter().map(|row| Some(row.at)).collect())),
        ];
        for name in self.subject.counters {
            columns.push(((*name).into(), Values::Integers(sum(name).map(|v| v.map(|v| v as i64)).collect())));
        }
        columns.extend(self.subject.times.iter().map(|name| ((*name).into(), Values::Seconds(sum(name).collect()))));
        let ratios: Vec<Value> = (self.subject.items.iter())
            .filter_map(|(_, read)| match read {
                Read::Ratio(name, of, per, _) => Some(json!({"name": name, "of": of, "per": per})),
                Read::Sums(_) => None,
            })
            .collect();
        let recipe = json!([{
            "measure": self.subject.measure, "counters": self.subject.counters, "times": self.subject.times,
            "ratios": ratios,
        }]);
        self.planned(Count::new(recipe, columns), &["who", "number", "of_queue"], every)
    }

    /// Waits of calls: answered and abandoned within each threshold.
    fn waits(&self, every: Option<&str>, limits: &[f64], under: &str) -> Count {
        let calls = || self.rows.iter().filter_map(|row| row.call.as_ref().map(|call| (row, call)));
        let columns = vec![
            ("who".into(), Values::Texts(calls().map(|(row, _)| Some(row.who.clone())).collect())),
            ("offered".into(), Values::Instants(calls().map(|(row, _)| Some(row.at)).collect())),
            ("outcome".into(), Values::Texts(calls().map(|(_, call)| Some(call.0.clone())).collect())),
            ("wait".into(), Values::Seconds(calls().map(|(_, call)| Some(call.1)).collect())),
        ];
        let within: Vec<String> = limits.iter().map(|limit| format!("{limit}s")).collect();
        let abandoned = json!({"answered_all": "exclude", "abandoned_in": "hit", "abandoned_after": "miss"});
        let recipe = json!([{
            "measure": "service_level", "within": within,
            "definitions": [
                {"base": "answered_only", "comparator": under},
                {"base": "answered_only", "comparator": under, "cells": abandoned},
            ],
        }]);
        self.planned(Count::new(recipe, columns), &["who"], every)
    }

    fn planned(&self, mut count: Count, by: &[&str], every: Option<&str>) -> Count {
        count.plan["keys"] = json!(by);
        if let Some(every) = every {
            count.plan["every"] = json!(every);
            count.plan["zone"] = json!(self.zone);
        }
        count
    }

    /// The items by interval, then the whole period, for everybody.
    fn items(&self, backend: &mut dyn Backend) -> Run<Vec<Value>> {
        let whole = [(self.from, self.until)];
        let mut items = self.of(self.every.is_some().then_some(&self.slots), self.every, backend)?;
        items.extend(self.of(Some(&whole), None, backend)?);
        Ok(items)
    }

    fn of(
        &self,
        slots: Option<&(impl AsRef<[(i64, i64)]> + ?Sized)>,
        every: Option<&str>,
        backend: &mut dyn Backend,
    ) -> Run<Vec<Value>> {
        let Some(slots) = slots else { return Ok(Vec::new()) };
        let lines = tally(backend, &self.counts(every))?;
        let (limits, under) = match (&self.query["qos_threshold"], self.query["qos_thresholds"].as_str()) {
            (Value::Number(limit), _) => (vec![limit.as_f64().unwrap_or(0.0)], "<="),
            (_, Some(list)) => (list.split(',').filter_map(|limit| limit.parse().ok()).collect(), "<"),
            _ => (Vec::new(), ""),
        };
        let waits = if limits.is_empty() { Vec::new() } else { tally(backend, &self.waits(every, &limits, under))? };
        let mut items = Vec::new();
        for (from, until) in slots.as_ref() {
            for (who, number) in &self.who {
                let here = |line: &&Line| line.keys[0] == *who && (every.is_none() || line.slot == Some(*from));
                let own: Vec<&Line> = lines.iter().filter(here).collect();
                let mut item = json!({
                    "from": format_utc(*from), "until": format_utc(*until), format!("{}_id", self.subject.name): number_of(who),
                    "agent_number": number,
                });
                self.read(&own, "-", &mut item);
                let mut queues: Vec<&String> = own.iter().map(|l| &l.keys[2]).filter(|q| *q != "-").collect();
                queues.dedup();
                item["queues"] = Value::Array(Vec::new());
                for queue in queues {
                    let mut of_queue = json!({"queue_id": number_of(queue)});
                    self.read(&own, queue, &mut of_queue);
                    item["queues"].as_array_mut().into_iter().for_each(|list| list.push(of_queue.clone()));
                }
                let waits: Vec<&Line> = waits.iter().filter(here).collect();
                item["quality_of_service"] = quality(&waits, &limits, under);
                items.push(item);
            }
        }
        Ok(items)
    }

    /// The figures of one group, into an item.
    fn read(&self, lines: &[&Line], queue: &str, item: &mut Value) {
        let value = |part: &str| {
            lines.iter().find(|line| line.part == part && line.keys[2] == queue).and_then(|line| line.value)
        };
        for (key, read) in self.subject.items {
            item[*key] = match read {
                Read::Sums(names) => json!(names.iter().map(|name| value(&format!("sum/{name}"))).sum::<Option<f64>>()),
                Read::Ratio(name, _, _, scale) => json!(value(&format!("ratio/{name}")).map(|value| value * scale)),
            };
        }
    }
}

fn number_of(text: &str) -> Value {
    text.parse::<i64>().map_or_else(|_| json!(text), |number| json!(number))
}

/// The weekdays and hours of a query as a calendar.
fn calendar(query: &Value, zone: &str) -> Run<Value> {
    let time = |key: &str, otherwise: &str| query[key].as_str().unwrap_or(otherwise).to_owned();
    let hours = json!([[time("day_start_time", "00:00"), time("day_end_time", "24:00")]]);
    let mut week = json!({});
    for day in query["week_days"].as_str().unwrap_or("1,2,3,4,5,6,7").split(',') {
        match day.trim().parse::<usize>() {
            Ok(day @ 1..=7) => week[WEEK[day - 1]] = hours.clone(),
            _ => return wrong(format!("`{day}` is no weekday")),
        }
    }
    Ok(json!({"time_zone": zone, "hours": week}))
}

/// The share within one threshold in percent, or the calls between thresholds by what became of them.
fn quality(lines: &[&Line], limits: &[f64], under: &str) -> Value {
    // Definitions come in the order of the recipe: answered, then abandoned.
    let level = |abandoned: bool, limit: f64| {
        let ending = format!(":{limit}s");
        let mut found = lines.iter().filter(|l| l.part.starts_with("level") && l.definition.ends_with(&ending));
        found.nth(usize::from(abandoned)).copied()
    };
    match (limits, under) {
        ([], _) => Value::Null,
        ([limit], "<=") => json!(level(false, *limit).and_then(|line| line.value).map(|value| value * 100.0)),
        _ => {
            let hits = |abandoned: bool, at: usize| match limits.get(at) {
                Some(limit) => level(abandoned, *limit).and_then(|line| line.numerator),
                None => limits.last().and_then(|limit| level(abandoned, *limit)?.denominator),
            };
            let between = |abandoned: bool, at: usize| {
                let below = if at == 0 { Some(0.0) } else { hits(abandoned, at - 1) };
                // No call in the interval: no line, and none between.
                hits(abandoned, at).zip(below).map_or(0.0, |(up_to, below)| up_to - below)
            };
            let band = |at: usize| {
                let (min, max) = (if at == 0 { 0.0 } else { limits[at - 1] }, limits.get(at));
                json!({"min": min, "max": max, "answered": between(false, at), "abandoned": between(true, at)})
            };
            (0..=limits.len()).map(band).collect()
        }
    }
}
