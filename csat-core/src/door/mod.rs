//! The text door: every cold computation by name, a JSON request in, a JSON answer out.
//!
//! C and Python reach `stats`, `judge` and `workforce` through this closed list, so that no function is wrapped by
//! hand. A request names the function and its arguments; unknown arguments are refused with the nearest name;
//! an answer has a fixed field order, infinities as `"inf"` and `"-inf"`, and null for what does not exist.

mod call;
mod describe;
mod function;

mod index;
mod mean;
mod multinomial;
mod net;
mod quantile;
mod agreement;
mod drivers;
mod marks;
mod reliability;
mod share;
mod sketch;
mod special;
mod sum;

pub use call::{call, call_text, functions};
pub use describe::catalogue;
pub use function::{Answer, Arguments, Function, Parameter};

/// The parts of the door, one file each.
const PARTS: &[&[Function]] = &[
    agreement::FUNCTIONS,
    drivers::FUNCTIONS,
    index::FUNCTIONS,
    mean::FUNCTIONS,
    multinomial::FUNCTIONS,
    net::FUNCTIONS,
    quantile::FUNCTIONS,
    reliability::FUNCTIONS,
    share::FUNCTIONS,
    sketch::FUNCTIONS,
    special::FUNCTIONS,
    sum::FUNCTIONS,
];
