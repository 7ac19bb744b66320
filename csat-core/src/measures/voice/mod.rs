//! What customers say.

mod followup;
mod nps;
mod satisfaction;
mod satisfaction_index;
mod survey_funnel;

pub use followup::Followup;
pub use nps::{Nps, NpsReading};
pub use satisfaction::Satisfaction;
pub use satisfaction_index::{Importance, IndexPart, Question, SatisfactionIndex};
pub use survey_funnel::SurveyFunnel;
