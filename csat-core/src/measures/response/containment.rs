//! Containment: what robots and self-service settled without a person.

use serde::{Deserialize, Serialize};

use crate::cells::{Cell, Cells, Shape};
use crate::error::Result;
use crate::estimate::{Confidence, Estimate, Estimates, Unit};
use crate::measure::{About, Effect, Measure, OptionInfo, Part, Rows};
use crate::record::{MISSING_MARK, Narrow, Schema, Table};

/// What counts as contained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContainmentRule {
    /// No person was involved: counts everybody who hung up in the menu.
    NoHuman,
    /// Self-service did what the customer wanted.
    Completed,
    /// That, no person was involved, and the customer did not contact again within the window.
    Strict,
}

/// Containment: the share of contacts with a robot, a menu or self-service that needed no person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Containment {
    /// What counts as contained.
    pub rule: ContainmentRule,
}

impl Default for Containment {
    fn default() -> Self {
        Self { rule: ContainmentRule::Strict }
    }
}

static ABOUT: About = About {
    name: "containment",
    title: "Containment",
    title_ru: "Доля автоматизации",
    table: Table::Contacts,
    doc: "The share of contacts that entered a robot, a menu or self-service (column `automated`; every row where it is not \
          mapped) and were settled there. Wilson interval.\n\
          `strict` (default): completed, no person involved, no repeat within the window. `completed`: completed. `no_human`: \
          no person involved, the naive rule, which counts everybody who gave up in the menu as a success.\n\
          Columns: `human` (queued for a person or a person within the window), `completed`, `repeated` (link `repeat`). Under \
          `strict` a completed contact whose `repeated` is not known yet is left out and counted in `unknown`.\n\
          Pitfall: one log gives 50, 30 and 25 % under the three rules.",
    options: &[OptionInfo {
        name: "rule",
        effect: Effect::Reads,
        default: "\"strict\"",
        other: "\"no_human\"",
        doc: "strict, completed or no_human",
    }],
    example: r#"{"measure": "containment", "rule": "completed"}"#,
};

/// Bits of a row; `repeated` has a third value, unknown.
const HUMAN: usize = 1;
const COMPLETED: usize = 2;
const REPEATED: usize = 4;
const UNKNOWN: usize = 8;

impl Measure for Containment {
    type Bound = [Narrow; 4];

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self) -> Result<()> {
        Ok(())
    }

    fn bind(&self, schema: &mut Schema) -> Result<Self::Bound> {
        let strict = self.rule == ContainmentRule::Strict;
        Ok([
            schema.flag("automated", false),
            schema.flag("human", true),
            schema.flag("completed", true),
            schema.flag("repeated", strict),
        ])
    }

    fn shape(&self) -> Shape {
        Shape::counts(UNKNOWN + REPEATED)
    }

    fn fold(&self, bound: &Self::Bound, rows: &Rows<'_>, cells: &mut Cells) {
        let [automated, human, completed, repeated] = bound.map(|lane| rows.block.narrow(lane));
        cells.counts(0).some(rows.groups, |i| {
            let again = match repeated[i] {
                MISSING_MARK => UNKNOWN,
                0 => 0,
                _ => REPEATED,
            };
            let bits = HUMAN * usize::from(human[i] == 1) + COMPLETED * usize::from(completed[i] == 1) + again;
            (automated[i] != 0).then_some(bits)
        });
    }

    fn parts(&self) -> Vec<Part> {
        let rule = crate::measures::json(self.rule);
        let id = format!("containment:{}", rule.as_str().unwrap_or_default());
        vec![
            Part::new("rate", Unit::Share, id.clone()),
            Part::new("gave_up", Unit::Count, format!("{id}:gave_up")),
            Part::new("unknown", Unit::Count, format!("{id}:unknown")),
        ]
    }

    fn read(&self, _: &Self::Bound, cells: &[Cell<'_>], confidence: &mut Confidence, out: &mut Estimates) {
        let cell = &cells[0];
        let sum = |pick: &dyn Fn(usize) -> bool| {
            (0..UNKNOWN + REPEATED).filter(|bits| pick(*bits)).map(|bits| cell.count(0, bits)).sum::<u64>()
        };
        let has = |bits: usize, bit: usize| bits & bit != 0;
        let open = |bits: usize| has(bits, UNKNOWN) && has(bits, COMPLETED) && !has(bits, HUMAN);
        let (all, unknown) = (sum(&|_| true), sum(&open));
        let contained = match self.rule {
            ContainmentRule::NoHuman => sum(&|bits| !has(bits, HUMAN)),
            ContainmentRule::Completed => sum(&|bits| has(bits, COMPLETED)),
            ContainmentRule::Strict => sum(&|bits| bits == COMPLETED),
        };
        let left_out = if self.rule == ContainmentRule::Strict { unknown } else { 0 };
        out.push(Estimate::share(contained, all - left_out, confidence));
        out.push(Estimate::census(sum(&|bits| !has(bits, HUMAN) && !has(bits, COMPLETED)) as f64, all));
        out.push(Estimate::census(left_out as f64, all));
    }
}
