//! Scorecards, surveys, averages, calibration and appeals against vectors: the repository's own, and those of the folder
//! named by `CSAT_VECTORS` (its `domain.json`) where it is set.

use std::collections::BTreeMap;
use std::path::Path;

use csat_core::rule::appeal::{AppealCounts, AppealDenominator};
use csat_core::rule::exact::{MISSING_ANSWER, MISSING_SCORE, POINT, points};
use csat_core::rule::form::Form;
use csat_core::rule::index::{IndexRule, Missing, Weights, index_block};
use csat_core::rule::quality::{Evaluation, RollUp, deviations, qa_average};
use csat_core::rule::score::{score, score_block};
use csat_core::rule::survey::{Classes, NpsMapping, Rescale, Scale, mean, needs_follow_up, rescale};
use serde_json::{Map, Value, json};

const METRICS: &[&str] = &["scorecard", "csat", "ces", "csi", "nps", "qa_average", "calibration", "appeals"];

/// The vectors' options and csat's: metric, key, value (`*` any), and for forms the keys of `[rule]` they mean. What is
/// not here fails. `elsewhere` belongs to the statistics (intervals, agreement) and their own vectors.
#[rustfmt::skip]
const OPTIONS: &[(&str, &str, &str, &str)] = &[
    ("scorecard", "preset", "*", ""),
    ("scorecard", "section_combine", "percent", r#"{"sections": "percent", "criteria": "percent"}"#),
    ("scorecard", "section_combine", "points", r#"{"sections": "points", "criteria": "points"}"#),
    ("scorecard", "combine", "pooled", r#"{"aggregate": "pooled", "sections": "points"}"#),
    ("scorecard", "combine", "blocks", r#"{"aggregate": "blocks"}"#),
    ("scorecard", "combine", "weighted", r#"{"aggregate": "weighted"}"#),
    ("scorecard", "na", "remove", r#"{"na": "remove"}"#),
    ("scorecard", "na", "equal", r#"{"na": "equal"}"#),
    ("scorecard", "na", "full", r#"{"na": "full"}"#),
    ("scorecard", "na", "zero", r#"{"na": "zero"}"#),
    ("scorecard", "bonus", "add", r#"{"bonus": "add"}"#),
    ("scorecard", "bonus", "ignore", r#"{"bonus": "ignore"}"#),
    ("scorecard", "cap", "null", r#"{"cap": "none"}"#),
    ("scorecard", "cap", "100", r#"{"cap": 100}"#),
    ("scorecard", "auto_fail", "form_zero", r#"{"critical": "form_zero"}"#),
    ("scorecard", "auto_fail", "section_zero", r#"{"critical": "section_zero"}"#),
    ("scorecard", "auto_fail", "outcome_only", r#"{"critical": "outcome_only"}"#),
    ("scorecard", "auto_fail", "none", ""),
    ("scorecard", "sections", "*", ""),
    ("scorecard", "stat", "score_and_outcome", ""),
    ("scorecard", "stat", "section_scores", ""),
    ("scorecard", "empty", "null", ""),
    ("csat", "positive", "*", ""), ("csat", "negative", "*", ""), ("csat", "below", "*", ""), ("csat", "preset", "*", ""),
    ("csat", "agg", "mean", ""), ("csat", "agg", "net", ""),
    ("csat", "rescale", "min_max", ""), ("csat", "rescale", "of_max", ""),
    ("csat", "stat", "response_rate", ""), ("csat", "stat", "followup_due", ""),
    ("csat", "denominator", "sent", ""),
    ("ces", "positive", "*", ""), ("ces", "negative", "*", ""), ("ces", "preset", "*", ""),
    ("ces", "agg", "mean", ""), ("ces", "agg", "net", ""),
    ("nps", "promoter_min", "*", ""), ("nps", "detractor_max", "*", ""), ("nps", "agg", "mean", ""),
    ("nps", "stat", "id", ""), ("nps", "stat", "se", "elsewhere"),
    ("nps", "interval", "wald", "elsewhere"), ("nps", "interval", "adjusted_wald", "elsewhere"),
    ("csi", "weights", "equal", ""), ("csi", "weights", "*", ""), ("csi", "min_answered", "*", ""),
    ("csi", "agg", "mean", ""), ("csi", "agg", "importance_times_score", ""),
    ("csi", "rescale", "min_max", ""), ("csi", "rescale", "of_max", ""),
    ("csi", "missing", "renormalise", "available"), ("csi", "missing", "listwise", "listwise"),
    ("csi", "missing", "as_min", "as_minimum"), ("csi", "missing", "question_means", "question_means"),
    ("qa_average", "rollup", "mean_of_ratios", ""), ("qa_average", "rollup", "ratio_of_sums", ""),
    ("qa_average", "exclude_failed", "true", ""), ("qa_average", "exclude_failed", "false", ""),
    ("calibration", "stat", "mean_signed", ""), ("calibration", "stat", "mean_absolute", ""),
    ("calibration", "stat", "max_absolute", ""), ("calibration", "stat", "sd_sample", ""),
    ("calibration", "stat", "agreement", "elsewhere"), ("calibration", "stat", "cohen_kappa", "elsewhere"),
    ("appeals", "partial", "counts", ""), ("appeals", "partial", "does_not_count", ""),
    ("appeals", "denominator", "closed", ""), ("appeals", "denominator", "filed", ""),
];

/// One variant: its inputs and options, every option known.
struct Asked<'a> {
    metric: &'a str,
    input: Map<String, Value>,
    options: Map<String, Value>,
}

impl Asked<'_> {
    /// What the table says of an option.
    fn meaning(&self, key: &str) -> Option<&'static str> {
        let text = match self.options.get(key)? {
            Value::String(s) => s.clone(),
            other => other.to_string(),
        };
        let row = OPTIONS.iter().find(|o| o.0 == self.metric && o.1 == key && (o.2 == text || o.2 == "*"));
        Some(row.unwrap_or_else(|| panic!("{}: unknown option {key} = {text}", self.metric)).3)
    }

    fn option(&self, key: &str) -> Option<&str> {
        self.options.get(key).and_then(Value::as_str)
    }

    fn whole_numbers(&self, key: &str) -> Vec<i16> {
        let list = self.options.get(key).and_then(Value::as_array).map(Vec::as_slice);
        list.unwrap_or_default().iter().map(|v| whole(v).unwrap()).collect()
    }

    fn scale(&self, default: (i16, i16)) -> Scale {
        self.input
            .get("scale")
            .map_or(Scale::new(default.0, default.1), |s| {
                Scale::new(whole(&s["min"]).unwrap(), whole(&s["max"]).unwrap())
            })
            .unwrap()
    }

    fn floats(&self, key: &str) -> Vec<f64> {
        self.input[key].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
    }

    fn count(&self, key: &str) -> u64 {
        self.input[key].as_u64().unwrap()
    }

    fn answer(&self) -> Value {
        match self.metric {
            "scorecard" => scorecard(self),
            "csat" | "ces" => classes(self),
            "nps" => nps(self),
            "csi" => index(self),
            "qa_average" => average(self),
            "calibration" => calibration(self),
            _ => appeals(self),
        }
    }
}

fn whole(value: &Value) -> Option<i16> {
    if value.is_null() { Some(MISSING_ANSWER) } else { value.as_i64().and_then(|v| i16::try_from(v).ok()) }
}

fn form(asked: &Asked) -> Value {
    let preset = asked.option("preset");
    let mut rule = match preset {
        Some(_) => json!({}),
        None => json!({ "sections": "percent" }),
    };
    for key in asked.options.keys() {
        let meaning = asked.meaning(key).unwrap();
        if !meaning.is_empty() {
            let more: Map<String, Value> = serde_json::from_str(meaning).unwrap();
            rule.as_object_mut().unwrap().extend(more);
        }
    }
    let lists =
        |key: &str, id: &str| asked.input.get(key).is_some_and(|l| l.as_array().unwrap().iter().any(|v| v == id));
    let kept = |s: &&Value| asked.options.get("sections").is_none_or(|l| l.as_array().unwrap().contains(&s["section"]));
    let sections = asked.input["form"].as_array().unwrap().iter().filter(kept).map(|s| {
        let criteria = s["questions"].as_array().unwrap().iter().map(|q| {
            let id = q["id"].as_str().unwrap();
            let mut c =
                json!({ "id": id, "min": q.get("min").unwrap_or(&json!(0)), "max": q["max"], "weight": q["weight"] });
            let answer = &asked.input["answers"][id];
            if lists("auto_failed", id) && asked.option("auto_fail").is_some_and(|a| a != "none") {
                c["critical"] = json!({ "options": [answer.to_string()] });
            }
            if lists("critical", id) {
                c["critical"] = json!(true);
            }
            c
        });
        let bonus = s.get("bonus").cloned().unwrap_or(json!(false));
        json!({ "id": s["section"], "weight": s["weight"], "bonus": bonus, "criteria": criteria.collect::<Vec<_>>() })
    });
    let mut form = json!({ "id": "case", "version": 1, "rule": rule, "sections": sections.collect::<Vec<_>>() });
    if let Some(preset) = preset {
        form["preset"] = json!(preset);
    }
    form
}

fn scorecard(asked: &Asked) -> Value {
    let form = Form::parse(&form(asked).to_string()).unwrap().compile(None).unwrap();
    let answers: Vec<i16> = form
        .criteria()
        .iter()
        .enumerate()
        .map(|(i, c)| match asked.input["answers"][&c.id].as_f64() {
            Some(number) => form.code_of_number(i, number).unwrap(),
            None => -1,
        })
        .collect();
    let scored = score(&form, &answers).unwrap();
    let columns: Vec<&[i16]> = answers.iter().map(std::slice::from_ref).collect();
    let (mut out, mut failed) = ([0], [false]);
    score_block(&form, &columns, &mut out, &mut failed).unwrap();
    assert_eq!((scored.score.unwrap_or(MISSING_SCORE), scored.failed), (out[0], failed[0]));
    match asked.option("stat") {
        Some("score_and_outcome") => {
            json!({ "score": scored.score.map(points), "outcome": if scored.failed { "fail" } else { "pass" } })
        }
        Some("section_scores") => json!(scored.sections.iter().map(|s| s.map(points)).collect::<Vec<_>>()),
        _ => json!(scored.score.map(points)),
    }
}

fn ratings(asked: &Asked) -> Vec<i16> {
    match asked.input.get("counts_1_to_7") {
        None => asked.input["ratings"].as_array().unwrap().iter().map(|v| whole(v).unwrap()).collect(),
        Some(counts) => (1..)
            .zip(counts.as_array().unwrap())
            .flat_map(|(answer, n)| std::iter::repeat_n(answer, n.as_u64().unwrap() as usize))
            .collect(),
    }
}

fn share(numerator: u64, denominator: u64) -> Value {
    json!({ "num": numerator, "den": denominator, "value": numerator as f64 / denominator as f64 })
}

fn classes(asked: &Asked) -> Value {
    let preset = asked.option("preset").map(|name| Classes::preset(name).unwrap());
    if let (Some(classes), Some(answer)) = (&preset, asked.input.get("answer")) {
        return json!(classes.label(classes.classify(whole(answer).unwrap()).unwrap()));
    }
    let (ratings, scale) = (ratings(asked), asked.scale((1, 5)));
    let set = || {
        preset.clone().unwrap_or_else(|| {
            Classes::new(scale, &asked.whole_numbers("positive"), &asked.whole_numbers("negative")).unwrap()
        })
    };
    let given = ratings.iter().filter(|r| **r != MISSING_ANSWER).count() as u64;
    match (asked.option("agg"), asked.option("stat")) {
        (_, Some("response_rate")) => share(given, asked.count("sent")),
        (_, Some(_)) => {
            let below = asked.options["below"].as_f64().unwrap();
            json!(ratings.iter().filter(|r| needs_follow_up(**r, below)).count())
        }
        (Some("mean"), _) => {
            let how = asked.option("rescale").map_or(Rescale::Raw, |r| Rescale::from_name(r).unwrap());
            json!(rescale(mean(&ratings).unwrap(), scale, how).unwrap())
        }
        (Some(_), _) => json!(set().count(&ratings).unwrap().net()),
        (None, _) => {
            let counts = set().count(&ratings).unwrap();
            let sent = asked.option("denominator").map(|_| asked.count("sent"));
            share(counts.positive, sent.unwrap_or(counts.n()))
        }
    }
}

fn nps(asked: &Asked) -> Value {
    let scale = asked.scale((0, 10));
    let cut = |key: &str, default| asked.options.get(key).map_or(default, |v| whole(v).unwrap());
    let declared = asked.options.contains_key("promoter_min") || asked.options.contains_key("detractor_max");
    let mapping = if declared {
        NpsMapping::new(scale, cut("promoter_min", 9), cut("detractor_max", 6))
    } else {
        NpsMapping::of_scale(scale)
    };
    match (asked.option("agg"), asked.option("stat")) {
        (Some(_), _) => json!(mean(&ratings(asked))),
        (_, Some(_)) => json!(mapping.unwrap().id()),
        _ => json!(mapping.unwrap().count(&ratings(asked)).unwrap().net()),
    }
}

fn index(asked: &Asked) -> Value {
    let weights = || match asked.options.get("weights").or(asked.input.get("weights")).and_then(Value::as_array) {
        Some(list) => Weights::Fixed(list.iter().map(|v| v.as_f64().unwrap()).collect()),
        None => Weights::Equal,
    };
    let how = |default| asked.option("rescale").map_or(default, |r| Rescale::from_name(r).unwrap());
    let rule = |n: usize, scale: Scale, weights: Weights, rescale| IndexRule {
        rescale,
        ..IndexRule::new(vec![scale; n], weights)
    };
    if asked.input.contains_key("answered_counts") {
        let min = asked.options["min_answered"].as_u64().unwrap() as usize;
        let rule = IndexRule {
            min_answered: Some(min),
            ..rule(10, Scale::new(0, 100).unwrap(), Weights::Equal, Rescale::MinMax)
        };
        let index = rule.compile().unwrap();
        let rows = asked.floats("answered_counts").into_iter().zip(asked.input["scores_if_used"].as_array().unwrap());
        let scores: Vec<i64> = rows
            .filter_map(|(answered, score)| {
                let mut answers = [MISSING_ANSWER; 10];
                answers[..answered as usize].fill(whole(score).unwrap());
                index.of(&answers).unwrap()
            })
            .collect();
        return json!({ "n": scores.len(), "mean": scores.iter().map(|s| points(*s)).sum::<f64>() / scores.len() as f64 });
    }
    let scale = asked.scale((1, 10));
    if asked.input.contains_key("means") {
        let means: Vec<Option<f64>> = asked.floats("means").into_iter().map(Some).collect();
        let how = how(if asked.option("agg").is_some() { Rescale::Raw } else { Rescale::MinMax });
        let index = rule(means.len(), scale, weights(), how).compile().unwrap();
        return json!(index.of_means(&means).unwrap());
    }
    if asked.input.contains_key("scores") {
        let list = |key: &str| asked.input[key].as_array().unwrap().iter().map(|v| whole(v).unwrap());
        let answers: Vec<i16> = list("scores").chain(list("importance")).collect();
        let (weights, how) = match asked.option("agg") {
            Some("importance_times_score") => (Weights::ImportanceTimesScore(scale), Rescale::MinMax),
            agg => (Weights::Importance(scale), how(if agg.is_some() { Rescale::Raw } else { Rescale::MinMax })),
        };
        let index = rule(answers.len() / 2, scale, weights, how).compile().unwrap();
        return json!(index.of(&answers).unwrap().map(points));
    }
    let rows: Vec<Vec<i16>> = asked.input["answers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r.as_array().unwrap().iter().map(|v| whole(v).unwrap()).collect())
        .collect();
    let columns: Vec<Vec<i16>> = (0..rows[0].len()).map(|q| rows.iter().map(|r| r[q]).collect()).collect();
    let missing = asked.meaning("missing").unwrap_or("available");
    let compiled = |rescale| {
        let mut rule = rule(columns.len(), scale, weights(), rescale);
        rule.missing =
            if missing == "question_means" { Missing::Available } else { Missing::from_name(missing).unwrap() };
        rule.compile().unwrap()
    };
    if missing == "question_means" {
        let means: Vec<Option<f64>> = columns.iter().map(|c| mean(c)).collect();
        let of = |rescale| compiled(rescale).of_means(&means).unwrap();
        return json!({ "mean": of(Rescale::Raw), "index": of(Rescale::MinMax) });
    }
    let of = |rescale| {
        let (index, slices) = (compiled(rescale), columns.iter().map(Vec::as_slice).collect::<Vec<_>>());
        let mut out = vec![0; rows.len()];
        index_block(&index, &slices, &mut out).unwrap();
        let given: Vec<i64> = out.into_iter().filter(|s| *s != MISSING_SCORE).collect();
        (given.iter().sum::<i64>() as f64 / given.len() as f64 / POINT as f64, given.len())
    };
    json!({ "mean": of(Rescale::Raw).0, "index": of(Rescale::MinMax).0, "n": of(Rescale::MinMax).1 })
}

fn average(asked: &Asked) -> Value {
    let evaluations: Vec<Evaluation> = match asked.input.get("evaluations") {
        Some(list) => list
            .as_array()
            .unwrap()
            .iter()
            .map(|e| Evaluation {
                earned: e["earned"].as_f64().unwrap(),
                possible: e["max"].as_f64().unwrap(),
                failed: false,
            })
            .collect(),
        None => asked
            .floats("reviews")
            .into_iter()
            .enumerate()
            .map(|(i, earned)| Evaluation {
                earned,
                possible: 100.0,
                failed: asked.floats("failed").contains(&(i as f64)),
            })
            .collect(),
    };
    let exclude = asked.options.get("exclude_failed").is_some_and(|v| v == true);
    let roll_up = RollUp::from_name(asked.option("rollup").unwrap()).unwrap();
    json!(qa_average(&evaluations, roll_up, exclude).unwrap())
}

fn calibration(asked: &Asked) -> Value {
    let d = deviations(asked.input["baseline"].as_f64().unwrap(), &asked.floats("evaluators")).unwrap();
    match asked.option("stat").unwrap() {
        "mean_signed" => json!(d.mean_signed),
        "mean_absolute" => json!(d.mean_absolute),
        "max_absolute" => json!(d.max_absolute),
        _ => json!(d.sd_sample),
    }
}

fn appeals(asked: &Asked) -> Value {
    let [filed, accepted, partial, rejected, open] =
        ["filed", "accepted", "partial", "rejected", "open"].map(|k| asked.count(k));
    let counts = AppealCounts::of_filed(filed, accepted, partial, rejected, open).unwrap();
    let of = AppealDenominator::from_name(asked.option("denominator").unwrap()).unwrap();
    let rate = counts.overturned(asked.option("partial") == Some("counts"), of);
    share(rate.numerator, rate.denominator)
}

/// Values are rounded to 6 decimals; shares are given reduced, or as the value alone.
fn agree(expected: &Value, got: &Value) -> bool {
    match (expected, got) {
        (Value::Number(a), Value::Object(map)) => agree(&Value::Number(a.clone()), &map["value"]),
        (Value::Object(a), Value::Object(b)) if a.contains_key("num") => {
            let number = |m: &Map<String, Value>, k: &str| m[k].as_u64().unwrap();
            number(a, "num") * number(b, "den") == number(b, "num") * number(a, "den")
                && agree(&a["value"], &b["value"])
        }
        (Value::Object(a), Value::Object(b)) => a.iter().all(|(k, v)| agree(v, &b[k])),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| agree(a, b)),
        (Value::Number(a), Value::Number(b)) => (a.as_f64().unwrap() - b.as_f64().unwrap()).abs() <= 5.1e-7,
        (a, b) => a == b,
    }
}

/// Runs the cases of our metrics in a file; how many variants of each passed, how many belong elsewhere.
fn run(path: &Path) -> BTreeMap<String, (usize, usize)> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let file: Value = serde_json::from_str(&text).unwrap();
    let (mut done, mut wrong) = (BTreeMap::new(), Vec::new());
    for case in file["cases"].as_array().unwrap() {
        let metric = case["metric"].as_str().unwrap();
        for variant in case["variants"].as_array().unwrap().iter().filter(|_| METRICS.contains(&metric)) {
            let mut input = case["input"].as_object().unwrap().clone();
            input.extend(variant.get("input").and_then(Value::as_object).cloned().unwrap_or_default());
            let asked = Asked { metric, input, options: variant["options"].as_object().unwrap().clone() };
            let counts: &mut (usize, usize) = done.entry(metric.to_owned()).or_default();
            if asked.options.keys().any(|k| asked.meaning(k) == Some("elsewhere")) {
                counts.1 += 1;
                continue;
            }
            let expected = variant.get("csat").map_or(&variant["expected"], |c| &c["expected"]);
            let got = asked.answer();
            if !agree(expected, &got) {
                wrong.push(format!("{} {}: expected {expected}, got {got}", case["id"], variant["variant"]));
            }
            counts.0 += 1;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    done
}

#[test]
fn the_vectors_of_the_repository_hold() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors");
    for (name, metric) in [("scorecard.json", "scorecard"), ("survey.json", "csi")] {
        assert!(run(&folder.join(name))[metric].0 > 0);
    }
}

#[test]
fn the_reference_vectors_hold() {
    let Some(folder) = std::env::var_os("CSAT_VECTORS") else {
        println!("CSAT_VECTORS is not set: the reference vectors are not run");
        return;
    };
    let done = run(&Path::new(&folder).join("domain.json"));
    println!("variants passed, elsewhere: {done:?}");
    assert_eq!(done.len(), METRICS.len());
}
