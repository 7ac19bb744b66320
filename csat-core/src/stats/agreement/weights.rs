//! How near two categories are: Gwet's weights and Krippendorff's levels.

use super::marks::{Categories, Scale};
use crate::error::{Error, Result};

/// Agreement weights between categories (Gwet 2014): 1 for the same category, 0 for the farthest pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weights {
    /// Only equal marks agree. The only weights of categories without an order.
    Identity,
    /// Distance |x − y|.
    Linear,
    /// Distance (x − y)².
    Quadratic,
    /// Distance m(m + 1)/2 where m is the number of steps between the categories; not Krippendorff's ordinal level.
    Ordinal,
    /// Distance √|x − y|.
    Radical,
    /// Distance ((x − y)/(x + y))²; categories must not be negative.
    Ratio,
    /// Distance sin²(π(x − y)/U) with U = highest − lowest + 1: the lowest category is a neighbour of the highest.
    Circular,
    /// Distance (x − y)²/((x + y − 2·lowest)(2·highest − x − y)): a step near an end counts more than in the middle.
    Bipolar,
}

impl Weights {
    /// All weights with their names.
    pub const ALL: &'static [(&'static str, Weights)] = &[
        ("identity", Weights::Identity),
        ("linear", Weights::Linear),
        ("quadratic", Weights::Quadratic),
        ("ordinal", Weights::Ordinal),
        ("radical", Weights::Radical),
        ("ratio", Weights::Ratio),
        ("circular", Weights::Circular),
        ("bipolar", Weights::Bipolar),
    ];

    /// The weights of a name; `none` means `identity`.
    pub fn parse(name: &str) -> Result<Self> {
        let name = if name == "none" { "identity" } else { name };
        let found = Self::ALL.iter().find(|(n, _)| *n == name).map(|(_, weights)| *weights);
        found.ok_or_else(|| Error::unknown("weights", name, Self::ALL.iter().map(|(n, _)| *n)))
    }

    /// The name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, weights)| *weights == self).map_or("", |(name, _)| name)
    }
}

/// The level of measurement of marks (Krippendorff).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Names: equal or different.
    Nominal,
    /// An order: distance is the number of marks between two categories, half of both ends counted, squared.
    Ordinal,
    /// Numbers with meaningful differences: (x − y)².
    Interval,
    /// Numbers with a meaningful zero: ((x − y)/(x + y))²; marks must not be negative.
    Ratio,
}

impl Level {
    /// All levels with their names.
    pub const ALL: &'static [(&'static str, Level)] = &[
        ("nominal", Level::Nominal),
        ("ordinal", Level::Ordinal),
        ("interval", Level::Interval),
        ("ratio", Level::Ratio),
    ];

    /// The level of a name.
    pub fn parse(name: &str) -> Result<Self> {
        let found = Self::ALL.iter().find(|(n, _)| *n == name).map(|(_, level)| *level);
        found.ok_or_else(|| Error::unknown("level", name, Self::ALL.iter().map(|(n, _)| *n)))
    }

    /// The name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, level)| *level == self).map_or("", |(name, _)| name)
    }
}

/// Weights of all pairs of given categories, computed when asked for: w = 1 − distance / largest distance.
#[derive(Clone, Debug)]
pub(super) struct Weighting {
    distance: Weights,
    positions: Vec<f64>,
    largest: f64,
}

impl Weighting {
    pub(super) fn of_weights(weights: Weights, categories: &Categories) -> Result<Self> {
        if weights != Weights::Identity && categories.scale == Scale::Names {
            return Err(Error::argument(format!(
                "{} weights need an order of the categories; give `categories` in order, or numbers as marks",
                weights.name()
            )));
        }
        let positions = match weights {
            Weights::Ordinal => (0..categories.count()).map(|i| i as f64).collect(),
            _ => categories.values.clone(),
        };
        Self::new(weights, &positions)
    }

    /// `margins`: the number of pairable marks in each category.
    pub(super) fn of_level(level: Level, categories: &Categories, margins: &[f64]) -> Result<Self> {
        match (level, categories.scale) {
            (Level::Nominal, _) => Self::new(Weights::Identity, &categories.values),
            (Level::Ordinal, Scale::Numbers | Scale::Ranks) => {
                let mut below = 0.0;
                let middle = |n: &f64| {
                    below += n;
                    below - n / 2.0
                };
                Self::new(Weights::Quadratic, &margins.iter().map(middle).collect::<Vec<f64>>())
            }
            (Level::Interval, Scale::Numbers) => Self::new(Weights::Quadratic, &categories.values),
            (Level::Ratio, Scale::Numbers) => Self::new(Weights::Ratio, &categories.values),
            (Level::Ordinal, Scale::Names) => Err(Error::argument(
                "the ordinal level needs an order of the categories; give `categories` in order, or numbers as marks",
            )),
            (level, _) => Err(Error::argument(format!("the {} level needs numbers as marks", level.name()))),
        }
    }

    fn new(distance: Weights, positions: &[f64]) -> Result<Self> {
        if let (Weights::Ratio, Some(x)) = (distance, positions.iter().find(|x| **x < 0.0)) {
            return Err(Error::argument(format!("category {x}: ratios need categories that are not negative")));
        }
        let mut weighting = Self { distance, positions: scaled(distance, positions), largest: 1.0 };
        if positions.len() > 1 {
            weighting.largest = weighting.largest_distance();
        }
        if weighting.largest > 0.0 && weighting.largest.is_finite() {
            return Ok(weighting);
        }
        Err(Error::argument(format!("the categories are too near each other for {} weights", distance.name())))
    }

