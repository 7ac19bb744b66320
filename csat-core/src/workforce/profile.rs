//! The load profile: how contacts spread over the week and over the day.

use serde::Deserialize;

use crate::error::{Error, ErrorKind, Result};

/// The counts of one day, slot by slot.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Day {
    /// 1 for Monday to 7 for Sunday, local.
    pub weekday: u8,
    /// Contacts of each slot of the day; every day has the same slots.
    pub counts: Vec<u64>,
    /// A campaign, an outage, a holiday: set apart, so that it does not shape the usual day.
    #[serde(default)]
    pub event: bool,
}

/// The usual day of one weekday.
#[derive(Clone, Debug, PartialEq)]
pub struct WeekdayProfile {
    /// 1 for Monday to 7 for Sunday.
    pub weekday: u8,
    /// Days that were counted.
    pub days: u64,
    /// Contacts of those days.
    pub contacts: u64,
    /// Mean contacts a day.
    pub mean: f64,
    /// Mean contacts of each slot.
    pub slot_mean: Vec<f64>,
    /// Share of the day's contacts in each slot, as a ratio of sums; none where nothing came.
    pub share: Option<Vec<f64>>,
}

crate::answer_fields!(WeekdayProfile { weekday, days, contacts, mean, slot_mean, share });

/// Usual days by weekday, and the days set apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// Slots a day.
    pub slots: u64,
    /// Weekdays that occur, in order.
    pub weekdays: Vec<WeekdayProfile>,
    /// Days set apart as events.
    pub event_days: u64,
    /// Contacts on event days over what their weekdays usually bring; none without event days to compare.
    pub event_ratio: Option<f64>,
}

crate::answer_fields!(Profile { slots, weekdays, event_days, event_ratio });

/// The load profile by weekday and slot: sums over days divided by days or by sums, never a mean of shares.
///
/// Event days are left out of the usual days and reported as a ratio to them.
///
/// ```
/// use csat_core::workforce::profile::{Day, load_profile};
/// let day = |weekday, counts: &[u64], event| Day { weekday, counts: counts.to_vec(), event };
/// let p = load_profile(&[day(1, &[10, 30], false), day(1, &[30, 30], false), day(1, &[90, 60], true)])?;
/// assert_eq!(p.weekdays[0].slot_mean, [20.0, 30.0]);
/// assert_eq!(p.weekdays[0].share, Some(vec![0.4, 0.6]));
/// assert_eq!(p.event_ratio, Some(3.0));
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn load_profile(days: &[Day]) -> Result<Profile> {
    let slots = days.first().map_or(0, |day| day.counts.len());
    if slots == 0 {
        return Err(Error::argument("no days, or days without slots: at least one day with one slot is needed"));
    }
    for (i, day) in days.iter().enumerate() {
        if !(1..=7).contains(&day.weekday) {
            let weekday = day.weekday;
            return Err(Error::argument(format!("day {}: weekday {weekday}; 1 is Monday, 7 is Sunday", i + 1)));
        }
        check_slots(i, day.counts.len(), slots)?;
    }
    let mut weekdays = Vec::new();
    for weekday in 1..=7 {
        let usual = days.iter().filter(|d| d.weekday == weekday && !d.event);
        let count = usual.clone().count() as u64;
        if count > 0 {
            let sums = column_sums(usual.map(|d| d.counts.as_slice()), slots)?;
            let contacts = total(&sums)?;
            weekdays.push(WeekdayProfile {
                weekday,
                days: count,
                contacts,
                mean: contacts as f64 / count as f64,
                slot_mean: sums.iter().map(|s| *s as f64 / count as f64).collect(),
                share: shares(&sums, contacts),
            });
        }
    }
    let usual = |weekday: u8| weekdays.iter().find(|w| w.weekday == weekday).map(|w| w.mean);
    let (mut came, mut expected) = (0.0, 0.0);
    for day in days.iter().filter(|d| d.event) {
        if let Some(mean) = usual(day.weekday) {
            came += total(&day.counts)? as f64;
            expected += mean;
        }
    }
    Ok(Profile {
        slots: slots as u64,
        event_days: days.iter().filter(|d| d.event).count() as u64,
        event_ratio: (expected > 0.0).then(|| came / expected),
        weekdays,
    })
}

/// The spread of a day over its slots.
#[derive(Clone, Debug, PartialEq)]
pub struct Intraday {
    /// Share of each slot as a ratio of sums: busy days weigh more, as they should.
    pub share: Vec<f64>,
    /// Mean of the days' shares: a quiet day weighs as much as a busy one. Only to reproduce somebody's figures.
    pub mean_of_shares: Vec<f64>,
    /// The expected total spread by `share`; none without a total.
    pub allocated: Option<Vec<f64>>,
}

crate::answer_fields!(Intraday { share, mean_of_shares, allocated });

