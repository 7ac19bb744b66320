//! No function of networks, charts and workforce panics, hangs or answers with anything but numbers on odd arguments.

use csat_core::door::{call, functions};
use serde_json::{Map, Value, json};

struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((x ^ (x >> 31)) >> 33) as usize % n
    }

    fn float(&mut self) -> Value {
        let odd = [0.0, -1.0, 1e-300, 1e300, 1e-9, 0.5, 1.0];
        if self.below(4) == 0 { json!(odd[self.below(7)]) } else { json!(self.below(1000) as f64 / 100.0) }
    }

    fn share(&mut self) -> Value {
        if self.below(6) == 0 { self.float() } else { json!((1 + self.below(99)) as f64 / 100.0) }
    }

    fn count(&mut self) -> u64 {
        let odd = [0, 1, 1_000_000, 1 << 40];
        if self.below(8) == 0 { odd[self.below(4)] } else { self.below(60) as u64 }
    }

    fn list(&mut self, mut one: impl FnMut(&mut Self) -> Value) -> Value {
        (0..self.below(8)).map(|_| one(self)).collect()
    }

    fn argument(&mut self, name: &str, kind: &str) -> Value {
        let kind: String = kind.split_whitespace().collect();
        let level =
            ["confidence", "level", "service_level", "false_discovery_rate", "target", "alpha", "beta", "gamma"];
        match kind.as_str() {
            "f64" if level.contains(&name) => self.share(),
            "f64" => self.float(),
            "u64" | "usize" => json!(self.count()),
            "bool" => json!(self.below(2) == 0),
            "Option<f64>" => if self.below(2) == 0 { Value::Null } else { self.share() },
            "Vec<f64>" => self.list(Self::share),
            "Vec<Option<f64>>" => self.list(|r| if r.below(6) == 0 { Value::Null } else { r.float() }),
            "Vec<u64>" => self.list(|r| json!(r.count())),
            "Vec<i64>" => self.list(|r| json!(r.below(9) as i64 - 4)),
            "Vec<Vec<u64>>" => self.list(|r| json!([r.count(), r.count()])),
            "Vec<Vec<String>>" => self.list(|r| vec![["a", "b"][r.below(2)], ["x", "y"][r.below(2)]].into()),
            "Vec<Day>" => self.list(|r| json!({"weekday": r.below(9), "counts": [r.count(), r.count()], "event": r.below(3) == 0})),
            "Units<UnitShare>" => self.list(|r| json!({"unit": r.below(99).to_string(), "successes": r.below(30), "n": r.count()})),
            "Units<UnitNet>" => self.list(|r| json!({"unit": r.below(99).to_string(), "detractors": r.count(), "passives": r.count(), "promoters": r.count()})),
            "Units<UnitMean>" => self.list(|r| json!({"unit": r.below(99).to_string(), "n": r.count(), "mean": r.float(), "standard_deviation": r.float()})),
            "Seasonal" => json!(["additive", "multiplicative", "other"][self.below(3)]),
            "Variant" => json!(["ets", "winters"][self.below(2)]),
            "Method" => json!(["seasonal_naive", "seasonal_mean", "level_additive", "holt_winters_multiplicative"][self.below(4)]),
            "Vec<Line>" => self.list(|r| json!({"part": (["level", "cells/arrival:offered:exact/answered/<20s"][r.below(2)]),
                "definition": "sl:offered:20s", "unit": "share", "value": r.float(), "n": r.count()})),
            "Vec<Registered>" | "Vec<String>" => json!([]),
            "Option<Period>" | "Option<String>" => Value::Null,
            other => panic!("no odd values for {other}; add some"),
        }
    }
}

/// No infinity, and null only where the documentation says that a value may be missing.
fn sound(answer: &Value, key: &str) -> bool {
    let missing = [
        "alpha",
        "beta",
        "agents_fractional",
        "scheduled_fractional",
        "service_level",
        "occupancy",
        "wait_probability",
        "mean_wait",
        "intervals",
        "mape",
        "wape",
        "mase",
        "bias",
        "low",
        "high",
        "share",
        "event_ratio",
        "allocated",
        "before",
        "after",
        "difference",
        "statistic",
        "degrees_of_freedom",
        "p_value",
        "relative_change",
        "reason",
        "target",
        "phi",
        "tau2",
        "z",
        "z_adjusted",
        "p_adjusted",
        "flag",
        "rank",
        "rank_worst",
        "shrunken",
        "shrunken_low",
        "shrunken_high",
    ];
    match answer {
        Value::Null => missing.contains(&key),
        Value::String(text) => text != "inf" && text != "-inf",
        // A list of numbers has no gaps; only whole lines of a roster may be missing.
        Value::Array(list) => list.iter().all(|v| sound(v, if key == "intervals" { key } else { "" })),
        Value::Object(map) => map.iter().all(|(k, v)| sound(v, k)),
        _ => true,
    }
}

#[test]
fn odd_arguments_are_answered_or_refused() {
    let mine = [
        "shrinkage",
        "funnel",
        "multiple",
        "charts",
        "erlang",
        "staffing",
        "forecast",
        "profile",
        "compare",
        "network",
    ];
    let mut random = Random(1);
    for function in functions().filter(|f| mine.contains(&f.name.split('.').next().unwrap())) {
        let mut answered = 0;
        for _ in 0..150 {
            let mut arguments = Map::new();
            // Lists that belong together get one length as often as not.
            let state = random.0;
            let together = random.below(2) == 0;
            for p in function.parameters {
                if together {
                    random.0 = state;
                }
                if p.default.is_none() || random.below(2) == 0 {
                    arguments.insert(p.name.to_owned(), random.argument(p.name, p.kind));
                }
            }
            random.0 = state.wrapping_add(0x1234_5678_9abc_def1);
            match call(function.name, arguments.clone()) {
                Ok(answer) => {
                    answered += 1;
                    assert!(sound(&answer, ""), "{} {arguments:?}: {answer}", function.name);
                }
                Err(e) => assert!(!e.message().contains("NaN"), "{} {arguments:?}: {e}", function.name),
            }
        }
        println!("{} {answered}", function.name);
    }
}
