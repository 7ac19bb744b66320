//! How long contacts waited: quantiles and the longest wait.

use serde::{Deserialize, Serialize};

use crate::cells::{Cell, Cells, Moments, Shape};
use crate::error::Result;
use crate::estimate::{Confidence, Estimate, Estimates, Unit};
use crate::histogram::Buckets;
use crate::measure::{About, Effect, Measure, OptionInfo, Part, Rows};
use crate::measures::{contacts, fold_alone, quantiles};
use crate::record::{ContactColumns, Schema, Table};
use crate::rule::Outcome;

/// Whose waits are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Population {
    /// Contacts that were answered.
    Answered,
    /// Contacts that were abandoned.
    Abandoned,
    /// Every contact with a known wait.
    All,
}

/// Waiting times: quantiles, mean and the longest, in seconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Wait {
    /// Whose waits.
    pub of: Population,
    /// Which quantiles are read.
    pub quantiles: Vec<f64>,
    /// How the waits are kept.
    pub buckets: Buckets,
}

impl Default for Wait {
    fn default() -> Self {
        Self { of: Population::Answered, quantiles: vec![0.5, 0.8, 0.9, 0.95], buckets: Buckets::Log7 }
    }
}

static ABOUT: About = About {
    name: "wait",
    title: "Waiting time",
    title_ru: "Время ожидания",
    table: Table::Contacts,
    doc: "Mean, quantiles (type 7) and the longest wait in seconds, of answered contacts unless `of` says otherwise.\n\
          The interval of a quantile is that of its order statistics; the mean has a t interval; the longest is a census.\n\
          With `buckets = log7` a quantile is at most 0.39 % + 0.5 ms off and its id ends in ~log7; `exact` keeps every \
          microsecond. Pitfall: waits of answered contacts alone look better the more customers give up.",
    options: &[
        OptionInfo {
            name: "of",
            effect: Effect::Shapes,
            default: "\"answered\"",
            other: "\"all\"",
            doc: "answered, abandoned or all",
        },
        OptionInfo {
            name: "quantiles",
            effect: Effect::Reads,
            default: "[0.5, 0.8, 0.9, 0.95]",
            other: "[0.99]",
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
    example: r#"{"measure": "wait", "of": "abandoned", "quantiles": [0.5, 0.9]}"#,
};

impl Wait {
    /// Mean, quantiles, the longest wait and how many are unknown, of plain slices of instants (microseconds UTC), at 95 %.
    ///
    /// ```
    /// use csat_core::measures::reach::Wait;
    /// let median = Wait { quantiles: vec![0.5], buckets: csat_core::histogram::Buckets::Exact, ..Wait::default() };
    /// let waits = median.of(&[0, 0, 0], &[1_000_000, 2_000_000, 9_000_000], &[i64::MIN; 3])?;
    /// assert_eq!((waits[0].value, waits[1].value, waits[2].value), (Some(4.0), Some(2.0), Some(9.0)));
    /// # Ok::<(), csat_core::Error>(())
    /// ```
    pub fn of(&self, offered: &[i64], answered: &[i64], ended: &[i64]) -> Result<Vec<Estimate>> {
        fold_alone(self, &contacts(offered, answered, ended))
    }
}

impl Measure for Wait {
    type Bound = ContactColumns;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self) -> Result<()> {
        quantiles::check(&self.quantiles)
    }

    fn bind(&self, schema: &mut Schema) -> Result<ContactColumns> {
        Ok(schema.contact())
    }

    fn shape(&self) -> Shape {
        // With a known wait; without.
        Shape::counts(2).sum("wait").sum("wait²").histogram("wait", self.buckets)
    }

    fn fold(&self, bound: &ContactColumns, rows: &Rows<'_>, cells: &mut Cells) {
        let (outcome, wait) = (rows.block.narrow(bound.outcome), rows.block.wide(bound.wait));
        let (class, same) = match self.of {
            Population::Answered => (Outcome::Answered, true),
            Population::Abandoned => (Outcome::Abandoned, true),
            Population::All => (Outcome::Skip, false),
        };
        let class = class as i16;
        let to = Moments { bundle: Some(0), first: 0, histogram: Some(0) };
        let waits = outcome.iter().zip(wait).map(|(outcome, wait)| ((*outcome == class) == same, *wait));
        cells.moments(to, rows.groups, waits);
    }

    fn parts(&self) -> Vec<Part> {
        let of = match self.of {
            Population::Answered => "answered",
            Population::Abandoned => "abandoned",
            Population::All => "all",
        };
        let part =
            |path: String, suffix: &str| Part::new(path.clone(), Unit::Seconds, format!("wait:{of}:{path}{suffix}"));
        let mut parts = vec![part("mean".into(), "")];
        parts.extend(self.quantiles.iter().map(|q| part(quantiles::name(*q), self.buckets.suffix())));
        parts.push(part("longest".into(), self.buckets.suffix()));
        parts.push(Part::new("missing", Unit::Count, format!("wait:{of}:missing")));
        parts
    }

    fn read(&self, _: &ContactColumns, cells: &[Cell<'_>], confidence: &mut Confidence, out: &mut Estimates) {
        let (n, missing) = (cells[0].count(0, 0), cells[0].count(0, 1));
        let mean = Estimate::mean(n, cells[0].sum(0), cells[0].sum(1), 1e-6, confidence);
        out.push(mean.clamped(0.0, f64::INFINITY));
        quantiles::read(&cells[0], 0, &self.quantiles, confidence, out);
        out.push(Estimate::census(missing as f64, n + missing));
    }
}
