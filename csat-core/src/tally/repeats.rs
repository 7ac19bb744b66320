//! Repeat answers of a whole table, found before it is counted.

use super::groups::{Key, KeySource};
use super::state::missing_column;
use crate::error::{Error, Result};
use crate::key::KeyValue;
use crate::link::key::NO_KEY;
use crate::link::latest::{Answers, Keep, Kept, latest};
use crate::record::{Batch, Column, Faults, Schema, Source, Table, Values};
use crate::time::instant::{Moment, parse, parse_instant};
use crate::time::{MISSING, Zone};

/// Reads who answered about which contact and when, batch by batch, and says which rows count: the link
/// [`latest`] on columns as a tally takes them. A tally itself never removes anything.
///
/// ```
/// use csat_core::link::latest::Keep;
/// use csat_core::record::{Batch, Column};
/// use csat_core::tally::Repeats;
/// let (who, about, at) = (["ann", "bob", "ann"], [7i64, 7, 7], [10i64, 20, 30]);
/// let batch = Batch::new()
///     .column("respondent", Column::texts(&who))
///     .column("contact", Column::integers(&about))
///     .column("answered", Column::instants(&at));
/// let mut repeats = Repeats::new(["respondent", "contact", "answered"], None);
/// repeats.take(&batch)?;
/// assert_eq!(repeats.kept(Keep::Latest)?.rows, [1, 2]);
/// # Ok::<(), csat_core::Error>(())
/// ```
///
/// Every row is looked at as it stands: whether a measure can use it is judged later, when it is counted. Where unusable
/// rows are set aside, a latest answer that is unusable is set aside too, and the answer it replaced does not come back.
pub struct Repeats {
    keys: [Key; 2],
    codes: [Vec<u32>; 2],
    answered: String,
    at: Vec<i64>,
    zone: Option<Zone>,
}

impl Repeats {
    /// The columns of respondent, contact and instant (or date) of the answer by the names they have in batches; without
    /// a column of that last name the later row is the later answer; ISO 8601 texts will do. The zone is that of times
    /// which have none.
    pub fn new([respondent, contact, answered]: [&str; 3], zone: Option<Zone>) -> Self {
        let keys = [respondent, contact].map(|name| Key::new(name.to_owned()));
        Self { keys, codes: [Vec::new(), Vec::new()], answered: answered.to_owned(), at: Vec::new(), zone }
    }

    /// Reads the rows of a batch.
    pub fn take(&mut self, batch: &Batch<'_>) -> Result<()> {
        let (start, rows) = (self.at.len(), batch.rows());
        for (key, codes) in self.keys.iter_mut().zip(&mut self.codes) {
            let name = key.name.clone();
            let Some(column) = batch.get(&name) else {
                return Err(missing_column(Table::Answers.name(), Some("the link"), &name, &name, batch));
            };
            let mut source = KeySource::bind(&name, column)?;
            source.first_row = start;
            codes.resize(start + rows, NO_KEY);
            source.fill(0, &mut codes[start..], key)?;
            let missing = key.values.iter().position(|value| *value == KeyValue::Missing);
            let missing = missing.map_or(NO_KEY, |code| code as u32);
            codes[start..].iter_mut().filter(|code| **code == missing).for_each(|code| *code = NO_KEY);
        }
        self.at.resize(start + rows, MISSING);
        match batch.get(&self.answered) {
            None => Ok(()),
            Some(column) if matches!(column.values, Values::Text(_) | Values::Dictionary(..)) => {
                self.read_texts(column, start)
            }
            Some(column) => self.read_instants(column, start),
        }
    }

    fn read_instants(&mut self, column: &Column<'_>, start: usize) -> Result<()> {
        let mut schema = Schema::new(Table::Answers);
        schema.slot_time("answered");
        let (need, mut faults) = (&schema.needs()[0], Faults::default());
        let source = Source::bind(need, &self.answered, Some(column), self.zone.as_ref());
        let source = source.map_err(|e| self.or_all(&e))?;
        source.fill_wide(need, 0, &mut self.at[start..], self.zone.as_ref(), &mut faults);
        if let Some((row, error)) = faults.first() {
            return Err(self.at_row(start + row, error));
        }
        if source.is_date() {
            self.at[start..].iter_mut().filter(|days| **days != MISSING).for_each(|days| *days *= DAY);
        }
        Ok(())
    }

