//! Units of unequal size: estimates drawn towards the network, and ranks that small units cannot win by luck.
//!
//! A dealer with 3 of 3 happy customers is not the best of the network. Empirical Bayes learns from the network itself
//! how far units truly differ and weighs each unit's own answers against that. The intervals treat what was learnt
//! from the network as known; with fewer than about ten units they are somewhat too narrow.

use std::collections::BTreeMap;

use super::interval::check_confidence;
use super::special::{beta_quantile, chi2_sf, ln_gamma, normal_quantile};
use super::{Interval, share};
use crate::error::{Error, Result};

/// Shares of units drawn towards the network.
#[derive(Clone, Debug, PartialEq)]
pub struct ShrunkenShares {
    /// All successes over all answers.
    pub pooled: f64,
    /// First parameter of the network's beta distribution; none where units do not differ beyond chance.
    pub alpha: Option<f64>,
    /// Second parameter; alpha + beta is the weight of the network in answers.
    pub beta: Option<f64>,
    /// Log-likelihood of the network, binomial coefficients included.
    pub log_likelihood: f64,
    /// Posterior mean of each unit.
    pub mean: Vec<f64>,
    /// Lower limit of each unit.
    pub low: Vec<f64>,
    /// Upper limit of each unit.
    pub high: Vec<f64>,
}

crate::answer_fields!(ShrunkenShares { pooled, alpha, beta, log_likelihood, mean, low, high });

/// Posterior of each unit under a given beta distribution.
#[derive(Clone, Debug, PartialEq)]
pub struct Posterior {
    /// Posterior mean of each unit.
    pub mean: Vec<f64>,
    /// Lower limit of each unit.
    pub low: Vec<f64>,
    /// Upper limit of each unit.
    pub high: Vec<f64>,
}

crate::answer_fields!(Posterior { mean, low, high });

/// Beta-binomial empirical Bayes: shares of units drawn towards the network, with equal-tailed intervals.
///
/// The distribution of the units' true shares is Beta(α, β), fitted by maximum likelihood; a unit with x of n then has
/// the posterior Beta(α + x, β + n − x) with mean (α + x)/(α + β + n). Where the units differ by no more than chance
/// (Σ(x − np)²/(pq) ≤ Σn, the likelihood grows to α + β = ∞) every unit gets the pooled share and its Wilson interval,
/// and `alpha` and `beta` are none. The network never weighs less than 0.02 answers.
///
/// ```
/// use csat_core::stats::shrinkage::beta_binomial;
/// let s = beta_binomial(&[3, 60, 35, 80], &[3, 100, 100, 100], 0.95)?;
/// assert!(s.mean[0] < 0.9 && s.mean[3] > 0.75); // three of three is drawn in, 80 of 100 hardly
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn beta_binomial(successes: &[u64], n: &[u64], confidence: f64) -> Result<ShrunkenShares> {
    check_confidence(confidence)?;
    let counts = Counts::new(successes, n)?;
    let constant = counts.ln_coefficients()?;
    if let Some((alpha, beta)) = counts.fit() {
        let Posterior { mean, low, high } = posterior(successes, n, alpha, beta, confidence)?;
        let log_likelihood = constant + counts.log_likelihood(alpha, beta);
        return Ok(ShrunkenShares {
            pooled: counts.pooled(),
            alpha: Some(alpha),
            beta: Some(beta),
            log_likelihood,
            mean,
            low,
            high,
        });
    }
    let (x, total, pooled) = (counts.successes, counts.total, counts.pooled());
    let Interval { low, high } = share::wilson(x, total, confidence)?;
    let term = |count: u64, p: f64| if count == 0 { 0.0 } else { count as f64 * libm::log(p) };
    Ok(ShrunkenShares {
        pooled,
        alpha: None,
        beta: None,
        log_likelihood: constant + term(x, pooled) + term(total - x, 1.0 - pooled),
        mean: vec![pooled; n.len()],
        low: vec![low; n.len()],
        high: vec![high; n.len()],
    })
}

