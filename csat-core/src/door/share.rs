//! Shares: `share.*`.

use crate::functions;
use crate::stats::share;

functions! {
    /// Wilson score interval of a share: `successes` of `n` at the given confidence. Fractions 0..1.
    /// Source: Wilson 1927.
    "share.wilson" (successes: u64, n: u64, confidence: f64 = 0.95) => share::wilson(successes, n, confidence);
}
