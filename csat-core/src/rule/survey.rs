//! One survey answer: scales, classes of answers, NPS mappings, rescaling.
//!
//! Names and class sets of vendors differ on the same answer (3 of 5 is *bad* for Zendesk and *neutral* for Simplesat), so
//! every class set has an id that says what it does.

use serde::{Deserialize, Serialize};

use super::closed::closed_list;
use super::exact::MISSING_ANSWER;
use crate::error::{Error, ErrorKind, Result};

/// A scale of whole numbers.
///
/// ```
/// use csat_core::rule::survey::Scale;
/// let effort = Scale { reverse: true, ..Scale::new(1, 7)? }; // 1 is best
/// assert_eq!(effort.oriented(1), 7);
/// assert_eq!(effort.value_of(8.0).unwrap_err().message(), "8 is not on the scale 1-7");
/// # Ok::<(), csat_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scale {
    /// The lowest answer.
    pub min: i16,
    /// The highest answer.
    pub max: i16,
    /// Whether a low answer is the better one.
    #[serde(default)]
    pub reverse: bool,
}

impl Scale {
    /// A scale from `min` to `max`, at most 1000 apart, a high answer being the better one.
    pub fn new(min: i16, max: i16) -> Result<Self> {
        let scale = Self { min, max, reverse: false };
        scale.check()?;
        Ok(scale)
    }

    /// Refuses a scale whose ends are not in order or more than 1000 apart.
    pub fn check(&self) -> Result<()> {
        let span = i32::from(self.max) - i32::from(self.min);
        if (1..=1000).contains(&span) && self.min > -10_000 && self.max < 10_000 {
            return Ok(());
        }
        Err(Error::argument(format!("a scale needs min below max by at most 1000, not {} to {}", self.min, self.max)))
    }

    /// Whether the answer is on the scale.
    pub fn contains(&self, answer: i16) -> bool {
        (self.min..=self.max).contains(&answer)
    }

    /// The answer of a number; NaN is missing. Fractions and numbers off the scale are refused.
    pub fn value_of(&self, number: f64) -> Result<i16> {
        if number.is_nan() {
            return Ok(MISSING_ANSWER);
        }
        let value = number as i16;
        if f64::from(value) == number && self.contains(value) {
            Ok(value)
        } else {
            Err(self.refuse(&number.to_string()))
        }
    }

    /// The answer turned so that high is good: min + max − answer on a reversed scale.
    pub fn oriented(&self, answer: i16) -> i16 {
        if self.reverse { (i32::from(self.min) + i32::from(self.max) - i32::from(answer)) as i16 } else { answer }
    }

    /// Such as `1-5`, or `1-7r` where low is good.
    pub fn id(&self) -> String {
        format!("{}-{}{}", self.min, self.max, if self.reverse { "r" } else { "" })
    }

    pub(crate) fn refuse(self, answer: &str) -> Error {
        let message = format!("{answer} is not on the scale {}-{}", self.min, self.max);
        Error::new(ErrorKind::BadValue, message).with("answer", answer)
    }
}

closed_list! {
    /// How a mean on a scale becomes 0..100.
    Rescale, "rescaling" {
        /// 100 · (x − min) / (max − min). The default.
        MinMax = "min_max",
        /// 100 · x / max: on a scale from 1 the worst answer is not 0.
        OfMax = "of_max",
        /// Not at all: points of the scale.
        Raw = "raw",
    }
}

