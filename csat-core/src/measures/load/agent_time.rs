//! How agents spent their time.

use serde::{Deserialize, Serialize};

use super::sums::{BoundSums, Ratio, Sums};
use crate::cells::{Cell, Cells, Shape};
use crate::error::Result;
use crate::estimate::{Confidence, Estimates};
use crate::measure::{About, Effect, Measure, OptionInfo, Part, Rows};
use crate::record::{Block, Faults, Schema, Table};

/// Agents' time: time in each state, its share, occupancy and utilisation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AgentTime {
    /// Columns of durations: time in each state, and `logged_in` and `paid` where known.
    pub times: Vec<String>,
    /// Columns of whole numbers, such as contacts answered.
    pub counters: Vec<String>,
    /// The ratios read; the usual ones of the columns named, unless given.
    pub ratios: Option<Vec<Ratio>>,
}

impl Default for AgentTime {
    fn default() -> Self {
        Self {
            times: ["ready", "talk", "hold", "wrap", "pause"].map(Into::into).to_vec(),
            counters: vec![],
            ratios: None,
        }
    }
}

static ABOUT: About = About {
    name: "agent_time",
    title: "Agents' time",
    title_ru: "Рабочее время операторов",
    table: Table::Intervals,
    doc: "How agents spent their time: sums of the durations in `times` (one column a state), and ratios of sums.\n\
          Unless `ratios` says otherwise: share_STATE = time in the state / `logged_in` (or all states together where that \
          column is not named); occupancy = (talk + hold + wrap) / (talk + hold + wrap + ready), where `talk` and `ready` are \
          named; utilisation = (talk + hold + wrap + ready) / paid, where `paid` is named; handle_time = (talk + hold + wrap) \
          / answered, where that counter is named. A column not named is not part of a formula; the id shows what is.\n\
          Times are a census: no interval.\n\
          A row that lacks a value is left out and counted in `incomplete`: write 0 where there was none. A log of status changes \
          is a row a stretch, the time in the column of its state and 0 in the others, placed by its beginning; cut stretches \
          at the edges of intervals first where slots matter. Pitfalls: systems count after-contact work as busy or as idle, which moves occupancy by several points; chats \
          handled at once are one state here, see `load.occupancy`; times by queue add up to more than the agent's own \
          where one agent serves several queues at once.",
    options: &[
        OptionInfo {
            name: "times",
            effect: Effect::Shapes,
            default: r#"["ready", "talk", "hold", "wrap", "pause"]"#,
            other: r#"["logged_in", "ready", "talk"]"#,
            doc: "columns of durations: time in each state; `logged_in` and `paid` are totals",
        },
        OptionInfo {
            name: "counters",
            effect: Effect::Shapes,
            default: "[]",
            other: r#"["answered"]"#,
            doc: "columns of counts",
        },
        OptionInfo {
            name: "ratios",
            effect: Effect::Reads,
            default: "null",
            other: r#"[{"name": "paused", "of": ["pause"], "per": ["ready", "pause"]}]"#,
            doc: "own ratios of sums: name, of, per (the usual ones of the columns named)",
        },
    ],
    example: r#"{"measure": "agent_time", "times": ["logged_in", "ready", "talk", "hold", "wrap", "pause", "paid"], "counters": ["answered"]}"#,
};

/// Columns that are totals, not states.
const TOTALS: [&str; 2] = ["logged_in", "paid"];
const BUSY: [&str; 3] = ["talk", "hold", "wrap"];
const ON_QUEUE: [&str; 4] = ["talk", "hold", "wrap", "ready"];

impl AgentTime {
    fn usual(&self) -> Vec<Ratio> {
        let listed: Vec<&String> = self.times.iter().chain(&self.counters).collect();
        let has = |names: &[&str]| names.iter().all(|name| listed.iter().any(|known| known == name));
        let states: Vec<&str> = self.times.iter().map(String::as_str).filter(|name| !TOTALS.contains(name)).collect();
        let whole = if has(&["logged_in"]) { vec!["logged_in"] } else { states.clone() };
        let share = |state: &&str| Ratio::of_listed(&format!("share_{state}"), &[*state], &whole, &listed);
        let ratio = |name: &str, of: &[&str], per: &[&str], needed: &[&str]| {
            has(needed).then(|| Ratio::of_listed(name, of, per, &listed)).flatten()
        };
        let usual = [
            ratio("occupancy", &BUSY, &ON_QUEUE, &["talk", "ready"]),
            ratio("utilisation", &ON_QUEUE, &["paid"], &["talk", "ready", "paid"]),
            ratio("handle_time", &BUSY, &["answered"], &["talk", "answered"]),
        ];
        states.iter().filter_map(share).chain(usual.into_iter().flatten()).collect()
    }

    fn sums(&self) -> Sums<'_> {
        let ratios = self.ratios.clone().unwrap_or_else(|| self.usual());
        Sums { id: "agent_time", counters: &self.counters, times: &self.times, ratios }
    }
}

impl Measure for AgentTime {
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
