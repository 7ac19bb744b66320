//! Statistical vectors: the one table from outside methods to functions of the door.
//!
//! A key that the table does not rename goes to the door under its own name, and the door refuses what it does not
//! know; so do results. A method that is itself the name of a function needs no row.

use serde_json::{Map, Value, json};

use crate::call::has_function;
use crate::case::{Fail, Near, Run, answer, compare, is_expected, number, text, wrong};
use crate::file::Job;

/// How the vectors of one outside method are run.
struct Row {
    /// The outside method.
    method: &'static str,
    /// The function of the door.
    function: &'static str,
    /// What becomes of inputs and options.
    keys: &'static [(&'static str, Key)],
    /// Where results are found.
    results: &'static [(&'static str, Found)],
    /// What we promise instead of the tolerance of the vector.
    near: Option<Near>,
    /// Inputs and results are lists of the same length: one call for each element.
    each: bool,
    /// Rewrites a vector whose inputs or results are not plain numbers.
    prepare: fn(&mut Value) -> Option<()>,
}

/// What becomes of an outside input or option.
enum Key {
    /// The argument at this path; a slash goes into an object.
    To(&'static str),
    /// The same, given in percent.
    Percent(&'static str),
    /// The same, as 1 − value.
    OneMinus(&'static str),
    /// The same, in other words.
    Words(&'static str, &'static [(&'static str, &'static str)]),
    /// Says what is always so here: one of these JSON texts, or a list of them.
    Always(&'static [&'static str]),
    /// Nothing, whatever the value.
    Idle,
    /// An argument that the vector does not have, as JSON text.
    Extra(&'static str, &'static str),
}

/// Where an expected result is found in the answer: paths with slashes, the empty one is the whole answer.
enum Found {
    Is(&'static str),
    /// The vector gives percent.
    Percent(&'static str),
    /// At this relative tolerance, as the note of the vector says.
    Loose(&'static str, f64),
    /// A list from several places.
    List(&'static [&'static str]),
}

use Found::{Is, List, Loose};
use Key::{Always, Extra, Idle, OneMinus, Percent, To, Words};

const PLAIN: Row =
    Row { method: "", function: "", keys: &[], results: &[], near: None, each: false, prepare: |_| Some(()) };

/// The renamings that hold for every outside method.
const KEYS: &[(&str, Key)] = &[("conf", To("confidence"))];
const RESULTS: &[(&str, Found)] = &[("lower", Is("low")), ("upper", Is("high")), ("se", Is("standard_error"))];

const TWO_SHARES: &[(&str, Key)] =
    &[("x1", To("a/successes")), ("n1", To("a/n")), ("x2", To("b/successes")), ("n2", To("b/n"))];
const TWO_SAMPLES: &[(&str, Key)] = &[("x", To("a")), ("y", To("b"))];
const VALUES: &[(&str, Key)] = &[("x", To("values"))];
const X_IS_ANSWER: &[(&str, Found)] = &[("x", Is(""))];
const KAPPA: &[(&str, Found)] = &[("kappa", Is("value"))];
/// Another sketch is the source of these vectors; ours must lie near the exact order statistic.
const SKETCHES: &[(&str, Key)] = &[
    ("x", To("values")),
    ("q", To("probabilities")),
    ("percentiles", To("probabilities")),
    ("", Extra("kind", "1")),
    ("rank", Idle),
    ("relative_accuracy", Idle),
    ("lowest", Idle),
    ("highest", Idle),
    ("significant_digits", Idle),
];
const OUR_SKETCH: Option<Near> = Some(Near::Within(0.5, 0.0039));

const TABLE: &[Row] = &[
    Row { method: "nps.point", function: "net.point", ..PLAIN },
    Row { method: "nps.ci.wald", function: "net.wald", ..PLAIN },
    Row { method: "nps.ci.adjusted_wald", function: "net.adjusted_wald", ..PLAIN },
    Row { method: "nps.ci.score", function: "net.score", ..PLAIN },
    Row { method: "nps.ci.mean_t", function: "net.mean_t", ..PLAIN },
    Row {
        method: "nps.diff.wald",
        function: "net.difference_wald",
        keys: &[("pseudo", Always(&["[0,0,0]"]))],
        results: &[("diff", Is("difference"))],
        ..PLAIN
    },
    Row {
        method: "nps.diff.adjusted_wald",
        function: "net.difference_adjusted_wald",
        results: &[("diff", Is("difference"))],
        ..PLAIN
    },
    Row { method: "nps.sample_size.moe", function: "net.sample_size_margin", ..PLAIN },
    Row {
        method: "nps.sample_size.diff",
        function: "net.sample_size_difference",
        keys: &[("alpha", OneMinus("confidence"))],
        ..PLAIN
    },
    Row { method: "nps.weighted", function: "net.weighted", results: &[("n_eff", Is("effective_n"))], ..PLAIN },
    Row { method: "multinomial.ci.goodman", function: "multinomial.goodman", ..PLAIN },
    Row { method: "prop.ci.wilson", function: "share.wilson", ..PLAIN },
    Row { method: "prop.ci.wilson_cc", function: "share.wilson_continuity", ..PLAIN },
    Row { method: "prop.ci.wald", function: "share.wald", ..PLAIN },
    Row { method: "prop.ci.agresti_coull", function: "share.agresti_coull", ..PLAIN },
    Row { method: "prop.ci.jeffreys", function: "share.jeffreys", ..PLAIN },
    Row { method: "prop.ci.clopper_pearson", function: "share.clopper_pearson", ..PLAIN },
    Row { method: "prop.diff.newcombe", function: "share.difference_newcombe", keys: TWO_SHARES, ..PLAIN },
    Row {
        method: "prop.diff.miettinen_nurminen",
        function: "share.difference_miettinen_nurminen",
        keys: TWO_SHARES,
        ..PLAIN
    },
    Row { method: "prop.diff.agresti_caffo", function: "share.difference_agresti_caffo", keys: TWO_SHARES, ..PLAIN },
    Row { method: "prop.diff.wald", function: "share.difference_wald", keys: TWO_SHARES, ..PLAIN },
    Row { method: "prop.test.z_pooled", function: "share.z_pooled", keys: TWO_SHARES, ..PLAIN },
    Row { method: "prop.test.fisher", function: "share.fisher", keys: TWO_SHARES, ..PLAIN },
    Row {
        method: "mean.ci.t",
        function: "mean.t_interval",
        keys: VALUES,
        results: &[("sd", Is("standard_deviation"))],
        ..PLAIN
    },
    Row {
        method: "mean.test.welch",
        function: "mean.welch",
        keys: TWO_SAMPLES,
        results: &[("df", Is("degrees_of_freedom"))],
        ..PLAIN
    },
    Row {
        method: "mean.test.mann_whitney",
        function: "mean.mann_whitney",
        keys: &[("x", To("a")), ("y", To("b")), ("ties", Always(&["\"corrected\""]))],
        results: &[("prob_superiority", Is("probability_of_superiority"))],
        ..PLAIN
    },
    Row { method: "mean.test.mann_whitney_exact", function: "mean.mann_whitney_exact", keys: TWO_SAMPLES, ..PLAIN },
    Row {
        method: "mean.effect_size",
        function: "mean.effect_size",
        keys: TWO_SAMPLES,
        results: &[("hedges_g_exact", Is("hedges_g")), ("hedges_g_approx", Is("hedges_g_approximate"))],
        ..PLAIN
    },
    Row {
        method: "csi.index",
        function: "index.satisfaction",
        keys: &[("", Extra("missing", "\"listwise\""))],
        ..PLAIN
    },
    Row {
        method: "csi.index_missing",
        function: "index.satisfaction",
        keys: &[("rule", Words("missing", &[("available_items", "available"), ("listwise", "listwise")]))],
        ..PLAIN
    },
    Row {
        method: "reliability.cronbach_alpha",
        function: "reliability.cronbach_alpha",
        keys: &[("ci", Always(&["\"feldt\""]))],
        results: &[("ci_lower", Is("low")), ("ci_upper", Is("high"))],
        ..PLAIN
    },
    Row { method: "reliability.item_stats", function: "reliability.item_statistics", ..PLAIN },
    Row { method: "reliability.omega_total", function: "reliability.omega_total", ..PLAIN },
    Row { method: "driver.simple", function: "drivers.simple", results: &[("std_beta", Is("beta"))], ..PLAIN },
    Row { method: "driver.lmg", function: "drivers.lmg", results: &[("r2", Is("r_squared"))], ..PLAIN },
    Row {
        method: "driver.relative_weights",
        function: "drivers.relative_weights",
        results: &[("raw", Is("shares")), ("r2", Is("r_squared"))],
        ..PLAIN
    },
    Row {
        method: "driver.ipa_quadrants",
        function: "drivers.quadrants",
        results: &[("quadrant", Is("quadrants"))],
        ..PLAIN
    },
    Row { method: "irr.fleiss_kappa", function: "agreement.fleiss_kappa", results: KAPPA, ..PLAIN },
    Row { method: "irr.randolph_kappa", function: "agreement.brennan_prediger", results: KAPPA, ..PLAIN },
    Row {
        method: "irr.krippendorff_alpha",
        function: "agreement.krippendorff_alpha",
        keys: &[("ratings_by_rater", To("by_rater"))],
        results: &[("alpha", Is("value"))],
        ..PLAIN
    },
    Row {
        method: "irr.cohen_kappa",
        function: "agreement.cohen_kappa",
        results: &[("kappa", Is("value")), ("se0", Is("standard_error_null")), ("percent_agreement", Is("observed"))],
        ..PLAIN
    },
    Row {
        method: "irr.gwet_ac",
        function: "agreement.gwet_ac",
        keys: &[("coefficient", Always(&["\"AC1\"", "\"AC2\""]))],
        results: &[("ac", Is("value")), ("percent_agreement", Is("observed"))],
        ..PLAIN
    },
    Row {
        method: "irr.icc",
        function: "agreement.icc",
        results: &[
            ("icc1_1", Is("icc1_1/value")),
            ("icc2_1", Is("icc2_1/value")),
            ("icc3_1", Is("icc3_1/value")),
            ("icc1_k", Is("icc1_k/value")),
            ("icc2_k", Is("icc2_k/value")),
            ("icc3_k", Is("icc3_k/value")),
        ],
        ..PLAIN
    },
    Row {
        method: "irr.icc_ci",
        function: "agreement.icc",
        keys: &[("order", Always(&[r#"["1,1","2,1","3,1","1,k","2,k","3,k"]"#]))],
        results: &[
            ("lower", List(&["icc1_1/low", "icc2_1/low", "icc3_1/low", "icc1_k/low", "icc2_k/low", "icc3_k/low"])),
            (
                "upper",
                List(&["icc1_1/high", "icc2_1/high", "icc3_1/high", "icc1_k/high", "icc2_k/high", "icc3_k/high"]),
            ),
        ],
        ..PLAIN
    },
    Row {
        method: "eb.beta_binomial_mle",
        function: "shrinkage.beta_binomial",
        // The likelihood is flat: posterior means are compared tightly, alpha and beta at 1e-4.
        results: &[
            ("alpha", Loose("alpha", 1e-4)),
            ("beta", Loose("beta", 1e-4)),
            ("loglik", Is("log_likelihood")),
            ("posterior_mean", Is("mean")),
        ],
        ..PLAIN
    },
    Row {
        method: "eb.beta_binomial_posterior",
        function: "shrinkage.posterior",
        keys: &[("level", To("confidence"))],
        ..PLAIN
    },
    Row {
        method: "eb.james_stein",
        function: "shrinkage.james_stein",
        keys: &[("y", To("values")), ("sigma2", To("variance"))],
        results: &[("c", Is("factor"))],
        ..PLAIN
    },
    Row {
        method: "rank.wilson_lower",
        function: "shrinkage.rank_by_wilson",
        keys: &[("ties", Always(&["\"input order\""]))],
        ..PLAIN
    },
    Row {
        method: "rank.chi2_homogeneity",
        function: "shrinkage.homogeneity",
        results: &[("df", Is("degrees_of_freedom"))],
        ..PLAIN
    },
    Row {
        method: "funnel.limits_normal",
        function: "funnel.limits_normal",
        keys: &[("level", Percent("confidence"))],
        ..PLAIN
    },
    Row {
        method: "funnel.limits_exact",
        function: "funnel.limits_exact",
        keys: &[("level", Percent("confidence"))],
        ..PLAIN
    },
    Row {
        method: "funnel.overdispersion",
        function: "funnel.over_dispersion",
        keys: &[("winsor", To("winsorise")), ("quantile", Always(&["\"type7\""]))],
        ..PLAIN
    },
    Row {
        method: "multi.bh",
        function: "multiple.benjamini_hochberg",
        keys: &[("p", To("p_values")), ("alpha", To("level"))],
        ..PLAIN
    },
    Row { method: "multi.holm", function: "multiple.holm", keys: &[("p", To("p_values"))], ..PLAIN },
    Row { method: "multi.by", function: "multiple.benjamini_yekutieli", keys: &[("p", To("p_values"))], ..PLAIN },
    Row {
        method: "chart.p",
        function: "charts.p",
        keys: &[("defects", To("events"))],
        results: &[("out", Is("signals"))],
        ..PLAIN
    },
    Row {
        method: "chart.xmr",
        function: "charts.individuals",
        keys: VALUES,
        results: &[("mr_mean", Is("moving_range_mean")), ("mr_upper", Is("moving_range_high"))],
        ..PLAIN
    },
    Row {
        method: "chart.ewma",
        function: "charts.ewma",
        keys: &[("x", To("values")), ("lam", To("weight")), ("L", To("width"))],
        results: &[("ewma", Is("value")), ("steady_lower", Is("steady_low")), ("steady_upper", Is("steady_high"))],
        ..PLAIN
    },
    Row {
        method: "chart.cusum",
        function: "charts.cusum",
        keys: &[("x", To("values")), ("k", To("slack")), ("h", To("decision"))],
        results: &[("signal", Is("signals"))],
        ..PLAIN
    },
    Row {
        method: "erlang.b",
        function: "erlang.b",
        keys: &[("servers", To("agents"))],
        results: &[("blocking", Is(""))],
        ..PLAIN
    },
    Row {
        method: "erlang.c",
        function: "erlang.c",
        keys: &[("servers", To("agents"))],
        results: &[("wait_probability", Is(""))],
        ..PLAIN
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
        ..PLAIN
    },
    Row {
        method: "staffing.erlang_c",
        function: "staffing.required",
        keys: &[
            ("calls", To("contacts")),
            ("interval_s", To("interval")),
            ("aht_s", To("handle_time")),
            ("target_s", To("target")),
            ("max_occupancy", To("maximum_occupancy")),
        ],
        results: &[("agents_scheduled", Is("scheduled")), ("asa_s", Is("mean_wait"))],
        ..PLAIN
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
            ("seasonal", Words("seasonal", &[("mul", "multiplicative"), ("add", "additive")])),
        ],
        ..PLAIN
    },
    Row {
        method: "forecast.seasonal_naive",
        function: "forecast.evaluate",
        results: &[
            ("mae", Is("accuracy/mae")),
            ("rmse", Is("accuracy/rmse")),
            ("mape", Found::Percent("accuracy/mape")),
            ("mase", Is("accuracy/mase")),
        ],
        ..PLAIN
    },
    Row {
        method: "forecast.intraday_profile",
        function: "profile.intraday",
        results: &[("share_pooled", Is("share")), ("share_mean", Is("mean_of_shares"))],
        ..PLAIN
    },
    Row {
        method: "quantile.exact",
        function: "quantile.exact",
        keys: &[("x", To("values")), ("q", To("probabilities")), ("type", To("kind"))],
        results: &[("value", Is(""))],
        ..PLAIN
    },
    Row {
        method: "sketch.ddsketch",
        function: "sketch.quantiles",
        keys: SKETCHES,
        results: &[("exact_lower_rank", Is(""))],
        near: OUR_SKETCH,
        prepare: |case| case["expected"].as_object_mut()?.remove("value").map(|_| ()),
        ..PLAIN
    },
    Row {
        method: "sketch.hdr_histogram",
        function: "sketch.quantiles",
        keys: SKETCHES,
        results: &[("value", Is(""))],
        near: OUR_SKETCH,
        prepare: |case| {
            for p in case["input"]["percentiles"].as_array_mut()? {
                *p = json!(p.as_f64()? / 100.0);
            }
            Some(())
        },
        ..PLAIN
    },
    Row {
        method: "sum.exact",
        function: "sum.exact",
        results: &[("sum", Is("")), ("sum_hex", Is(""))],
        prepare: |case| {
            // Our own vectors of the same name write decimal numbers.
            if case["input"].get("x_hex").is_none() {
                return Some(());
            }
            let float = |text: &Value| float_of_hex(text.as_str()?).map(Value::from);
            let terms: Option<Vec<Value>> = case["input"]["x_hex"].as_array()?.iter().map(float).collect();
            case["input"] = json!({ "values": terms? });
            if let Some(sum) = case["expected"].get_mut("sum_hex") {
                *sum = float(sum)?;
            }
            Some(())
        },
        ..PLAIN
    },
    Row {
        method: "sum.integer_moments",
        function: "sum.integer_moments",
        keys: VALUES,
        results: &[("sumsq", Is("sum_of_squares"))],
        ..PLAIN
    },
    Row {
        method: "moments.mean_sd",
        function: "sum.moments",
        results: &[("sd", Is("standard_deviation")), ("lag1_autocorr", Is("lag1_autocorrelation"))],
        prepare: |case| {
            let input = &case["input"];
            let pair = input["then_pairs"].as_array()?;
            let mut values = vec![input["x_first"].clone()];
            (0..input["pairs"].as_u64()?).for_each(|_| values.extend(pair.iter().cloned()));
            case["input"] = json!({ "values": values });
            Some(())
        },
        ..PLAIN
    },
    Row {
        method: "dist.normal_quantile",
        function: "special.normal_quantile",
        results: X_IS_ANSWER,
        each: true,
        ..PLAIN
    },
    Row { method: "dist.t_quantile", function: "special.t_quantile", results: X_IS_ANSWER, ..PLAIN },
    Row { method: "dist.beta_quantile", function: "special.beta_quantile", results: X_IS_ANSWER, ..PLAIN },
    Row { method: "dist.chi2_quantile", function: "special.chi2_quantile", results: X_IS_ANSWER, ..PLAIN },
    Row { method: "dist.f_quantile", function: "special.f_quantile", results: X_IS_ANSWER, ..PLAIN },
];

/// The vectors of one case.
pub(crate) fn jobs(case: &Value) -> Vec<Job<'_>> {
    let name = case["id"].as_str().unwrap_or("?").to_owned();
    vec![(name, Box::new(move |backend| run(case, backend)))]
}

fn run(case: &Value, backend: &mut dyn crate::call::Backend) -> Run<()> {
    let method = text(&case["method"], "method")?;
    let own = Row { function: "", ..PLAIN };
    let row = match TABLE.iter().find(|row| row.method == method) {
        Some(row) => row,
        None if has_function(method) => &own,
        None => return Err(Fail::NotRun(format!("no function for the method `{method}`"))),
    };
    let mut case = case.clone();
    if let Some(csat) = case.get("csat") {
        case["expected"] = csat["expected"].clone();
    }
    if (row.prepare)(&mut case).is_none() {
        return wrong(format!("the inputs are not those of `{method}`"));
    }
    let lists = |case: &Value| {
        let first = case["input"].as_object().and_then(|i| i.values().next().cloned());
        first.and_then(|v| v.as_array().map(Vec::len))
    };
    match lists(&case).filter(|_| row.each) {
        None => one(&case, row, backend),
        Some(length) => (0..length).try_for_each(|i| {
            let mut single = case.clone();
            for side in ["input", "expected"] {
                if let Some(map) = single[side].as_object_mut() {
                    map.values_mut().for_each(|list| *list = list[i].clone());
                }
            }
            one(&single, row, backend)
        }),
    }
}

fn one(case: &Value, row: &Row, backend: &mut dyn crate::call::Backend) -> Run<()> {
    let function = if row.function.is_empty() { text(&case["method"], "method")? } else { row.function };
    let outside = !row.function.is_empty();
    let answer = answer(backend, function, arguments(case, row, outside)?)?;
    let expected = &case["expected"];
    let error = expected.get("error");
    let answer = match (answer, error) {
        (Err(refusal), Some(error)) if is_expected(error, &refusal) => return Ok(()),
        (Err(refusal), _) => return Err(refusal.into()),
        (Ok(answer), Some(error)) => return wrong(format!("the error {error} was expected, not {answer}")),
        (Ok(answer), None) => answer,
    };
    let tolerance = &case["tolerance"];
    let near = row
        .near
        .unwrap_or(Near::Within(tolerance["abs"].as_f64().unwrap_or(0.0), tolerance["rel"].as_f64().unwrap_or(0.0)));
    let Some(expected) = expected.as_object() else {
        return compare(expected, &answer, near).map_err(Fail::Wrong);
    };
    for (key, value) in expected {
        let listed = row.results.iter().chain(if outside { RESULTS } else { &[] }).find(|(from, _)| from == key);
        let (found, value, near) = match listed.map(|(_, found)| found) {
            None if key == "answer" && answer.get("answer").is_none() => (answer.clone(), value.clone(), near),
            None => (at(&answer, key)?, value.clone(), near),
            Some(Is(path)) => (at(&answer, path)?, value.clone(), near),
            Some(Found::Percent(path)) => (at(&answer, path)?, json!(number(value, key)? / 100.0), near),
            Some(Loose(path, relative)) => (at(&answer, path)?, value.clone(), Near::Within(0.0, *relative)),
            Some(List(paths)) => {
                let all: Run<Vec<Value>> = paths.iter().map(|path| at(&answer, path)).collect();
                (Value::from(all?), value.clone(), near)
            }
        };
        compare(&value, &found, near).map_err(|m| Fail::Wrong(format!("{key}: {m}")))?;
    }
    Ok(())
}

fn at(answer: &Value, path: &str) -> Run<Value> {
    let found = path.split('/').filter(|p| !p.is_empty()).try_fold(answer, |value, part| value.get(part));
    found.cloned().ok_or_else(|| Fail::Wrong(format!("no `{path}` in {answer}")))
}

/// The arguments of a case: its inputs and options under the names of the door.
fn arguments(case: &Value, row: &Row, outside: bool) -> Run<Value> {
    let mut arguments = json!({});
    let given = [&case["input"], &case["options"]].into_iter().filter_map(Value::as_object).flatten();
    for (key, value) in given {
        let rule = row.keys.iter().chain(if outside { KEYS } else { &[] }).find(|(from, _)| from == key);
        match rule.map(|(_, to)| to) {
            None => put(&mut arguments, key, value.clone()),
            Some(To(path)) => put(&mut arguments, path, value.clone()),
            Some(Percent(path)) => put(&mut arguments, path, json!(number(value, key)? / 100.0)),
            Some(OneMinus(path)) => put(&mut arguments, path, json!(1.0 - number(value, key)?)),
            Some(Words(path, words)) => match words.iter().find(|(theirs, _)| value == theirs) {
                Some((_, ours)) => put(&mut arguments, path, json!(ours)),
                None => return wrong(format!("`{key}` is {value}, which is not known")),
            },
            Some(Always(known)) => {
                let says = |v: &Value| known.contains(&v.to_string().as_str());
                let listed = value.as_array().is_some_and(|list| !list.is_empty() && list.iter().all(says));
                if !says(value) && !listed {
                    return wrong(format!("`{key}` is {value}, known is only {}", known.join(" or ")));
                }
            }
            Some(Idle | Extra(..)) => {}
        }
    }
    for (_, to) in row.keys {
        if let Extra(name, text) = to {
            put(&mut arguments, name, serde_json::from_str(text).unwrap_or_default());
        }
    }
    Ok(arguments)
}

fn put(arguments: &mut Value, path: &str, value: Value) {
    let mut place = arguments;
    for part in path.split('/') {
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        place = &mut place[part];
    }
    *place = value;
}

/// A float from its C99 hexadecimal form.
fn float_of_hex(text: &str) -> Option<f64> {
    let (sign, text) = text.strip_prefix('-').map_or((1.0, text), |rest| (-1.0, rest));
    let (mantissa, exponent) = text.trim_start_matches("0x").split_once('p')?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = u64::from_str_radix(&format!("{whole}{fraction}"), 16).ok()?;
    // In two steps, because 2^-1074 times a power of two is exact and 2^-1100 does not exist.
    let exponent = exponent.parse::<i32>().ok()? - 4 * fraction.len() as i32;
    let half = exponent / 2;
    Some(sign * digits as f64 * 2f64.powi(half) * 2f64.powi(exponent - half))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::Rust;

    #[test]
    fn an_unknown_option_or_value_fails() {
        let mut case = json!({
            "id": "t", "method": "nps.diff.wald", "options": {"pseudo": [0, 0, 0], "cnf": 0.9}, "expected": {},
            "input": {
                "a": {"detractors": 1, "passives": 1, "promoters": 1},
                "b": {"detractors": 1, "passives": 1, "promoters": 2},
            },
            "tolerance": {"abs": 0, "rel": 0},
        });
        let failure = |case: &Value| match run(case, &mut Rust) {
            Err(fail) => fail.message(),
            Ok(()) => panic!("it passes"),
        };
        assert!(failure(&case).contains("unknown argument `cnf`"));
        case["options"] = json!({"pseudo": [1, 1, 1]});
        assert!(failure(&case).contains("known is only [0,0,0]"));
        case["options"] = json!({});
        case["expected"] = json!({"lower": -1.0});
        assert!(failure(&case).contains("expected -1"));
        case["method"] = json!("nps.diff.no_such");
        assert!(matches!(run(&case, &mut Rust), Err(Fail::NotRun(_))));
    }

    #[test]
    fn every_row_names_a_method_once() {
        for (i, row) in TABLE.iter().enumerate() {
            assert!(TABLE[..i].iter().all(|other| other.method != row.method), "{}", row.method);
        }
    }
}
