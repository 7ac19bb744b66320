//! Load and people: how many contacts will come, when, and how many agents they need.

pub mod erlang;
pub mod factors;
pub mod forecast;
pub mod profile;
pub mod staffing;
