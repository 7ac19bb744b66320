//! Marks of raters on units, as category codes.

use crate::error::{Error, Result};

/// Distances between all pairs of categories are looked at; beyond this number marks are scores, not categories.
const MOST_CATEGORIES: usize = 5_000;

/// The categories of marks: how many there are and what numbers they stand for.
#[derive(Clone, Debug, PartialEq)]
pub struct Categories {
    pub(super) values: Vec<f64>,
    pub(super) scale: Scale,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scale {
    Numbers,
    Ranks,
    Names,
}

impl Categories {
    /// Categories that are numbers, ascending; code `i` stands for `values[i]`.
    pub fn numbers(values: Vec<f64>) -> Result<Self> {
        if let Some(bad) = values.iter().find(|x| x.is_nan() || x.abs() > 1e100) {
            return Err(Error::argument(format!("category {bad}: a category must be an ordinary number")));
        }
        if let Some([before, after]) = values.windows(2).find(|pair| pair[0] >= pair[1]) {
            return Err(Error::argument(format!(
                "category {before} does not come before {after}; give numbers in ascending order, each once"
            )));
        }
        Self::new(values, Scale::Numbers)
    }

    /// `count` named categories in a meaningful order; code `i` has rank `i + 1`.
    pub fn ranked(count: usize) -> Result<Self> {
        Self::new((1..=count.min(MOST_CATEGORIES + 1)).map(|i| i as f64).collect(), Scale::Ranks)
    }

    /// `count` named categories in no order: only equal and different can be told.
    pub fn unordered(count: usize) -> Result<Self> {
        Ok(Self { scale: Scale::Names, ..Self::ranked(count)? })
    }

    fn new(values: Vec<f64>, scale: Scale) -> Result<Self> {
        match values.len() {
            0 => Err(Error::undefined("there is no mark at all, so there are no categories")),
            1..=MOST_CATEGORIES => Ok(Self { values, scale }),
            _ => Err(Error::argument(format!(
                "more than {MOST_CATEGORIES} categories: these are scores; use the intraclass correlation or round them"
            ))),
        }
    }

    /// The number of categories.
    pub fn count(&self) -> usize {
        self.values.len()
    }
}

/// Marks of several raters on the same units.
///
/// Units without any mark are left out and counted.
#[derive(Clone, Debug, PartialEq)]
pub struct Marks {
    pub(super) categories: Categories,
    pub(super) raters: Option<usize>,
    pub(super) units: Vec<Unit>,
    pub(super) empty: u64,
    /// A contingency table: its sources divide variances by n, those of raw marks by n − 1.
    pub(super) table: bool,
}

/// One unit, or `frequency` units marked alike.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Unit {
    pub(super) frequency: u64,
    /// (category, number of marks), categories ascending.
    pub(super) counts: Vec<(usize, u64)>,
    /// The number of marks.
    pub(super) total: u64,
    /// The category each rater gave; empty where only counts are known.
    pub(super) codes: Vec<Option<usize>>,
}

impl Marks {
    /// From category codes, one row a unit, one place a rater, `None` for a missing mark. At least two raters must
    /// have given marks; a rater without any is left out.
    pub fn from_codes(categories: Categories, units: &[Vec<Option<usize>>]) -> Result<Self> {
        let raters = units.first().map_or(0, Vec::len);
        let mut used = vec![false; raters];
        for (i, unit) in units.iter().enumerate() {
            if unit.len() != raters {
                return Err(Error::argument(format!(
                    "unit {} has {} marks, the first unit has {raters}; give one per rater, null for missing",
                    i + 1,
                    unit.len()
                ))
                .with("unit", i + 1));
            }
            for (rater, code) in unit.iter().enumerate() {
                used[rater] |= code.is_some();
                if code.is_some_and(|c| c >= categories.count()) {
                    return Err(Error::argument(format!(
                        "unit {}, rater {}: there is no category of this code; there are {}",
                        i + 1,
                        rater + 1,
                        categories.count()
                    )));
                }
            }
        }
        let active = used.iter().filter(|u| **u).count();
        if active < 2 {
            return Err(Error::argument(format!("{active} raters gave marks: agreement needs at least two"))
                .with("raters", active));
        }
        let of_active = |unit: &Vec<Option<usize>>| {
            unit.iter().zip(&used).filter(|(_, used)| **used).map(|(code, _)| *code).collect::<Vec<_>>()
        };
        let units = units.iter().map(|unit| Unit::of_codes(of_active(unit), 1)).collect();
        Self::new(categories, Some(active), units, false)
    }

