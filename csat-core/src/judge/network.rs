//! A network of units: who differs from the whole by more than chance, told without accusing the innocent.
//!
//! For each unit: its value with its own interval, an estimate drawn towards the network, funnel limits at 95 % and
//! 99.8 %, and a p-value adjusted for the number of units judged. The target is the network's pooled value. A unit with
//! few answers is shown and never flagged; a rank is only given as a range.

use std::collections::{BTreeMap, HashSet};

use chrono::NaiveDate;
use serde::Deserialize;

use super::compare::{AdjustedNet, net_points};
use super::unit::{Unit, UnitMean, UnitNet, UnitShare, check_units};
use crate::error::{Error, ErrorKind, Result};
use crate::stats::funnel::{Binomial, OverDispersion, binomial_p_value, net_p_values, over_dispersion_values};
use crate::stats::interval::check_confidence;
use crate::stats::shrinkage::{self, Posterior};
use crate::stats::special::{normal_quantile, normal_sf, t_quantile};
use crate::stats::{Interval, multiple, share};

/// A unit that should report, and when it belongs to the network.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registered {
    /// The name of the unit.
    pub unit: String,
    /// Its first day, as in `2024-03-01`; from ever if left out.
    #[serde(default)]
    pub valid_from: Option<String>,
    /// Its last day; for ever if left out.
    #[serde(default)]
    pub valid_until: Option<String>,
}

/// The days that the counts cover, both included.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Period {
    /// The first day, as in `2024-03-01`.
    pub from: String,
    /// The last day.
    pub until: String,
}

/// How a network is judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// The units that should report; empty if not known.
    pub registry: Vec<Registered>,
    /// What the counts cover; needed where units have validity dates.
    pub period: Option<Period>,
    /// Fewer answers than this are shown, never flagged. Default 10.
    pub minimum_n: u64,
    /// The expected share of innocent units among those flagged. Default 0.05.
    pub false_discovery_rate: f64,
    /// Of the intervals of units. Default 0.95.
    pub confidence: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self { registry: Vec::new(), period: None, minimum_n: 10, false_discovery_rate: 0.05, confidence: 0.95 }
    }
}

/// One unit of a network.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// Its name.
    pub unit: String,
    /// Its answers.
    pub n: u64,
    /// Its own value.
    pub value: f64,
    /// Lower limit of its own value (Wilson, adjusted Wald or t).
    pub low: Option<f64>,
    /// Upper limit of its own value.
    pub high: Option<f64>,
    /// Its estimate drawn towards the network; none where nothing can be learnt from the spread.
    pub shrunken: Option<f64>,
    /// Lower limit of the drawn estimate.
    pub shrunken_low: Option<f64>,
    /// Upper limit of the drawn estimate.
    pub shrunken_high: Option<f64>,
    /// Funnel limits at 95 %.
    pub limits_95: Interval,
    /// Funnel limits at 99.8 %.
    pub limits_99_8: Interval,
    /// Distance from the target in standard errors; none where the network has no spread.
    pub z: Option<f64>,
    /// The same with the spread beyond chance added to the standard error.
    pub z_adjusted: Option<f64>,
    /// Two-sided p-value against the target; none below the minimum n.
    pub p_value: Option<f64>,
    /// Adjusted by Benjamini-Hochberg over the units judged.
    pub p_adjusted: Option<f64>,
    /// `low` or `high` where the adjusted p-value is at or below the false discovery rate.
    pub flag: Option<&'static str>,
    /// 1 + the units whose drawn interval lies wholly above this one's: overlapping units share a rank.
    pub rank: Option<u64>,
    /// The last place compatible with the intervals: units less those wholly below.
    pub rank_worst: Option<u64>,
    /// `too_few` below the minimum n.
    pub reason: Option<&'static str>,
}

crate::answer_fields!(Judged {
    unit,
    n,
    value,
    low,
    high,
    shrunken,
    shrunken_low,
    shrunken_high,
    limits_95,
    limits_99_8,
    z,
    z_adjusted,
    p_value,
    p_adjusted,
    flag,
    rank,
    rank_worst,
    reason
});

