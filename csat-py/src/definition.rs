//! Definitions in words, and the list of those that have a name.

use csat_core::rule::{abandonment, presets};
use pyo3::prelude::*;

use crate::error::Raise;

/// In words: the id of a number (`sl:offered:20s`, `nps:promoters`), or the name of a definition or of a measure.
#[pyfunction]
pub(crate) fn explain(py: Python<'_>, name: &str) -> PyResult<String> {
    csat_core::explain::explain(name).or_raise(py)
}

/// Every named definition as (name, title, formula): service levels, then abandonment policies (`ab:…`).
#[pyfunction]
pub(crate) fn definitions() -> Vec<(String, &'static str, &'static str)> {
    let levels = presets::all().into_iter().map(|d| {
        let about = *d.documentation();
        (d.name().to_owned(), about.title, about.formula)
    });
    let policies = abandonment::all().into_iter().map(|p| {
        let about = *p.documentation();
        (p.id(), about.title, about.formula)
    });
    levels.chain(policies).collect()
}
