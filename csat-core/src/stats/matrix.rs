//! Small dense symmetric matrices: factorisation, eigenvectors. Fixed order of evaluation, so equal input gives equal bits.

use std::ops::{Index, IndexMut};

use crate::error::{Error, Result};

/// A square matrix of `size` rows, stored row by row.
///
/// ```
/// use csat_core::stats::matrix::Matrix;
/// let mut m = Matrix::identity(2);
/// m[(0, 1)] = 0.5;
/// assert_eq!((m.size(), m[(0, 1)], m[(1, 0)]), (2, 0.5, 0.0));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    size: usize,
    values: Vec<f64>,
}

impl Matrix {
    /// A matrix of zeros.
    pub fn zeros(size: usize) -> Self {
        Self { size, values: vec![0.0; size * size] }
    }

    /// The identity matrix.
    pub fn identity(size: usize) -> Self {
        Self::from_fn(size, |i, j| if i == j { 1.0 } else { 0.0 })
    }

    /// A matrix by its elements, `element(row, column)`.
    pub fn from_fn(size: usize, mut element: impl FnMut(usize, usize) -> f64) -> Self {
        let mut matrix = Self::zeros(size);
        for i in 0..size {
            for j in 0..size {
                matrix[(i, j)] = element(i, j);
            }
        }
        matrix
    }

    /// A matrix by its rows; they must be as long as there are rows.
    pub fn from_rows(rows: &[Vec<f64>]) -> Result<Self> {
        match rows.iter().position(|row| row.len() != rows.len()) {
            None => Ok(Self { size: rows.len(), values: rows.concat() }),
            Some(i) => Err(Error::argument(format!(
                "row {} of the matrix has {} numbers, but there are {} rows; a square matrix is needed",
                i + 1,
                rows[i].len(),
                rows.len()
            ))),
        }
    }

    /// The number of rows, which is the number of columns.
    pub fn size(&self) -> usize {
        self.size
    }

    /// One row.
    pub fn row(&self, i: usize) -> &[f64] {
        &self.values[i * self.size..(i + 1) * self.size]
    }

    /// The sum of all elements.
    pub fn sum(&self) -> f64 {
        self.values.iter().sum()
    }

    /// The sum of the diagonal.
    pub fn trace(&self) -> f64 {
        (0..self.size).map(|i| self[(i, i)]).sum()
    }

    /// The product with a column vector; `vector` must have `size` numbers.
    pub fn times(&self, vector: &[f64]) -> Vec<f64> {
        (0..self.size).map(|i| dot(self.row(i), vector)).collect()
    }

    /// The lower Cholesky factor of a symmetric positive definite matrix; `Err(i)` is the first row that is a
    /// linear combination of the rows before it, to the relative tolerance of its diagonal.
    pub(crate) fn cholesky(&self, tolerance: f64) -> std::result::Result<Matrix, usize> {
        let mut lower = Matrix::zeros(self.size);
        for i in 0..self.size {
            for j in 0..i {
                lower[(i, j)] = (self[(i, j)] - dot(&lower.row(i)[..j], &lower.row(j)[..j])) / lower[(j, j)];
            }
            let rest = self[(i, i)] - dot(&lower.row(i)[..i], &lower.row(i)[..i]);
            if rest.is_nan() || rest <= tolerance * self[(i, i)] {
                return Err(i);
            }
            lower[(i, i)] = rest.sqrt();
        }
        Ok(lower)
    }

    /// Eigenvalues, largest first, and eigenvectors of a symmetric matrix, by cyclic Jacobi rotations.
    pub(crate) fn eigen(&self) -> Eigen {
        let mut a = self.clone();
        let mut v = Matrix::identity(self.size);
        for _ in 0..60 {
            let off: f64 = (0..a.size).map(|i| a.row(i)[..i].iter().map(|x| x * x).sum::<f64>()).sum();
            if off <= 1e-32 * a.values.iter().map(|x| x * x).sum::<f64>() {
                break;
            }
            for p in 0..a.size {
                for q in p + 1..a.size {
                    rotate(&mut a, &mut v, p, q);
                }
            }
        }
        let mut order: Vec<usize> = (0..self.size).collect();
        order.sort_by(|&i, &j| a[(j, j)].total_cmp(&a[(i, i)]));
        Eigen {
            values: order.iter().map(|&i| a[(i, i)]).collect(),
            vectors: order.iter().map(|&i| (0..v.size).map(|k| v[(k, i)]).collect()).collect(),
        }
    }
}

