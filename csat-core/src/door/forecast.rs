//! Volumes to come: `forecast.*`. A null in a series is a value that is missing or set apart.

use crate::functions;
use crate::workforce::factors;
use crate::workforce::forecast::{self, HoltWinters, Method, Seasonal, Smoothing, State, Variant};

functions! {
    /// Holt-Winters with given smoothing and starting state; `seasonal_figures` begin with that of the first value.
    #[example = r#"{"values": [15], "horizon": 2, "alpha": 0.5, "beta": 0.5, "gamma": 0.5, "level": 10, "trend":
        2, "seasonal_figures": [1, -1]}"#]
    "forecast.holt_winters"
        (values: Vec<Option<f64>>, horizon: usize, alpha: f64, beta: f64, gamma: f64, level: f64, trend: f64, seasonal_figures: Vec<f64>,
         seasonal: Seasonal = Seasonal::Additive, variant: Variant = Variant::Ets, damping: f64 = 1.0, confidence: f64 = 0.95)
        => HoltWinters {
            seasonal,
            variant,
            smoothing: Smoothing { alpha, beta, gamma, damping },
            start: State { level, trend, seasonal: seasonal_figures },
        }
        .forecast(&values, horizon, confidence);
    /// Holt-Winters with starting state and smoothing fitted to the values; damping 1 keeps the trend, 0 has none.
    #[example = r#"{"values": [10, 20, 30, 12, 22, 33, 13, 24, 35, 15, 26, 38], "period": 3, "horizon": 3}"#]
    "forecast.holt_winters_fitted"
        (values: Vec<Option<f64>>, period: usize, horizon: usize, seasonal: Seasonal = Seasonal::Additive,
         variant: Variant = Variant::Ets, damping: f64 = 1.0, confidence: f64 = 0.95)
        => HoltWinters::fit(&values, period, seasonal, variant, damping)
            .and_then(|model| model.forecast(&values, horizon, confidence));
    /// Looks ahead by a named method; `forecast.choose` finds a good one.
    #[example = r#"{"values": [10, 20, 30, 12, 22, 33, 13, 24, 35, 15, 26, 38], "period": 3, "horizon": 3}"#]
    "forecast.predict" (values: Vec<Option<f64>>, period: usize, horizon: usize, method: Method = Method::SeasonalNaive)
        => forecast::predict(method, &values, period, horizon);
    /// Forecasts the test values from the training values alone and measures the errors; shares are fractions.
    #[example = r#"{"train": [10, 20, 30, 12, 22, 33, 13, 24, 35], "test": [15, 26, 38], "period": 3}"#]
    "forecast.evaluate"
        (train: Vec<Option<f64>>, test: Vec<Option<f64>>, period: usize, method: Method = Method::SeasonalNaive)
        => forecast::evaluate(method, &train, &test, period);
    /// How wrong a forecast was: MAE, RMSE, MAPE, WAPE, MASE (needs `train` and `period`) and bias.
    #[example = r#"{"train": [10, 12], "actual": [20, 40], "forecast": [22, 36], "period": 1}"#]
    "forecast.accuracy"
        (actual: Vec<Option<f64>>, forecast: Vec<f64>, train: Vec<Option<f64>> = Vec::new(), period: usize = 1)
        => forecast::accuracy(&train, &actual, &forecast, period);
    /// Pooled errors of forecasts from successive origins, each seeing only what lies before it.
    #[example = r#"{"values": [10, 20, 30, 12, 22, 33, 13, 24, 35, 15, 26, 38], "period": 3, "horizon": 3,
        "windows": 2}"#]
    "forecast.backtest"
        (values: Vec<Option<f64>>, period: usize, horizon: usize, windows: usize, method: Method = Method::SeasonalNaive)
        => forecast::backtest(method, &values, period, horizon, windows);
    /// The method with the smallest backtest error, and the errors of all.
    #[example = r#"{"values": [10, 20, 30, 12, 22, 33, 13, 24, 35, 15, 26, 38], "period": 3, "horizon": 3,
        "windows": 2}"#]
    "forecast.choose" (values: Vec<Option<f64>>, period: usize, horizon: usize, windows: usize)
        => forecast::choose(&values, period, horizon, windows);
    /// Volume from a driver: contacts per unit so far (sum over sum) × planned units, with prediction limits.
    #[example = r#"{"contacts": [50, 110], "driver": [100, 220], "planned": [400]}"#]
    "forecast.by_driver" (contacts: Vec<u64>, driver: Vec<f64>, planned: Vec<f64>, confidence: f64 = 0.95)
        => forecast::by_driver(&contacts, &driver, &planned, confidence);
    /// Volume by calendar factors (weekday, part of the month, campaign): one label per dimension and day.
    #[example = r#"{"values": [100, 50, 200, 50], "labels": [["mon", "usual"], ["tue", "usual"], ["mon",
        "campaign"], ["tue", "usual"]], "ahead": [["tue", "campaign"]]}"#]
    "forecast.by_labels" (values: Vec<Option<f64>>, labels: Vec<Vec<String>>, ahead: Vec<Vec<String>>)
        => factors::by_labels(&values, &labels, &ahead);
}
