//! Problems and complaints on four axes, with their reasons.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::cells::{Cell, Cells, Shape};
use crate::error::{Error, ErrorKind, Result};
use crate::estimate::{Confidence, Estimate, Estimates, Unit};
use crate::histogram::Buckets;
use crate::measure::{About, Effect, Measure, OptionInfo, Part, Rows};
use crate::measures::{calendar_suffix, check_order, quantiles, read_calendar, time_between, times::Times};
use crate::record::{Block, Faults, MISSING_MARK, Narrow, Schema, Table, Vocabulary, Wide};
use crate::time::Calendar;

/// Problems: how many, how they lie on the axes of a taxonomy, why they came about, how they were solved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Problems {
    /// The classes a problem may turn out to be.
    pub classes: Vec<String>,
    /// The class of what was no problem: on its own line, in the total, not among the faults.
    pub no_fault: String,
    /// How important.
    pub importance: Vec<String>,
    /// How fast the reaction was.
    pub reaction: Vec<String>,
    /// How it was solved.
    pub solution: Vec<String>,
    /// How the solution was gone about.
    pub approach: Vec<String>,
    /// Why it came about; a reason not listed counts as `other`.
    pub reasons: Vec<String>,
    /// The reasons that could have been avoided.
    pub avoidable: Vec<String>,
    /// The working calendar of the times, as an object or text; none for real time.
    pub calendar: Value,
    /// Which quantiles of the times are read.
    pub quantiles: Vec<f64>,
    /// How times are kept.
    pub buckets: Buckets,
}

impl Default for Problems {
    fn default() -> Self {
        let list = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<String>>();
        Self {
            classes: list(&["fault", "no_fault"]),
            no_fault: "no_fault".into(),
            importance: list(&["low", "medium", "high", "critical"]),
            reaction: list(&["on_time", "late", "none"]),
            solution: list(&["solved", "partly", "not_solved"]),
            approach: list(&["proper", "formal", "poor"]),
            reasons: Vec::new(),
            avoidable: Vec::new(),
            calendar: Value::Null,
            quantiles: vec![0.5, 0.9],
            buckets: Buckets::Log7,
        }
    }
}

static ABOUT: About = About {
    name: "problems",
    title: "Problems",
    title_ru: "Проблемы и рекламации",
    table: Table::Problems,
    doc: "Problems and complaints: their number, the share that were none (`no_fault`, on its own line and kept in the total), \
          the shares of each value on four axes (importance, reaction, solution, approach), reasons with their Pareto share, \
          the avoidable share, the share reopened, the share confirmed by the customer, and the times to reaction and solution.\n\
          Formula: no_fault / all; every other share is among the faults (all that is not no_fault, unclassified included) with \
          that axis filled in; Wilson intervals. `reason/X/cumulative` is the share of all reasons at least as frequent as X. \
          `reopened` and `confirmed` are among faults where the flag is known, `effective` = confirmed and not reopened \
          (feature of the source: a problem is solved when it stays solved). A value not listed counts as `other`.\n\
          Pitfall: a reaction late by the clock and late by the customer's patience are two axes; times are real time unless \
          `calendar` is given.",
    options: &[
        OptionInfo {
            name: "classes",
            effect: Effect::Shapes,
            default: "[\"fault\", \"no_fault\"]",
            other: "[\"ours\", \"partner\", \"no_fault\"]",
            doc: "what a problem may turn out to be",
        },
        OptionInfo {
            name: "no_fault",
            effect: Effect::Shapes,
            default: "\"no_fault\"",
            other: "\"fault\"",
            doc: "the class of what was no problem",
        },
        OptionInfo {
            name: "importance",
            effect: Effect::Shapes,
            default: "[\"low\", \"medium\", \"high\", \"critical\"]",
            other: "[\"minor\", \"major\"]",
            doc: "how important",
        },
        OptionInfo {
            name: "reaction",
            effect: Effect::Shapes,
            default: "[\"on_time\", \"late\", \"none\"]",
            other: "[\"fast\", \"slow\"]",
            doc: "how fast the reaction was",
        },
        OptionInfo {
            name: "solution",
            effect: Effect::Shapes,
            default: "[\"solved\", \"partly\", \"not_solved\"]",
            other: "[\"solved\", \"refund\"]",
            doc: "how it was solved",
        },
        OptionInfo {
            name: "approach",
            effect: Effect::Shapes,
            default: "[\"proper\", \"formal\", \"poor\"]",
            other: "[\"good\", \"bad\"]",
            doc: "how the solution was gone about",
        },
        OptionInfo {
            name: "reasons",
            effect: Effect::Shapes,
            default: "[]",
            other: "[\"delivery\", \"payment\", \"other team\"]",
            doc: "why it came about",
        },
        OptionInfo {
            name: "avoidable",
            effect: Effect::Reads,
            default: "[]",
            other: "[\"delivery\"]",
            doc: "the reasons that could have been avoided",
        },
        OptionInfo {
            name: "calendar",
            effect: Effect::Shapes,
            default: "null",
            other: "{\"time_zone\": \"UTC\", \"hours\": {\"mon\": [[\"09:00\", \"18:00\"]]}}",
            doc: "the working calendar of the times",
        },
        OptionInfo {
            name: "quantiles",
            effect: Effect::Reads,
            default: "[0.5, 0.9]",
            other: "[0.95]",
            doc: "which quantiles are read",
        },
        OptionInfo {
            name: "buckets",
            effect: Effect::Shapes,
            default: "\"log7\"",
            other: "\"exact\"",
            doc: "log7 or exact",
        },
    ],
    example: r#"{"measure": "problems", "reasons": ["delivery", "payment"], "avoidable": ["payment"]}"#,
};

