//! Metrics of contact centres and surveys: the one table from (metric, inputs, options) to calls.

use serde_json::{Map, Value};

use crate::call::Backend;
use crate::case::{Case, Fail, Near, Run, check, compare, is_expected, wrong};
use crate::file::Job;
use crate::{links, quality, reach, response, survey, workforce};

/// How the vectors of one metric with certain inputs are run.
struct Row {
    metric: &'static str,
    /// The input that marks these vectors; empty for any.
    mark: &'static str,
    /// The inputs it may have.
    inputs: &'static [&'static str],
    /// The options it may have, and their values: words joined by `|`; `#` any number, `[]` any list, `{}` any object,
    /// `*` anything. A word that ends in `!` names what the source does and csat does not: it is known only where the
    /// vector says so by `csat`. A key that begins with `*` stands for every key with that ending.
    options: &'static [(&'static str, &'static str)],
    run: fn(&Case, &mut dyn Backend) -> Run<Value>,
}

const CELL: &str = "hit|miss|exclude";
const ROLLUP: &str = "ratio_of_sums|mean_of_ratios";
const SHORT: &str = "short_abandon_s";

const TABLE: &[Row] = &[
    Row {
        metric: "service_level",
        mark: "answered_waits_s",
        inputs: &["threshold_s", "answered_waits_s"],
        options: &[("cmp", "<=|<"), ("trim_top", "#")],
        run: reach::trimmed,
    },
    Row {
        metric: "service_level",
        mark: "contacts",
        inputs: &["threshold_s", "contacts", SHORT, "now_s", "denominator", "slot_minutes"],
        options: &[
            ("definition", "*"),
            ("cmp", "<=|<"),
            ("answered_cmp", "<=|<"),
            ("abandoned_excluded_cmp", "<=|<"),
            ("pending", "ignore|count_overdue|count_all"),
            ("resolution", "exact|epoch_seconds|floor_duration"),
            ("attribution", "arrival|outcome|sl_event|disconnect"),
            ("clock_start", "offered|started|rang"),
            ("*_all", CELL),
            ("*_in", CELL),
            ("*_after", CELL),
            ("abandoned_short", CELL),
        ],
        run: reach::service_level,
    },
    Row {
        metric: "abandonment_rate",
        mark: "entered_ivr",
        inputs: &[
            "entered_ivr",
            "hung_up_in_ivr",
            "self_served",
            "queued",
            "abandoned_in_queue",
            "of_which_short",
            "*",
        ],
        options: &[
            ("stage", "queue|ivr+queue"),
            ("metric", "containment"),
            ("rule", "not_queued|completed|completed_no_repeat"),
            ("window_h", "#"),
        ],
        run: reach::menu,
    },
    Row {
        metric: "abandonment_rate",
        mark: "contacts",
        inputs: &["threshold_s", "contacts", SHORT],
        options: &[
            ("policy", "*"),
            ("denominator", "offered|answered_plus_abandoned"),
            ("short", "exclude_both|exclude_numerator"),
            ("flow_out_as", "abandoned"),
            ("kind", "lost"),
        ],
        run: reach::abandonment,
    },
    Row {
        metric: "fcr",
        mark: "resolved_first",
        inputs: &["contacts", "resolved_first", "not_resolvable_at_first_level"],
        options: &[("exclude_unresolvable", "true|false")],
        run: links::resolved_counts,
    },
    Row {
        metric: "fcr",
        mark: "contacts",
        inputs: &["contacts"],
        options: &[
            ("window_d", "#"),
            ("key", "customer|customer+topic"),
            ("unit", "issue"),
            ("censor", "exclude_immature"),
            ("data_end_day", "#"),
        ],
        run: links::resolved,
    },
    Row {
        metric: "occupancy",
        mark: "contact_intervals_min",
        inputs: &["on_queue_min", "contact_intervals_min", "paid_min"],
        options: &[("concurrency", "union|sum"), ("metric", "utilisation")],
        run: links::occupancy,
    },
    Row {
        metric: "occupancy",
        mark: "contact_min",
        inputs: &["contact_min", "acw_min", "available_min"],
        options: &[("preset", "amazon|genesys_cloud"), ("acw", "not_busy")],
        run: links::occupancy_of_times,
    },
    Row {
        metric: "rollup",
        mark: "intervals",
        inputs: &["intervals"],
        options: &[("rollup", ROLLUP), ("empty", "skip|null|zero|one")],
        run: reach::roll_up,
    },
    Row {
        metric: "empty",
        mark: "counted",
        inputs: &["hits", "counted"],
        options: &[("empty", "null|zero|one")],
        run: reach::empty,
    },
    Row { metric: "merge", mark: "shards", inputs: &["shards"], options: &[], run: reach::merge },
    Row {
        metric: "interval",
        mark: "counted",
        inputs: &["hits", "counted", "conf"],
        options: &[("interval", "wilson|wald|jeffreys|clopper_pearson|agresti_coull|wilson_continuity"), ("conf", "#")],
        run: reach::interval,
    },
    Row {
        metric: "asa",
        mark: "waits_s",
        inputs: &["waits_s", "precondition"],
        options: &[("mean", "asterisk_ema|arithmetic")],
        run: reach::mean_wait,
    },
    Row {
        metric: "asa",
        mark: "contacts",
        inputs: &["threshold_s", "contacts", SHORT],
        options: &[
            ("stat", "mean|max|quantile"),
            ("population", "answered|abandoned|all"),
            ("p", "#"),
            ("q", "R1|R2|R3|R4|R5|R6|R7|R8|R9"),
        ],
        run: reach::waits,
    },
    Row {
        metric: "percentile",
        mark: "values",
        inputs: &["values", "p"],
        options: &[("q", "R1|R2|R3|R4|R5|R6|R7|R8|R9")],
        run: reach::percentile,
    },
    Row {
        metric: "aht",
        mark: "contacts",
        inputs: &["contacts"],
        options: &[("per", "contact|segment"), ("wrap", "true|false")],
        run: reach::handle_time,
    },
    Row {
        metric: "volume",
        mark: "contacts",
        inputs: &["threshold_s", "contacts", SHORT, "now_s"],
        options: &[],
        run: reach::volume,
    },
    Row {
        metric: "measure",
        mark: "recipe",
        inputs: &["recipe", "rows", "units"],
        options: &[("part", "*")],
        run: reach::measure,
    },
    Row { metric: "transfer", mark: "contacts", inputs: &["contacts"], options: &[], run: reach::transfer },
    Row {
        metric: "business_deadline",
        mark: "calendar",
        inputs: &["calendar", "target_min", "start"],
        options: &[("out_of_hours", "pause|{}"), ("clock", "business|calendar")],
        run: response::deadline,
    },
    Row {
        metric: "business_elapsed",
        mark: "calendar",
        inputs: &["calendar", "from", "to"],
        options: &[
            ("dst", "absolute|wall!"),
            ("tz", "per_instant|frozen_offset!"),
            ("end_of_day", "literal|normalise!"),
        ],
        run: response::elapsed,
    },
    Row {
        metric: "next_reply_time",
        mark: "customer",
        inputs: &["customer", "agent"],
        options: &[("start", "oldest_unanswered|latest")],
        run: response::next_reply,
    },
    Row {
        metric: "callback_at_customer_time",
        mark: "requested",
        inputs: &["requested", "calls", "requested_at", "calendar"],
        options: &[
            ("early_min", "#|null"),
            ("late_min", "#|null"),
            ("outside_hours", "honour|next_opening|reject"),
            ("mode", "window|elapsed"),
            ("target_min", "#"),
        ],
        run: response::at_customer_time,
    },
    Row {
        metric: "business_sla",
        mark: "calendar",
        inputs: &["calendar", "start", "target_min", "replies"],
        options: &[("compare", "elapsed|deadline")],
        run: response::verdicts,
    },
    Row {
        metric: "ticket_times",
        mark: "timeline",
        inputs: &["timeline"],
        options: &[("count", "[]")],
        run: response::time_in_states,
    },
    Row {
        metric: "resolution_sla",
        mark: "due",
        inputs: &["due", "resolved", "polls"],
        options: &[("evaluate", "timestamps|polled!"), ("cmp", "<=")],
        run: response::resolution,
    },
    Row {
        metric: "missed_call_callback",
        mark: "missed",
        inputs: &["target_min", "calendar", "missed", "events"],
        options: &[("unit", "call|number"), ("stop", "attempt|reached|reached_or_self")],
        run: response::missed_calls,
    },
    Row {
        metric: "policy",
        mark: "policy",
        inputs: &["policy", "event", "channel", "start"],
        options: &[],
        run: response::policy,
    },
    Row {
        metric: "response",
        mark: "calendar",
        inputs: &["calendar", "target_min", "start", "done", "as_of", "pauses"],
        options: &[
            ("compare", "elapsed|deadline"),
            ("resolution", "exact|minutes_down|minutes_up"),
            ("clock", "business|calendar"),
            ("out_of_hours", "pause|{}"),
        ],
        run: response::one,
    },
    Row {
        metric: "csat",
        mark: "",
        inputs: &["ratings", "counts_*", "sent", "scale", "answer", "zendesk", "simplesat"],
        options: survey::CLASS_OPTIONS,
        run: survey::classes,
    },
    Row {
        metric: "ces",
        mark: "",
        inputs: &["ratings", "counts_*", "sent", "scale", "answer"],
        options: survey::CLASS_OPTIONS,
        run: survey::classes,
    },
    Row {
        metric: "nps",
        mark: "",
        inputs: &["ratings", "scale", "counts_*"],
        options: &[
            ("promoter_min", "#"),
            ("detractor_max", "#"),
            ("agg", "mean"),
            ("stat", "se|id|missing"),
            ("interval", "wald|adjusted_wald|score|mean_t"),
            ("conf", "#"),
        ],
        run: survey::nps,
    },
    Row {
        metric: "csi",
        mark: "answered_counts",
        inputs: &["answered_counts", "scores_if_used"],
        options: &[("min_answered", "#")],
        run: survey::index_of_counts,
    },
    Row {
        metric: "csi",
        mark: "means",
        inputs: &["means", "weights", "scale"],
        options: &[("weights", "equal|[]"), ("agg", "mean"), ("rescale", "min_max|of_max")],
        run: survey::index_of_means,
    },
    Row {
        metric: "csi",
        mark: "importance",
        inputs: &["scores", "importance", "scale"],
        options: &[("agg", "mean|importance_times_score"), ("rescale", "min_max|of_max")],
        run: survey::index_by_importance,
    },
    Row {
        metric: "csi",
        mark: "answers",
        inputs: &["answers", "weights", "scale"],
        options: &[
            ("missing", "renormalise|listwise|as_min|question_means"),
            ("weights", "equal|[]"),
            ("min_answered", "#"),
        ],
        run: survey::index_of_answers,
    },
    Row {
        metric: "scorecard",
        mark: "form",
        inputs: &["form", "answers", "auto_failed", "critical"],
        options: &[
            ("preset", "*"),
            ("section_combine", "percent|points"),
            ("combine", "pooled|blocks|weighted"),
            ("na", "remove|equal|full|zero"),
            ("bonus", "add|ignore"),
            ("cap", "null|#"),
            ("auto_fail", "form_zero|section_zero|outcome_only|none"),
            ("sections", "[]"),
            ("stat", "score_and_outcome|section_scores"),
            ("empty", "null"),
        ],
        run: quality::scorecard,
    },
    Row {
        metric: "qa_average",
        mark: "reviews",
        inputs: &["reviews", "failed"],
        options: &[("rollup", ROLLUP), ("exclude_failed", "true|false")],
        run: quality::average,
    },
    Row {
        metric: "qa_average",
        mark: "evaluations",
        inputs: &["evaluations"],
        options: &[("rollup", ROLLUP), ("exclude_failed", "true|false")],
        run: quality::average,
    },
    Row {
        metric: "calibration",
        mark: "baseline",
        inputs: &["baseline", "evaluators"],
        options: &[("stat", "mean_signed|mean_absolute|max_absolute|sd_sample")],
        run: quality::deviations,
    },
    Row {
        metric: "calibration",
        mark: "table",
        inputs: &["table"],
        options: &[("stat", "agreement|cohen_kappa")],
        run: quality::agreement,
    },
    Row {
        metric: "appeals",
        mark: "accepted",
        inputs: &["filed", "accepted", "partial", "rejected", "open"],
        options: &[("partial", "counts|does_not_count"), ("denominator", "closed|filed")],
        run: quality::appeals,
    },
    Row {
        metric: "erlang_c",
        mark: "calls",
        inputs: &["calls", "interval_s", "aht_s", "target_s", "service_level", "shrinkage"],
        options: &[("agents", "#"), ("shrinkage", "#")],
        run: workforce::erlang_c,
    },
    Row {
        metric: "period_change",
        mark: "before",
        inputs: &["before", "after"],
        options: &[("test", "z_pooled")],
        run: workforce::period_change,
    },
];

