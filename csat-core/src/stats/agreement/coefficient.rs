//! Chance-corrected coefficients of any number of raters, with missing marks and weights.

use super::marks::{Marks, Unit};
use super::weights::{Weighting, Weights};
use crate::error::{Error, Result};
use crate::stats::interval::check_confidence;
use crate::stats::special::{t_quantile, t_sf};

/// An agreement coefficient: (observed − expected) / (1 − expected), with its sampling error over units.
#[derive(Clone, Debug, PartialEq)]
pub struct Coefficient {
    /// Which coefficient, such as `gwet_ac:identity`.
    pub definition: String,
    /// The coefficient: 1 is full agreement, 0 what chance gives.
    pub value: f64,
    /// The agreement observed between pairs of marks, weighted.
    pub observed: f64,
    /// The agreement expected by chance; 0 for percent agreement.
    pub expected: f64,
    /// The standard error; none where it does not exist, see `reason`.
    pub standard_error: Option<f64>,
    /// The lower limit (t with n − 1 degrees of freedom).
    pub low: Option<f64>,
    /// The upper limit, at most 1.
    pub high: Option<f64>,
    /// The two-sided p-value of a coefficient of zero.
    pub p_value: Option<f64>,
    /// Why there is no interval.
    pub reason: Option<&'static str>,
    /// The number of units counted.
    pub units: u64,
    /// The number of units left out: without a mark, or with one mark where only pairs count.
    pub left_out: u64,
    /// The number of raters; none where only counts are known.
    pub raters: Option<usize>,
    /// The number of categories.
    pub categories: usize,
}

crate::answer_fields!(Coefficient {
    definition,
    value,
    observed,
    expected,
    standard_error,
    low,
    high,
    p_value,
    reason,
    units,
    left_out,
    raters,
    categories,
});

/// The share of pairs of marks of one unit that are equal (or, with weights, near), averaged over units.
///
/// Not corrected for chance: two raters who pass 95 % of calls agree in 90 % without listening.
///
/// ```
/// use csat_core::stats::agreement::{Categories, Marks, Weights, percent_agreement};
/// let marks = Marks::from_table(Categories::unordered(2)?, &[vec![9, 4], vec![2, 5]])?;
/// let agreement = percent_agreement(&marks, Weights::Identity, 0.95)?;
/// assert!((agreement.value - 0.7).abs() < 1e-15);
/// assert!((agreement.standard_error.unwrap() - (0.7f64 * 0.3 / 20.0).sqrt()).abs() < 1e-15);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn percent_agreement(marks: &Marks, weights: Weights, confidence: f64) -> Result<Coefficient> {
    corrected("percent_agreement", marks, weights, confidence, |_, _| (0.0, vec![0.0; marks.units.len()]))
}

/// The Brennan-Prediger coefficient: chance spreads marks evenly over the categories. With identity weights it is
/// Randolph's free-marginal kappa.
///
/// Depends on how many categories there are: declare those that nobody used. Undefined where all marks are equal.
/// Source: Brennan & Prediger 1981; Randolph 2005; Gwet 2014 for weights, missing marks and the error.
///
/// ```
/// use csat_core::stats::agreement::{Categories, Marks, Weights, brennan_prediger};
/// let marks = Marks::from_table(Categories::unordered(2)?, &[vec![9, 4], vec![2, 5]])?;
/// let kappa = brennan_prediger(&marks, Weights::Identity, 0.95)?;
/// assert!((kappa.value - 0.4).abs() < 1e-15); // (0.7 − 0.5) / 0.5
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn brennan_prediger(marks: &Marks, weights: Weights, confidence: f64) -> Result<Coefficient> {
    marks.check_varied()?;
    let q = marks.categories.count() as f64;
    corrected("brennan_prediger", marks, weights, confidence, |weighting, _| {
        let expected = weighting.sum() / (q * q);
        (expected, vec![expected; marks.units.len()])
    })
}

/// Fleiss' kappa in the form that admits missing marks and weights; with the same number of marks on every unit and
/// identity weights it is Fleiss 1971.
///
/// Chance takes the shares of the categories over all raters. Low on skewed marks even where raters agree (paradox):
/// see [`gwet_ac`]. Undefined where all marks are equal.
/// Source: Fleiss 1971; Gwet 2014 for weights, missing marks and the error.
///
/// ```
/// use csat_core::stats::agreement::{Categories, Marks, Weights, fleiss_kappa};
/// let counts = [vec![3, 0], vec![1, 2], vec![0, 3]];
/// let kappa = fleiss_kappa(&Marks::from_counts(Categories::unordered(2)?, &counts)?, Weights::Identity, 0.95)?;
/// // Observed (1 + 1/3 + 1) / 3 = 7/9; shares 4/9 and 5/9, expected 41/81.
/// assert!((kappa.value - (7.0 / 9.0 - 41.0 / 81.0) / (40.0 / 81.0)).abs() < 1e-14);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn fleiss_kappa(marks: &Marks, weights: Weights, confidence: f64) -> Result<Coefficient> {
    marks.check_varied()?;
    corrected("fleiss_kappa", marks, weights, confidence, |weighting, shares| shared_margins(marks, weighting, shares))
}

