//! The satisfaction index of about ten questions.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::cells::{Answers, Cell, Cells, Moments, Shape};
use crate::error::{Error, ErrorKind, Result};
use crate::estimate::{Confidence, Estimate, Estimates, Reason, Unit};
use crate::measure::{About, Effect, Measure, OptionInfo, Part, Rows};
use crate::record::{Batch, Block, Column, Faults, MISSING_MARK, Narrow, Schema, Table};
use crate::rule::index::{CompiledIndex, IndexRule, Missing, Weights, index_verified};
use crate::rule::survey::{Rescale, Scale};
use crate::simd::widest;
use crate::stats::covariance::Covariance;
use crate::stats::reliability::{cronbach_alpha, item_statistics};

/// A question of the index: a column, its scale, whether a high mark is bad, its weight.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// The column of the answers.
    pub column: String,
    /// Lowest and highest mark.
    #[serde(default = "ten")]
    pub scale: [i16; 2],
    /// Whether a high mark is bad.
    #[serde(default)]
    pub reverse: bool,
    /// Its weight; at most 6 significant digits.
    #[serde(default = "one")]
    pub weight: f64,
}

impl Question {
    /// A question on 1-10 with weight 1.
    pub fn new(column: impl Into<String>) -> Self {
        Self { column: column.into(), scale: ten(), reverse: false, weight: 1.0 }
    }

    /// Turns marks so that high ones are good.
    #[inline]
    fn orientation(&self) -> impl Fn(i16) -> i16 + use<> {
        let (base, sign) = if self.reverse { (self.scale[0] + self.scale[1], -1i16) } else { (0, 1) };
        move |mark| sign.wrapping_mul(mark).wrapping_add(base)
    }
}

fn ten() -> [i16; 2] {
    [1, 10]
}

fn one() -> f64 {
    1.0
}

/// Questions as objects or as names of columns.
fn questions<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Vec<Question>, D::Error> {
    let question = |value| match value {
        Value::String(column) => Ok(Question::new(column)),
        other => serde_json::from_value(other).map_err(serde::de::Error::custom),
    };
    Vec::<Value>::deserialize(deserializer)?.into_iter().map(question).collect()
}

/// What is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IndexPart {
    /// The index of each respondent.
    Score,
    /// The answers to each question.
    Questions,
    /// Cross sums for Cronbach's alpha and item-rest correlations.
    Reliability,
}

/// The satisfaction index: the weighted mean of several questions on 0-100, with question means and reliability.
///
/// Each respondent's index is an exact rational, rounded once to 1e-9 point; the measure gives its mean.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SatisfactionIndex {
    /// The questions: column, scale, reverse, weight; as JSON a column's name alone is a question on 1-10.
    #[serde(deserialize_with = "questions")]
    pub questions: Vec<Question>,
    /// What missing answers do: available, listwise or `as_minimum`.
    pub missing: String,
    /// The fewest answers of an index; half the questions unless given.
    pub min_answered: Option<usize>,
    /// The scale of the result: `min_max` (0-100), `of_max` (percent of the highest mark) or `raw` (that of the questions).
    pub rescale: String,
    /// Columns with each respondent's own importance of each question, instead of weights.
    pub importance: Option<Importance>,
    /// Whether the weights come from an analysis of the same data; the id then says so.
    pub derived: bool,
    /// What is kept.
    pub parts: Vec<IndexPart>,
}

/// Each respondent's own importance of each question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Importance {
    /// One column a question.
    pub columns: Vec<String>,
    /// Lowest and highest mark of importance.
    #[serde(default = "ten")]
    pub scale: [i16; 2],
    /// Mean of importance times score as a share of the most it could be, instead of an importance-weighted mean.
    #[serde(default)]
    pub times_score: bool,
}

impl Default for SatisfactionIndex {
    fn default() -> Self {
        Self {
            questions: (1..=10).map(|i| Question::new(format!("q{i}"))).collect(),
            missing: "available".into(),
            min_answered: None,
            rescale: "min_max".into(),
            importance: None,
            derived: false,
            parts: vec![IndexPart::Score, IndexPart::Questions, IndexPart::Reliability],
        }
    }
}

