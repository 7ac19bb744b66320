//! Time zones: what a wall clock showed at an instant, and which instant a wall clock meant.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use chrono::{DateTime, Offset, TimeZone};
use chrono_tz::Tz;

use super::instant::{
    DAY, END_INSTANT, FIRST_INSTANT, FIRST_YEAR, HOUR, LAST_YEAR, MINUTE, Moment, SECOND, civil_from_days,
    days_from_civil, format_local, parse, weekday,
};
use crate::error::{Error, Result};

/// A stretch of time with one offset from UTC, half-open: `from <= instant < until`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OffsetSpan {
    /// The first instant of the span.
    pub from: i64,
    /// The first instant after the span.
    pub until: i64,
    /// Local time minus UTC, in microseconds.
    pub offset: i64,
}

/// Which of two instants a repeated local time means (the hour that an autumn night has twice).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pick {
    /// The first one; csat takes it for openings and starts.
    Earlier,
    /// The second one; csat takes it for closings and ends.
    Later,
}

/// The instant of a local time, and whether the local time existed once, never or twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The instant; for a skipped local time the first valid instant after it.
    pub instant: i64,
    /// How often the wall clock showed that time.
    pub times: Times,
}

/// How often a wall clock showed a local time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Times {
    /// Once, as nearly always.
    Once,
    /// Never: clocks were put forward over it.
    Never,
    /// Twice: clocks were put back over it.
    Twice,
}

/// An IANA time zone with its offsets from 1900 to 2200. Cloning shares the table.
///
/// The tables of the time zone database end in 2099; a rule still in force then is continued to 2200.
#[derive(Clone)]
pub struct Zone(Arc<Table>);

struct Table {
    name: &'static str,
    /// At least one span; the first begins at `i64::MIN`, the last ends at `i64::MAX`.
    spans: Vec<OffsetSpan>,
    /// For each stretch of 2^[`STRETCH`] µs from [`FIRST_INSTANT`]: the span in force at its start.
    starts: Vec<u16>,
}

/// 2^42 µs are 51 days: a stretch holds at most a few changes.
const STRETCH: u32 = 42;
/// No zone leaves an offset and returns to it within this time, so a scan in such steps sees every change.
const SCAN_STEP: i64 = 6 * DAY;

impl Zone {
    /// The zone of an IANA name such as `Europe/Moscow` or `UTC`. Builds a table of about 10 kB once (about a
    /// millisecond); keep the zone rather than making it again per row.
    ///
    /// ```
    /// use csat_core::time::{Zone, instant::HOUR};
    /// let moscow = Zone::new("Europe/Moscow")?;
    /// assert_eq!(moscow.offset_at(1_709_307_600_000_000), 3 * HOUR);
    /// let error = Zone::new("Europe/Mosow").unwrap_err();
    /// assert!(error.message().contains("Europe/Moscow"));
    /// # Ok::<(), csat_core::Error>(())
    /// ```
    pub fn new(name: &str) -> Result<Zone> {
        let tz = Tz::from_str(name)
            .map_err(|_| Error::unknown("time zone", name, chrono_tz::TZ_VARIANTS.iter().map(|tz| tz.name())))?;
        Ok(Zone(Arc::new(Table::new(tz))))
    }

    /// Coordinated universal time.
    pub fn utc() -> Zone {
        Zone(Arc::new(Table::new(Tz::UTC)))
    }

