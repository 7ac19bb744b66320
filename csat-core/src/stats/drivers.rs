//! Drivers of satisfaction: how much of an overall score goes with each question.
//!
//! Every method starts from one correlation matrix ([`Drivers`]). Shares are shares of R², the part of the outcome's
//! variance that the drivers explain together; they describe association, not what would happen after a change.

use super::covariance::Covariance;
use super::matrix::{Matrix, cholesky_solve, dot};
use crate::error::{Error, Result};

/// The most drivers for which [`lmg`] walks through all their subsets.
pub const MOST_LMG_DRIVERS: usize = 15;

/// Below this share of its own variance a driver counts as a combination of the others.
const COLLINEAR: f64 = 1e-10;

/// Correlations of drivers with each other and with an outcome, checked once: no constant, no collinear driver.
#[derive(Clone, Debug, PartialEq)]
pub struct Drivers {
    names: Vec<String>,
    n: u64,
    left_out: u64,
    among: Matrix,
    with_outcome: Vec<f64>,
    betas: Vec<f64>,
}

impl Drivers {
    /// From covariances in which the item `outcome` (a position) is explained by all others.
    ///
    /// Needs two rows more than drivers. Undefined, naming the item, where an item is constant or a driver is a
    /// combination of the drivers before it.
    pub fn new(items: &Covariance, outcome: usize) -> Result<Self> {
        let size = items.names().len();
        if outcome >= size {
            return Err(Error::argument(format!("outcome {outcome}: there are {size} items, counted from 0")));
        }
        if size < 2 {
            return Err(Error::argument("there is no driver; give at least one beside the outcome"));
        }
        if items.n() < size as u64 + 1 {
            return Err(Error::undefined(format!(
                "{} complete rows for {} drivers: at least {} are needed",
                items.n(),
                size - 1,
                size + 1
            )));
        }
        let all = items.correlations()?;
        let kept = |i: usize| if i < outcome { i } else { i + 1 };
        let among = Matrix::from_fn(size - 1, |i, j| all[(kept(i), kept(j))]);
        let with_outcome: Vec<f64> = (0..size - 1).map(|i| all[(kept(i), outcome)]).collect();
        let names: Vec<String> = (0..size - 1).map(|i| items.names()[kept(i)].clone()).collect();
        let lower = among.cholesky(COLLINEAR).map_err(|i| {
            Error::undefined(format!(
                "{} is a combination of the drivers before it ({}), so no share can be told apart; leave one out",
                names[i],
                names[..i].join(", ")
            ))
            .with("item", &names[i])
        })?;
        let betas = cholesky_solve(&lower, &with_outcome);
        Ok(Self { names, n: items.n(), left_out: items.left_out(), among, with_outcome, betas })
    }

    /// From rows: `outcome[i]` belongs to the answers `drivers[i]`. Rows with a missing number are left out.
    ///
    /// ```
    /// use csat_core::stats::drivers::{Drivers, lmg};
    /// let rows: Vec<_> = [[1.0, 3.0], [2.0, 1.0], [3.0, 4.0], [4.0, 2.0], [5.0, 5.0]].map(|r| r.map(Some).to_vec()).into();
    /// let outcome = [2.0, 1.0, 4.0, 3.0, 5.0].map(Some);
    /// let shares = lmg(&Drivers::from_rows(&["speed", "price"], &outcome, &rows)?)?;
    /// assert!((shares.shares.iter().sum::<f64>() - shares.r_squared).abs() < 1e-12);
    /// # Ok::<(), csat_core::Error>(())
    /// ```
    pub fn from_rows<S: AsRef<str>>(
        names: &[S],
        outcome: &[Option<f64>],
        drivers: &[Vec<Option<f64>>],
    ) -> Result<Self> {
        if outcome.len() != drivers.len() {
            return Err(Error::argument(format!(
                "{} outcomes for {} rows of drivers; each row needs its outcome",
                outcome.len(),
                drivers.len()
            )));
        }
        let size = drivers.first().map_or(0, Vec::len);
        if !names.is_empty() && names.len() != size {
            return Err(Error::argument(format!("{} names for {size} drivers; give one per driver", names.len())));
        }
        let names: Vec<String> = match names {
            [] => (1..=size).map(|i| format!("driver {i}")).collect(),
            _ => names.iter().map(|name| name.as_ref().to_owned()).collect(),
        };
        let names: Vec<String> = names.into_iter().chain(["the outcome".to_owned()]).collect();
        let rows: Vec<Vec<Option<f64>>> =
            drivers.iter().zip(outcome).map(|(row, y)| row.iter().copied().chain([*y]).collect()).collect();
        if let Some(i) = rows.iter().position(|row| row.len() != size + 1) {
            return Err(Error::argument(format!(
                "row {} has {} drivers, the first row has {size}; use null for missing",
                i + 1,
                rows[i].len() - 1
            ))
            .with("row", i + 1));
        }
        Self::new(&Covariance::from_rows(&names, &rows)?, size)
    }