    /// From numbers, one row a unit, one place a rater, `None` or NaN for a missing mark. The categories are the
    /// numbers that occur.
    ///
    /// ```
    /// use csat_core::stats::agreement::{Marks, percent_agreement, Weights};
    /// let marks = Marks::from_units(&[vec![Some(1.0), Some(1.0)], vec![Some(0.0), Some(1.0)]])?;
    /// assert_eq!(percent_agreement(&marks, Weights::Identity, 0.95)?.value, 0.5);
    /// # Ok::<(), csat_core::Error>(())
    /// ```
    pub fn from_units(units: &[Vec<Option<f64>>]) -> Result<Self> {
        // −0 and 0 are one category.
        let mut values: Vec<f64> = units.iter().flatten().flatten().map(|x| x + 0.0).filter(|x| !x.is_nan()).collect();
        values.sort_by(f64::total_cmp);
        values.dedup();
        let categories = Categories::numbers(values)?;
        let code = |x: &Option<f64>| {
            x.filter(|x| !x.is_nan()).and_then(|x| categories.values.binary_search_by(|v| v.total_cmp(&(x + 0.0))).ok())
        };
        let codes: Vec<Vec<Option<usize>>> = units.iter().map(|unit| unit.iter().map(code).collect()).collect();
        Self::from_codes(categories, &codes)
    }

    /// From a distribution: `counts[unit][category]` raters chose the category. Who marked what is not known, so
    /// [`conger_kappa`](super::conger_kappa) and [`cohen_kappa`](super::cohen_kappa) do not exist.
    pub fn from_counts(categories: Categories, counts: &[Vec<u64>]) -> Result<Self> {
        check_widths(&categories, counts, "unit")?;
        let mut units = Vec::with_capacity(counts.len());
        for row in counts {
            let counts: Vec<(usize, u64)> = row.iter().copied().enumerate().filter(|(_, c)| *c > 0).collect();
            units.push(Unit { frequency: 1, total: total_of(row)?, counts, codes: Vec::new() });
        }
        if units.iter().all(|unit| unit.total < 2) {
            return Err(Error::argument("no unit has two marks: agreement needs at least two raters"));
        }
        Self::new(categories, None, units, false)
    }

    /// From a contingency table of two raters: `table[i][j]` units got category i from the first and j from the second.
    pub fn from_table(categories: Categories, table: &[Vec<u64>]) -> Result<Self> {
        if table.len() != categories.count() {
            return Err(Error::argument(format!(
                "the table has {} rows for {} categories; it must be square",
                table.len(),
                categories.count()
            )));
        }
        check_widths(&categories, table, "row")?;
        total_of(&table.concat())?;
        let mut units = Vec::new();
        for (i, row) in table.iter().enumerate() {
            for (j, frequency) in row.iter().enumerate().filter(|(_, frequency)| **frequency > 0) {
                units.push(Unit::of_codes(vec![Some(i), Some(j)], *frequency));
            }
        }
        Self::new(categories, Some(2), units, true)
    }

    fn new(categories: Categories, raters: Option<usize>, mut units: Vec<Unit>, table: bool) -> Result<Self> {
        let all = units.len();
        units.retain(|unit| unit.total > 0);
        let empty = (all - units.len()) as u64;
        if units.iter().all(|unit| unit.total < 2) {
            return Err(Error::undefined("no unit has two marks, so there is nothing to compare"));
        }
        Ok(Self { categories, raters, units, empty, table })
    }

    /// The categories.
    pub fn categories(&self) -> &Categories {
        &self.categories
    }

