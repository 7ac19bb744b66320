//! Working calendars: hours per weekday, holidays, overrides and breaks in a time zone, as TOML or JSON text.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

use super::instant::{
    DAY, FIRST_YEAR, HOUR, LAST_YEAR, civil_from_days, days_from_civil, format_date, format_time_of_day,
};
use super::instant::{parse_date, parse_time_of_day, weekday};
use super::working::OpenTime;
use super::zone::{Pick, Zone};
use crate::error::{Error, Result};
use crate::text;

/// Pairs of opening and closing, `["09:00", "18:00"]`.
pub type HoursText = Vec<(String, String)>;

/// A calendar as it is written in TOML or JSON.
///
/// ```toml
/// time_zone = "Europe/Moscow"
/// production = "ru"                                   # optional: a built-in production calendar
/// holidays = ["2024-12-28"]                           # or a table: date = "name"
/// [hours]
/// mon = [["10:00", "14:00"], ["15:00", "19:00"]]
/// fri = [["22:00", "06:00"]]                          # overnight: belongs to Friday
/// sat = [["00:00", "24:00"]]
/// [overrides]                                         # replace the hours of one local date, holiday or not
/// 2024-12-31 = [["10:00", "15:00"]]
/// [breaks]                                            # cut out of one local date
/// 2024-12-30 = [["13:00", "14:00"]]
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarText {
    /// A name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// IANA name of the zone of all hours.
    pub time_zone: String,
    /// Hours per weekday.
    #[serde(default)]
    pub hours: WeekText,
    /// Dates without hours: a list of dates, or a table from date to name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "dates_or_names")]
    pub holidays: BTreeMap<String, String>,
    /// Hours of single dates; they replace the hours of the weekday and beat a holiday.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub overrides: BTreeMap<String, HoursText>,
    /// Breaks of single dates.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub breaks: BTreeMap<String, HoursText>,
    /// A built-in production calendar whose holidays, moved working days and short days are added: `ru`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub production: Option<String>,
    /// The first and last year compiled; 1970 to 2069 unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub years: Option<(i64, i64)>,
}

/// Hours per weekday.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs, reason = "seven weekdays")]
pub struct WeekText {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mon: HoursText,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tue: HoursText,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub wed: HoursText,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub thu: HoursText,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fri: HoursText,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sat: HoursText,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sun: HoursText,
}

const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const DEFAULT_YEARS: (i64, i64) = (1970, 2069);

impl WeekText {
    fn days(&self) -> [&HoursText; 7] {
        [&self.mon, &self.tue, &self.wed, &self.thu, &self.fri, &self.sat, &self.sun]
    }
}

fn dates_or_names<'de, D: serde::Deserializer<'de>>(
    from: D,
) -> std::result::Result<BTreeMap<String, String>, D::Error> {
    struct Dates;
    impl<'de> serde::de::Visitor<'de> for Dates {
        type Value = BTreeMap<String, String>;
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a list of dates or a table from date to name")
        }
        fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut list: A) -> std::result::Result<Self::Value, A::Error> {
            let mut dates = BTreeMap::new();
            while let Some(date) = list.next_element::<String>()? {
                dates.insert(date, String::new());
            }
            Ok(dates)
        }
        fn visit_map<A: serde::de::MapAccess<'de>>(self, mut table: A) -> std::result::Result<Self::Value, A::Error> {
            let mut dates = BTreeMap::new();
            while let Some((date, name)) = table.next_entry::<String, String>()? {
                dates.insert(date, name);
            }
            Ok(dates)
        }
    }
    from.deserialize_any(Dates)
}

