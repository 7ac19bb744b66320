//! Low ratings that were called back, how soon, and whether that helped.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::cells::{Cell, Cells, Shape};
use crate::error::{Error, ErrorKind, Result};
use crate::estimate::{Confidence, Estimate, Estimates, Unit};
use crate::histogram::Buckets;
use crate::measure::{About, Effect, Measure, OptionInfo, Part, Rows};
use crate::measures::{
    calendar_suffix, check_order, check_scale, check_width, quantiles, read_calendar, read_duration, time_between,
    times::Times,
};
use crate::record::{Block, Faults, MISSING_MARK, Narrow, Schema, Table, Wide};
use crate::time::{Calendar, MISSING};

/// Follow-up of low ratings: the share called back, in time, and the share won back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Followup {
    /// The column of the rating.
    pub score: String,
    /// Lowest and highest mark.
    pub scale: [i16; 2],
    /// Ratings strictly below this are low.
    pub below: i16,
    /// How soon a call back is in time.
    pub within: String,
    /// The working calendar of `within`, as an object or text; none for real time.
    pub calendar: Value,
    /// Which quantiles of the delay are read.
    pub quantiles: Vec<f64>,
    /// How delays are kept.
    pub buckets: Buckets,
}

impl Default for Followup {
    fn default() -> Self {
        Self {
            score: "score".into(),
            scale: [1, 5],
            below: 4,
            within: "24h".into(),
            calendar: Value::Null,
            quantiles: vec![0.5, 0.9],
            buckets: Buckets::Log7,
        }
    }
}

static ABOUT: About = About {
    name: "followup",
    title: "Follow-up of low ratings",
    title_ru: "Обратная связь по низким оценкам",
    table: Table::Answers,
    doc: "`low`: the share of ratings strictly below `below` (4 on 1-5). Of the low ones: `followed` = called back (column \
          `followed_up`), `in_time` = called back within `within`, `recovered` = won back among those called back with a known \
          outcome (column `recovered`), and `delay` from rating to call. Wilson intervals.\n\
          `in_time` has all low ratings below it: a call that never came is not in time. At `as_of` those that still have time \
          are left out of it and counted in `open`; without `as_of` there are none. `followed_up` and `recovered` come from the \
          link `survey` or from the host.\n\
          Pitfall: the limit belongs to its scale; on another scale give both, nothing is rescaled silently.",
    options: &[
        OptionInfo {
            name: "score",
            effect: Effect::Shapes,
            default: "\"score\"",
            other: "\"rating\"",
            doc: "the column of the rating",
        },
        OptionInfo {
            name: "scale",
            effect: Effect::Shapes,
            default: "[1, 5]",
            other: "[1, 7]",
            doc: "lowest and highest mark",
        },
        OptionInfo {
            name: "below",
            effect: Effect::Shapes,
            default: "4",
            other: "3",
            doc: "ratings strictly below are low",
        },
        OptionInfo {
            name: "within",
            effect: Effect::Shapes,
            default: "\"24h\"",
            other: "\"2h\"",
            doc: "how soon a call back is in time",
        },
        OptionInfo {
            name: "calendar",
            effect: Effect::Shapes,
            default: "null",
            other: "{\"time_zone\": \"UTC\", \"hours\": {\"mon\": [[\"09:00\", \"18:00\"]]}}",
            doc: "the working calendar of `within`",
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
            doc: "log7 or exact",
        },
    ],
    example: r#"{"measure": "followup", "below": 3, "within": "1h"}"#,
};

/// Where the columns sit.
#[derive(Clone)]
pub struct FollowupColumns {
    score: Narrow,
    answered: Wide,
    followed: Wide,
    recovered: Narrow,
    calendar: Option<Calendar>,
    within: i64,
}

/// What became of a rating: missing, not low, low and: called back in time, late, not yet but in time, never.
const MISSING_SCORE: usize = 0;
const FINE: usize = 1;
const IN_TIME: usize = 2;
const LATE: usize = 3;
const OPEN: usize = 4;
const NEVER: usize = 5;
/// Called back, but when the rating was given is not known.
const UNTIMED: usize = 6;

impl Followup {
    fn delay(&self) -> Times {
        Times { name: "delay", sum: 0, histogram: 0, buckets: self.buckets }
    }
}

