//! Quality forms: sections of criteria with answer options, weights, conditions and critical rules.
//!
//! A form is a TOML or JSON text. Unknown keys are refused with the nearest known one.
//!
//! ```
//! let form = csat_core::rule::form::Form::parse(r#"
//!     id = "short_call"
//!     version = "1"
//!     title = "A short call form"
//!     options = { yes = 1, no = 0 }           # for every criterion without options of its own
//!
//!     [[sections]]
//!     id = "conversation"
//!     criteria = [
//!         { id = "greeting", title = "Greets and gives a name" },
//!         { id = "solution", title = "Solves the request", weight = 3 },
//!         { id = "tone", title = "Tone", min = 1, max = 5 },
//!         { id = "data", title = "No personal data disclosed", critical = "form_zero" },
//!         { id = "offered", title = "A service was offered", scored = false },
//!         { id = "selling", title = "Selling skills", applies_if = { criterion = "offered", is = "yes" } },
//!     ]
//! "#)?;
//! assert_eq!(form.criteria().count(), 6);
//! assert_eq!(form.hash().len(), 16);
//! # Ok::<(), csat_core::Error>(())
//! ```
//!
//! # Keys
//! - **Form**: `id`, `version`, `title`, `title_ru`, `note`; `preset` and `[rule]` (the arithmetic, see [`ScoreRule`]);
//!   `include` (ids of forms whose blocks and sections come first); `options` (defaults); `blocks`; `sections`.
//! - **Block**: `id`, `title`, `title_ru`, `weight` (1), `contact_types` (the contact types it is for; none: for all).
//!   A section without `block` belongs to the block `general`. In a form without blocks each section is a block.
//! - **Section**: `id`, `title`, `title_ru`, `block`, `weight` (1), `bonus` (its points come on top), `criteria`.
//! - **Criterion**: `id`, `title`, `title_ru`; `options`, either a table of points by label or a list of
//!   `{ id, title, points }`, or `min` and `max` of a scale of whole numbers; `weight` (1); `na_allowed` (true);
//!   `critical` (true, an effect, or `{ effect, options | below | worst }`); `applies_if` (one condition
//!   `{ criterion, is }` or a list of which all must hold); `scored` (true); `bonus`; `level` (`nominal`, `ordinal` or
//!   `interval`: how raters' agreement is measured); `source` (who named this criterion).

use serde::de::DeserializeOwned;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::closed::closed_list;
use crate::error::{Error, ErrorKind, Result};

closed_list! {
    /// How the answer to one criterion becomes a share of its full marks.
    ItemRule, "item rule" {
        /// points / the most points of an option.
        EarnedOverMax = "earned_over_max",
        /// (points − fewest) / (most − fewest).
        MinMax = "min_max",
        /// points / `divisor`.
        Fixed = "fixed",
    }
}

closed_list! {
    /// What a weight multiplies.
    Combine, "way to combine" {
        /// The weight multiplies points: what has more points weighs more than its weight says.
        Points = "points",
        /// The weight multiplies shares.
        Percent = "percent",
    }
}

closed_list! {
    /// How blocks (general, by contact type) make the score. A form without blocks takes each section as one.
    ///
    /// "Then the average is taken" can mean any of them: 8 of 9 general criteria and 2 of 5 of a sale are 71.4 pooled and
    /// 64.4 by blocks. So all three are computed, the form says which is its score, and `explain` prints them.
    Aggregate, "aggregate" {
        /// All sections as if they stood in one block: every applicable criterion by its weight. The default.
        Pooled = "pooled",
        /// The plain mean of the block scores.
        Blocks = "blocks",
        /// The mean of the block scores by the weights of the blocks.
        Weighted = "weighted",
    }
}

closed_list! {
    /// What becomes of a criterion that is not applicable.
    NotApplicable, "rule for N/A" {
        /// It leaves the score; its weight goes to the others in proportion to theirs. The default.
        Remove = "remove",
        /// It leaves the score; its weight is split equally among the others (of its section if sections combine
        /// percentages, else of the form).
        Equal = "equal",
        /// It counts as full marks.
        Full = "full",
        /// It counts as zero.
        Zero = "zero",
    }
}

closed_list! {
    /// What becomes of an evaluation with an unanswered criterion.
    Unanswered, "rule for unanswered criteria" {
        /// The criterion leaves the score and is counted as unanswered. The default.
        Remove = "remove",
        /// The evaluation has no score.
        NoScore = "no_score",
    }
}

closed_list! {
    /// What becomes of bonus criteria and sections.
    Bonus, "rule for bonuses" {
        /// They add points and no maximum. The default.
        Add = "add",
        /// They are left out.
        Ignore = "ignore",
    }
}

closed_list! {
    /// What a failed critical criterion does. Each also marks the evaluation as failed.
    Effect, "critical effect" {
        /// The score is 0.
        FormZero = "form_zero",
        /// Its section counts 0 with its full maximum.
        SectionZero = "section_zero",
        /// The score stays.
        OutcomeOnly = "outcome_only",
    }
}

closed_list! {
    /// The level of measurement of a criterion, which chooses the measure of agreement.
    Level, "level" {
        /// Categories without order.
        Nominal = "nominal",
        /// Ordered answers.
        Ordinal = "ordinal",
        /// Answers with meaningful distances.
        Interval = "interval",
    }
}

