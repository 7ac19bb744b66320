//! The closed list of measures: one line each. Everything the faces know about measures is read off this list.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

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

            fn with_options(&self, options: Value) -> serde_json::Result<Recipe> {
                Ok(match self { $(Recipe::$name(_) => Recipe::$name(serde_json::from_value(options)?),)+ })
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
    /// Reads a recipe: the name of a measure, or an object with `measure` and options.
    ///
    /// ```
    /// use csat_core::Recipe;
    /// use serde_json::json;
    /// assert!(Recipe::from_json(&json!("nps")).is_ok());
    /// let error = Recipe::from_json(&json!({"measure": "nps", "promotors": 9})).unwrap_err();
    /// assert_eq!(error.message(), "nps: unknown option `promotors`; did you mean `promoters`?");
    /// ```
    pub fn from_json(value: &Value) -> Result<Recipe> {
        let invalid = |m: String| Error::new(ErrorKind::InvalidOption, m);
        let mut options = match value {
            Value::String(name) => return Recipe::named(name),
            Value::Object(map) => map.clone(),
            other => return Err(invalid(format!("a recipe is a name or an object with `measure`, not {other}"))),
        };
        let base = match options.shift_remove("measure") {
            Some(Value::String(name)) => Recipe::named(&name)?,
            _ => return Err(invalid("a recipe needs `measure`, the name of a measure".into())),
        };
        let about = base.about();
        if let Some(key) = options.keys().find(|k| about.options.iter().all(|o| o.name != k.as_str())) {
            return Err(Error::unknown("option", key, about.options.iter().map(|o| o.name)).at(about.name));
        }
        let recipe = base.with_options(Value::Object(options)).map_err(|e| invalid(format!("{}: {e}", about.name)))?;
        recipe.check().map_err(|e| e.at(about.name))?;
        Ok(recipe)
    }
}

impl<'de> Deserialize<'de> for Recipe {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Recipe::from_json(&value).map_err(serde::de::Error::custom)
    }
}
