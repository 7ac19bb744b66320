//! Filled forms, averages of evaluations and appeals: `form.*`, `quality.*`, `appeal.*`.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::rule::Shown;
use crate::error::{Error, Result};
use crate::functions;
use crate::rule::appeal::{AppealCounts, AppealDenominator};
use crate::rule::exact::{MISSING_ANSWER, points};
use crate::rule::form::Form;
use crate::rule::quality::{Evaluation, RollUp, qa_average};
use crate::rule::score::{Scored, score};
use crate::rule::scorecard::CompiledForm;

functions! {
    /// Scores one filled form. `form`: an object as in a form file, or the name of a shipped form. `answers`: criterion
    /// → option, number, truth value, or `n/a`; null or left out where it was not answered. Gives the score (0..100, null where nothing applies), the three
    /// aggregates, whether a critical criterion failed, what was left unanswered, sections and points by criterion.
    #[example = r#"{"form": "commitment", "answers": {}}"#]
    "form.score" (form: Value, answers: Map<String, Value>, contact_type: Option<String> = None) =>
        score_form(&form, &answers, contact_type.as_deref());
    /// The average score 0..100 of evaluations `{"earned": 8, "possible": 10, "failed": false}`; null of none.
    /// `roll_up`: `mean_of_ratios` (every evaluation counts alike) or `ratio_of_sums` (longer ones count more).
    #[example = r#"{"evaluations": [{"earned": 8, "possible": 10}, {"earned": 15, "possible": 20}]}"#]
    "quality.average" (
        evaluations: Vec<EvaluationText>, roll_up: String = "mean_of_ratios".to_owned(), exclude_failed: bool = false,
    ) => {
        let list: Vec<Evaluation> = evaluations.iter().map(EvaluationText::evaluation).collect();
        qa_average(&list, RollUp::from_name(&roll_up)?, exclude_failed)
    };
    /// The overturn rate of appeals: accepted ones, with those accepted in part if `partial_counts`, of all `closed` or
    /// of all `filed`. Where the number `filed` is stated, the outcomes must add up to it.
    #[example = r#"{"accepted": 4, "partial": 2, "rejected": 3, "open": 1}"#]
    "appeal.overturn_rate" (
        accepted: u64, partial: u64, rejected: u64, open: u64 = 0, filed: Option<u64> = None,
        partial_counts: bool = true, denominator: String = "closed".to_owned(),
    ) => overturn([accepted, partial, rejected, open], filed, partial_counts, &denominator);
}

/// One evaluation as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EvaluationText {
    earned: f64,
    #[serde(default = "hundred")]
    possible: f64,
    #[serde(default)]
    failed: bool,
}

fn hundred() -> f64 {
    100.0
}

impl EvaluationText {
    fn evaluation(&self) -> Evaluation {
        Evaluation { earned: self.earned, possible: self.possible, failed: self.failed }
    }
}

fn overturn(
    [accepted, partial, rejected, open]: [u64; 4],
    filed: Option<u64>,
    partial_counts: bool,
    of: &str,
) -> Result<Shown> {
    let sum = [accepted, partial, rejected, open].iter().try_fold(0u64, |sum, v| sum.checked_add(*v));
    let filed = filed.or(sum).ok_or_else(|| Error::argument("the appeals add up to more than 2^64 - 1"))?;
    let counts = AppealCounts::of_filed(filed, accepted, partial, rejected, open)?;
    let rate = counts.overturned(partial_counts, AppealDenominator::from_name(of)?);
    Ok(Shown { numerator: rate.numerator, denominator: rate.denominator, value: rate.value() })
}

fn score_form(form: &Value, answers: &Map<String, Value>, contact_type: Option<&str>) -> Result<Value> {
    let form = match form {
        Value::String(name) => Form::shipped(name)?,
        other => Form::parse(&other.to_string())?,
    };
    let form = form.compile(contact_type)?;
    let mut codes = vec![MISSING_ANSWER; form.criteria().len()];
    for (id, answer) in answers {
        let criterion = form.position(id)?;
        codes[criterion] = code(&form, criterion, answer).map_err(|e| e.at(format!("`{id}`")))?;
    }
    score(&form, &codes).map(|scored| answer(&form, &scored))
}

fn code(form: &CompiledForm, criterion: usize, answer: &Value) -> Result<i16> {
    match answer {
        Value::Null => Ok(MISSING_ANSWER),
        Value::Bool(value) => form.code_of_bool(criterion, *value),
        Value::Number(number) => form.code_of_number(criterion, number.as_f64().unwrap_or(f64::INFINITY)),
        Value::String(text) => form.code_of_text(criterion, text),
        other => Err(Error::argument(format!("an answer is a text, a number, true, false or null, not {other}"))),
    }
}

fn answer(form: &CompiledForm, scored: &Scored) -> Value {
    let points = |score: Option<i64>| score.map(points);
    let scale = form.points_scale as f64;
    let sections: Map<String, Value> =
        form.sections().iter().zip(&scored.sections).map(|(s, score)| (s.id.clone(), points(*score).into())).collect();
    let criteria = form.criteria().iter().zip(&scored.criteria).map(|(criterion, earned)| {
        let pair = earned.map(|e| serde_json::json!([e.earned as f64 / scale, e.possible as f64 / scale]));
        (criterion.id.clone(), pair.unwrap_or_default())
    });
    serde_json::json!({
        "score": points(scored.score),
        "pooled": points(scored.pooled),
        "blocks": points(scored.blocks),
        "weighted": points(scored.weighted),
        "failed": scored.failed,
        "unanswered": scored.unanswered,
        "sections": sections,
        "criteria": criteria.collect::<Map<String, Value>>(),
        "form": form.id,
        "version": form.version,
    })
}
