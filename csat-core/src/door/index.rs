//! Satisfaction index: `index.*`.

use crate::functions;
use crate::stats::index::{self, Missing};

functions! {
    /// Satisfaction index on 0..100 of a table of responses (rows are respondents, null where an item was left out).
    /// `missing` is "available", "listwise" or "as_minimum"; `min_share` of the items must be answered for the first.
    #[example = r#"{"responses": [[5, 3], [4, null], [1, 2]], "weights": [3, 1], "scale_min": 1, "scale_max": 5}"#]
    "index.satisfaction" (
        responses: Vec<Vec<Option<f64>>>, weights: Vec<f64>, scale_min: f64, scale_max: f64,
        missing: Missing = Missing::Available, min_share: f64 = 0.5, confidence: f64 = 0.95,
    ) => index::satisfaction(&responses, &weights, scale_min, scale_max, missing, min_share, confidence);
}
