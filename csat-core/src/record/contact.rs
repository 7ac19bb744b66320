//! The facts of a contact that measures share: its outcome class and its wait.

use super::block::{Block, MISSING_MARK};
use super::schema::{Narrow, Schema, Vocabulary, Wide};
use super::source::Faults;
use crate::error::{Error, ErrorKind};
use crate::rule::Outcome;
use crate::simd::widest;
use crate::time::MISSING;

/// Where the columns of a contact sit in a block, and where its derived facts are written.
#[derive(Clone, Copy, Debug)]
pub struct ContactColumns {
    /// Queue entry.
    pub offered: Wide,
    /// Begin of the contact.
    pub started: Wide,
    /// First ring at an agent.
    pub rang: Wide,
    /// Answer by an agent.
    pub answered: Wide,
    /// End.
    pub ended: Wide,
    /// Derived: the outcome class as a code of [`Outcome`].
    pub outcome: Narrow,
    /// Derived: time in queue, or missing where it cannot be known.
    pub wait: Wide,
    given_outcome: Narrow,
    given_wait: Wide,
}

impl Schema {
    /// The facts of a contact; the first measure that asks registers their columns.
    pub fn contact(&mut self) -> ContactColumns {
        if let Some(columns) = self.contact {
            return columns;
        }
        let names = Outcome::ALL.iter().map(|o| o.name());
        let columns = ContactColumns {
            offered: self.instant("offered", false),
            started: self.instant("started", false),
            rang: self.instant("rang", false),
            answered: self.instant("answered", false),
            ended: self.instant("ended", false),
            given_outcome: self.category("outcome", Vocabulary::of_texts("outcome class", names), false),
            given_wait: self.duration("wait", false),
            outcome: self.derived_narrow(),
            wait: self.derived_wide(),
        };
        self.contact = Some(columns);
        columns
    }
}

impl ContactColumns {
    /// Writes outcome and wait of every row. `as_of` is when contacts without an outcome are looked at.
    pub(crate) fn derive(&self, block: &mut Block, as_of: Option<i64>, faults: &mut Faults) {
        let mut outcome = block.take_narrow(self.outcome);
        let mut wait = block.take_wide(self.wait);
        let met_classes;
        {
            let len = block.len();
            let (offered, answered, ended) =
                (block.wide(self.offered), block.wide(self.answered), block.wide(self.ended));
            let (given, given_wait) = (block.narrow(self.given_outcome), block.wide(self.given_wait));
            let as_of = as_of.unwrap_or(MISSING);
            let (outcome, wait) = (&mut outcome[..len], &mut wait[..len]);
            let plain = given.iter().fold(true, |none, g| none & (*g == MISSING_MARK))
                && (!block.is_given(self.given_wait) || given_wait.iter().all(|w| *w == MISSING));
            let instants = [offered, answered, ended];
            let (mut suspicious, mut classes) = if len == 1 {
                derive_plain(instants, as_of, outcome, wait)
            } else {
                widest(
                    #[inline(always)]
                    || derive_plain(instants, as_of, outcome, wait),
                )
            };
            if !plain {
                classes = 0;
                for i in 0..len {
                    if given[i] != MISSING_MARK {
                        outcome[i] = given[i];
                        let until = match given[i] {
                            g if g == Outcome::Answered as i16 => answered[i],
                            g if g == Outcome::Pending as i16 => as_of,
                            _ => ended[i],
                        };
                        let known = until != MISSING && offered[i] != MISSING;
                        wait[i] = if known { until.wrapping_sub(offered[i]) } else { MISSING };
                        suspicious |= known && wait[i] < 0;
                    }
                    if given_wait[i] != MISSING {
                        wait[i] = given_wait[i];
                    }
                    classes |= 1 << outcome[i];
                }
            }
            met_classes = classes;
            if suspicious {
                for i in 0..len {
                    let open = outcome[i] == Outcome::Pending as i16;
                    check_order(i, [offered[i], answered[i], ended[i], if open { as_of } else { MISSING }], faults);
                }
            }
        }
        block.outcomes = met_classes;
        block.put_narrow(self.outcome, outcome);
        block.put_wide(self.wait, wait);
    }
}

/// Outcome and wait from instants alone. Says whether a row has its instants in the wrong order, and the bits of the
/// classes met.
///
/// Masks, all ones or zero, instead of branches and comparisons: what a row is cannot be predicted, and 64-bit
/// comparisons are not vectors on every processor. Two loops, because lanes of one width make better vectors.
#[expect(clippy::inline_always, reason = "part of a loop in the widest vectors")]
#[inline(always)]
fn derive_plain(instants: [&[i64]; 3], as_of: i64, outcome: &mut [i16], wait: &mut [i64]) -> (bool, u32) {
    let [offered, answered, ended] = instants.map(|lane| &lane[..wait.len()]);
    let mut suspicious = 0;
    for (((offered, answered), ended), wait) in offered.iter().zip(answered).zip(ended).zip(wait.iter_mut()) {
        let [not_offered, not_answered, not_ended] = [*offered, *answered, *ended].map(missing_mask);
        let (lost, open) = (not_answered & !not_ended, not_answered & not_ended);
        let until = (answered & !not_answered) | (ended & lost) | (as_of & open);
        let unknown = missing_mask(until) | not_offered;
        let measured = until.wrapping_sub(*offered);
        *wait = (measured & !unknown) | (MISSING & unknown);
        suspicious |= measured & !unknown;
        suspicious |= ended.wrapping_sub(*answered) & !not_ended & !not_answered;
        suspicious |= ended.wrapping_sub(*offered) & !not_ended & !not_offered;
    }
    let [answered_class, abandoned, pending] =
        [Outcome::Answered, Outcome::Abandoned, Outcome::Pending].map(|c| c as i64);
    let mut classes = 0;
    for ((answered, ended), outcome) in answered.iter().zip(ended).zip(outcome) {
        let (not_answered, not_ended) = (missing_mask(*answered), missing_mask(*ended));
        let (lost, open) = (not_answered & !not_ended, not_answered & not_ended);
        *outcome = ((answered_class & !not_answered) | (abandoned & lost) | (pending & open)) as i16;
        classes |= (1 << answered_class & !not_answered) | (1 << abandoned & lost) | (1 << pending & open);
    }
    (suspicious < 0, classes as u32)
}

/// All ones for a missing instant, zero for one between 1900 and 2200.
#[expect(clippy::inline_always, reason = "part of a loop in the widest vectors")]
#[inline(always)]
fn missing_mask(instant: i64) -> i64 {
    // Adding 2^62 leaves instants positive and MISSING negative.
    instant.wrapping_add(1 << 62) >> 63
}

fn check_order(row: usize, [offered, answered, ended, as_of]: [i64; 4], faults: &mut Faults) {
    let mut check = |later: i64, earlier: i64, column: &'static str, before: &'static str| {
        if later != MISSING && earlier != MISSING && later < earlier {
            faults.add(row, &format!("{column} before {before}"), || {
                Error::new(
                    ErrorKind::BadValue,
                    format!("`{column}` lies {} s before `{before}`", (earlier - later) as f64 / 1e6),
                )
                .with("column", column)
            });
        }
    };
    check(answered, offered, "answered", "offered");
    check(ended, answered, "ended", "answered");
    check(ended, offered, "ended", "offered");
    check(as_of, offered, "as_of", "offered");
}