    /// The number of units with at least one mark.
    pub fn units(&self) -> u64 {
        self.units.iter().map(|unit| unit.frequency).sum()
    }

    /// Refuses marks that are all equal: agreement beyond chance cannot be told from a habit.
    pub(super) fn check_varied(&self) -> Result<()> {
        let first = self.units[0].counts[0].0;
        if self.units.iter().any(|unit| unit.counts.iter().any(|(code, _)| *code != first)) {
            return Ok(());
        }
        Err(Error::undefined("all marks are equal, so agreement beyond chance does not exist; see percent agreement"))
    }
}

impl Unit {
    fn of_codes(codes: Vec<Option<usize>>, frequency: u64) -> Self {
        let mut sorted: Vec<usize> = codes.iter().flatten().copied().collect();
        sorted.sort_unstable();
        let counts = sorted.chunk_by(|a, b| a == b).map(|same| (same[0], same.len() as u64)).collect();
        Self { frequency, counts, total: sorted.len() as u64, codes }
    }

    /// Σ weight over ordered pairs of different marks of this unit.
    pub(super) fn pairs(&self, weight: impl Fn(usize, usize) -> f64) -> f64 {
        let mut sum = 0.0;
        for (i, (k, a)) in self.counts.iter().enumerate() {
            sum += *a as f64 * (*a as f64 - 1.0);
            for (l, b) in &self.counts[..i] {
                sum += 2.0 * *a as f64 * *b as f64 * weight(*k, *l);
            }
        }
        sum
    }
}

fn check_widths(categories: &Categories, rows: &[Vec<u64>], what: &str) -> Result<()> {
    match rows.iter().position(|row| row.len() != categories.count()) {
        None => Ok(()),
        Some(i) => Err(Error::argument(format!(
            "{what} {} has {} counts for {} categories",
            i + 1,
            rows[i].len(),
            categories.count()
        ))
        .with("row", i + 1)),
    }
}

fn total_of(row: &[u64]) -> Result<u64> {
    let total = row.iter().try_fold(0u64, |sum, x| sum.checked_add(*x)).filter(|total| *total < 1 << 53);
    total.ok_or_else(|| Error::argument("counts beyond 2^53 are not supported"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn refusals_say_where() {
        let two = || Categories::unordered(2).unwrap();
        let ragged = Marks::from_codes(two(), &[vec![Some(0), Some(1)], vec![Some(0)]]).unwrap_err();
        assert!(ragged.message().starts_with("unit 2 has 1 marks"));
        assert!(Marks::from_codes(two(), &[vec![Some(0), Some(2)]]).is_err());
        assert!(Marks::from_codes(two(), &[vec![Some(0)], vec![Some(1)]]).unwrap_err().message().contains("two"));
        assert!(Marks::from_codes(two(), &[vec![Some(0), None], vec![Some(1), None]]).is_err());
        let never_both = Marks::from_codes(two(), &[vec![Some(0), None], vec![None, Some(1)]]).unwrap_err();
        assert_eq!(never_both.kind(), ErrorKind::Undefined);
        assert!(Marks::from_table(two(), &[vec![1, 2]]).is_err());
        assert!(Marks::from_table(two(), &[vec![0, 0], vec![0, 0]]).is_err());
        assert!(Marks::from_counts(two(), &[vec![1, 0], vec![0, 1]]).is_err());
        assert!(Marks::from_counts(two(), &[vec![u64::MAX, 1]]).is_err());
        assert!(Marks::from_units(&[]).is_err());
        assert!(Categories::numbers(vec![1.0, 1.0]).is_err() && Categories::numbers(vec![f64::NAN]).is_err());
        assert!(Categories::ranked(usize::MAX).is_err());
    }

    #[test]
    fn a_rater_and_units_without_marks_are_left_out() {
        let marks = Marks::from_units(&[
            vec![Some(1.0), None, Some(-0.0)],
            vec![None, Some(f64::NAN), None],
            vec![Some(0.0), None, Some(0.0)],
        ])
        .unwrap();
        assert_eq!((marks.raters, marks.units(), marks.empty, marks.categories().count()), (Some(2), 2, 1, 2));
    }
}
