//! Slots: the half hours, days and months into which results are laid.
//!
//! A slot is named by the UTC instant of its start. Slots of up to an hour are aligned to local time and cut where the
//! offset changes, so the hour that an autumn night has twice is two slots. Longer ones run between local times: from
//! the first instant of one to the first instant of the next, whatever real time lies between.

use std::fmt;
use std::str::FromStr;

use super::instant::{DAY, END_INSTANT, FIRST_INSTANT, HOUR, MINUTE, MISSING, check_date, civil_from_days, weekday};
use super::zone::{OffsetSpan, Pick, Zone};
use crate::error::{Error, ErrorKind, Result};

/// The length of a slot: minutes or hours that divide a day, a day, a week from Monday or a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Every(Length);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Length {
    Minutes(i64),
    Day,
    Week,
    Month,
}

impl Every {
    /// A local date.
    pub const DAY: Every = Every(Length::Day);
    /// A week of local dates from Monday.
    pub const WEEK: Every = Every(Length::Week);
    /// A month of local dates.
    pub const MONTH: Every = Every(Length::Month);

    /// Slots of some minutes, which must divide a day (1,440 minutes), so that every local date holds whole slots.
    pub fn minutes(minutes: i64) -> Result<Every> {
        match minutes {
            1_440 => Ok(Every::DAY),
            1..1_440 if 1_440 % minutes == 0 => Ok(Every(Length::Minutes(minutes))),
            _ => Err(Error::argument(format!(
                "slots of {minutes} minutes do not fill a day evenly; use a divisor of 1440 such as 15m, 30m, 1h or 4h"
            ))),
        }
    }

    /// Whether each slot of this length lies in exactly one slot of the other, so that counts may be rolled up.
    ///
    /// ```
    /// use csat_core::time::Every;
    /// assert!(Every::minutes(30)?.fits_in(Every::DAY));
    /// assert!(!Every::WEEK.fits_in(Every::MONTH));
    /// # Ok::<(), csat_core::Error>(())
    /// ```
    pub fn fits_in(self, coarser: Every) -> bool {
        match (self.0, coarser.0) {
            (Length::Minutes(a), Length::Minutes(b)) => b % a == 0,
            (Length::Minutes(_), _) | (Length::Day, Length::Day | Length::Week | Length::Month) => true,
            (a, b) => a == b,
        }
    }

    /// Whether a slot is a whole number of local dates, so that a date alone has a slot.
    pub fn is_whole_dates(self) -> bool {
        !matches!(self.0, Length::Minutes(_))
    }

    /// The slot of a local time, as local start and end.
    fn around(self, local: i64) -> (i64, i64) {
        let days = local.div_euclid(DAY);
        match self.0 {
            Length::Minutes(minutes) => {
                let size = minutes * MINUTE;
                let start = local - local.rem_euclid(size);
                (start, start + size)
            }
            Length::Day => (days * DAY, (days + 1) * DAY),
            Length::Week => {
                let monday = days - weekday(days) as i64;
                (monday * DAY, (monday + 7) * DAY)
            }
            Length::Month => {
                let (year, month, day) = civil_from_days(days);
                let first = days - day + 1;
                (first * DAY, (first + month_length(year, month)) * DAY)
            }
        }
    }

    /// Up to an hour: cut where the offset changes.
    fn is_short(self) -> bool {
        matches!(self.0, Length::Minutes(minutes) if minutes * MINUTE <= HOUR)
    }
}

fn month_length(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl fmt::Display for Every {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Length::Minutes(minutes) if minutes % 60 == 0 => write!(f, "{}h", minutes / 60),
            Length::Minutes(minutes) => write!(f, "{minutes}m"),
            Length::Day => f.write_str("1d"),
            Length::Week => f.write_str("1w"),
            Length::Month => f.write_str("1mo"),
        }
    }
}

impl FromStr for Every {
    type Err = Error;

