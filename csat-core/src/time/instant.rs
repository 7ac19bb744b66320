//! Instants, dates and durations: integers in, integers out, and their text forms.

use crate::error::{Error, ErrorKind, Result};

/// The instant that is not there. Arrow nulls and C's `INT64_MIN` are read as this.
pub const MISSING: i64 = i64::MIN;
/// One second in microseconds.
pub const SECOND: i64 = 1_000_000;
/// One minute in microseconds.
pub const MINUTE: i64 = 60 * SECOND;
/// One hour in microseconds.
pub const HOUR: i64 = 60 * MINUTE;
/// One day of 24 hours in microseconds.
pub const DAY: i64 = 24 * HOUR;
/// The first supported year.
pub const FIRST_YEAR: i64 = 1900;
/// The last supported year.
pub const LAST_YEAR: i64 = 2200;
/// The first supported instant, 1900-01-01T00:00:00Z.
pub const FIRST_INSTANT: i64 = days_from_civil(FIRST_YEAR, 1, 1) * DAY;
/// The end of the supported instants, 2201-01-01T00:00:00Z (not itself supported).
pub const END_INSTANT: i64 = days_from_civil(LAST_YEAR + 1, 1, 1) * DAY;

/// Days from 1970-01-01 to a date of the Gregorian calendar. Month 1..=12; a day beyond its month runs on.
///
/// Source: the era arithmetic of Howard Hinnant, `days_from_civil`.
///
/// ```
/// use csat_core::time::instant::{civil_from_days, days_from_civil};
/// assert_eq!(days_from_civil(2024, 3, 1), 19_783);
/// assert_eq!(civil_from_days(19_783), (2024, 3, 1));
/// ```
pub const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year - era * 400;
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The date (year, month, day) of a count of days from 1970-01-01; inverse of [`days_from_civil`].
pub const fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days - era * 146_097;
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day_of_year - (153 * shifted + 2) / 5 + 1)
}

/// The weekday of a date, 0 = Monday … 6 = Sunday.
pub const fn weekday(days: i64) -> usize {
    (days + 3).rem_euclid(7) as usize
}

/// Refuses an instant outside the supported years 1900 to 2200 and [`MISSING`].
pub fn check_instant(instant: i64) -> Result<()> {
    if (FIRST_INSTANT..END_INSTANT).contains(&instant) {
        Ok(())
    } else if instant == MISSING {
        Err(Error::argument("an instant is missing"))
    } else {
        Err(Error::argument(format!(
            "an instant is outside the supported years {FIRST_YEAR} to {LAST_YEAR} ({instant} microseconds from 1970); \
             check its unit"
        )))
    }
}

/// Refuses a date (days from 1970-01-01) outside the supported years 1900 to 2200.
pub fn check_date(days: i64) -> Result<()> {
    if (FIRST_INSTANT / DAY..END_INSTANT / DAY).contains(&days) {
        Ok(())
    } else {
        Err(Error::argument(format!(
            "a date is outside the supported years {FIRST_YEAR} to {LAST_YEAR} ({days} days from 1970)"
        )))
    }
}

/// What a text said: an instant, or something that needs a zone before it is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// An instant: the text had an offset or `Z`.
    Instant(i64),
    /// A local date and time without an offset, in microseconds of the wall clock since 1970-01-01T00:00.
    Local(i64),
    /// A local date, in days since 1970-01-01.
    Date(i64),
}

/// Reads an ISO 8601 date (`2024-03-01`), local date-time (`2024-03-01T18:40`) or instant (`2024-03-01T18:40+03:00`,
/// `2024-03-01T15:40:00.5Z`). A space may stand for `T`. Digits beyond the microsecond are cut.
///
/// ```
/// use csat_core::time::instant::{Moment, format_utc, parse};
/// let Moment::Instant(instant) = parse("2024-03-01T18:40+03:00")? else { unreachable!() };
/// assert_eq!(format_utc(instant), "2024-03-01T15:40:00Z");
/// assert_eq!(parse("1970-01-03")?, Moment::Date(2));
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn parse(text: &str) -> Result<Moment> {
    let text = text.trim();
    let mut scan = Scan { rest: text.as_bytes() };
    let moment = scan.moment().filter(|_| scan.rest.is_empty()).ok_or_else(|| {
        bad_text(text, "a date or time", "write 2024-03-01, 2024-03-01T18:40, 2024-03-01T18:40+03:00 or …T15:40:00Z")
    })?;
    match moment {
        Moment::Instant(instant) => check_instant(instant),
        Moment::Local(local) => check_date(local.div_euclid(DAY)),
        Moment::Date(days) => check_date(days),
    }
    .map_err(|e| e.at(format!("`{text}`")))?;
    Ok(moment)
}

