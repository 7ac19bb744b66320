//! Resolution on the first contact, and repeat contacts.

use serde::{Deserialize, Serialize};

use crate::cells::{Cell, Cells, Shape};
use crate::error::Result;
use crate::estimate::{Confidence, Estimate, Estimates, Reason, Unit};
use crate::measure::{About, Effect, Measure, OptionInfo, Part, Rows};
use crate::record::{MISSING_MARK, Narrow, Schema, Table};

/// What is counted as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResolutionUnit {
    /// Every contact.
    Contact,
    /// Every issue: only the first contact of each chain (column `first`).
    Issue,
}

/// First contact resolution: the share of contacts, or of issues, that were settled at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FirstContactResolution {
    /// Contacts or issues.
    pub unit: ResolutionUnit,
    /// Whether contacts that could not be settled at once (column `resolvable`) leave the denominator.
    pub exclude_unresolvable: bool,
    /// Where `resolved` comes from, for the id: the window of the link `repeat` such as `7d`, or `survey`.
    pub rule: String,
}

impl Default for FirstContactResolution {
    fn default() -> Self {
        Self { unit: ResolutionUnit::Contact, exclude_unresolvable: false, rule: "given".into() }
    }
}

static FCR: About = About {
    name: "first_contact_resolution",
    title: "First contact resolution",
    title_ru: "Решение с первого обращения (FCR)",
    table: Table::Contacts,
    doc: "The share of contacts that were settled at once (column `resolved`): no repeat of the same customer, or customer and \
          topic, within a window (link `repeat`), or so said by a survey or an agent. Wilson interval.\n\
          `unit = issue` counts only the first contact of each issue (column `first`): settled there, or not. \
          `exclude_unresolvable = true` takes contacts that could not be settled at once (column `resolvable`) out of the \
          denominator (net). Rows where `resolved` is missing are left out and counted: the link leaves contacts younger than \
          the window out, because what they become is not known yet.\n\
          Pitfall: window, key and unit change the number (one list of contacts gives 50 to 83 %); name them in `rule`.",
    options: &[
        OptionInfo {
            name: "unit",
            effect: Effect::Reads,
            default: "\"contact\"",
            other: "\"issue\"",
            doc: "contact or issue",
        },
        OptionInfo {
            name: "exclude_unresolvable",
            effect: Effect::Reads,
            default: "false",
            other: "true",
            doc: "net: leave out what could not be settled at once",
        },
        OptionInfo {
            name: "rule",
            effect: Effect::Shapes,
            default: "\"given\"",
            other: "\"repeat-7d\"",
            doc: "where `resolved` comes from, for the id",
        },
    ],
    example: r#"{"measure": "first_contact_resolution", "rule": "repeat-7d-customer", "unit": "issue"}"#,
};

/// Bits of a row whose resolution is known.
const RESOLVED: usize = 1;
const RESOLVABLE: usize = 2;
const FIRST: usize = 4;
const UNKNOWN: usize = 8;

impl Measure for FirstContactResolution {
    type Bound = [Narrow; 3];

    fn about(&self) -> &'static About {
        &FCR
    }

    fn check(&self) -> Result<()> {
        Ok(())
    }

    fn bind(&self, schema: &mut Schema) -> Result<Self::Bound> {
        let per_issue = self.unit == ResolutionUnit::Issue;
        let net = self.exclude_unresolvable;
        Ok([schema.flag("resolved", true), schema.flag("resolvable", net), schema.flag("first", per_issue)])
    }

    fn shape(&self) -> Shape {
        Shape::counts(UNKNOWN + 1)
    }

    fn fold(&self, bound: &Self::Bound, rows: &Rows<'_>, cells: &mut Cells) {
        let [resolved, resolvable, first] = bound.map(|lane| rows.block.narrow(lane));
        cells.counts(0).each(rows.groups, |i| {
            if resolved[i] == MISSING_MARK {
                return UNKNOWN;
            }
            // What nobody called unresolvable could be resolved.
            RESOLVED * usize::from(resolved[i] != 0)
                + RESOLVABLE * usize::from(resolvable[i] != 0)
                + FIRST * usize::from(first[i] == 1)
        });
    }

    fn parts(&self) -> Vec<Part> {
        let unit = if self.unit == ResolutionUnit::Issue { "issue" } else { "contact" };
        let net = if self.exclude_unresolvable { ":net" } else { "" };
        let id = format!("fcr:{unit}:{}{net}", self.rule);
        vec![
            Part::new("rate", Unit::Share, id.clone()),
            Part::new("unresolvable", Unit::Count, format!("{id}:unresolvable")),
            Part::new("unknown", Unit::Count, format!("{id}:unknown")),
        ]
    }

    fn read(&self, _: &Self::Bound, cells: &[Cell<'_>], confidence: &mut Confidence, out: &mut Estimates) {
        let cell = &cells[0];
        let counts = |bits: &usize| {
            (self.unit == ResolutionUnit::Contact || bits & FIRST != 0)
                && (!self.exclude_unresolvable || bits & RESOLVABLE != 0)
        };
        let sum =
            |pick: &dyn Fn(&usize) -> bool| (0..UNKNOWN).filter(pick).map(|bits| cell.count(0, bits)).sum::<u64>();
        let settled = sum(&|bits| counts(bits) && bits & RESOLVED != 0);
        out.push(Estimate::share(settled, sum(&counts), confidence));
        let (unknown, all) = (cell.count(0, UNKNOWN), cell.total(0));
        out.push(Estimate::census(sum(&|bits| bits & RESOLVABLE == 0) as f64, all));
        out.push(Estimate::census(unknown as f64, all));
    }
}

