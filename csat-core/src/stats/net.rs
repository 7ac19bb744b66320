//! Net Promoter Score: shares of promoters minus detractors, on the raw scale [−1, 1].
//!
//! Multiply by 100 for points. The default interval is the adjusted Wald interval with ¾, 1½, ¾ pseudo-answers:
//! the plain one has no width at all where everybody answers alike. Source of the comparison: Rocks 2016.

use serde::Deserialize;

use super::Interval;
use super::interval::check_confidence;
use super::mean::{Sample, t_interval};
use super::root::bisect;
use super::special::{normal_quantile, normal_sf, z_of_confidence};
use super::sum::exact_of;
use crate::error::{Error, Result};

/// The pseudo-answers of the adjusted Wald interval: detractors, passives, promoters. Source: Rocks 2016.
pub const PSEUDO_ANSWERS: [f64; 3] = [0.75, 1.5, 0.75];

/// Answers by class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Answers 0 to 6.
    pub detractors: u64,
    /// Answers 7 and 8.
    pub passives: u64,
    /// Answers 9 and 10.
    pub promoters: u64,
}

crate::answer_fields!(Counts { detractors, passives, promoters });

impl Counts {
    /// Detractors, passives and promoters.
    pub fn new(detractors: u64, passives: u64, promoters: u64) -> Self {
        Self { detractors, passives, promoters }
    }

    /// Counts answers on the scale 0-10. Any other value is an error that names its position.
    ///
    /// ```
    /// use csat_core::stats::net::Counts;
    /// assert_eq!(Counts::of_scores(&[0, 6, 7, 8, 9, 10, 10])?, Counts::new(2, 2, 3));
    /// # Ok::<(), csat_core::Error>(())
    /// ```
    pub fn of_scores(scores: &[i64]) -> Result<Self> {
        let mut counts = Self::default();
        for (i, score) in scores.iter().enumerate() {
            match mark(*score).map_err(|e| e.at(format_args!("answer {}", i + 1)).with("row", i + 1))? {
                1 => counts.promoters += 1,
                0 => counts.passives += 1,
                _ => counts.detractors += 1,
            }
        }
        Ok(counts)
    }

    /// How many answers; counts so large that their sum overflows stay at the largest integer.
    pub fn n(self) -> u64 {
        self.detractors.saturating_add(self.passives).saturating_add(self.promoters)
    }

    fn with_pseudo(self, pseudo: [f64; 3]) -> Classes {
        Classes::new(
            self.detractors as f64 + pseudo[0],
            self.passives as f64 + pseudo[1],
            self.promoters as f64 + pseudo[2],
        )
    }

    fn check(self) -> Result<()> {
        match self.n() {
            0 => Err(Error::argument("the score of no answers does not exist")),
            n if n > 1 << 62 => Err(Error::argument(format!("{n} answers are more than csat counts (2^62)"))),
            _ => Ok(()),
        }
    }
}

/// −1 for answers 0-6, 0 for 7 and 8, 1 for 9 and 10.
pub fn mark(score: i64) -> Result<i8> {
    match score {
        0..=6 => Ok(-1),
        7 | 8 => Ok(0),
        9 | 10 => Ok(1),
        _ => Err(Error::argument(format!("{score} is not an answer on the scale 0 to 10"))),
    }
}

/// A score with its variance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// Promoters minus detractors, as shares.
    pub score: f64,
    /// Of one answer: P + D − (P − D)², the form with 1/n.
    pub variance: f64,
    /// √(variance / n).
    pub standard_error: f64,
}

crate::answer_fields!(Score { score, variance, standard_error });

/// The score on [−1, 1], its variance and standard error. The variance is an exact fraction rounded once.
///
/// ```
/// use csat_core::stats::net::{Counts, point};
/// let p = point(Counts::new(1, 2, 3))?;
/// assert_eq!((p.score, p.variance), (1.0 / 3.0, 5.0 / 9.0)); // ×100: 33 points
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn point(counts: Counts) -> Result<Score> {
    counts.check()?;
    let n = counts.n();
    let net = i128::from(counts.promoters) - i128::from(counts.detractors);
    let outer = u128::from(counts.promoters) + u128::from(counts.detractors);
    let numerator = u128::from(n) * outer - net.unsigned_abs() * net.unsigned_abs();
    let variance = numerator as f64 / (u128::from(n) * u128::from(n)) as f64;
    Ok(Score { score: net as f64 / n as f64, variance, standard_error: (variance / n as f64).sqrt() })
}

