//! Shares: `share.*`.

use crate::functions;
use crate::stats::share::{self, Share};

functions! {
    /// Wilson score interval of a share: `successes` of `n` at the given confidence. Fractions 0..1. The default.
    /// Source: Wilson 1927.
    #[example = r#"{"successes": 5, "n": 10}"#]
    "share.wilson" (successes: u64, n: u64, confidence: f64 = 0.95) => share::wilson(successes, n, confidence);
    /// Wilson score interval with continuity correction. Source: Newcombe 1998.
    #[example = r#"{"successes": 5, "n": 10}"#]
    "share.wilson_continuity" (successes: u64, n: u64, confidence: f64 = 0.95) =>
        share::wilson_continuity(successes, n, confidence);
    /// Clopper-Pearson ("exact") interval of a share. Source: Clopper and Pearson 1934.
    #[example = r#"{"successes": 1, "n": 2}"#]
    "share.clopper_pearson" (successes: u64, n: u64, confidence: f64 = 0.95) =>
        share::clopper_pearson(successes, n, confidence);
    /// Jeffreys interval: equal tails of Beta(x + 1/2, n - x + 1/2); `boundary` sets 0 at x = 0 and 1 at x = n.
    #[example = r#"{"successes": 0, "n": 20}"#]
    "share.jeffreys" (successes: u64, n: u64, boundary: bool = false, confidence: f64 = 0.95) =>
        share::jeffreys(successes, n, boundary, confidence);
    /// Agresti-Coull interval; `clamp` cuts it to [0, 1]. Source: Agresti and Coull 1998.
    #[example = r#"{"successes": 5, "n": 10}"#]
    "share.agresti_coull" (successes: u64, n: u64, clamp: bool = true, confidence: f64 = 0.95) =>
        share::agresti_coull(successes, n, clamp, confidence);
    /// Textbook interval of a share: of no width at 0 and n. For comparison only.
    #[example = r#"{"successes": 5, "n": 10}"#]
    "share.wald" (successes: u64, n: u64, clamp: bool = true, confidence: f64 = 0.95) =>
        share::wald(successes, n, clamp, confidence);
    /// Difference of two shares, first minus second, with Newcombe's hybrid score interval. The default.
    /// Source: Newcombe 1998.
    #[example = r#"{"a": {"successes": 5, "n": 10}, "b": {"successes": 5, "n": 10}}"#]
    "share.difference_newcombe" (a: Share, b: Share, confidence: f64 = 0.95) =>
        share::difference_newcombe(a, b, confidence);
    /// Difference of two shares with Miettinen and Nurminen's score interval, factor N/(N-1) included.
    #[example = r#"{"a": {"successes": 4, "n": 4}, "b": {"successes": 0, "n": 4}}"#]
    "share.difference_miettinen_nurminen" (a: Share, b: Share, confidence: f64 = 0.95) =>
        share::difference_miettinen_nurminen(a, b, confidence);
    /// Difference of two shares with Agresti and Caffo's interval (one success and one failure added to each).
    #[example = r#"{"a": {"successes": 5, "n": 10}, "b": {"successes": 5, "n": 10}}"#]
    "share.difference_agresti_caffo" (a: Share, b: Share, confidence: f64 = 0.95) =>
        share::difference_agresti_caffo(a, b, confidence);
    /// Difference of two shares with the textbook interval. For comparison only.
    #[example = r#"{"a": {"successes": 5, "n": 10}, "b": {"successes": 5, "n": 10}}"#]
    "share.difference_wald" (a: Share, b: Share, confidence: f64 = 0.95) =>
        share::difference_wald(a, b, confidence);
    /// Pooled z test that two shares are equal, two-sided.
    #[example = r#"{"a": {"successes": 9, "n": 10}, "b": {"successes": 3, "n": 10}}"#]
    "share.z_pooled" (a: Share, b: Share) => share::z_pooled(a, b);
    /// Fisher's exact test that two shares are equal, two-sided: tables not more probable than the observed one.
    #[example = r#"{"a": {"successes": 3, "n": 4}, "b": {"successes": 1, "n": 4}}"#]
    "share.fisher" (a: Share, b: Share) => share::fisher(a, b);
}
