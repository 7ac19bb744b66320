//! One vector: what it gives, what it asks, and how the answer compares.

use csat_core::time::instant::parse_instant;
use serde_json::{Map, Value};

use crate::call::{Backend, Count, Line, Refusal, has_function, missing_measures};

/// Why a vector did not pass.
#[derive(Debug)]
pub(crate) enum Fail {
    /// What it asks for is not built.
    NotRun(String),
    /// It ran, or should have, and something is wrong.
    Wrong(String),
    /// The library refused it.
    Refused(Refusal),
}

/// The outcome of a vector, or of a step towards it.
pub(crate) type Run<T> = Result<T, Fail>;

impl Fail {
    /// What is wrong, in words.
    pub(crate) fn message(&self) -> String {
        match self {
            Fail::NotRun(message) | Fail::Wrong(message) => message.clone(),
            Fail::Refused(refusal) => format!("{} ({})", refusal.message, refusal.kind),
        }
    }
}

/// A wrong vector.
pub(crate) fn wrong<T>(message: impl Into<String>) -> Run<T> {
    Err(Fail::Wrong(message.into()))
}

impl From<Refusal> for Fail {
    fn from(refusal: Refusal) -> Self {
        Fail::Refused(refusal)
    }
}

/// One variant: its inputs over those of its case, its options, and the expected value that holds.
pub(crate) struct Case {
    pub(crate) metric: String,
    pub(crate) input: Map<String, Value>,
    pub(crate) options: Map<String, Value>,
    /// The source does something that csat does not offer.
    pub(crate) differs: bool,
    pub(crate) expected: Value,
}

impl Case {
    /// An input; null where it is absent.
    pub(crate) fn input(&self, key: &str) -> &Value {
        self.input.get(key).unwrap_or(&Value::Null)
    }

    /// An option; null where it is absent.
    pub(crate) fn option(&self, key: &str) -> &Value {
        self.options.get(key).unwrap_or(&Value::Null)
    }

    /// An option that is a word; empty where it is absent.
    pub(crate) fn word(&self, key: &str) -> &str {
        self.option(key).as_str().unwrap_or("")
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.input.contains_key(key)
    }

    pub(crate) fn asks(&self, key: &str) -> bool {
        self.options.contains_key(key)
    }

    pub(crate) fn number(&self, key: &str) -> Run<f64> {
        number(self.input(key), key)
    }

    pub(crate) fn list(&self, key: &str) -> Run<&[Value]> {
        list(self.input(key), key)
    }

    /// The confidence asked for in an input or an option.
    pub(crate) fn confidence(&self) -> f64 {
        let given = [self.option("conf"), self.input("conf")].into_iter().find_map(Value::as_f64);
        given.unwrap_or(0.95)
    }
}

pub(crate) fn number(value: &Value, what: &str) -> Run<f64> {
    value.as_f64().ok_or_else(|| Fail::Wrong(format!("`{what}` is {value}, not a number")))
}

pub(crate) fn text<'v>(value: &'v Value, what: &str) -> Run<&'v str> {
    value.as_str().ok_or_else(|| Fail::Wrong(format!("`{what}` is {value}, not a text")))
}

pub(crate) fn list<'v>(value: &'v Value, what: &str) -> Run<&'v [Value]> {
    value.as_array().map(Vec::as_slice).ok_or_else(|| Fail::Wrong(format!("`{what}` is {value}, not a list")))
}

/// A function of the door, with arguments given as an object; null arguments are left out.
pub(crate) fn ask(backend: &mut dyn Backend, function: &str, arguments: Value) -> Run<Value> {
    answer(backend, function, arguments)?.map_err(Fail::from)
}

/// The same, where a refusal may be what is expected.
pub(crate) fn answer(backend: &mut dyn Backend, function: &str, arguments: Value) -> Run<Result<Value, Refusal>> {
    if !has_function(function) {
        return Err(Fail::NotRun(format!("no function `{function}`")));
    }
    let Value::Object(map) = arguments else { return wrong("arguments are an object") };
    let given = map.into_iter().filter(|(_, value)| !value.is_null()).collect();
    Ok(backend.function(function, given))
}

/// A tally.
pub(crate) fn tally(backend: &mut dyn Backend, count: &Count) -> Run<Vec<Line>> {
    let missing = missing_measures(count);
    if let Some(name) = missing.first() {
        return Err(Fail::NotRun(format!("no measure `{name}`")));
    }
    Ok(backend.count(count)?)
}

