//! Two periods or groups: by how much they differ, and whether that is more than chance.

use std::collections::HashSet;

use super::unit::{Unit, UnitMean, UnitNet, UnitShare, check_units};
use crate::error::{Error, Result};
use crate::stats::interval::check_confidence;
use crate::stats::special::{normal_quantile, normal_sf, t_quantile, t_sf};
use crate::stats::{Interval, share};

/// A difference with its interval and test. What does not exist is none, and `reason` says why.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// `fraction` (0..1), `points` (−100..100) or `scale` (that of the mean).
    pub measured_in: &'static str,
    /// The value before.
    pub before: Option<f64>,
    /// Answers before.
    pub before_n: u64,
    /// The value after.
    pub after: Option<f64>,
    /// Answers after.
    pub after_n: u64,
    /// after − before, in the same measure.
    pub difference: Option<f64>,
    /// Lower limit of the difference.
    pub low: Option<f64>,
    /// Upper limit of the difference.
    pub high: Option<f64>,
    /// The test that gave the p-value.
    pub test: &'static str,
    /// z or t of the test; above zero where the value rose.
    pub statistic: Option<f64>,
    /// Degrees of freedom of t.
    pub degrees_of_freedom: Option<f64>,
    /// Chance of a difference at least this large, either way, where nothing changed.
    pub p_value: Option<f64>,
    /// difference/before; none where before is not above zero: such a change has no sense.
    pub relative_change: Option<f64>,
    /// Why something is none: `empty`, `too_few`, `no_spread`.
    pub reason: Option<&'static str>,
    /// Units compared: those of both periods on `like_for_like`, else all.
    pub units: u64,
    /// Units with answers before only.
    pub only_before: Vec<String>,
    /// Units with answers after only.
    pub only_after: Vec<String>,
}

crate::answer_fields!(Comparison {
    measured_in,
    before,
    before_n,
    after,
    after_n,
    difference,
    low,
    high,
    test,
    statistic,
    degrees_of_freedom,
    p_value,
    relative_change,
    reason,
    units,
    only_before,
    only_after
});

/// Compares shares: Newcombe's hybrid interval, pooled z test. Values are fractions.
///
/// The counts of the units are added up on each side. With `like_for_like` only units with answers on both sides take
/// part, so that new dealers do not pass for progress; a changed mix among the same units still shows. Interval and
/// test are different methods and may disagree by a hair. With expected counts below about 5 the z test is rough.
///
/// ```
/// use csat_core::judge::{compare, unit::UnitShare};
/// let side = |successes| vec![UnitShare { successes, n: 60, ..Default::default() }];
/// let c = compare::shares(&side(30), &side(45), false, 0.95)?;
/// assert_eq!((c.difference, c.relative_change), (Some(0.25), Some(0.5)));
/// assert!((c.p_value.unwrap() - 0.004678).abs() < 1e-6);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn shares(before: &[UnitShare], after: &[UnitShare], like_for_like: bool, confidence: f64) -> Result<Comparison> {
    check_confidence(confidence)?;
    let (before, after, mut out) = sides(before, after, like_for_like, "fraction", "pooled z")?;
    if out.reason.is_some() {
        return Ok(out);
    }
    let (n1, n2) = (before.n as f64, after.n as f64);
    let (p1, p2) = (before.successes as f64 / n1, after.successes as f64 / n2);
    let pooled = (before.successes + after.successes) as f64 / (n1 + n2);
    let error = (pooled * (1.0 - pooled) * (1.0 / n1 + 1.0 / n2)).sqrt();
    // All or none on both sides: no difference and no spread, which is what "nothing changed" looks like.
    let z = if error > 0.0 { (p2 - p1) / error } else { 0.0 };
    out.read(p1, p2, newcombe(&before, &after, confidence)?);
    out.statistic = Some(z);
    out.p_value = Some(two_sided(z)?);
    Ok(out)
}

