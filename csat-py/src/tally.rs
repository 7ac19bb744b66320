//! The class `Tally` of the compiled module: options as JSON, rows as columns, counts behind a lock.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use csat_core::arrow::{Reading, long_table, wide_table};
use csat_core::link::latest::Keep;
use csat_core::record::{Kind, TimeUnit};
use csat_core::tally::{BadRows, PushOptions, Repeats};
use csat_core::time::{Every, Zone, instant};
use csat_core::{Error, Measure, Plan, Recipe, Result};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList};
use serde_json::Value;

use crate::error::{Raise, raised};
use crate::frame::Frame;
use crate::json::{to_json, to_python};
use crate::source::{Fold, Source};

/// Integer counts of some measures by group. Every call is atomic and may come from any thread.
#[pyclass(frozen, module = "csat._csat")]
pub(crate) struct Tally {
    /// Never changes: the plan can be read while another thread counts.
    empty: csat_core::Tally<Recipe>,
    inner: Mutex<csat_core::Tally<Recipe>>,
}

/// How rows are taken, as Python gives it.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct Taking {
    others: Vec<String>,
    units: BTreeMap<String, String>,
    bad_rows: String,
    as_of: Option<i64>,
    threads: usize,
    trusted: bool,
    repeat: Option<Repeat>,
}

/// Repeat answers are to be set aside: the columns of respondent, contact and instant, and which answer counts.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct Repeat {
    columns: [String; 3],
    keep: String,
}

impl Tally {
    fn new_of(inner: csat_core::Tally<Recipe>) -> Self {
        Self { empty: inner.empty_like(), inner: Mutex::new(inner) }
    }

    /// A fold that panicked never touched the counts: they are changed only by whole merges.
    fn lock(&self) -> MutexGuard<'_, csat_core::Tally<Recipe>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `work` on the counts without holding up the interpreter.
    fn with<T: Send>(
        &self,
        py: Python<'_>,
        work: impl Send + FnOnce(&mut csat_core::Tally<Recipe>) -> Result<T>,
    ) -> PyResult<T> {
        py.detach(|| work(&mut self.lock())).or_raise(py)
    }

    /// Runs `work` on the counts of two tallies. Locks are taken in the order of addresses, so that two threads that merge
    /// two tallies into each other do not wait for one another.
    fn with_other(
        &self,
        py: Python<'_>,
        other: &Self,
        work: impl Send + FnOnce(&mut csat_core::Tally<Recipe>, &csat_core::Tally<Recipe>) -> Result<()>,
    ) -> PyResult<()> {
        let order = std::ptr::from_ref(self).cmp(&std::ptr::from_ref(other));
        py.detach(|| match order {
            Ordering::Equal => {
                let mut mine = self.lock();
                let copy = mine.clone();
                work(&mut mine, &copy)
            }
            Ordering::Less => {
                let mut mine = self.lock();
                let theirs = other.lock();
                work(&mut mine, &theirs)
            }
            Ordering::Greater => {
                let theirs = other.lock();
                work(&mut self.lock(), &theirs)
            }
        })
        .or_raise(py)
    }

    fn fold(&self, py: Python<'_>, taking: &Taking) -> PyResult<Fold> {
        let bad_rows = match taking.bad_rows.as_str() {
            "refuse" => BadRows::Refuse,
            "set_aside" => BadRows::SetAside,
            other => return Err(raised(py, &Error::unknown("value of bad_rows", other, ["refuse", "set_aside"]))),
        };
        if !(1..=1024).contains(&taking.threads) {
            return Err(raised(py, &Error::argument(format!("threads = {}; use 1 to 1024", taking.threads))));
        }
        let tally = &self.empty;
        let mut reading = Reading::of(tally);
        if let Some(repeat) = &taking.repeat {
            for name in &repeat.columns {
                if !reading.names().any(|known| known == name) {
                    reading = reading.column(name, None);
                }
            }
        }
        for (column, unit) in &taking.units {
            let Some(known) = TimeUnit::from_name(unit) else {
                return Err(raised(py, &Error::unknown("time unit", unit, ["s", "ms", "us", "ns"])));
            };
            let host = tally.plan().host_name(column).to_owned();
            if !reading.names().any(|name| name == host) {
                let error = Error::unknown("column in `units`", column, reading.names());
                return Err(raised(py, &error));
            }
            reading = reading.column(host, Some(known));
        }
        if taking.trusted {
            reading = reading.trusted();
        }
        let options = PushOptions { bad_rows, as_of: taking.as_of, ..PushOptions::default() };
        Ok(Fold { reading, others: taking.others.clone(), options, threads: taking.threads })
    }

