//! Columns of a batch read block by block where no tally counts them.

use super::block::{BLOCK, Block};
use super::column::{Batch, Column};
use super::schema::{Schema, Table};
use super::source::{Faults, Source};
use crate::error::{Error, ErrorKind, Result};
use crate::time::Zone;

/// A batch, how its columns are called and what local times mean.
pub(crate) struct Reader<'a> {
    pub(crate) batch: &'a Batch<'a>,
    /// What the rows are, in messages.
    pub(crate) what: &'a str,
    pub(crate) zone: Option<&'a Zone>,
    /// The name in the batch of a role of the schema.
    pub(crate) host: &'a dyn Fn(&str) -> String,
    /// The number of the first row where the batch is a piece of a longer table.
    pub(crate) first_row: usize,
}

impl Reader<'_> {
    /// Fills the lanes of a schema block by block; the first fault that a block has or is given ends it.
    pub(crate) fn read(&self, schema: &Schema, mut each: impl FnMut(&Block, &mut Faults)) -> Result<()> {
        let rows = self.batch.rows();
        for name in self.batch.names() {
            let length = self.batch.get(name).map_or(rows, Column::len);
            if length != rows {
                let message = format!("column `{name}` of {} has {length} rows, not {rows}", self.what);
                return Err(Error::argument(message).with("column", name));
            }
        }
        let mut block = Block::new(schema, rows.min(BLOCK));
        let mut sources = Vec::new();
        for need in schema.needs() {
            let host = (self.host)(&need.role);
            let name = self.batch.names().find(|name| *name == host);
            if name.is_none() && need.required_by.is_some() {
                return Err(self.missing(&need.role, &host));
            }
            if need.kind.is_wide() {
                block.set_given(need.lane, name.is_some());
            }
            let column = name.and_then(|name| self.batch.get(name));
            sources.push(Source::bind(need, name.unwrap_or(""), column, self.zone)?);
        }
        for start in (0..rows).step_by(BLOCK) {
            let mut faults = Faults::default();
            block.len = (rows - start).min(BLOCK);
            block.first = self.first_row + start;
            for (need, source) in schema.needs().iter().zip(&sources) {
                if need.kind.is_wide() {
                    source.fill_wide(need, start, block.wide_lane(need.lane), self.zone, &mut faults);
                } else {
                    source.fill_narrow(need, start, block.narrow_lane(need.lane), &mut faults);
                }
            }
            each(&block, &mut faults);
            if let Some((row, error)) = faults.first() {
                let row = block.first + row;
                return Err(error.clone().with("row", row).at(format!("row {row} of {}", self.what)));
            }
        }
        Ok(())
    }

    fn missing(&self, role: &str, host: &str) -> Error {
        let names: Vec<&str> = self.batch.names().collect();
        let wanted = if role == host { String::new() } else { format!(" (`{role}`)") };
        let near = crate::error::nearest(host, names.iter().copied());
        let hint = near.map_or_else(|| format!("they are: {}", names.join(", ")), |n| format!("did you mean `{n}`?"));
        let message = format!("the column `{host}`{wanted} is not among those of {}; {hint}", self.what);
        Error::new(ErrorKind::MissingColumn, message).with("column", host)
    }
}

/// A column of instants in microseconds UTC, [`MISSING`](crate::time::MISSING) where there is none. `zone` is that of local
/// times without one. Errors name the row; where the column is a piece of a longer one, `first_row` is its first.
///
/// ```
/// use csat_core::record::{Column, TimeUnit, Values, instants};
/// let column = Column::new(Values::Instant { values: &[1, 2], unit: TimeUnit::Second, naive: false });
/// assert_eq!(instants(&column, "at", None, 0)?, [1_000_000, 2_000_000]);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn instants(column: &Column<'_>, name: &str, zone: Option<&Zone>, first_row: usize) -> Result<Vec<i64>> {
    wide(column, name, zone, first_row, |schema| schema.instant(name, true))
}

/// A column of durations in microseconds; like [`instants`].
pub fn durations(column: &Column<'_>, name: &str, first_row: usize) -> Result<Vec<i64>> {
    wide(column, name, None, first_row, |schema| schema.duration(name, true))
}

fn wide(
    column: &Column<'_>,
    name: &str,
    zone: Option<&Zone>,
    first_row: usize,
    ask: impl FnOnce(&mut Schema) -> super::schema::Wide,
) -> Result<Vec<i64>> {
    let mut schema = Schema::new(Table::Tickets);
    let lane = ask(&mut schema);
    let batch = Batch::new().column(name, column.clone());
    let what = format!("`{name}`");
    let mut values = Vec::with_capacity(column.len());
    let reader = Reader { batch: &batch, what: &what, zone, host: &str::to_owned, first_row };
    reader.read(&schema, |block, _| values.extend_from_slice(block.wide(lane)))?;
    Ok(values)
}
