//! Shares of a whole (service level, top box, abandonment): intervals, differences, tests.
//!
//! Wilson's interval is the default everywhere; Newcombe's for a difference. Both keep their promise for few contacts
//! and for shares near 0 or 1, where the textbook form ± z·√(p(1−p)/n) (`wald`) claims certainty after ten successes of
//! ten. `wald` is here for comparison with other software and is never a default.

use serde::Deserialize;

use super::Interval;
use super::interval::check_confidence;
use super::root::bisect;
use super::special::{beta_quantile, ln_binomial, normal_sf, z_of_confidence};
use crate::error::{Error, Result};

/// One of two shares that are compared: `successes` of `n`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Share {
    /// How many count.
    pub successes: u64,
    /// Of how many.
    pub n: u64,
}

impl Share {
    /// `successes` of `n`.
    pub fn new(successes: u64, n: u64) -> Self {
        Self { successes, n }
    }

    fn value(self) -> f64 {
        self.successes as f64 / self.n as f64
    }
}

/// The difference of two shares, first minus second, and its limits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// First share minus second.
    pub difference: f64,
    /// The lower limit.
    pub low: f64,
    /// The upper limit.
    pub high: f64,
}

crate::answer_fields!(Difference { difference, low, high });

/// The pooled z test of two shares.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ZTest {
    /// The standardised difference, first minus second.
    pub z: f64,
    /// Two-sided.
    pub p_value: f64,
}

crate::answer_fields!(ZTest { z, p_value });

/// Fisher's exact test of two shares.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FisherTest {
    /// Two-sided: the sum over all tables that are not more probable than the observed one.
    pub p_value: f64,
}

crate::answer_fields!(FisherTest { p_value });

/// Wilson score interval of `successes` of `n`.
///
/// Formula: (p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n). Zero successes still have an upper limit.
/// Source: Wilson 1927.
///
/// ```
/// let i = csat_core::stats::share::wilson(80, 100, 0.95)?;
/// assert!((i.low - 0.711171).abs() < 1e-6 && (i.high - 0.866633).abs() < 1e-6);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn wilson(successes: u64, n: u64, confidence: f64) -> Result<Interval> {
    check(successes, n)?;
    Ok(wilson_z(successes, n, z_of_confidence(confidence)?))
}

/// [`wilson`] with the normal quantile already known; for loops over many groups. `n` must not be zero.
pub fn wilson_z(successes: u64, n: u64, z: f64) -> Interval {
    let (x, n) = (successes as f64, n as f64);
    let p = x / n;
    let z2 = z * z;
    let centre = p + z2 / (2.0 * n);
    let half = z * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z2 / n;
    Interval {
        low: if x == 0.0 { 0.0 } else { ((centre - half) / scale).max(0.0) },
        high: if x == n { 1.0 } else { ((centre + half) / scale).min(1.0) },
    }
}

/// Wilson score interval with continuity correction: wider, close to Clopper-Pearson.
///
/// Formula: (2np + z² ∓ 1 ∓ z·√(z² ∓ 2 − 1/n + 4p(n(1−p) ± 1))) / 2(n + z²). Source: Newcombe 1998.
///
/// ```
/// let i = csat_core::stats::share::wilson_continuity(81, 263, 0.95)?;
/// assert!((i.low - 0.253509).abs() < 1e-6 && (i.high - 0.368176).abs() < 1e-6);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn wilson_continuity(successes: u64, n: u64, confidence: f64) -> Result<Interval> {
    check(successes, n)?;
    let z = z_of_confidence(confidence)?;
    let (x, n, z2) = (successes as f64, n as f64, z * z);
    let p = x / n;
    let limit = |sign: f64| {
        let root = (z2 + sign * 2.0 - 1.0 / n + 4.0 * p * (n * (1.0 - p) - sign)).max(0.0).sqrt();
        (2.0 * x + z2 + sign * (1.0 + z * root)) / (2.0 * (n + z2))
    };
    let low = if x == 0.0 { 0.0 } else { limit(-1.0) };
    let high = if x == n { 1.0 } else { limit(1.0) };
    Ok(Interval { low, high }.clamp(0.0, 1.0))
}