macro_rules! written_by_name {
    ($($kind:ty),+) => { $(impl Serialize for $kind {
        fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
            serializer.serialize_str(self.name())
        }
    })+ };
}
written_by_name!(ItemRule, Combine, Aggregate, NotApplicable, Unanswered, Bonus, Effect, Level);

/// Which answers to a critical criterion fail it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// The answer with the fewest points.
    Worst,
    /// A share of its full marks strictly below this (0..1).
    Below(f64),
    /// These options.
    Options(Vec<String>),
}

/// The critical rule of a criterion.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Critical {
    /// What failing does.
    pub effect: Effect,
    /// Which answers fail.
    pub trigger: Trigger,
}

/// The arithmetic of a form: the keys of `[rule]`, over those of `preset`, over the house rule.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ScoreRule {
    /// `item`: how an answer becomes a share.
    pub item: ItemRule,
    /// `divisor`: for `item = "fixed"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub divisor: Option<f64>,
    /// `criteria`: what the weight of a criterion multiplies within its section.
    pub criteria: Combine,
    /// `sections`: `points` sums weighted numerators and denominators over sections, `percent` takes the mean of
    /// section scores by section weight.
    pub sections: Combine,
    /// `aggregate`: how blocks combine.
    pub aggregate: Aggregate,
    /// `na`: what N/A does.
    pub na: NotApplicable,
    /// `unanswered`: what a missing answer does.
    pub unanswered: Unanswered,
    /// `bonus`: what bonuses do.
    pub bonus: Bonus,
    /// `floor`: the lowest score, 0 by default, `"none"` for no limit (negative points exist).
    #[serde(serialize_with = "number_or_none")]
    pub floor: Option<f64>,
    /// `cap`: the highest score, `"none"` by default (bonuses may exceed 100).
    #[serde(serialize_with = "number_or_none")]
    pub cap: Option<f64>,
    /// `critical`: the effect of `critical = true`.
    pub critical: Effect,
    /// `critical_below`: the trigger of a critical criterion that states none; without it the worst answer.
    #[serde(serialize_with = "number_or_none")]
    pub critical_below: Option<f64>,
}

/// No limit is written out, because a key left out is the preset's.
#[allow(clippy::ref_option, reason = "serde passes a reference to the field")]
fn number_or_none<S: Serializer>(value: &Option<f64>, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    match value {
        Some(x) => serializer.serialize_f64(*x),
        None => serializer.serialize_str("none"),
    }
}

impl ScoreRule {
    /// The house rule: shares by weight over all applicable criteria, N/A removed, a critical failure is zero.
    pub const HOUSE: ScoreRule = ScoreRule {
        item: ItemRule::EarnedOverMax,
        divisor: None,
        criteria: Combine::Percent,
        sections: Combine::Points,
        aggregate: Aggregate::Pooled,
        na: NotApplicable::Remove,
        unanswered: Unanswered::Remove,
        bonus: Bonus::Add,
        floor: Some(0.0),
        cap: None,
        critical: Effect::FormZero,
        critical_below: None,
    };
}

/// A named arithmetic, as published by a vendor or named in this field.
#[derive(Clone, Debug, PartialEq)]
pub struct Preset {
    /// The name for `preset = "…"`.
    pub name: &'static str,
    /// Its formula and what is not settled about it.
    pub doc: &'static str,
    /// Its arithmetic.
    pub rule: ScoreRule,
    /// Keys of `[rule]` that a form must state itself, because a switch of the vendor's decides them.
    pub must_state: &'static [&'static str],
}

