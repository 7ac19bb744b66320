//! How contacts are handled.

mod hand_offs;
mod handle_time;
mod transfer;

pub use hand_offs::HandOffs;
pub use handle_time::{HandlePart, HandleTime, Per};
pub use transfer::Transfer;
