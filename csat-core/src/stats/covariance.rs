//! Covariances of named items: from rows of numbers, or from the integer cross sums that a tally stores.

use super::matrix::Matrix;
use crate::error::{Error, ErrorKind, Result};

/// The largest number of items: above it a table is not a questionnaire, and eigenvectors take minutes.
const MOST_ITEMS: usize = 200;

/// Variances and covariances (n − 1 in the denominator) of items over complete rows.
///
/// The one input of [`reliability`](super::reliability) and [`drivers`](super::drivers); it is made from rows or
/// from integer cross sums, and both roads lead to the same results.
#[derive(Clone, Debug, PartialEq)]
pub struct Covariance {
    names: Vec<String>,
    n: u64,
    left_out: u64,
    matrix: Matrix,
}

impl Covariance {
    /// From rows of answers, one number an item. Rows with a missing answer (`None` or NaN) are left out and counted.
    ///
    /// `names` may be empty: items are then called `item 1`, `item 2`. At least two complete rows are needed.
    /// An infinite number is an error.
    ///
    /// ```
    /// use csat_core::stats::covariance::Covariance;
    /// let rows = vec![vec![Some(1.0), Some(2.0)], vec![Some(3.0), Some(6.0)], vec![Some(3.0), None]];
    /// let c = Covariance::from_rows(&["speed", "price"], &rows)?;
    /// assert_eq!((c.n(), c.left_out(), c.matrix()[(0, 1)]), (2, 1, 4.0));
    /// # Ok::<(), csat_core::Error>(())
    /// ```
    pub fn from_rows<S: AsRef<str>>(names: &[S], rows: &[Vec<Option<f64>>]) -> Result<Self> {
        let size = rows.first().map_or(names.len(), Vec::len);
        let names = item_names(names, size)?;
        let mut columns = vec![Vec::with_capacity(rows.len()); size];
        for (i, row) in rows.iter().enumerate() {
            if row.len() != size {
                return Err(Error::argument(format!(
                    "row {} has {} answers, the first row has {size}; every row needs one per item, null for missing",
                    i + 1,
                    row.len()
                ))
                .with("row", i + 1));
            }
            if let Some(j) = row.iter().position(|x| x.is_some_and(f64::is_infinite)) {
                return Err(Error::argument(format!("row {}, {}: infinite, a number is needed", i + 1, names[j]))
                    .with("row", i + 1));
            }
            if row.iter().all(|x| x.is_some_and(|x| !x.is_nan())) {
                row.iter().zip(&mut columns).for_each(|(x, column)| column.extend(x));
            }
        }
        let n = columns[0].len() as u64;
        enough_rows(n)?;
        let columns: Vec<Vec<f64>> = columns.iter().map(|column| centred(column)).collect();
        let matrix = symmetric(size, |i, j| {
            columns[i].iter().zip(&columns[j]).map(|(x, y)| x * y).sum::<f64>() / (n - 1) as f64
        });
        Self::new(names, n, rows.len() as u64 - n, matrix)
    }

    /// From integer sums over `n` complete rows, as a tally keeps them.
    ///
    /// `sums[i]` = Σ xᵢ; `products` = Σ xᵢ·xⱼ for the upper triangle, row by row with the diagonal: (0,0), (0,1), …,
    /// (1,1), …; `ranges[i]` = (lowest, highest) possible answer of item i after reversal. Items are rescaled to 0..1
    /// by their range. Exact: (n·Σxᵢxⱼ − Σxᵢ·Σxⱼ) is formed in i128 and divided once; `overflow` where it cannot be.
    ///
    /// ```
    /// use csat_core::stats::covariance::Covariance;
    /// // Rows (1, 2), (3, 6) on scales 1..5 and 0..10: covariance 4 / (4 · 10).
    /// let c = Covariance::from_sums(&["speed", "price"], 2, &[4, 8], &[10, 20, 40], &[(1, 5), (0, 10)])?;
    /// assert_eq!(c.matrix()[(0, 1)], 0.1);
    /// # Ok::<(), csat_core::Error>(())
    /// ```
    pub fn from_sums<S: AsRef<str>>(
        names: &[S],
        n: u64,
        sums: &[i128],
        products: &[i128],
        ranges: &[(i64, i64)],
    ) -> Result<Self> {
        let size = sums.len();
        let names = item_names(names, size)?;
        enough_rows(n)?;
        if products.len() != size * (size + 1) / 2 || ranges.len() != size {
            return Err(Error::argument(format!(
                "{size} sums need {} products (upper triangle) and {size} ranges, not {} and {}",
                size * (size + 1) / 2,
                products.len(),
                ranges.len()
            )));
        }
        if let Some(i) = ranges.iter().position(|(low, high)| low >= high) {
            return Err(Error::argument(format!("{}: the range needs its lowest below its highest answer", names[i])));
        }
        let width = |i: usize| (i128::from(ranges[i].1) - i128::from(ranges[i].0)) as f64;
        let rows = n as f64 * (n - 1) as f64;
        let mut values = Matrix::zeros(size);
        let mut product = products.iter();
        for i in 0..size {
            for j in i..size {
                let cross = product.next().and_then(|q| q.checked_mul(i128::from(n)));
                let exact = cross.zip(sums[i].checked_mul(sums[j])).and_then(|(cross, both)| cross.checked_sub(both));
                let exact = exact.ok_or_else(|| {
                    let message = format!("the sums of {} and {} are beyond 128 bits", names[i], names[j]);
                    Error::new(ErrorKind::Overflow, message)
                })?;
                if i == j && exact < 0 {
                    return Err(Error::argument(format!("{}: the sum of squares is too small for the sum", names[i])));
                }
                values[(i, j)] = exact as f64 / rows / (width(i) * width(j));
                values[(j, i)] = values[(i, j)];
            }
        }
        Self::new(names, n, 0, values)
    }

