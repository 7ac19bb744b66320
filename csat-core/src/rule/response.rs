//! Response targets (SLA): when an answer was due, and whether it came in time.
//!
//! A [`Sla`] is one text: calendars, and policies with the date from which they hold. A ticket keeps the policy that was
//! in force when it was created. A target says for which event, channel, priority, segment and team it is, how long,
//! by which clock, and what happens outside working time.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::closed::closed_list;
use crate::error::{Error, Result};
use crate::text;
use crate::text::means;
use crate::time::instant::{MINUTE, check_instant, format_duration, format_utc, parse_duration};
use crate::time::working::{local_words, period_words};
use crate::time::{Calendar, MISSING, Period};

closed_list! {
    /// What is to happen in time.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    Event, "event" {
        /// The first answer of a person to the customer; automatic replies do not count.
        FirstResponse = "first_response",
        /// The answer to a later message of the customer.
        NextResponse = "next_response",
        /// The end of the case.
        Resolution = "resolution",
        /// The call back after a missed call.
        Callback = "callback",
        /// A call that the customer ordered, perhaps for a time of his own.
        OrderedCall = "ordered_call",
        /// The answer of a unit (a dealer) to which a case was passed on.
        UnitReply = "unit_reply",
    }
}

/// Which clock a target runs by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// Working time of the calendar.
    #[default]
    Business,
    /// Real time round the clock.
    Calendar,
}

/// How an answer is compared with its target. After closing the two differ: an answer at the next opening has used up
/// no more working time, yet comes after the due time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Compare {
    /// Met if the elapsed time is at most the target.
    #[default]
    Elapsed,
    /// Met if the answer came at or before the due time.
    Deadline,
}

/// The resolution in which elapsed time is compared and given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// Microseconds.
    #[default]
    Exact,
    /// Whole minutes, the rest cut.
    MinutesDown,
    /// Whole minutes, any rest a minute more.
    MinutesUp,
}

/// What happens to a time set by the customer outside working time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutsideHours {
    /// It is kept.
    #[default]
    Honour,
    /// The next opening takes its place.
    NextOpening,
    /// It is refused: the record gets the verdict `rejected`.
    Reject,
}

/// From which message of the customer the next response is timed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExchangeStart {
    /// The first one not answered yet.
    #[default]
    OldestUnanswered,
    /// The last one before the answer.
    Latest,
}

/// A [`Sla`] as it is written in TOML or JSON.
///
/// ```toml
/// [calendar]                       # of every target that names no other
/// time_zone = "Europe/Moscow"
/// hours = { mon = [["10:00", "19:00"]], tue = [["10:00", "19:00"]] }
/// [[policies]]
/// from = "2018-01-01"              # the first policy may leave it out
/// [[policies.targets]]             # the first target that fits a record is taken
/// event = "first_response"
/// channels = ["email"]             # also priorities, segments, teams; left out = any
/// target = "1h"
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlaText {
    /// A name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The calendar of targets that name no other.
    pub calendar: Calendar,
    /// Further calendars by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub calendars: BTreeMap<String, Calendar>,
    /// The policies, oldest first.
    pub policies: Vec<PolicyText>,
}

/// A policy as it is written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyText {
    /// The date or instant from which it holds, in the zone of the calendar; left out = since ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Its targets; the first that fits is taken.
    pub targets: Vec<TargetText>,
}

/// A target as it is written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetText {
    /// For which event.
    pub event: Event,
    /// For which channels; empty = any, as for the other lists.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<String>,
    /// For which priorities.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub priorities: Vec<String>,
    /// For which segments of customers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<String>,
    /// For which teams.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub teams: Vec<String>,
    /// How long, such as `30m`.
    pub target: String,
    /// Working time or real time.
    #[serde(default)]
    pub clock: Clock,
    /// The calendar, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calendar: Option<String>,
    /// `pause`: the target is used up in working time only; `next_opening + 60m`: what starts outside working time has
    /// this budget of its own, counted from the next opening.
    #[serde(default = "pause")]
    pub after_hours: String,
    /// The window around a time set by the customer; without it such a time is ignored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_time: Option<CustomerTimeText>,
    /// The states of a ticket in which the clock stands still.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pause_states: Vec<String>,
    /// The states in which a ticket is resolved.
    #[serde(default = "solved_states", skip_serializing_if = "Vec::is_empty")]
    pub solved_states: Vec<String>,
    /// How answer and target are compared.
    #[serde(default)]
    pub compare: Compare,
    /// The resolution of elapsed time.
    #[serde(default)]
    pub resolution: Resolution,
    /// From which message a next response is timed.
    #[serde(default)]
    pub start: ExchangeStart,
    /// Whether messages before the first response, which `first_response` times as well, begin a next response.
    #[serde(default)]
    pub first_exchange: bool,
}

/// The window around a time set by the customer, as it is written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CustomerTimeText {
    /// How much earlier is in time; `any` for no limit.
    pub early: String,
    /// How much later is in time; `any` for no limit.
    pub late: String,
    /// What happens to a time outside working time.
    pub outside_hours: OutsideHours,
}

impl Default for CustomerTimeText {
    fn default() -> Self {
        Self { early: "5m".to_owned(), late: "15m".to_owned(), outside_hours: OutsideHours::Honour }
    }
}

fn pause() -> String {
    "pause".to_owned()
}

fn solved_states() -> Vec<String> {
    vec!["solved".to_owned(), "closed".to_owned()]
}

/// Response targets with their calendars and dates, ready to judge.
///
/// ```
/// use csat_core::rule::response::{Case, Event, Response, Sla};
/// use csat_core::time::{MISSING, instant::parse_instant};
/// let sla = Sla::named("support_10_19")?;
/// let start = parse_instant("2024-03-01T18:30+03:00")?; // a Friday
/// let done = parse_instant("2024-03-04T10:20+03:00")?;
/// let case = Case { channel: Some("email"), ..Case::new(Event::FirstResponse, start) };
/// let judged = sla.judge(&case, &Response::new(start, done))?;
/// assert_eq!(judged.due, Some(parse_instant("2024-03-04T10:30+03:00")?));
/// assert_eq!(judged.verdict.name(), "met");
/// # Ok::<(), csat_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "SlaText", into = "SlaText")]
pub struct Sla {
    text: SlaText,
    policies: Vec<Policy>,
}