/// Every preset of arithmetic.
///
/// ```
/// assert!(csat_core::rule::form::presets().iter().any(|p| p.name == "zendesk_qa"));
/// ```
pub fn presets() -> &'static [Preset] {
    use Combine::{Percent, Points};
    const HOUSE: ScoreRule = ScoreRule::HOUSE;
    const TEN: ScoreRule = ScoreRule { item: ItemRule::Fixed, divisor: Some(10.0), ..HOUSE };
    const PRESETS: &[Preset] = &[
        Preset {
            name: "genesys_cloud",
            doc: "Σ points·weight / Σ possible·weight over groups and questions; N/A is zero of zero; a fatal question \
                  with its lowest answer makes the form zero. Genesys Cloud, evaluation scoring.",
            rule: ScoreRule { criteria: Points, ..HOUSE },
            must_state: &[],
        },
        Preset {
            name: "amazon_question",
            doc: "Σ question weight · answer score / 10; N/A redistributes in proportion. The divisor 10 is read from \
                  examples whose best option is 10; a form whose best option is lower is not settled by them. Amazon \
                  Connect, QUESTION_ONLY.",
            rule: TEN,
            must_state: &[],
        },
        Preset {
            name: "amazon_section",
            doc: "Σ section weight · mean of answer scores / 10. Amazon Connect, SECTION_ONLY; same remark on the divisor.",
            rule: ScoreRule { sections: Percent, ..TEN },
            must_state: &[],
        },
        Preset {
            name: "amazon_points",
            doc: "Earned points / base points possible; bonus points add to the former only. Amazon Connect, POINTS_BASED.",
            rule: ScoreRule { criteria: Points, ..HOUSE },
            must_state: &[],
        },
        Preset {
            name: "zendesk_qa",
            doc: "Category = (selected − min) / (max − min); review = Σ category·weight / Σ weight over rated ones; a \
                  critical category below 50 % makes it zero. Zendesk QA (Klaus).",
            rule: ScoreRule { item: ItemRule::MinMax, critical_below: Some(0.5), ..HOUSE },
            must_state: &[],
        },
        Preset {
            name: "maestro_points",
            doc: "Earned points / possible points of the applicable criteria; bonus sections may exceed 100. MaestroQA, \
                  total points.",
            rule: ScoreRule { criteria: Points, ..HOUSE },
            must_state: &[],
        },
        Preset {
            name: "maestro_weighted",
            doc: "Σ (earned / possible of a section) · section weight. MaestroQA, weighted.",
            rule: ScoreRule { criteria: Points, sections: Percent, ..HOUSE },
            must_state: &[],
        },
        Preset {
            name: "evaluagent",
            doc: "Outcome scores 0..1 by weight. Whether N/A counts as a pass (`na = \"full\"`) or is removed, and whether a \
                  failure zeroes the score (`critical = \"form_zero\"`) or only its outcome, are switches there: state \
                  both. EvaluAgent.",
            rule: ScoreRule { item: ItemRule::Fixed, divisor: Some(1.0), ..HOUSE },
            must_state: &["na", "critical"],
        },
        Preset {
            name: "cisco_wfo",
            doc: "(actual / most) · question weight within a section, then section weight. Cisco Workforce Optimization.",
            rule: ScoreRule { sections: Percent, ..HOUSE },
            must_state: &[],
        },
        Preset {
            name: "speechminer_equal",
            doc: "The weight of a skipped question is split equally among the others. Genesys SpeechMiner.",
            rule: ScoreRule { na: NotApplicable::Equal, ..HOUSE },
            must_state: &[],
        },
        Preset {
            name: "groups_mean",
            doc: "The plain mean of the block scores (general criteria, criteria of the contact type).",
            rule: ScoreRule { aggregate: Aggregate::Blocks, ..HOUSE },
            must_state: &[],
        },
    ];
    PRESETS
}

/// One answer option.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AnswerOption {
    /// The label in data and files.
    pub id: String,
    /// The label for people; empty where it is the id.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// Points, possibly negative.
    pub points: f64,
}

/// A condition: another criterion applies and has one of these answers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Condition {
    /// The other criterion.
    pub criterion: String,
    /// The answers for which the condition holds.
    pub is: Vec<String>,
}

/// One criterion (question) of a form.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Criterion {
    /// Unique in the form.
    pub id: String,
    /// For people.
    pub title: String,
    /// The title in Russian.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title_ru: Option<String>,
    /// The answers; the position of an option is its code.
    pub options: Vec<AnswerOption>,
    /// The weight, at least 0.
    pub weight: f64,
    /// Whether N/A may be answered.
    pub na_allowed: bool,
    /// The critical rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub critical: Option<Critical>,
    /// Conditions that must all hold; else the criterion is N/A.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub applies_if: Vec<Condition>,
    /// Whether it counts in the score; an unscored one can carry a fact or be critical.
    pub scored: bool,
    /// Whether its points come on top of the maximum.
    pub bonus: bool,
    /// How agreement on it is measured.
    pub level: Level,
    /// Who named it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// A section of criteria.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Section {
    /// Unique in the form.
    pub id: String,
    /// For people.
    pub title: String,
    /// The title in Russian.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title_ru: Option<String>,
    /// Its block; `None` is the block `general`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block: Option<String>,
    /// The weight, at least 0; 0 is a section that is only tracked.
    pub weight: f64,
    /// Whether its points come on top of the maximum.
    pub bonus: bool,
    /// Its criteria, in order.
    pub criteria: Vec<Criterion>,
}

/// A block of sections: general, or chosen by contact type.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Block {
    /// Unique in the form.
    pub id: String,
    /// For people.
    pub title: String,
    /// The title in Russian.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title_ru: Option<String>,
    /// Its weight in the aggregate `weighted`.
    pub weight: f64,
    /// The contact types it is for; empty for all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contact_types: Vec<String>,
}

/// A quality form. Made by [`Form::parse`]; made usable for one contact type by
/// [`Form::compile`](crate::rule::scorecard).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Form {
    /// The name of the form.
    pub id: String,
    /// Its version: scores are kept by version.
    pub version: String,
    /// For people.
    pub title: String,
    /// The title in Russian.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title_ru: Option<String>,
    /// Remarks, such as where it comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The preset its arithmetic started from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preset: Option<String>,
    /// The arithmetic.
    pub rule: ScoreRule,
    /// The blocks; none where each section is one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub blocks: Vec<Block>,
    /// The sections, those of included forms first.
    pub sections: Vec<Section>,
}

/// The block of sections that name none.
pub(crate) const GENERAL: &str = "general";

const SHIPPED: &[(&str, &str)] = &[
    ("call_18", include_str!("../../data/forms/call_18.toml")),
    ("chat_8", include_str!("../../data/forms/chat_8.toml")),
    ("general_9", include_str!("../../data/forms/general_9.toml")),
    ("by_contact_type", include_str!("../../data/forms/by_contact_type.toml")),
    ("commitment", include_str!("../../data/forms/commitment.toml")),
];

impl Form {
    /// Reads a form from TOML or JSON text. `include` may name shipped forms.
    pub fn parse(text: &str) -> Result<Self> {
        Self::parse_with(text, &[])
    }

