//! Units at the door: counts given as such, or rows of a report.

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error as _};
use serde_json::Value;

use crate::error::Result;
use crate::judge::line::{self, Line};
use crate::judge::unit::{UnitMean, UnitNet, UnitShare};

/// A list of units, or the lines of a report in which each group is one.
pub(super) enum Units<U> {
    Given(Vec<U>),
    Lines(Vec<Line>),
}

impl<'de, U: DeserializeOwned> Deserialize<'de> for Units<U> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let list = Vec::<Value>::deserialize(deserializer)?;
        if list.first().is_some_and(|row| row.get("part").is_some() && row.get("definition").is_some()) {
            return serde_json::from_value(Value::Array(list)).map(Self::Lines).map_err(D::Error::custom);
        }
        serde_json::from_value(Value::Array(list)).map(Self::Given).map_err(D::Error::custom)
    }
}

impl Units<UnitShare> {
    pub(super) fn shares(self, part: Option<&str>) -> Result<Vec<UnitShare>> {
        match self {
            Self::Given(units) => Ok(units),
            Self::Lines(lines) => line::shares(&lines, part),
        }
    }
}

impl Units<UnitNet> {
    pub(super) fn nets(self, part: Option<&str>) -> Result<Vec<UnitNet>> {
        match self {
            Self::Given(units) => Ok(units),
            Self::Lines(lines) => line::nets(&lines, part),
        }
    }
}

impl Units<UnitMean> {
    pub(super) fn means(self, part: Option<&str>, confidence: f64) -> Result<Vec<UnitMean>> {
        match self {
            Self::Given(units) => Ok(units),
            Self::Lines(lines) => line::means(&lines, part, confidence),
        }
    }
}