    /// Folds a table into a tally of its own, and says how many repeat answers were set aside before.
    fn folded(
        &self,
        py: Python<'_>,
        data: &Bound<'_, PyAny>,
        taking: Taking,
    ) -> PyResult<(csat_core::Tally<Recipe>, Option<u64>)> {
        let fold = self.fold(py, &taking)?;
        let keep = taking.repeat.as_ref().map(|repeat| repeat.keep.parse::<Keep>()).transpose().or_raise(py)?;
        let empty = self.empty.empty_like();
        let source = Source::new(data)?;
        let repeats = taking.repeat.zip(keep).map(|(Repeat { columns, .. }, keep)| {
            (Repeats::new(columns.each_ref().map(String::as_str), empty.plan().zone.clone()), keep)
        });
        py.detach(|| match repeats {
            None => fold.run(empty, source).map(|tally| (tally, None)),
            Some((repeats, keep)) => {
                let (source, set_aside) = fold.without_repeats(source, repeats, keep)?;
                fold.run(empty, source).map(|tally| (tally, Some(set_aside)))
            }
        })
        .or_raise(py)
    }
}

fn kind_name(kind: &Kind) -> &'static str {
    match kind {
        Kind::Instant => "instant",
        Kind::SlotTime => "slot_time",
        Kind::Duration => "duration",
        Kind::Integer => "integer",
        Kind::Mark => "mark",
        Kind::Flag => "flag",
        Kind::Category(_) => "category",
    }
}

/// The columns a tally takes: role, the host's column, kind and who needs it.
fn columns<'py>(py: Python<'py>, tally: &csat_core::Tally<Recipe>) -> PyResult<Bound<'py, PyList>> {
    let out = PyList::empty(py);
    let plan = tally.plan();
    let add = |role: &str, kind: &str, required_by: Option<&str>| {
        let item = PyDict::new(py);
        item.set_item("role", role)?;
        item.set_item("column", plan.host_name(role))?;
        item.set_item("kind", kind)?;
        item.set_item("required_by", required_by)?;
        out.append(item)
    };
    for need in tally.schema().needs() {
        add(&need.role, kind_name(&need.kind), need.required_by.as_deref())?;
    }
    for key in &plan.keys {
        add(key, "key", Some("the key"))?;
    }
    Ok(out)
}

fn every_of(text: Option<&str>) -> Result<Option<Every>> {
    text.map(str::parse).transpose()
}

#[pymethods]
impl Tally {
    #[new]
    fn new(plan: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = plan.py();
        let plan = to_json(plan)?;
        let tally = Plan::from_json(&plan).and_then(csat_core::Tally::new).or_raise(py)?;
        Ok(Self::new_of(tally))
    }

