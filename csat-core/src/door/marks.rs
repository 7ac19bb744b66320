//! How marks come in through the text door: numbers, text or null, in four arrangements.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::error::{Error, ErrorKind, Result};
use crate::stats::agreement::{Categories, Marks};

/// One mark or category.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(untagged)]
pub(super) enum Mark {
    Number(f64),
    Text(String),
}

impl Mark {
    fn text(self) -> String {
        match self {
            Mark::Text(text) => text,
            Mark::Number(x) => x.to_string(),
        }
    }
}

/// `ratings[unit][rater]`, `by_rater[rater][unit]` and so on, null for a missing mark.
pub(super) type Rows = Option<Vec<Vec<Option<Mark>>>>;
/// `counts[unit][category]` or `table[category][category]`.
pub(super) type Counts = Option<Vec<Vec<u64>>>;
/// All categories: numbers in any order, names from lowest to highest.
pub(super) type Declared = Option<Vec<Mark>>;

/// The marks of exactly one of the arrangements.
pub(super) fn marks(
    ratings: Rows,
    by_rater: Rows,
    counts: Counts,
    table: Counts,
    categories: Declared,
) -> Result<Marks> {
    match (ratings, by_rater, counts, table) {
        (Some(units), None, None, None) => of_units(&units, categories),
        (None, Some(raters), None, None) => of_units(&turned(&raters)?, categories),
        (None, None, Some(counts), None) => Marks::from_counts(of_columns(categories, counts.first())?, &counts),
        (None, None, None, Some(table)) => Marks::from_table(of_columns(categories, table.first())?, &table),
        _ => Err(Error::argument("give the marks in exactly one of `ratings`, `by_rater`, `counts` and `table`")),
    }
}

/// Two lists of marks, or a table.
pub(super) fn marks_of_two(first: Row, second: Row, table: Counts, categories: Declared) -> Result<Marks> {
    match (first, second, table) {
        (Some(first), Some(second), None) => of_units(&turned(&[first, second])?, categories),
        (None, None, table @ Some(_)) => marks(None, None, None, table, categories),
        _ => Err(Error::argument("give the marks either in `rater1` and `rater2` or in `table`")),
    }
}

/// The marks of one rater.
pub(super) type Row = Option<Vec<Option<Mark>>>;

fn of_units(units: &[Vec<Option<Mark>>], declared: Declared) -> Result<Marks> {
    let declared = declared.map(Labels::declared).transpose()?;
    let ordered = declared.is_some();
    let labels = declared.map_or_else(|| Labels::seen(units), Ok)?;
    let codes: Result<Vec<Vec<Option<usize>>>> = units
        .iter()
        .enumerate()
        .map(|(i, unit)| {
            let code = |(j, mark): (usize, &Option<Mark>)| match mark {
                None => Ok(None),
                Some(mark) => labels.code(mark).map(Some).map_err(|e| e.at(place(i, j))),
            };
            unit.iter().enumerate().map(code).collect()
        })
        .collect();
    Marks::from_codes(labels.categories(ordered)?, &codes?)
}

fn place(unit: usize, rater: usize) -> String {
    format!("unit {}, rater {}", unit + 1, rater + 1)
}

/// The categories of columns of counts, in the order of the columns: as declared, else by rank.
fn of_columns(declared: Declared, row: Option<&Vec<u64>>) -> Result<Categories> {
    match declared {
        // The order of columns is the order of the categories, so numbers must ascend as they are.
        Some(marks) => match numbers_of(&marks)? {
            Some(numbers) => Categories::numbers(numbers),
            None => Labels::declared(marks)?.categories(true),
        },
        None => Categories::ranked(row.map_or(0, Vec::len)),
    }
}

fn turned(raters: &[Vec<Option<Mark>>]) -> Result<Vec<Vec<Option<Mark>>>> {
    let units = raters.first().map_or(0, Vec::len);
    if let Some(i) = raters.iter().position(|marks| marks.len() != units) {
        return Err(Error::argument(format!(
            "rater {} has {} marks, the first rater has {units}; give one per unit, null for missing",
            i + 1,
            raters[i].len()
        ))
        .with("rater", i + 1));
    }
    Ok((0..units).map(|unit| raters.iter().map(|marks| marks[unit].clone()).collect()).collect())
}

/// The categories of marks and the code of each.
enum Labels {
    /// Ascending.
    Numbers(Vec<f64>),
    Names(BTreeMap<String, usize>),
}