/// Keys for people.
const NOTES: [&str; 3] = ["note", "title", "source"];

/// The vectors of a case: one a variant.
pub(crate) fn jobs<'f>(case: &'f Value, cases: &'f [Value]) -> Vec<Job<'f>> {
    let variants = case["variants"].as_array().map_or(&[][..], Vec::as_slice);
    let name = |variant: &Value| {
        let part = |value: &Value| value.as_str().unwrap_or("?").to_owned();
        format!("{} / {}", part(&case["id"]), part(&variant["variant"]))
    };
    variants
        .iter()
        .map(|variant| {
            let job = move |backend: &mut dyn Backend| run(case, variant, cases, backend);
            (name(variant), Box::new(job) as Box<dyn Fn(&mut dyn Backend) -> Run<()>>)
        })
        .collect()
}

fn run(case: &Value, variant: &Value, cases: &[Value], backend: &mut dyn Backend) -> Run<()> {
    let metric = case["metric"].as_str().unwrap_or("").to_owned();
    if TABLE.iter().all(|row| row.metric != metric) {
        return Err(Fail::NotRun(format!("no measure for `{metric}`")));
    }
    let object = |value: &Value| value.as_object().cloned().unwrap_or_default();
    let mut input = object(&case["input"]);
    // A case may take the inputs of another; its own go over them.
    if let Some(id) = input.shift_remove("ref") {
        let Some(other) = cases.iter().find(|other| other["id"] == id) else {
            return wrong(format!("the case refers to {id}, which is not in the file"));
        };
        input = object(&other["input"]).into_iter().chain(input).collect();
    }
    input.extend(object(&variant["input"]));
    for note in NOTES {
        input.shift_remove(note);
    }
    let options = object(&variant["options"]);
    let csat = variant.get("csat");
    let expected = csat.map_or(&variant["expected"], |csat| &csat["expected"]).clone();
    let case = Case { metric, input, options, differs: csat.is_some(), expected };
    let row = row_of(&case)?;
    let near = if case.metric == "nps" { points(&case.expected) } else { Near::Printed(6) };
    match ((row.run)(&case, backend), case.expected.get("error")) {
        (Err(Fail::Refused(refusal)), Some(error)) if is_expected(error, &refusal) => Ok(()),
        (found, _) => check(&case.expected, &found?, near),
    }
}

