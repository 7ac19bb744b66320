//! Calling a function of the door by name.

use serde_json::{Map, Value};

use super::Function;
use super::function::Arguments;
use crate::error::{Error, ErrorKind, Result};

/// Every function of the door, in a fixed order.
pub fn functions() -> impl Iterator<Item = &'static Function> {
    super::PARTS.iter().flat_map(|part| part.iter())
}

/// Runs the function `name` with a JSON object of arguments.
pub fn call(name: &str, arguments: Map<String, Value>) -> Result<Value> {
    let function = functions()
        .find(|f| f.name == name)
        .ok_or_else(|| Error::unknown("function", name, functions().map(|f| f.name)))?;
    let mut arguments = Arguments::new(arguments);
    arguments.check(function.parameters)?;
    (function.run)(&mut arguments).map_err(|e| e.at(name))
}

/// Runs a request `{"function": NAME, …arguments}` and gives the answer as JSON text.
///
/// ```
/// let answer = csat_core::door::call_text(r#"{"function": "share.wilson", "successes": 8, "n": 10}"#)?;
/// assert!(answer.starts_with(r#"{"low":0.49"#));
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn call_text(request: &str) -> Result<String> {
    let value: Value = serde_json::from_str(request)
        .map_err(|e| Error::new(ErrorKind::BadText, format!("the request is not valid JSON: {e}")))?;
    let Value::Object(mut map) = value else {
        return Err(Error::new(ErrorKind::BadText, "the request must be a JSON object with a key `function`"));
    };
    match map.shift_remove("function") {
        Some(Value::String(name)) => call(&name, map).map(|answer| answer.to_string()),
        _ => Err(Error::argument("the request needs a key `function` with the name of a function")),
    }
}
