//! Means of scores: intervals, comparison of two samples, effect sizes.

use std::collections::BTreeMap;

use super::interval::check_confidence;
use super::special::{ln_beta, normal_sf, t_quantile, t_sf};
use super::sum::{self, integer_variance};
use crate::error::{Error, Result};

/// What the mean of a sample needs: how many values, their mean and their variance (with n − 1).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// How many values; at least 2.
    pub n: u64,
    /// Their mean.
    pub mean: f64,
    /// (nΣx² − (Σx)²) / n(n−1).
    pub variance: f64,
}

impl Sample {
    /// From integer sums n, Σx and Σx²: exact up to the last division. At least two values.
    ///
    /// ```
    /// use csat_core::stats::mean::Sample;
    /// assert_eq!(Sample::of_integers(4, 10, 30)?, Sample { n: 4, mean: 2.5, variance: 5.0 / 3.0 });
    /// # Ok::<(), csat_core::Error>(())
    /// ```
    pub fn of_integers(n: u64, sum: i128, sum_of_squares: i128) -> Result<Self> {
        let variance = integer_variance(n, sum, sum_of_squares)?;
        Ok(Self { n, mean: sum as f64 / n as f64, variance })
    }

    /// From the values themselves, with exact sums, so that their order does not matter. At least two values.
    pub fn of(values: &[f64]) -> Result<Self> {
        let n = values.len() as u64;
        if n < 2 {
            return Err(Error::undefined(format!("a variance needs at least two values, not {n}")));
        }
        let mean = sum::mean(values)?;
        Ok(Self { n, mean, variance: sum::squared_deviations(values, mean)? / (n - 1) as f64 })
    }

    /// The same sample in another unit: every value times `factor`.
    pub fn scaled(self, factor: f64) -> Self {
        Self { n: self.n, mean: self.mean * factor, variance: self.variance * factor * factor }
    }

    fn variance_of_mean(&self) -> f64 {
        self.variance / self.n as f64
    }

    fn check(&self) -> Result<()> {
        if self.n >= 2 && self.mean.is_finite() && self.variance >= 0.0 && self.variance.is_finite() {
            return Ok(());
        }
        Err(Error::argument(format!(
            "a sample has at least 2 values, a finite mean and a variance of at least 0, not n = {}, mean {}, variance {}",
            self.n, self.mean, self.variance
        )))
    }
}

/// A mean with its t interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeanInterval {
    /// How many values.
    pub n: u64,
    /// Their mean.
    pub mean: f64,
    /// With n − 1.
    pub standard_deviation: f64,
    /// Standard deviation / √n.
    pub standard_error: f64,
    /// The lower limit.
    pub low: f64,
    /// The upper limit.
    pub high: f64,
}

crate::answer_fields!(MeanInterval { n, mean, standard_deviation, standard_error, low, high });

/// Student's t interval of a mean: mean ± t·s/√n with n − 1 degrees of freedom.
///
/// Pitfall: equal values give an interval of no width; with few values that is no proof of certainty.
///
/// ```
/// use csat_core::stats::mean::{Sample, t_interval};
/// let i = t_interval(Sample::of(&[4.0, 5.0, 3.0, 5.0])?, 0.95)?;
/// assert!((i.low - 2.7265).abs() < 1e-4 && (i.high - 5.7735).abs() < 1e-4); // 4.25 ± 3.182446 · 0.478714
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn t_interval(sample: Sample, confidence: f64) -> Result<MeanInterval> {
    t_interval_with(sample, &mut TQuantiles::new(confidence)?)
}

/// [`t_interval`] with quantiles that were computed before; for loops over many groups.
pub fn t_interval_with(sample: Sample, quantiles: &mut TQuantiles) -> Result<MeanInterval> {
    sample.check()?;
    let standard_error = sample.variance_of_mean().sqrt();
    let half = quantiles.get(sample.n - 1)? * standard_error;
    Ok(MeanInterval {
        n: sample.n,
        mean: sample.mean,
        standard_deviation: sample.variance.sqrt(),
        standard_error,
        low: sample.mean - half,
        high: sample.mean + half,
    })
}

