//! Working calendars and response targets: one question at a time, and whole columns.

use std::collections::BTreeMap;
use std::sync::Arc;

use csat_core::arrow::arrow_array::{
    ArrayRef, BooleanArray, DictionaryArray, DurationMicrosecondArray, Int32Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use csat_core::arrow::arrow_buffer::{BooleanBuffer, NullBuffer, ScalarBuffer};
use csat_core::arrow::{Held, Reading};
use csat_core::door::Answer;
use csat_core::record::{Batch, TimeUnit, Values, durations, instants};
use csat_core::rule::response::{Case, Event, Pauses, Response, Sla as CoreSla, Verdict};
use csat_core::tickets::{Judgements, PauseTable, PreparedSla, TicketColumns};
use csat_core::time::{Calendar as CoreCalendar, MISSING, Period, Zone};
use csat_core::{Error, ErrorKind, Result};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::capsule;
use crate::column::Column;
use crate::error::{Raise, raised};
use crate::frame::Frame;
use crate::json::{to_python, written};
use crate::source::Source;

fn zone_of(name: Option<&str>) -> Result<Option<Zone>> {
    name.map(Zone::new).transpose()
}

/// The values of a column as microseconds, its pieces put together. `unit`: what bare numbers count; `read` gets each
/// piece with the number of its first row.
fn micros_of(
    column: &Column,
    name: &str,
    unit: Option<TimeUnit>,
    read: impl Fn(&csat_core::record::Column<'_>, usize) -> Result<Vec<i64>>,
) -> Result<Vec<i64>> {
    let mut values = Vec::with_capacity(column.chunks.iter().map(|chunk| chunk.len()).sum());
    for chunk in &column.chunks {
        let reading = Reading::default().column(name, unit);
        let held = Held::of_columns(chunk.len(), [(name, chunk)], &reading)?;
        let batch = held.batch();
        let Some(column) = batch.get(name) else { continue };
        values.extend(read(column, values.len())?);
    }
    Ok(values)
}

/// Instants; bare numbers are refused, since they do not say what they count.
fn instants_of(column: &Column, name: &str, zone: Option<&Zone>) -> Result<Vec<i64>> {
    micros_of(column, name, None, |piece, first_row| match &piece.values {
        Values::Integer(_, None) | Values::Float32(_, None) | Values::Float64(_, None) => {
            let message = format!("`{name}` holds bare numbers; give datetimes, or a column with a unit");
            Err(Error::new(ErrorKind::WrongType, message).with("column", name))
        }
        _ => instants(piece, name, zone, first_row),
    })
}

/// Durations, native or numbers of seconds.
fn durations_of(column: &Column, name: &str) -> Result<Vec<i64>> {
    micros_of(column, name, Some(TimeUnit::Second), |piece, first_row| durations(piece, name, first_row))
}

fn nulls(rows: usize, there: impl FnMut(usize) -> bool) -> Option<NullBuffer> {
    let nulls = NullBuffer::new(BooleanBuffer::collect_bool(rows, there));
    (nulls.null_count() > 0).then_some(nulls)
}

fn instant_column(values: Vec<i64>) -> ArrayRef {
    let nulls = nulls(values.len(), |row| values[row] != MISSING);
    Arc::new(TimestampMicrosecondArray::new(ScalarBuffer::from(values), nulls).with_timezone("UTC"))
}

fn duration_column(values: Vec<i64>) -> ArrayRef {
    let nulls = nulls(values.len(), |row| values[row] != MISSING);
    Arc::new(DurationMicrosecondArray::new(ScalarBuffer::from(values), nulls))
}

fn frame(columns: Vec<(&str, ArrayRef)>) -> Result<Frame> {
    let batch = RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)));
    batch.map(|batch| Frame { batch }).map_err(|e| capsule::arrow_error(&e))
}

/// Questions about one instant, by name.
type Question = fn(&CoreCalendar, i64) -> Result<i64>;
const QUESTIONS: [(&str, Question); 7] = [
    ("is_open", |calendar, at| calendar.is_open(at).map(i64::from)),
    ("on_break", |calendar, at| calendar.on_break(at).map(i64::from)),
    ("on_holiday", |calendar, at| calendar.on_holiday(at).map(i64::from)),
    ("next_open", CoreCalendar::next_open),
    ("next_opening_strictly_later", CoreCalendar::next_opening_strictly_later),
    ("previous_open", CoreCalendar::previous_open),
    ("closing", CoreCalendar::closing),
];
/// How many of them are answered by yes or no.
const FLAGS: usize = 3;