    /// Reads a form whose `include` may also name forms of `library`.
    pub fn parse_with(text: &str, library: &[Form]) -> Result<Self> {
        let form = read_form(text_to_value(text)?, library)?;
        super::scorecard::check(&form).map_err(|e| e.at(format!("form `{}`", form.id)))?;
        Ok(form)
    }

    /// A form shipped with csat, as data to start from and edit. Each criterion says who named it.
    ///
    /// ```
    /// use csat_core::rule::form::{Form, shipped_names};
    /// assert_eq!(Form::shipped("call_18")?.criteria().count(), 18);
    /// assert!(shipped_names().any(|name| name == "chat_8"));
    /// # Ok::<(), csat_core::Error>(())
    /// ```
    pub fn shipped(name: &str) -> Result<Self> {
        match SHIPPED.iter().find(|(n, _)| *n == name) {
            Some((_, text)) => Self::parse(text),
            None => Err(Error::unknown("form", name, shipped_names())),
        }
    }

    /// Every criterion, section by section.
    pub fn criteria(&self) -> impl Iterator<Item = &Criterion> {
        self.sections.iter().flat_map(|s| s.criteria.iter())
    }

    /// The contact types that choose a block, each once, in the order of the blocks.
    pub fn contact_types(&self) -> Vec<&str> {
        let mut types: Vec<&str> = Vec::new();
        for name in self.blocks.iter().flat_map(|b| &b.contact_types) {
            if !types.contains(&name.as_str()) {
                types.push(name);
            }
        }
        types
    }

    /// The form with all defaults, presets and includes written out, as JSON with keys in a fixed order. Reading it back
    /// gives the same form.
    pub fn canonical_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// What decides a score: [`canonical_json`](Self::canonical_json) without wording (titles, translations, notes, where
    /// a criterion or the arithmetic comes from). Forms that agree on it give every answer the same score.
    pub fn scoring_json(&self) -> String {
        let mut value = serde_json::to_value(self).unwrap_or_default();
        drop_wording(&mut value);
        value.to_string()
    }

    /// The content hash: the first 8 bytes of SHA-256 of [`scoring_json`](Self::scoring_json), as 16 hex digits. A
    /// corrected title or translation does not change it.
    pub fn hash(&self) -> String {
        let digest = Sha256::digest(self.scoring_json().as_bytes());
        let first = digest.iter().take(8).fold(0u64, |all, byte| all << 8 | u64::from(*byte));
        format!("{first:016x}")
    }
}

fn drop_wording(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|key, _| !["title", "title_ru", "note", "source", "preset"].contains(&key.as_str()));
            map.values_mut().for_each(drop_wording);
        }
        Value::Array(list) => list.iter_mut().for_each(drop_wording),
        _ => {}
    }
}

/// The names of the shipped forms.
pub fn shipped_names() -> impl Iterator<Item = &'static str> {
    SHIPPED.iter().map(|(name, _)| *name)
}

fn text_to_value(text: &str) -> Result<Value> {
    let bad = |kind: &str, e: &dyn std::fmt::Display| {
        Error::new(ErrorKind::BadText, format!("the form is not valid {kind}: {}", e.to_string().trim()))
    };
    if text.trim_start().starts_with('{') {
        serde_json::from_str(text).map_err(|e| bad("JSON", &e))
    } else {
        json_of(toml::Value::Table(toml::from_str(text).map_err(|e| bad("TOML", &e))?))
    }
}

/// JSON has no NaN and no infinity: they would become null, which is a key left out.
fn json_of(value: toml::Value) -> Result<Value> {
    Ok(match value {
        toml::Value::String(s) => s.into(),
        toml::Value::Integer(i) => i.into(),
        toml::Value::Float(x) if x.is_finite() => x.into(),
        toml::Value::Float(x) => return Err(Error::argument(format!("{x} is not allowed in a form"))),
        toml::Value::Boolean(b) => b.into(),
        toml::Value::Datetime(t) => t.to_string().into(),
        toml::Value::Array(list) => Value::Array(list.into_iter().map(json_of).collect::<Result<_>>()?),
        toml::Value::Table(table) => {
            Value::Object(table.into_iter().map(|(k, v)| json_of(v).map(|v| (k, v))).collect::<Result<_>>()?)
        }
    })
}

/// The keys of one table, taken one by one.
pub(crate) struct Table {
    place: String,
    map: Map<String, Value>,
}

impl Table {
    pub(crate) fn new(place: impl Into<String>, value: Value, known: &[&str]) -> Result<Self> {
        let place = place.into();
        let Value::Object(map) = value else {
            return Err(Error::argument(format!("{place} must be a table with the keys {}", known.join(", "))));
        };
        match map.keys().find(|k| !known.contains(&k.as_str())) {
            Some(key) => Err(Error::unknown("key", key, known.iter().copied()).at(place)),
            None => Ok(Self { place, map }),
        }
    }

