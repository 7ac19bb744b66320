//! Single answers and means of answers: `survey.*`. Columns of answers are counted by the measures.

use crate::error::{Error, Result};
use crate::functions;
use crate::rule::index::{IndexRule, Weights};
use crate::rule::survey::{Class, Classes, Rescale, Scale, needs_follow_up, rescale};

functions! {
    /// What an answer counts as: `class` (positive, neutral, negative) and the source's own word for it. By a class set
    /// such as `csat_zendesk_5`, or by a `scale` with its `positive` (and `negative`) answers.
    #[example = r#"{"answer": 4, "preset": "csat_zendesk_5"}"#]
    "survey.classify" (
        answer: i16, preset: Option<String> = None, scale: Option<Scale> = None, positive: Vec<i16> = Vec::new(),
        negative: Vec<i16> = Vec::new(),
    ) => classify(answer, preset, scale, &positive, &negative);
    /// A mean of answers put on 0..100: `min_max` = (mean − min)/(max − min), `of_max` = mean/max; `raw` leaves it.
    #[example = r#"{"mean": 4.2, "scale": [1, 5]}"#]
    "survey.rescale" (mean: f64, scale: Scale, how: String = "min_max".to_owned()) =>
        rescale(mean, scale, Rescale::from_name(&how)?);
    /// How many answers call for a follow-up: strictly below the limit on the scale given. Null does not.
    #[example = r#"{"answers": [5, 3, null, 1], "below": 3}"#]
    "survey.follow_up" (answers: Vec<Option<f64>>, below: f64) => follow_up(&answers, below);
    /// A satisfaction index of question means (every answer counts, also of respondents with gaps), on 0..100 or as
    /// `how` says; null where a question has no mean. Equal weights unless `weights` are given.
    #[example = r#"{"means": [4.0, 4.5, null], "scale": [1, 5]}"#]
    "survey.index_of_means" (
        means: Vec<Option<f64>>, scale: Scale, weights: Vec<f64> = Vec::new(), how: String = "min_max".to_owned(),
    ) => index_of_means(&means, scale, weights, &how);
}

/// What an answer counts as.
struct Classified {
    class: &'static str,
    label: &'static str,
}

crate::answer_fields!(Classified { class, label });

fn classify(
    answer: i16,
    preset: Option<String>,
    scale: Option<Scale>,
    positive: &[i16],
    negative: &[i16],
) -> Result<Classified> {
    let classes = match (preset, scale) {
        (Some(name), None) if positive.is_empty() && negative.is_empty() => Classes::preset(&name)?,
        (None, Some(scale)) => Classes::new(scale, positive, negative)?,
        _ => return Err(Error::argument("give either `preset`, or `scale` with `positive` and `negative`")),
    };
    let class = classes.classify(answer)?;
    let name = match class {
        Class::Positive => "positive",
        Class::Neutral => "neutral",
        Class::Negative => "negative",
    };
    Ok(Classified { class: name, label: classes.label(class) })
}

fn follow_up(answers: &[Option<f64>], below: f64) -> Result<u64> {
    let mut due = 0;
    for (row, answer) in answers.iter().enumerate() {
        let Some(answer) = answer else { continue };
        let whole = (answer.fract() == 0.0 && answer.abs() < 1000.0).then_some(*answer as i16);
        let whole = whole.ok_or_else(|| Error::argument(format!("row {row}: {answer} is not an answer on a scale")))?;
        due += u64::from(needs_follow_up(whole, below));
    }
    Ok(due)
}

fn index_of_means(means: &[Option<f64>], scale: Scale, weights: Vec<f64>, how: &str) -> Result<Option<f64>> {
    let weights = if weights.is_empty() { Weights::Equal } else { Weights::Fixed(weights) };
    let rule = IndexRule { rescale: Rescale::from_name(how)?, ..IndexRule::new(vec![scale; means.len()], weights) };
    rule.compile()?.of_means(means)
}
