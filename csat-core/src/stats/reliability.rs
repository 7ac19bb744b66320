//! Reliability of a scale: do the questions of an index measure one thing?

use super::covariance::Covariance;
use super::interval::check_confidence;
use super::matrix::{Matrix, dot};
use super::special::f_quantile;
use crate::error::{Error, Result};

/// Cronbach's alpha with Feldt's interval.
#[derive(Clone, Debug, PartialEq)]
pub struct Alpha {
    /// Alpha from the covariances; at most 1, negative where items contradict each other.
    pub alpha: f64,
    /// Alpha from the correlations, as if every item had the same spread; none where an item is constant.
    pub standardized: Option<f64>,
    /// The lower limit of `alpha`.
    pub low: f64,
    /// The upper limit of `alpha`.
    pub high: f64,
    /// The number of items.
    pub items: usize,
    /// The number of complete rows.
    pub n: u64,
    /// The number of rows left out because an answer was missing.
    pub left_out: u64,
    /// Items that are constant: they count in `alpha` and have no correlation.
    pub constant: Vec<String>,
}

crate::answer_fields!(Alpha { alpha, standardized, low, high, items, n, left_out, constant });

/// Cronbach's alpha of a scale.
///
/// Formula: k/(k−1)·(1 − Σ variances / variance of the sum). Feldt's limits are 1 − (1−α)·F with n−1 and
/// (n−1)(k−1) degrees of freedom. Items must point the same way: reverse negative questions first.
/// A high alpha does not show that there is one dimension. Undefined where the sum of the items is constant.
/// Source: Cronbach 1951; Feldt 1965.
///
/// ```
/// use csat_core::stats::{covariance::Covariance, reliability::cronbach_alpha};
/// let rows = [[1.0, 2.0], [2.0, 2.0], [3.0, 5.0]].map(|r| r.map(Some).to_vec());
/// let alpha = cronbach_alpha(&Covariance::from_rows(&["speed", "price"], &rows)?, 0.95)?;
/// assert!((alpha.alpha - 6.0 / 7.0).abs() < 1e-15); // variances 1 and 3, of the sum 7
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn cronbach_alpha(items: &Covariance, confidence: f64) -> Result<Alpha> {
    check_confidence(confidence)?;
    let k = at_least(items, 2)?;
    let alpha = alpha_of(items.matrix()).ok_or_else(|| {
        Error::undefined("the sum of the items is constant, so alpha does not exist; are items reversed?")
    })?;
    let tail = (1.0 - confidence) / 2.0;
    let (d1, d2) = ((items.n() - 1) as f64, (items.n() - 1) as f64 * (k - 1) as f64);
    Ok(Alpha {
        alpha,
        standardized: items.correlations().ok().and_then(|r| alpha_of(&r)),
        low: 1.0 - (1.0 - alpha) * f_quantile(1.0 - tail, d1, d2)?,
        high: 1.0 - (1.0 - alpha) * f_quantile(tail, d1, d2)?,
        items: k,
        n: items.n(),
        left_out: items.left_out(),
        constant: items.constant(),
    })
}

/// How each item goes with the others, in the order of the items.
#[derive(Clone, Debug, PartialEq)]
pub struct ItemStatistics {
    /// The names of the items.
    pub names: Vec<String>,
    /// Correlation of the item with the sum of all items, itself among them.
    pub item_total: Vec<Option<f64>>,
    /// Correlation of the item with the sum of the other items; below about 0.3 it measures something else.
    pub item_rest: Vec<Option<f64>>,
    /// Alpha of the scale without the item; none where one item is left.
    pub alpha_if_dropped: Vec<Option<f64>>,
    /// The number of complete rows.
    pub n: u64,
    /// The number of rows left out because an answer was missing.
    pub left_out: u64,
    /// Items that are constant and have no correlation.
    pub constant: Vec<String>,
}

crate::answer_fields!(ItemStatistics { names, item_total, item_rest, alpha_if_dropped, n, left_out, constant });

