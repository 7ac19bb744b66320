//! Quantiles and tails of the standard distributions, and the logarithms of the gamma and beta functions.
//!
//! Good to 1e-12 relative in ordinary ranges (1e-9 for parameters up to 1e12), for every argument that is allowed;
//! an argument that is not allowed is an error. Nothing here panics or runs on: each loop has a bound.
//!
//! How: in the coordinate u = ln(x / (1 − x)) the beta density, and in u = ln x the gamma density, are log-concave.
//! So the logarithm of each tail is concave in u and Newton's method on it cannot miss the root. A tail is
//! density × ratio. The ratio comes from a continued fraction or series where these are short, and from
//! double-exponential quadrature where they are not (near the centre of large parameters). The density uses
//! deviances instead of differences of large logarithms (Loader 2000). The packaged quantiles of `statrs` lose digits
//! above 5,000 degrees of freedom and may not return for extreme arguments; only its normal quantile is used.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

use statrs::distribution::{ContinuousCDF, Normal};

use super::interval::check_confidence;
use crate::error::{Error, ErrorKind, Result};

const HALF_LN_TWO_PI: f64 = 0.918_938_533_204_672_8;
/// Above this many degrees of freedom Student's t is the normal distribution to the last bit.
const NORMAL_ABOVE: f64 = 1e17;

/// The two-sided normal quantile of a confidence: 1.96 for 0.95.
///
/// ```
/// let z = csat_core::stats::special::z_of_confidence(0.95)?;
/// assert!((z - 1.959963984540054).abs() < 1e-14);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn z_of_confidence(confidence: f64) -> Result<f64> {
    check_confidence(confidence)?;
    Ok(-Normal::standard().inverse_cdf((1.0 - confidence) / 2.0))
}

/// The standard normal quantile of `p` in (0, 1).
///
/// ```
/// use csat_core::stats::special::normal_quantile;
/// assert!((normal_quantile(0.975)? - 1.959963984540054).abs() < 1e-14);
/// assert!(normal_quantile(1.0).is_err());
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn normal_quantile(p: f64) -> Result<f64> {
    Ok(Normal::standard().inverse_cdf(probability(p)?))
}

/// The probability that a standard normal value is at most `z`.
///
/// ```
/// let p = csat_core::stats::special::normal_cdf(1.0)?;
/// assert!((p - 0.841344746068543).abs() < 1e-15);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn normal_cdf(z: f64) -> Result<f64> {
    Ok(0.5 * libm::erfc(-not_nan("z", z)? * FRAC_1_SQRT_2))
}

/// The probability that a standard normal value is above `z`; keeps its digits where the tail is small.
pub fn normal_sf(z: f64) -> Result<f64> {
    normal_cdf(-z)
}

/// The quantile of Student's t: the value below which a share `p` in (0, 1) lies. `df` may be any positive number,
/// infinity included (then it is the normal quantile).
///
/// ```
/// use csat_core::stats::special::t_quantile;
/// assert!((t_quantile(0.975, 9.0)? - 2.262157162798205).abs() < 1e-12);
/// assert!((t_quantile(0.975, 1e6)? - 1.959966356814107).abs() < 1e-12);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn t_quantile(p: f64, df: f64) -> Result<f64> {
    let (p, df) = (probability(p)?, t_df(df)?);
    if df > NORMAL_ABOVE {
        return normal_quantile(p);
    }
    let tail = p.min(1.0 - p);
    let beta = Beta::of(df / 2.0, 0.5);
    // Both tails at once lie below x = df / (df + t²); near the middle the complement 1 − 2·tail keeps the digits.
    let u = if tail <= 0.25 { beta.solve(2.0 * tail, true) } else { beta.solve(2.0 * (0.5 - tail), false) };
    let t = if tail == 0.5 { 0.0 } else { df.sqrt() * libm::exp(-u / 2.0) };
    finite(if p < 0.5 { -t } else { t })
}

