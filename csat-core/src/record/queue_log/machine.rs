//! The state machine and its options.

use std::collections::{BTreeMap, VecDeque};

use chrono_tz::Tz;

use super::contact::{ABANDONED, ANSWERED, DEQUEUED, ERROR, FLOW_OUT, KEY_EXIT, PENDING, QueueContact};
use super::event::{Event, SECOND, named};
use super::remark::{QueueLogCounts, Reason, Remark};
use crate::error::{Error, ErrorKind, Result};

const NAMED: usize = 10;
const REMEMBERED: usize = 64;
const LONGEST_LINE: usize = 65_536;

/// How a log is read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QueueLogOptions {
    /// `None` (default): every visit to a queue is a contact. `Some(gap)`: the visits of one call are one contact; a
    /// call that left a queue may enter the next one up to `gap` microseconds of log time later (a minute serves).
    pub stitch_gap: Option<u64>,
    /// The zone of times without one, as in the database variant. In the repeated autumn hour the earlier reading is
    /// taken unless it lies before the line above.
    pub zone: Option<Tz>,
}

/// A log read by [`read`].
#[derive(Clone, Debug, PartialEq)]
pub struct QueueLogRead {
    /// Complete contacts, in the order in which they were completed.
    pub contacts: Vec<QueueContact>,
    /// Contacts that wait at the end of the log.
    pub waiting: Vec<QueueContact>,
    /// Contacts with an agent at the end of the log.
    pub talking: Vec<QueueContact>,
    /// What was remarked.
    pub remarks: Vec<Remark>,
    /// Counts of lines and calls.
    pub counts: QueueLogCounts,
}

/// Reads a whole log. The last line must end with an end of line, else it is set aside as possibly cut off.
pub fn read(text: &str, options: QueueLogOptions) -> QueueLogRead {
    let mut log = QueueLog::new(options);
    log.push_text(text);
    log.finish();
    QueueLogRead {
        contacts: log.drain(),
        waiting: log.waiting(),
        talking: log.talking(),
        remarks: log.remarks(),
        counts: log.counts(),
    }
}

struct Held {
    contact: QueueContact,
    due: i64,
}

/// The state machine: lines in, contacts out. See the module for the rules.
pub struct QueueLog {
    options: QueueLogOptions,
    counts: QueueLogCounts,
    remarks: Vec<Remark>,
    latest: i64,
    /// The visits that are open, by call id; a call has one, rarely two.
    open: BTreeMap<String, Vec<QueueContact>>,
    /// The last call that was connected to each agent.
    last_call: BTreeMap<String, String>,
    /// The visits that ended last, to tell a repeated end from an unknown one.
    closed: VecDeque<(String, String)>,
    /// Stitched contacts whose call may enter a queue again, and when to stop waiting for that.
    held: BTreeMap<String, Held>,
    due: VecDeque<(i64, String)>,
    ready: Vec<QueueContact>,
    partial: String,
}

impl QueueLog {
    /// A machine that has seen nothing.
    pub fn new(options: QueueLogOptions) -> Self {
        let remark = |reason| Remark { reason, count: 0, lines: Vec::new() };
        Self {
            options,
            counts: QueueLogCounts::default(),
            remarks: Reason::ALL.into_iter().map(remark).collect(),
            latest: i64::MIN,
            open: BTreeMap::new(),
            last_call: BTreeMap::new(),
            closed: VecDeque::with_capacity(REMEMBERED),
            held: BTreeMap::new(),
            due: VecDeque::new(),
            ready: Vec::new(),
            partial: String::new(),
        }
    }

    /// Takes one complete line, with or without its end of line.
    ///
    /// An error says why the line was set aside; it is counted as well, and the next line can be pushed. Blank lines
    /// are skipped.
    ///
    /// ```
    /// use csat_core::record::queue_log::{QueueLog, QueueLogOptions};
    /// let mut log = QueueLog::new(QueueLogOptions::default());
    /// let error = log.push_line("2024-05-01 12:00:00.000000|1.1|support|NONE|ENTERQUEUE||2001|1").unwrap_err();
    /// assert!(error.message().contains("zone"));
    /// log.push_line("1714557600.25|1.1|support|NONE|ENTERQUEUE||2001|1")?;
    /// assert_eq!(log.waiting()[0].offered, 1_714_557_600_250_000);
    /// # Ok::<(), csat_core::Error>(())
    /// ```
    pub fn push_line(&mut self, line: &str) -> Result<()> {
        self.counts.lines += 1;
        self.step(line).map_err(|reason| {
            self.remark(reason);
            let number = self.counts.lines;
            Error::new(ErrorKind::BadText, format!("line {number}: {}", reason.message()))
                .with("line", number)
                .with("reason", reason.name())
        })
    }

