//! The Arrow C stream: batches in, reports out.

use csat_core::arrow::arrow_array::ffi_stream::{FFI_ArrowArrayStream, RecordBatchStreamReader};
use csat_core::arrow::arrow_array::{RecordBatch, RecordBatchIterator};
use csat_core::arrow::arrow_schema::ArrowError;
use csat_core::arrow::{Held, Reading, long_table};
use csat_core::tally::{PushOptions, Tally};
use csat_core::{ErrorKind, Recipe};

use crate::error::{Done, Failure, csat_error, csat_status};
use crate::guard::{change, look};
use crate::input::{aligned, output};
use crate::report::csat_report;
use crate::tally::{csat_push_options, csat_tally, push_options};

/// The struct of the Arrow C stream interface; the host defines it.
pub type ArrowArrayStream = FFI_ArrowArrayStream;

fn trouble(e: &ArrowError) -> Failure {
    Failure::new(ErrorKind::BadValue.code(), format!("the Arrow stream: {e}"))
}

fn push(tally: &mut Tally<Recipe>, stream: RecordBatchStreamReader, options: PushOptions) -> Done {
    let reading = Reading::of(tally);
    // All of the stream or nothing of it: the pieces go to a tally of their own first.
    let mut delta = tally.empty_like();
    let mut options = options;
    for batch in stream {
        let batch: RecordBatch = batch.map_err(|e| trouble(&e))?;
        delta.push_piece(&Held::new(&batch, &reading)?.batch(), options)?;
        options.first_row += batch.num_rows();
    }
    Ok(tally.merge(&delta)?)
}

/// Counts all batches of an Arrow C stream. `options` may be NULL. On an error nothing is counted. The stream is taken
/// over and released before the call returns; if a pointer was refused its release callback is still set. Plain numbers
/// are seconds where a duration is wanted. Texts and dictionaries that the plan reads are checked; buffers and offsets
/// of other columns are not looked at.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_tally_push_arrow(
    tally: *mut csat_tally,
    stream: *mut ArrowArrayStream,
    options: *const csat_push_options,
    err: *mut csat_error,
) -> csat_status {
    change(tally, err, |handle| {
        if !aligned(stream) {
            return Err(Failure::pointer("stream", "is not an ArrowArrayStream"));
        }
        let options = push_options(options)?;
        let reader = unsafe { RecordBatchStreamReader::from_raw(stream) }.map_err(|e| trouble(&e))?;
        push(&mut handle.tally, reader, options)
    })
}

/// Gives the report as an Arrow C stream of one batch: the keys, `slot` where there are slots, `measure`, `part`,
/// `value`, `low`, `high`, `n`, `numerator`, `denominator`, `unit`, `reason`, `definition`. The host releases the stream;
/// it does not need the report any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_report_arrow(
    report: *const csat_report,
    stream: *mut ArrowArrayStream,
    err: *mut csat_error,
) -> csat_status {
    look(report, err, |handle| {
        let stream = output(stream, "stream")?;
        let table = long_table(&handle.report, handle.zone.as_deref())?;
        let schema = table.schema();
        stream.put(FFI_ArrowArrayStream::new(Box::new(RecordBatchIterator::new([Ok(table)], schema))));
        Ok(())
    })
}
