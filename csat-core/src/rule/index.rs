//! The satisfaction index of one respondent: about ten questions, one number 0..100, exactly.
//!
//! index = 100 · Σ w·(x − min)/(max − min) / Σ w over the questions that count. Weights are fixed, equal, derived by an
//! analysis, or each respondent's own importance. A missing answer leaves the index, its weight going to the others in
//! proportion, if at least half the questions are answered; other rules are named options. An index over question means
//! (every answer counts, also of respondents with gaps) is [`CompiledIndex::of_means`]; it differs from the mean of the
//! respondents' indices when answers are missing.

use serde_json::json;

use super::closed::closed_list;
use super::exact::{MISSING_ANSWER, MISSING_SCORE, MOST, derived_weights, lcm, score_of, whole_weights};
use super::lanes::{Addend, Entry, ROWS, Sums, add_all, scores};
use super::policy::short_hash;
use super::survey::{Rescale, Scale};
use crate::error::{Error, Result};
use crate::estimate::Unit;
use crate::simd::widest;

closed_list! {
    /// What a missing answer does.
    Missing, "rule for missing answers" {
        /// The index of the answers there are, their weights renormalised. The default.
        Available = "available",
        /// No index.
        Listwise = "listwise",
        /// It counts as the worst answer.
        AsMinimum = "as_minimum",
    }
}

/// Where weights come from.
#[derive(Clone, Debug, PartialEq)]
pub enum Weights {
    /// All alike.
    Equal,
    /// Given numbers, at most 6 significant digits each.
    Fixed(Vec<f64>),
    /// Numbers of an analysis, rounded to 1e-9 of their sum. Their own uncertainty is not in the interval of an index.
    Derived(Vec<f64>),
    /// Each respondent's importance of each question, on this scale; its columns follow those of the questions.
    Importance(Scale),
    /// The mean of importance · score as a share of the most it could be (both scales from 0 to their max): a question
    /// that nobody finds important lowers this index, so it is not comparable with the others.
    ImportanceTimesScore(Scale),
}

/// The definition of an index.
#[derive(Clone, Debug, PartialEq)]
pub struct IndexRule {
    /// The scale of each question.
    pub questions: Vec<Scale>,
    /// The weights.
    pub weights: Weights,
    /// What missing answers do.
    pub missing: Missing,
    /// The fewest answers of an index under `available` and `as_minimum`; `None` is half the questions, rounded up.
    pub min_answered: Option<usize>,
    /// The scale of the result.
    pub rescale: Rescale,
}

/// An index ready to be computed. Made by [`IndexRule::compile`].
#[derive(Clone, Debug, PartialEq)]
pub struct CompiledIndex {
    rule: IndexRule,
    required: i64,
    questions: Vec<Question>,
    importance: Option<Scale>,
    lanes: Option<Vec<Addend>>,
}

/// One unit of weight adds `step · (oriented answer − base)` to the numerator and `full` to the denominator.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Question {
    scale: Scale,
    weight: i64,
    base: i64,
    step: i64,
    full: i64,
}

impl IndexRule {
    /// The house rule: these weights, available answers, at least half of them, 0..100 by (x − min)/(max − min).
    pub fn new(questions: Vec<Scale>, weights: Weights) -> Self {
        Self { questions, weights, missing: Missing::Available, min_answered: None, rescale: Rescale::MinMax }
    }

    /// The definition id, such as `csi:equal:available` or `csi:equal:as_minimum:min7:of_max`.
    ///
    /// That is the whole definition where questions (and own importance) are on 1-10, none reversed, and no weights are
    /// given. Anything else cannot be said in a word: eight hexadecimal digits stand for the weights, scales and
    /// reversals in the order of the questions, as in `csi:weighted-d2407a88:available`.
    pub fn id(&self) -> String {
        let (name, weights, importance) = match &self.weights {
            Weights::Equal => ("equal", Vec::new(), None),
            Weights::Fixed(given) => ("weighted", whole_weights("weights", given).unwrap_or_default(), None),
            Weights::Derived(given) => ("derived", derived_weights(given).unwrap_or_default(), None),
            Weights::Importance(scale) => ("importance", Vec::new(), Some(*scale)),
            Weights::ImportanceTimesScore(scale) => ("importance_times_score", Vec::new(), Some(*scale)),
        };
        let mut id = format!("csi:{name}{}:{}", self.content(&weights, importance), self.missing.name());
        if let Some(min) = self.min_answered {
            id.push_str(&format!(":min{min}"));
        }
        if self.rescale != Rescale::MinMax && !self.is_product() {
            id.push_str(&format!(":{}", self.rescale.name()));
        }
        id
    }

