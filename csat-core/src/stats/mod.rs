//! Statistics of this field on plain numbers: no tables, no state. Raw scales ([−1, 1] for NPS).

pub mod index;
pub mod interval;
pub mod mean;
pub mod multinomial;
pub mod net;
pub mod quantile;
mod root;
pub mod agreement;
pub mod covariance;
pub mod drivers;
pub mod matrix;
pub mod quadrants;
pub mod reliability;
pub mod share;
pub mod sketch;
pub mod special;
pub mod sum;

pub use interval::Interval;
