//! Exact sums: `sum.*`.

use crate::functions;
use crate::stats::sum;

functions! {
    /// The exact sum, rounded once, half to even; the order of the values does not matter.
    #[example = r#"{"values": [1, 1.1102230246251565e-16]}"#]
    "sum.exact" (values: Vec<f64>) => sum::exact(&values);
    /// How many integers, their exact sum and sum of squares, mean and variance (with n - 1).
    #[example = r#"{"values": [1, 2, 3, 4]}"#]
    "sum.integer_moments" (values: Vec<i64>) => sum::integer_moments(&values);
    /// Mean, standard deviation and lag-1 autocorrelation of real numbers, with exact sums.
    #[example = r#"{"values": [1000000004.0, 1000000007.0, 1000000013.0, 1000000016.0]}"#]
    "sum.moments" (values: Vec<f64>) => sum::moments(&values);
}
