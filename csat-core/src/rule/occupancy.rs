//! How busy people were: occupancy and utilisation from times.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// How contacts handled at the same time count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Concurrency {
    /// Wall clock: two chats in one minute are one minute of work.
    #[default]
    Union,
    /// Summed: two chats in one minute are two minutes of work.
    Sum,
}

/// A share of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimeShare {
    /// The share; `None` where there was no time at all.
    pub value: Option<f64>,
    /// The time that counts, in the unit given.
    pub numerator: f64,
    /// The time it is a share of.
    pub denominator: f64,
}

crate::answer_fields!(TimeShare { value, numerator, denominator });

impl TimeShare {
    fn new(numerator: f64, denominator: f64) -> Self {
        Self { value: (denominator > 0.0).then(|| numerator / denominator), numerator, denominator }
    }
}

fn check(name: &str, time: f64) -> Result<f64> {
    if time.is_finite() && time >= 0.0 {
        Ok(time)
    } else {
        Err(Error::argument(format!("`{name}` must be a time of zero or more, not {time}")))
    }
}

/// Occupancy from contact intervals that may overlap: busy / (busy + idle), where idle is the time on queue without any
/// contact. `Union` is the wall clock of Amazon Connect's present formula, `Sum` its older one, which ignores
/// that contacts overlap. Times in any one unit.
///
/// ```
/// use csat_core::rule::occupancy::{Concurrency, occupancy};
/// // 20 minutes on queue; chats from 0 to 10 and from 5 to 15.
/// let chats = [(0.0, 10.0), (5.0, 15.0)];
/// assert_eq!(occupancy(20.0, &chats, Concurrency::Union)?.value, Some(0.75));
/// assert_eq!(occupancy(20.0, &chats, Concurrency::Sum)?.value, Some(0.8));
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn occupancy(on_queue: f64, contacts: &[(f64, f64)], concurrency: Concurrency) -> Result<TimeShare> {
    check("on_queue", on_queue)?;
    let mut sorted = contacts.to_vec();
    if let Some((from, to)) = contacts.iter().find(|(from, to)| !(from.is_finite() && to.is_finite() && from <= to)) {
        return Err(Error::argument(format!("a contact from {from} to {to}: it must begin before it ends")));
    }
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut union, mut until) = (0.0, f64::NEG_INFINITY);
    for (from, to) in &sorted {
        union += (to - from.max(until)).max(0.0);
        until = until.max(*to);
    }
    if union > on_queue {
        return Err(Error::argument(format!("contacts took {union}, longer than the time on queue {on_queue}")));
    }
    let busy = match concurrency {
        Concurrency::Union => union,
        Concurrency::Sum => sorted.iter().map(|(from, to)| to - from).sum(),
    };
    Ok(TimeShare::new(busy, busy + on_queue - union))
}

/// Occupancy from summed times: (contacts + after-contact work) / (both + available). With `after_work_busy` false
/// after-contact work is time on queue that is not busy.
///
/// ```
/// use csat_core::rule::occupancy::occupancy_of_times;
/// assert_eq!(occupancy_of_times(40.0, 5.0, 15.0, true)?.value, Some(0.75));
/// assert_eq!(occupancy_of_times(40.0, 5.0, 15.0, false)?.numerator, 40.0);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn occupancy_of_times(contacts: f64, after_work: f64, available: f64, after_work_busy: bool) -> Result<TimeShare> {
    let total = check("contacts", contacts)? + check("after_work", after_work)? + check("available", available)?;
    Ok(TimeShare::new(if after_work_busy { contacts + after_work } else { contacts }, total))
}

/// Utilisation: (occupied + available) / paid.
pub fn utilisation(occupied: f64, available: f64, paid: f64) -> Result<TimeShare> {
    let used = check("occupied", occupied)? + check("available", available)?;
    if used > check("paid", paid)? {
        return Err(Error::argument(format!("occupied and available are {used} together, more than the paid {paid}")));
    }
    Ok(TimeShare::new(used, paid))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_time_is_no_share() {
        assert_eq!(occupancy(0.0, &[], Concurrency::Union).unwrap().value, None);
        assert_eq!(occupancy_of_times(0.0, 0.0, 0.0, true).unwrap().value, None);
        assert_eq!(utilisation(15.0, 5.0, 30.0).unwrap().value, Some(20.0 / 30.0));
        assert_eq!(utilisation(0.0, 0.0, 0.0).unwrap().value, None);
    }

    #[test]
    fn impossible_times_are_refused() {
        assert!(occupancy(5.0, &[(0.0, 6.0)], Concurrency::Union).is_err());
        assert!(occupancy(5.0, &[(3.0, 2.0)], Concurrency::Union).is_err());
        assert!(occupancy(5.0, &[(f64::NAN, 2.0)], Concurrency::Sum).is_err());
        assert!(occupancy(f64::INFINITY, &[], Concurrency::Sum).is_err());
        assert!(occupancy_of_times(-1.0, 0.0, 0.0, true).is_err() && utilisation(10.0, 5.0, 12.0).is_err());
    }
}