/// Clopper-Pearson ("exact") interval: never covers less than promised, usually more.
///
/// Limits: quantiles α/2 of Beta(x, n−x+1) and 1−α/2 of Beta(x+1, n−x). Source: Clopper and Pearson 1934.
///
/// ```
/// let i = csat_core::stats::share::clopper_pearson(0, 20, 0.95)?;
/// assert!(i.low == 0.0 && (i.high - (1.0 - 0.025f64.powf(0.05))).abs() < 1e-12);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn clopper_pearson(successes: u64, n: u64, confidence: f64) -> Result<Interval> {
    check(successes, n)?;
    check_confidence(confidence)?;
    let (x, misses, tail) = (successes as f64, (n - successes) as f64, (1.0 - confidence) / 2.0);
    Ok(Interval {
        low: if successes == 0 { 0.0 } else { beta_quantile(tail, x, misses + 1.0)? },
        high: if successes == n { 1.0 } else { 1.0 - beta_quantile(tail, misses, x + 1.0)? },
    })
}

/// Jeffreys interval: equal tails of Beta(x + ½, n − x + ½).
///
/// With `boundary` the lower limit is 0 at x = 0 and the upper limit 1 at x = n, as Brown, Cai and `DasGupta` (2001)
/// advise; without, both stay plain quantiles.
///
/// ```
/// let i = csat_core::stats::share::jeffreys(0, 20, false, 0.95)?;
/// assert!(i.low > 0.0 && (i.high - 0.116639).abs() < 1e-6);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn jeffreys(successes: u64, n: u64, boundary: bool, confidence: f64) -> Result<Interval> {
    check(successes, n)?;
    check_confidence(confidence)?;
    let (a, b, tail) = (successes as f64 + 0.5, (n - successes) as f64 + 0.5, (1.0 - confidence) / 2.0);
    Ok(Interval {
        low: if boundary && successes == 0 { 0.0 } else { beta_quantile(tail, a, b)? },
        high: if boundary && successes == n { 1.0 } else { 1.0 - beta_quantile(tail, b, a)? },
    })
}

/// Agresti-Coull interval: Wilson's centre with a Wald width.
///
/// Formula: p̃ ± z·√(p̃(1−p̃)/ñ), ñ = n + z², p̃ = (x + z²/2)/ñ. It can leave [0, 1]; `clamp` cuts it there.
/// Source: Agresti and Coull 1998.
pub fn agresti_coull(successes: u64, n: u64, clamp: bool, confidence: f64) -> Result<Interval> {
    check(successes, n)?;
    let z = z_of_confidence(confidence)?;
    let n_tilde = n as f64 + z * z;
    let p = (successes as f64 + z * z / 2.0) / n_tilde;
    Ok(around(p, z * (p * (1.0 - p) / n_tilde).sqrt(), clamp))
}

/// Textbook interval p ± z·√(p(1−p)/n): of no width at 0 and n successes, too narrow near them. Never a default.
pub fn wald(successes: u64, n: u64, clamp: bool, confidence: f64) -> Result<Interval> {
    check(successes, n)?;
    let z = z_of_confidence(confidence)?;
    let p = successes as f64 / n as f64;
    Ok(around(p, z * (p * (1.0 - p) / n as f64).sqrt(), clamp))
}

/// Newcombe's hybrid score interval of a difference of two shares, from the Wilson limits of each. The default.
///
/// Formula: d − √((p₁−l₁)² + (u₂−p₂)²) … d + √((u₁−p₁)² + (p₂−l₂)²). Source: Newcombe 1998, method 10.
///
/// ```
/// use csat_core::stats::share::{Share, difference_newcombe};
/// let d = difference_newcombe(Share::new(56, 70), Share::new(48, 80), 0.95)?;
/// assert!((d.low - 0.0524).abs() < 5e-5 && (d.high - 0.3339).abs() < 5e-5);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn difference_newcombe(a: Share, b: Share, confidence: f64) -> Result<Difference> {
    check_both(a, b)?;
    Ok(difference_newcombe_z(a, b, z_of_confidence(confidence)?))
}

/// [`difference_newcombe`] with the normal quantile already known. Neither `n` may be zero.
pub fn difference_newcombe_z(a: Share, b: Share, z: f64) -> Difference {
    let (first, second) = (wilson_z(a.successes, a.n, z), wilson_z(b.successes, b.n, z));
    let (p1, p2) = (a.value(), b.value());
    let d = p1 - p2;
    let below = ((p1 - first.low) * (p1 - first.low) + (second.high - p2) * (second.high - p2)).sqrt();
    let above = ((first.high - p1) * (first.high - p1) + (p2 - second.low) * (p2 - second.low)).sqrt();
    Difference { difference: d, low: (d - below).max(-1.0), high: (d + above).min(1.0) }
}

