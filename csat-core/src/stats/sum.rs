//! Sums that do not depend on the order of their terms.
//!
//! Scores are integers, and integers add exactly: [`integer_moments`] and [`integer_variance`] work from n, Σx and Σx²
//! and round once, at the end. Where real numbers cannot be avoided, [`ExactSum`] adds them in fixed point over the
//! whole range of a float and rounds once, so that any order and any split give the same bits.

use crate::error::{Error, ErrorKind, Result};

/// 2,098 bits from the smallest to the largest float, and 63 more for the number of terms, in limbs of 32.
const LIMBS: usize = 68;
/// Additions until a limb of 63 bits could overflow.
const CARRY_AFTER: u32 = 1 << 30;

/// A sum of floats without rounding. Merging two sums is exact too.
///
/// Method: a fixed-point number of 68 limbs, whose lowest bit is the smallest subnormal; the superaccumulator of
/// Kulisch in the form with delayed carries (compare Neal 2015).
///
/// ```
/// use csat_core::stats::sum::ExactSum;
/// let mut sum = ExactSum::new();
/// for x in [1e308, 1e308, 3.5, -1e308, -1e308] {
///     sum.add(x)?;
/// }
/// assert_eq!(sum.value()?, 3.5);
/// # Ok::<(), csat_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ExactSum {
    limbs: [i64; LIMBS],
    pending: u32,
}

impl ExactSum {
    /// The empty sum, 0.
    pub fn new() -> Self {
        Self { limbs: [0; LIMBS], pending: 0 }
    }

    /// Adds one term. An infinity or NaN is an error and changes nothing.
    pub fn add(&mut self, x: f64) -> Result<()> {
        if !x.is_finite() {
            return Err(Error::argument(format!("only finite numbers can be added, not {x}")));
        }
        let exponent = (x.to_bits() >> 52) & 0x7ff;
        let fraction = x.to_bits() & ((1 << 52) - 1);
        let (mantissa, shift) = if exponent == 0 { (fraction, 0) } else { (fraction | 1 << 52, exponent as usize - 1) };
        let wide = u128::from(mantissa) << (shift % 32);
        let sign = if x < 0.0 { -1 } else { 1 };
        for (i, limb) in self.limbs[shift / 32..].iter_mut().take(3).enumerate() {
            *limb += sign * i64::from((wide >> (32 * i)) as u32);
        }
        self.pending += 1;
        if self.pending >= CARRY_AFTER {
            self.carry();
        }
        Ok(())
    }

    /// Adds all terms of another sum.
    pub fn merge(&mut self, other: &Self) {
        self.carry();
        for (limb, more) in self.limbs.iter_mut().zip(other.carried().limbs) {
            *limb += more;
        }
        self.carry();
    }

    /// The sum as a float, rounded once, half to even. Beyond the largest float it is an error.
    pub fn value(&self) -> Result<f64> {
        let mut sum = self.carried();
        let negative = sum.limbs[LIMBS - 1] < 0;
        if negative {
            sum.limbs.iter_mut().for_each(|limb| *limb = -*limb);
            sum.carry();
        }
        let Some(top) = sum.limbs.iter().rposition(|limb| *limb != 0) else { return Ok(0.0) };
        let top_bit = 32 * top + 63 - sum.limbs[top].leading_zeros() as usize;
        // 53 bits from `shift` upwards, the bit below and whether anything is left below that.
        let shift = top_bit.saturating_sub(52);
        let bits_from = |from: usize| {
            let limb = |i: usize| sum.limbs.get(i).map_or(0, |l| *l as u128);
            let at = from / 32;
            (limb(at) | limb(at + 1) << 32 | limb(at + 2) << 64) >> (from % 32)
        };
        let mantissa = bits_from(shift) as u64 & ((1 << 53) - 1);
        let half = shift > 0 && bits_from(shift - 1) & 1 == 1;
        let below = shift.saturating_sub(1);
        let rest =
            sum.limbs[..below / 32].iter().any(|l| *l != 0) || sum.limbs[below / 32] & ((1 << (below % 32)) - 1) != 0;
        let round = u64::from(half && (rest || mantissa & 1 == 1));
        // Where the leading bit is set it adds one to the exponent field; a carry out of the fraction does the same.
        let bits = ((shift as u64) << 52) + mantissa + round;
        if bits >= f64::INFINITY.to_bits() {
            return Err(Error::new(ErrorKind::Overflow, "the sum is beyond the largest float"));
        }
        let value = f64::from_bits(bits);
        Ok(if negative { -value } else { value })
    }

