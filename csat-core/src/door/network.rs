//! A network of units: `network.*`.

use super::units::Units;
use crate::functions;
use crate::judge::network::{self, Options, Period, Registered};
use crate::judge::unit::{UnitMean, UnitNet, UnitShare};

functions! {
    /// Judges the shares of units against the pooled share. Units are `{"unit", "successes", "n"}`, or the rows of a
    /// report, each group a unit; `part` then chooses among several shares by path or definition id. The registry lists
    /// units that should report, `{"unit", "valid_from", "valid_until"}`; the period is `{"from", "until"}`.
    #[example = r#"{"units": [{"unit": "a", "successes": 8, "n": 10}, {"unit": "b", "successes": 16, "n": 20},
        {"unit": "tiny", "successes": 0, "n": 0}]}"#]
    "network.shares"
        (units: Units<UnitShare>, registry: Vec<Registered> = Vec::new(), period: Option<Period> = None, minimum_n: u64 = 10,
         false_discovery_rate: f64 = 0.05, confidence: f64 = 0.95, part: Option<String> = None)
        => {
            let options = Options { registry, period, minimum_n, false_discovery_rate, confidence };
            network::shares(&units.shares(part.as_deref())?, &options)
        };
    /// Judges net scores, in points. Units are `{"unit", "detractors", "passives", "promoters"}`, or the rows of a report,
    /// each group a unit; `part` is then the id of the score where there are several.
    #[example = r#"{"units": [{"unit": "a", "detractors": 10, "passives": 20, "promoters": 10}, {"unit": "b",
        "detractors": 10, "passives": 20, "promoters": 10}]}"#]
    "network.nets"
        (units: Units<UnitNet>, registry: Vec<Registered> = Vec::new(), period: Option<Period> = None, minimum_n: u64 = 10,
         false_discovery_rate: f64 = 0.05, confidence: f64 = 0.95, part: Option<String> = None)
        => {
            let options = Options { registry, period, minimum_n, false_discovery_rate, confidence };
            network::nets(&units.nets(part.as_deref())?, &options)
        };
    /// Judges means. Units are `{"unit", "n", "mean", "standard_deviation"}`, or the rows of a report, each group a unit:
    /// `part` then chooses among several means, and the deviation is worked out from the interval that the report gave at
    /// `report_confidence`.
    #[example = r#"{"units": [{"unit": "a", "n": 16, "mean": 4, "standard_deviation": 2}, {"unit": "b", "n": 16,
        "mean": 5, "standard_deviation": 2}, {"unit": "c", "n": 16, "mean": 6, "standard_deviation":
        2}]}"#]
    "network.means"
        (units: Units<UnitMean>, registry: Vec<Registered> = Vec::new(), period: Option<Period> = None, minimum_n: u64 = 10,
         false_discovery_rate: f64 = 0.05, confidence: f64 = 0.95, part: Option<String> = None, report_confidence: f64 = 0.95)
        => {
            let options = Options { registry, period, minimum_n, false_discovery_rate, confidence };
            network::means(&units.means(part.as_deref(), report_confidence)?, &options)
        };
}