    /// From a matrix of covariances (or correlations) that somebody else computed over `n` rows.
    ///
    /// It must be symmetric with a diagonal that is not negative.
    pub fn from_matrix<S: AsRef<str>>(names: &[S], n: u64, matrix: Matrix) -> Result<Self> {
        let size = matrix.size();
        let names = item_names(names, size)?;
        enough_rows(n)?;
        for i in 0..size {
            for j in 0..=i {
                let (x, limit) = (matrix[(i, j)], (matrix[(i, i)] * matrix[(j, j)]).sqrt() * (1.0 + 1e-9));
                if matrix[(i, i)] < 0.0 || (x - matrix[(j, i)]).abs() > 1e-9 * x.abs() || x.abs() > limit {
                    return Err(Error::argument(format!(
                        "{} and {}: not a covariance matrix (symmetric, no negative variance, no correlation beyond 1)",
                        names[i], names[j]
                    )));
                }
            }
        }
        Self::new(names, n, 0, matrix)
    }

    fn new(names: Vec<String>, n: u64, left_out: u64, matrix: Matrix) -> Result<Self> {
        match (0..matrix.size()).find(|&i| matrix.row(i).iter().any(|x| !x.is_finite())) {
            None => Ok(Self { names, n, left_out, matrix }),
            Some(i) => Err(Error::argument(format!("{}: the numbers are too large for a variance", names[i]))),
        }
    }

    /// The names of the items.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The number of complete rows.
    pub fn n(&self) -> u64 {
        self.n
    }

    /// The number of rows left out because an answer was missing.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// The covariances.
    pub fn matrix(&self) -> &Matrix {
        &self.matrix
    }

    /// The names of the items that do not vary.
    pub fn constant(&self) -> Vec<String> {
        let all = self.names.iter().enumerate();
        all.filter(|(i, _)| self.matrix[(*i, *i)] <= 0.0).map(|(_, name)| name.clone()).collect()
    }

    /// The correlations; undefined, naming the item, where an item is constant.
    pub fn correlations(&self) -> Result<Matrix> {
        if let Some(name) = self.constant().first() {
            return Err(Error::undefined(format!(
                "{name} is constant in the {} complete rows, so it has no correlation; leave it out",
                self.n
            ))
            .with("item", name));
        }
        let deviation: Vec<f64> = (0..self.names.len()).map(|i| self.matrix[(i, i)].sqrt()).collect();
        Ok(symmetric(self.names.len(), |i, j| {
            if i == j { 1.0 } else { (self.matrix[(i, j)] / deviation[i] / deviation[j]).clamp(-1.0, 1.0) }
        }))
    }
}

fn item_names<S: AsRef<str>>(names: &[S], size: usize) -> Result<Vec<String>> {
    if size == 0 {
        return Err(Error::argument("there are no items and no rows; give one row of answers per respondent"));
    }
    if size > MOST_ITEMS {
        return Err(Error::argument(format!("{size} items: at most {MOST_ITEMS} are allowed")));
    }
    if names.is_empty() {
        return Ok((1..=size).map(|i| format!("item {i}")).collect());
    }
    if names.len() != size {
        return Err(Error::argument(format!("{} names for {size} items; give one name per item", names.len())));
    }
    Ok(names.iter().map(|name| name.as_ref().to_owned()).collect())
}

