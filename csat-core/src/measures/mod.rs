//! The measures, one file each, in folders by the manager's question.

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
    calendar_suffix, check_order, check_scale, check_width, fold_alone, json, read_calendar, read_duration, short_hash,
    time_between,
};
