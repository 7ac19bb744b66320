//! Missed contacts: how many customers did not reach anybody, in and out of hours, and how many were returned.

use serde::{Deserialize, Serialize};

use crate::cells::{Cell, Cells, Shape};
use crate::error::{Error, ErrorKind, Result};
use crate::estimate::{Confidence, Estimate, Estimates, Unit};
use crate::measure::{About, Effect, Measure, OptionInfo, Part, Rows};
use crate::record::{ContactColumns, MISSING_MARK, Narrow, Schema, Table};
use crate::rule::{Outcome, duration};
use crate::time::MISSING;

/// Missed contacts: the share of contacts that reached nobody, split by working hours, and what became of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MissedCalls {
    /// The outcome classes that count as missed.
    pub outcomes: Vec<String>,
    /// Missed contacts that waited less than this are set aside; none keeps them all.
    pub short: Option<String>,
}

impl Default for MissedCalls {
    fn default() -> Self {
        Self { outcomes: vec!["abandoned".into(), "missed".into()], short: None }
    }
}

static ABOUT: About = About {
    name: "missed_calls",
    title: "Missed contacts",
    title_ru: "Пропущенные обращения",
    table: Table::Contacts,
    doc: "The share of contacts that reached nobody (outcome abandoned or missed unless `outcomes` says otherwise), overall, in \
          working hours and outside them (column `in_hours`), and the share of those that were returned (column `called_back`, \
          from the link `callback`).\nFormula: missed / contacts with an outcome; Wilson intervals. `short` sets aside missed \
          contacts that waited less, in numerator and denominator, and counts them.\n\
          Pitfall: a call that rang at five extensions is one contact, not five missed ones: stitch legs first (link `legs`). \
          Counted by contact; for numbers see `callbacks`.",
    options: &[
        OptionInfo {
            name: "outcomes",
            effect: Effect::Shapes,
            default: "[\"abandoned\", \"missed\"]",
            other: "[\"abandoned\"]",
            doc: "the outcome classes that count as missed",
        },
        OptionInfo {
            name: "short",
            effect: Effect::Shapes,
            default: "null",
            other: "\"5s\"",
            doc: "missed contacts that waited less are set aside",
        },
    ],
    example: r#"{"measure": "missed_calls", "outcomes": ["abandoned", "missed", "voicemail"], "short": "5s"}"#,
};

/// Where the columns sit, and which classes count.
#[derive(Clone)]
pub struct MissedBound {
    contact: ContactColumns,
    in_hours: Narrow,
    called_back: Narrow,
    classes: Vec<i16>,
    short: i64,
}

/// What a contact is: reached somebody, missed, missed but short.
const KINDS: usize = 3;
const MISSED: usize = 1;
const SHORT: usize = 2;

const ANY: &[usize] = &[0, 1, 2];

/// A flag as an index: no, yes, unknown.
fn three(flag: i16) -> usize {
    if flag == MISSING_MARK { 2 } else { usize::from(flag != 0) }
}

impl MissedCalls {
    fn classes(&self) -> Result<Vec<i16>> {
        let classes =
            self.outcomes.iter().map(|name| Outcome::from_name(name).map(|o| o as i16)).collect::<Result<Vec<_>>>()?;
        if classes.is_empty()
            || classes.contains(&(Outcome::Skip as i16))
            || classes.contains(&(Outcome::Answered as i16))
        {
            let message = "`outcomes` names the classes that count as missed, such as abandoned; not answered or skip";
            return Err(Error::new(ErrorKind::InvalidOption, message));
        }
        Ok(classes)
    }

    fn limit(&self) -> Result<i64> {
        self.short.as_deref().map_or(Ok(0), duration::parse)
    }
}

impl Measure for MissedCalls {
    type Bound = MissedBound;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self) -> Result<()> {
        self.classes()?;
        self.limit().map(|_| ())
    }

    fn bind(&self, schema: &mut Schema) -> Result<MissedBound> {
        Ok(MissedBound {
            contact: schema.contact(),
            in_hours: schema.flag("in_hours", false),
            called_back: schema.flag("called_back", false),
            classes: self.classes()?,
            short: self.limit()?,
        })
    }

    fn shape(&self) -> Shape {
        // Kind × in hours × called back, the flags each no, yes, unknown.
        Shape::counts(KINDS * 9)
    }

    fn fold(&self, bound: &MissedBound, rows: &Rows<'_>, cells: &mut Cells) {
        let block = rows.block;
        let (outcome, wait) = (block.narrow(bound.contact.outcome), block.wide(bound.contact.wait));
        let (in_hours, called_back) = (block.narrow(bound.in_hours), block.narrow(bound.called_back));
        cells.counts(0).some(rows.groups, |i| {
            let missed = bound.classes.contains(&outcome[i]);
            let kind = if !missed {
                0
            } else if wait[i] != MISSING && wait[i] < bound.short {
                SHORT
            } else {
                MISSED
            };
            (outcome[i] != Outcome::Skip as i16).then(|| 9 * kind + 3 * three(in_hours[i]) + three(called_back[i]))
        });
    }

    fn parts(&self) -> Vec<Part> {
        let short = self.short.as_ref().map_or(String::new(), |short| format!(":short-{short}"));
        let id = format!("missed:{}{short}", self.outcomes.join("+"));
        let share = |path: &str| Part::new(path, Unit::Share, format!("{id}:{path}"));
        let count = |path: &str| Part::new(path, Unit::Count, format!("{id}:{path}"));
        vec![
            Part::new("rate", Unit::Share, id.clone()),
            share("in_hours"),
            share("outside_hours"),
            share("returned"),
            count("missed"),
            count("never_returned"),
            count("short"),
        ]
    }

    fn read(&self, _: &MissedBound, cells: &[Cell<'_>], confidence: &mut Confidence, out: &mut Estimates) {
        let cell = &cells[0];
        let sum = |kinds: &[usize], hours: &[usize], back: &[usize]| -> u64 {
            let mut total = 0;
            for kind in kinds {
                for hour in hours {
                    total += back.iter().map(|b| cell.count(0, 9 * kind + 3 * hour + b)).sum::<u64>();
                }
            }
            total
        };
        for hours in [ANY, &[1], &[0]] {
            out.push(Estimate::share(sum(&[MISSED], hours, ANY), sum(&[0, MISSED], hours, ANY), confidence));
        }
        let (returned, never) = (sum(&[MISSED], ANY, &[1]), sum(&[MISSED], ANY, &[0]));
        out.push(Estimate::share(returned, returned + never, confidence));
        let n = sum(ANY, ANY, ANY);
        for counted in [sum(&[MISSED], ANY, ANY), never, sum(&[SHORT], ANY, ANY)] {
            out.push(Estimate::census(counted as f64, n));
        }
    }
}
