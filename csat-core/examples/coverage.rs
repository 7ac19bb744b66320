//! How often intervals hold the truth; prints Markdown, kept as `docs/COVERAGE.md`.
//!
//! Shares, differences of shares and net scores by exact enumeration, means and quantiles by simulation with a fixed
//! seed. `make coverage` runs it.

#[path = "../tests/enumeration/exact.rs"]
mod exact;

use csat_core::error::Result;
use csat_core::stats::mean::{Sample, TQuantiles, t_interval_with};
use csat_core::stats::net::{Counts, PSEUDO_ANSWERS};
use csat_core::stats::share::{Difference, Share};
use csat_core::stats::{Interval, net, quantile, share};
use exact::{OfShare, SHARES, binomial, holds, ln_choose, of_net};

const CONFIDENCE: f64 = 0.95;
const NET_SHARES: [[f64; 3]; 3] = [[0.85, 0.10, 0.05], [0.5, 0.3, 0.2], [0.95, 0.03, 0.02]];
const SHOWN: [u64; 6] = [10, 15, 20, 30, 50, 100];
const SAMPLES: u32 = 100_000;
const SEED: u64 = 20_240_229;

const TITLE: &str = "# How often intervals hold the truth

Made by `make coverage`; this file is what it printed. All figures are percent of samples whose interval holds the true
value, at a confidence of 95 %. Limits belong to the interval.

*Exact* figures add up the probabilities of all possible samples whose interval holds the truth. *Simulated* figures
count samples drawn with a fixed seed (SplitMix64), so they repeat. `cargo test -p csat-core --test coverage` checks
the exact ones at a few n on every change.
";

fn main() -> Result<()> {
    println!("{TITLE}");
    let claims = [net_scores(), shares()].concat();
    differences();
    means()?;
    quantiles()?;
    println!("\n## What is to hold\n");
    table(&["Claim", "Found", "Holds"], &claims.iter().map(Claim::row).collect::<Vec<_>>());
    Ok(())
}

/// That some coverage is at least a limit.
#[derive(Clone)]
struct Claim {
    text: String,
    least: f64,
    found: f64,
    at: String,
}

impl Claim {
    fn row(&self) -> Vec<String> {
        let verdict = if self.found >= self.least { "yes" } else { "**no**" };
        vec![self.text.clone(), format!("{} at {}", percent(self.found), self.at), verdict.to_owned()]
    }
}

fn percent(share: f64) -> String {
    format!("{:.2}", 100.0 * share)
}

fn table(head: &[&str], rows: &[Vec<String>]) {
    println!("| {} |", head.join(" | "));
    println!("|{}", " --- |".repeat(head.len()));
    for row in rows {
        println!("| {} |", row.join(" | "));
    }
}

/// The smallest of some coverages, with what it belongs to.
fn least<T>(found: impl IntoIterator<Item = (f64, T)>) -> (f64, T) {
    found.into_iter().reduce(|a, b| if b.0 < a.0 { b } else { a }).expect("something was measured")
}

// ---- exact ----

type OfCounts = fn(Counts) -> Interval;

fn net_scores() -> Vec<Claim> {
    let methods: [(&str, OfCounts); 4] = [
        ("adjusted Wald (default)", |counts| {
            let i = net::adjusted_wald(counts, PSEUDO_ANSWERS, true, CONFIDENCE).expect("answers");
            Interval { low: i.low, high: i.high }
        }),
        ("score", |counts| net::score(counts, CONFIDENCE).expect("answers")),
        ("t of the marks", |counts| net::mean_t(counts, CONFIDENCE).expect("two answers")),
        ("Wald", |counts| net::wald(counts, true, CONFIDENCE).expect("answers")),
    ];
    println!("## Net score: exact, every n from 10 to 100\n");
    println!("Shares are promoters, passives, detractors; limits are cut to [−1, 1].\n");
    let mut claims = Vec::new();
    let mut rows = Vec::new();
    for shares in NET_SHARES {
        for (i, (name, interval)) in methods.iter().enumerate() {
            let found: Vec<(f64, u64)> = (10..=100).map(|n| (of_net(n, shares, interval), n)).collect();
            let (worst, n) = least(found.iter().copied());
            let mean = found.iter().map(|f| f.0).sum::<f64>() / found.len() as f64;
            let shown = SHOWN.iter().map(|n| percent(found[(n - 10) as usize].0));
            let mut row = vec![format!("{shares:?}"), (*name).to_owned()];
            row.extend(shown.chain([percent(mean), format!("{} (n = {n})", percent(worst))]));
            rows.push(row);
            if i == 0 {
                let text =
                    format!("Net score, default interval, shares {shares:?}: at least 93 % at every n from 10 to 100");
                claims.push(Claim { text, least: 0.93, found: worst, at: format!("n = {n}") });
            }
        }
    }
    let mut head = vec!["Shares", "Interval"];
    let sizes = SHOWN.map(|n| format!("n = {n}"));
    head.extend(sizes.iter().map(String::as_str).chain(["mean", "least"]));
    table(&head, &rows);
    claims
}

