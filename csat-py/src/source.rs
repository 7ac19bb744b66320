//! Where rows come from, and how they are folded: chunk by chunk, without the interpreter, on as many threads as asked.

use std::collections::BTreeSet;
use std::sync::Arc;

use csat_core::arrow::arrow_array::{ArrayRef, RecordBatch};
use csat_core::arrow::arrow_schema::{Field, Schema};
use csat_core::arrow::{Held, Reading};
use csat_core::link::latest::Keep;
use csat_core::record::{Column as CoreColumn, Values};
use csat_core::tally::{PushOptions, Repeats};
use csat_core::{Error, Recipe, Result, Tally};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::capsule::{self, Batches};
use crate::column::Column;
use crate::error::{Raise, raised};

/// Rows as record batches.
pub(crate) enum Source {
    /// A stream, pulled as it is folded.
    Stream(Batches),
    /// Columns given one by one.
    Batches(Vec<RecordBatch>),
    /// Batches with, for each row of all of them, whether it is kept.
    Kept(Vec<RecordBatch>, Vec<bool>),
}

/// What a fold needs beside the rows.
pub(crate) struct Fold {
    pub(crate) reading: Reading,
    /// Columns of the table that were not handed over; for messages.
    pub(crate) others: Vec<String>,
    pub(crate) options: PushOptions,
    pub(crate) threads: usize,
}

impl Source {
    /// A table that exports Arrow, or a dict of [`Column`]s.
    pub(crate) fn new(data: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = data.py();
        if capsule::is_arrow(data)? {
            return Ok(Self::Stream(capsule::import(data)?.batches().or_raise(py)?));
        }
        let Ok(columns) = data.cast::<PyDict>() else {
            let kind = data.get_type().name()?;
            return Err(raised(py, &Error::argument(format!("a table cannot be read from an object of type {kind}"))));
        };
        let mut named: Vec<(String, Vec<ArrayRef>)> = Vec::new();
        for (name, column) in columns {
            named.push((name.extract()?, column.cast::<Column>()?.get().chunks.clone()));
        }
        Ok(Self::Batches(aligned(&named).or_raise(py)?))
    }

    /// All of them, and which rows are kept where some are not.
    pub(crate) fn collect(self) -> Result<(Vec<RecordBatch>, Option<Vec<bool>>)> {
        match self {
            Self::Batches(batches) => Ok((batches, None)),
            Self::Kept(batches, kept) => Ok((batches, Some(kept))),
            Self::Stream(stream) => {
                let schema = stream.schema.clone();
                let mut batches = stream.collect::<Result<Vec<_>>>()?;
                if batches.is_empty() {
                    batches.push(RecordBatch::new_empty(schema));
                }
                Ok((batches, None))
            }
        }
    }
}

/// Record batches of columns whose chunks may end in different places: cut at every end, nothing copied.
fn aligned(columns: &[(String, Vec<ArrayRef>)]) -> Result<Vec<RecordBatch>> {
    let mut ends: BTreeSet<usize> = BTreeSet::new();
    let mut rows: Option<(&str, usize)> = None;
    for (name, chunks) in columns {
        let mut end = 0;
        for chunk in chunks {
            end += chunk.len();
            ends.insert(end);
        }
        match rows {
            Some((first, rows)) if rows != end => {
                let message = format!("column `{name}` has {end} rows, column `{first}` has {rows}");
                return Err(Error::argument(message).with("column", name));
            }
            _ => rows = Some((name, end)),
        }
    }
    let piece = |chunks: &[ArrayRef], from: usize, until: usize| -> Option<ArrayRef> {
        let mut start = 0;
        for chunk in chunks {
            if from < start + chunk.len() || chunk.is_empty() && from == until {
                return Some(chunk.slice(from - start, until - from));
            }
            start += chunk.len();
        }
        None
    };
    let cut = |from: usize, until: usize| -> Result<RecordBatch> {
        let arrays = columns.iter().filter_map(|(name, chunks)| Some((name, piece(chunks, from, until)?)));
        let (fields, arrays): (Vec<Field>, Vec<ArrayRef>) =
            arrays.map(|(name, array)| (Field::new(name, array.data_type().clone(), true), array)).unzip();
        RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).map_err(|e| capsule::arrow_error(&e))
    };
    let mut from = 0;
    let mut batches = Vec::new();
    for until in ends.into_iter().filter(|end| *end > 0) {
        batches.push(cut(from, until)?);
        from = until;
    }
    if batches.is_empty() {
        batches.push(if columns.is_empty() { RecordBatch::new_empty(Arc::new(Schema::empty())) } else { cut(0, 0)? });
    }
    Ok(batches)
}