/// A working calendar, compiled for arithmetic in working time when it is first asked. Cloning shares the tables (about
/// 1 MB for a hundred years; a calendar that never closes takes a quarter of that).
///
/// Working intervals are half-open. An interval belongs to the date on which it opens: a holiday removes the night
/// shift that begins on it, not the one that began the evening before (write `24:00` and `00:00` on both dates if
/// yours ends at midnight). Where clocks change, an edge in the skipped hour moves to the first valid instant; in the
/// repeated hour openings take the earlier and closings the later instant; `24:00` is the first instant of the next
/// date; a break's start is a closing and its end an opening. Stretches that touch or overlap are one.
///
/// ```
/// use csat_core::time::{Calendar, instant::{HOUR, parse_instant}};
/// let calendar = Calendar::from_text(r#"
///     time_zone = "Europe/Moscow"
///     [hours]
///     thu = [["10:00", "19:00"]]
///     fri = [["10:00", "19:00"]]
/// "#)?;
/// let (from, to) = (parse_instant("2024-02-29T18:00+03:00")?, parse_instant("2024-03-01T11:00+03:00")?);
/// assert_eq!(calendar.elapsed(from, to)?, 2 * HOUR);
/// # Ok::<(), csat_core::Error>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "CalendarText", into = "CalendarText")]
pub struct Calendar(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    text: CalendarText,
    rules: Rules,
    zone: Zone,
    years: (i64, i64),
    /// Compiled when first used: a calendar that is only read and written again costs nothing.
    open: OnceLock<OpenTime>,
    covered: Option<(i64, i64)>,
}

impl TryFrom<CalendarText> for Calendar {
    type Error = Error;
    fn try_from(text: CalendarText) -> Result<Calendar> {
        Calendar::new(text)
    }
}

impl From<Calendar> for CalendarText {
    fn from(calendar: Calendar) -> CalendarText {
        calendar.0.text.clone()
    }
}

impl PartialEq for Calendar {
    fn eq(&self, other: &Calendar) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.text == other.0.text
    }
}

impl Calendar {
    /// Reads a calendar from TOML or JSON text; see [`CalendarText`]. Unknown keys are refused.
    pub fn from_text(text: &str) -> Result<Calendar> {
        Calendar::new(text::read("the calendar", text)?)
    }

    /// Compiles a calendar.
    pub fn new(text: CalendarText) -> Result<Calendar> {
        let production = text.production.as_deref().map(Production::named).transpose()?;
        Calendar::build(text, production.as_ref()).map_err(|e| e.at("the calendar"))
    }

    /// Open round the clock in a zone: working time is real time.
    pub fn always(time_zone: &str) -> Result<Calendar> {
        let all = || vec![("00:00".to_owned(), "24:00".to_owned())];
        let hours = WeekText { mon: all(), tue: all(), wed: all(), thu: all(), fri: all(), sat: all(), sun: all() };
        Calendar::new(CalendarText { time_zone: time_zone.to_owned(), hours, ..CalendarText::default() })
    }

    /// This calendar with the holidays, moved working days and short days of a built-in production calendar (`ru`).
    /// Holidays and overrides of this calendar win.
    ///
    /// ```
    /// # use csat_core::time::{Calendar, instant::parse_date};
    /// let week = r#"{"time_zone": "Europe/Moscow", "hours": {"mon": [["10:00", "19:00"]], "tue": [["10:00", "19:00"]]}}"#;
    /// let calendar = Calendar::from_text(week)?.with_production("ru")?;
    /// assert!(calendar.is_working_day(parse_date("2024-04-27")?)?); // a Saturday worked instead of Monday the 29th
    /// assert!(!calendar.is_working_day(parse_date("2024-04-29")?)?);
    /// # Ok::<(), csat_core::Error>(())
    /// ```
    pub fn with_production(&self, name: &str) -> Result<Calendar> {
        self.with_production_calendar(&Production::named(name)?)
    }

    /// This calendar with a production calendar of your own.
    pub fn with_production_calendar(&self, production: &Production) -> Result<Calendar> {
        Calendar::build(self.0.text.clone(), Some(production))
    }