    /// Takes any piece of text; a line may be cut in two between calls. Lines that are set aside are only counted.
    pub fn push_text(&mut self, text: &str) {
        for piece in text.split_inclusive('\n') {
            if self.partial.is_empty() && piece.ends_with('\n') {
                self.count_line(piece);
            } else {
                self.partial.push_str(piece);
                if piece.ends_with('\n') || self.partial.len() > LONGEST_LINE {
                    let mut line = std::mem::take(&mut self.partial);
                    self.count_line(&line);
                    line.clear();
                    self.partial = line;
                }
            }
        }
    }

    /// The log ends here: an unfinished line is set aside, stitched contacts wait for no further visit. Calls that
    /// are waiting or talking stay listed. Lines may still be pushed afterwards.
    pub fn finish(&mut self) {
        if !self.partial.trim().is_empty() {
            self.counts.lines += 1;
            self.remark(Reason::Truncated);
        }
        self.partial.clear();
        self.release_all();
    }

    /// Takes the contacts that were completed since the last call, in the order of their completion.
    pub fn drain(&mut self) -> Vec<QueueContact> {
        std::mem::take(&mut self.ready)
    }

    /// The contacts that wait now, the longest first: outcome `pending` (a stitched one may be answered already).
    pub fn waiting(&self) -> Vec<QueueContact> {
        self.listed(QueueContact::is_waiting)
    }

    /// The contacts that are with an agent now, the earliest first: outcome `answered`, no end yet.
    pub fn talking(&self) -> Vec<QueueContact> {
        self.listed(|visit| !visit.is_waiting())
    }

    /// Stitched contacts that have left a queue and may enter the next one.
    pub fn between(&self) -> Vec<QueueContact> {
        let held = self.held.iter().filter(|(call, _)| !self.open.contains_key(*call));
        sorted(held.map(|(_, held)| held.contact.clone()).collect())
    }

    /// What was remarked, by reason; reasons that did not occur are left out.
    pub fn remarks(&self) -> Vec<Remark> {
        self.remarks.iter().filter(|remark| remark.count > 0).cloned().collect()
    }

    /// Counts of lines and calls.
    pub fn counts(&self) -> QueueLogCounts {
        self.counts
    }

    /// Ends the visits that began before an instant, as a restart would; for hosts whose log loses ends of calls.
    /// Gives how many. They bear `ended_by` = `GIVEUP`.
    pub fn give_up(&mut self, offered_before: i64) -> usize {
        self.cut(|visit| visit.offered < offered_before, "GIVEUP")
    }

    fn count_line(&mut self, line: &str) {
        self.counts.lines += 1;
        if let Err(reason) = self.step(line) {
            self.remark(reason);
        }
    }

    fn remark(&mut self, reason: Reason) {
        let line = self.counts.lines;
        self.counts.set_aside += u64::from(reason.is_set_aside());
        let remark = &mut self.remarks[reason as usize];
        remark.count += 1;
        if remark.lines.len() < NAMED {
            remark.lines.push(line);
        }
    }

    fn step(&mut self, line: &str) -> std::result::Result<(), Reason> {
        if line.trim().is_empty() {
            return Ok(());
        }
        let event = Event::parse(line, self.options.zone, self.latest)?;
        if event.at < self.latest {
            self.remark(Reason::OutOfOrder);
        }
        self.latest = self.latest.max(event.at);
        self.release();
        self.apply(&event)
    }

