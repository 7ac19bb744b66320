//! Queue figures from counters that a telephony system has already summed by interval.

use serde::{Deserialize, Serialize};

use super::sums::{BoundSums, Ratio, Sums};
use crate::cells::{Cell, Cells, Shape};
use crate::error::Result;
use crate::estimate::{Confidence, Estimates};
use crate::measure::{About, Effect, Measure, OptionInfo, Part, Rows};
use crate::record::{Block, Faults, Schema, Table};

/// Interval counts: the counters and times of stored intervals added up, and ratios of those sums.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct IntervalCounts {
    /// Columns of whole numbers: contacts of the interval by what became of them.
    pub counters: Vec<String>,
    /// Columns of durations summed over the contacts of the interval.
    pub times: Vec<String>,
    /// The ratios read; the usual ones of the columns named, unless given.
    pub ratios: Option<Vec<Ratio>>,
}

impl Default for IntervalCounts {
    fn default() -> Self {
        Self { counters: ["offered", "answered", "abandoned"].map(Into::into).to_vec(), times: vec![], ratios: None }
    }
}

static ABOUT: About = About {
    name: "interval_counts",
    title: "Stored interval counters",
    title_ru: "Готовые почасовые счётчики",
    table: Table::Intervals,
    doc: "What a telephony system has already counted by interval (an ACD's half hours, hourly statistics of a queue), added up \
          over days, queues and teams: sums of `counters` and `times`, and ratios of sums, never means of stored rates.\n\
          Unless `ratios` says otherwise: answered_rate = answered / offered, abandonment = abandoned / offered, service_level \
          = within / offered (`within`: answered within the system's threshold), speed_of_answer = wait / answered, \
          handle_time = (talk + hold + wrap) / answered, each where its columns are named. An own ratio is a name, the \
          columns added up above (`of`) and below (`per`): so any vendor's rate is written out, and its id says it.\n\
          Contacts over contacts carry a Wilson interval while the numerator is no more than the denominator.\n\
          A row that lacks a value is left out and counted in `incomplete`: write 0 where there was none. Pitfalls: stored \
          rates and percentages cannot be added, take the counters behind them; quantiles do not exist here; which \
          contacts a counter holds, and in which interval it puts them, is the system's rule.",
    options: &[
        OptionInfo {
            name: "counters",
            effect: Effect::Shapes,
            default: r#"["offered", "answered", "abandoned"]"#,
            other: r#"["offered", "answered"]"#,
            doc: "columns of counts",
        },
        OptionInfo {
            name: "times",
            effect: Effect::Shapes,
            default: "[]",
            other: r#"["wait"]"#,
            doc: "columns of durations summed over contacts",
        },
        OptionInfo {
            name: "ratios",
            effect: Effect::Reads,
            default: "null",
            other: r#"[{"name": "lost", "of": ["abandoned"], "per": ["answered", "abandoned"]}]"#,
            doc: "own ratios of sums: name, of, per (the usual ones of the columns named)",
        },
    ],
    example: r#"{"measure": "interval_counts", "counters": ["offered", "answered", "abandoned", "within"], "times": ["wait", "talk", "hold", "wrap"]}"#,
};

/// The usual ratios: name, numerator, denominator, and the columns without which there is none.
const USUAL: [(&str, &[&str], &str); 5] = [
    ("answered_rate", &["answered"], "offered"),
    ("abandonment", &["abandoned"], "offered"),
    ("service_level", &["within"], "offered"),
    ("speed_of_answer", &["wait"], "answered"),
    ("handle_time", &["talk", "hold", "wrap"], "answered"),
];

impl IntervalCounts {
    fn sums(&self) -> Sums<'_> {
        let listed: Vec<&String> = self.counters.iter().chain(&self.times).collect();
        let usual = || USUAL.iter().filter_map(|(name, of, per)| Ratio::of_listed(name, of, &[per], &listed)).collect();
        let ratios = self.ratios.clone().unwrap_or_else(usual);
        Sums { id: "interval", counters: &self.counters, times: &self.times, ratios }
    }
}

impl Measure for IntervalCounts {
    type Bound = BoundSums;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self) -> Result<()> {
        self.sums().check()
    }

    fn bind(&self, schema: &mut Schema) -> Result<BoundSums> {
        self.sums().bind(schema)
    }

    fn shape(&self) -> Shape {
        self.sums().shape()
    }

    fn verify(&self, bound: &BoundSums, block: &Block, faults: &mut Faults) {
        bound.verify(&self.counters, block, faults);
    }

    fn fold(&self, bound: &BoundSums, rows: &Rows<'_>, cells: &mut Cells) {
        bound.fold(rows, cells);
    }

    fn parts(&self) -> Vec<Part> {
        self.sums().parts()
    }

    fn read(&self, bound: &BoundSums, cells: &[Cell<'_>], confidence: &mut Confidence, out: &mut Estimates) {
        bound.read(&cells[0], confidence, out);
    }
}
