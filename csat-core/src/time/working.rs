//! Arithmetic in working time: how long it was open, and when a target is used up.
//!
//! All open stretches of the compiled years lie in one table with the open time before each, so that elapsed time is
//! the difference of two look-ups and a deadline one look-up and a short walk: a few nanoseconds, nothing allocated.

use std::fmt;

use super::calendar::{Calendar, Rules};
use super::instant::{
    DAY, HOUR, MISSING, check_instant, days_from_civil, format_date, format_duration, format_time_of_day, format_utc,
    weekday,
};
use super::slot::{Every, SlotFinder};
use super::zone::{Pick, Zone};
use crate::error::{Error, Result};

/// A stretch of working time, half-open: `open <= instant < close`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The first open instant.
    pub open: i64,
    /// The first closed instant.
    pub close: i64,
}

impl Period {
    /// Its length in microseconds.
    pub fn duration(self) -> i64 {
        self.close - self.open
    }
}

#[derive(Clone, Copy, Debug)]
struct Stretch {
    open: i64,
    close: i64,
    /// Open time of all stretches before this one.
    before: i64,
}

/// The open time of some years.
#[derive(Debug)]
pub(super) struct OpenTime {
    years: (i64, i64),
    from: i64,
    until: i64,
    /// In order, never touching; the last is a guard that opens at `until` and never closes.
    stretches: Vec<Stretch>,
    /// For each 2^[`BUCKET`] µs from `from`: the first stretch that closes later.
    starts: Vec<u32>,
}

/// 2^36 µs are 19 hours: one to three stretches.
const BUCKET: u32 = 36;
/// When the guard closes: later than any instant, and far enough from the end of `i64` for its length to be one.
const NEVER: i64 = i64::MAX / 2;
/// How far a deadline is looked for step by step before searching by halves.
const NEAR: usize = 8;

impl OpenTime {
    pub(super) fn compile(rules: &Rules, zone: &Zone, first_year: i64, last_year: i64) -> OpenTime {
        let (first, last) = (days_from_civil(first_year, 1, 1), days_from_civil(last_year + 1, 1, 1));
        let (from, until) = (zone.start_of_date(first), zone.start_of_date(last));
        let mut stretches: Vec<Stretch> = Vec::new();
        rules.each(zone, first - 1, last - 1, |open, close| {
            let (open, close) = (open.max(from), close.min(until));
            if open >= close {
                return;
            }
            match stretches.last_mut() {
                Some(last) if open <= last.close => last.close = last.close.max(close),
                last => {
                    let before = last.map_or(0, |last| last.before + last.close - last.open);
                    stretches.push(Stretch { open, close, before });
                }
            }
        });
        let total = stretches.last().map_or(0, |last| last.before + last.close - last.open);
        stretches.push(Stretch { open: until, close: NEVER, before: total });
        stretches.shrink_to_fit();
        let mut index = 0;
        let starts = (0..=(until - from) >> BUCKET)
            .map(|i| {
                while stretches[index].close <= from + (i << BUCKET) {
                    index += 1;
                }
                index as u32
            })
            .collect();
        OpenTime { years: (first_year, last_year), from, until, stretches, starts }
    }

    #[inline]
    fn holds(&self, instant: i64) -> bool {
        self.from <= instant && instant < self.until
    }

    #[cold]
    fn outside(&self, instant: i64) -> Error {
        if instant == MISSING {
            return Error::argument("an instant is missing");
        }
        Error::argument(format!(
            "{} lies outside the years {} to {} of the calendar; give `years` another range (1900 to 2200) or check the \
             unit of the instant",
            format_utc(instant),
            self.years.0,
            self.years.1
        ))
        .with("instant", instant)
    }

    #[inline]
    fn check(&self, instant: i64) -> Result<()> {
        if self.holds(instant) { Ok(()) } else { Err(self.outside(instant)) }
    }

    /// The first stretch that closes after an instant, which must be held.
    #[inline]
    fn index(&self, instant: i64) -> usize {
        let mut index = self.starts[((instant - self.from) >> BUCKET) as usize] as usize;
        while self.stretches[index].close <= instant {
            index += 1;
        }
        index
    }

