//! The one runner of test vectors.
//!
//! `tests/vectors/*.json` of the repository and every JSON file of the directories in the environment variable
//! `CSAT_VECTORS` (separated by `:`), whatever their names: what a file is, is seen from its content. Each case becomes
//! calls through one table a shape ([`domain`], [`stats`], [`timely`], [`agreement`], [`data`]); each language answers
//! the calls through its own public face. Comparison is written once.

mod agreement;
mod call;
mod case;
mod data;
mod domain;
mod file;
mod links;
mod process;
mod quality;
mod queue;
mod reach;
mod response;
mod stats;
mod survey;
mod timely;
#[path = "../tools/mod.rs"]
mod tools;
mod workforce;

use std::path::{Path, PathBuf};

use call::{Backend, Rust};
use file::File;
use process::{C, Python};

/// The repository's own vectors.
fn own() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors")
}

/// The languages that can answer here. Those named in `CSAT_VECTORS_LANGUAGES` (`rust,c,python`) must.
fn languages() -> Vec<Box<dyn Backend>> {
    let named = std::env::var("CSAT_VECTORS_LANGUAGES").unwrap_or_default();
    let mut all: Vec<Box<dyn Backend>> = vec![Box::new(Rust)];
    let mut add = |name: &str, started: Result<Box<dyn Backend>, String>| match started {
        Ok(language) => all.push(language),
        Err(why) => {
            println!("vectors: {name} is not run: {why}");
            assert!(!named.split(',').any(|n| n.trim() == name), "{name} must run: {why}");
        }
    };
    add("c", C::start().map(|c| Box::new(c) as Box<dyn Backend>));
    add("python", Python::start().map(|python| Box::new(python) as Box<dyn Backend>));
    all
}

/// Runs every file of a directory in every language; gives the failures and how many vectors passed.
fn run_directory(directory: &Path) -> (Vec<String>, usize) {
    let (mut failures, mut passed) = (Vec::new(), 0);
    let mut languages = languages();
    let files = file::of_directory(directory);
    if files.is_empty() {
        failures.push(format!("{}: no vectors there", directory.display()));
    }
    for path in files {
        let file = match File::read(&path) {
            Ok(file) => file,
            Err(message) => {
                println!("vectors: {message}");
                failures.push(message);
                continue;
            }
        };
        if file.jobs().is_empty() {
            println!("vectors: {}: not the shape of a file of vectors, left out", file.name());
            continue;
        }
        for language in &mut languages {
            let summary = file::run(&file, language.as_mut());
            passed += summary.passed;
            let place = |failure| format!("{} {}: {failure}", file.name(), language.language());
            failures.extend(summary.failures.into_iter().map(place));
        }
    }
    (failures, passed)
}

#[test]
fn vectors_of_the_repository() {
    let (failures, passed) = run_directory(&own());
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
    assert!(passed > 250, "only {passed} vectors ran");
}

#[test]
fn vectors_of_the_environment() {
    let Some(directories) = std::env::var_os("CSAT_VECTORS") else {
        println!("vectors: CSAT_VECTORS is not set: only the repository's own were run");
        return;
    };
    let mut failures = Vec::new();
    for directory in std::env::split_paths(&directories).filter(|d| !d.as_os_str().is_empty()) {
        failures.extend(run_directory(&directory).0);
    }
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

/// Parts of the door where some functions have no vector here; the tests of their modules hold them.
const PARTLY: [&str; 4] = ["forecast", "funnel", "profile", "staffing"];

/// Every function of the other parts that have vectors of their own is tested by one.
#[test]
fn every_function_of_a_covered_part_has_a_vector() {
    let mut methods = std::collections::BTreeSet::new();
    for path in file::of_directory(&own()) {
        let cases = File::read(&path).map(|f| f.content["cases"].as_array().cloned().unwrap_or_default());
        methods.extend(cases.unwrap_or_default().iter().filter_map(|c| c["method"].as_str().map(str::to_owned)));
    }
    let parts: std::collections::BTreeSet<&str> = methods.iter().filter_map(|m| m.split('.').next()).collect();
    let untested: Vec<&str> = csat_core::door::functions()
        .map(|f| f.name)
        .filter(|name| name.split('.').next().is_some_and(|part| parts.contains(part) && !PARTLY.contains(&part)))
        .filter(|name| !methods.contains(*name))
        .collect();
    assert!(untested.is_empty(), "no vector for {untested:?}");
}
