//! Time per row of scores over blocks; prints, decides nothing. Run in release with `--ignored --nocapture`.

use std::hint::black_box;
use std::time::Instant;

use csat_core::rule::exact::MISSING_ANSWER;
use csat_core::rule::form::Form;
use csat_core::rule::index::{IndexRule, Weights, index_block};
use csat_core::rule::score::{score_block, score_block_all};
use csat_core::rule::survey::Scale;

const ROWS: usize = 1024;
const TIMES: usize = 100;

fn columns(count: usize, answer: impl Fn(u64) -> i16) -> Vec<Vec<i16>> {
    let mut state = 1u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        answer(state >> 33)
    };
    (0..count).map(|_| (0..ROWS).map(|_| next()).collect()).collect()
}

fn time(name: &str, mut run: impl FnMut()) {
    let best = (0..60)
        .map(|_| {
            let start = Instant::now();
            (0..TIMES).for_each(|_| run());
            start.elapsed().as_secs_f64()
        })
        .fold(f64::INFINITY, f64::min);
    println!("{name}: {:.1} ns/row", best * 1e9 / (TIMES * ROWS) as f64);
}

#[test]
#[ignore = "measures time"]
fn time_per_row() {
    let yes_no = |v: u64| match v % 16 {
        0 => -1,
        v => i16::from(v > 12),
    };
    let mut failed = [false; ROWS];
    let mut out = [0i64; ROWS];
    for (name, head) in
        [("18 criteria", ""), ("18 criteria, 4 sections by percent", "rule = { sections = \"percent\" }\n")]
    {
        let text = include_str!("../data/forms/call_18.toml");
        let plain = format!("{head}{}", text.replace(r#"applies_if = { criterion = "offer", is = "yes" }, "#, ""));
        for (kind, text) in [
            ("", plain.clone()),
            (", one condition", format!("{head}{text}")),
            (", one critical", plain.replacen("id = \"greeting\"", "critical = true, id = \"greeting\"", 1)),
        ] {
            let form = Form::parse(&text).unwrap().compile(None).unwrap();
            let data = columns(18, yes_no);
            let slices: Vec<&[i16]> = data.iter().map(Vec::as_slice).collect();
            time(&format!("{name}{kind}"), || {
                score_block(&form, black_box(&slices), &mut out, &mut failed).unwrap();
                black_box(&out);
            });
        }
    }
    let form = Form::shipped("by_contact_type").unwrap().compile(Some("first_call")).unwrap();
    let data = columns(16, yes_no);
    let slices: Vec<&[i16]> = data.iter().map(Vec::as_slice).collect();
    let (mut blocks, mut weighted) = (out, out);
    time("16 criteria in 2 blocks, all three aggregates", || {
        score_block_all(&form, black_box(&slices), &mut out, &mut blocks, &mut weighted, &mut failed).unwrap();
        black_box((&out, &blocks, &weighted));
    });
    let equal = Form::parse("id = \"f\"\nversion = 1\nrule = { na = \"equal\" }\ninclude = [\"call_18\"]")
        .unwrap()
        .compile(None)
        .unwrap();
    let data = columns(18, yes_no);
    let slices: Vec<&[i16]> = data.iter().map(Vec::as_slice).collect();
    time("18 criteria, row by row (equal redistribution)", || {
        score_block(&equal, black_box(&slices), &mut out, &mut failed).unwrap();
        black_box(&out);
    });
    let ten = Scale::new(1, 10).unwrap();
    let kinds = [
        ("equal", Weights::Equal),
        ("derived", Weights::Derived((1..11).map(f64::from).collect())),
        ("importance", Weights::Importance(ten)),
    ];
    for (name, weights) in kinds {
        let index = IndexRule::new(vec![ten; 10], weights).compile().unwrap();
        let data = columns(index.columns(), |v| if v % 20 == 0 { MISSING_ANSWER } else { 1 + (v % 10) as i16 });
        let slices: Vec<&[i16]> = data.iter().map(Vec::as_slice).collect();
        time(&format!("index of 10 questions, {name} weights"), || {
            index_block(&index, black_box(&slices), &mut out).unwrap();
            black_box(&out);
        });
    }
}
