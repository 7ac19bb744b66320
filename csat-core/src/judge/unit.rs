//! What a unit (a dealer, an agent, a team) brings to a comparison: its counts.

use std::collections::HashSet;

use serde::Deserialize;

use super::line::whole;
use crate::error::{Error, ErrorKind, Result};
use crate::estimate::Estimate;
use crate::stats::special::t_quantile;

/// A unit with a share: successes of n (satisfied of asked, answered in time of offered).
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitShare {
    /// The name of the unit; may be left out where there is only one.
    #[serde(default)]
    pub unit: String,
    /// How many of n.
    pub successes: u64,
    /// All.
    pub n: u64,
}

/// A unit with a net score: detractors, passives and promoters.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitNet {
    /// The name of the unit; may be left out where there is only one.
    #[serde(default)]
    pub unit: String,
    /// Answers 0 to 6.
    pub detractors: u64,
    /// Answers 7 and 8.
    pub passives: u64,
    /// Answers 9 and 10.
    pub promoters: u64,
}

/// A unit with a mean: n, mean and sample standard deviation (divisor n − 1).
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitMean {
    /// The name of the unit; may be left out where there is only one.
    #[serde(default)]
    pub unit: String,
    /// Answers.
    pub n: u64,
    /// Their mean; not read where n is 0.
    pub mean: f64,
    /// Their sample standard deviation; not read where n is below 2.
    pub standard_deviation: f64,
}

impl UnitShare {
    /// A unit from an estimate of a share, by its numerator and denominator.
    ///
    /// ```
    /// use csat_core::{Estimate, estimate::Confidence, judge::unit::UnitShare};
    /// let estimate = Estimate::share(30, 60, &Confidence::new(None)?);
    /// assert_eq!(UnitShare::of_estimate("North", &estimate)?.successes, 30);
    /// # Ok::<(), csat_core::Error>(())
    /// ```
    pub fn of_estimate(unit: impl Into<String>, estimate: &Estimate) -> Result<Self> {
        let unit = unit.into();
        let counts = estimate.numerator.and_then(whole).zip(estimate.denominator.and_then(whole));
        match counts.or((estimate.n == 0).then_some((0, 0))) {
            Some((successes, n)) => Ok(Self { unit, successes, n }),
            None => Err(Error::argument(format!("`{unit}`: a share is judged by its whole numerator and denominator"))
                .with("unit", unit)),
        }
    }
}

impl UnitMean {
    /// A unit from an estimate of a mean; the standard deviation is worked out from its t interval, given at this
    /// confidence: half the interval · √n / t. Refused where n is 2 or more and there is no interval.
    pub fn of_estimate(unit: impl Into<String>, estimate: &Estimate, confidence: f64) -> Result<Self> {
        let (unit, n) = (unit.into(), estimate.n);
        let Some(mean) = estimate.value.filter(|_| n > 0) else { return Ok(Self { unit, ..Self::default() }) };
        if n == 1 {
            return Ok(Self { unit, n, mean, standard_deviation: 0.0 });
        }
        let Some((low, high)) = estimate.low.zip(estimate.high) else {
            let message =
                format!("`{unit}`: a mean is judged by its spread, which is read off its interval; report it with one");
            return Err(Error::argument(message).with("unit", unit));
        };
        // A limit at the end of its scale was cut: the other one is whole.
        let half = (high - mean).max(mean - low);
        let standard_deviation = half * (n as f64).sqrt() / t_quantile(0.5 + confidence / 2.0, (n - 1) as f64)?;
        Ok(Self { unit, n, mean, standard_deviation })
    }
}

/// What the three kinds have in common. Counts of one kind add up to those of a larger unit.
pub(crate) trait Unit: Clone {
    fn name(&self) -> &str;
    fn n(&self) -> u64;
    fn check(&self) -> Result<()>;
    fn add(&mut self, other: &Self);
}

impl Unit for UnitShare {
    fn name(&self) -> &str {
        &self.unit
    }

    fn n(&self) -> u64 {
        self.n
    }

    fn check(&self) -> Result<()> {
        if self.successes <= self.n {
            return Ok(());
        }
        Err(Error::argument(format!("{} successes of {}; successes cannot exceed n", self.successes, self.n)))
    }

    fn add(&mut self, other: &Self) {
        self.successes += other.successes;
        self.n += other.n;
    }
}

impl Unit for UnitNet {
    fn name(&self) -> &str {
        &self.unit
    }

    fn n(&self) -> u64 {
        self.detractors.saturating_add(self.passives).saturating_add(self.promoters)
    }

    fn check(&self) -> Result<()> {
        Ok(())
    }

    fn add(&mut self, other: &Self) {
        self.detractors += other.detractors;
        self.passives += other.passives;
        self.promoters += other.promoters;
    }
}

impl Unit for UnitMean {
    fn name(&self) -> &str {
        &self.unit
    }

    fn n(&self) -> u64 {
        self.n
    }

    fn check(&self) -> Result<()> {
        if self.n > 0 && !self.mean.is_finite() {
            return Err(Error::argument(format!("the mean is {}; a finite number is needed", self.mean)));
        }
        let sd = self.standard_deviation;
        if self.n > 1 && !(sd >= 0.0 && sd.is_finite()) {
            return Err(Error::argument(format!("the standard deviation is {sd}; it must be zero or more")));
        }
        Ok(())
    }

    fn add(&mut self, other: &Self) {
        let (a, b) = (self.n as f64, other.n as f64);
        let mean = if a + b > 0.0 { (a * self.mean + b * other.mean) / (a + b) } else { 0.0 };
        let apart = a * (self.mean - mean).powi(2) + b * (other.mean - mean).powi(2);
        let squares = self.squares() + other.squares() + apart;
        self.n += other.n;
        self.mean = mean;
        self.standard_deviation = if self.n > 1 { (squares / (self.n - 1) as f64).sqrt() } else { 0.0 };
    }
}

impl UnitMean {
    /// Sum of squared distances from the unit's own mean.
    pub(crate) fn squares(&self) -> f64 {
        if self.n > 1 { (self.n - 1) as f64 * self.standard_deviation * self.standard_deviation } else { 0.0 }
    }
}

/// Refuses wrong counts, a name given twice, and more answers than a difference can hold.
pub(crate) fn check_units<U: Unit>(units: &[U]) -> Result<()> {
    let mut names = HashSet::new();
    let mut sum = 0u64;
    for unit in units {
        let name = unit.name();
        unit.check().map_err(|e| e.at(format!("unit `{name}`")).with("unit", name))?;
        if !names.insert(name) {
            let message = format!("unit `{name}` is given twice; add its counts up first");
            return Err(Error::argument(message).with("unit", name));
        }
        sum = sum
            .checked_add(unit.n())
            .filter(|s| i64::try_from(*s).is_ok())
            .ok_or_else(|| Error::new(ErrorKind::Overflow, "the sum of all answers exceeds 63 bits"))?;
    }
    Ok(())
}