    /// `-` and a hash of weights and scales, empty where the house's say it all.
    pub(crate) fn content(&self, weights: &[i64], importance: Option<Scale>) -> String {
        let house = |scale: &Scale| (scale.min, scale.max, scale.reverse) == (1, 10, false);
        if weights.is_empty() && self.questions.iter().chain(&importance).all(house) {
            return String::new();
        }
        let scales: Vec<String> = self.questions.iter().map(Scale::id).collect();
        let importance = importance.map(|scale| scale.id());
        format!("-{}", short_hash(&json!({"weights": weights, "scales": scales, "importance": importance})))
    }

    /// The lowest and the highest value: 0..100, from above or below 0 under `of_max`, the scale itself under `raw`.
    pub fn limits(&self) -> (f64, f64) {
        let ends = |scale: &Scale| (f64::from(scale.min), f64::from(scale.max));
        match (self.rescale, self.questions.first()) {
            (Rescale::OfMax, Some(_)) if !self.is_product() => {
                let lowest = self.questions.iter().map(ends).map(|(min, max)| 100.0 * min / max);
                (lowest.fold(100.0, f64::min), 100.0)
            }
            (Rescale::Raw, Some(scale)) if !self.is_product() => ends(scale),
            _ => (0.0, 100.0),
        }
    }

    /// Score, or rating where the index stays on the scale of the questions.
    pub fn unit(&self) -> Unit {
        if self.rescale == Rescale::Raw && !self.is_product() { Unit::Rating } else { Unit::Score }
    }

    /// Importance times score is a share of the most it could be, whatever the rescaling.
    fn is_product(&self) -> bool {
        matches!(self.weights, Weights::ImportanceTimesScore(_))
    }

    /// Checks the rule and makes it ready.
    ///
    /// ```
    /// use csat_core::rule::{index::{IndexRule, Weights}, survey::Scale};
    /// let ten = Scale::new(1, 10)?;
    /// let index = IndexRule::new(vec![ten, ten], Weights::Fixed(vec![0.6, 0.4])).compile()?;
    /// assert_eq!(index.id(), "csi:weighted-d2407a88:available");
    /// assert_eq!(index.of(&[10, 10])?, Some(100_000_000_000));
    /// assert_eq!(index.of(&[4, i16::MIN])?, Some(33_333_333_333)); // (4 − 1)/9
    /// assert_eq!(index.of(&[i16::MIN, i16::MIN])?, None);
    /// # Ok::<(), csat_core::Error>(())
    /// ```
    pub fn compile(&self) -> Result<CompiledIndex> {
        let n = self.questions.len();
        if n == 0 || n > 1000 {
            return Err(Error::argument("an index needs between 1 and 1000 questions"));
        }
        let place = |i: usize| move |e: Error| e.at(format!("question {}", i + 1));
        self.questions.iter().enumerate().try_for_each(|(i, s)| s.check().map_err(place(i)))?;
        let (weights, importance) = match &self.weights {
            Weights::Equal => (vec![1; n], None),
            Weights::Fixed(weights) => (whole_weights("weights", weights)?, None),
            Weights::Derived(weights) => (derived_weights(weights)?, None),
            Weights::Importance(scale) | Weights::ImportanceTimesScore(scale) => (vec![1; n], Some(*scale)),
        };
        if weights.len() != n {
            return Err(Error::argument(format!("{} weights for {n} questions", weights.len())));
        }
        if let Some(scale) = importance {
            scale.check().map_err(|e| e.at("importance"))?;
            if scale.min < 0 {
                return Err(Error::argument(format!("importance cannot be negative: scale {}", scale.id())));
            }
        }
        let required = match self.min_answered {
            Some(min) if (1..=n).contains(&min) => min,
            Some(min) => return Err(Error::argument(format!("min_answered must lie between 1 and {n}, not {min}"))),
            None => n.div_ceil(2),
        };
        let required = if self.missing == Missing::Listwise { n } else { required };
        let questions = self.questions(&weights, importance)?;
        let mut index =
            CompiledIndex { rule: self.clone(), required: required as i64, questions, importance, lanes: None };
        index.lanes = index.lanes();
        Ok(index)
    }

