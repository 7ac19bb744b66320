//! Exact scores: rationals rounded once, half to even, to 1e-9 of a point.
//!
//! A score of a form or an index lies on 0..100 and is kept as an `i64` in units of 1e-9 point
//! ([`POINT`] of them make a point, [`HUNDRED`] make 100 points). Weights are whole numbers, scaled from decimals of
//! at most 6 significant digits, so a score is a rational that can be rounded exactly; every way of computing it must
//! give the same integer.

use std::cmp::Ordering;

use crate::error::{Error, Result};

/// One point, in the units of a score.
pub const POINT: i64 = 1_000_000_000;

/// One hundred points, in the units of a score.
pub const HUNDRED: i64 = 100 * POINT;

/// A score that does not exist, in the output of the block functions.
pub const MISSING_SCORE: i64 = i64::MIN;

/// An answer that was not given, in a column of answers.
pub const MISSING_ANSWER: i16 = i16::MIN;

/// Weights become whole numbers; a total above this is refused, so that no sum can overflow later.
pub(crate) const MOST: i128 = 1 << 47;

/// `num / den` rounded to a whole number, exact halves to the even one. `None` where `den` is 0 or the result does not
/// fit.
///
/// ```
/// use csat_core::rule::exact::round_half_even;
/// assert_eq!(round_half_even(5, 2), Some(2));
/// assert_eq!(round_half_even(7, 2), Some(4));
/// assert_eq!(round_half_even(-5, 2), Some(-2));
/// assert_eq!(round_half_even(1, 0), None);
/// ```
pub fn round_half_even(num: i128, den: i128) -> Option<i128> {
    let (num, den) = if den < 0 { (num.checked_neg()?, den.checked_neg()?) } else { (num, den) };
    let floor = num.checked_div_euclid(den)?;
    let rest = num.checked_rem_euclid(den)?;
    let up = match rest.cmp(&(den - rest)) {
        Ordering::Greater => 1,
        Ordering::Equal => floor & 1,
        Ordering::Less => 0,
    };
    floor.checked_add(up)
}

/// A score in points.
///
/// ```
/// assert_eq!(csat_core::rule::exact::points(87_500_000_000), 87.5);
/// ```
pub fn points(score: i64) -> f64 {
    score as f64 / POINT as f64
}

/// `100 · num / den` in units of 1e-9 point. `None` where `den` is not above 0 or the result does not fit.
///
/// ```
/// assert_eq!(csat_core::rule::exact::score_of(2, 3), Some(66_666_666_667));
/// ```
#[inline]
pub fn score_of(num: i64, den: i64) -> Option<i64> {
    if den > 0 && den < 1 << 51 && num.unsigned_abs() <= (den as u64) << 10 {
        Some(near_score(num, den))
    } else if den > 0 {
        round_half_even(i128::from(num) * i128::from(HUNDRED), i128::from(den)).and_then(|q| i64::try_from(q).ok())
    } else {
        None
    }
}

/// [`score_of`] for `0 < den < 2^51` and `|num| <= 1024 · den`, without a 128-bit division: a float quotient is at most
/// 0.54 away from the true one, and the exact remainder (which fits although the products wrap) sets it right.
#[allow(clippy::inline_always, reason = "part of a loop in the widest vectors")]
#[inline(always)]
pub(crate) fn near_score(num: i64, den: i64) -> i64 {
    const SHIFT: f64 = 6_755_399_441_055_744.0; // 1.5 · 2^52: adding it leaves the rounded integer in the low bits
    let near = (num as f64 * HUNDRED as f64 / den as f64 + SHIFT).to_bits().wrapping_sub(SHIFT.to_bits()) as i64;
    let twice = num.wrapping_mul(HUNDRED).wrapping_sub(near.wrapping_mul(den)).wrapping_mul(2);
    let odd = near & 1 == 1;
    let up = twice > den || (twice == den && odd);
    let down = twice < -den || (twice == -den && odd);
    near + i64::from(up) - i64::from(down)
}