    pub(crate) fn take<T: DeserializeOwned>(&mut self, key: &str) -> Result<Option<T>> {
        match self.map.shift_remove(key) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => serde_json::from_value(value)
                .map(Some)
                .map_err(|e| Error::argument(format!("{}: `{key}`: {e}", self.place)).with("key", key)),
        }
    }

    pub(crate) fn need<T: DeserializeOwned>(&mut self, key: &str) -> Result<T> {
        self.take(key)?.ok_or_else(|| Error::argument(format!("{} needs `{key}`", self.place)).with("key", key))
    }

    fn choice<T>(&mut self, key: &str, from_name: fn(&str) -> Result<T>) -> Result<Option<T>> {
        let name: Option<String> = self.take(key)?;
        name.map(|n| from_name(&n).map_err(|e| e.at(&self.place))).transpose()
    }

    /// A number, or `"none"`; the default where the key is left out.
    fn limit(&mut self, key: &str, default: Option<f64>) -> Result<Option<f64>> {
        match self.take::<Value>(key)? {
            None => Ok(default),
            Some(Value::String(s)) if s == "none" => Ok(None),
            Some(value) => match value.as_f64() {
                Some(x) => Ok(Some(x)),
                None => Err(Error::argument(format!("{}: `{key}` must be a number or \"none\"", self.place))),
            },
        }
    }
}

/// An id: text or a whole number.
fn text_of(table: &mut Table, key: &str) -> Result<String> {
    match table.need::<Value>(key)? {
        Value::String(s) if !s.trim().is_empty() => Ok(s),
        Value::Number(n) => Ok(n.to_string()),
        _ => Err(Error::argument(format!("{}: `{key}` must be text", table.place))),
    }
}

fn read_form(value: Value, library: &[Form]) -> Result<Form> {
    const KEYS: &[&str] =
        &["id", "version", "title", "title_ru", "note", "preset", "rule", "include", "options", "blocks", "sections"];
    let mut table = Table::new("form", value, KEYS)?;
    let id = text_of(&mut table, "id")?;
    table.place = format!("form `{id}`");
    let preset: Option<String> = table.take("preset")?;
    let rule = read_rule(&table.place, preset.as_deref(), table.map.shift_remove("rule"))?;
    let defaults = table.take::<Value>("options")?;
    let (mut blocks, mut sections) = (Vec::new(), Vec::new());
    for name in table.take::<Vec<String>>("include")?.unwrap_or_default() {
        let part = included(&name, library).map_err(|e| e.at(&table.place))?;
        blocks.extend(part.blocks);
        sections.extend(part.sections);
    }
    for value in table.take::<Vec<Value>>("blocks")?.unwrap_or_default() {
        blocks.push(read_block(value)?);
    }
    for value in table.take::<Vec<Value>>("sections")?.unwrap_or_default() {
        sections.push(read_section(value, &rule, defaults.as_ref())?);
    }
    Ok(Form {
        id,
        version: text_of(&mut table, "version")?,
        title: table.take("title")?.unwrap_or_default(),
        title_ru: table.take("title_ru")?,
        note: table.take("note")?,
        preset,
        rule,
        blocks,
        sections,
    })
}

fn included(name: &str, library: &[Form]) -> Result<Form> {
    match library.iter().find(|f| f.id == name) {
        Some(form) => Ok(form.clone()),
        None if shipped_names().any(|n| n == name) => Form::shipped(name),
        None => {
            let mut known: Vec<&str> = library.iter().map(|f| f.id.as_str()).collect();
            known.extend(SHIPPED.iter().map(|(name, _)| *name));
            Err(Error::unknown("form to include", name, known))
        }
    }
}

fn read_rule(place: &str, preset: Option<&str>, value: Option<Value>) -> Result<ScoreRule> {
    const KEYS: &[&str] = &[
        "item",
        "divisor",
        "criteria",
        "sections",
        "aggregate",
        "na",
        "unanswered",
        "bonus",
        "floor",
        "cap",
        "critical",
        "critical_below",
    ];
    let mut rule = ScoreRule::HOUSE;
    let value = value.unwrap_or_else(|| Value::Object(Map::new()));
    let mut table = Table::new(format!("{place}: rule"), value, KEYS)?;
    if let Some(name) = preset {
        let preset = presets().iter().find(|p| p.name == name);
        let preset =
            preset.ok_or_else(|| Error::unknown("preset", name, presets().iter().map(|p| p.name)).at(place))?;
        if let Some(key) = preset.must_state.iter().find(|k| !table.map.contains_key(**k)) {
            return Err(Error::argument(format!(
                "{place}: the preset `{name}` needs `{key}` in [rule]: {}",
                preset.doc
            )));
        }
        rule = preset.rule.clone();
    }
    rule.item = table.choice("item", ItemRule::from_name)?.unwrap_or(rule.item);
    rule.divisor = table.take("divisor")?.or(rule.divisor).filter(|_| rule.item == ItemRule::Fixed);
    rule.criteria = table.choice("criteria", Combine::from_name)?.unwrap_or(rule.criteria);
    rule.sections = table.choice("sections", Combine::from_name)?.unwrap_or(rule.sections);
    rule.aggregate = table.choice("aggregate", Aggregate::from_name)?.unwrap_or(rule.aggregate);
    rule.na = table.choice("na", NotApplicable::from_name)?.unwrap_or(rule.na);
    rule.unanswered = table.choice("unanswered", Unanswered::from_name)?.unwrap_or(rule.unanswered);
    rule.bonus = table.choice("bonus", Bonus::from_name)?.unwrap_or(rule.bonus);
    rule.floor = table.limit("floor", rule.floor)?;
    rule.cap = table.limit("cap", rule.cap)?;
    rule.critical = table.choice("critical", Effect::from_name)?.unwrap_or(rule.critical);
    rule.critical_below = table.limit("critical_below", rule.critical_below)?;
    Ok(rule)
}

