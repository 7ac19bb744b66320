//! Ratings, net promoter score and satisfaction indices.

use serde_json::{Value, json};

use crate::call::{Backend, Columns, Count, Line, Values};
use crate::case::{Case, Run, ask, list, number, part, shown, tally, wrong};
use crate::domain::object;

pub(crate) const CLASS_OPTIONS: &[(&str, &str)] = &[
    ("positive", "[]"),
    ("negative", "[]"),
    ("preset", "*"),
    ("agg", "mean|net"),
    ("rescale", "min_max|of_max"),
    ("stat", "response_rate|followup_due|missing"),
    ("denominator", "sent|answered"),
    ("below", "#"),
];

/// The answers of a case: listed, or counted as in `counts_1_to_7`.
fn ratings(case: &Case) -> Run<Vec<Option<i64>>> {
    let whole = |value: &Value| match value {
        Value::Null => Ok(None),
        other => match other.as_f64().filter(|v| v.fract() == 0.0) {
            Some(v) => Ok(Some(v as i64)),
            None => wrong(format!("{other} is no rating")),
        },
    };
    if case.has("ratings") {
        return case.list("ratings")?.iter().map(whole).collect();
    }
    let Some((key, counts)) = case.input.iter().find(|(key, _)| key.starts_with("counts_")) else {
        return wrong("no ratings");
    };
    let bounds: Vec<i64> = key["counts_".len()..].split("_to_").filter_map(|b| b.parse().ok()).collect();
    let [low, high] = bounds[..] else { return wrong(format!("`{key}` does not say which ratings are counted")) };
    let counts = list(counts, key)?;
    if counts.len() as i64 != high - low + 1 {
        return wrong(format!("`{key}` has {} counts", counts.len()));
    }
    let mut all = Vec::new();
    for (rating, count) in (low..).zip(counts) {
        all.extend(std::iter::repeat_n(Some(rating), number(count, key)? as usize));
    }
    Ok(all)
}

fn scale(case: &Case, default: [i64; 2]) -> Run<[i64; 2]> {
    match case.input("scale") {
        Value::Null => Ok(default),
        scale => {
            let bound = |key: &str| number(&scale[key], key).map(|b| b as i64);
            Ok([bound("min")?, bound("max")?])
        }
    }
}

fn door_scale([min, max]: [i64; 2]) -> Value {
    json!({"min": min, "max": max})
}

fn scores(ratings: Vec<Option<i64>>) -> Columns {
    vec![("score".to_owned(), Values::Integers(ratings))]
}

/// A share of those the survey was sent to.
fn of_sent(case: &Case, count: u64, backend: &mut dyn Backend) -> Run<Value> {
    let sent = case.input("sent");
    let value = ask(backend, "ratio.show", json!({"numerator": count, "denominator": sent}))?;
    Ok(json!({"numerator": count, "denominator": sent, "value": value}))
}

pub(crate) fn classes(case: &Case, backend: &mut dyn Backend) -> Run<Value> {
    if case.has("answer") {
        let arguments = [("answer", case.input("answer").clone()), ("preset", case.option("preset").clone())];
        return Ok(ask(backend, "survey.classify", object(arguments))?["label"].clone());
    }
    let default = if case.metric == "ces" { [1, 7] } else { [1, 5] };
    let (ratings, scale) = (ratings(case)?, scale(case, default)?);
    if case.word("stat") == "followup_due" {
        return ask(backend, "survey.follow_up", json!({"answers": ratings, "below": case.option("below")}));
    }
    let mut recipe = json!({"measure": "satisfaction", "scale": scale});
    for key in ["positive", "negative", "preset"].into_iter().filter(|key| case.asks(key)) {
        recipe[key] = case.option(key).clone();
    }
    if !case.asks("positive") && !case.asks("preset") {
        recipe["positive"] = json!([scale[1]]);
    }
    let lines = tally(backend, &Count::new(json!([recipe]), scores(ratings)))?;
    let positive = part(&lines, "positive")?;
    match (case.word("stat"), case.word("agg"), case.word("rescale")) {
        ("response_rate", ..) => of_sent(case, positive.n, backend),
        ("missing", ..) => Ok(json!(part(&lines, "missing")?.value)),
        (_, "mean", "of_max") => {
            let mean = part(&lines, "mean")?.value;
            let value =
                ask(backend, "survey.rescale", json!({"mean": mean, "scale": door_scale(scale), "how": "of_max"}))?;
            Ok(json!({ "value": value }))
        }
        (_, "mean", "min_max") => Ok(shown(part(&lines, "index")?)),
        (_, "mean", _) => Ok(shown(part(&lines, "mean")?)),
        (_, "net", _) => Ok(shown(part(&lines, "net")?)),
        _ if case.word("denominator") == "sent" => of_sent(case, positive.numerator.unwrap_or(0.0) as u64, backend),
        _ => Ok(shown(positive)),
    }
}