    fn apply(&mut self, event: &Event<'_>) -> std::result::Result<(), Reason> {
        match event.name {
            "ENTERQUEUE" => self.enter(event),
            "CONNECT" => self.connect(event),
            "COMPLETEAGENT" => self.hang_up(event, "COMPLETEAGENT", 1),
            "COMPLETECALLER" => self.hang_up(event, "COMPLETECALLER", 1),
            "TRANSFER" => self.hang_up(event, "TRANSFER", 3),
            "BLINDTRANSFER" => self.hang_up(event, "BLINDTRANSFER", 3),
            "ATTENDEDTRANSFER" => self.attended_transfer(event),
            "ABANDON" => self.leave(event, ABANDONED, "ABANDON"),
            "EXITWITHTIMEOUT" => self.leave(event, FLOW_OUT, "EXITWITHTIMEOUT"),
            "EXITEMPTY" => self.leave(event, FLOW_OUT, "EXITEMPTY"),
            "LEAVEEMPTY" => self.leave(event, FLOW_OUT, "LEAVEEMPTY"),
            "EXITWITHKEY" => self.leave(event, KEY_EXIT, "EXITWITHKEY"),
            "WITHDRAW" => self.leave(event, DEQUEUED, "WITHDRAW"),
            "SYSCOMPAT" => self.leave(event, ERROR, "SYSCOMPAT"),
            "RINGNOANSWER" => self.ring(event, event.number(0) != Some(0)),
            "RINGCANCELED" => self.ring(event, false),
            "AGENTDUMP" => self.ring(event, true),
            "QUEUESTART" => {
                self.cut(|_| true, "QUEUESTART");
                self.release_all();
                Ok(())
            }
            "JOINEMPTY" | "FULL" | "CLOSED" | "DIVERT_CA_RATIO" | "DIVERT_HOLDTIME" => {
                self.counts.refused += 1;
                Ok(())
            }
            "DID"
            | "CONFIGRELOAD"
            | "ADDMEMBER"
            | "REMOVEMEMBER"
            | "PAUSE"
            | "UNPAUSE"
            | "PAUSEALL"
            | "UNPAUSEALL"
            | "PAUSEREASON"
            | "PENALTY"
            | "AGENTLOGIN"
            | "AGENTLOGOFF"
            | "AGENTCALLBACKLOGIN"
            | "AGENTCALLBACKLOGOFF"
            | "WRAPUPSTART"
            | "CALLSTATUS"
            | "INFO" => {
                self.counts.other_events += 1;
                Ok(())
            }
            _ => Err(Reason::UnknownEvent),
        }
    }

    fn enter(&mut self, event: &Event<'_>) -> std::result::Result<(), Reason> {
        let (Some(call), Some(queue)) = (named(event.call), named(event.queue)) else {
            return Err(Reason::Malformed);
        };
        let here = |visit: &QueueContact| visit.queue == queue;
        let open = self.open.get(call).map_or(&[][..], Vec::as_slice);
        if open.iter().any(|visit| here(visit) && visit.is_waiting() && visit.offered == event.at) {
            return Err(Reason::Duplicate);
        }
        while let Some(mut visit) = self.take(call, |visit| visit.is_waiting() || here(visit)) {
            self.remark(Reason::ExitNotLogged);
            visit.transferred |= !visit.is_waiting();
            let outcome = if visit.is_waiting() { FLOW_OUT } else { ANSWERED };
            let at = event.at.max(visit.latest());
            self.close(visit, Some(at), outcome, "ENTERQUEUE");
        }
        self.counts.entered += 1;
        let visit = QueueContact {
            call_id: call.to_owned(),
            queue: queue.to_owned(),
            agent: None,
            caller: event.text(1).map(str::to_owned),
            offered: event.at,
            rang: None,
            answered: None,
            ended: None,
            outcome: PENDING,
            wait: None,
            talk: None,
            legs: 1,
            transferred: false,
            ring_no_answers: 0,
            position: event.number(2).and_then(|n| u32::try_from(n).ok()),
            exit_key: None,
            ended_by: None,
        };
        match self.open.get_mut(call) {
            Some(visits) => visits.push(visit),
            None => {
                self.open.insert(call.to_owned(), vec![visit]);
            }
        }
        Ok(())
    }

    fn connect(&mut self, event: &Event<'_>) -> std::result::Result<(), Reason> {
        let Some(visit) = find(&mut self.open, event) else { return Err(self.no_visit(event)) };
        if !visit.is_waiting() {
            let same = visit.agent.as_deref() == event.agent;
            return Err(if same { Reason::Duplicate } else { Reason::Contradiction });
        }
        let at = event.at.max(visit.offered);
        if let Some(seconds) = event.number(2) {
            visit.rang.get_or_insert((at - seconds * SECOND).max(visit.offered));
        }
        visit.answered = Some(at);
        visit.wait = Some(at - visit.offered);
        visit.outcome = ANSWERED;
        visit.agent = event.agent.map(str::to_owned);
        let Some(agent) = event.agent else {
            self.remark(Reason::NoAgent);
            return Ok(());
        };
        if let Some(last) = self.last_call.get_mut(agent) {
            event.call.clone_into(last);
        } else {
            self.last_call.insert(agent.to_owned(), event.call.to_owned());
        }
        Ok(())
    }

