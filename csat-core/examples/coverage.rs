//! How often the default intervals hold the truth: many samples from known distributions, each a group of one tally.
//!
//!     cargo run --release -p csat-core --example coverage [SAMPLES]
//!
//! A 95 % interval should hold it in about 95 of 100 samples. Discrete answers make it jump around that; a t interval of
//! ten very skewed waits is known to fall short. Below 85 % something is broken, and the run fails.

use csat_core::record::{Batch, Column};
use csat_core::{Plan, Recipe, Result, Tally};

/// Steele's split-mix generator: the same samples on every machine.
struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / 9_007_199_254_740_992.0
    }

    /// 0, 1, 2 … with these chances.
    fn pick(&mut self, chances: &[f64]) -> i64 {
        let mut left = self.uniform();
        let picked = chances.iter().position(|chance| {
            left -= chance;
            left < 0.0
        });
        picked.unwrap_or(chances.len() - 1) as i64
    }
}

/// Chances of the marks 0 to 10.
const MARKS: [f64; 11] = [0.02, 0.01, 0.02, 0.02, 0.03, 0.05, 0.05, 0.10, 0.20, 0.25, 0.25];
const TRANSFERRED: f64 = 0.06;
/// Mean of the waits, in microseconds; they are exponential.
const WAIT: f64 = 30e6;

const ANSWERS: &str = r#"{"keys": ["sample"], "measures": ["nps",
    {"measure": "satisfaction", "score": "score", "scale": [0, 10], "positive": [9, 10]}]}"#;
const CONTACTS: &str = r#"{"keys": ["sample"], "measures": ["transfer", "speed_of_answer",
    {"measure": "wait", "buckets": "exact", "quantiles": [0.5, 0.9]}]}"#;

/// Counts samples whose interval holds the truth, for some parts of some measures.
fn held(tally: &Tally<Recipe>, n: usize, parts: &[(&str, &str, f64)]) -> Result<f64> {
    let (report, mut worst) = (tally.report(Some(0.95))?, 1f64);
    for (measure, part, truth) in parts {
        let (mut inside, mut given, mut width) = (0u32, 0u32, 0f64);
        for group in 0..report.groups() {
            let estimate = report.get(group, measure, part);
            if let Some((low, high)) = estimate.and_then(|e| e.low.zip(e.high)) {
                given += 1;
                width += high - low;
                inside += u32::from(low <= *truth && *truth <= high);
            }
        }
        let name = format!("{measure}/{part}");
        if given == 0 {
            println!("{name:<24} {n:>5} {given:>8}   too few for an interval");
            continue;
        }
        let share = f64::from(inside) / f64::from(given);
        println!("{name:<24} {n:>5} {given:>8} {:>8.2} % {:>12.4}", 100.0 * share, width / f64::from(given));
        worst = worst.min(share);
    }
    Ok(worst)
}

fn answers(random: &mut Random, samples: usize, n: usize) -> Result<f64> {
    let mut tally = Tally::new(Plan::from_text(ANSWERS)?)?;
    let scores: Vec<i64> = (0..samples * n).map(|_| random.pick(&MARKS)).collect();
    let sample: Vec<i64> = (0..samples * n).map(|i| (i / n) as i64).collect();
    tally.push(&Batch::new().column("score", Column::integers(&scores)).column("sample", Column::integers(&sample)))?;
    let (low, top): (f64, f64) = (MARKS[..7].iter().sum(), MARKS[9..].iter().sum());
    let mean: f64 = MARKS.iter().enumerate().map(|(mark, chance)| mark as f64 * chance).sum();
    let parts =
        [("nps", "nps", 100.0 * (top - low)), ("satisfaction", "positive", top), ("satisfaction", "mean", mean)];
    held(&tally, n, &parts)
}

fn contacts(random: &mut Random, samples: usize, n: usize) -> Result<f64> {
    let mut tally = Tally::new(Plan::from_text(CONTACTS)?)?;
    let rows = samples * n;
    let transferred: Vec<i64> = (0..rows).map(|_| i64::from(random.uniform() < TRANSFERRED)).collect();
    let waits: Vec<i64> = (0..rows).map(|_| (-WAIT * libm::log(1.0 - random.uniform())) as i64).collect();
    let sample: Vec<i64> = (0..rows).map(|i| (i / n) as i64).collect();
    let outcomes = vec!["answered"; rows];
    let batch = Batch::new()
        .column("outcome", Column::texts(&outcomes))
        .column("transferred", Column::integers(&transferred))
        .column("wait", Column::durations(&waits))
        .column("sample", Column::integers(&sample));
    tally.push(&batch)?;
    let quantile = |p: f64| -WAIT / 1e6 * libm::log(1.0 - p);
    let parts = [
        ("transfer", "rate", TRANSFERRED),
        ("speed_of_answer", "mean", WAIT / 1e6),
        ("wait", "p50", quantile(0.5)),
        ("wait", "p90", quantile(0.9)),
    ];
    held(&tally, n, &parts)
}

fn main() -> Result<()> {
    let samples = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(5_000);
    let (mut random, mut worst) = (Random(2026), 1f64);
    println!("{:<24} {:>5} {:>8} {:>10} {:>12}", "part", "n", "samples", "holding", "mean width");
    for n in [10, 30, 100, 1000] {
        worst = worst.min(answers(&mut random, samples, n)?).min(contacts(&mut random, samples, n)?);
    }
    assert!(worst > 0.85, "an interval held the truth in only {:.1} % of samples", 100.0 * worst);
    Ok(())
}