fn read_block(value: Value) -> Result<Block> {
    let mut table = Table::new("block", value, &["id", "title", "title_ru", "weight", "contact_types"])?;
    let id = text_of(&mut table, "id")?;
    table.place = format!("block `{id}`");
    Ok(Block {
        id,
        title: table.take("title")?.unwrap_or_default(),
        title_ru: table.take("title_ru")?,
        weight: table.take("weight")?.unwrap_or(1.0),
        contact_types: table.take("contact_types")?.unwrap_or_default(),
    })
}

fn read_section(value: Value, rule: &ScoreRule, defaults: Option<&Value>) -> Result<Section> {
    const KEYS: &[&str] = &["id", "title", "title_ru", "block", "weight", "bonus", "criteria"];
    let mut table = Table::new("section", value, KEYS)?;
    let id = text_of(&mut table, "id")?;
    table.place = format!("section `{id}`");
    let criteria = table.need::<Vec<Value>>("criteria")?;
    Ok(Section {
        id,
        title: table.take("title")?.unwrap_or_default(),
        title_ru: table.take("title_ru")?,
        block: table.take("block")?,
        weight: table.take("weight")?.unwrap_or(1.0),
        bonus: table.take("bonus")?.unwrap_or(false),
        criteria: criteria.into_iter().map(|c| read_criterion(c, rule, defaults)).collect::<Result<_>>()?,
    })
}

fn read_criterion(value: Value, rule: &ScoreRule, defaults: Option<&Value>) -> Result<Criterion> {
    const KEYS: &[&str] = &[
        "id",
        "title",
        "title_ru",
        "options",
        "min",
        "max",
        "weight",
        "na_allowed",
        "critical",
        "applies_if",
        "scored",
        "bonus",
        "level",
        "source",
    ];
    let mut table = Table::new("criterion", value, KEYS)?;
    let id = text_of(&mut table, "id")?;
    table.place = format!("criterion `{id}`");
    let options = read_options(&mut table, defaults)?;
    let critical = table.take::<Value>("critical")?;
    let level = if options.len() > 2 { Level::Ordinal } else { Level::Nominal };
    Ok(Criterion {
        title: table.take("title")?.unwrap_or_default(),
        title_ru: table.take("title_ru")?,
        options,
        weight: table.take("weight")?.unwrap_or(1.0),
        na_allowed: table.take("na_allowed")?.unwrap_or(true),
        critical: critical.map(|v| read_critical(&table.place, v, rule)).transpose()?.flatten(),
        applies_if: table.take::<Value>("applies_if")?.map_or(Ok(vec![]), |v| read_conditions(&table.place, v))?,
        scored: table.take("scored")?.unwrap_or(true),
        bonus: table.take("bonus")?.unwrap_or(false),
        level: table.choice("level", Level::from_name)?.unwrap_or(level),
        source: table.take("source")?,
        id,
    })
}

fn read_options(table: &mut Table, defaults: Option<&Value>) -> Result<Vec<AnswerOption>> {
    let own = table.take::<Value>("options")?;
    let (min, max): (Option<i64>, Option<i64>) = (table.take("min")?, table.take("max")?);
    let place = table.place.clone();
    match (own.as_ref(), min, max) {
        (None, Some(min), Some(max)) if min < max && max - min <= 1000 => Ok((min..=max)
            .map(|v| AnswerOption { id: v.to_string(), title: String::new(), points: v as f64 })
            .collect()),
        (None, Some(min), Some(max)) => {
            Err(Error::argument(format!("{place}: min {min} must be below max {max}, by 1000 at most")))
        }
        (Some(_), Some(_), _) | (Some(_), _, Some(_)) => {
            Err(Error::argument(format!("{place} has both options and a scale; give one of them")))
        }
        (None, Some(_), None) | (None, None, Some(_)) => {
            Err(Error::argument(format!("{place} needs both `min` and `max`")))
        }
        (own, None, None) => match own.or(defaults) {
            Some(Value::Object(map)) => options_of_table(&place, map),
            Some(Value::Array(list)) => list.iter().map(|v| read_option(&place, v.clone())).collect(),
            Some(_) => Err(Error::argument(format!("{place}: `options` must be a table of points by label or a list"))),
            None => Err(Error::argument(format!("{place} has no answers: give `options`, or `min` and `max`"))),
        },
    }
}

/// Points by label; a table has no order of its own, so more points come first, then the label decides.
fn options_of_table(place: &str, map: &Map<String, Value>) -> Result<Vec<AnswerOption>> {
    let option = |(id, points): (&String, &Value)| match points.as_f64() {
        Some(points) => Ok(AnswerOption { id: id.clone(), title: String::new(), points }),
        None => Err(Error::argument(format!("{place}: the option `{id}` has no points"))),
    };
    let mut options = map.iter().map(option).collect::<Result<Vec<_>>>()?;
    options.sort_by(|a, b| b.points.total_cmp(&a.points).then_with(|| a.id.cmp(&b.id)));
    Ok(options)
}

fn read_option(place: &str, value: Value) -> Result<AnswerOption> {
    let mut table = Table::new(format!("{place}: option"), value, &["id", "title", "points"])?;
    let id = text_of(&mut table, "id")?;
    let points = table.take("points")?;
    let points = points.ok_or_else(|| Error::argument(format!("{place}: the option `{id}` has no points")))?;
    Ok(AnswerOption { id, title: table.take("title")?.unwrap_or_default(), points })
}