/// `100 · Σ (num/den) / total` in units of 1e-9 point: a mean of fractions, exactly, whatever their denominators.
///
/// `None` without terms, where a denominator or the total is not above 0, or where the result does not fit.
/// Denominators and total at most 2^61, at most 64 terms.
///
/// ```
/// // The mean of 8 of 9 and 2 of 5.
/// assert_eq!(csat_core::rule::exact::score_of_mean(&[(8, 9), (2, 5)], 2), Some(64_444_444_444));
/// ```
pub fn score_of_mean(terms: &[(i64, i64)], total: i64) -> Option<i64> {
    if total <= 0 || terms.is_empty() || terms.len() > 64 || terms.iter().any(|t| t.1 <= 0 || t.1 >= 1 << 61) {
        return None;
    }
    match one_fraction(terms, total) {
        Some((num, den)) => score_of(num, den),
        None => long_mean(terms, total),
    }
}

fn one_fraction(terms: &[(i64, i64)], total: i64) -> Option<(i64, i64)> {
    let (mut num, mut den) = terms[0];
    for &(n, d) in &terms[1..] {
        num = num.checked_mul(d)?.checked_add(n.checked_mul(den)?)?;
        den = den.checked_mul(d)?;
    }
    Some((num, den.checked_mul(total)?))
}

/// The sum of many fractions may need a common denominator of hundreds of bits. Only whether its fractional part lies
/// below, at or above a half matters, and long division in digits of 60 bits settles that.
fn long_mean(terms: &[(i64, i64)], total: i64) -> Option<i64> {
    let mut rests = [(0u64, 1u64); 64];
    let rests = &mut rests[..terms.len()];
    let mut twice = 0i128; // 2 · Σ without its fractional part
    for (rest, &(num, den)) in rests.iter_mut().zip(terms) {
        let (num, den) = (2 * i128::from(num) * i128::from(HUNDRED), i128::from(den));
        twice += num.div_euclid(den);
        *rest = (num.rem_euclid(den) as u64, den as u64);
    }
    let bits: i64 = rests.iter().map(|r| 64 - i64::from(r.1.leading_zeros())).sum::<i64>() + 7;
    let (whole, exact) = floor_of_sum(rests, bits);
    let (twice, total) = (twice + whole, i128::from(total));
    let (floor, rest) = (twice.div_euclid(2 * total), twice.rem_euclid(2 * total));
    let up = match rest.cmp(&total) {
        Ordering::Less => 0,
        Ordering::Equal if exact => floor & 1,
        _ => 1,
    };
    i64::try_from(floor + up).ok()
}

/// The floor of Σ rest/den for rests below their denominators, and whether the sum is a whole number. A sum nearer to a
/// whole number than 1 / Π den is that number; `bits` says how many binary digits prove it.
fn floor_of_sum(rests: &mut [(u64, u64)], bits: i64) -> (i128, bool) {
    const MASK: i128 = (1 << 60) - 1;
    let mut sum = 0i128;
    for (rest, den) in rests.iter_mut() {
        let wide = u128::from(*rest) << 60;
        sum += (wide / u128::from(*den)) as i128;
        *rest = (wide % u128::from(*den)) as u64;
    }
    let (floor, low) = (sum >> 60, sum & MASK);
    if rests.iter().all(|r| r.0 == 0) {
        (floor, low == 0)
    } else if low + rests.len() as i128 <= MASK + 1 {
        (floor, false)
    } else if bits <= 60 {
        (floor + 1, true)
    } else {
        let (more, exact) = floor_of_sum(rests, bits - 60);
        let low = low + more;
        (floor + (low >> 60), exact && low & MASK == 0)
    }
}