/// A network and its units, in the order given.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    /// `fraction` (0..1), `points` (−100..100) or `scale` (that of the means).
    pub measured_in: &'static str,
    /// The pooled value; none without answers.
    pub target: Option<f64>,
    /// All answers.
    pub n: u64,
    /// Units with enough answers.
    pub judged: u64,
    /// Units flagged.
    pub flagged: u64,
    /// Mean squared winsorised z: about 1 or less where only chance is at work; none with fewer than two judged units.
    pub phi: Option<f64>,
    /// Variance of the units beyond chance, already in limits and p-values.
    pub tau2: Option<f64>,
    /// `exact binomial`, `normal` or, where the spread beyond chance is added, `widened`.
    pub limits: &'static str,
    /// One line per unit with answers.
    pub units: Vec<Judged>,
    /// Units of the registry, valid in the period, without answers; also units given with n = 0.
    pub without_data: Vec<String>,
    /// Units whose validity does not touch the period: left out, even with answers.
    pub outside_validity: Vec<String>,
    /// Units with answers that the registry does not know; judged all the same. Empty without a registry.
    pub unregistered: Vec<String>,
}

crate::answer_fields!(Network {
    measured_in,
    target,
    n,
    judged,
    flagged,
    phi,
    tau2,
    limits,
    units,
    without_data,
    outside_validity,
    unregistered
});

/// Judges shares (top box, service level, abandonment). Values are fractions.
///
/// Estimates by [`shrinkage::beta_binomial`]. Limits and p-values are exact binomial; where the units spread beyond
/// chance, limits are widened and the p-value is the larger of the exact one and that of the adjusted z.
///
/// ```
/// use csat_core::judge::{network, unit::UnitShare};
/// let mut units: Vec<UnitShare> =
///     (0..20).map(|i| UnitShare { unit: format!("dealer {i}"), successes: 75 + i % 11, n: 100 }).collect();
/// units.push(UnitShare { unit: "bad".into(), successes: 40, n: 100 });
/// units.push(UnitShare { unit: "tiny".into(), successes: 0, n: 4 });
/// let network = network::shares(&units, &network::Options::default())?;
/// assert_eq!((network.flagged, network.units[20].flag, network.units[21].reason), (1, Some("low"), Some("too_few")));
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn shares(units: &[UnitShare], options: &Options) -> Result<Network> {
    let (rows, mut network) = open(units, options, "fraction")?;
    if rows.is_empty() {
        return Ok(network);
    }
    let (x, n): (Vec<u64>, Vec<u64>) = rows.iter().map(|u| (u.successes, u.n)).unzip();
    let target = x.iter().sum::<u64>() as f64 / n.iter().sum::<u64>() as f64;
    let z = normal_quantile(0.5 + options.confidence / 2.0)?;
    let drawn = shrinkage::beta_binomial(&x, &n, options.confidence)?;
    let exact = x.iter().zip(&n).map(|(x, n)| binomial_p_value(*x, *n, target)).collect::<Result<_>>()?;
    let facts = Facts {
        target,
        range: (0.0, 1.0),
        value: x.iter().zip(&n).map(|(x, n)| *x as f64 / *n as f64).collect(),
        own: x.iter().zip(&n).map(|(x, n)| Some(share::wilson_z(*x, *n, z))).collect(),
        error: n.iter().map(|n| (target * (1.0 - target) / *n as f64).sqrt()).collect(),
        drawn: Some(Posterior { mean: drawn.mean, low: drawn.low, high: drawn.high }),
        exact: Some(exact),
        binomial: true,
    };
    facts.judge(&rows, options, &mut network)?;
    Ok(network)
}

