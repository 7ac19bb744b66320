//! Legs to contacts: one call that rang at five agents is one contact.

use super::key::{NO_KEY, check_lengths};
use crate::error::{Error, Result};
use crate::time::MISSING;
use crate::time::instant::format_utc;

/// Legs (segments) of contacts, one a row. A slice that is empty stands for a column that is not there.
#[derive(Clone, Copy, Debug, Default)]
pub struct Legs<'a> {
    /// The contact of each leg.
    pub contact: &'a [u32],
    /// When it was offered.
    pub offered: &'a [i64],
    /// When it was answered; missing if nobody did.
    pub answered: &'a [i64],
    /// When it ended.
    pub ended: &'a [i64],
    /// Who handled it.
    pub agent: &'a [u32],
    /// Talking time.
    pub talk: &'a [i64],
    /// Time on hold.
    pub hold: &'a [i64],
    /// After-contact work.
    pub wrap: &'a [i64],
}

/// Contacts, one a row, in the order of their first legs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contacts {
    /// The row of the first leg by time: queue, customer and channel are read there.
    pub first_leg: Vec<usize>,
    /// The row of the first answered leg; `None` if nobody answered. The agent of the contact is read there.
    pub answered_leg: Vec<Option<usize>>,
    /// First offered.
    pub offered: Vec<i64>,
    /// First answer; [`MISSING`] if nobody answered.
    pub answered: Vec<i64>,
    /// Last end; [`MISSING`] while a leg has no end.
    pub ended: Vec<i64>,
    /// Talking time of all legs.
    pub talk: Vec<i64>,
    /// Time on hold of all legs.
    pub hold: Vec<i64>,
    /// After-contact work of all legs.
    pub wrap: Vec<i64>,
    /// How many legs were handled (answered).
    pub legs: Vec<u64>,
    /// Whether it was handed on.
    pub transferred: Vec<bool>,
}

/// Stitches legs into contacts.
///
/// The rule, for the legs of one contact id: offered = the first; answered = the first answer of any leg; ended = the
/// last end, missing while any leg has none; talk, hold and wrap = sums over the legs that have them (missing if none
/// has); legs = how many were answered; transferred = answered by more than one agent, or, without the column `agent`,
/// answered more than once. A leg without a contact id is a contact of its own. A leg that is answered before it is
/// offered, or ends before either, is an error that names its row.
///
/// ```
/// use csat_core::link::legs::{Legs, stitch};
/// // One call rang at two agents; the second answered. It is one answered contact, not one missed and one answered.
/// let none = i64::MIN;
/// let legs = Legs { contact: &[0, 0], offered: &[0, 5], answered: &[none, 9], ended: &[9, 60], ..Legs::default() };
/// let contacts = stitch(&legs)?;
/// assert_eq!((contacts.offered[0], contacts.answered[0], contacts.ended[0]), (0, 9, 60));
/// assert_eq!((contacts.legs[0], contacts.transferred[0]), (1, false));
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn stitch(legs: &Legs<'_>) -> Result<Contacts> {
    legs.check()?;
    let rows = legs.contact.len();
    let mut order: Vec<usize> = (0..rows).collect();
    order.sort_unstable_by_key(|i| (legs.contact[*i], value(legs.offered, *i), *i));
    let alone = |row: usize| legs.contact[row] == NO_KEY;
    let mut groups: Vec<&[usize]> = order.chunk_by(|a, b| !alone(*a) && legs.contact[*a] == legs.contact[*b]).collect();
    groups.sort_unstable_by_key(|group| group.iter().min().copied());
    let mut contacts = Contacts::default();
    for group in groups {
        contacts.add(legs, group);
    }
    Ok(contacts)
}

fn value(column: &[i64], row: usize) -> i64 {
    column.get(row).copied().unwrap_or(MISSING)
}

