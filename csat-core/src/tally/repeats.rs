//! Repeat answers of a whole table, found before it is counted.

use super::groups::{Key, KeySource};
use super::state::missing_column;
use crate::error::Result;
use crate::key::KeyValue;
use crate::link::key::NO_KEY;
use crate::link::latest::{Answers, Keep, Kept, latest};
use crate::record::{Batch, Faults, Schema, Source, Table};
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
pub struct Repeats {
    keys: [Key; 2],
    codes: [Vec<u32>; 2],
    answered: String,
    at: Vec<i64>,
    zone: Option<Zone>,
}

impl Repeats {
    /// The columns of respondent, contact and instant (or date) of the answer by the names they have in batches; without
    /// a column of that last name the later row is the later answer. The zone is that of times which have none.
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
        let mut schema = Schema::new(Table::Answers);
        schema.slot_time("answered");
        let (need, mut faults) = (&schema.needs()[0], Faults::default());
        let source = Source::bind(need, &self.answered, batch.get(&self.answered), self.zone.as_ref())?;
        self.at.resize(start + rows, MISSING);
        source.fill_wide(need, 0, &mut self.at[start..], self.zone.as_ref(), &mut faults);
        match faults.first() {
            Some((row, error)) => Err(error.clone().with("row", start + row).at(format!("row {}", start + row))),
            None => Ok(()),
        }
    }

    /// The rows that count, numbered through all batches, and how many were set aside.
    pub fn kept(&self, keep: Keep) -> Result<Kept> {
        let [respondent, contact] = &self.codes;
        latest(&Answers { respondent, contact, at: &self.at }, keep)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Column;

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
