//! Volumes to come: seasonal naive, Holt-Winters, contacts per unit of a driver, and how wrong a method is.
//!
//! A series is a list of equally spaced values; `None` is a value that is missing or set apart (a closed day, an
//! outage, a campaign). Positions count on through it, so that Mondays stay Mondays.
//!
//! Judge a method on data that it has not seen ([`backtest`]), against the seasonal naive: a MASE of 1 or more means
//! that repeating last week would have done as well.

use serde::Deserialize;

use super::erlang::check;
use crate::error::{Error, Result};
use crate::stats::interval::check_confidence;
use crate::stats::special::{normal_quantile, t_quantile};

/// How the season joins the level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seasonal {
    /// level + season: the swing is the same at any volume.
    Additive,
    /// level × season: the swing grows with the volume. Values must be above zero.
    Multiplicative,
}

/// How Holt-Winters updates the season; two definitions are in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Variant {
    /// By the level and trend before the value: γ·x/(l + b), as in state space form. The default.
    Ets,
    /// By the level after the value: γ·x/l, as Winters 1960 and R's `HoltWinters`.
    Winters,
}

/// How fast old values are forgotten, each 0..=1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Smoothing {
    /// Of the level.
    pub alpha: f64,
    /// Of the trend.
    pub beta: f64,
    /// Of the season.
    pub gamma: f64,
    /// 1 keeps the trend for ever, less lets it fade, 0 has no trend.
    pub damping: f64,
}

/// Level, trend and season at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// The deseasonalised value.
    pub level: f64,
    /// Growth per step.
    pub trend: f64,
    /// One figure per position of the season; the first belongs to the first value (or forecast) to come.
    pub seasonal: Vec<f64>,
}

/// A Holt-Winters model: its form, its smoothing and its state before the first value.
#[derive(Clone, Debug, PartialEq)]
pub struct HoltWinters {
    /// Additive or multiplicative.
    pub seasonal: Seasonal,
    /// Which update of the season.
    pub variant: Variant,
    /// Smoothing parameters.
    pub smoothing: Smoothing,
    /// Before the first value.
    pub start: State,
}

/// What Holt-Winters expects.
#[derive(Clone, Debug, PartialEq)]
pub struct Forecast {
    /// Expected values, one per step.
    pub forecast: Vec<f64>,
    /// Lower prediction limits; none with fewer than four errors after the first season to judge by.
    pub low: Option<Vec<f64>>,
    /// Upper prediction limits.
    pub high: Option<Vec<f64>>,
    /// Sum of squared one-step errors over the values given.
    pub sse: f64,
    /// Smoothing of the level.
    pub alpha: f64,
    /// Smoothing of the trend.
    pub beta: f64,
    /// Smoothing of the season.
    pub gamma: f64,
    /// Fading of the trend.
    pub damping: f64,
    /// The level after the last value.
    pub level: f64,
    /// The trend after the last value.
    pub trend: f64,
}

crate::answer_fields!(Forecast { forecast, low, high, sse, alpha, beta, gamma, damping, level, trend });

const TOO_LARGE: &str = "the values are too large or too uneven to be computed with";

/// One pass over the values: the state after them and the errors on the way.
struct Run {
    level: f64,
    trend: f64,
    seasonal: Vec<f64>,
    steps: usize,
    sse: f64,
    /// Squares of the errors after the first season, relative to the expectation if multiplicative, and their number.
    scale: f64,
    errors: usize,
}

impl HoltWinters {
    /// Fits level, trend, season and smoothing to the values.
    ///
    /// The state before the first value comes from the first cycles (up to three) by a line and the mean distance from
    /// it; the smoothing minimises the sum of squared one-step errors, on a grid refined by halving. Fitted figures
    /// differ from those of other programs, which start and search elsewhere; compare forecasts, not parameters.
    /// Needs two full seasons.
    ///
    /// ```
    /// use csat_core::workforce::forecast::{HoltWinters, Seasonal, Variant};
    /// let series: Vec<Option<f64>> = (0..40).map(|t| Some(100.0 + f64::from(t) + [20.0, 0.0, -20.0, 0.0][t as usize % 4])).collect();
    /// let model = HoltWinters::fit(&series, 4, Seasonal::Additive, Variant::Ets, 1.0)?;
    /// let next = model.forecast(&series, 2, 0.95)?;
    /// assert!((next.forecast[0] - 160.0).abs() < 0.1 && (next.forecast[1] - 141.0).abs() < 0.1);
    /// # Ok::<(), csat_core::Error>(())
    /// ```
    pub fn fit(
        values: &[Option<f64>],
        period: usize,
        seasonal: Seasonal,
        variant: Variant,
        damping: f64,
    ) -> Result<Self> {
        check_series(values, period)?;
        if let (Seasonal::Multiplicative, Some(i)) = (seasonal, values.iter().position(|v| v.is_some_and(|x| x <= 0.0)))
        {
            return Err(Error::argument(format!(
                "value {} is not above zero, as the multiplicative form needs; use `additive`",
                i + 1
            )));
        }
        let mut start = starting_state(values, period, seasonal)?;
        if damping == 0.0 {
            start.level += start.trend * (period as f64 + 1.0) / 2.0;
            start.trend = 0.0;
        }
        let smoothing = Smoothing { alpha: 0.0, beta: 0.0, gamma: 0.0, damping };
        let mut model = Self { seasonal, variant, smoothing, start };
        model.check()?;
        model.smoothing = model.best_smoothing(values)?;
        Ok(model)
    }