type OfSuccesses = fn(u64, u64) -> Interval;

fn shares() -> Vec<Claim> {
    let methods: [(&str, OfSuccesses); 6] = [
        ("Wilson (default)", |k, n| share::wilson(k, n, CONFIDENCE).expect("k of n")),
        ("Wilson, continuity", |k, n| share::wilson_continuity(k, n, CONFIDENCE).expect("k of n")),
        ("Clopper-Pearson", |k, n| share::clopper_pearson(k, n, CONFIDENCE).expect("k of n")),
        ("Jeffreys", |k, n| share::jeffreys(k, n, true, CONFIDENCE).expect("k of n")),
        ("Agresti-Coull", |k, n| share::agresti_coull(k, n, true, CONFIDENCE).expect("k of n")),
        ("Wald", |k, n| share::wald(k, n, true, CONFIDENCE).expect("k of n")),
    ];
    println!("\n## Share: exact, every n from 10 to 100, and 200, 500, 1000\n");
    println!("Each cell: mean over p from .02 to .98 (960 values), and the least coverage at any p there.");
    println!("The last column looks nearer to 0 and 1, where one rare event decides:");
    println!(
        "the figures for p from .02 to .98 are not promises for smaller p. Jeffreys is with its boundary rule; without it"
    );
    println!("the limits differ only at 0 and n successes, by less than these p can show.\n");
    let mut claims = Vec::new();
    let mut rows = Vec::new();
    for (i, (name, interval)) in methods.iter().enumerate() {
        let measured: Vec<(u64, OfShare)> =
            (10..=100).chain([200, 500, 1000]).map(|n| (n, OfShare::new(n, interval))).collect();
        let found: Vec<(u64, f64, (f64, f64))> =
            measured.iter().map(|(n, s)| (*n, s.mean(), s.worst(SHARES))).collect();
        let (rare, (rare_n, rare_p)) =
            least(measured.iter().map(|(n, s)| (s.worst((0.001, 0.999)), *n)).map(|((c, p), n)| (c, (n, p))));
        let (mean, mean_n) = least(found.iter().map(|f| (f.1, f.0)));
        let (worst, (n, p)) = least(found.iter().map(|f| (f.2.0, (f.0, f.2.1))));
        let mut row = vec![(*name).to_owned()];
        let shown = found.iter().filter(|f| SHOWN.contains(&f.0) || f.0 == 1000);
        row.extend(shown.map(|f| format!("{}, {}", percent(f.1), percent(f.2.0))));
        row.push(format!("{} (n = {mean_n})", percent(mean)));
        row.push(format!("{} (n = {n}, p = {p:.4})", percent(worst)));
        row.push(format!("{} (n = {rare_n}, p = {rare_p:.4})", percent(rare)));
        rows.push(row);
        if i == 0 {
            let text = "Wilson, mean over p from .02 to .98: at least 94.5 % at every n from 10 to 100, 200, 500, 1000"
                .to_owned();
            claims.push(Claim { text, least: 0.945, found: mean, at: format!("n = {mean_n}") });
            let text =
                "Wilson, at the worst p from .02 to .98: at least 88 % at every n from 10 to 100, 200, 500, 1000"
                    .to_owned();
            claims.push(Claim { text, least: 0.88, found: worst, at: format!("n = {n}, p = {p:.4}") });
        }
    }
    let mut head = vec!["Interval"];
    let sizes = SHOWN.map(|n| format!("n = {n}"));
    head.extend(sizes.iter().map(String::as_str).chain([
        "n = 1000",
        "least mean",
        "least",
        "least, p from .001 to .999",
    ]));
    table(&head, &rows);
    claims
}

