//! How long folding and reading take, in nanoseconds of processor time a row.
//!
//! `cargo bench -p csat-core --bench fold [-- ROWS] [w1 | … | w6] [only=NAME]`. The comparison with other engines is in `benches/` of the workspace.

use csat_core::judge::{self, unit::UnitShare};
use csat_core::record::{Batch, Column, Integers, TimeUnit, Validity, Values};
use csat_core::tally::{KeyValue, PushOptions};
use csat_core::{Plan, Recipe, Tally};

/// Processor time of this thread in nanoseconds (Linux); elsewhere the wall clock.
fn now() -> u64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    stat.and_then(|s| s.split(' ').next()?.parse().ok()).unwrap_or_else(|| {
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.as_nanos() as u64)
    })
}

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}

fn run(name: &str, rows: usize, plan: &str, batch: &Batch<'_>) {
    let wanted = std::env::args().find_map(|a| a.strip_prefix("only=").map(str::to_owned));
    if wanted.is_some_and(|wanted| !name.contains(&wanted)) {
        return;
    }
    let mut best = (u64::MAX, u64::MAX, 0, 0);
    for _ in 0..5 {
        let mut tally = Tally::new(Plan::<Recipe>::from_text(plan).unwrap()).unwrap();
        let start = now();
        tally.push(batch).unwrap();
        let folded = now();
        let report = tally.report_values().unwrap();
        let read = now();
        best = best.min((folded - start, read - folded, tally.groups(), report.len()));
    }
    let (fold, read, groups, estimates) = best;
    println!(
        "{name:44} fold {:7.2} ns/row {:7.1} ms   read {:7.1} ms   {groups} groups, {estimates} estimates",
        fold as f64 / rows as f64,
        fold as f64 / 1e6,
        read as f64 / 1e6
    );
}

fn main() {
    let rows: usize = std::env::args().find_map(|a| a.parse().ok()).unwrap_or(2_000_000);
    let only = std::env::args().find(|a| a.starts_with('w')).unwrap_or_default();
    let mut r = Random(1);
    if only.is_empty() || only == "w1" {
        contacts(rows, &mut r);
    }
    if only.is_empty() || only == "w2" {
        scores(rows, &mut r);
    }
    if only.is_empty() || only == "w3" {
        index(rows, &mut r);
    }
    if only.is_empty() || only == "w4" {
        cards(rows / 2, &mut r);
    }
    if only.is_empty() || only == "w5" {
        network(&mut r);
    }
    if only.is_empty() || only == "w6" {
        events(&mut r);
    }
}

