//! How often a contact was handed on before it was done.

use serde::{Deserialize, Serialize};

use crate::cells::{Cell, Cells, Moments, Shape};
use crate::error::{Error, ErrorKind, Result};
use crate::estimate::{Confidence, Estimate, Estimates, Unit};
use crate::measure::{About, Measure, Part, Rows};
use crate::measures::{answered, parts_alone};
use crate::record::{Batch, Block, Column, ContactColumns, Faults, Schema, Table, Wide};
use crate::rule::Outcome;
use crate::time::MISSING;

/// Hand-offs: how many times an answered contact was passed to somebody else, and the share passed on at all.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HandOffs {}

static ABOUT: About = About {
    name: "hand_offs",
    title: "Hand-offs",
    title_ru: "Передачи обращения",
    table: Table::Contacts,
    doc: "How many times an answered contact was passed on: legs - 1, where `legs` counts everybody who handled it.\n\
          `mean` is hand-offs / answered contacts (t interval); `any` is the share with at least one (Wilson interval).\n\
          A contact without legs is left out and counted. Pitfall: a customer who has to explain everything again is not \
          seen here, only that somebody else came on; `transfer` reads a flag instead and counts a contact once.",
    options: &[],
    example: r#"{"measure": "hand_offs"}"#,
};

impl HandOffs {
    /// Mean hand-offs, the share passed on at all, and how many are unknown, from the legs of answered contacts, at 95 %.
    ///
    /// ```
    /// use csat_core::measures::handling::HandOffs;
    /// let [mean, any, missing] = HandOffs {}.of(&[1, 1, 2, 4])?;
    /// assert_eq!((mean.value, any.value, missing.value), (Some(1.0), Some(0.5), Some(0.0)));
    /// # Ok::<(), csat_core::Error>(())
    /// ```
    pub fn of(&self, legs: &[i64]) -> Result<[Estimate; 3]> {
        let answered = answered(legs.len());
        let batch = Batch::new().column("outcome", Column::texts(&answered));
        parts_alone(self, &batch.column("legs", Column::integers(legs)))
    }
}

impl Measure for HandOffs {
    type Bound = (ContactColumns, Wide);

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self) -> Result<()> {
        Ok(())
    }

    fn bind(&self, schema: &mut Schema) -> Result<Self::Bound> {
        Ok((schema.contact(), schema.integer("legs", true)))
    }

    fn shape(&self) -> Shape {
        // With and without a known number of legs; of the known ones, never passed on and passed on.
        Shape::default().bundle("known", 2).bundle("passed", 2).sum("hand-offs").sum("hand-offs²")
    }

    fn verify(&self, bound: &Self::Bound, block: &Block, faults: &mut Faults) {
        let (outcome, legs) = (block.narrow(bound.0.outcome), block.wide(bound.1));
        for row in 0..block.len() {
            let impossible = legs[row] != MISSING && !(1..=1_000_000).contains(&legs[row]);
            if impossible && outcome[row] == Outcome::Answered as i16 {
                faults.add(row, "legs: below 1", || {
                    let message = format!("legs is {}; an answered contact has at least one", legs[row]);
                    Error::new(ErrorKind::BadValue, message).with("column", "legs")
                });
            }
        }
    }

    fn fold(&self, bound: &Self::Bound, rows: &Rows<'_>, cells: &mut Cells) {
        let (outcome, legs) = (rows.block.narrow(bound.0.outcome), rows.block.wide(bound.1));
        let answered = |i: usize| outcome[i] == Outcome::Answered as i16;
        let hand_offs = |i: usize| if legs[i] == MISSING { MISSING } else { legs[i] - 1 };
        let to = Moments { bundle: Some(0), ..Moments::default() };
        cells.moments(to, rows.groups, (0..legs.len()).map(|i| (answered(i), hand_offs(i))));
        cells.counts(1).some(rows.groups, |i| (answered(i) && legs[i] != MISSING).then(|| usize::from(legs[i] > 1)));
    }

    fn parts(&self) -> Vec<Part> {
        vec![
            Part::new("mean", Unit::Rating, "hand_offs:mean"),
            Part::new("any", Unit::Share, "hand_offs:any"),
            Part::new("missing", Unit::Count, "hand_offs:missing"),
        ]
    }

    fn read(&self, _: &Self::Bound, cells: &[Cell<'_>], confidence: &mut Confidence, out: &mut Estimates) {
        let [known, missing] = [0, 1].map(|at| cells[0].count(0, at));
        let mean = Estimate::mean(known, cells[0].sum(0), cells[0].sum(1), 1.0, confidence);
        out.push(mean.clamped(0.0, f64::INFINITY));
        out.push(Estimate::share(cells[0].count(1, 1), known, confidence));
        out.push(Estimate::census(missing as f64, known + missing));
    }
}