type OfTwo = fn(Share, Share) -> Difference;

fn differences() {
    let methods: [(&str, OfTwo); 3] = [
        ("Newcombe (default)", |a, b| share::difference_newcombe(a, b, CONFIDENCE).expect("two samples")),
        ("Agresti-Caffo", |a, b| share::difference_agresti_caffo(a, b, CONFIDENCE).expect("two samples")),
        ("Wald", |a, b| share::difference_wald(a, b, CONFIDENCE).expect("two samples")),
    ];
    println!("\n## Difference of two shares: exact\n");
    println!(
        "Each cell: mean and least over both shares on the grid .05, .10 … .95 (361 pairs). The least lies on the"
    );
    println!("grid; between its points it can be lower.\n");
    let sizes = [(10, 10), (20, 20), (30, 30), (50, 50), (100, 100), (10, 50), (20, 100)];
    let mut rows = Vec::new();
    for (name, difference) in methods {
        let cell = |(n1, n2)| {
            let (mean, worst) = difference_coverage(n1, n2, difference);
            format!("{}, {}", percent(mean), percent(worst))
        };
        let mut row = vec![name.to_owned()];
        row.extend(sizes.map(cell));
        // The least of every equal size.
        let (worst, n) = least((10..=100).map(|n| (difference_coverage(n, n, difference).1, n)));
        row.push(format!("{} (n = {n})", percent(worst)));
        rows.push(row);
    }
    let head = sizes.map(|(n1, n2)| format!("n = {n1}, {n2}"));
    let head: Vec<&str> = ["Interval"]
        .into_iter()
        .chain(head.iter().map(String::as_str))
        .chain(["least of all equal sizes 10 to 100"])
        .collect();
    table(&head, &rows);
}

fn difference_coverage(n1: u64, n2: u64, difference: OfTwo) -> (f64, f64) {
    let grid: Vec<f64> = (1..20).map(|i| f64::from(i) / 20.0).collect();
    let probabilities = |n| -> Vec<Vec<f64>> { grid.iter().map(|p| binomial(&ln_choose(n), *p).collect()).collect() };
    let (first, second) = (probabilities(n1), probabilities(n2));
    let intervals: Vec<Vec<Interval>> = (0..=n1)
        .map(|a| {
            let of = |b| difference(Share::new(a, n1), Share::new(b, n2));
            (0..=n2).map(of).map(|d| Interval { low: d.low, high: d.high }).collect()
        })
        .collect();
    let coverage = |i: usize, j: usize| -> f64 {
        let truth = grid[i] - grid[j];
        let held = |row: &Vec<Interval>| -> f64 {
            row.iter().zip(&second[j]).filter(|(interval, _)| holds(**interval, truth)).map(|(_, p)| p).sum()
        };
        intervals.iter().zip(&first[i]).map(|(row, p)| p * held(row)).sum()
    };
    let all: Vec<f64> = (0..grid.len() * grid.len()).map(|k| coverage(k / grid.len(), k % grid.len())).collect();
    (all.iter().sum::<f64>() / all.len() as f64, all.iter().copied().fold(1.0, f64::min))
}

// ---- simulated ----

/// `SplitMix64` (Steele, Lea and Flood 2014): small, and the same everywhere.
struct Random(u64);

impl Random {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// In (0, 1), never an end.
    fn uniform(&mut self) -> f64 {
        ((self.bits() >> 12) as f64 + 0.5) / (1u64 << 52) as f64
    }
}