/// Rescales a mean that lies on the scale (fractions allowed); low is good on a reversed scale.
///
/// ```
/// use csat_core::rule::survey::{Rescale, Scale, rescale};
/// let scale = Scale::new(1, 5)?;
/// assert_eq!(rescale(3.6, scale, Rescale::MinMax)?, 65.0);
/// assert_eq!(rescale(3.6, scale, Rescale::OfMax)?, 72.0);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn rescale(mean: f64, scale: Scale, how: Rescale) -> Result<f64> {
    scale.check()?;
    let (min, max) = (f64::from(scale.min), f64::from(scale.max));
    if !(min..=max).contains(&mean) {
        return Err(scale.refuse(&mean.to_string()));
    }
    let mean = if scale.reverse { min + max - mean } else { mean };
    match how {
        Rescale::MinMax => Ok(100.0 * (mean - min) / (max - min)),
        Rescale::OfMax if max > 0.0 => Ok(100.0 * mean / max),
        Rescale::OfMax => Err(Error::argument("of_max needs a scale whose max is above 0")),
        Rescale::Raw => Ok(mean),
    }
}

/// What an answer counts as. For NPS: promoter, passive, detractor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// Good, satisfied, promoter.
    Positive,
    /// In the denominator only.
    Neutral,
    /// Bad, dissatisfied, detractor.
    Negative,
}

/// Answers by class. Missing answers are counted, and belong to no denominator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClassCounts {
    /// Positive answers.
    pub positive: u64,
    /// Neutral answers.
    pub neutral: u64,
    /// Negative answers.
    pub negative: u64,
    /// Missing answers.
    pub missing: u64,
}

crate::answer_fields!(ClassCounts { positive, neutral, negative, missing });

impl ClassCounts {
    /// Answers given.
    pub fn n(&self) -> u64 {
        self.positive + self.neutral + self.negative
    }

    /// positive / n, 0..1; `None` without answers.
    pub fn share(&self) -> Option<f64> {
        (self.n() > 0).then(|| self.positive as f64 / self.n() as f64)
    }

    /// 100 · (positive − negative) / n, points −100..100 (NPS, net CSAT, effort index); `None` without answers.
    pub fn net(&self) -> Option<f64> {
        (self.n() > 0).then(|| 100.0 * (self.positive as f64 - self.negative as f64) / self.n() as f64)
    }
}

/// Which answers of a scale are positive and negative; the others are neutral.
#[derive(Clone, Debug, PartialEq)]
pub struct Classes {
    id: String,
    scale: Scale,
    positive: Vec<i16>,
    negative: Vec<i16>,
    labels: [&'static str; 3],
}

/// Name, scale, positive answers, negative answers, labels, where from.
type ClassPreset = (&'static str, (i16, i16), &'static [i16], &'static [i16], [&'static str; 3], &'static str);

const GOOD_BAD: [&str; 3] = ["good", "neutral", "bad"];
const POSITIVE_NEGATIVE: [&str; 3] = ["positive", "neutral", "negative"];
const CLASS_PRESETS: &[ClassPreset] = &[
    ("csat_zendesk_2", (1, 2), &[2], &[1], GOOD_BAD, "Zendesk, scale of 2: good 2."),
    ("csat_zendesk_3", (1, 3), &[3], &[1, 2], GOOD_BAD, "Zendesk, scale of 3: good 3, so 2 of 3 is bad."),
    ("csat_zendesk_5", (1, 5), &[4, 5], &[1, 2, 3], GOOD_BAD, "Zendesk, scale of 5: good 4 and 5, so 3 of 5 is bad."),
    ("csat_chatwoot", (1, 5), &[4, 5], &[1, 2, 3], GOOD_BAD, "Chatwoot: (4 + 5) / all."),
    ("simplesat_2", (1, 2), &[2], &[1], POSITIVE_NEGATIVE, "Simplesat, scale of 2."),
    ("simplesat_3", (1, 3), &[3], &[1], POSITIVE_NEGATIVE, "Simplesat, scale of 3: 2 is neutral."),
    (
        "simplesat_4",
        (1, 4),
        &[3, 4],
        &[1, 2],
        POSITIVE_NEGATIVE,
        "Simplesat, scale of 4: positive 3 and 4; that 2 is negative is assumed.",
    ),
    ("simplesat_5", (1, 5), &[4, 5], &[1, 2], POSITIVE_NEGATIVE, "Simplesat, scale of 5: 3 is neutral."),
    (
        "ces7_index",
        (1, 7),
        &[6, 7],
        &[1, 2, 3],
        POSITIVE_NEGATIVE,
        "Effort 1-7, high is easy: share of 6-7 minus share of 1-3, read as a net.",
    ),
    ("ces7_agree", (1, 7), &[5, 6, 7], &[1, 2, 3], POSITIVE_NEGATIVE, "Effort 1-7, high is easy: share of 5-7."),
];

/// Names and descriptions of the class sets shipped.
///
/// ```
/// assert!(csat_core::rule::survey::class_presets().any(|(name, _)| name == "csat_zendesk_5"));
/// ```
pub fn class_presets() -> impl Iterator<Item = (&'static str, &'static str)> {
    CLASS_PRESETS.iter().map(|p| (p.0, p.5))
}

impl Classes {
    /// A class set of a vendor or of the field; see [`class_presets`].
    ///
    /// ```
    /// use csat_core::rule::survey::Classes;
    /// let (zendesk, simplesat) = (Classes::preset("csat_zendesk_5")?, Classes::preset("simplesat_5")?);
    /// assert_eq!(zendesk.label(zendesk.classify(3)?), "bad");
    /// assert_eq!(simplesat.label(simplesat.classify(3)?), "neutral");
    /// # Ok::<(), csat_core::Error>(())
    /// ```
    pub fn preset(name: &str) -> Result<Self> {
        let found = CLASS_PRESETS.iter().find(|p| p.0 == name);
        let (id, (min, max), positive, negative, labels, _) =
            found.ok_or_else(|| Error::unknown("class set", name, CLASS_PRESETS.iter().map(|p| p.0)))?;
        let scale = Scale::new(*min, *max)?;
        Ok(Self {
            id: (*id).to_owned(),
            scale,
            positive: positive.to_vec(),
            negative: negative.to_vec(),
            labels: *labels,
        })
    }

