//! Net promoter score.

use serde::{Deserialize, Serialize};

use crate::cells::{Cell, Cells, Shape};
use crate::error::{Error, ErrorKind, Result};
use crate::estimate::{Confidence, Estimate, Estimates, Reason, Unit};
use crate::measure::{About, Effect, Measure, OptionInfo, Part, Rows};
use crate::record::{Block, Faults, MISSING_MARK, Narrow, Schema, Table};
use crate::stats::net::{Counts, adjusted_wald_z};

/// Net promoter score: the share of promoters minus the share of detractors, in points −100..100.
///
/// On the 0-10 scale promoters answer 9 or 10, detractors 0 to 6. Any other scale needs `promoters` and `detractors`,
/// and its id says so (`nps:1-10:p9d6`): a mean of 1-5 marks is not an NPS.
///
/// ```
/// use csat_core::measures::voice::Nps;
/// let reading = Nps::default().of(&[10, 9, 9, 7, 8, 3])?;
/// assert_eq!(reading.nps.value, Some(100.0 * (3.0 - 1.0) / 6.0));
/// # Ok::<(), csat_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Nps {
    /// The column of the score.
    pub score: String,
    /// Lowest and highest mark.
    pub scale: [i16; 2],
    /// The lowest mark of a promoter; 9 on the 0-10 scale.
    pub promoters: Option<i16>,
    /// The highest mark of a detractor; 6 on the 0-10 scale.
    pub detractors: Option<i16>,
}

impl Default for Nps {
    fn default() -> Self {
        Self { score: "score".into(), scale: [0, 10], promoters: None, detractors: None }
    }
}

/// What [`Nps`] reads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NpsReading {
    /// The score in points, with its adjusted Wald interval.
    pub nps: Estimate,
    /// Share of promoters.
    pub promoters: Estimate,
    /// Share of passives.
    pub passives: Estimate,
    /// Share of detractors.
    pub detractors: Estimate,
    /// Rows without a score.
    pub missing: Estimate,
}

const DETRACTORS: usize = 0;
const PASSIVES: usize = 1;
const PROMOTERS: usize = 2;
const MISSING: usize = 3;

static ABOUT: About = About {
    name: "nps",
    title: "Net promoter score",
    title_ru: "Индекс потребительской лояльности (NPS)",
    table: Table::Answers,
    doc: "The share of promoters (9-10) minus the share of detractors (0-6), in points -100..100.\n\
          Formula: 100 (p - d) / n over the rows with a score. Interval: adjusted Wald with 3/4, 3/2, 3/4 pseudo-answers.\n\
          A scale other than 0-10 needs `promoters` and `detractors`. A score outside the scale is an error that names the row.\n\
          Pitfall: touchpoints are never pooled silently; group by touchpoint. Source: Reichheld 2003; Rocks 2016 (intervals).",
    options: &[
        OptionInfo {
            name: "score",
            effect: Effect::Shapes,
            default: "\"score\"",
            other: "\"recommend\"",
            doc: "the column of the score",
        },
        OptionInfo {
            name: "scale",
            effect: Effect::Shapes,
            default: "[0, 10]",
            other: "[1, 10]",
            doc: "lowest and highest mark",
        },
        OptionInfo {
            name: "promoters",
            effect: Effect::Shapes,
            default: "null",
            other: "8",
            doc: "the lowest mark of a promoter (9)",
        },
        OptionInfo {
            name: "detractors",
            effect: Effect::Shapes,
            default: "null",
            other: "5",
            doc: "the highest mark of a detractor (6)",
        },
    ],
    example: r#"{"measure": "nps", "scale": [0, 10], "promoters": 9, "detractors": 6}"#,
};

impl Nps {
    fn classes(&self) -> (i16, i16) {
        (self.promoters.unwrap_or(9), self.detractors.unwrap_or(6))
    }

    fn id(&self) -> String {
        let (promoters, detractors) = self.classes();
        let [low, high] = self.scale;
        if [low, high, promoters, detractors] == [0, 10, 9, 6] {
            "nps".into()
        } else {
            format!("nps:{low}-{high}:p{promoters}d{detractors}")
        }
    }