    /// Reads `30m`, `1h`, `1d`, `1w` or `1mo`.
    fn from_str(text: &str) -> Result<Every> {
        let text = text.trim();
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let number = text[..digits].parse::<i64>().ok().filter(|n| (1..=1_440).contains(n));
        match (number, &text[digits..]) {
            (Some(minutes), "m" | "min") => Every::minutes(minutes),
            (Some(hours), "h") => Every::minutes(hours * 60),
            (Some(1), "d") => Ok(Every::DAY),
            (Some(1), "w") => Ok(Every::WEEK),
            (Some(1), "mo") => Ok(Every::MONTH),
            _ => Err(Error::new(
                ErrorKind::BadText,
                format!(
                    "`{text}` is not a slot: use minutes or hours that divide a day (15m, 30m, 1h, 4h), 1d, 1w or 1mo"
                ),
            )),
        }
    }
}

/// Finds the slot of instants in a zone. It keeps the slot it found last: rows in order of time cost one comparison,
/// others a few integer operations.
///
/// ```
/// use csat_core::time::{Every, SlotFinder, Zone, instant::{format_utc, parse_instant}};
/// let mut days = SlotFinder::new(Every::DAY, Zone::new("Europe/Moscow")?);
/// let start = days.start_of(parse_instant("2024-03-01T18:40+03:00")?);
/// assert_eq!(format_utc(start), "2024-02-29T21:00:00Z");
/// assert_eq!(format_utc(days.end_of(start)), "2024-03-01T21:00:00Z");
/// # Ok::<(), csat_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct SlotFinder {
    every: Every,
    zone: Zone,
    start: i64,
    end: i64,
    span: OffsetSpan,
}

impl SlotFinder {
    /// A finder of slots of a length in a zone.
    pub fn new(every: Every, zone: Zone) -> SlotFinder {
        let span = zone.span_at(0);
        SlotFinder { every, zone, start: 0, end: 0, span }
    }

    /// The length of the slots.
    pub fn every(&self) -> Every {
        self.every
    }

    /// The zone of the slots.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The start of the slot that holds an instant. [`MISSING`] and instants outside 1900 to 2200 have no slot: the
    /// answer is [`MISSING`].
    #[inline]
    pub fn start_of(&mut self, instant: i64) -> i64 {
        if self.start <= instant && instant < self.end { self.start } else { self.find(instant) }
    }

    /// The end of the slot that holds an instant, usually given its start: the start of the next slot.
    pub fn end_of(&mut self, start: i64) -> i64 {
        if self.start_of(start) == MISSING { MISSING } else { self.end }
    }

    /// The start of the slot of a local date (days since 1970-01-01). Slots shorter than a day are refused, because a
    /// date has no time of day.
    pub fn slot_of_date(&mut self, days: i64) -> Result<i64> {
        if !self.every.is_whole_dates() {
            return Err(Error::argument(format!(
                "a date has no time of day, so it has no slot of {}; use 1d, 1w or 1mo, or give instants",
                self.every
            )));
        }
        check_date(days)?;
        let start = self.zone.start_of_date(days);
        Ok(self.start_of(start.max(FIRST_INSTANT)))
    }

    /// The local dates (days since 1970-01-01) of a slot of whole dates that starts here.
    pub(crate) fn dates_of(&mut self, start: i64) -> std::ops::Range<i64> {
        let end = self.end_of(start);
        if end == MISSING {
            return 0..0;
        }
        let (first, mut until) = (self.zone.date_at(start), self.zone.date_at(end));
        // A date that the zone skipped begins where the next one does, which may be beyond the end.
        while until > first && self.slot_of_date(until - 1) != Ok(start) {
            until -= 1;
        }
        first..until
    }

    fn find(&mut self, instant: i64) -> i64 {
        if !(FIRST_INSTANT..END_INSTANT).contains(&instant) {
            return MISSING;
        }
        if !(self.span.from..self.span.until).contains(&instant) {
            self.span = self.zone.span_at(instant);
        }
        let OffsetSpan { from, until, offset } = self.span;
        let (local_start, local_end) = self.every.around(instant + offset);
        let (start, end) = (local_start - offset, local_end - offset);
        if self.every.is_short() {
            (self.start, self.end) = (start.max(from), end.min(until));
        } else if start.saturating_sub(from) >= DAY && until.saturating_sub(end) >= DAY {
            (self.start, self.end) = (start, end); // no change of clocks is near
        } else {
            self.find_near_change(instant, local_start, local_end);
        }
        self.start
    }

