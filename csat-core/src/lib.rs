//! How well an organisation serves its customers.
#![forbid(unsafe_code)]

pub mod door;
pub mod error;
pub mod link;
pub mod rule;
pub mod stats;
mod text;
pub mod time;

pub use error::{Error, ErrorKind, Result};