    /// The score of a plain slice, at 95 %.
    pub fn of(&self, scores: &[i64]) -> Result<NpsReading> {
        let cells = crate::measures::fold_alone(
            self,
            &crate::record::Batch::new().column(&*self.score, crate::record::Column::integers(scores)),
        )?;
        let [nps, promoters, passives, detractors, missing] = cells[..] else { unreachable!("five parts") };
        Ok(NpsReading { nps, promoters, passives, detractors, missing })
    }
}

impl Measure for Nps {
    type Bound = Narrow;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self) -> Result<()> {
        let [low, high] = self.scale;
        let invalid = |m: String| Err(Error::new(ErrorKind::InvalidOption, m));
        if low >= high {
            return invalid(format!("the scale {low} to {high} is empty"));
        }
        if self.scale != [0, 10] && (self.promoters.is_none() || self.detractors.is_none()) {
            return invalid(format!(
                "a scale of {low} to {high} is not the 0-10 scale of NPS; say who is a promoter and who a detractor, \
                 for example promoters = 9 and detractors = 6"
            ));
        }
        let (promoters, detractors) = self.classes();
        if detractors >= promoters || promoters > high || detractors < low {
            return invalid(format!(
                "promoters from {promoters} and detractors up to {detractors} do not fit the scale {low} to {high}"
            ));
        }
        Ok(())
    }

    fn bind(&self, schema: &mut Schema) -> Result<Narrow> {
        Ok(schema.mark(&self.score, true))
    }

    fn shape(&self) -> Shape {
        Shape::counts(4)
    }

    fn verify(&self, bound: &Narrow, block: &Block, faults: &mut Faults) {
        crate::measures::check_scale(&self.score, self.scale, block.narrow(*bound), faults);
    }

    fn fold(&self, bound: &Narrow, rows: &Rows<'_>, cells: &mut Cells) {
        let scores = rows.block.narrow(*bound);
        let (promoters, detractors) = self.classes();
        cells.counts(0).each(rows.groups, |i| {
            let s = scores[i];
            usize::from(s > detractors) + usize::from(s >= promoters) + MISSING * usize::from(s == MISSING_MARK)
        });
    }

    fn parts(&self) -> Vec<Part> {
        let id = self.id();
        let mut parts = vec![Part::new("nps", Unit::Points, id.clone())];
        parts.extend(["promoters", "passives", "detractors"].map(|p| Part::new(p, Unit::Share, format!("{id}:{p}"))));
        parts.push(Part::new("missing", Unit::Count, format!("{id}:missing")));
        parts
    }

    fn read(&self, _: &Narrow, cells: &[Cell<'_>], confidence: &mut Confidence, out: &mut Estimates) {
        let count = |at| cells[0].count(0, at);
        let (d, p) = (count(DETRACTORS), count(PROMOTERS));
        let n = d + p + count(PASSIVES);
        let mut nps = Estimate::ratio(p as f64 - d as f64, n as f64, n, Reason::NotAsked);
        nps.value = (n > 0).then(|| 100.0 * (p as f64 - d as f64) / n as f64);
        if let (Some(z), true) = (confidence.z, n > 0) {
            let interval = adjusted_wald_z(Counts::new(d, count(PASSIVES), p), z);
            nps.limits(100.0 * interval.low, 100.0 * interval.high);
        }
        out.push(nps);
        out.extend([PROMOTERS, PASSIVES, DETRACTORS].map(|at| Estimate::share(count(at), n, confidence)));
        out.push(Estimate::census(count(MISSING) as f64, n + count(MISSING)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_a_plan_are_letters_digits_and_two_marks() {
        let named = |name: &str| crate::Tally::new(crate::Plan::new([Nps::default()]).name(0, name)).map(|_| ());
        assert_eq!((named("brand_2-b"), named("бренд")), (Ok(()), Ok(())));
        for name in ["", "a b", "a/b", "a:b", "a,b", "a\nb", "a.b"] {
            assert!(named(name).unwrap_err().message().contains("use letters"), "{name}");
        }
    }
}
