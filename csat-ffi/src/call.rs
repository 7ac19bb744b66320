//! The text door: every cold computation by name.

use std::ffi::c_char;

use csat_core::{door, explain};

use crate::error::{csat_error, csat_status};
use crate::guard::guard;
use crate::input::{output, text};
use crate::text::csat_text;

/// Runs a computation by name: statistics, comparisons, staffing. The request is a JSON object with `function` and its
/// arguments, the answer is JSON with a fixed order of fields; infinities are "inf" and "-inf", what does not exist is
/// null. The functions are listed by `csat_catalogue_json`. `length` may be `CSAT_NUL`.
///
///     csat_call("{\"function\": \"share.wilson\", \"successes\": 8, \"n\": 10}", CSAT_NUL, &answer, &err);
///
/// Threads: may be called from any number of threads at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_call(
    request: *const c_char,
    length: usize,
    out: *mut csat_text,
    err: *mut csat_error,
) -> csat_status {
    guard(err, || {
        let out = output(out, "out")?;
        out.put(csat_text::new(door::call_text(text(request, length, "request")?)?));
        Ok(())
    })
}

/// Explains in words the id of a number (`sl:offered:20s`, `nps:promoters`), or the name of a preset or of a measure.
/// `length` may be `CSAT_NUL`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_explain(
    definition: *const c_char,
    length: usize,
    out: *mut csat_text,
    err: *mut csat_error,
) -> csat_status {
    guard(err, || {
        let out = output(out, "out")?;
        out.put(csat_text::new(explain::explain(text(definition, length, "definition")?)?));
        Ok(())
    })
}
