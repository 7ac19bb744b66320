//! Two periods or groups: `compare.*`. A side is a list of units with their counts (one unit without a name will do), or
//! the rows of a report.

use super::units::Units;
use crate::functions;
use crate::judge::line::Line;
use crate::judge::unit::{UnitMean, UnitNet, UnitShare};
use crate::judge::{compare, definitions as judged};

functions! {
    /// Difference of shares with Newcombe's interval and pooled z test. Units are `{"unit", "successes", "n"}`, or the
    /// rows of a report, each group a unit; `part` then chooses among several shares by path or definition id.
    #[example = r#"{"before": [], "after": [{"successes": 1, "n": 2}]}"#]
    "compare.shares"
        (before: Units<UnitShare>, after: Units<UnitShare>, like_for_like: bool = false, confidence: f64 = 0.95,
         part: Option<String> = None)
        => compare::shares(
            &before.shares(part.as_deref())?, &after.shares(part.as_deref())?, like_for_like, confidence,
        );
    /// Difference of net scores in points, adjusted Wald. Units are `{"unit", "detractors", "passives", "promoters"}`, or
    /// the rows of a report, each group a unit; `part` is then the id of the score where there are several.
    #[example = r#"{"before": [{"detractors": 50, "passives": 20, "promoters": 30}], "after": [{"detractors": 30,
        "passives": 20, "promoters": 50}]}"#]
    "compare.nets" (before: Units<UnitNet>, after: Units<UnitNet>, like_for_like: bool = false, confidence: f64 = 0.95,
         part: Option<String> = None)
        => compare::nets(
            &before.nets(part.as_deref())?, &after.nets(part.as_deref())?, like_for_like, confidence,
        );
    /// Difference of means by Welch. Units are `{"unit", "n", "mean", "standard_deviation"}`, or the rows of a report, each
    /// group a unit: `part` then chooses among several means, and the deviation is worked out from the interval that the
    /// report gave at `report_confidence`.
    #[example = r#"{"before": [{"n": 4, "mean": 5, "standard_deviation": 2}], "after": [{"n": 4, "mean": 8,
        "standard_deviation": 2}]}"#]
    "compare.means" (before: Units<UnitMean>, after: Units<UnitMean>, like_for_like: bool = false, confidence: f64 = 0.95,
         part: Option<String> = None, report_confidence: f64 = 0.95)
        => {
            let part = part.as_deref();
            let (before, after) = (before.means(part, report_confidence)?, after.means(part, report_confidence)?);
            compare::means(&before, &after, like_for_like, confidence)
        };
    /// Why definitions of service level differ: each one's value, and the contacts that it takes for something else than
    /// the first one does, by outcome class. Takes the rows of a report of `service_level` with `cells`, and definition
    /// ids; without ids all those of the report. Groups and slots are added up.
    #[example = r#"{"report": [{"part": "cells/arrival:offered:exact/answered/<20s", "value": 70, "n": 70,
        "unit": "count", "definition": ""}, {"part": "cells/arrival:offered:exact/abandoned/=20s",
        "value": 10, "n": 10, "unit": "count", "definition": ""}], "definitions": ["sl:offered:20s",
        "sl:answered_only:20s"]}"#]
    "compare.definitions" (report: Vec<Line>, definitions: Vec<String> = Vec::new()) =>
        judged::compare(&report, &definitions);
}