    /// The IANA name.
    pub fn name(&self) -> &'static str {
        self.0.name
    }

    /// The version of the time zone database, such as `2025b`. Results that depend on zones should record it.
    pub fn database_version() -> &'static str {
        chrono_tz::IANA_TZDB_VERSION
    }

    /// Local time minus UTC at an instant, in microseconds.
    pub fn offset_at(&self, instant: i64) -> i64 {
        self.span_at(instant).offset
    }

    /// The offset at an instant with the stretch of time for which it holds; loops keep it and look up again only
    /// outside of it. Instants outside 1900 to 2200 get the offset of the nearest supported one.
    pub fn span_at(&self, instant: i64) -> OffsetSpan {
        self.0.spans[self.0.index_at(instant)]
    }

    /// The wall clock at an instant.
    pub fn to_local(&self, instant: i64) -> i64 {
        instant.saturating_add(self.offset_at(instant))
    }

    /// The local date at an instant, in days since 1970-01-01.
    pub fn date_at(&self, instant: i64) -> i64 {
        self.to_local(instant).div_euclid(DAY)
    }

    /// The instant at which the wall clock showed `local`. A skipped local time gives the first valid instant after
    /// the gap, whatever the pick; a repeated one gives the instant picked.
    ///
    /// ```
    /// use csat_core::time::{Pick, Zone, instant::{Moment, format_utc, parse}};
    /// let berlin = Zone::new("Europe/Berlin")?;
    /// let Moment::Local(local) = parse("2024-03-31T02:30")? else { unreachable!() };
    /// assert_eq!(format_utc(berlin.local_to_instant(local, Pick::Earlier).instant), "2024-03-31T01:00:00Z");
    /// # Ok::<(), csat_core::Error>(())
    /// ```
    pub fn local_to_instant(&self, local: i64, pick: Pick) -> Resolved {
        let local = local.clamp(FIRST_INSTANT - DAY, END_INSTANT + DAY);
        // Offsets are smaller than a day, so the instant lies within a day of the same count read as UTC.
        let near = self.0.index_at(local - DAY);
        let mut found: Option<(i64, i64)> = None;
        let mut gap_end = local;
        for span in self.0.spans[near..].iter().take_while(|span| span.from <= local + DAY) {
            let instant = local - span.offset;
            if instant < span.from && found.is_none() {
                gap_end = span.from;
                break;
            }
            if (span.from..span.until).contains(&instant) {
                found = Some((found.map_or(instant, |(first, _)| first), instant));
            }
        }
        match found {
            None => Resolved { instant: gap_end, times: Times::Never },
            Some((first, last)) => Resolved {
                instant: if pick == Pick::Earlier { first } else { last },
                times: if first == last { Times::Once } else { Times::Twice },
            },
        }
    }

    /// The first instant of a local date (days since 1970-01-01): midnight, or the first valid instant after it where
    /// midnight is skipped, or the first of two midnights.
    pub fn start_of_date(&self, days: i64) -> i64 {
        self.local_to_instant(days.saturating_mul(DAY), Pick::Earlier).instant
    }

    /// Reads an instant; a text without an offset is local time of this zone (the earlier of two), a date its start.
    pub fn parse(&self, text: &str) -> Result<i64> {
        Ok(match parse(text)? {
            Moment::Instant(instant) => instant,
            Moment::Local(local) => self.local_to_instant(local, Pick::Earlier).instant,
            Moment::Date(days) => self.start_of_date(days),
        })
    }

    /// An instant in this zone with its offset: `2024-03-04T10:40:00+03:00`.
    pub fn format(&self, instant: i64) -> String {
        let offset = self.offset_at(instant);
        let (sign, size) = if offset < 0 { ('-', -offset) } else { ('+', offset) };
        let mut text =
            format!("{}{sign}{:02}:{:02}", format_local(self.to_local(instant)), size / HOUR, size / MINUTE % 60);
        if size % MINUTE != 0 {
            text += &format!(":{:02}", size / SECOND % 60);
        }
        text
    }
}

impl PartialEq for Zone {
    fn eq(&self, other: &Zone) -> bool {
        self.name() == other.name()
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zone({})", self.name())
    }
}

impl Table {
    fn new(tz: Tz) -> Table {
        let mut spans = vec![OffsetSpan { from: i64::MIN, until: i64::MAX, offset: offset_of(tz, FIRST_INSTANT) }];
        // UTC never changes; looking for changes over three centuries takes a millisecond.
        for (at, offset) in if tz == Tz::UTC { Vec::new() } else { changes(tz) } {
            push_change(&mut spans, at, offset);
        }
        let stretches = ((END_INSTANT - FIRST_INSTANT) >> STRETCH) + 1;
        let mut index = 0;
        let starts = (0..stretches)
            .map(|i| {
                while spans[index].until <= FIRST_INSTANT + (i << STRETCH) {
                    index += 1;
                }
                index as u16
            })
            .collect();
        Table { name: tz.name(), spans, starts }
    }

