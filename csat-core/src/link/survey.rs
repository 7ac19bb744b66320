//! Contact, invitation, answer, follow-up: what became of the question after the contact.

use super::key::{NO_KEY, check_lengths, check_limit};
use crate::error::Result;
use crate::time::MISSING;

/// Contacts, the invitations sent about them, and the answers.
#[derive(Clone, Copy, Debug)]
pub struct Surveys<'a> {
    /// The contact of each row of `ended`.
    pub contact: &'a [u32],
    /// When the contact ended.
    pub ended: &'a [i64],
    /// The contact each invitation is about.
    pub invited: &'a [u32],
    /// When it was sent.
    pub sent: &'a [i64],
    /// The contact each answer is about.
    pub answering: &'a [u32],
    /// When it was given.
    pub answered: &'a [i64],
    /// How soon after the contact an invitation is on time, in microseconds (half an hour in the source articles).
    pub within: i64,
}

/// Derived columns of the contacts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Invited {
    /// When the survey was sent: the first invitation at or after the end of the contact; [`MISSING`] without one.
    pub asked: Vec<i64>,
    /// Whether it was sent in time; `None` if it was not sent.
    pub on_time: Vec<Option<bool>>,
    /// When it was answered: the first answer at or after the invitation; [`MISSING`] without one.
    pub responded: Vec<i64>,
    /// The row of that answer.
    pub answer: Vec<Option<usize>>,
}

/// Joins contacts with their invitations and answers.
///
/// An invitation before the end of its contact, and an answer before any invitation, belong to nothing: they are left
/// out. On time is `sent − ended ≤ within`.
///
/// ```
/// use csat_core::link::survey::{Surveys, join};
/// let found = join(&Surveys {
///     contact: &[0, 1], ended: &[100, 100], invited: &[0, 1], sent: &[120, 190],
///     answering: &[1], answered: &[300], within: 60,
/// })?;
/// assert_eq!(found.on_time, [Some(true), Some(false)]);
/// assert_eq!(found.answer, [None, Some(0)]);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn join(surveys: &Surveys<'_>) -> Result<Invited> {
    check_limit("within", surveys.within)?;
    check_lengths("contacts", surveys.contact.len(), &[surveys.ended.len()])?;
    let sent = Events::new("invitations", surveys.invited, surveys.sent)?;
    let answered = Events::new("answers", surveys.answering, surveys.answered)?;
    let mut found = Invited::default();
    for (contact, ended) in surveys.contact.iter().zip(surveys.ended) {
        let asked = sent.first_after(*contact, *ended);
        let answer = asked.and_then(|(at, _)| answered.first_after(*contact, at));
        found.asked.push(asked.map_or(MISSING, |(at, _)| at));
        found.on_time.push(asked.map(|(at, _)| at.saturating_sub(*ended) <= surveys.within));
        found.responded.push(answer.map_or(MISSING, |(at, _)| at));
        found.answer.push(answer.map(|(_, row)| row));
    }
    Ok(found)
}

/// Events of keys in order of time.
struct Events(Vec<(u32, i64, usize)>);

impl Events {
    fn new(what: &str, keys: &[u32], at: &[i64]) -> Result<Self> {
        check_lengths(what, keys.len(), &[at.len()])?;
        let rows = keys.iter().zip(at).enumerate().filter(|(_, (key, at))| **key != NO_KEY && **at != MISSING);
        let mut events: Vec<(u32, i64, usize)> = rows.map(|(row, (key, at))| (*key, *at, row)).collect();
        events.sort_unstable();
        Ok(Self(events))
    }

    fn first_after(&self, key: u32, at: i64) -> Option<(i64, usize)> {
        if key == NO_KEY || at == MISSING {
            return None;
        }
        let first = self.0.get(self.0.partition_point(|event| *event < (key, at, 0)))?;
        (first.0 == key).then_some((first.1, first.2))
    }
}

/// Ratings and the calls back to those who gave them.
#[derive(Clone, Copy, Debug)]
pub struct FollowUps<'a> {
    /// Who gave each rating.
    pub respondent: &'a [u32],
    /// When.
    pub answered: &'a [i64],
    /// The rating.
    pub score: &'a [f64],
    /// Who was called back.
    pub called: &'a [u32],
    /// When.
    pub at: &'a [i64],
    /// Ratings strictly below this are low, on the scale of `score`: on another scale it must be given again.
    pub below: f64,
}