/// The probability that Student's t with `df` degrees of freedom is above `t`.
///
/// ```
/// let p = 2.0 * csat_core::stats::special::t_sf(2.262157162798205, 9.0)?;
/// assert!((p - 0.05).abs() < 1e-14);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn t_sf(t: f64, df: f64) -> Result<f64> {
    let (t, df) = (not_nan("t", t)?, t_df(df)?);
    if df > NORMAL_ABOVE || t == 0.0 {
        return normal_sf(t);
    }
    let u = libm::log(df) - 2.0 * libm::log(t.abs());
    let upper = 0.5 * Beta::of(df / 2.0, 0.5).tail(u, true);
    Ok(if t > 0.0 { upper } else { 1.0 - upper })
}

/// The probability that a Beta(`a`, `b`) value is at most `x` in [0, 1]: the regularised incomplete beta function.
///
/// ```
/// let p = csat_core::stats::special::beta_cdf(0.25, 2.0, 3.0)?;
/// assert!((p - 67.0 / 256.0).abs() < 1e-15); // 1 − (1−x)³(1 + 3x)
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn beta_cdf(x: f64, a: f64, b: f64) -> Result<f64> {
    Ok(Beta::new(a, b)?.tail(logit(x)?, true))
}

/// The probability that a Beta(`a`, `b`) value is above `x`.
pub fn beta_sf(x: f64, a: f64, b: f64) -> Result<f64> {
    Ok(Beta::new(a, b)?.tail(logit(x)?, false))
}

/// The quantile of Beta(`a`, `b`): the value below which a share `p` in (0, 1) lies.
///
/// ```
/// let x = csat_core::stats::special::beta_quantile(0.975, 0.5, 20.5)?;
/// assert!((x - 0.11663898290487539).abs() < 1e-14);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn beta_quantile(p: f64, a: f64, b: f64) -> Result<f64> {
    let beta = Beta::new(a, b)?;
    Ok(Point::at(beta.quantile(probability(p)?)).x)
}

/// The quantile of chi-squared with `df` degrees of freedom.
///
/// ```
/// let x = csat_core::stats::special::chi2_quantile(0.95, 2.0)?;
/// assert!((x - 5.991464547107979).abs() < 1e-13); // −2 ln 0.05
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn chi2_quantile(p: f64, df: f64) -> Result<f64> {
    let gamma = Gamma { a: shape("df", df)? / 2.0 };
    Ok(2.0 * libm::exp(gamma.quantile(probability(p)?)))
}

/// The probability that chi-squared with `df` degrees of freedom is above `x`.
pub fn chi2_sf(x: f64, df: f64) -> Result<f64> {
    let gamma = Gamma { a: shape("df", df)? / 2.0 };
    Ok(gamma.tail(libm::log(not_negative("x", x)? / 2.0), false))
}

/// The quantile of F with `df1` (numerator) and `df2` (denominator) degrees of freedom.
///
/// ```
/// let f = csat_core::stats::special::f_quantile(0.975, 29.0, 261.0)?;
/// assert!((f - 1.6332027914452076).abs() < 1e-12);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn f_quantile(p: f64, df1: f64, df2: f64) -> Result<f64> {
    let beta = Beta::of(shape("df1", df1)? / 2.0, shape("df2", df2)? / 2.0);
    finite(libm::exp(beta.quantile(probability(p)?)) * (df2 / df1))
}

/// The probability that F with `df1` and `df2` degrees of freedom is above `f`.
pub fn f_sf(f: f64, df1: f64, df2: f64) -> Result<f64> {
    let beta = Beta::of(shape("df1", df1)? / 2.0, shape("df2", df2)? / 2.0);
    Ok(beta.tail(libm::log(not_negative("f", f)?) + libm::log(df1 / df2), false))
}