    /// Runs over the values and looks `horizon` steps ahead, with prediction limits.
    ///
    /// With cⱼ = α·(1 + β·(φ + … + φʲ)) + γ (γ at whole seasons only) the variance at step h is σ²(1 + Σ cⱼ²), j < h,
    /// of the additive form; the multiplicative form uses relative errors in the same way, an approximation that is
    /// close while they are small. σ² comes from one-step errors after the first season, so what the choice of the
    /// smoothing hides is not in the limits: expect them to cover somewhat less than they say.
    pub fn forecast(&self, values: &[Option<f64>], horizon: usize, confidence: f64) -> Result<Forecast> {
        check_confidence(confidence)?;
        check_horizon(horizon)?;
        self.check()?;
        check_series(values, self.start.seasonal.len())?;
        let run = self.run(values)?;
        let z = normal_quantile(0.5 + confidence / 2.0)?;
        let known = run.errors > 3;
        let sigma2 = if known { run.scale / (run.errors - 3) as f64 } else { 0.0 };
        let Smoothing { alpha, beta, gamma, damping } = self.smoothing;
        let (mut forecast, mut low, mut high) = (Vec::new(), Vec::new(), Vec::new());
        let (mut growth, mut fade, mut spread) = (0.0, 1.0, 1.0);
        for step in 0..horizon {
            fade *= damping;
            growth += fade;
            let season = run.seasonal[(run.steps + step) % run.seasonal.len()];
            let line = run.level + growth * run.trend;
            let (value, unit) = match self.seasonal {
                Seasonal::Additive => (line + season, 1.0),
                Seasonal::Multiplicative => (line * season, line * season),
            };
            let half = z * (sigma2 * spread).sqrt() * unit.abs();
            forecast.push(value);
            low.push(value - half);
            high.push(value + half);
            let again = if (step + 1) % run.seasonal.len() == 0 { gamma } else { 0.0 };
            spread += (alpha * (1.0 + beta * growth) + again).powi(2);
        }
        let Run { sse, level, trend, .. } = run;
        if !forecast.iter().chain(&low).chain(&high).all(|v| v.is_finite()) {
            return Err(Error::undefined(TOO_LARGE));
        }
        let (low, high) = (known.then_some(low), known.then_some(high));
        Ok(Forecast { forecast, low, high, sse, alpha, beta, gamma, damping, level, trend })
    }

    fn run(&self, values: &[Option<f64>]) -> Result<Run> {
        let Smoothing { alpha, beta, gamma, damping } = self.smoothing;
        let seasonal = self.start.seasonal.clone();
        let (level, trend, period) = (self.start.level, self.start.trend, seasonal.len());
        let mut run = Run { level, trend, seasonal, steps: values.len(), sse: 0.0, scale: 0.0, errors: 0 };
        for (t, value) in values.iter().enumerate() {
            let (line, season) = (run.level + damping * run.trend, run.seasonal[t % period]);
            let Some(x) = *value else {
                (run.level, run.trend) = (line, damping * run.trend);
                continue;
            };
            let multiplicative = self.seasonal == Seasonal::Multiplicative;
            if multiplicative && !(line > 0.0 && season > 0.0) {
                let i = t + 1;
                return Err(Error::undefined(format!(
                    "value {i}: level or season has fallen to zero, where the multiplicative form ends; use `additive`"
                )));
            }
            let expected = if multiplicative { line * season } else { line + season };
            let plain = if multiplicative { x / season } else { x - season };
            let level = alpha * plain + (1.0 - alpha) * line;
            run.trend = beta * (level - run.level) + (1.0 - beta) * damping * run.trend;
            let base = if self.variant == Variant::Ets { line } else { level };
            let observed = if multiplicative { x / base } else { x - base };
            run.seasonal[t % period] = gamma * observed + (1.0 - gamma) * season;
            run.level = level;
            let error = x - expected;
            run.sse += error * error;
            if t >= period {
                let relative = if multiplicative { error / expected } else { error };
                run.scale += relative * relative;
                run.errors += 1;
            }
        }
        if run.level.is_finite() && run.trend.is_finite() && run.sse.is_finite() {
            Ok(run)
        } else {
            Err(Error::undefined(TOO_LARGE))
        }
    }