/// Reads an instant; a text without an offset is an error, because a local time needs a zone.
pub fn parse_instant(text: &str) -> Result<i64> {
    match parse(text)? {
        Moment::Instant(instant) => Ok(instant),
        _ => Err(bad_text(text.trim(), "an instant", "it has no offset: add `Z`, `+03:00` or give a time zone")),
    }
}

/// Reads a date as days since 1970-01-01.
pub fn parse_date(text: &str) -> Result<i64> {
    match parse(text)? {
        Moment::Date(days) => Ok(days),
        _ => Err(bad_text(text.trim(), "a date", "write it as 2024-03-01, without a time")),
    }
}

/// Reads a time of day `HH:MM` or `HH:MM:SS` as microseconds from midnight; `24:00` is the end of the day.
pub fn parse_time_of_day(text: &str) -> Result<i64> {
    let mut scan = Scan { rest: text.trim().as_bytes() };
    match scan.time_of_day() {
        Some(time) if scan.rest.is_empty() => Ok(time),
        _ => Err(bad_text(text.trim(), "a time of day", "write it as 09:00, 18:30:15 or 24:00")),
    }
}

/// Reads a duration: `20s`, `30m`, `1h`, `1h30m`, `1.5h`, `2d`, `1w`, `500ms`, `-5m`, or ISO 8601 `PT20S`, `P1DT2H`.
/// A day is 24 hours. A bare number is refused: it does not say its unit.
///
/// ```
/// use csat_core::time::instant::{MINUTE, parse_duration};
/// assert_eq!(parse_duration("1h30m")?, 90 * MINUTE);
/// assert_eq!(parse_duration("PT20S")?, 20_000_000);
/// assert!(parse_duration("20").is_err());
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn parse_duration(text: &str) -> Result<i64> {
    let text = text.trim();
    let (sign, body) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let amount = match body.strip_prefix('P') {
        Some(iso) => iso_duration(iso),
        None => plain_duration(body),
    };
    amount.map(|amount| sign * amount).ok_or_else(|| {
        bad_text(text, "a duration", "write a number with its unit: 20s, 30m, 1h30m, 2d, 500ms or PT20S")
    })
}

fn bad_text(text: &str, what: &str, help: &str) -> Error {
    Error::new(ErrorKind::BadText, format!("`{text}` is not {what}: {help}")).with("text", text)
}

fn iso_duration(text: &str) -> Option<i64> {
    let (date, time) = text.split_once('T').map_or((text, None), |(date, time)| (date, Some(time)));
    if time.is_some_and(str::is_empty) || (date.is_empty() && time.is_none()) {
        return None;
    }
    let days = amounts(date, |unit| match unit {
        "W" => Some(7 * DAY),
        "D" => Some(DAY),
        _ => None,
    })?;
    let hours = amounts(time.unwrap_or(""), |unit| match unit {
        "H" => Some(HOUR),
        "M" => Some(MINUTE),
        "S" => Some(SECOND),
        _ => None,
    })?;
    days.checked_add(hours)
}

fn plain_duration(text: &str) -> Option<i64> {
    if text.is_empty() {
        return None;
    }
    amounts(text, |unit| match unit {
        "w" => Some(7 * DAY),
        "d" => Some(DAY),
        "h" => Some(HOUR),
        "m" | "min" => Some(MINUTE),
        "s" => Some(SECOND),
        "ms" => Some(1_000),
        "us" => Some(1),
        _ => None,
    })
}

/// Sums `NUMBER UNIT` pairs; each unit must be smaller than the one before it.
fn amounts(text: &str, unit_of: impl Fn(&str) -> Option<i64>) -> Option<i64> {
    let (mut rest, mut total, mut last) = (text, 0_i64, i64::MAX);
    while !rest.is_empty() {
        let number_end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, tail) = rest.split_at(number_end);
        let unit_end = tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len());
        let (unit, after) = tail.split_at(unit_end);
        let size = unit_of(unit).filter(|size| *size < last)?;
        total = total.checked_add(scaled(number, size)?)?;
        (rest, last) = (after.trim_start(), size);
    }
    Some(total)
}

/// `number × size` for a decimal number, exactly; none if it is not a whole count of microseconds.
fn scaled(number: &str, size: i64) -> Option<i64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    if whole.len() > 15 || fraction.len() > 9 {
        return None;
    }
    let power = 10_i64.pow(fraction.len() as u32);
    let part = i128::from(fraction.parse::<i64>().ok()?) * i128::from(size);
    if part % i128::from(power) != 0 {
        return None;
    }
    let whole = whole.parse::<i64>().ok()?.checked_mul(size)?;
    whole.checked_add(i64::try_from(part / i128::from(power)).ok()?)
}