    fn questions(&self, weights: &[i64], importance: Option<Scale>) -> Result<Vec<Question>> {
        let span = |s: &Scale| match self.rescale {
            _ if self.is_product() => (0, i64::from(s.max)),
            Rescale::MinMax => (i64::from(s.min), i64::from(s.max) - i64::from(s.min)),
            Rescale::OfMax => (0, i64::from(s.max)),
            Rescale::Raw => (0, 100), // a score is 100 · numerator / denominator
        };
        let spans: Vec<(i64, i64)> = self.questions.iter().map(span).collect();
        if spans.iter().any(|s| s.1 <= 0) {
            return Err(Error::argument("of_max needs scales whose max is above 0"));
        }
        if self.rescale == Rescale::Raw
            && self.questions.iter().any(|s| (s.min, s.max) != (self.questions[0].min, self.questions[0].max))
        {
            return Err(Error::argument("raw points need one scale for all questions; rescale them"));
        }
        let too_long =
            || Error::argument("the weights and scales have too many digits to be exact together; round some");
        let common = lcm(spans.iter().map(|s| i128::from(s.1))).ok_or_else(too_long)? as i64;
        let times = importance.map_or(1, |s| i128::from(s.max));
        let widest = self
            .questions
            .iter()
            .map(|s| i128::from(s.max.unsigned_abs().max(s.min.unsigned_abs())))
            .max()
            .unwrap_or(1);
        if weights.iter().map(|w| i128::from(*w)).sum::<i128>() * i128::from(common) * times * widest > MOST {
            return Err(too_long());
        }
        let parts = self.questions.iter().zip(weights).zip(spans);
        Ok(parts
            .map(|((scale, weight), (base, full))| Question {
                scale: *scale,
                weight: *weight,
                base,
                step: common / full,
                full: common,
            })
            .collect())
    }
}

impl CompiledIndex {
    /// The definition id.
    pub fn id(&self) -> String {
        self.rule.id()
    }

    /// The rule.
    pub fn rule(&self) -> &IndexRule {
        &self.rule
    }

    /// The columns expected: the questions, then with own importance as many again.
    pub fn columns(&self) -> usize {
        self.questions.len() * if self.importance.is_some() { 2 } else { 1 }
    }

    /// The index of one respondent in units of 1e-9 point; `None` where too little is answered or no weight is left.
    /// `i16::MIN` is missing; an answer off its scale is refused. Importances follow the answers.
    pub fn of(&self, answers: &[i16]) -> Result<Option<i64>> {
        if answers.len() != self.columns() {
            return Err(Error::argument(format!("{} answers given, {} expected", answers.len(), self.columns())));
        }
        for (i, &answer) in answers.iter().enumerate() {
            self.check(i, answer)?;
        }
        Ok(self.row(|i| answers[i]))
    }

    fn scale(&self, column: usize) -> Scale {
        match (self.questions.get(column), self.importance) {
            (Some(question), _) => question.scale,
            (None, Some(importance)) => importance,
            (None, None) => self.questions[0].scale,
        }
    }

    fn check(&self, column: usize, answer: i16) -> Result<()> {
        let scale = self.scale(column);
        if answer == MISSING_ANSWER || scale.contains(answer) {
            return Ok(());
        }
        let n = self.questions.len();
        let place =
            if column < n { format!("question {}", column + 1) } else { format!("importance {}", column - n + 1) };
        Err(scale.refuse(&answer.to_string()).at(place).with("question", column % n + 1))
    }

    /// What an answer of one unit of weight adds, and whether it was given.
    fn part(&self, question: &Question, answer: i16) -> (i64, i64, i64) {
        let given = answer != MISSING_ANSWER;
        let oriented = if given { question.scale.oriented(answer) } else { question.scale.min };
        match (given, self.rule.missing) {
            (false, Missing::Available | Missing::Listwise) => (0, 0, 0),
            _ => (question.step * (i64::from(oriented) - question.base), question.full, i64::from(given)),
        }
    }