/// Two-sided quantiles of Student's t at one confidence, each computed once.
///
/// ```
/// use csat_core::stats::mean::TQuantiles;
/// let mut quantiles = TQuantiles::new(0.95)?;
/// assert!((quantiles.get(9)? - 2.262157162798205).abs() < 1e-12);
/// # Ok::<(), csat_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct TQuantiles {
    confidence: f64,
    known: BTreeMap<u64, f64>,
}

impl TQuantiles {
    /// None known yet.
    pub fn new(confidence: f64) -> Result<Self> {
        check_confidence(confidence)?;
        Ok(Self { confidence, known: BTreeMap::new() })
    }

    /// The quantile for `df` ≥ 1 degrees of freedom.
    pub fn get(&mut self, df: u64) -> Result<f64> {
        if let Some(t) = self.known.get(&df) {
            return Ok(*t);
        }
        let t = -t_quantile((1.0 - self.confidence) / 2.0, df as f64)?;
        self.known.insert(df, t);
        Ok(t)
    }
}

/// Welch's comparison of two means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Welch {
    /// First mean minus second.
    pub difference: f64,
    /// The difference divided by its standard error.
    pub t: f64,
    /// After Welch and Satterthwaite; usually not an integer.
    pub degrees_of_freedom: f64,
    /// Two-sided.
    pub p_value: f64,
    /// Lower limit of the difference.
    pub low: f64,
    /// Upper limit of the difference.
    pub high: f64,
}

crate::answer_fields!(Welch { difference, t, degrees_of_freedom, p_value, low, high });

/// Welch's t test and interval of the difference of two means; the variances need not be equal. The default for scores.
///
/// Formula: t = (m₁−m₂)/√(v₁+v₂), v = s²/n, degrees of freedom (v₁+v₂)² / (v₁²/(n₁−1) + v₂²/(n₂−1)).
/// Undefined where all values are equal in both samples. Source: Welch 1947.
///
/// ```
/// use csat_core::stats::mean::{Sample, welch};
/// let w = welch(Sample::of(&[5.0, 7.0, 9.0])?, Sample::of(&[4.0, 5.0, 6.0])?, 0.95)?;
/// assert!((w.t - 2.0 / (5.0f64 / 3.0).sqrt()).abs() < 1e-12 && (w.degrees_of_freedom - 50.0 / 17.0).abs() < 1e-12);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn welch(a: Sample, b: Sample, confidence: f64) -> Result<Welch> {
    check_samples(&a, &b)?;
    check_confidence(confidence)?;
    let (va, vb) = (a.variance_of_mean(), b.variance_of_mean());
    let total = va + vb;
    if total == 0.0 {
        return Err(Error::undefined("two means cannot be compared where the values of each sample are all equal"));
    }
    // Shares of the variance instead of squares, which could underflow.
    let (ra, rb) = (va / total, vb / total);
    let df = 1.0 / (ra * ra / (a.n - 1) as f64 + rb * rb / (b.n - 1) as f64);
    let (difference, error) = (a.mean - b.mean, total.sqrt());
    let t = difference / error;
    let half = -t_quantile((1.0 - confidence) / 2.0, df)? * error;
    Ok(Welch {
        difference,
        t,
        degrees_of_freedom: df,
        p_value: 2.0 * t_sf(t.abs(), df)?,
        low: difference - half,
        high: difference + half,
    })
}

/// Standardised differences of two means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EffectSize {
    /// (m₁ − m₂) / pooled standard deviation.
    pub cohen_d: f64,
    /// Cohen's d without its bias for small samples: d·Γ(ν/2) / (√(ν/2)·Γ((ν−1)/2)), ν = n₁+n₂−2.
    pub hedges_g: f64,
    /// The usual approximation d·(1 − 3/(4(n₁+n₂) − 9)).
    pub hedges_g_approximate: f64,
}

