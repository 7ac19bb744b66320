//! Staffing and comparison of periods.

use serde_json::{Value, json};

use crate::call::Backend;
use crate::case::{Case, Run, ask, number, wrong};
use crate::domain::object;

pub(crate) fn erlang_c(case: &Case, backend: &mut dyn Backend) -> Run<Value> {
    let shrinkage = if case.asks("shrinkage") { case.option("shrinkage") } else { case.input("shrinkage") };
    let mut arguments = object([
        ("contacts", case.input("calls").clone()),
        ("interval", case.input("interval_s").clone()),
        ("handle_time", case.input("aht_s").clone()),
        ("target", case.input("target_s").clone()),
        ("shrinkage", shrinkage.clone()),
    ]);
    let function = if case.asks("agents") { "staffing.level" } else { "staffing.required" };
    if case.asks("agents") {
        arguments["agents"] = case.option("agents").clone();
    } else {
        arguments["service_level"] = case.input("service_level").clone();
    }
    let found = ask(backend, function, arguments)?;
    Ok(json!({
        "p_wait": found["wait_probability"], "service_level": found["service_level"], "occupancy": found["occupancy"],
        "asa_s": found["mean_wait"], "agents": found["agents"], "scheduled": found["scheduled"],
        // A bare number is how many must be scheduled.
        "value": found["scheduled"],
    }))
}

pub(crate) fn period_change(case: &Case, backend: &mut dyn Backend) -> Run<Value> {
    let share = |key: &str| -> Run<Value> {
        let period = case.input(key);
        let (hits, counted) = (number(&period["hits"], "hits")?, number(&period["counted"], "counted")?);
        if hits > counted {
            return wrong(format!("`{key}`: more hits than counted"));
        }
        Ok(json!({"successes": period["hits"], "n": period["counted"]}))
    };
    let found = ask(backend, "share.z_pooled", json!({"a": share("before")?, "b": share("after")?}))?;
    Ok(json!({"z": found["z"], "p_two_sided": found["p_value"]}))
}
