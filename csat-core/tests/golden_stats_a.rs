//! The statistics against vectors: our own, and an outside set (directory in `CSAT_VECTORS`, file `stats.json`).
//!
//! Our own vectors bear the names of the door. The outside set has names of its own; [`MAPPINGS`] is the whole
//! translation. A key that is not translated goes to the door unchanged, and the door refuses what it does not know.

use std::fs;
use std::path::{Path, PathBuf};

use csat_core::door;
use serde_json::{Map, Value, json};

/// How the cases of one outside method are run.
struct Mapping {
    /// The outside method.
    method: &'static str,
    /// The function of the door.
    function: &'static str,
    /// Inputs and options by another name: (outside, argument); a dot goes into an object.
    arguments: &'static [(&'static str, To)],
    /// Results by another name: (outside, field of the answer).
    results: &'static [(&'static str, &'static str)],
    /// (absolute, relative) where we promise something else than the case.
    tolerance: Option<(f64, f64)>,
    /// Inputs and results are lists of the same length: one call for each element.
    each: bool,
    /// Rewrites a case whose inputs or results are not plain numbers.
    prepare: fn(&mut Value),
}

/// What becomes of an outside input or option.
#[derive(Clone, Copy)]
enum To {
    /// The argument with this name.
    Argument(&'static str),
    /// The argument with this name, as 1 − value.
    OneMinus(&'static str),
    /// Nothing: this is the only value we know, and what we do anyway.
    Always(&'static str),
    /// Nothing, whatever the value.
    Ignore,
    /// An argument that the case does not have: name and JSON text.
    Extra(&'static str, &'static str),
}
use To::{Always, Argument, Extra, Ignore, OneMinus};

/// The answer itself, where it is not an object.
const ANSWER: &str = "answer";

const PLAIN: Mapping =
    Mapping { method: "", function: "", arguments: &[], results: &[], tolerance: None, each: false, prepare: |_| {} };

/// The renamings that hold for every outside method.
const ARGUMENTS: &[(&str, To)] = &[("conf", Argument("confidence"))];
const RESULTS: &[(&str, &str)] = &[("lower", "low"), ("upper", "high"), ("se", "standard_error")];

const TWO_SHARES: &[(&str, To)] = &[
    ("x1", Argument("a.successes")),
    ("n1", Argument("a.n")),
    ("x2", Argument("b.successes")),
    ("n2", Argument("b.n")),
];
const TWO_SAMPLES: &[(&str, To)] = &[("x", Argument("a")), ("y", Argument("b"))];
const VALUES: &[(&str, To)] = &[("x", Argument("values"))];
const QUANTILES: &[(&str, To)] =
    &[("x", Argument("values")), ("q", Argument("probabilities")), ("type", Argument("kind"))];
/// Another sketch is the source of these cases; ours must lie near the exact order statistic.
const SKETCHES: &[(&str, To)] = &[
    ("x", Argument("values")),
    ("q", Argument("probabilities")),
    ("percentiles", Argument("probabilities")),
    ("", Extra("kind", "1")),
    ("rank", Ignore),
    ("relative_accuracy", Ignore),
    ("lowest", Ignore),
    ("highest", Ignore),
    ("significant_digits", Ignore),
];
const OUR_SKETCH: Option<(f64, f64)> = Some((0.5, 0.0039));
const X_IS_ANSWER: &[(&str, &str)] = &[("x", ANSWER)];

const MAPPINGS: &[Mapping] = &[
    Mapping { method: "nps.point", function: "net.point", ..PLAIN },
    Mapping { method: "nps.ci.wald", function: "net.wald", ..PLAIN },
    Mapping { method: "nps.ci.adjusted_wald", function: "net.adjusted_wald", ..PLAIN },
    Mapping { method: "nps.ci.score", function: "net.score", ..PLAIN },
    Mapping { method: "nps.ci.mean_t", function: "net.mean_t", ..PLAIN },
    Mapping {
        method: "nps.diff.wald",
        function: "net.difference_wald",
        arguments: &[("pseudo", Always("[0,0,0]"))],
        results: &[("diff", "difference")],
        ..PLAIN
    },
    Mapping {
        method: "nps.diff.adjusted_wald",
        function: "net.difference_adjusted_wald",
        results: &[("diff", "difference")],
        ..PLAIN
    },
    Mapping { method: "nps.sample_size.moe", function: "net.sample_size_margin", ..PLAIN },
    Mapping {
        method: "nps.sample_size.diff",
        function: "net.sample_size_difference",
        arguments: &[("alpha", OneMinus("confidence"))],
        ..PLAIN
    },
    Mapping { method: "nps.weighted", function: "net.weighted", results: &[("n_eff", "effective_n")], ..PLAIN },
    Mapping { method: "multinomial.ci.goodman", function: "multinomial.goodman", ..PLAIN },
    Mapping { method: "prop.ci.wilson", function: "share.wilson", ..PLAIN },
    Mapping { method: "prop.ci.wilson_cc", function: "share.wilson_continuity", ..PLAIN },
    Mapping { method: "prop.ci.agresti_coull", function: "share.agresti_coull", ..PLAIN },
    Mapping { method: "prop.ci.jeffreys", function: "share.jeffreys", ..PLAIN },
    Mapping { method: "prop.ci.clopper_pearson", function: "share.clopper_pearson", ..PLAIN },
    Mapping { method: "prop.diff.newcombe", function: "share.difference_newcombe", arguments: TWO_SHARES, ..PLAIN },
    Mapping {
        method: "prop.diff.miettinen_nurminen",
        function: "share.difference_miettinen_nurminen",
        arguments: TWO_SHARES,
        ..PLAIN
    },
    Mapping {
        method: "prop.diff.agresti_caffo",
        function: "share.difference_agresti_caffo",
        arguments: TWO_SHARES,
        ..PLAIN
    },
    Mapping { method: "prop.diff.wald", function: "share.difference_wald", arguments: TWO_SHARES, ..PLAIN },
    Mapping { method: "prop.test.z_pooled", function: "share.z_pooled", arguments: TWO_SHARES, ..PLAIN },
    Mapping { method: "prop.test.fisher", function: "share.fisher", arguments: TWO_SHARES, ..PLAIN },
    Mapping {
        method: "mean.ci.t",
        function: "mean.t_interval",
        arguments: VALUES,
        results: &[("sd", "standard_deviation")],
        ..PLAIN
    },
    Mapping {
        method: "mean.test.welch",
        function: "mean.welch",
        arguments: TWO_SAMPLES,
        results: &[("df", "degrees_of_freedom")],
        ..PLAIN
    },
    Mapping {
        method: "mean.test.mann_whitney",
        function: "mean.mann_whitney",
        arguments: &[TWO_SAMPLES[0], TWO_SAMPLES[1], ("ties", Always("\"corrected\""))],
        results: &[("prob_superiority", "probability_of_superiority")],
        ..PLAIN
    },
    Mapping {
        method: "mean.test.mann_whitney_exact",
        function: "mean.mann_whitney_exact",
        arguments: TWO_SAMPLES,
        ..PLAIN
    },
    Mapping {
        method: "mean.effect_size",
        function: "mean.effect_size",
        arguments: TWO_SAMPLES,
        results: &[("hedges_g_exact", "hedges_g"), ("hedges_g_approx", "hedges_g_approximate")],
        ..PLAIN
    },
    Mapping {
        method: "csi.index",
        function: "index.satisfaction",
        arguments: &[("", Extra("missing", "\"listwise\""))],
        ..PLAIN
    },
    Mapping {
        method: "csi.index_missing",
        function: "index.satisfaction",
        arguments: &[("rule", Always("\"available_items\""))],
        ..PLAIN
    },
    Mapping {
        method: "quantile.exact",
        function: "quantile.exact",
        arguments: QUANTILES,
        results: &[("value", ANSWER)],
        ..PLAIN
    },
    Mapping {
        method: "sketch.ddsketch",
        function: "sketch.quantiles",
        arguments: SKETCHES,
        results: &[("exact_lower_rank", ANSWER)],
        tolerance: OUR_SKETCH,
        prepare: |case| drop(case["expected"].as_object_mut().unwrap().remove("value")),
        ..PLAIN
    },
    Mapping {
        method: "sketch.hdr_histogram",
        function: "sketch.quantiles",
        arguments: SKETCHES,
        results: &[("value", ANSWER)],
        tolerance: OUR_SKETCH,
        prepare: |case| {
            for p in case["input"]["percentiles"].as_array_mut().unwrap() {
                *p = json!(p.as_f64().unwrap() / 100.0);
            }
        },
        ..PLAIN
    },
    Mapping {
        method: "sum.exact",
        function: "sum.exact",
        results: &[("sum", ANSWER), ("sum_hex", ANSWER)],
        prepare: |case| {
            let number = |text: &Value| json!(float_of_hex(text.as_str().unwrap()));
            let terms: Vec<Value> = case["input"]["x_hex"].as_array().unwrap().iter().map(number).collect();
            case["input"] = json!({ "values": terms });
            case["expected"]["sum_hex"] = number(&case["expected"]["sum_hex"]);
        },
        ..PLAIN
    },
    Mapping {
        method: "sum.integer_moments",
        function: "sum.integer_moments",
        arguments: VALUES,
        results: &[("sumsq", "sum_of_squares")],
        ..PLAIN
    },
    Mapping {
        method: "moments.mean_sd",
        function: "sum.moments",
        results: &[("sd", "standard_deviation"), ("lag1_autocorr", "lag1_autocorrelation")],
        prepare: |case| {
            let input = &case["input"];
            let pair = input["then_pairs"].as_array().unwrap();
            let mut values = vec![input["x_first"].clone()];
            (0..input["pairs"].as_u64().unwrap()).for_each(|_| values.extend(pair.iter().cloned()));
            case["input"] = json!({ "values": values });
        },
        ..PLAIN
    },
    Mapping {
        method: "dist.normal_quantile",
        function: "special.normal_quantile",
        results: X_IS_ANSWER,
        each: true,
        ..PLAIN
    },
    Mapping { method: "dist.t_quantile", function: "special.t_quantile", results: X_IS_ANSWER, ..PLAIN },
    Mapping { method: "dist.beta_quantile", function: "special.beta_quantile", results: X_IS_ANSWER, ..PLAIN },
    Mapping { method: "dist.chi2_quantile", function: "special.chi2_quantile", results: X_IS_ANSWER, ..PLAIN },
    Mapping { method: "dist.f_quantile", function: "special.f_quantile", results: X_IS_ANSWER, ..PLAIN },
];

/// The outside methods that must be mapped.
const OURS: &[&str] =
    &["nps.", "multinomial.", "prop.", "mean.", "csi.", "quantile.", "sum.", "moments.", "dist.", "sketch."];

/// Our own files, and the parts of the door they cover completely.
const PARTS: &[&str] = &["index", "mean", "multinomial", "net", "quantile", "share", "sketch", "special", "sum"];

#[test]
fn outside_vectors() {
    let Some(directory) = std::env::var_os("CSAT_VECTORS") else {
        println!("CSAT_VECTORS is not set: the outside vectors are skipped");
        return;
    };
    let mut cases = cases(&Path::new(&directory).join("stats.json"));
    cases.retain(|case| OURS.iter().any(|prefix| text(&case["method"]).starts_with(prefix)));
    let failures: Vec<String> = cases.iter().filter_map(|case| run_outside(case).err()).collect();
    println!("{} of {} outside cases pass", cases.len() - failures.len(), cases.len());
    assert!(cases.len() > 100 && failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn an_unknown_option_or_value_fails() {
    let mut case = json!({
        "id": "t", "method": "nps.diff.wald", "options": {"pseudo": [0, 0, 0], "cnf": 0.9}, "expected": {},
        "input": {"a": {"detractors": 1, "passives": 1, "promoters": 1}, "b": {"detractors": 1, "passives": 1, "promoters": 2}},
        "tolerance": {"abs": 0, "rel": 0}
    });
    assert!(run_outside(&case).unwrap_err().contains("unknown argument `cnf`"));
    case["options"] = json!({"pseudo": [1, 1, 1]});
    assert!(run_outside(&case).unwrap_err().contains("known is only [0,0,0]"));
    case["options"] = json!({});
    case["expected"] = json!({"lower": -1.0});
    assert!(run_outside(&case).unwrap_err().contains("expected -1"));
}

#[test]
fn our_own_vectors() {
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors");
    for part in PARTS {
        let cases = cases(&directory.join(format!("stats_{part}.json")));
        let failures: Vec<String> = cases.iter().filter_map(|case| run(case, &PLAIN).err()).collect();
        assert!(failures.is_empty(), "{}", failures.join("\n"));
        let untested: Vec<&str> = door::functions()
            .map(|f| f.name)
            .filter(|name| name.split('.').next() == Some(part) && cases.iter().all(|c| c["method"] != *name))
            .collect();
        assert!(untested.is_empty(), "no vector for {untested:?}");
    }
}

fn cases(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let file: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    file["cases"].as_array().expect("a list of cases").clone()
}

fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}

fn run_outside(case: &Value) -> Result<(), String> {
    let method = text(&case["method"]);
    let mapping = MAPPINGS.iter().find(|m| m.method == method).ok_or_else(|| format!("no mapping for {method}"))?;
    let mut case = case.clone();
    (mapping.prepare)(&mut case);
    if !mapping.each {
        return run(&case, mapping);
    }
    let length = case["input"].as_object().unwrap().values().next().unwrap().as_array().unwrap().len();
    (0..length).try_for_each(|i| {
        let mut one = case.clone();
        for side in ["input", "expected"] {
            one[side].as_object_mut().unwrap().values_mut().for_each(|list| *list = list[i].clone());
        }
        run(&one, mapping)
    })
}

/// Runs a case; `expected` may hold `error`, a part of the message that must come instead of an answer.
fn run(case: &Value, mapping: &Mapping) -> Result<(), String> {
    let id = text(&case["id"]);
    let function = if mapping.function.is_empty() { text(&case["method"]) } else { mapping.function };
    let answer = arguments(case, mapping)
        .and_then(|arguments| door::call(function, arguments).map_err(|e| e.to_string()))
        .map_err(|e| format!("{id}: {e}"));
    if let Some(part) = case["expected"].get("error") {
        let message = answer.err().ok_or_else(|| format!("{id}: an error was expected"))?;
        return if message.contains(text(part)) { Ok(()) } else { Err(format!("{message} does not say {part}")) };
    }
    let answer = answer?;
    let tolerance = mapping
        .tolerance
        .unwrap_or_else(|| (case["tolerance"]["abs"].as_f64().unwrap(), case["tolerance"]["rel"].as_f64().unwrap()));
    let outside = if mapping.method.is_empty() { &[] } else { RESULTS };
    for (key, expected) in case["expected"].as_object().unwrap() {
        let renamed = mapping.results.iter().chain(outside).find(|(from, _)| from == key);
        let got = match renamed.map_or(key.as_str(), |(_, to)| to) {
            ANSWER => &answer,
            field => answer.get(field).ok_or_else(|| format!("{id}: no `{field}` in {answer}"))?,
        };
        if !near(expected, got, tolerance) {
            return Err(format!("{id}: {key} is {got}, expected {expected}"));
        }
    }
    Ok(())
}

/// The arguments of a case: its inputs and options under the names of the door.
fn arguments(case: &Value, mapping: &Mapping) -> Result<Map<String, Value>, String> {
    let mut arguments = Map::new();
    let outside = if mapping.method.is_empty() { &[] } else { ARGUMENTS };
    let given = [&case["input"], &case["options"]].into_iter().filter_map(Value::as_object).flatten();
    for (key, value) in given {
        let rule = mapping.arguments.iter().chain(outside).find(|(from, _)| from == key);
        match rule.map(|(_, to)| *to) {
            None => put(&mut arguments, key, value.clone()),
            Some(Argument(name)) => put(&mut arguments, name, value.clone()),
            Some(OneMinus(name)) => put(&mut arguments, name, json!(1.0 - value.as_f64().unwrap())),
            Some(Always(known)) if *value != serde_json::from_str::<Value>(known).unwrap() => {
                return Err(format!("`{key}` is {value}, known is only {known}"));
            }
            Some(Always(_) | Ignore | Extra(..)) => {}
        }
    }
    for (_, to) in mapping.arguments {
        if let Extra(name, json) = to {
            put(&mut arguments, name, serde_json::from_str(json).unwrap());
        }
    }
    Ok(arguments)
}

fn put(arguments: &mut Map<String, Value>, name: &str, value: Value) {
    match name.split_once('.') {
        None => arguments.insert(name.to_owned(), value),
        Some((outer, inner)) => {
            let object = arguments.entry(outer).or_insert_with(|| json!({}));
            object.as_object_mut().unwrap().insert(inner.to_owned(), value)
        }
    };
}

/// Numbers within the tolerance, all else equal; a pair may stand for an object with two fields.
fn near(expected: &Value, got: &Value, (abs, rel): (f64, f64)) -> bool {
    match (expected, got) {
        (Value::Number(_), Value::Number(_)) => {
            let (expected, got) = (expected.as_f64().unwrap(), got.as_f64().unwrap());
            (got - expected).abs() <= abs.max(rel * expected.abs())
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| near(a, b, (abs, rel)))
        }
        (Value::Array(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().zip(b.values()).all(|(a, b)| near(a, b, (abs, rel)))
        }
        _ => expected == got,
    }
}

/// A float from its C99 hexadecimal form.
fn float_of_hex(text: &str) -> f64 {
    let (sign, text) = text.strip_prefix('-').map_or((1.0, text), |rest| (-1.0, rest));
    let (mantissa, exponent) = text.trim_start_matches("0x").split_once('p').unwrap();
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = u64::from_str_radix(&format!("{whole}{fraction}"), 16).unwrap();
    // In two steps, because 2^-1074 times a power of two is exact and 2^-1100 does not exist.
    let exponent = exponent.parse::<i32>().unwrap() - 4 * fraction.len() as i32;
    let half = exponent / 2;
    sign * digits as f64 * 2f64.powi(half) * 2f64.powi(exponent - half)
}