    /// An agent's phone rang without success.
    fn ring(&mut self, event: &Event<'_>, missed: bool) -> std::result::Result<(), Reason> {
        let Some(visit) = find(&mut self.open, event) else { return Err(self.no_visit(event)) };
        if let Some(milliseconds) = event.number(0).filter(|ms| *ms > 0 && visit.is_waiting()) {
            visit.rang.get_or_insert((event.at - milliseconds * 1_000).max(visit.offered));
        }
        visit.ring_no_answers += u32::from(missed);
        if event.agent.is_none() {
            self.remark(Reason::NoAgent);
        }
        Ok(())
    }

    /// The caller leaves the queue without a conversation.
    fn leave(&mut self, event: &Event<'_>, outcome: &'static str, by: &'static str) -> std::result::Result<(), Reason> {
        let Some(visit) = find(&mut self.open, event) else { return Err(self.no_visit(event)) };
        if !visit.is_waiting() {
            return Err(Reason::Contradiction);
        }
        if by == "EXITWITHKEY" {
            visit.exit_key = event.text(0).map(str::to_owned);
        }
        self.end(event, outcome, by)
    }

    /// A conversation ends; the logged call time is parameter number `call_time`.
    fn hang_up(&mut self, event: &Event<'_>, by: &'static str, call_time: usize) -> std::result::Result<(), Reason> {
        let Some(visit) = find(&mut self.open, event) else { return Err(self.no_visit(event)) };
        visit.transferred = by.ends_with("TRANSFER");
        if visit.is_waiting() {
            let reckoned = event.number(call_time).map(|seconds| event.at - seconds * SECOND);
            visit.answered = reckoned.map(|at| at.max(visit.offered));
            visit.agent = event.agent.map(str::to_owned);
            self.remark(Reason::ConnectNotLogged);
        }
        self.end(event, ANSWERED, by)
    }

    fn attended_transfer(&mut self, event: &Event<'_>) -> std::result::Result<(), Reason> {
        let by = "ATTENDEDTRANSFER";
        let call_time = if event.text(0) == Some("LINK") { 4 } else { 3 };
        let with_agent = |visit: &QueueContact| {
            visit.queue == event.queue && !visit.is_waiting() && visit.agent.as_deref() == event.agent
        };
        if self.open.get(event.call).is_some_and(|visits| visits.iter().any(with_agent)) {
            return self.hang_up(event, by, call_time);
        }
        let caller_id = event.agent.and_then(|agent| self.last_call.get(agent)).cloned();
        let Some((caller_id, mut visit)) = caller_id.and_then(|id| self.take(&id, with_agent).map(|visit| (id, visit)))
        else {
            return self.hang_up(event, by, call_time);
        };
        self.remark(Reason::SwappedCallId);
        let caller = visit.caller.clone();
        let at = event.at.max(visit.latest());
        visit.transferred = true;
        self.close(visit, Some(at), ANSWERED, by);
        for mut visit in self.open.remove(event.call).unwrap_or_default() {
            visit.call_id.clone_from(&caller_id);
            visit.caller.clone_from(&caller);
            self.open.entry(caller_id.clone()).or_default().push(visit);
        }
        if let Some(held) = self.held.get_mut(event.call) {
            held.due = self.latest;
            self.due.push_front((self.latest, event.call.to_owned()));
        }
        Ok(())
    }

    fn end(&mut self, event: &Event<'_>, outcome: &'static str, by: &'static str) -> std::result::Result<(), Reason> {
        let Some(visit) = self.take(event.call, |visit| visit.queue == event.queue) else {
            return Err(self.no_visit(event));
        };
        let at = event.at.max(visit.latest());
        self.close(visit, Some(at), outcome, by);
        Ok(())
    }