/// Item-total and item-rest correlations and alpha if dropped.
///
/// A correlation is none where the item, the sum or the rest is constant. Pitfall: item-total is inflated, because the
/// item is part of the total.
/// Source: Nunnally & Bernstein 1994.
///
/// ```
/// use csat_core::stats::{covariance::Covariance, reliability::item_statistics};
/// let rows = [[1.0, 2.0], [2.0, 2.0], [3.0, 5.0]].map(|r| r.map(Some).to_vec());
/// let items = item_statistics(&Covariance::from_rows(&["speed", "price"], &rows)?)?;
/// assert!((items.item_rest[0].unwrap() - 0.75f64.sqrt()).abs() < 1e-15); // 1.5 / √(1 · 3)
/// assert_eq!(items.alpha_if_dropped, [None, None]);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn item_statistics(items: &Covariance) -> Result<ItemStatistics> {
    at_least(items, 2)?;
    let c = items.matrix();
    let total = c.sum();
    let each = |f: &dyn Fn(usize, f64, f64) -> Option<f64>| -> Vec<Option<f64>> {
        (0..c.size()).map(|i| f(i, c[(i, i)], c.row(i).iter().sum())).collect()
    };
    Ok(ItemStatistics {
        names: items.names().to_vec(),
        item_total: each(&|_, own, with_total| correlation(with_total, own, total, c)),
        item_rest: each(&|_, own, with_total| correlation(with_total - own, own, total - 2.0 * with_total + own, c)),
        alpha_if_dropped: each(&|i, _, _| alpha_of(&without(c, i))),
        n: items.n(),
        left_out: items.left_out(),
        constant: items.constant(),
    })
}

/// One-factor omega total.
#[derive(Clone, Debug, PartialEq)]
pub struct Omega {
    /// (Σ loadings)² / ((Σ loadings)² + Σ uniquenesses).
    pub omega: f64,
    /// Correlation of each item with the factor.
    pub loadings: Vec<f64>,
    /// The share of each item's variance that the factor does not explain, at least 0.005.
    pub uniquenesses: Vec<f64>,
    /// Whether a uniqueness lies on its lower bound: the solution is improper (Heywood) and omega not to be trusted.
    pub improper: bool,
    /// The number of complete rows.
    pub n: u64,
    /// The number of rows left out because an answer was missing.
    pub left_out: u64,
}

crate::answer_fields!(Omega { omega, loadings, uniquenesses, improper, n, left_out });

/// Omega total of a scale with one factor, fitted by maximum likelihood to the correlations.
///
/// Expectation-maximisation with uniquenesses of at least 0.005. This is not the omega of a rotated model with
/// several group factors. Needs three items or more; undefined, naming the item, where an item is constant.
/// Source: McDonald 1999; Rubin & Thayer 1982 for the algorithm.
///
/// ```
/// use csat_core::stats::{covariance::Covariance, matrix::Matrix, reliability::omega_total};
/// // Correlations 0.8·0.7, 0.8·0.6 and 0.7·0.6 have the loadings 0.8, 0.7 and 0.6.
/// let r = Matrix::from_rows(&[vec![1.0, 0.56, 0.48], vec![0.56, 1.0, 0.42], vec![0.48, 0.42, 1.0]])?;
/// let omega = omega_total(&Covariance::from_matrix(&["a", "b", "c"], 100, r)?)?;
/// assert!((omega.omega - 4.41 / (4.41 + 1.51)).abs() < 1e-6);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn omega_total(items: &Covariance) -> Result<Omega> {
    at_least(items, 3)?;
    let (loadings, uniquenesses) = one_factor(&items.correlations()?)?;
    let common = loadings.iter().sum::<f64>() * loadings.iter().sum::<f64>();
    Ok(Omega {
        omega: common / (common + uniquenesses.iter().sum::<f64>()),
        improper: uniquenesses.iter().any(|u| *u <= LEAST_UNIQUENESS),
        loadings,
        uniquenesses,
        n: items.n(),
        left_out: items.left_out(),
    })
}

