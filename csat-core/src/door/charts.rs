//! Control charts: `charts.*`.

use crate::functions;
use crate::stats::charts;

functions! {
    /// p-chart of shares with limits for each n; `signals` are positions from zero.
    "charts.p" (events: Vec<u64>, n: Vec<u64>) => charts::p(&events, &n);
    /// u-chart of rates: events per unit of exposure.
    "charts.u" (events: Vec<u64>, exposure: Vec<f64>) => charts::u(&events, &exposure);
    /// XmR chart: single values and their moving ranges, with exact constants.
    "charts.individuals" (values: Vec<f64>) => charts::individuals(&values);
    /// Exponentially weighted moving average; `target` and `sigma` from a quiet period, limits at `width` sigmas.
    "charts.ewma" (values: Vec<f64>, target: f64, sigma: f64, weight: f64 = 0.2, width: f64 = 3.0)
        => charts::ewma(&values, target, sigma, weight, width);
    /// Tabular CUSUM in sigmas; both sums positive.
    "charts.cusum" (values: Vec<f64>, target: f64, sigma: f64, slack: f64 = 0.5, decision: f64 = 5.0)
        => charts::cusum(&values, target, sigma, slack, decision);
}
