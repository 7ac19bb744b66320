//! No argument makes a function of the door panic, hang or answer with something that is not a number.

use csat_core::door;
use serde_json::{Map, Value, json};

/// The parts that are tried: those whose arguments are plain numbers and lists.
const PARTS: &[&str] = &["index", "mean", "multinomial", "net", "quantile", "share", "sketch", "special", "sum"];

const FLOATS: &[f64] = &[
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    0.05,
    0.95,
    1e-300,
    5e-324,
    1e-8,
    2.5,
    10.0,
    1e6,
    1e15,
    1e17,
    1e100,
    f64::MAX,
    -f64::MAX,
];
const WHOLE: &[u64] = &[0, 1, 2, 3, 5, 10, 100, 1_000_000, 1 << 40, 1 << 62, u64::MAX - 1, u64::MAX];

/// A small linear congruential generator: the same requests on every run.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }

    fn float(&mut self) -> Value {
        json!(FLOATS[self.below(FLOATS.len())])
    }

    fn whole(&mut self) -> Value {
        json!(WHOLE[self.below(WHOLE.len())])
    }

    fn list(&mut self, mut item: impl FnMut(&mut Self) -> Value) -> Value {
        let n = self.below(5);
        Value::Array((0..n).map(|_| item(self)).collect())
    }

    /// A value of a parameter's kind, as the door names it.
    fn value(&mut self, kind: &str) -> Option<Value> {
        Some(match kind {
            "f64" => self.float(),
            "u64" | "i128" => self.whole(),
            "u8" => json!([1, 2, 6, 7, 9][self.below(5)]),
            "u16" => json!([0, 255, 1000, 7423, 7424, 65535][self.below(6)]),
            "bool" => json!(self.below(2) == 0),
            "Vec<f64>" => self.list(Self::float),
            "[f64; 3]" => json!([self.float(), self.float(), self.float()]),
            "Vec<u64>" => self.list(Self::whole),
            "Vec<i64>" => self.list(|r| json!([0, 7, 9, 10, 11, -1, i64::MIN, i64::MAX][r.below(8)])),
            "Vec<Vec<Option<f64>>>" => self.list(|r| {
                let second = if r.below(2) == 0 { Value::Null } else { r.float() };
                json!([r.float(), second])
            }),
            "Share" => json!({"successes": self.whole(), "n": self.whole()}),
            "Counts" => json!({"detractors": self.whole(), "passives": self.whole(), "promoters": self.whole()}),
            "Missing" => json!(["available", "listwise", "as_minimum"][self.below(3)]),
            _ => return None,
        })
    }
}

#[test]
fn every_answer_is_a_number_or_an_error() {
    let mut random = Random(1);
    let (mut answers, mut errors) = (0, 0);
    for function in door::functions().filter(|f| PARTS.iter().any(|part| f.name.split('.').next() == Some(part))) {
        for _ in 0..400 {
            let mut arguments = Map::new();
            for parameter in function.parameters {
                let kind: String = parameter.kind.split_whitespace().collect();
                let kind = if kind == "[f64;3]" { "[f64; 3]" } else { &kind };
                let value = random.value(kind).unwrap_or_else(|| panic!("{}: kind `{kind}`", function.name));
                if parameter.default.is_none() || random.below(2) == 0 {
                    arguments.insert(parameter.name.to_owned(), value);
                }
            }
            match door::call(function.name, arguments.clone()) {
                Ok(answer) => {
                    answers += 1;
                    let text = answer.to_string();
                    let may_be_null =
                        ["sum.", "index.", "quantile.", "net.difference"].iter().any(|f| function.name.starts_with(f));
                    assert!(may_be_null || !text.contains("null"), "{}({arguments:?}) is {text}", function.name);
                    assert!(!text.contains("inf"), "{}({arguments:?}) is {text}", function.name);
                }
                Err(error) => {
                    errors += 1;
                    assert!(error.message().starts_with(function.name) || error.message().starts_with('`'), "{error}");
                }
            }
        }
    }
    assert!(answers > 2000 && errors > 2000, "{answers} answers and {errors} errors: the requests are not mixed");
}
