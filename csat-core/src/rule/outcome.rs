//! What became of one contact: its outcome class, its wait, and the instant that places it in an interval.

use super::closed::closed_list;

closed_list! {
    /// The outcome class of a contact. The codes (0..12) are stable: columns of codes use them.
    Outcome, "outcome" {
        /// An agent answered.
        Answered = "answered",
        /// The customer left before anybody answered.
        Abandoned = "abandoned",
        /// The queue gave the contact up: overflow, queue timeout, no agent logged in.
        FlowOut = "flow_out",
        /// The customer asked for a call back and left the queue.
        Callback = "callback",
        /// The contact ended in voicemail.
        Voicemail = "voicemail",
        /// The customer left the queue by pressing a key.
        KeyExit = "key_exit",
        /// It rang at an agent who did not answer, and that ended it.
        Missed = "missed",
        /// Moved to another queue without an answer.
        Requeued = "requeued",
        /// Taken out of the queue by a script or a supervisor.
        Dequeued = "dequeued",
        /// Sent to an external number or another application.
        Forwarded = "forwarded",
        /// Lost by a technical fault.
        Error = "error",
        /// Still waiting at `as_of`.
        Pending = "pending",
        /// Not counted at all: test calls, calls outside opening hours if the host says so.
        Skip = "skip",
    }
}

impl Outcome {
    /// How many classes there are.
    pub const COUNT: usize = Self::ALL.len();

    /// The stable code, 0 (answered) to 12 (skip).
    pub fn code(self) -> u8 {
        self as u8
    }

    /// The class with this code, if there is one.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }
}

closed_list! {
    /// Which instant of a contact chooses its interval.
    Attribution, "attribution" {
        /// When it was offered to the queue; what staffing needs. The default.
        Arrival = "arrival",
        /// When it was answered, abandoned or otherwise left the queue.
        Outcome = "outcome",
        /// The earlier of its outcome and the expiry of the threshold.
        ServiceLevelEvent = "sl_event",
        /// When the contact ended.
        Disconnect = "disconnect",
    }
}

closed_list! {
    /// Where the waiting clock starts.
    ClockStart, "clock start" {
        /// When the contact entered the queue. The default.
        Offered = "offered",
        /// When the contact began, announcements and menus included.
        Started = "started",
        /// When it first rang at an agent.
        Rang = "rang",
    }
}

closed_list! {
    /// How a wait is measured.
    Resolution, "resolution" {
        /// To the microsecond. The default.
        Exact = "exact",
        /// The true duration cut to whole seconds.
        FloorDuration = "floor_duration",
        /// The difference of two instants that were each cut to whole seconds first; may exceed the true duration.
        EpochSeconds = "epoch_seconds",
    }
}

const SECOND: i64 = 1_000_000;

impl Resolution {
    /// The wait between two instants (µs UTC); `None` where `to` lies before `from` or the difference overflows.
    ///
    /// ```
    /// use csat_core::rule::outcome::Resolution;
    /// let (from, to) = (50_500_000, 60_700_000); // 10.2 s
    /// assert_eq!(Resolution::EpochSeconds.wait(from, to), Some(10_000_000));
    /// assert_eq!(Resolution::Exact.wait(from, to), Some(10_200_000));
    /// ```
    pub fn wait(self, from: i64, to: i64) -> Option<i64> {
        let exact = to.checked_sub(from).filter(|wait| *wait >= 0)?;
        match self {
            Self::Exact => Some(exact),
            Self::FloorDuration => Some(exact - exact % SECOND),
            Self::EpochSeconds => (to.div_euclid(SECOND) - from.div_euclid(SECOND)).checked_mul(SECOND),
        }
    }
}