const LEAST_UNIQUENESS: f64 = 0.005;

fn one_factor(r: &Matrix) -> Result<(Vec<f64>, Vec<f64>)> {
    let eigen = r.eigen();
    let sign = if eigen.vectors[0].iter().sum::<f64>() < 0.0 { -1.0 } else { 1.0 };
    let mut loadings: Vec<f64> = eigen.vectors[0].iter().map(|v| sign * v * eigen.values[0].sqrt()).collect();
    let mut unique: Vec<f64> = loadings.iter().map(|l| (1.0 - l * l).max(LEAST_UNIQUENESS)).collect();
    for _ in 0..20_000 {
        let precision: Vec<f64> = loadings.iter().zip(&unique).map(|(l, u)| l / u).collect();
        let rest = 1.0 / (1.0 + dot(&loadings, &precision));
        let scores: Vec<f64> = precision.iter().map(|p| rest * p).collect();
        let cross = r.times(&scores);
        let spread = rest + dot(&scores, &cross);
        let mut step = 0.0f64;
        for i in 0..loadings.len() {
            let loading = cross[i] / spread;
            let left = (1.0 - loading * cross[i]).max(LEAST_UNIQUENESS);
            step = step.max((loading - loadings[i]).abs()).max((left - unique[i]).abs());
            (loadings[i], unique[i]) = (loading, left);
        }
        if step < 1e-11 {
            return Ok((loadings, unique));
        }
    }
    Err(Error::undefined("the one-factor model does not converge on these correlations; use alpha"))
}

fn at_least(items: &Covariance, least: usize) -> Result<usize> {
    let k = items.names().len();
    if k >= least {
        return Ok(k);
    }
    Err(Error::argument(format!("{k} items: this needs at least {least}")).with("items", k))
}

fn alpha_of(c: &Matrix) -> Option<f64> {
    let (k, total) = (c.size() as f64, c.sum());
    (k > 1.0 && !vanishes(total, c)).then(|| k / (k - 1.0) * (1.0 - c.trace() / total))
}

fn correlation(covariance: f64, a: f64, b: f64, c: &Matrix) -> Option<f64> {
    (a > 0.0 && !vanishes(b, c)).then(|| (covariance / (a * b).sqrt()).clamp(-1.0, 1.0))
}

/// A sum of covariances that cancels to rounding noise is no variance.
fn vanishes(variance: f64, c: &Matrix) -> bool {
    variance <= 1e-13 * c.trace()
}