#[derive(Clone, Debug, PartialEq)]
struct Policy {
    from: i64,
    targets: Vec<Target>,
}

impl TryFrom<SlaText> for Sla {
    type Error = Error;
    fn try_from(text: SlaText) -> Result<Sla> {
        Sla::new(text)
    }
}

impl From<Sla> for SlaText {
    fn from(sla: Sla) -> SlaText {
        sla.text
    }
}

/// Which target a record asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Case<'a> {
    /// The event.
    pub event: Event,
    /// The channel, where known.
    pub channel: Option<&'a str>,
    /// The priority, where known.
    pub priority: Option<&'a str>,
    /// The segment of the customer, where known.
    pub segment: Option<&'a str>,
    /// The team, where known.
    pub team: Option<&'a str>,
    /// When the ticket was created: the policy in force then is kept.
    pub created: i64,
}

impl Case<'_> {
    /// A case of an event, with nothing else known.
    pub fn new(event: Event, created: i64) -> Self {
        Case { event, channel: None, priority: None, segment: None, team: None, created }
    }
}

impl Sla {
    /// Reads TOML or JSON text; see [`SlaText`]. Unknown keys are refused.
    pub fn from_text(text: &str) -> Result<Sla> {
        Sla::new(text::read("the SLA", text)?)
    }

    /// The names of the built-in policies.
    pub const SHIPPED: &'static [&'static str] = &["support_10_19"];

    /// A built-in policy; there is `support_10_19`, whose file `data/policies/support_10_19.toml` says where it comes from.
    pub fn named(name: &str) -> Result<Sla> {
        match name {
            "support_10_19" => Sla::from_text(include_str!("../../data/policies/support_10_19.toml")),
            _ => Err(Error::unknown("SLA", name, Sla::SHIPPED.iter().copied())),
        }
    }

    /// Checks a written SLA and makes it ready.
    pub fn new(text: SlaText) -> Result<Sla> {
        if text.policies.is_empty() {
            return Err(Error::argument("the SLA has no policies; give at least one with its targets"));
        }
        let mut policies: Vec<Policy> = Vec::new();
        for (number, written) in text.policies.iter().enumerate() {
            let place = format!("policy {} of the SLA", number + 1);
            let from = written.from.as_deref().map(|from| text.calendar.zone().parse(from)).transpose();
            let from = from.map_err(|e| e.at(&place))?.unwrap_or(i64::MIN);
            if policies.last().is_some_and(|last| last.from >= from) {
                let help = "give each policy after the first a `from` later than the one before it";
                return Err(Error::argument(help).at(&place));
            }
            let targets = written.targets.iter().enumerate();
            let targets =
                targets.map(|(i, t)| Target::new(t, &text).map_err(|e| e.at(format!("target {} of {place}", i + 1))));
            policies.push(Policy { from, targets: targets.collect::<Result<_>>()? });
        }
        Ok(Sla { text, policies })
    }

    /// The name, empty where the text has none.
    pub fn name(&self) -> &str {
        self.text.name.as_deref().unwrap_or("")
    }

    /// The SLA as text that can be written again.
    pub fn text(&self) -> &SlaText {
        &self.text
    }

    fn policy(&self, created: i64) -> Option<&Policy> {
        self.policies.iter().rev().find(|policy| policy.from <= created)
    }

    /// The target of a case: the first that fits, in the policy in force when the ticket was created; `None` where no
    /// policy was in force or none of its targets fits. Loops find it once per kind of case.
    pub fn target(&self, case: &Case<'_>) -> Option<&Target> {
        self.policy(case.created)?.targets.iter().find(|target| target.fits(case))
    }

    /// The instants from which the policies hold, oldest first; `i64::MIN` = since ever.
    pub fn policy_starts(&self) -> impl Iterator<Item = i64> + '_ {
        self.policies.iter().map(|policy| policy.from)
    }

    /// Judges one record. Without a target the verdict is `no_target`.
    pub fn judge(&self, case: &Case<'_>, response: &Response<'_>) -> Result<Judgement> {
        match self.target(case) {
            Some(target) => target.judge(response),
            None => response.check().map(|()| Judgement::NO_TARGET),
        }
    }

    /// Judges a ticket from its messages and states: first response, next responses and resolution, with the targets of
    /// this SLA for the case (whose `event` is not looked at).
    pub fn judge_ticket(&self, case: &Case<'_>, log: &TicketLog<'_>) -> Result<TicketJudgement> {
        log.judge(|event| self.target(&Case { event, ..*case }))
    }

    /// How the judgement of one record came about, in words.
    pub fn explain(&self, case: &Case<'_>, response: &Response<'_>) -> Result<String> {
        self.explain_target(self.target(case), case.created, response)
    }

    pub(crate) fn explain_target(
        &self,
        target: Option<&Target>,
        created: i64,
        response: &Response<'_>,
    ) -> Result<String> {
        let Some(target) = target else {
            response.check()?;
            return Ok("no target of the policy in force fits\n".to_owned());
        };
        let from = self.policy(created).map_or(i64::MIN, |policy| policy.from);
        let since = if from == i64::MIN { "since ever".to_owned() } else { format!("since {}", target.words(from)) };
        Ok(format!("{target}; policy in force {since}\n{}", target.explain(response)?))
    }
}

/// One target, ready to judge.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    text: TargetText,
    calendar: Calendar,
    allowed: i64,
    own_budget: Option<i64>,
    /// Early and late limit; `None` without a limit.
    window: Option<(Option<i64>, Option<i64>)>,
}

impl Target {
    fn new(text: &TargetText, sla: &SlaText) -> Result<Target> {
        let calendar = match &text.calendar {
            None => &sla.calendar,
            Some(name) => sla
                .calendars
                .get(name)
                .ok_or_else(|| Error::unknown("calendar", name, sla.calendars.keys().map(String::as_str)))?,
        };
        Target::with_calendar(text.clone(), calendar.clone())
    }

