//! Funnel plots: how far a unit of a given size may lie from the target by chance.
//!
//! Limits are usually drawn at 95 % (a hint) and 99.8 % (an alarm). Real units differ by more than chance, so the
//! spread beyond chance is estimated from the network (over-dispersion) and added before anybody is accused.
//! Source: Spiegelhalter 2005.

use super::Interval;
use super::interval::check_confidence;
use super::shrinkage::{UNEVEN, check_counts, check_standard_errors};
use super::special::{normal_quantile, normal_sf};
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
    Ok(limits_of(target, n, |n| {
        let half = z * (target * (1.0 - target) / n as f64).sqrt();
        cut(Interval { low: target - half, high: target + half }, clamp)
    }))
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
    Ok(limits_of(target, n, |n| cut(binomial.limits(n), clamp)))
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
    if !z.iter().all(|z| (z * z).is_finite()) {
        return Err(Error::undefined(UNEVEN));
    }
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
    // Where one unit outweighs all others, nothing is left to measure a spread with.
    let room = weight - squares / weight;
    if room.is_nan() || room <= 1e-13 * weight {
        return Err(Error::undefined(UNEVEN));
    }
    let tau2 = ((units * phi - (units - 1.0)) / room).max(0.0);
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
    if n > LARGEST_SUM {
        let spread = (size * target * (1.0 - target)).sqrt();
        let distance = (x - size * target).abs();
        return if distance == 0.0 { Ok(1.0) } else { Ok((2.0 * normal_sf(distance / spread)?).min(1.0)) };
    }
    let tail = if x >= size * target { upper_tail(x, size, target) } else { upper_tail(size - x, size, 1.0 - target) };
    Ok((2.0 * tail).min(1.0))
}

/// Two-sided exact p-values of net scores against a network's shares of detractors and promoters: twice the smaller
/// tail of promoters − detractors, at most 1.
///
/// The normal approximation accuses innocent units where a network's score is far from zero: with 2 % detractors and
/// 95 % promoters one detractor too many among ten answers is nothing rare. Up to 500 answers the distribution is summed
/// exactly, beyond that by the saddlepoint expansion (Lugannani and Rice 1980, on a lattice).
///
/// ```
/// let all_bad = csat_core::stats::funnel::net_p_values(&[2], &[-2], 0.5, 0.25)?; // two detractors of two answers
/// assert_eq!(all_bad, [0.5]);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn net_p_values(n: &[u64], net: &[i64], detractors: f64, promoters: f64) -> Result<Vec<f64>> {
    if n.len() != net.len() {
        return Err(Error::argument(format!("{} n but {} nets; give one pair per unit", n.len(), net.len())));
    }
    if !(detractors >= 0.0 && promoters >= 0.0 && detractors + promoters <= 1.0 + 1e-12) {
        return Err(Error::argument(format!(
            "shares of {detractors} detractors and {promoters} promoters are not possible"
        )));
    }
    if let Some(i) = (0..n.len()).find(|&i| n[i] == 0 || net[i].unsigned_abs() > n[i]) {
        return Err(Error::argument(format!(
            "unit {}: a net of {} of {} answers is not possible",
            i + 1,
            net[i],
            n[i]
        )));
    }
    let passives = (1.0 - detractors - promoters).max(0.0);
    let mut order: Vec<usize> = (0..n.len()).collect();
    order.sort_by_key(|&i| n[i]);
    let mut exact = Trinomial::new([detractors, passives, promoters]);
    let mut out = vec![0.0; n.len()];
    for i in order {
        let tail = if n[i] <= Trinomial::LARGEST {
            exact.grow(n[i]);
            exact.smaller_tail(net[i])
        } else {
            saddlepoint(net[i] as f64, n[i] as f64, [detractors, passives, promoters])?
        };
        out[i] = (2.0 * tail).min(1.0);
    }
    Ok(out)
}

/// The distribution of promoters − detractors, grown answer by answer so that one pass serves every n.
struct Trinomial {
    shares: [f64; 3],
    n: u64,
    mass: Vec<f64>,
    /// Sums from the lower and from the upper end.
    tails: (Vec<f64>, Vec<f64>),
}