/// The display rule of some dashboards: floor(100·P) − floor(100·D) in whole points. For display only; it can differ
/// from the score by almost one point either way.
///
/// ```
/// use csat_core::stats::net::{Counts, floored_points};
/// assert_eq!(floored_points(Counts::new(1, 1, 1))?, 0);
/// assert_eq!(floored_points(Counts::new(1, 3, 2))?, 17); // 33 − 16, where the score is 16.7
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn floored_points(counts: Counts) -> Result<i64> {
    counts.check()?;
    let points = |count: u64| (u128::from(count) * 100 / u128::from(counts.n())) as i64;
    Ok(points(counts.promoters) - points(counts.detractors))
}

/// Textbook interval s ± z·√(variance/n). No width where all answers fall into one class; never a default.
/// `clamp` cuts it to [−1, 1].
pub fn wald(counts: Counts, clamp: bool, confidence: f64) -> Result<Interval> {
    counts.check()?;
    Ok(counts.with_pseudo([0.0; 3]).wald(clamp, z_of_confidence(confidence)?))
}

/// An interval and the centre it is built around.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdjustedWald {
    /// The score of answers and pseudo-answers together; pulled towards 0, so not the score to report.
    pub centre: f64,
    /// The lower limit.
    pub low: f64,
    /// The upper limit.
    pub high: f64,
}

crate::answer_fields!(AdjustedWald { centre, low, high });

/// Adjusted Wald interval: pseudo-answers (detractors, passives, promoters) are added, then the textbook form.
///
/// `clamp` cuts the limits to [−1, 1]: ten promoters of ten have a raw upper limit of 1.063. The default interval of the
/// score. Source: Rocks 2016.
///
/// ```
/// use csat_core::stats::net::{Counts, PSEUDO_ANSWERS, adjusted_wald};
/// let i = adjusted_wald(Counts::new(0, 0, 10), PSEUDO_ANSWERS, true, 0.95)?;
/// assert!((i.low - 0.475036).abs() < 1e-6 && i.high == 1.0);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn adjusted_wald(counts: Counts, pseudo: [f64; 3], clamp: bool, confidence: f64) -> Result<AdjustedWald> {
    counts.check()?;
    check_pseudo(pseudo)?;
    let classes = counts.with_pseudo(pseudo);
    let Interval { low, high } = classes.wald(clamp, z_of_confidence(confidence)?);
    Ok(AdjustedWald { centre: classes.score, low, high })
}

/// [`adjusted_wald`] with the default pseudo-answers, clamped, and the normal quantile already known; for loops over
/// many groups. Without answers it is the interval of the pseudo-answers alone, which says nothing.
pub fn adjusted_wald_z(counts: Counts, z: f64) -> Interval {
    counts.with_pseudo(PSEUDO_ANSWERS).wald(true, z)
}

/// Score interval in Tango's form: the scores that a score test just does not reject.
///
/// With b detractors and c promoters: T(d) = (c − b − nd) / √(n(2q + d(1−d))), q the larger root of
/// 2nq² + (−b − c + (2n − c + b)d)q − bd(1−d) = 0; the limits solve T = ±z and stay within [−1, 1].
/// Source: Tango 1998, for the score as Rocks 2016.
///
/// ```
/// use csat_core::stats::net::{Counts, score};
/// let i = score(Counts::new(0, 0, 10), 0.95)?;
/// assert!((i.low - 0.444934).abs() < 1e-6 && i.high == 1.0);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn score(counts: Counts, confidence: f64) -> Result<Interval> {
    counts.check()?;
    let z = z_of_confidence(confidence)?;
    let (n, b, c) = (counts.n() as f64, counts.detractors as f64, counts.promoters as f64);
    let statistic = |d: f64| {
        let linear = -b - c + (2.0 * n - c + b) * d;
        let constant = b * d * (1.0 - d);
        let root = (linear * linear + 8.0 * n * constant).max(0.0).sqrt();
        // The form of the larger root that does not cancel.
        let q = if linear > 0.0 { 2.0 * constant / (linear + root) } else { (root - linear) / (4.0 * n) };
        (c - b - n * d) / (n * (2.0 * q + d * (1.0 - d))).max(0.0).sqrt()
    };
    let centre = (c - b) / n;
    Ok(Interval { low: bisect(-1.0, centre, |d| statistic(d) > z), high: bisect(centre, 1.0, |d| statistic(d) > -z) })
}