    fn index_at(&self, instant: i64) -> usize {
        let instant = instant.clamp(FIRST_INSTANT, END_INSTANT);
        let mut index = usize::from(self.starts[((instant - FIRST_INSTANT) >> STRETCH) as usize]);
        while self.spans[index].until <= instant {
            index += 1;
        }
        index
    }
}

fn push_change(spans: &mut Vec<OffsetSpan>, at: i64, offset: i64) {
    if let Some(last) = spans.last_mut().filter(|last| last.offset != offset) {
        last.until = at;
        spans.push(OffsetSpan { from: at, until: i64::MAX, offset });
    }
}

fn offset_of(tz: Tz, instant: i64) -> i64 {
    let seconds = instant.div_euclid(SECOND);
    let utc = DateTime::from_timestamp(seconds, 0).unwrap_or_default().naive_utc();
    i64::from(tz.offset_from_utc_datetime(&utc).fix().local_minus_utc()) * SECOND
}

/// The end of the tables of the time zone database.
const TABLES_END: i64 = days_from_civil(2100, 1, 1) * DAY;

/// The changes of offset from 1900 to 2200: (instant, new offset).
fn changes(tz: Tz) -> Vec<(i64, i64)> {
    let mut found = Vec::new();
    let (mut at, mut offset) = (FIRST_INSTANT, offset_of(tz, FIRST_INSTANT));
    while at < TABLES_END {
        let next = (at + SCAN_STEP).min(TABLES_END);
        if offset_of(tz, next) == offset {
            at = next;
            continue;
        }
        let (mut before, mut after) = (at, next);
        while after - before > SECOND {
            let middle = before + (after - before) / SECOND / 2 * SECOND;
            if offset_of(tz, middle) == offset { before = middle } else { after = middle }
        }
        (at, offset) = (after, offset_of(tz, after));
        found.push((at, offset));
    }
    continue_rule(&mut found);
    found
}

/// Continues a yearly rule still in force in 2099: each later year repeats the changes of a year with the same weekdays.
fn continue_rule(found: &mut Vec<(i64, i64)>) {
    let year_of = |at: i64| civil_from_days(at.div_euclid(DAY)).0;
    if found.last().is_none_or(|(at, _)| year_of(*at) < 2099) {
        return;
    }
    let known = found.clone();
    for year in 2100..=LAST_YEAR {
        let (start, end) = (days_from_civil(year, 1, 1), days_from_civil(year + 1, 1, 1));
        let same = |model: i64| {
            let first = days_from_civil(model, 1, 1);
            weekday(first) == weekday(start) && days_from_civil(model + 1, 1, 1) - first == end - start
        };
        let Some(model) = (2072..2100).find(|model| same(*model)) else { continue };
        let shift = (start - days_from_civil(model, 1, 1)) * DAY;
        let copied = known.iter().filter(|(at, _)| year_of(*at) == model);
        found.extend(copied.map(|(at, offset)| (at + shift, *offset)));
    }
}