    /// Open time from the start of the years to an instant, which must be held.
    #[inline(always)]
    #[allow(
        clippy::inline_always,
        reason = "two calls a row in every loop over columns; a call costs as much as the work"
    )]
    fn up_to(&self, instant: i64) -> i64 {
        let at = self.starts[((instant - self.from) >> BUCKET) as usize] as usize;
        let (first, second) = (&self.stretches[at], &self.stretches[(at + 1).min(self.stretches.len() - 1)]);
        if instant < second.close {
            // Two stretches hold nearly every bucket: what lies in both is added without a branch that cannot be foretold.
            let in_first = (instant - first.open).clamp(0, first.close - first.open);
            return first.before + in_first + (instant - second.open).max(0);
        }
        self.up_to_beyond(instant)
    }

    /// [`up_to`](Self::up_to) where a bucket holds more than two stretches.
    #[cold]
    fn up_to_beyond(&self, instant: i64) -> i64 {
        let stretch = &self.stretches[self.index(instant)];
        stretch.before + (instant - stretch.open).max(0)
    }

    fn real(&self) -> &[Stretch] {
        &self.stretches[..self.stretches.len() - 1]
    }

    fn none_found(&self, what: &str, instant: i64) -> Error {
        let (first, last) = self.years;
        let at = format_utc(instant);
        Error::undefined(if self.real().is_empty() {
            format!("the calendar has no working time at all from {first} to {last}, so {what} {at} does not exist")
        } else {
            format!("{what} {at} does not exist within the years {first} to {last} of the calendar")
        })
    }

    fn add(&self, start: i64, duration: i64) -> Result<i64> {
        let index = self.index(start);
        let target = self.up_to(start).checked_add(duration).unwrap_or(i64::MAX);
        let stretches = self.real();
        let reached = |s: &Stretch| s.before + (s.close - s.open) >= target;
        let near = stretches.len().min(index + NEAR);
        let found = match stretches[index.min(near)..near].iter().find(|s| reached(s)) {
            Some(found) => found,
            None => stretches.get(near + stretches[near..].partition_point(|s| !reached(s))).ok_or_else(|| {
                self.none_found(&format!("the instant {} of working time after", format_duration(duration)), start)
            })?,
        };
        Ok(found.open + (target - found.before))
    }

    fn subtract(&self, start: i64, duration: i64) -> Result<i64> {
        let target = self.up_to(start).saturating_sub(duration);
        let upto = &self.stretches[..=self.index(start)];
        let count = upto.partition_point(|s| s.before <= target);
        match upto[..count].last() {
            Some(found) if target >= 0 => Ok(found.open + (target - found.before)),
            _ => {
                Err(self
                    .none_found(&format!("the instant {} of working time before", format_duration(duration)), start))
            }
        }
    }
}

/// A calendar as loops over columns use it: no checks, no errors.
#[derive(Clone, Copy)]
pub(crate) struct WorkingClock<'a>(&'a OpenTime);

/// An instant in a calendar: open time up to it, and the first stretch that closes later.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) up_to: i64,
    index: usize,
    pub(crate) is_open: bool,
}

impl WorkingClock<'_> {
    /// The first instant of the compiled years and the first one after them.
    pub(crate) fn range(self) -> std::ops::Range<i64> {
        self.0.from..self.0.until
    }

    /// Open time from the start of the years to an instant in [`range`](Self::range): differences are elapsed time.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "as the function it hands on to")]
    pub(crate) fn up_to(self, instant: i64) -> i64 {
        self.0.up_to(instant)
    }

    /// Where an instant in the range lies.
    #[inline]
    pub(crate) fn place(self, instant: i64) -> Place {
        let index = self.0.index(instant);
        let stretch = &self.0.stretches[index];
        let inside = instant - stretch.open;
        Place { up_to: stretch.before + inside.max(0), index, is_open: inside >= 0 }
    }

    /// When `duration` (above zero) after a place is used up; [`MISSING`] where the calendar ends before that.
    #[inline]
    pub(crate) fn due(self, start: Place, duration: i64) -> i64 {
        let target = start.up_to + duration;
        let stretch = &self.0.stretches[start.index];
        // The guard at the end never closes: what lies in it lies beyond the calendar.
        if target <= stretch.before + (stretch.close - stretch.open) && stretch.close != NEVER {
            return stretch.open + (target - stretch.before);
        }
        let rest = &self.0.real()[(start.index + 1).min(self.0.stretches.len() - 1)..];
        let reached = |s: &Stretch| s.before + (s.close - s.open) >= target;
        let found = rest.iter().take(NEAR).find(|s| reached(s));
        let found = found.or_else(|| rest.get(rest.partition_point(|s| !reached(s))));
        found.map_or(MISSING, |found| found.open + (target - found.before))
    }

    /// Whether an instant in the range is working time.
    #[inline]
    pub(crate) fn is_open(self, instant: i64) -> bool {
        self.0.stretches[self.0.index(instant)].open <= instant
    }
}

/// The error of `from` later than `to`.
fn reversed(from: i64, to: i64) -> Error {
    Error::argument(format!("from {} is later than to {}", format_utc(from), format_utc(to)))
        .with("reason", "from_after_to")
}

fn in_row(error: Error, row: usize) -> Error {
    error.at(format!("row {row}")).with("row", row)
}