/// Posterior of each unit when the network's distribution Beta(alpha, beta) is given, with equal-tailed intervals.
///
/// ```
/// let p = csat_core::stats::shrinkage::posterior(&[0], &[0], 1.0, 1.0, 0.95)?;
/// assert_eq!(p.mean, [0.5]); // nothing known but the network
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn posterior(successes: &[u64], n: &[u64], alpha: f64, beta: f64, confidence: f64) -> Result<Posterior> {
    check_confidence(confidence)?;
    check_counts(successes, n, 0)?;
    if !(alpha > 0.0 && beta > 0.0 && alpha.is_finite() && beta.is_finite()) {
        return Err(Error::argument(format!("alpha and beta must be above zero and finite, not {alpha} and {beta}")));
    }
    let tail = (1.0 - confidence) / 2.0;
    // Quantiles are what costs time in a large network; units with equal counts share them.
    let mut known: BTreeMap<(u64, u64), (f64, f64)> = BTreeMap::new();
    let mut out = Posterior { mean: Vec::new(), low: Vec::new(), high: Vec::new() };
    for (&x, &n) in successes.iter().zip(n) {
        let (a, b) = (alpha + x as f64, beta + (n - x) as f64);
        let (low, high) = match known.get(&(x, n)) {
            Some(limits) => *limits,
            None => (beta_quantile(tail, a, b)?, beta_quantile(1.0 - tail, a, b)?),
        };
        known.insert((x, n), (low, high));
        out.mean.push(a / (a + b));
        out.low.push(low);
        out.high.push(high);
    }
    Ok(out)
}

/// Values of units drawn towards their mean by the James-Stein rule.
#[derive(Clone, Debug, PartialEq)]
pub struct JamesStein {
    /// The plain mean of the values.
    pub mean: f64,
    /// How much of the distance from the mean is kept, 0..1.
    pub factor: f64,
    /// mean + factor·(value − mean).
    pub estimate: Vec<f64>,
}

crate::answer_fields!(JamesStein { mean, factor, estimate });

/// James-Stein estimates towards the mean, for values with one common sampling variance.
///
/// Formula: factor = max(0, 1 − (k − 3)·variance / Σ(y − ȳ)²). Needs at least four values.
/// Source: Efron and Morris 1977 (the positive-part rule).
pub fn james_stein(values: &[f64], variance: f64) -> Result<JamesStein> {
    check_numbers("value", values)?;
    if values.len() < 4 {
        return Err(Error::argument(format!("{} values; the James-Stein rule needs at least 4", values.len())));
    }
    if !(variance > 0.0 && variance.is_finite()) {
        return Err(Error::argument(format!("variance must be above zero, not {variance}")));
    }
    let k = values.len() as f64;
    let mean = values.iter().sum::<f64>() / k;
    let spread: f64 = values.iter().map(|y| (y - mean) * (y - mean)).sum();
    let factor = if spread > 0.0 { (1.0 - (k - 3.0) * variance / spread).max(0.0) } else { 0.0 };
    Ok(JamesStein { mean, factor, estimate: values.iter().map(|y| mean + factor * (y - mean)).collect() })
}

/// Means or nets of units drawn towards the network.
#[derive(Clone, Debug, PartialEq)]
pub struct ShrunkenValues {
    /// The network's mean, weighted by precision.
    pub centre: f64,
    /// The variance of the units' true values; 0 where they differ by no more than chance.
    pub between_variance: f64,
    /// Posterior mean of each unit.
    pub mean: Vec<f64>,
    /// Lower limit of each unit.
    pub low: Vec<f64>,
    /// Upper limit of each unit.
    pub high: Vec<f64>,
}

crate::answer_fields!(ShrunkenValues { centre, between_variance, mean, low, high });