/// The outcome of a contact whose source names none, and the instant it happened (µs UTC).
///
/// Answered if `answered` is set; abandoned if only `ended` is; else pending at `as_of`. Without `as_of` a contact
/// that nobody answered and that has not ended has no outcome: `None`, to be counted as unplaced.
/// Pitfall: a log that does not tell flow-outs from hang-ups makes all of them abandons here.
///
/// ```
/// use csat_core::rule::outcome::{Outcome, derive};
/// assert_eq!(derive(Some(7), Some(90), None), Some((Outcome::Answered, 7)));
/// assert_eq!(derive(None, Some(90), None), Some((Outcome::Abandoned, 90)));
/// assert_eq!(derive(None, None, Some(99)), Some((Outcome::Pending, 99)));
/// assert_eq!(derive(None, None, None), None);
/// ```
pub fn derive(answered: Option<i64>, ended: Option<i64>, as_of: Option<i64>) -> Option<(Outcome, i64)> {
    let answer = answered.map(|at| (Outcome::Answered, at));
    let abandon = ended.map(|at| (Outcome::Abandoned, at));
    answer.or(abandon).or(as_of.map(|at| (Outcome::Pending, at)))
}

/// The instant that places a contact in an interval, or `None` where the contact lacks it.
///
/// `offered` is the start of the waiting clock, `outcome` the instant of answer, abandon or exit, `disconnect` the
/// end of the contact, `threshold` in microseconds. All instants are µs UTC. The service-level event of a contact
/// without outcome is the expiry of its threshold: fold it only once `as_of` has passed that instant.
///
/// ```
/// use csat_core::rule::outcome::{Attribution, event_instant};
/// // Offered at 0, abandoned at 70 s, threshold 30 s: the threshold expired first.
/// let at = event_instant(Attribution::ServiceLevelEvent, 0, Some(70_000_000), None, 30_000_000);
/// assert_eq!(at, Some(30_000_000));
/// ```
pub fn event_instant(
    attribution: Attribution,
    offered: i64,
    outcome: Option<i64>,
    disconnect: Option<i64>,
    threshold: i64,
) -> Option<i64> {
    match attribution {
        Attribution::Arrival => Some(offered),
        Attribution::Outcome => outcome,
        Attribution::Disconnect => disconnect,
        Attribution::ServiceLevelEvent => outcome.into_iter().chain(offered.checked_add(threshold)).min(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_round_trip() {
        assert_eq!(Outcome::COUNT, 13);
        for (code, outcome) in (0u8..).zip(Outcome::ALL) {
            assert_eq!(outcome.code(), code);
            assert_eq!(Outcome::from_code(code), Some(*outcome));
            assert_eq!(Outcome::from_name(outcome.name()).unwrap(), *outcome);
        }
        assert_eq!(Outcome::from_code(13), None);
        let error = Outcome::from_name("abandonned").unwrap_err();
        assert_eq!(error.message(), "unknown outcome `abandonned`; did you mean `abandoned`?");
    }

    #[test]
    fn three_resolutions_of_the_same_waits() {
        // 70.9 -> 81.2: 10.3 s, but 81 - 70 = 11 whole epoch seconds.
        let waits = Resolution::ALL.iter().map(|r| r.wait(70_900_000, 81_200_000));
        assert!(waits.eq([Some(10_300_000), Some(10_000_000), Some(11_000_000)]));
        // Before 1970 whole seconds still go downwards: -0.5 s lies in second -1.
        assert_eq!(Resolution::EpochSeconds.wait(-500_000, 500_000), Some(1_000_000));
        for resolution in Resolution::ALL {
            assert_eq!(resolution.wait(5, 4), None);
            assert_eq!(resolution.wait(i64::MIN, i64::MAX), None);
        }
        assert_eq!(Resolution::EpochSeconds.wait(-1, i64::MAX - 1), None, "one second more than the true duration");
    }

    #[test]
    fn instants_that_do_not_exist_are_none() {
        assert_eq!(event_instant(Attribution::Outcome, 5, None, Some(9), 1), None);
        assert_eq!(event_instant(Attribution::Disconnect, 5, Some(7), None, 1), None);
        assert_eq!(event_instant(Attribution::ServiceLevelEvent, i64::MAX, Some(7), None, 1), Some(7));
        assert_eq!(event_instant(Attribution::ServiceLevelEvent, 5, None, None, 1), Some(6));
    }
}