/// Eigenvalues, largest first, with their unit eigenvectors in the same order.
pub(crate) struct Eigen {
    pub(crate) values: Vec<f64>,
    pub(crate) vectors: Vec<Vec<f64>>,
}

/// The solution of L·Lᵀ·x = b.
pub(crate) fn cholesky_solve(lower: &Matrix, b: &[f64]) -> Vec<f64> {
    let n = lower.size;
    let mut x = b.to_vec();
    for i in 0..n {
        x[i] = (x[i] - dot(&lower.row(i)[..i], &x[..i])) / lower[(i, i)];
    }
    for i in (0..n).rev() {
        let above: f64 = (i + 1..n).map(|j| lower[(j, i)] * x[j]).sum();
        x[i] = (x[i] - above) / lower[(i, i)];
    }
    x
}

pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

fn rotate(a: &mut Matrix, v: &mut Matrix, p: usize, q: usize) {
    if a[(p, q)] == 0.0 {
        return;
    }
    let theta = (a[(q, q)] - a[(p, p)]) / (2.0 * a[(p, q)]);
    let t = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
    let c = 1.0 / (t * t + 1.0).sqrt();
    let s = t * c;
    for k in 0..a.size {
        let (x, y) = (a[(k, p)], a[(k, q)]);
        a[(k, p)] = c * x - s * y;
        a[(k, q)] = s * x + c * y;
    }
    for k in 0..a.size {
        let (x, y) = (a[(p, k)], a[(q, k)]);
        a[(p, k)] = c * x - s * y;
        a[(q, k)] = s * x + c * y;
        let (x, y) = (v[(k, p)], v[(k, q)]);
        v[(k, p)] = c * x - s * y;
        v[(k, q)] = s * x + c * y;
    }
}

impl Index<(usize, usize)> for Matrix {
    type Output = f64;

    fn index(&self, (row, column): (usize, usize)) -> &f64 {
        &self.values[row * self.size + column]
    }
}

impl IndexMut<(usize, usize)> for Matrix {
    fn index_mut(&mut self, (row, column): (usize, usize)) -> &mut f64 {
        &mut self.values[row * self.size + column]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() <= 1e-10 * (1.0 + b.abs())
    }

    #[test]
    fn cholesky_by_hand() {
        // [[4, 2], [2, 10]] = L·Lᵀ with L = [[2, 0], [1, 3]]; L·Lᵀ·x = [8, 22] has x = [1, 2].
        let lower = Matrix::from_rows(&[vec![4.0, 2.0], vec![2.0, 10.0]]).unwrap().cholesky(1e-12).unwrap();
        assert_eq!(lower, Matrix::from_rows(&[vec![2.0, 0.0], vec![1.0, 3.0]]).unwrap());
        assert_eq!(cholesky_solve(&lower, &[8.0, 22.0]), vec![1.0, 2.0]);
        // The second row is twice the first.
        let twice = Matrix::from_rows(&[vec![1.0, 2.0], vec![2.0, 4.0]]).unwrap();
        assert_eq!(twice.cholesky(1e-12), Err(1));
        assert!(Matrix::from_rows(&[vec![1.0], vec![1.0, 2.0]]).is_err());
    }

    #[test]
    fn eigen_by_hand() {
        // [[2, 1], [1, 2]]: 3 along (1, 1), 1 along (1, −1).
        let e = Matrix::from_rows(&[vec![2.0, 1.0], vec![1.0, 2.0]]).unwrap().eigen();
        assert!(close(e.values[0], 3.0) && close(e.values[1], 1.0));
        assert!(close(e.vectors[0][0], e.vectors[0][1]) && close(e.vectors[1][0], -e.vectors[1][1]));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn eigenvectors_rebuild_the_matrix(x in proptest::collection::vec(-5.0..5.0f64, 25)) {
            let m = Matrix::from_fn(5, |i, j| x[5 * i.min(j) + i.max(j)]);
            let e = m.eigen();
            for i in 0..5 {
                for j in 0..5 {
                    let back: f64 = (0..5).map(|k| e.values[k] * e.vectors[k][i] * e.vectors[k][j]).sum();
                    prop_assert!(close(back, m[(i, j)]));
                    let unit = if i == j { 1.0 } else { 0.0 };
                    prop_assert!(close(dot(&e.vectors[i], &e.vectors[j]), unit));
                }
            }
        }
    }
}
