//! How many contacts there were, by what became of them.

use serde::{Deserialize, Serialize};

use crate::cells::{Cell, Cells, Shape};
use crate::error::Result;
use crate::estimate::{Confidence, Estimate, Estimates, Unit};
use crate::measure::{About, Measure, Part, Rows};
use crate::measures::{contacts, fold_alone};
use crate::record::{ContactColumns, Schema, Table};
use crate::rule::Outcome;

/// How many contacts there were: all of them, and by outcome class.
///
/// Counts are a census: they carry no interval. Contacts of class `skip` are not counted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Volume {}

static ABOUT: About = About {
    name: "volume",
    title: "Volume",
    title_ru: "Объём обращений",
    table: Table::Contacts,
    doc: "How many contacts were offered, and how many of each outcome class (answered, abandoned, flow_out, ...).\n\
          A census: no interval. Rows of class skip are not counted. Without `as_of` contacts still waiting are counted \
          here as pending but enter no other measure.",
    options: &[],
    example: r#"{"measure": "volume"}"#,
};

impl Volume {
    /// All contacts, then those of each class in the order of [`Outcome::ALL`], of plain slices of instants (microseconds
    /// UTC).
    ///
    /// ```
    /// use csat_core::measures::reach::Volume;
    /// use csat_core::rule::Outcome;
    /// let counts = Volume {}.of(&[0, 0], &[5_000_000, i64::MIN], &[60_000_000, 12_000_000])?;
    /// assert_eq!((counts[0].value, counts[1 + Outcome::Abandoned as usize].value), (Some(2.0), Some(1.0)));
    /// # Ok::<(), csat_core::Error>(())
    /// ```
    pub fn of(&self, offered: &[i64], answered: &[i64], ended: &[i64]) -> Result<Vec<Estimate>> {
        fold_alone(self, &contacts(offered, answered, ended))
    }
}

impl Measure for Volume {
    type Bound = ContactColumns;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self) -> Result<()> {
        Ok(())
    }

    fn bind(&self, schema: &mut Schema) -> Result<ContactColumns> {
        Ok(schema.contact())
    }

    fn shape(&self) -> Shape {
        Shape::counts(Outcome::Skip as usize)
    }

    fn fold(&self, bound: &ContactColumns, rows: &Rows<'_>, cells: &mut Cells) {
        let outcome = rows.block.narrow(bound.outcome);
        cells.counts(0).some(rows.groups, |i| {
            let class = outcome[i] as usize;
            (class != Outcome::Skip as usize).then_some(class)
        });
    }

    fn parts(&self) -> Vec<Part> {
        let classes = Outcome::ALL[..Outcome::Skip as usize].iter().map(|o| o.name());
        std::iter::once("contacts").chain(classes).map(|p| Part::new(p, Unit::Count, format!("volume:{p}"))).collect()
    }

    fn read(&self, _: &ContactColumns, cells: &[Cell<'_>], _: &mut Confidence, out: &mut Estimates) {
        let total = cells[0].total(0);
        out.push(Estimate::census(total as f64, total));
        out.extend((0..Outcome::Skip as usize).map(|at| Estimate::census(cells[0].count(0, at) as f64, total)));
    }
}
