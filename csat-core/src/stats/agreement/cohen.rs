//! Cohen's kappa of two raters.

use super::coefficient::beyond_chance;
use super::marks::Marks;
use super::weights::{Weighting, Weights};
use crate::error::{Error, Result};
use crate::stats::interval::check_confidence;
use crate::stats::special::t_quantile;

/// Cohen's kappa of two raters, plain or weighted.
#[derive(Clone, Debug, PartialEq)]
pub struct Cohen {
    /// Which coefficient, such as `cohen_kappa:quadratic`.
    pub definition: String,
    /// Kappa: 1 is full agreement, 0 what the raters' own margins give by chance.
    pub value: f64,
    /// The agreement observed, weighted.
    pub observed: f64,
    /// The agreement expected by chance.
    pub expected: f64,
    /// The large-sample standard error, for the interval.
    pub standard_error: Option<f64>,
    /// The standard error if kappa were zero, for the test.
    pub standard_error_null: Option<f64>,
    /// The lower limit (t with n − 1 degrees of freedom).
    pub low: Option<f64>,
    /// The upper limit, at most 1.
    pub high: Option<f64>,
    /// The two-sided p-value of a kappa of zero (normal, with the standard error for zero).
    pub p_value: Option<f64>,
    /// Why there is no interval.
    pub reason: Option<&'static str>,
    /// The number of units that both raters marked.
    pub units: u64,
    /// The number of units left out because a mark was missing.
    pub left_out: u64,
    /// The number of categories.
    pub categories: usize,
}

crate::answer_fields!(Cohen {
    definition,
    value,
    observed,
    expected,
    standard_error,
    standard_error_null,
    low,
    high,
    p_value,
    reason,
    units,
    left_out,
    categories,
});

/// Cohen's kappa of two raters; [`Weights::Identity`] is the plain kappa.
///
/// Units that one rater did not mark are left out and counted. Low on skewed marks even where raters agree (paradox):
/// read Gwet's AC1 beside it. Undefined where all marks are equal.
/// Source: Cohen 1960, 1968; Fleiss, Cohen & Everitt 1969 for both standard errors.
///
/// ```
/// use csat_core::stats::agreement::{Categories, Marks, Weights, cohen_kappa};
/// let marks = Marks::from_table(Categories::unordered(2)?, &[vec![9, 4], vec![2, 5]])?;
/// let kappa = cohen_kappa(&marks, Weights::Identity, 0.95)?;
/// assert!((kappa.value - 0.381443).abs() < 1e-6); // (0.7 − 0.515) / (1 − 0.515)
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn cohen_kappa(marks: &Marks, weights: Weights, confidence: f64) -> Result<Cohen> {
    check_confidence(confidence)?;
    if marks.raters != Some(2) {
        return Err(Error::argument(
            "Cohen's kappa compares two raters whose marks are known; use Fleiss' or Conger's",
        ));
    }
    marks.check_varied()?;
    let weighting = Weighting::of_weights(weights, &marks.categories)?;
    let pairs: Vec<(usize, usize, f64)> =
        marks.units.iter().filter_map(|unit| Some((unit.codes[0]?, unit.codes[1]?, unit.frequency as f64))).collect();
    let q = marks.categories.count();
    let n: f64 = pairs.iter().map(|(_, _, f)| f).sum();
    let (mut first, mut second) = (vec![0.0; q], vec![0.0; q]);
    for (k, l, f) in &pairs {
        first[*k] += f / n;
        second[*l] += f / n;
    }
    // What a mark of the one rater meets by chance in the other.
    let (met_by_first, met_by_second) = (weighting.times(&second), weighting.times(&first));
    let met = |k: usize, l: usize| met_by_first[k] + met_by_second[l];
    let observed = pairs.iter().map(|(k, l, f)| f / n * weighting.weight(*k, *l)).sum();
    let expected: f64 = first.iter().zip(&met_by_first).map(|(p, m)| p * m).sum();
    let value = beyond_chance(observed, expected)?;
    let spread: f64 =
        pairs.iter().map(|(k, l, f)| f / n * square(weighting.weight(*k, *l) - (1.0 - value) * met(*k, *l))).sum();
    let used = |shares: &[f64]| (0..q).filter(|k| shares[*k] > 0.0).collect::<Vec<usize>>();
    let (rows, columns) = (used(&first), used(&second));
    let null: f64 = rows
        .iter()
        .flat_map(|k| columns.iter().map(move |l| (*k, *l)))
        .map(|(k, l)| first[k] * second[l] * square(weighting.weight(k, l) - met(k, l)))
        .sum();
    let error = |mean_square: f64, mean: f64| {
        let variance = mean_square - mean * mean;
        if variance < 1e-14 { 0.0 } else { (variance / n).sqrt() / (1.0 - expected) }
    };
    let (standard_error, null) = (error(spread, observed - 2.0 * (1.0 - value) * expected), error(null, expected));
    let (low, high, reason) = if n < 2.0 {
        (None, None, Some("one unit has no sampling error"))
    } else if standard_error == 0.0 {
        (None, None, Some("every unit contributes the same, so the sampling error cannot be estimated"))
    } else {
        let half = standard_error * t_quantile(0.5 + confidence / 2.0, n - 1.0)?;
        (Some(value - half), Some((value + half).min(1.0)), None)
    };
    Ok(Cohen {
        definition: format!("cohen_kappa:{}", weights.name()),
        value,
        observed,
        expected,
        standard_error: (n >= 2.0).then_some(standard_error),
        standard_error_null: (n >= 2.0).then_some(null),
        low,
        high,
        p_value: (n >= 2.0 && null > 0.0).then(|| libm::erfc((value / null).abs() / std::f64::consts::SQRT_2)),
        reason,
        units: n as u64,
        left_out: marks.empty + marks.units() - n as u64,
        categories: q,
    })
}

