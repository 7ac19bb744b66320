//! What customers say.

mod nps;
mod satisfaction;
mod satisfaction_index;

pub use nps::{Nps, NpsReading};
pub use satisfaction::Satisfaction;
pub use satisfaction_index::{Importance, IndexPart, Question, SatisfactionIndex};
