//! Policies of one's own: definitions from and to JSON values, and their names.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::definition::{
    Band, Cell, Comparator, Definition, EmptyAs, OWN, PendingRule, ShortLimit, ShortRule, Treatment,
};
use super::duration;
use super::outcome::{Attribution, ClockStart, Outcome, Resolution};
use super::presets;
use crate::error::{Error, Result};

const KEYS: [&str; 12] = [
    "base",
    "comparator",
    "other_comparator",
    "short",
    "cells",
    "assumed",
    "attribution",
    "clock_start",
    "resolution",
    "pending",
    "hours_only",
    "empty",
];

impl Definition {
    /// A definition from a recipe: text names a preset, an object is a policy of one's own.
    ///
    /// Keys of the object, all optional:
    /// - `base`: the preset to start from; default `offered`.
    /// - `comparator`: `"<="` or `"<"` at exactly the threshold, for every class; `other_comparator` sets it apart for
    ///   the classes other than answered.
    /// - `short`: null, or `{"limit": "5s", "comparator": "<"}`; the limit is a duration, seconds or `"threshold"`.
    ///   A policy that adds a short rule must also say what `abandoned_short` is.
    /// - `cells`: `{"abandoned_short": "exclude", "flow_out_all": "miss", …}`: class, then `in`, `after`, `all`, for
    ///   abandons also `short`; values `hit`, `miss`, `exclude`. A single band beats `all`.
    /// - `assumed`: the cells (and `"comparator"`) that are guesses; replaces those of the base.
    /// - `attribution`, `clock_start`, `resolution`, `pending`, `empty`: names; `hours_only`: true or false.
    ///
    /// Unknown keys and values are refused and the nearest suggested. A policy that changes nothing keeps the name of
    /// its base; one that changes only a short limit is called `BASE-short10s`; any other `custom-` and 8 hexadecimal
    /// digits of the SHA-256 of its canonical JSON ([`to_value`](Self::to_value)).
    ///
    /// ```
    /// use csat_core::rule::Definition;
    /// let own = Definition::from_value(&serde_json::json!({"cells": {"flow_out_all": "exclude"}}))?;
    /// assert!(own.id(20_000_000).starts_with("sl:custom-"));
    /// let same = Definition::from_value(&own.to_value())?;
    /// assert_eq!(same, own);
    /// # Ok::<(), csat_core::Error>(())
    /// ```
    pub fn from_value(value: &Value) -> Result<Self> {
        match value {
            Value::String(name) => Self::by_name(name),
            Value::Object(map) => custom(map).map_err(|e| e.at("definition")),
            _ => Err(Error::argument("a definition is the name of a preset or an object with its options")),
        }
    }

    /// Several definitions from a recipe: one, or a list; the name `all` stands for every preset. Repeated ones are
    /// taken once; an empty list is refused.
    pub fn list_from_value(value: &Value) -> Result<Vec<Self>> {
        let single = std::slice::from_ref(value);
        let values = value.as_array().map_or(single, Vec::as_slice);
        let mut list: Vec<Self> = Vec::new();
        for value in values {
            let some = if value == "all" { presets::all() } else { vec![Self::from_value(value)?] };
            for definition in some {
                if list.iter().all(|known| known.name != definition.name) {
                    list.push(definition);
                }
            }
        }
        if list.is_empty() {
            return Err(Error::argument("the list of definitions is empty; `offered` is the usual one"));
        }
        Ok(list)
    }

    /// The recipe that gives this definition: the name of a preset, or the canonical object of a policy of one's own
    /// (every cell, fixed order; `empty` is left out where it is null, because it is display only).
    pub fn to_value(&self) -> Value {
        if !self.name.starts_with("custom-") {
            return Value::from(self.name.as_str());
        }
        let mut map = self.canonical();
        if self.empty != EmptyAs::Null {
            map.insert("empty".to_owned(), Value::from(self.empty.name()));
        }
        Value::Object(map)
    }

    fn canonical(&self) -> Map<String, Value> {
        let mut map = Map::new();
        let mut put = |key: &str, value: Value| map.insert(key.to_owned(), value);
        put("comparator", Value::from(self.comparator.name()));
        put("other_comparator", Value::from(self.other_comparator.name()));
        put("short", self.short.map_or(Value::Null, short_value));
        put("cells", Value::Object(self.cell_values()));
        put("assumed", Value::from(self.assumed()));
        put("attribution", Value::from(self.attribution.name()));
        put("clock_start", Value::from(self.clock_start.name()));
        put("resolution", Value::from(self.resolution.name()));
        put("pending", Value::from(self.pending.name()));
        put("hours_only", Value::from(self.hours_only));
        map
    }