const _: () = assert!(FIRST_YEAR < 2072 && LAST_YEAR > 2100);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::instant::{format_utc, parse_instant};
    use proptest::prelude::*;

    fn local(text: &str) -> i64 {
        match parse(text).unwrap() {
            Moment::Local(local) => local,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_gap_gives_the_first_valid_instant_and_a_fold_the_one_picked() {
        let berlin = Zone::new("Europe/Berlin").unwrap();
        let both = |text: &str| {
            [Pick::Earlier, Pick::Later].map(|pick| {
                let resolved = berlin.local_to_instant(local(text), pick);
                (format_utc(resolved.instant), resolved.times)
            })
        };
        let at = |text: &str, times| (text.to_owned(), times);
        assert_eq!(both("2024-03-31T02:00"), [(); 2].map(|()| at("2024-03-31T01:00:00Z", Times::Never)));
        assert_eq!(both("2024-03-31T02:59"), [(); 2].map(|()| at("2024-03-31T01:00:00Z", Times::Never)));
        assert_eq!(both("2024-03-31T03:00"), [(); 2].map(|()| at("2024-03-31T01:00:00Z", Times::Once)));
        assert_eq!(
            both("2024-10-27T02:30"),
            [at("2024-10-27T00:30:00Z", Times::Twice), at("2024-10-27T01:30:00Z", Times::Twice)]
        );
        assert_eq!(both("2024-10-27T03:00"), [(); 2].map(|()| at("2024-10-27T02:00:00Z", Times::Once)));
    }

    #[test]
    fn a_skipped_day_starts_where_the_next_one_does() {
        // Samoa went from 2011-12-29 to 2011-12-31: at 2011-12-30T10:00Z the offset changed from -10 to +14 hours.
        let apia = Zone::new("Pacific/Apia").unwrap();
        let change = parse_instant("2011-12-30T10:00Z").unwrap();
        assert_eq!(
            apia.local_to_instant(local("2011-12-30T12:00"), Pick::Later),
            Resolved { instant: change, times: Times::Never }
        );
        assert_eq!(apia.start_of_date(parse_date("2011-12-31")), change);
    }

    fn parse_date(text: &str) -> i64 {
        crate::time::instant::parse_date(text).unwrap()
    }

    #[test]
    fn rules_go_on_after_the_tables_end() {
        // 2150-07-01 is summer in Berlin; 2150-03-29 is the last Sunday of March (2150-01-01 is a Thursday).
        let berlin = Zone::new("Europe/Berlin").unwrap();
        assert_eq!(berlin.offset_at(parse_instant("2150-07-01T00:00Z").unwrap()), 2 * HOUR);
        assert_eq!(
            berlin.span_at(parse_instant("2150-07-01T00:00Z").unwrap()).from,
            parse_instant("2150-03-29T01:00Z").unwrap()
        );
        assert_eq!(berlin.offset_at(parse_instant("2199-12-31T00:00Z").unwrap()), HOUR);
        assert_eq!(Zone::new("Africa/Casablanca").unwrap().0.spans.last().unwrap().until, i64::MAX);
        assert_eq!(Zone::utc().0.spans.len(), 1);
    }

    #[test]
    fn instants_are_read_and_written_in_a_zone() {
        let moscow = Zone::new("Europe/Moscow").unwrap();
        let at = moscow.parse("2024-03-04T10:40").unwrap();
        assert_eq!(moscow.format(at), "2024-03-04T10:40:00+03:00");
        assert_eq!(moscow.parse("2024-03-04T10:40:00+03:00"), Ok(at));
        assert_eq!(Zone::new("Mars").unwrap_err().message(), "unknown time zone `Mars`");
        for wild in [i64::MIN, i64::MAX, i64::MIN + 1] {
            let _ = (moscow.format(wild), moscow.start_of_date(wild), moscow.local_to_instant(wild, Pick::Later));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]
        #[test]
        fn offsets_are_those_of_the_database(zone in 0..chrono_tz::TZ_VARIANTS.len(), instant in FIRST_INSTANT..TABLES_END) {
            let tz = chrono_tz::TZ_VARIANTS[zone];
            let zone = Zone::new(tz.name()).unwrap();
            for at in [instant, zone.span_at(instant).until.min(TABLES_END - SECOND), zone.span_at(instant).from.max(FIRST_INSTANT)] {
                for at in [at, (at - SECOND).max(FIRST_INSTANT), at + SECOND] {
                    prop_assert_eq!(zone.offset_at(at), offset_of(tz, at), "{} {}", tz.name(), at);
                }
            }
            let resolved = zone.local_to_instant(zone.to_local(instant), Pick::Earlier);
            let last = zone.local_to_instant(zone.to_local(instant), Pick::Later);
            prop_assert!(resolved.instant == instant || last.instant == instant);
        }
    }
}