fn question(name: &str) -> Result<(usize, Question)> {
    let found = QUESTIONS.iter().enumerate().find(|(_, (known, _))| *known == name);
    let found = found.map(|(at, (_, question))| (at, *question));
    found.ok_or_else(|| Error::unknown("question", name, QUESTIONS.iter().map(|(name, _)| *name)))
}

/// A working calendar.
#[pyclass(frozen, module = "csat._csat")]
pub(crate) struct Calendar {
    calendar: CoreCalendar,
}

#[pymethods]
impl Calendar {
    /// Reads a calendar from TOML or JSON text, or a dict.
    #[new]
    fn new(source: &Bound<'_, PyAny>) -> PyResult<Self> {
        CoreCalendar::from_text(&written(source)?).or_raise(source.py()).map(|calendar| Self { calendar })
    }

    /// Open round the clock.
    #[staticmethod]
    fn always(py: Python<'_>, zone: &str) -> PyResult<Self> {
        CoreCalendar::always(zone).or_raise(py).map(|calendar| Self { calendar })
    }

    #[getter]
    fn name(&self) -> &str {
        self.calendar.name()
    }

    /// The IANA name of its zone.
    #[getter]
    fn zone(&self) -> &str {
        self.calendar.zone().name()
    }

    /// The calendar with everything written out, as JSON.
    fn to_json(&self, py: Python<'_>) -> PyResult<String> {
        serde_json::to_string(self.calendar.text()).map_err(|e| raised(py, &Error::argument(e.to_string())))
    }

    /// A question about one instant.
    fn ask(&self, py: Python<'_>, name: &str, at: i64) -> PyResult<i64> {
        question(name).and_then(|(_, ask)| ask(&self.calendar, at)).or_raise(py)
    }

    /// The same for a column of instants: a frame of one column.
    fn ask_column(&self, py: Python<'_>, name: &str, at: &Column, zone: Option<&str>) -> PyResult<Frame> {
        let work = || {
            let (number, ask) = question(name)?;
            let zone = zone_of(zone)?;
            let at = instants_of(at, "at", zone.as_ref())?;
            let mut answers = vec![0; at.len()];
            self.calendar.column(&at, ask, &mut answers)?;
            let flags = || answers.iter().map(|answer| (*answer != MISSING).then_some(*answer == 1));
            let column: ArrayRef =
                if number < FLAGS { Arc::new(flags().collect::<BooleanArray>()) } else { instant_column(answers) };
            frame(vec![(name, column)])
        };
        py.detach(work).or_raise(py)
    }

    /// Microseconds of working time.
    fn elapsed(&self, py: Python<'_>, start: i64, end: i64) -> PyResult<i64> {
        self.calendar.elapsed(start, end).or_raise(py)
    }

    /// The same for two columns.
    fn elapsed_column(&self, py: Python<'_>, start: &Column, end: &Column, zone: Option<&str>) -> PyResult<Frame> {
        let work = || {
            let zone = zone_of(zone)?;
            let start = instants_of(start, "start", zone.as_ref())?;
            let end = instants_of(end, "end", zone.as_ref())?;
            let mut elapsed = vec![0; start.len()];
            self.calendar.elapsed_column(&start, &end, &mut elapsed)?;
            frame(vec![("elapsed", duration_column(elapsed))])
        };
        py.detach(work).or_raise(py)
    }

    /// The instant at which some working time is used up.
    fn add(&self, py: Python<'_>, start: i64, duration: i64) -> PyResult<i64> {
        self.calendar.add(start, duration).or_raise(py)
    }