    /// The names of the drivers, in the order of every result.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    fn r_squared(&self) -> f64 {
        dot(&self.betas, &self.with_outcome).clamp(0.0, 1.0)
    }
}

/// The plain measures of each driver.
#[derive(Clone, Debug, PartialEq)]
pub struct SimpleDrivers {
    /// The names of the drivers.
    pub names: Vec<String>,
    /// Correlation with the outcome.
    pub correlation: Vec<f64>,
    /// Coefficient of the standardised driver in the regression on all drivers.
    pub beta: Vec<f64>,
    /// Pratt's product of the two; sums to R², but can be negative.
    pub pratt: Vec<f64>,
    /// The share of the outcome's variance explained by all drivers.
    pub r_squared: f64,
    /// The number of complete rows.
    pub n: u64,
    /// The number of rows left out because a number was missing.
    pub left_out: u64,
}

crate::answer_fields!(SimpleDrivers { names, correlation, beta, pratt, r_squared, n, left_out });

/// Correlations, standardised regression coefficients and their products (Pratt 1987).
///
/// ```
/// use csat_core::stats::drivers::{Drivers, simple};
/// let rows = [[1.0], [2.0], [3.0]].map(|r| r.map(Some).to_vec());
/// let one = simple(&Drivers::from_rows(&["speed"], &[Some(1.0), Some(3.0), Some(2.0)], &rows)?);
/// assert!((one.correlation[0] - 0.5).abs() < 1e-15 && (one.r_squared - 0.25).abs() < 1e-15);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn simple(drivers: &Drivers) -> SimpleDrivers {
    SimpleDrivers {
        names: drivers.names.clone(),
        correlation: drivers.with_outcome.clone(),
        beta: drivers.betas.clone(),
        pratt: drivers.betas.iter().zip(&drivers.with_outcome).map(|(b, r)| b * r).collect(),
        r_squared: drivers.r_squared(),
        n: drivers.n,
        left_out: drivers.left_out,
    }
}

/// A split of R² among the drivers.
#[derive(Clone, Debug, PartialEq)]
pub struct DriverShares {
    /// The names of the drivers.
    pub names: Vec<String>,
    /// The share of the outcome's variance given to each driver; they sum to `r_squared`.
    pub shares: Vec<f64>,
    /// The share of the outcome's variance explained by all drivers.
    pub r_squared: f64,
    /// The number of complete rows.
    pub n: u64,
    /// The number of rows left out because a number was missing.
    pub left_out: u64,
}

crate::answer_fields!(DriverShares { names, shares, r_squared, n, left_out });

impl DriverShares {
    fn new(drivers: &Drivers, shares: Vec<f64>) -> Self {
        Self {
            names: drivers.names.clone(),
            shares,
            r_squared: drivers.r_squared(),
            n: drivers.n,
            left_out: drivers.left_out,
        }
    }
}

