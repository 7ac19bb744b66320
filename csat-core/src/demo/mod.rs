//! A simulated contact centre: one week of calls with the truth known.
//!
//! Three queues, twelve agents on two shifts, three dealers. Calls arrive at random by weekday and half hour, ring at
//! the agent who has been idle longest, wait first in, first out; callers hang up when their patience (exponential)
//! ends, press a key, or are timed out (from `sales` on to `support`: a second visit of the same call). Talk times
//! are lognormal. Some answer a survey, some calls are evaluated. The same seed and options give the same bytes on
//! every platform: the generator is `SplitMix64`, logarithm and exponential are those of `libm`.
//!
//! The data are for demonstrations and for tests: [`Truth`] is counted by the simulator as it goes, not read back from
//! its texts. No person, number or organisation in them exists.

mod centre;
mod options;
mod random;
mod run;
mod tables;
mod truth;

pub use options::DemoOptions;
pub use run::{Demo, simulate};
pub use truth::{QueueTruth, SurveyTruth, Truth};