pub(crate) fn nps(case: &Case, backend: &mut dyn Backend) -> Run<Value> {
    let scale = scale(case, [0, 10])?;
    let rows = ratings(case)?;
    if case.word("agg") == "mean" {
        let recipe = json!([{"measure": "satisfaction", "scale": scale, "positive": [scale[1]]}]);
        let lines = tally(backend, &Count::new(recipe, scores(rows)))?;
        return Ok(shown(part(&lines, "mean")?));
    }
    let mut recipe = json!({"measure": "nps", "scale": scale});
    let declared = case.asks("promoter_min") || case.asks("detractor_max");
    if declared {
        let or = |key: &str, default: i64| if case.asks(key) { case.option(key).clone() } else { json!(default) };
        recipe["promoters"] = or("promoter_min", 9);
        recipe["detractors"] = or("detractor_max", 6);
    }
    // An id does not depend on answers, which may not be on the scale.
    let rows = if case.word("stat") == "id" { Vec::new() } else { rows };
    let mut count = Count::new(json!([recipe]), scores(rows));
    count.confidence = case.confidence();
    let lines = tally(backend, &count)?;
    let line = part(&lines, "nps")?;
    let counts = |lines: &[Line]| -> Run<Value> {
        let count = |path: &str| part(lines, path).map(|line| line.numerator.unwrap_or(0.0) as u64);
        Ok(json!({
            "detractors": count("detractors")?, "passives": count("passives")?, "promoters": count("promoters")?,
        }))
    };
    match (case.word("stat"), case.word("interval")) {
        ("id", _) => Ok(json!(line.definition)),
        ("missing", _) => Ok(json!(part(&lines, "missing")?.value)),
        ("se", _) => {
            let point = ask(backend, "net.point", counts(&lines)?)?;
            Ok(json!({"se_points": 100.0 * number(&point["standard_error"], "standard_error")?}))
        }
        (_, "adjusted_wald") => Ok(json!({"lo": line.low, "hi": line.high})),
        (_, "") => Ok(shown(line)),
        (_, interval) => {
            let mut arguments = counts(&lines)?;
            arguments["confidence"] = json!(case.confidence());
            let found = ask(backend, &format!("net.{interval}"), arguments)?;
            let points = |key: &str| number(&found[key], key).map(|limit| 100.0 * limit);
            Ok(json!({"lo": points("low")?, "hi": points("high")?}))
        }
    }
}

/// How a result is scaled: the mean on the scale of the answers, or on 0..100.
fn rescaling(case: &Case) -> &str {
    match case.word("rescale") {
        "" if case.word("agg") == "mean" => "raw",
        "" => "min_max",
        how => how,
    }
}

fn weights(case: &Case) -> Run<Vec<f64>> {
    let given = if case.asks("weights") { case.option("weights") } else { case.input("weights") };
    match given {
        Value::Array(all) => all.iter().map(|w| number(w, "weights")).collect(),
        _ => Ok(Vec::new()),
    }
}

pub(crate) fn index_of_means(case: &Case, backend: &mut dyn Backend) -> Run<Value> {
    let arguments = [
        ("means", case.input("means").clone()),
        ("scale", case.input("scale").clone()),
        ("weights", json!(weights(case)?)),
        ("how", json!(rescaling(case))),
    ];
    ask(backend, "survey.index_of_means", object(arguments))
}

/// One column a question, from rows of answers.
fn questions(rows: &[Vec<Option<i64>>], names: &[String]) -> Columns {
    names
        .iter()
        .enumerate()
        .map(|(at, name)| (name.clone(), Values::Integers(rows.iter().map(|row| row[at]).collect())))
        .collect()
}

fn names(prefix: &str, count: usize) -> Vec<String> {
    (1..=count).map(|i| format!("{prefix}{i}")).collect()
}

fn index(recipe: &Value, columns: &Columns, backend: &mut dyn Backend) -> Run<Vec<Line>> {
    tally(backend, &Count::new(json!([recipe]), columns.clone()))
}

