//! How well contacts were handled, as reviewers see it.

mod scorecard;

pub use scorecard::{CardPart, Scorecard};