/// Contacts one at a time, and many small tallies merged.
fn events(r: &mut Random) {
    const CORE: &str = r#"{"measure":"service_level"},{"measure":"abandonment"},{"measure":"speed_of_answer"}"#;
    let plan = |more: &str| {
        let plan = format!(r#"{{"measures":[{CORE}{more}],"keys":["queue"]}}"#);
        Tally::new(Plan::<Recipe>::from_text(&plan).unwrap()).unwrap()
    };
    let roles = ["offered", "answered", "ended", "talk", "hold", "wrap"];
    let contacts: Vec<[i64; 6]> = (0..4096)
        .map(|at| {
            let offered = 1_772_438_400_000_000 + at * 7_000_000;
            let answered = if r.unit() < 0.1 { i64::MIN } else { offered + (r.next() % 60) as i64 * 1_000_000 };
            [offered, answered, offered + 90_000_000, 80_000_000, 0, 5_000_000]
        })
        .collect();
    let least = |times: &mut dyn FnMut() -> u64| (0..7).map(|_| times()).min().unwrap_or(0) as f64;
    for (name, more) in [("three measures", ""), ("and handling time", r#",{"measure":"handle_time"}"#)] {
        let mut tally = plan(more);
        let feed = tally.event_feed(&roles).unwrap();
        let codes: Vec<u32> = (0..8).map(|q| tally.key_code(0, &KeyValue::Integer(q)).unwrap()).collect();
        let each = least(&mut || {
            let start = now();
            for round in 0..100 {
                for (at, contact) in contacts.iter().enumerate() {
                    let key = [codes[(at + round) % 8]];
                    tally.push_event(&feed, contact, &key, PushOptions::default()).unwrap();
                }
            }
            now() - start
        });
        println!("one contact, {name:31} {:7.1} ns", each / 409_600.0);
    }
    let wait = r#",{"measure":"wait","buckets":"log7"}"#;
    let small: Vec<Tally<Recipe>> = (0..10_000)
        .map(|at| {
            let mut tally = plan(wait);
            let feed = tally.event_feed(&roles).unwrap();
            let key = [tally.key_code(0, &KeyValue::Integer(0)).unwrap()];
            for contact in contacts.iter().cycle().skip(at).take(100) {
                tally.push_event(&feed, contact, &key, PushOptions::default()).unwrap();
            }
            tally
        })
        .collect();
    let saved: Vec<Vec<u8>> = small.iter().map(|tally| tally.save().unwrap()).collect();
    let merged = least(&mut || {
        let (start, mut total) = (now(), plan(wait));
        for tally in &small {
            total.merge(tally).unwrap();
        }
        now() - start
    });
    let loaded = least(&mut || {
        let (start, mut total) = (now(), plan(wait));
        for state in &saved {
            total.merge_saved(state).unwrap();
        }
        now() - start
    });
    println!("10,000 tallies of 100 contacts: in memory {:.1} ms, saved {:.1} ms", merged / 1e6, loaded / 1e6);
}

/// 10,000 units of nearly equal shares, without the request and the answer that C and Python make of them.
fn network(r: &mut Random) {
    let unit = |at: usize| {
        let n = 30 + r.next() % 170;
        let successes = (0..n).filter(|_| r.unit() < 0.8).count() as u64;
        UnitShare { unit: at.to_string(), successes, n }
    };
    let units: Vec<UnitShare> = (0..10_000).map(unit).collect();
    let times = (0..5).map(|_| {
        let start = now();
        std::hint::black_box(judge::network::shares(&units, &judge::network::Options::default()).unwrap());
        now() - start
    });
    println!("network of 10,000 nearly equal shares {:22.1} ms", times.min().unwrap_or(0) as f64 / 1e6);
}

fn bits(valid: &[bool]) -> Vec<u8> {
    valid.chunks(8).map(|c| c.iter().enumerate().fold(0, |b, (i, v)| b | u8::from(*v) << i)).collect()
}

fn contacts(rows: usize, r: &mut Random) {
    let queues: Vec<String> = (0..404).map(|i| format!("Q{i:03}")).collect();
    let names: Vec<Option<&str>> = queues.iter().map(|q| Some(q.as_str())).collect();
    let codes: Vec<i16> = (0..rows).map(|_| (r.unit() * r.unit() * 404.0) as i16).collect();
    let step = 90 * 86_400_000_000 / rows as i64;
    let offered: Vec<i64> = (0..rows).map(|i| 1_735_700_000_000_000 + i as i64 * step / 1000 * 1000).collect();
    let wait: Vec<i64> = (0..rows).map(|_| (-(1.0 - r.unit()).ln() * 28_000.0) as i64 * 1000).collect();
    let kept: Vec<bool> = (0..rows).map(|_| r.unit() > 0.12).collect();
    let answered: Vec<i64> = (0..rows).map(|i| offered[i] + wait[i]).collect();
    let ended: Vec<i64> = (0..rows).map(|i| answered[i] + if kept[i] { 180_000_000 } else { 0 }).collect();
    let seconds: Vec<i32> = (0..rows).map(|_| (r.unit() * 300.0) as i32).collect();
    let valid = bits(&kept);
    let instants = |v| Column::new(Values::Instant { values: v, unit: TimeUnit::Microsecond, naive: false });
    let duration = || {
        Column::new(Values::Integer(Integers::I32(&seconds), Some(TimeUnit::Second)))
            .with_validity(Validity::Bits(&valid, 0))
    };
    let batch = Batch::new()
        .column("queue", Column::new(Values::Dictionary(Integers::I16(&codes), names.clone())))
        .column("offered", instants(&offered))
        .column("answered", instants(&answered).with_validity(Validity::Bits(&valid, 0)))
        .column("ended", instants(&ended))
        .column("talk", duration())
        .column("hold", duration())
        .column("wrap", duration());
    let core = r#"{"measure":"service_level","within":["10s","20s","30s","60s"],"definitions":"talkdesk_contacts-none-le"},{"measure":"abandonment","definitions":"offered-short5s"},{"measure":"speed_of_answer"},{"measure":"handle_time","parts":["total"],"buckets":null}"#;
    let core = core.replace("talkdesk_contacts-none-le", "offered");
    let wait = |b: &str| format!(r#",{{"measure":"wait","quantiles":[0.5,0.9,0.95,0.99],"buckets":"{b}"}}"#);
    let plan = |measures: &str, tail: &str| format!(r#"{{"measures":[{measures}]{tail}}}"#);
    let by = r#","keys":["queue"]"#;
    let slots = r#","keys":["queue"],"every":"30m","zone":"UTC""#;
    run("contacts, total", rows, &plan(&core, ""), &batch);
    for m in ["service_level", "abandonment", "speed_of_answer", "volume"] {
        run(&format!("contacts, total, {m}"), rows, &plan(&format!(r#"{{"measure":"{m}"}}"#), ""), &batch);
    }
    run("contacts, total, exact quantiles", rows, &plan(&(core.clone() + &wait("exact")), ""), &batch);
    run("contacts, total, log7", rows, &plan(&(core.clone() + &wait("log7")), ""), &batch);
    run("contacts, queue, exact quantiles", rows, &plan(&(core.clone() + &wait("exact")), by), &batch);
    run("contacts, queue, log7", rows, &plan(&(core.clone() + &wait("log7")), by), &batch);
    run("contacts, queue x 30 min", rows, &plan(&core, slots), &batch);
}

fn scores(rows: usize, r: &mut Random) {
    let dealers: Vec<String> = (0..101).map(|i| format!("D{i:03}")).collect();
    let names: Vec<Option<&str>> = dealers.iter().map(|q| Some(q.as_str())).collect();
    let codes: Vec<i16> = (0..rows).map(|_| (r.unit() * 101.0) as i16).collect();
    let days: Vec<i32> = (0..rows).map(|i| 19_723 + (i * 730 / rows) as i32).collect();
    let scores: Vec<i8> = (0..rows).map(|_| (r.unit() * 11.0) as i8).collect();
    let valid = bits(&(0..rows).map(|_| r.unit() > 0.25).collect::<Vec<_>>());
    let batch = Batch::new()
        .column("dealer", Column::new(Values::Dictionary(Integers::I16(&codes), names)))
        .column("answered", Column::new(Values::Date(&days)))
        .column(
            "score",
            Column::new(Values::Integer(Integers::I8(&scores), None)).with_validity(Validity::Bits(&valid, 0)),
        );
    let plan = r#"{"measures":[{"measure":"nps"}],"keys":["dealer"],"every":"1mo"}"#;
    run("nps, dealer x month", rows, plan, &batch);
}

fn index(rows: usize, r: &mut Random) {
    let dealers: Vec<String> = (0..101).map(|i| format!("D{i:03}")).collect();
    let names: Vec<Option<&str>> = dealers.iter().map(|q| Some(q.as_str())).collect();
    let codes: Vec<i16> = (0..rows).map(|_| (r.unit() * 101.0) as i16).collect();
    let marks: Vec<Vec<i8>> =
        (0..10).map(|q| (0..rows).map(|_| 1 + (r.unit() * if q < 6 { 10.0 } else { 5.0 }) as i8).collect()).collect();
    let valid: Vec<Vec<u8>> =
        (0..10).map(|q| bits(&(0..rows).map(|_| r.unit() > 0.03 + 0.01 * f64::from(q)).collect::<Vec<_>>())).collect();
    let mut batch = Batch::new().column("dealer", Column::new(Values::Dictionary(Integers::I16(&codes), names)));
    for q in 0..10 {
        batch = batch.column(
            format!("q{}", q + 1),
            Column::new(Values::Integer(Integers::I8(&marks[q]), None)).with_validity(Validity::Bits(&valid[q], 0)),
        );
    }
    let weights = [0.16, 0.14, 0.12, 0.10, 0.10, 0.10, 0.08, 0.08, 0.06, 0.06];
    let questions: Vec<String> = (0..10)
        .map(|q| {
            format!(r#"{{"column":"q{}","scale":[1,{}],"weight":{}}}"#, q + 1, if q < 6 { 10 } else { 5 }, weights[q])
        })
        .collect();
    for (name, parts, keys) in [
        ("index, dealer, score", r#"["score"]"#, r#"["dealer"]"#),
        ("index, dealer, score and questions", r#"["score","questions"]"#, r#"["dealer"]"#),
        ("index, total, reliability", r#"["reliability"]"#, "[]"),
        ("index, dealer, reliability", r#"["reliability"]"#, r#"["dealer"]"#),
    ] {
        let plan = format!(
            r#"{{"measures":[{{"measure":"satisfaction_index","parts":{parts},"questions":[{}]}}],"keys":{keys}}}"#,
            questions.join(",")
        );
        run(name, rows, &plan, &batch);
    }
}

fn cards(rows: usize, r: &mut Random) {
    let agents: Vec<i32> = (0..rows).map(|_| (r.unit() * 2000.0) as i32).collect();
    let most = |c: usize| if c < 12 { 1 } else { 5 };
    let marks: Vec<Vec<i8>> =
        (0..18).map(|c| (0..rows).map(|_| (r.unit() * f64::from(most(c) + 1)) as i8).collect()).collect();
    let valid: Vec<Vec<u8>> = (0..18).map(|_| bits(&(0..rows).map(|_| r.unit() > 0.1).collect::<Vec<_>>())).collect();
    let mut batch = Batch::new().column("agent", Column::new(Values::Integer(Integers::I32(&agents), None)));
    for c in 0..18 {
        batch = batch.column(
            format!("c{}", c + 1),
            Column::new(Values::Integer(Integers::I8(&marks[c]), None)).with_validity(Validity::Bits(&valid[c], 0)),
        );
    }
    let criteria: Vec<String> = (0..18)
        .map(|c| {
            let critical = if [2, 5, 8].contains(&c) { r#","critical":true"# } else { "" };
            format!(r#"{{"id":"c{}","title":"c","min":0,"max":{},"weight":{}{critical}}}"#, c + 1, most(c), 3 + c)
        })
        .collect();
    let form = format!(
        r#"{{"id":"bench","version":1,"sections":[{{"id":"s","title":"s","criteria":[{}]}}]}}"#,
        criteria.join(",")
    );
    for (name, parts) in
        [("scorecard, agent, score", r#"["score"]"#), ("scorecard, agent, all parts", r#"["score","criteria"]"#)]
    {
        let plan = format!(
            r#"{{"measures":[{{"measure":"scorecard","parts":{parts},"pass_mark":85,"forms":[{form}]}}],"keys":["agent"]}}"#
        );
        run(name, rows, &plan, &batch);
    }
}
