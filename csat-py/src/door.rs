//! The closed lists of the core, and the text door.

use csat_core::measure::{Effect, Measure};
use csat_core::record::Table;
use csat_core::{ErrorKind, Plan, Recipe, Tally};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde_json::{Value, json};

use crate::error::{Raise, class_name};
use crate::json::{to_map, to_python};

/// Runs a function of the door.
#[pyfunction]
#[pyo3(signature = (name, /, **arguments))]
pub(crate) fn call<'py>(
    py: Python<'py>,
    name: &str,
    arguments: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyAny>> {
    let arguments = to_map(arguments)?;
    let answer = py.detach(|| csat_core::door::call(name, arguments)).or_raise(py)?;
    to_python(py, &answer)
}

/// Every function of the door: name, documentation, parameters.
#[pyfunction]
pub(crate) fn functions(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    let list = csat_core::door::functions().map(|f| {
        let parameters = f.parameters.iter().map(|p| json!({ "name": p.name, "kind": p.kind, "default": p.default }));
        let example: Value = serde_json::from_str(f.example).unwrap_or(Value::Null);
        json!({ "name": f.name, "doc": f.doc, "example": example, "parameters": parameters.collect::<Vec<_>>() })
    });
    to_python(py, &Value::Array(list.collect()))
}

/// The columns a recipe reads without keys and slots: role, kind and whether it is required.
fn roles(recipe: &Recipe) -> csat_core::Result<Value> {
    let tally = Tally::new(Plan::new([recipe.clone()]))?;
    let needs = tally.schema().needs().iter();
    Ok(needs.map(|n| json!({ "role": n.role, "required": n.required_by.is_some() })).collect())
}

/// Every measure: what it is, its options, the columns it reads, the parts it gives.
#[pyfunction]
pub(crate) fn measures(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    let list = Recipe::all().into_iter().map(|recipe| {
        let about = recipe.about();
        let value = |text: &str| serde_json::from_str::<Value>(text).unwrap_or(Value::Null);
        let options = about.options.iter().map(|o| {
            let effect = if o.effect == Effect::Shapes { "shapes" } else { "reads" };
            json!({ "name": o.name, "effect": effect, "default": value(o.default), "other": value(o.other), "doc": o.doc })
        });
        let parts = recipe.parts().into_iter();
        let parts = parts.map(|p| json!({ "path": p.path, "unit": p.unit.name(), "definition": p.definition }));
        json!({
            "name": about.name,
            "title": about.title,
            "title_ru": about.title_ru,
            "table": about.table.name(),
            "doc": about.doc,
            "options": options.collect::<Vec<_>>(),
            "example": value(about.example),
            "parts": parts.collect::<Vec<_>>(),
            "roles": roles(&recipe).unwrap_or(Value::Null),
        })
    });
    to_python(py, &Value::Array(list.collect()))
}

/// Every table and the columns it has by its nature.
#[pyfunction]
pub(crate) fn tables(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    let list = Table::ALL.iter().map(|table| {
        let columns = table.known_columns().iter();
        let columns = columns.map(|c| json!({ "name": c.name, "kind": c.kind, "doc": c.doc }));
        json!({ "name": table.name(), "slot_column": table.slot_column(), "columns": columns.collect::<Vec<_>>() })
    });
    to_python(py, &Value::Array(list.collect()))
}

/// Every kind of error and the name of its class.
#[pyfunction]
pub(crate) fn error_kinds() -> Vec<(&'static str, String)> {
    ErrorKind::ALL.iter().map(|kind| (kind.name(), class_name(*kind))).collect()
}
