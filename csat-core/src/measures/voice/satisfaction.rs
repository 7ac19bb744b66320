//! Satisfaction: top box, mean and 0-100 rescale of one rating.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::cells::{Cell, Cells, Shape};
use crate::error::{Error, ErrorKind, Result};
use crate::estimate::{Confidence, Estimate, Estimates, Reason, Unit};
use crate::measure::{About, Effect, Measure, OptionInfo, Part, Rows};
use crate::measures::parts_alone;
use crate::record::{Batch, Block, Column, Faults, MISSING_MARK, Narrow, Schema, Table};
use crate::rule::survey::{Class, Classes, Scale};

/// Satisfaction with one rating (CSAT, CES): the share of positive answers, the mean, its 0-100 rescale and the net.
///
/// Counts are kept by mark, so what is positive can be decided when reading. On the 1-5 scale 4 and 5 are positive and
/// 1 and 2 negative; any other scale needs `positive` or a preset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Satisfaction {
    /// The column of the rating.
    pub score: String,
    /// Lowest and highest mark.
    pub scale: [i16; 2],
    /// The positive marks.
    pub positive: Option<Vec<i16>>,
    /// The negative marks; none for a net of positive answers only.
    pub negative: Option<Vec<i16>>,
    /// A named set of classes, such as `csat_zendesk_5`, instead of `positive` and `negative`.
    pub preset: Option<String>,
}

impl Default for Satisfaction {
    fn default() -> Self {
        Self { score: "score".into(), scale: [1, 5], positive: None, negative: None, preset: None }
    }
}

static ABOUT: About = About {
    name: "satisfaction",
    title: "Customer satisfaction",
    title_ru: "Удовлетворённость (CSAT)",
    table: Table::Answers,
    doc: "Three named results of one rating: `positive`, the share of positive answers (top box; Wilson interval); `mean` on \
          its own scale (t interval); `index`, the mean rescaled to 0-100 by (x - min)/(max - min); and `net`, positive \
          minus negative in points.\nOn 1-5 positive is 4-5 and negative 1-2. Other scales need `positive` or a `preset` \
          (csat_zendesk_5, simplesat_4, ces7_index, ...), because vendors disagree on the middle answer.\n\
          Pitfall: the same answers give 60 %, 3.6, 65 or 40 points; say which. Marks outside the scale are errors.",
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
            other: "[0, 5]",
            doc: "lowest and highest mark",
        },
        OptionInfo {
            name: "positive",
            effect: Effect::Reads,
            default: "null",
            other: "[5]",
            doc: "the positive marks (4 and 5 on 1-5)",
        },
        OptionInfo {
            name: "negative",
            effect: Effect::Reads,
            default: "null",
            other: "[1]",
            doc: "the negative marks (1 and 2 on 1-5)",
        },
        OptionInfo {
            name: "preset",
            effect: Effect::Reads,
            default: "null",
            other: "\"csat_chatwoot\"",
            doc: "a named set of classes",
        },
    ],
    example: r#"{"measure": "satisfaction", "positive": [4, 5], "negative": [2]}"#,
};

impl Satisfaction {
    /// Positive share, mean, index, net and missing answers of a plain slice, at 95 %.
    ///
    /// ```
    /// use csat_core::measures::voice::Satisfaction;
    /// let [positive, mean, index, net, missing] = Satisfaction::default().of(&[5, 5, 4, 3, 1])?;
    /// assert_eq!((positive.value, mean.value, index.value), (Some(0.6), Some(3.6), Some(65.0)));
    /// assert_eq!((net.value, missing.value), (Some(40.0), Some(0.0)));
    /// # Ok::<(), csat_core::Error>(())
    /// ```
    pub fn of(&self, scores: &[i64]) -> Result<[Estimate; 5]> {
        parts_alone(self, &Batch::new().column(&*self.score, Column::integers(scores)))
    }

    fn classes(&self) -> Result<Classes> {
        let [min, max] = self.scale;
        let scale = Scale::new(min, max)?;
        if let Some(preset) = &self.preset {
            let classes = Classes::preset(preset)?;
            if classes.scale() != scale {
                let own = classes.scale();
                let message =
                    format!("the preset `{preset}` is for the scale {}-{}; set scale to it", own.min, own.max);
                return Err(Error::new(ErrorKind::InvalidOption, message));
            }
            return Ok(classes);
        }
        match (&self.positive, self.scale) {
            (Some(positive), _) => Classes::new(scale, positive, self.negative.as_deref().unwrap_or_default()),
            (None, [1, 5]) => Classes::new(scale, &[4, 5], self.negative.as_deref().unwrap_or(&[1, 2])),
            (None, _) => Err(Error::new(
                ErrorKind::InvalidOption,
                format!("say which marks of the scale {min} to {max} are positive, for example positive = [{max}]"),
            )),
        }
    }

