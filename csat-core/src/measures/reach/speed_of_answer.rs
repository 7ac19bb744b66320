//! How long contacts waited on average until somebody answered.

use serde::{Deserialize, Serialize};

use crate::cells::{Cell, Cells, Moments, Shape};
use crate::error::Result;
use crate::estimate::{Confidence, Estimate, Estimates, Unit};
use crate::measure::{About, Measure, Part, Rows};
use crate::measures::{contacts, parts_alone};
use crate::record::{ContactColumns, Schema, Table};
use crate::rule::Outcome;

/// Average speed of answer: the mean wait of answered contacts, in seconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SpeedOfAnswer {}

static ABOUT: About = About {
    name: "speed_of_answer",
    title: "Average speed of answer",
    title_ru: "Средняя скорость ответа (ASA)",
    table: Table::Contacts,
    doc: "The mean wait from queue entry to answer over answered contacts, in seconds. Interval: t.\n\
          Formula: sum of waits / answered contacts with a known wait. Abandoned contacts do not enter; their waits are \
          in `wait` with `of = abandoned`.\n\
          Pitfall: an exponential average such as Asterisk's holdtime is another number.",
    options: &[],
    example: r#"{"measure": "speed_of_answer"}"#,
};

impl SpeedOfAnswer {
    /// The mean wait, and how many answered contacts had none, of plain slices of instants (microseconds UTC), at 95 %.
    ///
    /// ```
    /// use csat_core::measures::reach::SpeedOfAnswer;
    /// let [mean, missing] = SpeedOfAnswer {}.of(&[0, 0], &[4_000_000, 8_000_000], &[60_000_000, 60_000_000])?;
    /// assert_eq!((mean.value, missing.value), (Some(6.0), Some(0.0)));
    /// # Ok::<(), csat_core::Error>(())
    /// ```
    pub fn of(&self, offered: &[i64], answered: &[i64], ended: &[i64]) -> Result<[Estimate; 2]> {
        parts_alone(self, &contacts(offered, answered, ended))
    }
}

impl Measure for SpeedOfAnswer {
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
        // Answered with a known wait; answered without.
        Shape::counts(2).sum("wait").sum("wait²")
    }

    fn fold(&self, bound: &ContactColumns, rows: &Rows<'_>, cells: &mut Cells) {
        let (outcome, wait) = (rows.block.narrow(bound.outcome), rows.block.wide(bound.wait));
        let answered = Outcome::Answered as i16;
        let to = Moments { bundle: Some(0), ..Moments::default() };
        let waits = outcome.iter().zip(wait).map(|(outcome, wait)| (*outcome == answered, *wait));
        cells.moments(to, rows.groups, waits);
    }

    fn parts(&self) -> Vec<Part> {
        vec![
            Part::new("mean", Unit::Seconds, "asa:answered"),
            Part::new("missing", Unit::Count, "asa:answered:missing"),
        ]
    }

    fn read(&self, _: &ContactColumns, cells: &[Cell<'_>], confidence: &mut Confidence, out: &mut Estimates) {
        let (n, missing) = (cells[0].count(0, 0), cells[0].count(0, 1));
        let mean = Estimate::mean(n, cells[0].sum(0), cells[0].sum(1), 1e-6, confidence);
        out.push(mean.clamped(0.0, f64::INFINITY));
        out.push(Estimate::census(missing as f64, n + missing));
    }
}
