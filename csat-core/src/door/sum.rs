//! Exact sums: `sum.*`.

use crate::functions;
use crate::stats::sum;

functions! {
    /// The exact sum, rounded once, half to even; the order of the values does not matter.
    "sum.exact" (values: Vec<f64>) => sum::exact(&values);
    /// How many integers, their exact sum and sum of squares, mean and variance (with n - 1).
    "sum.integer_moments" (values: Vec<i64>) => sum::integer_moments(&values);
    /// Mean, standard deviation and lag-1 autocorrelation of real numbers, with exact sums.
    "sum.moments" (values: Vec<f64>) => sum::moments(&values);
}
