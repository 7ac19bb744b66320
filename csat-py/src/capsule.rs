//! The Arrow C data interface across Python capsules: the only unsafe code of the Python face.
#![allow(unsafe_code, reason = "the contents of a capsule are raw pointers; each block says why it holds")]

use std::ffi::CStr;
use std::sync::Arc;

use csat_core::arrow::arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema, from_ffi};
use csat_core::arrow::arrow_array::ffi_stream::{ArrayStreamReader, FFI_ArrowArrayStream};
use csat_core::arrow::arrow_array::{
    Array, ArrayReader, ArrayRef, RecordBatch, RecordBatchIterator, RecordBatchOptions, StructArray, make_array,
};
use csat_core::arrow::arrow_schema::{ArrowError, DataType, Schema, SchemaRef};
use csat_core::{Error, ErrorKind};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use crate::error::raised;

const STREAM: &CStr = c"arrow_array_stream";
const SCHEMA: &CStr = c"arrow_schema";
const ARRAY: &CStr = c"arrow_array";

/// What an Arrow producer got wrong, or could not give.
pub(crate) fn arrow_error(error: &ArrowError) -> Error {
    Error::new(ErrorKind::InvalidArgument, format!("the Arrow data could not be read: {error}"))
}

/// Arrays of one field, in chunks, pulled when they are wanted.
pub(crate) struct Chunks {
    kind: DataType,
    arrays: Box<dyn Iterator<Item = Result<ArrayRef, ArrowError>> + Send>,
}

/// Takes over what an object exports as `__arrow_c_stream__` or `__arrow_c_array__`.
pub(crate) fn import(object: &Bound<'_, PyAny>) -> PyResult<Chunks> {
    let py = object.py();
    if object.hasattr("__arrow_c_stream__")? {
        let capsule = object.call_method0("__arrow_c_stream__")?;
        let pointer = capsule.cast::<PyCapsule>()?.pointer_checked(Some(STREAM))?;
        // SAFETY: a capsule of this name holds an ArrowArrayStream (Arrow PyCapsule interface); its contents are moved
        // out, which marks it as released, so that the capsule will not release it a second time.
        let stream = unsafe { FFI_ArrowArrayStream::from_raw(pointer.cast().as_ptr()) };
        let reader = ArrayStreamReader::try_new(stream).map_err(|e| raised(py, &arrow_error(&e)))?;
        return Ok(Chunks { kind: reader.field().data_type().clone(), arrays: Box::new(reader) });
    }
    let capsules = object.call_method0("__arrow_c_array__")?;
    let (schema, array) = capsules.extract::<(Bound<'_, PyCapsule>, Bound<'_, PyCapsule>)>()?;
    let (schema, array) = (schema.pointer_checked(Some(SCHEMA))?, array.pointer_checked(Some(ARRAY))?);
    // SAFETY: capsules of these names hold an ArrowSchema and an ArrowArray; the schema is only read while its capsule
    // lives, the array is moved out, which marks it as released.
    let data = unsafe {
        let schema: &FFI_ArrowSchema = schema.cast().as_ref();
        from_ffi(FFI_ArrowArray::from_raw(array.cast().as_ptr()), schema)
    };
    let array = make_array(data.map_err(|e| raised(py, &arrow_error(&e)))?);
    Ok(Chunks { kind: array.data_type().clone(), arrays: Box::new(std::iter::once(Ok(array))) })
}

impl Chunks {
    /// The chunks as arrays.
    pub(crate) fn collect(self) -> csat_core::Result<(DataType, Vec<ArrayRef>)> {
        let arrays = self.arrays.collect::<Result<_, _>>().map_err(|e| arrow_error(&e))?;
        Ok((self.kind, arrays))
    }

    /// The chunks as record batches, if the top level is a table.
    pub(crate) fn batches(self) -> csat_core::Result<Batches> {
        let DataType::Struct(fields) = &self.kind else {
            let message = format!("one column of {} was given where a table is wanted; pass a frame", self.kind);
            return Err(Error::new(ErrorKind::WrongType, message));
        };
        Ok(Batches { schema: Arc::new(Schema::new(fields.clone())), arrays: self.arrays })
    }
}

/// Record batches of one schema, pulled when they are wanted.
pub(crate) struct Batches {
    pub(crate) schema: SchemaRef,
    arrays: Box<dyn Iterator<Item = Result<ArrayRef, ArrowError>> + Send>,
}

impl Iterator for Batches {
    type Item = csat_core::Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        let array = match self.arrays.next()? {
            Ok(array) => array,
            Err(error) => return Some(Err(arrow_error(&error))),
        };
        let table = array.as_any().downcast_ref::<StructArray>()?;
        if table.null_count() > 0 {
            return Some(Err(Error::new(ErrorKind::WrongType, "a table with missing rows is not read")));
        }
        let options = RecordBatchOptions::new().with_row_count(Some(table.len()));
        let batch = RecordBatch::try_new_with_options(self.schema.clone(), table.columns().to_vec(), &options);
        Some(batch.map_err(|e| arrow_error(&e)))
    }
}

/// A record batch as a stream capsule of one batch.
pub(crate) fn export<'py>(py: Python<'py>, batch: &RecordBatch) -> PyResult<Bound<'py, PyCapsule>> {
    let reader = RecordBatchIterator::new([Ok(batch.clone())], batch.schema());
    PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(Box::new(reader)), STREAM)
}

/// The schema of a record batch as a capsule.
pub(crate) fn export_schema<'py>(py: Python<'py>, batch: &RecordBatch) -> PyResult<Bound<'py, PyCapsule>> {
    let schema = FFI_ArrowSchema::try_from(batch.schema().as_ref()).map_err(|e| raised(py, &arrow_error(&e)))?;
    PyCapsule::new_with_value(py, schema, SCHEMA)
}

/// Whether an object exports Arrow data.
pub(crate) fn is_arrow(object: &Bound<'_, PyAny>) -> PyResult<bool> {
    Ok(object.hasattr("__arrow_c_stream__")? || object.hasattr("__arrow_c_array__")?)
}
