//! The story of one morning in a contact centre, told from `examples/data`; `story.c` and `story.py` print the same.
//!
//!     cargo run -p csat-core --example story -- examples/data

use std::error::Error;
use std::path::{Path, PathBuf};

use csat_core::estimate::Unit;
use csat_core::record::queue_log::{QueueContact, QueueLog, QueueLogOptions, read};
use csat_core::record::{Batch, Column};
use csat_core::rule::explain::explain;
use csat_core::rule::form::Form;
use csat_core::time::MISSING;
use csat_core::{Estimate, Plan, Recipe, Tally};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const CALLS: &str = r#"{"keys": ["queue"], "measures": [
    {"measure": "service_level", "within": ["20s"],
     "definitions": ["offered", "answered_only", "abandons_within_t_hit"]},
    "abandonment", "speed_of_answer"]}"#;
const RECOMMEND: &str = r#"{"keys": ["dealer"], "measures": [{"measure": "nps", "score": "recommend"}]}"#;
const QUALITY: &str = r#"{"keys": ["agent"], "measures": [{"measure": "scorecard", "parts": ["score"]}]}"#;

/// A CSV file without quotes, and its columns by name.
struct Csv {
    names: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Csv {
    fn read(path: &Path) -> Result<Csv> {
        let text = std::fs::read_to_string(path)?;
        let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned).collect());
        Ok(Csv { names: lines.next().unwrap_or_default(), rows: lines.collect() })
    }

    fn column(&self, name: &str) -> Vec<&str> {
        let at = self.names.iter().position(|n| n == name).unwrap_or_else(|| panic!("no column {name}"));
        self.rows.iter().map(|row| row[at].as_str()).collect()
    }
}

fn plan(text: &str) -> Result<Tally<Recipe>> {
    Ok(Tally::new(Plan::from_text(text)?)?)
}

/// One line: what, value, interval, how many records.
fn line(what: &str, estimate: &Estimate, factor: f64, unit: &str) {
    let value = estimate.value.map_or_else(|| "-".to_owned(), |v| format!("{:.1}", factor * v));
    let limits = match (estimate.low, estimate.high) {
        (Some(low), Some(high)) => format!("from {:.1} to {:.1}", factor * low, factor * high),
        _ => "no interval".to_owned(),
    };
    println!("  {what:<28} {value:>5} {unit:<1}  {limits}, n {}", estimate.n);
}

fn push(tally: &mut Tally<Recipe>, contacts: &[QueueContact]) -> Result<()> {
    let instants = |of: fn(&QueueContact) -> Option<i64>| -> Vec<i64> {
        contacts.iter().map(|c| of(c).unwrap_or(MISSING)).collect()
    };
    let offered = instants(|c| Some(c.offered));
    let (answered, ended) = (instants(|c| c.answered), instants(|c| c.ended));
    let queues: Vec<&str> = contacts.iter().map(|c| c.queue.as_str()).collect();
    let outcomes: Vec<&str> = contacts.iter().map(|c| c.outcome).collect();
    let batch = Batch::new()
        .column("queue", Column::texts(&queues))
        .column("offered", Column::instants(&offered))
        .column("answered", Column::instants(&answered))
        .column("ended", Column::instants(&ended))
        .column("outcome", Column::texts(&outcomes));
    Ok(tally.push(&batch)?)
}

