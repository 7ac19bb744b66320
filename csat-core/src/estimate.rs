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
        // Sums mostly fit 64 bits, which become floats in one instruction, with the same rounding.
        let float = i64::try_from(sum).map_or(sum as f64, |sum| sum as f64);
        let mut estimate = Self::ratio(float * scale, n as f64, n, Reason::NotAsked);
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

/// Estimates by column, one column a part and one row a group: where [`read`](crate::Measure::read) puts them.
///
/// Numbers that do not exist are NaN in here and nowhere else.
#[derive(Clone, Debug, Default)]
pub struct Estimates {
    parts: Vec<Numbers>,
    row: usize,
    part: usize,
}

/// What is kept of each estimate. With hundreds of thousands of groups memory is what a report costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keeps {
    /// The values alone, and n where a part is marked.
    Values,
    /// All but the limits.
    Ratios,
    /// All.
    Limits,
}

/// The numbers of one part, group by group: NaN where there is none, reasons by their code. What is not kept is empty.
#[derive(Clone, Debug, Default)]
pub(crate) struct Numbers {
    pub(crate) value: Vec<f64>,
    pub(crate) low: Vec<f64>,
    pub(crate) high: Vec<f64>,
    pub(crate) n: Vec<u64>,
    pub(crate) numerator: Vec<f64>,
    pub(crate) denominator: Vec<f64>,
    pub(crate) reason: Vec<u8>,
}

impl Estimates {
    /// Room for `rows` rows; of each part whether its n is kept where values alone are.
    pub(crate) fn new(parts: impl Iterator<Item = bool>, rows: usize, keeps: Keeps) -> Self {
        let numbers = |counted: bool| {
            let floats = |kept: bool| vec![0.0; if kept { rows } else { 0 }];
            let ratios = keeps != Keeps::Values;
            Numbers {
                value: floats(true),
                low: floats(keeps == Keeps::Limits),
                high: floats(keeps == Keeps::Limits),
                n: vec![0; if ratios || counted { rows } else { 0 }],
                numerator: floats(ratios),
                denominator: floats(ratios),
                reason: vec![0; if ratios { rows } else { 0 }],
            }
        };
        Self { parts: parts.map(numbers).collect(), row: 0, part: 0 }
    }

    /// Goes to a row and part; estimates are put there and in the parts that follow.
    pub(crate) fn go_to(&mut self, row: usize, part: usize) {
        (self.row, self.part) = (row, part);
    }

    /// The part that is put next.
    pub(crate) fn part(&self) -> usize {
        self.part
    }

    /// Puts the estimate of the next part.
    #[inline]
    pub fn push(&mut self, estimate: Estimate) {
        let row = self.row;
        let Some(numbers) = self.parts.get_mut(self.part) else { return };
        self.part += 1;
        let put = |column: &mut [f64], number: Option<f64>| {
            if let Some(place) = column.get_mut(row) {
                *place = number.unwrap_or(f64::NAN);
            }
        };
        put(&mut numbers.value, estimate.value);
        if let Some(n) = numbers.n.get_mut(row) {
            *n = estimate.n;
        }
        if let Some(reason) = numbers.reason.get_mut(row) {
            *reason = estimate.reason.map_or(u8::MAX, |r| r as u8);
            put(&mut numbers.numerator, estimate.numerator);
            put(&mut numbers.denominator, estimate.denominator);
            put(&mut numbers.low, estimate.low);
            put(&mut numbers.high, estimate.high);
        }
    }

    /// The estimate of a row and part.
    pub(crate) fn get(&self, row: usize, part: usize) -> Estimate {
        let numbers = &self.parts[part];
        let there = |x: &[f64]| x.get(row).copied().filter(|x| !x.is_nan());
        let code = numbers.reason.get(row).copied();
        Estimate {
            value: there(&numbers.value),
            low: there(&numbers.low),
            high: there(&numbers.high),
            n: numbers.n.get(row).copied().unwrap_or(0),
            numerator: there(&numbers.numerator),
            denominator: there(&numbers.denominator),
            reason: Reason::ALL.iter().copied().find(|r| Some(*r as u8) == code),
        }
    }

    /// The numbers of each part.
    #[cfg(feature = "arrow")]
    pub(crate) fn parts(&self) -> &[Numbers] {
        &self.parts
    }

    /// The numbers of each part, to be moved elsewhere.
    #[cfg(feature = "arrow")]
    pub(crate) fn into_parts(self) -> Vec<Numbers> {
        self.parts
    }
}

impl Extend<Estimate> for Estimates {
    fn extend<I: IntoIterator<Item = Estimate>>(&mut self, estimates: I) {
        estimates.into_iter().for_each(|e| self.push(e));
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