    fn largest_distance(&self) -> f64 {
        let q = self.positions.len();
        match self.distance {
            Weights::Identity => 1.0,
            Weights::Circular | Weights::Bipolar => {
                let pairs = (0..q).flat_map(|k| (0..k).map(move |l| (k, l)));
                pairs.map(|(k, l)| self.distance(k, l)).fold(0.0, f64::max)
            }
            // Distances that grow with the positions, which ascend.
            _ => self.distance(0, q - 1),
        }
    }

    fn distance(&self, k: usize, l: usize) -> f64 {
        let (x, y) = (self.positions[k], self.positions[l]);
        let gap = (x - y).abs();
        // Two categories may lie in one place: too near for the scale, or both outside the marks of an ordinal level.
        if k == l || (gap == 0.0 && self.distance != Weights::Identity) {
            return 0.0;
        }
        match self.distance {
            Weights::Identity => 1.0,
            Weights::Linear => gap,
            Weights::Quadratic => gap * gap,
            Weights::Ordinal => gap * (gap + 1.0) / 2.0,
            Weights::Radical => gap.sqrt(),
            // Zero against zero is one category, so the sum is above zero.
            Weights::Ratio => (gap / (x + y)) * (gap / (x + y)),
            Weights::Circular => {
                let range = self.positions[self.positions.len() - 1] - self.positions[0];
                let s = libm::sin(std::f64::consts::PI * gap / (range + 1.0));
                s * s
            }
            Weights::Bipolar => (gap / (x + y)) * (gap / (2.0 - x - y)),
        }
    }

    pub(super) fn weight(&self, k: usize, l: usize) -> f64 {
        1.0 - self.distance(k, l) / self.largest
    }

    /// For each category the sum of weight × share over all categories.
    pub(super) fn times(&self, shares: &[f64]) -> Vec<f64> {
        if self.distance == Weights::Identity {
            return shares.to_vec();
        }
        // Of many categories one rater uses few.
        let used: Vec<(usize, f64)> = shares.iter().copied().enumerate().filter(|(_, share)| *share != 0.0).collect();
        (0..shares.len()).map(|k| used.iter().map(|(l, share)| self.weight(k, *l) * share).sum()).collect()
    }

    /// The sum of all weights.
    pub(super) fn sum(&self) -> f64 {
        self.times(&vec![1.0; self.positions.len()]).iter().sum()
    }
}

/// Positions on a scale of 0..1 where differences neither overflow nor vanish when squared. Ratios need their zero,
/// circular and ordinal distances their unit.
fn scaled(distance: Weights, positions: &[f64]) -> Vec<f64> {
    let (Some(low), Some(high)) = (positions.first(), positions.last()) else { return Vec::new() };
    match distance {
        _ if low == high => vec![0.0; positions.len()],
        Weights::Linear | Weights::Quadratic | Weights::Radical | Weights::Bipolar => {
            positions.iter().map(|x| (x - low) / (high - low)).collect()
        }
        _ => positions.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weight(weights: Weights, k: usize, l: usize) -> f64 {
        let five = Categories::numbers(vec![1.0, 2.0, 3.0, 4.0, 5.0]).unwrap();
        Weighting::of_weights(weights, &five).unwrap().weight(k, l)
    }

    #[test]
    fn weights_by_hand() {
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-14, "{a} {b}");
        close(weight(Weights::Linear, 0, 1), 0.75);
        close(weight(Weights::Quadratic, 0, 1), 15.0 / 16.0);
        close(weight(Weights::Ordinal, 1, 3), 0.7); // two steps: 3 of 10
        close(weight(Weights::Radical, 0, 1), 0.5);
        close(weight(Weights::Ratio, 0, 1), 1.0 - (1.0 / 9.0) / (4.0 / 9.0));
        // sin²(π/5) / sin²(2π/5): the golden ratio squared is 1 / 0.381966.
        close(weight(Weights::Circular, 0, 4), 1.0 - 0.381_966_011_250_105);
        // Largest: an end with its neighbour, 1/((3−2)(10−3)) = 1/7; the whole way 16/(4·4) = 1.
        close(weight(Weights::Bipolar, 0, 1), 1.0 - 1.0 / 7.0);
        close(weight(Weights::Bipolar, 0, 4), 0.0);
    }

    #[test]
    fn an_order_must_be_given() {
        let names = Categories::unordered(3).unwrap();
        assert!(Weighting::of_weights(Weights::Identity, &names).is_ok());
        assert!(Weighting::of_weights(Weights::Linear, &names).unwrap_err().message().contains("`categories`"));
        let ranks = Categories::ranked(3).unwrap();
        assert!(Weighting::of_level(Level::Ordinal, &ranks, &[1.0; 3]).is_ok());
        assert!(Weighting::of_level(Level::Interval, &ranks, &[1.0; 3]).is_err());
        let below = Categories::numbers(vec![-1.0, 1.0]).unwrap();
        assert!(Weighting::of_weights(Weights::Ratio, &below).is_err());
        let tiny = Categories::numbers(vec![0.0, 1e-300, 2e-300]).unwrap();
        assert!(Weighting::of_weights(Weights::Circular, &tiny).is_err());
        assert_eq!(Weighting::of_weights(Weights::Quadratic, &tiny).unwrap().weight(0, 1), 0.75);
    }

    #[test]
    fn names_round_trip() {
        for (name, weights) in Weights::ALL {
            assert_eq!((Weights::parse(name).unwrap(), weights.name()), (*weights, *name));
        }
        for (name, level) in Level::ALL {
            assert_eq!((Level::parse(name).unwrap(), level.name()), (*level, *name));
        }
        assert_eq!(Weights::parse("none").unwrap(), Weights::Identity);
        assert!(Weights::parse("quadratc").unwrap_err().message().contains("`quadratic`"));
    }
}
