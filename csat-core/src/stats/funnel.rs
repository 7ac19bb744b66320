//! Funnel plots: how far a unit of a given size may lie from the target by chance.
//!
//! Limits are usually drawn at 95 % (a hint) and 99.8 % (an alarm). Real units differ by more than chance, so the
//! spread beyond chance is estimated from the network (over-dispersion) and added before anybody is accused.
//! Source: Spiegelhalter 2005.

use super::Interval;
use super::interval::check_confidence;
use super::shrinkage::{check_counts, check_standard_errors};
use super::special::{beta_cdf, normal_quantile};
use crate::error::{Error, Result};

/// Limits of a funnel, unit by unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// The line in the middle.
    pub target: f64,
    /// The lower limit of each unit.
    pub low: Vec<f64>,
    /// The upper limit of each unit.
    pub high: Vec<f64>,
}

crate::answer_fields!(Limits { target, low, high });

/// Normal limits of a share: target ± z·√(target·(1 − target)/n). The target is the pooled share unless given.
///
/// Poor where n·target or n·(1 − target) is below about 10: use [`limits_exact`]. `clamp` cuts the limits at 0 and 1.
///
/// ```
/// let l = csat_core::stats::funnel::limits_normal(&[50, 30], &[100, 60], None, true, 0.95)?;
/// assert_eq!(l.target, 0.5);
/// assert!((l.low[0] - (0.5 - 1.959964 * 0.05)).abs() < 1e-6);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn limits_normal(
    successes: &[u64],
    n: &[u64],
    target: Option<f64>,
    clamp: bool,
    confidence: f64,
) -> Result<Limits> {
    check_confidence(confidence)?;
    let target = share_target(successes, n, target)?;
    let z = normal_quantile(0.5 + confidence / 2.0)?;
    limits_of(target, n, |n| {
        let half = z * (target * (1.0 - target) / n as f64).sqrt();
        Ok(cut(Interval { low: target - half, high: target + half }, clamp))
    })
}

/// Exact binomial limits of a share. The target is the pooled share unless given.
///
/// For tail p, r is the smallest count with F(r) ≥ p; the limit is (r − a)/n with
/// a = (F(r) − p)/(F(r) − F(r − 1)), or r/n without `interpolate`. `clamp` cuts at 0 and 1. This published form is not
/// symmetric: a share above the upper limit may have a tail probability, its own count included, a little above p.
/// Judge single units by [`binomial_p_value`]. Beyond a million answers the limits are expanded around the normal.
///
/// ```
/// let l = csat_core::stats::funnel::limits_exact(&[5, 50], &[10, 100], None, true, true, 0.998)?;
/// assert!(l.low[0] < l.low[1] && l.high[1] < l.high[0]);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn limits_exact(
    successes: &[u64],
    n: &[u64],
    target: Option<f64>,
    interpolate: bool,
    clamp: bool,
    confidence: f64,
) -> Result<Limits> {
    check_confidence(confidence)?;
    let target = share_target(successes, n, target)?;
    let binomial = Binomial::new(target, interpolate, confidence)?;
    limits_of(target, n, |n| Ok(cut(binomial.limits(n)?, clamp)))
}

/// Limits of means or nets with given standard errors: target ± z·standard error.
///
/// The target is the mean weighted by 1/standard error² unless given. The standard errors are those under the target:
/// the pooled standard deviation over √n, not each unit's own, which would let an odd unit widen its own limits.
pub fn limits_values(values: &[f64], standard_errors: &[f64], target: Option<f64>, confidence: f64) -> Result<Limits> {
    check_confidence(confidence)?;
    let target = value_target(values, standard_errors, target)?;
    let z = normal_quantile(0.5 + confidence / 2.0)?;
    Ok(Limits {
        target,
        low: standard_errors.iter().map(|s| target - z * s).collect(),
        high: standard_errors.iter().map(|s| target + z * s).collect(),
    })
}

