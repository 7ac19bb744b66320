//! A network of units: `network.*`.

use crate::functions;
use crate::judge::network::{self, Options, Period, Registered};
use crate::judge::unit::{UnitMean, UnitNet, UnitShare};

functions! {
    /// Judges the shares of units against the pooled share. Units are `{"unit", "successes", "n"}`; the registry lists
    /// units that should report, `{"unit", "valid_from", "valid_until"}`; the period is `{"from", "until"}`.
    "network.shares"
        (units: Vec<UnitShare>, registry: Vec<Registered> = Vec::new(), period: Option<Period> = None, minimum_n: u64 = 10,
         false_discovery_rate: f64 = 0.05, confidence: f64 = 0.95)
        => network::shares(&units, &Options { registry, period, minimum_n, false_discovery_rate, confidence });
    /// Judges net scores, in points. Units are `{"unit", "detractors", "passives", "promoters"}`.
    "network.nets"
        (units: Vec<UnitNet>, registry: Vec<Registered> = Vec::new(), period: Option<Period> = None, minimum_n: u64 = 10,
         false_discovery_rate: f64 = 0.05, confidence: f64 = 0.95)
        => network::nets(&units, &Options { registry, period, minimum_n, false_discovery_rate, confidence });
    /// Judges means. Units are `{"unit", "n", "mean", "standard_deviation"}`.
    "network.means"
        (units: Vec<UnitMean>, registry: Vec<Registered> = Vec::new(), period: Option<Period> = None, minimum_n: u64 = 10,
         false_discovery_rate: f64 = 0.05, confidence: f64 = 0.95)
        => network::means(&units, &Options { registry, period, minimum_n, false_discovery_rate, confidence });
}
