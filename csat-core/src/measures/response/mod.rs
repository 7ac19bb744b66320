//! Whether customers are answered, called back and settled in time.

mod callbacks;
mod contact_rate;
mod containment;
mod missed_calls;
mod problems;
mod resolution;
mod response_time;
mod targets;

pub use callbacks::Callbacks;
pub use contact_rate::ContactRate;
pub use containment::{Containment, ContainmentRule};
pub use missed_calls::MissedCalls;
pub use problems::Problems;
pub use resolution::{FirstContactResolution, RepeatContact, ResolutionUnit};
pub use response_time::Response;