fn means() -> Result<()> {
    const ANSWERS: [(&str, [f64; 5]); 5] = [
        ("even about the middle", [0.10, 0.20, 0.40, 0.20, 0.10]),
        ("usual", [0.03, 0.05, 0.12, 0.35, 0.45]),
        ("two camps", [0.30, 0.05, 0.05, 0.10, 0.50]),
        ("most at the top", [0.01, 0.01, 0.03, 0.15, 0.80]),
        ("nearly all at the top", [0.01, 0.00, 0.01, 0.03, 0.95]),
    ];
    println!("\n## Mean of answers 1 to 5: t interval, simulated\n");
    println!("{SAMPLES} samples a cell, seed {SEED}; the standard error of a cell near 95 is 0.07. Reported as it is:");
    println!(
        "where most answers are equal, many small samples show no spread at all and get an interval of no width.\n"
    );
    let mut random = Random(SEED);
    let mut rows = Vec::new();
    for (name, shares) in ANSWERS {
        let truth: f64 = shares.iter().zip(1..).map(|(p, x)| p * f64::from(x)).sum();
        let mut row = vec![name.to_owned(), format!("{shares:?}")];
        for n in SHOWN {
            let mut quantiles = TQuantiles::new(CONFIDENCE)?;
            let mut held = 0;
            for _ in 0..SAMPLES {
                let (mut sum, mut squares) = (0, 0);
                for _ in 0..n {
                    let x = answer(&shares, random.uniform());
                    sum += x;
                    squares += x * x;
                }
                let i = t_interval_with(Sample::of_integers(n, sum, squares)?, &mut quantiles)?;
                held += u32::from(holds(Interval { low: i.low, high: i.high }, truth));
            }
            row.push(percent(f64::from(held) / f64::from(SAMPLES)));
        }
        rows.push(row);
    }
    let sizes = SHOWN.map(|n| format!("n = {n}"));
    let head: Vec<&str> = ["Answers", "Shares of 1 to 5"].into_iter().chain(sizes.iter().map(String::as_str)).collect();
    table(&head, &rows);
    Ok(())
}

/// The answer from 1 to 5 at a uniform number.
fn answer(shares: &[f64; 5], uniform: f64) -> i128 {
    let mut above = uniform;
    for (p, x) in shares.iter().zip(1..) {
        above -= p;
        if above < 0.0 {
            return x;
        }
    }
    5
}

fn quantiles() -> Result<()> {
    println!("\n## Quantile of waits: order-statistic interval, simulated\n");
    println!(
        "{SAMPLES} samples a cell, seed {SEED}. Waits are exponential with a mean of 90 seconds, in full precision"
    );
    println!(
        "and rounded up to whole minutes (ties). *Promised* is the coverage that `ranks` reports with the interval."
    );
    println!("Without a limit on one side (n too small for it) the interval is open there.\n");
    let mut random = Random(SEED);
    let mut rows = Vec::new();
    for p in [0.5, 0.8, 0.95] {
        let truth = wait(p);
        for n in [10, 20, 50, 100, 200] {
            let ranks = quantile::ranks(n, p, CONFIDENCE)?;
            let (mut held, mut held_in_minutes) = (0, 0);
            let mut waits = vec![0.0; n as usize];
            for _ in 0..SAMPLES {
                waits.fill_with(|| wait(random.uniform()));
                waits.sort_by(f64::total_cmp);
                let low = ranks.low.map_or(0.0, |rank| waits[rank as usize - 1]);
                let high = ranks.high.map_or(f64::INFINITY, |rank| waits[rank as usize - 1]);
                held += u32::from(holds(Interval { low, high }, truth));
                let minutes = Interval { low: (low / 60.0).ceil(), high: (high / 60.0).ceil() };
                held_in_minutes += u32::from(holds(minutes, (truth / 60.0).ceil()));
            }
            let rank = |rank: Option<u64>| rank.map_or("none".to_owned(), |rank| rank.to_string());
            rows.push(vec![
                format!("{p}"),
                format!("{n}"),
                format!("{} to {}", rank(ranks.low), rank(ranks.high)),
                percent(ranks.coverage),
                percent(f64::from(held) / f64::from(SAMPLES)),
                percent(f64::from(held_in_minutes) / f64::from(SAMPLES)),
            ]);
        }
    }
    table(&["Quantile", "n", "Ranks", "Promised", "Seconds", "Whole minutes"], &rows);
    Ok(())
}

/// The wait that a share p of waits does not exceed.
fn wait(p: f64) -> f64 {
    -90.0 * libm::log1p(-p)
}
