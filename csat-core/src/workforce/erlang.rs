//! Queues in steady state: Erlang B (lost), C (patient) and A (impatient callers).
//!
//! Load is in erlangs: arrivals per unit of time × handle time. All three assume Poisson arrivals, exponential handle
//! times and a steady state within the interval; half-hours with steep ramps break the last one.

use crate::error::{Error, Result};

/// The largest number of agents and the largest load that are computed.
pub const LARGEST: f64 = 1e6;

/// Erlang B: the chance that an arrival finds all agents busy and is lost.
///
/// Recursion B(0) = 1, B(c) = load·B(c − 1)/(c + load·B(c − 1)). A fractional number of agents starts the same
/// recursion at its fraction by 1/B(x) = load·∫e^(−load·t)(1 + t)^x dt. Source: Jagerman 1974 for the continuation.
///
/// ```
/// use csat_core::workforce::erlang::b;
/// assert!((b(2.0, 1.0)? - 0.2).abs() < 1e-15);
/// assert!(b(2.5, 1.0)? < b(2.0, 1.0)?);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn b(agents: f64, load: f64) -> Result<f64> {
    check("agents", agents, false)?;
    check("load", load, false)?;
    if load == 0.0 {
        return Ok(if agents == 0.0 { 1.0 } else { 0.0 });
    }
    let whole = agents.floor();
    let fraction = agents - whole;
    let start = if fraction == 0.0 { 1.0 } else { fractional_b(fraction, load) };
    Ok((1..=whole as u64).fold(start, |blocking, i| next_b(blocking, fraction + i as f64, load)))
}

/// One step of the recursion of [`b`].
pub(crate) fn next_b(blocking: f64, agents: f64, load: f64) -> f64 {
    load * blocking / (agents + load * blocking)
}

/// B between 0 and 1 agents: load^x·e^(−load)/Γ(x + 1, load).
fn fractional_b(x: f64, load: f64) -> f64 {
    let a = x + 1.0;
    if load < 1.0 {
        // Γ(a, load) = Γ(a) − the lower part, as its power series.
        let mut term = 1.0 / a;
        let mut sum = term;
        let mut k = a;
        while term > 1e-18 * sum {
            k += 1.0;
            term *= load / k;
            sum += term;
        }
        let scale = libm::exp(a * libm::log(load) - load);
        return scale / load / (libm::tgamma(a) - scale * sum);
    }
    // The continued fraction of Γ(a, load)·e^load·load^(−a), by Lentz.
    let mut b = load + 1.0 - a;
    let (mut c, mut d) = (1e300, 1.0 / b);
    let mut h = d;
    for i in 1..10_000 {
        let i = f64::from(i);
        let numerator = -i * (i - a);
        b += 2.0;
        d = 1.0 / (numerator * d + b);
        c = b + numerator / c;
        h *= c * d;
        if (c * d - 1.0).abs() < 1e-16 {
            break;
        }
    }
    1.0 / (load * h)
}

/// Erlang C: the chance that a contact has to wait, when nobody hangs up.
///
/// Formula: c·B/(c − load·(1 − B)). Load at or above the number of agents is an error: the queue would grow without
/// end. Use [`a`] where callers hang up.
///
/// ```
/// let wait = csat_core::workforce::erlang::c(14.0, 10.0)?;
/// assert!((wait - 0.174132).abs() < 1e-6);
/// assert!(csat_core::workforce::erlang::c(10.0, 10.0).is_err());
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn c(agents: f64, load: f64) -> Result<f64> {
    let blocking = b(agents, load)?;
    if load >= agents {
        return Err(overload(agents, load));
    }
    Ok(c_of_b(blocking, agents, load))
}

pub(crate) fn c_of_b(blocking: f64, agents: f64, load: f64) -> f64 {
    (agents * blocking / (agents - load * (1.0 - blocking))).min(1.0)
}

pub(crate) fn overload(agents: f64, load: f64) -> Error {
    Error::argument(format!(
        "a load of {load} erlangs needs more than {agents} agents: without enough agents the queue grows without end; \
         add agents, or use Erlang A, which counts callers who hang up"
    ))
}

