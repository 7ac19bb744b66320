//! The load profile: `profile.*`.

use crate::functions;
use crate::workforce::profile::{self, Day};

functions! {
    /// Usual days by weekday (1 Monday … 7 Sunday) and slot, event days set apart. A day is
    /// `{"weekday": 1, "counts": [..], "event": false}`.
    #[example = r#"{"days": [{"weekday": 1, "counts": [10, 30]}, {"weekday": 1, "counts": [30, 30]}, {"weekday":
        1, "counts": [90, 60], "event": true}]}"#]
    "profile.load" (days: Vec<Day>) => profile::load_profile(&days);
    /// The spread of a day over its slots as a ratio of sums, and a daily total spread by it.
    #[example = r#"{"counts": [[1, 3], [75, 25]], "daily_total": 104}"#]
    "profile.intraday" (counts: Vec<Vec<u64>>, daily_total: Option<f64> = None) => profile::intraday(&counts, daily_total);
    /// A total spread by given shares.
    #[example = r#"{"total": 100, "shares": [0.2, 0.5, 0.3]}"#]
    "profile.allocate" (total: f64, shares: Vec<f64>) => profile::allocate(total, &shares);
}
