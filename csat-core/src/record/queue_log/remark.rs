//! What did not fit, counted and named.

/// Why a line was set aside, or what was remarkable about one that was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The first field is not a time.
    BadTime,
    /// A local time without a zone, and no zone was given.
    NaiveTime,
    /// Fewer than five fields, or a call event without a call id or queue.
    Malformed,
    /// The last line has no end of line.
    Truncated,
    /// An event that is not in the table above.
    UnknownEvent,
    /// An event of a visit whose entry was not seen.
    NoOpenVisit,
    /// An event of a visit that has ended, or an entry or connection logged twice.
    Duplicate,
    /// An exit from the queue while the call is with an agent, or a connection to a second one.
    Contradiction,
    /// Used: a time before that of an earlier line; never lets a visit end before it began.
    OutOfOrder,
    /// Used: an entry showed that the call had left another visit.
    ExitNotLogged,
    /// Used: an end of a conversation whose connection was not seen; the answer is reckoned from the logged call time.
    ConnectNotLogged,
    /// Used: an attended transfer under the id of the consultation.
    SwappedCallId,
    /// Used: an event of an agent without the agent's name.
    NoAgent,
}

impl Reason {
    /// Every reason, in a fixed order.
    pub const ALL: [Self; 13] = [
        Self::BadTime,
        Self::NaiveTime,
        Self::Malformed,
        Self::Truncated,
        Self::UnknownEvent,
        Self::NoOpenVisit,
        Self::Duplicate,
        Self::Contradiction,
        Self::OutOfOrder,
        Self::ExitNotLogged,
        Self::ConnectNotLogged,
        Self::SwappedCallId,
        Self::NoAgent,
    ];

    /// The name in reports, such as `no_open_visit`.
    pub fn name(self) -> &'static str {
        match self {
            Self::BadTime => "bad_time",
            Self::NaiveTime => "naive_time",
            Self::Malformed => "malformed",
            Self::Truncated => "truncated",
            Self::UnknownEvent => "unknown_event",
            Self::NoOpenVisit => "no_open_visit",
            Self::Duplicate => "duplicate",
            Self::Contradiction => "contradiction",
            Self::OutOfOrder => "out_of_order",
            Self::ExitNotLogged => "exit_not_logged",
            Self::ConnectNotLogged => "connect_not_logged",
            Self::SwappedCallId => "swapped_call_id",
            Self::NoAgent => "no_agent",
        }
    }

    /// Whether the line was set aside rather than used.
    pub fn is_set_aside(self) -> bool {
        (self as usize) < Self::OutOfOrder as usize
    }

    pub(super) fn message(self) -> &'static str {
        match self {
            Self::BadTime => {
                "the first field is not a time of the years 1900 to 2199; expected epoch seconds such as 1700000000 or \
                 1700000000.25"
            }
            Self::NaiveTime => {
                "the time has no zone, as in the database variant of queue_log; set the option `zone` to the zone of \
                 the Asterisk server, such as Europe/Berlin"
            }
            Self::Malformed => "expected time|call id|queue|agent|event|parameters, with a call id and a queue",
            Self::Truncated => "the last line has no end of line and may be cut off; add one if it is complete",
            Self::UnknownEvent => "unknown event",
            Self::NoOpenVisit => "this call is not known to be in this queue; perhaps it entered before the log began",
            Self::Duplicate => "this was logged before",
            Self::Contradiction => "the call is with an agent already",
            Self::OutOfOrder => "the time is before that of an earlier line",
            Self::ExitNotLogged => "the call enters a queue before it left the last one",
            Self::ConnectNotLogged => "the conversation ends but its start was not logged",
            Self::SwappedCallId => "the transfer bears the call id of the consultation",
            Self::NoAgent => "no agent is named",
        }
    }
}

/// How often something was remarked, and where first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// What.
    pub reason: Reason,
    /// On how many lines.
    pub count: u64,
    /// The first ten line numbers, from 1.
    pub lines: Vec<u64>,
}

/// Counts of lines and calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueLogCounts {
    /// Lines read, blank ones too.
    pub lines: u64,
    /// Visits that began.
    pub entered: u64,
    /// Calls that a queue did not let in.
    pub refused: u64,
    /// Known events that say nothing about a contact.
    pub other_events: u64,
    /// Lines that were set aside.
    pub set_aside: u64,
}
