//! Control charts: is today different from the usual?
//!
//! Three standard deviations accuse an unchanged process about once in 370 points, if the points are independent.
//! Daily series rarely are (weekdays, campaigns): take the pattern out first, or the chart cries wolf.
//! `signals` are positions counted from zero.

use super::shrinkage::{check_counts, check_numbers};
use crate::error::{Error, Result};

/// A chart of one value per point with limits per point.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// The line in the middle.
    pub centre: f64,
    /// The value of each point.
    pub value: Vec<f64>,
    /// The lower limit at each point.
    pub low: Vec<f64>,
    /// The upper limit at each point.
    pub high: Vec<f64>,
    /// Points outside their limits.
    pub signals: Vec<usize>,
}

crate::answer_fields!(Chart { centre, value, low, high, signals });

/// p-chart: the share of `events` among `n`, point by point, with limits centre ± 3·√(p(1 − p)/n) cut at 0 and 1.
///
/// ```
/// let chart = csat_core::stats::charts::p(&[5, 5, 20], &[100, 100, 100])?;
/// assert_eq!(chart.centre, 0.1);
/// assert_eq!(chart.signals, [2]);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn p(events: &[u64], n: &[u64]) -> Result<Chart> {
    check_counts(events, n, 1)?;
    let centre = events.iter().sum::<u64>() as f64 / n.iter().sum::<u64>() as f64;
    let half = |n: &u64| 3.0 * (centre * (1.0 - centre) / *n as f64).sqrt();
    let low = n.iter().map(|n| (centre - half(n)).max(0.0)).collect();
    let high = n.iter().map(|n| (centre + half(n)).min(1.0)).collect();
    Ok(chart(centre, events.iter().zip(n).map(|(x, n)| *x as f64 / *n as f64).collect(), low, high))
}

/// u-chart: `events` per unit of `exposure` (complaints per 1,000 contacts), limits centre ± 3·√(centre/exposure),
/// not below 0. Unlike a share, the rate may exceed one.
pub fn u(events: &[u64], exposure: &[f64]) -> Result<Chart> {
    same_length(events.len(), exposure.len(), "exposures")?;
    if let Some((i, e)) = exposure.iter().enumerate().find(|(_, e)| !(1e-100..=1e100).contains(*e)) {
        return Err(Error::argument(format!("exposure {} is {e}; it must be above zero and of usable size", i + 1)));
    }
    let centre = events.iter().map(|x| *x as f64).sum::<f64>() / exposure.iter().sum::<f64>();
    let low = exposure.iter().map(|e| (centre - 3.0 * (centre / e).sqrt()).max(0.0)).collect();
    let high = exposure.iter().map(|e| centre + 3.0 * (centre / e).sqrt()).collect();
    Ok(chart(centre, events.iter().zip(exposure).map(|(x, e)| *x as f64 / e).collect(), low, high))
}

/// An individuals and moving range chart.
#[derive(Clone, Debug, PartialEq)]
pub struct IndividualsChart {
    /// Mean of the values.
    pub centre: f64,
    /// Lower limit of the values.
    pub low: f64,
    /// Upper limit of the values.
    pub high: f64,
    /// Mean of the moving ranges.
    pub moving_range_mean: f64,
    /// Upper limit of the moving ranges; the lower one is 0.
    pub moving_range_high: f64,
    /// Values outside their limits.
    pub signals: Vec<usize>,
    /// Positions of the later value of each moving range above its limit.
    pub moving_range_signals: Vec<usize>,
}

crate::answer_fields!(IndividualsChart {
    centre,
    low,
    high,
    moving_range_mean,
    moving_range_high,
    signals,
    moving_range_signals
});