impl Labels {
    fn declared(marks: Vec<Mark>) -> Result<Self> {
        if let Some(mut numbers) = numbers_of(&marks)? {
            numbers.sort_by(f64::total_cmp);
            return Ok(Self::Numbers(numbers));
        }
        let mut codes = BTreeMap::new();
        for (code, mark) in marks.into_iter().enumerate() {
            let name = mark.text();
            if codes.insert(name.clone(), code).is_some() {
                return Err(Error::argument(format!("category `{name}` is listed twice")));
            }
        }
        Ok(Self::Names(codes))
    }

    fn seen(units: &[Vec<Option<Mark>>]) -> Result<Self> {
        let marks: Vec<Mark> = units.iter().flatten().flatten().cloned().collect();
        if let Some(mut numbers) = numbers_of(&marks)? {
            numbers.sort_by(f64::total_cmp);
            numbers.dedup();
            return Ok(Self::Numbers(numbers));
        }
        let names: BTreeSet<String> = marks.into_iter().map(Mark::text).collect();
        Ok(Self::Names(names.into_iter().enumerate().map(|(code, name)| (name, code)).collect()))
    }

    fn categories(&self, ordered: bool) -> Result<Categories> {
        match self {
            Self::Numbers(numbers) => Categories::numbers(numbers.clone()),
            Self::Names(names) if ordered => Categories::ranked(names.len()),
            Self::Names(names) => Categories::unordered(names.len()),
        }
    }

    fn code(&self, mark: &Mark) -> Result<usize> {
        match (self, mark) {
            (_, Mark::Text(blank)) if blank.trim().is_empty() => {
                Err(Error::new(ErrorKind::BadValue, "a blank mark; use null for a missing one"))
            }
            (Self::Names(names), Mark::Text(name)) => names
                .get(name)
                .copied()
                .ok_or_else(|| Error::unknown("category", name, names.keys().map(String::as_str))),
            (Self::Numbers(numbers), Mark::Number(x)) => numbers
                .binary_search_by(|n| n.total_cmp(&(x + 0.0)))
                .map_err(|_| Error::new(ErrorKind::BadValue, format!("{x} is not among the `categories`"))),
            _ => Err(Error::new(ErrorKind::WrongType, "a number among names or a name among numbers; use one kind")),
        }
    }
}

/// The numbers (−0 as 0), or none where the marks are names; a mixture is an error.
fn numbers_of(marks: &[Mark]) -> Result<Option<Vec<f64>>> {
    let numbers: Vec<f64> =
        marks.iter().filter_map(|m| if let Mark::Number(x) = m { Some(x + 0.0) } else { None }).collect();
    match numbers.len() {
        0 if !marks.is_empty() => Ok(None),
        count if count == marks.len() => Ok(Some(numbers)),
        _ => Err(Error::new(ErrorKind::WrongType, "numbers and names are mixed; use one kind of mark")),
    }
}

#[cfg(test)]
mod tests {
    use crate::door::call_text;

    fn message(request: &str) -> String {
        call_text(request).unwrap_err().message().to_owned()
    }

    #[test]
    fn names_need_an_order_for_weights() {
        let request = |more: &str| {
            format!(
                r#"{{"function": "agreement.gwet_ac", "ratings": [["low", "high"], ["mid", "mid"]], "weights": "linear"{more}}}"#
            )
        };
        assert!(message(&request("")).contains("need an order"));
        assert!(call_text(&request(r#", "categories": ["low", "mid", "high"]"#)).is_ok());
        assert!(message(&request(r#", "categories": ["low", "mid"]"#)).contains("unit 1, rater 2: unknown category"));
        assert!(message(&request(r#", "categories": ["low", "mid", "low"]"#)).contains("twice"));
    }

    #[test]
    fn one_arrangement_of_one_kind() {
        let start = r#"{"function": "agreement.fleiss_kappa""#;
        assert!(message(&format!("{start}}}")).contains("exactly one"));
        assert!(message(&format!(r#"{start}, "ratings": [[1, 2]], "counts": [[1, 1]]}}"#)).contains("exactly one"));
        assert!(message(&format!(r#"{start}, "ratings": [[1, "a"]]}}"#)).contains("mixed"));
        assert!(message(&format!(r#"{start}, "ratings": [["a", " "]]}}"#)).contains("blank"));
        assert!(message(&format!(r#"{start}, "by_rater": [[1, 2], [1]]}}"#)).contains("rater 2 has 1 marks"));
        assert!(message(&format!(r#"{start}, "ratings": [[1], [2]]}}"#)).contains("at least two"));
        assert!(message(&format!(r#"{start}, "ratings": [[null, null]]}}"#)).contains("no mark at all"));
    }
}