    fn find_near_change(&mut self, instant: i64, mut local_start: i64, mut local_end: i64) {
        let boundary = |local| self.zone.local_to_instant(local, Pick::Earlier).instant;
        // Where clocks go back over midnight, an evening is shown again after the next date began: it stays there.
        while boundary(local_end) <= instant {
            (local_start, local_end) = self.every.around(local_end);
        }
        (self.start, self.end) = (boundary(local_start), boundary(local_end));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::instant::{days_from_civil, format_utc, parse_date, parse_instant};
    use proptest::prelude::*;

    fn slots(every: &str, zone: &str, from: &str, until: &str) -> Vec<String> {
        let mut finder = SlotFinder::new(every.parse().unwrap(), Zone::new(zone).unwrap());
        let (mut at, until) = (parse_instant(from).unwrap(), parse_instant(until).unwrap());
        let mut found = Vec::new();
        while at < until {
            found.push(format_utc(finder.start_of(at))[5..16].to_owned());
            at = finder.end_of(at);
        }
        found
    }

    #[test]
    fn the_repeated_hour_is_two_slots_and_the_skipped_one_none() {
        // Berlin 2024-10-27: 03:00 summer time (01:00Z) became 02:00. Local 01, 02, 02 again, 03.
        let hours = ["10-26T23:00", "10-27T00:00", "10-27T01:00", "10-27T02:00"];
        assert_eq!(slots("1h", "Europe/Berlin", "2024-10-26T23:10Z", "2024-10-27T03:00Z"), hours);
        // 2024-03-31: 02:00 (01:00Z) became 03:00. Local 01, 03, 04.
        assert_eq!(
            slots("1h", "Europe/Berlin", "2024-03-31T00:10Z", "2024-03-31T03:00Z"),
            ["03-31T00:00", "03-31T01:00", "03-31T02:00"]
        );
        // Two-hour slots start at local 00, 02, 04: the one from 02:00 to 04:00 lasts three hours in autumn, one in spring.
        let long = ["10-26T22:00", "10-27T00:00", "10-27T03:00"];
        assert_eq!(slots("2h", "Europe/Berlin", "2024-10-26T22:00Z", "2024-10-27T05:00Z"), long);
        assert_eq!(
            slots("2h", "Europe/Berlin", "2024-03-30T23:00Z", "2024-03-31T04:00Z"),
            ["03-30T23:00", "03-31T01:00", "03-31T02:00"]
        );
    }

    #[test]
    fn a_shift_of_half_an_hour_cuts_the_hour() {
        // Lord Howe 2024-04-07: 02:00 (+11:00, 15:00Z on the 6th) became 01:30 (+10:30).
        let expected = ["04-06T14:00", "04-06T15:00", "04-06T15:30"];
        assert_eq!(slots("1h", "Australia/Lord_Howe", "2024-04-06T14:00Z", "2024-04-06T16:30Z"), expected);
    }

    #[test]
    fn days_weeks_and_months_start_at_the_first_instant_of_a_local_date() {
        assert_eq!(
            slots("1d", "Europe/Berlin", "2024-10-26T12:00Z", "2024-10-28T12:00Z"),
            ["10-25T22:00", "10-26T22:00", "10-27T23:00"]
        );
        assert_eq!(
            slots("1w", "Europe/Moscow", "2024-03-01T12:00Z", "2024-03-04T12:00Z"),
            ["02-25T21:00", "03-03T21:00"]
        );
        assert_eq!(
            slots("1mo", "UTC", "2024-01-31T12:00Z", "2024-03-01T12:00Z"),
            ["01-01T00:00", "02-01T00:00", "03-01T00:00"]
        );
        // Beirut skips midnight of 2024-03-31 (22:00Z became 01:00); Havana has midnight of 2024-11-03 twice (04:00Z, 05:00Z).
        assert_eq!(
            slots("1d", "Asia/Beirut", "2024-03-30T12:00Z", "2024-03-31T12:00Z"),
            ["03-29T22:00", "03-30T22:00"]
        );
        assert_eq!(
            slots("1d", "America/Havana", "2024-11-02T12:00Z", "2024-11-03T12:00Z"),
            ["11-02T04:00", "11-03T04:00"]
        );
        // St John's 2010-11-07: at 00:01 clocks went back to 23:01; the evening shown again belongs to the new date.
        assert_eq!(
            slots("1d", "America/St_Johns", "2010-11-06T12:00Z", "2010-11-08T12:00Z"),
            ["11-06T02:30", "11-07T02:30", "11-08T03:30"]
        );
        let mut months = SlotFinder::new(Every::MONTH, Zone::new("Europe/Moscow").unwrap());
        assert_eq!(format_utc(months.slot_of_date(parse_date("2024-03-31").unwrap()).unwrap()), "2024-02-29T21:00:00Z");
        assert!(SlotFinder::new("6h".parse().unwrap(), Zone::utc()).slot_of_date(0).is_err());
    }

    #[test]
    fn months_run_from_first_to_first() {
        let mut months = SlotFinder::new(Every::MONTH, Zone::utc());
        let mut at = FIRST_INSTANT;
        for month in 0..301 * 12 {
            assert_eq!(at, days_from_civil(1900 + month / 12, month % 12 + 1, 1) * DAY);
            at = months.end_of(at);
        }
    }

    #[test]
    fn lengths_are_read_and_wrong_ones_refused() {
        for text in ["1m", "30m", "1h", "4h", "12h", "1d", "1w", "1mo"] {
            assert_eq!(text.parse::<Every>().unwrap().to_string(), text);
        }
        assert_eq!("24h".parse::<Every>(), Ok(Every::DAY));
        for text in ["", "0m", "7m", "5h", "2d", "2w", "1y", "h", "1", "99999999999999999999m"] {
            assert!(text.parse::<Every>().is_err(), "{text}");
        }
        let mut finder = SlotFinder::new(Every::MONTH, Zone::utc());
        for wild in [MISSING, i64::MAX, FIRST_INSTANT - 1, END_INSTANT] {
            assert_eq!((finder.start_of(wild), finder.end_of(wild)), (MISSING, MISSING));
        }
        assert_ne!(finder.end_of(END_INSTANT - 1), MISSING);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]
        #[test]
        fn slots_fill_time_and_nest(
            zone in 0..chrono_tz::TZ_VARIANTS.len(), near in 0..800_usize, shift in -2 * DAY..2 * DAY, choice in 0..5_usize,
        ) {
            let zone = Zone::new(chrono_tz::TZ_VARIANTS[zone].name()).unwrap();
            let mut change = FIRST_INSTANT;
            for _ in 0..near % 150 {
                change = zone.span_at(change).until.min(END_INSTANT - 400 * DAY);
            }
            let at = (change + shift).clamp(FIRST_INSTANT + 40 * DAY, END_INSTANT - 40 * DAY);
            let pairs = [("15m", "1h"), ("30m", "2h"), ("1h", "1d"), ("4h", "1w"), ("1d", "1mo")];
            let (fine, coarse) = (pairs[choice].0.parse::<Every>().unwrap(), pairs[choice].1.parse::<Every>().unwrap());
            prop_assert!(fine.fits_in(coarse));
            let (mut fine, mut coarse) = (SlotFinder::new(fine, zone.clone()), SlotFinder::new(coarse, zone));
            let (start, end) = (fine.start_of(at), fine.end_of(at));
            prop_assert!(start <= at && at < end);
            let mut fresh = SlotFinder::new(fine.every(), fine.zone().clone());
            prop_assert_eq!(fresh.start_of(end - 1), start);
            prop_assert_eq!(fresh.end_of(start), end);
            prop_assert_eq!(fresh.start_of(end), end);
            prop_assert_eq!(coarse.start_of(start), coarse.start_of(end - 1));
        }
    }
}