/// Scott's pi of two raters: [`fleiss_kappa`] where there are two.
///
/// Source: Scott 1955.
///
/// ```
/// use csat_core::stats::agreement::{Categories, Marks, Weights, scott_pi};
/// let marks = Marks::from_table(Categories::unordered(2)?, &[vec![9, 4], vec![2, 5]])?;
/// // Shares 24/40 and 16/40: expected 0.36 + 0.16.
/// assert!((scott_pi(&marks, Weights::Identity, 0.95)?.value - 0.18 / 0.48).abs() < 1e-14);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn scott_pi(marks: &Marks, weights: Weights, confidence: f64) -> Result<Coefficient> {
    if marks.raters != Some(2) {
        return Err(Error::argument("Scott's pi compares two raters; use Fleiss' kappa for more"));
    }
    marks.check_varied()?;
    corrected("scott_pi", marks, weights, confidence, |weighting, shares| shared_margins(marks, weighting, shares))
}

/// Gwet's AC1 (identity weights) or AC2 (other weights): steady where nearly all marks fall in one category.
///
/// Observed agreement counts units with two marks or more, the shares of the categories all units with a mark.
/// Depends on how many categories there are: declare those that nobody used. Undefined where all marks are equal.
/// Source: Gwet 2008, 2014.
///
/// ```
/// use csat_core::stats::agreement::{Categories, Marks, Weights, gwet_ac};
/// let marks = Marks::from_table(Categories::unordered(2)?, &[vec![9, 4], vec![2, 5]])?;
/// // Shares 0.6 and 0.4: expected 2 · 0.6 · 0.4 / (2 − 1) = 0.48.
/// assert!((gwet_ac(&marks, Weights::Identity, 0.95)?.value - 0.22 / 0.52).abs() < 1e-14);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn gwet_ac(marks: &Marks, weights: Weights, confidence: f64) -> Result<Coefficient> {
    marks.check_varied()?;
    let q = marks.categories.count() as f64;
    corrected("gwet_ac", marks, weights, confidence, |weighting, shares| {
        let factor = weighting.sum() / (q * (q - 1.0));
        let expected = factor * shares.iter().map(|p| p * (1.0 - p)).sum::<f64>();
        let others: Vec<f64> = shares.iter().map(|p| factor * (1.0 - p)).collect();
        (expected, marks.units.iter().map(|unit| mean_over_marks(unit, &others)).collect())
    })
}

/// Conger's kappa: each rater's own shares of the categories make up chance. Of two raters who marked every unit it is
/// Cohen's kappa.
///
/// Needs to know who gave which mark. Undefined where all marks are equal.
/// Source: Conger 1980; Gwet 2014 for weights, missing marks and the error.
///
/// ```
/// use csat_core::stats::agreement::{Categories, Marks, Weights, conger_kappa};
/// let marks = Marks::from_table(Categories::unordered(2)?, &[vec![9, 4], vec![2, 5]])?;
/// // Expected 13/20 · 11/20 + 7/20 · 9/20 = 0.515.
/// assert!((conger_kappa(&marks, Weights::Identity, 0.95)?.value - 0.185 / 0.485).abs() < 1e-14);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn conger_kappa(marks: &Marks, weights: Weights, confidence: f64) -> Result<Coefficient> {
    marks.check_varied()?;
    let raters = marks.raters.ok_or_else(|| {
        Error::argument("counts do not tell who gave which mark, so Conger's kappa does not exist; use Fleiss' kappa")
    })?;
    corrected("conger_kappa", marks, weights, confidence, |weighting, _| own_margins(marks, raters, weighting))
}

/// The share of units on which all marks are equal.
#[derive(Clone, Debug, PartialEq)]
pub struct Unanimity {
    /// unanimous / units.
    pub share: f64,
    /// Units whose marks are all equal.
    pub unanimous: u64,
    /// Units with two marks or more.
    pub units: u64,
}

crate::answer_fields!(Unanimity { share, unanimous, units });

/// The share of units, of those with two marks or more, on which all marks are equal.
///
/// Falls with every rater added; [`percent_agreement`] does not.
pub fn unanimity(marks: &Marks) -> Unanimity {
    let rated = || marks.units.iter().filter(|unit| unit.total >= 2);
    let units = rated().map(|unit| unit.frequency).sum();
    let unanimous = rated().filter(|unit| unit.counts.len() == 1).map(|unit| unit.frequency).sum();
    Unanimity { share: unanimous as f64 / units as f64, unanimous, units }
}