    /// A target by itself, with the calendar of its working time.
    pub fn with_calendar(text: TargetText, calendar: Calendar) -> Result<Target> {
        let positive = |what: &str, text: &str| match parse_duration(text)? {
            duration @ 1.. => Ok(duration),
            _ => Err(Error::argument(format!("{what} `{text}` must be above zero"))),
        };
        let limit = |what: &str, text: &str| match text {
            "any" => Ok(None),
            _ => match parse_duration(text)? {
                duration @ 0.. => Ok(Some(duration)),
                _ => Err(Error::argument(format!("{what} `{text}` must not be negative; use `any` for no limit"))),
            },
        };
        let allowed = positive("target", &text.target)?;
        let own_budget = match text.after_hours.split_once('+') {
            None if text.after_hours.trim() == "pause" => None,
            Some((rule, budget)) if rule.trim() == "next_opening" => Some(positive("after_hours", budget)?),
            _ => {
                let help = format!("after_hours `{}`: use `pause` or `next_opening + 60m`", text.after_hours);
                return Err(Error::argument(help));
            }
        };
        if text.clock == Clock::Calendar && own_budget.is_some() {
            let help = "after_hours: a target by the clock `calendar` knows no working time; leave one of the two out";
            return Err(Error::argument(help));
        }
        let window = match &text.customer_time {
            None => None,
            Some(window) => Some((limit("early", &window.early)?, limit("late", &window.late)?)),
        };
        Ok(Target { text, calendar, allowed, own_budget, window })
    }

    /// The target as written.
    pub fn text(&self) -> &TargetText {
        &self.text
    }

    /// The calendar of its working time.
    pub fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// What columns need of a target whose verdict is a comparison of elapsed time with its budget: the time allowed, and
    /// the budget of what starts outside working time. `None` where judging takes more.
    pub(crate) fn budgets(&self) -> Option<(i64, Option<i64>)> {
        let plain = self.text.compare == Compare::Elapsed && self.text.resolution == Resolution::Exact;
        plain.then_some((self.allowed, self.own_budget))
    }

    /// Whether a time set by the customer changes what is judged.
    pub(crate) fn has_window(&self) -> bool {
        self.window.is_some()
    }

    fn fits(&self, case: &Case<'_>) -> bool {
        let one_of = |list: &[String], value: Option<&str>| {
            list.is_empty() || value.is_some_and(|value| list.iter().any(|item| means(item, value)))
        };
        let text = &self.text;
        text.event == case.event
            && one_of(&text.channels, case.channel)
            && one_of(&text.priorities, case.priority)
            && one_of(&text.segments, case.segment)
            && one_of(&text.teams, case.team)
    }

    /// The time allowed for what starts at an instant.
    pub fn budget(&self, start: i64) -> Result<i64> {
        match self.own_budget {
            Some(own) if !self.calendar.is_open(start)? => Ok(own),
            _ => Ok(self.allowed),
        }
    }

    fn elapsed_between(&self, from: i64, to: i64) -> Result<i64> {
        match self.text.clock {
            Clock::Business => self.calendar.elapsed(from, to),
            Clock::Calendar if from <= to => Ok(to - from),
            Clock::Calendar => {
                Err(Error::argument(format!("from {} is later than to {}", format_utc(from), format_utc(to))))
            }
        }
    }

    fn add(&self, start: i64, duration: i64) -> Result<i64> {
        match self.text.clock {
            Clock::Business => self.calendar.add(start, duration),
            Clock::Calendar => {
                let due = start.saturating_add(duration);
                check_instant(due).map(|()| due).map_err(|e| e.at("the due time"))
            }
        }
    }

    /// The time used from `start` to `at` by the clock of the target, pauses left out, in its resolution.
    pub fn elapsed(&self, start: i64, at: i64, pauses: &Pauses) -> Result<i64> {
        let mut elapsed = self.elapsed_between(start, at)?;
        for (from, until) in pauses.within(start, at) {
            elapsed -= self.elapsed_between(from, until)?;
        }
        Ok(match self.text.resolution {
            Resolution::Exact => elapsed,
            Resolution::MinutesDown => elapsed - elapsed % MINUTE,
            Resolution::MinutesUp => elapsed + (MINUTE - elapsed % MINUTE) % MINUTE,
        })
    }

    /// The first instant at which the time allowed is used up, to the microsecond; `None` while the clock stands still
    /// in a pause without an end.
    pub fn due(&self, start: i64, pauses: &Pauses) -> Result<Option<i64>> {
        check_instant(start)?;
        let (mut at, mut left) = (start, self.budget(start)?);
        for (from, until) in pauses.within(start, i64::MAX) {
            let used = self.elapsed_between(at, from)?;
            if used >= left {
                break;
            }
            if until == i64::MAX {
                return Ok(None);
            }
            (at, left) = (until, left - used);
        }
        self.add(at, left).map(Some)
    }

    /// Judges one response.
    ///
    /// With a time set by the customer (and a `customer_time` in the target) the response is met inside the window around
    /// it; `elapsed` is then the real time after the set time, negative if earlier. Otherwise `elapsed` is the time used
    /// and `remaining` what was left of the time allowed, negative if late. What is not done is judged at `as_of`;
    /// without it only the due time is given.
    pub fn judge(&self, response: &Response<'_>) -> Result<Judgement> {
        response.check()?;
        if let Some(window) = self.window.filter(|_| response.requested != MISSING) {
            return self.judge_window(response, window);
        }
        let due = self.due(response.start, response.pauses)?;
        let Some((at, done)) = response.moment() else {
            return Ok(Judgement { due, ..Judgement::of(Verdict::Running, "not done; give `as_of` to judge it") });
        };
        let elapsed = self.elapsed(response.start, at, response.pauses)?;
        let remaining = self.budget(response.start)? - elapsed;
        let in_time = match self.text.compare {
            Compare::Elapsed => remaining >= 0,
            Compare::Deadline => due.is_none_or(|due| at <= due),
        };
        let (verdict, reason) = match (in_time, done) {
            (true, true) => (Verdict::Met, "done within the target"),
            (false, true) => (Verdict::Missed, "done after the target was used up"),
            (false, false) => (Verdict::Overdue, "not done and the target is used up"),
            (true, false) if response.pauses.hold(at) => (Verdict::Paused, "not done and the clock stands still"),
            (true, false) => (Verdict::Running, "not done and time is left"),
        };
        Ok(Judgement { due, verdict, elapsed: Some(elapsed), remaining: Some(remaining), reason })
    }

