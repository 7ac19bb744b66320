//! Rules: one record becomes facts, pure and without memory: outcome class and wait band, service level, abandonment.

mod closed;

pub mod abandonment;
pub mod batch;
pub mod definition;
pub mod duration;
pub mod level;
pub mod outcome;
mod policy;
pub mod presets;

pub use abandonment::AbandonmentPolicy;
pub use definition::Definition;
pub use outcome::Outcome;