/// LMG or Shapley shares: what each driver adds to R², averaged over all orders of entry.
///
/// Visits all subsets of the drivers, so at most [`MOST_LMG_DRIVERS`]; beyond, use [`relative_weights`].
/// Never negative. No interval is given: bootstrap the rows where one is needed.
/// Source: Lindeman, Merenda & Gold 1980; Grömping 2006.
///
/// ```
/// use csat_core::stats::{covariance::Covariance, drivers::{Drivers, lmg}, matrix::Matrix};
/// // Two drivers correlated 0.5, with the outcome 0.6 and 0.3: R² = 0.36 alone, 0.09 alone, 0.36 together.
/// let r = Matrix::from_rows(&[vec![1.0, 0.5, 0.6], vec![0.5, 1.0, 0.3], vec![0.6, 0.3, 1.0]])?;
/// let all = Covariance::from_matrix(&["speed", "price", "overall"], 50, r)?;
/// let shares = lmg(&Drivers::new(&all, 2)?)?.shares;
/// assert!((shares[0] - 0.315).abs() < 1e-12 && (shares[1] - 0.045).abs() < 1e-12);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn lmg(drivers: &Drivers) -> Result<DriverShares> {
    let k = drivers.names.len();
    if k > MOST_LMG_DRIVERS {
        return Err(Error::argument(format!(
            "{k} drivers have {:.0e} subsets; at most {MOST_LMG_DRIVERS} drivers, or use relative weights",
            libm::exp2(k as f64)
        ))
        .with("drivers", k));
    }
    let explained = explained_by_subset(drivers);
    let weight = orders(k);
    let share = |j: usize| {
        (0..explained.len())
            .filter(|subset| subset & (1 << j) == 0)
            .map(|s| weight[s.count_ones() as usize] * (explained[s | (1 << j)] - explained[s]))
            .sum()
    };
    Ok(DriverShares::new(drivers, (0..k).map(share).collect()))
}

/// The share of all orders of entry in which a driver enters right after a given set of `s` others: s!(k−1−s)!/k!.
fn orders(k: usize) -> Vec<f64> {
    let mut weight = vec![1.0 / k as f64];
    for s in 1..k {
        weight.push(weight[s - 1] * s as f64 / (k - s) as f64);
    }
    weight
}

/// R² of every subset of the drivers (a bit each). A subset is the one without its highest driver plus one row of the
/// Cholesky factor, so a walk in depth needs O(k²) per subset.
fn explained_by_subset(drivers: &Drivers) -> Vec<f64> {
    let k = drivers.names.len();
    let mut explained = vec![0.0; 1 << k];
    let mut walk = Walk { drivers, members: Vec::new(), rows: Vec::new(), z: Vec::new() };
    for first in 0..k {
        walk.enter(first, 0, 0.0, &mut explained);
    }
    explained
}

struct Walk<'a> {
    drivers: &'a Drivers,
    members: Vec<usize>,
    rows: Vec<Vec<f64>>,
    z: Vec<f64>,
}

impl Walk<'_> {
    fn enter(&mut self, j: usize, subset: usize, r_squared: f64, explained: &mut [f64]) {
        let mut row: Vec<f64> = Vec::with_capacity(self.members.len() + 1);
        for (member, above) in self.members.iter().zip(&self.rows) {
            let i = row.len();
            row.push((self.drivers.among[(j, *member)] - dot(&row, &above[..i])) / above[i]);
        }
        let pivot = (1.0 - dot(&row, &row)).sqrt();
        let z = (self.drivers.with_outcome[j] - dot(&row, &self.z)) / pivot;
        let (subset, r_squared) = (subset | (1 << j), r_squared + z * z);
        explained[subset] = r_squared;
        row.push(pivot);
        self.members.push(j);
        self.rows.push(row);
        self.z.push(z);
        for next in j + 1..self.drivers.names.len() {
            self.enter(next, subset, r_squared, explained);
        }
        self.members.pop();
        self.rows.pop();
        self.z.pop();
    }
}

