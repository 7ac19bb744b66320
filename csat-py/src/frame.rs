//! A table of results, for Python to turn into the frame that came in.

use std::sync::Arc;

use csat_core::arrow::arrow_array::cast::AsArray;
use csat_core::arrow::arrow_array::types::{
    DurationMicrosecondType, Float64Type, Int32Type, Int64Type, TimestampMicrosecondType,
};
use csat_core::arrow::arrow_array::{Array, ArrayRef, Int64Array, RecordBatch, StringArray};
use csat_core::arrow::arrow_schema::{DataType, Field, Schema, TimeUnit};
use csat_core::{Error, ErrorKind};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyCapsule, PyDict, PyList};

use crate::capsule;
use crate::column::Column;
use crate::error::raised;

/// A record batch; exports `__arrow_c_stream__`, and gives its columns as lists or bytes.
#[pyclass(frozen, module = "csat._csat")]
pub(crate) struct Frame {
    pub(crate) batch: RecordBatch,
}

/// A column as plain memory: kind, values as bytes, a byte a row that is 1 where missing (or none), the texts of
/// codes, and the zone of instants.
type Plain<'py> = (&'static str, Bound<'py, PyBytes>, Option<Bound<'py, PyBytes>>, Option<Vec<String>>, Option<String>);

impl Frame {
    fn at(&self, py: Python<'_>, name: &str) -> PyResult<&ArrayRef> {
        self.batch.column_by_name(name).ok_or_else(|| {
            let schema = self.batch.schema_ref();
            raised(py, &Error::unknown("column", name, schema.fields().iter().map(|f| f.name().as_str())))
        })
    }
}

fn bytes<'py, T: Copy>(
    py: Python<'py>,
    values: &[T],
    to_bytes: impl Fn(T) -> [u8; 8],
) -> PyResult<Bound<'py, PyBytes>> {
    PyBytes::new_with(py, values.len() * 8, |out| {
        for (chunk, value) in out.chunks_exact_mut(8).zip(values) {
            chunk.copy_from_slice(&to_bytes(*value));
        }
        Ok(())
    })
}

/// The codes of a dictionary, −1 where missing. Frames have 32-bit codes, columns made of Python's own 64-bit ones.
fn codes(array: &ArrayRef) -> Vec<i32> {
    match array.data_type() {
        DataType::Dictionary(key, _) if **key == DataType::Int64 => {
            let keys = array.as_dictionary::<Int64Type>().keys();
            keys.iter().map(|k| k.and_then(|k| i32::try_from(k).ok()).unwrap_or(-1)).collect()
        }
        _ => array.as_dictionary::<Int32Type>().keys().iter().map(|k| k.unwrap_or(-1)).collect(),
    }
}

fn dictionary_texts(array: &ArrayRef) -> Vec<String> {
    let values = array.as_any_dictionary().values();
    values
        .as_any()
        .downcast_ref::<StringArray>()
        .map_or_else(Vec::new, |texts| texts.iter().map(|t| t.unwrap_or_default().to_owned()).collect())
}

#[pymethods]
impl Frame {
    /// A table of columns, a dict of `Column`; those of several chunks are refused.
    #[staticmethod]
    fn from_columns(columns: &Bound<'_, PyDict>) -> PyResult<Self> {
        let py = columns.py();
        let mut named: Vec<(String, ArrayRef)> = Vec::new();
        for (name, column) in columns {
            match &column.cast::<Column>()?.get().chunks[..] {
                [one] => named.push((name.extract()?, one.clone())),
                _ => return Err(raised(py, &Error::argument(format!("column `{name}` is in several pieces")))),
            }
        }
        let batch = RecordBatch::try_from_iter_with_nullable(named.into_iter().map(|(n, c)| (n, c, true)));
        Ok(Self { batch: batch.map_err(|e| raised(py, &capsule::arrow_error(&e)))? })
    }

    /// The same table with a number in a last column.
    fn with_count(&self, py: Python<'_>, name: &str, count: i64) -> PyResult<Self> {
        let rows = self.batch.num_rows();
        let schema = self.batch.schema_ref();
        if schema.index_of(name).is_ok() {
            let message = format!("a key is called `{name}`, like a column of the result; rename the key");
            return Err(raised(py, &Error::new(ErrorKind::InvalidOption, message).with("key", name)));
        }
        let fields = schema.fields().iter().cloned().chain([Arc::new(Field::new(name, DataType::Int64, false))]);
        let mut columns = self.batch.columns().to_vec();
        columns.push(Arc::new(Int64Array::from(vec![count; rows])));
        let batch = RecordBatch::try_new(Arc::new(Schema::new(fields.collect::<Vec<_>>())), columns);
        Ok(Self { batch: batch.map_err(|e| raised(py, &capsule::arrow_error(&e)))? })
    }

    /// The names of the columns.
    #[getter]
    fn columns(&self) -> Vec<String> {
        self.batch.schema_ref().fields().iter().map(|f| f.name().clone()).collect()
    }

    fn __len__(&self) -> usize {
        self.batch.num_rows()
    }

