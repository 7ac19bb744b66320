//! Repeat contacts: who contacted again within a window, and what was settled on the first contact.

use super::key::{NO_KEY, check_lengths, check_limit, in_order};
use crate::error::Result;
use crate::time::MISSING;

/// Contacts, one a row.
#[derive(Clone, Copy, Debug)]
pub struct Contacts<'a> {
    /// Whose contact, or whose and about what ([`pairs`](super::key::pairs)).
    pub key: &'a [u32],
    /// When.
    pub at: &'a [i64],
    /// How long after a contact the next one of the key is a repeat, in microseconds.
    pub window: i64,
    /// Until when contacts are known; [`MISSING`] leaves young contacts in, which flatters.
    pub data_end: i64,
}

/// Derived columns of the contacts; `None` for rows without a key or an instant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repeats {
    /// Whether it is the first of its issue: no contact of the key in the window before it.
    pub first: Vec<Option<bool>>,
    /// Whether another contact of the key followed within the window; `None` as well while that cannot be known.
    pub repeated: Vec<Option<bool>>,
    /// The contrary: settled with this contact.
    pub resolved: Vec<Option<bool>>,
    /// The issue: a number for each chain of contacts of which each follows the one before within the window.
    pub issue: Vec<Option<usize>>,
    /// Whether it is the only contact of its issue; given at the first contact of each issue, `None` at the others.
    pub resolved_on_first: Vec<Option<bool>>,
    /// How many contacts have a key but are younger than the window at the end of the data.
    pub immature: u64,
}

crate::answer_fields!(Repeats { first, repeated, resolved, issue, resolved_on_first, immature });

/// Finds repeat contacts.
///
/// A contact is repeated if the next contact of its key comes at most `window` after it. Contacts whose window is not
/// over at `data_end` are left out whatever came after them (`None`): counting only those already repeated would make
/// recent weeks look worse, counting the others as settled makes them look better. Resolution on first contact = 1 −
/// repeated, per contact (`resolved`) or per issue (`resolved_on_first`).
///
/// ```
/// use csat_core::link::repeat::{Contacts, repeats};
/// let (key, at) = ([0, 0, 1, 0], [0, 3, 0, 9]);
/// let found = repeats(&Contacts { key: &key, at: &at, window: 7, data_end: i64::MIN })?;
/// assert_eq!(found.repeated, [Some(true), Some(true), Some(false), Some(false)]);
/// assert_eq!(found.resolved_on_first, [Some(false), None, Some(true), None]);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn repeats(contacts: &Contacts<'_>) -> Result<Repeats> {
    let Contacts { key, at, window, data_end } = *contacts;
    check_lengths("contacts", key.len(), &[at.len()])?;
    check_limit("window", window)?;
    let mature = |row: usize| data_end == MISSING || at[row].saturating_add(window) <= data_end;
    let rows = key.len();
    let mut found = Repeats {
        first: vec![None; rows],
        repeated: vec![None; rows],
        resolved: vec![None; rows],
        issue: vec![None; rows],
        resolved_on_first: vec![None; rows],
        immature: 0,
    };
    let order = in_order(key, at);
    let within = |a: usize, b: usize| key[a] == key[b] && key[a] != NO_KEY && at[b].saturating_sub(at[a]) <= window;
    let mut issue = 0;
    for (place, row) in order.iter().copied().enumerate() {
        let first = place == 0 || !within(order[place - 1], row);
        issue += usize::from(first && place > 0);
        found.first[row] = Some(first);
        found.issue[row] = Some(issue);
        if !mature(row) {
            found.immature += 1;
            continue;
        }
        let repeated = order.get(place + 1).is_some_and(|next| within(row, *next));
        found.repeated[row] = Some(repeated);
        found.resolved[row] = Some(!repeated);
        if first {
            found.resolved_on_first[row] = Some(!repeated);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::key::{codes, pairs};

    // Customer X about a on days 0, 3, 9; Y about b and Z about a on day 0; Z about c on day 2.
    fn share(window: i64, by_topic: bool, data_end: i64, per_issue: bool) -> (usize, usize) {
        let customers = codes(["X", "X", "X", "Y", "Z", "Z"].map(Some));
        let topics = codes(["a", "a", "a", "b", "a", "c"].map(Some));
        let key = if by_topic { pairs(&customers, &topics).unwrap() } else { customers };
        let at = [0, 3, 9, 0, 0, 2];
        let found = repeats(&Contacts { key: &key, at: &at, window, data_end }).unwrap();
        let column = if per_issue { found.resolved_on_first } else { found.resolved };
        (column.iter().filter(|r| **r == Some(true)).count(), column.iter().flatten().count())
    }

    #[test]
    fn resolution_depends_on_window_key_unit_and_age() {
        assert_eq!(share(7, true, MISSING, false), (4, 6));
        assert_eq!(share(7, false, MISSING, false), (3, 6));
        assert_eq!(share(5, true, MISSING, false), (5, 6));
        // Day 9 is younger than 7 days on day 12.
        assert_eq!(share(7, true, 12, false), (3, 5));
        assert_eq!(share(7, true, MISSING, true), (3, 4));
    }

    #[test]
    fn what_has_no_key_is_no_repeat() {
        let contacts = Contacts { key: &[NO_KEY, NO_KEY, 0], at: &[0, 1, MISSING], window: 5, data_end: 3 };
        let found = repeats(&contacts).unwrap();
        assert!(found.first.iter().chain(&found.repeated).all(Option::is_none));
        assert_eq!(found.immature, 0);
        assert!(repeats(&Contacts { window: -1, ..contacts }).is_err());
        assert!(repeats(&Contacts { at: &[0], ..contacts }).is_err());
    }
}
