//! Response targets of tickets: the share met, the time used, and what is still open.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::targets::{self, Ends, Facts, Targets, UNPLACED, VERDICTS};
use crate::cells::{Cell, Cells, Shape};
use crate::error::{Error, ErrorKind, Result};
use crate::estimate::{Confidence, Estimate, Estimates, Unit};
use crate::histogram::Buckets;
use crate::measure::{About, Effect, Measure, OptionInfo, Part, Rows};
use crate::measures::quantiles;
use crate::measures::times::Times;
use crate::record::{Batch, Block, Column, Faults, MISSING_MARK, Narrow, Schema, Table, Wide};
use crate::rule::response::{Event, Verdict};
use crate::tickets::targets::TargetTable;
use crate::time::MISSING;

/// Response targets: the share of tickets answered in time, the time used, and the open ones.
///
/// With an `sla` every ticket is judged from its instants under the policy in force when it was created. Without one the
/// host says what came of it: in the column `met`, or by a due time with `sla = "due"`.
///
/// ```
/// use csat_core::measures::response::Response;
/// use csat_core::time::instant::parse_instant;
/// let at = |text: &str| parse_instant(text);
/// let created = [at("2024-03-01T18:30+03:00")?, at("2024-03-01T18:50+03:00")?]; // a Friday
/// let answered = [at("2024-03-04T10:20+03:00")?, at("2024-03-04T11:00+03:00")?]; // the Monday after
/// let response = Response { sla: "support_10_19".into(), ..Response::default() };
/// let met = response.of(&created, &answered, &["email", "email"])?;
/// assert_eq!((met.numerator, met.denominator), (Some(1.0), Some(2.0)));
/// # Ok::<(), csat_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Response {
    /// The SLA: a shipped name, an object, or TOML or JSON text; `"due"` compares with the column `due`, none reads the
    /// column `met`.
    pub sla: Value,
    /// What is to happen in time.
    pub event: Event,
    /// The column of the instant at which the clock starts.
    pub start: String,
    /// The column of the instant at which it was done; by the event unless given.
    pub done: Option<String>,
    /// Which quantiles of the time used are read.
    pub quantiles: Vec<f64>,
    /// How times are kept.
    pub buckets: Buckets,
}

impl Default for Response {
    fn default() -> Self {
        Self {
            sla: Value::Null,
            event: Event::FirstResponse,
            start: "created".into(),
            done: None,
            quantiles: vec![0.5, 0.9],
            buckets: Buckets::Log7,
        }
    }
}

