//! The measures, one file each, in folders by the manager's question.
//!
//! Most can be had alone from plain slices, without a plan: `of` gives the estimates in the order of
//! [`parts`](crate::Measure::parts), at 95 %. Instants and durations are microseconds; `i64::MIN` is missing.

mod alone;
pub(crate) mod quantiles;
pub(crate) mod times;

pub mod handling;
pub mod load;
pub mod quality;
pub mod reach;
pub mod response;
pub mod voice;

pub(crate) use alone::{
    answered, calendar_suffix, check_order, check_scale, check_width, contacts, fold_alone, json, parts_alone,
    read_calendar, read_duration, short_hash, time_between,
};