/// Miettinen and Nurminen's score interval of a difference of two shares.
///
/// The limits are the differences δ that a score test at this confidence just does not reject:
/// (p₁−p₂−δ)² = z²·V(δ), where V = (p̃₁q̃₁/n₁ + p̃₂q̃₂/n₂)·N/(N−1) with the shares p̃ of highest likelihood given δ.
/// Pitfall: software that omits the factor N/(N−1) gives slightly shorter intervals. Source: Miettinen and
/// Nurminen 1985.
///
/// ```
/// use csat_core::stats::share::{Share, difference_miettinen_nurminen};
/// let d = difference_miettinen_nurminen(Share::new(7, 34), Share::new(1, 34), 0.95)?;
/// assert!((d.low - 0.027042).abs() < 1e-6 && (d.high - 0.345291).abs() < 1e-6);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn difference_miettinen_nurminen(a: Share, b: Share, confidence: f64) -> Result<Difference> {
    check_both(a, b)?;
    let z = z_of_confidence(confidence)?;
    let (n1, n2) = (a.n as f64, b.n as f64);
    let factor = (n1 + n2) / (n1 + n2 - 1.0);
    let d = a.value() - b.value();
    let score = |delta: f64| {
        let p2 = constrained_share(a, b, delta);
        let p1 = (p2 + delta).clamp(0.0, 1.0);
        let variance = (p1 * (1.0 - p1) / n1 + p2 * (1.0 - p2) / n2) * factor;
        (d - delta) / variance.sqrt()
    };
    Ok(Difference {
        difference: d,
        low: bisect(-1.0, d, |delta| score(delta) > z),
        high: bisect(d, 1.0, |delta| score(delta) > -z),
    })
}

/// The second share of highest likelihood if the first exceeds it by `delta`: the root of the falling score function.
fn constrained_share(a: Share, b: Share, delta: f64) -> f64 {
    let part = |count: u64, share: f64| if count == 0 { 0.0 } else { count as f64 / share };
    bisect((-delta).max(0.0), (1.0 - delta).min(1.0), |p2| {
        let p1 = p2 + delta;
        let first = part(a.successes, p1) - part(a.n - a.successes, 1.0 - p1);
        first + part(b.successes, p2) - part(b.n - b.successes, 1.0 - p2) > 0.0
    })
}

/// Agresti and Caffo's interval of a difference: one success and one failure added to each sample, then Wald.
/// Source: Agresti and Caffo 2000. Limits are clamped to [−1, 1]; `difference` is the plain one.
pub fn difference_agresti_caffo(a: Share, b: Share, confidence: f64) -> Result<Difference> {
    check_both(a, b)?;
    Ok(difference_with(1.0, a, b, z_of_confidence(confidence)?))
}

/// Textbook interval of a difference: d ± z·√(p₁q₁/n₁ + p₂q₂/n₂), clamped to [−1, 1]. Never a default.
pub fn difference_wald(a: Share, b: Share, confidence: f64) -> Result<Difference> {
    check_both(a, b)?;
    Ok(difference_with(0.0, a, b, z_of_confidence(confidence)?))
}

fn difference_with(added: f64, a: Share, b: Share, z: f64) -> Difference {
    let part = |share: Share| {
        let n = share.n as f64 + 2.0 * added;
        let p = (share.successes as f64 + added) / n;
        (p, p * (1.0 - p) / n)
    };
    let ((p1, v1), (p2, v2)) = (part(a), part(b));
    let Interval { low, high } = around(p1 - p2, z * (v1 + v2).sqrt(), false).clamp(-1.0, 1.0);
    Difference { difference: a.value() - b.value(), low, high }
}

/// The pooled z test that two shares are equal; two-sided, without continuity correction.
///
/// Undefined if all or none succeeded in both samples together.
///
/// ```
/// use csat_core::stats::share::{Share, z_pooled};
/// let t = z_pooled(Share::new(9, 10), Share::new(3, 10))?;
/// assert!((t.z - 7.5f64.sqrt()).abs() < 1e-12); // 0.6 / √(0.6·0.4·0.2)
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn z_pooled(a: Share, b: Share) -> Result<ZTest> {
    check_both(a, b)?;
    let (n1, n2) = (a.n as f64, b.n as f64);
    let p = (a.successes as f64 + b.successes as f64) / (n1 + n2);
    if p == 0.0 || p == 1.0 {
        return Err(Error::undefined("the z test of two shares does not exist where both are 0 or both are 1"));
    }
    let z = (a.value() - b.value()) / (p * (1.0 - p) * (1.0 / n1 + 1.0 / n2)).sqrt();
    Ok(ZTest { z, p_value: 2.0 * normal_sf(z.abs())? })
}

