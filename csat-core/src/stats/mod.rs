//! Statistics of this field on plain numbers: no tables, no state. Raw scales ([−1, 1] for NPS).

pub mod interval;
mod root;
pub mod share;
pub mod special;

pub use interval::Interval;
