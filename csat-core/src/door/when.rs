//! Instants and durations at the door: ISO 8601 text with an offset, and seconds as numbers.

use serde::{Deserialize, Deserializer, de};
use serde_json::Value;

use super::Answer;
use crate::error::{Error, Result};
use crate::time::instant::{format_utc, parse_instant};
use crate::time::{MISSING, Period};

/// An instant: `2024-03-01T18:40+03:00` or `2024-03-01T15:40:00Z`. A text without an offset is refused.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct At(pub i64);

impl<'de> Deserialize<'de> for At {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse_instant(&text).map(At).map_err(|e| de::Error::custom(e.message()))
    }
}

impl Answer for At {
    fn answer(&self) -> Value {
        if self.0 == MISSING { Value::Null } else { format_utc(self.0).into() }
    }
}

impl Answer for Period {
    fn answer(&self) -> Value {
        [At(self.open), At(self.close)].answer()
    }
}

/// Microseconds of an optional instant; [`MISSING`] without one.
pub(super) fn micros(at: Option<At>) -> i64 {
    at.map_or(MISSING, |at| at.0)
}

/// Microseconds of a number of seconds, to the nearest.
pub(super) fn duration(what: &str, seconds: f64) -> Result<i64> {
    // 2^53 µs are 285 years: up to there a float names every microsecond.
    if seconds.abs() <= 9.0e9 {
        Ok((seconds * 1e6).round_ties_even() as i64)
    } else {
        Err(Error::argument(format!("`{what}`: {seconds} s is not a duration of at most 285 years")))
    }
}

/// Seconds of microseconds.
pub(super) fn seconds(micros: i64) -> f64 {
    micros as f64 / 1e6
}