static ABOUT: About = About {
    name: "response",
    title: "Response targets",
    title_ru: "Соблюдение сроков ответа (SLA)",
    table: Table::Tickets,
    doc: "The share of tickets answered in time, the working time used, and what is still open.\n\
          Formula: met / (met + missed + overdue); Wilson interval. A ticket counts as missed when it is done late, and as \
          overdue when it is not done and late at `as_of`; open tickets with time left are in `open` only. With an `sla` each \
          row is judged by the target of its channel, priority, segment and team under the policy in force when it was \
          created; rows without a target are in `no_target`. `elapsed` is the time used by the clock of the target, `age` that \
          of open tickets until `as_of`; both leave out times set by the customer, for which `early` and `late` count the \
          misses on either side of the window. Without an `sla` the column `met` says what came of it (missing = open) and \
          `elapsed` may give the time, or with `sla = \"due\"` the column `due` is compared with the instants.\n\
          Pitfall: without `as_of` an answer that never came is no miss; pass it. Pauses need a log of states: judge such \
          tickets with the rule and give `met` and `elapsed`.",
    options: &[
        OptionInfo {
            name: "sla",
            effect: Effect::Shapes,
            default: "null",
            other: "\"support_10_19\"",
            doc: "a shipped name, an object, or TOML or JSON text; \"due\" compares with the column `due`, null reads `met`",
        },
        OptionInfo {
            name: "event",
            effect: Effect::Shapes,
            default: "\"first_response\"",
            other: "\"callback\"",
            doc: "first_response, next_response, resolution, callback, ordered_call or unit_reply",
        },
        OptionInfo {
            name: "start",
            effect: Effect::Shapes,
            default: "\"created\"",
            other: "\"handed_over\"",
            doc: "the column of the instant at which the clock starts",
        },
        OptionInfo {
            name: "done",
            effect: Effect::Shapes,
            default: "null",
            other: "\"answered\"",
            doc: "the column of the instant at which it was done (first_response, resolved, or done by the event)",
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
    example: r#"{"measure": "response", "sla": "support_10_19"}"#,
};

/// Where the columns sit, and the targets found once.
#[derive(Clone)]
pub struct ResponseBound {
    start: Wide,
    done: Wide,
    requested: Option<Wide>,
    how: How,
}

#[derive(Clone)]
enum How {
    Targets(Box<Targets>),
    Due(Wide),
    Met(Narrow, Wide),
}

impl Response {
    /// The share met of plain slices of instants (microseconds UTC) and channels, at 95 %.
    pub fn of(&self, created: &[i64], done: &[i64], channels: &[&str]) -> Result<Estimate> {
        let batch = Batch::new()
            .column(self.start.clone(), Column::instants(created))
            .column(self.done_column(), Column::instants(done))
            .column("channel", Column::texts(channels));
        crate::measures::fold_alone(self, &batch).map(|estimates| estimates[0])
    }

    fn done_column(&self) -> &str {
        match (&self.done, self.event) {
            (Some(column), _) => column,
            (None, Event::FirstResponse) => "first_response",
            (None, Event::Resolution) => "resolved",
            (None, _) => "done",
        }
    }

    fn by_due(&self) -> bool {
        self.sla.as_str() == Some("due")
    }

    fn elapsed(&self) -> Times {
        Times { name: "elapsed", sum: 0, histogram: 0, buckets: self.buckets }
    }

    fn age(&self) -> Times {
        Times { name: "age", sum: 2, histogram: 1, buckets: self.buckets }
    }

    fn id(&self) -> String {
        let event = crate::measures::json(self.event);
        let event = event.as_str().unwrap_or_default().to_owned();
        match &self.sla {
            Value::Null => format!("response:{event}:given"),
            sla => format!("response:{event}:{}", targets::id(sla)),
        }
    }
}

impl ResponseBound {
    fn ends<'a>(&self, block: &'a Block) -> Ends<'a> {
        Ends {
            start: block.wide(self.start),
            done: block.wide(self.done),
            requested: self.requested.map(|r| block.wide(r)),
        }
    }

    fn facts(&self, block: &Block, facts: &mut Facts) {
        let ends = self.ends(block);
        let late = |late: bool, done: bool| match (late, done) {
            (false, true) => Verdict::Met,
            (true, true) => Verdict::Missed,
            (false, false) => Verdict::Running,
            (true, false) => Verdict::Overdue,
        };
        match &self.how {
            How::Targets(targets) => targets.judge(block, ends, facts),
            How::Due(due) => {
                let due = block.wide(*due);
                for row in 0..block.len() {
                    let (start, done) = (ends.start[row], ends.done[row]);
                    let until = if done == MISSING { block.as_of() } else { done };
                    let known = start != MISSING && until != MISSING;
                    facts.time[row] = if known { until - start } else { MISSING };
                    facts.verdict[row] = match (start, due[row]) {
                        (MISSING, _) => UNPLACED as u8,
                        (_, MISSING) => Verdict::NoTarget as u8,
                        (_, due) => late(until != MISSING && until > due, done != MISSING) as u8,
                    };
                }
            }
            How::Met(met, elapsed) => {
                let (met, elapsed) = (block.narrow(*met), block.wide(*elapsed));
                for row in 0..block.len() {
                    facts.time[row] = if met[row] == MISSING_MARK { MISSING } else { elapsed[row] };
                    facts.verdict[row] = match met[row] {
                        MISSING_MARK => Verdict::Running as u8,
                        met => late(met == 0, true) as u8,
                    };
                }
            }
        }
    }
}

