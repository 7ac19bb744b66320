//! Whether customers reach somebody, and how soon.

mod abandonment;
mod bands;
mod service_level;
mod speed_of_answer;
mod volume;
mod wait;

pub use abandonment::Abandonment;
pub use service_level::ServiceLevel;
pub use speed_of_answer::SpeedOfAnswer;
pub use volume::Volume;
pub use wait::{Population, Wait};
