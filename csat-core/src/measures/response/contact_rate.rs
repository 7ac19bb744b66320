//! Contacts per active customer.

use serde::{Deserialize, Serialize};

use crate::cells::{Cell, Cells, Shape};
use crate::error::{Error, ErrorKind, Result};
use crate::estimate::{Confidence, Estimate, Estimates, Reason, Unit};
use crate::measure::{About, Effect, Measure, OptionInfo, Part, Rows};
use crate::record::{MISSING_MARK, Narrow, Schema, Table, Vocabulary};
use crate::stats::rate;

/// Contact rate: contacts of known customers per active customer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ContactRate {
    /// How many customers were active in the whole of each group; none gives the count only.
    pub active: Option<f64>,
    /// Per how many customers: 1, or 1000.
    pub per: f64,
}

impl Default for ContactRate {
    fn default() -> Self {
        Self { active: None, per: 1.0 }
    }
}

static ABOUT: About = About {
    name: "contact_rate",
    title: "Contacts per active customer",
    title_ru: "Обращений на активного клиента",
    table: Table::Contacts,
    doc: "Contacts of known customers (column `customer`) divided by the number of active customers given in `active`, per \
          `per` customers, with the exact (Garwood) Poisson interval.\n\
          Contacts without a customer stay in `anonymous` and leave the rate. Two rates compare by their ratio \
          (`rate.ratio` of the text door).\n\
          Pitfall: who is active is the host's decision, and `active` holds for every group of a report alike; for groups of \
          their own size take the counts and `rate.poisson`. Customers who contact often make the true interval wider. A \
          rise is good for one firm and cost for another: csat gives no direction.",
    options: &[
        OptionInfo { name: "active", effect: Effect::Reads, default: "null", other: "1200.0", doc: "active customers" },
        OptionInfo {
            name: "per",
            effect: Effect::Reads,
            default: "1.0",
            other: "1000.0",
            doc: "per how many customers",
        },
    ],
    example: r#"{"measure": "contact_rate", "active": 500.0, "per": 1000.0}"#,
};

impl Measure for ContactRate {
    type Bound = Narrow;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self) -> Result<()> {
        for (name, value) in [("active", self.active.unwrap_or(1.0)), ("per", self.per)] {
            if !(value.is_finite() && value > 0.0) {
                return Err(Error::new(ErrorKind::InvalidOption, format!("`{name}` must be above zero, not {value}")));
            }
        }
        Ok(())
    }

    fn bind(&self, schema: &mut Schema) -> Result<Narrow> {
        // Any name is a customer; an empty one is none.
        Ok(schema.category("customer", Vocabulary::of_texts("customer", [""]).otherwise(1), true))
    }

    fn shape(&self) -> Shape {
        // Anonymous, known.
        Shape::counts(2)
    }

    fn fold(&self, bound: &Narrow, rows: &Rows<'_>, cells: &mut Cells) {
        let customer = rows.block.narrow(*bound);
        cells.counts(0).each(rows.groups, |i| usize::from(customer[i] != MISSING_MARK && customer[i] != 0));
    }

    fn parts(&self) -> Vec<Part> {
        let id = format!("contact_rate:per-{}", self.per);
        vec![
            Part::new("rate", Unit::Coefficient, id.clone()),
            Part::new("contacts", Unit::Count, format!("{id}:contacts")),
            Part::new("anonymous", Unit::Count, format!("{id}:anonymous")),
        ]
    }

    fn read(&self, _: &Narrow, cells: &[Cell<'_>], confidence: &mut Confidence, out: &mut Estimates) {
        let [anonymous, known] = [0, 1].map(|at| cells[0].count(0, at));
        out.push(match self.active {
            None => Estimate::none(known, Reason::Undefined),
            Some(active) => {
                let exposure = active / self.per;
                let mut estimate = Estimate::ratio(known as f64, exposure, known, Reason::NotAsked);
                if let Some(Ok(interval)) = confidence.level.map(|level| rate::poisson(known, exposure, level)) {
                    estimate.limits(interval.low, interval.high);
                }
                estimate
            }
        });
        out.push(Estimate::census(known as f64, known + anonymous));
        out.push(Estimate::census(anonymous as f64, known + anonymous));
    }
}
