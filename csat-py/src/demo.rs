//! The simulated contact centre.

use csat_core::demo::{DemoOptions, QueueTruth, SurveyTruth, simulate};
use pyo3::prelude::*;
use serde_json::{Value, json};

use crate::error::Raise;
use crate::json::to_python;

/// Simulates: a dict of the four texts and the truth about them. Durations of the truth are in seconds.
#[pyfunction]
#[pyo3(signature = (seed=1, *, start=None, offset_minutes=None, days=None, volume=None, open=None, whole_seconds=None))]
#[allow(clippy::too_many_arguments, reason = "one keyword an option")]
pub(crate) fn demo(
    py: Python<'_>,
    seed: u64,
    start: Option<i64>,
    offset_minutes: Option<i32>,
    days: Option<u32>,
    volume: Option<u32>,
    open: Option<(u32, u32)>,
    whole_seconds: Option<bool>,
) -> PyResult<Bound<'_, PyAny>> {
    let usual = DemoOptions::default();
    let options = DemoOptions {
        start: start.unwrap_or(usual.start),
        offset_minutes: offset_minutes.unwrap_or(usual.offset_minutes),
        days: days.unwrap_or(usual.days),
        volume: volume.unwrap_or(usual.volume),
        open: open.unwrap_or(usual.open),
        whole_seconds: whole_seconds.unwrap_or(usual.whole_seconds),
    };
    let demo = py.detach(|| simulate(seed, &options)).or_raise(py)?;
    let truth = json!({
        "queues": demo.truth.queues.iter().map(queue).collect::<Vec<_>>(),
        "total": queue(&demo.truth.total()),
        "dealers": demo.truth.dealers.iter().map(dealer).collect::<Vec<_>>(),
        "evaluations": demo.truth.evaluations,
        "calibrations": demo.truth.calibrations,
        "criteria": demo.truth.criteria,
    });
    to_python(
        py,
        &json!({
            "queue_log": demo.queue_log,
            "contacts": demo.contacts_csv,
            "answers": demo.answers_csv,
            "evaluations": demo.evaluations_csv,
            "truth": truth,
        }),
    )
}

fn queue(q: &QueueTruth) -> Value {
    let seconds = |micros: i64| micros as f64 / 1e6;
    json!({
        "name": q.name, "offered": q.offered, "in_hours": q.in_hours, "answered": q.answered,
        "answered_within_20s": q.answered_within_20s, "abandoned": q.abandoned,
        "abandoned_within_5s": q.abandoned_within_5s, "flow_out": q.flow_out, "key_exit": q.key_exit,
        "wait_of_answered": seconds(q.wait_of_answered), "wait": seconds(q.wait),
        "talk_and_hold": seconds(q.talk_and_hold), "hold": seconds(q.hold), "wrap": seconds(q.wrap),
        "transferred": q.transferred, "ring_no_answers": q.ring_no_answers,
    })
}

fn dealer(d: &SurveyTruth) -> Value {
    json!({
        "name": d.name, "answers": d.answers, "promoters": d.promoters, "passives": d.passives,
        "detractors": d.detractors, "satisfaction": d.satisfaction, "satisfied": d.satisfied,
        "questions": [d.questions.0, d.questions.1],
    })
}
