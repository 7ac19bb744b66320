//! Krippendorff's alpha.

use super::coefficient::{Coefficient, beyond_chance, sampling_error, with_interval};
use super::marks::{Categories, Marks, Unit};
use super::weights::{Level, Weighting, Weights};
use crate::error::Result;
use crate::stats::interval::check_confidence;

/// Krippendorff's alpha by the level of measurement.
///
/// Any number of raters, missing marks allowed; units with fewer than two marks do not count. Undefined where all
/// marks are equal: alpha is then not 1. The ordinal level is not [`Weights::Ordinal`]: see
/// [`krippendorff_weighted`]. The interval is Gwet's linearisation over units, with ordinal distances taken as known;
/// with fewer than about twenty units it is rough.
/// Source: Krippendorff 2011; Gwet 2014 for the error.
///
/// ```
/// use csat_core::stats::agreement::{Level, Marks, krippendorff_alpha};
/// let marks = Marks::from_units(&[[1.0, 1.0], [2.0, 2.0], [1.0, 2.0]].map(|u| u.map(Some).to_vec()))?;
/// // 2 of 6 pairs disagree; of the 3 ones and 3 twos 2·3·3 of 6·5 ordered pairs would.
/// let alpha = krippendorff_alpha(&marks, Level::Nominal, 0.95)?;
/// assert!((alpha.value - (1.0 - (2.0 / 6.0) / (18.0 / 30.0))).abs() < 1e-15);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn krippendorff_alpha(marks: &Marks, level: Level, confidence: f64) -> Result<Coefficient> {
    let definition = format!("krippendorff_alpha:{}_level", level.name());
    alpha(definition, marks, confidence, |categories, margins| Weighting::of_level(level, categories, margins))
}

/// Krippendorff's alpha with Gwet's agreement weights.
///
/// Identity, quadratic and ratio weights give the levels nominal, interval and ratio of [`krippendorff_alpha`].
/// `observed` holds the small-sample correction (1 − ε)·observed + ε, ε = 1 / number of pairable marks.
/// Source: Gwet 2014.
///
/// ```
/// use csat_core::stats::agreement::{Level, Marks, Weights, krippendorff_alpha, krippendorff_weighted};
/// let units = [[1.0, 1.0], [2.0, 2.0], [1.0, 2.0], [3.0, 3.0], [1.0, 1.0]].map(|u| u.map(Some).to_vec());
/// let marks = Marks::from_units(&units)?;
/// let by_level = krippendorff_alpha(&marks, Level::Ordinal, 0.95)?;
/// let by_weights = krippendorff_weighted(&marks, Weights::Ordinal, 0.95)?;
/// assert!((by_level.value - by_weights.value).abs() > 0.01); // two definitions
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn krippendorff_weighted(marks: &Marks, weights: Weights, confidence: f64) -> Result<Coefficient> {
    let definition = format!("krippendorff_alpha:{}_weights", weights.name());
    alpha(definition, marks, confidence, |categories, _| Weighting::of_weights(weights, categories))
}

