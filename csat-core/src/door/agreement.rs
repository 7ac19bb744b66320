//! Agreement of raters: `agreement.*`.

use super::marks::{Counts, Declared, Row, Rows, marks, marks_of_two};
use crate::error::Result;
use crate::functions;
use crate::stats::agreement::{self, Coefficient, Level, Marks, Weights};

functions! {
    /// The share of pairs of marks of one unit that are equal (with `weights`: near), averaged over units; not
    /// corrected for chance. Marks come in one of four arrangements: `ratings` (one row a unit, one place a rater,
    /// null for missing), `by_rater` (one row a rater), `counts` (one row a unit, one place a category) or `table`
    /// (two raters, category by category). Marks are numbers or text. `categories` lists all of them where some were
    /// not used, and from lowest to highest where they are text and weights need an order. Weights: `identity`,
    /// `linear`, `quadratic`, `ordinal`, `radical`, `ratio`, `circular`, `bipolar`.
    #[example = r#"{"table": [[9, 4], [2, 5]]}"#]
    "agreement.percent_agreement" (
        ratings: Rows = None, by_rater: Rows = None, counts: Counts = None, table: Counts = None,
        categories: Declared = None, weights: String = "identity".to_owned(), confidence: f64 = 0.95,
    ) => weighted(agreement::percent_agreement, marks(ratings, by_rater, counts, table, categories), &weights, confidence);

    /// The share of units, of those with two marks or more, on which all marks are equal. Marks as for the percent
    /// agreement.
    #[example = r#"{"ratings": [["a", "a", "a"], ["a", "b", null], ["b", "b", null], ["a", null, null]]}"#]
    "agreement.unanimity" (
        ratings: Rows = None, by_rater: Rows = None, counts: Counts = None, table: Counts = None,
        categories: Declared = None,
    ) => marks(ratings, by_rater, counts, table, categories).map(|marks| agreement::unanimity(&marks));

    /// Cohen's kappa of two raters, plain (`weights` = `none` or `identity`) or weighted, with both standard errors.
    /// Marks in `rater1` and `rater2`, one place a unit, null for missing, or as a `table`.
    /// Source: Cohen 1960, 1968; Fleiss, Cohen & Everitt 1969.
    #[example = r#"{"table": [[9, 4], [2, 5]]}"#]
    "agreement.cohen_kappa" (
        rater1: Row = None, rater2: Row = None, table: Counts = None, categories: Declared = None,
        weights: String = "none".to_owned(), confidence: f64 = 0.95,
    ) => cohen(&marks_of_two(rater1, rater2, table, categories)?, &weights, confidence);

    /// Scott's pi of two raters. Marks and weights as for the percent agreement. Source: Scott 1955.
    #[example = r#"{"table": [[9, 4], [2, 5]]}"#]
    "agreement.scott_pi" (
        ratings: Rows = None, by_rater: Rows = None, table: Counts = None,
        categories: Declared = None, weights: String = "identity".to_owned(), confidence: f64 = 0.95,
    ) => weighted(agreement::scott_pi, marks(ratings, by_rater, None, table, categories), &weights, confidence);

    /// Fleiss' kappa of any number of raters; missing marks and weights are admitted. Marks and weights as for the
    /// percent agreement. Source: Fleiss 1971; Gwet 2014.
    #[example = r#"{"counts": [[3, 0], [1, 2], [0, 3]]}"#]
    "agreement.fleiss_kappa" (
        ratings: Rows = None, by_rater: Rows = None, counts: Counts = None, table: Counts = None,
        categories: Declared = None, weights: String = "identity".to_owned(), confidence: f64 = 0.95,
    ) => weighted(agreement::fleiss_kappa, marks(ratings, by_rater, counts, table, categories), &weights, confidence);

    /// Conger's kappa: chance from each rater's own margins. Marks (without counts) and weights as for the percent
    /// agreement. Source: Conger 1980; Gwet 2014.
    #[example = r#"{"table": [[9, 4], [2, 5]]}"#]
    "agreement.conger_kappa" (
        ratings: Rows = None, by_rater: Rows = None, table: Counts = None,
        categories: Declared = None, weights: String = "identity".to_owned(), confidence: f64 = 0.95,
    ) => weighted(agreement::conger_kappa, marks(ratings, by_rater, None, table, categories), &weights, confidence);

    /// Brennan-Prediger coefficient; with identity weights Randolph's free-marginal kappa. Marks and weights as for the
    /// percent agreement; depends on the number of `categories`. Source: Brennan & Prediger 1981; Randolph 2005.
    #[example = r#"{"table": [[9, 4], [2, 5]]}"#]
    "agreement.brennan_prediger" (
        ratings: Rows = None, by_rater: Rows = None, counts: Counts = None, table: Counts = None,
        categories: Declared = None, weights: String = "identity".to_owned(), confidence: f64 = 0.95,
    ) => weighted(agreement::brennan_prediger, marks(ratings, by_rater, counts, table, categories), &weights, confidence);

    /// Gwet's AC1 (identity weights) or AC2 (other weights). Marks and weights as for the percent agreement; depends
    /// on the number of `categories`. Source: Gwet 2008, 2014.
    #[example = r#"{"table": [[9, 4], [2, 5]]}"#]
    "agreement.gwet_ac" (
        ratings: Rows = None, by_rater: Rows = None, counts: Counts = None, table: Counts = None,
        categories: Declared = None, weights: String = "identity".to_owned(), confidence: f64 = 0.95,
    ) => weighted(agreement::gwet_ac, marks(ratings, by_rater, counts, table, categories), &weights, confidence);

    /// Krippendorff's alpha by `level`: `nominal`, `ordinal`, `interval` or `ratio`. Marks as for the percent
    /// agreement. The ordinal level counts the marks between two categories; it is not the ordinal weights of
    /// `agreement.krippendorff_weighted`. Source: Krippendorff 2011.
    #[example = r#"{"ratings": [[1, 1], [2, 2], [1, 2]], "level": "nominal"}"#]
    "agreement.krippendorff_alpha" (
        ratings: Rows = None, by_rater: Rows = None, counts: Counts = None, table: Counts = None,
        categories: Declared = None, level: String = "nominal".to_owned(), confidence: f64 = 0.95,
    ) => {
        let marks = marks(ratings, by_rater, counts, table, categories)?;
        agreement::krippendorff_alpha(&marks, Level::parse(&level)?, confidence)
    };

    /// Krippendorff's alpha with Gwet's weights. Marks and weights as for the percent agreement. The ordinal weights
    /// count the categories between two marks; they are not the ordinal level of `agreement.krippendorff_alpha`.
    /// Source: Gwet 2014.
    #[example = r#"{"ratings": [[1, 1], [2, 2], [1, 3]], "weights": "ordinal"}"#]
    "agreement.krippendorff_weighted" (
        ratings: Rows = None, by_rater: Rows = None, counts: Counts = None, table: Counts = None,
        categories: Declared = None, weights: String = "identity".to_owned(), confidence: f64 = 0.95,
    ) => {
        let marks = marks(ratings, by_rater, counts, table, categories);
        weighted(agreement::krippendorff_weighted, marks, &weights, confidence)
    };

    /// The six intraclass correlations with intervals; `ratings`: one row of scores a unit, null for missing; units
    /// with a missing score are left out and counted. Source: Shrout & Fleiss 1979; McGraw & Wong 1996.
    #[example = r#"{"ratings": [[1, 3], [2, 4], [3, 5]]}"#]
    "agreement.icc" (ratings: Vec<Vec<Option<f64>>>, confidence: f64 = 0.95) => agreement::icc(&ratings, confidence);

    /// Deviations of `evaluators` from the `baseline` score of the same contact: mean signed, mean absolute and
    /// largest absolute deviation, and the standard deviation of the evaluators about their mean (n − 1).
    #[example = r#"{"baseline": 80, "evaluators": [85, 75, 90, null]}"#]
    "agreement.deviations" (baseline: f64, evaluators: Vec<Option<f64>>) => agreement::deviations(baseline, &evaluators);
}

fn weighted(
    coefficient: fn(&Marks, Weights, f64) -> Result<Coefficient>,
    marks: Result<Marks>,
    weights: &str,
    confidence: f64,
) -> Result<Coefficient> {
    coefficient(&marks?, Weights::parse(weights)?, confidence)
}

fn cohen(marks: &Marks, weights: &str, confidence: f64) -> Result<agreement::Cohen> {
    agreement::cohen_kappa(marks, Weights::parse(weights)?, confidence)
}