    /// This calendar compiled for other years, 1900 to 2200 at most. A year takes about 10 kB.
    pub fn with_years(&self, first: i64, last: i64) -> Result<Calendar> {
        let text = CalendarText { years: Some((first, last)), ..self.0.text.clone() };
        let mut parts = Calendar::build(text, None)?;
        if let Some(inner) = Arc::get_mut(&mut parts.0) {
            inner.covered = self.0.covered;
        }
        Ok(parts)
    }

    fn build(mut text: CalendarText, production: Option<&Production>) -> Result<Calendar> {
        let zone = Zone::new(&text.time_zone)?;
        let (first, last) = text.years.unwrap_or(DEFAULT_YEARS);
        if !(FIRST_YEAR <= first && first <= last && last <= LAST_YEAR) {
            return Err(Error::argument(format!(
                "years {first} to {last}: give a first and a last year from {FIRST_YEAR} to {LAST_YEAR}"
            )));
        }
        let week = Rules::read(&text)?.week;
        if let Some(production) = production {
            production.add_to(&mut text, &week);
        }
        let rules = Rules::read(&text)?;
        let covered = production.map(|p| p.years);
        Ok(Calendar(Arc::new(Parts { text, rules, zone, years: (first, last), open: OnceLock::new(), covered })))
    }

    /// The time zone.
    pub fn zone(&self) -> &Zone {
        &self.0.zone
    }

    /// The name, empty where the text has none.
    pub fn name(&self) -> &str {
        self.0.text.name.as_deref().unwrap_or("")
    }

    /// The calendar as text that can be written again; a production calendar is spelled out in it.
    pub fn text(&self) -> &CalendarText {
        &self.0.text
    }

    #[inline]
    pub(super) fn open_time(&self) -> &OpenTime {
        let Parts { rules, zone, years, open, .. } = &*self.0;
        open.get_or_init(|| OpenTime::compile(rules, zone, years.0, years.1))
    }

    /// Whether a local date (days since 1970-01-01) has any working time of its own.
    pub fn is_working_day(&self, days: i64) -> Result<bool> {
        super::instant::check_date(days)?;
        let mut pieces = Vec::new();
        self.0.rules.pieces(days, &mut pieces);
        Ok(!pieces.is_empty())
    }

    /// Whether the local date of an instant is a holiday of this calendar. A holiday with an override is none.
    pub fn on_holiday(&self, instant: i64) -> Result<bool> {
        super::instant::check_instant(instant)?;
        let rule = self.0.rules.dates.get(&self.zone().date_at(instant));
        Ok(rule.is_some_and(|rule| rule.is_holiday && rule.hours.as_ref().is_none_or(Vec::is_empty)))
    }

    /// Whether an instant lies in a break of its date, open or not otherwise: start inclusive, end exclusive.
    pub fn on_break(&self, instant: i64) -> Result<bool> {
        super::instant::check_instant(instant)?;
        let zone = self.zone();
        let date = zone.date_at(instant);
        let breaks = self.0.rules.dates.get(&date).map_or(&[][..], |rule| &rule.breaks);
        Ok(breaks.iter().any(|(start, end)| {
            let (start, end) = (closing(zone, date * DAY + start), opening(zone, date * DAY + end));
            start <= instant && instant < end
        }))
    }

    /// Why the dates from one to another have other hours than their weekday, one line each.
    pub(super) fn notes(&self, first: i64, last: i64) -> Vec<String> {
        let mut notes: Vec<String> =
            (self.0.rules.dates.range(first..=last)).map(|(date, rule)| rule.note(*date)).collect();
        if let Some((from, to)) = self.0.covered {
            let year = |days| civil_from_days(days).0;
            if year(first) < from || year(last) > to {
                notes
                    .push(format!("the production calendar covers {from} to {to} only; other years have weekly hours"));
            }
        }
        notes
    }
}

/// Opening and closing in microseconds from midnight of their date; a closing beyond 24:00 lies on the next date.
pub(super) type LocalHours = (i64, i64);