/// Johnson's relative weights: R² split through the nearest uncorrelated stand-ins of the drivers.
///
/// Close to [`lmg`] and quick for any number of drivers. Never negative.
/// Source: Johnson 2000.
///
/// ```
/// use csat_core::stats::{covariance::Covariance, drivers::{Drivers, relative_weights}, matrix::Matrix};
/// // Uncorrelated drivers: the squared correlations.
/// let r = Matrix::from_rows(&[vec![1.0, 0.0, 0.6], vec![0.0, 1.0, 0.3], vec![0.6, 0.3, 1.0]])?;
/// let all = Covariance::from_matrix(&["speed", "price", "overall"], 50, r)?;
/// let shares = relative_weights(&Drivers::new(&all, 2)?).shares;
/// assert!((shares[0] - 0.36).abs() < 1e-12 && (shares[1] - 0.09).abs() < 1e-12);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn relative_weights(drivers: &Drivers) -> DriverShares {
    let eigen = drivers.among.eigen();
    let k = drivers.names.len();
    let power = |exponent: &dyn Fn(f64) -> f64| {
        let d: Vec<f64> = eigen.values.iter().map(|v| exponent(v.sqrt())).collect();
        Matrix::from_fn(k, |i, j| (0..k).map(|m| eigen.vectors[m][i] * d[m] * eigen.vectors[m][j]).sum())
    };
    let root = power(&|d| d);
    let betas = power(&|d| 1.0 / d).times(&drivers.with_outcome);
    let share = |i: usize| root.row(i).iter().zip(&betas).map(|(l, b)| l * l * b * b).sum();
    DriverShares::new(drivers, (0..k).map(share).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use proptest::prelude::*;

    fn rows(x: &[f64], k: usize) -> Vec<Vec<Option<f64>>> {
        x.chunks(k).map(|r| r.iter().copied().map(Some).collect()).collect()
    }

    #[test]
    fn two_drivers_by_hand() {
        // Correlations 0.5 between, 0.6 and 0.3 with the outcome: beta = (0.6 − 0.15, 0.3 − 0.3) / 0.75 = (0.6, 0).
        let r = Matrix::from_rows(&[vec![1.0, 0.6, 0.3], vec![0.6, 1.0, 0.5], vec![0.3, 0.5, 1.0]]).unwrap();
        let d = Drivers::new(&Covariance::from_matrix(&["y", "a", "b"], 20, r).unwrap(), 0).unwrap();
        let s = simple(&d);
        assert!((s.beta[0] - 0.6).abs() < 1e-15 && s.beta[1].abs() < 1e-15 && (s.r_squared - 0.36).abs() < 1e-15);
        assert_eq!(d.names(), ["a", "b"]);
    }

    #[test]
    fn bad_drivers_are_named() {
        let y: Vec<Option<f64>> = (0..5).map(|i| Some(f64::from(i * i))).collect();
        let item = |x: &[f64], k| {
            let names = ["a", "b", "c"];
            let error = Drivers::from_rows(&names[..k], &y, &rows(x, k)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Undefined);
            error.context_value("item").map(str::to_owned)
        };
        assert_eq!(item(&[1.0, 2.0, 2.0, 2.0, 4.0, 2.0, 5.0, 2.0, 9.0, 2.0], 2).as_deref(), Some("b"));
        assert_eq!(item(&[1.0, 2.0, 2.0, 4.0, 4.0, 8.0, 5.0, 10.0, 9.0, 18.0], 2).as_deref(), Some("b"));
        assert!(Drivers::from_rows(&["a"], &[Some(3.0); 5], &rows(&[1.0, 2.0, 4.0, 5.0, 9.0], 1)).is_err());
        assert!(Drivers::from_rows(&["a"], &y[..3], &rows(&[1.0, 2.0, 4.0, 5.0, 9.0], 1)).is_err());
        assert!(Drivers::from_rows::<&str>(&[], &y, &vec![vec![]; 5]).is_err());
        assert!(Drivers::from_rows::<&str>(&[], &[], &[]).is_err());
    }

    #[test]
    fn too_many_drivers_for_all_subsets() {
        let all = Covariance::from_matrix::<&str>(&[], 99, Matrix::identity(17)).unwrap();
        let error = lmg(&Drivers::new(&all, 16).unwrap()).unwrap_err();
        assert!(error.message().contains("relative weights"), "{error}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn shares_sum_to_r_squared_and_are_not_negative(x in proptest::collection::vec(-9.0..9.0f64, 5 * 12)) {
            let (y, x) = x.split_at(12);
            let y: Vec<Option<f64>> = y.iter().copied().map(Some).collect();
            let d = Drivers::from_rows::<&str>(&[], &y, &rows(x, 4)).unwrap();
            for shares in [lmg(&d).unwrap(), relative_weights(&d)] {
                prop_assert!((shares.shares.iter().sum::<f64>() - shares.r_squared).abs() < 1e-9);
                prop_assert!(shares.shares.iter().all(|s| *s >= -1e-12));
            }
            prop_assert!((simple(&d).pratt.iter().sum::<f64>() - simple(&d).r_squared).abs() < 1e-9);
        }
    }
}
