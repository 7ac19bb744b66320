//! Keys as dense codes: what links join by.

use std::collections::HashMap;
use std::hash::Hash;

use crate::error::{Error, Result};
use crate::time::MISSING;

/// The code of a missing key: such a row is joined with nothing.
pub const NO_KEY: u32 = u32::MAX;

/// Codes 0, 1, 2, … of keys in the order in which they are first seen; [`NO_KEY`] where there is none.
///
/// ```
/// use csat_core::link::key::{NO_KEY, codes};
/// assert_eq!(codes([Some("+7"), None, Some("+8"), Some("+7")]), [0, NO_KEY, 1, 0]);
/// ```
pub fn codes<K: Hash + Eq>(keys: impl IntoIterator<Item = Option<K>>) -> Vec<u32> {
    let mut known: HashMap<K, u32> = HashMap::new();
    let mut code = |key: Option<K>| {
        let next = known.len() as u32;
        key.map_or(NO_KEY, |key| *known.entry(key).or_insert(next))
    };
    keys.into_iter().map(&mut code).collect()
}

/// Codes of keys in two or more columns that share one list, such as the contacts of invitations and of answers.
///
/// ```
/// use csat_core::link::key::codes_together;
/// let [contacts, answers] = codes_together([&[Some("a"), Some("b")][..], &[Some("b")]]);
/// assert_eq!((contacts, answers), (vec![0, 1], vec![1]));
/// ```
pub fn codes_together<K: Hash + Eq + Copy, const N: usize>(columns: [&[Option<K>]; N]) -> [Vec<u32>; N] {
    let all = codes(columns.iter().flat_map(|column| column.iter().copied()));
    let mut rest = &all[..];
    columns.map(|column| {
        let (mine, others) = rest.split_at(column.len());
        rest = others;
        mine.to_vec()
    })
}

/// Codes of pairs of keys, such as customer and topic; a pair with a missing part is missing.
pub fn pairs(first: &[u32], second: &[u32]) -> Result<Vec<u32>> {
    check_lengths("keys", first.len(), &[second.len()])?;
    Ok(codes(first.iter().zip(second).map(|(a, b)| (*a != NO_KEY && *b != NO_KEY).then_some((*a, *b)))))
}

/// The rows that have a key and an instant, ordered by key, instant and row.
pub(super) fn in_order(keys: &[u32], at: &[i64]) -> Vec<usize> {
    let mut rows: Vec<usize> = (0..keys.len()).filter(|i| keys[*i] != NO_KEY && at[*i] != MISSING).collect();
    rows.sort_unstable_by_key(|i| (keys[*i], at[*i], *i));
    rows
}

/// How many different keys there may be: one more than the highest code. Codes beyond the number of rows are refused,
/// because a table is made with a place for each.
pub(super) fn count(what: &str, keys: &[u32]) -> Result<usize> {
    let count = keys.iter().filter(|k| **k != NO_KEY).max().map_or(0, |k| *k as usize + 1);
    if count <= keys.len() {
        return Ok(count);
    }
    Err(Error::argument(format!(
        "{what}: the codes must be 0, 1, 2, … without great gaps; make them with `link::key::codes`"
    )))
}

/// Refuses columns of different lengths.
pub(super) fn check_lengths(what: &str, rows: usize, others: &[usize]) -> Result<()> {
    match others.iter().find(|other| **other != rows) {
        None => Ok(()),
        Some(other) => {
            Err(Error::argument(format!("{what}: columns of {rows} and {other} rows; they must be equally long")))
        }
    }
}

/// Refuses a window or limit below zero.
pub(super) fn check_limit(what: &str, micros: i64) -> Result<()> {
    if micros >= 0 { Ok(()) } else { Err(Error::argument(format!("`{what}` must not be negative"))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_missing_when_a_part_is() {
        assert_eq!(pairs(&[0, 0, NO_KEY, 0], &[5, 6, 5, 5]).unwrap(), [0, 1, NO_KEY, 0]);
        assert!(pairs(&[0], &[]).is_err());
        assert_eq!((count("keys", &[1, NO_KEY, 1]), count("keys", &[])), (Ok(2), Ok(0)));
        assert!(count("keys", &[3, 0]).is_err());
    }
}
