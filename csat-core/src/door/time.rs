//! Working time: `calendar.*`.
//!
//! A calendar is an object such as `{"time_zone": "Europe/Moscow", "hours": {"mon": [["10:00", "19:00"]]}, "holidays":
//! ["2024-03-08"]}`; instants are ISO 8601 texts with an offset, durations seconds.

use super::when::{At, duration, seconds};
use crate::error::Result;
use crate::functions;
use crate::time::instant::{Moment, format_date, format_utc, parse};
use crate::time::{Calendar, Period};

functions! {
    /// Seconds of working time between two instants. Real time is counted: a 25-hour day open round the clock has 25
    /// hours. `start` later than `end` is an error.
    #[example = r#"{"calendar": {"time_zone": "Europe/Moscow", "hours": {"mon": [["10:00", "19:00"]], "tue":
        [["10:00", "19:00"]], "wed": [["10:00", "19:00"]], "thu": [["10:00", "19:00"]], "fri":
        [["10:00", "19:00"]]}, "holidays": ["2024-03-08"]}, "start": "2024-03-01T18:40+03:00", "end":
        "2024-03-04T10:30+03:00"}"#]
    "calendar.elapsed" (calendar: Calendar, start: At, end: At) => calendar.elapsed(start.0, end.0).map(seconds);
    /// The first instant at which `seconds` of working time have passed since `start`; below zero backwards. What is
    /// used up exactly at closing time stays at closing time.
    #[example = r#"{"calendar": {"time_zone": "Europe/Moscow", "hours": {"mon": [["10:00", "19:00"]], "tue":
        [["10:00", "19:00"]], "wed": [["10:00", "19:00"]], "thu": [["10:00", "19:00"]], "fri":
        [["10:00", "19:00"]]}, "holidays": ["2024-03-08"]}, "start": "2024-03-01T18:40+03:00",
        "seconds": 3600}"#]
    "calendar.add" (calendar: Calendar, start: At, seconds: f64) =>
        duration("seconds", seconds).and_then(|d| calendar.add(start.0, d)).map(At);
    /// Whether an instant lies in working time; intervals are half-open.
    #[example = r#"{"calendar": {"time_zone": "Europe/Moscow", "hours": {"mon": [["10:00", "19:00"]], "tue":
        [["10:00", "19:00"]], "wed": [["10:00", "19:00"]], "thu": [["10:00", "19:00"]], "fri":
        [["10:00", "19:00"]]}, "holidays": ["2024-03-08"]}, "at": "2024-03-01T18:40+03:00"}"#]
    "calendar.is_open" (calendar: Calendar, at: At) => calendar.is_open(at.0);
    /// The instant itself if open, else the next opening.
    #[example = r#"{"calendar": {"time_zone": "Europe/Moscow", "hours": {"mon": [["10:00", "19:00"]], "tue":
        [["10:00", "19:00"]], "wed": [["10:00", "19:00"]], "thu": [["10:00", "19:00"]], "fri":
        [["10:00", "19:00"]]}, "holidays": ["2024-03-08"]}, "at": "2024-03-01T20:00+03:00"}"#]
    "calendar.next_open" (calendar: Calendar, at: At) => calendar.next_open(at.0).map(At);
    /// The instant itself if inside working time (its end included, its start not), else the latest closing before it.
    #[example = r#"{"calendar": {"time_zone": "Europe/Moscow", "hours": {"mon": [["10:00", "19:00"]], "tue":
        [["10:00", "19:00"]], "wed": [["10:00", "19:00"]], "thu": [["10:00", "19:00"]], "fri":
        [["10:00", "19:00"]]}, "holidays": ["2024-03-08"]}, "at": "2024-03-01T20:00+03:00"}"#]
    "calendar.previous_open" (calendar: Calendar, at: At) => calendar.previous_open(at.0).map(At);
    /// The end of the current or the next stretch of working time.
    #[example = r#"{"calendar": {"time_zone": "Europe/Moscow", "hours": {"mon": [["10:00", "19:00"]], "tue":
        [["10:00", "19:00"]], "wed": [["10:00", "19:00"]], "thu": [["10:00", "19:00"]], "fri":
        [["10:00", "19:00"]]}, "holidays": ["2024-03-08"]}, "at": "2024-03-01T18:40+03:00"}"#]
    "calendar.closing" (calendar: Calendar, at: At) => calendar.closing(at.0).map(At);
    /// The first opening after the instant, also where it is open.
    #[example = r#"{"calendar": {"time_zone": "Europe/Moscow", "hours": {"mon": [["10:00", "19:00"]], "tue":
        [["10:00", "19:00"]], "wed": [["10:00", "19:00"]], "thu": [["10:00", "19:00"]], "fri":
        [["10:00", "19:00"]]}, "holidays": ["2024-03-08"]}, "at": "2024-03-01T18:40+03:00"}"#]
    "calendar.next_opening_strictly_later" (calendar: Calendar, at: At) =>
        calendar.next_opening_strictly_later(at.0).map(At);
    /// The next `count` stretches of working time, the current one cut to what is left of it.
    #[example = r#"{"calendar": {"time_zone": "Europe/Moscow", "hours": {"mon": [["10:00", "19:00"]], "tue":
        [["10:00", "19:00"]], "wed": [["10:00", "19:00"]], "thu": [["10:00", "19:00"]], "fri":
        [["10:00", "19:00"]]}, "holidays": ["2024-03-08"]}, "at": "2024-03-01T18:40+03:00", "count":
        2}"#]
    "calendar.open_periods_after" (calendar: Calendar, at: At, count: usize) =>
        calendar.open_periods_after(at.0).map(|found| found.take(count).collect::<Vec<Period>>());
    /// The last `count` stretches of working time, newest first.
    #[example = r#"{"calendar": {"time_zone": "Europe/Moscow", "hours": {"mon": [["10:00", "19:00"]], "tue":
        [["10:00", "19:00"]], "wed": [["10:00", "19:00"]], "thu": [["10:00", "19:00"]], "fri":
        [["10:00", "19:00"]]}, "holidays": ["2024-03-08"]}, "at": "2024-03-01T18:40+03:00", "count":
        2}"#]
    "calendar.open_periods_before" (calendar: Calendar, at: At, count: usize) =>
        calendar.open_periods_before(at.0).map(|found| found.take(count).collect::<Vec<Period>>());
    /// The slots of length `every` (15m, 1h, 1d, 1w, 1mo) from `start` to `end` that hold working time, cut to the two:
    /// the grid of a report in which an interval without a contact has a row too.
    #[example = r#"{"calendar": {"time_zone": "Europe/Moscow", "hours": {"mon": [["10:00", "19:00"]], "tue":
        [["10:00", "19:00"]], "wed": [["10:00", "19:00"]], "thu": [["10:00", "19:00"]], "fri":
        [["10:00", "19:00"]]}, "holidays": ["2024-03-08"]}, "start": "2024-03-01T17:30+03:00", "end":
        "2024-03-04T12:00+03:00", "every": "1h"}"#]
    "calendar.open_slots" (calendar: Calendar, start: At, end: At, every: String) =>
        calendar.open_slots(start.0, end.0, every.parse()?);
    /// A date, or an instant keeping its local time of day, moved by working days. From a closed day it first moves, in
    /// the direction of `days`, to the next working day, which counts as 0.
    #[example = r#"{"calendar": {"time_zone": "Europe/Moscow", "hours": {"mon": [["10:00", "19:00"]], "tue":
        [["10:00", "19:00"]], "wed": [["10:00", "19:00"]], "thu": [["10:00", "19:00"]], "fri":
        [["10:00", "19:00"]]}, "holidays": ["2024-03-08"]}, "start": "2024-03-07", "days": 1}"#]
    "calendar.add_working_days" (calendar: Calendar, start: String, days: i64) => add_working_days(&calendar, &start, days);
    /// An instant moved by working dates counted from its own date, its local time of day kept, then the next open
    /// instant (the previous one for `days` below 0).
    #[example = r#"{"calendar": {"time_zone": "Europe/Moscow", "hours": {"mon": [["10:00", "19:00"]], "tue":
        [["10:00", "19:00"]], "wed": [["10:00", "19:00"]], "thu": [["10:00", "19:00"]], "fri":
        [["10:00", "19:00"]]}, "holidays": ["2024-03-08"]}, "start": "2024-03-01T18:40+03:00", "days":
        1}"#]
    "calendar.add_business_days_keep_time" (calendar: Calendar, start: At, days: i64) =>
        calendar.add_business_days_keep_time(start.0, days).map(At);
    /// Working days after the date of `start` up to and including that of `end` (dates or instants).
    #[example = r#"{"calendar": {"time_zone": "Europe/Moscow", "hours": {"mon": [["10:00", "19:00"]], "tue":
        [["10:00", "19:00"]], "wed": [["10:00", "19:00"]], "thu": [["10:00", "19:00"]], "fri":
        [["10:00", "19:00"]]}, "holidays": ["2024-03-08"]}, "start": "2024-03-01", "end":
        "2024-03-11"}"#]
    "calendar.working_days_between" (calendar: Calendar, start: String, end: String) =>
        calendar.working_days_between(date(&calendar, &start)?, date(&calendar, &end)?);
    /// Whether a date (or the local date of an instant) has working time.
    #[example = r#"{"calendar": {"time_zone": "Europe/Moscow", "hours": {"mon": [["10:00", "19:00"]], "tue":
        [["10:00", "19:00"]], "wed": [["10:00", "19:00"]], "thu": [["10:00", "19:00"]], "fri":
        [["10:00", "19:00"]]}, "holidays": ["2024-03-08"]}, "date": "2024-03-08"}"#]
    "calendar.is_working_day" (calendar: Calendar, date: String) => calendar.is_working_day(self::date(&calendar, &date)?);
    /// Whether an instant lies in a break of its date.
    #[example = r#"{"calendar": {"time_zone": "Europe/Moscow", "hours": {"mon": [["10:00", "14:00"], ["15:00",
        "19:00"]]}, "holidays": ["2024-03-08"]}, "at": "2024-03-04T14:30+03:00"}"#]
    "calendar.on_break" (calendar: Calendar, at: At) => calendar.on_break(at.0);
    /// Whether the local date of an instant is a holiday.
    #[example = r#"{"calendar": {"time_zone": "Europe/Moscow", "hours": {"mon": [["10:00", "19:00"]], "tue":
        [["10:00", "19:00"]], "wed": [["10:00", "19:00"]], "thu": [["10:00", "19:00"]], "fri":
        [["10:00", "19:00"]]}, "holidays": ["2024-03-08"]}, "at": "2024-03-08T12:00+03:00"}"#]
    "calendar.on_holiday" (calendar: Calendar, at: At) => calendar.on_holiday(at.0);
    /// The working time between two instants in words, stretch by stretch.
    #[example = r#"{"calendar": {"time_zone": "Europe/Moscow", "hours": {"mon": [["10:00", "19:00"]], "tue":
        [["10:00", "19:00"]], "wed": [["10:00", "19:00"]], "thu": [["10:00", "19:00"]], "fri":
        [["10:00", "19:00"]]}, "holidays": ["2024-03-08"]}, "start": "2024-03-01T18:40+03:00", "end":
        "2024-03-04T10:30+03:00"}"#]
    "calendar.explain" (calendar: Calendar, start: At, end: At) =>
        calendar.explain(start.0, end.0).map(|explained| explained.to_string());
}

/// Days since 1970-01-01 of a date or of the local date of an instant.
fn date(calendar: &Calendar, text: &str) -> Result<i64> {
    Ok(match parse(text)? {
        Moment::Date(days) => days,
        Moment::Instant(at) => calendar.zone().date_at(at),
        Moment::Local(local) => local.div_euclid(crate::time::instant::DAY),
    })
}

fn add_working_days(calendar: &Calendar, from: &str, days: i64) -> Result<String> {
    match parse(from)? {
        Moment::Date(date) => calendar.add_working_days(date, days).map(format_date),
        _ => calendar.add_working_days_to_instant(crate::time::instant::parse_instant(from)?, days).map(format_utc),
    }
}