/// The probability of at most `k` successes in `n` independent trials with probability `p` in [0, 1] each.
///
/// ```
/// let p = csat_core::stats::special::binomial_cdf(1, 3, 0.5)?;
/// assert!((p - 0.5).abs() < 1e-15); // (1 + 3) / 8
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn binomial_cdf(k: u64, n: u64, p: f64) -> Result<f64> {
    let u = logit(p)?;
    if k >= n {
        return Ok(1.0);
    }
    Ok(Beta::new(k as f64 + 1.0, (n - k) as f64)?.tail(u, false))
}

/// The probability of exactly `k` successes in `n` independent trials with probability `p` in [0, 1] each.
pub fn binomial_pmf(k: u64, n: u64, p: f64) -> Result<f64> {
    let u = logit(p)?;
    if k > n {
        return Ok(0.0);
    }
    if u.is_infinite() {
        return Ok(f64::from((u < 0.0 && k == 0) || (u > 0.0 && k == n)));
    }
    Ok(libm::exp(ln_binomial(k as f64, n as f64, u)))
}

/// The probability of at most `k` events where `mean` are expected (Poisson).
pub fn poisson_cdf(k: u64, mean: f64) -> Result<f64> {
    let gamma = Gamma { a: shape("k", k as f64 + 1.0)? };
    Ok(gamma.tail(libm::log(not_negative("mean", mean)?), false))
}

/// The natural logarithm of the gamma function at `x` > 0.
///
/// ```
/// let l = csat_core::stats::special::ln_gamma(5.0)?;
/// assert!((l - 24f64.ln()).abs() < 1e-14);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn ln_gamma(x: f64) -> Result<f64> {
    if x > 0.0 && x.is_finite() {
        finite(libm::lgamma(x))
    } else {
        Err(Error::argument(format!("the gamma function is used for finite x above 0, not {x}")))
    }
}

/// The natural logarithm of the beta function B(`a`, `b`); keeps its digits for large arguments, where
/// ln Γ(a) + ln Γ(b) − ln Γ(a+b) would lose them.
pub fn ln_beta(a: f64, b: f64) -> Result<f64> {
    Beta::new(a, b)?;
    let n = a + b;
    Ok(a * libm::log(a / n) + b * libm::log(b / n) + ln_peak(a, b))
}

/// The z whose upper tail is p ≤ ½, to 4.5e-4: Abramowitz and Stegun 26.2.23.
fn tail_z(p: f64) -> f64 {
    let t = (-2.0 * libm::log(p)).sqrt();
    t - (2.515_517 + t * (0.802_853 + t * 0.010_328)) / (1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308)))
}

/// ln of the probability of `k` of `n` (both may be fractional) where u = ln(p / (1 − p)).
pub(crate) fn ln_binomial(k: f64, n: f64, u: f64) -> f64 {
    let at = Point::at(u);
    Beta::of(k + 1.0, n - k + 1.0).ln_density(u) - at.ln_x - at.ln_y - libm::log(n + 1.0)
}

/// A family of densities, log-concave in the coordinate u.
trait LogConcave {
    /// Where the density in u is highest.
    fn mode(&self) -> f64;
    fn ln_density(&self, u: f64) -> f64;
    /// Lower (or upper) tail divided by the density at u, from a fraction or series, if that is short; asked for only
    /// below (or above) the mode.
    fn short_ratio(&self, u: f64, lower: bool) -> Option<f64>;

    /// The logarithm of a tail, and tail / density.
    fn ln_tail(&self, u: f64, lower: bool) -> (f64, f64) {
        let ln_density = self.ln_density(u);
        let small_side = (u < self.mode()) == lower;
        let side = if small_side { lower } else { !lower };
        let ratio = self.short_ratio(u, side).unwrap_or_else(|| self.quadrature(u, ln_density, side));
        let ln_small = (ln_density + libm::log(ratio)).min(0.0);
        if small_side {
            return (ln_small, ratio);
        }
        let tail = -libm::expm1(ln_small);
        (libm::log(tail), tail / libm::exp(ln_density))
    }

