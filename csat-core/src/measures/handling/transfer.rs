//! How many answered contacts were handed on.

use serde::{Deserialize, Serialize};

use crate::cells::{Cell, Cells, Shape};
use crate::error::Result;
use crate::estimate::{Confidence, Estimate, Estimates, Unit};
use crate::measure::{About, Measure, Part, Rows};
use crate::measures::{answered, parts_alone};
use crate::record::{Batch, Column, ContactColumns, MISSING_MARK, Narrow, Schema, Table};
use crate::rule::Outcome;

/// Transfer rate: the share of answered contacts that were handed on to somebody else.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Transfer {}

static ABOUT: About = About {
    name: "transfer",
    title: "Transfer rate",
    title_ru: "Доля переводов",
    table: Table::Contacts,
    doc: "The share of answered contacts that were handed on (column `transferred`). Interval: Wilson.\n\
          Rows where `transferred` is missing are left out and counted. Pitfall: counted by contact, not by leg; a \
          contact handed on twice counts once.",
    options: &[],
    example: r#"{"measure": "transfer"}"#,
};

impl Transfer {
    /// The share handed on of answered contacts, 1 for each that was and 0 for each that was not, and how many are unknown
    /// (`i64::MIN`), at 95 %.
    ///
    /// ```
    /// use csat_core::measures::handling::Transfer;
    /// let [rate, missing] = Transfer {}.of(&[1, 0, 0, 0, i64::MIN])?;
    /// assert_eq!((rate.value, missing.value), (Some(0.25), Some(1.0)));
    /// # Ok::<(), csat_core::Error>(())
    /// ```
    pub fn of(&self, transferred: &[i64]) -> Result<[Estimate; 2]> {
        let answered = answered(transferred.len());
        let batch = Batch::new().column("outcome", Column::texts(&answered));
        parts_alone(self, &batch.column("transferred", Column::integers(transferred)))
    }
}

impl Measure for Transfer {
    type Bound = (ContactColumns, Narrow);

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self) -> Result<()> {
        Ok(())
    }

    fn bind(&self, schema: &mut Schema) -> Result<Self::Bound> {
        Ok((schema.contact(), schema.flag("transferred", true)))
    }

    fn shape(&self) -> Shape {
        // Kept, handed on, unknown.
        Shape::counts(3)
    }

    fn fold(&self, bound: &Self::Bound, rows: &Rows<'_>, cells: &mut Cells) {
        let (outcome, flag) = (rows.block.narrow(bound.0.outcome), rows.block.narrow(bound.1));
        cells.counts(0).some(rows.groups, |i| {
            let index = if flag[i] == MISSING_MARK { 2 } else { usize::from(flag[i] != 0) };
            (outcome[i] == Outcome::Answered as i16).then_some(index)
        });
    }

    fn parts(&self) -> Vec<Part> {
        vec![
            Part::new("rate", Unit::Share, "transfer:answered"),
            Part::new("missing", Unit::Count, "transfer:answered:missing"),
        ]
    }

    fn read(&self, _: &Self::Bound, cells: &[Cell<'_>], confidence: &mut Confidence, out: &mut Estimates) {
        let [kept, handed, missing] = [0, 1, 2].map(|at| cells[0].count(0, at));
        out.push(Estimate::share(handed, kept + handed, confidence));
        out.push(Estimate::census(missing as f64, kept + handed + missing));
    }
}
