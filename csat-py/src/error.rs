//! `csat.Error` and one subclass for each kind, made from the closed list.

use std::ffi::CString;

use csat_core::{Error, ErrorKind};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyType};

static TYPES: PyOnceLock<Vec<(ErrorKind, Py<PyType>)>> = PyOnceLock::new();
static BASE: PyOnceLock<Py<PyType>> = PyOnceLock::new();

/// The name of the subclass of a kind: `bad_value` is `BadValueError`.
pub(crate) fn class_name(kind: ErrorKind) -> String {
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    kind.name().split('_').map(capital).collect::<String>() + "Error"
}

fn new_type(
    py: Python<'_>,
    name: &str,
    doc: &str,
    base: &Bound<'_, PyType>,
    kind: Option<&str>,
) -> PyResult<Py<PyType>> {
    let (name, doc) = (CString::new(format!("csat.{name}"))?, CString::new(doc)?);
    let made = PyErr::new_type(py, &name, Some(&doc), Some(base), None)?;
    made.bind(py).setattr("kind", kind)?;
    Ok(made)
}

fn base(py: Python<'_>) -> PyResult<&Py<PyType>> {
    BASE.get_or_try_init(py, || {
        let doc =
            "What csat refuses: `kind` for programs, the message for people, `context` with column, row and the like.";
        new_type(py, "Error", doc, &py.get_type::<PyValueError>(), None)
    })
}

fn types(py: Python<'_>) -> PyResult<&Vec<(ErrorKind, Py<PyType>)>> {
    TYPES.get_or_try_init(py, || {
        let base = base(py)?.bind(py);
        let make = |kind: &ErrorKind| {
            let doc = format!("A csat.Error of the kind `{}`.", kind.name());
            Ok((*kind, new_type(py, &class_name(*kind), &doc, base, Some(kind.name()))?))
        };
        ErrorKind::ALL.iter().map(make).collect()
    })
}

/// Puts the exceptions into the module.
pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    module.add("Error", base(py)?.clone_ref(py))?;
    for (kind, class) in types(py)? {
        module.add(&*class_name(*kind), class.clone_ref(py))?;
    }
    Ok(())
}

/// A csat error as a Python exception.
pub(crate) fn raised(py: Python<'_>, error: &Error) -> PyErr {
    let make = || -> PyResult<PyErr> {
        let class = types(py)?.iter().find(|(kind, _)| *kind == error.kind()).map(|(_, class)| class);
        let class = class.unwrap_or(base(py)?).bind(py);
        let exception = class.call1((error.message(),))?;
        let context = PyDict::new(py);
        for (key, value) in error.context() {
            context.set_item(key, value)?;
        }
        exception.setattr("context", context)?;
        exception.setattr("kind", error.kind().name())?;
        Ok(PyErr::from_value(exception))
    };
    make().unwrap_or_else(|e| e)
}

/// Turns csat's results into Python's.
pub(crate) trait Raise<T> {
    fn or_raise(self, py: Python<'_>) -> PyResult<T>;
}

impl<T> Raise<T> for csat_core::Result<T> {
    fn or_raise(self, py: Python<'_>) -> PyResult<T> {
        self.map_err(|e| raised(py, &e))
    }
}