    /// A coarse grid, then steps along each axis, halved until they are below 0.001.
    fn best_smoothing(&self, values: &[Option<f64>]) -> Result<Smoothing> {
        let damping = self.smoothing.damping;
        let cost = |p: [f64; 3]| {
            let smoothing = Smoothing { alpha: p[0], beta: p[1], gamma: p[2], damping };
            Self { smoothing, ..self.clone() }.run(values).map_or(f64::INFINITY, |run| run.sse)
        };
        let slopes: &[f64] = if damping == 0.0 { &[0.0] } else { &[0.0, 0.05, 0.2] };
        let mut best = ([0.1, 0.0, 0.1], f64::INFINITY);
        for &alpha in &[0.0, 0.05, 0.2, 0.4, 0.7] {
            for &beta in slopes {
                for &gamma in &[0.0, 0.05, 0.2, 0.5] {
                    let value = cost([alpha, beta, gamma]);
                    if value < best.1 {
                        best = ([alpha, beta, gamma], value);
                    }
                }
            }
        }
        let mut width = 0.1;
        while width > 0.001 {
            let centre = best;
            for axis in [0, 1, 2] {
                for step in [-width, width] {
                    let mut point = best.0;
                    point[axis] = (point[axis] + step).clamp(0.0, 1.0);
                    let value = if axis == 1 && damping == 0.0 { f64::INFINITY } else { cost(point) };
                    if value < best.1 {
                        best = (point, value);
                    }
                }
            }
            if best.1 >= centre.1 * (1.0 - 1e-9) {
                width /= 2.0;
            }
        }
        if best.1.is_infinite() {
            return Err(Error::undefined("no smoothing keeps the season above zero; use `additive`"));
        }
        Ok(Smoothing { alpha: best.0[0], beta: best.0[1], gamma: best.0[2], damping })
    }

    fn check(&self) -> Result<()> {
        let Smoothing { alpha, beta, gamma, damping } = self.smoothing;
        for (name, value) in [("alpha", alpha), ("beta", beta), ("gamma", gamma), ("damping", damping)] {
            if !(0.0..=1.0).contains(&value) {
                return Err(Error::argument(format!("{name} must lie in 0..1, not {value}")).with("argument", name));
            }
        }
        let State { level, trend, seasonal } = &self.start;
        if seasonal.is_empty() || !seasonal.iter().chain([level, trend]).all(|v| v.is_finite()) {
            return Err(Error::argument("level, trend and at least one seasonal figure are needed, all finite"));
        }
        Ok(())
    }
}

/// A line through the first cycles and the mean distance of each position from it.
fn starting_state(values: &[Option<f64>], period: usize, seasonal: Seasonal) -> Result<State> {
    let seen = |head: &[Option<f64>]| (0..period).all(|j| head.iter().skip(j).step_by(period).any(Option::is_some));
    let cycles = values.len() / period;
    if cycles < 2 || !seen(values) {
        return Err(Error::argument(format!(
            "{} values with a period of {period}: two full seasons are needed, each position seen at least once",
            values.len()
        )));
    }
    let used = (3.min(cycles)..=cycles).find(|c| seen(&values[..c * period])).unwrap_or(cycles);
    let head = if seen(&values[..used * period]) { &values[..used * period] } else { values };
    let (mut level, mut trend, mut figures) = (0.0, 0.0, vec![0.0; period]);
    // Line and season in turn: with gaps one changes the other a little.
    for _ in 0..10 {
        (level, trend) = line(head.iter().enumerate().filter_map(|(t, v)| {
            let figure = figures[t % period];
            v.map(|x| (t as f64 + 1.0, x - figure))
        }));
        for (j, figure) in figures.iter_mut().enumerate() {
            let (mut sum, mut n) = (0.0, 0.0);
            for (t, x) in head.iter().enumerate().skip(j).step_by(period).filter_map(|(t, v)| v.map(|x| (t, x))) {
                sum += x - level - trend * (t as f64 + 1.0);
                n += 1.0;
            }
            *figure = sum / n;
        }
        let mean = figures.iter().sum::<f64>() / period as f64;
        for figure in &mut figures {
            *figure -= mean;
        }
        level += mean;
    }
    if seasonal == Seasonal::Multiplicative {
        let middle = level + trend * (head.len() as f64 + 1.0) / 2.0;
        for figure in &mut figures {
            *figure = (1.0 + *figure / middle).max(0.01);
        }
        if level + trend <= 0.0 {
            (level, trend) = (middle, 0.0);
        }
    }
    Ok(State { level, trend, seasonal: figures })
}

