//! Tickets in columns, judged by response targets: what [`rule::response`](crate::rule::response) does for one record.

mod prepared;
pub(crate) mod targets;

pub use prepared::{Judgements, PauseTable, PreparedSla, TargetCode, TicketColumns};
