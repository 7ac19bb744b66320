//! Statistics of this field on plain numbers: no tables, no state. Raw scales ([−1, 1] for NPS).

pub mod charts;
pub mod funnel;
pub mod interval;
pub mod multiple;
pub mod share;
pub mod shrinkage;
pub mod special;

pub use interval::Interval;
