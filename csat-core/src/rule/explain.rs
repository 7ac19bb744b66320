//! Why an evaluation has its score: every criterion with its effective weight, all three aggregates, critical effects.

use std::fmt;

use super::exact::{MISSING_ANSWER, points};
use super::form::Effect;
use super::score::{Scored, effective_weights, score};
use super::scorecard::{CompiledForm, FAILED};
use crate::error::Result;

/// One criterion of an [`Explanation`].
#[derive(Clone, Debug, PartialEq)]
pub struct CriterionLine {
    /// The id of the criterion.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The id of its section.
    pub section: String,
    /// The answer as it counts: an option, `N/A`, `N/A (condition does not hold)` or `not answered`.
    pub answer: String,
    /// Points earned; `None` where the criterion takes no part.
    pub earned: Option<f64>,
    /// Points possible.
    pub possible: Option<f64>,
    /// The share of the score that full marks here would give, 0..1, after N/A weights went to the others; for a bonus
    /// criterion the share it can add on top. 0 where the criterion takes no part.
    pub weight: f64,
    /// What a failed critical criterion did, in words; `None` where it did not fail or is not critical.
    pub critical: Option<String>,
}

/// One section of an [`Explanation`].
#[derive(Clone, Debug, PartialEq)]
pub struct SectionLine {
    /// The id of the section.
    pub id: String,
    /// Its block.
    pub block: String,
    /// Its score in points; `None` where nothing in it is applicable.
    pub score: Option<f64>,
    /// Its share of the score, 0..1.
    pub weight: f64,
}

/// How a score came about. `Display` prints it.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// The id of the form.
    pub form: String,
    /// Its version.
    pub version: String,
    /// Its content hash.
    pub hash: String,
    /// The contact type that chose its blocks.
    pub contact_type: Option<String>,
    /// The score in points.
    pub score: Option<f64>,
    /// The aggregate that is the score: `pooled`, `blocks` or `weighted`.
    pub aggregate: &'static str,
    /// All sections as one block.
    pub pooled: Option<f64>,
    /// The plain mean of block scores.
    pub blocks: Option<f64>,
    /// The mean of block scores by block weight.
    pub weighted: Option<f64>,
    /// Whether a critical criterion failed.
    pub failed: bool,
    /// Criteria that apply and have no answer.
    pub unanswered: u32,
    /// What the form does with N/A.
    pub na: &'static str,
    /// The sections.
    pub sections: Vec<SectionLine>,
    /// The criteria.
    pub criteria: Vec<CriterionLine>,
}

crate::answer_fields!(CriterionLine { id, title, section, answer, earned, possible, weight, critical });
crate::answer_fields!(SectionLine { id, block, score, weight });
crate::answer_fields!(Explanation {
    form,
    version,
    hash,
    contact_type,
    score,
    aggregate,
    pooled,
    blocks,
    weighted,
    failed,
    unanswered,
    na,
    sections,
    criteria
});

/// Explains the score of one evaluation; `answers` as for [`score`].
///
/// ```
/// use csat_core::rule::{explain::explain, form::Form};
/// let form = Form::shipped("chat_8")?.compile(None)?;
/// let explanation = explain(&form, &[0, 0, 0, 0, 0, 0, 1, -1])?;
/// assert!((explanation.criteria[0].weight - 1.0 / 7.0).abs() < 1e-11); // the N/A's weight went to the other seven
/// assert!(explanation.to_string().contains("pooled 85.714285714"));
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn explain(form: &CompiledForm, answers: &[i16]) -> Result<Explanation> {
    let scored = score(form, answers)?;
    let weights = effective_weights(form, &scored);
    let criteria: Vec<CriterionLine> =
        (0..form.criteria.len()).map(|i| line(form, &scored, i, answers[i], weights[i])).collect();
    let sections = form.sections.iter().enumerate().map(|(i, s)| SectionLine {
        id: s.id.clone(),
        block: form.blocks[s.block].id.clone(),
        score: scored.sections[i].map(points),
        weight: form.criteria.iter().zip(&weights).filter(|(c, _)| c.section == i).map(|(_, w)| w).sum(),
    });
    Ok(Explanation {
        form: form.id.clone(),
        version: form.version.clone(),
        hash: form.hash.clone(),
        contact_type: form.contact_type.clone(),
        score: scored.score.map(points),
        aggregate: form.rule.aggregate.name(),
        pooled: scored.pooled.map(points),
        blocks: scored.blocks.map(points),
        weighted: scored.weighted.map(points),
        failed: scored.failed,
        unanswered: scored.unanswered,
        na: form.rule.na.name(),
        sections: sections.collect(),
        criteria,
    })
}

