//! Published and cross-checked cases for networks, charts, queues and forecasts, through the text door.
//!
//! The cases are not part of the project: `CSAT_VECTORS` names the folder that holds `stats.json` and `domain.json`.
//! One table maps their names to ours; a key that it does not know fails the test.

use csat_core::door::call;
use serde_json::{Map, Value};

/// What becomes of one key of a case.
enum Key {
    /// The argument at this path (`before/0/n` reaches into lists and objects).
    To(&'static str),
    /// The same, given in percent.
    Percent(&'static str),
    /// The same, in other words.
    Words(&'static str, &'static [(&'static str, &'static str)]),
    /// Says what is always so here: the value must be this JSON text.
    Always(&'static str),
    /// Of no meaning for the function.
    Idle,
}

/// How an expected number compares with the answer at a path.
enum Result {
    Is(&'static str),
    /// The case gives percent.
    Percent(&'static str),
    /// The case subtracts the other way round.
    Minus(&'static str),
    /// Compared at this relative tolerance, as the note of the case says.
    Within(&'static str, f64),
}

struct Row {
    method: &'static str,
    function: &'static str,
    keys: &'static [(&'static str, Key)],
    results: &'static [(&'static str, Result)],
}

use Key::{Always, Idle, Percent, To, Words};
use Result::{Is, Minus, Within};

const SHARES: [(&str, Key); 2] = [("successes", To("successes")), ("n", To("n"))];
const LIMITS: &[(&str, Result)] = &[("target", Is("target")), ("lower", Is("low")), ("upper", Is("high"))];
const TABLE: &[Row] = &[
    Row {
        method: "eb.beta_binomial_mle",
        function: "shrinkage.beta_binomial",
        keys: &SHARES,
        // "likelihood is flat: compare posterior means tightly, alpha/beta at rel 1e-4"
        results: &[
            ("alpha", Within("alpha", 1e-4)),
            ("beta", Within("beta", 1e-4)),
            ("loglik", Is("log_likelihood")),
            ("posterior_mean", Is("mean")),
        ],
    },
    Row {
        method: "eb.beta_binomial_posterior",
        function: "shrinkage.posterior",
        keys: &[
            ("successes", To("successes")),
            ("n", To("n")),
            ("alpha", To("alpha")),
            ("beta", To("beta")),
            ("level", To("confidence")),
        ],
        results: &[("mean", Is("mean")), ("lower", Is("low")), ("upper", Is("high"))],
    },
    Row {
        method: "eb.james_stein",
        function: "shrinkage.james_stein",
        keys: &[("y", To("values")), ("sigma2", To("variance"))],
        results: &[("mean", Is("mean")), ("c", Is("factor")), ("estimate", Is("estimate"))],
    },
    Row {
        method: "rank.wilson_lower",
        function: "shrinkage.rank_by_wilson",
        keys: &[
            ("successes", To("successes")),
            ("n", To("n")),
            ("conf", To("confidence")),
            ("ties", Always("\"input order\"")),
        ],
        results: &[("lower", Is("low")), ("order", Is("order"))],
    },
    Row {
        method: "rank.chi2_homogeneity",
        function: "shrinkage.homogeneity",
        keys: &SHARES,
        results: &[("chi2", Is("chi2")), ("df", Is("degrees_of_freedom")), ("p_value", Is("p_value"))],
    },
    Row {
        method: "funnel.limits_normal",
        function: "funnel.limits_normal",
        keys: &[
            ("successes", To("successes")),
            ("n", To("n")),
            ("level", Percent("confidence")),
            ("clamp", To("clamp")),
        ],
        results: LIMITS,
    },
    Row {
        method: "funnel.limits_exact",
        function: "funnel.limits_exact",
        keys: &[
            ("successes", To("successes")),
            ("n", To("n")),
            ("level", Percent("confidence")),
            ("interpolate", To("interpolate")),
            ("clamp", To("clamp")),
        ],
        results: LIMITS,
    },
    Row {
        method: "funnel.overdispersion",
        function: "funnel.over_dispersion",
        keys: &[
            ("successes", To("successes")),
            ("n", To("n")),
            ("winsor", To("winsorise")),
            ("quantile", Always("\"type7\"")),
        ],
        results: &[("z", Is("z")), ("phi", Is("phi")), ("tau2", Is("tau2")), ("z_adjusted", Is("z_adjusted"))],
    },
    Row {
        method: "multi.bh",
        function: "multiple.benjamini_hochberg",
        keys: &[("p", To("p_values")), ("alpha", To("level"))],
        results: &[("adjusted", Is("adjusted")), ("rejected", Is("rejected"))],
    },
    Row {
        method: "multi.holm",
        function: "multiple.holm",
        keys: &[("p", To("p_values"))],
        results: &[("adjusted", Is("adjusted"))],
    },
    Row {
        method: "multi.by",
        function: "multiple.benjamini_yekutieli",
        keys: &[("p", To("p_values"))],
        results: &[("adjusted", Is("adjusted"))],
    },
    Row {
        method: "chart.p",
        function: "charts.p",
        keys: &[("defects", To("events")), ("n", To("n"))],
        results: &[("centre", Is("centre")), ("lower", Is("low")), ("upper", Is("high")), ("out", Is("signals"))],
    },
    Row {
        method: "chart.xmr",
        function: "charts.individuals",
        keys: &[("x", To("values"))],
        results: &[
            ("centre", Is("centre")),
            ("lower", Is("low")),
            ("upper", Is("high")),
            ("mr_mean", Is("moving_range_mean")),
            ("mr_upper", Is("moving_range_high")),
        ],
    },
    Row {
        method: "chart.ewma",
        function: "charts.ewma",
        keys: &[
            ("x", To("values")),
            ("target", To("target")),
            ("sigma", To("sigma")),
            ("lam", To("weight")),
            ("L", To("width")),
        ],
        results: &[
            ("ewma", Is("value")),
            ("lower", Is("low")),
            ("upper", Is("high")),
            ("steady_lower", Is("steady_low")),
            ("steady_upper", Is("steady_high")),
        ],
    },
    Row {
        method: "chart.cusum",
        function: "charts.cusum",
        keys: &[
            ("x", To("values")),
            ("target", To("target")),
            ("sigma", To("sigma")),
            ("k", To("slack")),
            ("h", To("decision")),
        ],
        results: &[("high", Is("high")), ("low", Is("low")), ("signal", Is("signals"))],
    },
    Row {
        method: "erlang.b",
        function: "erlang.b",
        keys: &[("servers", To("agents")), ("load", To("load"))],
        results: &[("blocking", Is(""))],
    },
    Row {
        method: "erlang.c",
        function: "erlang.c",
        keys: &[("servers", To("agents")), ("load", To("load"))],
        results: &[("wait_probability", Is(""))],
    },
    Row {
        method: "erlang.a",
        function: "erlang.a",
        keys: &[
            ("calls", To("contacts")),
            ("interval_min", To("interval")),
            ("aht_min", To("handle_time")),
            ("patience_min", To("patience")),
            ("target_min", To("target")),
            ("servers", To("agents")),
        ],
        results: &[
            ("wait_probability", Is("wait_probability")),
            ("abandon_probability", Is("abandon_probability")),
            ("occupancy", Is("occupancy")),
            ("mean_wait", Is("mean_wait")),
            ("served_within_target", Is("served_within_target")),
        ],
    },
    Row {
        method: "staffing.erlang_c",
        function: "staffing.required",
        keys: &[
            ("calls", To("contacts")),
            ("interval_s", To("interval")),
            ("aht_s", To("handle_time")),
            ("target_s", To("target")),
            ("service_level", To("service_level")),
            ("max_occupancy", To("maximum_occupancy")),
            ("shrinkage", To("shrinkage")),
        ],
        results: &[
            ("load", Is("load")),
            ("agents", Is("agents")),
            ("agents_scheduled", Is("scheduled")),
            ("service_level", Is("service_level")),
            ("occupancy", Is("occupancy")),
            ("wait_probability", Is("wait_probability")),
            ("asa_s", Is("mean_wait")),
        ],
    },
    Row {
        method: "forecast.holt_winters",
        function: "forecast.holt_winters",
        keys: &[
            ("x", To("values")),
            ("period", Idle), // the number of seasonal figures
            ("level0", To("level")),
            ("trend0", To("trend")),
            ("seasonal0", To("seasonal_figures")),
            ("alpha", To("alpha")),
            ("beta", To("beta")),
            ("gamma", To("gamma")),
            ("seasonal", Words("seasonal", &[("mul", "multiplicative"), ("add", "additive")])),
            ("variant", To("variant")),
            ("horizon", To("horizon")),
        ],
        results: &[("forecast", Is("forecast")), ("sse", Is("sse"))],
    },
    Row {
        method: "forecast.seasonal_naive",
        function: "forecast.evaluate",
        keys: &[("train", To("train")), ("test", To("test")), ("period", To("period"))],
        results: &[
            ("forecast", Is("forecast")),
            ("mae", Is("accuracy/mae")),
            ("rmse", Is("accuracy/rmse")),
            ("mape", Result::Percent("accuracy/mape")),
            ("mase", Is("accuracy/mase")),
        ],
    },
    Row {
        method: "forecast.intraday_profile",
        function: "profile.intraday",
        keys: &[("counts", To("counts")), ("daily_total", To("daily_total"))],
        results: &[("share_pooled", Is("share")), ("share_mean", Is("mean_of_shares")), ("allocated", Is("allocated"))],
    },
    // The two metrics of domain.json.
    Row {
        method: "erlang_c",
        function: "staffing.level",
        keys: &[
            ("calls", To("contacts")),
            ("interval_s", To("interval")),
            ("aht_s", To("handle_time")),
            ("target_s", To("target")),
            ("service_level", Idle), // asked of given heads, not promised
            ("shrinkage", To("shrinkage")),
            ("agents", To("agents")),
        ],
        results: &[
            ("p_wait", Is("wait_probability")),
            ("service_level", Is("service_level")),
            ("occupancy", Is("occupancy")),
            ("asa_s", Is("mean_wait")),
            ("", Is("scheduled")),
        ],
    },
    Row {
        method: "period_change",
        function: "compare.shares",
        keys: &[
            ("before/hits", To("before/0/successes")),
            ("before/counted", To("before/0/n")),
            ("after/hits", To("after/0/successes")),
            ("after/counted", To("after/0/n")),
            ("test", Always("\"z_pooled\"")),
        ],
        results: &[("z", Minus("statistic")), ("p_two_sided", Is("p_value"))],
    },
];

#[test]
fn published_cases() {
    let Ok(folder) = std::env::var("CSAT_VECTORS") else {
        println!("CSAT_VECTORS is not set: the published cases were not run");
        return;
    };
    let read = |name: &str| -> Value {
        serde_json::from_str(&std::fs::read_to_string(format!("{folder}/{name}")).unwrap()).unwrap()
    };
    let mut ran = 0;
    for case in read("stats.json")["cases"].as_array().unwrap() {
        let method = case["method"].as_str().unwrap();
        let mine = ["eb.", "rank.", "funnel.", "multi.", "chart.", "erlang.", "staffing.", "forecast."];
        if mine.iter().any(|m| method.starts_with(m)) {
            let tolerance = (case["tolerance"]["abs"].as_f64().unwrap(), case["tolerance"]["rel"].as_f64().unwrap());
            run(&case["id"], method, &[&case["input"], &case["options"]], &case["expected"], tolerance);
            ran += 1;
        }
    }
    for case in read("domain.json")["cases"].as_array().unwrap() {
        let metric = case["metric"].as_str().unwrap();
        if metric == "erlang_c" || metric == "period_change" {
            for variant in case["variants"].as_array().unwrap() {
                run(&case["id"], metric, &[&case["input"], &variant["options"]], &variant["expected"], (5e-7, 0.0));
                ran += 1;
            }
        }
    }
    assert!(ran >= 50, "only {ran} cases were found");
    println!("{ran} cases");
}

fn run(id: &Value, method: &str, given: &[&Value], expected: &Value, tolerance: (f64, f64)) {
    let row = TABLE.iter().find(|row| row.method == method).unwrap_or_else(|| panic!("{id}: no row for {method}"));
    let mut arguments = Value::Object(Map::new());
    for (path, value) in given.iter().flat_map(|object| leaves(object)) {
        let (_, key) = row.keys.iter().find(|(k, _)| *k == path).unwrap_or_else(|| panic!("{id}: unknown key {path}"));
        match key {
            To(to) => put(&mut arguments, to, value.clone()),
            Percent(to) => put(&mut arguments, to, (value.as_f64().unwrap() / 100.0).into()),
            Words(to, words) => {
                let word = words.iter().find(|(theirs, _)| value == theirs).unwrap_or_else(|| panic!("{id}: {value}"));
                put(&mut arguments, to, word.1.into());
            }
            Always(text) => assert_eq!(value.to_string(), *text, "{id}: {path}"),
            Idle => {}
        }
    }
    let Value::Object(arguments) = arguments else { unreachable!() };
    let answer = call(row.function, arguments).unwrap_or_else(|e| panic!("{id}: {e}"));
    let whole = [(String::new(), expected)];
    let parts: Vec<(String, &Value)> = match expected {
        Value::Object(map) => map.iter().map(|(k, v)| (k.clone(), v)).collect(),
        _ => whole.to_vec(),
    };
    for (key, value) in parts {
        let (_, result) = row.results.iter().find(|(k, _)| *k == key).unwrap_or_else(|| panic!("{id}: {key}"));
        let (path, factor, relative) = match result {
            Is(path) => (path, 1.0, tolerance.1),
            Result::Percent(path) => (path, 100.0, tolerance.1),
            Minus(path) => (path, -1.0, tolerance.1),
            Within(path, relative) => (path, 1.0, *relative),
        };
        let found = path.split('/').filter(|p| !p.is_empty()).fold(&answer, |v, p| &v[p]);
        same(found, value, factor, (tolerance.0, relative), &format!("{id}: {key}"));
    }
}

/// The values of an object with their paths; objects within objects are opened.
fn leaves(object: &Value) -> Vec<(String, &Value)> {
    let mut out = Vec::new();
    for (key, value) in object.as_object().unwrap() {
        match value {
            Value::Object(_) => out.extend(leaves(value).into_iter().map(|(k, v)| (format!("{key}/{k}"), v))),
            _ => out.push((key.clone(), value)),
        }
    }
    out
}

fn put(target: &mut Value, path: &str, value: Value) {
    let mut place = target;
    for part in path.split('/') {
        place = if let Ok(i) = part.parse::<usize>() {
            if place.is_null() {
                *place = Value::Array(Vec::new());
            }
            let list = place.as_array_mut().unwrap();
            while list.len() <= i {
                list.push(Value::Null);
            }
            &mut list[i]
        } else {
            if place.is_null() {
                *place = Value::Object(Map::new());
            }
            place.as_object_mut().unwrap().entry(part).or_insert(Value::Null)
        };
    }
    *place = value;
}

fn same(found: &Value, expected: &Value, factor: f64, tolerance: (f64, f64), place: &str) {
    match (found, expected) {
        (Value::Array(f), Value::Array(e)) => {
            assert_eq!(f.len(), e.len(), "{place}");
            for (i, (f, e)) in f.iter().zip(e).enumerate() {
                same(f, e, factor, tolerance, &format!("{place}[{i}]"));
            }
        }
        (Value::Number(f), Value::Number(e)) => {
            let (f, e) = (f.as_f64().unwrap() * factor, e.as_f64().unwrap());
            let limit = tolerance.0.max(tolerance.1 * e.abs());
            assert!((f - e).abs() <= limit, "{place}: {f} instead of {e}, off by {:e}", (f - e).abs());
        }
        _ => assert_eq!(found, expected, "{place}"),
    }
}
