//! Importance-performance analysis: what to fix first.

use std::collections::BTreeSet;

use crate::error::{Error, Result};

/// Where the lines between the quadrants lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// At the mean of the items.
    Mean,
    /// At the median of the items.
    Median,
}

impl Cut {
    /// Every cut with its name.
    pub const ALL: &'static [(&'static str, Cut)] = &[("mean", Cut::Mean), ("median", Cut::Median)];

    /// The cut of a name.
    pub fn parse(name: &str) -> Result<Self> {
        let found = Self::ALL.iter().find(|(n, _)| *n == name).map(|(_, cut)| *cut);
        found.ok_or_else(|| Error::unknown("cut", name, Self::ALL.iter().map(|(n, _)| *n)))
    }

    fn of(self, values: &[f64]) -> f64 {
        let (n, mut sorted) = (values.len(), values.to_vec());
        sorted.sort_by(f64::total_cmp);
        match self {
            Cut::Mean => sorted.iter().map(|x| x / n as f64).sum(),
            Cut::Median => f64::midpoint(sorted[(n - 1) / 2], sorted[n / 2]),
        }
    }
}

/// A quadrant of the importance-performance plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quadrant {
    /// Important and performing well: keep up the good work.
    Keep,
    /// Important and performing badly: concentrate here.
    Fix,
    /// Performing well where it matters little: possible overkill.
    Overkill,
    /// Neither: low priority.
    Low,
}

impl Quadrant {
    /// The name of the quadrant: `keep`, `fix`, `overkill` or `low`.
    pub fn name(self) -> &'static str {
        match self {
            Quadrant::Keep => "keep",
            Quadrant::Fix => "fix",
            Quadrant::Overkill => "overkill",
            Quadrant::Low => "low",
        }
    }
}

/// The quadrant of each item and the lines between them.
#[derive(Clone, Debug, PartialEq)]
pub struct Quadrants {
    /// The items with their quadrants, in the order given.
    pub quadrants: Vec<(String, Quadrant)>,
    /// Items at or above it are important.
    pub importance_cut: f64,
    /// Items at or above it perform well.
    pub performance_cut: f64,
}

/// Importance-performance quadrants, cut at the mean or median of the items.
///
/// An item on a line goes to the higher side (a difference of 1e-12 of the value counts as on the line). The lines
/// depend on the items chosen: half of a uniformly excellent set falls below them.
/// Source: Martilla & James 1977; the tie rule is ours.
///
/// ```
/// use csat_core::stats::quadrants::{Cut, Quadrant, quadrants};
/// let q = quadrants(&["speed", "price", "style"], &[0.4, 0.1, 0.1], &[60.0, 90.0, 75.0], Cut::Mean)?;
/// assert_eq!(q.quadrants[0].1, Quadrant::Fix); // importance above 0.2, performance below 75
/// assert_eq!(q.quadrants[2].1, Quadrant::Overkill); // on the line of performance
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn quadrants<S: AsRef<str>>(names: &[S], importance: &[f64], performance: &[f64], cut: Cut) -> Result<Quadrants> {
    if names.is_empty() {
        return Err(Error::argument("there are no items; give a name, an importance and a performance for each"));
    }
    if names.len() != importance.len() || names.len() != performance.len() {
        return Err(Error::argument(format!(
            "{} names, {} importances and {} performances; each item needs all three",
            names.len(),
            importance.len(),
            performance.len()
        )));
    }
    let mut seen = BTreeSet::new();
    for ((name, x), y) in names.iter().map(AsRef::as_ref).zip(importance).zip(performance) {
        if !x.is_finite() || !y.is_finite() {
            return Err(Error::argument(format!("{name}: importance and performance must be numbers")));
        }
        if !seen.insert(name) {
            return Err(Error::argument(format!("{name} is named twice; every item needs a name of its own")));
        }
    }
    let (importance_cut, performance_cut) = (cut.of(importance), cut.of(performance));
    let place = |i: usize| match (high(importance[i], importance_cut), high(performance[i], performance_cut)) {
        (true, true) => Quadrant::Keep,
        (true, false) => Quadrant::Fix,
        (false, true) => Quadrant::Overkill,
        (false, false) => Quadrant::Low,
    };
    let quadrants = names.iter().enumerate().map(|(i, name)| (name.as_ref().to_owned(), place(i))).collect();
    Ok(Quadrants { quadrants, importance_cut, performance_cut })
}

fn high(value: f64, cut: f64) -> bool {
    value >= cut - 1e-12 * cut.abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_go_up_even_when_the_mean_is_rounded() {
        // 0.1 + 0.1 + 0.1 is not 0.3 in binary.
        let q = quadrants(&["a", "b", "c"], &[0.1; 3], &[0.7; 3], Cut::Mean).unwrap();
        assert!(q.quadrants.iter().all(|(_, quadrant)| *quadrant == Quadrant::Keep));
        let q = quadrants(&["a", "b", "c"], &[1.0, 2.0, 9.0], &[3.0, 2.0, 1.0], Cut::Median).unwrap();
        let names: Vec<&str> = q.quadrants.iter().map(|(_, quadrant)| quadrant.name()).collect();
        assert_eq!((names, q.importance_cut), (vec!["overkill", "keep", "fix"], 2.0));
    }

    #[test]
    fn refusals() {
        assert!(quadrants::<&str>(&[], &[], &[], Cut::Mean).is_err());
        assert!(quadrants(&["a"], &[f64::NAN], &[1.0], Cut::Mean).is_err());
        assert!(quadrants(&["a", "a"], &[1.0, 2.0], &[1.0, 2.0], Cut::Mean).is_err());
        assert!(quadrants(&["a"], &[1.0, 2.0], &[1.0], Cut::Mean).is_err());
        assert!(Cut::parse("meen").unwrap_err().message().contains("`mean`"));
    }
}
