//! Abandonment: the share of contacts that gave up, under any definition.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::bands::{self, Bands, Runs};
use crate::cells::{Cell, Cells, Shape};
use crate::error::Result;
use crate::estimate::{Confidence, Estimate, Estimates, Unit};
use crate::measure::{About, Effect, Measure, OptionInfo, Part, Rows};
use crate::measures::contacts;
use crate::record::{ContactColumns, Schema, Table};
use crate::rule::abandonment::{AbandonmentPolicy, all};
use crate::rule::duration;
use crate::rule::outcome::Outcome;

/// Abandonment rate: the share of contacts whose customer gave up before an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Abandonment {
    /// Names of definitions, `"all"`, or policies of one's own.
    pub definitions: Value,
    /// Further short limits that are counted for later reading, such as `["5s"]`.
    pub limits: Vec<String>,
}

impl Default for Abandonment {
    fn default() -> Self {
        Self { definitions: "offered".into(), limits: Vec::new() }
    }
}

static ABOUT: About = About {
    name: "abandonment",
    title: "Abandonment rate",
    title_ru: "Доля потерянных обращений",
    table: Table::Contacts,
    doc: "The share of contacts abandoned by the customer, under one or many definitions. Interval: Wilson.\n\
          Formula: contacts in the numerator's classes / contacts in the denominator's classes. `offered` (default): \
          abandoned / all offered; `offered-short5s`: abandons below 5 s in neither part; `offered-long5s`: only long \
          abandons over all offered; `lost`: 1 - answered / offered.\n\
          Pitfall: whether flow-outs and short abandons count changes the rate by a factor; the id says which was used.",
    options: &[
        OptionInfo {
            name: "definitions",
            effect: Effect::Shapes,
            default: "\"offered\"",
            other: "\"offered-short9s\"",
            doc: "names of definitions, \"all\", or own policies",
        },
        OptionInfo {
            name: "limits",
            effect: Effect::Shapes,
            default: "[]",
            other: "[\"7s\"]",
            doc: "further short limits counted for later reading",
        },
    ],
    example: r#"{"measure": "abandonment", "definitions": ["offered", "offered-short5s", "lost"]}"#,
};

/// Where the columns sit, the short limits, and a reader a definition.
#[derive(Clone)]
pub struct AbandonmentBound {
    contact: ContactColumns,
    bands: Bands,
    readings: Vec<(Runs, Runs)>,
}

impl Abandonment {
    /// The abandonment rate of plain slices of instants (microseconds UTC), under the first definition, at 95 %.
    ///
    /// ```
    /// use csat_core::measures::reach::Abandonment;
    /// let none = i64::MIN;
    /// let rate = Abandonment::default().of(&[0, 0, 0], &[5_000_000, none, 8_000_000], &[none, 12_000_000, none])?;
    /// assert_eq!((rate.numerator, rate.denominator), (Some(1.0), Some(3.0)));
    /// # Ok::<(), csat_core::Error>(())
    /// ```
    pub fn of(&self, offered: &[i64], answered: &[i64], ended: &[i64]) -> Result<Estimate> {
        crate::measures::fold_alone(self, &contacts(offered, answered, ended)).map(|estimates| estimates[0])
    }

    fn policies(&self) -> Result<Vec<AbandonmentPolicy>> {
        let single = std::slice::from_ref(&self.definitions);
        let mut list: Vec<AbandonmentPolicy> = Vec::new();
        for value in self.definitions.as_array().map_or(single, Vec::as_slice) {
            let some = if value == "all" { all() } else { vec![AbandonmentPolicy::from_value(value)?] };
            for policy in some {
                if list.iter().all(|known| known.id() != policy.id()) {
                    list.push(policy);
                }
            }
        }
        if list.is_empty() {
            // A saved plan leaves open how its counts are read: the house default then.
            list.push(AbandonmentPolicy::by_name("offered")?);
        }
        Ok(list)
    }

    fn cuts(&self) -> Result<Vec<i64>> {
        let mut cuts: Vec<i64> = self.policies()?.iter().flat_map(AbandonmentPolicy::cuts).collect();
        for limit in &self.limits {
            cuts.push(duration::parse(limit).map_err(|e| e.at("`limits`"))?);
        }
        cuts.sort_unstable();
        cuts.dedup();
        Ok(cuts)
    }
}

impl Measure for Abandonment {
    type Bound = AbandonmentBound;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self) -> Result<()> {
        self.cuts().map(|_| ())
    }

    fn bind(&self, schema: &mut Schema) -> Result<AbandonmentBound> {
        let cuts = self.cuts()?;
        let policies = self.policies()?;
        let readings = policies.iter().map(|p| {
            let reader = p.reader(&cuts)?;
            let (hits, misses, _) = reader.cells();
            Ok((with_unknown(&cuts, hits), with_unknown(&cuts, misses)))
        });
        let readings = readings.collect::<Result<_>>()?;
        Ok(AbandonmentBound { contact: schema.contact(), bands: Bands::new(&cuts), readings })
    }

    fn shape(&self) -> Shape {
        bands::shape(&self.cuts().unwrap_or_default())
    }

    fn fold(&self, bound: &AbandonmentBound, rows: &Rows<'_>, cells: &mut Cells) {
        let (classes, wait) = (rows.block.narrow(bound.contact.outcome), rows.block.wide(bound.contact.wait));
        bound.bands.fold(rows.groups, classes, rows.block.outcomes, wait, cells);
    }

    fn parts(&self) -> Vec<Part> {
        let policies = self.policies().unwrap_or_default();
        policies.iter().map(|p| Part::new("rate", Unit::Share, p.id())).collect()
    }

    fn read(&self, bound: &AbandonmentBound, cells: &[Cell<'_>], confidence: &mut Confidence, out: &mut Estimates) {
        for (hits, misses) in &bound.readings {
            let abandoned = hits.sum(&cells[0]);
            out.push(Estimate::share(abandoned, abandoned + misses.sum(&cells[0]), confidence));
        }
    }

    fn shaping(&self) -> Result<Value> {
        Ok(json!({ "definitions": [], "limits": self.cuts()?.iter().map(|c| duration::text(*c)).collect::<Vec<_>>() }))
    }
}

/// The runs of some cells. Without a wait nobody can call an abandon short: it counts as an ordinary one.
fn with_unknown(cuts: &[i64], cells: &[(Outcome, usize)]) -> Runs {
    let last = 2 * cuts.len();
    let own = |cell: &(Outcome, usize)| {
        let unknown = (cell.1 == last).then_some((cell.0, last + 1));
        std::iter::once(*cell).chain(unknown)
    };
    Runs::new(&cells.iter().flat_map(own).collect::<Vec<_>>())
}
