//! Rules: one record becomes facts, pure and without memory.

mod closed;

pub mod abandonment;
pub mod batch;
pub mod definition;
pub mod duration;
pub mod exact;
pub mod explain;
pub mod form;
mod lanes;
pub mod level;
pub mod outcome;
mod policy;
pub mod presets;
pub mod response;
pub mod score;
pub mod scorecard;

pub use abandonment::AbandonmentPolicy;
pub use definition::Definition;
pub use outcome::Outcome;
