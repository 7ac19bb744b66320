//! Averages of evaluations and deviations from a calibration baseline, on plain numbers.

use super::closed::closed_list;
use crate::error::{Error, Result};

closed_list! {
    /// How evaluations roll up.
    RollUp, "roll-up" {
        /// The mean of the evaluations' scores: every evaluation counts alike. The default.
        MeanOfRatios = "mean_of_ratios",
        /// Points earned by all over points possible for all: longer evaluations count more.
        RatioOfSums = "ratio_of_sums",
    }
}

/// One evaluation, for an average.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evaluation {
    /// Points earned.
    pub earned: f64,
    /// Points possible, above 0; 100 where only the score is known.
    pub possible: f64,
    /// Whether a critical criterion failed.
    pub failed: bool,
}

/// The average score 0..100 of evaluations; `None` where none is left. Calibration evaluations do not belong here.
///
/// ```
/// use csat_core::rule::quality::{Evaluation, RollUp, qa_average};
/// let points = [(8.0, 10.0), (4.0, 4.0), (3.0, 6.0)];
/// let evaluations = points.map(|(earned, possible)| Evaluation { earned, possible, failed: false });
/// assert_eq!(qa_average(&evaluations, RollUp::RatioOfSums, false)?, Some(75.0));
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn qa_average(evaluations: &[Evaluation], roll_up: RollUp, exclude_failed: bool) -> Result<Option<f64>> {
    for (row, e) in evaluations.iter().enumerate() {
        if !e.earned.is_finite() || !e.possible.is_finite() || e.possible <= 0.0 {
            return Err(Error::argument(format!(
                "evaluation {row}: {} of {} points is no score",
                e.earned, e.possible
            )));
        }
    }
    let kept = || evaluations.iter().filter(|e| !(exclude_failed && e.failed));
    let n = kept().count();
    if n == 0 {
        return Ok(None);
    }
    Ok(Some(match roll_up {
        RollUp::MeanOfRatios => kept().map(|e| 100.0 * e.earned / e.possible).sum::<f64>() / n as f64,
        RollUp::RatioOfSums => 100.0 * kept().map(|e| e.earned).sum::<f64>() / kept().map(|e| e.possible).sum::<f64>(),
    }))
}

/// How the scores of several evaluators of one contact deviate from the baseline score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Deviations {
    /// Evaluators.
    pub n: u64,
    /// Mean of score − baseline: above 0 the evaluators are more lenient.
    pub mean_signed: f64,
    /// Mean of |score − baseline|.
    pub mean_absolute: f64,
    /// The largest |score − baseline|.
    pub max_absolute: f64,
    /// Sample standard deviation of the scores (divisor n − 1); `None` for one evaluator.
    pub sd_sample: Option<f64>,
}

crate::answer_fields!(Deviations { n, mean_signed, mean_absolute, max_absolute, sd_sample });

/// Deviations of evaluators from a baseline, in points.
///
/// ```
/// let d = csat_core::rule::quality::deviations(80.0, &[85.0, 75.0, 90.0])?;
/// assert_eq!((d.max_absolute, d.mean_signed), (10.0, 10.0 / 3.0));
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn deviations(baseline: f64, scores: &[f64]) -> Result<Deviations> {
    if scores.is_empty() {
        return Err(Error::argument("a calibration needs at least one evaluator beside the baseline"));
    }
    if !baseline.is_finite() || scores.iter().any(|s| !s.is_finite()) {
        return Err(Error::argument("baseline and scores must be finite numbers"));
    }
    let n = scores.len() as f64;
    let signed = || scores.iter().map(|s| s - baseline);
    let absolute = || signed().map(f64::abs);
    let mean = signed().sum::<f64>() / n;
    let squares = signed().map(|d| (d - mean) * (d - mean)).sum::<f64>();
    Ok(Deviations {
        n: scores.len() as u64,
        mean_signed: mean,
        mean_absolute: absolute().sum::<f64>() / n,
        max_absolute: absolute().fold(0.0, f64::max),
        sd_sample: (scores.len() > 1).then(|| (squares / (n - 1.0)).sqrt()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_left_is_no_average() {
        let failed = Evaluation { earned: 0.0, possible: 100.0, failed: true };
        assert_eq!(qa_average(&[failed], RollUp::MeanOfRatios, true).unwrap(), None);
        assert_eq!(qa_average(&[failed], RollUp::MeanOfRatios, false).unwrap(), Some(0.0));
        assert!(qa_average(&[Evaluation { possible: 0.0, ..failed }], RollUp::RatioOfSums, false).is_err());
        assert!(qa_average(&[Evaluation { earned: f64::NAN, ..failed }], RollUp::RatioOfSums, false).is_err());
    }

    #[test]
    fn one_evaluator_has_no_spread() {
        assert_eq!(deviations(80.0, &[78.0]).unwrap().sd_sample, None);
        assert!(deviations(80.0, &[]).is_err() && deviations(f64::NAN, &[1.0]).is_err());
    }
}
