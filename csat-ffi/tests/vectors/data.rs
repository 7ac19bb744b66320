//! Figures of public data sets that lie beside the vectors, in `../data`.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::call::{Backend, Columns, Count, Line, Values};
use crate::case::{Fail, Near, Run, ask, check, number, part, tally, text, wrong};
use crate::file::{File, Job};

/// A comma-separated file: header and rows of cells, quotes taken off.
pub(crate) fn table(path: &Path) -> Run<(Vec<String>, Vec<Vec<String>>)> {
    let text = fs::read_to_string(path).map_err(|e| Fail::Wrong(format!("{}: {e}", path.display())))?;
    let mut rows = records(text.trim_start_matches('\u{feff}'));
    if rows.is_empty() {
        return wrong(format!("{} is empty", path.display()));
    }
    let header = rows.remove(0);
    let width = header.len();
    rows.retain(|row| row.len() > 1 || row.iter().any(|c| !c.is_empty()));
    for row in &mut rows {
        row.resize(width, String::new());
    }
    Ok((header, rows))
}

/// Records of a comma-separated text; a quoted cell may hold commas, line ends and doubled quotes.
fn records(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '"' if quoted && characters.peek() == Some(&'"') => {
                cell.push('"');
                characters.next();
            }
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell).trim().to_owned()),
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell).trim().to_owned());
                rows.push(std::mem::take(&mut row));
            }
            '\r' if !quoted => {}
            other => cell.push(other),
        }
    }
    if !cell.is_empty() || !row.is_empty() {
        row.push(cell.trim().to_owned());
        rows.push(row);
    }
    rows
}

/// A cell as a number, a text or null.
pub(crate) fn cell(text: &str) -> Value {
    match text.parse::<f64>() {
        _ if text.is_empty() => Value::Null,
        Ok(number) if number.fract() == 0.0 && number.abs() < 9e15 => json!(number as i64),
        Ok(number) => json!(number),
        Err(_) => Value::from(text),
    }
}

/// A data file: named from the directory above that of the vectors, or above any directory of vectors.
pub(crate) fn beside(file: &Path, name: &str) -> Option<PathBuf> {
    let directories = std::env::var_os("CSAT_VECTORS").unwrap_or_default();
    let own = file.parent().map(Path::to_owned);
    let mut all = own.into_iter().chain(std::env::split_paths(&directories));
    all.find_map(|directory| Some(directory.parent()?.join(name)).filter(|path| path.exists()))
}

/// The figures of one data set.
type Set = fn(&mut dyn Backend, &Path, &Value) -> Run<()>;

/// Data set, figure (a pointer), how it is made.
const SETS: &[(&str, &str, Set)] = &[
    ("anonymous_bank_feb1999", "", bank),
    ("nps_airlines", "", airlines),
    ("nps_event_survey", "", event_survey),
    ("ecsi_mobi", "", mobile),
    ("raters_irr", "/diagnoses", diagnoses),
    ("agent_monthly_metrics", "", agents),
    ("it_tickets_sla", "", tickets),
];

/// One vector for each data set.
pub(crate) fn jobs(file: &File) -> Vec<Job<'_>> {
    let sets = file.content["datasets"].as_object().into_iter().flatten();
    sets.map(|(name, figures)| {
        let job = move |backend: &mut dyn Backend| -> Run<()> {
            let Some((_, figure, set)) = SETS.iter().find(|(known, ..)| known == name) else {
                return Err(Fail::NotRun(format!("no mapping for the data set `{name}`")));
            };
            let Some(folder) = beside(&file.path, &format!("data/{name}")) else {
                return Err(Fail::NotRun("the data set is not beside the vectors".into()));
            };
            set(backend, &folder, figures.pointer(figure).unwrap_or(&Value::Null))
        };
        (name.clone(), Box::new(job) as Box<dyn Fn(&mut dyn Backend) -> Run<()>>)
    })
    .collect()
}

const PRINTED: Near = Near::Within(5.1e-7, 0.0);

fn position(header: &[String], name: &str) -> Run<usize> {
    header.iter().position(|h| h == name).ok_or_else(|| Fail::Wrong(format!("no column `{name}`")))
}

fn integers(rows: &[Vec<String>], at: usize) -> Vec<Option<i64>> {
    rows.iter().map(|row| row[at].parse::<f64>().ok().filter(|x| x.fract() == 0.0).map(|x| x as i64)).collect()
}

