//! Asterisk `queue_log`: event lines in, contacts out.
//!
//! A line is `epoch|call id|queue|agent|event|parameters…`. [`QueueLog`] is a state machine without I/O: push lines
//! as they come, [`drain`](QueueLog::drain) the contacts that are complete, ask for those still
//! [`waiting`](QueueLog::waiting) or [`talking`](QueueLog::talking). A live tailer and a reader of old files use the
//! same machine; [`read`] does a whole file.
//!
//! ```
//! use csat_core::record::queue_log::{QueueLogOptions, read};
//! let log = read(
//!     "1700000000|1700000000.1|support|NONE|ENTERQUEUE||2001|1\n\
//!      1700000012|1700000000.1|support|PJSIP/7|CONNECT|12|1700000003.2|5\n\
//!      1700000072|1700000000.1|support|PJSIP/7|COMPLETECALLER|12|60|1\n",
//!     QueueLogOptions::default(),
//! );
//! let contact = &log.contacts[0];
//! assert_eq!((contact.outcome, contact.wait, contact.talk), ("answered", Some(12_000_000), Some(60_000_000)));
//! ```
//!
//! # From lines to contacts: the published rule
//!
//! 1. One visit of a call to a queue is one contact: it starts with `ENTERQUEUE` and is keyed by call id and queue.
//!    A call that goes on to a second queue is a second contact there.
//! 2. With [`stitch_gap`](QueueLogOptions::stitch_gap) the visits of one call are one contact: the queue, position and
//!    start of the first visit; answered if any visit was, then by the agent who answered first; wait from the first
//!    entry to the first answer (or to the end if there was none); talk, unanswered rings and legs added; the end of
//!    the last. A visit after which the call can go on (flow-out, key, removal, transfer) holds the contact back until
//!    the call enters again or the gap has passed in log time.
//! 3. A channel is in one queue at a time. `ENTERQUEUE` while the same call still waits means that the exit was not
//!    logged: the earlier visit ends there as `flow_out`. While the same call talks in the *same* queue it ends there
//!    as answered and transferred. A conversation in another queue stays open, because Asterisk writes its end from
//!    another thread and so perhaps later.
//! 4. An attended transfer into a queue swaps the call ids of two channels: `ATTENDEDTRANSFER` then bears the id of
//!    the consultation. It ends the conversation that this agent has in that queue, and what the consultation waits
//!    for belongs to the caller from then on (asterisk/asterisk issue 759).
//!
//! | event | what it does |
//! |---|---|
//! | `ENTERQUEUE` | starts a visit: `pending` |
//! | `CONNECT` | `answered` |
//! | `COMPLETEAGENT`, `COMPLETECALLER` | end of the conversation |
//! | `TRANSFER`, `BLINDTRANSFER`, `ATTENDEDTRANSFER` | the same, `transferred` |
//! | `ABANDON` | `abandoned` |
//! | `EXITWITHTIMEOUT`, `EXITEMPTY`, `LEAVEEMPTY` | `flow_out` |
//! | `EXITWITHKEY` | `key_exit` (what the key led to, a call-back or a mailbox, the log does not know) |
//! | `WITHDRAW` | `dequeued`: taken out by a program |
//! | `SYSCOMPAT` | `error`: answered, but the channels could not be joined and the call was dropped |
//! | `RINGNOANSWER` | an unanswered ring, unless it lasted 0 ms (the phone could not be reached and never rang) |
//! | `AGENTDUMP` | an unanswered ring: the agent hung up in the announcement; the caller waits on |
//! | `RINGCANCELED` | an agent's phone rang when the caller left; no miss of the agent |
//! | `JOINEMPTY`, `FULL`, `CLOSED`, `DIVERT_CA_RATIO`, `DIVERT_HOLDTIME` | never entered: counted as `refused` |
//! | `QUEUESTART` | Asterisk started, so every open call was lost at an unknown time: who waited is `error` without an end and a wait, who talked is `answered` without an end and a talk |
//! | `DID`, `CONFIGRELOAD`, members, pauses, logins | no effect on contacts |
//!
//! # Times
//!
//! Epoch seconds, whole or with a fraction, become microseconds UTC. Wait and talk are differences of instants. The
//! `holdtime` and `calltime` that Asterisk logs are whole seconds of its own clock and can differ by a second; they
//! are used only where `CONNECT` is missing. Its "hold" is the wait in the queue; hold during the conversation and
//! wrap-up are not in this log. `CONNECT` is written after announcements to the agent, so these count as wait.
//! `queue_log` in a database has local times without a zone: give [`zone`](QueueLogOptions::zone).
//!
//! # What does not fit
//!
//! Nothing is fatal. Lines that cannot be used are set aside, repairs are remarked, both counted by [`Reason`] with
//! the first ten line numbers ([`QueueLog::remarks`]). Every accepted `ENTERQUEUE` ends up in exactly one contact or
//! is listed as waiting, talking or between two queues: `entered` = sum of `legs`.
//!
//! A line whose time lies before that of its own `ENTERQUEUE` (two writers, a clock set back) is taken as of that moment
//! and remarked as `out_of_order`: its wait is 0, a hit of any service level, whatever hold time it logs. A time outside
//! the years 1900 to 2199 is `bad_time`, because no tally takes it.
//!
//! Pitfalls: ids are unique within one Asterisk only; read the logs of several servers with one `QueueLog` each. A
//! rotated log starts in the middle of calls: their ends are counted as `no_open_visit`. Transfers made by the phone
//! itself are often not logged, so talk can contain the conversation after the transfer.
//!
//! Source: Asterisk documentation, "Queue Logs"; the behaviour of `AGENTDUMP`, `SYSCOMPAT`, timeouts and `WITHDRAW`
//! from its queue application.

mod contact;
mod event;
mod machine;
mod remark;

pub use contact::QueueContact;
pub use machine::{QueueLog, QueueLogOptions, QueueLogRead, read};
pub use remark::{QueueLogCounts, Reason, Remark};