    /// A class set of one's own; the id says which answers are positive (and negative): `csat:1-5:p4+5`,
    /// `csat:1-5:p4+5:n1+2`. Answers are as given, also on a reversed scale.
    pub fn new(scale: Scale, positive: &[i16], negative: &[i16]) -> Result<Self> {
        scale.check()?;
        let sorted = |list: &[i16]| {
            let mut list = list.to_vec();
            list.sort_unstable();
            list.dedup();
            list
        };
        let (positive, negative) = (sorted(positive), sorted(negative));
        if positive.is_empty() {
            return Err(Error::argument("no answer is positive"));
        }
        for answer in positive.iter().chain(&negative) {
            if !scale.contains(*answer) {
                return Err(scale.refuse(&answer.to_string()));
            }
        }
        if let Some(both) = positive.iter().find(|a| negative.contains(a)) {
            return Err(Error::argument(format!("the answer {both} cannot be positive and negative")));
        }
        let list = |l: &[i16]| l.iter().map(ToString::to_string).collect::<Vec<_>>().join("+");
        let mut id = format!("csat:{}:p{}", scale.id(), list(&positive));
        if !negative.is_empty() {
            id.push_str(&format!(":n{}", list(&negative)));
        }
        Ok(Self { id, scale, positive, negative, labels: POSITIVE_NEGATIVE })
    }

    /// The id of the set.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its scale.
    pub fn scale(&self) -> Scale {
        self.scale
    }

    /// The class of an answer; an answer off the scale is refused.
    pub fn classify(&self, answer: i16) -> Result<Class> {
        match answer {
            a if !self.scale.contains(a) => Err(self.scale.refuse(&a.to_string())),
            a if self.positive.contains(&a) => Ok(Class::Positive),
            a if self.negative.contains(&a) => Ok(Class::Negative),
            _ => Ok(Class::Neutral),
        }
    }

    /// The source's word for a class.
    pub fn label(&self, class: Class) -> &'static str {
        self.labels[class as usize]
    }