/// Limits in points are printed with two decimals, standard errors in points with four.
fn points(expected: &Value) -> Near {
    let has = |key: &str| expected.get(key).is_some();
    Near::Printed(if has("lo") || has("hi") {
        2
    } else if has("se_points") {
        4
    } else {
        6
    })
}

/// The row of a case, its inputs and options checked.
fn row_of(case: &Case) -> Run<&'static Row> {
    let mut rows = TABLE.iter().filter(|row| row.metric == case.metric);
    let Some(row) = rows.find(|row| row.mark.is_empty() || case.has(row.mark)) else {
        let inputs: Vec<&String> = case.input.keys().collect();
        return wrong(format!("no row for {} with the inputs {inputs:?}", case.metric));
    };
    let known_input = |key: &String| row.inputs.iter().any(|known| fits(known, key));
    if let Some(key) = case.input.keys().find(|key| !known_input(key)) {
        return wrong(format!("unknown input `{key}`"));
    }
    for (key, value) in &case.options {
        let known = row.options.iter().find(|(known, _)| fits(known, key));
        match known {
            None => return wrong(format!("unknown option `{key}`")),
            Some((_, values)) if !allowed(values, value, case.differs) => {
                return wrong(format!("unknown value {value} of the option `{key}`"));
            }
            Some(_) => {}
        }
    }
    Ok(row)
}

