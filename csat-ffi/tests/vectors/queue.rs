//! Queue and agent statistics of a telephony platform.

use serde_json::Value;

use crate::case::Fail;
use crate::file::Job;

pub(crate) fn jobs(case: &Value) -> Vec<Job<'_>> {
    let name = case["id"].as_str().unwrap_or("?").to_owned();
    let api = case["api"].as_str().unwrap_or("?").to_owned();
    let reason = match api.split('.').next() {
        Some("queue") => format!("`{api}` sums stored hourly counters, which are not contacts: no measure reads them"),
        _ => format!("`{api}`: no measure of agents' time"),
    };
    vec![(name, Box::new(move |_| Err(Fail::NotRun(reason.clone()))))]
}