struct Scan<'a> {
    rest: &'a [u8],
}

impl Scan<'_> {
    fn moment(&mut self) -> Option<Moment> {
        let year = self.digits(4)?;
        self.expect(b"-")?;
        let month = self.digits(2).filter(|m| (1..=12).contains(m))?;
        self.expect(b"-")?;
        let day = self.digits(2)?;
        let days = days_from_civil(year, month, day);
        if civil_from_days(days) != (year, month, day) {
            return None;
        }
        if self.expect(b"Tt ").is_none() {
            return Some(Moment::Date(days));
        }
        let local = days * DAY + self.time_of_day().filter(|time| *time < DAY)?;
        match self.rest.first() {
            None => Some(Moment::Local(local)),
            Some(_) => Some(Moment::Instant(local - self.offset()?)),
        }
    }

    fn time_of_day(&mut self) -> Option<i64> {
        let hour = self.digits(2)?;
        self.expect(b":")?;
        let minute = self.digits(2).filter(|m| *m < 60)?;
        let mut time = hour * HOUR + minute * MINUTE;
        if self.expect(b":").is_some() {
            time += self.digits(2).filter(|s| *s < 60)? * SECOND;
            if self.expect(b".").is_some() {
                time += self.fraction()?;
            }
        }
        (time <= DAY).then_some(time)
    }

    fn fraction(&mut self) -> Option<i64> {
        let length = self.rest.iter().take_while(|c| c.is_ascii_digit()).count();
        if length == 0 || length > 9 {
            return None;
        }
        let (digits, rest) = self.rest.split_at(length);
        self.rest = rest;
        Some((0..6).fold(0, |sum, i| sum * 10 + digits.get(i).map_or(0, |c| i64::from(c - b'0'))))
    }

    fn offset(&mut self) -> Option<i64> {
        let sign = match self.expect(b"Zz+-")? {
            b'+' => 1,
            b'-' => -1,
            _ => return Some(0),
        };
        let mut offset = self.digits(2).filter(|h| *h < 24)? * HOUR;
        let _ = self.expect(b":");
        if !self.rest.is_empty() {
            offset += self.digits(2).filter(|m| *m < 60)? * MINUTE;
        }
        if self.expect(b":").is_some() {
            offset += self.digits(2).filter(|s| *s < 60)? * SECOND;
        }
        Some(sign * offset)
    }

    fn digits(&mut self, count: usize) -> Option<i64> {
        let (digits, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        digits.iter().try_fold(0, |sum, c| c.is_ascii_digit().then(|| sum * 10 + i64::from(c - b'0')))
    }

    fn expect(&mut self, any: &[u8]) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        any.contains(first).then(|| {
            self.rest = rest;
            *first
        })
    }
}

/// An instant as `2024-03-04T07:40:00Z`, with microseconds only where there are any; [`MISSING`] as `missing`.
pub fn format_utc(instant: i64) -> String {
    if instant == MISSING { "missing".to_owned() } else { format_local(instant) + "Z" }
}

/// A local time as `2024-03-04T10:40:00`, without an offset.
pub fn format_local(local: i64) -> String {
    format!("{}T{}", format_date(local.div_euclid(DAY)), format_time_of_day(local.rem_euclid(DAY), true))
}

/// A date as `2024-03-04`.
pub fn format_date(days: i64) -> String {
    let (year, month, day) = civil_from_days(days);
    format!("{year:04}-{month:02}-{day:02}")
}

/// A time of day as `09:00`; seconds where there are any or where `seconds` asks for them.
pub fn format_time_of_day(time: i64, seconds: bool) -> String {
    let mut text = format!("{:02}:{:02}", time / HOUR, time / MINUTE % 60);
    if seconds || time % MINUTE != 0 {
        text += &format!(":{:02}", time / SECOND % 60);
    }
    if time % SECOND != 0 {
        text += &format!(".{:06}", time % SECOND);
    }
    text
}

