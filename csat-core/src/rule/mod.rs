//! Rules: one record becomes facts, pure and without memory.

mod closed;
mod lanes;
mod policy;

pub mod abandonment;
pub mod appeal;
pub mod batch;
pub mod definition;
pub mod duration;
pub mod exact;
pub mod explain;
pub mod form;
pub mod index;
pub mod level;
pub mod occupancy;
pub mod outcome;
pub mod presets;
pub mod quality;
pub mod response;
pub mod score;
pub mod scorecard;
pub mod survey;

pub use abandonment::AbandonmentPolicy;
pub use definition::Definition;
pub use outcome::Outcome;
