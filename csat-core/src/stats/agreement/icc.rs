//! Intraclass correlations: agreement of raters who give scores.

use crate::error::{Error, Result};
use crate::stats::interval::check_confidence;
use crate::stats::special::f_quantile;

/// One form of the intraclass correlation with its F-based interval.
#[derive(Clone, Debug, PartialEq)]
pub struct Intraclass {
    /// The correlation, at most 1; can be negative.
    pub value: f64,
    /// The lower limit; none where it does not exist.
    pub low: Option<f64>,
    /// The upper limit; none where it does not exist.
    pub high: Option<f64>,
}

crate::answer_fields!(Intraclass { value, low, high });

/// The six forms of Shrout & Fleiss.
#[derive(Clone, Debug, PartialEq)]
pub struct Icc {
    /// ICC(1,1): one rater; each unit has raters of its own.
    pub icc1_1: Intraclass,
    /// ICC(2,1): one rater of many like these, absolute agreement: a strict rater counts as disagreement.
    pub icc2_1: Intraclass,
    /// ICC(3,1): one of exactly these raters, consistency: a strict rater does no harm.
    pub icc3_1: Intraclass,
    /// ICC(1,k): the mean of k raters, as 1.
    pub icc1_k: Intraclass,
    /// ICC(2,k): the mean of k raters, as 2.
    pub icc2_k: Intraclass,
    /// ICC(3,k): the mean of k raters, as 3; equals Cronbach's alpha of the raters.
    pub icc3_k: Intraclass,
    /// The number of units that every rater scored.
    pub units: u64,
    /// The number of units left out because a score was missing.
    pub left_out: u64,
    /// The number of raters.
    pub raters: usize,
}

crate::answer_fields!(Icc { icc1_1, icc2_1, icc3_1, icc1_k, icc2_k, icc3_k, units, left_out, raters });

/// The six intraclass correlations of `scores[unit][rater]`, from the mean squares of a two-way analysis of variance.
///
/// Units with a missing score (`None` or NaN) are left out and counted; at least two complete units and two raters are
/// needed. For a quality form read ICC(2,1). Undefined where units do not differ and raters do not either.
/// Source: Shrout & Fleiss 1979; McGraw & Wong 1996 for the limits of ICC(2,1) and ICC(2,k).
///
/// ```
/// use csat_core::stats::agreement::icc;
/// // The second rater is always two points above the first: consistent, not in agreement.
/// let icc = icc(&[[1.0, 3.0], [2.0, 4.0], [3.0, 5.0]].map(|u| u.map(Some).to_vec()), 0.95)?;
/// assert!((icc.icc3_1.value - 1.0).abs() < 1e-15);
/// assert!((icc.icc2_1.value - 1.0 / 3.0).abs() < 1e-15); // mean squares 2 (units), 6 (raters), 0
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn icc(scores: &[Vec<Option<f64>>], confidence: f64) -> Result<Icc> {
    check_confidence(confidence)?;
    let complete = complete_units(scores)?;
    let squares = MeanSquares::new(&complete)?;
    let limits = squares.limits((1.0 - confidence) / 2.0)?;
    let [one_way, random, fixed] = limits;
    let k = squares.k;
    let single = |value: f64, limits: [Option<f64>; 2]| Intraclass { value, low: limits[0], high: limits[1] };
    let average = |value: f64, limits: [Option<f64>; 2]| {
        single(value, limits.map(|r| r.map(|r| k * r / (1.0 + (k - 1.0) * r)).filter(|r| r.is_finite())))
    };
    let MeanSquares { between: b, within: w, raters: j, error: e, n, .. } = squares;
    let form = |top: f64, bottom: f64| {
        if bottom.abs() > 1e-13 * (b + w + j / n) {
            return Ok(top / bottom);
        }
        Err(Error::undefined("the units have no differences to agree on, so an intraclass correlation does not exist"))
    };
    Ok(Icc {
        icc1_1: single(form(b - w, b + (k - 1.0) * w)?, one_way),
        icc2_1: single(form(b - e, b + (k - 1.0) * e + k * (j - e) / n)?, random),
        icc3_1: single(form(b - e, b + (k - 1.0) * e)?, fixed),
        icc1_k: average(form(b - w, b)?, one_way),
        icc2_k: average(form(b - e, b + (j - e) / n)?, random),
        icc3_k: average(form(b - e, b)?, fixed),
        units: complete.len() as u64,
        left_out: (scores.len() - complete.len()) as u64,
        raters: complete[0].len(),
    })
}