/// Normal-normal empirical Bayes: values with standard errors (means, nets) drawn towards the network.
///
/// The variance between units τ² solves Σ(y − μ)²/(s² + τ²) = k − 1 (Paule and Mandel 1982), 0 where there is no
/// positive root; with B = s²/(s² + τ²) a unit's estimate is Bμ + (1 − B)y and its variance (1 − B)s² + B²·var(μ).
/// Standard errors must be above zero: a unit whose answers are all equal has none of its own, so give every unit
/// the pooled variance over its n.
///
/// ```
/// let s = csat_core::stats::shrinkage::normal(&[10.0, 30.0, 50.0], &[20.0, 5.0, 5.0], 0.95)?;
/// assert!(s.mean[0] > 20.0 && s.mean[2] > 48.0); // the uncertain unit moves most
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn normal(values: &[f64], standard_errors: &[f64], confidence: f64) -> Result<ShrunkenValues> {
    check_confidence(confidence)?;
    check_standard_errors(values, standard_errors)?;
    let z = normal_quantile(0.5 + confidence / 2.0)?;
    let between = between_variance(values, standard_errors);
    let (centre, precision) = weighted_mean(values, standard_errors, between);
    if !(centre.is_finite() && precision.is_finite() && precision > 0.0 && between.is_finite()) {
        return Err(Error::undefined(UNEVEN));
    }
    let mut out =
        ShrunkenValues { centre, between_variance: between, mean: Vec::new(), low: Vec::new(), high: Vec::new() };
    for (&y, &s) in values.iter().zip(standard_errors) {
        let pull = s * s / (s * s + between);
        let mean = pull * centre + (1.0 - pull) * y;
        let half = z * ((1.0 - pull) * s * s + pull * pull / precision).sqrt();
        out.mean.push(mean);
        out.low.push(mean - half);
        out.high.push(mean + half);
    }
    Ok(out)
}

/// Where squares and weights leave the range of floating point.
pub(crate) const UNEVEN: &str = "the values are too large, too small or too far apart to be squared and weighed";

fn weighted_mean(values: &[f64], errors: &[f64], between: f64) -> (f64, f64) {
    let (mut sum, mut weight) = (0.0, 0.0);
    for (y, s) in values.iter().zip(errors) {
        let w = 1.0 / (s * s + between);
        sum += w * y;
        weight += w;
    }
    (sum / weight, weight)
}

/// Newton from zero: the function is convex and falling, so the steps approach the root from the left.
fn between_variance(values: &[f64], errors: &[f64]) -> f64 {
    let mut between = 0.0;
    for _ in 0..200 {
        let (mean, _) = weighted_mean(values, errors, between);
        let (mut excess, mut slope) = (1.0 - values.len() as f64, 0.0);
        for (y, s) in values.iter().zip(errors) {
            let w = 1.0 / (s * s + between);
            excess += w * (y - mean) * (y - mean);
            slope += w * w * (y - mean) * (y - mean);
        }
        if excess <= 0.0 {
            break;
        }
        let step = excess / slope;
        between += step;
        if step <= 1e-13 * between {
            break;
        }
    }
    between
}

/// Units in the order of their lower Wilson limits.
#[derive(Clone, Debug, PartialEq)]
pub struct WilsonOrder {
    /// The lower limit of each unit.
    pub low: Vec<f64>,
    /// Positions of the units, best first; equal limits keep the order of the input.
    pub order: Vec<usize>,
}

crate::answer_fields!(WilsonOrder { low, order });

/// Ranks units by the lower limit of their Wilson interval: a high place needs both a good share and enough answers.
pub fn rank_by_wilson(successes: &[u64], n: &[u64], confidence: f64) -> Result<WilsonOrder> {
    check_confidence(confidence)?;
    check_counts(successes, n, 1)?;
    let low: Vec<f64> = successes
        .iter()
        .zip(n)
        .map(|(&x, &n)| share::wilson(x, n, confidence).map(|i| i.low))
        .collect::<Result<_>>()?;
    let mut order: Vec<usize> = (0..low.len()).collect();
    order.sort_by(|&i, &j| low[j].total_cmp(&low[i]));
    Ok(WilsonOrder { low, order })
}