impl Trinomial {
    const LARGEST: u64 = 500;

    fn new(shares: [f64; 3]) -> Self {
        Self { shares, n: 0, mass: vec![1.0], tails: (Vec::new(), Vec::new()) }
    }

    fn grow(&mut self, n: u64) {
        if n == self.n {
            return;
        }
        while self.n < n {
            let mut next = vec![0.0; self.mass.len() + 2];
            for (i, mass) in self.mass.iter().enumerate() {
                for (j, share) in self.shares.iter().enumerate() {
                    next[i + j] += mass * share;
                }
            }
            self.mass = next;
            self.n += 1;
        }
        let sums = |sum: &mut f64, mass: &f64| {
            *sum += mass;
            Some(*sum)
        };
        self.tails.0 = self.mass.iter().scan(0.0, sums).collect();
        self.tails.1 = self.mass.iter().rev().scan(0.0, sums).collect();
        self.tails.1.reverse();
    }

    fn smaller_tail(&self, net: i64) -> f64 {
        let i = (net + self.n as i64) as usize;
        self.tails.0[i].min(self.tails.1[i])
    }
}

/// The tail of promoters − detractors beyond `net`, itself included, on the side where it lies.
fn saddlepoint(net: f64, n: f64, [detractors, passives, promoters]: [f64; 3]) -> Result<f64> {
    let mean = promoters - detractors;
    let (m, d, p) = if net / n >= mean { (net / n, detractors, promoters) } else { (-net / n, promoters, detractors) };
    let spread = (p + d - mean * mean).max(0.0);
    let distance = n * (m - (p - d));
    if spread == 0.0 || p == 0.0 {
        return Ok(if distance <= 1e-9 * n { 1.0 } else { 0.0 });
    }
    if distance < 0.5 * (n * spread).sqrt() {
        return normal_sf((distance - 0.5).max(0.0) / (n * spread).sqrt());
    }
    if m >= 1.0 {
        return Ok(libm::exp(n * libm::log(p)));
    }
    // u = e^t at the saddlepoint: p(1 − m)u² − passives·m·u − d(1 + m) = 0.
    let (a, b, c) = (p * (1.0 - m), passives * m, d * (1.0 + m));
    let u = (b + (b * b + 4.0 * a * c).sqrt()) / (2.0 * a);
    let (t, sum) = (libm::log(u), p * u + passives + d / u);
    let w = (2.0 * n * (t * m - libm::log(sum)).max(0.0)).sqrt();
    let curve = (p * u + d / u) / sum - m * m;
    // Without passives only every second net is possible.
    let step = if passives == 0.0 { 2.0 } else { 1.0 };
    let v = (1.0 - libm::exp(-step * t)) / step * (n * curve).sqrt();
    let density = libm::exp(-w * w / 2.0) / (2.0 * std::f64::consts::PI).sqrt();
    Ok((normal_sf(w)? + density * (1.0 / v - 1.0 / w)).clamp(0.0, 1.0))
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
    pub(crate) fn limits(&self, n: u64) -> Interval {
        let size = n as f64;
        Interval { low: self.count(n, self.tail, -self.z) / size, high: self.count(n, 1.0 - self.tail, self.z) / size }
    }

    fn count(&self, n: u64, p: f64, z: f64) -> f64 {
        let (size, t) = (n as f64, self.target);
        if t == 0.0 || t == 1.0 {
            return size * t;
        }
        let spread = (size * t * (1.0 - t)).sqrt();
        let guess = size * t + z * spread + (z * z - 1.0) * (1.0 - 2.0 * t) / 6.0 - 0.5;
        if n > 1_000_000 {
            return guess;
        }
        let mut r = guess.ceil().clamp(0.0, size);
        let mut mass = probability(r, size, t);
        let mut up_to = match r {
            r if r < size * t => upper_tail(size - r, size, 1.0 - t),
            r if r < size => 1.0 - upper_tail(r + 1.0, size, t),
            _ => 1.0,
        };
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
        if self.interpolate && mass > 0.0 { r - ((up_to - p) / mass).clamp(0.0, 1.0) } else { r }
    }
}