    fn marks(&self) -> usize {
        (self.scale[1] - self.scale[0]) as usize + 1
    }
}

impl Measure for Satisfaction {
    type Bound = (Narrow, Vec<Option<Class>>);

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self) -> Result<()> {
        crate::measures::check_width(&self.score, self.scale)?;
        self.classes().map(|_| ())
    }

    fn bind(&self, schema: &mut Schema) -> Result<Self::Bound> {
        let classes = self.classes()?;
        let each = (self.scale[0]..=self.scale[1]).map(|m| classes.classify(m).ok()).collect();
        Ok((schema.mark(&self.score, true), each))
    }

    fn shape(&self) -> Shape {
        // One count a mark, and one for missing.
        Shape::counts(self.marks() + 1)
    }

    fn verify(&self, bound: &Self::Bound, block: &Block, faults: &mut Faults) {
        crate::measures::check_scale(&self.score, self.scale, block.narrow(bound.0), faults);
    }

    fn fold(&self, bound: &Self::Bound, rows: &Rows<'_>, cells: &mut Cells) {
        let (marks, low, missing) = (rows.block.narrow(bound.0), self.scale[0], self.marks());
        cells.counts(0).each(
            rows.groups,
            |i| {
                if marks[i] == MISSING_MARK { missing } else { (marks[i] - low) as usize }
            },
        );
    }

    fn parts(&self) -> Vec<Part> {
        let id = self.classes().map(|c| c.id().to_owned()).unwrap_or_default();
        let [min, max] = self.scale;
        vec![
            Part::new("positive", Unit::Share, id.clone()),
            Part::new("mean", Unit::Rating, format!("csat:{min}-{max}:mean")),
            Part::new("index", Unit::Score, format!("csat:{min}-{max}:index")),
            Part::new("net", Unit::Points, format!("{id}:net")),
            Part::new("missing", Unit::Count, format!("csat:{min}-{max}:missing")),
        ]
    }

    fn read(&self, bound: &Self::Bound, cells: &[Cell<'_>], confidence: &mut Confidence, out: &mut Estimates) {
        let count = |at| cells[0].count(0, at);
        let [min, max] = self.scale.map(i128::from);
        let (mut n, mut sum, mut squares, mut positive, mut negative) = (0u64, 0i128, 0i128, 0u64, 0u64);
        for (at, class) in bound.1.iter().enumerate() {
            let (mark, marks) = (min + at as i128, count(at));
            n += marks;
            sum += mark * i128::from(marks);
            squares += mark * mark * i128::from(marks);
            positive += if *class == Some(Class::Positive) { marks } else { 0 };
            negative += if *class == Some(Class::Negative) { marks } else { 0 };
        }
        out.push(Estimate::share(positive, n, confidence));
        let mean = Estimate::mean(n, sum, squares, 1.0, confidence).clamped(min as f64, max as f64);
        out.push(mean);
        let rescale = |v: f64| 100.0 * (v - min as f64) / (max - min) as f64;
        let mut index = mean;
        index.value =
            (n > 0).then(|| 100.0 * (sum - i128::from(n) * min) as f64 / (i128::from(n) * (max - min)) as f64);
        index.numerator = Some(100.0 * (sum - i128::from(n) * min) as f64 / (max - min) as f64);
        (index.low, index.high) = (mean.low.map(rescale), mean.high.map(rescale));
        out.push(index);
        let mut net = Estimate::ratio(positive as f64 - negative as f64, n as f64, n, Reason::NotAsked);
        net.value = (n > 0).then(|| 100.0 * (positive as f64 - negative as f64) / n as f64);
        if let (Some(z), true) = (confidence.z, n > 0) {
            let counts = crate::stats::net::Counts::new(negative, n - positive - negative, positive);
            let interval = crate::stats::net::adjusted_wald_z(counts, z);
            net.limits(100.0 * interval.low, 100.0 * interval.high);
        }
        out.push(net);
        let missing = count(self.marks());
        out.push(Estimate::census(missing as f64, n + missing));
    }

    fn shaping(&self) -> Result<Value> {
        // The mapping of marks is a reading; a saved plan for a scale without a usual one counts its top mark.
        let positive = (self.scale != [1, 5]).then(|| vec![self.scale[1]]);
        Ok(json!({ "score": self.score, "scale": self.scale, "positive": positive }))
    }
}