/// The intraday profile of days with equal slots, and an expected daily total spread by it.
///
/// Undefined where a day has no contacts at all: leave closed days out.
///
/// ```
/// let p = csat_core::workforce::profile::intraday(&[vec![10, 30], vec![20, 40]], Some(200.0))?;
/// assert_eq!(p.share, [0.3, 0.7]);
/// assert_eq!(p.allocated, Some(vec![60.0, 140.0]));
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn intraday(counts: &[Vec<u64>], daily_total: Option<f64>) -> Result<Intraday> {
    let slots = counts.first().map_or(0, Vec::len);
    if slots == 0 {
        return Err(Error::argument("no days, or days without slots: at least one day with one slot is needed"));
    }
    let mut mean_of_shares = vec![0.0; slots];
    for (i, day) in counts.iter().enumerate() {
        check_slots(i, day.len(), slots)?;
        let sum = total(day)?;
        if sum == 0 {
            return Err(Error::undefined(format!("day {} has no contacts and so no shares; leave it out", i + 1)));
        }
        for (mean, count) in mean_of_shares.iter_mut().zip(day) {
            *mean += *count as f64 / sum as f64 / counts.len() as f64;
        }
    }
    let sums = column_sums(counts.iter().map(Vec::as_slice), slots)?;
    let share = shares(&sums, total(&sums)?).unwrap_or_default();
    let allocated = daily_total.map(|total| allocate(total, &share)).transpose()?;
    Ok(Intraday { share, mean_of_shares, allocated })
}

/// Spreads a total over slots by their shares; the shares must be fractions with a sum of one.
pub fn allocate(total: f64, shares: &[f64]) -> Result<Vec<f64>> {
    if !(total >= 0.0 && total.is_finite()) {
        return Err(Error::argument(format!("the total must be zero or more, not {total}")));
    }
    let sum: f64 = shares.iter().sum();
    if shares.iter().any(|s| !(0.0..=1.0).contains(s)) || (sum - 1.0).abs() > 1e-6 {
        return Err(Error::argument(format!("the shares must be fractions that add up to 1, not to {sum}")));
    }
    Ok(shares.iter().map(|share| total * share).collect())
}

fn shares(sums: &[u64], total: u64) -> Option<Vec<f64>> {
    (total > 0).then(|| sums.iter().map(|s| *s as f64 / total as f64).collect())
}

fn column_sums<'a>(days: impl Iterator<Item = &'a [u64]>, slots: usize) -> Result<Vec<u64>> {
    let mut sums = vec![0u64; slots];
    for day in days {
        for (sum, count) in sums.iter_mut().zip(day) {
            *sum = sum.checked_add(*count).ok_or_else(overflow)?;
        }
    }
    Ok(sums)
}

fn total(counts: &[u64]) -> Result<u64> {
    counts.iter().try_fold(0u64, |sum, count| sum.checked_add(*count)).ok_or_else(overflow)
}

fn overflow() -> Error {
    Error::new(ErrorKind::Overflow, "the sum of the contacts exceeds 64 bits")
}

fn check_slots(i: usize, found: usize, slots: usize) -> Result<()> {
    if found == slots {
        return Ok(());
    }
    Err(Error::argument(format!("day {} has {found} slots, day 1 has {slots}; all days need the same slots", i + 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(weekday: u8, counts: &[u64], event: bool) -> Day {
        Day { weekday, counts: counts.to_vec(), event }
    }

    #[test]
    fn pooled_is_not_the_mean_of_shares() {
        // 1 of 4 and 75 of 100: pooled 76/104, mean of shares (0.25 + 0.75)/2.
        let p = intraday(&[vec![1, 3], vec![75, 25]], None).unwrap();
        assert_eq!((p.share[0], p.mean_of_shares[0], p.allocated), (76.0 / 104.0, 0.5, None));
    }

    #[test]
    fn weekdays_without_days_are_left_out_and_empty_days_count() {
        let p = load_profile(&[day(7, &[0, 0], false), day(3, &[2, 2], false), day(3, &[0, 4], false)]).unwrap();
        assert_eq!(p.weekdays.iter().map(|w| w.weekday).collect::<Vec<_>>(), [3, 7]);
        assert_eq!((p.weekdays[0].mean, p.weekdays[1].mean), (4.0, 0.0));
        assert_eq!((p.weekdays[1].share.as_ref(), p.event_ratio), (None, None));
    }

    #[test]
    fn wrong_days_are_named() {
        let uneven = load_profile(&[day(1, &[1], false), day(1, &[1, 2], false)]).unwrap_err();
        assert_eq!(uneven.message(), "day 2 has 2 slots, day 1 has 1; all days need the same slots");
        assert!(load_profile(&[]).is_err() && load_profile(&[day(0, &[1], false)]).is_err());
        assert!(load_profile(&[day(1, &[u64::MAX, 1], false)]).is_err());
        assert!(intraday(&[vec![0, 0]], None).is_err() && intraday(&[vec![1]], Some(f64::NAN)).is_err());
        assert!(allocate(10.0, &[0.5, 0.6]).is_err() && allocate(10.0, &[f64::NAN]).is_err());
    }
}
