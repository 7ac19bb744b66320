//! Ratios given as counts, and waits of a whole batch: `ratio.*`, `service_level.*`, `abandonment.*`.

use super::when::duration;
use crate::error::{Error, Result};
use crate::functions;
use crate::rule::abandonment::{Containment, MenuStage};
use crate::rule::batch::{self, RollUp};
use crate::rule::definition::{Comparator, EmptyAs};
use crate::rule::level::Ratio;

functions! {
    /// The ratio of several intervals, given as pairs of numerator and denominator. `rule`: `ratio_of_sums`, or
    /// `mean_of_ratios` to reproduce somebody's dashboard only (a quiet night weighs as much as a busy noon). `empty`
    /// says what an interval of nothing enters such a mean as: `null` (it is skipped), `zero` or `one`.
    #[example = r#"{"intervals": [[8, 10], [45, 90]]}"#]
    "ratio.roll_up" (
        intervals: Vec<(u64, u64)>, rule: String = "ratio_of_sums".to_owned(), empty: String = "null".to_owned(),
    ) => roll_up(&intervals, &rule, &empty);
    /// The value of one ratio as it is shown: where the denominator is zero, null, 0 or 1 by `empty` (`null`, `zero`,
    /// `one`). For display only; nothing is built from what is shown.
    #[example = r#"{"numerator": 0, "denominator": 0, "empty": "one"}"#]
    "ratio.show" (numerator: u64, denominator: u64, empty: String = "null".to_owned()) =>
        EmptyAs::from_name(&empty).map(|empty| empty.show(Ratio::new(numerator, denominator).value()));
    /// Waits (seconds) of answered contacts within a threshold, after the longest share `trim_top` of them was dropped.
    /// Needs all waits at once, so it is a function of a batch and no measure.
    #[example = r#"{"waits": [5, 10, 15, 90], "threshold": 20, "trim_top": 0.25}"#]
    "service_level.trimmed" (
        waits: Vec<f64>, threshold: f64, comparator: String = "<=".to_owned(), trim_top: f64 = 0.0,
    ) => trimmed(&waits, threshold, &comparator, trim_top);
    /// Asterisk's `holdtime` after each answered call, in whole seconds: an integer exponential average, not a mean.
    #[example = r#"{"waits": [20, 40, 10]}"#]
    "speed_of_answer.asterisk_holdtime" (waits: Vec<i64>) => batch::asterisk_holdtime(&waits);
    /// A menu (IVR) before the queue, from counts: abandoned in the queue (of queued), anywhere and before the queue (of
    /// entered), and contained in the menu by three rules. Each is numerator, denominator and value.
    #[example = r#"{"entered": 100, "hung_up": 10, "self_served": 30, "queued": 60, "abandoned": 6}"#]
    "abandonment.menu_stage" (
        entered: u64, hung_up: u64, self_served: u64, queued: u64, abandoned: u64, repeated: u64 = 0,
    ) => menu(&MenuStage { entered, hung_up, self_served, repeated, queued, abandoned });
}

/// A ratio with its counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Shown {
    pub numerator: u64,
    pub denominator: u64,
    pub value: Option<f64>,
}

crate::answer_fields!(Shown { numerator, denominator, value });

impl From<Ratio> for Shown {
    fn from(ratio: Ratio) -> Self {
        Self { numerator: ratio.numerator, denominator: ratio.denominator, value: ratio.value() }
    }
}

fn roll_up(intervals: &[(u64, u64)], rule: &str, empty: &str) -> Result<Shown> {
    let parts: Vec<Ratio> = intervals.iter().map(|(hits, counted)| Ratio::new(*hits, *counted)).collect();
    if let Some(row) = parts.iter().position(|part| part.numerator > part.denominator) {
        return Err(Error::argument(format!("interval {row}: the numerator exceeds the denominator")).with("row", row));
    }
    let value = batch::roll_up(&parts, RollUp::from_name(rule)?, EmptyAs::from_name(empty)?)?;
    Ok(Shown { value, ..batch::sum(&parts)?.into() })
}

fn trimmed(waits: &[f64], threshold: f64, comparator: &str, trim_top: f64) -> Result<Shown> {
    let waits: Vec<i64> = waits.iter().map(|wait| duration("waits", *wait)).collect::<Result<_>>()?;
    let (threshold, comparator) = (duration("threshold", threshold)?, Comparator::from_name(comparator)?);
    batch::service_level_trimmed(&waits, threshold, comparator, trim_top).map(Shown::from)
}

/// Every reading of a menu.
struct Menu {
    abandoned_in_queue: Shown,
    abandoned_anywhere: Shown,
    abandoned_before_queue: Shown,
    not_queued: Shown,
    completed: Shown,
    completed_no_repeat: Shown,
}

crate::answer_fields!(Menu {
    abandoned_in_queue,
    abandoned_anywhere,
    abandoned_before_queue,
    not_queued,
    completed,
    completed_no_repeat,
});

fn menu(stage: &MenuStage) -> Result<Menu> {
    Ok(Menu {
        abandoned_in_queue: stage.abandoned_in_queue()?.into(),
        abandoned_anywhere: stage.abandoned_anywhere()?.into(),
        abandoned_before_queue: stage.abandoned_before_queue()?.into(),
        not_queued: stage.contained(Containment::NotQueued)?.into(),
        completed: stage.contained(Containment::Completed)?.into(),
        completed_no_repeat: stage.contained(Containment::CompletedNoRepeat)?.into(),
    })
}