impl Calendar {
    pub(crate) fn clock(&self) -> WorkingClock<'_> {
        WorkingClock(self.open_time())
    }

    /// Whether an instant is working time. Opening counts, closing does not.
    pub fn is_open(&self, instant: i64) -> Result<bool> {
        let open = self.open_time();
        open.check(instant)?;
        Ok(open.stretches[open.index(instant)].open <= instant)
    }

    /// The working time from one instant to another, in microseconds of real time. `from` later than `to` is an error.
    pub fn elapsed(&self, from: i64, to: i64) -> Result<i64> {
        let open = self.open_time();
        open.check(from)?;
        open.check(to)?;
        if from > to {
            return Err(reversed(from, to));
        }
        Ok(open.up_to(to) - open.up_to(from))
    }

    /// [`elapsed`](Calendar::elapsed) for columns: a row with a [`MISSING`] end is `MISSING`; an error names its row.
    pub fn elapsed_column(&self, from: &[i64], to: &[i64], elapsed: &mut [i64]) -> Result<()> {
        check_lengths(from.len(), &[to.len(), elapsed.len()])?;
        let open = self.open_time();
        for (row, ((&from, &to), elapsed)) in from.iter().zip(to).zip(elapsed).enumerate() {
            if open.holds(from) && open.holds(to) && from <= to {
                *elapsed = open.up_to(to) - open.up_to(from);
            } else if from == MISSING || to == MISSING {
                *elapsed = MISSING;
            } else {
                return Err(in_row(self.elapsed(from, to).err().unwrap_or_else(|| reversed(from, to)), row));
            }
        }
        Ok(())
    }

    /// The instant at which some working time after `start` is used up: the first instant at which
    /// [`elapsed`](Calendar::elapsed) reaches the duration, so a target used up exactly at closing is due at closing.
    /// A negative duration counts backwards, to the last instant with that much working time before `start`; zero gives
    /// `start` itself. An error where the calendar has not enough working time.
    ///
    /// ```
    /// use csat_core::time::{Calendar, instant::{HOUR, parse_instant}};
    /// let calendar = Calendar::from_text(r#"{"time_zone": "UTC", "hours": {"fri": [["10:00", "19:00"]]}}"#)?;
    /// let start = parse_instant("2024-03-01T18:00Z")?; // a Friday
    /// assert_eq!(calendar.add(start, HOUR)?, parse_instant("2024-03-01T19:00Z")?);
    /// assert_eq!(calendar.add(start, 2 * HOUR)?, parse_instant("2024-03-08T11:00Z")?);
    /// # Ok::<(), csat_core::Error>(())
    /// ```
    pub fn add(&self, start: i64, duration: i64) -> Result<i64> {
        let open = self.open_time();
        open.check(start)?;
        match duration {
            0 => Ok(start),
            1.. => open.add(start, duration),
            _ => open.subtract(start, duration.saturating_neg()),
        }
    }

    /// [`add`](Calendar::add) for a column of starts, with one duration for all or one for each; a row with a `MISSING`
    /// start or duration is `MISSING`, an error names its row.
    pub fn add_column(&self, starts: &[i64], durations: &[i64], due: &mut [i64]) -> Result<()> {
        let one = durations.len() == 1;
        check_lengths(starts.len(), &[due.len(), if one { starts.len() } else { durations.len() }])?;
        for (row, (&start, due)) in starts.iter().zip(due).enumerate() {
            *due = match (start, durations[if one { 0 } else { row }]) {
                (MISSING, _) | (_, MISSING) => MISSING,
                (start, duration) => self.add(start, duration).map_err(|e| in_row(e, row))?,
            };
        }
        Ok(())
    }

    /// Any question about one instant for a column of them: `calendar.column(&at, Calendar::next_open, &mut next)`. A
    /// `MISSING` instant gives `MISSING`, an error names its row.
    ///
    /// ```
    /// use csat_core::time::{Calendar, MISSING, instant::{DAY, HOUR}};
    /// let calendar = Calendar::from_text(r#"{"time_zone": "UTC", "hours": {"fri": [["10:00", "19:00"]]}}"#)?;
    /// let mut closings = [0; 2];
    /// calendar.column(&[0, MISSING], Calendar::closing, &mut closings)?; // 1970-01-01 was a Thursday
    /// assert_eq!(closings, [DAY + 19 * HOUR, MISSING]);
    /// # Ok::<(), csat_core::Error>(())
    /// ```
    pub fn column(&self, at: &[i64], ask: impl Fn(&Calendar, i64) -> Result<i64>, answers: &mut [i64]) -> Result<()> {
        check_lengths(at.len(), &[answers.len()])?;
        for (row, (&at, answer)) in at.iter().zip(answers).enumerate() {
            *answer = if at == MISSING { MISSING } else { ask(self, at).map_err(|e| in_row(e, row))? };
        }
        Ok(())
    }

    /// The instant itself if it is open, else the next opening.
    pub fn next_open(&self, instant: i64) -> Result<i64> {
        Ok(self.current_or_next(instant, "the next opening after")?.open.max(instant))
    }

    /// The next opening strictly later than the instant.
    pub fn next_opening_strictly_later(&self, instant: i64) -> Result<i64> {
        let open = self.open_time();
        open.check(instant)?;
        let from = open.index(instant);
        let later = open.real()[from..].iter().find(|s| s.open > instant);
        later.map(|s| s.open).ok_or_else(|| open.none_found("the next opening after", instant))
    }

    /// The end of the open stretch that holds the instant, or of the next one.
    pub fn closing(&self, instant: i64) -> Result<i64> {
        let close = self.current_or_next(instant, "the next closing after")?.close;
        let open = self.open_time();
        if close == open.until { Err(open.none_found("the next closing after", instant)) } else { Ok(close) }
    }

    /// The instant itself if it lies in a stretch (after its opening, up to and with its closing), else the latest
    /// closing before it: at an opening the answer is the closing before.
    pub fn previous_open(&self, instant: i64) -> Result<i64> {
        let open = self.open_time();
        open.check(instant)?;
        let index = open.index(instant);
        if open.stretches[index].open < instant {
            return Ok(instant);
        }
        let before = index.checked_sub(1).map(|i| open.stretches[i].close);
        before.ok_or_else(|| open.none_found("a closing before", instant))
    }

    fn current_or_next(&self, instant: i64, what: &str) -> Result<Period> {
        let open = self.open_time();
        open.check(instant)?;
        let stretch = open.real().get(open.index(instant)).ok_or_else(|| open.none_found(what, instant))?;
        Ok(Period { open: stretch.open, close: stretch.close })
    }

    /// The open stretches from an instant on, the first cut to begin at it. Ends with the compiled years.
    pub fn open_periods_after(&self, instant: i64) -> Result<impl Iterator<Item = Period> + '_> {
        let open = self.open_time();
        open.check(instant)?;
        let stretches = open.real()[open.index(instant)..].iter();
        Ok(stretches.map(move |s| Period { open: s.open.max(instant), close: s.close }))
    }

    /// The open stretches before an instant, newest first, the newest cut to end at it.
    pub fn open_periods_before(&self, instant: i64) -> Result<impl Iterator<Item = Period> + '_> {
        let open = self.open_time();
        open.check(instant)?;
        let stretches = open.stretches[..=open.index(instant)].iter().rev();
        let cut = stretches.map(move |s| Period { open: s.open, close: s.close.min(instant) });
        Ok(cut.filter(|period| period.open < period.close))
    }

    /// The slots between two instants that hold working time, each cut to the two: the grid of a report in which an
    /// interval without a contact has a row too. A slot shorter than a day is listed where any of it is open.
    ///
    /// ```
    /// use csat_core::time::{Calendar, Every, instant::parse_instant};
    /// let calendar = Calendar::from_text("time_zone = 'UTC'\nhours = { tue = [['08:00', '17:00']] }")?;
    /// let (from, to) = (parse_instant("2020-10-06T00:00Z")?, parse_instant("2020-10-13T00:00Z")?);
    /// assert_eq!(calendar.open_slots(from, to, "1h".parse()?)?.len(), 9);
    /// let days = calendar.open_slots(from, to, Every::DAY)?;
    /// assert_eq!((days.len(), days[0].open, days[0].close), (1, from, parse_instant("2020-10-07T00:00Z")?));
    /// # Ok::<(), csat_core::Error>(())
    /// ```
    ///
    /// More than 1,000,000 slots are refused.
    pub fn open_slots(&self, from: i64, to: i64, every: Every) -> Result<Vec<Period>> {
        const MOST: usize = 1_000_000;
        check_instant(from)?;
        check_instant(to)?;
        if from > to {
            return Err(reversed(from, to));
        }
        self.open_time().check(to)?;
        let mut finder = SlotFinder::new(every, self.zone().clone());
        let mut slots: Vec<Period> = Vec::new();
        for period in self.open_periods_after(from)?.take_while(|period| period.open < to) {
            // A slot may hold several stretches of working time.
            let mut at = slots.last().map_or(period.open, |last| last.close.max(period.open));
            while at < period.close.min(to) {
                if slots.len() == MOST {
                    let (from, to) = (format_utc(from), format_utc(to));
                    let message = format!(
                        "more than {MOST} slots from {from} to {to}; make the stretch shorter or the slots longer"
                    );
                    return Err(Error::argument(message));
                }
                let (open, close) = (finder.start_of(at), finder.end_of(at));
                slots.push(Period { open: open.max(from), close: close.min(to) });
                at = close;
            }
        }
        Ok(slots)
    }

    /// The date some working days from a date (days since 1970-01-01). From a day off it first moves, in the direction
    /// of `days`, to the next working day, which counts as 0; zero days give the date itself.
    pub fn add_working_days(&self, date: i64, days: i64) -> Result<i64> {
        let mut at = date;
        let step = days.signum();
        if step != 0 && !self.is_working_day(at)? {
            at = self.next_working_day(at, step)?;
        }
        for _ in 0..days.unsigned_abs() {
            at = self.next_working_day(at, step)?;
        }
        Ok(at)
    }

    /// [`add_working_days`](Calendar::add_working_days) for the local date of an instant, keeping the time of day.
    pub fn add_working_days_to_instant(&self, instant: i64, days: i64) -> Result<i64> {
        let (date, time) = self.date_and_time(instant)?;
        let date = self.add_working_days(date, days)?;
        Ok(if days == 0 { instant } else { self.at_local(date, time) })
    }

    /// Counts some working days from the local date of an instant (which itself is never counted), keeps the time of
    /// day, and moves to the next open instant (`days` above zero) or the previous one (below zero). Zero days give
    /// the instant itself.
    pub fn add_business_days_keep_time(&self, instant: i64, days: i64) -> Result<i64> {
        let (mut date, time) = self.date_and_time(instant)?;
        for _ in 0..days.unsigned_abs() {
            date = self.next_working_day(date, days.signum())?;
        }
        match days {
            0 => Ok(instant),
            1.. => self.next_open(self.at_local(date, time)),
            _ => self.previous_open(self.at_local(date, time)),
        }
    }

    /// The working days after one date up to and with another; negative where the dates are reversed.
    pub fn working_days_between(&self, from: i64, to: i64) -> Result<i64> {
        super::instant::check_date(from)?;
        super::instant::check_date(to)?;
        let dates = if from <= to { from + 1..to + 1 } else { to..from };
        let mut count = 0;
        for date in dates {
            count += i64::from(self.is_working_day(date)?);
        }
        Ok(count * (to - from).signum())
    }

    fn next_working_day(&self, date: i64, step: i64) -> Result<i64> {
        let mut at = date + step;
        loop {
            match self.is_working_day(at) {
                Ok(true) => return Ok(at),
                Ok(false) => at += step,
                Err(_) => {
                    let (which, date) = (if step < 0 { "before" } else { "after" }, format_date(date));
                    return Err(Error::undefined(format!("the calendar has no working day {which} {date}")));
                }
            }
        }
    }

    fn date_and_time(&self, instant: i64) -> Result<(i64, i64)> {
        super::instant::check_instant(instant)?;
        let local = self.zone().to_local(instant);
        Ok((local.div_euclid(DAY), local.rem_euclid(DAY)))
    }

    fn at_local(&self, date: i64, time: i64) -> i64 {
        self.zone().local_to_instant(date * DAY + time, Pick::Earlier).instant
    }

    /// Every stretch counted between two instants, their sum, and the dates in between with hours of their own.
    ///
    /// ```
    /// use csat_core::time::{Calendar, instant::parse_instant};
    /// let calendar = Calendar::from_text(r#"{"time_zone": "UTC", "hours": {"fri": [["10:00", "19:00"]]}}"#)?;
    /// let explained = calendar.explain(parse_instant("2024-03-01T18:40Z")?, parse_instant("2024-03-08T10:15Z")?)?;
    /// assert_eq!(explained.to_string(), "\
    /// working time from Fri 2024-03-01 18:40 to Fri 2024-03-08 10:15 (UTC): 35m
    ///   Fri 2024-03-01 18:40 to 19:00: 20m
    ///   Fri 2024-03-08 10:00 to 10:15: 15m
    /// ");
    /// # Ok::<(), csat_core::Error>(())
    /// ```
    pub fn explain(&self, from: i64, to: i64) -> Result<Explanation> {
        let elapsed = self.elapsed(from, to)?;
        let counted = self.open_periods_after(from)?.take_while(|period| period.open < to);
        let counted = counted.map(|period| Period { close: period.close.min(to), ..period }).collect();
        let zone = self.zone().clone();
        let notes = self.notes(zone.date_at(from), zone.date_at(to));
        Ok(Explanation { from, to, elapsed, counted, notes, zone })
    }
}