fn complete_units(scores: &[Vec<Option<f64>>]) -> Result<Vec<Vec<f64>>> {
    let raters = scores.first().map_or(0, Vec::len);
    if raters < 2 {
        return Err(Error::argument(format!("{raters} raters: an intraclass correlation needs at least two")));
    }
    let mut complete = Vec::new();
    for (i, unit) in scores.iter().enumerate() {
        if unit.len() != raters {
            return Err(Error::argument(format!(
                "unit {} has {} scores, the first unit has {raters}; give one per rater, null for missing",
                i + 1,
                unit.len()
            ))
            .with("unit", i + 1));
        }
        if unit.iter().flatten().any(|x| x.is_infinite()) {
            return Err(Error::argument(format!("unit {}: a score must be a finite number", i + 1)).with("unit", i + 1));
        }
        if let Some(whole) = unit.iter().map(|x| x.filter(|x| !x.is_nan())).collect() {
            complete.push(whole);
        }
    }
    if complete.len() < 2 {
        return Err(Error::undefined(format!(
            "{} units with a score from every rater: at least two are needed",
            complete.len()
        )));
    }
    Ok(complete)
}

/// Mean squares of units × raters.
#[derive(Clone, Copy, Debug)]
struct MeanSquares {
    n: f64,
    k: f64,
    between: f64,
    within: f64,
    raters: f64,
    error: f64,
}

impl MeanSquares {
    fn new(units: &[Vec<f64>]) -> Result<Self> {
        let (n, k) = (units.len() as f64, units[0].len() as f64);
        // Shifting by one score keeps whole numbers whole and large offsets harmless.
        let shift = units[0][0];
        let grand = units.iter().flatten().map(|x| x - shift).sum::<f64>() / (n * k);
        let of_unit: Vec<f64> = units.iter().map(|u| u.iter().map(|x| x - shift).sum::<f64>() / k - grand).collect();
        let of_rater: Vec<f64> =
            (0..units[0].len()).map(|r| units.iter().map(|u| u[r] - shift).sum::<f64>() / n - grand).collect();
        let mut residual = 0.0;
        for (unit, u) in units.iter().zip(&of_unit) {
            let left = unit.iter().zip(&of_rater).map(|(x, r)| x - shift - grand - u - r);
            residual += left.map(|d| d * d).sum::<f64>();
        }
        let between = k * of_unit.iter().map(|u| u * u).sum::<f64>();
        let raters = n * of_rater.iter().map(|r| r * r).sum::<f64>();
        let total = between + raters + residual;
        if !total.is_finite() {
            return Err(Error::argument("the scores are too large for arithmetic; rescale them"));
        }
        if total <= 0.0 {
            return Err(Error::undefined("all scores are equal, so an intraclass correlation does not exist"));
        }
        // What rounding leaves of an exact zero.
        let residual = if residual < 1e-26 * total { 0.0 } else { residual };
        Ok(Self {
            n,
            k,
            between: between / (n - 1.0),
            within: (raters + residual) / (n * (k - 1.0)),
            raters: raters / (k - 1.0),
            error: residual / ((n - 1.0) * (k - 1.0)),
        })
    }

    /// Limits of the single-rater forms 1, 2 and 3.
    fn limits(self, tail: f64) -> Result<[[Option<f64>; 2]; 3]> {
        let Self { n, k, between: b, within: w, error: e, .. } = self;
        let (units, within, error) = (n - 1.0, n * (k - 1.0), (n - 1.0) * (k - 1.0));
        // With F = b/spread: (F/q − 1)/(F/q + k − 1), written so that a spread of zero is no division by zero.
        let ratio = |spread: f64, q: f64| {
            let r = (b - spread * q) / (b + (k - 1.0) * spread * q);
            r.is_finite().then_some(r)
        };
        let upper = |d1: f64, d2: f64| f_quantile(1.0 - tail, d1, d2);
        Ok([
            [ratio(w, upper(units, within)?), ratio(w, 1.0 / upper(within, units)?)],
            self.random_limits(tail)?,
            [ratio(e, upper(units, error)?), ratio(e, 1.0 / upper(error, units)?)],
        ])
    }

