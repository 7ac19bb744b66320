//! Tallies: rows of integers per group.

mod event;
mod groups;
mod plan;
mod read;
mod repeats;
mod save;
mod state;

pub use crate::key::KeyValue;
pub use event::EventFeed;
pub use plan::Plan;
pub use repeats::Repeats;
pub use save::FORMAT_VERSION;
pub use state::{BadRows, PushOptions, SetAside, Tally};
