//! Whether customers reach somebody, and how soon.

mod speed_of_answer;
mod volume;
mod wait;

pub use speed_of_answer::SpeedOfAnswer;
pub use volume::Volume;
pub use wait::{Population, Wait};