/// Student's t interval of the mean of the marks −1, 0, 1 (with n − 1), clamped to [−1, 1]. At least two answers.
pub fn mean_t(counts: Counts, confidence: f64) -> Result<Interval> {
    counts.check()?;
    let net = i128::from(counts.promoters) - i128::from(counts.detractors);
    let outer = i128::from(counts.promoters) + i128::from(counts.detractors);
    let interval = t_interval(Sample::of_integers(counts.n(), net, outer)?, confidence)?;
    Ok(Interval { low: interval.low, high: interval.high }.clamp(-1.0, 1.0))
}

/// The difference of two scores.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// First score minus second, with their pseudo-answers if there are any.
    pub difference: f64,
    /// √(se₁² + se₂²).
    pub standard_error: f64,
    /// The lower limit, at least −2.
    pub low: f64,
    /// The upper limit, at most 2.
    pub high: f64,
    /// Two-sided z test; none where both samples lie in one class each, so that the standard error is 0.
    pub p_value: Option<f64>,
}

crate::answer_fields!(Difference { difference, standard_error, low, high, p_value });

/// Difference of two independent scores with the adjusted Wald interval: the default.
///
/// The same respondents asked twice are not independent, and need their covariance: not covered here.
///
/// ```
/// use csat_core::stats::net::{Counts, PSEUDO_ANSWERS, difference_adjusted_wald};
/// let (now, before) = (Counts::new(120, 200, 380), Counts::new(150, 220, 330));
/// let d = difference_adjusted_wald(now, before, PSEUDO_ANSWERS, 0.95)?;
/// assert!((d.low - 0.03296).abs() < 1e-5 && (d.high - 0.19464).abs() < 1e-5);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn difference_adjusted_wald(a: Counts, b: Counts, pseudo: [f64; 3], confidence: f64) -> Result<Difference> {
    a.check().map_err(|e| e.at("first sample"))?;
    b.check().map_err(|e| e.at("second sample"))?;
    check_pseudo(pseudo)?;
    let z = z_of_confidence(confidence)?;
    let (a, b) = (a.with_pseudo(pseudo), b.with_pseudo(pseudo));
    let difference = a.score - b.score;
    let standard_error = (a.variance / a.n + b.variance / b.n).sqrt();
    let Interval { low, high } = around(difference, z * standard_error).clamp(-2.0, 2.0);
    let test = || normal_sf((difference / standard_error).abs()).map(|p| 2.0 * p);
    let p_value = if standard_error > 0.0 { Some(test()?) } else { None };
    Ok(Difference { difference, standard_error, low, high, p_value })
}

/// Difference of two independent scores with the textbook interval. Never a default.
pub fn difference_wald(a: Counts, b: Counts, confidence: f64) -> Result<Difference> {
    difference_adjusted_wald(a, b, [0.0; 3], confidence)
}

/// A sample size for a margin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SampleSize {
    /// Answers needed.
    pub n: u64,
}

crate::answer_fields!(SampleSize { n });

/// Answers needed so that the interval reaches `margin` to each side: ⌈z²·variance/margin²⌉, on the raw scale
/// (5 points are 0.05). The worst case is a variance of 1.
///
/// ```
/// assert_eq!(csat_core::stats::net::sample_size_margin(0.05, 1.0, 0.95)?.n, 1537);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn sample_size_margin(margin: f64, variance: f64, confidence: f64) -> Result<SampleSize> {
    check_variance(variance)?;
    check_length("margin", margin, 1.0)?;
    let z = z_of_confidence(confidence)?;
    Ok(SampleSize { n: whole(z * z * variance / (margin * margin))? })
}

/// Sample sizes for a comparison.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SampleSizePerGroup {
    /// Answers needed in each group.
    pub n_per_group: u64,
    /// The same before rounding up.
    pub n_exact: f64,
}

crate::answer_fields!(SampleSizePerGroup { n_per_group, n_exact });

/// Answers needed in each of two groups to see a `difference` (raw scale) with probability `power` at this confidence:
/// ⌈(z₁ + z₂)²·(v₁ + v₂)/d²⌉ with the normal quantiles of 1 − α/2 and of the power.
pub fn sample_size_difference(
    difference: f64,
    variance_a: f64,
    variance_b: f64,
    power: f64,
    confidence: f64,
) -> Result<SampleSizePerGroup> {
    check_variance(variance_a)?;
    check_variance(variance_b)?;
    check_length("difference", difference, 2.0)?;
    check_confidence(power).map_err(|_| Error::argument(format!("power must lie between 0 and 1, not {power}")))?;
    let z = (z_of_confidence(confidence)? + normal_quantile(power)?).max(0.0);
    let n_exact = z * z * (variance_a + variance_b) / (difference * difference);
    Ok(SampleSizePerGroup { n_per_group: whole(n_exact)?, n_exact })
}