/// A queue whose callers hang up. Chances are of all offered contacts unless said otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct ErlangA {
    /// Contacts that find all agents busy.
    pub wait_probability: f64,
    /// Contacts that hang up.
    pub abandon_probability: f64,
    /// Busy share of the agents' time.
    pub occupancy: f64,
    /// Mean time in queue of all offered contacts, those without waiting and those who hang up included.
    pub mean_wait: f64,
    /// Mean number of contacts in the queue.
    pub mean_queue: f64,
    /// Contacts answered within the target, of all offered.
    pub served_within_target: f64,
    /// Contacts that hang up within the target, of all offered.
    pub abandoned_within_target: f64,
    /// Answered within the target, of all answered.
    pub served_within_target_of_answered: f64,
    /// Answered within the target, of offered less those who hang up within the target.
    pub served_within_target_of_remaining: f64,
}

crate::answer_fields!(ErlangA {
    wait_probability,
    abandon_probability,
    occupancy,
    mean_wait,
    mean_queue,
    served_within_target,
    abandoned_within_target,
    served_within_target_of_answered,
    served_within_target_of_remaining
});

/// Erlang A: as Erlang C, but callers hang up after an exponential patience with the given mean.
///
/// Any load is allowed. All times are in one unit. The number present is a birth-death chain with departures
/// min(n, c)/handle time + max(n − c, 0)/patience. A contact that finds k others waiting is answered after a time V
/// with e^(−V/patience) ~ Beta(r, k + 1), r = c·patience/handle time, so "answered within the target" needs no
/// numerical integration. Source: Garnett, Mandelbaum and Reiman 2002 for the model.
///
/// ```
/// use csat_core::workforce::erlang::a;
/// let q = a(10, 100.0, 1800.0, 180.0, 300.0, 20.0)?; // as many agents as load
/// assert!((q.abandon_probability - 0.109438).abs() < 1e-6);
/// assert!((q.served_within_target - 0.516810).abs() < 1e-6);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn a(agents: u64, contacts: f64, interval: f64, handle_time: f64, patience: f64, target: f64) -> Result<ErlangA> {
    check("agents", agents as f64, true)?;
    check("contacts", contacts, true)?;
    check("target", target, false)?;
    for (name, value) in [("interval", interval), ("handle_time", handle_time), ("patience", patience)] {
        check(name, value, true)?;
    }
    let (arrival, service, leave) = (contacts / interval, 1.0 / handle_time, 1.0 / patience);
    check("load", arrival * handle_time, true)?;
    let chain = Chain { agents: agents as f64, arrival, service, leave };
    let states = chain.states()?;
    Ok(chain.read(&states, target))
}

struct Chain {
    agents: f64,
    arrival: f64,
    service: f64,
    leave: f64,
}

/// Consecutive states of the chain that carry all of the probability, from `first` on.
struct States {
    first: u64,
    probability: Vec<f64>,
}

impl Chain {
    fn departures(&self, present: f64) -> f64 {
        present.min(self.agents) * self.service + (present - self.agents).max(0.0) * self.leave
    }

    /// Walks down and up from the most probable state until what is left is below 1e-18 of it.
    fn states(&self) -> Result<States> {
        const MOST: usize = 5_000_000;
        let offered = self.arrival / self.service;
        let mode = if offered < self.agents {
            offered.floor()
        } else {
            self.agents + ((self.arrival - self.agents * self.service) / self.leave).floor()
        };
        if mode > 1e7 {
            return Err(Error::argument(
                "patience is so long and the load so high that the queue has no end; add agents",
            ));
        }
        let mut down = Vec::new();
        let mut weight = 1.0;
        let mut n = mode;
        while n > 0.0 && weight > 1e-20 && down.len() < MOST {
            weight *= self.departures(n) / self.arrival;
            n -= 1.0;
            down.push(weight);
        }
        let first = n as u64;
        down.reverse();
        let mut probability = down;
        probability.push(1.0);
        let mut n = mode;
        let mut weight = 1.0;
        while weight > 1e-20 && probability.len() < 2 * MOST {
            n += 1.0;
            weight *= self.arrival / self.departures(n);
            probability.push(weight);
        }
        if probability.len() >= MOST {
            return Err(Error::argument("the queue spreads over more than five million states; shorten the patience"));
        }
        let total: f64 = probability.iter().sum();
        for p in &mut probability {
            *p /= total;
        }
        Ok(States { first, probability })
    }