    /// A table of fewer columns.
    fn select(&self, py: Python<'_>, names: Vec<String>) -> PyResult<Self> {
        let schema = self.batch.schema_ref();
        let at = names.iter().map(|name| {
            self.at(py, name)?;
            schema.index_of(name).map_err(|e| raised(py, &capsule::arrow_error(&e)))
        });
        let at = at.collect::<PyResult<Vec<usize>>>()?;
        Ok(Self { batch: self.batch.project(&at).map_err(|e| raised(py, &capsule::arrow_error(&e)))? })
    }

    /// Rows `start..stop`.
    fn slice(&self, start: usize, stop: usize) -> Self {
        let stop = stop.min(self.batch.num_rows());
        let start = start.min(stop);
        Self { batch: self.batch.slice(start, stop - start) }
    }

    /// A column as plain memory, for NumPy and pandas.
    fn plain<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Plain<'py>> {
        let array = self.at(py, name)?;
        let missing = match array.nulls() {
            Some(nulls) if nulls.null_count() > 0 => {
                Some(PyBytes::new(py, &nulls.iter().map(|there| u8::from(!there)).collect::<Vec<_>>()))
            }
            _ => None,
        };
        let (mut texts, mut zone) = (None, None);
        let (kind, values) = match array.data_type() {
            DataType::Float64 => ("float", bytes(py, array.as_primitive::<Float64Type>().values(), f64::to_ne_bytes)?),
            DataType::Int64 => ("int", bytes(py, array.as_primitive::<Int64Type>().values(), i64::to_ne_bytes)?),
            DataType::Timestamp(TimeUnit::Microsecond, of) => {
                zone = of.as_deref().map(str::to_owned);
                ("timestamp", bytes(py, array.as_primitive::<TimestampMicrosecondType>().values(), i64::to_ne_bytes)?)
            }
            DataType::Duration(TimeUnit::Microsecond) => {
                ("duration", bytes(py, array.as_primitive::<DurationMicrosecondType>().values(), i64::to_ne_bytes)?)
            }
            DataType::Boolean => {
                ("bool", PyBytes::new(py, &array.as_boolean().values().iter().map(u8::from).collect::<Vec<_>>()))
            }
            DataType::Utf8 => {
                let strings = array.as_string::<i32>();
                let codes: Vec<i64> =
                    (0..strings.len()).map(|i| if strings.is_valid(i) { i as i64 } else { -1 }).collect();
                texts = Some(strings.iter().map(|t| t.unwrap_or_default().to_owned()).collect());
                ("codes", bytes(py, &codes, i64::to_ne_bytes)?)
            }
            DataType::Dictionary(..) => {
                let codes: Vec<i64> = codes(array).into_iter().map(i64::from).collect();
                texts = Some(dictionary_texts(array));
                ("codes", bytes(py, &codes, i64::to_ne_bytes)?)
            }
            DataType::Null => ("null", PyBytes::new(py, &[])),
            other => return Err(raised(py, &Error::new(ErrorKind::WrongType, format!("a column of {other}")))),
        };
        Ok((kind, values, missing, texts, zone))
    }

    /// A column as a list: None where missing, instants and durations in microseconds.
    fn column<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyList>> {
        let array = self.at(py, name)?;
        match array.data_type() {
            DataType::Float64 => PyList::new(py, array.as_primitive::<Float64Type>().iter()),
            DataType::Int64 => PyList::new(py, array.as_primitive::<Int64Type>().iter()),
            DataType::Timestamp(..) => PyList::new(py, array.as_primitive::<TimestampMicrosecondType>().iter()),
            DataType::Duration(_) => PyList::new(py, array.as_primitive::<DurationMicrosecondType>().iter()),
            DataType::Boolean => PyList::new(py, array.as_boolean().iter()),
            DataType::Null => PyList::new(py, (0..array.len()).map(|_| py.None())),
            DataType::Utf8 => PyList::new(py, array.as_string::<i32>().iter()),
            DataType::Dictionary(..) => {
                let texts = PyList::new(py, dictionary_texts(array))?;
                let text = |code: i32| match usize::try_from(code) {
                    Ok(code) => texts.get_item(code),
                    Err(_) => Ok(py.None().into_bound(py)),
                };
                PyList::new(py, codes(array).into_iter().map(text).collect::<PyResult<Vec<_>>>()?)
            }
            other => Err(raised(py, &Error::new(ErrorKind::WrongType, format!("a column of {other}")))),
        }
    }

    /// The kind of a column: `float`, `int`, `bool`, `text`, `timestamp` or `duration`.
    fn kind(&self, py: Python<'_>, name: &str) -> PyResult<&'static str> {
        Ok(match self.at(py, name)?.data_type() {
            DataType::Float64 => "float",
            DataType::Int64 => "int",
            DataType::Boolean => "bool",
            DataType::Timestamp(..) => "timestamp",
            DataType::Duration(_) => "duration",
            _ => "text",
        })
    }

    /// The Arrow PyCapsule interface.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // A consumer must accept what it is given if its wish cannot be met.
        drop(requested_schema);
        capsule::export(py, &self.batch)
    }

    /// The schema of the stream.
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        capsule::export_schema(py, &self.batch)
    }
}