/// A duration as `26h30m`, `1m20s`, `0.5s` or `0s`; hours are not gathered into days, because a working day has fewer.
///
/// ```
/// assert_eq!(csat_core::time::instant::format_duration(95_400_000_000), "26h30m");
/// ```
pub fn format_duration(duration: i64) -> String {
    let size = duration.unsigned_abs();
    let (hour, minute, second) = (HOUR as u64, MINUTE as u64, SECOND as u64);
    let mut text = String::from(if duration < 0 { "-" } else { "" });
    if size >= hour {
        text += &format!("{}h", size / hour);
    }
    let minutes = size / minute % 60;
    if minutes > 0 {
        text += &format!("{minutes}m");
    }
    let rest = size % minute;
    if rest > 0 || size == 0 {
        let fraction = format!("{:06}", size % second);
        let fraction = fraction.trim_end_matches('0');
        let point = if fraction.is_empty() { "" } else { "." };
        text += &format!("{}{point}{fraction}s", size / second % 60);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_count_from_1970() {
        assert_eq!(days_from_civil(1970, 1, 1), 0);
        assert_eq!(days_from_civil(2000, 3, 1), 11_017); // 30 years: 10,950 + 8 leap days (1972..2000), + 31 + 28
        assert_eq!(weekday(0), 3); // 1970-01-01 was a Thursday
        let first = days_from_civil(FIRST_YEAR, 1, 1);
        let mut expected = (FIRST_YEAR, 1, 1);
        for days in first..days_from_civil(LAST_YEAR + 1, 1, 1) {
            assert_eq!(civil_from_days(days), expected);
            assert_eq!(days_from_civil(expected.0, expected.1, expected.2), days);
            let (year, month, day) = expected;
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            let length = [31, 28 + i64::from(leap), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month as usize - 1];
            expected = match (day == length, month == 12) {
                (false, _) => (year, month, day + 1),
                (true, false) => (year, month + 1, 1),
                (true, true) => (year + 1, 1, 1),
            };
        }
    }

    #[test]
    fn texts_are_read() {
        let at = days_from_civil(2024, 3, 1) * DAY + 15 * HOUR + 40 * MINUTE;
        for text in ["2024-03-01T18:40+03:00", "2024-03-01 15:40:00Z", "2024-03-01T15:40z", "2024-03-01T12:10:00-0330"]
        {
            assert_eq!(parse(text), Ok(Moment::Instant(at)), "{text}");
        }
        assert_eq!(parse("2024-03-01T15:40:00.0000019Z"), Ok(Moment::Instant(at + 1)));
        assert_eq!(parse("2024-03-01T15:40"), Ok(Moment::Local(at)));
        assert_eq!(parse_time_of_day("24:00"), Ok(DAY));
        let wrong =
            ["", "2024-02-30", "2024-3-1", "2024-03-01T", "2024-03-01T24:00Z", "2024-03-01T10:60Z", "1899-12-31"];
        for text in
            wrong.into_iter().chain(["2024-03-01T10:00+", "2024-03-01T10:00Zx", "2201-01-01", "2024-03-01Tä0:00"])
        {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse_time_of_day("24:01").is_err());
        assert!(parse_instant("2024-03-01T15:40").unwrap_err().message().contains("no offset"));
    }

    #[test]
    fn durations_are_read_exactly() {
        let good =
            [("20s", 20 * SECOND), ("1h30m", 90 * MINUTE), ("1.5h", 90 * MINUTE), ("2d", 2 * DAY), ("1w", 7 * DAY)];
        let more = [
            ("PT20S", 20 * SECOND),
            ("P1DT2H", 26 * HOUR),
            ("-5m", -5 * MINUTE),
            ("0.000001s", 1),
            ("1h 5s", 3605 * SECOND),
        ];
        for (text, expected) in good.into_iter().chain(more) {
            assert_eq!(parse_duration(text), Ok(expected), "{text}");
        }
        for text in ["", "20", "s", "1x", "1m1h", "PT", "P", "P1M", "1.2.3s", "0.0000001s", "99999999999999d", "--1s"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn texts_are_written() {
        assert_eq!(format_utc(0), "1970-01-01T00:00:00Z");
        assert_eq!(format_utc(-1), "1969-12-31T23:59:59.999999Z");
        assert_eq!(format_utc(MISSING), "missing");
        assert_eq!(format_duration(0), "0s");
        assert_eq!(format_duration(-80 * SECOND - 500_000), "-1m20.5s");
        assert_eq!(format_duration(i64::MIN).chars().next(), Some('-'));
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_read_again(instant in FIRST_INSTANT..END_INSTANT, duration in 0..100 * DAY, garbage: String) {
            proptest::prop_assert_eq!(parse_instant(&format_utc(instant)), Ok(instant));
            proptest::prop_assert_eq!(parse_duration(&format_duration(duration)), Ok(duration));
            let _ = (parse(&garbage), parse_duration(&garbage), parse_time_of_day(&garbage));
        }
    }
}
