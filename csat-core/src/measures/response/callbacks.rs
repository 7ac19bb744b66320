//! Call-backs: how many missed calls were returned, and how soon.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::targets::{self, Ends, Facts, Targets, UNPLACED, VERDICTS};
use crate::cells::{Cell, Cells, Shape};
use crate::error::Result;
use crate::estimate::{Confidence, Estimate, Estimates, Unit};
use crate::histogram::Buckets;
use crate::link::callback::{self, Stop};
use crate::measure::{About, Effect, Measure, OptionInfo, Part, Rows};
use crate::measures::{check_order, quantiles, time_between, times::Times};
use crate::record::{Block, Faults, MISSING_MARK, Narrow, Schema, Table, Wide};
use crate::rule::response::{Event, Verdict};
use crate::tickets::targets::TargetTable;
use crate::time::MISSING;

/// Call-backs: the share of missed calls closed in time, and the time to the first attempt or conversation.
///
/// The rows are missed calls with what followed each (link `callback`), or numbers with the worst of their calls; `unit`
/// says which, because no fold can tell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Callbacks {
    /// The SLA: a shipped name, an object, or text; none reads the column `met`.
    pub sla: Value,
    /// Which target of the SLA: `callback` or `ordered_call`.
    pub event: Event,
    /// What closes a missed call.
    pub stop: Stop,
    /// What a row is.
    pub unit: callback::Unit,
    /// Which quantiles of the delay are read.
    pub quantiles: Vec<f64>,
    /// How delays are kept.
    pub buckets: Buckets,
}

impl Default for Callbacks {
    fn default() -> Self {
        Self {
            sla: Value::Null,
            event: Event::Callback,
            stop: Stop::Reached,
            unit: callback::Unit::Call,
            quantiles: vec![0.5, 0.9],
            buckets: Buckets::Log7,
        }
    }
}

