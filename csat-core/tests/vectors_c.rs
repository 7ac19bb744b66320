//! The hand-checkable vectors of networks, charts and workforce, through the text door.

use csat_core::door::call;
use serde_json::Value;

#[test]
fn hand_checked_vectors() {
    for name in ["shrinkage", "charts", "workforce", "network"] {
        let path = format!("{}/../tests/vectors/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let cases = file["cases"].as_array().unwrap();
        assert!(cases.len() >= 10);
        for case in cases {
            let mut arguments = case["input"].as_object().unwrap().clone();
            arguments.extend(case["options"].as_object().unwrap().clone());
            let answer =
                call(case["method"].as_str().unwrap(), arguments).unwrap_or_else(|e| panic!("{}: {e}", case["id"]));
            let part = |key: &str| case["tolerance"][key].as_f64().unwrap();
            same(&answer, &case["expected"], (part("abs"), part("rel")), &case["id"].to_string());
        }
    }
}

fn same(found: &Value, expected: &Value, tolerance: (f64, f64), place: &str) {
    match (found, expected) {
        (Value::Object(f), Value::Object(e)) => {
            for (key, value) in e {
                let found = f.get(key).unwrap_or_else(|| panic!("{place}: no {key} in the answer"));
                same(found, value, tolerance, &format!("{place}/{key}"));
            }
        }
        (Value::Array(f), Value::Array(e)) => {
            assert_eq!(f.len(), e.len(), "{place}");
            for (i, (f, e)) in f.iter().zip(e).enumerate() {
                same(f, e, tolerance, &format!("{place}/{i}"));
            }
        }
        (Value::Number(f), Value::Number(e)) => {
            let (f, e) = (f.as_f64().unwrap(), e.as_f64().unwrap());
            assert!((f - e).abs() <= tolerance.0.max(tolerance.1 * e.abs()), "{place}: {f} instead of {e}");
        }
        _ => assert_eq!(found, expected, "{place}"),
    }
}
