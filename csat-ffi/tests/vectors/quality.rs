//! Scorecards, averages of evaluations, calibration and appeals.

use serde_json::{Map, Value, json};

use crate::call::{Backend, Columns, Count, Values, has_measure};
use crate::case::{Case, Fail, Run, ask, list, number, part, tally, text, wrong};
use crate::domain::object;
use crate::reach::agree;

/// The form of a case, as a form file says it.
fn form(case: &Case) -> Run<Value> {
    let mut rule = if case.asks("preset") { json!({}) } else { json!({"sections": "percent"}) };
    if case.asks("section_combine") {
        let combine = case.option("section_combine");
        rule["sections"] = combine.clone();
        rule["criteria"] = combine.clone();
    }
    if case.asks("combine") {
        rule["aggregate"] = case.option("combine").clone();
        if case.word("combine") == "pooled" {
            rule["sections"] = json!("points");
        }
    }
    for key in ["na", "bonus"].into_iter().filter(|key| case.asks(key)) {
        rule[key] = case.option(key).clone();
    }
    if case.asks("cap") {
        rule["cap"] = if case.option("cap").is_null() { json!("none") } else { case.option("cap").clone() };
    }
    let fails = case.asks("auto_fail") && case.word("auto_fail") != "none";
    if fails {
        rule["critical"] = case.option("auto_fail").clone();
    }
    let lists = |key: &str, id: &Value| case.input(key).as_array().is_some_and(|ids| ids.contains(id));
    let kept =
        |section: &Value| case.option("sections").as_array().is_none_or(|names| names.contains(&section["section"]));
    let mut sections = Vec::new();
    for section in case.list("form")?.iter().filter(|section| kept(section)) {
        let mut criteria = Vec::new();
        for question in list(&section["questions"], "questions")? {
            let id = &question["id"];
            let min = question.get("min").cloned().unwrap_or(json!(0));
            let mut criterion = json!({"id": id, "min": min, "max": question["max"], "weight": question["weight"]});
            let answer = case.input("answers").get(text(id, "id")?);
            if fails && lists("auto_failed", id) && answer.is_some_and(|a| !a.is_null()) {
                criterion["critical"] = json!({"options": [answer.map(Value::to_string)]});
            }
            if lists("critical", id) {
                criterion["critical"] = json!(true);
            }
            criteria.push(criterion);
        }
        sections.push(json!({
            "id": section["section"], "weight": section["weight"], "criteria": criteria,
            "bonus": section.get("bonus").cloned().unwrap_or(json!(false)),
        }));
    }
    let mut form = json!({"id": "case", "version": 1, "rule": rule, "sections": sections});
    if case.asks("preset") {
        form["preset"] = case.option("preset").clone();
    }
    Ok(form)
}

pub(crate) fn scorecard(case: &Case, backend: &mut dyn Backend) -> Run<Value> {
    let form = form(case)?;
    let ids: Vec<Value> = form["sections"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|section| section["criteria"].as_array().into_iter().flatten().map(|c| c["id"].clone()))
        .collect();
    let given = case.input("answers").as_object().cloned().unwrap_or_default();
    // Null is N/A in these vectors; not answered is something else.
    let said = |answer: Value| if answer.is_null() { json!("n/a") } else { answer };
    let kept = given.into_iter().filter(|(id, _)| ids.contains(&json!(id)));
    let answers: Map<String, Value> = kept.map(|(id, answer)| (id, said(answer))).collect();
    let scored = ask(backend, "form.score", json!({"form": form, "answers": answers}))?;
    if has_measure("scorecard") {
        measured(&form, &answers, &scored, backend)?;
    }
    Ok(match case.word("stat") {
        "score_and_outcome" => {
            json!({"score": scored["score"], "outcome": if scored["failed"] == true { "fail" } else { "pass" }})
        }
        "section_scores" => scored["sections"].as_object().map(|s| s.values().cloned().collect()).unwrap_or_default(),
        _ => scored["score"].clone(),
    })
}

/// The measure must give the same score and the same failure, of one evaluation and of three alike.
fn measured(form: &Value, answers: &Map<String, Value>, scored: &Value, backend: &mut dyn Backend) -> Run<()> {
    for rows in [1, 3] {
        let column = |answer: &Value| match answer.as_f64() {
            // As text, so that N/A can be said.
            Some(number) => vec![Some(number.to_string()); rows],
            None => vec![Some("n/a".to_owned()); rows],
        };
        let columns: Columns = answers.iter().map(|(id, a)| (id.clone(), Values::Texts(column(a)))).collect();
        let recipe = json!([{"measure": "scorecard", "forms": [form], "parts": ["score"]}]);
        let lines = tally(backend, &Count::new(recipe, columns))?;
        agree(&scored["score"], &json!(part(&lines, "score")?.value))
            .and_then(|()| {
                let failed = part(&lines, "failed")?.numerator;
                let wanted = if scored["failed"] == true { rows as f64 } else { 0.0 };
                if failed.is_none_or(|f| f == wanted) { Ok(()) } else { wrong(format!("{failed:?} failed")) }
            })
            .map_err(|e| Fail::Wrong(format!("the measure of {rows} such evaluations: {}", e.message())))?;
    }
    Ok(())
}

pub(crate) fn average(case: &Case, backend: &mut dyn Backend) -> Run<Value> {
    let mut evaluations = Vec::new();
    if case.has("reviews") {
        let failed = case.input("failed").as_array().cloned().unwrap_or_default();
        for (at, score) in case.list("reviews")?.iter().enumerate() {
            evaluations.push(json!({"earned": score, "possible": 100, "failed": failed.contains(&json!(at))}));
        }
    } else {
        for e in case.list("evaluations")? {
            evaluations.push(json!({
                "earned": e["earned"], "possible": e["max"], "failed": e.get("failed").cloned().unwrap_or(json!(false)),
            }));
        }
    }
    let arguments = [
        ("evaluations", evaluations.into()),
        ("roll_up", case.option("rollup").clone()),
        ("exclude_failed", case.option("exclude_failed").clone()),
    ];
    ask(backend, "quality.average", object(arguments))
}

pub(crate) fn deviations(case: &Case, backend: &mut dyn Backend) -> Run<Value> {
    let arguments = [("baseline", case.input("baseline").clone()), ("evaluators", case.input("evaluators").clone())];
    let found = ask(backend, "agreement.deviations", object(arguments))?;
    let field = if case.word("stat") == "sd_sample" { "standard_deviation" } else { case.word("stat") };
    Ok(found[field].clone())
}

pub(crate) fn agreement(case: &Case, backend: &mut dyn Backend) -> Run<Value> {
    let found = ask(backend, "agreement.cohen_kappa", json!({"table": case.input("table")}))?;
    Ok(found[if case.word("stat") == "agreement" { "observed" } else { "value" }].clone())
}

pub(crate) fn appeals(case: &Case, backend: &mut dyn Backend) -> Run<Value> {
    let mut arguments = Value::Object(case.input.clone());
    arguments["partial_counts"] = json!(case.word("partial") != "does_not_count");
    arguments["denominator"] = case.option("denominator").clone();
    for key in ["accepted", "partial", "rejected"] {
        number(case.input(key), key)?;
    }
    ask(backend, "appeal.overturn_rate", arguments)
}
