//! How contacts are handled.

mod handle_time;
mod transfer;

pub use handle_time::{HandlePart, HandleTime, Per};
pub use transfer::Transfer;