/// Expected agreement and each unit's part in it.
type Chance = (f64, Vec<f64>);

fn corrected(
    name: &str,
    marks: &Marks,
    weights: Weights,
    confidence: f64,
    chance: impl FnOnce(&Weighting, &[f64]) -> Chance,
) -> Result<Coefficient> {
    check_confidence(confidence)?;
    let weighting = Weighting::of_weights(weights, &marks.categories)?;
    let frequency = |unit: &Unit| unit.frequency as f64;
    let n: f64 = marks.units.iter().map(frequency).sum();
    let compared: f64 = marks.units.iter().filter(|unit| unit.total >= 2).map(frequency).sum();
    let agreement: Vec<f64> = marks.units.iter().map(|unit| pair_agreement(unit, &weighting)).collect();
    let observed = marks.units.iter().zip(&agreement).map(|(unit, a)| frequency(unit) * a).sum::<f64>() / compared;
    let (expected, expected_by_unit) = chance(&weighting, &category_shares(marks));
    let value = beyond_chance(observed, expected)?;
    // Linearisation: what each unit adds to the coefficient (Gwet 2014).
    let parts: Vec<f64> = (0..marks.units.len())
        .map(|i| {
            let by_chance = if marks.units[i].total >= 2 { expected } else { 0.0 };
            let own = n / compared * (agreement[i] - by_chance) / (1.0 - expected);
            own - 2.0 * (1.0 - value) * (expected_by_unit[i] - expected) / (1.0 - expected)
        })
        .collect();
    let error = sampling_error(&marks.units, &parts, value, marks.table);
    let whole = Coefficient {
        definition: format!("{name}:{}", weights.name()),
        value,
        observed,
        expected,
        standard_error: None,
        low: None,
        high: None,
        p_value: None,
        reason: None,
        units: marks.units(),
        left_out: marks.empty,
        raters: marks.raters,
        categories: marks.categories.count(),
    };
    with_interval(whole, error, confidence)
}

/// (observed − expected) / (1 − expected), undefined where chance alone agrees fully.
pub(super) fn beyond_chance(observed: f64, expected: f64) -> Result<f64> {
    if 1.0 - expected < 1e-12 {
        return Err(Error::undefined("chance alone gives full agreement, so agreement beyond it does not exist"));
    }
    Ok((observed - expected) / (1.0 - expected))
}

/// The standard error of the mean of `parts` about `centre`.
pub(super) fn sampling_error(units: &[Unit], parts: &[f64], centre: f64, table: bool) -> Option<f64> {
    let n: f64 = units.iter().map(|unit| unit.frequency as f64).sum();
    let squares: f64 =
        units.iter().zip(parts).map(|(unit, x)| unit.frequency as f64 * (x - centre) * (x - centre)).sum();
    (n > 1.0).then(|| (squares / n / if table { n } else { n - 1.0 }).sqrt())
}

/// Fills in what follows from the standard error, or the reason why nothing does.
pub(super) fn with_interval(mut whole: Coefficient, error: Option<f64>, confidence: f64) -> Result<Coefficient> {
    match error {
        None => whole.reason = Some("one unit has no sampling error"),
        // Rounding leaves about 1e-17 where every unit contributes the same.
        Some(error) if error < 1e-12 => {
            whole.standard_error = Some(0.0);
            whole.reason = Some("every unit contributes the same, so the sampling error cannot be estimated");
        }
        Some(error) => {
            let df = (whole.units - 1) as f64;
            let half = error * t_quantile(0.5 + confidence / 2.0, df)?;
            whole.standard_error = Some(error);
            whole.low = Some(whole.value - half);
            whole.high = Some((whole.value + half).min(1.0));
            whole.p_value = Some((2.0 * t_sf((whole.value / error).abs(), df)?).min(1.0));
        }
    }
    Ok(whole)
}

fn pair_agreement(unit: &Unit, weighting: &Weighting) -> f64 {
    if unit.total < 2 {
        return 0.0;
    }
    unit.pairs(|k, l| weighting.weight(k, l)) / (unit.total as f64 * (unit.total as f64 - 1.0))
}

fn category_shares(marks: &Marks) -> Vec<f64> {
    let n = marks.units() as f64;
    let mut shares = vec![0.0; marks.categories.count()];
    for unit in &marks.units {
        for (code, count) in &unit.counts {
            shares[*code] += unit.frequency as f64 * *count as f64 / unit.total as f64;
        }
    }
    shares.iter().map(|share| share / n).collect()
}

/// The mean over the marks of a unit of what belongs to their categories.
fn mean_over_marks(unit: &Unit, of_category: &[f64]) -> f64 {
    unit.counts.iter().map(|(code, count)| *count as f64 * of_category[*code]).sum::<f64>() / unit.total as f64
}