    fn tail(&self, u: f64, lower: bool) -> f64 {
        if u.is_infinite() {
            return f64::from((u > 0.0) == lower);
        }
        libm::exp(self.ln_tail(u, lower).0)
    }

    /// The standard deviation of u where the density is nearly normal.
    fn spread(&self) -> f64;

    /// The u whose lower (or upper) tail is p.
    ///
    /// Newton on the logarithm of the tail, which is concave: from wherever it starts, it ends on the side of the tail
    /// and approaches the root from there.
    fn solve(&self, p: f64, lower: bool) -> f64 {
        let target = libm::log(p);
        let mut u = self.mode();
        // Where the density is narrow, it is nearly normal, and that start is close; a wide one is skewed.
        if self.spread() < 0.5 && p > 1e-10 {
            let z = tail_z(p) * self.spread();
            u += if lower { -z } else { z };
        }
        for _ in 0..100 {
            let (ln_tail, ratio) = self.ln_tail(u, lower);
            let step = (target - ln_tail) * ratio;
            if !step.is_finite() {
                break;
            }
            u += if lower { step } else { -step };
            // Newton squares the distance: after so small a step nothing is left to gain.
            if step.abs() <= 1e-16 * u.abs() + 1e-9 * ratio {
                break;
            }
        }
        u
    }

    fn quantile(&self, p: f64) -> f64 {
        if p <= 0.5 { self.solve(p, true) } else { self.solve(1.0 - p, false) }
    }

    /// ∫ density / density(u) over the tail by tanh-sinh quadrature, cut off where the density has fallen by e⁻⁴⁰.
    fn quadrature(&self, u: f64, ln_density: f64, lower: bool) -> f64 {
        let fall = |s: f64| self.ln_density(if lower { u - s } else { u + s }) - ln_density;
        let mut end = 1.0;
        for _ in 0..200 {
            if fall(end) > -40.0 {
                end *= 2.0;
            } else if fall(end / 2.0) < -40.0 {
                end /= 2.0;
            } else {
                break;
            }
        }
        let step = 1.0 / 16.0;
        let mut sum = 0.25 * libm::exp(fall(end / 2.0));
        for i in 1..=58 {
            let t = f64::from(i) * step;
            let spread = libm::exp(-PI * libm::sinh(t));
            let weight = libm::cosh(t) * spread / ((1.0 + spread) * (1.0 + spread));
            // The nodes lie at equal distances from both ends.
            sum += weight * (libm::exp(fall(end / (1.0 + spread))) + libm::exp(fall(end * spread / (1.0 + spread))));
        }
        sum * PI * end * step
    }
}

/// Beta(a, b) in u = ln(x / (1 − x)); the density in u is xᵃ(1−x)ᵇ / B(a, b).
struct Beta {
    a: f64,
    b: f64,
    /// ln(a / (a + b)) and ln(b / (a + b)).
    ln_shares: (f64, f64),
    ln_peak: f64,
}

impl Beta {
    fn new(a: f64, b: f64) -> Result<Self> {
        Ok(Self::of(shape("a", a)?, shape("b", b)?))
    }

    fn of(a: f64, b: f64) -> Self {
        let n = a + b;
        Self { a, b, ln_shares: (libm::log(a / n), libm::log(b / n)), ln_peak: ln_peak(a, b) }
    }
}

impl LogConcave for Beta {
    fn mode(&self) -> f64 {
        libm::log(self.a / self.b)
    }

    fn ln_density(&self, u: f64) -> f64 {
        let Self { a, b, ln_shares, ln_peak } = *self;
        let (n, at) = (a + b, Point::at(u));
        -deviance(a, n * at.x, ln_shares.0 - at.ln_x) - deviance(b, n * at.y, ln_shares.1 - at.ln_y) - ln_peak
    }

    fn spread(&self) -> f64 {
        (1.0 / self.a + 1.0 / self.b).sqrt()
    }

