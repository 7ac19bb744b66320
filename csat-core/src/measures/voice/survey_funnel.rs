//! From the contact to the answer: who was asked, in time, and who answered.

use serde::{Deserialize, Serialize};

use crate::cells::{Cell, Cells, Shape};
use crate::error::Result;
use crate::estimate::{Confidence, Estimate, Estimates, Unit};
use crate::histogram::Buckets;
use crate::measure::{About, Effect, Measure, OptionInfo, Part, Rows};
use crate::measures::{quantiles, read_duration, times::Times};
use crate::record::{MISSING_MARK, Narrow, Schema, Table, Wide};
use crate::time::MISSING;

/// Survey funnel: the share of contacts asked, the share asked in time, the response rate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SurveyFunnel {
    /// How soon after the end of the contact a survey is on time.
    pub within: String,
    /// Which quantiles of the delays are read.
    pub quantiles: Vec<f64>,
    /// How delays are kept.
    pub buckets: Buckets,
}

impl Default for SurveyFunnel {
    fn default() -> Self {
        Self { within: "30m".into(), quantiles: vec![0.5, 0.9], buckets: Buckets::Log7 }
    }
}

static ABOUT: About = About {
    name: "survey_funnel",
    title: "Survey funnel",
    title_ru: "Воронка опроса",
    table: Table::Contacts,
    doc: "The steps from contact to answer: `asked` of eligible, `on_time` of asked, `reached` of asked, `refused` of reached, \
          `response_rate` = answered of asked. Wilson intervals; `delay` from the end of the contact to the question and \
          `time_to_answer` from there to the answer.\n\
          Columns `ended`, `asked`, `responded` (link `survey`); `eligible`, `reached`, `refused` where there are such flags. On \
          time is asked - ended <= `within` (30 minutes by default); a question before the end is not on time. Rows with \
          `eligible` false are left out.\n\
          Pitfall: who did not answer may differ from who did: a response rate is part of every survey result.",
    options: &[
        OptionInfo {
            name: "within",
            effect: Effect::Shapes,
            default: "\"30m\"",
            other: "\"1h\"",
            doc: "how soon a survey is on time",
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
    example: r#"{"measure": "survey_funnel", "within": "10m"}"#,
};

/// Where the columns sit.
#[derive(Clone)]
pub struct FunnelColumns {
    ended: Wide,
    asked: Wide,
    responded: Wide,
    eligible: Narrow,
    reached: Narrow,
    refused: Narrow,
    within: i64,
}

/// Counts: each a step that a row has taken.
const ELIGIBLE: usize = 0;
const ASKED: usize = 1;
const TIMED: usize = 2;
const ON_TIME: usize = 3;
const CALLED: usize = 4;
const REACHED: usize = 5;
const WILLING: usize = 6;
const REFUSED: usize = 7;
const ANSWERED: usize = 8;

impl SurveyFunnel {
    fn times(&self) -> [Times; 2] {
        let time = |at: usize, name| Times { name, sum: 2 * at, histogram: at, buckets: self.buckets };
        [time(0, "delay"), time(1, "time_to_answer")]
    }
}

fn between(from: i64, to: i64) -> i64 {
    if from == MISSING || to == MISSING || to < from { MISSING } else { to - from }
}

impl Measure for SurveyFunnel {
    type Bound = FunnelColumns;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self) -> Result<()> {
        quantiles::check(&self.quantiles)?;
        read_duration("within", &self.within).map(|_| ())
    }

    fn bind(&self, schema: &mut Schema) -> Result<FunnelColumns> {
        Ok(FunnelColumns {
            ended: schema.instant("ended", false),
            asked: schema.instant("asked", true),
            responded: schema.instant("responded", false),
            eligible: schema.flag("eligible", false),
            reached: schema.flag("reached", false),
            refused: schema.flag("refused", false),
            within: read_duration("within", &self.within)?,
        })
    }

    fn shape(&self) -> Shape {
        self.times().into_iter().fold(Shape::counts(ANSWERED + 1), |shape, time| time.shape(shape))
    }

    fn fold(&self, bound: &FunnelColumns, rows: &Rows<'_>, cells: &mut Cells) {
        let [ended, asked, responded] = [bound.ended, bound.asked, bound.responded].map(|lane| rows.block.wide(lane));
        let [eligible, reached, refused] =
            [bound.eligible, bound.reached, bound.refused].map(|lane| rows.block.narrow(lane));
        let was_asked = |i: usize| eligible[i] != 0 && asked[i] != MISSING;
        let was_reached = |i: usize| was_asked(i) && reached[i] == 1;
        let steps: [(usize, &dyn Fn(usize) -> bool); 9] = [
            (ELIGIBLE, &|i| eligible[i] != 0),
            (ASKED, &was_asked),
            (TIMED, &|i| was_asked(i) && ended[i] != MISSING),
            (ON_TIME, &|i| was_asked(i) && ended[i] != MISSING && (0..=bound.within).contains(&(asked[i] - ended[i]))),
            (CALLED, &|i| was_asked(i) && reached[i] != MISSING_MARK),
            (REACHED, &was_reached),
            (WILLING, &|i| was_reached(i) && refused[i] != MISSING_MARK),
            (REFUSED, &|i| was_reached(i) && refused[i] == 1),
            (ANSWERED, &|i| was_asked(i) && responded[i] != MISSING),
        ];
        for (at, holds) in steps {
            cells.counts(0).some(rows.groups, |i| holds(i).then_some(at));
        }
        let [delay, answer] = self.times();
        delay.fold(rows.groups, |i| if was_asked(i) { between(ended[i], asked[i]) } else { MISSING }, cells);
        answer.fold(rows.groups, |i| if was_asked(i) { between(asked[i], responded[i]) } else { MISSING }, cells);
    }

    fn parts(&self) -> Vec<Part> {
        let id = format!("survey:{}", self.within);
        let steps = ["asked", "on_time", "reached", "refused", "response_rate"];
        let mut parts: Vec<Part> = steps.map(|path| Part::new(path, Unit::Share, format!("{id}:{path}"))).into();
        self.times().into_iter().for_each(|time| time.parts(&self.quantiles, &id, &mut parts));
        parts
    }

    fn read(&self, _: &FunnelColumns, cells: &[Cell<'_>], confidence: &mut Confidence, out: &mut Estimates) {
        let count = |at| cells[0].count(0, at);
        let steps = [(ASKED, ELIGIBLE), (ON_TIME, TIMED), (REACHED, CALLED), (REFUSED, WILLING), (ANSWERED, ASKED)];
        out.extend(steps.map(|(step, of)| Estimate::share(count(step), count(of), confidence)));
        self.times().into_iter().for_each(|time| time.read(&cells[0], &self.quantiles, confidence, out));
    }
}