/// A chi-square test of whether units differ beyond chance.
#[derive(Clone, Debug, PartialEq)]
pub struct Homogeneity {
    /// Σ(x − np)²/(npq).
    pub chi2: f64,
    /// Units less one.
    pub degrees_of_freedom: u64,
    /// The chance of such a difference among equal units.
    pub p_value: f64,
}

crate::answer_fields!(Homogeneity { chi2, degrees_of_freedom, p_value });

/// Do the shares of the units differ beyond chance? Chi-square of successes and failures by unit.
///
/// Undefined with fewer than two units or where all answers fall on one side. With expected counts below about 5
/// the p-value is approximate.
pub fn homogeneity(successes: &[u64], n: &[u64]) -> Result<Homogeneity> {
    let counts = Counts::new(successes, n)?;
    let p = counts.pooled();
    if n.len() < 2 || p == 0.0 || p == 1.0 {
        return Err(Error::undefined("homogeneity needs at least two units and answers on both sides"));
    }
    let chi2 =
        successes.iter().zip(n).map(|(&x, &n)| (x as f64 - n as f64 * p).powi(2) / (n as f64 * p * (1.0 - p))).sum();
    let degrees_of_freedom = n.len() as u64 - 1;
    Ok(Homogeneity { chi2, degrees_of_freedom, p_value: chi2_sf(chi2, degrees_of_freedom as f64)? })
}

/// Counts of successes that lie within n, unit by unit.
pub(crate) fn check_counts(successes: &[u64], n: &[u64], least: u64) -> Result<()> {
    if successes.len() != n.len() {
        return Err(Error::argument(format!(
            "{} successes but {} n; give one pair per unit",
            successes.len(),
            n.len()
        )));
    }
    if n.is_empty() {
        return Err(Error::argument("no units: at least one is needed"));
    }
    for (i, (&x, &n)) in successes.iter().zip(n).enumerate() {
        if n < least {
            return Err(Error::argument(format!("unit {}: n is 0; leave units without answers out", i + 1)));
        }
        if x > n {
            return Err(Error::argument(format!("unit {}: {x} successes of {n}; successes cannot exceed n", i + 1)));
        }
    }
    let sum = n.iter().try_fold(0u64, |sum, n| sum.checked_add(*n));
    sum.map(drop).ok_or_else(|| Error::new(crate::error::ErrorKind::Overflow, "the sum of n exceeds 64 bits"))
}

/// Numbers whose squares and sums stay within floating point.
pub(crate) fn check_numbers(what: &str, values: &[f64]) -> Result<()> {
    match values.iter().enumerate().find(|(_, v)| !(-1e100..=1e100).contains(*v)) {
        Some((i, v)) => {
            Err(Error::argument(format!("{what} {} is {v}; a finite number of usable size is needed", i + 1)))
        }
        None => Ok(()),
    }
}

pub(crate) fn check_standard_errors(values: &[f64], standard_errors: &[f64]) -> Result<()> {
    if values.len() != standard_errors.len() {
        let (v, s) = (values.len(), standard_errors.len());
        return Err(Error::argument(format!("{v} values but {s} standard errors; give one pair per unit")));
    }
    if values.is_empty() {
        return Err(Error::argument("no units: at least one is needed"));
    }
    check_numbers("value", values)?;
    match standard_errors.iter().enumerate().find(|(_, s)| !(1e-100..=1e100).contains(*s)) {
        Some((i, s)) => Err(Error::argument(format!(
            "unit {}: a standard error above zero and of usable size is needed, not {s}",
            i + 1
        ))),
        None => Ok(()),
    }
}

