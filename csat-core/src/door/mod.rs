//! The text door: every cold computation by name, a JSON request in, a JSON answer out.
//!
//! C and Python reach `stats`, `judge` and `workforce` through this closed list, so that no function is wrapped by
//! hand. A request names the function and its arguments; unknown arguments are refused with the nearest name;
//! an answer has a fixed field order, infinities as `"inf"` and `"-inf"`, and null for what does not exist.

mod call;
mod function;

mod charts;
mod compare;
mod erlang;
mod forecast;
mod funnel;
mod multiple;
mod network;
mod profile;
mod share;
mod shrinkage;
mod staffing;

pub use call::{call, call_text, functions};
pub use function::{Answer, Arguments, Function, Parameter};

/// The parts of the door, one file each.
const PARTS: &[&[Function]] = &[
    charts::FUNCTIONS,
    compare::FUNCTIONS,
    erlang::FUNCTIONS,
    forecast::FUNCTIONS,
    funnel::FUNCTIONS,
    multiple::FUNCTIONS,
    network::FUNCTIONS,
    profile::FUNCTIONS,
    share::FUNCTIONS,
    shrinkage::FUNCTIONS,
    staffing::FUNCTIONS,
];