fn check_lengths(rows: usize, others: &[usize]) -> Result<()> {
    match others.iter().find(|other| **other != rows) {
        None => Ok(()),
        Some(other) => Err(Error::argument(format!("columns of {rows} and {other} rows: they must be equally long"))),
    }
}

/// How a working time came about.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// The start.
    pub from: i64,
    /// The end.
    pub to: i64,
    /// The working time in microseconds.
    pub elapsed: i64,
    /// Every stretch counted, in order.
    pub counted: Vec<Period>,
    /// The dates in between that have other hours than their weekday, in words.
    pub notes: Vec<String>,
    /// The zone in which the text is written.
    pub zone: Zone,
}

crate::answer_fields!(Explanation { from, to, elapsed, counted, notes });

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = |instant| local_words(&self.zone, instant);
        let total = format_duration(self.elapsed);
        writeln!(f, "working time from {} to {} ({}): {total}", at(self.from), at(self.to), self.zone.name())?;
        for period in &self.counted {
            writeln!(f, "  {}: {}", period_words(&self.zone, *period), format_duration(period.duration()))?;
        }
        for note in &self.notes {
            writeln!(f, "  note: {note}")?;
        }
        Ok(())
    }
}

/// `Fri 2024-03-01 18:40` in a zone.
pub(crate) fn local_words(zone: &Zone, instant: i64) -> String {
    const NAMES: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let local = zone.to_local(instant);
    let days = local.div_euclid(DAY);
    format!("{} {} {}", NAMES[weekday(days)], format_date(days), format_time_of_day(local.rem_euclid(DAY), false))
}