/// Counts of a network, each distinct count once: the likelihood depends on nothing else.
struct Counts {
    successes: u64,
    total: u64,
    hits: Vec<(f64, f64)>,
    misses: Vec<(f64, f64)>,
    sizes: Vec<(f64, f64)>,
    /// Σ(x − np)²/(pq) − Σn; not above zero means no more spread than chance.
    excess: f64,
    /// Precision by the method of moments.
    start: f64,
}

impl Counts {
    fn new(successes: &[u64], n: &[u64]) -> Result<Self> {
        check_counts(successes, n, 1)?;
        let (x, total) = (successes.iter().sum::<u64>(), n.iter().sum::<u64>());
        let p = x as f64 / total as f64;
        let (mut excess, mut chi2, mut squares) = (-(total as f64), 0.0, 0.0);
        if x > 0 && x < total {
            for (&x, &n) in successes.iter().zip(n) {
                let d = (x as f64 - n as f64 * p).powi(2) / (p * (1.0 - p));
                excess += d;
                chi2 += d / n as f64;
                squares += (n as f64) * (n as f64);
            }
        }
        let df = n.len() as f64 - 1.0;
        let rho = ((chi2 - df) / (total as f64 - squares / total as f64 - df)).clamp(1e-4, 0.5);
        Ok(Self {
            successes: x,
            total,
            hits: distinct(successes.iter().copied()),
            misses: distinct(n.iter().zip(successes).map(|(n, x)| n - x)),
            sizes: distinct(n.iter().copied()),
            excess,
            start: if rho.is_nan() { 10.0 } else { 1.0 / rho - 1.0 },
        })
    }

    fn pooled(&self) -> f64 {
        self.successes as f64 / self.total as f64
    }

    fn ln_coefficients(&self) -> Result<f64> {
        let sum = |list: &[(f64, f64)]| list.iter().map(|&(k, m)| Ok(m * ln_gamma(k + 1.0)?)).sum::<Result<f64>>();
        Ok(sum(&self.sizes)? - sum(&self.hits)? - sum(&self.misses)?)
    }

    fn log_likelihood(&self, a: f64, b: f64) -> f64 {
        let sum = |list: &[(f64, f64)], a: f64| list.iter().map(|&(k, m)| m * ln_rising(a, k)).sum::<f64>();
        sum(&self.hits, a) + sum(&self.misses, b) - sum(&self.sizes, a + b)
    }

    /// Maximum likelihood by damped Newton steps in (ln α, ln β); none where the optimum runs to infinity.
    fn fit(&self) -> Option<(f64, f64)> {
        // Rounding leaves a trace where every unit has one answer and the spread is exactly that of chance.
        if self.excess <= 1e-9 * self.total as f64 {
            return None;
        }
        let p = self.pooled();
        let (mut u, mut v) = (libm::log(p * self.start), libm::log((1.0 - p) * self.start));
        let mut best = self.log_likelihood(libm::exp(u), libm::exp(v));
        for _ in 0..200 {
            let (a, b) = (libm::exp(u), libm::exp(v));
            let (du, dv) = self.step(a, b);
            let mut scale = (2.0 / (du * du + dv * dv).sqrt()).min(1.0);
            let found = (0..50).find_map(|_| {
                let (u1, v1) = (u + scale * du, v + scale * dv);
                scale /= 2.0;
                let value = self.log_likelihood(libm::exp(u1), libm::exp(v1));
                (value >= best).then_some((u1, v1, value))
            });
            let Some((u1, v1, value)) = found else { break };
            let moved = (u1 - u).abs().max((v1 - v).abs());
            (u, v, best) = (u1, v1, value);
            if moved < 1e-10 || libm::exp(u) + libm::exp(v) < 0.02 || libm::exp(u) + libm::exp(v) > 1e9 {
                break;
            }
        }
        let (a, b) = (libm::exp(u), libm::exp(v));
        let floor = (0.02 / (a + b)).max(1.0);
        (a + b < 1e9).then_some((a * floor, b * floor))
    }