/// Where the columns sit.
#[derive(Clone)]
pub struct ProblemColumns {
    class: Narrow,
    /// Importance, reaction, solution, approach, reason.
    axes: [Narrow; 5],
    flags: [Narrow; 3],
    opened: Wide,
    ends: [Wide; 2],
    calendar: Option<Calendar>,
    no_fault: i16,
}

const AXES: [&str; 5] = ["importance", "reaction", "solution", "approach", "reason"];
/// The bundle after the classes and the axes.
const FLAGS: usize = 6;

impl Problems {
    fn lists(&self) -> [&Vec<String>; 5] {
        [&self.importance, &self.reaction, &self.solution, &self.approach, &self.reasons]
    }

    fn times(&self) -> [Times; 2] {
        let time = |at: usize, name| Times { name, sum: 2 * at, histogram: at, buckets: self.buckets };
        [time(0, "time_to_reaction"), time(1, "time_to_solution")]
    }

    fn no_fault_code(&self) -> Result<usize> {
        let known = || self.classes.iter().map(String::as_str);
        let found = known().position(|class| class == self.no_fault);
        found.ok_or_else(|| Error::unknown("class", &self.no_fault, known()).at("`no_fault`"))
    }
}

fn vocabulary(what: &str, texts: &[String]) -> Vocabulary {
    Vocabulary::of_texts(what, texts.iter().map(String::as_str))
        .text("other", texts.len() as i16)
        .otherwise(texts.len() as i16)
}

