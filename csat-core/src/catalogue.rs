//! The closed list of measures: one line each. Everything the faces know about measures is read off this list.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::cells::{Cell, Cells, Shape};
use crate::error::{Error, ErrorKind, Result};
use crate::estimate::{Confidence, Estimates};
use crate::measure::{About, Measure, Part, Rows, View};
use crate::measures::handling::{HandOffs, HandleTime, Transfer};
use crate::measures::load::{AgentTime, IntervalCounts};
use crate::measures::quality::Scorecard;
use crate::measures::reach::{Abandonment, ServiceLevel, SpeedOfAnswer, Volume, Wait};
use crate::measures::response::{
    Callbacks, ContactRate, Containment, FirstContactResolution, MissedCalls, Problems, RepeatContact, Response,
};
use crate::measures::voice::{Followup, Nps, Satisfaction, SatisfactionIndex, SurveyFunnel};
use crate::options;
use crate::record::{Block, Faults, Schema};

/// Makes [`Recipe`] and its parts from the list of measures; every arm only passes the call on.
macro_rules! catalogue {
    ($($name:ident,)+) => {
        /// A recipe of any measure of the catalogue.
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum Recipe { $(#[doc = concat!("[`", stringify!($name), "`]")] $name($name),)+ }

        /// What a [`Recipe`] worked out when it was bound.
        #[derive(Clone)]
        #[doc(hidden)]
        pub enum Bound { $($name(<$name as Measure>::Bound),)+ }

        $(impl From<$name> for Recipe {
            fn from(recipe: $name) -> Self { Recipe::$name(recipe) }
        })+

        impl Recipe {
            /// Every measure with its default options.
            pub fn all() -> Vec<Recipe> {
                vec![$(Recipe::$name($name::default()),)+]
            }

            /// The default recipe of a measure, by name.
            pub fn named(name: &str) -> Result<Recipe> {
                $(if $name::default().about().name == name { return Ok(Recipe::$name($name::default())); })+
                Err(Error::unknown("measure", name, Self::all().iter().map(|r| r.about().name)))
            }

            fn with_options(&self, given: Map<String, Value>) -> Result<Recipe> {
                Ok(match self { $(Recipe::$name(_) => Recipe::$name(options::read(self.about(), given)?),)+ })
            }
        }

        impl Serialize for Recipe {
            fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
                match self { $(Recipe::$name(r) => r.serialize(serializer),)+ }
            }
        }

        impl Measure for Recipe {
            type Bound = Bound;

            fn about(&self) -> &'static About {
                match self { $(Recipe::$name(r) => r.about(),)+ }
            }
            fn check(&self) -> Result<()> {
                match self { $(Recipe::$name(r) => r.check(),)+ }
            }
            fn bind(&self, schema: &mut Schema) -> Result<Bound> {
                Ok(match self { $(Recipe::$name(r) => Bound::$name(r.bind(schema)?),)+ })
            }
            fn shape(&self) -> Shape {
                match self { $(Recipe::$name(r) => r.shape(),)+ }
            }
            fn views(&self) -> Vec<View> {
                match self { $(Recipe::$name(r) => r.views(),)+ }
            }
            fn verify(&self, bound: &Bound, block: &Block, faults: &mut Faults) {
                match (self, bound) {
                    $((Recipe::$name(r), Bound::$name(b)) => r.verify(b, block, faults),)+
                    _ => {}
                }
            }
            fn fold(&self, bound: &Bound, rows: &Rows<'_>, cells: &mut Cells) {
                match (self, bound) {
                    $((Recipe::$name(r), Bound::$name(b)) => r.fold(b, rows, cells),)+
                    _ => {}
                }
            }
            fn parts(&self) -> Vec<Part> {
                match self { $(Recipe::$name(r) => r.parts(),)+ }
            }
            fn read(&self, bound: &Bound, cells: &[Cell<'_>], confidence: &mut Confidence, out: &mut Estimates) {
                match (self, bound) {
                    $((Recipe::$name(r), Bound::$name(b)) => r.read(b, cells, confidence, out),)+
                    _ => {}
                }
            }
            fn shaping(&self) -> Result<Value> {
                match self { $(Recipe::$name(r) => r.shaping(),)+ }
            }
            fn from_plan(value: &Value) -> Result<Self> {
                let mut value = value.clone();
                // The name of a measure is the plan's.
                value.as_object_mut().map(|recipe| recipe.shift_remove("name"));
                Recipe::from_json(&value)
            }
        }
    };
}

catalogue! {
    ServiceLevel,
    Abandonment,
    SpeedOfAnswer,
    Wait,
    Volume,
    HandleTime,
    Transfer,
    HandOffs,
    Nps,
    Satisfaction,
    SatisfactionIndex,
    Scorecard,
    Response,
    MissedCalls,
    Callbacks,
    FirstContactResolution,
    RepeatContact,
    Containment,
    ContactRate,
    SurveyFunnel,
    Followup,
    Problems,
    IntervalCounts,
    AgentTime,
}

impl Recipe {
    /// Reads a recipe: the name of a measure, or an object with `measure` and options. Where an option takes a list, one
    /// value is a list of one.
    ///
    /// ```
    /// use csat_core::Recipe;
    /// use serde_json::json;
    /// assert!(Recipe::from_json(&json!("nps")).is_ok());
    /// let error = Recipe::from_json(&json!({"measure": "nps", "promotors": 9})).unwrap_err();
    /// assert_eq!(error.message(), "nps: unknown option `promotors`; did you mean `promoters`?");
    /// let level = |within| Recipe::from_json(&json!({"measure": "service_level", "within": within}));
    /// assert_eq!(level(json!("20s"))?, level(json!(["20s"]))?);
    /// # Ok::<(), csat_core::Error>(())
    /// ```
    pub fn from_json(value: &Value) -> Result<Recipe> {
        let invalid = |m: String| Error::new(ErrorKind::InvalidOption, m);
        let mut given = match value {
            Value::String(name) => return Recipe::named(name),
            Value::Object(map) => map.clone(),
            other => return Err(invalid(format!("a recipe is a name or an object with `measure`, not {other}"))),
        };
        let base = match given.shift_remove("measure") {
            Some(Value::String(name)) => Recipe::named(&name)?,
            _ => return Err(invalid("a recipe needs `measure`, the name of a measure".into())),
        };
        let recipe = base.with_options(given)?;
        recipe.check().map_err(|e| e.at(recipe.about().name))?;
        Ok(recipe)
    }
}

impl<'de> Deserialize<'de> for Recipe {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Recipe::from_json(&value).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn one_value_is_a_list_of_one() {
        let same =
            |one: Value, list: Value| assert_eq!(Recipe::from_json(&one).unwrap(), Recipe::from_json(&list).unwrap());
        same(json!({"measure": "wait", "quantiles": 0.9}), json!({"measure": "wait", "quantiles": [0.9]}));
        same(json!({"measure": "satisfaction", "positive": 5}), json!({"measure": "satisfaction", "positive": [5]}));
        let index =
            |questions: Value| json!({"measure": "satisfaction_index", "questions": questions, "parts": "score"});
        same(index(json!("q1")), index(json!([{"column": "q1", "scale": [1, 10], "reverse": false, "weight": 1.0}])));
    }

    #[test]
    fn an_option_that_does_not_fit_is_explained() {
        let refused = |recipe: Value| Recipe::from_json(&recipe).unwrap_err().message().to_owned();
        let index = |questions: Value| refused(json!({"measure": "satisfaction_index", "questions": questions}));
        let questions =
            "the questions: column names, or objects of column, scale ([1, 10]), reverse (false), weight (1)";
        let cases = [
            (
                refused(json!({"measure": "service_level", "within": 20})),
                "service_level: `within`: it cannot be 20; a valid value is [\"20s\"] (thresholds; one that is given twice \
                 counts once)"
                    .to_owned(),
            ),
            (
                refused(json!({"measure": "handle_time", "per": "handled"})),
                "handle_time: `per`: unknown value `handled`; use one of: contact, leg".to_owned(),
            ),
            (
                refused(json!({"measure": "nps", "scale": 7})),
                "nps: `scale`: it cannot be 7; a valid value is [0, 10] (lowest and highest mark)".to_owned(),
            ),
            (
                index(json!([{"column": "a"}, {"colunm": "b"}])),
                "satisfaction_index: `questions`, item 2: unknown key `colunm`; did you mean `column`?".to_owned(),
            ),
            (
                index(json!({"column": "a", "scal": [1, 5]})),
                "satisfaction_index: `questions`: unknown key `scal`; did you mean `scale`?".to_owned(),
            ),
            (
                index(json!(["a", {"column": "b", "weight": null}])),
                format!(
                    "satisfaction_index: `questions`, item 2: `weight`: it cannot be null, as which NaN and infinity arrive \
                     ({questions})"
                ),
            ),
            (
                index(json!([{"scale": [1, 5]}])),
                format!("satisfaction_index: `questions`: `column` is missing ({questions})"),
            ),
        ];
        for (message, expected) in cases {
            assert_eq!(message, expected);
        }
    }
}