impl Fold {
    /// Folds rows into an empty tally. All or nothing: on an error the tally is gone.
    pub(crate) fn run(&self, empty: Tally<Recipe>, source: Source) -> Result<Tally<Recipe>> {
        let mut tally = empty;
        let mut row = 0;
        match source {
            Source::Stream(stream) if self.threads == 1 => {
                let schema = stream.schema.clone();
                for batch in stream {
                    row = self.piece(&mut tally, &batch?, row, None)?;
                }
                if row == 0 {
                    self.piece(&mut tally, &RecordBatch::new_empty(schema), 0, None)?;
                }
            }
            source => {
                let (batches, kept) = source.collect()?;
                if self.threads > 1 {
                    return self.run_threads(tally, &batches, kept.as_deref());
                }
                for batch in &batches {
                    row = self.piece(&mut tally, batch, row, kept.as_deref())?;
                }
            }
        }
        Ok(tally)
    }

    /// Finds the repeat answers among all rows, and how many they are.
    pub(crate) fn without_repeats(&self, source: Source, mut repeats: Repeats, keep: Keep) -> Result<(Source, u64)> {
        let (batches, _) = source.collect()?;
        for batch in &batches {
            repeats.take(&Held::new(batch, &self.reading)?.batch())?;
        }
        let kept = repeats.kept(keep)?;
        let mask = kept.mask(batches.iter().map(RecordBatch::num_rows).sum());
        Ok((Source::Kept(batches, mask), kept.set_aside))
    }

    fn piece(
        &self,
        tally: &mut Tally<Recipe>,
        batch: &RecordBatch,
        first_row: usize,
        kept: Option<&[bool]>,
    ) -> Result<usize> {
        let rows = batch.num_rows();
        let held = Held::new(batch, &self.reading)?;
        let mut columns = held.batch();
        let schema = batch.schema_ref();
        for name in self.others.iter().filter(|name| schema.index_of(name).is_err()) {
            columns = columns.column(name.clone(), CoreColumn::new(Values::Null(rows)));
        }
        if let Some(kept) = kept {
            columns = columns.only(&kept[first_row..first_row + rows]);
        }
        tally.push_piece(&columns, PushOptions { first_row, ..self.options })?;
        Ok(first_row + rows)
    }

    /// Each thread folds an equal run of rows; merging in order gives the same bytes as one thread.
    fn run_threads(
        &self,
        mut empty: Tally<Recipe>,
        batches: &[RecordBatch],
        kept: Option<&[bool]>,
    ) -> Result<Tally<Recipe>> {
        let total: usize = batches.iter().map(RecordBatch::num_rows).sum();
        let threads = self.threads.min(total.div_ceil(4096)).max(1);
        let share = |thread: usize| total * thread / threads..total * (thread + 1) / threads;
        let parts: Vec<Result<Tally<Recipe>>> = std::thread::scope(|scope| {
            let started: Vec<_> = (0..threads)
                .map(|thread| {
                    let tally = empty.empty_like();
                    let range = share(thread);
                    scope.spawn(move || self.run_range(tally, batches, range, kept))
                })
                .collect();
            started
                .into_iter()
                .map(|t| {
                    t.join().unwrap_or_else(|_| Err(Error::argument("a folding thread panicked; please report it")))
                })
                .collect()
        });
        let mut parts = parts.into_iter();
        if let Some(first) = parts.next() {
            empty = first?;
        }
        for part in parts {
            empty.merge(&part?)?;
        }
        Ok(empty)
    }

    fn run_range(
        &self,
        mut tally: Tally<Recipe>,
        batches: &[RecordBatch],
        range: std::ops::Range<usize>,
        kept: Option<&[bool]>,
    ) -> Result<Tally<Recipe>> {
        let mut start = 0;
        for batch in batches {
            let end = start + batch.num_rows();
            let (from, until) = (range.start.max(start), range.end.min(end));
            if from < until || (end == start && range.is_empty()) {
                let piece = batch.slice(from.max(start) - start, until.saturating_sub(from));
                self.piece(&mut tally, &piece, from, kept)?;
            }
            start = end;
        }
        Ok(tally)
    }
}
