//! Options of recipes as people write them: one value where a list is wanted, and a refusal in words.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::error::{Error, ErrorKind, Result};
use crate::measure::{About, OptionInfo};

/// Reads the options of a recipe. Where an option takes a list, one value is a list of one.
pub(crate) fn read<T: DeserializeOwned>(about: &About, given: Map<String, Value>) -> Result<T> {
    let mut options = Map::new();
    for (name, value) in given {
        let Some(option) = about.options.iter().find(|o| o.name == name) else {
            return Err(Error::unknown("option", &name, about.options.iter().map(|o| o.name)).at(about.name));
        };
        options.insert(name, listed(option, value));
    }
    serde_json::from_value(Value::Object(options.clone()))
        .map_err(|error| refusal::<T>(about, &options, &error).at(about.name))
}

fn listed(option: &OptionInfo, value: Value) -> Value {
    let takes_list = option.default.starts_with('[') || option.default == "null" && option.other.starts_with('[');
    if takes_list && !value.is_array() && !value.is_null() { Value::Array(vec![value]) } else { value }
}

/// What is wrong, and where: serde says neither in words for people, so the option, the item of its list and the key of
/// that item are found by reading them alone.
fn refusal<T: DeserializeOwned>(about: &About, options: &Map<String, Value>, whole: &serde_json::Error) -> Error {
    for option in about.options {
        let why = |value: &Value| {
            let alone = Map::from_iter([(option.name.to_owned(), value.clone())]);
            serde_json::from_value::<T>(Value::Object(alone)).err().map(|e| e.to_string())
        };
        let Some((value, reason)) = options.get(option.name).and_then(|v| Some((v, why(v)?))) else { continue };
        let mut place = format!("`{}`", option.name);
        let mut culprit = value;
        let items = value.as_array().map_or(&[] as &[Value], Vec::as_slice);
        let alone = |item: &Value| why(&Value::Array(vec![item.clone()]));
        if let Some(at) = items.iter().position(|item| alone(item).as_ref() == Some(&reason)) {
            culprit = &items[at];
            if items.len() > 1 {
                place.push_str(&format!(", item {}", at + 1));
            }
            let keys = culprit.as_object().map(Map::keys).into_iter().flatten();
            let wrong_key = |key: &&String| {
                let mut rest = culprit.clone();
                rest.as_object_mut().map(|map| map.shift_remove(key.as_str()));
                alone(&rest).is_none_or(|why| why.starts_with(&format!("missing field `{key}`")))
            };
            if !reason.starts_with("unknown field")
                && !reason.starts_with("missing field")
                && let Some(key) = keys.into_iter().find(wrong_key)
            {
                place.push_str(&format!(": `{key}`"));
                culprit = &culprit[key];
            }
        }
        return in_words(option, culprit, &reason).at(place);
    }
    Error::new(ErrorKind::InvalidOption, whole.to_string())
}

fn in_words(option: &OptionInfo, value: &Value, reason: &str) -> Error {
    let quoted: Vec<&str> = reason.split('`').skip(1).step_by(2).collect();
    match quoted.split_first() {
        Some((name, known)) if reason.starts_with("unknown field") => {
            Error::unknown("key", name, known.iter().copied())
        }
        Some((name, known)) if reason.starts_with("unknown variant") => {
            Error::unknown("value", name, known.iter().copied())
        }
        Some((name, _)) if reason.starts_with("missing field") => {
            Error::new(ErrorKind::InvalidOption, format!("`{name}` is missing ({})", option.doc))
        }
        _ => {
            let mut given: String = value.to_string().chars().take(60).collect();
            if value.is_null() {
                given.push_str(", as which NaN and infinity arrive");
            }
            let example = if matches!(option.default, "null" | "[]") { option.other } else { option.default };
            let valid = if example.len() <= 80 { format!("; a valid value is {example}") } else { String::new() };
            Error::new(ErrorKind::InvalidOption, format!("it cannot be {given}{valid} ({})", option.doc))
        }
    }
}