    /// The plan as a dict.
    fn plan<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let plan = self.empty.plan().to_json().or_raise(py)?;
        to_python(py, &plan)
    }

    /// The columns it takes.
    fn columns<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        columns(py, &self.empty)
    }

    /// The names of the columns it takes, without repetition.
    fn names(&self) -> Vec<String> {
        Reading::of(&self.empty).names().map(str::to_owned).collect()
    }

    /// The footprint: equal footprints can merge.
    #[getter]
    fn footprint(&self) -> String {
        format!("{:016x}", u64::from_be_bytes(self.empty.footprint()))
    }

    /// How many groups it has.
    #[getter]
    fn groups(&self, py: Python<'_>) -> usize {
        py.detach(|| self.lock().groups())
    }

    /// Bytes held, roughly.
    #[getter]
    fn memory(&self, py: Python<'_>) -> usize {
        py.detach(|| self.lock().memory())
    }

    /// Rows set aside so far: how many by reason, and the first ten.
    fn set_aside<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let aside = py.detach(|| self.lock().set_aside().clone());
        let (out, counts, first) = (PyDict::new(py), PyDict::new(py), PyList::empty(py));
        for (reason, count) in &aside.counts {
            counts.set_item(reason, count)?;
        }
        for (row, error) in &aside.first {
            first.append((row, error.message()))?;
        }
        out.set_item("total", aside.total())?;
        out.set_item("counts", counts)?;
        out.set_item("first", first)?;
        Ok(out)
    }

    /// Counts a table. All or nothing. Gives how many repeat answers were set aside, where that was asked for.
    fn push(&self, py: Python<'_>, data: &Bound<'_, PyAny>, taking: Taking) -> PyResult<Option<u64>> {
        let (folded, set_aside) = self.folded(py, data, taking)?;
        self.with(py, |mine| {
            if mine.groups() == 0 && mine.set_aside().total() == 0 {
                *mine = folded;
                return Ok(set_aside);
            }
            mine.merge(&folded).map(|()| set_aside)
        })
    }

    /// An empty tally of the same plan.
    fn empty_like(&self) -> Self {
        Self::new_of(self.empty.empty_like())
    }

    /// A copy.
    fn copy(&self, py: Python<'_>) -> Self {
        Self::new_of(py.detach(|| self.lock().clone()))
    }

    /// Adds another tally of the same plan.
    fn merge(&self, py: Python<'_>, other: &Bound<'_, Tally>) -> PyResult<()> {
        self.with_other(py, other.get(), csat_core::Tally::merge)
    }

    /// Takes another tally out again.
    fn subtract(&self, py: Python<'_>, other: &Bound<'_, Tally>) -> PyResult<()> {
        self.with_other(py, other.get(), csat_core::Tally::subtract)
    }

    /// Adds a saved state of the same plan.
    fn merge_saved(&self, py: Python<'_>, state: &[u8]) -> PyResult<()> {
        self.with(py, |mine| mine.merge_saved(state))
    }

    /// Pools to fewer keys or longer slots.
    #[pyo3(signature = (keys, every=None))]
    fn roll_up(&self, py: Python<'_>, keys: Vec<String>, every: Option<&str>) -> PyResult<Self> {
        let every = every_of(every).or_raise(py)?;
        self.with(py, |mine| mine.roll_up(&keys, every)).map(Self::new_of)
    }

    /// The slots that start in `start..end`, microseconds UTC.
    fn window(&self, py: Python<'_>, start: i64, end: i64) -> PyResult<Self> {
        self.with(py, |mine| mine.window(start, end)).map(Self::new_of)
    }

    /// Drops the slots that start before an instant, microseconds UTC.
    fn forget(&self, py: Python<'_>, before: i64) -> PyResult<()> {
        self.with(py, |mine| mine.forget(before))
    }

    /// The state as bytes, plan included (or only the cells).
    #[pyo3(signature = (cells=false))]
    fn save<'py>(&self, py: Python<'py>, cells: bool) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = self.with(py, |mine| if cells { mine.save_cells() } else { mine.save() })?;
        Ok(PyBytes::new(py, &bytes))
    }

    /// Reads back a saved state.
    #[staticmethod]
    fn load(py: Python<'_>, state: &[u8]) -> PyResult<Self> {
        py.detach(|| csat_core::Tally::load(state)).or_raise(py).map(Self::new_of)
    }

    /// All estimates as a table; `recipes` reads the same counts by other definitions; `pending` is a table of rows to
    /// overlay without counting them, with how it is taken.
    #[pyo3(signature = (confidence, wide=false, recipes=None, pending=None))]
    fn report(
        &self,
        py: Python<'_>,
        confidence: Option<f64>,
        wide: bool,
        recipes: Option<&Bound<'_, PyAny>>,
        pending: Option<(Bound<'_, PyAny>, Taking)>,
    ) -> PyResult<Frame> {
        let overlay = match pending {
            Some((data, taking)) => Some(self.folded(py, &data, taking)?.0),
            None => None,
        };
        let recipes: Option<Vec<Recipe>> = match recipes.map(to_json).transpose()? {
            None | Some(Value::Null) => None,
            Some(Value::Array(list)) => Some(list.iter().map(Recipe::from_plan).collect::<Result<_>>().or_raise(py)?),
            Some(_) => return Err(raised(py, &Error::argument("`measures` is a list of recipes"))),
        };
        let batch = self.with(py, |mine| {
            let with_pending = match &overlay {
                Some(overlay) => {
                    let mut all = mine.clone();
                    all.merge(overlay)?;
                    Some(all)
                }
                None => None,
            };
            let tally = with_pending.as_ref().unwrap_or(mine);
            let report = match &recipes {
                Some(recipes) => tally.report_as(recipes, confidence)?,
                None if wide && confidence.is_none() => tally.report_values()?,
                None => tally.report(confidence)?,
            };
            let zone = tally.plan().zone.as_ref().map(Zone::name);
            if wide { wide_table(report, zone, confidence.is_some()) } else { long_table(&report, zone) }
        })?;
        Ok(Frame { batch })
    }
}

/// Checks a plan; gives it back with every default, and the columns it takes.
#[pyfunction]
pub(crate) fn check_plan<'py>(
    py: Python<'py>,
    plan: &Bound<'py, PyAny>,
) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyList>)> {
    let plan = to_json(plan)?;
    let tally = Plan::from_json(&plan).and_then(csat_core::Tally::new).or_raise(py)?;
    let written = tally.plan().to_json().or_raise(py)?;
    Ok((to_python(py, &written)?, columns(py, &tally)?))
}

/// The parts that a recipe gives: path, unit and definition.
#[pyfunction]
pub(crate) fn parts(py: Python<'_>, recipe: &Bound<'_, PyAny>) -> PyResult<Vec<(String, &'static str, String)>> {
    let recipe = Recipe::from_plan(&to_json(recipe)?).or_raise(py)?;
    Ok(recipe.parts().into_iter().map(|p| (p.path, p.unit.name(), p.definition)).collect())
}

/// An instant written as text (ISO 8601 with a zone, or local time of `zone`) in microseconds UTC.
#[pyfunction]
#[pyo3(signature = (text, zone=None))]
pub(crate) fn parse_instant(py: Python<'_>, text: &str, zone: Option<&str>) -> PyResult<i64> {
    let read = || match zone {
        Some(zone) => Zone::new(zone)?.parse(text),
        None => instant::parse_instant(text),
    };
    read().or_raise(py)
}