    fn read(&self, states: &States, target: f64) -> ErlangA {
        let (mut busy, mut queue, mut wait) = (0.0, 0.0, 0.0);
        let (mut served, mut abandoned) = (0.0, 0.0);
        let rate = self.agents * self.service;
        let ratio = rate / self.leave;
        let decay = libm::exp(-self.leave * target);
        // P(V ≤ t, V before hanging up) and P(V > t) given k ahead are negative binomial sums, grown with k.
        let mut early = Sum::new(ratio + 1.0, self.leave * target);
        let mut late = Sum::new(ratio, self.leave * target);
        let last = states.first + states.probability.len() as u64;
        let from = (self.agents as u64).min(states.first);
        for n in from..last {
            let p = if n < states.first { 0.0 } else { states.probability[(n - states.first) as usize] };
            let n = n as f64;
            busy += p * n.min(self.agents);
            if n < self.agents {
                continue;
            }
            let ahead = n - self.agents;
            early.add(ahead);
            late.add(ahead);
            queue += p * ahead;
            wait += p;
            let answered = rate / (rate + (ahead + 1.0) * self.leave) * (1.0 - early.value).max(0.0);
            served += p * answered;
            abandoned += p * (1.0 - decay * late.value.min(1.0) - answered).max(0.0);
        }
        let served_within_target = (1.0 - wait + served).min(1.0);
        let abandon_probability = self.leave * queue / self.arrival;
        ErlangA {
            wait_probability: wait,
            abandon_probability,
            occupancy: busy / self.agents,
            mean_wait: queue / self.arrival,
            mean_queue: queue,
            served_within_target,
            abandoned_within_target: abandoned,
            served_within_target_of_answered: (served_within_target / (1.0 - abandon_probability)).min(1.0),
            served_within_target_of_remaining: (served_within_target / (1.0 - abandoned)).min(1.0),
        }
    }
}

/// Σ over j ≤ k of y^a·(1 − y)^j·Γ(a + j)/(Γ(a)·j!) with y = e^(−x): the chance that more than `x` passes.
struct Sum {
    a: f64,
    ln_rest: f64,
    ln_term: f64,
    value: f64,
}

impl Sum {
    fn new(a: f64, x: f64) -> Self {
        Self { a, ln_rest: libm::log(-libm::expm1(-x)), ln_term: -a * x, value: 0.0 }
    }

    /// Adds the term of `k`; called for k = 0, 1, 2, … in turn.
    fn add(&mut self, k: f64) {
        if k > 0.0 {
            self.ln_term += self.ln_rest + libm::log((self.a + k - 1.0) / k);
        }
        self.value += libm::exp(self.ln_term);
    }
}