    fn cell_values(&self) -> Map<String, Value> {
        let mut map = Map::new();
        for outcome in settable() {
            for band in self.bands(outcome) {
                let key = format!("{}_{}", outcome.name(), band.name());
                map.insert(key, Value::from(self.cell(outcome, *band).treatment.name()));
            }
        }
        map
    }

    /// The same definition with another fixed short limit; `None` if it has no fixed short limit.
    pub(super) fn with_short_limit(&self, micros: i64) -> Option<Self> {
        let rule = self.short?;
        let ShortLimit::Fixed(own) = rule.limit else { return None };
        let mut changed = self.clone();
        if micros != own {
            changed.short = Some(ShortRule { limit: ShortLimit::Fixed(micros), ..rule });
            changed.name = format!("{}-short{}", self.name, duration::text(micros));
        }
        Some(changed)
    }

    /// Gives a changed definition the name that its content deserves.
    fn named_after(mut self, base: &Self) -> Self {
        let short_limit = self.short.and_then(|rule| match rule.limit {
            ShortLimit::Fixed(micros) => Some(micros),
            ShortLimit::Threshold => None,
        });
        let content = self.canonical();
        let candidates = [Some(base.clone()), short_limit.and_then(|micros| base.with_short_limit(micros))];
        if let Some(known) = candidates.into_iter().flatten().find(|known| known.canonical() == content) {
            self.name = known.name;
            self.documentation = known.documentation;
        } else {
            self.name = format!("custom-{}", short_hash(&Value::Object(content)));
            self.documentation = OWN;
        }
        self
    }
}

/// The first 8 hexadecimal digits of the SHA-256 of a JSON text.
pub(super) fn short_hash(value: &Value) -> String {
    let digest = Sha256::digest(value.to_string().as_bytes());
    let first = digest.iter().take(4).fold(0u32, |bits, byte| bits << 8 | u32::from(*byte));
    format!("{first:08x}")
}

fn custom(map: &Map<String, Value>) -> Result<Definition> {
    refuse_unknown("option", map, &KEYS)?;
    let base = match map.get("base") {
        None => Definition::by_name("offered")?,
        Some(name) => Definition::by_name(text("base", name)?).map_err(|e| e.at("base"))?,
    };
    let mut definition = base.clone();
    if let Some(value) = map.get("comparator") {
        definition.comparator = Comparator::from_name(text("comparator", value)?)?;
        definition.other_comparator = definition.comparator;
        definition.comparator_assumed = false;
    }
    if let Some(value) = map.get("other_comparator") {
        definition.other_comparator = Comparator::from_name(text("other_comparator", value)?)?;
    }
    if let Some(value) = map.get("short") {
        definition.short = short(value).map_err(|e| e.at("short"))?;
    }
    let given = match map.get("cells") {
        None => &Map::new(),
        Some(Value::Object(cells)) => cells,
        Some(_) => return Err(Error::argument("`cells` is an object such as {\"abandoned_short\": \"exclude\"}")),
    };
    let says_short = given.contains_key("abandoned_short") || given.contains_key("abandoned_all");
    if base.short.is_none() && definition.short.is_some() && !says_short {
        let message = "a short rule needs `cells.abandoned_short`: hit, miss or exclude (exclude is usual)";
        return Err(Error::argument(message));
    }
    if definition.short.is_none() && given.contains_key("abandoned_short") {
        return Err(Error::argument("`abandoned_short` has no effect without `short`; add {\"limit\": \"5s\"}"));
    }
    set_cells(&mut definition, given)?;
    if let Some(value) = map.get("assumed") {
        set_assumed(&mut definition, value)?;
    }
    if definition.short.is_none() {
        let abandoned = &mut definition.cells[Outcome::Abandoned as usize];
        abandoned[Band::Short as usize] = abandoned[Band::In as usize];
    }
    if let Some(value) = map.get("attribution") {
        definition.attribution = Attribution::from_name(text("attribution", value)?)?;
    }
    if let Some(value) = map.get("clock_start") {
        definition.clock_start = ClockStart::from_name(text("clock_start", value)?)?;
    }
    if let Some(value) = map.get("resolution") {
        definition.resolution = Resolution::from_name(text("resolution", value)?)?;
    }
    if let Some(value) = map.get("pending") {
        definition.pending = PendingRule::from_name(text("pending", value)?)?;
    }
    if let Some(value) = map.get("empty") {
        definition.empty = EmptyAs::from_name(text("empty", value)?)?;
    }
    if let Some(value) = map.get("hours_only") {
        let message = || Error::argument("`hours_only` is true or false");
        definition.hours_only = value.as_bool().ok_or_else(message)?;
    }
    Ok(definition.named_after(&base))
}

