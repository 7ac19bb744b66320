//! What a tally counts: measures of one table, keys, slots and zone.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::error::{Error, ErrorKind, Result};
use crate::measure::{Measure, Part};
use crate::record::{Schema, Table};
use crate::time::{Every, Zone};

/// A plan: which measures, by which keys, in which slots.
///
/// The measures of one plan read one table. `columns` maps csat's column names to those of the host and does not
/// belong to the state: two tallies with different mappings merge.
#[derive(Clone, Debug)]
pub struct Plan<M> {
    /// The measures.
    pub measures: Vec<M>,
    /// Names of measures by their place in the list, for those that have one: `again` makes `again/nps` of the id `nps`,
    /// so that one measure of two columns can be told apart. A name belongs to the state.
    pub names: BTreeMap<usize, String>,
    /// Key columns: one group for each combination of their values.
    pub keys: Vec<String>,
    /// The length of a slot; none for one slot over all time.
    pub every: Option<Every>,
    /// The zone in which slots begin and naive times are read.
    pub zone: Option<Zone>,
    /// csat's column name → the host's.
    pub columns: BTreeMap<String, String>,
}

impl<M: Measure> Plan<M> {
    /// A plan of some measures without keys or slots.
    pub fn new(measures: impl IntoIterator<Item = M>) -> Self {
        let measures = measures.into_iter().collect();
        Self { measures, names: BTreeMap::new(), keys: Vec::new(), every: None, zone: None, columns: BTreeMap::new() }
    }

    /// Names the measure at this place; its definition ids then begin with `name/`.
    ///
    /// ```
    /// use csat_core::{Plan, Tally, measures::voice::Nps};
    /// let of = |score: &str| Nps { score: score.into(), ..Nps::default() };
    /// let error = Tally::new(Plan::new([of("dealer_score"), of("brand_score")])).err().unwrap();
    /// assert!(error.message().contains("give one of them a name"));
    /// let tally = Tally::new(Plan::new([of("dealer_score"), of("brand_score")]).name(1, "brand"))?;
    /// assert_eq!(tally.report(None)?.by_definition(0, "brand/nps").unwrap().n, 0);
    /// # Ok::<(), csat_core::Error>(())
    /// ```
    pub fn name(mut self, measure: usize, name: impl Into<String>) -> Self {
        self.names.insert(measure, name.into());
        self
    }

    /// Groups by these columns.
    pub fn by<S: Into<String>>(mut self, keys: impl IntoIterator<Item = S>) -> Self {
        self.keys = keys.into_iter().map(Into::into).collect();
        self
    }

    /// Slots of this length, such as `Every::minutes(30)?`.
    pub fn every(mut self, every: Every) -> Self {
        self.every = Some(every);
        self
    }

    /// The zone of slots and of naive times.
    pub fn zone(mut self, zone: Zone) -> Self {
        self.zone = Some(zone);
        self
    }

    /// Reads csat's column `role` from the host's column `name`.
    pub fn column(mut self, role: impl Into<String>, name: impl Into<String>) -> Self {
        self.columns.insert(role.into(), name.into());
        self
    }

    /// The host's name of a column.
    pub fn host_name<'a>(&'a self, role: &'a str) -> &'a str {
        self.columns.get(role).map_or(role, String::as_str)
    }

    /// The table all measures read.
    pub fn table(&self) -> Result<Table> {
        let Some(first) = self.measures.first() else {
            return Err(Error::new(ErrorKind::InvalidOption, "a plan needs at least one measure"));
        };
        let table = first.about().table;
        match self.measures.iter().find(|m| m.about().table != table) {
            None => Ok(table),
            Some(other) => Err(Error::new(
                ErrorKind::InvalidOption,
                format!(
                    "`{}` reads {} and `{}` reads {}: one tally counts one table; use a tally for each",
                    first.about().name,
                    table.name(),
                    other.about().name,
                    other.about().table.name()
                ),
            )),
        }
    }

    /// Checks the recipes and gives the columns they read.
    pub(crate) fn bind(&self) -> Result<(Schema, Vec<M::Bound>)> {
        let mut schema = Schema::new(self.table()?);
        let mut bound = Vec::with_capacity(self.measures.len());
        for measure in &self.measures {
            measure.check().map_err(|e| e.at(measure.about().name))?;
            schema.asking(measure.about().name);
            bound.push(measure.bind(&mut schema).map_err(|e| e.at(measure.about().name))?);
        }
        self.check_ids()?;
        for (i, key) in self.keys.iter().enumerate() {
            if self.keys[..i].contains(key) {
                return Err(Error::new(ErrorKind::InvalidOption, format!("key `{key}` is given twice")));
            }
        }
        Ok((schema, bound))
    }

    /// The parts of a measure of this plan, their ids begun with its name.
    pub(crate) fn named_parts(&self, at: usize, recipe: &M) -> Vec<Part> {
        let mut parts = recipe.parts();
        if let Some(name) = self.names.get(&at) {
            for part in &mut parts {
                part.definition = format!("{name}/{}", part.definition);
            }
        }
        parts
    }

    /// Refuses one id for numbers of different columns.
    fn check_ids(&self) -> Result<()> {
        let invalid = |m: String| Error::new(ErrorKind::InvalidOption, m);
        for (at, name) in &self.names {
            if *at >= self.measures.len() {
                return Err(invalid(format!("`{name}` names measure {at}, but there are {}", self.measures.len())));
            }
            let fits = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
            if name.is_empty() || !name.chars().all(fits) {
                return Err(invalid(format!("`{name}` is not a name; use letters, digits, `-` and `_`")));
            }
        }
        let mut first: HashMap<String, usize> = HashMap::new();
        for (at, measure) in self.measures.iter().enumerate() {
            for part in self.named_parts(at, measure) {
                let before = *first.entry(part.definition.clone()).or_insert(at);
                if before != at && self.reads(before)? != self.reads(at)? {
                    return Err(invalid(format!(
                        "`{}` is there twice with the id `{}`, of different columns; give one of them a name: \
                         {{\"measure\": \"{0}\", \"name\": \"again\", …}}",
                        measure.about().name,
                        part.definition
                    )));
                }
            }
        }
        Ok(())
    }

