//! How long handling a contact took: talk, hold, wrap and their total.

use serde::{Deserialize, Serialize};

use crate::cells::{Cell, Cells, Moments, Shape};
use crate::error::{Error, ErrorKind, Result};
use crate::estimate::{Confidence, Estimate, Estimates, Reason, Unit};
use crate::histogram::Buckets;
use crate::measure::{About, Effect, Measure, OptionInfo, Part, Rows};
use crate::measures::quantiles;
use crate::record::{Batch, Column, ContactColumns, Schema, Table, Wide};
use crate::rule::Outcome;
use crate::time::MISSING;

/// A component of the handle time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HandlePart {
    /// Talk + hold + wrap (wrap only if the recipe includes it).
    Total,
    /// Talking.
    Talk,
    /// On hold.
    Hold,
    /// After-contact work.
    Wrap,
}

/// What a mean is taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// Answered contacts.
    Contact,
    /// Handled legs (column `legs`): the agent's view.
    Leg,
}

/// Handle time in seconds: mean, sum and quantiles of talk, hold, wrap and total.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HandleTime {
    /// Which components are kept.
    pub parts: Vec<HandlePart>,
    /// Whether the total includes after-contact work.
    pub wrap: bool,
    /// What the mean is taken over.
    pub per: Per,
    /// Which quantiles are read, if a histogram is kept.
    pub quantiles: Vec<f64>,
    /// How durations are kept for quantiles; none keeps no histogram.
    pub buckets: Option<Buckets>,
}

impl Default for HandleTime {
    fn default() -> Self {
        Self {
            parts: vec![HandlePart::Total, HandlePart::Talk, HandlePart::Hold, HandlePart::Wrap],
            wrap: true,
            per: Per::Contact,
            quantiles: vec![0.5, 0.9],
            buckets: Some(Buckets::Log7),
        }
    }
}

static ABOUT: About = About {
    name: "handle_time",
    title: "Handle time",
    title_ru: "Время обработки (AHT)",
    table: Table::Contacts,
    doc: "Talk + hold + wrap of answered contacts in seconds: mean (AHT) with a t interval, sum, quantiles, and the same \
          for each component.\nFormula: sum of handle times / answered contacts, or / legs with `per = leg` (then without \
          an interval). A contact lacking one of the mapped components has no total and is counted as missing; a column \
          that is not there at all is left out of the total.\n\
          Pitfall: with or without wrap differs by vendor; `wrap = false` leaves it out and the id says so.",
    options: &[
        OptionInfo {
            name: "parts",
            effect: Effect::Shapes,
            default: "[\"total\", \"talk\", \"hold\", \"wrap\"]",
            other: "[\"total\"]",
            doc: "which components are kept",
        },
        OptionInfo {
            name: "wrap",
            effect: Effect::Shapes,
            default: "true",
            other: "false",
            doc: "whether the total includes after-contact work",
        },
        OptionInfo {
            name: "per",
            effect: Effect::Shapes,
            default: "\"contact\"",
            other: "\"leg\"",
            doc: "contact or leg",
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
            doc: "log7, exact, or null for no quantiles",
        },
    ],
    example: r#"{"measure": "handle_time", "per": "leg"}"#,
};

/// Where the columns sit.
#[derive(Clone, Debug)]
pub struct HandleColumns {
    contact: ContactColumns,
    talk: Wide,
    hold: Wide,
    wrap: Wide,
    legs: Option<Wide>,
}

impl HandleTime {
    /// The parts of plain slices of durations (microseconds) of answered contacts, at 95 %; without wrap-up give zeros.
    ///
    /// ```
    /// use csat_core::measures::handling::HandleTime;
    /// let second = 1_000_000;
    /// let time = HandleTime::default().of(&[100 * second, 200 * second], &[0, 20 * second], &[10 * second; 2])?;
    /// assert_eq!((time[0].value, time[1].value), (Some(170.0), Some(340.0))); // mean and sum of the total
    /// # Ok::<(), csat_core::Error>(())
    /// ```
    pub fn of(&self, talk: &[i64], hold: &[i64], wrap: &[i64]) -> Result<Vec<Estimate>> {
        let answered = crate::measures::answered(talk.len());
        let parts = [("talk", talk), ("hold", hold), ("wrap", wrap)];
        let batch = Batch::new().column("outcome", Column::texts(&answered));
        let batch = parts.into_iter().fold(batch, |batch, (name, times)| batch.column(name, Column::durations(times)));
        crate::measures::fold_alone(self, &batch)
    }

    /// The duration of one component of a row, or missing.
    fn value(&self, part: HandlePart, talk: i64, hold: i64, wrap: i64) -> i64 {
        match part {
            HandlePart::Talk => talk,
            HandlePart::Hold => hold,
            HandlePart::Wrap => wrap,
            HandlePart::Total => {
                let wrap = if self.wrap { wrap } else { 0 };
                if talk == MISSING || hold == MISSING || wrap == MISSING { MISSING } else { talk + hold + wrap }
            }
        }
    }

    fn name(part: HandlePart) -> &'static str {
        match part {
            HandlePart::Total => "total",
            HandlePart::Talk => "talk",
            HandlePart::Hold => "hold",
            HandlePart::Wrap => "wrap",
        }
    }
}

