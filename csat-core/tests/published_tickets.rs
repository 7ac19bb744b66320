//! Published figures of a public set of tickets: closed tickets within the business days agreed with each department.
//!
//! The data are no part of the project: `CSAT_DATA` names the folder that holds `it_tickets_sla`.

use std::collections::BTreeMap;

use csat_core::record::{Batch, Column};
use csat_core::time::{MISSING, Zone};
use csat_core::{Plan, Recipe, Tally};
use serde_json::{Value, json};

#[test]
fn published_figures_of_the_ticket_set() {
    let Ok(folder) = std::env::var("CSAT_DATA") else {
        println!("CSAT_DATA is not set: the published ticket figures are left out");
        return;
    };
    let file = |name: &str| std::fs::read_to_string(format!("{folder}/it_tickets_sla/{name}")).unwrap();
    let zone = Zone::utc();
    // Ticket → department, first event, highest status, last closing.
    let mut tickets: BTreeMap<String, (String, i64, (i64, String), i64)> = BTreeMap::new();
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