crate::answer_fields!(EffectSize { cohen_d, hedges_g, hedges_g_approximate });

/// Cohen's d and Hedges' g, exact and approximate. Undefined where all values are equal in both samples.
pub fn effect_size(a: Sample, b: Sample) -> Result<EffectSize> {
    check_samples(&a, &b)?;
    let df = (a.n - 1) as f64 + (b.n - 1) as f64;
    let pooled = ((a.n - 1) as f64 * a.variance + (b.n - 1) as f64 * b.variance) / df;
    if pooled == 0.0 {
        return Err(Error::undefined("an effect size does not exist where the values of each sample are all equal"));
    }
    let d = (a.mean - b.mean) / pooled.sqrt();
    // Γ(ν/2) / Γ((ν−1)/2) = √π / B((ν−1)/2, ½)
    let gamma_ratio = std::f64::consts::PI.sqrt() * libm::exp(-ln_beta((df - 1.0) / 2.0, 0.5)?);
    Ok(EffectSize {
        cohen_d: d,
        hedges_g: d * gamma_ratio / (df / 2.0).sqrt(),
        hedges_g_approximate: d * (1.0 - 3.0 / (4.0 * (df + 2.0) - 9.0)),
    })
}

/// The Mann-Whitney comparison of two samples by ranks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MannWhitney {
    /// U of the first sample: pairs in which its value is the larger, ties counting one half.
    pub u: f64,
    /// Normal approximation; its sign says which sample is larger.
    pub z: f64,
    /// Two-sided.
    pub p_value: f64,
    /// 2U/(n₁n₂) − 1, from −1 to 1.
    pub rank_biserial: f64,
    /// U/(n₁n₂): the chance that a random value of the first sample exceeds one of the second, ties halved.
    pub probability_of_superiority: f64,
}

crate::answer_fields!(MannWhitney { u, z, p_value, rank_biserial, probability_of_superiority });

/// The Mann-Whitney test with the variance corrected for ties and, by option, continuity; for Likert answers, which are
/// full of ties. Undefined where all values are equal.
///
/// Formula: z = (|U − n₁n₂/2| − ½) / √(n₁n₂(N³−N−Σ(t³−t)) / 12N(N−1)). Source: Mann and Whitney 1947.
///
/// ```
/// let m = csat_core::stats::mean::mann_whitney(&[3.0, 4.0, 5.0], &[1.0, 2.0, 3.0], true)?;
/// assert_eq!((m.u, m.rank_biserial), (8.5, 17.0 / 9.0 - 1.0)); // 8 pairs won and one tie
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn mann_whitney(a: &[f64], b: &[f64], continuity: bool) -> Result<MannWhitney> {
    let ranks = Ranks::of(a, b)?;
    let (n, m) = (a.len() as f64, b.len() as f64);
    let total = n + m;
    let cubes = total * total * total - total;
    let variance = n * m * (cubes - ranks.ties) / (12.0 * total * (total - 1.0));
    if variance <= 0.0 {
        return Err(Error::undefined("ranks cannot be compared where all values are equal"));
    }
    let u = ranks.twice_u as f64 / 2.0;
    let distance = u - n * m / 2.0;
    let size = (distance.abs() - if continuity { 0.5 } else { 0.0 }).max(0.0) / variance.sqrt();
    Ok(MannWhitney {
        u,
        z: if distance < 0.0 { -size } else { size },
        p_value: (2.0 * normal_sf(size)?).min(1.0),
        rank_biserial: 2.0 * u / (n * m) - 1.0,
        probability_of_superiority: u / (n * m),
    })
}

/// The exact Mann-Whitney test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MannWhitneyExact {
    /// U of the first sample.
    pub u: f64,
    /// The chance of a U at least as large, if both samples come from one distribution.
    pub p_greater: f64,
    /// The chance of a U at least as small.
    pub p_less: f64,
    /// Twice the smaller of the two, at most 1.
    pub p_two_sided: f64,
}

