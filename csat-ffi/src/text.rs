//! Texts and bytes that csat hands out, version and closed lists.

use std::ffi::c_char;
use std::ptr;

use csat_core::door;

use crate::error::{CSAT_STATUS_SHORT_BUFFER, Done, Failure, csat_error, csat_status};
use crate::guard::guard;
use crate::input::{aligned, output, slice, text};

/// A text made by csat: UTF-8 with a NUL after its end. Begin with `CSAT_TEXT_INIT`, give it back with
/// `csat_text_free`, and change neither field. A function that fills it overwrites what was there.
#[repr(C)]
pub struct csat_text {
    /// The text; NULL before the first use and after freeing.
    pub data: *mut c_char,
    /// Its length in bytes, the NUL not counted.
    pub length: usize,
}

impl csat_text {
    pub(crate) fn new(text: String) -> Self {
        let mut bytes = text.into_bytes();
        let length = bytes.len();
        bytes.push(0);
        Self { data: Box::into_raw(bytes.into_boxed_slice()).cast(), length }
    }
}

/// Frees a text and sets it back to empty. NULL and empty texts are allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_text_free(text: *mut csat_text) {
    if !aligned(text) {
        return;
    }
    let text = unsafe { &mut *text };
    if !text.data.is_null() {
        let bytes = ptr::slice_from_raw_parts_mut(text.data.cast::<u8>(), text.length + 1);
        drop(unsafe { Box::from_raw(bytes) });
    }
    *text = csat_text { data: ptr::null_mut(), length: 0 };
}

/// Copies bytes into a buffer of the caller. The needed size is written even where the buffer is too short.
pub(crate) fn copy_out(bytes: &[u8], buffer: *mut u8, capacity: usize, size: *mut usize) -> Done {
    output(size, "size")?.put(bytes.len());
    if capacity < bytes.len() {
        let message = format!("the buffer has {capacity} bytes, {} are needed", bytes.len());
        return Err(Failure::new(CSAT_STATUS_SHORT_BUFFER, message));
    }
    slice(buffer, bytes.len(), "buffer")?;
    unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), buffer, bytes.len()) };
    Ok(())
}

/// The ABI: programs compiled for one number run with every library of the same number.
pub const CSAT_ABI_VERSION: u32 = 0;

/// The version of the library that runs, such as `0.1.0`. Static text, never freed.
#[unsafe(no_mangle)]
pub extern "C" fn csat_version() -> *const c_char {
    const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");
    VERSION.as_ptr().cast()
}

/// The ABI of the library that runs; compare it with `CSAT_ABI_VERSION` of the header.
#[unsafe(no_mangle)]
pub extern "C" fn csat_abi_version() -> u32 {
    CSAT_ABI_VERSION
}

/// Everything the library knows by name, as JSON: measures with their options and parts, definitions, forms, tables
/// and their columns, outcome classes, units, reasons, error kinds, functions of `csat_call`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_catalogue_json(out: *mut csat_text, err: *mut csat_error) -> csat_status {
    guard(err, || {
        let out = output(out, "out")?;
        out.put(csat_text::new(door::catalogue().to_string()));
        Ok(())
    })
}

/// Reads an instant in ISO 8601 with an offset, such as `2026-03-02T08:03:10+03:00` or `2026-03-02T05:03:10Z`, as
/// microseconds UTC. A text without an offset is an error, because a local time needs a zone. `length` may be
/// `CSAT_NUL`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_instant_parse(
    instant: *const c_char,
    length: usize,
    out: *mut i64,
    err: *mut csat_error,
) -> csat_status {
    guard(err, || {
        let out = output(out, "out")?;
        out.put(csat_core::time::instant::parse_instant(text(instant, length, "instant")?)?);
        Ok(())
    })
}

/// Makes the library fail inside, in builds with debug assertions only: for tests of what hosts then see.
#[allow(clippy::missing_panics_doc, reason = "the panic is what it is for, and the guard catches it")]
#[cfg(debug_assertions)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_test_panic(
    tally: *mut crate::tally::csat_tally,
    err: *mut csat_error,
) -> std::ffi::c_int {
    crate::guard::change(tally, err, |_| panic!("provoked by a test"))
}