fn alpha(
    definition: String,
    marks: &Marks,
    confidence: f64,
    weighting: impl FnOnce(&Categories, &[f64]) -> Result<Weighting>,
) -> Result<Coefficient> {
    check_confidence(confidence)?;
    let units: Vec<Unit> = marks.units.iter().filter(|unit| unit.total >= 2).cloned().collect();
    let pairable = Marks { units, categories: marks.categories.clone(), ..*marks };
    pairable.check_varied()?;
    let units = &pairable.units;
    let sum = |f: &dyn Fn(&Unit) -> f64| units.iter().map(|unit| unit.frequency as f64 * f(unit)).sum::<f64>();
    let (n, all) = (sum(&|_| 1.0), sum(&|unit| unit.total as f64));
    let per_unit = all / n;
    let mut margins = vec![0.0; marks.categories.count()];
    for unit in units {
        unit.counts.iter().for_each(|(code, count)| margins[*code] += unit.frequency as f64 * *count as f64);
    }
    let weighting = weighting(&marks.categories, &margins)?;
    let shares: Vec<f64> = margins.iter().map(|count| count / all).collect();
    let near = weighting.times(&shares);
    let expected: f64 = near.iter().zip(&shares).map(|(a, b)| a * b).sum();
    let agreement = |unit: &Unit| unit.pairs(|k, l| weighting.weight(k, l)) / (per_unit * (unit.total as f64 - 1.0));
    let uncorrected = sum(&agreement) / n;
    let observed = (1.0 - 1.0 / all) * uncorrected + 1.0 / all;
    let value = beyond_chance(observed, expected)?;
    let centre = beyond_chance(uncorrected, expected)?;
    let part = |unit: &Unit| {
        let size = unit.total as f64 / per_unit - 1.0;
        let met: f64 = unit.counts.iter().map(|(code, count)| *count as f64 * near[*code]).sum::<f64>() / per_unit;
        let own = (agreement(unit) - observed * size - expected) / (1.0 - expected);
        own - 2.0 * (1.0 - centre) * (met - expected * size - expected) / (1.0 - expected)
    };
    let parts: Vec<f64> = units.iter().map(part).collect();
    let error = sampling_error(units, &parts, centre, marks.table);
    let whole = Coefficient {
        definition,
        value,
        observed,
        expected,
        standard_error: None,
        low: None,
        high: None,
        p_value: None,
        reason: None,
        units: pairable.units(),
        left_out: marks.empty + marks.units() - pairable.units(),
        raters: marks.raters,
        categories: marks.categories.count(),
    };
    with_interval(whole, error, confidence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::stats::agreement::{cohen_kappa, conger_kappa, fleiss_kappa, percent_agreement, scott_pi, unanimity};
    use proptest::prelude::*;

    type Rows = Vec<Vec<Option<f64>>>;

    fn marks(rows: &Rows) -> Option<Marks> {
        Marks::from_units(rows).ok()
    }

    fn rows(raters: usize, missing: bool) -> impl Strategy<Value = Rows> {
        let mark = (1u8..=if missing { 6 } else { 5 }).prop_map(|m| (m < 6).then_some(f64::from(m)));
        proptest::collection::vec(proptest::collection::vec(mark, raters), 2..12)
    }

    /// Krippendorff's own arithmetic: 1 − observed / expected disagreement, by all pairs of marks.
    fn by_pairs(rows: &Rows, distance: impl Fn(f64, f64) -> f64) -> f64 {
        let units: Vec<Vec<f64>> = rows.iter().map(|u| u.iter().flatten().copied().collect()).collect();
        let units: Vec<Vec<f64>> = units.into_iter().filter(|u: &Vec<f64>| u.len() > 1).collect();
        let sum = |marks: &[f64]| -> f64 { marks.iter().flat_map(|x| marks.iter().map(|y| distance(*x, *y))).sum() };
        let all = units.concat();
        let observed: f64 = units.iter().map(|u| sum(u) / (u.len() - 1) as f64).sum();
        1.0 - observed * (all.len() - 1) as f64 / sum(&all)
    }

    fn agree(a: Result<f64>, b: Result<f64>) -> bool {
        match (a, b) {
            (Ok(a), Ok(b)) => (a - b).abs() < 1e-9 * (1.0 + a.abs()),
            (a, b) => a.is_err() && b.is_err(),
        }
    }

    #[test]
    fn units_with_one_mark_do_not_count() {
        let with = vec![vec![Some(1.0), Some(2.0)], vec![Some(2.0), Some(2.0)], vec![None, Some(5.0)]];
        let (all, pairs) = (marks(&with).unwrap(), marks(&with[..2].to_vec()).unwrap());
        let (a, b) = (krippendorff_alpha(&all, Level::Ordinal, 0.95), krippendorff_alpha(&pairs, Level::Ordinal, 0.95));
        let (a, b) = (a.unwrap(), b.unwrap());
        assert_eq!((a.value, a.units, a.left_out), (b.value, 2, 1));
        // A third value outside the pairs does not save marks that are all equal within them.
        let equal = vec![vec![Some(2.0), Some(2.0)], vec![None, Some(5.0)]];
        let error = krippendorff_alpha(&marks(&equal).unwrap(), Level::Nominal, 0.95).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Undefined);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn levels_follow_the_definition(rows in rows(4, true)) {
            let Some(marks) = marks(&rows) else { return Ok(()) };
            let paired: Vec<f64> =
                rows.iter().filter(|u| u.iter().flatten().count() > 1).flatten().flatten().copied().collect();
            let count = |x: f64| paired.iter().filter(|y| **y == x).count() as f64;
            let ranks = |x: f64, y: f64| {
                let between: f64 = (x as u8..=y as u8).map(|c| count(f64::from(c))).sum();
                (between - f64::midpoint(count(x), count(y))).powi(2)
            };
            let value = |level| krippendorff_alpha(&marks, level, 0.95).map(|a| a.value);
            if value(Level::Nominal).is_ok() {
                prop_assert!(agree(value(Level::Nominal), Ok(by_pairs(&rows, |x, y| f64::from(x != y)))));
                prop_assert!(agree(value(Level::Interval), Ok(by_pairs(&rows, |x, y| (x - y).powi(2)))));
                prop_assert!(agree(value(Level::Ratio), Ok(by_pairs(&rows, |x, y| ((x - y) / (x + y)).powi(2)))));
                let ordinal = by_pairs(&rows, |x, y| if x == y { 0.0 } else { ranks(x.min(y), x.max(y)) });
                prop_assert!(agree(value(Level::Ordinal), Ok(ordinal)));
            }
        }

        #[test]
        fn weights_and_levels_meet_where_they_should(rows in rows(3, true)) {
            let Some(marks) = marks(&rows) else { return Ok(()) };
            for (level, weights) in [
                (Level::Nominal, Weights::Identity),
                (Level::Interval, Weights::Quadratic),
                (Level::Ratio, Weights::Ratio),
            ] {
                let a = krippendorff_alpha(&marks, level, 0.95).map(|a| a.value);
                prop_assert!(agree(a, krippendorff_weighted(&marks, weights, 0.95).map(|a| a.value)));
            }
        }

        #[test]
        fn two_raters_meet_their_tables(rows in rows(2, false)) {
            let Some(marks) = marks(&rows) else { return Ok(()) };
            for (_, weights) in Weights::ALL {
                let value = |r: Result<Coefficient>| r.map(|c| c.value);
                let cohen = cohen_kappa(&marks, *weights, 0.95).map(|c| c.value);
                prop_assert!(agree(value(conger_kappa(&marks, *weights, 0.95)), cohen));
                let scott = value(scott_pi(&marks, *weights, 0.95));
                prop_assert!(agree(value(fleiss_kappa(&marks, *weights, 0.95)), scott));
            }
            let percent = percent_agreement(&marks, Weights::Identity, 0.95).map(|c| c.value);
            prop_assert!(agree(percent, Ok(unanimity(&marks).share)));
        }

        #[test]
        fn no_order_of_raters_or_units_matters(rows in rows(3, true)) {
            let turned: Rows = rows.iter().rev().map(|u| u.iter().rev().copied().collect()).collect();
            let (Some(a), Some(b)) = (marks(&rows), marks(&turned)) else { return Ok(()) };
            for f in [conger_kappa, fleiss_kappa, krippendorff_weighted, super::super::gwet_ac] {
                let (a, b) = (f(&a, Weights::Linear, 0.95), f(&b, Weights::Linear, 0.95));
                if let (Ok(a), Ok(b)) = (&a, &b) {
                    prop_assert!(a.value <= 1.0 + 1e-12 && a.high.is_none_or(|high| high <= 1.0));
                    let error = a.standard_error.unwrap_or(0.0) - b.standard_error.unwrap_or(0.0);
                    prop_assert!(error.abs() < 1e-9);
                }
                prop_assert!(agree(a.map(|c| c.value), b.map(|c| c.value)));
            }
        }
    }
}