    fn judge_window(&self, response: &Response<'_>, window: (Option<i64>, Option<i64>)) -> Result<Judgement> {
        let rule = self.text.customer_time.as_ref().map_or(OutsideHours::Honour, |window| window.outside_hours);
        let set = match rule {
            OutsideHours::Honour => response.requested,
            OutsideHours::NextOpening => self.calendar.next_open(response.requested)?,
            OutsideHours::Reject if self.calendar.is_open(response.requested)? => response.requested,
            OutsideHours::Reject => {
                return Ok(Judgement::of(Verdict::Rejected, "the time set by the customer is outside working time"));
            }
        };
        let (first, last) =
            (window.0.map(|early| set.saturating_sub(early)), window.1.map(|late| set.saturating_add(late)));
        let Some((at, done)) = response.moment() else {
            let reason = "not done; give `as_of` to judge it";
            return Ok(Judgement { due: last, ..Judgement::of(Verdict::Running, reason) });
        };
        let (verdict, reason) = if last.is_some_and(|last| at > last) {
            let late = if done { Verdict::MissedLate } else { Verdict::Overdue };
            (late, "after the window around the time set by the customer")
        } else if !done {
            (Verdict::Running, "the window around the time set by the customer is not over")
        } else if first.is_some_and(|first| at < first) {
            (Verdict::MissedEarly, "before the window around the time set by the customer")
        } else {
            (Verdict::Met, "inside the window around the time set by the customer")
        };
        Ok(Judgement {
            due: last,
            verdict,
            elapsed: Some(at - set),
            remaining: last.map(|last| last.saturating_sub(at)),
            reason,
        })
    }

    fn words(&self, instant: i64) -> String {
        local_words(self.calendar.zone(), instant)
    }

    /// How a judgement came about, in words: every stretch counted, every pause, and the verdict.
    pub fn explain(&self, response: &Response<'_>) -> Result<String> {
        let judged = self.judge(response)?;
        let mut text = format!("started {}", self.words(response.start));
        if response.requested != MISSING {
            text += &format!(", the customer set {}", self.words(response.requested));
        }
        text += &judged.due.map_or(", no due time".to_owned(), |due| format!(", due {}", self.words(due)));
        text += "\n";
        let is_window = response.requested != MISSING && self.window.is_some();
        let end = response.moment().map(|(at, _)| at).or(judged.due).filter(|end| !is_window && *end >= response.start);
        if let Some(end) = end {
            if self.own_budget.is_some() && !self.calendar.is_open(response.start)? {
                text += &format!(
                    "  outside working time: {} from the next opening\n",
                    format_duration(self.budget(response.start)?)
                );
            }
            if self.text.clock == Clock::Business {
                let explained = self.calendar.explain(response.start, end)?.to_string();
                text.extend(explained.lines().skip(1).flat_map(|line| [line, "\n"]));
            }
            for (from, until) in response.pauses.within(response.start, end) {
                let used = self.elapsed_between(from, until)?;
                let period = period_words(self.calendar.zone(), Period { open: from, close: until });
                text += &format!("  paused {period}: {} not counted\n", format_duration(used));
            }
        }
        if response.done != MISSING {
            text += &format!("done {}: ", self.words(response.done));
        }
        text += &format!("{} ({})", judged.verdict, judged.reason);
        if let (Some(elapsed), Some(remaining)) = (judged.elapsed, judged.remaining) {
            let side = if remaining < 0 { "over" } else { "left" };
            let unit = if is_window { "after the time set" } else { "used" };
            text += &format!(", {} {unit}, {} {side}", format_duration(elapsed), format_duration(remaining.abs()));
        }
        Ok(text + "\n")
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = &self.text;
        f.write_str(text.event.name())?;
        for (what, list) in
            [("by", &text.channels), ("of priority", &text.priorities), ("for", &text.segments), ("in", &text.teams)]
        {
            if !list.is_empty() {
                write!(f, " {what} {}", list.join(" or "))?;
            }
        }
        let clock = if text.clock == Clock::Business { "working time" } else { "real time" };
        write!(f, " within {} of {clock}", format_duration(self.allowed))
    }
}

/// When something started and was done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Response<'a> {
    /// When the clock starts.
    pub start: i64,
    /// When it was done; [`MISSING`] while it is not.
    pub done: i64,
    /// The time set by the customer; [`MISSING`] without.
    pub requested: i64,
    /// The instant at which what is not done is judged; [`MISSING`] = not at all.
    pub as_of: i64,
    /// When the clock stood still.
    pub pauses: &'a Pauses,
}

impl Response<'static> {
    /// A start and an end ([`MISSING`] while there is none), without pauses or a time set by the customer.
    pub fn new(start: i64, done: i64) -> Self {
        Response { start, done, requested: MISSING, as_of: MISSING, pauses: Pauses::NONE }
    }
}

impl Response<'_> {
    /// When it is judged, and whether it is done.
    fn moment(&self) -> Option<(i64, bool)> {
        match (self.done, self.as_of) {
            (MISSING, MISSING) => None,
            (MISSING, as_of) => Some((as_of, false)),
            (done, _) => Some((done, true)),
        }
    }

    pub(crate) fn check(&self) -> Result<()> {
        if self.start == MISSING {
            return Err(Error::argument("a response has no start"));
        }
        for instant in [self.start, self.done, self.requested, self.as_of].into_iter().filter(|at| *at != MISSING) {
            check_instant(instant)?;
        }
        match self.moment() {
            Some((at, done)) if at < self.start => {
                let what = if done { "done" } else { "as_of" };
                let (at, start) = (format_utc(at), format_utc(self.start));
                Err(Error::argument(format!("{what} {at} is earlier than the start {start}"))
                    .with("reason", "from_after_to"))
            }
            _ => Ok(()),
        }
    }
}

closed_list! {
    /// What came of a target.
    Verdict, "verdict" {
        /// In time.
        Met = "met",
        /// Late.
        Missed = "missed",
        /// Before the window around a time set by the customer.
        MissedEarly = "missed_early",
        /// After that window.
        MissedLate = "missed_late",
        /// Not done, time is left (or not judged).
        Running = "running",
        /// Not done, the clock stands still.
        Paused = "paused",
        /// Not done, already late.
        Overdue = "overdue",
        /// The time set by the customer was refused.
        Rejected = "rejected",
        /// No target fits.
        NoTarget = "no_target",
    }
}

