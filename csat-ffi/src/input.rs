//! Checks of what C hands over: pointers, lengths, texts, sizes of structs.

use std::ffi::{CStr, c_char};

use csat_core::ErrorKind;

use crate::error::{Done, Failure};

/// As a length: the text ends with NUL.
pub const CSAT_NUL: usize = usize::MAX;

/// Whether a pointer can be used: neither NULL nor misaligned.
#[inline]
pub(crate) fn aligned<T>(pointer: *const T) -> bool {
    !pointer.is_null() && pointer.is_aligned()
}

/// A struct or value that the caller passes by pointer.
#[inline]
pub(crate) fn input<'a, T>(pointer: *const T, name: &str) -> Done<&'a T> {
    if aligned(pointer) { Ok(unsafe { &*pointer }) } else { Err(trouble(pointer, name)) }
}

#[cold]
fn trouble<T>(pointer: *const T, name: &str) -> Failure {
    Failure::pointer(name, if pointer.is_null() { "is NULL" } else { "is misaligned" })
}

/// Where an output goes; it is written only when everything else succeeded.
pub(crate) struct Output<T>(*mut T);

impl<T> Output<T> {
    pub(crate) fn put(self, value: T) {
        unsafe { self.0.write(value) };
    }
}

pub(crate) fn output<T>(pointer: *mut T, name: &str) -> Done<Output<T>> {
    if aligned(pointer) { Ok(Output(pointer)) } else { Err(trouble(pointer, name)) }
}

/// An array. NULL is allowed where the count is 0.
#[inline]
pub(crate) fn slice<'a, T>(pointer: *const T, count: usize, name: &str) -> Done<&'a [T]> {
    if count == 0 {
        return Ok(&[]);
    }
    if !aligned(pointer) {
        return Err(trouble(pointer, name));
    }
    if count > isize::MAX as usize / size_of::<T>().max(1) {
        return Err(Failure::pointer(name, &format!("cannot have {count} elements")));
    }
    Ok(unsafe { std::slice::from_raw_parts(pointer, count) })
}

/// A UTF-8 text of a length, or up to its NUL where the length is [`CSAT_NUL`].
pub(crate) fn text<'a>(pointer: *const c_char, length: usize, name: &str) -> Done<&'a str> {
    let bytes = if length == CSAT_NUL {
        if pointer.is_null() {
            return Err(trouble(pointer, name));
        }
        unsafe { CStr::from_ptr(pointer) }.to_bytes()
    } else {
        slice(pointer.cast::<u8>(), length, name)?
    };
    utf8(bytes, name)
}

pub(crate) fn utf8<'a>(bytes: &'a [u8], name: &str) -> Done<&'a str> {
    std::str::from_utf8(bytes).map_err(|e| {
        let message = format!("`{name}` is not UTF-8: byte {} cannot be there", e.valid_up_to());
        Failure::new(ErrorKind::BadText.code(), message)
    })
}

/// A list of texts that end with NUL.
pub(crate) fn texts<'a>(pointer: *const *const c_char, count: usize, name: &str) -> Done<Vec<&'a str>> {
    slice(pointer, count, name)?.iter().map(|p| text(*p, CSAT_NUL, name)).collect()
}

/// Checks the size that a struct says it has.
#[inline]
pub(crate) fn check_size<T>(given: u32, name: &str) -> Done {
    if given as usize == size_of::<T>() { Ok(()) } else { Err(wrong_size::<T>(given, name)) }
}

#[cold]
fn wrong_size<T>(given: u32, name: &str) -> Failure {
    let known = size_of::<T>();
    let why = if (given as usize) < known {
        "initialise it with its _INIT macro"
    } else {
        "the program was compiled for a newer csat than the one it runs with"
    };
    Failure::argument(format!("`{name}` says struct_size {given}, this csat knows {known}: {why}"))
}