/// How far the units of a network spread beyond chance, and their z-values before and after allowing for it.
#[derive(Clone, Debug, PartialEq)]
pub struct OverDispersion {
    /// The line in the middle.
    pub target: f64,
    /// (value − target)/standard error of each unit.
    pub z: Vec<f64>,
    /// Mean of the squared winsorised z; about 1 where only chance is at work.
    pub phi: f64,
    /// Variance of the units' true values around the target; 0 where chance explains the spread.
    pub tau2: f64,
    /// (value − target)/√(standard error² + tau2).
    pub z_adjusted: Vec<f64>,
}

crate::answer_fields!(OverDispersion { target, z, phi, tau2, z_adjusted });

/// Over-dispersion of shares around the pooled or given target.
///
/// Formula: z winsorised at the quantiles `winsorise` and 1 − `winsorise` (type 7), φ = mean z², w = 1/s²,
/// τ² = max(0, (Iφ − (I − 1))/(Σw − Σw²/Σw)). Winsorising keeps truly bad units from hiding themselves.
/// Undefined where the target is 0 or 1, or with fewer than two units. Source: Spiegelhalter 2005 (additive form).
///
/// ```
/// let o = csat_core::stats::funnel::over_dispersion(&[90, 50, 10], &[100, 100, 100], None, 0.1)?;
/// assert!(o.tau2 > 0.0 && o.z_adjusted[0] < o.z[0]);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn over_dispersion(successes: &[u64], n: &[u64], target: Option<f64>, winsorise: f64) -> Result<OverDispersion> {
    let target = share_target(successes, n, target)?;
    if target == 0.0 || target == 1.0 {
        return Err(Error::undefined(format!("the target is {target}: no spread can be measured around it")));
    }
    let values: Vec<f64> = successes.iter().zip(n).map(|(&x, &n)| x as f64 / n as f64).collect();
    let errors: Vec<f64> = n.iter().map(|&n| (target * (1.0 - target) / n as f64).sqrt()).collect();
    over_dispersion_values(&values, &errors, Some(target), winsorise)
}

/// [`over_dispersion`] of means or nets with given standard errors.
pub fn over_dispersion_values(
    values: &[f64],
    standard_errors: &[f64],
    target: Option<f64>,
    winsorise: f64,
) -> Result<OverDispersion> {
    let target = value_target(values, standard_errors, target)?;
    if !(0.0..0.5).contains(&winsorise) {
        return Err(Error::argument(format!("winsorise must lie in 0..0.5, not {winsorise}; 0.1 is usual")));
    }
    if values.len() < 2 {
        return Err(Error::undefined("over-dispersion needs at least two units"));
    }
    let z: Vec<f64> = values.iter().zip(standard_errors).map(|(y, s)| (y - target) / s).collect();
    let mut sorted = z.clone();
    sorted.sort_by(f64::total_cmp);
    let (low, high) = (quantile(&sorted, winsorise), quantile(&sorted, 1.0 - winsorise));
    let units = z.len() as f64;
    let phi = z.iter().map(|z| z.clamp(low, high) * z.clamp(low, high)).sum::<f64>() / units;
    let (mut weight, mut squares) = (0.0, 0.0);
    for s in standard_errors {
        let w = 1.0 / (s * s);
        weight += w;
        squares += w * w;
    }
    let tau2 = ((units * phi - (units - 1.0)) / (weight - squares / weight)).max(0.0);
    let z_adjusted = values.iter().zip(standard_errors).map(|(y, s)| (y - target) / (s * s + tau2).sqrt()).collect();
    Ok(OverDispersion { target, z, phi, tau2, z_adjusted })
}

/// Two-sided exact binomial p-value of `successes` of `n` against a target share: twice the smaller tail, at most 1.
///
/// Conservative: among units on target at most a share p has a p-value of p or less.
///
/// ```
/// let p = csat_core::stats::funnel::binomial_p_value(0, 5, 0.5)?;
/// assert!((p - 2.0 / 32.0).abs() < 1e-12);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn binomial_p_value(successes: u64, n: u64, target: f64) -> Result<f64> {
    check_counts(&[successes], &[n], 1)?;
    check_target(target)?;
    let (x, size) = (successes as f64, n as f64);
    let tail = if x >= size * target {
        if successes == 0 { 1.0 } else { beta_cdf(target, x, size - x + 1.0)? }
    } else {
        beta_cdf(1.0 - target, size - x, x + 1.0)?
    };
    Ok((2.0 * tail).min(1.0))
}

