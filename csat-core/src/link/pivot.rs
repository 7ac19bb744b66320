//! Long evaluations to wide ones: one row an answer becomes one row an evaluation.

use super::key::{NO_KEY, check_lengths, count};
use crate::error::{Error, Result};

/// Answers in the long shape.
#[derive(Clone, Copy, Debug)]
pub struct Long<'a> {
    /// The evaluation of each row.
    pub evaluation: &'a [u32],
    /// The criterion of each row.
    pub criterion: &'a [u32],
}

/// Where each answer of a wide row comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wide {
    /// The first long row of each evaluation, in the order of first rows: its other columns are read there.
    pub rows: Vec<usize>,
    /// For each criterion (by its code) the long row of each evaluation's answer; `None` where it was not answered.
    pub answers: Vec<Vec<Option<usize>>>,
}

crate::answer_fields!(Wide { rows, answers });

/// Turns rows (evaluation, criterion, answer) into one row an evaluation.
///
/// Gives row numbers, so that answers of any type can be gathered. A row without an evaluation or criterion is an
/// error, and so is a second answer to the same criterion: which one counts is not for csat to guess.
///
/// ```
/// use csat_core::link::pivot::{Long, pivot};
/// let wide = pivot(&Long { evaluation: &[0, 0, 1], criterion: &[0, 1, 1] })?;
/// assert_eq!(wide.rows, [0, 2]);
/// assert_eq!(wide.answers, [[Some(0), None], [Some(1), Some(2)]]);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn pivot(long: &Long<'_>) -> Result<Wide> {
    check_lengths("answers", long.evaluation.len(), &[long.criterion.len()])?;
    let missing = |what: &str, row: usize| Err(Error::argument(format!("row {row} has no {what}")).with("row", row));
    let mut place: Vec<Option<usize>> = vec![None; count("evaluations", long.evaluation)?];
    let mut wide = Wide { rows: Vec::new(), answers: vec![Vec::new(); count("criteria", long.criterion)?] };
    for (row, (evaluation, criterion)) in long.evaluation.iter().zip(long.criterion).enumerate() {
        if *evaluation == NO_KEY {
            return missing("evaluation", row);
        }
        if *criterion == NO_KEY {
            return missing("criterion", row);
        }
        let at = *place[*evaluation as usize].get_or_insert_with(|| {
            wide.rows.push(row);
            wide.rows.len() - 1
        });
        let column = &mut wide.answers[*criterion as usize];
        column.resize(column.len().max(at + 1), None);
        if let Some(first) = column[at].replace(row) {
            let message =
                format!("rows {first} and {row} answer the same criterion of one evaluation; keep one of them");
            return Err(Error::argument(message).with("row", row));
        }
    }
    let rows = wide.rows.len();
    wide.answers.iter_mut().for_each(|column| column.resize(rows, None));
    Ok(wide)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_answer_is_refused() {
        let error = pivot(&Long { evaluation: &[2, 1, 2], criterion: &[0, 0, 0] }).unwrap_err();
        assert!(error.message().contains("rows 0 and 2"), "{error}");
        assert!(pivot(&Long { evaluation: &[NO_KEY], criterion: &[0] }).is_err());
        assert!(pivot(&Long { evaluation: &[0], criterion: &[NO_KEY] }).is_err());
        let empty = pivot(&Long { evaluation: &[], criterion: &[] }).unwrap();
        assert!(empty.rows.is_empty() && empty.answers.is_empty());
    }
}