impl Measure for Followup {
    type Bound = FollowupColumns;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self) -> Result<()> {
        check_width(&self.score, self.scale)?;
        quantiles::check(&self.quantiles)?;
        read_duration("within", &self.within)?;
        read_calendar(&self.calendar)?;
        let [low, high] = self.scale;
        if self.below <= low || self.below > high {
            let message =
                format!("`below` = {} calls nothing low on the scale {low} to {high}, or everything", self.below);
            return Err(Error::new(ErrorKind::InvalidOption, message));
        }
        Ok(())
    }

    fn bind(&self, schema: &mut Schema) -> Result<FollowupColumns> {
        Ok(FollowupColumns {
            score: schema.mark(&self.score, true),
            answered: schema.instant("answered", true),
            followed: schema.instant("followed_up", true),
            recovered: schema.flag("recovered", false),
            calendar: read_calendar(&self.calendar)?,
            within: read_duration("within", &self.within)?,
        })
    }

    fn shape(&self) -> Shape {
        // What became of each; recovered no and yes among those called back.
        self.delay().shape(Shape::counts(UNTIMED + 1).bundle("recovered", 2))
    }

    fn verify(&self, bound: &FollowupColumns, block: &Block, faults: &mut Faults) {
        check_scale(&self.score, self.scale, block.narrow(bound.score), faults);
        let answered = ("answered", block.wide(bound.answered));
        check_order(bound.calendar.as_ref(), [answered, ("followed_up", block.wide(bound.followed))], faults);
    }

    fn fold(&self, bound: &FollowupColumns, rows: &Rows<'_>, cells: &mut Cells) {
        let (score, recovered) = (rows.block.narrow(bound.score), rows.block.narrow(bound.recovered));
        let (answered, followed) = (rows.block.wide(bound.answered), rows.block.wide(bound.followed));
        let as_of = rows.block.as_of();
        let low = |i: usize| score[i] != MISSING_MARK && score[i] < self.below;
        let until =
            |i: usize, at: i64| if low(i) { time_between(bound.calendar.as_ref(), answered[i], at) } else { MISSING };
        let delay: Vec<i64> = (0..rows.groups.len()).map(|i| until(i, followed[i])).collect();
        cells.counts(0).each(rows.groups, |i| {
            if !low(i) {
                return if score[i] == MISSING_MARK { MISSING_SCORE } else { FINE };
            }
            match (followed[i], delay[i]) {
                (MISSING, _) => {
                    let age = until(i, as_of);
                    if age != MISSING && age <= bound.within { OPEN } else { NEVER }
                }
                (_, MISSING) => UNTIMED,
                (_, delay) if delay <= bound.within => IN_TIME,
                _ => LATE,
            }
        });
        cells.counts(1).some(rows.groups, |i| {
            let known = low(i) && followed[i] != MISSING && recovered[i] != MISSING_MARK;
            known.then(|| usize::from(recovered[i] != 0))
        });
        self.delay().fold(rows.groups, |i| delay[i], cells);
    }

    fn parts(&self) -> Vec<Part> {
        let [low, high] = self.scale;
        let working = calendar_suffix(&self.calendar);
        let id = format!("followup:{low}-{high}:below-{}:{}{working}", self.below, self.within);
        let shares = ["low", "followed", "in_time", "recovered"];
        let mut parts: Vec<Part> = shares.map(|path| Part::new(path, Unit::Share, format!("{id}:{path}"))).into();
        parts.extend(["never", "open", "missing"].map(|path| Part::new(path, Unit::Count, format!("{id}:{path}"))));
        self.delay().parts(&self.quantiles, &id, &mut parts);
        parts
    }

    fn read(&self, _: &FollowupColumns, cells: &[Cell<'_>], confidence: &mut Confidence, out: &mut Estimates) {
        let cell = &cells[0];
        let count = |at| cell.count(0, at);
        let low: u64 = (IN_TIME..=UNTIMED).map(count).sum();
        let followed = count(IN_TIME) + count(LATE) + count(UNTIMED);
        out.push(Estimate::share(low, low + count(FINE), confidence));
        out.push(Estimate::share(followed, low, confidence));
        out.push(Estimate::share(count(IN_TIME), low - count(OPEN) - count(UNTIMED), confidence));
        out.push(Estimate::share(cell.count(1, 1), cell.total(1), confidence));
        let all = cell.total(0);
        for counted in [NEVER, OPEN, MISSING_SCORE] {
            out.push(Estimate::census(count(counted) as f64, all));
        }
        self.delay().read(cell, &self.quantiles, confidence, out);
    }
}