impl Measure for Problems {
    type Bound = ProblemColumns;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self) -> Result<()> {
        quantiles::check(&self.quantiles)?;
        read_calendar(&self.calendar)?;
        self.no_fault_code()?;
        for (name, list) in [("classes", &self.classes)].into_iter().chain(AXES.into_iter().zip(self.lists())) {
            let mut sorted = list.clone();
            sorted.sort();
            let twice = sorted.windows(2).find(|pair| pair[0] == pair[1]);
            let reserved = list.iter().find(|word| *word == "other" || word.is_empty() || word.contains('/'));
            if let Some(word) = twice.map(|pair| &pair[0]).or(reserved) {
                let message = format!(
                    "`{name}`: `{word}` is given twice, or is `other` (which is there by itself), empty, or has a slash"
                );
                return Err(Error::new(ErrorKind::InvalidOption, message));
            }
        }
        match self.avoidable.iter().find(|reason| !self.reasons.contains(reason)) {
            Some(reason) if !self.reasons.is_empty() => {
                Err(Error::unknown("reason", reason, self.reasons.iter().map(String::as_str)).at("`avoidable`"))
            }
            _ => Ok(()),
        }
    }

    fn bind(&self, schema: &mut Schema) -> Result<ProblemColumns> {
        let lists = self.lists();
        Ok(ProblemColumns {
            class: schema.category("class", vocabulary("class", &self.classes), true),
            axes: std::array::from_fn(|at| schema.category(AXES[at], vocabulary(AXES[at], lists[at]), false)),
            flags: ["avoidable", "reopened", "confirmed"].map(|flag| schema.flag(flag, false)),
            opened: schema.instant("opened", false),
            ends: ["reacted", "solved"].map(|end| schema.instant(end, false)),
            calendar: read_calendar(&self.calendar)?,
            no_fault: self.no_fault_code()? as i16,
        })
    }

    fn shape(&self) -> Shape {
        let mut shape = Shape::default().bundle("class", self.classes.len() + 2);
        for (axis, list) in AXES.iter().zip(self.lists()) {
            shape = shape.bundle(*axis, list.len() + 2);
        }
        // Each flag no, yes, unknown: every combination.
        shape = shape.bundle("flags", 27);
        self.times().into_iter().fold(shape, |shape, time| time.shape(shape))
    }

    fn verify(&self, bound: &ProblemColumns, block: &Block, faults: &mut Faults) {
        let opened = ("opened", block.wide(bound.opened));
        for (name, end) in ["reacted", "solved"].into_iter().zip(bound.ends) {
            check_order(bound.calendar.as_ref(), [opened, (name, block.wide(end))], faults);
        }
    }

    fn fold(&self, bound: &ProblemColumns, rows: &Rows<'_>, cells: &mut Cells) {
        let class = rows.block.narrow(bound.class);
        let place = |code: i16, listed: usize| if code == MISSING_MARK { listed + 1 } else { code as usize };
        cells.counts(0).each(rows.groups, |i| place(class[i], self.classes.len()));
        let fault = |i: usize| class[i] != bound.no_fault;
        for (at, (lane, list)) in bound.axes.iter().zip(self.lists()).enumerate() {
            let codes = rows.block.narrow(*lane);
            cells.counts(1 + at).some(rows.groups, |i| fault(i).then(|| place(codes[i], list.len())));
        }
        let flags = bound.flags.map(|flag| rows.block.narrow(flag));
        let three = |flag: i16| if flag == MISSING_MARK { 2 } else { usize::from(flag != 0) };
        cells
            .counts(FLAGS)
            .some(rows.groups, |i| fault(i).then(|| flags.iter().fold(0, |index, flag| 3 * index + three(flag[i]))));
        let opened = rows.block.wide(bound.opened);
        for (time, end) in self.times().iter().zip(bound.ends) {
            let end = rows.block.wide(end);
            let between = |i: usize| time_between(bound.calendar.as_ref(), opened[i], end[i]);
            let spent: Vec<i64> =
                (0..rows.groups.len()).map(|i| if fault(i) { between(i) } else { crate::time::MISSING }).collect();
            time.fold(rows.groups, |i| spent[i], cells);
        }
    }

    fn parts(&self) -> Vec<Part> {
        let id = "problems";
        let count = |path: &str| Part::new(path, Unit::Count, format!("{id}:{path}"));
        let share = |path: String| Part::new(path.clone(), Unit::Share, format!("{id}:{path}"));
        let mut parts = vec![count("total"), count("faults"), share("no_fault".into())];
        parts.extend(self.classes.iter().map(|class| count(&format!("class/{class}"))));
        parts.extend([count("class/other"), count("class/unclassified")]);
        for (axis, list) in AXES.iter().zip(self.lists()) {
            for value in list.iter().map(String::as_str).chain(["other"]) {
                parts.push(share(format!("{axis}/{value}")));
                if *axis == "reason" {
                    parts.push(share(format!("{axis}/{value}/cumulative")));
                }
            }
        }
        parts.extend(["avoidable", "avoidable_reasons", "reopened", "confirmed", "effective"].map(|p| share(p.into())));
        let timed = format!("{id}{}", calendar_suffix(&self.calendar));
        for time in self.times() {
            time.parts(&self.quantiles, &timed, &mut parts);
        }
        parts
    }

    fn read(&self, bound: &ProblemColumns, cells: &[Cell<'_>], confidence: &mut Confidence, out: &mut Estimates) {
        let cell = &cells[0];
        let (total, no_fault) = (cell.total(0), cell.count(0, bound.no_fault as usize));
        let faults = total - no_fault;
        out.push(Estimate::census(total as f64, total));
        out.push(Estimate::census(faults as f64, total));
        out.push(Estimate::share(no_fault, total, confidence));
        out.extend((0..self.classes.len() + 2).map(|at| Estimate::census(cell.count(0, at) as f64, total)));
        for (at, list) in self.lists().into_iter().enumerate() {
            let counts: Vec<u64> = (0..=list.len()).map(|value| cell.count(1 + at, value)).collect();
            let known: u64 = counts.iter().sum();
            for count in &counts {
                out.push(Estimate::share(*count, known, confidence));
                if AXES[at] == "reason" {
                    let cumulative = counts.iter().filter(|other| *other >= count).sum();
                    out.push(Estimate::share(cumulative, known, confidence));
                }
            }
        }
        let flags = |pick: &dyn Fn([usize; 3]) -> bool| -> u64 {
            (0..27).filter(|i| pick([i / 9, i / 3 % 3, i % 3])).map(|i| cell.count(FLAGS, i)).sum()
        };
        let share = |at: usize| (flags(&|f| f[at] == 1), flags(&|f| f[at] != 2));
        let reasons = self.reasons.len();
        let avoidable = (0..reasons).filter(|at| self.avoidable.contains(&self.reasons[*at]));
        let avoidable = avoidable.map(|at| cell.count(5, at)).sum();
        let known = (0..=reasons).map(|at| cell.count(5, at)).sum();
        let effective = (flags(&|f| f[1] == 0 && f[2] == 1), flags(&|f| f[1] != 2 && f[2] != 2));
        for (hits, n) in [share(0), (avoidable, known), share(1), share(2), effective] {
            out.push(Estimate::share(hits, n, confidence));
        }
        for time in self.times() {
            time.read(cell, &self.quantiles, confidence, out);
        }
    }
}
