//! Two periods or groups: `compare.*`. A side is a list of units with their counts; one unit without a name will do.

use crate::functions;
use crate::judge::compare;
use crate::judge::unit::{UnitMean, UnitNet, UnitShare};

functions! {
    /// Difference of shares with Newcombe's interval and pooled z test. Units are `{"unit", "successes", "n"}`.
    "compare.shares"
        (before: Vec<UnitShare>, after: Vec<UnitShare>, like_for_like: bool = false, confidence: f64 = 0.95)
        => compare::shares(&before, &after, like_for_like, confidence);
    /// Difference of net scores in points, adjusted Wald. Units are `{"unit", "detractors", "passives", "promoters"}`.
    "compare.nets" (before: Vec<UnitNet>, after: Vec<UnitNet>, like_for_like: bool = false, confidence: f64 = 0.95)
        => compare::nets(&before, &after, like_for_like, confidence);
    /// Difference of means by Welch. Units are `{"unit", "n", "mean", "standard_deviation"}`.
    "compare.means" (before: Vec<UnitMean>, after: Vec<UnitMean>, like_for_like: bool = false, confidence: f64 = 0.95)
        => compare::means(&before, &after, like_for_like, confidence);
}