/// Repeat contacts: the share of contacts after which the customer had to contact again, and contacts per issue.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RepeatContact {
    /// The window of the link `repeat`, for the id, such as `7d`.
    pub window: Option<String>,
}

static REPEAT: About = About {
    name: "repeat_contact",
    title: "Repeat contacts",
    title_ru: "Повторные обращения",
    table: Table::Contacts,
    doc: "`rate`: the share of contacts after which the same customer contacted again within the window (column `repeated`, from \
          the link `repeat`; Wilson interval). `first`: how many contacts were the first of their issue (column `first`) and \
          `repeats`: the share that were not. `per_issue`: contacts per issue, a ratio of counts.\n\
          Contacts younger than the window are missing in `repeated`: they leave `rate` and are counted in `unknown`.\n\
          Pitfall: `rate` looks forward and `repeats` looks back; over the same period they differ at both ends.",
    options: &[OptionInfo {
        name: "window",
        effect: Effect::Shapes,
        default: "null",
        other: "\"7d\"",
        doc: "the window of the link, for the id",
    }],
    example: r#"{"measure": "repeat_contact", "window": "7d"}"#,
};

impl Measure for RepeatContact {
    type Bound = [Narrow; 2];

    fn about(&self) -> &'static About {
        &REPEAT
    }

    fn check(&self) -> Result<()> {
        self.window.as_deref().map_or(Ok(()), |window| crate::measures::read_duration("window", window).map(|_| ()))
    }

    fn bind(&self, schema: &mut Schema) -> Result<Self::Bound> {
        Ok([schema.flag("repeated", true), schema.flag("first", false)])
    }

    fn shape(&self) -> Shape {
        // Repeated no, yes, unknown; first no, yes, unknown.
        Shape::counts(3).bundle("first", 3)
    }

    fn fold(&self, bound: &Self::Bound, rows: &Rows<'_>, cells: &mut Cells) {
        for (at, lane) in bound.iter().enumerate() {
            let flag = rows.block.narrow(*lane);
            cells.counts(at).each(rows.groups, |i| if flag[i] == MISSING_MARK { 2 } else { usize::from(flag[i] != 0) });
        }
    }

    fn parts(&self) -> Vec<Part> {
        let id = format!("repeat:{}", self.window.as_deref().unwrap_or("given"));
        vec![
            Part::new("rate", Unit::Share, id.clone()),
            Part::new("repeats", Unit::Share, format!("{id}:repeats")),
            Part::new("per_issue", Unit::Coefficient, format!("{id}:per_issue")),
            Part::new("first", Unit::Count, format!("{id}:first")),
            Part::new("unknown", Unit::Count, format!("{id}:unknown")),
        ]
    }

    fn read(&self, _: &Self::Bound, cells: &[Cell<'_>], confidence: &mut Confidence, out: &mut Estimates) {
        let [once, again, unknown] = [0, 1, 2].map(|at| cells[0].count(0, at));
        let [later, first] = [0, 1].map(|at| cells[0].count(1, at));
        out.push(Estimate::share(again, once + again, confidence));
        out.push(Estimate::share(later, later + first, confidence));
        out.push(Estimate::ratio((later + first) as f64, first as f64, later + first, Reason::NotOffered));
        out.push(Estimate::census(first as f64, later + first));
        out.push(Estimate::census(unknown as f64, once + again + unknown));
    }
}