    /// Instants as ISO 8601 texts: here they only say which answer is the later one.
    fn read_texts(&mut self, column: &Column<'_>, start: usize) -> Result<()> {
        let (mut texts, mut codes) = (Key::new(self.answered.clone()), vec![0; self.at.len() - start]);
        KeySource::bind(&self.answered, column)?.fill(0, &mut codes, &mut texts)?;
        let mut known = vec![MISSING; texts.values.len()];
        for (code, value) in texts.values.iter().enumerate() {
            let KeyValue::Text(text) = value else { continue };
            if text.trim().is_empty() {
                continue;
            }
            let read = match (&self.zone, parse(text)) {
                (Some(zone), Ok(_)) => zone.parse(text),
                (None, Ok(Moment::Date(days))) => Ok(days * DAY),
                (None, Ok(Moment::Instant(instant))) => Ok(instant),
                (None, Ok(Moment::Local(_))) => parse_instant(text),
                (_, Err(error)) => Err(error),
            };
            known[code] = read.map_err(|e| {
                let row = start + codes.iter().position(|of| *of as usize == code).unwrap_or_default();
                self.at_row(row, &e.at(format!("column `{}`", self.answered)))
            })?;
        }
        for (at, code) in self.at[start..].iter_mut().zip(&codes) {
            *at = known[*code as usize];
        }
        Ok(())
    }

    /// The rows that count, numbered through all batches, and how many were set aside.
    pub fn kept(&self, keep: Keep) -> Result<Kept> {
        let [respondent, contact] = &self.codes;
        latest(&Answers { respondent, contact, at: &self.at }, keep)
    }

    fn at_row(&self, row: usize, error: &Error) -> Error {
        self.or_all(&error.clone().at(format!("row {row}"))).with("row", row)
    }

    /// Whoever does not want repeats looked for should know how to say so.
    fn or_all(&self, error: &Error) -> Error {
        let message = format!("{}; or count every answer with repeat = \"all\"", error.message());
        let others = error.context().iter().filter(|(key, _)| !["column", "row"].contains(key));
        let error = Error::new(error.kind(), message).with("column", &self.answered);
        others.fold(error, |error, (key, value)| error.with(key, value))
    }
}

/// Microseconds.
const DAY: i64 = 86_400_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_may_be_texts() {
        let of = |at: &[&str], zone: Option<Zone>| {
            let (who, about) = (["a", "a"], [1i64, 1]);
            let batch = Batch::new().column("who", Column::texts(&who)).column("about", Column::integers(&about));
            let mut repeats = Repeats::new(["who", "about", "at"], zone);
            repeats.take(&batch.column("at", Column::texts(at)))?;
            repeats.kept(Keep::Latest).map(|kept| kept.rows[0])
        };
        assert_eq!(of(&["2026-03-02T09:00+00:00", "2026-03-02T11:00+03:00"], None), Ok(0));
        assert_eq!(of(&["2026-03-03", "2026-03-02"], None), Ok(0));
        assert_eq!(of(&["2026-03-02 10:00", ""], Zone::new("Europe/Berlin").ok()), Ok(0));
        for bad in ["2026-03-02 10:00", "yesterday"] {
            let error = of(&["2026-03-02", bad], None).unwrap_err();
            assert!(error.message().contains("row 1") && error.message().contains("repeat"), "{}", error.message());
        }
    }

    #[test]
    fn dates_are_days_and_messages_name_the_column() {
        let (who, about) = (["a", "a", "a"], [1i64, 1, 1]);
        let batch = || Batch::new().column("who", Column::texts(&who)).column("about", Column::integers(&about));
        let mut repeats = Repeats::new(["who", "about", "at"], None);
        repeats.take(&batch().column("at", Column::new(Values::Date(&[0, 1, 10])))).unwrap();
        // At most one a day: the second day is within, the eleventh is not.
        assert_eq!(repeats.kept(Keep::OnePer(DAY)).unwrap().rows, [0, 2]);
        let error = repeats.take(&batch().column("at", Column::new(Values::Date(&[0, 1, 200_000])))).unwrap_err();
        assert_eq!((error.context_value("column"), error.context_value("row")), (Some("at"), Some("5")));
    }

    #[test]
    fn batches_share_keys_and_rows_are_numbered_through() {
        let mut repeats = Repeats::new(["who", "about", "at"], None);
        let batch = |who: &'static [&'static str], about: &'static [i64]| {
            Batch::new().column("who", Column::texts(who)).column("about", Column::integers(about))
        };
        repeats.take(&batch(&["a", "b"], &[1, 1])).unwrap();
        repeats.take(&batch(&["b", "a", "a"], &[1, 2, MISSING])).unwrap();
        // Only b answers twice about 1; an answer about no contact is never a repeat. Without times the later row counts.
        let kept = repeats.kept(Keep::Latest).unwrap();
        assert_eq!((kept.rows, kept.set_aside), (vec![0, 2, 3, 4], 1));
        assert_eq!(repeats.kept(Keep::First).unwrap().rows, [0, 1, 3, 4]);
        let error = repeats.take(&Batch::new().column("who", Column::texts(&["a"]))).unwrap_err();
        assert!(error.message().contains("about"), "{}", error.message());
    }
}
