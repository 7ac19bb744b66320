//! A number that says what it means and how sure it is.

use crate::stats::share::wilson_z;
use crate::stats::special::z_of_confidence;

/// What an estimate is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A fraction 0..1.
    Share,
    /// Points −100..100 (NPS, net satisfaction).
    Points,
    /// A score 0..100.
    Score,
    /// Seconds.
    Seconds,
    /// A count of records.
    Count,
    /// A mean of marks on their own scale.
    Rating,
    /// A coefficient without a unit (alpha, a correlation, a ratio).
    Coefficient,
}

impl Unit {
    /// Every unit.
    pub const ALL: &'static [Unit] =
        &[Unit::Share, Unit::Points, Unit::Score, Unit::Seconds, Unit::Count, Unit::Rating, Unit::Coefficient];

    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Unit::Share => "share",
            Unit::Points => "points",
            Unit::Score => "score",
            Unit::Seconds => "seconds",
            Unit::Count => "count",
            Unit::Rating => "rating",
            Unit::Coefficient => "coefficient",
        }
    }
}

/// Why an estimate has no value, or no interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Nothing was counted: no value.
    Empty,
    /// Too few records for an interval, or for the value itself.
    TooFew,
    /// Everything was counted (a volume, a sum): there is no sampling error.
    Census,
    /// The value does not exist for these records (all answers equal, a constant item).
    Undefined,
    /// No interval was asked for.
    NotAsked,
    /// An interval is not offered for this statistic.
    NotOffered,
}

impl Reason {
    /// Every reason.
    pub const ALL: &'static [Reason] =
        &[Reason::Empty, Reason::TooFew, Reason::Census, Reason::Undefined, Reason::NotAsked, Reason::NotOffered];

    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Reason::Empty => "empty",
            Reason::TooFew => "too_few",
            Reason::Census => "census",
            Reason::Undefined => "undefined",
            Reason::NotAsked => "not_asked",
            Reason::NotOffered => "not_offered",
        }
    }
}

/// A value with its interval, the number of records behind it, and what was divided by what.
///
/// Empty is `value: None` with n = 0: never 0, 100 % or NaN.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The value, or none with a reason.
    pub value: Option<f64>,
    /// Lower limit of the interval.
    pub low: Option<f64>,
    /// Upper limit of the interval.
    pub high: Option<f64>,
    /// How many records it rests on.
    pub n: u64,
    /// Numerator, where the value is a ratio.
    pub numerator: Option<f64>,
    /// Denominator, where the value is a ratio.
    pub denominator: Option<f64>,
    /// Why there is no value or no interval.
    pub reason: Option<Reason>,
}

impl Estimate {
    /// No value, for a reason.
    pub fn none(n: u64, reason: Reason) -> Self {
        Self { value: None, low: None, high: None, n, numerator: None, denominator: None, reason: Some(reason) }
    }

    /// A full count or sum: no sampling error.
    pub fn census(value: f64, n: u64) -> Self {
        Self { value: Some(value), reason: Some(Reason::Census), ..Self::none(n, Reason::Census) }
    }

    /// A ratio of sums without an interval.
    pub fn ratio(numerator: f64, denominator: f64, n: u64, reason: Reason) -> Self {
        let value = (denominator != 0.0).then(|| numerator / denominator);
        Self {
            value,
            low: None,
            high: None,
            n,
            numerator: Some(numerator),
            denominator: Some(denominator),
            reason: Some(if value.is_some() { reason } else { Reason::Empty }),
        }
    }

    /// A share with its Wilson interval.
    pub fn share(successes: u64, n: u64, confidence: &Confidence) -> Self {
        let mut estimate = Self::ratio(successes as f64, n as f64, n, Reason::NotAsked);
        if let (Some(z), true) = (confidence.z, n > 0) {
            let interval = wilson_z(successes, n, z);
            estimate.limits(interval.low, interval.high);
        }
        estimate
    }