crate::answer_fields!(MannWhitneyExact { u, p_greater, p_less, p_two_sided });

/// The exact Mann-Whitney test: counts all orders of the two samples. Without ties only, and while the orders can be
/// counted in 128 bits (about 65 values each, or more where one sample is small).
///
/// ```
/// let m = csat_core::stats::mean::mann_whitney_exact(&[3.0, 4.0], &[1.0, 2.0])?;
/// assert_eq!((m.u, m.p_greater), (4.0, 1.0 / 6.0)); // one of the six orders
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn mann_whitney_exact(a: &[f64], b: &[f64]) -> Result<MannWhitneyExact> {
    let ranks = Ranks::of(a, b)?;
    if ranks.ties > 0.0 {
        return Err(Error::argument("the exact Mann-Whitney test needs values without ties; use the asymptotic one"));
    }
    let u = (ranks.twice_u / 2) as usize;
    let ways = orders_by_u(a.len(), b.len()).ok_or_else(|| {
        Error::argument("too many values for the exact Mann-Whitney test; use the asymptotic one, which is close here")
    })?;
    let total: u128 = ways.iter().sum();
    let share = |part: &[u128]| part.iter().sum::<u128>() as f64 / total as f64;
    let (p_greater, p_less) = (share(&ways[u..]), share(&ways[..=u]));
    Ok(MannWhitneyExact { u: u as f64, p_greater, p_less, p_two_sided: (2.0 * p_greater.min(p_less)).min(1.0) })
}

/// How many orders of n and m values give each U: the coefficients of the Gaussian binomial
/// Π (1 − q^(m+i)) / (1 − qⁱ), i = 1..n. None where a coefficient could exceed 128 bits.
fn orders_by_u(n: usize, m: usize) -> Option<Vec<u128>> {
    let (n, m) = (n.min(m), n.max(m));
    let mut orders = 1u128;
    for i in 1..=n {
        orders = orders.checked_mul((m + i) as u128)? / i as u128;
    }
    let length = n.checked_mul(m).filter(|nm| *nm <= 1_000_000)? + 1;
    let mut ways = vec![0u128; length];
    ways[0] = 1;
    for i in 1..=n {
        for u in (m + i..length).rev() {
            ways[u] = ways[u].wrapping_sub(ways[u - m - i]);
        }
        for u in i..length {
            ways[u] = ways[u].wrapping_add(ways[u - i]);
        }
    }
    Some(ways)
}

struct Ranks {
    /// 2U of the first sample.
    twice_u: u128,
    /// Σ(t³ − t) over groups of t equal values.
    ties: f64,
}

impl Ranks {
    fn of(a: &[f64], b: &[f64]) -> Result<Self> {
        for (name, values) in [("first", a), ("second", b)] {
            if values.is_empty() {
                return Err(Error::argument(format!("the {name} sample is empty")));
            }
            if let Some(i) = values.iter().position(|x| x.is_nan()) {
                return Err(Error::argument(format!("value {} of the {name} sample is not a number", i + 1)));
            }
        }
        let mut all: Vec<(f64, bool)> =
            a.iter().map(|x| (x + 0.0, true)).chain(b.iter().map(|x| (x + 0.0, false))).collect();
        all.sort_unstable_by(|x, y| x.0.total_cmp(&y.0));
        let (mut twice_u, mut ties, mut second_before) = (0u128, 0.0, 0u128);
        for group in all.chunk_by(|x, y| x.0 == y.0) {
            let first = group.iter().filter(|(_, is_first)| *is_first).count() as u128;
            let second = group.len() as u128 - first;
            twice_u += first * (2 * second_before + second);
            second_before += second;
            let t = group.len() as f64;
            ties += t * t * t - t;
        }
        Ok(Self { twice_u, ties })
    }
}

