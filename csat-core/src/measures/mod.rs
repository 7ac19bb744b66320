//! The measures, one file each, in folders by the manager's question.

mod alone;
pub(crate) mod quantiles;

pub mod handling;
pub mod quality;
pub mod reach;
pub mod voice;

pub(crate) use alone::{check_scale, check_width, fold_alone};
