//! How well an organisation serves its customers.
#![forbid(unsafe_code)]

pub mod door;
pub mod error;
pub mod judge;
pub mod stats;
pub mod workforce;

pub use error::{Error, ErrorKind, Result};
