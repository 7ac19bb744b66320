//! Queue and agent statistics of a telephony platform.

use serde_json::Value;

use crate::case::Fail;
use crate::file::Job;

pub(crate) fn jobs(case: &Value) -> Vec<Job<'_>> {
    let name = case["id"].as_str().unwrap_or("?").to_owned();
    let api = case["api"].as_str().unwrap_or("?").to_owned();
    vec![(name, Box::new(move |_| Err(Fail::NotRun(format!("no measure for `{api}`")))))]
}