fn check_samples(a: &Sample, b: &Sample) -> Result<()> {
    a.check().map_err(|e| e.at("first sample"))?;
    b.check().map_err(|e| e.at("second sample"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn too_little_is_an_error_and_equal_values_are_certain() {
        assert!(Sample::of(&[1.0]).is_err() && Sample::of(&[]).is_err() && Sample::of(&[1.0, f64::NAN]).is_err());
        let same = t_interval(Sample::of(&[4.0; 5]).unwrap(), 0.95).unwrap();
        assert_eq!((same.mean, same.standard_error, same.low, same.high), (4.0, 0.0, 4.0, 4.0));
        let constant = Sample::of(&[1.0, 1.0]).unwrap();
        assert!(welch(constant, constant, 0.95).is_err() && effect_size(constant, constant).is_err());
        let broken = Sample { n: 3, mean: f64::NAN, variance: 1.0 };
        assert!(t_interval(broken, 0.95).is_err() && welch(broken, constant, 0.95).is_err());
        assert!(t_interval(constant, 1.0).is_err());
    }

    #[test]
    fn cached_quantiles_are_the_quantiles() {
        let mut quantiles = TQuantiles::new(0.9).unwrap();
        let sample = Sample::of_integers(11, 33, 121).unwrap();
        for _ in 0..2 {
            assert_eq!(t_interval_with(sample, &mut quantiles), t_interval(sample, 0.9));
        }
        assert!(quantiles.get(0).is_err());
    }

    #[test]
    fn ranks_refuse_what_cannot_be_ranked() {
        assert!(mann_whitney(&[], &[1.0], true).is_err() && mann_whitney(&[1.0], &[f64::NAN], true).is_err());
        assert!(mann_whitney(&[2.0], &[2.0, 2.0], true).is_err(), "all equal");
        assert!(mann_whitney(&[0.0, 1.0], &[-0.0], true).unwrap().u == 1.5, "zeros of both signs tie");
        let many: Vec<f64> = (0..200).map(f64::from).collect();
        assert!(mann_whitney_exact(&many[..100], &many[100..]).is_err());
        assert!(mann_whitney_exact(&many[..2], &many[2..]).is_ok());
    }

    /// All 10 choices of 2 of 5 ranks: U runs over 0, 1, 2, 2, 3, 3, 4, 4, 5, 6.
    #[test]
    fn orders_are_counted() {
        assert_eq!(orders_by_u(2, 3), Some(vec![1, 1, 2, 2, 2, 1, 1]));
        assert_eq!(orders_by_u(60, 60).unwrap().iter().sum::<u128>(), 96_614_908_840_363_322_603_893_139_521_372_656);
        assert_eq!(orders_by_u(500, 500), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
        #[test]
        fn comparisons_mirror_and_ignore_order(
            mut a in prop::collection::vec(1..6u8, 2..30), b in prop::collection::vec(1..6u8, 2..30)
        ) {
            let floats = |values: &[u8]| values.iter().map(|x| f64::from(*x)).collect::<Vec<f64>>();
            let (x, y) = (floats(&a), floats(&b));
            a.reverse();
            prop_assert_eq!(Sample::of(&x), Sample::of(&floats(&a)));
            let (sx, sy) = (Sample::of(&x).unwrap(), Sample::of(&y).unwrap());
            if let (Ok(there), Ok(back)) = (welch(sx, sy, 0.9), welch(sy, sx, 0.9)) {
                prop_assert_eq!((there.t, there.low, there.p_value), (-back.t, -back.high, back.p_value));
                prop_assert!((0.0..=1.0).contains(&there.p_value));
            }
            if let Ok(m) = mann_whitney(&x, &y, true) {
                let wins: f64 = x.iter().flat_map(|x| y.iter().map(move |y| if x > y { 1.0 } else if x == y { 0.5 } else { 0.0 })).sum();
                prop_assert_eq!(m.u, wins);
                prop_assert_eq!(m.p_value, mann_whitney(&y, &x, true).unwrap().p_value);
            }
        }
    }
}
