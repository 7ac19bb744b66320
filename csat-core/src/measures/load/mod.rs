//! Ready-made counters: what a telephony system has already summed up by interval.

mod agent_time;
mod interval_counts;
mod sums;

pub use agent_time::AgentTime;
pub use interval_counts::IntervalCounts;
pub use sums::Ratio;