/// Compares net scores (NPS): adjusted Wald interval and z test on points −100..100.
///
/// 3/4 detractors, 3/2 passives and 3/4 promoters are added to each side for interval and test, so that a side with
/// equal answers has an uncertainty too; the difference itself is that of the plain scores. A relative change of a
/// score that is not above zero is refused.
///
/// ```
/// use csat_core::judge::{compare, unit::UnitNet};
/// let side = |detractors, promoters| vec![UnitNet { detractors, passives: 20, promoters, ..Default::default() }];
/// let c = compare::nets(&side(50, 30), &side(30, 50), false, 0.95)?;
/// assert_eq!((c.before, c.difference, c.relative_change), (Some(-20.0), Some(40.0), None));
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn nets(before: &[UnitNet], after: &[UnitNet], like_for_like: bool, confidence: f64) -> Result<Comparison> {
    check_confidence(confidence)?;
    let (before, after, mut out) = sides(before, after, like_for_like, "points", "adjusted z")?;
    if out.reason.is_some() {
        return Ok(out);
    }
    let (a, b) = (AdjustedNet::new(&before), AdjustedNet::new(&after));
    let error = (a.error * a.error + b.error * b.error).sqrt();
    let half = normal_quantile(0.5 + confidence / 2.0)? * error;
    let middle = b.score - a.score;
    out.read(
        net_points(&before),
        net_points(&after),
        Interval { low: middle - half, high: middle + half }.clamp(-200.0, 200.0),
    );
    out.statistic = Some(middle / error);
    out.p_value = Some(two_sided(middle / error)?);
    Ok(out)
}

/// Compares means: Welch's interval and t test, on the scale of the means.
///
/// Two answers a side are needed for an interval (`too_few`), and some spread on either side (`no_spread`).
pub fn means(before: &[UnitMean], after: &[UnitMean], like_for_like: bool, confidence: f64) -> Result<Comparison> {
    check_confidence(confidence)?;
    let (before, after, mut out) = sides(before, after, like_for_like, "scale", "Welch t")?;
    if out.reason.is_some() {
        return Ok(out);
    }
    let difference = after.mean - before.mean;
    let variance = |side: &UnitMean| side.standard_deviation * side.standard_deviation / side.n as f64;
    let (v1, v2) = (variance(&before), variance(&after));
    let error = (v1 + v2).sqrt();
    if !(difference.is_finite() && error.is_finite()) {
        return Err(Error::undefined("the values are too large to be squared and summed"));
    }
    let few = before.n < 2 || after.n < 2;
    if few || error == 0.0 {
        out.read(before.mean, after.mean, Interval { low: difference, high: difference });
        (out.low, out.high) = (None, None);
        out.reason = Some(if few { "too_few" } else { "no_spread" });
        return Ok(out);
    }
    // Shares of the variance, so that very small or large spreads neither vanish nor overflow when squared.
    let (w1, w2) = (v1 / (v1 + v2), v2 / (v1 + v2));
    let degrees = 1.0 / (w1 * w1 / (before.n - 1) as f64 + w2 * w2 / (after.n - 1) as f64);
    let half = t_quantile(0.5 + confidence / 2.0, degrees)? * error;
    out.read(before.mean, after.mean, Interval { low: difference - half, high: difference + half });
    let t = difference / error;
    out.statistic = Some(t);
    out.degrees_of_freedom = Some(degrees);
    out.p_value = Some((2.0 * t_sf(t.abs(), degrees)?).min(1.0));
    Ok(out)
}

impl Comparison {
    fn read(&mut self, before: f64, after: f64, interval: Interval) {
        self.before = Some(before);
        self.after = Some(after);
        self.difference = Some(after - before);
        (self.low, self.high) = (Some(interval.low), Some(interval.high));
        self.relative_change = (before > 0.0).then(|| (after - before) / before);
    }
}