/// Least squares; one point gives a level and no slope.
fn line(points: impl Iterator<Item = (f64, f64)> + Clone) -> (f64, f64) {
    let (n, st, sx) = points.clone().fold((0.0, 0.0, 0.0), |(n, st, sx), (t, x)| (n + 1.0, st + t, sx + x));
    let (mt, mx) = (st / n, sx / n);
    let (cross, square) = points.fold((0.0, 0.0), |(c, s), (t, x)| (c + (t - mt) * (x - mx), s + (t - mt) * (t - mt)));
    let slope = if square > 0.0 { cross / square } else { 0.0 };
    (mx - slope * mt, slope)
}

/// Ways to look ahead that need nothing but the series, for [`predict`], [`backtest`] and [`choose`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// The last value at the same position of the season: the yardstick.
    SeasonalNaive,
    /// The mean of all values at the same position of the season.
    SeasonalMean,
    /// Holt-Winters, additive, trend kept.
    HoltWintersAdditive,
    /// Holt-Winters, multiplicative, trend kept.
    HoltWintersMultiplicative,
    /// Holt-Winters, additive, trend fading by 0.9 a step.
    DampedAdditive,
    /// Holt-Winters, multiplicative, trend fading by 0.9 a step.
    DampedMultiplicative,
    /// Level and season only, additive.
    LevelAdditive,
    /// Level and season only, multiplicative.
    LevelMultiplicative,
}

impl Method {
    /// Every method, simplest first.
    pub const ALL: &'static [Method] = &[
        Method::SeasonalNaive,
        Method::SeasonalMean,
        Method::LevelAdditive,
        Method::LevelMultiplicative,
        Method::DampedAdditive,
        Method::DampedMultiplicative,
        Method::HoltWintersAdditive,
        Method::HoltWintersMultiplicative,
    ];

    /// The name at the text door.
    pub fn name(self) -> &'static str {
        match self {
            Method::SeasonalNaive => "seasonal_naive",
            Method::SeasonalMean => "seasonal_mean",
            Method::HoltWintersAdditive => "holt_winters_additive",
            Method::HoltWintersMultiplicative => "holt_winters_multiplicative",
            Method::DampedAdditive => "damped_additive",
            Method::DampedMultiplicative => "damped_multiplicative",
            Method::LevelAdditive => "level_additive",
            Method::LevelMultiplicative => "level_multiplicative",
        }
    }
}

impl crate::answer::Answer for Method {
    fn answer(&self) -> serde_json::Value {
        self.name().into()
    }
}

/// Looks `horizon` steps ahead by a method.
///
/// ```
/// use csat_core::workforce::forecast::{Method, predict};
/// let weeks = [Some(10.0), Some(20.0), Some(14.0), None];
/// assert_eq!(predict(Method::SeasonalNaive, &weeks, 2, 3)?, [14.0, 20.0, 14.0]);
/// assert_eq!(predict(Method::SeasonalMean, &weeks, 2, 1)?, [12.0]);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn predict(method: Method, values: &[Option<f64>], period: usize, horizon: usize) -> Result<Vec<f64>> {
    use Seasonal::{Additive, Multiplicative};
    check_series(values, period)?;
    check_horizon(horizon)?;
    let fitted = |seasonal, damping| {
        HoltWinters::fit(values, period, seasonal, Variant::Ets, damping)?
            .forecast(values, horizon, 0.95)
            .map(|f| f.forecast)
    };
    match method {
        Method::SeasonalNaive => by_position(values, period, horizon, |seen| seen.last().copied()),
        Method::SeasonalMean => by_position(values, period, horizon, |seen| {
            (!seen.is_empty()).then(|| seen.iter().sum::<f64>() / seen.len() as f64)
        }),
        Method::HoltWintersAdditive => fitted(Additive, 1.0),
        Method::HoltWintersMultiplicative => fitted(Multiplicative, 1.0),
        Method::DampedAdditive => fitted(Additive, 0.9),
        Method::DampedMultiplicative => fitted(Multiplicative, 0.9),
        Method::LevelAdditive => fitted(Additive, 0.0),
        Method::LevelMultiplicative => fitted(Multiplicative, 0.0),
    }
}