/// Judges net scores (NPS), in points −100..100.
///
/// The standard error under the target is the network's pooled one, √(P + D − (P − D)²)/√n, so that a unit whose
/// answers are all equal is not taken for certain. Estimates by [`shrinkage::normal`]. P-values are exact
/// ([`net_p_values`]); where the units spread beyond chance, the larger of these and those of the adjusted z. Limits are
/// normal: far from zero and with few answers a unit may lie outside them and still not be flagged.
pub fn nets(units: &[UnitNet], options: &Options) -> Result<Network> {
    let (rows, mut network) = open(units, options, "points")?;
    if rows.is_empty() {
        return Ok(network);
    }
    let mut all = UnitNet::default();
    for unit in &rows {
        all.add(unit);
    }
    let target = net_points(&all);
    let answers = all.n() as f64;
    let loud = (all.promoters as f64 + all.detractors as f64) / answers;
    let spread = 100.0 * (loud - (target / 100.0).powi(2)).max(0.0).sqrt();
    let z = normal_quantile(0.5 + options.confidence / 2.0)?;
    let own = |unit: &UnitNet| {
        let AdjustedNet { score, error } = AdjustedNet::new(unit);
        Some(Interval { low: score - z * error, high: score + z * error }.clamp(-100.0, 100.0))
    };
    let n: Vec<u64> = rows.iter().map(Unit::n).collect();
    let net: Vec<i64> = rows.iter().map(|u| u.promoters as i64 - u.detractors as i64).collect();
    let facts = Facts {
        target,
        range: (-100.0, 100.0),
        value: rows.iter().map(net_points).collect(),
        own: rows.iter().map(own).collect(),
        error: rows.iter().map(|u| spread / (u.n() as f64).sqrt()).collect(),
        drawn: None,
        exact: Some(net_p_values(&n, &net, all.detractors as f64 / answers, all.promoters as f64 / answers)?),
        binomial: false,
    };
    facts.judge(&rows, options, &mut network)?;
    Ok(network)
}

/// Judges means (ratings, handle times, QA scores), on their own scale.
///
/// The standard error under the target is the pooled standard deviation within units over √n. Estimates by
/// [`shrinkage::normal`]. Undefined where units differ although no unit has any spread within.
pub fn means(units: &[UnitMean], options: &Options) -> Result<Network> {
    let (rows, mut network) = open(units, options, "scale")?;
    if rows.is_empty() {
        return Ok(network);
    }
    let mut all = UnitMean::default();
    for unit in &rows {
        all.add(unit);
    }
    let (squares, degrees) = rows.iter().fold((0.0, 0.0), |(s, d), u| (s + u.squares(), d + (u.n - 1) as f64));
    let spread = if degrees > 0.0 { (squares / degrees).sqrt() } else { 0.0 };
    if !(all.mean.is_finite() && spread.is_finite()) {
        return Err(Error::undefined("the values are too large to be squared and summed"));
    }
    if spread == 0.0 && rows.iter().any(|u| u.mean != rows[0].mean) {
        return Err(Error::undefined(
            "no unit has any spread within: there is no chance to measure differences against",
        ));
    }
    let mut quantiles = BTreeMap::new();
    let mut own = Vec::with_capacity(rows.len());
    for unit in &rows {
        own.push(if unit.n < 2 {
            None
        } else {
            let t = match quantiles.get(&unit.n) {
                Some(t) => *t,
                None => t_quantile(0.5 + options.confidence / 2.0, (unit.n - 1) as f64)?,
            };
            quantiles.insert(unit.n, t);
            let half = t * unit.standard_deviation / (unit.n as f64).sqrt();
            Some(Interval { low: unit.mean - half, high: unit.mean + half })
        });
    }
    let facts = Facts {
        target: all.mean,
        range: (f64::NEG_INFINITY, f64::INFINITY),
        value: rows.iter().map(|u| u.mean).collect(),
        own,
        error: rows.iter().map(|u| spread / (u.n as f64).sqrt()).collect(),
        drawn: None,
        exact: None,
        binomial: false,
    };
    facts.judge(&rows, options, &mut network)?;
    Ok(network)
}

/// What the three kinds bring to the common judgement, unit by unit.
struct Facts {
    target: f64,
    range: (f64, f64),
    value: Vec<f64>,
    own: Vec<Option<Interval>>,
    /// Standard errors under the target; all zero where the network has no spread.
    error: Vec<f64>,
    drawn: Option<Posterior>,
    /// P-values that chance alone gives, where its distribution is known.
    exact: Option<Vec<f64>>,
    /// Limits are binomial while chance alone is at work.
    binomial: bool,
}