    fn no_visit(&self, event: &Event<'_>) -> Reason {
        if named(event.call).is_none() || named(event.queue).is_none() {
            Reason::Malformed
        } else if self.closed.iter().any(|(call, queue)| call == event.call && queue == event.queue) {
            Reason::Duplicate
        } else {
            Reason::NoOpenVisit
        }
    }

    fn take(&mut self, call: &str, wanted: impl Fn(&QueueContact) -> bool) -> Option<QueueContact> {
        let visits = self.open.get_mut(call)?;
        let visit = visits.remove(visits.iter().position(wanted)?);
        if visits.is_empty() {
            self.open.remove(call);
        }
        Some(visit)
    }

    fn close(&mut self, mut visit: QueueContact, ended: Option<i64>, outcome: &'static str, by: &'static str) {
        visit.ended = ended;
        visit.outcome = outcome;
        visit.ended_by = Some(by);
        visit.settle();
        let oldest = (self.closed.len() == REMEMBERED).then(|| self.closed.pop_front()).flatten();
        let mut key = oldest.unwrap_or_default();
        key.0.clone_from(&visit.call_id);
        key.1.clone_from(&visit.queue);
        self.closed.push_back(key);
        match self.options.stitch_gap {
            None => self.ready.push(visit),
            Some(gap) => self.stitch(visit, i64::try_from(gap).unwrap_or(i64::MAX)),
        }
    }

    fn stitch(&mut self, visit: QueueContact, gap: i64) {
        let goes_on = visit.may_go_on() || self.open.contains_key(&visit.call_id);
        let call = visit.call_id.clone();
        let contact = match self.held.remove(&call) {
            Some(held) => held.contact.join(visit),
            None => visit,
        };
        if goes_on {
            let due = self.latest.saturating_add(gap);
            self.due.push_back((due, call.clone()));
            self.held.insert(call, Held { contact, due });
        } else {
            self.ready.push(contact);
        }
    }

    /// Lets go of stitched contacts whose call has not come back in time.
    fn release(&mut self) {
        while self.due.front().is_some_and(|(due, _)| *due < self.latest) {
            let Some((due, call)) = self.due.pop_front() else { return };
            if self.held.get(&call).is_some_and(|held| held.due == due) && !self.open.contains_key(&call) {
                self.ready.extend(self.held.remove(&call).map(|held| held.contact));
            }
        }
    }

    fn release_all(&mut self) {
        let calls: Vec<String> = self.held.keys().filter(|call| !self.open.contains_key(*call)).cloned().collect();
        let contacts = calls.iter().filter_map(|call| self.held.remove(call)).map(|held| held.contact).collect();
        self.ready.extend(sorted(contacts));
    }

    fn cut(&mut self, lost: impl Fn(&QueueContact) -> bool, by: &'static str) -> usize {
        let mut visits: Vec<QueueContact> = Vec::new();
        self.open.retain(|_, open| {
            visits.extend(open.extract_if(.., |visit| lost(visit)));
            !open.is_empty()
        });
        let count = visits.len();
        for visit in sorted(visits) {
            let outcome = if visit.is_waiting() { ERROR } else { ANSWERED };
            self.close(visit, None, outcome, by);
        }
        count
    }

    fn listed(&self, wanted: impl Fn(&QueueContact) -> bool) -> Vec<QueueContact> {
        let mut contacts = Vec::new();
        for (call, visits) in &self.open {
            if self.options.stitch_gap.is_none() {
                contacts.extend(visits.iter().filter(|visit| wanted(visit)).cloned());
                continue;
            }
            let waits = visits.iter().any(QueueContact::is_waiting);
            if visits.iter().any(|visit| wanted(visit) && visit.is_waiting() == waits) {
                let held = self.held.get(call).map(|held| held.contact.clone());
                let parts = held.into_iter().chain(sorted(visits.clone()));
                contacts.extend(parts.reduce(QueueContact::join));
            }
        }
        sorted(contacts)
    }
}

fn find<'a>(open: &'a mut BTreeMap<String, Vec<QueueContact>>, event: &Event<'_>) -> Option<&'a mut QueueContact> {
    open.get_mut(event.call)?.iter_mut().find(|visit| visit.queue == event.queue)
}