fn by_position(
    values: &[Option<f64>],
    period: usize,
    horizon: usize,
    pick: impl Fn(&[f64]) -> Option<f64>,
) -> Result<Vec<f64>> {
    if period > values.len() {
        let n = values.len();
        return Err(Error::argument(format!("{n} values with a period of {period}: one full season is needed")));
    }
    let figures: Vec<Option<f64>> = (0..period)
        .map(|j| pick(&values.iter().skip(j).step_by(period).filter_map(|v| *v).collect::<Vec<f64>>()))
        .collect();
    (values.len()..values.len() + horizon)
        .map(|t| {
            figures[t % period].ok_or_else(|| {
                Error::undefined(format!("position {} of the season has no value at all", t % period + 1))
            })
        })
        .collect()
}

/// How wrong a forecast was. Shares are fractions: 0.1 is ten percent.
#[derive(Clone, Debug, PartialEq)]
pub struct Accuracy {
    /// Pairs compared; actual values that are missing are left out.
    pub n: u64,
    /// Mean absolute error.
    pub mae: f64,
    /// Root of the mean squared error.
    pub rmse: f64,
    /// Mean of |error|/actual; none where an actual value is zero. Blames over-forecasting of small values most.
    pub mape: Option<f64>,
    /// Sum of |error| over the sum of |actual|; none where that is zero. The figure to quote for volumes.
    pub wape: Option<f64>,
    /// Mean absolute error over that of the seasonal naive one season ahead within the training values; below 1 is
    /// better than repeating the last season. None without training values or where they repeat exactly.
    pub mase: Option<f64>,
    /// Sum of errors (forecast − actual) over the sum of |actual|: above zero is too much staff.
    pub bias: Option<f64>,
}

crate::answer_fields!(Accuracy { n, mae, rmse, mape, wape, mase, bias });

/// Measures a forecast against what came. `train` are the values before it, for the MASE; may be empty.
///
/// ```
/// use csat_core::workforce::forecast::accuracy;
/// let a = accuracy(&[Some(10.0), Some(12.0)], &[Some(20.0), Some(40.0)], &[22.0, 36.0], 1)?;
/// assert_eq!((a.mae, a.mape, a.wape, a.mase), (3.0, Some(0.1), Some(0.1), Some(1.5)));
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn accuracy(train: &[Option<f64>], actual: &[Option<f64>], forecast: &[f64], period: usize) -> Result<Accuracy> {
    check_finite(train)?;
    check_finite(actual)?;
    if actual.len() != forecast.len() || forecast.iter().any(|f| !f.is_finite()) {
        let (a, f) = (actual.len(), forecast.len());
        return Err(Error::argument(format!("{a} actual values but {f} forecasts; finite pairs are needed")));
    }
    if period == 0 {
        return Err(Error::argument("period must be at least 1"));
    }
    let pairs: Vec<(f64, f64)> = actual.iter().zip(forecast).filter_map(|(a, f)| a.map(|a| (a, *f))).collect();
    if pairs.is_empty() {
        return Err(Error::undefined("no actual value to compare with"));
    }
    let n = pairs.len() as f64;
    let sum = |part: fn(f64, f64) -> f64| pairs.iter().map(|&(a, f)| part(a, f)).sum::<f64>();
    let (size, mae) = (sum(|a, _| a.abs()), sum(|a, f| (f - a).abs()) / n);
    let steps: Vec<f64> = train
        .iter()
        .zip(train.iter().skip(period))
        .filter_map(|(a, b)| Some((b.as_ref()? - a.as_ref()?).abs()))
        .collect();
    let step = steps.iter().sum::<f64>() / steps.len().max(1) as f64;
    let rmse = (sum(|a, f| (f - a) * (f - a)) / n).sqrt();
    if !(rmse.is_finite() && size.is_finite() && step.is_finite()) {
        return Err(Error::undefined(TOO_LARGE));
    }
    Ok(Accuracy {
        n: pairs.len() as u64,
        mae,
        rmse,
        mape: pairs.iter().all(|(a, _)| *a != 0.0).then(|| sum(|a, f| ((f - a) / a).abs()) / n),
        wape: (size > 0.0).then(|| mae * n / size),
        mase: (step > 0.0).then(|| mae / step),
        bias: (size > 0.0).then(|| sum(|a, f| f - a) / size),
    })
}

/// A method judged on values that it did not see.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// The method.
    pub method: Method,
    /// What it expected.
    pub forecast: Vec<f64>,
    /// How wrong it was.
    pub accuracy: Accuracy,
}

crate::answer_fields!(Evaluation { method, forecast, accuracy });