/// A weighted score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WeightedScore {
    /// Σwx / Σw on [−1, 1].
    pub score: f64,
    /// By linearisation: √(n/(n−1)·Σw²(x−s)²) / Σw.
    pub standard_error: f64,
    /// Kish's effective number of answers: (Σw)² / Σw².
    pub effective_n: f64,
    /// score − z·standard error, at least −1.
    pub low: f64,
    /// score + z·standard error, at most 1.
    pub high: f64,
}

crate::answer_fields!(WeightedScore { score, standard_error, effective_n, low, high });

/// Score of weighted answers: `marks` are −1, 0 or 1 ([`mark`]), `weights` are at least 0.
///
/// The interval is of the plain form, the only one with a reference for weights. n counts answers with a weight above 0,
/// of which two are needed.
///
/// ```
/// let w = csat_core::stats::net::weighted(&[1, 1, -1], &[1.0, 1.0, 2.0], 0.95)?;
/// assert_eq!((w.score, w.effective_n), (0.0, 16.0 / 6.0));
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn weighted(marks: &[i8], weights: &[f64], confidence: f64) -> Result<WeightedScore> {
    let z = z_of_confidence(confidence)?;
    if marks.len() != weights.len() {
        let message =
            format!("{} answers but {} weights: one weight belongs to each answer", marks.len(), weights.len());
        return Err(Error::argument(message));
    }
    if let Some(i) = marks.iter().position(|m| !(-1..=1).contains(m)) {
        return Err(
            Error::argument(format!("mark {} of answer {} is not −1, 0 or 1", marks[i], i + 1)).with("row", i + 1)
        );
    }
    if let Some(i) = weights.iter().position(|w| !(0.0..=1e100).contains(w) || (*w != 0.0 && *w < 1e-100)) {
        let message = format!("weight {} of answer {} is not 0 or between 1e-100 and 1e100", weights[i], i + 1);
        return Err(Error::argument(message).with("row", i + 1));
    }
    let n = weights.iter().filter(|w| **w > 0.0).count();
    if n < 2 {
        return Err(Error::undefined(format!("a weighted score with its error needs two weighted answers, not {n}")));
    }
    let pairs = || marks.iter().zip(weights).map(|(m, w)| (f64::from(*m), *w));
    let total = exact_of(pairs().map(|(_, w)| w))?;
    let score = exact_of(pairs().map(|(x, w)| w * x))? / total;
    let residuals = exact_of(pairs().map(|(x, w)| w * (x - score) * (w * (x - score))))?;
    let standard_error = (n as f64 / (n - 1) as f64 * residuals).sqrt() / total;
    let effective_n = total * total / exact_of(pairs().map(|(_, w)| w * w))?;
    let Interval { low, high } = around(score, z * standard_error).clamp(-1.0, 1.0);
    Ok(WeightedScore { score, standard_error, effective_n, low, high })
}

/// Class counts as numbers, pseudo-answers included.
struct Classes {
    n: f64,
    score: f64,
    variance: f64,
}

impl Classes {
    fn new(detractors: f64, passives: f64, promoters: f64) -> Self {
        let n = detractors + passives + promoters;
        let score = (promoters - detractors) / n;
        Self { n, score, variance: ((promoters + detractors) / n - score * score).max(0.0) }
    }

    fn wald(&self, clamp: bool, z: f64) -> Interval {
        let interval = around(self.score, z * (self.variance / self.n).sqrt());
        if clamp { interval.clamp(-1.0, 1.0) } else { interval }
    }
}

fn around(centre: f64, half: f64) -> Interval {
    Interval { low: centre - half, high: centre + half }
}

/// Rounded up to a whole number, forgiving the last bits.
fn whole(n: f64) -> Result<u64> {
    if n < 9e15 {
        Ok((n * (1.0 - 1e-13)).ceil().max(1.0) as u64)
    } else {
        Err(Error::argument(format!("{n:e} answers would be needed: ask for less precision")))
    }
}