    fn row(&self, answer: impl Fn(usize) -> i16) -> Option<i64> {
        let (mut num, mut den, mut answered) = (0, 0, 0);
        for (i, question) in self.questions.iter().enumerate() {
            let (own, full, given) = self.part(question, answer(i));
            let (weight, most) = match self.importance {
                None => (question.weight, question.weight),
                Some(scale) => match answer(self.questions.len() + i) {
                    MISSING_ANSWER => continue,
                    value if matches!(self.rule.weights, Weights::ImportanceTimesScore(_)) => {
                        (i64::from(scale.oriented(value)), i64::from(scale.max))
                    }
                    value => (i64::from(scale.oriented(value)), i64::from(scale.oriented(value))),
                },
            };
            num += weight * own;
            den += most * full;
            answered += given;
        }
        (answered >= self.required).then(|| score_of(num, den)).flatten()
    }

    /// The fast road: weights that do not depend on the respondent, answers from 0 to 1023.
    fn lanes(&self) -> Option<Vec<Addend>> {
        if self.importance.is_some() {
            return None;
        }
        let lane = |question: &Question| {
            let entry = |answer: i16| {
                let (num, den, given) = match answer {
                    -1 => (0, 0, 0),
                    answer => self.part(question, answer),
                };
                Entry { numerator: question.weight * num, denominator: question.weight * den, counter: given }
            };
            (question.scale.min >= 0).then(|| Addend::new(question.scale.max, entry)).flatten()
        };
        self.questions.iter().map(lane).collect()
    }

    /// The index over means of the questions (on their scales, fractions allowed; `None` where nobody answered): uses
    /// every answer. In points, or on the scale under `raw`; `None` without any mean or weight. Own importance has no
    /// such reading.
    ///
    /// ```
    /// use csat_core::rule::{index::{IndexRule, Weights}, survey::Scale};
    /// let ten = Scale::new(1, 10)?;
    /// let index = IndexRule::new(vec![ten; 3], Weights::Fixed(vec![0.3885, 0.3190, 0.2925])).compile()?;
    /// let value = index.of_means(&[Some(8.0), Some(7.0), Some(6.0)])?.unwrap();
    /// assert!((value - 67.7333333).abs() < 1e-6);
    /// # Ok::<(), csat_core::Error>(())
    /// ```
    pub fn of_means(&self, means: &[Option<f64>]) -> Result<Option<f64>> {
        if self.importance.is_some() {
            return Err(Error::argument(
                "an index of each respondent's own importance cannot be read from question means",
            ));
        }
        if means.len() != self.questions.len() {
            return Err(Error::argument(format!("{} means given for {} questions", means.len(), self.questions.len())));
        }
        let (mut num, mut den) = (0.0, 0.0);
        for (question, mean) in self.questions.iter().zip(means) {
            if let Some(mean) = mean {
                let (min, max) = (f64::from(question.scale.min), f64::from(question.scale.max));
                if !(min..=max).contains(mean) {
                    return Err(question.scale.refuse(&mean.to_string()));
                }
                let mean = if question.scale.reverse { min + max - mean } else { *mean };
                num += question.weight as f64 * question.step as f64 * (mean - question.base as f64);
                den += question.weight as f64 * question.full as f64;
            }
        }
        Ok((den > 0.0).then(|| 100.0 * num / den))
    }
}

/// The indices of columns: `columns[question][row]`, importances after the questions; `i64::MIN` where there is none.
///
/// Gives the same integers as [`CompiledIndex::of`]. On an error nothing is written.
///
/// ```
/// use csat_core::rule::{index::{IndexRule, Weights, index_block}, survey::Scale};
/// let index = IndexRule::new(vec![Scale::new(1, 5)?; 2], Weights::Equal).compile()?;
/// let mut out = [0; 2];
/// index_block(&index, &[&[5, i16::MIN], &[4, i16::MIN]], &mut out)?;
/// assert_eq!(out, [87_500_000_000, i64::MIN]);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn index_block(index: &CompiledIndex, columns: &[&[i16]], out: &mut [i64]) -> Result<()> {
    if columns.len() != index.columns() || columns.iter().any(|c| c.len() != out.len()) {
        let message = format!("an index of {} columns needs as many, each as long as the output", index.columns());
        return Err(Error::argument(message));
    }
    for (i, column) in columns.iter().enumerate() {
        let Scale { min, max, .. } = index.scale(i);
        let bad = |a: i16| (a < min || a > max) && a != MISSING_ANSWER;
        if column.iter().fold(false, |any, &a| any | bad(a)) {
            let row = column.iter().position(|&a| bad(a)).unwrap_or(0);
            return index.check(i, column[row]).map_err(|e| e.at(format!("row {row}")).with("row", row));
        }
    }
    index_verified(index, columns, out);
    Ok(())
}

