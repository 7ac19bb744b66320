//! Statistics of this field on plain numbers: no tables, no state. Raw scales ([−1, 1] for NPS).

pub mod agreement;
pub mod charts;
pub mod covariance;
pub mod drivers;
pub mod funnel;
pub mod index;
pub mod interval;
pub mod matrix;
pub mod mean;
pub mod multinomial;
pub mod multiple;
pub mod net;
pub mod quadrants;
pub mod quantile;
pub mod rate;
pub mod reliability;
mod root;
pub mod share;
pub mod shrinkage;
pub mod sketch;
pub mod special;
pub mod sum;

pub use interval::Interval;
