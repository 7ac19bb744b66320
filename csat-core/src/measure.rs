//! THE IDEA: a measure is an immutable recipe whose state is a row of integers.
//!
//! *Count first, decide afterwards.* A recipe says which columns it reads ([`bind`](Measure::bind)), which integers it
//! keeps per group ([`shape`](Measure::shape)), how a block of rows adds to them ([`fold`](Measure::fold)) and how
//! they are read ([`read`](Measure::read)). Everything else is written once, for the integers: merging, subtracting,
//! saving, grouping, slots, reports. A measure cannot have a state that is not integers, so any order of rows, any
//! partition, any number of threads and any host language give the same bytes.
//!
//! The options of a recipe are of two kinds. *Shaping* options decide what is counted; two recipes that agree on them
//! can read the same cells. *Reading* options decide only how the counts are read, and may change afterwards: that is
//! how one tally gives every vendor's service level.
//!
//! A host that needs a measure of its own implements this trait and uses [`Tally`](crate::tally::Tally) with it; the
//! measures of csat are listed in [`catalogue`](crate::catalogue).

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::cells::{Cell, Cells, Shape};
use crate::error::Result;
use crate::estimate::{Confidence, Estimates, Unit};
use crate::record::{Block, Faults, Schema, Table};

/// An immutable recipe. Its state is a row of integers whose layout the recipe declares.
pub trait Measure: Clone + Send + Sync + Serialize + DeserializeOwned + 'static {
    /// Where this recipe's columns sit in a block, and whatever else it works out once.
    type Bound: Clone + Send + Sync;

    /// Name, table, documentation and options. The same for every recipe of a measure.
    fn about(&self) -> &'static About;

    /// Whether the options are valid together.
    fn check(&self) -> Result<()>;

    /// Asks the schema for the columns it reads.
    fn bind(&self, schema: &mut Schema) -> Result<Self::Bound>;

    /// The integers it keeps per group and view.
    fn shape(&self) -> Shape;

    /// How rows are placed in slots; usually once, by the table's own instant.
    fn views(&self) -> Vec<View> {
        vec![View::default()]
    }

    /// Names the rows of a block that the measure cannot take. Runs before any measure folds.
    fn verify(&self, _bound: &Self::Bound, _block: &Block, _faults: &mut Faults) {}

    /// Adds a block of rows to the cells of one view.
    fn fold(&self, bound: &Self::Bound, rows: &Rows<'_>, cells: &mut Cells);

    /// The parts of its reading, in the order of [`read`](Self::read).
    fn parts(&self) -> Vec<Part>;

    /// Reads one group: pushes one estimate for each part. `cells` has one cell a view.
    fn read(&self, bound: &Self::Bound, cells: &[Cell<'_>], confidence: &mut Confidence, out: &mut Estimates);

    /// Reads a recipe of a plan: an object with `measure` and options, and perhaps the `name` that the plan gives it. Unknown
    /// options are refused.
    fn from_plan(value: &Value) -> Result<Self> {
        serde_json::from_value(value.clone())
            .map_err(|e| crate::Error::new(crate::ErrorKind::InvalidOption, format!("a recipe: {e}")))
    }

    /// The shaping options in canonical form; equal for recipes that can read each other's cells.
    fn shaping(&self) -> Result<Value> {
        let reads = self.about().options.iter().filter(|o| o.effect == Effect::Reads).map(|o| o.name);
        let mut value = serde_json::to_value(self)
            .map_err(|e| crate::Error::new(crate::ErrorKind::InvalidOption, e.to_string()))?;
        if let Value::Object(map) = &mut value {
            reads.for_each(|name| {
                map.shift_remove(name);
            });
            map.sort_keys();
        }
        Ok(value)
    }
}

/// What a measure is: for documentation, for checking options, for the faces.
#[derive(Debug)]
pub struct About {
    /// Its name in plans and functions.
    pub name: &'static str,
    /// Its title.
    pub title: &'static str,
    /// Its title in Russian.
    pub title_ru: &'static str,
    /// The table it reads.
    pub table: Table,
    /// Meaning, formula, what counts, pitfalls, source.
    pub doc: &'static str,
    /// Its options.
    pub options: &'static [OptionInfo],
    /// A valid recipe as JSON, for documentation and for the law test.
    pub example: &'static str,
}

/// An option of a recipe.
#[derive(Debug)]
pub struct OptionInfo {
    /// The key.
    pub name: &'static str,
    /// Whether it decides what is counted or only how counts are read.
    pub effect: Effect,
    /// The default as JSON.
    pub default: &'static str,
    /// Another valid value as JSON, used by the test that flips every option.
    pub other: &'static str,
    /// What it does.
    pub doc: &'static str,
}

/// What an option decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// What is counted: it changes the footprint.
    Shapes,
    /// Only how counts are read.
    Reads,
}

/// One number among those a measure gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Its path: words joined by `/`, such as `level` or `criterion/greeting`.
    pub path: String,
    /// Its unit.
    pub unit: Unit,
    /// The short id of its definition, such as `sl:offered:20s`.
    pub definition: String,
}

impl Part {
    /// A part.
    pub fn new(path: impl Into<String>, unit: Unit, definition: impl Into<String>) -> Self {
        Self { path: path.into(), unit, definition: definition.into() }
    }
}

/// The rows of a block and the group each belongs to.
pub struct Rows<'a> {
    /// The rows.
    pub block: &'a Block,
    /// The group of each row.
    pub groups: &'a [u32],
    /// Which of the measure's views is folded.
    pub view: usize,
}

/// Which instant of a row chooses its slot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Placement {
    /// The table's own instant: offered, answered (surveys), at.
    #[default]
    Own,
    /// When the contact was answered or left.
    Outcome,
    /// When the contact ended.
    Disconnect,
    /// The earlier of outcome and expiry of this threshold in microseconds.
    ServiceLevelEvent(i64),
}

/// One way of placing and measuring rows: definitions that agree on it share cells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// Which instant chooses the slot.
    pub placement: Placement,
    /// A name for errors and saved plans.
    pub name: String,
}