/// Decimals as whole numbers over one power of ten: `[0.5, 2] → ([5, 20], 10)`. `what` names them in messages.
pub(crate) fn scaled(what: &str, values: &[f64]) -> Result<(Vec<i64>, i64)> {
    let parts = values.iter().map(|&v| decimal(what, v)).collect::<Result<Vec<_>>>()?;
    let places = parts.iter().map(|p| p.1).max().unwrap_or(0);
    let power = |n: u32| 10i64.checked_pow(n);
    let whole: Option<Vec<i64>> =
        parts.iter().map(|&(digits, own)| power(places - own).and_then(|p| digits.checked_mul(p))).collect();
    whole.zip(power(places)).ok_or_else(|| Error::argument(format!("the {what} differ too much in size to be exact")))
}

/// Weights as the smallest whole numbers in the same proportion: `[0.4, 0.3, 0.3] → [4, 3, 3]`.
///
/// Refuses negative and infinite weights, more than 6 significant digits, and weights that sum to zero.
///
/// ```
/// assert_eq!(csat_core::rule::exact::whole_weights("weights", &[0.4, 0.3, 0.3])?, [4, 3, 3]);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn whole_weights(what: &str, weights: &[f64]) -> Result<Vec<i64>> {
    let (mut whole, _) = scaled(what, weights)?;
    if let Some(negative) = weights.iter().find(|w| **w < 0.0) {
        return Err(Error::argument(format!("the {what} must not be negative: {negative}")));
    }
    if whole.iter().all(|w| *w == 0) {
        return Err(Error::argument(format!("the {what} sum to zero")));
    }
    let common = whole.iter().fold(0, |g, &w| gcd(g, i128::from(w))) as i64;
    for weight in &mut whole {
        *weight /= common;
    }
    if whole.iter().map(|w| i128::from(*w)).sum::<i128>() > MOST {
        return Err(Error::argument(format!("the {what} differ too much in size to be exact")));
    }
    Ok(whole)
}

/// Derived weights (from a regression, say) as whole numbers of 1e-9 of their sum, rounded half to even.
///
/// The rounding is part of the index's definition: whoever derives weights says so in the result.
///
/// ```
/// assert_eq!(csat_core::rule::exact::derived_weights(&[1.0, 2.0])?, [333_333_333, 666_666_667]);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn derived_weights(weights: &[f64]) -> Result<Vec<i64>> {
    if let Some(bad) = weights.iter().find(|w| !w.is_finite() || **w < 0.0) {
        return Err(Error::argument(format!("a weight must be a number of at least 0, not {bad}")));
    }
    let sum: f64 = weights.iter().sum();
    if sum <= 0.0 || !sum.is_finite() {
        return Err(Error::argument("the weights must have a sum above zero"));
    }
    Ok(weights.iter().map(|w| (w / sum * 1e9).round_ties_even() as i64).collect())
}

/// Digits and decimal places of a number with at most 6 significant digits.
fn decimal(what: &str, value: f64) -> Result<(i64, u32)> {
    let refuse = |why: &str| Err(Error::argument(format!("the {what}: {value} {why}")));
    if !value.is_finite() || value.abs() > 1e9 {
        return refuse("is not a number between -1e9 and 1e9");
    }
    let text = format!("{}", value.abs());
    let (whole, places) = text.split_once('.').unwrap_or((&text, ""));
    let all = format!("{whole}{places}");
    if all.trim_matches('0').len() > 6 {
        return refuse("has more than 6 significant digits; round it");
    }
    match all.parse::<i64>() {
        Ok(digits) => Ok((if value < 0.0 { -digits } else { digits }, places.len() as u32)),
        Err(_) => refuse("is too small to be exact"),
    }
}