/// Binomial limits at one target and confidence, for any n.
pub(crate) struct Binomial {
    target: f64,
    interpolate: bool,
    tail: f64,
    z: f64,
}

impl Binomial {
    pub(crate) fn new(target: f64, interpolate: bool, confidence: f64) -> Result<Self> {
        check_confidence(confidence)?;
        check_target(target)?;
        let tail = (1.0 - confidence) / 2.0;
        Ok(Self { target, interpolate, tail, z: normal_quantile(0.5 + confidence / 2.0)? })
    }

    /// Not clamped.
    pub(crate) fn limits(&self, n: u64) -> Result<Interval> {
        let size = n as f64;
        Ok(Interval {
            low: self.count(n, self.tail, -self.z)? / size,
            high: self.count(n, 1.0 - self.tail, self.z)? / size,
        })
    }

    fn count(&self, n: u64, p: f64, z: f64) -> Result<f64> {
        let (size, t) = (n as f64, self.target);
        if t == 0.0 || t == 1.0 {
            return Ok(size * t);
        }
        let spread = (size * t * (1.0 - t)).sqrt();
        let guess = size * t + z * spread + (z * z - 1.0) * (1.0 - 2.0 * t) / 6.0 - 0.5;
        if n > 1_000_000 {
            return Ok(guess);
        }
        let mut r = guess.ceil().clamp(0.0, size);
        let mut mass = probability(r, size, t);
        let mut up_to = if r == size { 1.0 } else { beta_cdf(1.0 - t, size - r, r + 1.0)? };
        while up_to < p && r < size {
            mass *= (size - r) / (r + 1.0) * (t / (1.0 - t));
            r += 1.0;
            up_to += mass;
        }
        while up_to - mass >= p && r > 0.0 {
            up_to -= mass;
            mass *= r / (size - r + 1.0) * ((1.0 - t) / t);
            r -= 1.0;
        }
        Ok(if self.interpolate && mass > 0.0 { r - ((up_to - p) / mass).clamp(0.0, 1.0) } else { r })
    }
}

fn probability(r: f64, n: f64, t: f64) -> f64 {
    let ways = libm::lgamma(n + 1.0) - libm::lgamma(r + 1.0) - libm::lgamma(n - r + 1.0);
    libm::exp(ways + r * libm::log(t) + (n - r) * libm::log1p(-t))
}

fn limits_of(target: f64, n: &[u64], limit: impl Fn(u64) -> Result<Interval>) -> Result<Limits> {
    let all: Vec<Interval> = n.iter().map(|&n| limit(n)).collect::<Result<_>>()?;
    Ok(Limits { target, low: all.iter().map(|i| i.low).collect(), high: all.iter().map(|i| i.high).collect() })
}

fn cut(interval: Interval, clamp: bool) -> Interval {
    if clamp { interval.clamp(0.0, 1.0) } else { interval }
}

fn share_target(successes: &[u64], n: &[u64], target: Option<f64>) -> Result<f64> {
    check_counts(successes, n, 1)?;
    let target = target.unwrap_or_else(|| successes.iter().sum::<u64>() as f64 / n.iter().sum::<u64>() as f64);
    check_target(target).map(|()| target)
}

fn check_target(target: f64) -> Result<()> {
    if (0.0..=1.0).contains(&target) {
        Ok(())
    } else {
        Err(Error::argument(format!("target must be a share in 0..1, not {target}")))
    }
}

fn value_target(values: &[f64], standard_errors: &[f64], target: Option<f64>) -> Result<f64> {
    check_standard_errors(values, standard_errors)?;
    match target {
        Some(t) if t.is_finite() => Ok(t),
        Some(t) => Err(Error::argument(format!("target must be a finite number, not {t}"))),
        None => {
            let weight: f64 = standard_errors.iter().map(|s| 1.0 / (s * s)).sum();
            Ok(values.iter().zip(standard_errors).map(|(y, s)| y / (s * s)).sum::<f64>() / weight)
        }
    }
}