    fn short_ratio(&self, u: f64, lower: bool) -> Option<f64> {
        let (a, b, at) = if lower { (self.a, self.b, Point::at(u)) } else { (self.b, self.a, Point::at(u).mirrored()) };
        // The continued fraction of the incomplete beta function, two steps in one (Didonato and Morris 1992), so that
        // x near 1 enters through y and the distance from the mean.
        let distance = a * at.y - b * at.x;
        let denominator = |m: f64| {
            m + m * (b - m) * at.x / (a + 2.0 * m - 1.0)
                + (a + m) / (a + 2.0 * m + 1.0) * (distance + 1.0 + m * (1.0 + at.y))
        };
        let numerator = |m: f64| {
            let scale = at.x / (a + 2.0 * m - 1.0);
            (a + m - 1.0) * (a + b + m - 1.0) * scale * (m * (b - m) * scale)
        };
        continued_fraction(a / (a + 1.0) * (distance + 1.0), numerator, denominator)
    }
}

/// Gamma(a) in u = ln x; the density in u is xᵃe⁻ˣ / Γ(a).
struct Gamma {
    a: f64,
}

impl LogConcave for Gamma {
    fn mode(&self) -> f64 {
        libm::log(self.a)
    }

    fn ln_density(&self, u: f64) -> f64 {
        let a = self.a;
        -deviance(a, libm::exp(u), libm::log(a) - u) + 0.5 * libm::log(a) - HALF_LN_TWO_PI - stirling_error(a)
    }

    fn spread(&self) -> f64 {
        1.0 / self.a.sqrt()
    }

    fn short_ratio(&self, u: f64, lower: bool) -> Option<f64> {
        let (a, x) = (self.a, libm::exp(u));
        if lower {
            let (mut term, mut sum) = (1.0 / a, 1.0 / a);
            for i in 1..300 {
                term *= x / (a + f64::from(i));
                sum += term;
                if term <= 1e-17 * sum {
                    return Some(sum);
                }
            }
            return None;
        }
        let (first, numerator) = (x + 1.0 - a, |m: f64| m * (a - m));
        continued_fraction(first, numerator, |m| first + 2.0 * m)
    }
}

/// 1 / (b₀ + a₁/(b₁ + a₂/(b₂ + …))) by Lentz's method, if 300 steps are enough.
fn continued_fraction(first: f64, numerator: impl Fn(f64) -> f64, denominator: impl Fn(f64) -> f64) -> Option<f64> {
    let mut d = 1.0 / first;
    let (mut c, mut value) = (f64::INFINITY, d);
    for i in 1..300 {
        let (top, bottom) = (numerator(f64::from(i)), denominator(f64::from(i)));
        d = 1.0 / (bottom + top * d);
        c = bottom + top / c;
        let before = value;
        value *= c * d;
        if (value - before).abs() <= 2e-16 * value.abs() {
            return Some(value).filter(|v| *v > 0.0);
        }
    }
    None
}

/// x and y = 1 − x with their logarithms, each with all its digits.
struct Point {
    x: f64,
    y: f64,
    ln_x: f64,
    ln_y: f64,
}

impl Point {
    fn at(u: f64) -> Self {
        let small = libm::exp(-u.abs());
        let ln_large = -libm::log1p(small);
        let large = Self { x: 1.0 / (1.0 + small), y: small / (1.0 + small), ln_x: ln_large, ln_y: ln_large - u.abs() };
        if u >= 0.0 { large } else { large.mirrored() }
    }

    fn mirrored(self) -> Self {
        Self { x: self.y, y: self.x, ln_x: self.ln_y, ln_y: self.ln_x }
    }
}

/// a ln(a/m) + m − a without cancellation near m = a, where `ln_ratio` is ln(a/m).
fn deviance(a: f64, m: f64, ln_ratio: f64) -> f64 {
    if (a - m).abs() > 0.1 * (a + m) {
        return a * ln_ratio + m - a;
    }
    let v = (a - m) / (a + m);
    let mut term = 2.0 * a * v;
    let mut sum = (a - m) * v;
    for i in 1..20 {
        term *= v * v;
        sum += term / f64::from(2 * i + 1);
    }
    sum
}

