//! Time: instants, zones, slots, working calendars and arithmetic in working time.
//!
//! An instant is an `i64` of microseconds since 1970-01-01T00:00:00Z; [`MISSING`] stands for "not there". A local time
//! is the same count read from a wall clock, and a date is a count of days since 1970-01-01. Local rules are resolved
//! per date in an IANA zone, so a change of clocks never shifts a deadline.

pub mod calendar;
pub mod instant;
pub mod slot;
pub mod working;
pub mod zone;

pub use calendar::{Calendar, CalendarText, Production};
pub use instant::MISSING;
pub use slot::{Every, SlotFinder};
pub use working::{Explanation, Period};
pub use zone::{OffsetSpan, Pick, Zone};