static ABOUT: About = About {
    name: "satisfaction_index",
    title: "Satisfaction index",
    title_ru: "Индекс удовлетворённости (CSI)",
    table: Table::Answers,
    doc: "The weighted mean of about ten questions, rescaled to 0-100.\n\
          Formula per respondent: sum w (x - min)/(max - min) / sum w over the questions answered, times 100; the index is the \
          mean over respondents, with a t interval. Weights are given, equal, or each respondent's own importance.\n\
          Missing answers: `available` (weights renormalised, at least half answered), `listwise`, `as_minimum`. Question means \
          use every answer; Cronbach's alpha and item-rest correlations use complete rows only, items reversed and rescaled.\n\
          Pitfall: each missing rule gives another index; the id says which. Eight hexadecimal digits in an id stand for \
          weights, scales and reversals; an id without them is of questions on 1-10, none reversed, weighed alike. Weights \
          derived from the same data carry an uncertainty that is not in the interval.",
    options: &[
        OptionInfo {
            name: "questions",
            effect: Effect::Shapes,
            default: r#"[{"column":"q1","scale":[1,10],"reverse":false,"weight":1.0},{"column":"q2","scale":[1,10],"reverse":false,"weight":1.0},{"column":"q3","scale":[1,10],"reverse":false,"weight":1.0},{"column":"q4","scale":[1,10],"reverse":false,"weight":1.0},{"column":"q5","scale":[1,10],"reverse":false,"weight":1.0},{"column":"q6","scale":[1,10],"reverse":false,"weight":1.0},{"column":"q7","scale":[1,10],"reverse":false,"weight":1.0},{"column":"q8","scale":[1,10],"reverse":false,"weight":1.0},{"column":"q9","scale":[1,10],"reverse":false,"weight":1.0},{"column":"q10","scale":[1,10],"reverse":false,"weight":1.0}]"#,
            other: r#"[{"column": "a"}, {"column": "b"}]"#,
            doc: "the questions: column names, or objects of column, scale ([1, 10]), reverse (false), weight (1)",
        },
        OptionInfo {
            name: "missing",
            effect: Effect::Shapes,
            default: "\"available\"",
            other: "\"listwise\"",
            doc: "available, listwise or as_minimum",
        },
        OptionInfo {
            name: "min_answered",
            effect: Effect::Shapes,
            default: "null",
            other: "1",
            doc: "the fewest answers of an index (half)",
        },
        OptionInfo {
            name: "rescale",
            effect: Effect::Shapes,
            default: "\"min_max\"",
            other: "\"of_max\"",
            doc: "min_max: 0-100; of_max: percent of the highest mark; raw: the scale of the questions, which must be one for all",
        },
        OptionInfo {
            name: "importance",
            effect: Effect::Shapes,
            default: "null",
            other: r#"{"columns": ["wa", "wb", "wc"]}"#,
            doc: "columns with each respondent's own importance",
        },
        OptionInfo {
            name: "derived",
            effect: Effect::Shapes,
            default: "false",
            other: "true",
            doc: "whether the weights come from an analysis of the same data",
        },
        OptionInfo {
            name: "parts",
            effect: Effect::Shapes,
            default: "[\"score\", \"questions\", \"reliability\"]",
            other: "[\"score\"]",
            doc: "what is kept: score, questions, reliability",
        },
    ],
    example: r#"{"measure": "satisfaction_index", "questions": [{"column": "a", "scale": [1, 5], "weight": 0.5}, {"column": "b", "scale": [1, 10], "weight": 0.3}, {"column": "c", "scale": [1, 5], "reverse": true, "weight": 0.2}]}"#,
};

/// Where the columns sit and the compiled rule.
#[derive(Clone)]
pub struct IndexBound {
    questions: Vec<Narrow>,
    importance: Vec<Narrow>,
    index: CompiledIndex,
}

const SCORED: usize = 0;
const UNSCORED: usize = 1;