/// Individuals and moving range chart (`XmR`) of single values: mean ± 3·(mean moving range)/d₂.
///
/// The constants are exact, d₂ = 2/√π and d₃ = √(2 − 4/π); tables round them to 1.128 and 3.267, so the fourth digit of
/// the limits may differ from other programs. Needs at least two values.
///
/// ```
/// let chart = csat_core::stats::charts::individuals(&[10.0, 12.0, 11.0, 13.0])?;
/// assert_eq!(chart.centre, 11.5);
/// assert!((chart.moving_range_mean - 5.0 / 3.0).abs() < 1e-12);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn individuals(values: &[f64]) -> Result<IndividualsChart> {
    check_numbers("value", values)?;
    if values.len() < 2 {
        return Err(Error::argument("an XmR chart needs at least two values"));
    }
    let pi = std::f64::consts::PI;
    let (d2, d3) = (2.0 / pi.sqrt(), (2.0 - 4.0 / pi).sqrt());
    let centre = values.iter().sum::<f64>() / values.len() as f64;
    let ranges: Vec<f64> = values.windows(2).map(|w| (w[1] - w[0]).abs()).collect();
    let moving_range_mean = ranges.iter().sum::<f64>() / ranges.len() as f64;
    let sigma = moving_range_mean / d2;
    let (low, high, moving_range_high) =
        (centre - 3.0 * sigma, centre + 3.0 * sigma, moving_range_mean + 3.0 * d3 * sigma);
    Ok(IndividualsChart {
        centre,
        low,
        high,
        moving_range_mean,
        moving_range_high,
        signals: positions(values, |v| *v < low || *v > high),
        moving_range_signals: positions(&ranges, |r| *r > moving_range_high).into_iter().map(|i| i + 1).collect(),
    })
}

/// An exponentially weighted moving average chart.
#[derive(Clone, Debug, PartialEq)]
pub struct EwmaChart {
    /// The moving average after each value.
    pub value: Vec<f64>,
    /// The lower limit at each point.
    pub low: Vec<f64>,
    /// The upper limit at each point.
    pub high: Vec<f64>,
    /// The lower limit that the others approach.
    pub steady_low: f64,
    /// The upper limit that the others approach.
    pub steady_high: f64,
    /// Points outside their limits.
    pub signals: Vec<usize>,
}

crate::answer_fields!(EwmaChart { value, low, high, steady_low, steady_high, signals });

/// EWMA chart: small lasting shifts that single points do not show.
///
/// z₀ = target, zᵢ = weight·xᵢ + (1 − weight)·zᵢ₋₁; limits target ± width·sigma·√(weight/(2 − weight)·(1 − (1 −
/// weight)²ⁱ)). Usual: weight 0.2, width 2.7 to 3. `target` and `sigma` come from a quiet period, not from these values.
pub fn ewma(values: &[f64], target: f64, sigma: f64, weight: f64, width: f64) -> Result<EwmaChart> {
    check_process(values, target, sigma)?;
    if !(weight > 0.0 && weight <= 1.0) {
        return Err(Error::argument(format!("weight must lie above 0 and at most at 1, not {weight}; 0.2 is usual")));
    }
    positive("width", width)?;
    let steady = weight / (2.0 - weight);
    let (mut average, mut decay) = (target, 1.0);
    let (mut value, mut low, mut high) = (Vec::new(), Vec::new(), Vec::new());
    for x in values {
        average = weight * x + (1.0 - weight) * average;
        decay *= (1.0 - weight) * (1.0 - weight);
        let half = width * sigma * (steady * (1.0 - decay)).sqrt();
        value.push(average);
        low.push(target - half);
        high.push(target + half);
    }
    let half = width * sigma * steady.sqrt();
    let Chart { value, low, high, signals, .. } = chart(target, value, low, high);
    Ok(EwmaChart { value, low, high, steady_low: target - half, steady_high: target + half, signals })
}

/// A cumulative sum chart in units of sigma.
#[derive(Clone, Debug, PartialEq)]
pub struct CusumChart {
    /// The sum of what lies above target + slack, never below 0.
    pub high: Vec<f64>,
    /// The sum of what lies below target − slack, as a positive number.
    pub low: Vec<f64>,
    /// Points where either sum exceeds the decision limit.
    pub signals: Vec<usize>,
}

crate::answer_fields!(CusumChart { high, low, signals });

