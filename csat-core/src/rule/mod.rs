//! Rules: one record in, facts out; pure and without memory.

pub mod exact;
pub mod explain;
pub mod form;
mod lanes;
pub mod score;
pub mod scorecard;
