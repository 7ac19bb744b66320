//! Columns that are not Arrow yet: buffers of numbers (NumPy memory, `array.array`), codes with texts, lists.

use std::sync::Arc;

use csat_core::arrow::arrow_array::cast::AsArray;
use csat_core::arrow::arrow_array::types::Int64Type;
use csat_core::arrow::arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType, BooleanArray, Date32Array, DictionaryArray, DurationMicrosecondArray,
    DurationMillisecondArray, DurationNanosecondArray, DurationSecondArray, Float64Array, Int64Array, NullArray,
    PrimitiveArray, StringArray, TimestampMicrosecondArray, TimestampMillisecondArray, TimestampNanosecondArray,
    TimestampSecondArray, types,
};
use csat_core::arrow::arrow_buffer::NullBuffer;
use csat_core::arrow::arrow_schema::DataType;
use csat_core::{Error, ErrorKind};
use pyo3::buffer::{Element, PyBuffer};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString};

use crate::capsule;
use crate::error::{Raise, raised};
use crate::json::text_of;

/// A column, in one or more chunks.
#[pyclass(frozen, module = "csat._csat")]
pub(crate) struct Column {
    pub(crate) chunks: Vec<ArrayRef>,
}

impl Column {
    fn one(array: impl Array + 'static) -> Self {
        Self { chunks: vec![Arc::new(array)] }
    }

    pub(crate) fn rows(&self) -> usize {
        self.chunks.iter().map(Array::len).sum()
    }
}

#[pymethods]
impl Column {
    /// Borrows what exports Arrow: a series, an array, a chunked array.
    #[staticmethod]
    fn from_arrow(py: Python<'_>, data: &Bound<'_, PyAny>) -> PyResult<Self> {
        let chunks = capsule::import(data)?;
        let (_, chunks) = py.detach(|| chunks.collect()).or_raise(py)?;
        Ok(Self { chunks })
    }

    /// Copies a buffer of numbers. `kind` is None, `bool`, `date32`, `timestamp[us]`, `timestamp[us, UTC]` or
    /// `duration[us]` (s, ms, us, ns); `mask` is a buffer of bytes, not zero where a value is missing.
    #[staticmethod]
    #[pyo3(signature = (data, kind=None, mask=None))]
    fn from_buffer(data: &Bound<'_, PyAny>, kind: Option<&str>, mask: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let py = data.py();
        let nulls = mask.map(nulls_of).transpose()?;
        if let Some(kind) = kind {
            return of_kind(py, data, kind, nulls);
        }
        let nulls = nulls.as_ref();
        numbers::<types::Int64Type>(data, nulls)
            .or_else(|| numbers::<types::Float64Type>(data, nulls))
            .or_else(|| numbers::<types::Int32Type>(data, nulls))
            .or_else(|| numbers::<types::Float32Type>(data, nulls))
            .or_else(|| numbers::<types::Int8Type>(data, nulls))
            .or_else(|| numbers::<types::UInt8Type>(data, nulls))
            .or_else(|| numbers::<types::Int16Type>(data, nulls))
            .or_else(|| numbers::<types::UInt16Type>(data, nulls))
            .or_else(|| numbers::<types::UInt32Type>(data, nulls))
            .or_else(|| numbers::<types::UInt64Type>(data, nulls))
            .unwrap_or_else(|| Err(raised(py, &Error::new(ErrorKind::WrongType, "a buffer of this type is not read"))))
    }

    /// Copies codes and the texts they stand for; a code below zero is a missing value.
    #[staticmethod]
    fn from_codes(codes: &Bound<'_, PyAny>, texts: Vec<Option<String>>) -> PyResult<Self> {
        let py = codes.py();
        let mut codes: Vec<i64> = copied(codes)?;
        let nulls: NullBuffer = codes.iter().map(|c| *c >= 0).collect();
        for code in &mut codes {
            *code = (*code).max(0);
        }
        let texts: ArrayRef = Arc::new(StringArray::from(if texts.is_empty() { vec![None] } else { texts }));
        let codes = PrimitiveArray::<Int64Type>::try_new(codes.into(), Some(nulls));
        let column = codes.and_then(|codes| DictionaryArray::try_new(codes, texts));
        column.map(Self::one).map_err(|e| raised(py, &capsule::arrow_error(&e)))
    }

    /// Borrows integer codes that export Arrow, with the texts they stand for.
    #[staticmethod]
    fn from_dictionary(py: Python<'_>, codes: &Bound<'_, PyAny>, texts: Vec<Option<String>>) -> PyResult<Self> {
        let chunks = capsule::import(codes)?;
        let (_, chunks) = py.detach(|| chunks.collect()).or_raise(py)?;
        let texts: ArrayRef = Arc::new(StringArray::from(texts));
        let chunks = chunks.iter().map(|codes| coded(codes, &texts)).collect::<csat_core::Result<_>>();
        Ok(Self { chunks: chunks.or_raise(py)? })
    }