/// How soon were callers answered? Three definitions, one count.
fn calls(folder: &Path) -> Result<()> {
    let text = std::fs::read_to_string(folder.join("queue_log"))?;
    let contacts = read(&text, QueueLogOptions::default()).contacts;
    println!("{} visits to queues, read from queue_log", contacts.len());
    let mut whole = plan(CALLS)?;
    push(&mut whole, &contacts)?;
    let report = whole.roll_up::<&str>(&[], None)?.report(Some(0.95))?;
    for row in report.rows().filter(|row| row.part.unit != Unit::Count) {
        if row.part.unit == Unit::Seconds {
            line(&row.part.definition, &row.estimate, 1.0, "s");
        } else {
            line(&row.part.definition, &row.estimate, 100.0, "%");
        }
    }

    // The log in two pieces, each counted on its own: merged they are the whole, to the byte.
    let half = text.match_indices('\n').nth(38).map_or(text.len(), |(at, _)| at + 1);
    let (mut log, mut first, mut second) =
        (QueueLog::new(QueueLogOptions::default()), whole.empty_like(), whole.empty_like());
    log.push_text(&text[..half]);
    let early = log.drain();
    log.push_text(&text[half..]);
    log.finish();
    let late = log.drain();
    push(&mut first, &early)?;
    push(&mut second, &late)?;
    first.merge(&second)?;
    let (merged, all) = (first.save()?, whole.save()?);
    println!("{} visits merged with {}: {} bytes, {}", early.len(), late.len(), merged.len(), same(merged == all));
    Ok(())
}

fn same(same: bool) -> &'static str {
    if same { "those of the whole" } else { "NOT those of the whole" }
}

/// Would customers recommend the dealer?
fn recommend(folder: &Path) -> Result<()> {
    let answers = Csv::read(&folder.join("answers.csv"))?;
    let scores: Vec<i64> =
        answers.column("recommend").iter().map(|s| s.parse()).collect::<std::result::Result<_, _>>()?;
    let dealers = answers.column("dealer");
    println!("{} answer sheets: net promoter score by dealer", scores.len());
    let mut tally = plan(RECOMMEND)?;
    tally
        .push(&Batch::new().column("recommend", Column::integers(&scores)).column("dealer", Column::texts(&dealers)))?;
    let report = tally.report(Some(0.95))?;
    for row in report.rows().filter(|row| row.part.path == "nps") {
        line(&row.keys[0].to_string(), &row.estimate, 1.0, "");
    }
    Ok(())
}

/// How good were the conversations, and why has one the score it has?
fn quality(folder: &Path) -> Result<()> {
    let mut sheets = Csv::read(&folder.join("evaluations.csv"))?;
    let kind = sheets.names.iter().position(|n| n == "kind").ok_or("no column kind")?;
    sheets.rows.retain(|row| row[kind] == "regular");
    println!("{} evaluations: quality score by agent", sheets.rows.len());

    // The file calls the criteria c1 to c18 and writes n-a; the form has names for them and says n/a.
    let form = Form::shipped("call_18")?;
    let answers: Vec<Vec<&str>> = (1..=form.criteria().count())
        .map(|i| sheets.column(&format!("c{i}")).into_iter().map(|a| if a == "n-a" { "n/a" } else { a }).collect())
        .collect();
    let agents = sheets.column("agent");
    let mut batch = Batch::new().column("agent", Column::texts(&agents));
    for (criterion, column) in form.criteria().zip(&answers) {
        batch = batch.column(&criterion.id, Column::texts(column));
    }
    let mut tally = plan(QUALITY)?;
    tally.push(&batch)?;
    let report = tally.report(Some(0.95))?;
    for row in report.rows().filter(|row| row.part.path == "score") {
        line(&row.keys[0].to_string(), &row.estimate, 1.0, "");
    }

    let compiled = form.compile(None)?;
    let codes: Vec<i16> =
        (0..answers.len()).map(|i| compiled.code_of_text(i, answers[i][0])).collect::<csat_core::Result<_>>()?;
    let explanation = explain(&compiled, &codes)?;
    println!("evaluation {} of {}: {:.2}", sheets.column("id")[0], agents[0], explanation.score.ok_or("no score")?);
    explanation.to_string().lines().filter(|line| line.contains(": no,")).for_each(|line| println!("{line}"));
    Ok(())
}

fn main() -> Result<()> {
    let folder = std::env::args().nth(1).map_or_else(|| PathBuf::from("examples/data"), PathBuf::from);
    calls(&folder)?;
    recommend(&folder)?;
    quality(&folder)
}