/// ln Γ(a) − ((a − ½) ln a − a + ½ ln 2π).
fn stirling_error(a: f64) -> f64 {
    if a < 10.0 {
        return libm::lgamma(a) - ((a - 0.5) * libm::log(a) - a + HALF_LN_TWO_PI);
    }
    let r = 1.0 / (a * a);
    (1.0 / 12.0
        - r * (1.0 / 360.0 - r * (1.0 / 1260.0 - r * (1.0 / 1680.0 - r * (1.0 / 1188.0 - r * 691.0 / 360_360.0)))))
        / a
}

/// ln B(a, b) without the part that a deviance measures; at the mode the density in u is exp(−this).
fn ln_peak(a: f64, b: f64) -> f64 {
    HALF_LN_TWO_PI + 0.5 * (libm::log((a + b) / a) - libm::log(b)) + stirling_error(a) + stirling_error(b)
        - stirling_error(a + b)
}

fn logit(x: f64) -> Result<f64> {
    if (0.0..=1.0).contains(&x) {
        Ok(libm::log(x) - libm::log1p(-x))
    } else {
        Err(Error::argument(format!("a share or probability lies between 0 and 1, not {x}")))
    }
}

fn probability(p: f64) -> Result<f64> {
    if p > 0.0 && p < 1.0 {
        Ok(p)
    } else {
        Err(Error::argument(format!("the probability of a quantile must lie inside (0, 1), not {p}")))
    }
}

fn shape(name: &'static str, value: f64) -> Result<f64> {
    if (1e-8..=1e15).contains(&value) {
        Ok(value)
    } else {
        Err(Error::argument(format!("`{name}` must lie between 1e-8 and 1e15, not {value}")).with("argument", name))
    }
}

fn t_df(df: f64) -> Result<f64> {
    if df >= 1e-8 {
        Ok(df)
    } else {
        Err(Error::argument(format!("the degrees of freedom must be above 0 (at least 1e-8), not {df}")))
    }
}

fn finite(value: f64) -> Result<f64> {
    if value.is_finite() {
        Ok(value)
    } else {
        Err(Error::new(ErrorKind::Overflow, "the result is beyond the largest number a float can hold"))
    }
}

fn not_nan(name: &'static str, value: f64) -> Result<f64> {
    if value.is_nan() { Err(Error::argument(format!("`{name}` is not a number"))) } else { Ok(value) }
}