/// Classes whose cells are free: pending follows its rule, skip is never counted.
fn settable() -> impl Iterator<Item = Outcome> {
    Outcome::ALL.iter().copied().filter(|o| !matches!(o, Outcome::Pending | Outcome::Skip))
}

/// Every key of `cells` and the cells it sets, `all` first so that single bands beat it.
fn cell_keys() -> Vec<(String, Outcome, &'static [Band])> {
    let mut keys = Vec::new();
    for outcome in settable() {
        keys.push((format!("{}_all", outcome.name()), outcome, Band::ALL));
    }
    for outcome in settable() {
        let free = outcome == Outcome::Abandoned;
        // The short band of the other classes cannot occur and follows `in`.
        let inner: &[Band] = if free { &[Band::In] } else { &[Band::Short, Band::In] };
        keys.push((format!("{}_in", outcome.name()), outcome, inner));
        keys.push((format!("{}_after", outcome.name()), outcome, &[Band::After]));
        if free {
            keys.push((format!("{}_short", outcome.name()), outcome, &[Band::Short]));
        }
    }
    keys
}

fn set_cells(definition: &mut Definition, given: &Map<String, Value>) -> Result<()> {
    let keys = cell_keys();
    for key in given.keys() {
        if key.starts_with("pending_") {
            return Err(Error::argument("contacts still waiting have no cells; use `pending`").with("option", key));
        }
        if keys.iter().all(|(known, ..)| known != key) {
            return Err(Error::unknown("cell", key, keys.iter().map(|(known, ..)| known.as_str())));
        }
    }
    for (key, outcome, bands) in &keys {
        let Some(value) = given.get(key) else { continue };
        let treatment = Treatment::from_name(text(key, value)?).map_err(|e| e.at(key))?;
        for band in *bands {
            definition.cells[*outcome as usize][*band as usize] = Cell { treatment, assumed: false };
        }
    }
    Ok(())
}

fn set_assumed(definition: &mut Definition, value: &Value) -> Result<()> {
    let list = value.as_array().ok_or_else(|| Error::argument("`assumed` is a list of cells"))?;
    let keys = cell_keys();
    for cell in definition.cells.iter_mut().flatten() {
        cell.assumed = false;
    }
    definition.comparator_assumed = false;
    for value in list {
        let name = text("assumed", value)?;
        if name == "comparator" {
            definition.comparator_assumed = true;
            continue;
        }
        let known = || keys.iter().map(|(known, ..)| known.as_str()).chain(["comparator"]);
        let found = keys.iter().find(|(known, ..)| known == name);
        let (_, outcome, bands) = found.ok_or_else(|| Error::unknown("cell", name, known()).at("assumed"))?;
        for band in *bands {
            definition.cells[*outcome as usize][*band as usize].assumed = true;
        }
    }
    Ok(())
}

fn short(value: &Value) -> Result<Option<ShortRule>> {
    let map = match value {
        Value::Null => return Ok(None),
        Value::Object(map) => map,
        _ => return Err(Error::argument("null, or an object such as {\"limit\": \"5s\", \"comparator\": \"<\"}")),
    };
    refuse_unknown("option", map, &["limit", "comparator"])?;
    let limit = map.get("limit").ok_or_else(|| Error::argument("`limit` is missing: a duration or \"threshold\""))?;
    let comparator = match map.get("comparator") {
        None => Comparator::Below,
        Some(value) => Comparator::from_name(text("comparator", value)?)?,
    };
    let limit = if limit == "threshold" { ShortLimit::Threshold } else { ShortLimit::Fixed(micros(limit)?) };
    Ok(Some(ShortRule { limit, comparator }))
}

fn short_value(rule: ShortRule) -> Value {
    let limit = match rule.limit {
        ShortLimit::Fixed(micros) => duration::text(micros),
        ShortLimit::Threshold => "threshold".to_owned(),
    };
    json!({"limit": limit, "comparator": rule.comparator.name()})
}

