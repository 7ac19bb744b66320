//! What went wrong, told to C: a status, and a struct of the caller's for the message.

use std::any::Any;
use std::ffi::{CStr, c_char};

use csat_core::estimate::{Reason, Unit};
use csat_core::rule::Outcome;
use csat_core::rule::response::Verdict;
use csat_core::{Error, ErrorKind};

use crate::input::aligned;

/// 0 is success. 1 to 99 are the kinds of errors of the library; 100 and above are those of the C face.
pub type csat_status = i32;

/// Done.
pub const CSAT_STATUS_OK: csat_status = 0;
/// A pointer is NULL or misaligned where one is needed, or a length cannot be.
pub const CSAT_STATUS_BAD_POINTER: csat_status = 101;
/// The buffer is too short; the needed size was written.
pub const CSAT_STATUS_SHORT_BUFFER: csat_status = 102;
/// The library failed inside. The handle is poisoned: every further call with it fails, only its `_free` works.
pub const CSAT_STATUS_PANIC: csat_status = 103;
/// The handle was poisoned by an earlier `CSAT_STATUS_PANIC`.
pub const CSAT_STATUS_POISONED: csat_status = 104;

/// What went wrong. It belongs to the caller; begin with `CSAT_ERROR_INIT`. It is written only when a function fails.
#[repr(C)]
pub struct csat_error {
    /// `sizeof(csat_error)`; set by `CSAT_ERROR_INIT`.
    pub struct_size: u32,
    /// The status the function returned.
    pub status: csat_status,
    /// The row at fault, from 0; -1 where none is to blame.
    pub row: i64,
    /// The column at fault; empty where none is to blame.
    pub column: [c_char; 128],
    /// What happened, where, and what to do about it: UTF-8, cut where it is too long.
    pub message: [c_char; 1024],
}

/// The result inside the face.
pub(crate) type Done<T = ()> = Result<T, Failure>;

/// A failed call; boxed so that success costs nothing.
#[derive(Debug)]
pub(crate) struct Failure(Box<Trouble>);

#[derive(Debug)]
struct Trouble {
    status: csat_status,
    message: String,
    row: i64,
    column: String,
}

impl Failure {
    pub(crate) fn new(status: csat_status, message: impl Into<String>) -> Self {
        Self(Box::new(Trouble { status, message: message.into(), row: -1, column: String::new() }))
    }

    /// Says in which column it happened.
    pub(crate) fn in_column(mut self, name: &str) -> Self {
        name.clone_into(&mut self.0.column);
        self.at(&format!("column `{name}`"))
    }

    /// Says in which row it happened.
    pub(crate) fn in_row(mut self, row: usize) -> Self {
        self.0.row = row as i64;
        self.at(&format!("row {row}"))
    }

    /// Puts a place before the message.
    pub(crate) fn at(mut self, place: &str) -> Self {
        self.0.message = format!("{place}: {}", self.0.message);
        self
    }

    pub(crate) fn argument(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidArgument.code(), message)
    }

    pub(crate) fn pointer(name: &str, trouble: &str) -> Self {
        Self::new(CSAT_STATUS_BAD_POINTER, format!("`{name}` {trouble}"))
    }

    pub(crate) fn panic(payload: &(dyn Any + Send)) -> Self {
        let text = payload.downcast_ref::<&str>().copied();
        let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message");
        Self::new(CSAT_STATUS_PANIC, format!("csat failed inside, please report it: {text}"))
    }

    pub(crate) fn status(&self) -> csat_status {
        self.0.status
    }

    /// Writes the struct of the caller, if there is a usable one.
    pub(crate) fn write(&self, err: *mut csat_error) {
        // A struct that was not initialised has no size that could be trusted: nothing is written.
        if !aligned(err) || unsafe { (*err).struct_size } < size_of::<csat_error>() as u32 {
            return;
        }
        let err = unsafe { &mut *err };
        err.status = self.0.status;
        err.row = self.0.row;
        copy(&self.0.column, &mut err.column);
        copy(&self.0.message, &mut err.message);
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(Box::new(Trouble {
            status: error.kind().code(),
            row: error.context_value("row").and_then(|row| row.parse().ok()).unwrap_or(-1),
            column: error.context_value("column").unwrap_or_default().to_owned(),
            message: error.message().to_owned(),
        }))
    }
}

