//! How well an organisation serves its customers.
#![forbid(unsafe_code)]

pub mod door;
pub mod error;
pub mod rule;
pub mod stats;

pub use error::{Error, ErrorKind, Result};