/// Whether a key is meant: `*_in` by its ending, `counts_*` by its beginning.
fn fits(known: &str, key: &str) -> bool {
    match (known.strip_prefix('*'), known.strip_suffix('*')) {
        (Some(ending), _) => key.ends_with(ending),
        (_, Some(beginning)) => key.starts_with(beginning),
        _ => known == key,
    }
}

fn allowed(values: &str, value: &Value, differs: bool) -> bool {
    values.split('|').any(|known| match known {
        "*" => true,
        "#" => value.is_number(),
        "[]" => value.is_array(),
        "{}" => value.is_object(),
        word => match word.strip_suffix('!') {
            Some(theirs) => differs && value == theirs,
            None => value == word || serde_json::from_str::<Value>(word).is_ok_and(|word| word == *value),
        },
    })
}

/// An object of fields.
pub(crate) fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::Object(fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect::<Map<String, Value>>())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::call::Rust;

    fn failure(options: &Value) -> String {
        let case = json!({"id": "t", "metric": "service_level", "input": {"threshold_s": 20, "contacts": []}});
        let variant = json!({"variant": "v", "options": options, "expected": {"hits": 0, "counted": 0}});
        match run(&case, &variant, &[], &mut Rust) {
            Ok(()) => "passes".to_owned(),
            Err(fail) => fail.message(),
        }
    }

    #[test]
    fn unknown_options_and_values_fail() {
        assert_eq!(failure(&json!({})), "passes");
        assert_eq!(failure(&json!({"cmpp": "<"})), "unknown option `cmpp`");
        assert_eq!(failure(&json!({"cmp": ">"})), "unknown value \">\" of the option `cmp`");
        assert_eq!(failure(&json!({"flow_out_in": "hits"})), "unknown value \"hits\" of the option `flow_out_in`");
        assert!(failure(&json!({"flowout_in": "hit"})).contains("flow_out_in"));
    }

    #[test]
    fn what_csat_does_not_offer_is_known_only_where_the_vector_says_so() {
        assert!(allowed("absolute|wall!", &json!("wall"), true));
        assert!(!allowed("absolute|wall!", &json!("wall"), false));
        assert!(compare(&json!(0.333_333), &json!(1.0 / 3.0), Near::Printed(6)).is_ok());
        assert!(compare(&json!(0.333_335), &json!(1.0 / 3.0), Near::Printed(6)).is_err());
        assert!(
            compare(&json!({"num": 1, "den": 3}), &json!({"numerator": 2, "denominator": 6}), Near::Printed(6)).is_ok()
        );
    }
}
