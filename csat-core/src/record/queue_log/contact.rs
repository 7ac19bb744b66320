//! What comes out: one contact.

use crate::answer_fields;

pub(super) const ANSWERED: &str = "answered";
pub(super) const ABANDONED: &str = "abandoned";
pub(super) const FLOW_OUT: &str = "flow_out";
pub(super) const KEY_EXIT: &str = "key_exit";
pub(super) const DEQUEUED: &str = "dequeued";
pub(super) const ERROR: &str = "error";
pub(super) const PENDING: &str = "pending";

/// One visit to a queue, or one call if stitched. Instants are microseconds UTC, durations microseconds.
#[derive(Clone, Debug, PartialEq)]
pub struct QueueContact {
    /// The unique id of the caller's channel.
    pub call_id: String,
    /// The queue (the first one if stitched).
    pub queue: String,
    /// Who answered.
    pub agent: Option<String>,
    /// The caller's number as logged.
    pub caller: Option<String>,
    /// When the call entered the queue.
    pub offered: i64,
    /// When an agent's phone first rang, from logged ring times (accurate to a second).
    pub rang: Option<i64>,
    /// When it was connected to an agent.
    pub answered: Option<i64>,
    /// When the visit ended: conversation over, caller gone, or on to somewhere else.
    pub ended: Option<i64>,
    /// The outcome class; `pending` while waiting.
    pub outcome: &'static str,
    /// Offered to answered, or to the end if unanswered. `None` while pending and where a restart hid the end.
    pub wait: Option<i64>,
    /// Answered to ended, hold included.
    pub talk: Option<i64>,
    /// Visits in this contact; 1 unless stitched.
    pub legs: u32,
    /// A conversation ended in a transfer.
    pub transferred: bool,
    /// Rings that no agent took up.
    pub ring_no_answers: u32,
    /// Place in the queue on entry.
    pub position: Option<u32>,
    /// The key with which the caller left.
    pub exit_key: Option<String>,
    /// The event that ended it.
    pub ended_by: Option<&'static str>,
}

answer_fields!(QueueContact {
    call_id,
    queue,
    agent,
    caller,
    offered,
    rang,
    answered,
    ended,
    outcome,
    wait,
    talk,
    legs,
    transferred,
    ring_no_answers,
    position,
    exit_key,
    ended_by,
});

impl QueueContact {
    pub(super) fn latest(&self) -> i64 {
        self.answered.unwrap_or(self.offered)
    }

    pub(super) fn is_waiting(&self) -> bool {
        self.outcome == PENDING
    }

    pub(super) fn may_go_on(&self) -> bool {
        matches!(self.outcome, FLOW_OUT | KEY_EXIT | DEQUEUED) || self.transferred
    }

    pub(super) fn settle(&mut self) {
        let end_of_wait = if self.outcome == ANSWERED { self.answered } else { self.ended };
        self.wait = end_of_wait.map(|at| at - self.offered);
        self.talk = self.answered.zip(self.ended).map(|(from, to)| to - from);
    }

    /// Joins the other visit of the same call, whichever came first.
    pub(super) fn join(self, other: Self) -> Self {
        let (mut first, next) = if other.offered < self.offered { (other, self) } else { (self, other) };
        if first.outcome != ANSWERED {
            first.talk = next.talk;
            first.answered = next.answered;
            first.agent = next.agent;
            first.outcome = next.outcome;
            let end_of_wait = if first.outcome == ANSWERED { first.answered } else { next.ended };
            first.wait = end_of_wait.map(|at| at - first.offered);
        } else if next.outcome == ANSWERED {
            first.talk = first.talk.zip(next.talk).map(|(a, b)| a + b);
        }
        first.ended = next.ended;
        first.ended_by = next.ended_by;
        first.rang = first.rang.or(next.rang);
        first.exit_key = next.exit_key.or(first.exit_key);
        first.legs += next.legs;
        first.transferred |= next.transferred;
        first.ring_no_answers += next.ring_no_answers;
        first
    }
}