/// Derived columns of the ratings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Followed {
    /// Whether the rating is low; `None` without a rating.
    pub low: Vec<Option<bool>>,
    /// For low ratings the first call back at or after it; [`MISSING`] otherwise.
    pub followed_up: Vec<i64>,
    /// For low ratings that were followed up: whether the next rating of the same respondent after that call is not low
    /// any more; `None` where there is no such rating.
    pub recovered: Vec<Option<bool>>,
}

/// Joins low ratings with the calls back, and with what the same people said afterwards.
///
/// ```
/// use csat_core::link::survey::{FollowUps, follow_up};
/// let found = follow_up(&FollowUps {
///     respondent: &[0, 1, 0], answered: &[10, 10, 50], score: &[2.0, 4.0, 5.0], called: &[0], at: &[30], below: 4.0,
/// })?;
/// assert_eq!(found.low, [Some(true), Some(false), Some(false)]);
/// assert_eq!((found.followed_up[0], found.recovered[0]), (30, Some(true)));
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn follow_up(ratings: &FollowUps<'_>) -> Result<Followed> {
    if !ratings.below.is_finite() {
        return Err(crate::error::Error::argument(format!(
            "`below` must be a number on the scale, not {}",
            ratings.below
        )));
    }
    check_lengths("ratings", ratings.respondent.len(), &[ratings.score.len()])?;
    let said = Events::new("ratings", ratings.respondent, ratings.answered)?;
    let calls = Events::new("calls", ratings.called, ratings.at)?;
    let is_low = |row: usize| Some(ratings.score[row]).filter(|s| !s.is_nan()).map(|score| score < ratings.below);
    let mut found = Followed::default();
    for (row, respondent) in ratings.respondent.iter().enumerate() {
        let low = is_low(row);
        let call = calls.first_after(*respondent, ratings.answered[row]).filter(|_| low == Some(true));
        // The rating itself may be of the very instant of the call: what counts is said after it.
        let next = call.and_then(|(at, _)| said.first_after(*respondent, at.saturating_add(1)));
        found.low.push(low);
        found.followed_up.push(call.map_or(MISSING, |(at, _)| at));
        found.recovered.push(next.and_then(|(_, row)| is_low(row)).map(|low| !low));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invitations_before_the_end_belong_to_nothing() {
        let surveys = Surveys {
            contact: &[0, 1, NO_KEY, 2],
            ended: &[100, 100, 100, MISSING],
            invited: &[0, 0, 1, 2],
            sent: &[90, 160, 161, 5],
            answering: &[0, 0, 1],
            answered: &[150, 170, MISSING],
            within: 60,
        };
        let found = join(&surveys).unwrap();
        assert_eq!(found.asked, [160, 161, MISSING, MISSING]);
        // Exactly 60 later is in time, 61 is not.
        assert_eq!(found.on_time, [Some(true), Some(false), None, None]);
        assert_eq!(
            (found.responded, found.answer),
            (vec![170, MISSING, MISSING, MISSING], vec![Some(1), None, None, None])
        );
        assert!(join(&Surveys { within: -1, ..surveys }).is_err() && join(&Surveys { sent: &[], ..surveys }).is_err());
    }

    #[test]
    fn low_is_strictly_below_the_limit() {
        let ratings = FollowUps {
            respondent: &[0, 1, 2, 3, 0],
            answered: &[0, 0, 0, 0, 90],
            score: &[3.0, 4.0, 1.0, f64::NAN, 3.9],
            called: &[0, 1],
            at: &[20, 20],
            below: 4.0,
        };
        let found = follow_up(&ratings).unwrap();
        assert_eq!(found.low, [Some(true), Some(false), Some(true), None, Some(true)]);
        // The one at 4 is not low, so the call to it is no follow-up; 2 was never called; 0 said 3.9 afterwards.
        assert_eq!(found.followed_up, [20, MISSING, MISSING, MISSING, MISSING]);
        assert_eq!(found.recovered, [Some(false), None, None, None, None]);
        assert!(follow_up(&FollowUps { below: f64::NAN, ..ratings }).is_err());
    }
}