static ABOUT: About = About {
    name: "callbacks",
    title: "Call-backs",
    title_ru: "Перезвоны на пропущенные",
    table: Table::MissedCalls,
    doc: "The share of missed calls closed in time, the shares attempted, reached and solved by the customer's own next call, \
          the number never closed, and the delay.\n\
          Formula: closed in time / (closed in time + late + not closed and late at `as_of`); Wilson intervals. `stop` says \
          what closes a call: attempt (a call back, answered or not), reached (a conversation; default), reached_or_self (or \
          the customer's own later call that was answered). With an `sla` the verdict follows its target for `event` in \
          working time, after-hours rule and customer-set time included, and `delay` is the time used by its clock; without one \
          the column `met` says it and `delay` is real time.\n\
          Pitfall: one number that called three times is three missed calls or one number; link first and say which (`unit`). \
          Without `as_of` a call never returned is no miss here, only in `never`.",
    options: &[
        OptionInfo {
            name: "sla",
            effect: Effect::Shapes,
            default: "null",
            other: "\"support_10_19\"",
            doc: "a shipped name, an object, or TOML or JSON text; null reads `met`",
        },
        OptionInfo {
            name: "event",
            effect: Effect::Shapes,
            default: "\"callback\"",
            other: "\"ordered_call\"",
            doc: "callback or ordered_call",
        },
        OptionInfo {
            name: "stop",
            effect: Effect::Shapes,
            default: "\"reached\"",
            other: "\"attempt\"",
            doc: "attempt, reached or reached_or_self",
        },
        OptionInfo {
            name: "unit",
            effect: Effect::Shapes,
            default: "\"call\"",
            other: "\"number\"",
            doc: "call or number: what a row is",
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
    example: r#"{"measure": "callbacks", "sla": "support_10_19", "stop": "reached_or_self"}"#,
};

/// Where the columns sit, and the targets found once.
#[derive(Clone)]
pub struct CallbackBound {
    missed: Wide,
    attempt: Wide,
    reached: Wide,
    own: Wide,
    requested: Option<Wide>,
    met: Option<Narrow>,
    targets: Option<Box<Targets>>,
}

/// Bits of the bundle of steps.
const ATTEMPT: usize = 1;
const REACHED: usize = 2;
const OWN: usize = 4;

impl Callbacks {
    fn delay(&self) -> Times {
        Times { name: "delay", sum: 0, histogram: 0, buckets: self.buckets }
    }

    fn id(&self) -> String {
        let word = |option: Value| option.as_str().unwrap_or_default().to_owned();
        let sla = if self.sla.is_null() { "given".to_owned() } else { targets::id(&self.sla) };
        let unit = word(crate::measures::json(self.unit));
        format!("{}:{unit}:{}:{sla}", word(crate::measures::json(self.event)), word(crate::measures::json(self.stop)))
    }

    /// When each call was closed.
    fn closed(&self, bound: &CallbackBound, block: &Block) -> Vec<i64> {
        let (attempt, reached, own) = (block.wide(bound.attempt), block.wide(bound.reached), block.wide(bound.own));
        let earlier = |a: i64, b: i64| if a == MISSING || b != MISSING && b < a { b } else { a };
        match self.stop {
            // A conversation is an attempt as well, where the host gives only that.
            Stop::Attempt => attempt.iter().zip(reached).map(|(a, r)| earlier(*a, *r)).collect(),
            Stop::Reached => reached.to_vec(),
            Stop::ReachedOrSelf => reached.iter().zip(own).map(|(r, o)| earlier(*r, *o)).collect(),
        }
    }
}

impl CallbackBound {
    fn ends<'a>(&self, block: &'a Block, closed: &'a [i64]) -> Ends<'a> {
        let requested = self.requested.map(|requested| block.wide(requested));
        Ends { start: block.wide(self.missed), done: closed, requested }
    }

    fn facts(&self, block: &Block, closed: &[i64], facts: &mut Facts) {
        let missed = block.wide(self.missed);
        if let Some(targets) = &self.targets {
            targets.judge(block, self.ends(block, closed), facts);
            return;
        }
        let met = self.met.map(|met| block.narrow(met));
        for row in 0..block.len() {
            facts.time[row] = time_between(None, missed[row], closed[row]);
            facts.verdict[row] = match met.map_or(MISSING_MARK, |met| met[row]) {
                _ if missed[row] == MISSING => UNPLACED as u8,
                MISSING_MARK => Verdict::Running as u8,
                0 => Verdict::Missed as u8,
                _ => Verdict::Met as u8,
            };
        }
    }
}

impl Measure for Callbacks {
    type Bound = CallbackBound;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self) -> Result<()> {
        quantiles::check(&self.quantiles)?;
        if self.sla.is_null() {
            return Ok(());
        }
        TargetTable::new(&targets::read_sla(&self.sla)?, &[self.event]).map(|_| ())
    }

    fn bind(&self, schema: &mut Schema) -> Result<CallbackBound> {
        let targets = match &self.sla {
            Value::Null => None,
            sla => Some(Box::new(Targets::bind(&targets::read_sla(sla)?, self.event, schema)?)),
        };
        Ok(CallbackBound {
            missed: schema.instant("missed", true),
            attempt: schema.instant("attempt", false),
            reached: schema.instant("reached", self.stop != Stop::Attempt),
            own: schema.instant("own", self.stop == Stop::ReachedOrSelf),
            requested: targets.as_ref().filter(|t| t.have_windows()).map(|_| schema.instant("requested", false)),
            met: targets.is_none().then(|| schema.flag("met", true)),
            targets,
        })
    }

    fn shape(&self) -> Shape {
        self.delay().shape(Shape::counts(VERDICTS).bundle("steps", 8))
    }

    fn verify(&self, bound: &CallbackBound, block: &Block, faults: &mut Faults) {
        let missed = ("missed", block.wide(bound.missed));
        for (name, lane) in [("attempt", bound.attempt), ("reached", bound.reached), ("own", bound.own)] {
            check_order(None, [missed, (name, block.wide(lane))], faults);
        }
        if let Some(targets) = &bound.targets {
            let closed = self.closed(bound, block);
            targets.verify(block, bound.ends(block, &closed), ["missed", "closing"], faults);
        }
    }

    fn fold(&self, bound: &CallbackBound, rows: &Rows<'_>, cells: &mut Cells) {
        let closed = self.closed(bound, rows.block);
        let mut facts = Facts::new();
        bound.facts(rows.block, &closed, &mut facts);
        let [attempt, reached, own] = [bound.attempt, bound.reached, bound.own].map(|lane| rows.block.wide(lane));
        cells.counts(0).each(rows.groups, |i| usize::from(facts.verdict[i]));
        cells.counts(1).each(rows.groups, |i| {
            let (reached, own) = (reached[i] != MISSING, own[i] != MISSING);
            let attempted = attempt[i] != MISSING || reached;
            ATTEMPT * usize::from(attempted) + REACHED * usize::from(reached) + OWN * usize::from(own)
        });
        self.delay().fold(rows.groups, |i| if closed[i] == MISSING { MISSING } else { facts.time[i] }, cells);
    }

    fn parts(&self) -> Vec<Part> {
        let id = self.id();
        let mut parts = vec![Part::new("in_time", Unit::Share, id.clone())];
        parts.extend(["attempted", "reached", "own"].map(|path| Part::new(path, Unit::Share, format!("{id}:{path}"))));
        let counts = ["never", "overdue", "open", "early", "late", "unplaced"];
        parts.extend(counts.map(|path| Part::new(path, Unit::Count, format!("{id}:{path}"))));
        self.delay().parts(&self.quantiles, &id, &mut parts);
        parts
    }

    fn read(&self, _: &CallbackBound, cells: &[Cell<'_>], confidence: &mut Confidence, out: &mut Estimates) {
        let cell = &cells[0];
        let count = |verdict: Verdict| cell.count(0, verdict as usize);
        let steps = |counts: fn(usize) -> bool| {
            (0..8).filter(|bits| counts(*bits)).map(|bits| cell.count(1, bits)).sum::<u64>()
        };
        let n = cell.total(1);
        let (early, late, overdue) = (count(Verdict::MissedEarly), count(Verdict::MissedLate), count(Verdict::Overdue));
        let met = count(Verdict::Met);
        out.push(Estimate::share(met, met + count(Verdict::Missed) + early + late + overdue, confidence));
        out.push(Estimate::share(steps(|bits| bits & ATTEMPT != 0), n, confidence));
        out.push(Estimate::share(steps(|bits| bits & REACHED != 0), n, confidence));
        out.push(Estimate::share(steps(|bits| bits & OWN != 0), n, confidence));
        let never = match self.stop {
            Stop::Attempt => steps(|bits| bits & ATTEMPT == 0),
            Stop::Reached => steps(|bits| bits & REACHED == 0),
            Stop::ReachedOrSelf => steps(|bits| bits & (REACHED | OWN) == 0),
        };
        let open = count(Verdict::Running) + count(Verdict::Paused) + overdue;
        for counted in [never, overdue, open, early, late, cell.count(0, UNPLACED)] {
            out.push(Estimate::census(counted as f64, n));
        }
        self.delay().read(cell, &self.quantiles, confidence, out);
    }

    fn shaping(&self) -> Result<Value> {
        Ok(json!({
            "buckets": self.buckets,
            "event": self.event,
            "sla": targets::canonical(&self.sla)?,
            "stop": self.stop,
            "unit": self.unit,
        }))
    }
}
