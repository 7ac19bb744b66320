//! Statistics of this field on plain numbers: no tables, no state. Raw scales ([−1, 1] for NPS).

pub mod agreement;
pub mod covariance;
pub mod drivers;
pub mod interval;
pub mod matrix;
pub mod quadrants;
pub mod reliability;
pub mod share;
pub mod special;

pub use interval::Interval;
