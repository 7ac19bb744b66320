//! How well an organisation serves its customers.
#![forbid(unsafe_code)]

pub mod door;
pub mod demo;
pub mod error;
pub mod record;
pub mod stats;

pub use error::{Error, ErrorKind, Result};