fn check_pseudo(pseudo: [f64; 3]) -> Result<()> {
    if pseudo.iter().all(|p| (0.0..=1e9).contains(p)) {
        return Ok(());
    }
    Err(Error::argument(format!("pseudo-answers must be finite and at least 0, not {pseudo:?}")))
}

fn check_variance(variance: f64) -> Result<()> {
    if (0.0..=1.0).contains(&variance) {
        return Ok(());
    }
    Err(Error::argument(format!("the variance of an answer on [-1, 1] lies between 0 and 1, not {variance}")))
}

fn check_length(name: &'static str, value: f64, most: f64) -> Result<()> {
    if value > 0.0 && value <= most {
        return Ok(());
    }
    Err(Error::argument(format!("`{name}` must be above 0 and at most {most} on the raw scale, not {value}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_cannot_be_is_an_error() {
        let none = Counts::default();
        assert!(point(none).is_err() && wald(none, true, 0.95).is_err() && score(none, 0.95).is_err());
        assert!(mean_t(Counts::new(0, 0, 1), 0.95).is_err() && floored_points(none).is_err());
        assert!(point(Counts::new(u64::MAX, 1, u64::MAX)).is_err());
        let one = Counts::new(1, 1, 1);
        assert!(adjusted_wald(one, [f64::NAN, 0.0, 0.0], true, 0.95).is_err());
        assert!(difference_wald(one, none, 0.95).unwrap_err().message().starts_with("second sample"));
        assert!(sample_size_margin(0.0, 1.0, 0.95).is_err() && sample_size_margin(1e-9, 1.0, 0.95).is_err());
        assert!(
            sample_size_margin(0.1, 1.1, 0.95).is_err() && sample_size_difference(0.1, 1.0, 1.0, 1.0, 0.95).is_err()
        );
        assert!(weighted(&[1, 1], &[1.0, 0.0], 0.95).is_err(), "a single weighted answer has no error");
        assert!(weighted(&[1, 2], &[1.0, 1.0], 0.95).is_err() && weighted(&[1, 1], &[1.0, -1.0], 0.95).is_err());
        assert!(mark(-1).is_err() && mark(11).is_err());
    }

    #[test]
    fn huge_counts_stay_exact() {
        let half = Counts::new(1 << 61, 0, 1 << 61);
        assert_eq!(point(half).unwrap().variance, 1.0);
        assert_eq!(floored_points(half), Ok(0));
    }

    #[test]
    fn equal_weights_change_nothing_but_the_variance_form() {
        let marks: Vec<i8> = [vec![-1; 2], vec![0; 5], vec![1; 3]].concat();
        let (weighted, plain) = (weighted(&marks, &[2.5; 10], 0.95).unwrap(), point(Counts::new(2, 5, 3)).unwrap());
        assert!((weighted.score - plain.score).abs() < 1e-15 && (weighted.effective_n - 10.0).abs() < 1e-12);
        let n_minus_one = plain.standard_error * (10.0f64 / 9.0).sqrt();
        assert!((weighted.standard_error - n_minus_one).abs() < 1e-15);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]
        #[test]
        fn intervals_hold_the_score_mirror_and_agree_with_the_fast_form(d in 0..300u64, p in 0..300u64, c in 0..300u64) {
            prop_assume!(d + p + c > 1);
            let (counts, mirror) = (Counts::new(d, p, c), Counts::new(c, p, d));
            let s = point(counts).unwrap();
            prop_assert!((-1.0..=1.0).contains(&s.score) && (0.0..=1.0).contains(&s.variance));
            let tango = (score(counts, 0.95).unwrap(), score(mirror, 0.95).unwrap());
            prop_assert!(tango.0.low <= s.score && s.score <= tango.0.high);
            prop_assert!((tango.0.low + tango.1.high).abs() < 1e-9 && tango.0.low < tango.0.high);
            let adjusted = adjusted_wald(counts, PSEUDO_ANSWERS, true, 0.95).unwrap();
            let fast = adjusted_wald_z(counts, z_of_confidence(0.95).unwrap());
            prop_assert_eq!((adjusted.low, adjusted.high), (fast.low, fast.high));
            prop_assert!(-1.0 <= fast.low && fast.low < fast.high && fast.high <= 1.0);
            let t = mean_t(counts, 0.95).unwrap();
            prop_assert!(t.low <= s.score && s.score <= t.high);
            let points = floored_points(counts).unwrap() as f64;
            prop_assert!((points - 100.0 * s.score).abs() < 1.0);
        }
    }
}
