//! Coverage without chance: the probabilities of all possible samples whose interval holds the truth, added up.

use csat_core::stats::Interval;
use csat_core::stats::net::Counts;

/// The shares looked at: all p from the first to the second.
pub(crate) const SHARES: (f64, f64) = (0.02, 0.98);
/// How many equal steps of p the mean is taken over, each at its middle.
const STEPS: u32 = 960;

/// Limits belong to the interval; a truth that lies on one up to rounding counts as held.
pub(crate) fn holds(interval: Interval, truth: f64) -> bool {
    interval.low - 1e-12 <= truth && truth <= interval.high + 1e-12
}

fn ln_factorial(k: u64) -> f64 {
    libm::lgamma(k as f64 + 1.0)
}

/// ln of how many samples have 0 to n successes.
pub(crate) fn ln_choose(n: u64) -> Vec<f64> {
    (0..=n).map(|k| ln_factorial(n) - ln_factorial(k) - ln_factorial(n - k)).collect()
}

/// The probabilities of 0 to n successes where the true share is p.
pub(crate) fn binomial(ln_choose: &[f64], p: f64) -> impl Iterator<Item = f64> {
    let (hit, miss) = (libm::log(p), libm::log1p(-p));
    let n = ln_choose.len() - 1;
    ln_choose.iter().enumerate().map(move |(k, ln)| libm::exp(ln + k as f64 * hit + (n - k) as f64 * miss))
}

/// The coverage of one kind of interval for a share of n.
pub(crate) struct OfShare {
    /// By successes, from 0 to n.
    intervals: Vec<Interval>,
    ln_choose: Vec<f64>,
}

impl OfShare {
    pub(crate) fn new(n: u64, interval: impl Fn(u64, u64) -> Interval) -> Self {
        Self { intervals: (0..=n).map(|k| interval(k, n)).collect(), ln_choose: ln_choose(n) }
    }

    /// The coverage where the true share is p.
    pub(crate) fn at(&self, p: f64) -> f64 {
        let samples = self.intervals.iter().zip(binomial(&self.ln_choose, p));
        samples.filter(|(interval, _)| holds(**interval, p)).map(|(_, probability)| probability).sum()
    }

    /// The mean over p.
    pub(crate) fn mean(&self) -> f64 {
        let width = (SHARES.1 - SHARES.0) / f64::from(STEPS);
        let total: f64 = (0..STEPS).map(|i| self.at(SHARES.0 + (f64::from(i) + 0.5) * width)).sum();
        total / f64::from(STEPS)
    }

    /// The least coverage for p from `first` to `last`, and where it is found. Between two limits the same samples
    /// hold p, and their probability first rises, then falls: so the least is next to a limit or at an end.
    pub(crate) fn worst(&self, (first, last): (f64, f64)) -> (f64, f64) {
        let beside = self.intervals.iter().flat_map(|i| [i.low, i.high]).flat_map(|p| [p - 1e-9, p + 1e-9]);
        beside
            .chain([first, last])
            .filter(|p| (first..=last).contains(p))
            .map(|p| (self.at(p), p))
            .fold((1.0, first), |least, next| if next.0 < least.0 { next } else { least })
    }
}

/// The coverage of an interval for the net score of n answers. `shares`: promoters, passives, detractors; none is 0.
pub(crate) fn of_net(n: u64, shares: [f64; 3], interval: impl Fn(Counts) -> Interval) -> f64 {
    let truth = shares[0] - shares[2];
    let ln_shares = shares.map(libm::log);
    let mut coverage = 0.0;
    for promoters in 0..=n {
        for passives in 0..=n - promoters {
            let classes = [promoters, passives, n - promoters - passives];
            if holds(interval(Counts::new(classes[2], passives, promoters)), truth) {
                let parts = classes.iter().zip(ln_shares).map(|(k, ln)| *k as f64 * ln - ln_factorial(*k));
                coverage += libm::exp(ln_factorial(n) + parts.sum::<f64>());
            }
        }
    }
    coverage
}