impl Facts {
    fn judge<U: Unit>(mut self, rows: &[U], options: &Options, network: &mut Network) -> Result<()> {
        let spread = self.error[0] > 0.0;
        if spread && self.drawn.is_none() {
            let drawn = shrinkage::normal(&self.value, &self.error, options.confidence)?;
            self.drawn = Some(Posterior { mean: drawn.mean, low: drawn.low, high: drawn.high });
        }
        let enough: Vec<usize> = (0..rows.len()).filter(|&i| rows[i].n() >= options.minimum_n).collect();
        let beyond = if spread && enough.len() > 1 { Some(self.over_dispersion(&enough)?) } else { None };
        let tau2 = beyond.as_ref().map_or(0.0, |o| o.tau2);
        let p_values = enough.iter().map(|&i| self.p_value(i, tau2)).collect::<Result<Vec<f64>>>()?;
        let adjusted = multiple::benjamini_hochberg(&p_values, options.false_discovery_rate)?;
        network.target = Some(self.target);
        network.n = rows.iter().map(Unit::n).sum();
        network.judged = enough.len() as u64;
        network.flagged = adjusted.rejected;
        network.phi = beyond.as_ref().map(|o| o.phi);
        network.tau2 = beyond.as_ref().map(|o| o.tau2);
        network.limits = match (self.binomial, tau2 > 0.0) {
            (_, true) => "widened",
            (true, false) => "exact binomial",
            (false, false) => "normal",
        };
        let mut limits = FunnelLimits::new(&self, tau2)?;
        for (i, row) in rows.iter().enumerate() {
            network.units.push(self.line(i, row, &mut limits));
        }
        for (k, &i) in enough.iter().enumerate() {
            let unit = &mut network.units[i];
            unit.p_value = Some(p_values[k]);
            unit.p_adjusted = Some(adjusted.adjusted[k]);
            let flagged = adjusted.adjusted[k] <= options.false_discovery_rate;
            unit.flag = flagged.then_some(if self.value[i] < self.target { "low" } else { "high" });
            unit.reason = None;
        }
        self.rank(&enough, &mut network.units);
        Ok(())
    }

    fn over_dispersion(&self, enough: &[usize]) -> Result<OverDispersion> {
        let pick = |list: &[f64]| enough.iter().map(|&i| list[i]).collect::<Vec<f64>>();
        over_dispersion_values(&pick(&self.value), &pick(&self.error), Some(self.target), 0.1)
    }

    /// The exact p-value knows the skew of small units, the adjusted z the spread of the network: the larger of both.
    fn p_value(&self, i: usize, tau2: f64) -> Result<f64> {
        let exact = self.exact.as_ref().map(|p| p[i]);
        let spread = self.z(i, tau2).map_or(Ok(1.0), |z| Ok((2.0 * normal_sf(z.abs())?).min(1.0)));
        match exact {
            Some(p) if tau2 == 0.0 => Ok(p),
            p => spread.map(|s: f64| s.max(p.unwrap_or(0.0))),
        }
    }

    fn z(&self, i: usize, tau2: f64) -> Option<f64> {
        let error = self.error[i];
        (error > 0.0).then(|| (self.value[i] - self.target) / (error * error + tau2).sqrt())
    }

    fn line<U: Unit>(&self, i: usize, row: &U, limits: &mut FunnelLimits) -> Judged {
        let (limits_95, limits_99_8) = limits.of(row.n(), self.error[i]);
        let drawn = |part: fn(&Posterior) -> &[f64]| self.drawn.as_ref().map(|d| part(d)[i]);
        Judged {
            unit: row.name().to_owned(),
            n: row.n(),
            value: self.value[i],
            low: self.own[i].map(|o| o.low),
            high: self.own[i].map(|o| o.high),
            shrunken: drawn(|d| &d.mean),
            shrunken_low: drawn(|d| &d.low),
            shrunken_high: drawn(|d| &d.high),
            limits_95,
            limits_99_8,
            z: self.z(i, 0.0),
            z_adjusted: self.z(i, limits.tau2),
            p_value: None,
            p_adjusted: None,
            flag: None,
            rank: None,
            rank_worst: None,
            reason: Some("too_few"),
        }
    }

    fn rank(&self, enough: &[usize], units: &mut [Judged]) {
        let Some(Posterior { low, high, .. }) = &self.drawn else { return };
        let sorted = |list: &[f64]| {
            let mut values: Vec<f64> = enough.iter().map(|&i| list[i]).collect();
            values.sort_by(f64::total_cmp);
            values
        };
        let (lows, highs) = (sorted(low), sorted(high));
        for &i in enough {
            let above = lows.len() - lows.partition_point(|l| *l <= high[i]);
            let below = highs.partition_point(|h| *h < low[i]);
            units[i].rank = Some(above as u64 + 1);
            units[i].rank_worst = Some((enough.len() - below) as u64);
        }
    }
}