fn square(x: f64) -> f64 {
    x * x
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::stats::agreement::Categories;

    fn kappa(table: &[Vec<u64>], weights: Weights) -> Result<Cohen> {
        cohen_kappa(&Marks::from_table(Categories::ranked(table.len())?, table)?, weights, 0.95)
    }

    #[test]
    fn by_hand() {
        // Margins 0.5, 0.5 and 0.6, 0.4: expected 0.5, kappa 0.4. Null variance (pe + pe² − Σ p·q·(p + q))/(n(1−pe)²)
        // = (0.75 − 0.3·1.1 − 0.2·0.9)/(50 · 0.25) = 0.24/12.5.
        let k = kappa(&[vec![20, 5], vec![10, 15]], Weights::Identity).unwrap();
        assert!((k.value - 0.4).abs() < 1e-14);
        assert!((k.standard_error_null.unwrap() - (0.24f64 / 12.5).sqrt()).abs() < 1e-14);
    }

    #[test]
    fn what_does_not_exist_says_why() {
        let error = |table: &[Vec<u64>]| kappa(table, Weights::Identity).unwrap_err().kind();
        assert_eq!(error(&[vec![9, 0], vec![0, 0]]), ErrorKind::Undefined);
        let one = kappa(&[vec![0, 1], vec![0, 0]], Weights::Identity).unwrap();
        assert_eq!((one.value, one.standard_error, one.p_value), (0.0, None, None));
        let perfect = kappa(&[vec![4, 0], vec![0, 5]], Weights::Quadratic).unwrap();
        assert!(perfect.low.is_none() && perfect.reason.is_some());
        let three = Marks::from_units(&[vec![Some(1.0), Some(2.0), Some(1.0)]]).unwrap();
        assert!(cohen_kappa(&three, Weights::Identity, 0.95).unwrap_err().message().contains("two raters"));
    }
}
