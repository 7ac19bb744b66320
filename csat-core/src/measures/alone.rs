//! One measure on plain slices, and checks that measures share.

use sha2::{Digest, Sha256};

use crate::error::{Error, ErrorKind, Result};
use crate::estimate::Estimate;
use crate::measure::Measure;
use crate::record::{Batch, Column, Faults, MISSING_MARK};
use crate::rule::Outcome;
use crate::simd::widest;
use crate::tally::{Plan, Tally};
use crate::time::instant::parse_duration;
use crate::time::{Calendar, MISSING};

/// The estimates of one measure over a batch, at 95 %.
pub(crate) fn fold_alone<M: Measure>(recipe: &M, batch: &Batch<'_>) -> Result<Vec<Estimate>> {
    let mut tally = Tally::new(Plan::new([recipe.clone()]))?;
    tally.push(batch)?;
    let report = tally.report(Some(0.95))?;
    Ok((0..report.parts().len()).map(|part| report.estimate(0, part)).collect())
}

/// [`fold_alone`] for a measure whose parts are always the same.
pub(crate) fn parts_alone<M: Measure, const N: usize>(recipe: &M, batch: &Batch<'_>) -> Result<[Estimate; N]> {
    let estimates = fold_alone(recipe, batch)?;
    estimates.try_into().map_err(|all: Vec<_>| Error::argument(format!("{} parts, not {N}", all.len())))
}

/// Contacts as instants: when they were offered, answered and ended; `i64::MIN` where it did not happen.
pub(crate) fn contacts<'a>(offered: &'a [i64], answered: &'a [i64], ended: &'a [i64]) -> Batch<'a> {
    Batch::new()
        .column("offered", Column::instants(offered))
        .column("answered", Column::instants(answered))
        .column("ended", Column::instants(ended))
}

/// As many answered contacts, for measures that look at nobody else.
pub(crate) fn answered(count: usize) -> Vec<&'static str> {
    vec![Outcome::Answered.name(); count]
}

/// The calendar of a recipe: an object, or TOML or JSON text; none for real time.
pub(crate) fn read_calendar(value: &serde_json::Value) -> Result<Option<Calendar>> {
    match value {
        serde_json::Value::Null => Ok(None),
        serde_json::Value::String(text) => Calendar::from_text(text).map(Some),
        object => Calendar::from_text(&object.to_string()).map(Some),
    }
}

/// What an id says of the calendar: nothing for real time, else a hash of its content.
pub(crate) fn calendar_suffix(value: &serde_json::Value) -> String {
    let Ok(Some(calendar)) = read_calendar(value) else { return String::new() };
    format!(":working-{}", short_hash(&json(calendar.text()).to_string()))
}

/// Eight hexadecimal digits for a text: what an id says of content that has no name.
pub(crate) fn short_hash(text: &str) -> String {
    let hash = Sha256::digest(text.as_bytes());
    let head = hash[..4].iter().fold(0u32, |head, byte| head << 8 | u32::from(*byte));
    format!("{head:08x}")
}

/// A duration of a recipe in microseconds, zero or more; days and weeks are allowed (`7d`).
pub(crate) fn read_duration(name: &str, text: &str) -> Result<i64> {
    match parse_duration(text).map_err(|e| e.at(format!("`{name}`")))? {
        duration @ 0.. => Ok(duration),
        _ => Err(Error::new(ErrorKind::InvalidOption, format!("`{name}` must not be negative, as `{text}` is"))),
    }
}

/// The time from one instant to a later one, in working time where there is a calendar; missing where either is.
pub(crate) fn time_between(calendar: Option<&Calendar>, from: i64, to: i64) -> i64 {
    if from == MISSING || to == MISSING || to < from {
        return MISSING;
    }
    calendar.map_or(to - from, |calendar| calendar.elapsed(from, to).unwrap_or(MISSING))
}

/// Names the rows whose second instant lies before the first, or outside the years of the calendar.
pub(crate) fn check_order(calendar: Option<&Calendar>, [first, second]: [(&str, &[i64]); 2], faults: &mut Faults) {
    let range = calendar.map_or(i64::MIN + 1..i64::MAX, |calendar| calendar.clock().range());
    for (row, (from, to)) in first.1.iter().zip(second.1).enumerate() {
        if *from == MISSING || *to == MISSING || from <= to && range.contains(from) && range.contains(to) {
            continue;
        }
        let (reason, message) = if to < from {
            (format!("{} before {}", second.0, first.0), format!("`{}` lies before `{}`", second.0, first.0))
        } else {
            let text = format!("`{}` or `{}` lies outside the years of the calendar", first.0, second.0);
            ("outside the years of the calendar".to_owned(), text)
        };
        faults.add(row, &reason, || Error::new(ErrorKind::BadValue, message).with("column", second.0));
    }
}

/// An option as JSON.
pub(crate) fn json(option: impl serde::Serialize) -> serde_json::Value {
    serde_json::to_value(option).unwrap_or_default()
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
    let outside = move |m: i16| (m != MISSING_MARK) & ((m < low) | (m > high));
    // One vectorised look first: bad rows are rare.
    if !widest(
        #[inline(always)]
        || marks.iter().fold(false, |any, m| any | outside(*m)),
    ) {
        return;
    }
    for (row, mark) in marks.iter().enumerate().filter(|(_, m)| outside(**m)) {
        faults.add(row, &format!("{column}: outside {low} to {high}"), || {
            let message = format!("{column} is {mark}, outside the scale {low} to {high}");
            Error::new(ErrorKind::BadValue, message).with("column", column)
        });
    }
}