fn not_negative(name: &'static str, value: f64) -> Result<f64> {
    if value >= 0.0 { Ok(value) } else { Err(Error::argument(format!("`{name}` must be at least 0, not {value}"))) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn near(got: Result<f64>, expected: f64) {
        let got = got.unwrap();
        assert!((got - expected).abs() <= 1e-11 * expected.abs(), "{got} is not {expected}");
    }

    #[test]
    fn closed_forms() {
        near(beta_cdf(0.3, 1.0, 4.0), 1.0 - 0.7f64.powi(4)); // 1 − (1−x)ᵇ
        near(beta_quantile(1e-12, 3.0, 1.0), 1e-4); // x³
        near(chi2_sf(3.0, 2.0), (-1.5f64).exp());
        near(t_quantile(0.75, 1.0), 1.0); // tan(π/4)
        near(t_sf(1e9, 1.0), 1e-9 / PI); // Cauchy: arctan(1/t) / π
        near(t_quantile(0.9, 2.0), 0.8 * (2.0 / (4.0f64 * 0.9 * 0.1)).sqrt()); // (2p−1)√(2 / 4p(1−p))
        near(f_sf(3.0, 2.0, 2.0), 0.25); // 1 / (1 + f)
        near(binomial_cdf(2, 4, 0.5), 11.0 / 16.0);
        near(binomial_pmf(2, 4, 0.5), 6.0 / 16.0);
        near(poisson_cdf(1, 2.0), 3.0 * (-2f64).exp());
        near(ln_beta(2.0, 3.0), -12f64.ln());
    }

    /// Reference values by 40-digit arithmetic.
    #[test]
    fn large_parameters_keep_their_digits() {
        near(t_quantile(0.975, 1e5), 1.959_987_707_534_609_6);
        near(t_quantile(0.999, 3e4), 3.090_503_999_016_857);
        near(beta_quantile(1e-6, 2.0, 1e5), 1.414_873_577_119_765e-8);
        near(beta_cdf(0.4995, 1e6, 1e6), 0.078_649_577_580_901_81);
        near(beta_quantile(0.5, 1e6, 1e6), 0.5);
    }

    #[test]
    fn what_is_not_allowed_is_an_error() {
        for p in [0.0, 1.0, -0.1, f64::NAN, f64::INFINITY] {
            assert!(normal_quantile(p).is_err() && t_quantile(p, 3.0).is_err() && beta_quantile(p, 2.0, 2.0).is_err());
            assert!(z_of_confidence(p).is_err() && chi2_quantile(p, 3.0).is_err() && f_quantile(p, 3.0, 3.0).is_err());
        }
        for df in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(chi2_sf(1.0, df).is_err() && f_sf(1.0, df, 2.0).is_err() && beta_cdf(0.5, df, 1.0).is_err());
            assert!(ln_gamma(df).is_err());
        }
        assert!(t_sf(f64::NAN, 3.0).is_err() && t_sf(1.0, 0.0).is_err() && beta_cdf(1.1, 1.0, 1.0).is_err());
        assert!(t_quantile(1e-300, 0.5).is_err(), "about −1e600 is not a float");
        assert_eq!(t_quantile(0.3, f64::INFINITY), normal_quantile(0.3));
    }

    #[test]
    fn the_ends_of_the_range() {
        assert_eq!((beta_cdf(0.0, 2.0, 3.0), beta_cdf(1.0, 2.0, 3.0)), (Ok(0.0), Ok(1.0)));
        assert_eq!((t_sf(f64::INFINITY, 3.0), t_sf(f64::NEG_INFINITY, 3.0)), (Ok(0.0), Ok(1.0)));
        assert_eq!((chi2_sf(0.0, 3.0), chi2_sf(f64::INFINITY, 3.0)), (Ok(1.0), Ok(0.0)));
        assert_eq!((binomial_cdf(0, 5, 1.0), binomial_cdf(0, 5, 0.0)), (Ok(0.0), Ok(1.0)));
        assert_eq!((binomial_pmf(5, 5, 1.0), binomial_pmf(0, 5, 0.0)), (Ok(1.0), Ok(1.0)));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn quantiles_invert_tails(lp in -280.0..-0.31f64, la in -8.0..15.0f64, lb in -8.0..15.0f64) {
            let (p, a, b) = (libm::exp10(lp), libm::exp10(la), libm::exp10(lb));
            let x = beta_quantile(p, a, b).unwrap();
            prop_assert!((0.0..=1.0).contains(&x));
            if x > 1e-300 && x < 0.5 {
                // One unit in the last place of x moves the tail by up to (a + b)·2⁻⁵², and more where it is steep.
                let slack = 1e-11 + 1e-14 * (a + b).sqrt() * (1.0 - lp) + 2e-15 * a;
                prop_assert!((beta_cdf(x, a, b).unwrap() / p - 1.0).abs() < slack);
            }
            let x = chi2_quantile(p, a).unwrap();
            prop_assert!(x >= 0.0 && (0.0..=1.0).contains(&chi2_sf(x, b).unwrap()));
            if let Ok(t) = t_quantile(p, a) {
                prop_assert!((t_sf(-t, a).unwrap() / p - 1.0).abs() < 1e-9);
            }
        }
    }
}