/// Refuses what is not a finite number in 0..=[`LARGEST`] (times without the upper end).
pub(crate) fn check(name: &str, value: f64, above_zero: bool) -> Result<()> {
    let counted = matches!(name, "agents" | "load");
    if value.is_finite() && value >= 0.0 && !(above_zero && value == 0.0) && !(counted && value > LARGEST) {
        return Ok(());
    }
    let least = if above_zero { "above zero" } else { "zero or more" };
    let most = if counted { " and at most a million" } else { "" };
    Err(Error::argument(format!("{name} must be {least}{most}, not {value}")).with("argument", name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn blocking_by_hand() {
        // B(1) = 1/2, B(2) = (1/2)/(2 + 1/2) = 1/5; C(2) = 2·(1/5)/(2 − 4/5) = 1/3.
        assert_eq!(b(0.0, 1.0).unwrap(), 1.0);
        assert_eq!(b(1.0, 1.0).unwrap(), 0.5);
        assert!((c(2.0, 1.0).unwrap() - 1.0 / 3.0).abs() < 1e-15);
        assert_eq!((b(3.0, 0.0).unwrap(), c(3.0, 0.0).unwrap()), (0.0, 0.0));
        // x = 1/2, load = 1: 1/B = ∫e^(−t)√(1 + t)dt = 1.378937…, by quadrature.
        assert!((1.0 / b(0.5, 1.0).unwrap() - 1.378_936).abs() < 2e-6, "{}", 1.0 / b(0.5, 1.0).unwrap());
    }

    #[test]
    fn the_two_forms_of_a_fraction_meet() {
        for x in [0.1, 0.5, 0.9, 0.999_999] {
            let (series, fraction) = (fractional_b(x, 1.0 - 1e-12), fractional_b(x, 1.0));
            assert!((series - fraction).abs() < 1e-10, "{x} {series} {fraction}");
        }
    }

    #[test]
    fn patience_without_end_is_erlang_c() {
        let patient = a(14, 100.0, 1800.0, 180.0, 1e9, 20.0).unwrap();
        assert!((patient.wait_probability - c(14.0, 10.0).unwrap()).abs() < 1e-6);
        assert!((patient.served_within_target - 0.888_350_019).abs() < 1e-6, "{patient:?}");
    }

    #[test]
    fn one_agent_with_equal_rates_by_hand() {
        // All rates 1, one agent: departures n·1, so the number present is Poisson(1) and
        // P(wait) = 1 − e⁻¹, mean queue = 1 − (1 − e⁻¹) = e⁻¹, abandon = e⁻¹.
        let q = a(1, 1.0, 1.0, 1.0, 1.0, 1.0).unwrap();
        let e = (-1f64).exp();
        assert!((q.wait_probability - (1.0 - e)).abs() < 1e-12 && (q.abandon_probability - e).abs() < 1e-12);
        // Nobody waits for ever: within a very long target everyone is answered or has hung up.
        let q = a(1, 1.0, 1.0, 1.0, 1.0, 200.0).unwrap();
        assert!((q.served_within_target + q.abandoned_within_target - 1.0).abs() < 1e-12);
        assert!((q.served_within_target_of_answered - 1.0).abs() < 1e-12);
        let q = a(1, 1.0, 1.0, 1.0, 1.0, 0.0).unwrap();
        assert!((q.served_within_target - e).abs() < 1e-12 && q.abandoned_within_target.abs() < 1e-12);
    }

    #[test]
    fn extremes_end() {
        assert!(a(5, 1e9, 1.0, 1.0, 1e9, 1.0).is_err());
        let q = a(1000, 5.0, 1800.0, 180.0, 60.0, 20.0).unwrap();
        assert!(q.wait_probability < 1e-12 && (q.served_within_target - 1.0).abs() < 1e-12);
        let q = a(1, 1e5, 1.0, 1.0, 1.0, 0.5).unwrap();
        assert!(q.abandon_probability > 0.999 && q.occupancy > 0.999_999);
        for wrong in [f64::NAN, f64::INFINITY, -1.0] {
            assert!(b(wrong, 1.0).is_err() && c(5.0, wrong).is_err());
            assert!(a(5, wrong, 1.0, 1.0, 1.0, 1.0).is_err() && a(5, 1.0, 1.0, 1.0, 1.0, wrong).is_err());
        }
        assert!(b(2e6, 1.0).is_err() && a(0, 1.0, 1.0, 1.0, 1.0, 1.0).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn more_agents_block_less(agents in 0.0..60.0f64, more in 0.01..5.0f64, load in 0.01..60.0f64) {
            let (few, many) = (b(agents, load).unwrap(), b(agents + more, load).unwrap());
            prop_assert!(many < few && (0.0..=1.0).contains(&few));
        }

        #[test]
        fn erlang_a_balances(agents in 1u64..40, contacts in 1.0..400.0f64, patience in 5.0..2000.0f64, target in 0.0..600.0f64) {
            let q = a(agents, contacts, 1800.0, 180.0, patience, target).unwrap();
            // Work done equals work accepted.
            let load = contacts / 1800.0 * 180.0;
            prop_assert!((q.occupancy * agents as f64 - load * (1.0 - q.abandon_probability)).abs() < 1e-7 * load);
            let parts = q.served_within_target + q.abandoned_within_target;
            prop_assert!(parts <= 1.0 + 1e-9 && q.abandoned_within_target <= q.abandon_probability + 1e-9);
            prop_assert!(q.served_within_target <= 1.0 - q.abandon_probability + 1e-9);
        }
    }
}