fn shared_margins(marks: &Marks, weighting: &Weighting, shares: &[f64]) -> Chance {
    let near = weighting.times(shares);
    let expected = near.iter().zip(shares).map(|(a, b)| a * b).sum();
    (expected, marks.units.iter().map(|unit| mean_over_marks(unit, &near)).collect())
}

/// Chance of Conger: the mean over pairs of raters of the agreement expected from their own shares.
fn own_margins(marks: &Marks, raters: usize, weighting: &Weighting) -> Chance {
    let (n, r, q) = (marks.units() as f64, raters as f64, marks.categories.count());
    let mut given = vec![0.0; raters];
    let mut shares = vec![vec![0.0; q]; raters];
    for unit in &marks.units {
        for (rater, code) in unit.codes.iter().enumerate().filter_map(|(g, code)| code.map(|c| (g, c))) {
            given[rater] += unit.frequency as f64;
            shares[rater][code] += unit.frequency as f64;
        }
    }
    shares.iter_mut().zip(&given).for_each(|(own, total)| own.iter_mut().for_each(|share| *share /= total));
    // What a mark meets by chance in the other raters.
    let sum: Vec<f64> = (0..q).map(|k| shares.iter().map(|own| own[k]).sum()).collect();
    let near_all = weighting.times(&sum);
    let meets: Vec<Vec<f64>> = shares
        .iter()
        .map(|own| weighting.times(own).iter().zip(&near_all).map(|(near, all)| (all - near) / (r - 1.0)).collect())
        .collect();
    let mean: Vec<f64> =
        shares.iter().zip(&meets).map(|(own, meets)| own.iter().zip(meets).map(|(p, m)| p * m).sum()).collect();
    let expected = mean.iter().sum::<f64>() / r;
    let part = |unit: &Unit| {
        let of_rater = |(g, code): (usize, &Option<usize>)| match code {
            Some(code) => n / given[g] * (meets[g][*code] - mean[g]) + mean[g],
            None => mean[g],
        };
        unit.codes.iter().enumerate().map(of_rater).sum::<f64>() / r
    };
    (expected, marks.units.iter().map(part).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::stats::agreement::Categories;

    fn units(rows: &[&[f64]]) -> Marks {
        Marks::from_units(&rows.iter().map(|r| r.iter().copied().map(Some).collect()).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn all_marks_equal_is_undefined_for_every_coefficient() {
        let two = Categories::unordered(2).unwrap();
        let marks = Marks::from_table(two, &[vec![20, 0], vec![0, 0]]).unwrap();
        for f in [brennan_prediger, conger_kappa, fleiss_kappa, gwet_ac, scott_pi] {
            assert_eq!(f(&marks, Weights::Identity, 0.95).unwrap_err().kind(), ErrorKind::Undefined);
        }
        let percent = percent_agreement(&marks, Weights::Identity, 0.95).unwrap();
        assert_eq!((percent.value, percent.low), (1.0, None));
        assert!(percent.reason.unwrap().contains("every unit"));
    }

    #[test]
    fn the_error_of_raw_marks_divides_by_n_minus_1_and_of_a_table_by_n() {
        let raw = units(&[&[0.0, 0.0], &[1.0, 1.0], &[0.0, 1.0], &[1.0, 1.0]]);
        let table = Marks::from_table(Categories::unordered(2).unwrap(), &[vec![1, 1], vec![0, 2]]).unwrap();
        for f in [percent_agreement, conger_kappa, fleiss_kappa, gwet_ac, brennan_prediger] {
            let (a, b) = (f(&raw, Weights::Identity, 0.95).unwrap(), f(&table, Weights::Identity, 0.95).unwrap());
            assert!((a.value - b.value).abs() < 1e-14);
            let (a, b) = (a.standard_error.unwrap(), b.standard_error.unwrap());
            assert!((a * a * 3.0 - b * b * 4.0).abs() < 1e-14);
        }
    }

    #[test]
    fn refusals() {
        let marks = units(&[&[1.0, 2.0, 1.0], &[1.0, 1.0, 1.0]]);
        assert!(scott_pi(&marks, Weights::Identity, 0.95).unwrap_err().message().contains("two raters"));
        assert!(gwet_ac(&marks, Weights::Identity, 0.0).is_err());
        let counts = Marks::from_counts(Categories::unordered(2).unwrap(), &[vec![2, 1]]).unwrap();
        assert!(conger_kappa(&counts, Weights::Identity, 0.95).unwrap_err().message().contains("who gave"));
        assert_eq!(gwet_ac(&counts, Weights::Identity, 0.95).unwrap().reason, Some("one unit has no sampling error"));
        assert_eq!(unanimity(&marks).unanimous, 1);
    }
}
