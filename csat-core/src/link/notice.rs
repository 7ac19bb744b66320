//! Notices of missed calls: how soon each role was told.

use super::key::{NO_KEY, check_lengths, count};
use crate::error::Result;
use crate::time::MISSING;

/// Missed calls and the notices about them.
#[derive(Clone, Copy, Debug)]
pub struct Notices<'a> {
    /// The missed call of each row of `missed_at`.
    pub call: &'a [u32],
    /// When it was missed.
    pub missed_at: &'a [i64],
    /// The call each notice is about.
    pub notice_call: &'a [u32],
    /// Whom it went to: seller, head of sales, quality department, …
    pub role: &'a [u32],
    /// When it was sent.
    pub sent: &'a [i64],
}

/// For each role (by its code) and missed call the microseconds from the miss to the first notice at or after it;
/// [`MISSING`] where that role was never told.
///
/// ```
/// use csat_core::link::notice::{Notices, latency};
/// let notices = Notices { call: &[0, 1], missed_at: &[100, 200], notice_call: &[0, 0, 1], role: &[0, 1, 0], sent: &[105, 130, 202] };
/// assert_eq!(latency(&notices)?, [[5, 2], [30, i64::MIN]]);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn latency(notices: &Notices<'_>) -> Result<Vec<Vec<i64>>> {
    let calls = notices.call.len();
    check_lengths("missed calls", calls, &[notices.missed_at.len()])?;
    check_lengths("notices", notices.notice_call.len(), &[notices.role.len(), notices.sent.len()])?;
    let mut found = vec![vec![MISSING; calls]; count("roles", notices.role)?];
    let mut sent: Vec<(u32, u32, i64)> = notices
        .notice_call
        .iter()
        .zip(notices.role)
        .zip(notices.sent)
        .map(|((call, role), sent)| (*call, *role, *sent))
        .filter(|(call, role, sent)| *call != NO_KEY && *role != NO_KEY && *sent != MISSING)
        .collect();
    sent.sort_unstable();
    for (row, (call, missed)) in notices.call.iter().zip(notices.missed_at).enumerate() {
        if *call == NO_KEY || *missed == MISSING {
            continue;
        }
        for (role, latencies) in found.iter_mut().enumerate() {
            let first = sent.partition_point(|notice| *notice < (*call, role as u32, *missed));
            if let Some((_, _, at)) = sent.get(first).filter(|n| n.0 == *call && n.1 as usize == role) {
                latencies[row] = at - missed;
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notices_before_the_miss_and_of_other_calls_do_not_count() {
        let notices = Notices {
            call: &[0, NO_KEY, 2],
            missed_at: &[10, 10, MISSING],
            notice_call: &[0, 0, 1, 2, NO_KEY],
            role: &[0, 0, 0, 0, 1],
            sent: &[9, 14, 10, 11, 12],
        };
        assert_eq!(latency(&notices).unwrap(), [[4, MISSING, MISSING], [MISSING; 3]]);
        assert!(latency(&Notices { sent: &[1], ..notices }).is_err());
    }
}