fn read_critical(place: &str, value: Value, rule: &ScoreRule) -> Result<Option<Critical>> {
    let trigger = rule.critical_below.map_or(Trigger::Worst, Trigger::Below);
    match value {
        Value::Bool(false) => Ok(None),
        Value::Bool(true) => Ok(Some(Critical { effect: rule.critical, trigger })),
        Value::String(name) => {
            let effect = Effect::from_name(&name).map_err(|e| e.at(place))?;
            Ok(Some(Critical { effect, trigger }))
        }
        value => {
            // `trigger` is how the canonical form writes one.
            const KEYS: &[&str] = &["effect", "options", "below", "worst", "trigger"];
            let mut table = Table::new(format!("{place}: critical"), value, KEYS)?;
            let effect = table.choice("effect", Effect::from_name)?.unwrap_or(rule.critical);
            if let Some(inner) = table.take::<Value>("trigger")? {
                let inner = if inner == "worst" { serde_json::json!({ "worst": true }) } else { inner };
                table = Table::new(format!("{place}: trigger"), inner, &["options", "below", "worst"])?;
            }
            let (options, below) = (table.take::<Vec<String>>("options")?, table.take::<f64>("below")?);
            let worst: Option<bool> = table.take("worst")?;
            let trigger = match (options, below, worst) {
                (Some(options), None, None) => Trigger::Options(options),
                (None, Some(below), None) => Trigger::Below(below),
                (None, None, Some(true)) => Trigger::Worst,
                (None, None, None) => trigger,
                _ => {
                    return Err(Error::argument(format!(
                        "{place}: critical takes one of options, below, worst = true"
                    )));
                }
            };
            Ok(Some(Critical { effect, trigger }))
        }
    }
}