fn texts(rows: &[Vec<String>], at: usize) -> Vec<Option<String>> {
    rows.iter().map(|row| Some(row[at].clone())).collect()
}

/// Every key of the expected object is a figure found; keys listed as notes are for people.
fn figures(expected: &Value, notes: &[&str], found: &Value) -> Run<()> {
    let mut expected = expected.clone();
    if let Some(map) = expected.as_object_mut() {
        for note in notes {
            map.shift_remove(*note);
        }
    }
    check(&expected, found, PRINTED)
}

fn bank(backend: &mut dyn Backend, folder: &Path, expected: &Value) -> Run<()> {
    let path = folder.join("data_anonymous_bank_february.txt");
    let text = fs::read_to_string(&path).map_err(|e| Fail::Wrong(format!("{}: {e}", path.display())))?;
    let mut lines = text.lines().map(|line| line.split('\t').map(str::trim).collect::<Vec<_>>());
    let header: Vec<String> = lines.next().unwrap_or_default().into_iter().map(str::to_owned).collect();
    let all: Vec<Vec<&str>> = lines.filter(|row| row.len() > 1).collect();
    let at = |name: &str| position(&header, name);
    let (vru, wait, outcome, kind) = (at("vru_time")?, at("q_time")?, at("outcome")?, at("type")?);
    let (talk, server) = (at("ser_time")?, at("server")?);
    let seconds = |row: &Vec<&str>, at: usize| row[at].parse::<f64>().ok();
    let rows: Vec<&Vec<&str>> =
        all.iter().filter(|r| r[outcome] != "PHANTOM" && seconds(r, vru).is_some_and(|v| v >= 0.0)).collect();
    let class = |row: &&Vec<&str>| Some(if row[outcome] == "AGENT" { "answered" } else { "abandoned" }.to_owned());
    let columns: Columns = vec![
        ("outcome".into(), Values::Texts(rows.iter().map(class).collect())),
        ("wait".into(), Values::Seconds(rows.iter().map(|r| seconds(r, wait)).collect())),
        // Who was never served has no handle time.
        (
            "talk".into(),
            Values::Seconds(rows.iter().map(|r| seconds(r, talk).filter(|_| r[server] != "NO_SERVER")).collect()),
        ),
        ("type".into(), Values::Texts(rows.iter().map(|r| Some(r[kind].to_owned())).collect())),
    ];
    let level = |name: &str| json!({"measure": "service_level", "within": ["20s"], "definitions": name});
    let measures = json!([
        "volume",
        "abandonment",
        "speed_of_answer",
        {"measure": "wait", "of": "abandoned"},
        {"measure": "handle_time", "parts": ["talk"]},
    ]);
    let lines = tally(backend, &Count::new(measures, columns.clone()))?;
    let of = |measure: &str, path: &str| {
        let found = lines.iter().find(|l| l.measure == measure && l.part == path);
        found.cloned().ok_or_else(|| Fail::Wrong(format!("no `{measure}` `{path}`")))
    };
    let mut read = |definition: &str| -> Run<Line> {
        let lines = tally(backend, &Count::new(json!([level(definition)]), columns.clone()))?;
        part(&lines, "level").cloned()
    };
    let offered = read("offered")?;
    let (answered_only, excluded, hit) =
        (read("answered_only")?, read("abandons_within_t_excluded")?, read("abandons_within_t_hit")?);
    let mut by_type = Count::new(json!(["abandonment"]), columns.clone());
    by_type.plan["keys"] = json!(["type"]);
    let typed = tally(backend, &by_type)?;
    let mut types = json!({});
    for line in typed.iter().filter(|line| line.part == "rate") {
        types[&line.keys[0]] = json!({"offered": line.n, "abandon_rate": line.value});
    }
    figures(
        expected,
        &[],
        &json!({
            "rows": all.len(),
            "offered_no_phantom_vru_ge_0": of("volume", "contacts")?.value,
            "answered_AGENT": of("volume", "answered")?.value,
            "abandoned_HANG": of("volume", "abandoned")?.value,
            "abandon_rate": of("abandonment", "rate")?.value,
            "asa_q_time_answered": of("speed_of_answer", "mean")?.value,
            "mean_wait_abandoned": of("wait", "mean")?.value,
            "mean_service_time_served": of("handle_time", "talk/mean")?.value,
            "sl20": {
                "answered_in_T": offered.numerator,
                "abandoned_in_T": hit.numerator.zip(offered.numerator).map(|(hit, plain)| hit - plain),
                "over_answered": answered_only.value,
                "over_offered": offered.value,
                "over_offered_minus_short_abandons": excluded.value,
                "abandons_in_T_count_as_met": hit.value,
            },
            "by_type": types,
        }),
    )
}

