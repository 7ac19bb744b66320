//! Asterisk `queue_log`: lines in, contacts out as a table.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono_tz::Tz;
use csat_core::Error;
use csat_core::arrow::arrow_array::types::Int32Type;
use csat_core::arrow::arrow_array::{
    ArrayRef, BooleanArray, DictionaryArray, DurationMicrosecondArray, Int64Array, RecordBatch,
    TimestampMicrosecondArray,
};
use csat_core::record::queue_log::{QueueContact, QueueLog as CoreLog, QueueLogOptions};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::capsule;
use crate::error::raised;
use crate::frame::Frame;

/// The state machine of `queue_log`.
#[pyclass(frozen, module = "csat._csat")]
pub(crate) struct QueueLog {
    inner: Mutex<CoreLog>,
}

impl QueueLog {
    fn lock(&self) -> MutexGuard<'_, CoreLog> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl QueueLog {
    #[new]
    #[pyo3(signature = (stitch_gap=None, zone=None))]
    fn new(py: Python<'_>, stitch_gap: Option<u64>, zone: Option<&str>) -> PyResult<Self> {
        let named = |name: &str| {
            name.parse::<Tz>().map_err(|_| {
                raised(py, &Error::unknown("time zone", name, chrono_tz::TZ_VARIANTS.iter().map(|z| z.name())))
            })
        };
        let options = QueueLogOptions { stitch_gap, zone: zone.map(named).transpose()? };
        Ok(Self { inner: Mutex::new(CoreLog::new(options)) })
    }

    /// Takes text: whole lines, or pieces of them.
    fn push(&self, py: Python<'_>, text: &str) {
        py.detach(|| self.lock().push_text(text));
    }

    /// Takes whole lines. Gives, by reason, in words why lines were set aside.
    fn push_lines(&self, py: Python<'_>, text: &str) -> BTreeMap<String, String> {
        py.detach(|| {
            let mut log = self.lock();
            let mut words = BTreeMap::new();
            for error in text.split_inclusive('\n').filter_map(|line| log.push_line(line).err()) {
                if let Some(reason) = error.context_value("reason") {
                    let sentence = || error.message().split_once(": ").map_or("", |(_, sentence)| sentence).to_owned();
                    words.entry(reason.to_owned()).or_insert_with(sentence);
                }
            }
            words
        })
    }

    /// Says that the log is at its end.
    fn finish(&self) {
        self.lock().finish();
    }

    /// The contacts that are complete; they are given once.
    fn drain(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.lock().drain())
    }

    /// The contacts that wait now.
    fn waiting(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.lock().waiting())
    }

    /// The contacts with an agent now.
    fn talking(&self, py: Python<'_>) -> PyResult<Frame> {
        table(py, &self.lock().talking())
    }

    /// What did not fit: reason, whether lines were set aside for it, how many, the first line numbers.
    fn remarks<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let out = PyList::empty(py);
        for remark in self.lock().remarks() {
            let item = PyDict::new(py);
            item.set_item("reason", remark.reason.name())?;
            item.set_item("set_aside", remark.reason.is_set_aside())?;
            item.set_item("count", remark.count)?;
            item.set_item("lines", remark.lines)?;
            out.append(item)?;
        }
        Ok(out)
    }

    /// Counts of lines and calls.
    fn counts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let counts = self.lock().counts();
        let out = PyDict::new(py);
        out.set_item("lines", counts.lines)?;
        out.set_item("entered", counts.entered)?;
        out.set_item("refused", counts.refused)?;
        out.set_item("other_events", counts.other_events)?;
        out.set_item("set_aside", counts.set_aside)?;
        Ok(out)
    }
}

fn table(py: Python<'_>, contacts: &[QueueContact]) -> PyResult<Frame> {
    fn texts<'c>(values: impl Iterator<Item = Option<&'c str>>) -> ArrayRef {
        Arc::new(values.collect::<DictionaryArray<Int32Type>>())
    }
    fn instants(values: impl Iterator<Item = Option<i64>>) -> ArrayRef {
        Arc::new(values.collect::<TimestampMicrosecondArray>().with_timezone("UTC"))
    }
    fn durations(values: impl Iterator<Item = Option<i64>>) -> ArrayRef {
        Arc::new(values.collect::<DurationMicrosecondArray>())
    }
    fn counts(values: impl Iterator<Item = Option<u32>>) -> ArrayRef {
        Arc::new(values.map(|n| n.map(i64::from)).collect::<Int64Array>())
    }
    let all = || contacts.iter();
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("id", texts(all().map(|c| Some(c.call_id.as_str())))),
        ("queue", texts(all().map(|c| Some(c.queue.as_str())))),
        ("agent", texts(all().map(|c| c.agent.as_deref()))),
        ("customer", texts(all().map(|c| c.caller.as_deref()))),
        ("offered", instants(all().map(|c| Some(c.offered)))),
        ("rang", instants(all().map(|c| c.rang))),
        ("answered", instants(all().map(|c| c.answered))),
        ("ended", instants(all().map(|c| c.ended))),
        ("outcome", texts(all().map(|c| Some(c.outcome)))),
        ("wait", durations(all().map(|c| c.wait))),
        ("talk", durations(all().map(|c| c.talk))),
        ("legs", counts(all().map(|c| Some(c.legs)))),
        ("transferred", Arc::new(all().map(|c| Some(c.transferred)).collect::<BooleanArray>())),
        ("ring_no_answers", counts(all().map(|c| Some(c.ring_no_answers)))),
        ("position", counts(all().map(|c| c.position))),
        ("exit_key", texts(all().map(|c| c.exit_key.as_deref()))),
        ("ended_by", texts(all().map(|c| c.ended_by))),
    ];
    let batch = RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, c)| (n, c, true)));
    Ok(Frame { batch: batch.map_err(|e| raised(py, &capsule::arrow_error(&e)))? })
}