fn sorted(mut contacts: Vec<QueueContact>) -> Vec<QueueContact> {
    contacts.sort_by(|a, b| (a.offered, &a.call_id, &a.queue).cmp(&(b.offered, &b.call_id, &b.queue)));
    contacts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;
    use crate::answer::Answer;

    const VECTORS: &str = include_str!("../../../../tests/vectors/queue_log.json");

    fn options(case: &Value) -> QueueLogOptions {
        QueueLogOptions {
            stitch_gap: case["stitch_gap_seconds"].as_u64().map(|seconds| seconds * 1_000_000),
            zone: case["zone"].as_str().map(|zone| zone.parse().unwrap()),
        }
    }

    fn same(name: &str, list: &str, actual: &[QueueContact], expected: &Value) {
        let expected = expected.as_array().map_or(&[][..], Vec::as_slice);
        assert_eq!(actual.len(), expected.len(), "{name}: {list}: {actual:#?}");
        for (contact, wanted) in actual.iter().zip(expected) {
            let contact = contact.answer();
            for (field, value) in wanted.as_object().unwrap() {
                assert_eq!(&contact[field], value, "{name}: {list}: {field} of {contact}");
            }
        }
    }

    #[test]
    fn vectors() {
        let vectors: Value = serde_json::from_str(VECTORS).unwrap();
        for case in vectors["cases"].as_array().unwrap() {
            let name = case["name"].as_str().unwrap();
            let lines: Vec<&str> =
                case["lines"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
            let end = if case["cut_off"] == true { "" } else { "\n" };
            let log = read(&(lines.join("\n") + end), options(case));
            same(name, "contacts", &log.contacts, &case["contacts"]);
            same(name, "waiting", &log.waiting, &case["waiting"]);
            same(name, "talking", &log.talking, &case["talking"]);
            let remarks =
                log.remarks.iter().map(|r| (r.reason.name().to_owned(), Value::from(r.lines.clone()))).collect();
            let expected = case.get("remarks").cloned().unwrap_or_else(|| Value::Object(serde_json::Map::new()));
            assert_eq!(Value::Object(remarks), expected, "{name}: remarks");
            for (count, value) in case.get("counts").and_then(Value::as_object).into_iter().flatten() {
                let counts = log.counts;
                let actual = match count.as_str() {
                    "entered" => counts.entered,
                    "refused" => counts.refused,
                    "other_events" => counts.other_events,
                    _ => counts.set_aside,
                };
                assert_eq!(Value::from(actual), *value, "{name}: {count}");
            }
        }
    }

    #[test]
    fn reasons_are_indexed_by_their_order_and_named_once() {
        for (index, reason) in Reason::ALL.into_iter().enumerate() {
            assert_eq!(reason as usize, index);
            assert_eq!(Reason::ALL.iter().filter(|other| other.name() == reason.name()).count(), 1);
        }
    }

    #[test]
    fn a_live_log_shows_who_waits_and_talks_and_emits_at_once() {
        let mut log = QueueLog::new(QueueLogOptions::default());
        log.push_text("100|a|q|NONE|ENTERQUEUE||1|1\n110|b|q|NONE|ENTER");
        assert_eq!((log.waiting().len(), log.talking().len()), (1, 0));
        log.push_text("QUEUE||2|1\n115|a|q|ann|CONNECT|15|x|4\n");
        let waiting = log.waiting();
        assert_eq!((waiting[0].call_id.as_str(), waiting[0].outcome, waiting[0].wait), ("b", "pending", None));
        assert_eq!((log.talking()[0].outcome, log.talking()[0].wait), ("answered", Some(15_000_000)));
        assert!(log.drain().is_empty());
        log.push_line("120|a|q|ann|COMPLETEAGENT|15|5|1").unwrap();
        assert_eq!(log.drain()[0].talk, Some(5_000_000));
        assert!(log.drain().is_empty());
        assert_eq!(log.give_up(111_000_000), 1);
        let lost = &log.drain()[0];
        assert_eq!((lost.outcome, lost.ended, lost.wait, lost.ended_by), ("error", None, None, Some("GIVEUP")));
    }

    #[test]
    fn stitched_contacts_are_held_back_until_the_call_cannot_come_back() {
        let mut log = QueueLog::new(QueueLogOptions { stitch_gap: Some(60_000_000), zone: None });
        log.push_text("100|a|one|NONE|ENTERQUEUE||1|1\n130|a|one|NONE|EXITWITHTIMEOUT|1|1|30\n");
        assert!(log.drain().is_empty());
        assert_eq!((log.between().len(), log.waiting().len()), (1, 0));
        log.push_line("131|a|two|NONE|ENTERQUEUE||1|1").unwrap();
        let waiting = log.waiting();
        assert_eq!((waiting[0].offered, waiting[0].legs, waiting[0].queue.as_str()), (100_000_000, 2, "one"));
        log.push_line("140|a|two|NONE|EXITWITHTIMEOUT|1|1|9").unwrap();
        log.push_line("200|NONE|NONE|NONE|CONFIGRELOAD|").unwrap();
        assert!(log.drain().is_empty(), "exactly the gap is not too late");
        log.push_line("201|NONE|NONE|NONE|CONFIGRELOAD|").unwrap();
        let contact = &log.drain()[0];
        assert_eq!((contact.wait, contact.outcome, contact.legs), (Some(40_000_000), "flow_out", 2));
    }

    #[test]
    fn the_first_ten_lines_of_a_reason_are_named() {
        let log = read(&"100|a|q|NONE|WHATEVER|\n".repeat(25), QueueLogOptions::default());
        assert_eq!(log.remarks.len(), 1);
        assert_eq!((log.remarks[0].count, &log.remarks[0].lines[..]), (25, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10][..]));
    }

    #[test]
    fn endless_lines_are_not_kept() {
        let mut log = QueueLog::new(QueueLogOptions::default());
        (0..50).for_each(|_| log.push_text(&"x".repeat(10_000)));
        assert!(log.partial.len() <= LONGEST_LINE);
        assert!(log.remarks()[0].count >= 6);
    }

    fn line() -> impl Strategy<Value = String> {
        let event = prop::sample::select(vec![
            "ENTERQUEUE||1|1",
            "CONNECT|3|x|2",
            "COMPLETEAGENT|3|4|1",
            "COMPLETECALLER|3|-4",
            "ABANDON|1|1|9",
            "EXITWITHKEY|5|1|1|9",
            "EXITEMPTY|1|1|9",
            "RINGNOANSWER|15000",
            "RINGCANCELED|99999999999999999999",
            "AGENTDUMP|",
            "SYSCOMPAT",
            "BLINDTRANSFER|1|c|3|4|1",
            "ATTENDEDTRANSFER|APP|Queue|3|4|1",
            "ATTENDEDTRANSFER|LINK|a|b|3|4|1",
            "QUEUESTART|",
            "JOINEMPTY|",
            "NONSENSE",
        ]);
        let name = |names: Vec<&'static str>| prop::sample::select(names);
        let parts = (0_u32..40, name(vec!["a", "b", "c", "NONE"]), name(vec!["p", "q", "r"]));
        let good = (parts, name(vec!["x", "y", "NONE"]), event)
            .prop_map(|((at, call, queue), agent, event)| format!("{at}|{call}|{queue}|{agent}|{event}\n"));
        prop_oneof![9 => good, 1 => "\\PC{0,40}", 1 => "[0-9|.:\\- \n\r]{0,30}"]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn every_entry_is_in_one_contact(
            lines in prop::collection::vec(line(), 0..60),
            gap in prop::option::of(0_u64..20_000_000),
            cut in 1_usize..50,
        ) {
            let options = QueueLogOptions { stitch_gap: gap, zone: None };
            let text = lines.concat();
            let mut log = QueueLog::new(options.clone());
            let mut contacts = Vec::new();
            let characters: Vec<char> = text.chars().collect();
            for piece in characters.chunks(cut) {
                log.push_text(&piece.iter().collect::<String>());
                contacts.extend(log.drain());
                let listed = [log.waiting(), log.talking(), log.between()].concat();
                let legs: u32 = contacts.iter().chain(&listed).map(|contact| contact.legs).sum();
                prop_assert_eq!(u64::from(legs), log.counts().entered);
            }
            log.finish();
            contacts.extend(log.drain());
            prop_assert!(log.between().is_empty());
            let whole = read(&text, options);
            prop_assert_eq!(&whole.contacts, &contacts);
            for contact in &contacts {
                prop_assert!(contact.wait.is_none_or(|wait| wait >= 0));
                prop_assert!(contact.talk.is_none_or(|talk| talk >= 0));
                prop_assert!(contact.rang.is_none_or(|rang| rang >= contact.offered));
                prop_assert!(!contact.is_waiting());
                prop_assert!(contact.outcome == ANSWERED || contact.talk.is_none());
            }
        }
    }
}