/// Tabular CUSUM: finds a lasting shift of about two `slack` quickly.
///
/// With y = (x − target)/sigma: highᵢ = max(0, highᵢ₋₁ + y − slack), lowᵢ = max(0, lowᵢ₋₁ − y − slack); a signal where
/// either exceeds `decision`. Usual: slack 0.5, decision 5. The sums are not set back after a signal.
pub fn cusum(values: &[f64], target: f64, sigma: f64, slack: f64, decision: f64) -> Result<CusumChart> {
    check_process(values, target, sigma)?;
    if !(0.0..=1e100).contains(&slack) {
        return Err(Error::argument(format!("slack must not be negative, not {slack}; 0.5 is usual")));
    }
    positive("decision", decision)?;
    let (mut high, mut low) = (Vec::new(), Vec::new());
    let (mut up, mut down): (f64, f64) = (0.0, 0.0);
    for x in values {
        let y = (x - target) / sigma;
        up = (up + y - slack).max(0.0);
        down = (down - y - slack).max(0.0);
        high.push(up);
        low.push(down);
    }
    let signals = (0..values.len()).filter(|&i| high[i] > decision || low[i] > decision).collect();
    Ok(CusumChart { high, low, signals })
}

fn chart(centre: f64, value: Vec<f64>, low: Vec<f64>, high: Vec<f64>) -> Chart {
    let signals = (0..value.len()).filter(|&i| value[i] < low[i] || value[i] > high[i]).collect();
    Chart { centre, value, low, high, signals }
}

fn positions(values: &[f64], out: impl Fn(&f64) -> bool) -> Vec<usize> {
    values.iter().enumerate().filter(|(_, v)| out(v)).map(|(i, _)| i).collect()
}

fn check_process(values: &[f64], target: f64, sigma: f64) -> Result<()> {
    check_numbers("value", values)?;
    check_numbers("target", &[target])?;
    positive("sigma", sigma)
}

fn positive(name: &str, value: f64) -> Result<()> {
    if (1e-100..=1e100).contains(&value) {
        Ok(())
    } else {
        Err(Error::argument(format!("{name} must be above zero and of usable size, not {value}")))
    }
}

fn same_length(events: usize, others: usize, what: &str) -> Result<()> {
    if events == 0 {
        return Err(Error::argument("no points: at least one is needed"));
    }
    if events == others {
        return Ok(());
    }
    Err(Error::argument(format!("{events} events but {others} {what}; give one pair per point")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn u_chart_by_hand() {
        // 4 + 9 + 35 = 48 events in 3 equal exposures of 1: centre 16, limits 16 ± 12.
        let chart = u(&[4, 9, 35], &[1.0, 1.0, 1.0]).unwrap();
        assert_eq!((chart.centre, chart.low[0], chart.high[0]), (16.0, 4.0, 28.0));
        assert_eq!(chart.signals, [2]);
    }

    #[test]
    fn ewma_and_cusum_by_hand() {
        // weight 0.5: 0 → 1 → 1.5; steady √(1/3), first √(1/3·0.75) = 0.5.
        let chart = ewma(&[2.0, 2.0], 0.0, 1.0, 0.5, 3.0).unwrap();
        assert_eq!(chart.value, [1.0, 1.5]);
        assert!((chart.high[0] - 1.5).abs() < 1e-12 && (chart.steady_high - 3.0 / 3f64.sqrt()).abs() < 1e-12);
        // y = 2, slack 0.5: 1.5, 3, 4.5, 6; the fourth exceeds 5.
        let chart = cusum(&[2.0; 4], 0.0, 1.0, 0.5, 5.0).unwrap();
        assert_eq!((chart.high, chart.signals), (vec![1.5, 3.0, 4.5, 6.0], vec![3]));
    }

    #[test]
    fn individuals_find_the_odd_one() {
        let values = [10.0, 10.5, 9.8, 10.2, 10.1, 9.9, 10.3, 10.0, 16.0, 10.1, 9.7, 10.2, 10.0, 10.4];
        let chart = individuals(&values).unwrap();
        assert_eq!((chart.signals, chart.moving_range_signals), (vec![8], vec![8, 9]));
    }

    #[test]
    fn wrong_input_is_refused() {
        assert!(p(&[1], &[0]).is_err() && p(&[], &[]).is_err() && u(&[1], &[0.0]).is_err() && u(&[1], &[]).is_err());
        assert!(individuals(&[1.0]).is_err() && individuals(&[1.0, f64::NAN]).is_err());
        assert!(ewma(&[1.0], 0.0, 0.0, 0.2, 3.0).is_err() && ewma(&[1.0], 0.0, 1.0, 0.0, 3.0).is_err());
        assert!(cusum(&[1.0], 0.0, 1.0, -0.1, 5.0).is_err() && cusum(&[1.0], f64::INFINITY, 1.0, 0.5, 5.0).is_err());
    }
}
