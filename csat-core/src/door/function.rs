//! One function of the text door: its name, its parameters and how it is run.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::error::{Error, ErrorKind, Result};

/// A parameter of a [`Function`].
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// The key of the JSON request.
    pub name: &'static str,
    /// The Rust type it is read as, for documentation.
    pub kind: &'static str,
    /// The default as an expression, or `None` where the parameter is required.
    pub default: Option<&'static str>,
}

/// A cold computation that can be called by name with a JSON request.
#[derive(Clone, Copy)]
pub struct Function {
    /// Such as `share.wilson`: the module of `stats`, `judge` or `workforce` and the function.
    pub name: &'static str,
    /// Documentation: meaning, formula, errors, source.
    pub doc: &'static str,
    /// Arguments of a call, as a JSON object.
    pub example: &'static str,
    /// What it takes, in order.
    pub parameters: &'static [Parameter],
    pub(crate) run: fn(&mut Arguments) -> Result<Value>,
}

/// The arguments of one call, taken one by one; what is left over is unknown.
pub struct Arguments {
    map: Map<String, Value>,
}

impl Arguments {
    pub(crate) fn new(map: Map<String, Value>) -> Self {
        Self { map }
    }

    /// A required argument.
    pub fn take<T: DeserializeOwned>(&mut self, name: &str) -> Result<T> {
        match self.map.shift_remove(name) {
            Some(value) => read(name, value),
            None => Err(Error::argument(format!("`{name}` is missing")).with("argument", name)),
        }
    }

    /// An optional argument; null counts as left out.
    pub fn take_or<T: DeserializeOwned>(&mut self, name: &str, default: impl FnOnce() -> T) -> Result<T> {
        match self.map.shift_remove(name) {
            None | Some(Value::Null) => Ok(default()),
            Some(value) => read(name, value),
        }
    }

    pub(crate) fn check(&self, parameters: &[Parameter]) -> Result<()> {
        match self.map.keys().find(|key| parameters.iter().all(|p| p.name != key.as_str())) {
            None => Ok(()),
            Some(key) => Err(Error::unknown("argument", key, parameters.iter().map(|p| p.name))),
        }
    }
}

fn read<T: DeserializeOwned>(name: &str, value: Value) -> Result<T> {
    serde_json::from_value(value)
        .map_err(|e| Error::new(ErrorKind::InvalidArgument, format!("`{name}`: {e}")).with("argument", name))
}

/// Lists functions of the door.
///
/// ```text
/// functions! {
///     /// Documentation.
///     #[example = r#"{"successes": 8, "n": 10}"#]
///     "share.wilson" (successes: u64, n: u64, confidence: f64 = 0.95) => share::wilson(successes, n, confidence);
/// }
/// ```
/// The right-hand side is an expression of type `Result<impl Answer>`; arguments are owned values.
#[macro_export]
#[doc(hidden)]
macro_rules! functions {
    ($(
        $(#[doc = $doc:literal])+
        #[example = $example:literal]
        $name:literal ($($arg:ident : $kind:ty $(= $default:expr)?),* $(,)?) => $body:expr;
    )+) => {
        /// The functions of this part of the door.
        pub(crate) const FUNCTIONS: &[$crate::door::Function] = &[$(
            $crate::door::Function {
                name: $name,
                doc: concat!($($doc, "\n"),+),
                example: $example,
                parameters: &[$($crate::door::Parameter {
                    name: stringify!($arg),
                    kind: stringify!($kind),
                    default: $crate::functions!(@default $($default)?),
                }),*],
                run: |arguments| {
                    $(let $arg: $kind = $crate::functions!(@take arguments, $arg $(, $default)?);)*
                    let answer = $body?;
                    Ok($crate::answer::Answer::answer(&answer))
                },
            },
        )+];
    };
    (@default) => { None };
    (@default $default:expr) => { Some(stringify!($default)) };
    (@take $arguments:ident, $arg:ident) => { $arguments.take(stringify!($arg))? };
    (@take $arguments:ident, $arg:ident, $default:expr) => { $arguments.take_or(stringify!($arg), || $default)? };
}