/// The greatest common divisor; 0 only for two zeros.
pub(crate) fn gcd(a: i128, b: i128) -> i128 {
    let (mut a, mut b) = (a.abs(), b.abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// The least common multiple of positive numbers, up to [`MOST`].
pub(crate) fn lcm(values: impl IntoIterator<Item = i128>) -> Option<i128> {
    values.into_iter().try_fold(1i128, |all, v| {
        let next = all / gcd(all, v) * v;
        (next <= MOST).then_some(next)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn halves_go_to_the_even_neighbour() {
        for (num, den, expected) in [(1, 2, 0), (3, 2, 2), (-1, 2, 0), (-3, 2, -2), (5, -2, -2), (2, 3, 1), (1, 3, 0)] {
            assert_eq!(round_half_even(num, den), Some(expected), "{num}/{den}");
        }
        assert_eq!(round_half_even(i128::MIN, -1), None);
        // 1/256 of 100 points at 1e-9 is 390625000 exactly; 1/2^11 is 48828125; 1/2^12 ends in .5.
        assert_eq!(score_of(1, 1 << 12), Some(24_414_062));
        assert_eq!(score_of(3, 1 << 12), Some(73_242_188));
        assert_eq!(score_of(-1, 1 << 12), Some(-24_414_062));
    }

    #[test]
    fn decimals_become_whole_numbers() {
        assert_eq!(whole_weights("weights", &[0.3885, 0.319, 0.2925]).unwrap(), [777, 638, 585]);
        assert_eq!(scaled("points", &[-0.5, 2.0]).unwrap(), (vec![-5, 20], 10));
        assert_eq!(whole_weights("weights", &[2e6, 0.0]).unwrap(), [1, 0]);
        for bad in [vec![0.123_456_7], vec![f64::NAN], vec![-1.0, 2.0], vec![0.0, 0.0], vec![1e9, 1e-9], vec![1e-300]] {
            assert!(whole_weights("weights", &bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn sums_that_meet_a_whole_number_are_recognised() {
        // Σ of fractions over large coprime denominators that is exactly 1, and the same a hair below and above.
        let (p, q) = (1_000_000_007, 998_244_353); // primes
        let exact = [(3, p), (p - 3, p), (5, q), (q - 5, q), (1, 3), (2, 3)];
        assert_eq!(score_of_mean(&exact, 3), Some(HUNDRED));
        // 3/4096 as a sum over denominators that share nothing with it: an exact half of 1e-9 point.
        let half = [(3, 1 << 12), (7, p), (-7, p), (9, q), (-9, q), (1, 3), (-1, 3)];
        assert_eq!(long_mean(&half, 1), Some(73_242_188));
        assert_eq!(one_fraction(&half, 1), None);
        let above = [(3, 1 << 12), (7, p), (-7, p), (1, 1 << 60), (9, q), (-9, q)];
        assert_eq!(long_mean(&above, 1), Some(73_242_188));
        let one = [(1, 1 << 12), (7, p), (-7, p), (1, 1 << 60), (9, q), (-9, q)];
        assert_eq!(long_mean(&one, 1), Some(24_414_063)); // above the half: up, although 24414062 is even
        let less = [(3, 1 << 12), (7, p), (-7, p), (-1, 1 << 60), (9, q), (-9, q)];
        assert_eq!(long_mean(&less, 1), Some(73_242_187));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]
        #[test]
        fn every_road_gives_the_same_score(
            terms in proptest::collection::vec((-50i64..3000, 1i64..3000), 1..4), total in 1i64..50,
            den in 1i64..1 << 50, part in -2.0f64..1000.0,
        ) {
            let (num, all) = one_fraction(&terms, total).unwrap();
            let exact = round_half_even(i128::from(num) * i128::from(HUNDRED), i128::from(all)).unwrap();
            prop_assert_eq!(i128::from(long_mean(&terms, total).unwrap()), exact);
            prop_assert_eq!(i128::from(score_of_mean(&terms, total).unwrap()), exact);
            let num = (den as f64 * part) as i64;
            let exact = round_half_even(i128::from(num) * i128::from(HUNDRED), i128::from(den)).unwrap();
            prop_assert_eq!(i128::from(score_of(num, den).unwrap()), exact);
        }
    }
}