/// Scores by group: number, classes, net and its standard error, in points.
fn nps(backend: &mut dyn Backend, scores: Vec<Option<i64>>) -> Run<Value> {
    let lines = tally(backend, &Count::new(json!(["nps"]), vec![("score".into(), Values::Integers(scores))]))?;
    let count = |path: &str| part(&lines, path).map(|line| line.numerator.unwrap_or(0.0) as u64);
    let counts = json!({
        "promoters": count("promoters")?, "passives": count("passives")?, "detractors": count("detractors")?,
    });
    let point = ask(backend, "net.point", counts.clone())?;
    let line = part(&lines, "nps")?;
    Ok(json!({
        "n": line.n, "promoters": counts["promoters"], "passives": counts["passives"],
        "detractors": counts["detractors"], "nps": line.value,
        "nps_se_points": 100.0 * number(&point["standard_error"], "standard_error")?,
    }))
}

fn airlines(backend: &mut dyn Backend, folder: &Path, expected: &Value) -> Run<()> {
    let mut rows: Vec<(String, Option<i64>)> = Vec::new();
    for name in ["other_airlines.csv", "prep_air.csv"] {
        let (header, table) = table(&folder.join(name))?;
        let score = header.iter().position(|h| h.starts_with("How likely")).unwrap_or(header.len() - 1);
        let airline = position(&header, "Airline")?;
        rows.extend(texts(&table, airline).into_iter().flatten().zip(integers(&table, score)));
    }
    let scores = |keep: &dyn Fn(&str) -> bool| -> Vec<Option<i64>> {
        rows.iter().filter(|(airline, _)| keep(airline)).map(|(_, score)| *score).collect()
    };
    let columns: Columns = vec![
        ("airline".into(), Values::Texts(rows.iter().map(|(airline, _)| Some(airline.clone())).collect())),
        ("score".into(), Values::Integers(scores(&|_| true))),
    ];
    let mut count = Count::new(json!(["nps"]), columns);
    count.plan["keys"] = json!(["airline"]);
    let lines = tally(backend, &count)?;
    let nets: Vec<&Line> = lines.iter().filter(|line| line.part == "nps").collect();
    let large: Vec<&Line> = nets.iter().copied().filter(|line| line.n >= 50).collect();
    let mut per_group = json!({});
    for line in &large {
        per_group[&line.keys[0]] = json!({"n": line.n, "nps": line.value});
    }
    let prep = nps(backend, scores(&|airline| airline == "Prep Air"))?;
    // Points of groups with each percentage rounded down, and how far the airline lies above their mean.
    let floored = |backend: &mut dyn Backend, line: &Line| -> Run<f64> {
        let count = |path: &str| {
            let found = lines.iter().find(|l| l.part == path && l.keys == line.keys);
            found.and_then(|l| l.numerator).unwrap_or(0.0) as u64
        };
        let counts =
            json!({"promoters": count("promoters"), "passives": count("passives"), "detractors": count("detractors")});
        number(&ask(backend, "net.floored_points", counts)?, "floored points")
    };
    let mut exact = Vec::new();
    let mut down = Vec::new();
    for line in &large {
        exact.push(line.value.unwrap_or(f64::NAN));
        down.push(floored(backend, line)?);
    }
    let own = large.iter().position(|line| line.keys[0] == "Prep Air").unwrap_or(0);
    let mut z = |values: &[f64]| -> Run<f64> {
        let moments = ask(backend, "sum.moments", json!({ "values": values }))?;
        let spread = number(&moments["standard_deviation"], "standard_deviation")?;
        Ok((values[own] - number(&moments["mean"], "mean")?) / spread)
    };
    let (z_down, z_exact) = (z(&down)?, z(&exact)?);
    let overall = nps(backend, scores(&|_| true))?;
    figures(
        expected,
        &["note", "published"],
        &json!({
            "rows": rows.len(), "groups": nets.len(), "groups_ge_50": large.len(), "overall_all_rows": overall,
            "prep_air_exact": prep, "floor_rule_prep_air": down[own], "floor_rule_z_sample_sd": z_down,
            "exact_rule_z_sample_sd": z_exact, "per_group_ge_50": per_group,
        }),
    )?;
    let published = &expected["published"];
    let rounded = (z_down * 100.0).round() / 100.0;
    check(&published["nps"], &json!(down[own]), PRINTED).and(check(&published["z"], &json!(rounded), PRINTED))
}