    /// The same for columns: one duration in microseconds, or a column of them.
    fn add_column(
        &self,
        py: Python<'_>,
        start: &Column,
        duration: Option<i64>,
        each: Option<&Column>,
        zone: Option<&str>,
    ) -> PyResult<Frame> {
        let work = || {
            let zone = zone_of(zone)?;
            let start = instants_of(start, "start", zone.as_ref())?;
            let durations = match (each, duration) {
                (Some(each), _) => durations_of(each, "duration")?,
                (None, duration) => vec![duration.unwrap_or(MISSING)],
            };
            if each.is_some() && durations.len() != start.len() {
                let message = format!("{} durations for {} starts", durations.len(), start.len());
                return Err(Error::argument(message));
            }
            let mut due = vec![0; start.len()];
            self.calendar.add_column(&start, &durations, &mut due)?;
            frame(vec![("due", instant_column(due))])
        };
        py.detach(work).or_raise(py)
    }

    /// The next stretches of working time, or the last ones, newest first.
    fn open_periods(&self, py: Python<'_>, at: i64, count: usize, before: bool) -> PyResult<Vec<(i64, i64)>> {
        let pair = |period: Period| (period.open, period.close);
        let found = if before {
            self.calendar.open_periods_before(at).map(|found| found.take(count).map(pair).collect())
        } else {
            self.calendar.open_periods_after(at).map(|found| found.take(count).map(pair).collect())
        };
        found.or_raise(py)
    }

    /// The working time between two instants, as a dict and as text.
    fn explain<'py>(&self, py: Python<'py>, start: i64, end: i64) -> PyResult<(Bound<'py, PyAny>, String)> {
        let explained = self.calendar.explain(start, end).or_raise(py)?;
        Ok((to_python(py, &explained.answer())?, explained.to_string()))
    }
}

/// One ticket, as Python gives it.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct Ticket {
    event: String,
    start: i64,
    done: Option<i64>,
    requested: Option<i64>,
    as_of: Option<i64>,
    created: Option<i64>,
    channel: Option<String>,
    priority: Option<String>,
    segment: Option<String>,
    team: Option<String>,
    pauses: Vec<(i64, Option<i64>)>,
}

impl Ticket {
    fn with<T>(&self, body: impl FnOnce(&Case<'_>, &Response<'_>) -> Result<T>) -> Result<T> {
        let pauses = Pauses::unite(self.pauses.iter().map(|(from, until)| (*from, until.unwrap_or(MISSING))))?;
        let case = Case {
            event: Event::from_name(&self.event)?,
            channel: self.channel.as_deref(),
            priority: self.priority.as_deref(),
            segment: self.segment.as_deref(),
            team: self.team.as_deref(),
            created: self.created.unwrap_or(self.start),
        };
        let micros = |at: Option<i64>| at.unwrap_or(MISSING);
        body(
            &case,
            &Response {
                start: self.start,
                done: micros(self.done),
                requested: micros(self.requested),
                as_of: micros(self.as_of),
                pauses: &pauses,
            },
        )
    }
}

/// How tickets are read from a table.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct Tickets {
    event: Option<String>,
    columns: BTreeMap<String, String>,
    zone: Option<String>,
    as_of: Option<i64>,
    names: Vec<String>,
    units: BTreeMap<String, String>,
    trusted: bool,
}

impl Tickets {
    fn reading(&self) -> Result<Reading> {
        let mut reading = Reading::default();
        for name in &self.names {
            let unit = match self.units.get(name).map(|unit| (unit, TimeUnit::from_name(unit))) {
                Some((unit, None)) => return Err(Error::unknown("time unit", unit, ["s", "ms", "us", "ns"])),
                Some((_, known)) => known,
                None => None,
            };
            reading = reading.column(name, unit);
        }
        Ok(if self.trusted { reading.trusted() } else { reading })
    }

    fn how(&self) -> Result<TicketColumns> {
        Ok(TicketColumns {
            event: self.event.as_deref().map(Event::from_name).transpose()?,
            columns: self.columns.clone(),
            zone: zone_of(self.zone.as_deref())?,
            as_of: self.as_of,
        })
    }
}

fn judged_frame(judged: Judgements) -> Result<Frame> {
    let nulls = nulls(judged.rows(), |row| judged.verdict[row] >= 0);
    let codes: Vec<i32> = judged.verdict.iter().map(|code| i32::from((*code).max(0))).collect();
    let codes = Int32Array::new(ScalarBuffer::from(codes), nulls);
    let names: StringArray = Verdict::ALL.iter().map(|verdict| Some(verdict.name())).collect();
    let verdicts = DictionaryArray::try_new(codes, Arc::new(names)).map_err(|e| capsule::arrow_error(&e))?;
    frame(vec![
        ("due", instant_column(judged.due)),
        ("verdict", Arc::new(verdicts)),
        ("elapsed", duration_column(judged.elapsed)),
        ("remaining", duration_column(judged.remaining)),
    ])
}