/// Quantile of type 7 of sorted values.
fn quantile(sorted: &[f64], p: f64) -> f64 {
    let position = p * (sorted.len() - 1) as f64;
    let below = position.floor();
    let (i, fraction) = (below as usize, position - below);
    let next = sorted[(i + 1).min(sorted.len() - 1)];
    sorted[i] + fraction * (next - sorted[i])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn exact_limits_by_hand() {
        // Ten fair coins: F(0) = 1/1024, F(1) = 11/1024, F(2) = 56/1024. 95 %: p = 0.025 → r = 2,
        // a = (56/1024 − 0.025)/(45/1024) = 0.675556, limit 0.1324444. Upper p = 0.975: F(7) = 968/1024,
        // F(8) = 1013/1024 → r = 8, a = (1013/1024 − 0.975)/(45/1024) = 0.324444, limit 0.7675556.
        let l = limits_exact(&[5], &[10], None, true, true, 0.95).unwrap();
        assert!((l.low[0] - 0.132_444_44).abs() < 1e-8 && (l.high[0] - 0.767_555_56).abs() < 1e-8, "{l:?}");
        let l = limits_exact(&[5], &[10], None, false, true, 0.95).unwrap();
        assert_eq!((l.low[0], l.high[0]), (0.2, 0.8));
    }

    #[test]
    fn degenerate_and_wrong_targets() {
        let l = limits_exact(&[0, 0], &[5, 9], None, true, true, 0.95).unwrap();
        assert_eq!((l.low, l.high), (vec![0.0; 2], vec![0.0; 2]));
        assert!(over_dispersion(&[0, 0], &[5, 9], None, 0.1).is_err());
        assert!(limits_normal(&[1], &[2], Some(1.5), true, 0.95).is_err());
        assert!(over_dispersion(&[1, 2], &[5, 9], None, 0.5).is_err());
        assert!(limits_values(&[1.0], &[0.0], None, 0.95).is_err());
        assert_eq!(binomial_p_value(0, 7, 0.0).unwrap(), 1.0);
        assert_eq!(binomial_p_value(1, 7, 0.0).unwrap(), 0.0);
    }

    #[test]
    fn the_expansion_meets_the_exact_limits() {
        let b = Binomial::new(0.3, true, 0.998).unwrap();
        let (exact, expanded) = (b.limits(1_000_000).unwrap(), b.limits(1_000_001).unwrap());
        assert!((exact.low - expanded.low).abs() < 1e-8 && (exact.high - expanded.high).abs() < 1e-8);
    }

    #[test]
    fn values_and_shares_agree() {
        let (x, n) = ([45u64, 88, 12, 230], [50u64, 120, 12, 300]);
        let shares = over_dispersion(&x, &n, None, 0.1).unwrap();
        let t = shares.target;
        let y: Vec<f64> = x.iter().zip(&n).map(|(x, n)| *x as f64 / *n as f64).collect();
        let s: Vec<f64> = n.iter().map(|n| (t * (1.0 - t) / *n as f64).sqrt()).collect();
        let values = over_dispersion_values(&y, &s, None, 0.1).unwrap();
        assert!((values.target - t).abs() < 1e-12 && (values.tau2 - shares.tau2).abs() < 1e-12);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn exact_limits_hold_their_tails(n in 1u64..400, t in 0.01..0.99f64) {
            let b = Binomial::new(t, false, 0.95).unwrap();
            let low = (b.limits(n).unwrap().low * n as f64).round();
            let cdf = |r: f64| if r < 0.0 { 0.0 } else { (0..=r as u64).map(|k| probability(k as f64, n as f64, t)).sum::<f64>() };
            prop_assert!(cdf(low) >= 0.025 - 1e-9 && cdf(low - 1.0) < 0.025 + 1e-9);
        }

        #[test]
        fn p_values_are_probabilities(n in 1u64..400, part in 0.0..=1.0f64, t in 0.0..=1.0f64) {
            let p = binomial_p_value((n as f64 * part) as u64, n, t).unwrap();
            prop_assert!((0.0..=1.0).contains(&p));
        }
    }
}