/// Forecasts as many steps as `test` has from `train` alone, and measures the errors.
pub fn evaluate(method: Method, train: &[Option<f64>], test: &[Option<f64>], period: usize) -> Result<Evaluation> {
    let forecast = predict(method, train, period, test.len())?;
    let accuracy = accuracy(train, test, &forecast, period)?;
    Ok(Evaluation { method, forecast, accuracy })
}

/// Forecasts `horizon` steps from `windows` successive origins, the last ending with the last value, and pools the
/// errors: the honest measure of a method, for every forecast sees only what lies before it.
///
/// Origins are `horizon` steps apart. The MASE uses the values before the first origin.
pub fn backtest(
    method: Method,
    values: &[Option<f64>],
    period: usize,
    horizon: usize,
    windows: usize,
) -> Result<Accuracy> {
    check_series(values, period)?;
    check_horizon(horizon)?;
    let tested = horizon.checked_mul(windows).filter(|t| *t > 0 && *t < values.len());
    let Some(first) = tested.map(|t| values.len() - t) else {
        let n = values.len();
        return Err(Error::argument(format!(
            "{windows} windows of {horizon} leave nothing of {n} values to learn from"
        )));
    };
    let mut forecast = Vec::with_capacity(values.len() - first);
    for window in 0..windows {
        forecast.extend(predict(method, &values[..first + window * horizon], period, horizon)?);
    }
    accuracy(&values[..first], &values[first..], &forecast, period)
}

/// The method with the smallest backtest error, and the errors of all.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// The best method.
    pub method: Method,
    /// All methods that could be used on this series, simplest first, with their backtests.
    pub candidates: Vec<(Method, Accuracy)>,
}

crate::answer_fields!(Choice { method, candidates });

/// Chooses among [`Method::ALL`] by the mean absolute error of [`backtest`]; ties go to the simpler method.
///
/// Methods that cannot be used on the series (a multiplicative form on zeros) are left out. The error of the winner is
/// flattering, for it won; measure it once more on values kept aside.
pub fn choose(values: &[Option<f64>], period: usize, horizon: usize, windows: usize) -> Result<Choice> {
    let naive = backtest(Method::SeasonalNaive, values, period, horizon, windows)?;
    let mut candidates = vec![(Method::SeasonalNaive, naive)];
    for &method in &Method::ALL[1..] {
        if let Ok(accuracy) = backtest(method, values, period, horizon, windows) {
            candidates.push((method, accuracy));
        }
    }
    let mut best = &candidates[0];
    for candidate in &candidates[1..] {
        if candidate.1.mae < best.1.mae {
            best = candidate;
        }
    }
    Ok(Choice { method: best.0, candidates })
}

/// Contacts expected from a driver such as cars sold or active clients.
#[derive(Clone, Debug, PartialEq)]
pub struct DriverForecast {
    /// Contacts per unit of the driver: sum over sum.
    pub rate: f64,
    /// Lower limit of the rate.
    pub rate_low: f64,
    /// Upper limit of the rate.
    pub rate_high: f64,
    /// Spread of the periods beyond a Poisson count, at least 1.
    pub dispersion: f64,
    /// Expected contacts of each coming period.
    pub forecast: Vec<f64>,
    /// Lower prediction limits, not below 0.
    pub low: Vec<f64>,
    /// Upper prediction limits.
    pub high: Vec<f64>,
}

crate::answer_fields!(DriverForecast { rate, rate_low, rate_high, dispersion, forecast, low, high });