    /// A mean from integer sums, with its t interval.
    ///
    /// `sum` and `squares` are the sums of x and x² of `n` integers; a value is `x * scale`.
    pub fn mean(n: u64, sum: i128, squares: i128, scale: f64, confidence: &mut Confidence) -> Self {
        let mut estimate = Self::ratio(sum as f64 * scale, n as f64, n, Reason::NotAsked);
        let Some(level) = confidence.level else { return estimate };
        match (estimate.value, variance(n, sum, squares)) {
            (Some(mean), Some(variance)) => {
                let half = confidence.t(level, n - 1) * (variance / n as f64).sqrt() * scale;
                estimate.limits(mean - half, mean + half);
            }
            (Some(_), None) => estimate.reason = Some(Reason::TooFew),
            (None, _) => {}
        }
        estimate
    }

    /// Sets both limits.
    pub fn limits(&mut self, low: f64, high: f64) {
        self.low = Some(low);
        self.high = Some(high);
        self.reason = None;
    }

    /// The same estimate with its limits kept inside the possible range.
    pub fn clamped(mut self, min: f64, max: f64) -> Self {
        self.low = self.low.map(|v| v.clamp(min, max));
        self.high = self.high.map(|v| v.clamp(min, max));
        self
    }
}

/// The sample variance of `n` integers from their sum and sum of squares: one division, exact before it.
pub fn variance(n: u64, sum: i128, squares: i128) -> Option<f64> {
    if n < 2 {
        return None;
    }
    let count = i128::from(n);
    let exact = count.checked_mul(squares).zip(sum.checked_mul(sum)).map(|(a, b)| a - b);
    let spread = match exact {
        Some(spread) => spread as f64,
        // Beyond 128 bits: the same formula in floats, after taking the mean out.
        None => count as f64 * (squares as f64 - sum as f64 * (sum as f64 / count as f64)),
    };
    Some((spread / (count as f64 * (count - 1) as f64)).max(0.0))
}

/// The confidence of a report, with the quantiles it needs; none asks for values without intervals.
#[derive(Clone, Debug)]
pub struct Confidence {
    /// Such as 0.95.
    pub level: Option<f64>,
    /// The two-sided normal quantile.
    pub z: Option<f64>,
    t: Vec<f64>,
}

impl Confidence {
    /// Intervals at this level; `None` for values only.
    pub fn new(level: Option<f64>) -> crate::Result<Self> {
        if let Some(level) = level {
            crate::stats::interval::check_confidence(level)?;
        }
        Ok(Self { level, z: level.map(z_of_confidence).transpose()?, t: Vec::new() })
    }

    /// The two-sided t quantile for a number of degrees of freedom, kept once computed.
    fn t(&mut self, level: f64, df: u64) -> f64 {
        // Beyond this the quantile of the normal is within 3e-5 and the exact one is computed each time.
        const KEPT: u64 = 20_000;
        let exact = |df: u64| crate::stats::special::t_quantile(0.5 + level / 2.0, df as f64).unwrap_or(f64::INFINITY);
        if df == 0 || df > KEPT {
            return exact(df);
        }
        let at = df as usize;
        if self.t.len() <= at {
            self.t.resize(at + 1, f64::NAN);
        }
        if self.t[at].is_nan() {
            self.t[at] = exact(df);
        }
        self.t[at]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variance_is_exact_where_floats_cancel() {
        // 1e9+1, 1e9+2, 1e9+3: variance 1.
        let x = [1_000_000_001i128, 1_000_000_002, 1_000_000_003];
        let (sum, squares) = (x.iter().sum(), x.iter().map(|v| v * v).sum());
        assert_eq!(variance(3, sum, squares), Some(1.0));
        assert_eq!(variance(1, 5, 25), None);
    }

    #[test]
    fn empty_is_none() {
        let mut c = Confidence::new(Some(0.95)).unwrap();
        assert_eq!(Estimate::share(0, 0, &c).value, None);
        assert_eq!(Estimate::mean(0, 0, 0, 1.0, &mut c).reason, Some(Reason::Empty));
        assert_eq!(Estimate::mean(1, 7, 49, 1.0, &mut c).reason, Some(Reason::TooFew));
    }
}
