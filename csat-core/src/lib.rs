//! How well an organisation serves its customers: counts first, definitions afterwards.
//!
//! ```text
//! records ──► links ──► rules ──► tallies ──► estimates ──► judgements
//! ```
//!
//! Contacts, survey answers and evaluations are folded into integer [`Tally`]s; a definition is applied only when a
//! tally is read. Counts, sums and ratios are therefore the same to the last bit for any order of rows, any
//! partition and any host language, and every [`Estimate`] says what it rests on and how sure it is.
#![forbid(unsafe_code)]

pub mod answer;
#[cfg(feature = "arrow")]
#[doc(hidden)]
pub mod arrow;
pub mod catalogue;
pub mod cells;
pub mod demo;
pub mod door;
pub mod error;
pub mod estimate;
pub mod explain;
pub mod histogram;
pub mod judge;
pub mod key;
pub mod link;
pub mod measure;
pub mod measures;
mod options;
pub mod record;
pub mod report;
pub mod rule;
mod simd;
pub mod stats;
pub mod tally;
mod text;
pub mod tickets;
pub mod time;
pub mod workforce;

pub use catalogue::Recipe;
pub use error::{Error, ErrorKind, Result};
pub use estimate::Estimate;
pub use measure::Measure;
pub use report::Report;
pub use tally::{Plan, Tally};

/// The examples of the README run.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