impl Verdict {
    /// Whether it was kept, once that is certain: what is overdue is certain, what runs is not.
    pub fn is_met(self) -> Option<bool> {
        match self {
            Verdict::Met => Some(true),
            Verdict::Missed | Verdict::MissedEarly | Verdict::MissedLate | Verdict::Overdue => Some(false),
            Verdict::Running | Verdict::Paused | Verdict::Rejected | Verdict::NoTarget => None,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A judged record. Times in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// When it was due; `None` while the clock stands still, without a limit or without a target.
    pub due: Option<i64>,
    /// What came of it.
    pub verdict: Verdict,
    /// The time used; for a time set by the customer the real time after it.
    pub elapsed: Option<i64>,
    /// What was left, negative if late.
    pub remaining: Option<i64>,
    /// Why, in words.
    pub reason: &'static str,
}

impl Judgement {
    pub(crate) const NO_TARGET: Judgement = Judgement::of(Verdict::NoTarget, "no target of the policy in force fits");

    pub(crate) const fn of(verdict: Verdict, reason: &'static str) -> Self {
        Judgement { due: None, verdict, elapsed: None, remaining: None, reason }
    }
}

/// The verdict of a known due time: met at or before it, whenever it is looked at.
///
/// ```
/// use csat_core::rule::response::{Verdict, judge_due};
/// assert_eq!(judge_due(1_000, 1_000), Verdict::Met);
/// assert_eq!(judge_due(1_000, 1_001), Verdict::Missed);
/// ```
pub fn judge_due(due: i64, done: i64) -> Verdict {
    match (done, done <= due) {
        (MISSING, _) => Verdict::Running,
        (_, true) => Verdict::Met,
        (_, false) => Verdict::Missed,
    }
}

/// Stretches in which a clock stands still: a set, so that overlapping pauses are subtracted once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pauses(Vec<(i64, i64)>);

impl Pauses {
    /// No pause.
    pub const NONE: &'static Pauses = &Pauses(Vec::new());

    /// The union of stretches `(from, until)`, half-open, in any order; `until` = [`MISSING`] for a pause that has not
    /// ended. `from` later than `until` is an error.
    ///
    /// ```
    /// use csat_core::rule::response::Pauses;
    /// let pauses = Pauses::unite([(5, 9), (1, 6), (20, 20)])?;
    /// assert_eq!(pauses.iter().collect::<Vec<_>>(), [(1, 9)]);
    /// # Ok::<(), csat_core::Error>(())
    /// ```
    pub fn unite(stretches: impl IntoIterator<Item = (i64, i64)>) -> Result<Pauses> {
        let mut all: Vec<(i64, i64)> = Vec::new();
        for (from, until) in stretches {
            let until = if until == MISSING { i64::MAX } else { until };
            if from == MISSING || from > until {
                let (from, until) = (format_utc(from), format_utc(until));
                return Err(Error::argument(format!("a pause from {from} to {until}: it must begin before it ends")));
            }
            for instant in [from, until].into_iter().filter(|at| *at != i64::MAX) {
                check_instant(instant).map_err(|e| e.at("a pause"))?;
            }
            all.push((from, until));
        }
        all.sort_unstable();
        let mut united: Vec<(i64, i64)> = Vec::new();
        for (from, until) in all.into_iter().filter(|(from, until)| from < until) {
            match united.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(until),
                _ => united.push((from, until)),
            }
        }
        Ok(Pauses(united))
    }

    /// The same pauses in the memory of this value: for loops that would otherwise make one set a row.
    pub(crate) fn refill(&mut self, united: &[(i64, i64)]) {
        self.0.clear();
        self.0.extend_from_slice(united);
    }

    /// The stretches of a state log (in order of time) in which a ticket was in one of the states; the last state goes on.
    pub fn of_states(log: &[(i64, &str)], states: &[impl AsRef<str>]) -> Result<Pauses> {
        if log.windows(2).any(|pair| pair[0].0 > pair[1].0) || log.first().is_some_and(|first| first.0 == MISSING) {
            return Err(Error::argument("the states of a ticket must be in order of time"));
        }
        let ends = log.iter().skip(1).map(|next| next.0).chain([MISSING]);
        let chosen = log.iter().zip(ends).filter(|((_, state), _)| states.iter().any(|s| s.as_ref() == *state));
        Pauses::unite(chosen.map(|((from, _), until)| (*from, until)))
    }

    /// The stretches in order; a pause that has not ended ends at `i64::MAX`.
    pub fn iter(&self) -> impl Iterator<Item = (i64, i64)> + '_ {
        self.0.iter().copied()
    }

    /// Whether an instant lies in a pause.
    pub fn hold(&self, instant: i64) -> bool {
        self.0.iter().any(|(from, until)| *from <= instant && instant < *until)
    }

    /// Their real length between two instants.
    pub fn length(&self, from: i64, to: i64) -> i64 {
        self.within(from, to).map(|(from, until)| until.saturating_sub(from)).sum()
    }

    fn within(&self, from: i64, to: i64) -> impl Iterator<Item = (i64, i64)> + '_ {
        self.iter().map(move |(start, end)| (start.max(from), end.min(to))).filter(|(start, end)| start < end)
    }
}

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Author {
    /// The customer.
    Customer,
    /// A person of ours.
    Agent,
    /// A machine: never an answer.
    Automatic,
}

/// A message of a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Message {
    /// When it was sent.
    pub at: i64,
    /// By whom.
    pub author: Author,
}

/// What happened to a ticket.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TicketLog<'a> {
    /// When it was created.
    pub created: i64,
    /// Its messages, in any order.
    pub messages: &'a [Message],
    /// When it entered which state, in order of time.
    pub states: &'a [(i64, &'a str)],
    /// The first response where the host knows it; [`MISSING`] = the first message of an agent.
    pub first_response: i64,
    /// The resolution where the host knows it; [`MISSING`] = from the states.
    pub resolved: i64,
    /// The instant at which what is not done is judged; [`MISSING`] = not at all.
    pub as_of: i64,
}

/// A judged ticket. `None` where there is no target or nothing of the kind happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TicketJudgement {
    /// The first response.
    pub first_response: Option<Judgement>,
    /// The slowest answered exchange.
    pub next_response: Option<Judgement>,
    /// The exchange that waits for its answer.
    pub waiting: Option<Judgement>,
    /// The resolution.
    pub resolution: Option<Judgement>,
    /// The earliest due time still running; `None` when resolved or while the clock stands still.
    pub next_due: Option<i64>,
}