fn without(c: &Matrix, dropped: usize) -> Matrix {
    let kept = |i: usize| if i < dropped { i } else { i + 1 };
    Matrix::from_fn(c.size() - 1, |i, j| c[(kept(i), kept(j))])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use proptest::prelude::*;

    fn items(rows: &[Vec<i64>]) -> Covariance {
        let rows: Vec<_> = rows.iter().map(|r| r.iter().map(|x| Some(*x as f64)).collect()).collect();
        Covariance::from_rows::<&str>(&[], &rows).unwrap()
    }

    #[test]
    fn by_hand() {
        // Columns 1 2 3, 2 2 5, 1 3 2: variances 1, 3, 1; covariances 1.5, 0.5, 0. Sum 5 + 2·2 = 9.
        let c = items(&[vec![1, 2, 1], vec![2, 2, 3], vec![3, 5, 2]]);
        let alpha = cronbach_alpha(&c, 0.95).unwrap();
        assert!((alpha.alpha - 1.5 * (1.0 - 5.0 / 9.0)).abs() < 1e-14);
        let s = item_statistics(&c).unwrap();
        // Item 3: with the total 0.5 + 0 + 1 = 1.5; without it the sum has variance 7 and alpha 2·(1 − 4/7).
        assert!((s.item_total[2].unwrap() - 0.5).abs() < 1e-14);
        assert!((s.item_rest[2].unwrap() - 0.5 / 7f64.sqrt()).abs() < 1e-14);
        assert!((s.alpha_if_dropped[2].unwrap() - 6.0 / 7.0).abs() < 1e-14);
    }

    #[test]
    fn identical_items_have_alpha_one_and_an_improper_omega() {
        let c = items(&[vec![1, 1, 1], vec![2, 2, 2], vec![5, 5, 5]]);
        let alpha = cronbach_alpha(&c, 0.9).unwrap();
        assert!((alpha.alpha - 1.0).abs() < 1e-14 && (alpha.high - alpha.low).abs() < 1e-12);
        assert!(omega_total(&c).unwrap().improper);
    }

    #[test]
    fn what_does_not_exist_says_why() {
        let kind = |r: Result<Alpha>| r.unwrap_err().kind();
        assert_eq!(kind(cronbach_alpha(&items(&[vec![1, 5], vec![2, 4], vec![3, 3]]), 0.95)), ErrorKind::Undefined);
        assert_eq!(kind(cronbach_alpha(&items(&[vec![1], vec![2]]), 0.95)), ErrorKind::InvalidArgument);
        assert_eq!(kind(cronbach_alpha(&items(&[vec![1, 2], vec![2, 2]]), 1.0)), ErrorKind::InvalidArgument);
        assert!(omega_total(&items(&[vec![1, 2], vec![3, 2]])).is_err());
        let error = omega_total(&items(&[vec![1, 2, 5], vec![3, 2, 4]])).unwrap_err();
        assert_eq!(error.context_value("item"), Some("item 2"));
    }

    #[test]
    fn a_constant_item_counts_and_is_named() {
        // Variances 1, 0 and 1, covariance 0.5: 1.5·(1 − 2/3).
        let c = items(&[vec![1, 4, 2], vec![2, 4, 1], vec![3, 4, 3]]);
        let alpha = cronbach_alpha(&c, 0.95).unwrap();
        assert!((alpha.alpha - 0.5).abs() < 1e-14);
        assert_eq!((alpha.standardized, alpha.constant), (None, vec!["item 2".to_owned()]));
        assert_eq!(item_statistics(&c).unwrap().item_rest[1], None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn alpha_ignores_shift_and_common_scale(x in proptest::collection::vec(1i64..=10, 4 * 12)) {
            let rows: Vec<Vec<i64>> = x.chunks(4).map(<[i64]>::to_vec).collect();
            let moved: Vec<Vec<i64>> = rows.iter().map(|r| r.iter().map(|v| 7 * v - 30).collect()).collect();
            if let (Ok(a), Ok(b)) = (cronbach_alpha(&items(&rows), 0.95), cronbach_alpha(&items(&moved), 0.95)) {
                prop_assert!((a.alpha - b.alpha).abs() < 1e-9 * (1.0 + a.alpha.abs()));
                prop_assert!(a.low <= a.alpha && a.alpha <= a.high && a.alpha <= 1.0);
            }
        }

        #[test]
        fn integer_cross_sums_give_the_same(x in proptest::collection::vec(1i64..=5, 3 * 9)) {
            let rows: Vec<Vec<i64>> = x.chunks(3).map(<[i64]>::to_vec).collect();
            let sums: Vec<i128> = (0..3).map(|i| rows.iter().map(|r| i128::from(r[i])).sum()).collect();
            let cross = |i: usize, j: usize| rows.iter().map(|r| i128::from(r[i] * r[j])).sum::<i128>();
            let products = [cross(0, 0), cross(0, 1), cross(0, 2), cross(1, 1), cross(1, 2), cross(2, 2)];
            let exact = Covariance::from_sums::<&str>(&[], 9, &sums, &products, &[(1, 5); 3]).unwrap();
            match (cronbach_alpha(&exact, 0.95), cronbach_alpha(&items(&rows), 0.95)) {
                (Ok(a), Ok(b)) => prop_assert!((a.alpha - b.alpha).abs() < 1e-9 * (1.0 + a.alpha.abs())),
                (a, b) => prop_assert_eq!(a.is_err(), b.is_err()),
            }
        }
    }
}
