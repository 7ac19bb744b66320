//! What a vector asks for, in terms that every language understands, and the languages that answer.

use std::collections::BTreeSet;

use csat_core::record::{Batch, Column, Validity};
use csat_core::tally::{KeyValue, PushOptions};
use csat_core::{Error, Plan, Recipe, Tally, door};
use serde_json::{Map, Value};

/// A column of a batch; `None` is missing.
#[derive(Clone, Debug)]
pub(crate) enum Values {
    /// Microseconds UTC.
    Instants(Vec<Option<i64>>),
    /// Seconds.
    Seconds(Vec<Option<f64>>),
    /// Whole numbers.
    Integers(Vec<Option<i64>>),
    /// Texts.
    Texts(Vec<Option<String>>),
}

/// A batch: named columns of one length.
pub(crate) type Columns = Vec<(String, Values)>;

/// Count batches, each in a tally of its own, merge them and read the whole.
#[derive(Clone, Debug)]
pub(crate) struct Count {
    /// As `Plan::from_json` reads it.
    pub(crate) plan: Value,
    /// At least one.
    pub(crate) batches: Vec<Columns>,
    /// When contacts without an outcome are looked at.
    pub(crate) as_of: Option<i64>,
    /// Confidence of the intervals.
    pub(crate) confidence: f64,
}

impl Count {
    /// One batch under a list of recipes.
    #[allow(clippy::needless_pass_by_value, reason = "recipes are written where they are used")]
    pub(crate) fn new(measures: Value, columns: Columns) -> Self {
        let plan = serde_json::json!({ "measures": measures });
        Self { plan, batches: vec![columns], as_of: None, confidence: 0.95 }
    }
}

/// One line of a report.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) keys: Vec<String>,
    pub(crate) slot: Option<i64>,
    pub(crate) measure: String,
    pub(crate) part: String,
    pub(crate) definition: String,
    pub(crate) value: Option<f64>,
    pub(crate) low: Option<f64>,
    pub(crate) high: Option<f64>,
    pub(crate) n: u64,
    pub(crate) numerator: Option<f64>,
    pub(crate) denominator: Option<f64>,
}

/// Why a call was not answered.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) kind: String,
    pub(crate) message: String,
    /// The context `reason`, where there is one.
    pub(crate) reason: Option<String>,
}

impl From<Error> for Refusal {
    fn from(e: Error) -> Self {
        Self {
            kind: e.kind().name().to_owned(),
            message: e.message().to_owned(),
            reason: e.context_value("reason").map(str::to_owned),
        }
    }
}

/// One language.
pub(crate) trait Backend {
    /// `rust`, `c`, `python`.
    fn language(&self) -> &'static str;
    /// A function of the text door.
    fn function(&mut self, name: &str, arguments: Map<String, Value>) -> Result<Value, Refusal>;
    /// A tally.
    fn count(&mut self, count: &Count) -> Result<Vec<Line>, Refusal>;
}

/// Whether this build has a function of the door.
pub(crate) fn has_function(name: &str) -> bool {
    door::functions().any(|f| f.name == name)
}

/// Whether this build has a measure.
pub(crate) fn has_measure(name: &str) -> bool {
    Recipe::named(name).is_ok()
}

/// The library itself.
pub(crate) struct Rust;

impl Backend for Rust {
    fn language(&self) -> &'static str {
        "rust"
    }

    fn function(&mut self, name: &str, arguments: Map<String, Value>) -> Result<Value, Refusal> {
        Ok(door::call(name, arguments)?)
    }

    fn count(&mut self, count: &Count) -> Result<Vec<Line>, Refusal> {
        let mut whole = Tally::<Recipe>::new(Plan::from_json(&count.plan)?)?;
        let options = PushOptions { as_of: count.as_of, ..PushOptions::default() };
        for columns in &count.batches {
            let stores: Vec<Store<'_>> = columns.iter().map(|(_, values)| Store::of(values)).collect();
            let batch = columns.iter().zip(&stores).fold(Batch::new(), |b, ((name, _), s)| b.column(name, s.column()));
            let mut part = whole.empty_like();
            part.push_with(&batch, options)?;
            whole.merge(&part)?;
        }
        let saved = whole.save()?;
        if Tally::<Recipe>::load(&saved)?.save()? != saved {
            return Err(Refusal { kind: "driver".into(), message: "a loaded tally differs".into(), reason: None });
        }
        let report = whole.report(Some(count.confidence))?;
        Ok(report
            .rows()
            .map(|row| Line {
                keys: row.keys.iter().map(key_text).collect(),
                slot: row.slot,
                measure: row.measure.to_owned(),
                part: row.part.path.clone(),
                definition: row.part.definition.clone(),
                value: row.estimate.value,
                low: row.estimate.low,
                high: row.estimate.high,
                n: row.estimate.n,
                numerator: row.estimate.numerator,
                denominator: row.estimate.denominator,
            })
            .collect())
    }
}

fn key_text(key: &KeyValue) -> String {
    key.to_string()
}

/// A column as the library borrows it.
enum Store<'a> {
    Wide(Vec<i64>, Vec<u8>, bool),
    Floats(Vec<f64>, Vec<u8>),
    Texts(Vec<&'a str>, Vec<u8>),
}

impl<'a> Store<'a> {
    fn of(values: &'a Values) -> Self {
        fn there<T>(list: &[Option<T>]) -> Vec<u8> {
            list.iter().map(|v| u8::from(v.is_some())).collect()
        }
        let wide = |list: &[Option<i64>]| list.iter().map(|v| v.unwrap_or(0)).collect();
        match values {
            Values::Instants(v) => Store::Wide(wide(v), there(v), true),
            Values::Integers(v) => Store::Wide(wide(v), there(v), false),
            Values::Seconds(v) => Store::Floats(v.iter().map(|v| v.unwrap_or(f64::NAN)).collect(), there(v)),
            Values::Texts(v) => Store::Texts(v.iter().map(|v| v.as_deref().unwrap_or("")).collect(), there(v)),
        }
    }

    fn column(&self) -> Column<'_> {
        match self {
            Store::Wide(v, there, true) => Column::instants(v).with_validity(Validity::Bytes(there)),
            Store::Wide(v, there, false) => Column::integers(v).with_validity(Validity::Bytes(there)),
            Store::Floats(v, there) => Column::seconds(v).with_validity(Validity::Bytes(there)),
            Store::Texts(v, there) => Column::texts(v).with_validity(Validity::Bytes(there)),
        }
    }
}

/// Names of the measures of a plan that this build does not have.
pub(crate) fn missing_measures(count: &Count) -> BTreeSet<String> {
    let recipes = count.plan["measures"].as_array().cloned().unwrap_or_default();
    let name = |r: &Value| r.as_str().or(r["measure"].as_str()).unwrap_or_default().to_owned();
    recipes.iter().map(name).filter(|name| !has_measure(name)).collect()
}