impl TicketLog<'_> {
    fn judge<'t>(&self, target_of: impl Fn(Event) -> Option<&'t Target>) -> Result<TicketJudgement> {
        let judge = |target: &Target, start: i64, done: i64| {
            let pauses = Pauses::of_states(self.states, &target.text.pause_states)?;
            target.judge(&Response { as_of: self.as_of, pauses: &pauses, ..Response::new(start, done) })
        };
        let first_done = if self.first_response == MISSING { self.first_answer() } else { self.first_response };
        let resolution = target_of(Event::Resolution);
        let resolved = match resolution {
            Some(target) => self.resolved_at(&target.text.solved_states),
            None => self.resolved_at(&solved_states()),
        };
        let first_response =
            target_of(Event::FirstResponse).map(|target| judge(target, self.created, first_done)).transpose()?;
        let resolution = resolution.map(|target| judge(target, self.created, resolved)).transpose()?;
        let (mut next_response, mut waiting) = (None, None);
        if let Some(target) = target_of(Event::NextResponse) {
            // What came before the first response waited for it, and is timed by it.
            let counts = |start: i64| target.text.first_exchange || (first_done != MISSING && start >= first_done);
            for (start, done) in
                exchanges(self.messages, target.text.start).into_iter().filter(|(start, _)| counts(*start))
            {
                let judged = judge(target, start, done)?;
                if done == MISSING {
                    waiting = Some(judged);
                } else if next_response.is_none_or(|slowest: Judgement| judged.elapsed > slowest.elapsed) {
                    next_response = Some(judged);
                }
            }
        }
        let running = [first_response.filter(|_| first_done == MISSING), waiting, resolution];
        let next_due =
            running.into_iter().flatten().filter(|_| resolved == MISSING).filter_map(|judged| judged.due).min();
        Ok(TicketJudgement { first_response, next_response, waiting, resolution, next_due })
    }

    fn first_answer(&self) -> i64 {
        let answers = self.messages.iter().filter(|m| m.author == Author::Agent && m.at >= self.created);
        answers.map(|m| m.at).min().unwrap_or(MISSING)
    }

    /// The start of the last run of solved states, if the ticket is still in it.
    fn resolved_at(&self, solved: &[String]) -> i64 {
        let run = self.states.iter().rev().take_while(|(_, state)| solved.iter().any(|s| s == state));
        if self.resolved == MISSING { run.last().map_or(MISSING, |(at, _)| *at) } else { self.resolved }
    }
}

