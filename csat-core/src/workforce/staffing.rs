//! Agents for a load: how many are needed for a service level, and what level a number of agents reaches.
//!
//! Erlang C throughout: nobody hangs up, so the need is somewhat overstated where callers are impatient.

use super::erlang::{b, c_of_b, check, next_b, overload};
use crate::error::{Error, Result};

/// What arrives in an interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Demand {
    /// Contacts in the interval; may be a forecast and so fractional.
    pub contacts: f64,
    /// Length of the interval, in the unit of all times (usually seconds).
    pub interval: f64,
    /// Mean handle time: talk, hold and after-contact work.
    pub handle_time: f64,
}

/// What is promised.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Promise {
    /// Answered within this time.
    pub target: f64,
    /// The share that must be answered within the target, above 0 and below 1.
    pub service_level: f64,
    /// The busiest that agents may be, above 0 and at most 1.
    pub maximum_occupancy: f64,
    /// Paid time away from the queue (breaks, training, sickness), 0 or more and below 1.
    pub shrinkage: f64,
}

/// Agents and what they reach. Where nothing arrives there is no service level and no wait.
#[derive(Clone, Debug, PartialEq)]
pub struct Staffing {
    /// Contacts × handle time / interval, in erlangs.
    pub load: f64,
    /// Agents on the queue.
    pub agents: f64,
    /// People to be scheduled: agents/(1 − shrinkage), rounded up.
    pub scheduled: f64,
    /// The fewest agents if a fraction were possible (for sums over queues and intervals); none when heads were given.
    pub agents_fractional: Option<f64>,
    /// `agents_fractional`/(1 − shrinkage).
    pub scheduled_fractional: Option<f64>,
    /// Contacts answered within the target, of all offered.
    pub service_level: Option<f64>,
    /// load/agents.
    pub occupancy: Option<f64>,
    /// Contacts that wait at all.
    pub wait_probability: Option<f64>,
    /// Mean wait of all contacts (ASA).
    pub mean_wait: Option<f64>,
}

crate::answer_fields!(Staffing {
    load,
    agents,
    scheduled,
    agents_fractional,
    scheduled_fractional,
    service_level,
    occupancy,
    wait_probability,
    mean_wait
});

impl Demand {
    fn load(&self) -> Result<f64> {
        check("contacts", self.contacts, false)?;
        check("interval", self.interval, true)?;
        check("handle_time", self.handle_time, true)?;
        let load = self.contacts * self.handle_time / self.interval;
        check("load", load, false).map(|()| load)
    }
}

impl Promise {
    fn check(&self) -> Result<()> {
        check("target", self.target, false)?;
        check_shrinkage(self.shrinkage)?;
        if !(self.service_level > 0.0 && self.service_level < 1.0) {
            let level = self.service_level;
            return Err(Error::argument(format!("service_level must lie between 0 and 1, not {level}; 0.8 is usual")));
        }
        if !(self.maximum_occupancy > 0.0 && self.maximum_occupancy <= 1.0) {
            let most = self.maximum_occupancy;
            return Err(Error::argument(format!("maximum_occupancy must lie above 0 and at most at 1, not {most}")));
        }
        Ok(())
    }
}

/// The fewest agents that keep the promise: service level reached and occupancy not exceeded.
///
/// Service level = 1 − C·exp(−(agents − load)·target/handle time). `scheduled` is rounded up after 1e-12 of it is taken
/// off, so that 14/(1 − 0.3) is 20 and not 21.
///
/// ```
/// use csat_core::workforce::staffing::{Demand, Promise, required};
/// let demand = Demand { contacts: 100.0, interval: 1800.0, handle_time: 180.0 };
/// let promise = Promise { target: 20.0, service_level: 0.8, maximum_occupancy: 0.85, shrinkage: 0.3 };
/// let need = required(demand, promise)?;
/// assert_eq!((need.agents, need.scheduled), (14.0, 20.0));
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn required(demand: Demand, promise: Promise) -> Result<Staffing> {
    promise.check()?;
    let load = demand.load()?;
    if load == 0.0 {
        return Ok(Staffing { agents_fractional: Some(0.0), scheduled_fractional: Some(0.0), ..idle(0.0, 0.0) });
    }
    let mut agents = load.floor() + 1.0;
    let mut blocking = b(agents, load)?;
    let reached = |agents: f64, blocking: f64| level_of(agents, load, blocking, demand.handle_time, promise.target);
    // The guard keeps a load of 9.000000000000002 at 90 % occupancy from costing an eleventh agent.
    let least = load / promise.maximum_occupancy * (1.0 - 1e-12);
    check("agents", least, false)?;
    while agents < least || reached(agents, blocking) < promise.service_level {
        agents += 1.0;
        blocking = next_b(blocking, agents, load);
    }
    let fractional = fractional(agents, load, demand.handle_time, promise)?;
    let mut staffing = read(agents, load, blocking, demand.handle_time, promise);
    staffing.agents_fractional = Some(fractional);
    staffing.scheduled_fractional = Some(fractional / (1.0 - promise.shrinkage));
    Ok(staffing)
}

