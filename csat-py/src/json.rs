//! JSON values from Python objects and back.

use csat_core::{Error, ErrorKind, Result};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString};
use serde_json::{Map, Number, Value};

use crate::error::{Raise, raised};

/// How deep containers may lie in one another.
const DEEPEST: usize = 64;

fn refuse(py: Python<'_>, message: String) -> PyErr {
    raised(py, &Error::new(ErrorKind::InvalidArgument, message))
}

/// A text of Python; half a surrogate pair, which Python lets a text hold, is no character and is refused.
pub(crate) fn text_of<'t>(text: &'t Bound<'_, PyString>) -> Result<&'t str> {
    text.to_str().map_err(|_| {
        let shown = text.repr().map_or_else(|_| String::new(), |shown| shown.to_string());
        Error::new(ErrorKind::BadText, format!("the text {shown} holds half a surrogate pair, which is no character"))
    })
}

/// A key of a dict.
fn key_of(key: &Bound<'_, PyAny>) -> PyResult<String> {
    match key.cast::<PyString>() {
        Ok(text) => text_of(text).or_raise(key.py()).map(str::to_owned),
        Err(_) => Err(refuse(key.py(), format!("a name is a text, not {}", key.repr()?))),
    }
}

/// TOML or JSON text, or a dict as JSON.
pub(crate) fn written(source: &Bound<'_, PyAny>) -> PyResult<String> {
    match source.cast::<PyString>() {
        Ok(text) => text_of(text).or_raise(source.py()).map(str::to_owned),
        Err(_) => Ok(to_json(source)?.to_string()),
    }
}

/// A Python object as JSON: None, truth values, numbers, text, sequences, mappings with text keys; NaN is null.
pub(crate) fn to_json(object: &Bound<'_, PyAny>) -> PyResult<Value> {
    convert(object, 0)
}

fn convert(object: &Bound<'_, PyAny>, depth: usize) -> PyResult<Value> {
    let py = object.py();
    if depth > DEEPEST {
        return Err(refuse(py, format!("an argument is nested deeper than {DEEPEST} levels")));
    }
    if object.is_none() {
        return Ok(Value::Null);
    }
    if let Ok(truth) = object.cast::<PyBool>() {
        return Ok(Value::Bool(truth.is_true()));
    }
    if object.is_instance_of::<PyInt>() {
        let small = object.extract::<i64>().map(Value::from).or_else(|_| object.extract::<u64>().map(Value::from));
        return small.map_err(|_| refuse(py, format!("{object} is beyond 64 bits")));
    }
    if let Ok(number) = object.cast::<PyFloat>() {
        return float(py, number.value());
    }
    if let Ok(text) = object.cast::<PyString>() {
        return text_of(text).or_raise(py).map(|text| Value::String(text.to_owned()));
    }
    if let Ok(map) = object.cast::<PyDict>() {
        let mut out = Map::new();
        for (key, value) in map {
            out.insert(key_of(&key)?, convert(&value, depth + 1)?);
        }
        return Ok(Value::Object(out));
    }
    // Lists, tuples, ranges, and through `tolist` the arrays and series of other libraries.
    let items = if object.hasattr("tolist")? { object.call_method0("tolist")? } else { object.clone() };
    let items = if !items.is_instance_of::<PyList>() && items.hasattr("to_list")? {
        items.call_method0("to_list")?
    } else {
        items
    };
    if items.is_instance_of::<PyInt>() || items.is_instance_of::<PyFloat>() || items.is_instance_of::<PyBool>() {
        return convert(&items, depth + 1);
    }
    if let Ok(iterator) = items.try_iter() {
        return iterator.map(|item| convert(&item?, depth + 1)).collect::<PyResult<Vec<_>>>().map(Value::Array);
    }
    if let Ok(number) = object.extract::<f64>() {
        return float(py, number);
    }
    Err(refuse(py, format!("an argument of type {} cannot be used here", object.get_type().name()?)))
}

fn float(py: Python<'_>, number: f64) -> PyResult<Value> {
    if number.is_infinite() {
        return Err(refuse(py, format!("{number} is not a finite number")));
    }
    Ok(Number::from_f64(number).map_or(Value::Null, Value::Number))
}

/// A mapping of keyword arguments as JSON.
pub(crate) fn to_map(arguments: Option<&Bound<'_, PyDict>>) -> PyResult<Map<String, Value>> {
    match arguments.map(|a| to_json(a)).transpose()? {
        Some(Value::Object(map)) => Ok(map),
        _ => Ok(Map::new()),
    }
}

/// JSON as a Python object; `"inf"` and `"-inf"` are infinities.
pub(crate) fn to_python<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        Value::Null => py.None().into_bound(py),
        Value::Bool(b) => PyBool::new(py, *b).to_owned().into_any(),
        Value::Number(n) => match (n.as_i64(), n.as_u64()) {
            (Some(n), _) => n.into_pyobject(py)?.into_any(),
            (_, Some(n)) => n.into_pyobject(py)?.into_any(),
            _ => PyFloat::new(py, n.as_f64().unwrap_or(f64::NAN)).into_any(),
        },
        Value::String(s) if s == "inf" => PyFloat::new(py, f64::INFINITY).into_any(),
        Value::String(s) if s == "-inf" => PyFloat::new(py, f64::NEG_INFINITY).into_any(),
        Value::String(s) => PyString::new(py, s).into_any(),
        Value::Array(items) => {
            let list = PyList::empty(py);
            for item in items {
                list.append(to_python(py, item)?)?;
            }
            list.into_any()
        }
        Value::Object(map) => {
            let dict = PyDict::new(py);
            for (key, value) in map {
                dict.set_item(key, to_python(py, value)?)?;
            }
            dict.into_any()
        }
    })
}
