//! What is simulated: options, and the fixed cast of queues, agents and dealers.

use chrono::FixedOffset;

use crate::error::{Error, Result};

pub(super) const SECOND: i64 = 1_000_000;
pub(super) const MINUTE: i64 = 60 * SECOND;
pub(super) const HALF_HOUR: i64 = 30 * MINUTE;
pub(super) const HOUR: i64 = 60 * MINUTE;
pub(super) const DAY: i64 = 24 * HOUR;

/// What is simulated.
#[derive(Clone, Debug, PartialEq)]
pub struct DemoOptions {
    /// The first local midnight, microseconds UTC. Default: Monday 2 March 2026 in Moscow.
    pub start: i64,
    /// The zone as minutes east of UTC. Default 180. Clock changes are not simulated.
    pub offset_minutes: i32,
    /// Days, 1 to 366. Default 7.
    pub days: u32,
    /// Calls in percent of the usual, 1 to 1000. Default 100, about three thousand a week.
    pub volume: u32,
    /// Hours of the local clock at which the centre opens and closes. Default 8 and 20. Saturday 10 to 16, within
    /// these; closed on Sunday.
    pub open: (u32, u32),
    /// Whole seconds, as Asterisk writes its log file (default), or microseconds.
    pub whole_seconds: bool,
}

impl Default for DemoOptions {
    fn default() -> Self {
        Self {
            start: 1_772_398_800 * SECOND,
            offset_minutes: 180,
            days: 7,
            volume: 100,
            open: (8, 20),
            whole_seconds: true,
        }
    }
}

pub(super) struct QueueKind {
    pub(super) name: &'static str,
    /// Calls in a half hour of weight 1.
    pub(super) rate: f64,
    /// Mean patience and longest wait, seconds.
    pub(super) patience: f64,
    pub(super) longest_wait: i64,
    /// Median talk time, seconds.
    pub(super) talk: f64,
    /// Where a call goes that waited too long.
    pub(super) overflow: Option<usize>,
}

pub(super) const QUEUES: [QueueKind; 3] = [
    QueueKind { name: "sales", rate: 9.0, patience: 180.0, longest_wait: 120, talk: 150.0, overflow: Some(1) },
    QueueKind { name: "support", rate: 12.0, patience: 300.0, longest_wait: 600, talk: 210.0, overflow: None },
    QueueKind { name: "billing", rate: 6.0, patience: 240.0, longest_wait: 600, talk: 170.0, overflow: None },
];

/// Each agent's queues, the skill that colours answers and evaluations, and whether the shift is the early one.
pub(super) const AGENTS: [(&str, &[usize], f64, bool); 12] = [
    ("PJSIP/201", &[0, 1], 0.5, true),
    ("PJSIP/202", &[0, 1], 0.1, false),
    ("PJSIP/203", &[0, 1], -0.2, true),
    ("PJSIP/204", &[0], 0.3, false),
    ("PJSIP/205", &[1, 2], 0.0, true),
    ("PJSIP/206", &[1, 2], 0.4, false),
    ("PJSIP/207", &[1, 2], -0.5, true),
    ("PJSIP/208", &[1], 0.2, false),
    ("PJSIP/209", &[1], -0.1, true),
    ("PJSIP/210", &[2, 0], 0.3, true),
    ("PJSIP/211", &[2, 0], -0.3, false),
    ("PJSIP/212", &[2, 1], 0.1, true),
];

pub(super) const DEALERS: [&str; 3] = ["North", "River", "Hill"];
pub(super) const REVIEWERS: [&str; 3] = ["reviewer-1", "reviewer-2", "reviewer-3"];
pub(super) const CONTACT_TYPES: [&str; 5] = ["first_call", "intermediate", "retention", "recommendation", "sale"];

/// Monday to Sunday.
pub(super) const WEEKDAYS: [f64; 7] = [1.25, 1.05, 1.0, 1.0, 0.95, 0.5, 0.0];

/// The shape of a day in half hours of the local clock, 00:00 to 24:00.
pub(super) const HALF_HOURS: [f64; 48] = [
    0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.2, 0.3, 0.6, 0.8, 1.1, 1.4, 1.6, 1.6, 1.4,
    1.2, 1.0, 0.9, 1.0, 1.1, 1.3, 1.4, 1.3, 1.2, 1.1, 1.0, 0.9, 0.8, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.1, 0.1, 0.1, 0.1,
    0.1, 0.1,
];

pub(super) fn check(options: &DemoOptions) -> Result<FixedOffset> {
    let DemoOptions { start, offset_minutes, days, volume, open: (opens, closes), .. } = *options;
    let zone =
        FixedOffset::east_opt(offset_minutes.saturating_mul(60)).filter(|_| (-840..=840).contains(&offset_minutes));
    let Some(zone) = zone else {
        return Err(Error::argument(format!("`offset_minutes` is {offset_minutes}; use -840 to 840 (14 hours)")));
    };
    if !(DAY..=4_000_000_000 * SECOND).contains(&start) || (start + i64::from(offset_minutes) * MINUTE) % DAY != 0 {
        let expected = "use the microseconds UTC of a local midnight from 1970 to 2096 in the zone of `offset_minutes`";
        return Err(Error::argument(format!("`start` is {start}; {expected}")));
    }
    if !(1..=366).contains(&days) || !(1..=1000).contains(&volume) {
        return Err(Error::argument(format!("`days` is {days} and `volume` {volume}; use 1 to 366 and 1 to 1000")));
    }
    if opens >= closes || closes > 24 {
        return Err(Error::argument(format!("`open` is {opens} to {closes}; use ascending hours from 0 to 24")));
    }
    Ok(zone)
}