impl Legs<'_> {
    fn check(&self) -> Result<()> {
        let rows = self.contact.len();
        let optional = [self.ended, self.talk, self.hold, self.wrap].map(<[i64]>::len);
        let given = optional.into_iter().chain([self.agent.len()]).filter(|len| *len > 0);
        let others: Vec<usize> = [self.offered.len(), self.answered.len()].into_iter().chain(given).collect();
        check_lengths("legs", rows, &others)?;
        for row in 0..rows {
            let times = [("offered", self.offered), ("answered", self.answered), ("ended", self.ended)];
            let known: Vec<(&str, i64)> = times
                .map(|(name, column)| (name, value(column, row)))
                .into_iter()
                .filter(|(_, at)| *at != MISSING)
                .collect();
            if let Some(pair) = known.windows(2).find(|pair| pair[0].1 > pair[1].1) {
                let (early, late) = (format_utc(pair[1].1), format_utc(pair[0].1));
                let message = format!("leg {row}: {} {early} lies before {} {late}", pair[1].0, pair[0].0);
                return Err(Error::argument(message).with("row", row));
            }
        }
        Ok(())
    }
}

impl Contacts {
    fn add(&mut self, legs: &Legs<'_>, group: &[usize]) {
        let sum = |column: &[i64]| {
            let known = group.iter().map(|row| value(column, *row)).filter(|v| *v != MISSING);
            known.reduce(i64::saturating_add).unwrap_or(MISSING)
        };
        let known = |column: &'_ [i64]| -> Vec<(i64, usize)> {
            group.iter().map(|row| (value(column, *row), *row)).filter(|(at, _)| *at != MISSING).collect()
        };
        let (offered, answered, ended) = (known(legs.offered), known(legs.answered), known(legs.ended));
        let first_answer = answered.iter().min();
        let agents = answered.iter().map(|(_, row)| legs.agent.get(*row).copied().unwrap_or(*row as u32));
        self.first_leg.push(offered.iter().min().map_or(group[0], |(_, row)| *row));
        self.answered_leg.push(first_answer.map(|(_, row)| *row));
        self.offered.push(offered.iter().min().map_or(MISSING, |(at, _)| *at));
        self.answered.push(first_answer.map_or(MISSING, |(at, _)| *at));
        let complete = ended.len() == group.len();
        self.ended.push(ended.iter().max().filter(|_| complete).map_or(MISSING, |(at, _)| *at));
        self.talk.push(sum(legs.talk));
        self.hold.push(sum(legs.hold));
        self.wrap.push(sum(legs.wrap));
        self.legs.push(answered.len() as u64);
        self.transferred.push(agents.clone().min() != agents.max());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn legs_of_a_contact_become_one_row() {
        // Contact 1: agent 5 talks 10-40, hands on to agent 6 (45-100). Contact 0 rings at two agents, nobody answers.
        let legs = Legs {
            contact: &[1, 0, 1, 0, NO_KEY],
            offered: &[0, 3, 40, 9, 7],
            answered: &[10, MISSING, 45, MISSING, MISSING],
            ended: &[40, 8, 100, 20, MISSING],
            agent: &[5, 5, 6, 6, 5],
            talk: &[30, MISSING, 50, MISSING, MISSING],
            ..Legs::default()
        };
        let found = stitch(&legs).unwrap();
        assert_eq!((found.first_leg, found.answered_leg), (vec![0, 1, 4], vec![Some(0), None, None]));
        assert_eq!((found.offered, found.answered), (vec![0, 3, 7], vec![10, MISSING, MISSING]));
        assert_eq!((found.ended, found.talk), (vec![100, 20, MISSING], vec![80, MISSING, MISSING]));
        assert_eq!((found.legs, found.transferred), (vec![2, 0, 0], vec![true, false, false]));
    }

    #[test]
    fn the_same_agent_twice_is_no_transfer() {
        let mut legs =
            Legs { contact: &[0, 0], offered: &[0, 9], answered: &[1, 9], agent: &[4, 4], ..Legs::default() };
        assert!(!stitch(&legs).unwrap().transferred[0]);
        legs.agent = &[];
        assert!(stitch(&legs).unwrap().transferred[0]);
        legs.answered = &[1, 8];
        assert!(stitch(&legs).unwrap_err().message().starts_with("leg 1: answered"));
        legs.answered = &[1];
        assert!(stitch(&legs).is_err());
    }
}