    /// The Newton step in logarithms, or the gradient where the surface is not yet concave.
    fn step(&self, a: f64, b: f64) -> (f64, f64) {
        let (ga, ha) = slopes(&self.hits, a);
        let (gb, hb) = slopes(&self.misses, b);
        let (gs, hs) = slopes(&self.sizes, a + b);
        let (gu, gv) = (a * (ga - gs), b * (gb - gs));
        let (huu, hvv, huv) = (a * a * (ha - hs) + gu, b * b * (hb - hs) + gv, -a * b * hs);
        let determinant = huu * hvv - huv * huv;
        if huu < 0.0 && determinant > 0.0 {
            ((huv * gv - hvv * gu) / determinant, (huv * gu - huu * gv) / determinant)
        } else {
            (gu, gv)
        }
    }
}

/// Each distinct count with the number of units that have it.
fn distinct(counts: impl Iterator<Item = u64>) -> Vec<(f64, f64)> {
    let mut sorted: Vec<u64> = counts.collect();
    sorted.sort_unstable();
    sorted.chunk_by(|a, b| a == b).map(|same| (same[0] as f64, same.len() as f64)).collect()
}

/// First and second derivative of Σ m·ln(a(a+1)…(a+k−1)).
fn slopes(list: &[(f64, f64)], a: f64) -> (f64, f64) {
    let (d0, t0) = (digamma(a), trigamma(a));
    list.iter().fold((0.0, 0.0), |(g, h), &(k, m)| (g + m * (digamma(a + k) - d0), h + m * (trigamma(a + k) - t0)))
}

/// ln(a(a+1)…(a+k−1)); short products directly, because the difference of two logarithms of gamma cancels.
fn ln_rising(a: f64, k: f64) -> f64 {
    if k <= 20.0 {
        (0..k as u32).map(|j| libm::log(a + f64::from(j))).sum()
    } else {
        libm::lgamma(a + k) - libm::lgamma(a)
    }
}

fn digamma(mut x: f64) -> f64 {
    let mut sum = 0.0;
    while x < 10.0 {
        sum -= 1.0 / x;
        x += 1.0;
    }
    let r = 1.0 / (x * x);
    let tail = r * (1.0 / 12.0 - r * (1.0 / 120.0 - r * (1.0 / 252.0 - r * (1.0 / 240.0 - r / 132.0))));
    sum + libm::log(x) - 0.5 / x - tail
}