fn line(form: &CompiledForm, scored: &Scored, i: usize, given: i16, weight: f64) -> CriterionLine {
    let (c, counted) = (&form.criteria[i], scored.counted[i]);
    let scale = form.points_scale as f64;
    let answer = match usize::try_from(counted) {
        Ok(code) => c.options[code].clone(),
        Err(_) if counted == MISSING_ANSWER => "not answered".to_owned(),
        Err(_)
            if given != counted
                || form.criteria[i]
                    .conditions
                    .iter()
                    .any(|(on, codes)| !usize::try_from(scored.counted[*on]).is_ok_and(|code| codes[code])) =>
        {
            "N/A (condition does not hold)".to_owned()
        }
        Err(_) => "N/A".to_owned(),
    };
    let fails = usize::try_from(counted).is_ok_and(|code| c.marks[code] & FAILED != 0);
    let effect = c.critical.filter(|_| fails).map(|effect| match effect {
        Effect::FormZero => "failed: the score is 0".to_owned(),
        Effect::SectionZero => format!("failed: section `{}` counts 0", form.sections[c.section].id),
        Effect::OutcomeOnly => "failed: the score stays".to_owned(),
    });
    CriterionLine {
        id: c.id.clone(),
        title: c.title.clone(),
        section: form.sections[c.section].id.clone(),
        answer,
        earned: scored.criteria[i].map(|e| e.earned as f64 / scale),
        possible: scored.criteria[i].map(|e| e.possible as f64 / scale),
        weight,
        critical: effect,
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = |value: Option<f64>| value.map_or("none (nothing applicable)".to_owned(), |v| format!("{v:.9}"));
        write!(f, "form {} version {} ({})", self.form, self.version, self.hash)?;
        if let Some(contact_type) = &self.contact_type {
            write!(f, ", contact type {contact_type}")?;
        }
        writeln!(f, "\nscore {} ({})", number(self.score), self.aggregate)?;
        writeln!(f, "  pooled {}", number(self.pooled))?;
        writeln!(f, "  blocks {}", number(self.blocks))?;
        writeln!(f, "  weighted {}", number(self.weighted))?;
        writeln!(f, "outcome {}", if self.failed { "failed" } else { "not failed" })?;
        if self.unanswered > 0 {
            writeln!(f, "unanswered {}", self.unanswered)?;
        }
        writeln!(f, "N/A: {}", self.na)?;
        for section in &self.sections {
            writeln!(
                f,
                "section {}: {}, {:.2} % of the score",
                section.id,
                number(section.score),
                100.0 * section.weight
            )?;
            for line in self.criteria.iter().filter(|c| c.section == section.id) {
                write!(f, "  {}: {}", line.id, line.answer)?;
                if let (Some(earned), Some(possible)) = (line.earned, line.possible) {
                    write!(f, ", {earned} of {possible} points, weight {:.2} %", 100.0 * line.weight)?;
                }
                match &line.critical {
                    Some(effect) => writeln!(f, "; {effect}")?,
                    None => writeln!(f)?,
                }
            }
        }
        Ok(())
    }
}