/// A duration as text (`"5s"`) or as a number of seconds, in microseconds.
pub(super) fn micros(value: &Value) -> Result<i64> {
    match value {
        Value::String(text) => duration::parse(text),
        Value::Number(seconds) => duration::from_seconds(seconds.as_f64().unwrap_or(f64::NAN)),
        _ => Err(Error::argument("a duration is text such as \"5s\" or a number of seconds")),
    }
}

pub(super) fn text<'a>(key: &str, value: &'a Value) -> Result<&'a str> {
    value.as_str().ok_or_else(|| Error::argument(format!("`{key}` is text, not {value}")).with("option", key))
}

pub(super) fn refuse_unknown(what: &str, map: &Map<String, Value>, known: &[&str]) -> Result<()> {
    match map.keys().find(|key| !known.contains(&key.as_str())) {
        None => Ok(()),
        Some(key) => Err(Error::unknown(what, key, known.iter().copied())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn refusal(value: &Value) -> String {
        Definition::from_value(value).unwrap_err().message().to_owned()
    }

    #[test]
    fn names_follow_content() {
        let plain = Definition::from_value(&json!({})).unwrap();
        assert_eq!(plain, Definition::by_name("offered").unwrap());
        let short = json!({"base": "cisco_ucce_ignore-lt", "short": {"limit": 10}});
        assert_eq!(Definition::from_value(&short).unwrap().name(), "cisco_ucce_ignore-lt-short10s");
        let found = Definition::by_name("cisco_ucce_ignore-lt-short10s").unwrap();
        assert_eq!(Definition::from_value(&short).unwrap(), found);
        let a = Definition::from_value(&json!({"cells": {"callback_in": "hit", "error_all": "exclude"}})).unwrap();
        let b = json!({"cells": {"error_in": "exclude", "error_after": "exclude", "callback_in": "hit"}});
        let b = Definition::from_value(&b).unwrap();
        assert_eq!(a, b, "the same cells in other words are the same policy");
        assert_eq!(a.name().len(), "custom-".len() + 8);
        assert_eq!(Definition::from_value(&a.to_value()).unwrap(), a);
        assert_ne!(a.name(), Definition::from_value(&json!({"cells": {"callback_in": "hit"}})).unwrap().name());
    }

    #[test]
    fn every_preset_survives_its_canonical_object() {
        for preset in presets::all() {
            let written = Value::Object(preset.canonical());
            let read = Definition::from_value(&written).unwrap();
            assert_eq!(Value::Object(read.canonical()), written, "{}", preset.name());
            assert_eq!(Definition::from_value(&preset.to_value()).unwrap(), preset);
        }
    }

    #[test]
    fn mistakes_are_refused_with_the_nearest() {
        assert!(refusal(&json!({"comparater": "<"})).contains("did you mean `comparator`?"));
        assert!(refusal(&json!({"cells": {"abandon_short": "exclude"}})).contains("did you mean `abandoned_short`?"));
        assert!(refusal(&json!({"cells": {"flow_out_in": "excluded"}})).contains("did you mean `exclude`?"));
        assert!(refusal(&json!({"cells": {"pending_in": "miss"}})).contains("use `pending`"));
        assert!(refusal(&json!({"cells": {"flow_out_short": "miss"}})).contains("unknown cell"));
        assert!(refusal(&json!({"cells": {"abandoned_short": "exclude"}})).contains("no effect"));
        assert!(refusal(&json!({"short": {"limit": "5s"}})).contains("needs `cells.abandoned_short`"));
        assert!(refusal(&json!({"short": {"limit": "5 s"}})).contains("not a duration"));
        assert!(refusal(&json!({"short": {"limit": -1}})).contains("not a duration"));
        assert!(refusal(&json!({"base": "offred"})).contains("`offered`"));
        assert!(refusal(&json!({"assumed": ["flow_out"]})).contains("unknown cell"));
        assert!(refusal(&json!(["offered"])).contains("name of a preset"));
        assert!(refusal(&json!({"hours_only": 1})).contains("true or false"));
        assert!(Definition::list_from_value(&json!([])).is_err());
    }

    #[test]
    fn lists_take_each_definition_once() {
        let list = Definition::list_from_value(&json!(["offered", "all", {"cells": {"flow_out_all": "hit"}}])).unwrap();
        assert_eq!(list.len(), presets::all().len() + 1);
        assert_eq!(list[0].name(), "offered");
    }
}
