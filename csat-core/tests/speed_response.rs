//! Time per ticket of response targets; prints, decides nothing. Run in release with `--ignored --nocapture`.

use std::time::Instant;

use csat_core::record::{Batch, Column, Integers, Values};
use csat_core::time::instant::{DAY, HOUR};
use csat_core::time::{Calendar, MISSING};
use csat_core::{Plan, Recipe, Tally};
use serde_json::json;

const ROWS: usize = 5_000_000;

#[test]
#[ignore = "measures time"]
fn time_per_ticket() {
    let mut state = 1u64;
    let mut next = |n: i64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 20) % n as u64) as i64
    };
    // Two years from 2023-01-01; up to three days later; one in fifty is open.
    let created: Vec<i64> = (0..ROWS).map(|_| 19_358 * DAY + next(2 * 365 * DAY)).collect();
    let done: Vec<i64> = created.iter().map(|at| if next(50) == 0 { MISSING } else { at + next(72 * HOUR) }).collect();
    let channels: Vec<i8> = (0..ROWS).map(|_| next(4) as i8).collect();
    let names = vec![Some("email"), Some("chat"), Some("phone"), Some("fax")];
    let week = json!([["10:00", "19:00"]]);
    let hours = json!({"mon": week, "tue": week, "wed": week, "thu": week, "fri": week});
    let calendar = json!({"time_zone": "Europe/Moscow", "hours": hours, "production": "ru"});
    let target =
        |channel: &str, target: &str| json!({"event": "first_response", "channels": [channel], "target": target});
    let targets = [target("email", "1h"), target("chat", "2m"), target("phone", "30m")];
    let sla = json!({"calendar": calendar, "policies": [{"targets": targets}]});
    let time = |name: &str, run: &mut dyn FnMut()| {
        let best = (0..5)
            .map(|_| {
                let start = Instant::now();
                run();
                start.elapsed().as_secs_f64()
            })
            .fold(f64::INFINITY, f64::min);
        println!("{name}: {:.1} ns/ticket", best * 1e9 / ROWS as f64);
    };
    let recipe = Recipe::from_json(&json!({"measure": "response", "sla": sla})).unwrap();
    for key in [None, Some("channel")] {
        let empty = Tally::new(Plan::new([recipe.clone()]).by(key)).unwrap();
        time(&format!("response by {key:?}"), &mut || {
            let dictionary = Values::Dictionary(Integers::I8(&channels), names.clone());
            let batch = Batch::new()
                .column("created", Column::instants(&created))
                .column("first_response", Column::instants(&done))
                .column("channel", Column::new(dictionary));
            let mut tally = empty.empty_like();
            tally.push(&batch).unwrap();
            assert_eq!(tally.groups(), if key.is_some() { 4 } else { 1 });
        });
    }
    let calendar = Calendar::from_text(&calendar.to_string()).unwrap();
    let mut elapsed = vec![0; ROWS];
    time("elapsed_column", &mut || calendar.elapsed_column(&created, &done, &mut elapsed).unwrap());
}
