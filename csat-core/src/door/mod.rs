//! The text door: every cold computation by name, a JSON request in, a JSON answer out.
//!
//! C and Python reach `stats`, `judge` and `workforce` through this closed list, so that no function is wrapped by
//! hand. A request names the function and its arguments; unknown arguments are refused with the nearest name;
//! an answer has a fixed field order, infinities as `"inf"` and `"-inf"`, and null for what does not exist.

mod call;
mod describe;
mod function;
mod when;

mod agreement;
mod charts;
mod compare;
mod drivers;
mod erlang;
mod forecast;
mod funnel;
mod index;
mod link;
mod marks;
mod mean;
mod multinomial;
mod multiple;
mod net;
mod network;
mod profile;
mod quality;
mod quantile;
mod rate;
mod reliability;
mod response;
mod rule;
mod share;
mod shrinkage;
mod sketch;
mod special;
mod staffing;
mod sum;
mod survey;
mod time;
mod units;

pub use crate::answer::Answer;
pub use call::{call, call_text, functions};
pub use describe::catalogue;
pub use function::{Arguments, Function, Parameter};

/// The parts of the door, one file each.
const PARTS: &[&[Function]] = &[
    agreement::FUNCTIONS,
    charts::FUNCTIONS,
    compare::FUNCTIONS,
    drivers::FUNCTIONS,
    erlang::FUNCTIONS,
    forecast::FUNCTIONS,
    funnel::FUNCTIONS,
    index::FUNCTIONS,
    link::FUNCTIONS,
    mean::FUNCTIONS,
    multinomial::FUNCTIONS,
    multiple::FUNCTIONS,
    net::FUNCTIONS,
    network::FUNCTIONS,
    profile::FUNCTIONS,
    quality::FUNCTIONS,
    quantile::FUNCTIONS,
    rate::FUNCTIONS,
    reliability::FUNCTIONS,
    response::FUNCTIONS,
    rule::FUNCTIONS,
    share::FUNCTIONS,
    shrinkage::FUNCTIONS,
    sketch::FUNCTIONS,
    special::FUNCTIONS,
    staffing::FUNCTIONS,
    sum::FUNCTIONS,
    survey::FUNCTIONS,
    time::FUNCTIONS,
];
