//! The way of a contact through stages: hand-offs and waits.

use super::key::{NO_KEY, check_lengths, count};
use crate::error::{Error, Result};
use crate::time::MISSING;

/// Legs of contacts with their stages, one a row.
#[derive(Clone, Copy, Debug)]
pub struct Stages<'a> {
    /// The contact of each leg.
    pub contact: &'a [u32],
    /// The stage: menu, queue, first line, sales, …
    pub stage: &'a [u32],
    /// Who handled it (an agent, a team, a robot); [`NO_KEY`] while nobody did.
    pub handler: &'a [u32],
    /// When the leg began: from here the customer waits.
    pub began: &'a [i64],
    /// When it was answered; missing if nobody did.
    pub answered: &'a [i64],
    /// When it ended.
    pub ended: &'a [i64],
}

/// Contacts, one a row, in the order of their codes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Journeys {
    /// The code of the contact.
    pub contact: Vec<u32>,
    /// How many legs it had.
    pub legs: Vec<u64>,
    /// How often it passed from one handler to another.
    pub hand_offs: Vec<u64>,
    /// For each stage (by its code) and contact the time waited there; [`MISSING`] where it was never in that stage.
    pub waits: Vec<Vec<i64>>,
    /// The time waited in all stages.
    pub waited: Vec<i64>,
    /// The time from the first leg to the last answer: how long it took to reach the person who ended it.
    pub to_last_answer: Vec<i64>,
}

/// Follows contacts through their stages.
///
/// A leg's wait runs from its beginning to its answer, or to its end if nobody answered (missing if it has neither).
/// Hand-offs are changes of handler from one answered leg to the next in order of answers; a leg without a handler
/// changes nothing. Legs without a contact are left out.
///
/// ```
/// use csat_core::link::journey::{Stages, follow};
/// // Menu for 10, first line answered after 20 (handler 0), then sales after 30 more (handler 1).
/// let found = follow(&Stages {
///     contact: &[0, 0, 0], stage: &[0, 1, 2], handler: &[u32::MAX, 0, 1],
///     began: &[0, 10, 90], answered: &[i64::MIN, 30, 120], ended: &[10, 90, 200],
/// })?;
/// assert_eq!((found.hand_offs[0], found.waited[0], found.to_last_answer[0]), (1, 60, 120));
/// assert_eq!(found.waits, [[10], [20], [30]]);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn follow(stages: &Stages<'_>) -> Result<Journeys> {
    let rows = stages.contact.len();
    let others = [stages.began, stages.answered, stages.ended].map(<[i64]>::len);
    check_lengths("legs", rows, &others)?;
    check_lengths("legs", rows, &[stages.stage.len(), stages.handler.len()])?;
    let mut order: Vec<usize> = (0..rows).filter(|row| stages.contact[*row] != NO_KEY).collect();
    order.sort_unstable_by_key(|row| (stages.contact[*row], stages.began[*row], *row));
    let mut found = Journeys { waits: vec![Vec::new(); count("stages", stages.stage)?], ..Journeys::default() };
    for legs in order.chunk_by(|a, b| stages.contact[*a] == stages.contact[*b]) {
        found.add(stages, legs)?;
    }
    Ok(found)
}

impl Journeys {
    fn add(&mut self, stages: &Stages<'_>, legs: &[usize]) -> Result<()> {
        self.waits.iter_mut().for_each(|waits| waits.push(MISSING));
        let at = self.contact.len();
        let mut waited = MISSING;
        let add =
            |total: &mut i64, wait: i64| *total = if *total == MISSING { wait } else { total.saturating_add(wait) };
        let mut answers: Vec<(i64, usize)> = Vec::new();
        for row in legs.iter().copied() {
            let (began, answered) = (stages.began[row], stages.answered[row]);
            let until = if answered == MISSING { stages.ended[row] } else { answered };
            if began != MISSING && until != MISSING {
                if until < began {
                    return Err(
                        Error::argument(format!("leg {row} is answered or ends before it begins")).with("row", row)
                    );
                }
                add(&mut waited, until - began);
                if stages.stage[row] != NO_KEY {
                    add(&mut self.waits[stages.stage[row] as usize][at], until - began);
                }
            }
            if answered != MISSING {
                answers.push((answered, row));
            }
        }
        answers.sort_unstable();
        let mut handlers: Vec<u32> =
            answers.iter().map(|(_, row)| stages.handler[*row]).filter(|handler| *handler != NO_KEY).collect();
        handlers.dedup();
        let first = legs.iter().map(|row| stages.began[*row]).find(|began| *began != MISSING);
        let reached = first.zip(answers.last()).map_or(MISSING, |(first, (last, _))| last - first);
        self.contact.push(stages.contact[legs[0]]);
        self.legs.push(legs.len() as u64);
        self.hand_offs.push(handlers.len().saturating_sub(1) as u64);
        self.waited.push(waited);
        self.to_last_answer.push(reached);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn back_to_the_first_handler_is_two_hand_offs() {
        let stages = Stages {
            contact: &[1, 1, 1, 0, NO_KEY],
            stage: &[0, 0, 0, NO_KEY, 0],
            handler: &[7, 8, 7, 7, 7],
            began: &[0, 10, 20, 5, 0],
            answered: &[1, 12, 23, MISSING, 0],
            ended: &[10, 20, 30, MISSING, 0],
        };
        let found = follow(&stages).unwrap();
        assert_eq!((found.contact, found.legs), (vec![0, 1], vec![1, 3]));
        assert_eq!((found.hand_offs, found.waited), (vec![0, 2], vec![MISSING, 6]));
        assert_eq!((found.waits, found.to_last_answer), (vec![vec![MISSING, 6]], vec![MISSING, 23]));
        let backwards = Stages { answered: &[-1, 12, 23, MISSING, 0], ..stages };
        assert_eq!(follow(&backwards).unwrap_err().context_value("row"), Some("0"));
        assert!(follow(&Stages { began: &[], ..stages }).is_err());
    }
}