fn trigamma(mut x: f64) -> f64 {
    let mut sum = 0.0;
    while x < 10.0 {
        sum += 1.0 / (x * x);
        x += 1.0;
    }
    let r = 1.0 / (x * x);
    let tail = r * (1.0 / 6.0 - r * (1.0 / 30.0 - r * (1.0 / 42.0 - r * (1.0 / 30.0 - r * 5.0 / 66.0))));
    sum + 1.0 / x + 0.5 * r + tail / x
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn underdispersed_units_get_the_pooled_share() {
        // 50 of 100 everywhere: no spread at all, so the optimum is a point.
        let s = beta_binomial(&[50, 50, 50], &[100, 100, 100], 0.95).unwrap();
        assert_eq!((s.alpha, s.pooled), (None, 0.5));
        assert_eq!(s.mean, [0.5; 3]);
        assert_eq!(s.low[0], share::wilson(150, 300, 0.95).unwrap().low);
        // One answer each: spread between units cannot be told from spread within.
        assert_eq!(beta_binomial(&[1, 0, 1, 1], &[1, 1, 1, 1], 0.95).unwrap().alpha, None);
        assert_eq!(beta_binomial(&[0, 0], &[10, 20], 0.95).unwrap().mean, [0.0, 0.0]);
        assert_eq!(beta_binomial(&[7], &[10], 0.95).unwrap().mean, [0.7]);
    }

    #[test]
    fn all_or_nothing_units_hardly_move() {
        let s = beta_binomial(&[40, 0, 40, 0], &[40, 40, 40, 40], 0.95).unwrap();
        assert!(s.mean[0] > 0.99 && s.mean[1] < 0.01, "{s:?}");
    }

    #[test]
    fn the_optimum_is_a_maximum() {
        let (x, n) = ([45, 88, 12, 230, 61, 5, 140], [50, 120, 12, 300, 80, 9, 150]);
        let counts = Counts::new(&x, &n).unwrap();
        let (a, b) = counts.fit().unwrap();
        let top = counts.log_likelihood(a, b);
        for (f, g) in [(1.01, 1.0), (0.99, 1.0), (1.0, 1.01), (1.0, 0.99), (1.05, 1.05)] {
            assert!(counts.log_likelihood(a * f, b * g) < top);
        }
    }

    #[test]
    fn digamma_and_trigamma_at_one() {
        // −γ and π²/6.
        assert!((digamma(1.0) + 0.577_215_664_901_532_9).abs() < 1e-12);
        assert!((trigamma(1.0) - 1.644_934_066_848_226_4).abs() < 1e-11);
    }

    #[test]
    fn normal_by_hand() {
        // s = 1, y = 0 and 4: Σ(y − 2)²/(1 + τ²) = 8/(1 + τ²) = 1, so τ² = 7, B = 1/8: 0 → 0.25, 4 → 3.75.
        let s = normal(&[0.0, 4.0], &[1.0, 1.0], 0.95).unwrap();
        assert!(
            (s.between_variance - 7.0).abs() < 1e-9
                && (s.mean[0] - 0.25).abs() < 1e-9
                && (s.mean[1] - 3.75).abs() < 1e-9
        );
        // variance 7/8 + (1/64)·(8/2) = 0.9375
        assert!((s.high[0] - s.mean[0] - 1.959_964 * 0.9375_f64.sqrt()).abs() < 1e-6);
        assert_eq!(normal(&[1.0, 1.1], &[1.0, 1.0], 0.95).unwrap().between_variance, 0.0);
        assert!(normal(&[1.0], &[0.0], 0.95).is_err() && normal(&[f64::NAN], &[1.0], 0.95).is_err());
    }

    #[test]
    fn wrong_input_is_named() {
        let message = beta_binomial(&[1, 5], &[2, 3], 0.95).unwrap_err().message().to_owned();
        assert_eq!(message, "unit 2: 5 successes of 3; successes cannot exceed n");
        assert!(beta_binomial(&[1], &[2, 3], 0.95).is_err() && beta_binomial(&[], &[], 0.95).is_err());
        assert!(beta_binomial(&[0], &[0], 0.95).is_err() && homogeneity(&[0, 0], &[5, 5]).is_err());
        assert!(beta_binomial(&[1, 2], &[u64::MAX, 3], 0.95).is_err());
        assert!(james_stein(&[1.0, 2.0, 3.0], 1.0).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn estimates_lie_between_the_unit_and_the_network(units in prop::collection::vec((1u64..200, 0.0..=1.0f64), 2..30)) {
            let n: Vec<u64> = units.iter().map(|u| u.0).collect();
            let x: Vec<u64> = units.iter().map(|u| (u.0 as f64 * u.1) as u64).collect();
            let s = beta_binomial(&x, &n, 0.95).unwrap();
            let centre = match (s.alpha, s.beta) { (Some(a), Some(b)) => a / (a + b), _ => s.pooled };
            for i in 0..n.len() {
                let own = x[i] as f64 / n[i] as f64;
                prop_assert!(s.mean[i] >= own.min(centre) - 1e-9 && s.mean[i] <= own.max(centre) + 1e-9 || s.alpha.is_none());
                prop_assert!(s.low[i] <= s.mean[i] + 1e-9 && s.mean[i] <= s.high[i] + 1e-9);
            }
        }
    }
}