    /// Satterthwaite's degrees of freedom for the mixture of rater and error variance.
    fn random_limits(self, tail: f64) -> Result<[Option<f64>; 2]> {
        let Self { n, k, between: b, raters: j, error: e, .. } = self;
        let icc = (b - e) / (b + (k - 1.0) * e + k * (j - e) / n);
        let (of_raters, of_error) = (k * icc * j, (n * (1.0 + (k - 1.0) * icc) - k * icc) * e);
        let squares = (n - 1.0) * of_raters * of_raters + of_error * of_error;
        let df = (k - 1.0) * (n - 1.0) * (of_raters + of_error) * (of_raters + of_error) / squares;
        if !(df.is_finite() && df > 0.0) {
            return Ok([None, None]);
        }
        let low = f_quantile(1.0 - tail, n - 1.0, df)?;
        let high = f_quantile(1.0 - tail, df, n - 1.0)?;
        let rest = k * j + (k * n - k - n) * e;
        let limit = |top: f64, bottom: f64| Some(n * top / bottom).filter(|r| r.is_finite());
        Ok([limit(b - low * e, low * rest + n * b), limit(high * b - e, rest + n * high * b)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use proptest::prelude::*;

    fn units(x: &[f64], k: usize) -> Vec<Vec<Option<f64>>> {
        x.chunks(k).map(|u| u.iter().copied().map(Some).collect()).collect()
    }

    #[test]
    fn what_does_not_exist_says_why() {
        let kind = |x: &[f64], k| icc(&units(x, k), 0.95).unwrap_err().kind();
        assert_eq!(kind(&[3.0; 6], 2), ErrorKind::Undefined);
        assert_eq!(kind(&[1.0, 2.0], 2), ErrorKind::Undefined);
        assert_eq!(kind(&[1.0, 2.0], 1), ErrorKind::InvalidArgument);
        assert_eq!(kind(&[1.0, f64::INFINITY, 1.0, 2.0], 2), ErrorKind::InvalidArgument);
        assert_eq!(kind(&[1e200, -1e200, 3.0, 2.0], 2), ErrorKind::InvalidArgument);
        // Units with equal means: nothing to agree on for the mean of the raters.
        assert_eq!(kind(&[1.0, 3.0, 3.0, 1.0], 2), ErrorKind::Undefined);
        assert!(icc(&[vec![Some(1.0), Some(2.0)], vec![Some(1.0)]], 0.95).is_err());
        assert!(icc(&[], 0.95).is_err());
    }

    #[test]
    fn missing_scores_leave_their_unit_out() {
        let mut scores = units(&[1.0, 2.0, 4.0, 3.0, 6.0, 7.0], 2);
        let whole = icc(&scores, 0.95).unwrap();
        scores.push(vec![Some(9.0), None]);
        scores.push(vec![Some(f64::NAN), Some(1.0)]);
        assert_eq!(icc(&scores, 0.95).unwrap(), Icc { left_out: 2, ..whole });
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn the_mean_of_raters_is_their_alpha_and_limits_hold(x in proptest::collection::vec(0.0..100.0f64, 3 * 7)) {
            let scores = units(&x, 3);
            let icc = icc(&scores, 0.9).unwrap();
            let all = crate::stats::covariance::Covariance::from_rows::<&str>(&[], &scores).unwrap();
            let alpha = crate::stats::reliability::cronbach_alpha(&all, 0.9).unwrap().alpha;
            prop_assert!((icc.icc3_k.value - alpha).abs() < 1e-9 * (1.0 + alpha.abs()));
            for form in [&icc.icc1_1, &icc.icc2_1, &icc.icc3_1] {
                prop_assert!(form.low.is_none_or(|low| low <= form.value + 1e-9));
                prop_assert!(form.high.is_none_or(|high| high >= form.value - 1e-9 && high <= 1.0 + 1e-9));
            }
        }
    }
}
