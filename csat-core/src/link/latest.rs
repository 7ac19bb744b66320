//! Repeat answers: which of several answers about one contact counts.

use std::collections::HashMap;
use std::str::FromStr;

use super::key::{NO_KEY, check_lengths, check_limit};
use crate::error::{Error, Result};
use crate::time::MISSING;
use crate::time::instant::parse_duration;

/// Which of the answers of one respondent about one contact are kept.
///
/// As a text: `latest`, `first`, `all`, or `one_per:30d` with the window as a duration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keep {
    /// The latest one.
    #[default]
    Latest,
    /// The first one.
    First,
    /// All of them.
    All,
    /// The first one, and the next only when more than this many microseconds have passed since the last one kept.
    OnePer(i64),
}

impl FromStr for Keep {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match (text, text.strip_prefix("one_per:")) {
            ("latest", _) => Ok(Self::Latest),
            ("first", _) => Ok(Self::First),
            ("all", _) => Ok(Self::All),
            (_, Some(window)) => {
                let window = parse_duration(window).map_err(|e| e.at("repeat = one_per"))?;
                check_limit("repeat = one_per", window).map(|()| Self::OnePer(window))
            }
            _ => Err(Error::unknown("value of repeat", text, ["latest", "first", "all", "one_per:30d"])),
        }
    }
}

/// Answers, one a row.
#[derive(Clone, Copy, Debug)]
pub struct Answers<'a> {
    /// Who answered.
    pub respondent: &'a [u32],
    /// About which contact; empty where answers are not about contacts, so that a respondent alone is the key.
    pub contact: &'a [u32],
    /// When.
    pub at: &'a [i64],
}

/// Which rows count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The rows kept, in their order.
    pub rows: Vec<usize>,
    /// How many were set aside as repeat answers.
    pub set_aside: u64,
}

crate::answer_fields!(Kept { rows, set_aside });

impl Kept {
    /// Whether each of `rows` rows is kept: what [`Batch::only`](crate::record::Batch::only) takes.
    pub fn mask(&self, rows: usize) -> Vec<bool> {
        let mut mask = vec![false; rows];
        self.rows.iter().for_each(|row| mask[*row] = true);
        mask
    }
}

/// Keeps one answer for each respondent and contact.
///
/// A row without a respondent, or without a contact where there is that column, is never a repeat and always kept. An
/// answer without an instant counts as older than all others; of two at the same instant the later row is the later
/// answer. The latest answer counts; `First`, `All` and `OnePer` are options.
///
/// ```
/// use csat_core::link::latest::{Answers, Keep, latest};
/// let answers = Answers { respondent: &[0, 1, 0], contact: &[7, 7, 7], at: &[10, 20, 30] };
/// let kept = latest(&answers, Keep::Latest)?;
/// assert_eq!((kept.rows, kept.set_aside), (vec![1, 2], 1));
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn latest(answers: &Answers<'_>, keep: Keep) -> Result<Kept> {
    let rows = answers.respondent.len();
    check_lengths("answers", rows, &[answers.at.len()])?;
    if !answers.contact.is_empty() {
        check_lengths("answers", rows, &[answers.contact.len()])?;
    }
    if let Keep::OnePer(window) = keep {
        check_limit("window", window)?;
    }
    let mut keeps = vec![true; rows];
    if keep != Keep::All {
        let mut order: Vec<usize> = (0..rows).collect();
        order.sort_by_key(|i| answers.at[*i]);
        let mut last: HashMap<(u32, u32), usize> = HashMap::new();
        for row in order {
            let contact = if answers.contact.is_empty() { 0 } else { answers.contact[row] };
            if answers.respondent[row] == NO_KEY || contact == NO_KEY {
                continue;
            }
            let Some(before) = last.insert((answers.respondent[row], contact), row) else { continue };
            match keep {
                Keep::Latest => keeps[before] = false,
                Keep::OnePer(window) if beyond(answers.at[before], answers.at[row], window) => {}
                _ => {
                    // The one kept stays the one that later answers are compared with.
                    keeps[row] = false;
                    last.insert((answers.respondent[row], contact), before);
                }
            }
        }
    }
    let kept: Vec<usize> = (0..rows).filter(|row| keeps[*row]).collect();
    let set_aside = (rows - kept.len()) as u64;
    Ok(Kept { rows: kept, set_aside })
}

fn beyond(before: i64, at: i64, window: i64) -> bool {
    before != MISSING && at.saturating_sub(before) > window
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_keeps_its_rows() {
        // Respondent 0 answers about contact 0 at 0, 5, 20 and 26; respondent 1 twice at the same instant; one unknown.
        let answers = Answers {
            respondent: &[0, 0, 1, 0, 1, NO_KEY, 0],
            contact: &[0, 0, 0, 0, 0, 0, 0],
            at: &[5, 0, 3, 26, 3, 1, 20],
        };
        let rows = |keep| latest(&answers, keep).unwrap().rows;
        assert_eq!(rows(Keep::Latest), [3, 4, 5]);
        assert_eq!(rows(Keep::First), [1, 2, 5]);
        assert_eq!(rows(Keep::All), [0, 1, 2, 3, 4, 5, 6]);
        // Windows of 10: 0 is kept, 5 not, 20 is (20 later), 26 not (6 after 20).
        assert_eq!(rows(Keep::OnePer(10)), [1, 2, 5, 6]);
        // Exactly 20 later is not more than 20; 26 is.
        assert_eq!(rows(Keep::OnePer(20)), [1, 2, 3, 5]);
        assert_eq!(latest(&answers, Keep::Latest).unwrap().set_aside, 4);
    }

    #[test]
    fn rules_have_names() {
        let keep = |text: &str| text.parse::<Keep>();
        assert_eq!((keep("latest"), keep("first"), keep("all")), (Ok(Keep::Latest), Ok(Keep::First), Ok(Keep::All)));
        assert_eq!(keep("one_per:30d"), Ok(Keep::OnePer(30 * 86_400_000_000)));
        assert!(keep("lastest").unwrap_err().message().contains("did you mean `latest`"));
        assert!(keep("one_per:").is_err() && keep("one_per:-1d").is_err() && keep("30d").is_err());
    }

    #[test]
    fn without_contacts_the_respondent_is_the_key() {
        let mut answers = Answers { respondent: &[0, 0], contact: &[], at: &[MISSING, 4] };
        assert_eq!(latest(&answers, Keep::Latest).unwrap().rows, [1]);
        answers.contact = &[NO_KEY, NO_KEY];
        assert_eq!(latest(&answers, Keep::Latest).unwrap().rows, [0, 1]);
        answers.contact = &[1];
        assert!(latest(&answers, Keep::Latest).is_err() && latest(&answers, Keep::OnePer(-1)).is_err());
    }
}