/// Beyond so many answers tails are taken from the normal distribution.
const LARGEST_SUM: u64 = 1_000_000_000;

/// P(R ≥ x) for x at or above the mean, where the terms fall: about eight standard deviations of them.
fn upper_tail(x: f64, n: f64, t: f64) -> f64 {
    if x <= 0.0 || t >= 1.0 {
        return 1.0;
    }
    if t <= 0.0 {
        return 0.0;
    }
    let odds = t / (1.0 - t);
    let (mut r, mut mass) = (x, probability(x, n, t));
    let mut sum = mass;
    while r < n && mass > 1e-17 * sum {
        mass *= (n - r) / (r + 1.0) * odds;
        r += 1.0;
        sum += mass;
    }
    sum.min(1.0)
}

fn probability(r: f64, n: f64, t: f64) -> f64 {
    let ways = libm::lgamma(n + 1.0) - libm::lgamma(r + 1.0) - libm::lgamma(n - r + 1.0);
    libm::exp(ways + r * libm::log(t) + (n - r) * libm::log1p(-t))
}

fn limits_of(target: f64, n: &[u64], limit: impl Fn(u64) -> Interval) -> Limits {
    let (low, high) = n.iter().map(|&n| limit(n)).map(|i| (i.low, i.high)).unzip();
    Limits { target, low, high }
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
            let sum: f64 = values.iter().zip(standard_errors).map(|(y, s)| y / (s * s)).sum();
            let target = sum / weight;
            if target.is_finite() { Ok(target) } else { Err(Error::undefined(UNEVEN)) }
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
    fn tails_of_nets() {
        // Two answers, shares 1/4, 1/4, 1/2: P(−2) = 1/16, P(−1) = 1/8, so p(−1) = 2·3/16; P(2) = 1/4.
        let p = net_p_values(&[2, 2, 2], &[-2, -1, 2], 0.25, 0.5).unwrap();
        assert_eq!(p, [0.125, 0.375, 0.5]);
        // Without passives a net is a binomial count: 7 of 10 promoters is a net of 4.
        let p = net_p_values(&[10], &[4], 0.4, 0.6).unwrap();
        assert!((p[0] - binomial_p_value(7, 10, 0.6).unwrap()).abs() < 1e-12);
        assert!(net_p_values(&[2], &[3], 0.2, 0.2).is_err() && net_p_values(&[2], &[1], 0.9, 0.2).is_err());
        assert_eq!(net_p_values(&[900], &[900], 0.0, 1.0).unwrap(), [1.0]);
        assert_eq!(net_p_values(&[900, 900], &[-900, 5], 0.0, 1.0).unwrap(), [0.0, 0.0]);
    }

    #[test]
    fn the_saddlepoint_is_close_to_the_sum() {
        for shares in [[0.2, 0.3, 0.5], [0.02, 0.03, 0.95], [0.4, 0.0, 0.6], [0.6, 0.39, 0.01]] {
            let mut exact = Trinomial::new(shares);
            exact.grow(500);
            for net in (-490_i64..=490).step_by(2) {
                let (sum, near) = (exact.smaller_tail(net), saddlepoint(net as f64, 500.0, shares).unwrap());
                if (1e-200..0.1).contains(&sum) {
                    assert!((near / sum - 1.0).abs() < 0.02, "{shares:?} {net} {sum:e} {near:e}");
                }
            }
        }
    }

    #[test]
    fn large_counts_end() {
        assert!(binomial_p_value(u64::MAX / 2, u64::MAX, 0.5).unwrap() > 0.9);
        assert!(binomial_p_value(1 << 40, u64::MAX, 0.5).unwrap() < 1e-9);
        assert!(binomial_p_value(500_000_000, 999_999_999, 0.5).unwrap() > 0.9);
        assert!(net_p_values(&[1 << 62], &[0], 0.3, 0.3).unwrap()[0] > 0.9);
    }

    #[test]
    fn the_expansion_meets_the_exact_limits() {
        let b = Binomial::new(0.3, true, 0.998).unwrap();
        let (exact, expanded) = (b.limits(1_000_000), b.limits(1_000_001));
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
            let low = (b.limits(n).low * n as f64).round();
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