pub(crate) fn index_by_importance(case: &Case, backend: &mut dyn Backend) -> Run<Value> {
    let whole = |key: &str| -> Run<Vec<Option<i64>>> {
        case.list(key)?
            .iter()
            .map(|v| if v.is_null() { Ok(None) } else { number(v, key).map(|v| Some(v as i64)) })
            .collect()
    };
    let (scores, importance) = (whole("scores")?, whole("importance")?);
    if scores.len() != importance.len() {
        return wrong("each score needs its importance");
    }
    let scale = scale(case, [1, 10])?;
    let (asked, weighed) = (names("q", scores.len()), names("w", scores.len()));
    let times_score = case.word("agg") == "importance_times_score";
    let questions_of: Vec<Value> = asked.iter().map(|name| json!({"column": name, "scale": scale})).collect();
    let mut columns = questions(&[scores], &asked);
    columns.extend(questions(&[importance], &weighed));
    let recipe = json!({
        "measure": "satisfaction_index", "questions": questions_of, "rescale": if times_score { "min_max" } else { rescaling(case) },
        "importance": {"columns": weighed, "scale": scale, "times_score": times_score}, "parts": ["score"],
    });
    Ok(shown(part(&index(&recipe, &columns, backend)?, "index")?))
}

pub(crate) fn index_of_answers(case: &Case, backend: &mut dyn Backend) -> Run<Value> {
    let rows: Run<Vec<Vec<Option<i64>>>> = case
        .list("answers")?
        .iter()
        .map(|row| {
            let answer = |v: &Value| if v.is_null() { Ok(None) } else { number(v, "answers").map(|v| Some(v as i64)) };
            list(row, "answers")?.iter().map(answer).collect()
        })
        .collect();
    let rows = rows?;
    let width = rows.first().map_or(0, Vec::len);
    if rows.iter().any(|row| row.len() != width) {
        return wrong("rows of answers have different lengths");
    }
    let (scale, weights, names) = (scale(case, [1, 10])?, weights(case)?, names("q", width));
    let question = |(i, name): (usize, &String)| json!({"column": name, "scale": scale, "weight": weights.get(i).copied().unwrap_or(1.0)});
    let missing = match case.word("missing") {
        "listwise" => "listwise",
        "as_min" => "as_minimum",
        _ => "available",
    };
    let recipe = |how: &str| {
        let mut recipe = json!({
            "measure": "satisfaction_index", "questions": names.iter().enumerate().map(question).collect::<Vec<_>>(),
            "missing": missing, "rescale": how, "parts": ["score", "questions"],
        });
        if case.asks("min_answered") {
            recipe["min_answered"] = case.option("min_answered").clone();
        }
        recipe
    };
    let columns = questions(&rows, &names);
    let path = if case.word("missing") == "question_means" { "index/question_means" } else { "index" };
    let (points, raw) = (index(&recipe("min_max"), &columns, backend)?, index(&recipe("raw"), &columns, backend)?);
    let line = part(&points, path)?;
    Ok(json!({"index": line.value, "mean": part(&raw, path)?.value, "n": line.n}))
}

/// So many whole marks 0..100 whose mean is the score, and gaps up to the width.
fn marks(count: usize, score: &Value, width: usize) -> Run<Vec<Option<i64>>> {
    let total = score.as_f64().unwrap_or(0.0) * count as f64;
    if (total - total.round()).abs() > 1e-9 || (score.is_null() && count > 0) {
        return wrong(format!("{score} is no mean of {count} whole marks"));
    }
    let (total, many) = (total.round() as i64, count.max(1) as i64);
    let mark = |i: usize| total / many + i64::from((i as i64) < total % many);
    Ok((0..width).map(|i| (i < count).then(|| mark(i))).collect())
}

/// Respondents who answered so many questions; ten questions, or as many as were answered.
pub(crate) fn index_of_counts(case: &Case, backend: &mut dyn Backend) -> Run<Value> {
    let answered: Run<Vec<usize>> =
        case.list("answered_counts")?.iter().map(|v| number(v, "answered_counts").map(|v| v as usize)).collect();
    let answered = answered?;
    let width = answered.iter().copied().max().unwrap_or(0).max(10);
    let scores = case.list("scores_if_used")?;
    if scores.len() != answered.len() {
        return wrong("each respondent needs a score");
    }
    let rows: Run<Vec<Vec<Option<i64>>>> =
        answered.iter().zip(scores).map(|(count, score)| marks(*count, score, width)).collect();
    let rows = rows?;
    let names = names("q", width);
    let asked: Vec<Value> = names.iter().map(|name| json!({"column": name, "scale": [0, 100]})).collect();
    let recipe = json!({
        "measure": "satisfaction_index", "questions": asked, "min_answered": case.option("min_answered"), "parts": ["score"],
    });
    let lines = index(&recipe, &questions(&rows, &names), backend)?;
    let line = part(&lines, "index")?;
    Ok(json!({"mean": line.value, "n": line.n}))
}