fn read_conditions(place: &str, value: Value) -> Result<Vec<Condition>> {
    let list = match value {
        Value::Array(list) => list,
        one => vec![one],
    };
    let condition = |value| {
        let mut table = Table::new(format!("{place}: applies_if"), value, &["criterion", "is"])?;
        let is = match table.need::<Value>("is")? {
            Value::String(one) => vec![one],
            Value::Number(one) => vec![one.to_string()],
            Value::Array(many) => {
                many.iter().map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned)).collect()
            }
            _ => return Err(Error::argument(format!("{place}: `is` must be an option or a list of options"))),
        };
        Ok(Condition { criterion: table.need("criterion")?, is })
    };
    list.into_iter().map(condition).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(criterion: &str) -> String {
        format!(
            "id = \"f\"\nversion = 1\noptions = {{ yes = 1, no = 0 }}\n[[sections]]\nid = \"s\"\ncriteria = [{criterion}]"
        )
    }

    fn message(text: &str) -> String {
        Form::parse(text).unwrap_err().message().to_owned()
    }

    #[test]
    fn the_shipped_forms_have_the_sizes_of_the_source() {
        for (name, sizes) in
            [("call_18", vec![18]), ("chat_8", vec![8]), ("general_9", vec![9]), ("commitment", vec![3])]
        {
            let form = Form::shipped(name).unwrap();
            assert_eq!(vec![form.compile(None).unwrap().criteria().len()], sizes, "{name}");
        }
        let form = Form::shipped("by_contact_type").unwrap();
        let size = |t: &&str| form.compile(Some(t)).unwrap().criteria().len();
        assert_eq!(form.contact_types(), ["first_call", "intermediate", "retention", "recommendation", "sale"]);
        assert_eq!(form.contact_types().iter().map(size).collect::<Vec<_>>(), [16, 13, 15, 13, 14]);
    }

    #[test]
    fn every_shipped_criterion_says_who_named_it_in_two_languages() {
        for name in shipped_names() {
            let form = Form::shipped(name).unwrap();
            assert_eq!(form.id, name);
            for c in form.criteria() {
                assert!(
                    matches!(c.source.as_deref(), Some("named in the source article" | "ours")),
                    "{name}: {}",
                    c.id
                );
                assert!(!c.title.is_empty() && c.title_ru.is_some(), "{name}: {}", c.id);
            }
        }
    }

    #[test]
    fn reading_the_canonical_form_back_gives_the_same_form() {
        let text = r#"
            id = "f"
            version = 2
            preset = "zendesk_qa"
            rule = { floor = "none", cap = 100, critical_below = "none" }
            options = [{ id = "a", title = "A", points = 2.5 }, { id = "b", points = -1 }]
            blocks = [{ id = "x", contact_types = ["t"], weight = 2 }]
            [[sections]]
            id = "s"
            block = "x"
            criteria = [
                { id = "1", critical = { effect = "section_zero", options = ["b"] }, level = "interval" },
                { id = "2", critical = { below = 0.25 }, applies_if = { criterion = "1", is = "a" } },
                { id = "3", critical = true, min = 0, max = 3, na_allowed = false, scored = false, bonus = true },
            ]
        "#;
        let form = Form::parse(text).unwrap();
        assert_eq!(Form::parse(&form.canonical_json()).unwrap(), form);
        for name in shipped_names() {
            let form = Form::shipped(name).unwrap();
            assert_eq!(Form::parse(&form.canonical_json()).unwrap().hash(), form.hash());
            assert_eq!(Form::parse(&form.scoring_json()).unwrap().hash(), form.hash());
        }
        let reworded = Form::parse(&text.replace("title = \"A\"", "title = \"Yes\"")).unwrap();
        assert_ne!(reworded, form);
        assert_eq!(reworded.hash(), form.hash());
        let other = Form::parse(&text.replace("2.5", "2.6")).unwrap();
        assert_ne!(other.hash(), form.hash());
    }

    #[test]
    fn the_hash_of_a_content_never_changes() {
        // SHA-256 of the JSON below, by another program.
        let form = Form::parse(&with("{ id = \"a\" }")).unwrap();
        let json = r#"{"id":"f","version":"1","rule":{"item":"earned_over_max","criteria":"percent","sections":"points","aggregate":"pooled","na":"remove","unanswered":"remove","bonus":"add","floor":0.0,"cap":"none","critical":"form_zero","critical_below":"none"},"sections":[{"id":"s","weight":1.0,"bonus":false,"criteria":[{"id":"a","options":[{"id":"yes","points":1.0},{"id":"no","points":0.0}],"weight":1.0,"na_allowed":true,"scored":true,"bonus":false,"level":"nominal"}]}]}"#;
        assert_eq!(form.scoring_json(), json);
        assert_eq!(form.hash(), "285f3adfb3a4345d");
    }

    #[test]
    fn mistakes_are_named_with_their_place() {
        assert_eq!(
            message(&with("{ id = \"a\", wieght = 2 }")),
            "criterion: unknown key `wieght`; did you mean `weight`?"
        );
        assert_eq!(message("id = \"f\"\nversions = 1"), "form: unknown key `versions`; did you mean `version`?");
        assert_eq!(
            message(&with("{ id = \"a\", options = { yes = 1, no = \"x\" } }")),
            "criterion `a`: the option `no` has no points"
        );
        assert_eq!(
            message(&with("{ id = \"a\", options = [{ id = \"yes\" }] }")),
            "criterion `a`: the option `yes` has no points"
        );
        assert_eq!(
            message(&with("{ id = \"a\", min = 5, max = 5 }")),
            "criterion `a`: min 5 must be below max 5, by 1000 at most"
        );
        assert_eq!(
            message(&with("{ id = \"a\" }, { id = \"a\" }")),
            "form `f`: two of its parts are called criterion `a`; ids must be unique"
        );
        assert_eq!(
            message(&with("{ id = \"a\", weight = 0 }")),
            "form `f`: the weights of scored criteria sum to zero"
        );
        assert_eq!(
            message(&with(
                "{ id = \"greeting\" }, { id = \"b\", applies_if = { criterion = \"greting\", is = \"yes\" } }"
            )),
            "form `f`: criterion `b`: applies_if: unknown criterion `greting`; did you mean `greeting`?"
        );
        let circle = "{ id = \"a\", applies_if = { criterion = \"b\", is = \"yes\" } }, { id = \"b\", applies_if = { criterion = \"a\", is = \"no\" } }";
        assert_eq!(message(&with(circle)), "form `f`: applies_if runs in a circle: a, b");
        assert!(
            message(&format!("preset = \"zendesk_q\"\n{}", with("{ id = \"a\" }")))
                .contains("did you mean `zendesk_qa`?")
        );
        assert!(message(&format!("preset = \"evaluagent\"\n{}", with("{ id = \"a\" }"))).contains("needs `na`"));
        assert!(
            message(&format!("include = [\"call18\"]\n{}", with("{ id = \"a\" }"))).contains("did you mean `call_18`?")
        );
        for bad in ["{", "= 1", "", "id = \"f\"\nversion = 1", "{\"id\": 1e999}", "sections = 3"] {
            assert!(Form::parse(bad).is_err(), "{bad}");
        }
        for bad in [
            "weight = -1",
            "weight = nan",
            "weight = 0.1234567",
            "critical = \"zero\"",
            "critical = { below = 2 }",
            "critical = { options = [\"maybe\"] }",
            "options = {}",
            "options = { a = -1 }",
            "min = 1",
            "applies_if = 3",
            "level = \"x\"",
            "bonus = true",
        ] {
            assert!(Form::parse(&with(&format!("{{ id = \"a\", {bad} }}"))).is_err(), "{bad}");
        }
    }

    #[test]
    fn every_preset_makes_a_form() {
        for preset in presets() {
            let extra =
                if preset.must_state.is_empty() { "" } else { "rule = { na = \"full\", critical = \"form_zero\" }\n" };
            let text = format!(
                "preset = \"{}\"\n{extra}{}",
                preset.name,
                with("{ id = \"a\" }, { id = \"b\", critical = true }")
            );
            let form = Form::parse(&text).unwrap();
            assert_eq!(form.preset.as_deref(), Some(preset.name));
            assert!(preset.doc.len() > 20);
        }
    }

    #[test]
    fn included_forms_come_first_and_may_be_ones_own() {
        let own = Form::parse(&with("{ id = \"a\" }")).unwrap();
        let text = "id = \"g\"\nversion = 1\ninclude = [\"f\", \"commitment\"]";
        let form = Form::parse_with(text, &[own]).unwrap();
        assert_eq!(form.criteria().map(|c| c.id.as_str()).next(), Some("a"));
        assert_eq!(form.criteria().count(), 4);
    }
}