/// Adds the units of each side up; the comparison is filled as far as counts go.
fn sides<U: Unit + Default>(
    before: &[U],
    after: &[U],
    like_for_like: bool,
    measured_in: &'static str,
    test: &'static str,
) -> Result<(U, U, Comparison)> {
    check_units(before).map_err(|e| e.at("before"))?;
    check_units(after).map_err(|e| e.at("after"))?;
    let (early, late) = (present(before), present(after));
    let taken = |side: &[U], other: &HashSet<&str>| {
        let mut sum = U::default();
        side.iter().filter(|u| u.n() > 0 && (!like_for_like || other.contains(u.name()))).for_each(|u| sum.add(u));
        sum
    };
    let alone = |side: &[U], other: &HashSet<&str>| -> Vec<String> {
        side.iter().filter(|u| u.n() > 0 && !other.contains(u.name())).map(|u| u.name().to_owned()).collect()
    };
    let (a, b) = (taken(before, &late), taken(after, &early));
    if a.n().checked_add(b.n()).is_none() {
        return Err(Error::argument("the two sides together have more answers than 64 bits hold"));
    }
    let units = if like_for_like { early.intersection(&late).count() } else { early.union(&late).count() };
    let out = Comparison {
        measured_in,
        before: None,
        before_n: a.n(),
        after: None,
        after_n: b.n(),
        difference: None,
        low: None,
        high: None,
        test,
        statistic: None,
        degrees_of_freedom: None,
        p_value: None,
        relative_change: None,
        reason: (a.n() == 0 || b.n() == 0).then_some("empty"),
        units: units as u64,
        only_before: alone(before, &late),
        only_after: alone(after, &early),
    };
    Ok((a, b, out))
}

fn present<U: Unit>(side: &[U]) -> HashSet<&str> {
    side.iter().filter(|u| u.n() > 0).map(Unit::name).collect()
}

fn newcombe(before: &UnitShare, after: &UnitShare, confidence: f64) -> Result<Interval> {
    let (i1, i2) =
        (share::wilson(before.successes, before.n, confidence)?, share::wilson(after.successes, after.n, confidence)?);
    let (p1, p2) = (before.successes as f64 / before.n as f64, after.successes as f64 / after.n as f64);
    let apart = |a: f64, b: f64| (a * a + b * b).sqrt();
    Ok(Interval { low: p2 - p1 - apart(p2 - i2.low, i1.high - p1), high: p2 - p1 + apart(i2.high - p2, p1 - i1.low) })
}

/// The plain score in points; n must not be zero.
pub(crate) fn net_points(unit: &UnitNet) -> f64 {
    100.0 * (unit.promoters as f64 - unit.detractors as f64) / unit.n() as f64
}

/// Score and standard error in points after the pseudo-answers.
pub(crate) struct AdjustedNet {
    pub(crate) score: f64,
    pub(crate) error: f64,
}

impl AdjustedNet {
    pub(crate) fn new(unit: &UnitNet) -> Self {
        let n = unit.n() as f64 + 3.0;
        let (low, high) = ((unit.detractors as f64 + 0.75) / n, (unit.promoters as f64 + 0.75) / n);
        let score = high - low;
        Self { score: 100.0 * score, error: 100.0 * ((low + high - score * score) / n).sqrt() }
    }
}