fn enough_rows(n: u64) -> Result<()> {
    if n >= 2 {
        return Ok(());
    }
    Err(Error::undefined(format!("{n} complete rows: a variance needs at least two")).with("n", n))
}

/// Shifts by the first value before the mean is taken: a constant column becomes exact zeros, whole numbers stay whole.
fn centred(column: &[f64]) -> Vec<f64> {
    let mean = column.iter().map(|x| x - column[0]).sum::<f64>() / column.len() as f64;
    column.iter().map(|x| x - column[0] - mean).collect()
}

fn symmetric(size: usize, element: impl Fn(usize, usize) -> f64) -> Matrix {
    let mut matrix = Matrix::zeros(size);
    for i in 0..size {
        for j in i..size {
            matrix[(i, j)] = element(i, j);
            matrix[(j, i)] = matrix[(i, j)];
        }
    }
    matrix
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(rows: &[[i32; 3]]) -> Vec<Vec<Option<f64>>> {
        rows.iter().map(|row| row.iter().map(|x| Some(f64::from(*x))).collect()).collect()
    }

    #[test]
    fn both_roads_meet() {
        let data = [[1, 4, 2], [3, 5, 9], [2, 2, 7], [5, 4, 10]];
        let scaled: Vec<Vec<Option<f64>>> = data
            .iter()
            .map(|r| vec![Some(f64::from(r[0]) / 4.0), Some(f64::from(r[1]) / 4.0), Some(f64::from(r[2]) / 10.0)])
            .collect();
        let cross = |i: usize, j: usize| data.iter().map(|r| i128::from(r[i]) * i128::from(r[j])).sum::<i128>();
        let sums: Vec<i128> = (0..3).map(|i| data.iter().map(|r| i128::from(r[i])).sum()).collect();
        let products = [cross(0, 0), cross(0, 1), cross(0, 2), cross(1, 1), cross(1, 2), cross(2, 2)];
        let a = Covariance::from_rows::<&str>(&[], &scaled).unwrap();
        let b = Covariance::from_sums::<&str>(&[], 4, &sums, &products, &[(1, 5), (1, 5), (0, 10)]).unwrap();
        for i in 0..3 {
            for j in 0..3 {
                assert!((a.matrix()[(i, j)] - b.matrix()[(i, j)]).abs() < 1e-15);
            }
        }
        assert_eq!(a.names()[2], "item 3");
    }

    #[test]
    fn constants_are_exact_zeros_and_named() {
        let c = Covariance::from_rows(&["a", "b", "c"], &rows(&[[1, 7, 2], [3, 7, 9], [2, 7, 7]])).unwrap();
        assert_eq!(c.matrix()[(1, 1)], 0.0);
        let error = c.correlations().unwrap_err();
        assert_eq!((error.kind(), error.context_value("item")), (ErrorKind::Undefined, Some("b")));
    }

    #[test]
    fn refusals_say_where() {
        let none: &[&str] = &[];
        let message = |r: Result<Covariance>| r.unwrap_err().message().to_owned();
        let ragged = vec![vec![Some(1.0), Some(2.0)], vec![Some(1.0)]];
        assert!(message(Covariance::from_rows(none, &ragged)).starts_with("row 2 has 1 answers"));
        let infinite = vec![vec![Some(1.0)], vec![Some(f64::INFINITY)]];
        assert!(message(Covariance::from_rows(none, &infinite)).starts_with("row 2, item 1: infinite"));
        assert!(Covariance::from_rows(none, &[]).is_err());
        assert!(Covariance::from_rows(none, &[vec![Some(1.0)], vec![Some(f64::NAN)]]).is_err());
        assert!(Covariance::from_rows(none, &[vec![Some(1e300)], vec![Some(-1e300)]]).is_err());
        assert!(Covariance::from_rows(&["a", "b"], &[vec![Some(1.0)], vec![Some(2.0)]]).is_err());
        let overflow = Covariance::from_sums(none, 2, &[i128::MAX], &[1], &[(0, 1)]).unwrap_err();
        assert_eq!(overflow.kind(), ErrorKind::Overflow);
        assert!(Covariance::from_sums(none, 2, &[4], &[1], &[(0, 1)]).is_err());
        assert!(Covariance::from_sums(none, 2, &[1], &[1], &[(1, 1)]).is_err());
        let beyond = Matrix::from_rows(&[vec![1.0, 2.0], vec![2.0, 1.0]]).unwrap();
        assert!(Covariance::from_matrix(none, 9, beyond).is_err());
    }
}