fn event_survey(backend: &mut dyn Backend, folder: &Path, expected: &Value) -> Run<()> {
    let (header, rows) = table(&folder.join("responses.csv"))?;
    // The overall rating is the first column of whole numbers 0-10.
    let whole = |at: &usize| {
        let values = integers(&rows, *at);
        values.iter().flatten().count() * 2 > rows.len() && values.iter().flatten().all(|v| (0..=10).contains(v))
    };
    let Some(score) = (1..header.len()).find(whole) else { return wrong("no column of ratings") };
    let mut found = nps(backend, integers(&rows, score))?;
    found["rows_in_file"] = json!(rows.len());
    let published = &expected["published"];
    let one_decimal = number(&found["nps"], "nps").map(|nps| (nps * 10.0).round() / 10.0)?;
    check(&published["nps_1dp"], &json!(one_decimal), PRINTED)?;
    figures(expected, &["published"], &found)
}

fn mobile(backend: &mut dyn Backend, folder: &Path, expected: &Value) -> Run<()> {
    let (header, rows) = table(&folder.join("mobi.csv"))?;
    let column = |name: &str| position(&header, name).map(|at| Values::Integers(integers(&rows, at)));
    let index = |weights: &[(String, f64)]| -> Run<Count> {
        let questions: Vec<Value> =
            weights.iter().map(|(name, weight)| json!({"column": name, "weight": weight})).collect();
        let columns: Run<Columns> = weights.iter().map(|(name, _)| Ok((name.clone(), column(name)?))).collect();
        Ok(Count::new(json!([{"measure": "satisfaction_index", "questions": questions}]), columns?))
    };
    let items = |prefix: &str| -> Vec<(String, f64)> {
        header.iter().filter(|h| h.starts_with(prefix)).map(|h| (h.clone(), 1.0)).collect()
    };
    let items: Vec<(&String, Vec<(String, f64)>)> =
        expected["alpha"].as_object().into_iter().flatten().map(|(block, _)| (block, items(block))).collect();
    let mut alphas = json!({});
    for (block, items) in &items {
        let lines = tally(backend, &index(items)?)?;
        alphas[*block] = json!(part(&lines, "alpha")?.value);
    }
    let all: Vec<(String, f64)> =
        header.iter().filter(|h| expected["item_means"].get(*h).is_some()).map(|h| (h.clone(), 1.0)).collect();
    let lines = tally(backend, &index(&all)?)?;
    let mut means = json!({});
    for (name, _) in &all {
        means[name] = json!(part(&lines, &format!("question/{name}/mean"))?.value);
    }
    let satisfaction: Vec<(String, f64)> = all.iter().filter(|(name, _)| name.starts_with("CUSA")).cloned().collect();
    let plain = tally(backend, &index(&satisfaction)?)?;
    let weighted = weights(backend, folder, &satisfaction, &header, &rows)?;
    let mut derived = index(&weighted)?;
    derived.plan["measures"][0]["derived"] = json!(true);
    let derived = tally(backend, &derived)?;
    figures(
        expected,
        &["csi_weight_rule", "max_abs_diff_to_plspm_mobile_0_100"],
        &json!({
            "rows": rows.len(), "alpha": alphas, "alpha_all_24": part(&lines, "alpha")?.value, "item_means": means,
            "csi_unweighted_0_100_CUSA": part(&plain, "index")?.value,
            "csi_smartpls_weighted_0_100_CUSA": part(&derived, "index")?.value,
            "all24_index_0_100": part(&lines, "index")?.value,
        }),
    )
}

/// Published weights of standardised items, each divided by the standard deviation of its item, sum 1.
fn weights(
    backend: &mut dyn Backend,
    folder: &Path,
    items: &[(String, f64)],
    header: &[String],
    rows: &[Vec<String>],
) -> Run<Vec<(String, f64)>> {
    let path = folder.join("smartpls_outer_weights_pathWeighting.txt");
    let published = fs::read_to_string(&path).map_err(|e| Fail::Wrong(format!("{}: {e}", path.display())))?;
    let mut weights = Vec::new();
    for (name, _) in items {
        let line = published.lines().find(|l| l.split('\t').next().is_some_and(|first| first.trim() == name));
        let cells = line.into_iter().flat_map(|l| l.split('\t').skip(1));
        let weight = cells.filter_map(|c| c.trim().replace(',', ".").parse::<f64>().ok()).find(|w| *w != 0.0);
        let weight = weight.ok_or_else(|| Fail::Wrong(format!("no weight of {name}")))?;
        let values: Vec<i64> = integers(rows, position(header, name)?).into_iter().flatten().collect();
        let moments = ask(backend, "sum.moments", json!({ "values": values }))?;
        weights.push((name.clone(), weight / number(&moments["standard_deviation"], "standard_deviation")?));
    }
    let sum: f64 = weights.iter().map(|(_, w)| w).sum();
    Ok(weights.into_iter().map(|(name, w)| (name, w / sum)).collect())
}

