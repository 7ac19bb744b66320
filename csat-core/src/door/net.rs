//! Net Promoter Score on the raw scale [-1, 1]: `net.*`.

use crate::error::Result;
use crate::functions;
use crate::stats::net::{self, Counts};

functions! {
    /// Answers 0-10 counted as detractors (0-6), passives (7-8) and promoters (9-10).
    #[example = r#"{"scores": [0, 6, 7, 8, 9, 10, 10]}"#]
    "net.counts" (scores: Vec<i64>) => Counts::of_scores(&scores);
    /// The score on [-1, 1], the variance of one answer (form with 1/n) and the standard error.
    #[example = r#"{"detractors": 1, "passives": 2, "promoters": 3}"#]
    "net.point" (detractors: u64, passives: u64, promoters: u64) =>
        net::point(Counts::new(detractors, passives, promoters));
    /// The display rule floor(100 P) - floor(100 D), in whole points. For display only.
    #[example = r#"{"detractors": 1, "passives": 3, "promoters": 2}"#]
    "net.floored_points" (detractors: u64, passives: u64, promoters: u64) =>
        net::floored_points(Counts::new(detractors, passives, promoters));
    /// Textbook interval of the score; no width where all answers fall into one class. For comparison only.
    #[example = r#"{"detractors": 0, "passives": 0, "promoters": 10}"#]
    "net.wald" (detractors: u64, passives: u64, promoters: u64, clamp: bool = true, confidence: f64 = 0.95) =>
        net::wald(Counts::new(detractors, passives, promoters), clamp, confidence);
    /// Adjusted Wald interval of the score: pseudo-answers are added first. The default. Source: Rocks 2016.
    #[example = r#"{"detractors": 0, "passives": 0, "promoters": 10}"#]
    "net.adjusted_wald" (
        detractors: u64, passives: u64, promoters: u64,
        pseudo: [f64; 3] = net::PSEUDO_ANSWERS, clamp: bool = true, confidence: f64 = 0.95,
    ) => net::adjusted_wald(Counts::new(detractors, passives, promoters), pseudo, clamp, confidence);
    /// Score interval in Tango's form, within [-1, 1]. Source: Tango 1998.
    #[example = r#"{"detractors": 0, "passives": 0, "promoters": 10}"#]
    "net.score" (detractors: u64, passives: u64, promoters: u64, confidence: f64 = 0.95) =>
        net::score(Counts::new(detractors, passives, promoters), confidence);
    /// Student's t interval of the mean of the marks -1, 0, 1.
    #[example = r#"{"detractors": 5, "passives": 0, "promoters": 5}"#]
    "net.mean_t" (detractors: u64, passives: u64, promoters: u64, confidence: f64 = 0.95) =>
        net::mean_t(Counts::new(detractors, passives, promoters), confidence);
    /// Difference of two independent scores, first minus second, with the adjusted Wald interval. The default.
    #[example = r#"{"a": {"detractors": 50, "passives": 0, "promoters": 50}, "b": {"detractors": 50, "passives":
        0, "promoters": 50}}"#]
    "net.difference_adjusted_wald" (
        a: Counts, b: Counts, pseudo: [f64; 3] = net::PSEUDO_ANSWERS, confidence: f64 = 0.95,
    ) => net::difference_adjusted_wald(a, b, pseudo, confidence);
    /// Difference of two independent scores with the textbook interval. For comparison only.
    #[example = r#"{"a": {"detractors": 0, "passives": 0, "promoters": 10}, "b": {"detractors": 0, "passives":
        10, "promoters": 0}}"#]
    "net.difference_wald" (a: Counts, b: Counts, confidence: f64 = 0.95) => net::difference_wald(a, b, confidence);
    /// Answers needed for an interval of `margin` to each side (raw scale: 5 points are 0.05). Worst case: variance 1.
    #[example = r#"{"margin": 0.1}"#]
    "net.sample_size_margin" (margin: f64, variance: f64 = 1.0, confidence: f64 = 0.95) =>
        net::sample_size_margin(margin, variance, confidence);
    /// Answers needed in each of two groups to see a difference (raw scale) with probability `power`.
    #[example = r#"{"difference": 0.2, "power": 0.5}"#]
    "net.sample_size_difference" (
        difference: f64, variance_a: f64 = 1.0, variance_b: f64 = 1.0, power: f64 = 0.8, confidence: f64 = 0.95,
    ) => net::sample_size_difference(difference, variance_a, variance_b, power, confidence);
    /// Score of weighted answers 0-10, standard error by linearisation, Kish's effective number of answers.
    #[example = r#"{"scores": [9, 10, 0], "weights": [1, 1, 2]}"#]
    "net.weighted" (scores: Vec<i64>, weights: Vec<f64>, confidence: f64 = 0.95) => weighted(&scores, &weights, confidence);
}

fn weighted(scores: &[i64], weights: &[f64], confidence: f64) -> Result<net::WeightedScore> {
    let marks = scores
        .iter()
        .enumerate()
        .map(|(i, score)| net::mark(*score).map_err(|e| e.at(format_args!("answer {}", i + 1)).with("row", i + 1)));
    net::weighted(&marks.collect::<Result<Vec<i8>>>()?, weights, confidence)
}
