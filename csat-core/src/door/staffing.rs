//! Agents for a load: `staffing.*`. Times are in one unit, usually seconds.

use crate::functions;
use crate::workforce::staffing::{self, Demand, Promise};

functions! {
    /// The fewest agents that reach the service level within `target` and stay below the occupancy (Erlang C), and the
    /// people to schedule for them: agents/(1 − shrinkage), rounded up.
    #[example = r#"{"contacts": 0, "interval": 1800, "handle_time": 180, "target": 20, "service_level": 0.8}"#]
    "staffing.required"
        (contacts: f64, interval: f64, handle_time: f64, target: f64, service_level: f64, maximum_occupancy: f64 = 1.0, shrinkage: f64 = 0.0)
        => staffing::required(
            Demand { contacts, interval, handle_time },
            Promise { target, service_level, maximum_occupancy, shrinkage },
        );
    /// What a given number of agents on the queue reaches (Erlang C); it may be fractional.
    #[example = r#"{"contacts": 10, "interval": 600, "handle_time": 60, "agents": 2, "target": 60}"#]
    "staffing.level"
        (contacts: f64, interval: f64, handle_time: f64, agents: f64, target: f64, shrinkage: f64 = 0.0)
        => staffing::level(Demand { contacts, interval, handle_time }, agents, target, shrinkage);
    /// The most contacts per interval that the agents can take while the service level and occupancy are kept.
    #[example = r#"{"agents": 12, "interval": 1800, "handle_time": 240, "target": 20, "service_level": 0.8}"#]
    "staffing.capacity"
        (agents: f64, interval: f64, handle_time: f64, target: f64, service_level: f64, maximum_occupancy: f64 = 1.0)
        => staffing::capacity(
            agents, interval, handle_time, Promise { target, service_level, maximum_occupancy, shrinkage: 0.0 },
        );
    /// `staffing.required` for every interval of a row; `handle_times` holds one for all or one each.
    #[example = r#"{"contacts": [40, 60, 20], "interval": 1800, "handle_times": [240], "target": 20,
        "service_level": 0.8}"#]
    "staffing.week"
        (contacts: Vec<f64>, interval: f64, handle_times: Vec<f64>, target: f64, service_level: f64, maximum_occupancy: f64 = 1.0, shrinkage: f64 = 0.0)
        => staffing::week(
            &contacts, interval, &handle_times, Promise { target, service_level, maximum_occupancy, shrinkage },
        );
    /// `staffing.level` for every interval of a roster; overloaded intervals are listed and count as missed.
    #[example = r#"{"contacts": [10, 10], "agents": [2, 1], "interval": 600, "handle_times": [60], "target": 60}"#]
    "staffing.week_level"
        (contacts: Vec<f64>, agents: Vec<f64>, interval: f64, handle_times: Vec<f64>, target: f64)
        => staffing::week_level(&contacts, &agents, interval, &handle_times, target);
}
