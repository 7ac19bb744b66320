//! What a reader of the simulated texts must find.

/// What happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Truth {
    /// Each queue.
    pub queues: Vec<QueueTruth>,
    /// Each dealer.
    pub dealers: Vec<SurveyTruth>,
    /// Evaluations that count.
    pub evaluations: u64,
    /// Evaluations for calibration, which count in no average.
    pub calibrations: u64,
    /// Criteria answered yes, no and not applicable in the evaluations that count.
    pub criteria: [u64; 3],
}

/// What happened in one queue. Durations in microseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueueTruth {
    /// The queue, or `all`.
    pub name: String,
    /// Visits.
    pub offered: u64,
    /// Visits that began while the centre was open.
    pub in_hours: u64,
    /// Answered.
    pub answered: u64,
    /// Answered within 20 s, exactly 20 s included.
    pub answered_within_20s: u64,
    /// The caller hung up.
    pub abandoned: u64,
    /// The caller hung up within 5 s, exactly 5 s included.
    pub abandoned_within_5s: u64,
    /// Timed out or nobody there.
    pub flow_out: u64,
    /// Left with a key.
    pub key_exit: u64,
    /// Sum of the waits of answered visits.
    pub wait_of_answered: i64,
    /// Sum of all waits.
    pub wait: i64,
    /// Sum of conversation with the caller, hold included (what `queue_log` calls talk).
    pub talk_and_hold: i64,
    /// Of that, hold.
    pub hold: i64,
    /// Sum of work after the conversation.
    pub wrap: i64,
    /// Conversations that ended in a transfer.
    pub transferred: u64,
    /// Rings that no agent took up.
    pub ring_no_answers: u64,
}

impl QueueTruth {
    pub(super) fn add(&mut self, other: &Self) {
        self.offered += other.offered;
        self.in_hours += other.in_hours;
        self.answered += other.answered;
        self.answered_within_20s += other.answered_within_20s;
        self.abandoned += other.abandoned;
        self.abandoned_within_5s += other.abandoned_within_5s;
        self.flow_out += other.flow_out;
        self.key_exit += other.key_exit;
        self.wait_of_answered += other.wait_of_answered;
        self.wait += other.wait;
        self.talk_and_hold += other.talk_and_hold;
        self.hold += other.hold;
        self.wrap += other.wrap;
        self.transferred += other.transferred;
        self.ring_no_answers += other.ring_no_answers;
    }
}

/// What the customers of one dealer answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SurveyTruth {
    /// The dealer.
    pub name: String,
    /// Answers.
    pub answers: u64,
    /// `recommend` 9 or 10.
    pub promoters: u64,
    /// `recommend` 7 or 8.
    pub passives: u64,
    /// `recommend` 0 to 6.
    pub detractors: u64,
    /// Sum of `satisfaction`.
    pub satisfaction: u64,
    /// `satisfaction` 4 or 5.
    pub satisfied: u64,
    /// Sum of `q1` to `q10`, and how many of them were answered.
    pub questions: (u64, u64),
}

impl Truth {
    /// The queues together.
    pub fn total(&self) -> QueueTruth {
        let mut total = QueueTruth { name: "all".to_owned(), ..QueueTruth::default() };
        self.queues.iter().for_each(|queue| total.add(queue));
        total
    }
}