/// [`index_block`] for columns whose lengths and answers were looked at before.
pub(crate) fn index_verified(index: &CompiledIndex, columns: &[&[i16]], out: &mut [i64]) {
    match &index.lanes {
        Some(lanes) => by_lanes(index, lanes, columns, out),
        None => out.iter_mut().enumerate().for_each(|(row, out)| {
            *out = index.row(|column| columns[column][row]).unwrap_or(MISSING_SCORE);
        }),
    }
}

fn by_lanes(index: &CompiledIndex, lanes: &[Addend], columns: &[&[i16]], out: &mut [i64]) {
    let straight = lanes.iter().all(Addend::is_line);
    widest(
        #[inline(always)]
        || {
            for (round, out) in out.chunks_mut(ROWS).enumerate() {
                let mut sums = Sums::ZERO;
                let parts = lanes.iter().zip(columns).map(|(lane, column)| (lane, &column[round * ROWS..]));
                add_all(parts, out.len(), &mut sums);
                scores(&sums, straight, |answered| answered >= index.required, out);
            }
        },
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const M: i16 = MISSING_ANSWER;

    fn rule(missing: Missing) -> IndexRule {
        let ten = Scale::new(1, 10).unwrap();
        IndexRule { missing, ..IndexRule::new(vec![ten, ten], Weights::Fixed(vec![0.6, 0.4])) }
    }

    #[test]
    fn missing_answers_by_every_rule() {
        // (4 − 1)/9 alone; with the other as the minimum 0.6 · 3/9; a listwise index does not exist.
        let value = |m| rule(m).compile().unwrap().of(&[4, M]).unwrap();
        assert_eq!(value(Missing::Available), Some(33_333_333_333));
        assert_eq!(value(Missing::AsMinimum), Some(20_000_000_000));
        assert_eq!(value(Missing::Listwise), None);
        let strict = IndexRule { min_answered: Some(2), ..rule(Missing::Available) };
        assert_eq!(strict.compile().unwrap().of(&[4, M]).unwrap(), None);
        assert_eq!(strict.id(), "csi:weighted-d2407a88:available:min2");
    }

    #[test]
    fn ids_differ_where_figures_do_not_compare() {
        let (ten, five) = (Scale::new(1, 10).unwrap(), Scale::new(1, 5).unwrap());
        let reversed = Scale { reverse: true, ..ten };
        let equal = |scales: [Scale; 2]| IndexRule::new(scales.into(), Weights::Equal);
        let fixed = |weights: [f64; 2]| IndexRule::new(vec![ten, ten], Weights::Fixed(weights.into()));
        assert_eq!(equal([ten, ten]).id(), "csi:equal:available");
        let ids = [
            equal([ten, ten]),
            equal([five, five]),
            equal([ten, five]),
            equal([ten, reversed]),
            equal([reversed, ten]),
            fixed([1.0, 2.0]),
            fixed([2.0, 1.0]),
            IndexRule::new(vec![ten, ten], Weights::Derived(vec![1.0, 2.0])),
            IndexRule::new(vec![ten, ten], Weights::Importance(ten)),
            IndexRule::new(vec![ten, ten], Weights::Importance(five)),
        ]
        .map(|rule| rule.id());
        for (i, id) in ids.iter().enumerate() {
            assert!(!ids[..i].contains(id), "{id} twice");
        }
        // The same weights in another unit are the same index.
        assert_eq!(fixed([0.2, 0.4]).id(), fixed([1.0, 2.0]).id());
    }

    #[test]
    fn limits_are_those_of_the_rescaling() {
        let scale = |min, max| Scale::new(min, max).unwrap();
        let rule = |rescale, scales: &[Scale]| IndexRule { rescale, ..IndexRule::new(scales.into(), Weights::Equal) };
        let of = |rule: IndexRule| (rule.limits(), rule.unit());
        assert_eq!(of(rule(Rescale::MinMax, &[scale(1, 5)])), ((0.0, 100.0), Unit::Score));
        assert_eq!(of(rule(Rescale::OfMax, &[scale(1, 5), scale(-5, 10)])), ((-50.0, 100.0), Unit::Score));
        assert_eq!(of(rule(Rescale::Raw, &[scale(-500, 500)])), ((-500.0, 500.0), Unit::Rating));
        let product =
            IndexRule { weights: Weights::ImportanceTimesScore(scale(0, 5)), ..rule(Rescale::Raw, &[scale(0, 5)]) };
        assert_eq!(of(product), ((0.0, 100.0), Unit::Score));
    }

    #[test]
    fn reversed_questions_and_mixed_scales() {
        // 2 of 1-7 reversed is 6: 5/6; 3 of 0-4 is 3/4; equal weights: (10/12 + 9/12)/2 = 19/24.
        let scales = vec![Scale { reverse: true, ..Scale::new(1, 7).unwrap() }, Scale::new(0, 4).unwrap()];
        let index = IndexRule::new(scales, Weights::Equal).compile().unwrap();
        assert_eq!(index.of(&[2, 3]).unwrap(), Some(79_166_666_667));
        assert_eq!(index.of_means(&[Some(2.0), Some(3.0)]).unwrap().map(|v| (v * 1e6).round()), Some(79_166_667.0));
    }

    #[test]
    fn mistakes_are_named() {
        let index = rule(Missing::Available).compile().unwrap();
        let error = index_block(&index, &[&[1, 2], &[1, 11]], &mut [0, 0]).unwrap_err();
        assert_eq!(error.message(), "row 1: question 2: 11 is not on the scale 1-10");
        assert!(index.of(&[1]).is_err());
        let ten = Scale::new(1, 10).unwrap();
        for weights in [vec![1.0], vec![0.0, 0.0], vec![-1.0, 2.0], vec![f64::NAN, 1.0]] {
            assert!(IndexRule::new(vec![ten, ten], Weights::Fixed(weights)).compile().is_err());
        }
        assert!(IndexRule::new(vec![], Weights::Equal).compile().is_err());
        assert!(IndexRule { min_answered: Some(3), ..rule(Missing::Available) }.compile().is_err());
        assert!(index.of_means(&[Some(11.0), None]).is_err());
        assert_eq!(index.of_means(&[None, None]).unwrap(), None);
        let none = IndexRule::new(vec![ten], Weights::Importance(Scale::new(0, 3).unwrap())).compile().unwrap();
        assert_eq!(none.of(&[5, 0]).unwrap(), None);
    }

    #[test]
    fn the_rounding_of_derived_weights_is_theirs() {
        let ten = Scale::new(0, 10).unwrap();
        let index = IndexRule::new(vec![ten; 2], Weights::Derived(vec![1.0, 2.0])).compile().unwrap();
        assert_eq!(index.of(&[10, 0]).unwrap(), Some(33_333_333_300)); // 333333333 of 1e9
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
        #[test]
        fn blocks_give_the_integers_of_rows(
            rows in proptest::collection::vec(proptest::collection::vec(0u8..14, 8), 1..150), kind in 0usize..5, missing in 0usize..3,
            how in 0usize..3, low in -2i16..3, min in proptest::option::of(1usize..5),
        ) {
            let scales = vec![
                Scale::new(low, low + 4).unwrap(), Scale { reverse: true, ..Scale::new(low, low + 4).unwrap() },
                Scale::new(low, low + 4).unwrap(), Scale::new(low, low + 4).unwrap(),
            ];
            let importance = Scale::new(0, 5).unwrap();
            let weights = [
                Weights::Equal, Weights::Fixed(vec![0.4, 0.3, 0.2, 0.1]), Weights::Derived(vec![0.123_456, 1.0, 0.5, 3.0]),
                Weights::Importance(importance), Weights::ImportanceTimesScore(importance),
            ];
            let rule = IndexRule {
                missing: Missing::ALL[missing], rescale: Rescale::ALL[how], min_answered: min,
                ..IndexRule::new(scales, weights[kind].clone())
            };
            let index = rule.compile().unwrap();
            let value = |column: usize, v: u8| match v {
                0..5 if column < 4 => low + i16::from(v),
                0..5 => i16::from(v),
                5..12 if column < 4 => low + 2,
                _ => M,
            };
            let columns: Vec<Vec<i16>> =
                (0..index.columns()).map(|c| rows.iter().map(|r| value(c, r[c])).collect()).collect();
            let slices: Vec<&[i16]> = columns.iter().map(Vec::as_slice).collect();
            let mut out = vec![0; rows.len()];
            index_block(&index, &slices, &mut out).unwrap();
            for (row, out) in out.iter().enumerate() {
                let answers: Vec<i16> = columns.iter().map(|c| c[row]).collect();
                prop_assert_eq!(index.of(&answers).unwrap().unwrap_or(MISSING_SCORE), *out);
            }
        }
    }
}