/// What the text says, resolved to numbers.
#[derive(Debug)]
pub(super) struct Rules {
    week: [Vec<LocalHours>; 7],
    dates: BTreeMap<i64, DateRule>,
}

#[derive(Debug, Default)]
struct DateRule {
    /// The hours instead of those of the weekday.
    hours: Option<Vec<LocalHours>>,
    is_holiday: bool,
    holiday_name: String,
    breaks: Vec<LocalHours>,
}

impl DateRule {
    fn note(&self, date: i64) -> String {
        let what = match &self.hours {
            Some(hours) if hours.is_empty() && self.is_holiday => "holiday".to_owned(),
            Some(hours) if hours.is_empty() => "closed by override".to_owned(),
            Some(hours) => format!("hours of its own, {}", hours_text(hours)),
            None => format!("break {}", hours_text(&self.breaks)),
        };
        let name = if self.holiday_name.is_empty() { String::new() } else { format!(" ({})", self.holiday_name) };
        format!("{} {}: {what}{name}", WEEKDAYS[weekday(date)], format_date(date))
    }
}

fn hours_text(hours: &[LocalHours]) -> String {
    let edge = |at: i64| if at > DAY { at - DAY } else { at };
    let pair = |(open, close): &LocalHours| {
        format!("{}-{}", format_time_of_day(*open, false), format_time_of_day(edge(*close), false))
    };
    hours.iter().map(pair).collect::<Vec<_>>().join(", ")
}

impl Rules {
    fn read(text: &CalendarText) -> Result<Rules> {
        let mut week: [Vec<LocalHours>; 7] = Default::default();
        for (day, hours) in text.hours.days().into_iter().enumerate() {
            week[day] = read_hours(hours, true).map_err(|e| e.at(format!("hours of {}", WEEKDAYS[day])))?;
        }
        check_nights(&week)?;
        let mut dates: BTreeMap<i64, DateRule> = BTreeMap::new();
        for (date, name) in &text.holidays {
            let days = parse_date(date).map_err(|e| e.at("holidays"))?;
            let holiday_name = name.clone();
            dates.insert(
                days,
                DateRule { hours: Some(Vec::new()), is_holiday: true, holiday_name, ..DateRule::default() },
            );
        }
        for (date, hours) in &text.overrides {
            let place = format!("override of {date}");
            let days = parse_date(date).map_err(|e| e.at(&place))?;
            dates.entry(days).or_default().hours = Some(read_hours(hours, true).map_err(|e| e.at(&place))?);
        }
        for (date, breaks) in &text.breaks {
            let place = format!("breaks of {date}");
            let days = parse_date(date).map_err(|e| e.at(&place))?;
            dates.entry(days).or_default().breaks = read_hours(breaks, false).map_err(|e| e.at(&place))?;
        }
        Ok(Rules { week, dates })
    }

    fn hours(&self, date: i64) -> &[LocalHours] {
        let rule = self.dates.get(&date).and_then(|rule| rule.hours.as_ref());
        rule.unwrap_or(&self.week[weekday(date)])
    }

    /// The working time that opens on a date, as local times in order, breaks cut out.
    fn pieces(&self, date: i64, pieces: &mut Vec<(i64, i64)>) {
        pieces.clear();
        pieces.extend(self.hours(date).iter().map(|(open, close)| (date * DAY + open, date * DAY + close)));
        for on in [date, date + 1] {
            for (start, end) in self.dates.get(&on).map_or(&[][..], |rule| &rule.breaks) {
                cut(pieces, on * DAY + start, on * DAY + end);
            }
        }
    }