impl SatisfactionIndex {
    /// The parts of plain columns of answers, one for each question and in their order, at 95 %. With own importance its
    /// columns follow.
    ///
    /// ```
    /// use csat_core::measures::voice::{Question, SatisfactionIndex};
    /// let questions = ["speed", "manners"].map(Question::new).to_vec();
    /// let index = SatisfactionIndex { questions, ..SatisfactionIndex::default() };
    /// let parts = index.of(&[&[10, 7], &[10, 4]])?;
    /// assert_eq!(parts[0].value, Some(75.0)); // 100 and (6/9 + 3/9)/2 = 50
    /// # Ok::<(), csat_core::Error>(())
    /// ```
    pub fn of(&self, answers: &[&[i64]]) -> Result<Vec<Estimate>> {
        let columns = self.questions.iter().map(|q| &q.column).chain(self.importance.iter().flat_map(|i| &i.columns));
        let columns: Vec<&String> = columns.collect();
        if columns.len() != answers.len() {
            return Err(Error::argument(format!(
                "{} columns of answers, {} are asked for",
                answers.len(),
                columns.len()
            )));
        }
        let batch = Batch::with_rows(answers.first().map_or(0, |answers| answers.len()));
        let columns = columns.into_iter().zip(answers);
        let batch = columns.fold(batch, |batch, (name, answers)| batch.column(name, Column::integers(answers)));
        crate::measures::fold_alone(self, &batch)
    }

    fn rule(&self) -> Result<IndexRule> {
        let questions = self
            .questions
            .iter()
            .map(|q| Ok(Scale { reverse: q.reverse, ..Scale::new(q.scale[0], q.scale[1])? }))
            .collect::<Result<Vec<_>>>()?;
        let given: Vec<f64> = self.questions.iter().map(|q| q.weight).collect();
        let weights = match &self.importance {
            Some(i) if i.times_score => Weights::ImportanceTimesScore(Scale::new(i.scale[0], i.scale[1])?),
            Some(i) => Weights::Importance(Scale::new(i.scale[0], i.scale[1])?),
            None if self.derived => Weights::Derived(given),
            // Weights that are alike say nothing; whether they are weights at all is still asked.
            None if given.iter().all(|w| *w == given[0] && *w > 0.0 && w.is_finite()) => Weights::Equal,
            None => Weights::Fixed(given),
        };
        Ok(IndexRule {
            questions,
            weights,
            missing: Missing::from_name(&self.missing)?,
            min_answered: self.min_answered,
            rescale: Rescale::from_name(&self.rescale)?,
        })
    }

    fn keeps(&self, part: IndexPart) -> bool {
        self.parts.contains(&part)
    }

    /// Number of marks of a question.
    fn width(question: &Question) -> usize {
        (question.scale[1] - question.scale[0]) as usize + 1
    }

    /// Position of the first sum of the cross sums.
    fn cross_sums(&self) -> usize {
        if self.keeps(IndexPart::Score) { 2 } else { 0 }
    }

    /// The bundle of the answers to the first question.
    fn first_question(&self) -> usize {
        usize::from(self.keeps(IndexPart::Score))
    }

    fn fold_answers(&self, bound: &IndexBound, rows: &Rows<'_>, cells: &mut Cells) {
        let columns = self.questions.iter().zip(&bound.questions).enumerate().map(|(at, (question, lane))| Answers {
            bundle: self.first_question() + at,
            marks: rows.block.narrow(*lane),
            low: question.scale[0],
            not_applicable: 0,
            missing: Self::width(question),
        });
        cells.answers(rows.groups, &columns.collect::<Vec<_>>());
    }

    /// Adds the cross sums of complete rows: marks after reversal.
    fn fold_products(&self, bound: &IndexBound, rows: &Rows<'_>, cells: &mut Cells) {
        let columns: Vec<&[i16]> = bound.questions.iter().map(|q| rows.block.narrow(*q)).collect();
        let (bundle, first) = (cells.shape().bundles.len() - 1, self.cross_sums());
        let ends = self.questions.iter().flat_map(|q| q.scale);
        let widest_mark = ends.map(|s| u128::from(s.unsigned_abs())).max().unwrap_or(0);
        cells.expect(rows.groups.len(), widest_mark * widest_mark);
        let one_group = rows.groups.windows(2).all(|g| g[0] == g[1]);
        // Products of marks up to 180 over 1,024 rows stay below 2^25; wider marks go the long way.
        if let (true, true, Some(group)) = (one_group, widest_mark <= 180, rows.groups.first()) {
            let (complete, oriented) = self.complete_marks(&columns, rows.groups.len());
            if complete > 0 {
                cells.counts(bundle).add(*group, 0, complete as u64);
            }
            let sums = &mut cells.sums_mut(*group)[first..];
            widest(
                #[inline(always)]
                || {
                    let mut at = 0;
                    for (i, x) in oriented.iter().enumerate() {
                        sums[at] += i128::from(x.iter().map(|v| i32::from(*v)).sum::<i32>());
                        at += 1;
                        for y in &oriented[i..] {
                            let product: i32 = x.iter().zip(y).map(|(a, b)| i32::from(*a) * i32::from(*b)).sum();
                            sums[at] += i128::from(product);
                            at += 1;
                        }
                    }
                },
            );
            return;
        }
        let complete: Vec<usize> =
            (0..rows.groups.len()).filter(|i| columns.iter().all(|c| c[*i] != MISSING_MARK)).collect();
        let groups: Vec<u32> = complete.iter().map(|i| rows.groups[*i]).collect();
        cells.counts(bundle).each(&groups, |_| 0);
        let oriented: Vec<Vec<i16>> = (self.questions.iter().zip(&columns))
            .map(|(question, column)| complete.iter().map(|i| column[*i]).map(question.orientation()).collect())
            .collect();
        for (row, group) in groups.iter().enumerate() {
            let sums = &mut cells.sums_mut(*group)[first..];
            let mut at = 0;
            for (i, x) in oriented.iter().enumerate() {
                let x = i128::from(x[row]);
                sums[at] += x;
                at += 1;
                for y in &oriented[i..] {
                    sums[at] += x * i128::from(y[row]);
                    at += 1;
                }
            }
        }
    }