/// `Fri 2024-03-01 18:40 to 19:00`, with the date of the end where it is another.
pub(crate) fn period_words(zone: &Zone, period: Period) -> String {
    let (start, end) = (zone.to_local(period.open), zone.to_local(period.close));
    let days = start.div_euclid(DAY);
    let end_words = if end - days * DAY <= DAY && period.duration() <= 23 * HOUR {
        format_time_of_day(end - days * DAY, false)
    } else {
        local_words(zone, period.close)
    };
    format!("{} to {end_words}", local_words(zone, period.open))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::time::instant::MINUTE;
    use chrono::{DateTime, Offset, TimeZone};
    use proptest::prelude::*;

    const ZONES: [&str; 8] = [
        "UTC",
        "Europe/Berlin",
        "Europe/Moscow",
        "America/New_York",
        "America/Havana",
        "Australia/Lord_Howe",
        "Asia/Beirut",
        "Pacific/Apia",
    ];

    fn calendar(zone: &str, hours: &str, more: &str) -> Calendar {
        Calendar::from_text(&format!("time_zone = '{zone}'\n{more}\n[hours]\n{hours}")).unwrap()
    }

    fn at(calendar: &Calendar, text: &str) -> i64 {
        calendar.zone().parse(text).unwrap()
    }

    #[test]
    fn nights_belong_to_the_date_on_which_they_open() {
        // Friday 22:00 to Saturday 06:00; Saturday 2024-03-02 is a holiday, Friday 2024-03-08 is one too.
        let night = calendar("UTC", "fri = [['22:00', '06:00']]", "holidays = ['2024-03-02', '2024-03-08']");
        assert!(night.is_open(at(&night, "2024-03-02T03:00Z")).unwrap());
        assert!(!night.is_open(at(&night, "2024-03-09T03:00Z")).unwrap());
        assert_eq!(night.elapsed(at(&night, "2024-03-01"), at(&night, "2024-03-20")), Ok(16 * HOUR));
        // A break of Saturday cuts the night that began on Friday.
        let cut = calendar("UTC", "fri = [['22:00', '06:00']]", "breaks = { 2024-03-02 = [['01:00', '02:00']] }");
        assert_eq!(cut.elapsed(at(&cut, "2024-03-01"), at(&cut, "2024-03-03")), Ok(7 * HOUR));
    }

    #[test]
    fn edges_in_the_repeated_hour_count_it_whole() {
        // Berlin 2024-10-27 has 02:00-03:00 twice. Opening takes the first, closing the second: 02:15-02:45 is 90 minutes.
        let all = calendar("Europe/Berlin", "sun = [['02:15', '02:45']]", "");
        assert_eq!(all.elapsed(at(&all, "2024-10-27"), at(&all, "2024-10-28")), Ok(90 * MINUTE));
        // Two intervals that meet there overlap in real time and count once: 01:00 to 04:00 is four hours that day.
        let two = calendar("Europe/Berlin", "sun = [['01:00', '02:30'], ['02:30', '04:00']]", "");
        assert_eq!(two.elapsed(at(&two, "2024-10-27"), at(&two, "2024-10-28")), Ok(4 * HOUR));
        // In spring 02:00-03:00 does not exist: 02:15-02:45 vanishes.
        assert_eq!(all.elapsed(at(&all, "2024-03-31"), at(&all, "2024-04-01")), Ok(0));
    }

    #[test]
    fn what_does_not_exist_is_an_error() {
        let never = calendar("UTC", "", "");
        let error = never.next_open(at(&never, "2024-01-01")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Undefined);
        assert!(error.message().contains("no working time at all"));
        assert!(never.add(0, 1).is_err() && never.add(0, -1).is_err() && never.closing(0).is_err());
        assert!(never.next_opening_strictly_later(0).is_err() && never.previous_open(0).is_err());
        assert!(never.add_working_days(0, 1).is_err());
        assert_eq!((never.is_open(0), never.elapsed(0, HOUR), never.add(0, 0)), (Ok(false), Ok(0), Ok(0)));
        let always = Calendar::always("UTC").unwrap();
        assert_eq!(always.closing(0).unwrap_err().kind(), ErrorKind::Undefined);
        assert!(always.elapsed(HOUR, 0).unwrap_err().message().contains("later than"));
        for wild in [i64::MIN, i64::MAX, -1, i64::MIN + 1] {
            assert!(
                always.elapsed(wild, wild).is_err()
                    && always.add(wild, 1).is_err()
                    && always.explain(wild, wild).is_err()
            );
            assert!(always.add(0, wild).is_err() && (wild == -1 || always.is_working_day(wild).is_err()));
        }
        let old = calendar("UTC", "mon = [['10:00', '19:00']]", "years = [1900, 1950]");
        assert_eq!(old.elapsed(at(&old, "1950-12-18"), at(&old, "1950-12-31T23:00Z")), Ok(18 * HOUR));
        assert!(always.with_years(1900, 1950).unwrap().elapsed(-40 * 365 * DAY, -30 * 365 * DAY).is_ok());
    }

    #[test]
    fn columns_name_the_row_that_is_wrong() {
        let always = Calendar::always("UTC").unwrap();
        let mut elapsed = [0; 3];
        always.elapsed_column(&[0, MISSING, 5], &[7, 8, MISSING], &mut elapsed).unwrap();
        assert_eq!(elapsed, [7, MISSING, MISSING]);
        let error = always.elapsed_column(&[0, 9], &[7, 8], &mut elapsed[..2]).unwrap_err();
        assert_eq!(error.context_value("row"), Some("1"));
        assert!(always.elapsed_column(&[0], &[], &mut []).is_err());
        let mut due = [0; 2];
        always.add_column(&[3, MISSING], &[HOUR], &mut due).unwrap();
        assert_eq!(due, [3 + HOUR, MISSING]);
        always.add_column(&[3, 3], &[HOUR, MISSING], &mut due).unwrap();
        assert_eq!(due, [3 + HOUR, MISSING]);
        assert!(always.add_column(&[3, 3], &[1, 2, 3], &mut due).is_err());
        let error = always.add_column(&[3, -1], &[HOUR], &mut due).unwrap_err();
        assert_eq!(error.context_value("row"), Some("1"));
        let closing = always.column(&[3], Calendar::closing, &mut due[..1]).unwrap_err();
        assert_eq!(closing.context_value("row"), Some("0"));
    }

    /// Local time minus UTC in minutes, straight from the database.
    fn local_minute(tz: chrono_tz::Tz, minute: i64) -> i64 {
        let utc = DateTime::from_timestamp(minute * 60, 0).unwrap().naive_utc();
        minute + i64::from(tz.offset_from_utc_datetime(&utc).fix().local_minus_utc()) / 60
    }

    /// Which minutes from `from` to `until` are open, found by walking a clock.
    fn walk(tz: chrono_tz::Tz, hours: &[(i64, i64)], from: i64, until: i64) -> Vec<bool> {
        let clock: Vec<i64> = (from..until).map(|minute| local_minute(tz, minute)).collect();
        let first = |local: i64| clock.iter().position(|c| *c >= local).unwrap_or(clock.len());
        let mut open = vec![false; clock.len()];
        for date in clock[0] / 1440..=clock[clock.len() - 1] / 1440 {
            for (opening, closing) in hours {
                let (opening, closing) = (date * 1440 + opening, date * 1440 + closing);
                let end = match clock.iter().rposition(|c| *c == closing) {
                    Some(last) if closing % 1440 != 0 => last,
                    _ => first(closing),
                };
                for open in open.iter_mut().take(end).skip(first(opening)) {
                    *open = true;
                }
            }
        }
        open
    }

    fn clock_text(minutes: i64) -> String {
        format_time_of_day(if minutes > 1440 { minutes - 1440 } else { minutes } * MINUTE, false)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        #[test]
        fn a_calendar_equals_a_walk_minute_by_minute(
            zone in 0..ZONES.len(), near in 0..60_usize, cuts in proptest::collection::btree_set(0..=48_i64, 2..6), night in any::<bool>(),
        ) {
            let name = ZONES[zone];
            let tz: chrono_tz::Tz = name.parse().unwrap();
            let zone = Zone::new(name).unwrap();
            let mut change = days_from_civil(1990, 1, 1) * DAY;
            for _ in 0..near {
                change = zone.span_at(change).until.min(days_from_civil(2030, 1, 1) * DAY);
            }
            let cuts: Vec<i64> = cuts.into_iter().map(|half_hour| half_hour * 30).collect();
            let mut hours: Vec<(i64, i64)> = cuts.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
            if night && hours[0].0 >= 60 && hours.iter().all(|(_, close)| *close <= 1320) {
                hours.push((1380, 1440 + 60));
            }
            let listed: Vec<String> = hours.iter().map(|(a, b)| format!("['{}', '{}']", clock_text(*a), clock_text(*b))).collect();
            let text: String = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].map(|day| format!("{day} = [{}]\n", listed.join(", "))).concat();
            let calendar = calendar(name, &text, "");
            let middle = change.div_euclid(DAY) * 1440;
            let (from, until) = (middle - 5 * 1440, middle + 5 * 1440);
            let open = walk(tz, &hours, from, until);
            let (start, end) = (from + 2 * 1440, until - 2 * 1440);
            let mut total = 0;
            for minute in start..end {
                let is_open = open[(minute - from) as usize];
                prop_assert_eq!(calendar.is_open(minute * MINUTE).unwrap(), is_open, "{} {}", name, format_utc(minute * MINUTE));
                total += i64::from(is_open);
            }
            prop_assert_eq!(calendar.elapsed(start * MINUTE, end * MINUTE), Ok(total * MINUTE));
            let explained = calendar.explain(start * MINUTE, end * MINUTE).unwrap();
            prop_assert_eq!(explained.counted.iter().map(|p| p.duration()).sum::<i64>(), total * MINUTE);
        }

        #[test]
        fn elapsed_adds_up_and_add_inverts_it(
            zone in 0..ZONES.len(), a in 0..40 * 365 * DAY, b in 0..900 * DAY, c in 0..20 * DAY, amount in 1..4_000 * HOUR,
        ) {
            let hours = "mon = [['09:00', '13:00'], ['14:00', '18:00']]\nwed = [['22:00', '06:00']]\nsun = [['00:00', '24:00']]";
            let calendar = calendar(ZONES[zone], hours, "holidays = ['1999-12-26']");
            let a = a + 10 * 365 * DAY;
            let (b, c) = (a + b, a + b + c);
            let elapsed = |from, to| calendar.elapsed(from, to).unwrap();
            prop_assert_eq!(elapsed(a, b) + elapsed(b, c), elapsed(a, c));
            let due = calendar.add(a, amount).unwrap();
            prop_assert_eq!(elapsed(a, due), amount);
            prop_assert_eq!(elapsed(a, due - 1), amount - 1);
            let back = calendar.add(due, -amount).unwrap();
            prop_assert_eq!(elapsed(back, due), amount);
            prop_assert_eq!(elapsed(back + 1, due), amount - 1);
            prop_assert!(calendar.is_open(calendar.next_open(a).unwrap()).unwrap());
            prop_assert_eq!(elapsed(calendar.previous_open(b).unwrap().min(b), b), 0);
        }

        #[test]
        fn round_the_clock_loses_nothing(zone in 0..chrono_tz::TZ_VARIANTS.len(), a in 0..50 * 365 * DAY, b in 0..50 * 365 * DAY) {
            let always = Calendar::always(chrono_tz::TZ_VARIANTS[zone].name()).unwrap().with_years(1990, 2041).unwrap();
            let base = days_from_civil(1990, 2, 1) * DAY;
            let (from, to) = (base + a.min(b), base + a.max(b));
            prop_assert_eq!(always.elapsed(from, to), Ok(to - from));
            prop_assert_eq!(always.add(from, to - from), Ok(to));
        }

        #[test]
        fn no_clock_change_loses_or_doubles_time(zone in 0..chrono_tz::TZ_VARIANTS.len(), cut in 1..1440_i64) {
            // Round the clock as two intervals that meet at some time of day, skipped or shown twice at some changes.
            let name = chrono_tz::TZ_VARIANTS[zone].name();
            let cut = clock_text(cut);
            let day = format!("[['00:00', '{cut}'], ['{cut}', '24:00']]");
            let week = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].map(|name| format!("{name} = {day}\n")).concat();
            let calendar = calendar(name, &week, "").with_years(1989, 2041).unwrap();
            let zone = Zone::new(name).unwrap();
            let (mut change, end) = (days_from_civil(1990, 1, 1) * DAY, days_from_civil(2041, 1, 1) * DAY);
            loop {
                change = zone.span_at(change).until;
                if change >= end {
                    break;
                }
                for (before, after) in [(26 * HOUR, 26 * HOUR), (MINUTE, MINUTE), (1, 1), (0, 3 * HOUR), (3 * HOUR, 0)] {
                    let (from, to) = (change - before, change + after);
                    prop_assert_eq!(calendar.elapsed(from, to), Ok(to - from), "{} {}", name, format_utc(change));
                    prop_assert_eq!(calendar.add(from, to - from), Ok(to), "{} {}", name, format_utc(change));
                }
                prop_assert!(calendar.is_open(change - 1).unwrap() && calendar.is_open(change).unwrap());
            }
        }
    }

    #[test]
    fn a_grid_of_too_many_slots_is_refused() {
        let calendar = Calendar::always("UTC").unwrap();
        let (minute, from) = ("1m".parse().unwrap(), days_from_civil(2020, 1, 1) * DAY);
        assert_eq!(calendar.open_slots(from, from + 1_000_000 * MINUTE, minute).unwrap().len(), 1_000_000);
        let error = calendar.open_slots(from, from + 1_000_001 * MINUTE, minute).unwrap_err();
        assert!(error.message().contains("more than 1000000 slots"), "{error}");
        assert!(calendar.open_slots(MISSING, from, minute).unwrap_err().message().contains("missing"));
    }
}