    /// Calls `add` with opening and closing of all working time that opens from one date to another, in order.
    pub(super) fn each(&self, zone: &Zone, first: i64, last: i64, mut add: impl FnMut(i64, i64)) {
        let mut pieces = Vec::new();
        let mut span = zone.span_at(first * DAY);
        for date in first..=last {
            self.pieces(date, &mut pieces);
            if span.until <= (date + 3) * DAY {
                span = zone.span_at((date - 1) * DAY);
            }
            // Away from changes of clocks the offset is one number.
            let steady = span.from <= (date - 1) * DAY && span.until > (date + 3) * DAY;
            for (open, close) in &pieces {
                if steady {
                    add(open - span.offset, close - span.offset);
                } else {
                    add(opening(zone, *open), closing(zone, *close));
                }
            }
        }
    }
}

/// The instant of a local opening: the earlier of two.
fn opening(zone: &Zone, local: i64) -> i64 {
    zone.local_to_instant(local, Pick::Earlier).instant
}

/// The instant of a local closing: the later of two, but `24:00` is the first instant of the next date.
fn closing(zone: &Zone, local: i64) -> i64 {
    let pick = if local.rem_euclid(DAY) == 0 { Pick::Earlier } else { Pick::Later };
    zone.local_to_instant(local, pick).instant
}

fn cut(pieces: &mut Vec<(i64, i64)>, start: i64, end: i64) {
    let mut i = 0;
    while i < pieces.len() {
        let (open, close) = pieces[i];
        if start < close && open < end {
            pieces.splice(i..=i, [(open, start), (end, close)].into_iter().filter(|(a, b)| a < b));
            // What remains after the break cannot meet it again.
        }
        i += 1;
    }
}

/// Hours that close before they open are a night shift; longer than this they are taken for a slip.
const LONGEST_NIGHT: i64 = 15 * HOUR;

fn read_hours(hours: &HoursText, nights: bool) -> Result<Vec<LocalHours>> {
    let mut found = Vec::with_capacity(hours.len());
    for (open_text, close_text) in hours {
        let (open, mut close) = (parse_time_of_day(open_text)?, parse_time_of_day(close_text)?);
        if close == 0 {
            close = DAY;
        }
        let what = if nights { "opens at" } else { "a break starts at" };
        if open == close {
            return Err(Error::argument(format!(
                "{what} {open_text} and ends at {close_text}: that is no time; write 00:00 to 24:00 for a whole day"
            )));
        }
        if close < open {
            close += DAY;
            if !nights || open == DAY || close - open >= LONGEST_NIGHT {
                return Err(Error::argument(format!(
                    "{what} {open_text} and ends at {close_text}: reversed? A night that long is written as \
                     {open_text}-24:00 and, on the next date, 00:00-{close_text}"
                )));
            }
        }
        found.push((open, close));
    }
    found.sort_unstable();
    for pair in found.windows(2) {
        if pair[1].0 < pair[0].1 {
            return Err(Error::argument(format!("{} overlaps {}", hours_text(&pair[..1]), hours_text(&pair[1..]))));
        }
    }
    Ok(found)
}

fn check_nights(week: &[Vec<LocalHours>; 7]) -> Result<()> {
    for day in 0..7 {
        let next = (day + 1) % 7;
        let (Some(night), Some(morning)) = (week[day].last(), week[next].first()) else { continue };
        if morning.0 + DAY < night.1 {
            let (today, tomorrow) = (WEEKDAYS[day], WEEKDAYS[next]);
            let (night, morning) = (hours_text(&[*night]), hours_text(&[*morning]));
            return Err(Error::argument(format!("hours of {today} {night} overlap those of {tomorrow} {morning}")));
        }
    }
    Ok(())
}

/// A production calendar: holidays, weekend days that are worked, and short days, for stated years.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Production {
    /// Its name.
    pub name: String,
    /// The first and last year covered.
    pub years: (i64, i64),
    /// Dates without working time, and why.
    pub holidays: BTreeMap<String, String>,
    /// Dates worked with the hours of another date's weekday.
    #[serde(default)]
    pub working: BTreeMap<String, String>,
    /// Dates that close one hour earlier, grouped under any key (the year).
    #[serde(default)]
    pub short: BTreeMap<String, Vec<String>>,
}