    /// How many rows are complete, and their marks after reversal; the marks of other rows are 0 and add nothing.
    fn complete_marks(&self, columns: &[&[i16]], rows: usize) -> (usize, Vec<Vec<i16>>) {
        let mut complete = vec![-1i16; rows];
        let mut oriented = vec![vec![0i16; rows]; columns.len()];
        widest(
            #[inline(always)]
            || {
                for column in columns {
                    for (complete, mark) in complete.iter_mut().zip(*column) {
                        *complete &= -i16::from(*mark != MISSING_MARK);
                    }
                }
                for ((question, column), oriented) in self.questions.iter().zip(columns).zip(&mut oriented) {
                    let turned = question.orientation();
                    for ((oriented, mark), complete) in oriented.iter_mut().zip(*column).zip(&complete) {
                        *oriented = turned(*mark) & complete;
                    }
                }
            },
        );
        (complete.iter().filter(|c| **c != 0).count(), oriented)
    }

    /// Sums and products as the statistics take them: sums, then the upper triangle with its diagonal.
    fn covariance(&self, cell: &Cell<'_>) -> Result<Covariance> {
        let bundle = self.first_question() + if self.keeps(IndexPart::Questions) { self.questions.len() } else { 0 };
        let n = cell.count(bundle, 0);
        let (mut sums, mut products, mut at) = (Vec::new(), Vec::new(), self.cross_sums());
        for i in 0..self.questions.len() {
            sums.push(cell.sum(at));
            at += 1;
            for _ in i..self.questions.len() {
                products.push(cell.sum(at));
                at += 1;
            }
        }
        let names: Vec<&str> = self.questions.iter().map(|q| q.column.as_str()).collect();
        let ranges: Vec<(i64, i64)> =
            self.questions.iter().map(|q| (i64::from(q.scale[0]), i64::from(q.scale[1]))).collect();
        Covariance::from_sums(&names, n, &sums, &products, &ranges)
    }

    fn read_questions(&self, bound: &IndexBound, cell: &Cell<'_>, confidence: &mut Confidence, out: &mut Estimates) {
        let mut means = Vec::new();
        for (at, question) in self.questions.iter().enumerate() {
            let low = i128::from(question.scale[0]);
            let (mut n, mut sum, mut squares) = (0u64, 0i128, 0i128);
            for mark in 0..Self::width(question) {
                let count = cell.count(self.first_question() + at, mark);
                let x = low + mark as i128;
                n += count;
                sum += x * i128::from(count);
                squares += x * x * i128::from(count);
            }
            let [min, max] = question.scale.map(f64::from);
            let mean = Estimate::mean(n, sum, squares, 1.0, confidence).clamped(min, max);
            means.push(mean.value);
            out.push(mean);
        }
        // `of_means` takes the marks as they were given.
        let n = (0..self.questions.len()).map(|at| cell.total(self.first_question() + at)).max().unwrap_or(0);
        let mut index = Estimate::none(n, if n == 0 { Reason::Empty } else { Reason::NotOffered });
        index.value = bound.index.of_means(&means).ok().flatten();
        out.push(index);
    }