    /// Copies a list of one kind of value or None: `int`, `float`, `bool` or `str`.
    #[staticmethod]
    fn from_list(values: &Bound<'_, PyList>, kind: &str) -> PyResult<Self> {
        Ok(match kind {
            "int" => Self::one(Int64Array::from(numbers_of::<i64>(values)?)),
            "float" => Self::one(Float64Array::from(numbers_of::<f64>(values)?)),
            "bool" => Self::one(
                values.iter().map(|v| v.extract()).collect::<PyResult<Vec<Option<bool>>>>().map(BooleanArray::from)?,
            ),
            "str" => {
                let text = |(row, value): (usize, Bound<'_, PyAny>)| match value.cast::<PyString>() {
                    Ok(text) => text_of(text)
                        .map(|text| Some(text.to_owned()))
                        .map_err(|e| raised(text.py(), &e.with("row", row).at(format!("row {row}")))),
                    // A NaN among texts is how some frames say that there is none.
                    Err(_) => Ok(None),
                };
                Self::one(values.iter().enumerate().map(text).collect::<PyResult<Vec<_>>>().map(StringArray::from)?)
            }
            _ => Self::one(NullArray::new(values.len())),
        })
    }

    fn __len__(&self) -> usize {
        self.rows()
    }
}

/// A list of numbers or None; what has no place in 64 bits is named by its row.
fn numbers_of<'py, T: FromPyObjectOwned<'py>>(values: &Bound<'py, PyList>) -> PyResult<Vec<Option<T>>> {
    let number = |(row, value): (usize, Bound<'py, PyAny>)| {
        value.extract::<Option<T>>().map_err(|_| {
            let message = format!("row {row}: {value} is beyond 64 bits");
            raised(value.py(), &Error::new(ErrorKind::BadValue, message).with("row", row))
        })
    };
    values.iter().enumerate().map(number).collect()
}

fn coded(codes: &ArrayRef, texts: &ArrayRef) -> csat_core::Result<ArrayRef> {
    fn with<K: types::ArrowDictionaryKeyType>(codes: &ArrayRef, texts: &ArrayRef) -> csat_core::Result<ArrayRef> {
        let column = DictionaryArray::<K>::try_new(codes.as_primitive::<K>().clone(), texts.clone());
        column.map(|c| Arc::new(c) as ArrayRef).map_err(|e| capsule::arrow_error(&e))
    }
    match codes.data_type() {
        DataType::UInt8 => with::<types::UInt8Type>(codes, texts),
        DataType::UInt16 => with::<types::UInt16Type>(codes, texts),
        DataType::UInt32 => with::<types::UInt32Type>(codes, texts),
        other => Err(Error::new(ErrorKind::WrongType, format!("codes of {other} are not read"))),
    }
}

/// Copies a buffer of this type, or none if it is of another.
fn numbers<T: ArrowPrimitiveType>(data: &Bound<'_, PyAny>, nulls: Option<&NullBuffer>) -> Option<PyResult<Column>>
where
    T::Native: Element,
{
    let buffer = PyBuffer::<T::Native>::get(data).ok()?;
    Some(flat(data.py(), &buffer).and_then(|values| made::<T>(data.py(), values, nulls.cloned())))
}

fn made<T: ArrowPrimitiveType>(py: Python<'_>, values: Vec<T::Native>, nulls: Option<NullBuffer>) -> PyResult<Column> {
    let array = PrimitiveArray::<T>::try_new(values.into(), nulls);
    array.map(Column::one).map_err(|e| raised(py, &capsule::arrow_error(&e)))
}

fn flat<T: Element>(py: Python<'_>, buffer: &PyBuffer<T>) -> PyResult<Vec<T>> {
    if buffer.dimensions() != 1 {
        let message = format!("a column has one dimension, not {}", buffer.dimensions());
        return Err(raised(py, &Error::new(ErrorKind::WrongType, message)));
    }
    buffer.to_vec(py)
}

fn copied<T: Element>(data: &Bound<'_, PyAny>) -> PyResult<Vec<T>> {
    flat(data.py(), &PyBuffer::<T>::get(data)?)
}

fn nulls_of(mask: &Bound<'_, PyAny>) -> PyResult<NullBuffer> {
    Ok(copied::<u8>(mask)?.iter().map(|missing| *missing == 0).collect())
}

fn of_kind(py: Python<'_>, data: &Bound<'_, PyAny>, kind: &str, nulls: Option<NullBuffer>) -> PyResult<Column> {
    if kind == "bool" {
        let bits: Vec<bool> = copied::<u8>(data)?.iter().map(|b| *b != 0).collect();
        return Ok(Column::one(BooleanArray::new(bits.into(), nulls)));
    }
    if kind == "date32" {
        return Ok(Column::one(Date32Array::new(copied::<i32>(data)?.into(), nulls)));
    }
    let values = copied::<i64>(data)?;
    let zone = kind.ends_with(", UTC]").then_some("UTC");
    macro_rules! instants {
        ($array:ident) => {
            Column::one($array::new(values.into(), nulls).with_timezone_opt(zone))
        };
    }
    Ok(match kind {
        "timestamp[s]" | "timestamp[s, UTC]" => instants!(TimestampSecondArray),
        "timestamp[ms]" | "timestamp[ms, UTC]" => instants!(TimestampMillisecondArray),
        "timestamp[us]" | "timestamp[us, UTC]" => instants!(TimestampMicrosecondArray),
        "timestamp[ns]" | "timestamp[ns, UTC]" => instants!(TimestampNanosecondArray),
        "duration[s]" => Column::one(DurationSecondArray::new(values.into(), nulls)),
        "duration[ms]" => Column::one(DurationMillisecondArray::new(values.into(), nulls)),
        "duration[us]" => Column::one(DurationMicrosecondArray::new(values.into(), nulls)),
        "duration[ns]" => Column::one(DurationNanosecondArray::new(values.into(), nulls)),
        _ => return Err(raised(py, &Error::argument(format!("`{kind}` is not a kind of column")))),
    })
}