    /// Counts answers by class; `i16::MIN` is missing. An answer off the scale is refused with its row.
    ///
    /// ```
    /// use csat_core::rule::survey::{Classes, Scale};
    /// let classes = Classes::new(Scale::new(1, 5)?, &[4, 5], &[1, 2])?;
    /// let counts = classes.count(&[5, 5, 4, 4, 3, 3, 2, 1, 5, 4])?;
    /// assert_eq!((counts.share(), counts.net()), (Some(0.6), Some(40.0)));
    /// # Ok::<(), csat_core::Error>(())
    /// ```
    pub fn count(&self, answers: &[i16]) -> Result<ClassCounts> {
        count(answers, |a| self.classify(a))
    }
}

/// How answers become promoters, passives and detractors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NpsMapping {
    scale: Scale,
    promoter_min: i16,
    detractor_max: i16,
}

impl NpsMapping {
    /// 0-10: promoters 9-10, passives 7-8, detractors 0-6.
    pub const STANDARD: NpsMapping =
        NpsMapping { scale: Scale { min: 0, max: 10, reverse: false }, promoter_min: 9, detractor_max: 6 };

    /// The mapping of a scale without a declared one: only 0-10 has one. A 1-5 scale is not an NPS until somebody
    /// declares who is a promoter on it.
    pub fn of_scale(scale: Scale) -> Result<Self> {
        if scale == Self::STANDARD.scale {
            return Ok(Self::STANDARD);
        }
        Err(Error::argument(format!(
            "NPS is defined on 0-10; for the scale {} declare promoters and detractors (the result's id will say so)",
            scale.id()
        )))
    }

    /// A declared mapping: promoters from `promoter_min` up, detractors up to `detractor_max`, the rest passive; on a
    /// reversed scale after turning it.
    ///
    /// ```
    /// use csat_core::rule::survey::{NpsMapping, Scale};
    /// let mapping = NpsMapping::new(Scale::new(1, 10)?, 9, 6)?;
    /// assert_eq!(mapping.id(), "nps:1-10:p9d6");
    /// assert_eq!(mapping.count(&[10, 9, 9, 8, 7, 6, 5, 1])?.net(), Some(0.0));
    /// assert_eq!(NpsMapping::STANDARD.id(), "nps");
    /// # Ok::<(), csat_core::Error>(())
    /// ```
    pub fn new(scale: Scale, promoter_min: i16, detractor_max: i16) -> Result<Self> {
        scale.check()?;
        if detractor_max >= promoter_min || !scale.contains(promoter_min) || !scale.contains(detractor_max) {
            return Err(Error::argument(format!(
                "promoters from {promoter_min} and detractors to {detractor_max} do not divide the scale {}",
                scale.id()
            )));
        }
        Ok(Self { scale, promoter_min, detractor_max })
    }

    /// `nps` for the standard mapping, else such as `nps:1-10:p9d6`.
    pub fn id(&self) -> String {
        if *self == Self::STANDARD {
            return "nps".to_owned();
        }
        format!("nps:{}:p{}d{}", self.scale.id(), self.promoter_min, self.detractor_max)
    }

    /// Its scale.
    pub fn scale(&self) -> Scale {
        self.scale
    }

    /// Promoter (positive), passive (neutral) or detractor (negative); an answer off the scale is refused.
    pub fn classify(&self, answer: i16) -> Result<Class> {
        if !self.scale.contains(answer) {
            return Err(self.scale.refuse(&answer.to_string()));
        }
        Ok(match self.scale.oriented(answer) {
            a if a >= self.promoter_min => Class::Positive,
            a if a <= self.detractor_max => Class::Negative,
            _ => Class::Neutral,
        })
    }

    /// Counts answers by class; `i16::MIN` is missing. An answer off the scale is refused with its row.
    pub fn count(&self, answers: &[i16]) -> Result<ClassCounts> {
        count(answers, |a| self.classify(a))
    }
}