impl Measure for HandleTime {
    type Bound = HandleColumns;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self) -> Result<()> {
        if self.parts.is_empty() {
            return Err(Error::new(ErrorKind::InvalidOption, "`parts` is empty; name total, talk, hold or wrap"));
        }
        quantiles::check(&self.quantiles)
    }

    fn bind(&self, schema: &mut Schema) -> Result<HandleColumns> {
        Ok(HandleColumns {
            contact: schema.contact(),
            talk: schema.duration("talk", true),
            hold: schema.duration("hold", self.parts.contains(&HandlePart::Hold)),
            wrap: schema.duration("wrap", self.parts.contains(&HandlePart::Wrap)),
            legs: (self.per == Per::Leg).then(|| schema.integer("legs", true)),
        })
    }

    fn shape(&self) -> Shape {
        let mut shape = Shape::default();
        for part in &self.parts {
            let name = Self::name(*part);
            // With a known duration; without.
            shape = shape.bundle(name, 2).sum(name).sum(format!("{name}²"));
            if let Some(buckets) = self.buckets {
                shape = shape.histogram(name, buckets);
            }
        }
        if self.per == Per::Leg { shape.sum("legs") } else { shape }
    }

    fn fold(&self, bound: &HandleColumns, rows: &Rows<'_>, cells: &mut Cells) {
        let outcome = rows.block.narrow(bound.contact.outcome);
        let [talk, hold, wrap] = [bound.talk, bound.hold, bound.wrap].map(|c| rows.block.wide(c));
        let answered = Outcome::Answered as i16;
        for (at, part) in self.parts.iter().enumerate() {
            // A component whose column is not there is left out of the total; a missing value is not.
            let absent = |lane: Wide| if rows.block.is_given(lane) { MISSING } else { 0 };
            let (no_hold, no_wrap) = (absent(bound.hold), absent(bound.wrap));
            let or = |v: i64, absent: i64| if v == MISSING { absent } else { v };
            let lanes = outcome.iter().zip(talk).zip(hold).zip(wrap);
            let to = Moments { bundle: Some(at), first: 2 * at, histogram: self.buckets.map(|_| at) };
            match part {
                // Missing is the one negative value: the usual total is known where no component is negative.
                HandlePart::Total if self.wrap && no_hold == MISSING && no_wrap == MISSING => {
                    let totals = lanes.map(|(((outcome, talk), hold), wrap)| {
                        let missing = (talk | hold | wrap) >> 63;
                        let total = talk.wrapping_add(*hold).wrapping_add(*wrap);
                        (*outcome == answered, (total & !missing) | (MISSING & missing))
                    });
                    cells.moments(to, rows.groups, totals);
                }
                _ => {
                    let values = lanes.map(|(((outcome, talk), hold), wrap)| {
                        (*outcome == answered, self.value(*part, *talk, or(*hold, no_hold), or(*wrap, no_wrap)))
                    });
                    cells.moments(to, rows.groups, values);
                }
            }
        }
        if let Some(legs) = bound.legs {
            let legs = rows.block.wide(legs);
            let largest = legs.iter().filter(|l| **l != MISSING).map(|l| l.unsigned_abs()).max().unwrap_or(0);
            cells.expect(legs.len(), u128::from(largest));
            for (i, group) in rows.groups.iter().enumerate() {
                if outcome[i] == answered && legs[i] != MISSING {
                    cells.add(*group, 2 * self.parts.len(), [i128::from(legs[i])]);
                }
            }
        }
    }

    fn parts(&self) -> Vec<Part> {
        let mut parts = Vec::new();
        for part in &self.parts {
            let name = Self::name(*part);
            let mut id = format!("aht:{name}");
            if *part == HandlePart::Total && !self.wrap {
                id += ":without_wrap";
            }
            if self.per == Per::Leg {
                id += ":per_leg";
            }
            let mut push = |path: &str, unit, suffix: &str| {
                parts.push(Part::new(format!("{name}/{path}"), unit, format!("{id}:{path}{suffix}")));
            };
            push("mean", Unit::Seconds, "");
            push("sum", Unit::Seconds, "");
            if let Some(buckets) = self.buckets {
                self.quantiles.iter().for_each(|q| push(&quantiles::name(*q), Unit::Seconds, buckets.suffix()));
                push("longest", Unit::Seconds, buckets.suffix());
            }
            push("missing", Unit::Count, "");
        }
        parts
    }

    fn read(&self, _: &HandleColumns, cells: &[Cell<'_>], confidence: &mut Confidence, out: &mut Estimates) {
        let cell = &cells[0];
        for at in 0..self.parts.len() {
            let (n, missing) = (cell.count(at, 0), cell.count(at, 1));
            let (sum, squares) = (cell.sum(2 * at), cell.sum(2 * at + 1));
            out.push(match self.per {
                Per::Contact => Estimate::mean(n, sum, squares, 1e-6, confidence).clamped(0.0, f64::INFINITY),
                Per::Leg => {
                    let legs = cell.sum(2 * self.parts.len());
                    Estimate::ratio(sum as f64 * 1e-6, legs as f64, n, Reason::NotOffered)
                }
            });
            out.push(if n == 0 { Estimate::none(0, Reason::Empty) } else { Estimate::census(sum as f64 * 1e-6, n) });
            if self.buckets.is_some() {
                quantiles::read(cell, at, &self.quantiles, confidence, out);
            }
            out.push(Estimate::census(missing as f64, n + missing));
        }
    }
}