/// What a given number of agents on the queue reaches; it may be fractional. Too few for the load is an error.
///
/// ```
/// use csat_core::workforce::staffing::{Demand, level};
/// let demand = Demand { contacts: 100.0, interval: 1800.0, handle_time: 180.0 };
/// assert!((level(demand, 13.0, 20.0, 0.3)?.service_level.unwrap() - 0.795595).abs() < 1e-6);
/// assert!(level(demand, 10.0, 20.0, 0.3).is_err());
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn level(demand: Demand, agents: f64, target: f64, shrinkage: f64) -> Result<Staffing> {
    check("target", target, false)?;
    check("agents", agents, false)?;
    check_shrinkage(shrinkage)?;
    let load = demand.load()?;
    if load == 0.0 {
        return Ok(idle(agents, shrinkage));
    }
    if load >= agents {
        return Err(overload(agents, load));
    }
    let promise = Promise { target, service_level: 0.5, maximum_occupancy: 1.0, shrinkage };
    Ok(read(agents, load, b(agents, load)?, demand.handle_time, promise))
}

/// The most contacts per interval that a given number of agents can take while the promise is kept.
///
/// ```
/// use csat_core::workforce::staffing::{Promise, capacity};
/// let promise = Promise { target: 20.0, service_level: 0.8, maximum_occupancy: 1.0, shrinkage: 0.0 };
/// let most = capacity(14.0, 1800.0, 180.0, promise)?;
/// assert!(most > 100.0 && most < 115.0);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn capacity(agents: f64, interval: f64, handle_time: f64, promise: Promise) -> Result<f64> {
    promise.check()?;
    check("agents", agents, true)?;
    Demand { contacts: 0.0, interval, handle_time }.load()?;
    let (mut low, mut high) = (0.0, agents * promise.maximum_occupancy);
    for _ in 0..60 {
        let load = f64::midpoint(low, high);
        let kept = load < agents
            && level_of(agents, load, b(agents, load)?, handle_time, promise.target) >= promise.service_level;
        (low, high) = if kept { (load, high) } else { (low, load) };
    }
    Ok(low * interval / handle_time)
}

/// Agents for a row of intervals (a day, a week of half-hours).
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    /// One line per interval.
    pub intervals: Vec<Staffing>,
    /// The most people scheduled at once.
    pub peak: f64,
    /// Agents × interval, summed, in the unit of `interval`.
    pub agent_time: f64,
    /// Scheduled people × interval, summed: what is paid.
    pub scheduled_time: f64,
    /// As `scheduled_time` if fractions were possible: what rounding up costs is the difference.
    pub scheduled_time_fractional: f64,
}

crate::answer_fields!(Schedule { intervals, peak, agent_time, scheduled_time, scheduled_time_fractional });

/// [`required`] for every interval of a row, with the handle time of each (or one for all).
pub fn week(contacts: &[f64], interval: f64, handle_times: &[f64], promise: Promise) -> Result<Schedule> {
    let mut intervals = Vec::with_capacity(contacts.len());
    for (i, &of) in contacts.iter().enumerate() {
        let demand = Demand { contacts: of, interval, handle_time: handle_time_of(handle_times, i, contacts.len())? };
        intervals.push(required(demand, promise).map_err(|e| e.at(format!("interval {}", i + 1)))?);
    }
    let sum = |part: fn(&Staffing) -> f64| intervals.iter().map(part).sum::<f64>() * interval;
    Ok(Schedule {
        peak: intervals.iter().fold(0.0, |most, s| s.scheduled.max(most)),
        agent_time: sum(|s| s.agents),
        scheduled_time: sum(|s| s.scheduled),
        scheduled_time_fractional: sum(|s| s.scheduled_fractional.unwrap_or(0.0)),
        intervals,
    })
}

/// What a roster reaches, interval by interval.
#[derive(Clone, Debug, PartialEq)]
pub struct Roster {
    /// One line per interval; none where the load is at or above the agents.
    pub intervals: Vec<Option<Staffing>>,
    /// Positions of the overloaded intervals, counted from zero.
    pub overloaded: Vec<usize>,
    /// Service level over all contacts, those of overloaded intervals counted as missed; none where nothing arrives.
    pub service_level: Option<f64>,
}