/// Response targets.
#[pyclass(frozen, module = "csat._csat")]
pub(crate) struct Sla {
    prepared: PreparedSla,
}

#[pymethods]
impl Sla {
    /// Reads an SLA from TOML or JSON text, or a dict.
    #[new]
    fn new(source: &Bound<'_, PyAny>) -> PyResult<Self> {
        let sla = CoreSla::from_text(&written(source)?).and_then(PreparedSla::new);
        sla.or_raise(source.py()).map(|prepared| Self { prepared })
    }

    /// An SLA shipped with csat.
    #[staticmethod]
    fn shipped(py: Python<'_>, name: &str) -> PyResult<Self> {
        CoreSla::named(name).and_then(PreparedSla::new).or_raise(py).map(|prepared| Self { prepared })
    }

    /// The names of the shipped SLAs.
    #[staticmethod]
    fn shipped_names() -> Vec<&'static str> {
        CoreSla::SHIPPED.to_vec()
    }

    #[getter]
    fn name(&self) -> &str {
        self.prepared.sla().name()
    }

    /// The IANA name of the zone of its calendar.
    #[getter]
    fn zone(&self) -> &str {
        self.prepared.sla().text().calendar.zone().name()
    }

    /// The SLA with everything written out, as JSON.
    fn to_json(&self, py: Python<'_>) -> PyResult<String> {
        serde_json::to_string(self.prepared.sla().text()).map_err(|e| raised(py, &Error::argument(e.to_string())))
    }

    /// Judges one ticket; times in microseconds.
    fn judge<'py>(&self, py: Python<'py>, ticket: Ticket) -> PyResult<Bound<'py, PyDict>> {
        let judged = ticket.with(|case, response| self.prepared.sla().judge(case, response)).or_raise(py)?;
        let out = PyDict::new(py);
        out.set_item("due", judged.due)?;
        out.set_item("verdict", judged.verdict.name())?;
        out.set_item("elapsed", judged.elapsed)?;
        out.set_item("remaining", judged.remaining)?;
        out.set_item("reason", judged.reason)?;
        Ok(out)
    }

    /// How the judgement came about, in words.
    fn explain(&self, py: Python<'_>, ticket: Ticket) -> PyResult<String> {
        ticket.with(|case, response| self.prepared.sla().explain(case, response)).or_raise(py)
    }

    /// Judges a table, with the pauses in another one.
    #[pyo3(signature = (data, tickets, pauses=None))]
    fn judge_columns(
        &self,
        py: Python<'_>,
        data: &Bound<'_, PyAny>,
        tickets: Tickets,
        pauses: Option<(Bound<'_, PyAny>, Tickets)>,
    ) -> PyResult<Frame> {
        let data = Source::new(data)?;
        let pauses = match pauses {
            Some((data, taking)) => Some((Source::new(&data)?, taking)),
            None => None,
        };
        let work = || {
            let how = tickets.how()?;
            let checked = |source: Source, reading: &Reading| -> Result<Vec<Held>> {
                source.collect()?.0.iter().map(|batch| Held::new(batch, reading)).collect()
            };
            let held = checked(data, &tickets.reading()?)?;
            let batches: Vec<Batch<'_>> = held.iter().map(Held::batch).collect();
            let pauses = match pauses {
                Some((data, taking)) => {
                    let held = checked(data, &taking.reading()?)?;
                    let stretches: Vec<Batch<'_>> = held.iter().map(Held::batch).collect();
                    Some(PauseTable::read(&stretches, &batches, &how)?)
                }
                None => None,
            };
            let mut judged = Judgements::default();
            let mut first_row = 0;
            for batch in &batches {
                self.prepared.judge_piece(batch, first_row, &how, pauses.as_ref(), &mut judged)?;
                first_row += batch.rows();
            }
            judged_frame(judged)
        };
        py.detach(work).or_raise(py)
    }
}
