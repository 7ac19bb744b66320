//! Rules: one record in, facts out; pure and without memory.

pub mod appeal;
pub mod exact;
pub mod explain;
pub mod form;
pub mod index;
mod lanes;
pub mod quality;
pub mod score;
pub mod scorecard;
pub mod survey;