crate::answer_fields!(Roster { intervals, overloaded, service_level });

/// [`level`] for every interval of a row with the agents of each: where the roster is short, and what it reaches.
pub fn week_level(
    contacts: &[f64],
    agents: &[f64],
    interval: f64,
    handle_times: &[f64],
    target: f64,
) -> Result<Roster> {
    if contacts.len() != agents.len() {
        let (c, a) = (contacts.len(), agents.len());
        return Err(Error::argument(format!(
            "{c} intervals of contacts but {a} of agents; give one pair per interval"
        )));
    }
    let (mut intervals, mut overloaded) = (Vec::with_capacity(contacts.len()), Vec::new());
    let (mut hits, mut offered) = (0.0, 0.0);
    for (i, (&of, &agents)) in contacts.iter().zip(agents).enumerate() {
        let place = |e: Error| e.at(format!("interval {}", i + 1));
        let demand = Demand { contacts: of, interval, handle_time: handle_time_of(handle_times, i, contacts.len())? };
        check("agents", agents, false).map_err(place)?;
        let load = demand.load().map_err(place)?;
        offered += of;
        if load > 0.0 && load >= agents {
            overloaded.push(i);
            intervals.push(None);
            continue;
        }
        let staffing = level(demand, agents, target, 0.0).map_err(place)?;
        hits += of * staffing.service_level.unwrap_or(0.0);
        intervals.push(Some(staffing));
    }
    Ok(Roster { intervals, overloaded, service_level: (offered > 0.0).then(|| hits / offered) })
}

fn handle_time_of(handle_times: &[f64], i: usize, intervals: usize) -> Result<f64> {
    match handle_times {
        [one] => Ok(*one),
        many if many.len() == intervals => Ok(many[i]),
        many => Err(Error::argument(format!(
            "{} handle times for {intervals} intervals; give one for all or one each",
            many.len()
        ))),
    }
}

fn level_of(agents: f64, load: f64, blocking: f64, handle_time: f64, target: f64) -> f64 {
    1.0 - c_of_b(blocking, agents, load) * libm::exp(-(agents - load) * target / handle_time)
}

fn read(agents: f64, load: f64, blocking: f64, handle_time: f64, promise: Promise) -> Staffing {
    let wait = c_of_b(blocking, agents, load);
    Staffing {
        load,
        agents,
        scheduled: scheduled(agents, promise.shrinkage),
        agents_fractional: None,
        scheduled_fractional: None,
        service_level: Some(level_of(agents, load, blocking, handle_time, promise.target)),
        occupancy: Some(load / agents),
        wait_probability: Some(wait),
        mean_wait: Some(wait * handle_time / (agents - load)),
    }
}

fn idle(agents: f64, shrinkage: f64) -> Staffing {
    Staffing {
        load: 0.0,
        agents,
        scheduled: scheduled(agents, shrinkage),
        agents_fractional: None,
        scheduled_fractional: None,
        service_level: None,
        occupancy: (agents > 0.0).then_some(0.0),
        wait_probability: None,
        mean_wait: None,
    }
}

fn scheduled(agents: f64, shrinkage: f64) -> f64 {
    (agents / (1.0 - shrinkage) * (1.0 - 1e-12)).ceil()
}

fn check_shrinkage(shrinkage: f64) -> Result<()> {
    if (0.0..1.0).contains(&shrinkage) {
        Ok(())
    } else {
        Err(Error::argument(format!("shrinkage must be 0 or more and below 1, not {shrinkage}; 0.3 is usual")))
    }
}

