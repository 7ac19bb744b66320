//! One line and its time.

use chrono::{MappedLocalTime, NaiveDateTime, TimeZone};
use chrono_tz::Tz;

use super::remark::Reason;
use crate::record::INSTANTS;

pub(super) const SECOND: i64 = 1_000_000;

pub(super) struct Event<'a> {
    pub(super) at: i64,
    pub(super) call: &'a str,
    pub(super) queue: &'a str,
    pub(super) agent: Option<&'a str>,
    pub(super) name: &'a str,
    parameters: &'a str,
}

impl<'a> Event<'a> {
    pub(super) fn parse(line: &'a str, zone: Option<Tz>, latest: i64) -> std::result::Result<Self, Reason> {
        let mut fields = line.splitn(6, '|').map(str::trim);
        let at = parse_time(fields.next().unwrap_or_default(), zone, latest)?;
        if !INSTANTS.contains(&at) {
            return Err(Reason::BadTime); // a tally would refuse the whole contact
        }
        let (Some(call), Some(queue), Some(agent), Some(name)) =
            (fields.next(), fields.next(), fields.next(), fields.next())
        else {
            return Err(Reason::Malformed);
        };
        Ok(Self { at, call, queue, agent: named(agent), name, parameters: fields.next().unwrap_or_default() })
    }

    pub(super) fn text(&self, index: usize) -> Option<&'a str> {
        self.parameters.split('|').nth(index).map(str::trim).filter(|text| !text.is_empty())
    }

    pub(super) fn number(&self, index: usize) -> Option<i64> {
        self.text(index)?.parse().ok().filter(|n| (0..=1_000_000_000).contains(n))
    }
}

pub(super) fn named(text: &str) -> Option<&str> {
    Some(text).filter(|t| !t.is_empty() && *t != "NONE")
}

fn parse_time(text: &str, zone: Option<Tz>, latest: i64) -> std::result::Result<i64, Reason> {
    if text.as_bytes().get(4) == Some(&b'-') {
        return parse_local(text, zone, latest);
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || whole.len() > 11 {
        return Err(Reason::BadTime);
    }
    let number = |part: &str| part.bytes().fold(0_i64, |n, b| n * 10 + i64::from(b - b'0'));
    let shown = &fraction[..fraction.len().min(6)];
    Ok(number(whole) * SECOND + number(shown) * 10_i64.pow(6 - shown.len() as u32))
}

fn parse_local(text: &str, zone: Option<Tz>, latest: i64) -> std::result::Result<i64, Reason> {
    let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f")
        .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f"))
        .map_err(|_| Reason::BadTime)?;
    match zone.ok_or(Reason::NaiveTime)?.from_local_datetime(&local) {
        MappedLocalTime::Single(at) => Ok(at.timestamp_micros()),
        MappedLocalTime::Ambiguous(early, late) => {
            let early = early.timestamp_micros();
            Ok(if early < latest { late.timestamp_micros() } else { early })
        }
        MappedLocalTime::None => Err(Reason::BadTime),
    }
}