    /// Brings every limb but the top one into 0..2³².
    fn carry(&mut self) {
        let mut carry = 0;
        for limb in &mut self.limbs[..LIMBS - 1] {
            *limb += carry;
            carry = *limb >> 32;
            *limb &= 0xffff_ffff;
        }
        self.limbs[LIMBS - 1] += carry;
        self.pending = 1;
    }

    fn carried(&self) -> Self {
        let mut copy = self.clone();
        copy.carry();
        copy
    }
}

impl Default for ExactSum {
    fn default() -> Self {
        Self::new()
    }
}

impl PartialEq for ExactSum {
    fn eq(&self, other: &Self) -> bool {
        self.carried().limbs == other.carried().limbs
    }
}

/// The exact sum of `values`, rounded once, half to even; 0 for none. Infinities and NaN are errors that name the
/// position.
///
/// ```
/// use csat_core::stats::sum::exact;
/// assert_eq!(exact(&[0.1; 10])?, 1.0); // one after the other: 0.9999999999999999
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn exact(values: &[f64]) -> Result<f64> {
    exact_of(values.iter().copied())
}

pub(crate) fn exact_of(values: impl Iterator<Item = f64>) -> Result<f64> {
    let mut sum = ExactSum::new();
    for (i, x) in values.enumerate() {
        sum.add(x).map_err(|e| e.at(format_args!("value {}", i + 1)).with("row", i + 1))?;
    }
    sum.value()
}

/// n, Σx and Σx² of integers, and what follows from them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct IntegerMoments {
    /// How many values.
    pub n: u64,
    /// Σx, exact.
    pub sum: i128,
    /// Σx², exact.
    pub sum_of_squares: i128,
    /// Σx / n.
    pub mean: f64,
    /// (nΣx² − (Σx)²) / n(n−1), or none for a single value.
    pub variance: Option<f64>,
}

crate::answer_fields!(IntegerMoments { n, sum, sum_of_squares, mean, variance });

/// Moments of integers: the sums are exact, mean and variance are one division each.
///
/// ```
/// let m = csat_core::stats::sum::integer_moments(&[1, 2, 3, 4])?;
/// assert_eq!((m.sum, m.sum_of_squares, m.mean, m.variance), (10, 30, 2.5, Some(5.0 / 3.0)));
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn integer_moments(values: &[i64]) -> Result<IntegerMoments> {
    let overflow = || Error::new(ErrorKind::Overflow, "the sum of squares is beyond 128 bits");
    let (mut sum, mut sum_of_squares) = (0i128, 0i128);
    for x in values {
        let x = i128::from(*x);
        sum = sum.checked_add(x).ok_or_else(overflow)?;
        sum_of_squares = sum_of_squares.checked_add(x * x).ok_or_else(overflow)?;
    }
    let n = values.len() as u64;
    if n == 0 {
        return Err(Error::undefined("the mean of no values does not exist"));
    }
    let variance = if n == 1 { None } else { Some(integer_variance(n, sum, sum_of_squares)?) };
    Ok(IntegerMoments { n, sum, sum_of_squares, mean: sum as f64 / n as f64, variance })
}

/// The sample variance from integer sums: (nΣx² − (Σx)²) / n(n−1), the numerator exact to the last of 256 bits.
///
/// Needs n ≥ 2. Sums that no values can have (nΣx² < (Σx)²) are an error.
pub fn integer_variance(n: u64, sum: i128, sum_of_squares: i128) -> Result<f64> {
    if n < 2 {
        return Err(Error::undefined(format!("a variance needs at least two values, not {n}")));
    }
    let impossible = || Error::argument(format!("no {n} values have sum {sum} and sum of squares {sum_of_squares}"));
    let sum_of_squares = u128::try_from(sum_of_squares).map_err(|_| impossible())?;
    let (large, small) =
        (wide_product(u128::from(n), sum_of_squares), wide_product(sum.unsigned_abs(), sum.unsigned_abs()));
    if large < small {
        return Err(impossible());
    }
    let (low, borrow) = large.1.overflowing_sub(small.1);
    let numerator = wide_to_float(large.0 - small.0 - u128::from(borrow), low);
    Ok(numerator / (u128::from(n) * u128::from(n - 1)) as f64)
}