/// Fisher's exact test that two shares are equal: the probability, given all four margins, of a table that is not more
/// probable than the observed one (compared with a relative tolerance of 1e-7, so that equal tables count as equal).
///
/// For up to 10¹² observations together; beyond, the z test is the same to many digits.
///
/// ```
/// use csat_core::stats::share::{Share, fisher};
/// let t = fisher(Share::new(3, 3), Share::new(0, 3))?;
/// assert!((t.p_value - 0.1).abs() < 1e-14); // 2 of the 20 tables
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn fisher(a: Share, b: Share) -> Result<FisherTest> {
    check_both(a, b)?;
    if a.n.saturating_add(b.n) > 1_000_000_000_000 {
        return Err(Error::argument("Fisher's test is for up to 1e12 observations; use the z test"));
    }
    let successes = a.successes + b.successes;
    if successes == 0 || successes == a.n + b.n {
        return Ok(FisherTest { p_value: 1.0 });
    }
    let limit = ln_hypergeometric(a.successes, a.n, b.n, successes) + 1e-7;
    let mode = u128::from(successes + 1) * u128::from(a.n + 1) / u128::from(a.n + b.n + 2);
    let mode = (mode as u64).clamp(successes.saturating_sub(b.n), successes.min(a.n));
    if ln_hypergeometric(mode, a.n, b.n, successes) <= limit {
        return Ok(FisherTest { p_value: 1.0 });
    }
    let low = rare_tail(a.n, b.n, successes, mode, limit);
    let high = rare_tail(b.n, a.n, successes, successes - mode, limit);
    Ok(FisherTest { p_value: (low + high).min(1.0) })
}

/// ln of the probability that `i` of the `successes` fall into the first sample.
fn ln_hypergeometric(i: u64, n1: u64, n2: u64, successes: u64) -> f64 {
    let (i, n1, n2, k) = (i as f64, n1 as f64, n2 as f64, successes as f64);
    let u = libm::log(k / (n1 + n2 - k));
    ln_binomial(i, n1, u) + ln_binomial(k - i, n2, u) - ln_binomial(k, n1 + n2, u)
}

/// The probability of all tables below the mode whose ln probability is at most `limit`.
fn rare_tail(n1: u64, n2: u64, successes: u64, mode: u64, limit: f64) -> f64 {
    let first = successes.saturating_sub(n2);
    let rare = |i: u64| ln_hypergeometric(i, n1, n2, successes) <= limit;
    if first == mode || !rare(first) {
        return 0.0;
    }
    let mut i = last_where(first, mode, rare);
    let mut term = libm::exp(ln_hypergeometric(i, n1, n2, successes));
    let mut sum = 0.0;
    while term > 1e-18 * sum {
        sum += term;
        if i == first {
            break;
        }
        term *= i as f64 * (n2 + i - successes) as f64 / ((n1 - i + 1) as f64 * (successes - i + 1) as f64);
        i -= 1;
    }
    sum
}

/// The last i of [`yes`, `no`) where `holds`, if it holds at `yes` and not at `no`, by halving.
fn last_where(mut yes: u64, mut no: u64, holds: impl Fn(u64) -> bool) -> u64 {
    while no - yes > 1 {
        let middle = yes + (no - yes) / 2;
        if holds(middle) {
            yes = middle;
        } else {
            no = middle;
        }
    }
    yes
}

fn around(centre: f64, half: f64, clamp: bool) -> Interval {
    let interval = Interval { low: centre - half, high: centre + half };
    if clamp { interval.clamp(0.0, 1.0) } else { interval }
}

fn check(successes: u64, n: u64) -> Result<()> {
    if n == 0 {
        return Err(Error::argument("n must be at least 1: a share of nothing does not exist"));
    }
    if successes > n {
        return Err(Error::argument(format!("{successes} successes of {n}: successes cannot exceed n")));
    }
    Ok(())
}

