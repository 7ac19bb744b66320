//! The C face of csat: `libcsat` and `csat.h`.
//!
//! Thin on purpose. Every function here checks what C hands over, calls `csat-core` and turns the result into a status
//! and outputs; it knows no measure by name. The contract that all functions follow is one page, `docs/C-CONTRACT.md`.
//! The documentation of the functions is written for C and appears in the header, which a test regenerates.
//!
//! Ground: [`error`], [`guard`], `input`. Above it one file for each C noun.
#![allow(unsafe_code, reason = "a C boundary reads and writes through the pointers it is given")]
#![allow(non_camel_case_types, reason = "the types have the names they have in C")]
#![allow(clippy::missing_safety_doc, reason = "one contract for all functions: docs/C-CONTRACT.md")]

#[cfg(not(panic = "unwind"))]
compile_error!("libcsat turns panics into CSAT_STATUS_PANIC; build it with panic = \"unwind\"");

pub mod error;
pub mod guard;
pub mod input;

pub mod arrow;
pub mod calendar;
pub mod call;
pub mod column;
pub mod event;
pub mod form;
pub mod queue_log;
pub mod report;
pub mod sla;
pub mod tally;
pub mod text;
