//! Files of vectors: found by content, whatever their name, and run case by case.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::call::Backend;
use crate::case::Fail;
use crate::{agreement, data, domain, links, queue, stats, timely};

/// One vector ready to run.
pub(crate) type Job<'f> = (String, Box<dyn Fn(&mut dyn Backend) -> Result<(), Fail> + 'f>);

/// A file read.
pub(crate) struct File {
    pub(crate) path: PathBuf,
    pub(crate) content: Value,
}

/// What became of the vectors of a file.
#[derive(Default)]
pub(crate) struct Summary {
    pub(crate) passed: usize,
    pub(crate) failures: Vec<String>,
    /// Reason and how many.
    pub(crate) not_run: Vec<(String, usize)>,
}

impl File {
    pub(crate) fn read(path: &Path) -> Result<Self, String> {
        let text = fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
        let content = serde_json::from_str(&text).map_err(|e| format!("{}: not JSON: {e}", path.display()))?;
        Ok(Self { path: path.to_owned(), content })
    }

    pub(crate) fn name(&self) -> String {
        self.path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// The vectors of the file; none if it has no known shape.
    pub(crate) fn jobs(&self) -> Vec<Job<'_>> {
        if self.content["datasets"].is_object() {
            return data::jobs(self);
        }
        let Some(cases) = self.content["cases"].as_array() else { return Vec::new() };
        cases.iter().flat_map(|case| self.of_case(case, cases)).collect()
    }

    fn of_case<'f>(&'f self, case: &'f Value, cases: &'f [Value]) -> Vec<Job<'f>> {
        let has = |key: &str| case.get(key).is_some();
        if has("metric") && has("variants") && links::is_own(case) {
            links::jobs(case)
        } else if has("metric") && has("variants") {
            domain::jobs(case, cases)
        } else if has("method") && has("input") {
            stats::jobs(case)
        } else if has("op") && has("schedule") {
            timely::business_jobs(case)
        } else if has("coefficient") && has("dataset") {
            agreement::jobs(case, &self.path)
        } else if has("api") && has("query") {
            queue::jobs(case)
        } else if has("input") && case["input"].get("sla_minutes").is_some() {
            timely::escalation_jobs(case)
        } else {
            Vec::new()
        }
    }
}

/// Runs every vector of a file in one language.
pub(crate) fn run(file: &File, backend: &mut dyn Backend) -> Summary {
    let mut summary = Summary::default();
    for (name, job) in file.jobs() {
        match job(backend) {
            Ok(()) => summary.passed += 1,
            Err(fail @ (Fail::Wrong(_) | Fail::Refused(_))) => {
                summary.failures.push(format!("{name}: {}", fail.message()));
            }
            Err(Fail::NotRun(reason)) => match summary.not_run.iter_mut().find(|(r, _)| *r == reason) {
                Some((_, count)) => *count += 1,
                None => summary.not_run.push((reason, 1)),
            },
        }
    }
    let not_run: usize = summary.not_run.iter().map(|(_, count)| count).sum();
    let (passed, failed) = (summary.passed, summary.failures.len());
    println!("vectors: {} {}: {passed} passed, {failed} failed, {not_run} not run", file.name(), backend.language());
    for (reason, count) in &summary.not_run {
        println!("  not run: {reason} ({count})");
    }
    for failure in &summary.failures {
        println!("  FAILED {failure}");
    }
    summary
}

/// The JSON files of a directory, by name.
pub(crate) fn of_directory(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(directory) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries.filter_map(|e| e.ok().map(|e| e.path())).collect();
    files.retain(|path| path.extension().is_some_and(|e| e.eq_ignore_ascii_case("json")));
    files.sort();
    files
}
