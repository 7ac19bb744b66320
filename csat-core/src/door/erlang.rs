//! Queues: `erlang.*`.

use crate::functions;
use crate::workforce::erlang;

functions! {
    /// Erlang B: chance that an arrival finds all agents busy and is lost. `load` in erlangs; agents may be fractional.
    #[example = r#"{"agents": 2, "load": 1}"#]
    "erlang.b" (agents: f64, load: f64) => erlang::b(agents, load);
    /// Erlang C: chance that a contact waits, when nobody hangs up. A load at or above the agents is an error.
    #[example = r#"{"agents": 2, "load": 1}"#]
    "erlang.c" (agents: f64, load: f64) => erlang::c(agents, load);
    /// Erlang A: a queue whose callers hang up after an exponential patience. All times in one unit; chances are of all
    /// offered contacts unless the name says otherwise.
    #[example = r#"{"agents": 1, "contacts": 1, "interval": 1, "handle_time": 1, "patience": 1, "target": 0}"#]
    "erlang.a" (agents: u64, contacts: f64, interval: f64, handle_time: f64, patience: f64, target: f64)
        => erlang::a(agents, contacts, interval, handle_time, patience, target);
}