fn diagnoses(backend: &mut dyn Backend, folder: &Path, expected: &Value) -> Run<()> {
    let (header, rows) = table(&folder.join("diagnoses.csv"))?;
    let marks: Vec<Vec<Value>> = rows.iter().map(|row| row.iter().map(|text| cell(text)).collect()).collect();
    let ratings = json!({ "ratings": marks });
    let rater =
        |name: &str| position(&header, name).map(|at| marks.iter().map(|row| row[at].clone()).collect::<Vec<_>>());
    let value = |answer: Value, field: &str| answer[field].clone();
    let unanimous = ask(backend, "agreement.unanimity", ratings.clone())?;
    let pair = json!({"rater1": rater("rater2")?, "rater2": rater("rater3")?});
    let found = json!({
        "fleiss_kappa": value(ask(backend, "agreement.fleiss_kappa", ratings.clone())?, "value"),
        "krippendorff_nominal": value(ask(backend, "agreement.krippendorff_alpha", ratings)?, "value"),
        "cohen_kappa_rater2_rater3": value(ask(backend, "agreement.cohen_kappa", pair)?, "value"),
        "all_agree_pct": 100.0 * number(&unanimous["share"], "share")?,
    });
    figures(expected, &["published_fleiss_1971_3dp"], &found)?;
    // No figures are given for the scores of videos and anxiety: the mean of raters has the reliability of a scale.
    for name in ["video.csv", "anxiety.csv"] {
        let (_, rows) = table(&folder.join(name))?;
        let scores: Vec<Vec<Value>> = rows.iter().map(|row| row.iter().map(|text| cell(text)).collect()).collect();
        let icc = ask(backend, "agreement.icc", json!({ "ratings": scores }))?;
        let alpha = ask(backend, "reliability.cronbach_alpha", json!({ "items": scores }))?;
        check(&alpha["alpha"], &icc["icc3_k"]["value"], PRINTED)?;
    }
    Ok(())
}

fn agents(backend: &mut dyn Backend, folder: &Path, expected: &Value) -> Run<()> {
    let (mut shares, mut names, mut sums, mut rows) = (Vec::new(), Vec::new(), [0i64; 3], 0);
    for month in 1..=12 {
        let (header, table) = table(&folder.join(format!("month_{month:02}.csv")))?;
        let header: Vec<String> = header.iter().map(|h| h.trim_start_matches("Calls ").to_owned()).collect();
        let [offered, missed, answered] =
            [position(&header, "Offered")?, position(&header, "Not Answered")?, position(&header, "Answered")?];
        let agent = position(&header, "AgentID")?;
        rows += table.len();
        names.extend(table.iter().map(|row| row[agent].clone()));
        for (at, column) in [offered, missed, answered].into_iter().enumerate() {
            sums[at] += integers(&table, column).into_iter().flatten().sum::<i64>();
        }
        shares.extend(integers(&table, missed).into_iter().zip(integers(&table, offered)));
    }
    names.sort();
    names.dedup();
    let intervals: Vec<(i64, i64)> = shares.into_iter().filter_map(|(missed, offered)| missed.zip(offered)).collect();
    let rate = ask(backend, "ratio.roll_up", json!({ "intervals": intervals }))?;
    let found = json!({
        "agent_month_rows": rows, "agents": names.len(), "offered": rate["denominator"], "answered": sums[2],
        "not_answered": rate["numerator"], "not_answered_rate_pooled": rate["value"],
    });
    figures(expected, &[], &found)
}

