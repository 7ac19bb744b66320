//! Calibration: evaluators of one contact against a baseline score.

use crate::error::{Error, Result};

/// How far evaluators are from a baseline, in points of the score.
#[derive(Clone, Debug, PartialEq)]
pub struct Deviations {
    /// Mean of evaluator − baseline: above zero is lenient.
    pub mean_signed: f64,
    /// Mean of |evaluator − baseline|.
    pub mean_absolute: f64,
    /// The largest |evaluator − baseline|.
    pub max_absolute: f64,
    /// Standard deviation of the evaluators about their own mean (n − 1); none for one evaluator.
    pub standard_deviation: Option<f64>,
    /// The number of evaluators.
    pub n: u64,
    /// The number of evaluators left out because they gave no score.
    pub left_out: u64,
}

crate::answer_fields!(Deviations { mean_signed, mean_absolute, max_absolute, standard_deviation, n, left_out });

/// Deviations of evaluators from a baseline score of the same contact.
///
/// A missing score (`None` or NaN) is left out and counted. The signed mean hides errors that cancel: read it with
/// the absolute one.
///
/// ```
/// use csat_core::stats::agreement::deviations;
/// let d = deviations(80.0, &[Some(85.0), Some(75.0), Some(90.0)])?;
/// assert!((d.mean_signed - 10.0 / 3.0).abs() < 1e-12);
/// assert_eq!((d.max_absolute, d.n), (10.0, 3));
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn deviations(baseline: f64, evaluators: &[Option<f64>]) -> Result<Deviations> {
    let scores: Vec<f64> = evaluators.iter().flatten().copied().filter(|x| !x.is_nan()).collect();
    // The limit keeps squares finite.
    if let Some(bad) = scores.iter().chain([&baseline]).find(|x| !x.is_finite() || x.abs() > 1e150) {
        return Err(Error::argument(format!("a score must be an ordinary number, not {bad}")));
    }
    if scores.is_empty() {
        return Err(Error::undefined("no evaluator gave a score, so there is no deviation from the baseline"));
    }
    let n = scores.len() as f64;
    let away: Vec<f64> = scores.iter().map(|x| x - baseline).collect();
    let mean = away.iter().sum::<f64>() / n;
    let squares: f64 = away.iter().map(|d| (d - mean) * (d - mean)).sum();
    Ok(Deviations {
        mean_signed: mean,
        mean_absolute: away.iter().map(|d| d.abs()).sum::<f64>() / n,
        max_absolute: away.iter().fold(0.0, |most, d| most.max(d.abs())),
        standard_deviation: (scores.len() > 1).then(|| (squares / (n - 1.0)).sqrt()),
        n: scores.len() as u64,
        left_out: (evaluators.len() - scores.len()) as u64,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // 85, 75, 90 about 80: +5, −5, +10; mean of scores 250/3, squares 25/9 + 625/9 + 400/9 = 350/3.
        let d = deviations(80.0, &[Some(85.0), None, Some(75.0), Some(90.0), Some(f64::NAN)]).unwrap();
        assert!((d.mean_absolute - 20.0 / 3.0).abs() < 1e-12);
        assert!((d.standard_deviation.unwrap() - (350.0f64 / 6.0).sqrt()).abs() < 1e-12);
        assert_eq!((d.n, d.left_out), (3, 2));
        assert_eq!(deviations(80.0, &[Some(81.0)]).unwrap().standard_deviation, None);
        assert!(deviations(80.0, &[None]).is_err());
        assert!(deviations(f64::NAN, &[Some(1.0)]).is_err() && deviations(1.0, &[Some(1e300)]).is_err());
    }
}