/// Funnel limits by n: exact binomial for shares without spread beyond chance, else around the adjusted normal.
struct FunnelLimits {
    target: f64,
    range: (f64, f64),
    tau2: f64,
    z: (f64, f64),
    binomial: Option<(Binomial, Binomial)>,
    known: BTreeMap<u64, (Interval, Interval)>,
}

impl FunnelLimits {
    fn new(facts: &Facts, tau2: f64) -> Result<Self> {
        let binomial = if facts.binomial && tau2 == 0.0 {
            Some((Binomial::new(facts.target, true, 0.95)?, Binomial::new(facts.target, true, 0.998)?))
        } else {
            None
        };
        let z = (normal_quantile(0.975)?, normal_quantile(0.999)?);
        Ok(Self { target: facts.target, range: facts.range, tau2, z, binomial, known: BTreeMap::new() })
    }

    fn of(&mut self, n: u64, error: f64) -> (Interval, Interval) {
        if let Some(limits) = self.known.get(&n) {
            return *limits;
        }
        let (inner, outer) = if let Some((inner, outer)) = &self.binomial {
            (inner.limits(n), outer.limits(n))
        } else {
            let wide = (error * error + self.tau2).sqrt();
            let around = |z: f64| Interval { low: self.target - z * wide, high: self.target + z * wide };
            (around(self.z.0), around(self.z.1))
        };
        let limits = (inner.clamp(self.range.0, self.range.1), outer.clamp(self.range.0, self.range.1));
        self.known.insert(n, limits);
        limits
    }
}

/// Checks the input and sorts units into those to judge and those to list.
fn open<U: Unit>(units: &[U], options: &Options, measured_in: &'static str) -> Result<(Vec<U>, Network)> {
    check_units(units)?;
    check_confidence(options.confidence)?;
    let level = options.false_discovery_rate;
    if !(level > 0.0 && level < 1.0) {
        return Err(Error::argument(format!(
            "false_discovery_rate must lie between 0 and 1, not {level}; 0.05 is usual"
        )));
    }
    let registry = Registry::new(options)?;
    let outside: HashSet<&str> = registry.outside.iter().copied().collect();
    let kept = units.iter().filter(|u| !outside.contains(u.name()));
    let rows: Vec<U> = kept.clone().filter(|u| u.n() > 0).cloned().collect();
    let reporting: HashSet<&str> = rows.iter().map(Unit::name).collect();
    let known: HashSet<&str> = options.registry.iter().map(|r| r.unit.as_str()).collect();
    let expected = options.registry.iter().map(|r| r.unit.as_str()).filter(|name| !outside.contains(name));
    let silent = kept.map(Unit::name).filter(|name| !known.contains(name)).chain(expected);
    let network = Network {
        measured_in,
        target: None,
        n: 0,
        judged: 0,
        flagged: 0,
        phi: None,
        tau2: None,
        limits: "none",
        units: Vec::with_capacity(rows.len()),
        without_data: silent.filter(|name| !reporting.contains(name)).map(str::to_owned).collect(),
        outside_validity: registry.outside.iter().map(|name| (*name).to_owned()).collect(),
        unregistered: rows
            .iter()
            .map(Unit::name)
            .filter(|name| !known.is_empty() && !known.contains(name))
            .map(str::to_owned)
            .collect(),
    };
    Ok((rows, network))
}

struct Registry<'a> {
    outside: Vec<&'a str>,
}

impl<'a> Registry<'a> {
    fn new(options: &'a Options) -> Result<Self> {
        let period = options.period.as_ref().map(|p| Ok::<_, Error>((date(&p.from)?, date(&p.until)?))).transpose()?;
        if let (Some((from, until)), Some(p)) = (period, &options.period)
            && from > until
        {
            return Err(Error::argument(format!("the period ends on {} before it begins on {}", p.until, p.from)));
        }
        let mut names = HashSet::new();
        let mut outside = Vec::new();
        for unit in &options.registry {
            let name = unit.unit.as_str();
            let at = |e: Error| e.at(format!("registry, unit `{name}`")).with("unit", name);
            if !names.insert(name) {
                return Err(at(Error::argument("given twice")));
            }
            let from = unit.valid_from.as_deref().map(date).transpose().map_err(at)?;
            let until = unit.valid_until.as_deref().map(date).transpose().map_err(at)?;
            if from.is_none() && until.is_none() {
                continue;
            }
            let Some((first, last)) = period else {
                return Err(at(Error::argument("has validity dates; give the `period` that the counts cover")));
            };
            if from.is_some_and(|from| from > last) || until.is_some_and(|until| until < first) {
                outside.push(name);
            }
        }
        Ok(Self { outside })
    }
}

