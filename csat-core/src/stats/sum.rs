//! Sums that do not depend on the order of their terms.
//!
//! Scores are integers, and integers add exactly: [`integer_moments`] and [`integer_variance`] work from n, Σx and Σx²
//! and round once, at the end. Where real numbers cannot be avoided, [`ExactSum`] adds them in fixed point over the
//! whole range of a float and rounds once, so that any order and any split give the same bits.

use crate::error::{Error, ErrorKind, Result};

/// Bits below the smallest float, for the fraction of a mean.
const FRACTION_BITS: usize = 64;
/// 2,098 bits from the smallest to the largest float, 64 below and 63 above for the number of terms, in limbs of 32.
const LIMBS: usize = 70;
/// Additions until a limb of 63 bits could overflow.
const CARRY_AFTER: u32 = 1 << 30;

/// A sum of floats without rounding. Merging two sums is exact too.
///
/// Method: a fixed-point number over the whole range of a float, Kulisch's superaccumulator in the form with delayed
/// carries (compare Neal 2015).
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
        let shift = shift + FRACTION_BITS;
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
        self.mean(1)
    }

    /// The sum divided by `n`, rounded once, half to even: the mean of equal values is that value.
    pub fn mean(&self, n: u64) -> Result<f64> {
        if n == 0 {
            return Err(Error::undefined("the mean of no values does not exist"));
        }
        let mut sum = self.carried();
        let negative = sum.limbs[LIMBS - 1] < 0;
        if negative {
            sum.limbs.iter_mut().for_each(|limb| *limb = -*limb);
            sum.carry();
        }
        let mut rest = 0;
        if n > 1 {
            for limb in sum.limbs.iter_mut().rev() {
                let part = rest << 32 | *limb as u128;
                *limb = (part / u128::from(n)) as i64;
                rest = part % u128::from(n);
            }
        }
        let size = rounded(&sum.limbs, rest != 0)?;
        Ok(if negative { -size } else { size })
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

/// The nearest float to a fixed-point number, half to even; `more` says that something is left below its last bit.
fn rounded(limbs: &[i64; LIMBS], more: bool) -> Result<f64> {
    let Some(top) = limbs.iter().rposition(|limb| *limb != 0) else { return Ok(0.0) };
    let top_bit = 32 * top + 63 - limbs[top].leading_zeros() as usize;
    // 53 bits from `shift` upwards, the bit below them, and whether anything is left below that.
    let shift = top_bit.saturating_sub(52).max(FRACTION_BITS);
    let bits_from = |from: usize| {
        let limb = |i: usize| limbs.get(i).map_or(0, |l| *l as u128);
        let at = from / 32;
        (limb(at) | limb(at + 1) << 32 | limb(at + 2) << 64) >> (from % 32)
    };
    let mantissa = bits_from(shift) as u64 & ((1 << 53) - 1);
    let half = bits_from(shift - 1) & 1 == 1;
    let below = shift - 1;
    let rest = limbs[..below / 32].iter().any(|l| *l != 0) || limbs[below / 32] & ((1 << (below % 32)) - 1) != 0;
    let round = u64::from(half && (rest || more || mantissa & 1 == 1));
    // Where the leading bit is set it adds one to the exponent field; a carry out of the fraction does the same.
    let bits = (((shift - FRACTION_BITS) as u64) << 52) + mantissa + round;
    if bits < f64::INFINITY.to_bits() {
        return Ok(f64::from_bits(bits));
    }
    Err(Error::new(ErrorKind::Overflow, "the sum is beyond the largest float"))
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
    collect(values)?.value()
}

fn collect(values: impl Iterator<Item = f64>) -> Result<ExactSum> {
    let mut sum = ExactSum::new();
    for (i, x) in values.enumerate() {
        sum.add(x).map_err(|e| e.at(format_args!("value {}", i + 1)).with("row", i + 1))?;
    }
    Ok(sum)
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
    let lower = u128::from(u64::MAX);
    let (a1, a0, b1, b0) = (a >> 64, a & lower, b >> 64, b & lower);
    let low = a0 * b0;
    let (middle, carry) = (a1 * b0 + (low >> 64)).overflowing_add(a0 * b1);
    let high = a1 * b1 + (middle >> 64) + (u128::from(carry) << 64);
    (high, middle << 64 | low & lower)
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

/// The mean by an exact sum, rounded once.
pub(crate) fn mean(values: &[f64]) -> Result<f64> {
    collect(values.iter().copied())?.mean(values.len() as u64)
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rounding_is_half_to_even_at_every_size() {
        let unit = f64::EPSILON / 2.0; // 2⁻⁵³, half a unit in the last place of 1
        assert_eq!(exact(&[1.0, unit]), Ok(1.0));
        assert_eq!(exact(&[1.0 + 2.0 * unit, unit]), Ok(1.0 + 4.0 * unit));
        assert_eq!(exact(&[1.0, unit, f64::from_bits(1)]), Ok(1.0 + 2.0 * unit), "the smallest float breaks the tie");
        assert_eq!(exact(&[-1.0, -unit, -f64::from_bits(1)]), Ok(-1.0 - 2.0 * unit));
        assert_eq!(exact(&[f64::from_bits(1); 3]), Ok(f64::from_bits(3)));
        assert_eq!(exact(&[f64::MIN_POSITIVE, -f64::from_bits(1)]), Ok(f64::from_bits((1 << 52) - 1)));
        assert_eq!(exact(&[2f64.powi(53) - 1.0, 0.5]), Ok(2f64.powi(53)), "the carry reaches the exponent");
        assert_eq!(exact(&[]), Ok(0.0));
    }

    #[test]
    fn a_mean_is_rounded_once() {
        assert_eq!(mean(&[0.1; 3]), Ok(0.1)); // the sum alone rounds to 0.30000000000000004
        assert_eq!(mean(&[f64::MAX; 3]), Ok(f64::MAX));
        assert_eq!(mean(&[f64::from_bits(1), 0.0, 0.0]), Ok(0.0));
        assert_eq!(mean(&[f64::from_bits(1), f64::from_bits(1), 0.0]), Ok(f64::from_bits(1)));
        assert_eq!(mean(&[f64::from_bits(3), 0.0]), Ok(f64::from_bits(2)), "one and a half goes to the even side");
        assert_eq!(mean(&[-1.0, -2.0]), Ok(-1.5));
    }

    #[test]
    fn the_largest_floats() {
        assert_eq!(exact(&[f64::MAX, f64::MAX, -f64::MAX]), Ok(f64::MAX));
        assert_eq!(exact(&[f64::MAX, f64::MAX]).unwrap_err().kind(), ErrorKind::Overflow);
        assert_eq!(exact(&[-f64::MAX, -f64::MAX]).unwrap_err().kind(), ErrorKind::Overflow);
        let half_step = 2f64.powi(970); // half of the last place of the largest float
        assert!(exact(&[f64::MAX, half_step]).is_err() && exact(&[f64::MAX, half_step.next_down()]) == Ok(f64::MAX));
        let error = exact(&[1.0, f64::INFINITY]).unwrap_err();
        assert_eq!(error.context_value("row"), Some("2"));
        assert!(exact(&[f64::NAN]).is_err());
    }

    #[test]
    fn many_merges_do_not_overflow_a_limb() {
        let mut sum = ExactSum::new();
        sum.add(1.5).unwrap();
        for _ in 0..70 {
            let copy = sum.clone();
            sum.merge(&copy);
        }
        assert_eq!(sum.value(), Ok(1.5 * 2f64.powi(70)));
    }

    #[test]
    fn variances_beyond_128_bits() {
        let n = 1 << 60;
        let squares = 1i128 << 126;
        assert_eq!(integer_variance(n, 0, squares).unwrap(), libm::scalbn(1.0, 126) / (n - 1) as f64);
        // Values 10¹⁵ and 10¹⁵ + 2, a million of each: both products are 4·10⁴², their difference is 4·10¹².
        let (n, x, y) = (1_000_000i128, 1_000_000_000_000_000i128, 1_000_000_000_000_002i128);
        let variance = integer_variance(2_000_000, n * (x + y), n * (x * x + y * y)).unwrap();
        assert_eq!(variance, 4e12 / (2e6 * 1_999_999.0));
        assert!(integer_variance(3, 6, 11).is_err() && integer_variance(3, 6, -1).is_err());
        assert!(integer_variance(1, 6, 36).is_err() && integer_moments(&[]).is_err());
        assert_eq!(integer_moments(&[7]).unwrap().variance, None);
    }

    #[test]
    fn moments_of_what_cannot_be_squared_or_does_not_vary() {
        assert_eq!(moments(&[1e300, -1e300]).unwrap_err().kind(), ErrorKind::Overflow);
        assert!(moments(&[1e-200, 2e-200]).is_err() && moments(&[]).is_err() && moments(&[1.0, f64::NAN]).is_err());
        let same = moments(&[0.1, 0.1, 0.1]).unwrap();
        assert_eq!((same.mean, same.standard_deviation, same.lag1_autocorrelation), (0.1, Some(0.0), None));
        assert_eq!(moments(&[5.0]).unwrap().standard_deviation, None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]
        #[test]
        fn any_order_and_any_split_give_the_same_bits(
            bits in prop::collection::vec(any::<u64>(), 0..40), rotate in 0..40usize, split in 0..40usize
        ) {
            // Any finite floats; halved exponents keep the sum in range.
            let values: Vec<f64> = bits.iter().map(|b| f64::from_bits(b & !(1 << 62))).collect();
            let mut other = values.clone();
            other.reverse();
            other.rotate_left(rotate.min(values.len()));
            prop_assert_eq!(exact(&values), exact(&other));
            let fold = |part: &[f64]| {
                let mut sum = ExactSum::new();
                part.iter().try_for_each(|x| sum.add(*x)).unwrap();
                sum
            };
            let (a, b) = values.split_at(split.min(values.len()));
            let mut merged = fold(b);
            merged.merge(&fold(a));
            prop_assert_eq!(&merged, &fold(&other));
            prop_assert_eq!(merged.value(), exact(&values));
        }

        #[test]
        fn integers_are_added_as_integers(values in prop::collection::vec(any::<i64>(), 1..50)) {
            let floats: Vec<f64> = values.iter().map(|x| *x as f64).collect();
            let sum: i128 = floats.iter().map(|x| *x as i128).sum();
            prop_assert_eq!(exact(&floats), Ok(sum as f64));
            prop_assert_eq!(mean(&vec![floats[0]; values.len()]), Ok(floats[0]));
        }

        #[test]
        fn both_ways_to_a_variance_agree(values in prop::collection::vec(-1000..1000i64, 2..50)) {
            let floats: Vec<f64> = values.iter().map(|x| *x as f64).collect();
            let (integers, reals) = (integer_moments(&values).unwrap(), moments(&floats).unwrap());
            prop_assert_eq!(integers.mean, reals.mean);
            let (a, b) = (integers.variance.unwrap().sqrt(), reals.standard_deviation.unwrap());
            prop_assert!((a - b).abs() <= 1e-13 * a);
        }
    }
}