/// Copies text into a C buffer, cut between two characters where it is too long.
fn copy(text: &str, out: &mut [c_char]) {
    let mut end = text.len().min(out.len() - 1);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    for (to, from) in out.iter_mut().zip(&text.as_bytes()[..end]) {
        // A NUL inside would hide the rest.
        *to = if *from == 0 { b' ' as c_char } else { *from as c_char };
    }
    out[end] = 0;
}

/// The statuses of this face, with their names.
pub const FACE: [(csat_status, &CStr); 5] = [
    (CSAT_STATUS_OK, c"ok"),
    (CSAT_STATUS_BAD_POINTER, c"bad_pointer"),
    (CSAT_STATUS_SHORT_BUFFER, c"short_buffer"),
    (CSAT_STATUS_PANIC, c"panic"),
    (CSAT_STATUS_POISONED, c"poisoned"),
];

/// The name of a status, such as `bad_value`; `unknown` for a number that is none. Static text, never freed.
#[unsafe(no_mangle)]
pub extern "C" fn csat_status_name(status: csat_status) -> *const c_char {
    if let Some((_, name)) = FACE.iter().find(|(s, _)| *s == status) {
        return name.as_ptr();
    }
    let kind = ErrorKind::ALL.iter().position(|k| k.code() == status);
    kind.map_or(c"unknown".as_ptr(), |at| KIND_NAMES[at].as_ptr())
}

/// The name of an outcome class, such as `answered`; `unknown` for a number that is none. Static text, never freed.
#[unsafe(no_mangle)]
pub extern "C" fn csat_outcome_name(outcome: i32) -> *const c_char {
    let name = usize::try_from(outcome).ok().and_then(|at| OUTCOME_NAMES.get(at));
    name.map_or(c"unknown".as_ptr(), |name| name.as_ptr())
}

/// A name of a closed list as C sees it: Rust's texts do not end with NUL.
pub(crate) type StaticName = [c_char; 32];

/// Makes a static table of the names of a closed list, in its order.
macro_rules! names {
    ($table:ident, $list:ty) => {
        pub(crate) static $table: [StaticName; <$list>::ALL.len()] = {
            let mut table = [[0; 32]; <$list>::ALL.len()];
            let mut at = 0;
            while at < table.len() {
                table[at] = static_name(<$list>::ALL[at].name());
                at += 1;
            }
            table
        };
    };
}
names!(KIND_NAMES, ErrorKind);
names!(UNIT_NAMES, Unit);
names!(REASON_NAMES, Reason);
names!(OUTCOME_NAMES, Outcome);
names!(VERDICT_NAMES, Verdict);

const fn static_name(name: &str) -> StaticName {
    assert!(name.len() < 32, "a longer name needs a longer table");
    let mut text = [0; 32];
    let mut at = 0;
    while at < name.len() {
        text[at] = name.as_bytes()[at] as c_char;
        at += 1;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_cut_between_characters() {
        let mut buffer = [1 as c_char; 6];
        copy("абвг", &mut buffer); // two bytes each: two characters and the NUL fit
        assert_eq!(unsafe { CStr::from_ptr(buffer.as_ptr()) }.to_str(), Ok("аб"));
        copy("a\0b", &mut buffer);
        assert_eq!(unsafe { CStr::from_ptr(buffer.as_ptr()) }.to_str(), Ok("a b"));
    }

    #[test]
    fn tables_of_names_are_indexed_by_the_list() {
        assert!(Unit::ALL.iter().enumerate().all(|(at, unit)| *unit as usize == at));
        assert!(Reason::ALL.iter().enumerate().all(|(at, reason)| *reason as usize == at));
        assert!(Verdict::ALL.iter().enumerate().all(|(at, verdict)| *verdict as usize == at));
        assert!(Outcome::ALL.iter().enumerate().all(|(at, outcome)| *outcome as usize == at));
    }

    #[test]
    fn every_kind_has_a_status_below_100_and_a_name() {
        for kind in ErrorKind::ALL {
            assert!((1..100).contains(&kind.code()));
            let name = unsafe { CStr::from_ptr(csat_status_name(kind.code())) };
            assert_eq!(name.to_str(), Ok(kind.name()));
        }
        assert_eq!(unsafe { CStr::from_ptr(csat_status_name(-5)) }, c"unknown");
    }
}