impl Measure for Response {
    type Bound = ResponseBound;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self) -> Result<()> {
        quantiles::check(&self.quantiles)?;
        if self.sla.is_null() || self.by_due() {
            return Ok(());
        }
        let sla = targets::read_sla(&self.sla)?;
        TargetTable::new(&sla, &[self.event]).map(|_| ())
    }

    fn bind(&self, schema: &mut Schema) -> Result<ResponseBound> {
        let judged = !self.sla.is_null();
        let start = schema.instant(&self.start, judged);
        let done = schema.instant(self.done_column(), judged);
        let mut requested = None;
        let how = if self.by_due() {
            How::Due(schema.instant("due", true))
        } else if judged {
            let targets = Targets::bind(&targets::read_sla(&self.sla)?, self.event, schema)?;
            requested = targets.have_windows().then(|| schema.instant("requested", false));
            How::Targets(Box::new(targets))
        } else {
            How::Met(schema.flag("met", true), schema.duration("elapsed", false))
        };
        Ok(ResponseBound { start, done, requested, how })
    }

    fn shape(&self) -> Shape {
        self.age().shape(self.elapsed().shape(Shape::counts(VERDICTS)))
    }

    fn verify(&self, bound: &ResponseBound, block: &Block, faults: &mut Faults) {
        let names = [self.start.as_str(), self.done_column()];
        let ends = bound.ends(block);
        match &bound.how {
            How::Targets(targets) => targets.verify(block, ends, names, faults),
            How::Due(_) => {
                for (row, (start, done)) in ends.start.iter().zip(ends.done).enumerate() {
                    let until = if *done == MISSING { block.as_of() } else { *done };
                    if *start != MISSING && until != MISSING && until < *start {
                        faults.add(row, &format!("{} before {}", names[1], names[0]), || {
                            let message = format!("`{}` lies before `{}`", names[1], names[0]);
                            Error::new(ErrorKind::BadValue, message).with("column", names[1])
                        });
                    }
                }
            }
            How::Met(..) => {}
        }
    }

    fn fold(&self, bound: &ResponseBound, rows: &Rows<'_>, cells: &mut Cells) {
        let mut facts = Facts::new();
        bound.facts(rows.block, &mut facts);
        let Facts { verdict, time } = &facts;
        cells.counts(0).each(rows.groups, |i| usize::from(verdict[i]));
        let done = |i: usize| verdict[i] <= Verdict::MissedLate as u8;
        let open = |i: usize| (Verdict::Running as u8..=Verdict::Overdue as u8).contains(&verdict[i]);
        self.elapsed().fold(rows.groups, |i| if done(i) { time[i] } else { MISSING }, cells);
        if (0..rows.groups.len()).any(|i| open(i) && time[i] != MISSING) {
            self.age().fold(rows.groups, |i| if open(i) { time[i] } else { MISSING }, cells);
        }
    }

    fn parts(&self) -> Vec<Part> {
        let id = self.id();
        let mut parts = vec![Part::new("met", Unit::Share, id.clone())];
        let counts = ["missed", "early", "late", "overdue", "open", "rejected", "no_target", "unplaced"];
        parts.extend(counts.map(|path| Part::new(path, Unit::Count, format!("{id}:{path}"))));
        self.elapsed().parts(&self.quantiles, &id, &mut parts);
        self.age().parts(&self.quantiles, &id, &mut parts);
        parts
    }

    fn read(&self, _: &ResponseBound, cells: &[Cell<'_>], confidence: &mut Confidence, out: &mut Estimates) {
        let cell = &cells[0];
        let count = |verdict: Verdict| cell.count(0, verdict as usize);
        let (early, late) = (count(Verdict::MissedEarly), count(Verdict::MissedLate));
        let (missed, overdue) = (count(Verdict::Missed) + early + late, count(Verdict::Overdue));
        let open = count(Verdict::Running) + count(Verdict::Paused) + overdue;
        let unplaced = cell.count(0, UNPLACED);
        let met = count(Verdict::Met);
        out.push(Estimate::share(met, met + missed + overdue, confidence));
        let n = cell.total(0);
        for counted in
            [missed, early, late, overdue, open, count(Verdict::Rejected), count(Verdict::NoTarget), unplaced]
        {
            out.push(Estimate::census(counted as f64, n));
        }
        self.elapsed().read(cell, &self.quantiles, confidence, out);
        self.age().read(cell, &self.quantiles, confidence, out);
    }

    fn shaping(&self) -> Result<Value> {
        let mut map = Map::new();
        map.insert("buckets".into(), crate::measures::json(self.buckets));
        map.insert("done".into(), crate::measures::json(&self.done));
        map.insert("event".into(), crate::measures::json(self.event));
        map.insert("sla".into(), targets::canonical(&self.sla)?);
        map.insert("start".into(), self.start.clone().into());
        Ok(Value::Object(map))
    }
}