fn two_sided(z: f64) -> Result<f64> {
    Ok((2.0 * normal_sf(z.abs())?).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(name: &str, successes: u64, n: u64) -> UnitShare {
        UnitShare { unit: name.into(), successes, n }
    }

    #[test]
    fn newcombe_is_the_published_example() {
        // Newcombe 1998: 56/70 against 48/80 is 0.0524 to 0.3339.
        let c = shares(&[unit("", 48, 80)], &[unit("", 56, 70)], false, 0.95).unwrap();
        assert!((c.low.unwrap() - 0.0524).abs() < 5e-5 && (c.high.unwrap() - 0.3339).abs() < 5e-5);
    }

    #[test]
    fn like_for_like_leaves_newcomers_out() {
        let before = [unit("a", 50, 100), unit("b", 30, 100), unit("closed", 10, 10)];
        let after = [unit("b", 30, 100), unit("a", 50, 100), unit("new", 90, 100), unit("silent", 0, 0)];
        let all = shares(&before, &after, false, 0.95).unwrap();
        assert!(all.difference.unwrap() > 0.1 && all.units == 4);
        let same = shares(&before, &after, true, 0.95).unwrap();
        assert_eq!((same.difference, same.p_value, same.units), (Some(0.0), Some(1.0), 2));
        assert_eq!((same.only_before, same.only_after), (vec!["closed".to_owned()], vec!["new".to_owned()]));
        let none = shares(&before[..1], &after[2..3], true, 0.95).unwrap();
        assert_eq!((none.reason, none.before, none.p_value), (Some("empty"), None, None));
    }

    #[test]
    fn equal_sides_at_an_end() {
        let c = shares(&[unit("", 0, 10)], &[unit("", 0, 20)], false, 0.95).unwrap();
        assert_eq!((c.difference, c.p_value, c.relative_change), (Some(0.0), Some(1.0), None));
        assert!(c.low.unwrap() < 0.0 && c.high.unwrap() > 0.0);
    }

    #[test]
    fn nets_by_hand() {
        // Each side 100 answers and 3 more: scores −20/103 and 20/103, shares 50.75/103 and 30.75/103 either way round;
        // variance (81.5/103 − (20/103)²)/103 = 0.0073164 a side, error of the difference 0.120966, middle 38.835 points.
        let side = |detractors, promoters| UnitNet { detractors, passives: 20, promoters, ..Default::default() };
        let c = nets(&[side(50, 30)], &[side(30, 50)], false, 0.95).unwrap();
        let half = 1.959_964 * 100.0 * (2.0 * (81.5 / 103.0 - (20.0_f64 / 103.0).powi(2)) / 103.0).sqrt();
        assert!((c.low.unwrap() - (4000.0 / 103.0 - half)).abs() < 1e-4);
        assert_eq!(c.relative_change, None);
        let c = nets(&[side(0, 20)], &[side(0, 30)], false, 0.95).unwrap();
        assert!((c.relative_change.unwrap() - 0.2).abs() < 1e-12);
    }

    #[test]
    fn welch_by_hand() {
        // 4 answers each, sd 2: error √2, difference 3, t = 2.1213, 6 degrees, quantile 2.446912.
        let side = |mean| UnitMean { n: 4, mean, standard_deviation: 2.0, ..Default::default() };
        let c = means(&[side(5.0)], &[side(8.0)], false, 0.95).unwrap();
        assert!((c.degrees_of_freedom.unwrap() - 6.0).abs() < 1e-12);
        assert!((c.high.unwrap() - 3.0 - 2.446_911_85 * 2f64.sqrt()).abs() < 1e-6);
        let one = UnitMean { n: 1, mean: 5.0, standard_deviation: f64::NAN, ..Default::default() };
        let c = means(&[one], &[side(8.0)], false, 0.95).unwrap();
        assert_eq!((c.difference, c.low, c.reason), (Some(3.0), None, Some("too_few")));
    }

    #[test]
    fn means_of_parts_add_up_to_the_mean_of_all() {
        // 1 2 3 | 4 8: together mean 3.6, squares 2 + 8 and 3·1.6² + 2·2.4²: 29.2 over 4.
        let part = |unit: &str, n, mean, v: f64| UnitMean { unit: unit.into(), n, mean, standard_deviation: v.sqrt() };
        let parts = [part("a", 3, 2.0, 1.0), part("b", 2, 6.0, 8.0)];
        let whole = part("", 5, 3.6, 7.3);
        let c = means(&parts, &[whole], false, 0.95).unwrap();
        assert!(c.difference.unwrap().abs() < 1e-12 && c.p_value.unwrap() > 1.0 - 1e-9);
        assert!((c.degrees_of_freedom.unwrap() - 8.0).abs() < 1e-9);
    }

    #[test]
    fn wrong_units_are_named() {
        let twice = shares(&[unit("a", 1, 2), unit("a", 1, 2)], &[], false, 0.95).unwrap_err();
        assert_eq!(twice.message(), "before: unit `a` is given twice; add its counts up first");
        assert!(shares(&[unit("a", 3, 2)], &[], false, 0.95).is_err());
        let bad = UnitMean { n: 3, mean: f64::NAN, ..Default::default() };
        assert!(means(&[bad], &[], false, 0.95).is_err());
        let huge = UnitNet { detractors: u64::MAX, passives: 1, ..Default::default() };
        assert!(nets(&[huge], &[], false, 0.95).is_err());
        let half = UnitNet { detractors: u64::MAX / 2 + 5, ..Default::default() };
        assert!(nets(std::slice::from_ref(&half), std::slice::from_ref(&half), false, 0.95).is_err());
    }
}