fn check_both(a: Share, b: Share) -> Result<()> {
    check(a.successes, a.n).map_err(|e| e.at("first sample"))?;
    check(b.successes, b.n).map_err(|e| e.at("second sample"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn intervals_worked_by_hand() {
        // x = 5 of 10, z² = 3.841459: half = z·√(1/40 + z²/400) / (1 + z²/10) = 0.263406.
        let i = wilson(5, 10, 0.95).unwrap();
        assert!((i.low - 0.236_594).abs() < 1e-6 && (i.high - 0.763_406).abs() < 1e-6);
        let i = wald(5, 10, true, 0.95).unwrap();
        assert!((i.high - (0.5 + 1.959_964 * 0.025f64.sqrt())).abs() < 1e-6);
        assert_eq!(wald(10, 10, true, 0.95).unwrap(), Interval { low: 1.0, high: 1.0 });
    }

    #[test]
    fn the_ends_stay_exact_and_zero_events_have_an_upper_limit() {
        for f in [wilson, wilson_continuity, clopper_pearson] {
            let (none, all) = (f(0, 20, 0.95).unwrap(), f(20, 20, 0.95).unwrap());
            assert!(
                none.low == 0.0 && none.high > 0.1 && all.high == 1.0 && (all.low - (1.0 - none.high)).abs() < 1e-12
            );
        }
        assert_eq!(jeffreys(0, 20, true, 0.95).unwrap().low, 0.0);
        assert!(agresti_coull(0, 20, false, 0.95).unwrap().low < 0.0);
        assert_eq!(agresti_coull(0, 20, true, 0.95).unwrap().low, 0.0);
        let d = difference_miettinen_nurminen(Share::new(4, 4), Share::new(0, 4), 0.95).unwrap();
        assert_eq!((d.difference, d.high), (1.0, 1.0));
    }

    #[test]
    fn what_cannot_be_is_an_error() {
        assert!(wilson(1, 0, 0.95).is_err() && wilson(2, 1, 0.95).is_err() && wilson(1, 2, 1.0).is_err());
        let error = fisher(Share::new(1, 2), Share::new(1, 0)).unwrap_err();
        assert!(error.message().starts_with("second sample"));
        assert!(z_pooled(Share::new(0, 3), Share::new(0, 4)).is_err());
    }

    /// All tables counted by hand: the direct sum over the hypergeometric distribution in exact integers.
    #[test]
    fn fisher_equals_the_sum_over_all_tables() {
        let choose = |n: u64, k: u64| (0..k).fold(1u64, |c, i| c * (n - i) / (i + 1));
        for (x1, n1, x2, n2) in [(3, 8, 6, 7), (0, 5, 4, 9), (5, 5, 2, 12), (4, 10, 4, 10), (1, 12, 9, 11)] {
            let k = x1 + x2;
            let ways = |i: u64| if i > n1 || k - i > n2 { 0 } else { choose(n1, i) * choose(n2, k - i) };
            let rare: u64 = (0..=k).map(ways).filter(|w| *w <= ways(x1)).sum();
            let got = fisher(Share::new(x1, n1), Share::new(x2, n2)).unwrap().p_value;
            assert!((got - rare as f64 / choose(n1 + n2, k) as f64).abs() < 1e-13);
        }
    }

    #[test]
    fn fisher_is_quick_and_near_the_z_test_for_a_million() {
        let (a, b) = (Share::new(500_700, 1_000_000), Share::new(499_300, 1_000_000));
        let (exact, z) = (fisher(a, b).unwrap().p_value, z_pooled(a, b).unwrap().p_value);
        assert!((exact - z).abs() < 1e-3 && exact > z);
        let huge = Share::new(1 << 60, 1 << 62);
        assert!(fisher(huge, huge).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]
        #[test]
        fn every_interval_holds_its_share_and_mirrors(n in 1u64..400, part in 0.0..=1.0f64, confidence in 0.5..0.999f64) {
            let x = ((n as f64 * part) as u64).min(n);
            let p = x as f64 / n as f64;
            for f in [wilson, wilson_continuity, clopper_pearson] {
                let (i, mirror) = (f(x, n, confidence).unwrap(), f(n - x, n, confidence).unwrap());
                prop_assert!(i.low <= p + 1e-15 && p <= i.high + 1e-15 && 0.0 <= i.low && i.high <= 1.0);
                prop_assert!((i.low + mirror.high - 1.0).abs() < 1e-12);
            }
        }

        #[test]
        fn differences_change_sign_with_the_order(n1 in 1u64..60, n2 in 1u64..60, p1 in 0.0..=1.0f64, p2 in 0.0..=1.0f64) {
            let (a, b) = (Share::new((n1 as f64 * p1) as u64, n1), Share::new((n2 as f64 * p2) as u64, n2));
            for f in [difference_newcombe, difference_miettinen_nurminen, difference_agresti_caffo, difference_wald] {
                let (d, back) = (f(a, b, 0.9).unwrap(), f(b, a, 0.9).unwrap());
                prop_assert!((d.low + back.high).abs() < 1e-9 && (d.high + back.low).abs() < 1e-9);
                prop_assert!(-1.0 <= d.low && d.low <= d.high && d.high <= 1.0);
            }
            let p = fisher(a, b).unwrap().p_value;
            prop_assert!(0.0 < p && p <= 1.0 && (p - fisher(b, a).unwrap().p_value).abs() < 1e-12);
        }
    }
}