impl Production {
    /// The names of the built-in production calendars.
    pub const SHIPPED: &'static [&'static str] = &["ru"];

    /// The built-in production calendar of a name; there is `ru`: Russia, 2015 to 2027, five-day week. Its file,
    /// `data/calendars/ru_production.toml`, says where it comes from and what it does not cover.
    pub fn named(name: &str) -> Result<Production> {
        match name {
            "ru" => Production::from_text(include_str!("../../data/calendars/ru_production.toml")),
            _ => Err(Error::unknown("production calendar", name, Production::SHIPPED.iter().copied())),
        }
    }

    /// Reads a production calendar from TOML or JSON text with the keys `name`, `years`, `holidays` (date = name),
    /// `working` (date = the date whose hours it has) and `short` (year = dates).
    pub fn from_text(text: &str) -> Result<Production> {
        let read: Production = text::read("the production calendar", text)?;
        let short = read.short.values().flatten();
        for date in read.holidays.keys().chain(read.working.keys()).chain(read.working.values()).chain(short) {
            parse_date(date).map_err(|e| e.at("the production calendar"))?;
        }
        for year in [read.years.0, read.years.1] {
            super::instant::check_date(days_from_civil(year.clamp(-9_999, 9_999), 1, 1))?;
        }
        Ok(read)
    }

    /// Spells this calendar out in the text of another: its dates become holidays and overrides there.
    fn add_to(&self, text: &mut CalendarText, week: &[Vec<LocalHours>; 7]) {
        let hours_of = |date: &str| parse_date(date).map_or(&[][..], |days| &week[weekday(days)][..]);
        let is_free = |text: &CalendarText, date: &String| {
            !text.holidays.contains_key(date) && !text.overrides.contains_key(date)
        };
        let mut hours: BTreeMap<&String, Vec<LocalHours>> = BTreeMap::new();
        for (date, model) in &self.working {
            hours.insert(date, hours_of(model).to_vec());
        }
        for date in self.short.values().flatten() {
            let hours = hours.entry(date).or_insert_with(|| hours_of(date).to_vec());
            close_earlier(hours, HOUR);
        }
        for (date, hours) in hours {
            if is_free(text, date) {
                text.overrides.insert(date.clone(), hours.iter().map(edges_text).collect());
            }
        }
        for (date, name) in &self.holidays {
            if is_free(text, date) {
                text.holidays.insert(date.clone(), name.clone());
            }
        }
    }
}

fn edges_text((open, close): &LocalHours) -> (String, String) {
    let close = if *close > DAY { close - DAY } else { *close };
    (format_time_of_day(*open, false), format_time_of_day(close, false))
}

