//! One measure on plain slices, and checks that measures share.

use crate::error::{Error, ErrorKind, Result};
use crate::estimate::Estimate;
use crate::measure::Measure;
use crate::record::{Batch, Faults, MISSING_MARK};
use crate::tally::{Plan, Tally};

/// The estimates of one measure over a batch, at 95 %.
pub(crate) fn fold_alone<M: Measure>(recipe: &M, batch: &Batch<'_>) -> Result<Vec<Estimate>> {
    let mut tally = Tally::new(Plan::new([recipe.clone()]))?;
    tally.push(batch)?;
    let report = tally.report(Some(0.95))?;
    Ok((0..report.parts().len()).map(|part| report.estimate(0, part)).collect())
}

/// Refuses scales that are empty or too wide to be counted mark by mark.
pub(crate) fn check_width(column: &str, scale: [i16; 2]) -> Result<()> {
    let [low, high] = scale.map(i32::from);
    if low < high && high - low <= 100 {
        return Ok(());
    }
    let message = format!("`{column}`: the scale {low} to {high} must go upwards by at most 100 marks");
    Err(Error::new(ErrorKind::InvalidOption, message))
}

/// Names the rows whose mark lies outside a scale.
pub(crate) fn check_scale(column: &str, scale: [i16; 2], marks: &[i16], faults: &mut Faults) {
    let [low, high] = scale;
    let outside = |m: i16| m != MISSING_MARK && (m < low || m > high);
    // One vectorised look first: bad rows are rare.
    if !marks.iter().fold(false, |any, m| any | outside(*m)) {
        return;
    }
    for (row, mark) in marks.iter().enumerate().filter(|(_, m)| outside(**m)) {
        faults.add(row, &format!("{column}: outside {low} to {high}"), || {
            let message = format!("{column} is {mark}, outside the scale {low} to {high}");
            Error::new(ErrorKind::BadValue, message).with("column", column)
        });
    }
}