/// The product of two integers as (high, low) halves of 256 bits.
fn wide_product(a: u128, b: u128) -> (u128, u128) {
    if let Some(product) = a.checked_mul(b) {
        return (0, product);
    }
    const MASK: u128 = u64::MAX as u128;
    let (a1, a0, b1, b0) = (a >> 64, a & MASK, b >> 64, b & MASK);
    let low = a0 * b0;
    let (middle, carry) = (a1 * b0 + (low >> 64)).overflowing_add(a0 * b1);
    let high = a1 * b1 + (middle >> 64) + (u128::from(carry) << 64);
    (high, middle << 64 | low & MASK)
}

/// 256 bits as a float, rounded once.
fn wide_to_float(high: u128, low: u128) -> f64 {
    if high == 0 {
        return low as f64;
    }
    let shift = high.leading_zeros();
    let (top, rest) = if shift == 0 { (high, low) } else { (high << shift | low >> (128 - shift), low << shift) };
    libm::scalbn((top | u128::from(rest != 0)) as f64, 128 - shift as i32)
}

/// Mean and standard deviation of real numbers, and how each value follows the one before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moments {
    /// How many values.
    pub n: u64,
    /// Their mean.
    pub mean: f64,
    /// With n − 1, or none for a single value.
    pub standard_deviation: Option<f64>,
    /// Σ(xᵢ−m)(xᵢ₊₁−m) / Σ(xᵢ−m)², or none where all values are equal.
    pub lag1_autocorrelation: Option<f64>,
}

crate::answer_fields!(Moments { n, mean, standard_deviation, lag1_autocorrelation });

/// Mean, standard deviation and lag-1 autocorrelation in two passes with exact sums: no digits are lost where the
/// values are large and close together, and mean and deviation do not depend on the order.
///
/// ```
/// let m = csat_core::stats::sum::moments(&[1e9 + 4.0, 1e9 + 7.0, 1e9 + 13.0, 1e9 + 16.0])?;
/// assert_eq!((m.mean, m.standard_deviation), (1e9 + 10.0, Some(30f64.sqrt())));
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn moments(values: &[f64]) -> Result<Moments> {
    let n = values.len() as u64;
    let mean = mean(values)?;
    let squares = squared_deviations(values, mean)?;
    let products = exact_of(values.windows(2).map(|pair| (pair[0] - mean) * (pair[1] - mean)))?;
    Ok(Moments {
        n,
        mean,
        standard_deviation: (n > 1).then(|| (squares / (n - 1) as f64).sqrt()),
        lag1_autocorrelation: (squares > 0.0).then(|| products / squares),
    })
}

/// The mean by an exact sum.
pub(crate) fn mean(values: &[f64]) -> Result<f64> {
    if values.is_empty() {
        return Err(Error::undefined("the mean of no values does not exist"));
    }
    Ok(exact(values)? / values.len() as f64)
}

/// Σ(x−m)², corrected for the rounding of m.
pub(crate) fn squared_deviations(values: &[f64], mean: f64) -> Result<f64> {
    let largest = values.iter().fold(0.0f64, |most, x| most.max((x - mean).abs()));
    if largest != 0.0 && !(1e-140..=1e140).contains(&largest) {
        let message = format!("deviations of {largest:e} cannot be squared in a float; use another unit");
        return Err(Error::new(ErrorKind::Overflow, message));
    }
    let squares = exact_of(values.iter().map(|x| (x - mean) * (x - mean)))?;
    let left = exact_of(values.iter().map(|x| x - mean))?;
    Ok((squares - left * left / values.len() as f64).max(0.0))
}