fn count(answers: &[i16], class: impl Fn(i16) -> Result<Class>) -> Result<ClassCounts> {
    let mut counts = ClassCounts::default();
    for (row, &answer) in answers.iter().enumerate() {
        let cell = match answer {
            MISSING_ANSWER => &mut counts.missing,
            answer => match class(answer).map_err(|e| e.at(format!("row {row}")).with("row", row))? {
                Class::Positive => &mut counts.positive,
                Class::Neutral => &mut counts.neutral,
                Class::Negative => &mut counts.negative,
            },
        };
        *cell += 1;
    }
    Ok(counts)
}

/// The mean of the answers on their scale, as given; `None` without answers. `i16::MIN` is missing.
///
/// ```
/// assert_eq!(csat_core::rule::survey::mean(&[5, 4, i16::MIN, 3]), Some(4.0));
/// ```
pub fn mean(answers: &[i16]) -> Option<f64> {
    let given = answers.iter().filter(|a| **a != MISSING_ANSWER);
    let (sum, n) = given.fold((0i64, 0u64), |(sum, n), a| (sum + i64::from(*a), n + 1));
    (n > 0).then(|| sum as f64 / n as f64)
}

/// Whether an answer calls for a follow-up: strictly below the limit, on the scale as given. Missing does not.
///
/// ```
/// use csat_core::rule::survey::needs_follow_up;
/// assert!(needs_follow_up(3, 4.0) && !needs_follow_up(4, 4.0) && !needs_follow_up(i16::MIN, 4.0));
/// ```
pub fn needs_follow_up(answer: i16, below: f64) -> bool {
    answer != MISSING_ANSWER && f64::from(answer) < below
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_mapping_has_its_edges_where_the_field_has_them() {
        let classes: Vec<Class> = (0..=10).map(|a| NpsMapping::STANDARD.classify(a).unwrap()).collect();
        assert_eq!(classes.iter().filter(|c| **c == Class::Negative).count(), 7); // 0-6
        assert_eq!(
            (classes[6], classes[7], classes[8], classes[9]),
            (Class::Negative, Class::Neutral, Class::Neutral, Class::Positive)
        );
        let error = NpsMapping::STANDARD.count(&[10, 11]).unwrap_err();
        assert_eq!((error.context_value("row"), error.message()), (Some("1"), "row 1: 11 is not on the scale 0-10"));
        assert!(NpsMapping::of_scale(Scale::new(1, 5).unwrap()).is_err());
        assert_eq!(NpsMapping::STANDARD.count(&[]).unwrap().net(), None);
    }

    #[test]
    fn every_class_preset_covers_its_scale_and_carries_its_name() {
        for (name, doc) in class_presets() {
            let classes = Classes::preset(name).unwrap();
            assert_eq!(classes.id(), name);
            assert!(doc.len() > 10);
            assert_eq!(classes.classify(classes.scale().max).unwrap(), Class::Positive, "{name}");
            assert_eq!(classes.classify(classes.scale().min).unwrap(), Class::Negative, "{name}");
        }
        assert_eq!(
            Classes::preset("csat_zendesk").unwrap_err().message(),
            "unknown class set `csat_zendesk`; did you mean `csat_zendesk_2`?"
        );
    }

    #[test]
    fn impossible_scales_and_sets_are_refused() {
        let five = Scale::new(1, 5).unwrap();
        assert!(Scale::new(5, 1).is_err() && Scale::new(0, 2000).is_err());
        assert!(Classes::new(five, &[6], &[]).is_err() && Classes::new(five, &[4], &[4]).is_err());
        assert!(Classes::new(five, &[], &[1]).is_err());
        assert!(NpsMapping::new(five, 4, 4).is_err());
        assert!(five.value_of(4.5).is_err() && five.value_of(f64::INFINITY).is_err());
        assert_eq!(five.value_of(f64::NAN).unwrap(), MISSING_ANSWER);
        assert!(rescale(f64::NAN, five, Rescale::MinMax).is_err());
        assert!(rescale(0.0, Scale::new(-3, 0).unwrap(), Rescale::OfMax).is_err());
    }
}
