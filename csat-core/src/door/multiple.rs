//! Many tests at once: `multiple.*`.

use crate::functions;
use crate::stats::multiple;

functions! {
    /// p-values adjusted so that the expected share of false discoveries is at most the level.
    #[example = r#"{"p_values": [0.01, 0.04, 0.03], "level": 0.03}"#]
    "multiple.benjamini_hochberg" (p_values: Vec<f64>, level: f64 = 0.05)
        => multiple::benjamini_hochberg(&p_values, level);
    /// As `multiple.benjamini_hochberg`, valid under any dependence of the tests.
    #[example = r#"{"p_values": [0.02, 0.5]}"#]
    "multiple.benjamini_yekutieli" (p_values: Vec<f64>, level: f64 = 0.05)
        => multiple::benjamini_yekutieli(&p_values, level);
    /// p-values adjusted so that the chance of even one false discovery is at most the level.
    #[example = r#"{"p_values": [0.2, 0.01, 0.03, 0.005]}"#]
    "multiple.holm" (p_values: Vec<f64>, level: f64 = 0.05) => multiple::holm(&p_values, level);
}