/// Volume from a driver: contacts per unit so far × planned units.
///
/// rate = Σcontacts/Σdriver; dispersion = Σ(contacts − rate·driver)²/(rate·driver)/(k − 1), at least 1; variance of a
/// forecast f = dispersion·(f + f²/Σcontacts); limits by t with k − 1 degrees. Growth of the rate itself (more contacts
/// per client than before) is not foreseen: compare the rates of the periods first. Needs two periods.
///
/// ```
/// let f = csat_core::workforce::forecast::by_driver(&[50, 110], &[100.0, 220.0], &[400.0], 0.95)?;
/// assert_eq!((f.rate, f.forecast[0]), (0.5, 200.0));
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn by_driver(contacts: &[u64], driver: &[f64], planned: &[f64], confidence: f64) -> Result<DriverForecast> {
    check_confidence(confidence)?;
    if contacts.len() != driver.len() || contacts.len() < 2 {
        let (c, d) = (contacts.len(), driver.len());
        return Err(Error::argument(format!(
            "{c} periods of contacts and {d} of the driver; two or more pairs are needed"
        )));
    }
    driver.iter().try_for_each(|d| check("driver", *d, true))?;
    planned.iter().try_for_each(|d| check("planned", *d, false))?;
    let (total, units) = (contacts.iter().map(|c| *c as f64).sum::<f64>(), driver.iter().sum::<f64>());
    if total == 0.0 {
        return Err(Error::undefined("no contacts in any period: there is no rate to go by"));
    }
    let (rate, degrees) = (total / units, contacts.len() as f64 - 1.0);
    let chi2: f64 = contacts.iter().zip(driver).map(|(c, d)| (*c as f64 - rate * d).powi(2) / (rate * d)).sum();
    let dispersion = (chi2 / degrees).max(1.0);
    let t = t_quantile(0.5 + confidence / 2.0, degrees)?;
    let half = t * (dispersion * rate / units).sqrt();
    let forecast: Vec<f64> = planned.iter().map(|d| rate * d).collect();
    let halves: Vec<f64> = forecast.iter().map(|f| t * (dispersion * (f + f * f / total)).sqrt()).collect();
    if !halves.iter().chain([&half, &rate, &dispersion]).all(|v| v.is_finite()) {
        return Err(Error::undefined(TOO_LARGE));
    }
    Ok(DriverForecast {
        rate,
        rate_low: (rate - half).max(0.0),
        rate_high: rate + half,
        dispersion,
        low: forecast.iter().zip(&halves).map(|(f, h)| (f - h).max(0.0)).collect(),
        high: forecast.iter().zip(&halves).map(|(f, h)| f + h).collect(),
        forecast,
    })
}

fn check_series(values: &[Option<f64>], period: usize) -> Result<()> {
    if period == 0 || values.iter().flatten().count() == 0 {
        return Err(Error::argument("a period of at least 1 and at least one value are needed"));
    }
    check_finite(values)
}

fn check_finite(values: &[Option<f64>]) -> Result<()> {
    match values.iter().position(|v| v.is_some_and(|x| !x.is_finite())) {
        Some(i) => Err(Error::argument(format!("value {} is not a finite number; leave it out as missing", i + 1))),
        None => Ok(()),
    }
}