/// The fractional number of agents at which the promise is just kept; `agents` keeps it, one less does not.
fn fractional(agents: f64, load: f64, handle_time: f64, promise: Promise) -> Result<f64> {
    let gap = |c: f64| -> Result<f64> {
        Ok(level_of(c, load, b(c, load)?, handle_time, promise.target) - promise.service_level)
    };
    let busiest = load / promise.maximum_occupancy;
    // At the load itself everybody waits for ever: a level of zero.
    let (mut low, mut high) = ((agents - 1.0).max(load), agents);
    let (mut below, mut above) = (-promise.service_level, gap(high)?);
    if low > load {
        below = gap(low)?;
    }
    if below >= 0.0 {
        return Ok(busiest.clamp(low, agents));
    }
    // Regula falsi with the Illinois rule: halve the weight of an end that stays.
    for _ in 0..60 {
        let middle = ((low * above - high * below) / (above - below)).clamp(low, high);
        let value = gap(middle)?;
        if value >= 0.0 {
            (high, above, below) = (middle, value, below / 2.0);
        } else {
            (low, below, above) = (middle, value, above / 2.0);
        }
        if value.abs() < 1e-11 || high - low < 1e-10 {
            break;
        }
    }
    Ok(high.max(busiest).min(agents))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn promise(service_level: f64, maximum_occupancy: f64) -> Promise {
        Promise { target: 20.0, service_level, maximum_occupancy, shrinkage: 0.3 }
    }

    fn demand(contacts: f64) -> Demand {
        Demand { contacts, interval: 1800.0, handle_time: 180.0 }
    }

    #[test]
    fn occupancy_exactly_at_its_limit_is_kept() {
        // 90 contacts are 9 erlangs; 10 agents are exactly 90 % busy and answer 40 % in time.
        let need = required(demand(90.0), promise(0.3, 0.9));
        assert_eq!(need.unwrap().agents, 10.0);
    }

    #[test]
    fn nothing_arrives() {
        let need = required(demand(0.0), promise(0.8, 0.85)).unwrap();
        assert_eq!((need.agents, need.scheduled, need.service_level, need.occupancy), (0.0, 0.0, None, None));
        assert_eq!(level(demand(0.0), 3.0, 20.0, 0.0).unwrap().occupancy, Some(0.0));
    }

    #[test]
    fn scheduling_rounds_up_with_a_guard() {
        assert_eq!((scheduled(14.0, 0.3), scheduled(7.0, 0.3), scheduled(15.0, 0.3)), (20.0, 10.0, 22.0));
        assert_eq!(scheduled(3.0, 0.0), 3.0);
    }

    #[test]
    fn a_week_adds_up_and_an_overload_is_named() {
        let s = week(&[100.0, 0.0, 100.0], 1800.0, &[180.0], promise(0.8, 0.85)).unwrap();
        assert_eq!((s.peak, s.agent_time, s.scheduled_time), (20.0, 28.0 * 1800.0, 40.0 * 1800.0));
        assert!(s.scheduled_time_fractional < s.scheduled_time);
        let r = week_level(&[100.0, 100.0], &[14.0, 10.0], 1800.0, &[180.0], 20.0).unwrap();
        assert_eq!(r.overloaded, [1]);
        assert!((r.service_level.unwrap() - 0.444_175).abs() < 1e-6);
        assert!(
            week(&[1.0, f64::NAN], 1800.0, &[180.0], promise(0.8, 0.85)).unwrap_err().message().contains("interval 2")
        );
        assert!(week(&[1.0, 2.0], 1800.0, &[180.0; 3], promise(0.8, 0.85)).is_err());
    }

    #[test]
    fn wrong_promises_are_refused() {
        for wrong in
            [promise(1.0, 0.9), promise(0.0, 0.9), promise(0.8, 0.0), promise(0.8, 1.1), promise(f64::NAN, 1.0)]
        {
            assert!(required(demand(10.0), wrong).is_err());
        }
        assert!(required(demand(10.0), Promise { shrinkage: 1.0, ..promise(0.8, 1.0) }).is_err());
        assert!(required(Demand { handle_time: 0.0, ..demand(10.0) }, promise(0.8, 1.0)).is_err());
        assert!(required(demand(1e12), promise(0.8, 1.0)).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn heads_and_levels_are_each_others_inverse(
            contacts in 0.1..2000.0f64, target in 0.0..120.0f64, wanted in 0.3..0.99f64, busiest in 0.5..1.0f64,
        ) {
            let promise = Promise { target, service_level: wanted, maximum_occupancy: busiest, shrinkage: 0.2 };
            let need = required(demand(contacts), promise).unwrap();
            let ok = |agents: f64| match level(demand(contacts), agents, target, 0.2) {
                Ok(s) => s.service_level.unwrap() >= wanted - 1e-9 && s.occupancy.unwrap() <= busiest + 1e-9,
                Err(_) => false,
            };
            prop_assert!(ok(need.agents) && (need.agents < 2.0 || !ok(need.agents - 1.0)));
            let f = need.agents_fractional.unwrap();
            prop_assert!(f <= need.agents && f > need.agents - 1.0 - 1e-9, "{f} {}", need.agents);
            prop_assert!(ok(f) && !ok(f - 1e-5), "{f}");
            let most = capacity(need.agents, 1800.0, 180.0, promise).unwrap();
            prop_assert!(most >= contacts * (1.0 - 1e-9));
        }
    }
}