/// Business days Monday to Friday; a start or end on a weekend is moved as the data set's own rule says, which working
/// time does by itself.
fn tickets(backend: &mut dyn Backend, folder: &Path, expected: &Value) -> Run<()> {
    let (_, limits) = table(&folder.join("sla_by_department.csv"))?;
    let mut events: Vec<(String, String, i64, String)> = Vec::new();
    for name in ["tickets_1.csv", "tickets_2.csv", "tickets_3.csv"] {
        let (header, rows) = table(&folder.join(name))?;
        let [ticket, time, number, status] = ["Ticket", "Timestamp", "Status No.", "Status Name"];
        let at = [
            position(&header, ticket)?,
            position(&header, time)?,
            position(&header, number)?,
            position(&header, status)?,
        ];
        for row in rows {
            let number = row[at[2]].parse().map_err(|_| Fail::Wrong(format!("{}: no status number", row[at[0]])))?;
            events.push((row[at[0]].clone(), stamp(&row[at[1]])?, number, row[at[3]].clone()));
        }
    }
    let mut tickets: Vec<&String> = events.iter().map(|e| &e.0).collect();
    tickets.sort();
    tickets.dedup();
    let week = json!([["00:00", "24:00"]]);
    let hours = json!({"mon": week, "tue": week, "wed": week, "thu": week, "fri": week});
    let calendar = json!({"time_zone": "UTC", "hours": hours});
    let (mut statuses, mut days, mut met) = (std::collections::BTreeMap::<String, u64>::new(), Vec::new(), 0);
    let mut departments = std::collections::BTreeMap::<String, (u64, u64)>::new();
    for ticket in &tickets {
        let own: Vec<_> = events.iter().filter(|e| &e.0 == *ticket).collect();
        let Some(last) = own.iter().max_by_key(|e| e.2) else { continue };
        *statuses.entry(last.3.clone()).or_default() += 1;
        let closed = own.iter().filter(|e| e.3 == "Closed").map(|e| &e.1).max();
        let (Some(start), Some(end)) = (own.iter().map(|e| &e.1).min(), closed.filter(|_| last.3 == "Closed")) else {
            continue;
        };
        let seconds = ask(backend, "calendar.elapsed", json!({"calendar": calendar, "start": start, "end": end}))?;
        let elapsed = number(&seconds, "elapsed")? / 86400.0;
        let department = ticket.split('/').nth(1).unwrap_or("").trim().to_owned();
        let limit = limits.iter().find(|row| row[0] == department).map_or("", |row| row[1].as_str());
        let limit: f64 = limit.parse().map_err(|_| Fail::Wrong(format!("no limit for `{department}`")))?;
        let in_time = elapsed <= limit;
        days.push(elapsed);
        met += u64::from(in_time);
        let counts = departments.entry(department).or_default();
        *counts = (counts.0 + u64::from(in_time), counts.1 + 1);
    }
    let quantiles = ask(backend, "quantile.exact", json!({"values": days, "probabilities": [0.5, 0.9], "kind": 7}))?;
    let moments = ask(backend, "sum.moments", json!({ "values": days }))?;
    let share = |(met, all): &(u64, u64)| (10000.0 * *met as f64 / *all as f64).round() / 100.0;
    let achieved: serde_json::Map<String, Value> =
        departments.iter().map(|(name, counts)| (name.clone(), json!(share(counts)))).collect();
    let all = days.len() as u64;
    let found = json!({
        "events": events.len(), "tickets": tickets.len(), "current_status": statuses, "timestamp_parse_failures": 0,
        "published": {
            "current_status": statuses, "closed_missed_sla": all - met, "closed_met_sla": met,
            "achieved_pct_sla18": achieved,
        },
        "closed": all, "met": met, "missed": all - met, "achieved_pct_sla18": achieved,
        "mean_business_days_closed": moments["mean"], "median_business_days_closed": quantiles[0],
        "p90_linear": quantiles[1],
    });
    // A weekend end moved back to 23:59:59 is a second short of Monday's midnight.
    check(expected, &found, Near::Within(2.0 / 86400.0, 0.0))
}

/// `31/12/2021 13:05:00` and kin as an instant.
fn stamp(written: &str) -> Run<String> {
    let (date, time) = written.split_once(' ').unwrap_or((written, "00:00:00"));
    let parts: Vec<&str> = date.split(['/', '-']).collect();
    let [a, b, c] = parts[..] else { return wrong(format!("`{written}` is no time")) };
    let (year, month, day) = if a.len() == 4 { (a, b, c) } else { (c, b, a) };
    let time = if time.matches(':').count() == 1 { format!("{time}:00") } else { time.to_owned() };
    text(&json!(format!("{year}-{month:0>2}-{day:0>2}T{time:0>8}Z")), "time").map(str::to_owned)
}