fn close_earlier(hours: &mut Vec<LocalHours>, mut by: i64) {
    while let Some((open, close)) = hours.pop() {
        if close - open > by {
            hours.push((open, close - by));
            return;
        }
        by -= close - open;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> String {
        Calendar::from_text(text).unwrap_err().message().to_owned()
    }

    fn with_hours(hours: &str) -> String {
        format!("time_zone = 'UTC'\n[hours]\n{hours}")
    }

    #[test]
    fn wrong_hours_name_both_edges_or_both_intervals() {
        let overlap = message(&with_hours("mon = [['09:00', '13:00'], ['12:00', '18:00']]"));
        assert_eq!(overlap, "the calendar: hours of mon: 09:00-13:00 overlaps 12:00-18:00");
        let night = message(&with_hours("sun = [['22:00', '06:00']]\nmon = [['05:00', '14:00']]"));
        assert_eq!(night, "the calendar: hours of sun 22:00-06:00 overlap those of mon 05:00-14:00");
        let reversed = message(&with_hours("mon = [['19:00', '10:00']]"));
        assert!(
            reversed.starts_with("the calendar: hours of mon: opens at 19:00 and ends at 10:00: reversed?"),
            "{reversed}"
        );
        assert!(message(&with_hours("mon = [['09:00', '09:00']]")).contains("that is no time"));
        assert!(message("time_zone = 'UTC'\n[breaks]\n2024-01-01 = [['14:00', '13:00']]").contains("reversed?"));
    }

    #[test]
    fn unknown_keys_zones_and_dates_are_refused() {
        assert!(
            message("time_zone = 'UTC'\nholidys = []").ends_with("unknown key `holidys`; did you mean `holidays`?")
        );
        assert!(message(&with_hours("monday = []")).contains("unknown key `monday`"));
        assert!(message("time_zone = 'Europe/Mosow'").contains("`Europe/Moscow`"));
        assert!(message("time_zone = 'UTC'\nholidays = ['2024-02-30']").contains("2024-02-30"));
        assert!(message("time_zone = 'UTC'\nyears = [2020, 1990]").contains("years 2020 to 1990"));
        assert!(message("time_zone = 'UTC'\nproduction = 'de'").contains("unknown production calendar `de`"));
    }

    #[test]
    fn a_calendar_survives_its_own_text() {
        let text = with_hours("mon = [['22:00', '06:00']]") + "\n[holidays]\n2024-01-01 = 'New Year'\n";
        let calendar = Calendar::from_text(&text).unwrap().with_production("ru").unwrap();
        let json = serde_json::to_string(&calendar).unwrap();
        assert_eq!(Calendar::from_text(&json).unwrap(), calendar);
        assert_eq!(calendar.text().holidays["2024-01-01"], "New Year");
    }

    #[test]
    fn the_russian_calendar_moves_shortens_and_closes() {
        let week = ["mon", "tue", "wed", "thu", "fri"]
            .map(|day| format!("{day} = [['09:00', '13:00'], ['14:00', '18:00']]"))
            .join("\n");
        let calendar =
            Calendar::from_text(&format!("time_zone = 'Europe/Moscow'\nproduction = 'ru'\n[hours]\n{week}")).unwrap();
        let hours = |from: &str, to: &str| {
            let zone = calendar.zone();
            calendar.elapsed(zone.parse(from).unwrap(), zone.parse(to).unwrap()).unwrap() / HOUR
        };
        // Working days and hours of a 40-hour week as published: 2024 has 248 days less 5 short hours.
        assert_eq!(hours("2024-01-01", "2025-01-01"), 248 * 8 - 5);
        assert_eq!(hours("2025-01-01", "2026-01-01"), 1972);
        assert_eq!(hours("2018-01-01", "2019-01-01"), 1970);
        assert_eq!(hours("2024-11-02", "2024-11-03"), 7); // a working Saturday that is short as well
        assert_eq!(hours("2024-04-27", "2024-04-28"), 8);
        let zone = calendar.zone();
        let explained = calendar.explain(zone.parse("2024-02-22").unwrap(), zone.parse("2024-02-24").unwrap()).unwrap();
        let expected = [
            "thu 2024-02-22: hours of its own, 09:00-13:00, 14:00-17:00",
            "fri 2024-02-23: holiday (Defender of the Fatherland Day)",
        ];
        assert_eq!(explained.notes, expected);
        let late = calendar.explain(zone.parse("2028-01-03").unwrap(), zone.parse("2028-01-04").unwrap()).unwrap();
        assert!(late.notes[0].contains("covers 2015 to 2027 only"));
    }

    #[test]
    fn short_days_lose_the_end_of_their_working_time() {
        let mut hours = vec![(9 * HOUR, 13 * HOUR), (14 * HOUR, 14 * HOUR + HOUR / 2)];
        close_earlier(&mut hours, HOUR);
        assert_eq!(hours, [(9 * HOUR, 12 * HOUR + HOUR / 2)]);
    }
}