    fn read_reliability(&self, cell: &Cell<'_>, confidence: &Confidence, out: &mut Estimates) {
        let covariance = self.covariance(cell);
        let n = covariance.as_ref().map_or(0, Covariance::n);
        let none = |n| Estimate::none(n, if n == 0 { Reason::TooFew } else { Reason::Undefined });
        let level = confidence.level.unwrap_or(0.95);
        out.push(match covariance.as_ref().ok().and_then(|c| cronbach_alpha(c, level).ok()) {
            Some(alpha) => {
                let mut e = Estimate { value: Some(alpha.alpha), ..Estimate::none(n, Reason::NotAsked) };
                if confidence.level.is_some() {
                    e.limits(alpha.low, alpha.high);
                }
                e
            }
            None => none(n),
        });
        let items = covariance.as_ref().ok().and_then(|c| item_statistics(c).ok());
        for at in 0..self.questions.len() {
            out.push(match items.as_ref().and_then(|s| s.item_rest[at]) {
                Some(r) => Estimate { value: Some(r), ..Estimate::none(n, Reason::NotOffered) },
                None => none(n),
            });
        }
    }
}

impl Measure for SatisfactionIndex {
    type Bound = IndexBound;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self) -> Result<()> {
        let invalid = |m: String| Err(Error::new(ErrorKind::InvalidOption, m));
        if self.parts.is_empty() {
            return invalid("`parts` is empty; name score, questions or reliability".into());
        }
        if self.keeps(IndexPart::Reliability) && self.questions.len() > 60 {
            return invalid("reliability keeps a sum for each pair of questions; at most 60 questions".into());
        }
        for (i, question) in self.questions.iter().enumerate() {
            crate::measures::check_width(&question.column, question.scale)?;
            if self.questions[..i].iter().any(|q| q.column == question.column) {
                return invalid(format!("question `{}` is given twice", question.column));
            }
        }
        if let Some(importance) = &self.importance
            && importance.columns.len() != self.questions.len()
        {
            return invalid(format!(
                "{} importance columns for {} questions",
                importance.columns.len(),
                self.questions.len()
            ));
        }
        self.rule()?.compile().map(|_| ())
    }

    fn bind(&self, schema: &mut Schema) -> Result<IndexBound> {
        let questions = self.questions.iter().map(|q| schema.mark(&q.column, true)).collect();
        let importance = self.importance.iter().flat_map(|i| &i.columns).map(|c| schema.mark(c, true)).collect();
        Ok(IndexBound { questions, importance, index: self.rule()?.compile()? })
    }

    fn shape(&self) -> Shape {
        let mut shape = Shape::default();
        if self.keeps(IndexPart::Score) {
            shape = shape.bundle("respondents", 2).sum("index").sum("index²");
        }
        if self.keeps(IndexPart::Questions) {
            shape = self.questions.iter().fold(shape, |s, q| s.bundle(q.column.clone(), Self::width(q) + 1));
        }
        if self.keeps(IndexPart::Reliability) {
            shape = shape.bundle("complete", 1);
            for (i, q) in self.questions.iter().enumerate() {
                shape = shape.sum(q.column.clone());
                shape = self.questions[i..].iter().fold(shape, |s, r| s.sum(format!("{}·{}", q.column, r.column)));
            }
        }
        shape
    }

    fn verify(&self, bound: &IndexBound, block: &Block, faults: &mut Faults) {
        for (question, lane) in self.questions.iter().zip(&bound.questions) {
            crate::measures::check_scale(&question.column, question.scale, block.narrow(*lane), faults);
        }
        if let Some(importance) = &self.importance {
            for (column, lane) in importance.columns.iter().zip(&bound.importance) {
                crate::measures::check_scale(column, importance.scale, block.narrow(*lane), faults);
            }
        }
    }

    fn fold(&self, bound: &IndexBound, rows: &Rows<'_>, cells: &mut Cells) {
        if self.keeps(IndexPart::Score) {
            let columns: Vec<&[i16]> =
                bound.questions.iter().chain(&bound.importance).map(|q| rows.block.narrow(*q)).collect();
            let mut scores = vec![i64::MIN; rows.groups.len()];
            index_verified(&bound.index, &columns, &mut scores);
            // The missing score is the missing value: SCORED and UNSCORED are the two counts of moments.
            let to = Moments { bundle: Some(0), ..Moments::default() };
            cells.moments(to, rows.groups, scores.iter().map(|score| (true, *score)));
        }
        if self.keeps(IndexPart::Questions) {
            self.fold_answers(bound, rows, cells);
        }
        if self.keeps(IndexPart::Reliability) {
            self.fold_products(bound, rows, cells);
        }
    }

    fn parts(&self) -> Vec<Part> {
        let Ok(rule) = self.rule() else { return Vec::new() };
        let (id, unit) = (rule.id(), rule.unit());
        let mut parts = Vec::new();
        if self.keeps(IndexPart::Score) {
            parts.push(Part::new("index", unit, id.clone()));
            parts.push(Part::new("unscored", Unit::Count, format!("{id}:unscored")));
        }
        let question = |q: &Question, what: &str, of: &str, unit| {
            Part::new(format!("question/{}/{what}", q.column), unit, format!("csi:question:{}:{what}{of}", q.column))
        };
        if self.keeps(IndexPart::Questions) {
            // A mean is of the marks as given, so it knows the scale and no reversal.
            let scale =
                |[low, high]: [i16; 2]| if [low, high] == ten() { String::new() } else { format!(":{low}-{high}") };
            parts.extend(self.questions.iter().map(|q| question(q, "mean", &scale(q.scale), Unit::Rating)));
            parts.push(Part::new("index/question_means", unit, format!("{id}:question_means")));
        }
        if self.keeps(IndexPart::Reliability) {
            // Reliability depends on scales and reversals, and on no weight.
            let content = rule.content(&[], None);
            parts.push(Part::new("alpha", Unit::Coefficient, format!("csi:alpha{content}:complete_rows")));
            parts.extend(self.questions.iter().map(|q| question(q, "item_rest", &content, Unit::Coefficient)));
        }
        parts
    }

    fn read(&self, bound: &IndexBound, cells: &[Cell<'_>], confidence: &mut Confidence, out: &mut Estimates) {
        let cell = &cells[0];
        if self.keeps(IndexPart::Score) {
            let (n, unscored) = (cell.count(0, SCORED), cell.count(0, UNSCORED));
            let (low, high) = bound.index.rule().limits();
            out.push(Estimate::mean(n, cell.sum(0), cell.sum(1), 1e-9, confidence).clamped(low, high));
            out.push(Estimate::census(unscored as f64, n + unscored));
        }
        if self.keeps(IndexPart::Questions) {
            self.read_questions(bound, cell, confidence, out);
        }
        if self.keeps(IndexPart::Reliability) {
            self.read_reliability(cell, confidence, out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Plan, Tally};
    use serde_json::json;

    fn recipe(options: Value) -> Result<SatisfactionIndex> {
        let recipe: SatisfactionIndex = serde_json::from_value(options).unwrap();
        recipe.check().map(|()| recipe)
    }

    #[test]
    fn weights_that_are_alike_must_be_weights() {
        let weighed =
            |w: f64| recipe(json!({"questions": [{"column": "a", "weight": w}, {"column": "b", "weight": w}]}));
        assert_eq!(weighed(0.0).unwrap_err().message(), "the weights sum to zero");
        assert_eq!(weighed(-1.0).unwrap_err().message(), "the weights must not be negative: -1");
        assert_eq!(weighed(2.0).unwrap().parts()[0].definition, "csi:equal:available");
    }

    /// Marks 410 and 500 on 401-500: the mean is 455, above every percentage.
    #[test]
    fn a_raw_index_stays_on_the_scale_of_its_questions() {
        let raw = recipe(
            json!({"questions": [{"column": "a", "scale": [401, 500]}], "rescale": "raw", "parts": ["score", "questions"]}),
        );
        let mut tally = Tally::new(Plan::new([raw.unwrap()])).unwrap();
        tally.push(&Batch::new().column("a", Column::integers(&[410i64, 500]))).unwrap();
        let report = tally.report(Some(0.95)).unwrap();
        let at = |path: &str| report.parts().iter().position(|(_, part)| part.path == path).unwrap();
        for path in ["index", "index/question_means"] {
            assert_eq!(report.estimate(0, at(path)).value, Some(455.0), "{path}");
            assert_eq!(report.parts()[at(path)].1.unit, Unit::Rating, "{path}");
        }
        // 455 ± 12.7 · 45 lies beyond both ends of the scale.
        let index = report.estimate(0, at("index"));
        assert_eq!((index.low, index.high), (Some(401.0), Some(500.0)));
    }
}