    /// The columns that one measure reads.
    fn reads(&self, at: usize) -> Result<Vec<String>> {
        let mut schema = Schema::new(self.table()?);
        self.measures[at].bind(&mut schema)?;
        Ok(schema.needs().iter().map(|need| need.role.clone()).collect())
    }

    /// A measure as JSON with its name, if it has one.
    fn recipe_json(&self, at: usize, options: Value) -> Value {
        let mut map = Map::new();
        map.insert("measure".into(), self.measures[at].about().name.into());
        if let Some(name) = self.names.get(&at) {
            map.insert("name".into(), name.as_str().into());
        }
        if let Value::Object(options) = options {
            map.extend(options.into_iter().filter(|(k, _)| k != "measure"));
        }
        Value::Object(map)
    }

    /// The canonical text of what shapes the state: equal texts can merge.
    pub fn shaping(&self) -> Result<String> {
        let mut measures = Vec::with_capacity(self.measures.len());
        for (at, measure) in self.measures.iter().enumerate() {
            measures.push(self.recipe_json(at, measure.shaping()?));
        }
        let every = self.every.map(|e| e.to_string());
        let zone = self.zone.as_ref().filter(|_| self.every.is_some()).map(Zone::name);
        Ok(json!({ "table": self.table()?.name(), "measures": measures, "keys": self.keys, "every": every, "zone": zone })
            .to_string())
    }

    /// The plan as JSON, mapping included; [`from_json`](Self::from_json) reads it back.
    pub fn to_json(&self) -> Result<Value> {
        let mut measures = Vec::with_capacity(self.measures.len());
        for (at, measure) in self.measures.iter().enumerate() {
            let options =
                serde_json::to_value(measure).map_err(|e| Error::new(ErrorKind::InvalidOption, e.to_string()))?;
            measures.push(self.recipe_json(at, options));
        }
        Ok(json!({
            "measures": measures,
            "keys": self.keys,
            "every": self.every.map(|e| e.to_string()),
            "zone": self.zone.as_ref().map(Zone::name),
            "columns": self.columns,
        }))
    }

    /// Reads a plan: `{"measures": [{"measure": "nps", …}], "keys": […], "every": "30m", "zone": …, "columns": {…}}`.
    pub fn from_json(value: &Value) -> Result<Self> {
        const KEYS: [&str; 6] = ["table", "measures", "keys", "every", "zone", "columns"];
        let invalid = |m: String| Error::new(ErrorKind::InvalidOption, m);
        let Value::Object(map) = value else {
            return Err(invalid("a plan is a JSON object with `measures`".into()));
        };
        if let Some(key) = map.keys().find(|k| !KEYS.contains(&k.as_str())) {
            return Err(Error::unknown("key of a plan", key, KEYS));
        }
        let mut names = BTreeMap::new();
        let mut measures = Vec::new();
        let Some(Value::Array(list)) = map.get("measures") else {
            return Err(invalid("`measures` must be a list of recipes".into()));
        };
        for (at, recipe) in list.iter().enumerate() {
            match recipe.get("name") {
                None | Some(Value::Null) => {}
                Some(Value::String(name)) => drop(names.insert(at, name.clone())),
                Some(other) => return Err(invalid(format!("`name` must be a text, not {other}"))),
            }
            measures.push(M::from_plan(recipe)?);
        }
        let strings = |key: &str| -> Result<Vec<String>> {
            match map.get(key) {
                None | Some(Value::Null) => Ok(Vec::new()),
                Some(v) => serde_json::from_value(v.clone()).map_err(|e| invalid(format!("`{key}`: {e}"))),
            }
        };
        let text = |key: &str| -> Result<Option<&str>> {
            match map.get(key) {
                None | Some(Value::Null) => Ok(None),
                Some(Value::String(s)) => Ok(Some(s)),
                Some(other) => Err(invalid(format!("`{key}` must be a text, not {other}"))),
            }
        };
        let columns = match map.get("columns") {
            None | Some(Value::Null) => BTreeMap::new(),
            Some(v) => serde_json::from_value(v.clone()).map_err(|e| invalid(format!("`columns`: {e}")))?,
        };
        let plan = Self {
            measures,
            names,
            keys: strings("keys")?,
            every: text("every")?.map(str::parse).transpose()?,
            zone: text("zone")?.map(Zone::new).transpose()?,
            columns,
        };
        if let Some(table) = text("table")?
            && plan.table()?.name() != table
        {
            return Err(invalid(format!(
                "the plan says table `{table}`, its measures read `{}`",
                plan.table()?.name()
            )));
        }
        Ok(plan)
    }

    /// Reads a plan from JSON text.
    pub fn from_text(text: &str) -> Result<Self> {
        let value: Value = serde_json::from_str(text)
            .map_err(|e| Error::new(ErrorKind::BadText, format!("the plan is not valid JSON: {e}")))?;
        Self::from_json(&value)
    }
}

/// The first eight bytes of the SHA-256 of a shaping text.
pub(crate) fn footprint(shaping: &str) -> [u8; 8] {
    let hash = Sha256::digest(shaping.as_bytes());
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&hash[..8]);
    bytes
}
