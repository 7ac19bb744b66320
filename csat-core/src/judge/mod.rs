//! From estimates to decisions: did it change, and which unit stands out.

pub mod compare;
pub mod definitions;
pub mod line;
pub mod network;
pub mod unit;