/// The line of a part; the only one of its name.
pub(crate) fn part<'l>(lines: &'l [Line], path: &str) -> Run<&'l Line> {
    let mut found = lines.iter().filter(|line| line.part == path);
    match (found.next(), found.next()) {
        (Some(line), None) => Ok(line),
        (None, _) => wrong(format!("no part `{path}` in the report")),
        _ => wrong(format!("several parts `{path}` in the report")),
    }
}

/// A line as an object.
pub(crate) fn shown(line: &Line) -> Value {
    serde_json::json!({
        "value": line.value, "low": line.low, "high": line.high, "n": line.n,
        "numerator": line.numerator, "denominator": line.denominator,
    })
}

/// How near is near enough.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Near {
    /// Half a unit of the last printed decimal, of at least this many.
    Printed(i32),
    /// The larger of an absolute and a relative distance.
    Within(f64, f64),
}

impl Near {
    fn holds(self, expected: f64, found: f64) -> bool {
        let distance = (found - expected).abs();
        match self {
            Near::Printed(least) => {
                let text = expected.to_string();
                let printed = text.split_once('.').map_or(0, |(_, decimals)| decimals.len() as i32);
                // The slack covers a tie and what binary fractions cannot say.
                distance <= 0.51 * 10f64.powi(-printed.clamp(least, 12)) + 1e-15 * expected.abs()
            }
            Near::Within(abs, rel) => distance <= abs.max(rel * expected.abs()),
        }
    }
}

/// Compares; says where and how it differs. Keys of the answer that are not expected are not looked at.
pub(crate) fn compare(expected: &Value, found: &Value, near: Near) -> Result<(), String> {
    let differs = || format!("found {found}, expected {expected}");
    match (expected, found) {
        (Value::Object(e), Value::Object(f)) => e.iter().try_for_each(|(key, value)| {
            let whole = |name: &str| f.get(name).and_then(Value::as_f64);
            match key.as_str() {
                "hits" if whole("numerator").is_some() => exactly(value, whole("numerator")),
                "counted" if whole("denominator").is_some() => exactly(value, whole("denominator")),
                // A reduced fraction.
                "num" | "den" if whole("numerator").is_some() => {
                    let (num, den) = (e["num"].as_f64().unwrap_or(-1.0), e["den"].as_f64().unwrap_or(-1.0));
                    let (n, d) = (whole("numerator").unwrap_or(-1.0), whole("denominator").unwrap_or(-1.0));
                    if d > 0.0 && n * den == d * num { Ok(()) } else { Err(format!("{n}/{d} is not {num}/{den}")) }
                }
                _ => match f.get(key) {
                    Some(inner) => compare(value, inner, near),
                    None => Err(format!("no `{key}` in the answer")),
                }
                .map_err(|e| format!("{key}: {e}")),
            }
        }),
        (_, Value::Object(f)) if f.contains_key("value") => compare(expected, &f["value"], near),
        (Value::Array(e), Value::Array(f)) if e.len() == f.len() => {
            let each = |(i, (e, f))| compare(e, f, near).map_err(|m| format!("[{i}]: {m}"));
            e.iter().zip(f).enumerate().try_for_each(each)
        }
        // A pair may stand for an object with two fields.
        (Value::Array(e), Value::Object(f)) if e.len() == f.len() => {
            e.iter().zip(f.values()).try_for_each(|(e, f)| compare(e, f, near))
        }
        (Value::Number(e), Value::Number(f)) => {
            let (e, f) = (e.as_f64().unwrap_or(f64::NAN), f.as_f64().unwrap_or(f64::NAN));
            if near.holds(e, f) { Ok(()) } else { Err(differs()) }
        }
        (Value::String(e), Value::String(f)) => match (parse_instant(e), parse_instant(f)) {
            (Ok(e), Ok(f)) if e == f => Ok(()),
            _ if e == f => Ok(()),
            _ => Err(differs()),
        },
        _ if expected == found => Ok(()),
        _ => Err(differs()),
    }
}

fn exactly(expected: &Value, found: Option<f64>) -> Result<(), String> {
    if expected.as_f64() == found { Ok(()) } else { Err(format!("found {found:?}, expected {expected}")) }
}

/// Compares and turns a difference into a failure.
pub(crate) fn check(expected: &Value, found: &Value, near: Near) -> Run<()> {
    compare(expected, found, near).map_err(Fail::Wrong)
}

/// What an expected error is recognised by: its kind, its reason, or a part of its message.
pub(crate) fn is_expected(error: &Value, refusal: &Refusal) -> bool {
    let Some(text) = error.as_str() else { return false };
    text == refusal.kind || refusal.reason.as_deref() == Some(text) || refusal.message.contains(text)
}
