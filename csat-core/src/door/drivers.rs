//! Drivers of satisfaction: `drivers.*`.

use serde_json::{Map, Value};

use super::Answer;
use crate::error::Result;
use crate::functions;
use crate::stats::drivers::{self, Drivers};
use crate::stats::quadrants::{self, Cut, Quadrants};

functions! {
    /// Correlation with the outcome, standardised regression coefficient and Pratt's product for each driver.
    /// `outcome`: one number a row; `drivers`: the row's answers; null for missing, incomplete rows are left out and
    /// counted. A constant driver or one that is a combination of others is an error that names it.
    /// Source: Pratt 1987.
    #[example = r#"{"outcome": [-2, -2, 0, 4], "drivers": [[-1, -1], [-1, 1], [1, -1], [1, 1]], "names":
        ["speed", "price"]}"#]
    "drivers.simple" (
        outcome: Vec<Option<f64>>,
        drivers: Vec<Vec<Option<f64>>>,
        names: Vec<String> = Vec::new(),
    ) => Drivers::from_rows(&names, &outcome, &drivers).map(|all| drivers::simple(&all));

    /// LMG (Shapley) shares of R²: what each driver adds, averaged over all orders of entry. Up to 15 drivers;
    /// arguments as for `drivers.simple`. Source: Lindeman, Merenda & Gold 1980.
    #[example = r#"{"outcome": [-2, -2, 0, 4], "drivers": [[-1, -1], [-1, 1], [1, -1], [1, 1]], "names":
        ["speed", "price"]}"#]
    "drivers.lmg" (
        outcome: Vec<Option<f64>>,
        drivers: Vec<Vec<Option<f64>>>,
        names: Vec<String> = Vec::new(),
    ) => drivers::lmg(&Drivers::from_rows(&names, &outcome, &drivers)?);

    /// Johnson's relative weights: shares of R² for any number of drivers; arguments as for `drivers.simple`.
    /// Source: Johnson 2000.
    #[example = r#"{"outcome": [-2, -2, 0, 4], "drivers": [[-1, -1], [-1, 1], [1, -1], [1, 1]], "names":
        ["speed", "price"]}"#]
    "drivers.relative_weights" (
        outcome: Vec<Option<f64>>,
        drivers: Vec<Vec<Option<f64>>>,
        names: Vec<String> = Vec::new(),
    ) => Drivers::from_rows(&names, &outcome, &drivers).map(|all| drivers::relative_weights(&all));

    /// Importance-performance quadrants: `keep`, `fix`, `overkill` or `low` for each named item, cut at the `mean` or
    /// `median`; an item on a line goes to the higher side. Source: Martilla & James 1977.
    #[example = r#"{"names": ["a", "b", "c", "d"], "importance": [1, 2, 3, 10], "performance": [4, 3, 2, 1],
        "cut": "median"}"#]
    "drivers.quadrants" (
        names: Vec<String>,
        importance: Vec<f64>,
        performance: Vec<f64>,
        cut: String = "mean".to_owned(),
    ) => quadrants_of(&names, &importance, &performance, &cut);
}

fn quadrants_of(names: &[String], x: &[f64], y: &[f64], cut: &str) -> Result<Quadrants> {
    quadrants::quadrants(names, x, y, Cut::parse(cut)?)
}

/// An object of names, which an importance-performance chart is read by.
impl Answer for Quadrants {
    fn answer(&self) -> Value {
        let named = self.quadrants.iter().map(|(name, quadrant)| (name.clone(), Value::from(quadrant.name())));
        let mut map = Map::new();
        map.insert("quadrants".to_owned(), Value::Object(named.collect()));
        map.insert("importance_cut".to_owned(), self.importance_cut.answer());
        map.insert("performance_cut".to_owned(), self.performance_cut.answer());
        Value::Object(map)
    }
}