/// The exchanges of a ticket: from a message of the customer to the next answer of a person, which is [`MISSING`] for
/// the one that waits. Messages may come in any order; at the same instant the customer's goes first.
///
/// ```
/// use csat_core::rule::response::{Author, ExchangeStart, Message, exchanges};
/// let message = |at, author| Message { at, author };
/// let log = [message(0, Author::Customer), message(20, Author::Customer), message(50, Author::Agent)];
/// assert_eq!(exchanges(&log, ExchangeStart::OldestUnanswered), [(0, 50)]);
/// assert_eq!(exchanges(&log, ExchangeStart::Latest), [(20, 50)]);
/// ```
pub fn exchanges(messages: &[Message], start: ExchangeStart) -> Vec<(i64, i64)> {
    let mut sorted: Vec<Message> =
        messages.iter().copied().filter(|m| m.at != MISSING && m.author != Author::Automatic).collect();
    sorted.sort_unstable();
    let mut found = Vec::new();
    let mut open = None;
    for message in sorted {
        match (message.author, open) {
            (Author::Customer, Some(_)) if start == ExchangeStart::OldestUnanswered => {}
            (Author::Customer, _) => open = Some(message.at),
            (_, Some(from)) => {
                found.push((from, message.at));
                open = None;
            }
            (_, None) => {}
        }
    }
    found.extend(open.map(|from| (from, MISSING)));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::instant::{DAY, HOUR, parse_instant};
    use proptest::prelude::*;

    fn at(text: &str) -> i64 {
        parse_instant(&format!("{text}+03:00")).unwrap()
    }

    fn case(event: Event, channel: &'static str) -> Case<'static> {
        Case { channel: Some(channel), ..Case::new(event, at("2024-03-01T10:00")) }
    }

    fn target(more: &str) -> Target {
        let hours = ["mon", "tue", "wed", "thu", "fri"].map(|day| format!("{day} = [['10:00', '19:00']]")).join(", ");
        let text = format!(
            "[calendar]\ntime_zone = 'Europe/Moscow'\nhours = {{ {hours} }}\n[[policies]]\n[[policies.targets]]\n{more}"
        );
        let sla = Sla::from_text(&text).unwrap();
        sla.policies[0].targets[0].clone()
    }

    #[test]
    fn the_five_due_times_of_the_support_policy() {
        let sla = Sla::named("support_10_19").unwrap();
        let due =
            |case: Case<'_>, start: &str| sla.judge(&case, &Response::new(at(start), MISSING)).unwrap().due.unwrap();
        let missed = || case(Event::Callback, "phone");
        assert_eq!(due(missed(), "2024-03-01T18:50"), at("2024-03-04T10:20")); // 10 minutes on Friday, 20 on Monday
        assert_eq!(due(missed(), "2024-03-01T19:00"), at("2024-03-04T11:00")); // at closing it is closed: own budget
        assert_eq!(due(missed(), "2024-03-01T20:15"), at("2024-03-04T11:00"));
        assert_eq!(due(case(Event::FirstResponse, "email"), "2024-03-01T18:30"), at("2024-03-04T10:30"));
        assert_eq!(due(case(Event::FirstResponse, "chat"), "2024-03-01T18:59"), at("2024-03-04T10:01"));
        let none =
            sla.judge(&case(Event::FirstResponse, "fax"), &Response::new(at("2024-03-01T18:59"), MISSING)).unwrap();
        assert_eq!((none.verdict, none.due), (Verdict::NoTarget, None));
    }

    #[test]
    fn a_ticket_keeps_the_policy_of_its_creation() {
        let sla = Sla::from_text(
            "calendar = { time_zone = 'Europe/Moscow', hours = { mon = [['00:00', '24:00']] } }\n\
             [[policies]]\n[[policies.targets]]\nevent = 'resolution'\ntarget = '2h'\npriorities = ['high']\n\
             [[policies.targets]]\nevent = 'resolution'\ntarget = '8h'\n\
             [[policies]]\nfrom = '2018-01-01'\n[[policies.targets]]\nevent = 'resolution'\ntarget = '4h'",
        )
        .unwrap();
        let budget = |created: &str, priority| {
            let case = Case { priority, ..Case::new(Event::Resolution, at(created)) };
            sla.target(&case).unwrap().allowed / HOUR
        };
        assert_eq!(budget("2017-12-31T23:59", None), 8);
        assert_eq!(budget("2017-12-31T23:59", Some("high")), 2);
        assert_eq!(budget("2018-01-01T00:00", Some("high")), 4);
        let again = serde_json::to_string(&sla).unwrap();
        assert_eq!(Sla::from_text(&again).unwrap(), sla);
    }

    #[test]
    fn what_is_wrong_in_a_policy_is_named() {
        let with = |target: &str| {
            let text = format!("calendar = {{ time_zone = 'UTC' }}\n[[policies]]\n[[policies.targets]]\n{target}");
            Sla::from_text(&text).map(|_| ()).unwrap_err().message().to_owned()
        };
        assert!(with("event = 'callback'\ntarget = '30'").contains("target 1 of policy 1 of the SLA"));
        assert!(with("event = 'callback'\ntarget = '0s'").contains("above zero"));
        assert!(with("event = 'callbak'\ntarget = '30m'").contains("did you mean `callback`?"));
        assert!(with("event = 'callback'\ntarget = '30m'\nchanels = []").contains("did you mean `channels`?"));
        assert!(with("event = 'callback'\ntarget = '30m'\nafter_hours = 'later'").contains("next_opening + 60m"));
        assert!(with("event = 'callback'\ntarget = '30m'\ncalendar = 'night'").contains("unknown calendar `night`"));
        assert!(
            with("event = 'callback'\ntarget = '30m'\nclock = 'calendar'\nafter_hours = 'next_opening + 1h'")
                .contains("leave one")
        );
        assert!(
            Sla::from_text("calendar = { time_zone = 'UTC' }\npolicies = [{ targets = [] }, { targets = [] }]")
                .is_err()
        );
        assert!(Sla::named("support").is_err());
    }

    #[test]
    fn a_time_set_by_the_customer_has_a_window() {
        let target = |more: &str| target(&format!("event = 'ordered_call'\ntarget = '30m'\n{more}"));
        let judge = |target: &Target, requested: &str, done: &str| {
            let response = Response { requested: at(requested), ..Response::new(at("2024-03-01T12:00"), at(done)) };
            let judged = target.judge(&response).unwrap();
            (judged.verdict.name(), judged.elapsed.map(|elapsed| elapsed / MINUTE))
        };
        let house = target("customer_time = {}");
        assert_eq!(judge(&house, "2024-03-01T15:00", "2024-03-01T14:54"), ("missed_early", Some(-6)));
        assert_eq!(judge(&house, "2024-03-01T15:00", "2024-03-01T14:55"), ("met", Some(-5)));
        assert_eq!(judge(&house, "2024-03-01T15:00", "2024-03-01T15:15"), ("met", Some(15)));
        assert_eq!(judge(&house, "2024-03-01T15:00", "2024-03-01T15:16"), ("missed_late", Some(16)));
        // Saturday noon is outside working time.
        assert_eq!(judge(&house, "2024-03-02T12:00", "2024-03-02T12:10"), ("met", Some(10)));
        let moved = target("customer_time = { outside_hours = 'next_opening', early = 'any' }");
        assert_eq!(judge(&moved, "2024-03-02T12:00", "2024-03-04T10:15"), ("met", Some(15)));
        let strict = target("customer_time = { outside_hours = 'reject' }");
        assert_eq!(judge(&strict, "2024-03-02T12:00", "2024-03-02T12:10"), ("rejected", None));
        // Without a window the time is ignored: 30 minutes from noon.
        assert_eq!(judge(&target(""), "2024-03-01T15:00", "2024-03-01T12:30"), ("met", Some(30)));
    }

    #[test]
    fn what_runs_is_judged_as_of_an_instant() {
        let target = target("event = 'first_response'\ntarget = '1h'\nresolution = 'minutes_up'");
        let pauses = Pauses::unite([(at("2024-03-01T18:30"), at("2024-03-04T10:30"))]).unwrap();
        let judge = |as_of: &str| {
            let response =
                Response { as_of: at(as_of), pauses: &pauses, ..Response::new(at("2024-03-01T18:00"), MISSING) };
            let judged = target.judge(&response).unwrap();
            assert_eq!(judged.due, Some(at("2024-03-04T11:00")));
            (judged.verdict.name(), judged.remaining.unwrap() / MINUTE)
        };
        assert_eq!(judge("2024-03-01T18:10:01"), ("running", 49));
        assert_eq!(judge("2024-03-04T10:15"), ("paused", 30));
        assert_eq!(judge("2024-03-04T11:00"), ("running", 0));
        assert_eq!(judge("2024-03-04T11:00:01"), ("overdue", -1));
        let forever = Pauses::unite([(at("2024-03-01T18:30"), MISSING)]).unwrap();
        let paused = Response { pauses: &forever, ..Response::new(at("2024-03-01T18:00"), MISSING) };
        assert_eq!(target.judge(&paused).unwrap().due, None);
    }

    #[test]
    fn wild_instants_are_refused() {
        let target = target("event = 'first_response'\ntarget = '1h'\nclock = 'calendar'\ncustomer_time = {}");
        for wild in [i64::MAX, i64::MIN + 1, MISSING] {
            assert!(target.judge(&Response::new(wild, 0)).is_err());
            assert!(wild == MISSING || target.judge(&Response { requested: wild, ..Response::new(0, 1) }).is_err());
            assert!(Pauses::unite([(wild, 0)]).is_err());
        }
        let late = target.judge(&Response::new(5, 4)).unwrap_err();
        assert_eq!(late.context_value("reason"), Some("from_after_to"));
    }

    #[test]
    fn an_explanation_lists_what_was_counted() {
        let sla = Sla::named("support_10_19").unwrap();
        let pauses = Pauses::unite([(at("2024-03-04T10:00"), at("2024-03-04T10:05"))]).unwrap();
        let response = Response { pauses: &pauses, ..Response::new(at("2024-03-01T18:30"), at("2024-03-04T10:20")) };
        let words = sla.explain(&case(Event::FirstResponse, "email"), &response).unwrap();
        let expected = "first_response by email within 1h of working time; policy in force since ever\n\
            started Fri 2024-03-01 18:30, due Mon 2024-03-04 10:35\n  Fri 2024-03-01 18:30 to 19:00: 30m\n  \
            Mon 2024-03-04 10:00 to 10:20: 20m\n  paused Mon 2024-03-04 10:00 to 10:05: 5m not counted\n\
            done Mon 2024-03-04 10:20: met (done within the target), 45m used, 15m left\n";
        assert_eq!(words, expected);
    }

    #[test]
    fn automatic_replies_and_reopening() {
        let sla = Sla::from_text(
            "calendar = { time_zone = 'UTC', hours = { mon = [['00:00', '24:00']] } }\n[[policies]]\n\
             targets = [{ event = 'first_response', target = '1h' }, { event = 'next_response', target = '1h' },\n\
             { event = 'resolution', target = '4h', pause_states = ['pending', 'solved'] }]",
        )
        .unwrap();
        // Monday 2024-01-01. The machine answers at once, a person after 30 minutes; the customer writes again at 02:00.
        let minute = |minute: i64| parse_instant("2024-01-01T00:00Z").unwrap() + minute * MINUTE;
        let message = |at, author| Message { at: minute(at), author };
        let messages = [
            message(0, Author::Customer),
            message(1, Author::Automatic),
            message(30, Author::Agent),
            message(120, Author::Customer),
        ];
        let mut log = TicketLog {
            created: minute(0),
            messages: &messages,
            states: &[(minute(0), "open"), (minute(60), "solved"), (minute(120), "open"), (minute(150), "solved")],
            first_response: MISSING,
            resolved: MISSING,
            as_of: minute(180),
        };
        let case = Case::new(Event::FirstResponse, minute(0));
        let judged = sla.judge_ticket(&case, &log).unwrap();
        assert_eq!(judged.first_response.unwrap().elapsed, Some(30 * MINUTE));
        // Solved at last at 150; 60 of these minutes it was solved already.
        assert_eq!(judged.resolution.unwrap().elapsed, Some(90 * MINUTE));
        assert_eq!(
            (judged.next_response, judged.waiting.unwrap().due, judged.next_due),
            (None, Some(minute(180)), None)
        );
        log.states = &log.states[..3];
        let open = sla.judge_ticket(&case, &log).unwrap();
        assert_eq!((open.next_due, open.resolution.unwrap().due), (Some(minute(180)), Some(minute(300))));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]
        #[test]
        fn pauses_are_a_set_and_due_is_the_first_instant(
            stretches in proptest::collection::vec((0..20 * DAY, 0..3 * DAY), 0..6), start in 0..20 * DAY, after in 0..20 * DAY,
        ) {
            let target = target("event = 'first_response'\ntarget = '5h'");
            let all: Vec<(i64, i64)> = stretches.iter().map(|(from, length)| (*from, from + length)).collect();
            let once = Pauses::unite(all.iter().copied()).unwrap();
            let twice = Pauses::unite(all.iter().rev().chain(&all).copied()).unwrap();
            prop_assert_eq!(&once, &twice);
            prop_assert_eq!(&once, &Pauses::unite(once.iter()).unwrap());
            let used = |at| target.elapsed(start, at, &once).unwrap();
            prop_assert!(used(start + after) >= 0 && used(start + after) <= target.calendar.elapsed(start, start + after).unwrap());
            let due = target.due(start, &once).unwrap().unwrap();
            prop_assert_eq!(used(due), 5 * HOUR);
            prop_assert_eq!(used(due - 1), 5 * HOUR - 1);
        }

        #[test]
        fn pauses_are_subtracted_as_a_walk_minute_by_minute_does(
            stretches in proptest::collection::vec((0..10 * 1440_i64, 0..1440_i64), 0..6), start in 0..9 * 1440_i64, after in 0..4 * 1440_i64,
        ) {
            let target = target("event = 'first_response'\ntarget = '5h'");
            let given = || stretches.iter().map(|(from, length)| (from * MINUTE, (from + length) * MINUTE));
            let walked = (start..start + after)
                .filter(|minute| target.calendar.is_open(minute * MINUTE).unwrap())
                .filter(|minute| !stretches.iter().any(|(from, length)| (*from..from + length).contains(minute)))
                .count() as i64;
            let used = |pauses: &Pauses| target.elapsed(start * MINUTE, (start + after) * MINUTE, pauses).unwrap();
            prop_assert_eq!(used(&Pauses::unite(given()).unwrap()), walked * MINUTE);
            // The same pauses subtracted again change nothing.
            prop_assert_eq!(used(&Pauses::unite(given().chain(given())).unwrap()), walked * MINUTE);
        }
    }

    #[test]
    fn names_of_a_case_fit_as_those_of_columns_do() {
        let sla = Sla::named("support_10_19").unwrap();
        let start = at("2024-03-01T12:00");
        let plain = sla.target(&case(Event::FirstResponse, "email"));
        assert!(plain.is_some());
        assert_eq!(sla.target(&case(Event::FirstResponse, " Email ")), plain);
        // What is wrong is wrong without a target too.
        let other = case(Event::Resolution, "email");
        let reversed = Response::new(start, start - 1);
        assert_eq!(sla.judge(&other, &reversed).unwrap_err().context_value("reason"), Some("from_after_to"));
        assert!(sla.explain(&other, &reversed).is_err());
        assert_eq!(sla.judge(&other, &Response::new(start, start)).unwrap().verdict, Verdict::NoTarget);
    }

    #[test]
    fn a_due_time_by_real_time_stays_in_the_supported_years() {
        let long = target("event = 'callback'\ntarget = '10000h'\nclock = 'calendar'");
        let due = |start| long.due(start, Pauses::NONE);
        assert_eq!(due(0), Ok(Some(10_000 * HOUR)));
        let last = at("2199-12-31T00:00");
        assert!(due(last).unwrap_err().message().contains("the due time"), "{:?}", due(last));
        for start in [MISSING, i64::MAX - 1, i64::MIN + 1] {
            assert!(due(start).is_err(), "{start}");
        }
    }
}