fn date(text: &str) -> Result<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .map_err(|_| Error::new(ErrorKind::BadText, format!("`{text}` is not a date; write it as 2024-03-31")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn unit(name: &str, successes: u64, n: u64) -> UnitShare {
        UnitShare { unit: name.into(), successes, n }
    }

    fn registered(unit: &str, from: Option<&str>, until: Option<&str>) -> Registered {
        Registered { unit: unit.into(), valid_from: from.map(Into::into), valid_until: until.map(Into::into) }
    }

    /// A fixed sequence of uniform numbers.
    struct Uniform(u64);

    impl Uniform {
        fn next(&mut self) -> f64 {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut x = self.0;
            x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            ((x ^ (x >> 31)) >> 11) as f64 / (1u64 << 53) as f64
        }

        fn share(&mut self, i: usize, n: u64, p: f64) -> UnitShare {
            unit(&format!("{i}"), (0..n).filter(|_| self.next() < p).count() as u64, n)
        }

        fn net(&mut self, i: usize, n: u64, detractors: f64, promoters: f64) -> UnitNet {
            let mut out = UnitNet { unit: format!("{i}"), ..Default::default() };
            for _ in 0..n {
                let u = self.next();
                *(if u < detractors {
                    &mut out.detractors
                } else if u < detractors + promoters {
                    &mut out.promoters
                } else {
                    &mut out.passives
                }) += 1;
            }
            out
        }
    }

    #[test]
    fn innocent_units_are_rarely_accused() {
        let mut uniform = Uniform(1);
        let (mut shares_accused, mut nets_accused) = (0, 0);
        for _ in 0..60 {
            let units: Vec<UnitShare> = (0..101).map(|i| uniform.share(i, 30, 0.8)).collect();
            shares_accused += u32::from(shares(&units, &Options::default()).unwrap().flagged > 0);
            let units: Vec<UnitNet> = (0..101).map(|i| uniform.net(i, 30, 0.2, 0.5)).collect();
            nets_accused += u32::from(nets(&units, &Options::default()).unwrap().flagged > 0);
        }
        assert!(shares_accused < 6 && nets_accused < 6, "{shares_accused} {nets_accused}");
    }

    #[test]
    fn truly_bad_units_are_found() {
        let mut uniform = Uniform(2);
        let (mut found, mut wrong) = (0, 0);
        for _ in 0..20 {
            let mut units: Vec<UnitShare> = (0..98).map(|i| uniform.share(i, 30, 0.8)).collect();
            units.extend((98..101).map(|i| uniform.share(i, 30, 0.4)));
            let network = shares(&units, &Options::default()).unwrap();
            found += network.units[98..].iter().filter(|u| u.flag == Some("low")).count();
            wrong += network.units[..98].iter().filter(|u| u.flag.is_some()).count();
        }
        assert!(found > 30 && wrong < 6, "{found} of 60, {wrong} wrong");
    }

    #[test]
    fn small_units_are_shown_and_never_flagged() {
        let mut units: Vec<UnitShare> = (0..30).map(|i| unit(&format!("{i}"), 90, 100)).collect();
        units.push(unit("tiny", 0, 9));
        let network = shares(&units, &Options::default()).unwrap();
        let tiny = &network.units[30];
        assert_eq!((tiny.flag, tiny.rank, tiny.p_value, tiny.reason), (None, None, None, Some("too_few")));
        assert!(tiny.shrunken.unwrap() > 0.3 && tiny.value == 0.0);
        let bold = Options { minimum_n: 9, ..Options::default() };
        assert_eq!(shares(&units, &bold).unwrap().units[30].flag, Some("low"));
    }

    #[test]
    fn ranks_are_ranges_and_overlapping_units_share_them() {
        let units = [unit("a", 950, 1000), unit("b", 945, 1000), unit("c", 700, 1000), unit("d", 300, 1000)];
        let ranks: Vec<_> = shares(&units, &Options::default())
            .unwrap()
            .units
            .iter()
            .map(|u| (u.rank.unwrap(), u.rank_worst.unwrap()))
            .collect();
        assert_eq!(ranks, [(1, 2), (1, 2), (3, 3), (4, 4)]);
        // Equal units: everybody may be anywhere.
        let equal = [unit("a", 80, 100), unit("b", 80, 100)];
        assert_eq!(shares(&equal, &Options::default()).unwrap().units[1].rank_worst, Some(2));
    }

    #[test]
    fn registry_and_validity() {
        let units = [unit("old", 5, 20), unit("a", 16, 20), unit("silent", 0, 0), unit("stranger", 15, 20)];
        let options = Options {
            registry: vec![
                registered("old", None, Some("2023-12-31")),
                registered("a", Some("2024-01-31"), None),
                registered("silent", None, None),
                registered("mute", Some("2020-01-01"), Some("2024-01-01")),
                registered("future", Some("2024-02-01"), None),
            ],
            period: Some(Period { from: "2024-01-01".into(), until: "2024-01-31".into() }),
            ..Options::default()
        };
        let network = shares(&units, &options).unwrap();
        assert_eq!(network.outside_validity, ["old", "future"]);
        assert_eq!(network.without_data, ["silent", "mute"]);
        assert_eq!(network.unregistered, ["stranger"]);
        assert_eq!((network.n, network.units.len()), (40, 2));
        let undated = Options { period: None, ..options.clone() };
        assert!(shares(&units, &undated).unwrap_err().message().contains("give the `period`"));
        let wrong = Options { period: Some(Period { from: "2024-01-40".into(), until: "x".into() }), ..options };
        assert_eq!(shares(&units, &wrong).unwrap_err().kind(), ErrorKind::BadText);
        assert_eq!(shares(&units[2..3], &Options::default()).unwrap().without_data, ["silent"]);
    }

    #[test]
    fn networks_without_spread() {
        let network = shares(&[unit("a", 0, 20), unit("b", 0, 30)], &Options::default()).unwrap();
        assert_eq!((network.target, network.flagged, network.units[0].z), (Some(0.0), 0, None));
        let net = |unit: &str| UnitNet { unit: unit.into(), promoters: 20, ..Default::default() };
        let network = nets(&[net("a"), net("b")], &Options::default()).unwrap();
        assert_eq!(
            (network.target, network.units[0].p_value, network.units[0].shrunken),
            (Some(100.0), Some(1.0), None)
        );
        let mean = |unit: &str, mean| UnitMean { unit: unit.into(), n: 12, mean, standard_deviation: 0.0 };
        assert!(means(&[mean("a", 1.0), mean("b", 2.0)], &Options::default()).is_err());
        assert_eq!(means(&[mean("a", 1.0), mean("b", 1.0)], &Options::default()).unwrap().flagged, 0);
        assert_eq!(means(&[], &Options::default()).unwrap().target, None);
    }

    #[test]
    fn means_by_hand() {
        // Pooled sd 2, n 16: error 0.5; target 5; z of 6 is 2.
        let mean = |unit: &str, mean| UnitMean { unit: unit.into(), n: 16, mean, standard_deviation: 2.0 };
        let network = means(&[mean("a", 4.0), mean("b", 5.0), mean("c", 6.0)], &Options::default()).unwrap();
        assert_eq!((network.target, network.units[2].z), (Some(5.0), Some(2.0)));
        assert!((network.units[1].high.unwrap() - 5.0 - 2.131_449_5 * 0.5).abs() < 1e-6);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn every_unit_is_judged_or_says_why(counts in prop::collection::vec((0u64..80, 0.0..=1.0f64), 0..25)) {
            let units: Vec<UnitShare> =
                counts.iter().enumerate().map(|(i, c)| unit(&i.to_string(), (c.0 as f64 * c.1) as u64, c.0)).collect();
            let network = shares(&units, &Options::default()).unwrap();
            prop_assert_eq!(network.units.len() + network.without_data.len(), units.len());
            for u in &network.units {
                prop_assert!(u.p_adjusted.is_some() != u.reason.is_some());
                prop_assert!(u.limits_99_8.low <= u.limits_95.low && u.limits_95.high <= u.limits_99_8.high);
                prop_assert!(u.rank <= u.rank_worst);
            }
        }
    }
}