fn check_horizon(horizon: usize) -> Result<()> {
    match horizon {
        1..=1_000_000 => Ok(()),
        _ => Err(Error::argument(format!("horizon must lie in 1..1000000 steps, not {horizon}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(n: u32, f: impl Fn(f64) -> f64) -> Vec<Option<f64>> {
        (0..n).map(|t| Some(f(f64::from(t)))).collect()
    }

    fn week(t: f64) -> f64 {
        [30.0, 5.0, 0.0, -10.0, -25.0][t as usize % 5]
    }

    #[test]
    fn one_step_by_hand() {
        // level 10, trend 2, seasons 1 and −1; x = 15: expected 13, level 0.5·14 + 0.5·12 = 13, trend 0.5·3 + 0.5·2
        // = 2.5, season (ets) 0.5·(15 − 12) + 0.5·1 = 2 or (winters) 0.5·(15 − 13) + 0.5·1 = 1.5.
        let mut model = HoltWinters {
            seasonal: Seasonal::Additive,
            variant: Variant::Ets,
            smoothing: Smoothing { alpha: 0.5, beta: 0.5, gamma: 0.5, damping: 1.0 },
            start: State { level: 10.0, trend: 2.0, seasonal: vec![1.0, -1.0] },
        };
        let f = model.forecast(&[Some(15.0)], 2, 0.95).unwrap();
        assert_eq!((f.forecast, f.sse, f.level, f.trend), (vec![14.5, 20.0], 4.0, 13.0, 2.5));
        model.variant = Variant::Winters;
        assert_eq!(model.forecast(&[Some(15.0)], 2, 0.95).unwrap().forecast, [14.5, 19.5]);
        // A missing value moves on by the trend alone.
        assert_eq!(model.forecast(&[None, Some(13.0)], 1, 0.95).unwrap().sse, 0.0);
    }

    #[test]
    fn a_line_with_a_season_is_found_through_gaps() {
        let truth = |t: f64| 200.0 + 0.5 * t + week(t);
        let mut values = series(60, truth);
        for gap in [3, 17, 18, 40] {
            values[gap] = None;
        }
        for method in [Method::HoltWintersAdditive, Method::HoltWintersMultiplicative] {
            let ahead = predict(method, &values, 5, 10).unwrap();
            for (h, value) in ahead.iter().enumerate() {
                let limit = if method == Method::HoltWintersAdditive { 1e-6 } else { 8.0 };
                assert!((value - truth(60.0 + h as f64)).abs() < limit, "{method:?} {h} {value}");
            }
        }
    }

    #[test]
    fn growing_swings_suit_the_multiplicative_form() {
        let values = series(80, |t| (100.0 + 2.0 * t) * (1.0 + week(t) / 100.0));
        let error = |m| backtest(m, &values, 5, 10, 2).unwrap().mae;
        assert!(error(Method::HoltWintersMultiplicative) < error(Method::HoltWintersAdditive));
        let choice = choose(&values, 5, 10, 2).unwrap();
        assert_eq!((choice.method, choice.candidates.len()), (Method::HoltWintersMultiplicative, 8));
        let zeros = series(40, |t| t % 5.0);
        assert!(choose(&zeros, 5, 5, 2).unwrap().candidates.len() < 8);
    }

    #[test]
    fn limits_hold_about_what_they_say() {
        // Additive data of the model itself: level moves by 0.3 of each shock. The shocks are a fixed sequence.
        let mut state = 12_345_u64;
        let mut shock = || {
            let uniform = |s: &mut u64| {
                *s = s.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                ((*s >> 11) as f64 + 0.5) / (1u64 << 53) as f64
            };
            (0..12).map(|_| uniform(&mut state)).sum::<f64>() - 6.0
        };
        let (mut inside, mut all) = (0, 0);
        for _ in 0..60 {
            let mut level = 500.0;
            let values: Vec<Option<f64>> = (0..90)
                .map(|t| {
                    let e = 10.0 * shock();
                    let x = level + week(f64::from(t)) + e;
                    level += 0.3 * e;
                    Some(x)
                })
                .collect();
            let model = HoltWinters::fit(&values[..80], 5, Seasonal::Additive, Variant::Ets, 0.0).unwrap();
            let f = model.forecast(&values[..80], 10, 0.9).unwrap();
            let (low, high) = (f.low.unwrap(), f.high.unwrap());
            for (h, x) in values[80..].iter().flatten().enumerate() {
                inside += usize::from(low[h] <= *x && *x <= high[h]);
                all += 1;
            }
        }
        let share = f64::from(inside as u32) / f64::from(all);
        assert!((0.82..0.96).contains(&share), "{share}");
    }

    #[test]
    fn accuracy_says_what_does_not_exist() {
        let a = accuracy(&[], &[Some(0.0), None, Some(4.0)], &[1.0, 9.0, 4.0], 1).unwrap();
        assert_eq!((a.n, a.mape, a.wape, a.mase, a.bias), (2, None, Some(0.25), None, Some(0.25)));
        assert!(accuracy(&[], &[None], &[1.0], 1).is_err() && accuracy(&[], &[Some(1.0)], &[], 1).is_err());
    }

    #[test]
    fn drivers_by_hand() {
        // Rate 1 over 400 units; chi² = 20²/100·4 = 16 over 3 degrees: dispersion 16/3; t(0.975, 3) = 3.182446.
        let f = by_driver(&[80, 120, 80, 120], &[100.0; 4], &[100.0, 0.0], 0.95).unwrap();
        assert!((f.dispersion - 16.0 / 3.0).abs() < 1e-12);
        let half = 3.182_446_3 * (16.0 / 3.0 * (100.0 + 25.0_f64)).sqrt();
        assert!((f.high[0] - 100.0 - half).abs() < 1e-5 && (f.low[1], f.high[1]) == (0.0, 0.0));
        assert!(
            by_driver(&[1, 2], &[0.0, 1.0], &[1.0], 0.95).is_err()
                && by_driver(&[0, 0], &[1.0, 1.0], &[1.0], 0.95).is_err()
        );
    }

    #[test]
    fn wrong_series_are_refused() {
        let values = series(20, |t| 10.0 + t);
        assert!(predict(Method::SeasonalNaive, &values, 0, 1).is_err());
        assert!(predict(Method::SeasonalNaive, &values, 5, 0).is_err());
        assert!(predict(Method::SeasonalNaive, &[Some(1.0), None], 2, 2).is_err());
        assert!(predict(Method::SeasonalNaive, &[Some(f64::NAN)], 1, 1).is_err());
        assert!(predict(Method::HoltWintersAdditive, &values[..9], 5, 1).is_err());
        assert!(predict(Method::HoltWintersMultiplicative, &series(20, |t| t), 5, 1).is_err());
        assert!(backtest(Method::SeasonalNaive, &values, 5, 10, 2).is_err());
        assert!(HoltWinters::fit(&values, 5, Seasonal::Additive, Variant::Ets, 1.5).is_err());
        assert!(predict(Method::HoltWintersAdditive, &series(20, |t| 1e300 * (t + 1.0)), 5, 1).is_err());
    }
}
