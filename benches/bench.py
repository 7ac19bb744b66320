#!/usr/bin/env python3
"""csat beside polars, DuckDB, pandas, NumPy and pyarrow: the same figures from the same data in one run.

    python benches/bench.py [--scale 1.0] [--repeat 5] [--only nps] [--from polars]

Prints processor time (user and system, one thread), medians of interleaved runs, and how many times longer the fastest
other engine takes. Answers are compared first: 1e-9 for exact results, 0.4 % for `~log7`. A figure that is not there (an
engine has no such function) is left out. Times vary with the machine; ratios within one run are what to quote.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time

for name in ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np
import pyarrow.compute as pc

np.seterr(all="ignore")  # empty cells are null, in every engine

import csat
import data
import peers

ROWS = {"contacts": 10_000_000, "nps": 10_000_000, "index": 2_000_000, "scorecard": 1_000_000, "response": 5_000_000}
MAKE = {"contacts": data.contacts, "nps": data.recommendations, "index": data.questionnaires, "scorecard": data.evaluations, "response": data.tickets}
FORM = {
    "id": "bench", "version": 1, "title": "bench",
    "sections": [{"id": "all", "title": "all", "criteria": [
        {"id": f"c{i + 1}", "title": "c", "min": 0, "max": top, "weight": weight, **({"critical": True} if i in data.CRITICAL else {})}
        for i, (top, weight) in enumerate(data.CRITERIA)]}],
}
QUESTIONS = [{"column": f"q{i + 1}", "scale": [1, top], "weight": weight} for i, (top, weight) in enumerate(data.QUESTIONS)]

HOURS = [["10:00", "19:00"]]
SLA = {
    "calendar": {
        "time_zone": "Europe/Moscow", "hours": {day: HOURS for day in ("mon", "tue", "wed", "thu", "fri")},
        "holidays": data.OFF, "overrides": {data.WORKED: HOURS},
    },
    "policies": [{"targets": [
        {"event": "first_response", "channels": [channel], "target": f"{minutes}m"} for channel, minutes in data.TARGETS.items()]}],
}


def wide(measures, frame, **plan):
    tally = csat.Tally(measures=measures, **plan)
    tally.push(frame)
    return tally.report(conf=None, wide=True)


def ours(frame):
    levels = {"measure": "service_level", "within": [f"{t}s" for t in peers.SL]}
    core = [levels, {"measure": "abandonment", "definitions": "offered-short5s"}, "speed_of_answer",
            {"measure": "handle_time", "parts": ["total"], "buckets": None}]
    wait = lambda buckets: {"measure": "wait", "quantiles": list(peers.QUANTILES), "buckets": buckets}
    index = lambda *parts: {"measure": "satisfaction_index", "questions": QUESTIONS, "parts": list(parts)}
    sla = csat.Sla(SLA)
    card = lambda *parts: {"measure": "scorecard", "forms": [FORM], "parts": list(parts)}
    return {
        "contacts: total, exact quantiles": lambda: wide([*core, wait("exact")], frame),
        "contacts: total, log7": lambda: wide([*core, wait("log7")], frame),
        "contacts: by queue, exact quantiles": lambda: wide([*core, wait("exact")], frame, by="queue"),
        "contacts: by queue, log7": lambda: wide([*core, wait("log7")], frame, by="queue"),
        "contacts: queue x 30 min, in order": lambda: wide(core, frame, by="queue", every="30m", tz="UTC"),
        "nps: dealer x month": lambda: wide(["nps"], frame, by="dealer", every="1mo", tz="UTC"),
        "index: by dealer, score": lambda: wide([index("score")], frame, by="dealer"),
        "index: by dealer, question means": lambda: wide([index("score", "questions")], frame, by="dealer"),
        "index: alpha and item-rest": lambda: wide([index("reliability")], frame),
        "scorecard: by agent, score": lambda: wide([card("score")], frame, by="agent"),
        "scorecard: by agent, criteria": lambda: wide([card("score", "criteria")], frame, by="agent"),
        "response: columns": lambda: sla.judge_columns(frame, "first_response"),
        "response: by channel": lambda: wide([{"measure": "response", "sla": SLA, "buckets": "log7"}], frame, by="channel"),
    }


def columns(frame):
    table = frame.to_arrow() if hasattr(frame, "to_arrow") else frame
    return {name: table[name].to_numpy(zero_copy_only=False) for name in table.column_names}


def figures(task, frame):
    """csat's wide table under the names the other engines give their columns."""
    if task == "response: columns":
        table = frame.to_arrow() if hasattr(frame, "to_arrow") else frame
        whole = lambda name: pc.fill_null(table[name].cast("int64"), -1).to_numpy()
        met = pc.equal(table["verdict"].cast("string"), "met").to_numpy(zero_copy_only=False)
        return {"due": whole("due"), "elapsed": whole("elapsed"), "remaining": whole("remaining"), "met": met.astype(float)}
    got = columns(frame)
    names = {f"sl:offered:{csat_duration(t)}": f"sl{t}" for t in peers.SL}
    names |= {"ab:offered-short5s": "abandoned", "asa:answered": "asa", "aht:total:mean": "aht", "nps": "nps"}
    out = {}
    for name, column in got.items():
        for q in peers.QUANTILES:
            if name.startswith(f"wait:answered:p{q * 100:g}"):
                out[f"p{q}"] = column
        if name in names:
            out[names[name]] = column
        elif name.startswith("csi:weighted-") and name.endswith(":available"):
            out["index"] = column
        elif name.startswith("csi:alpha"):
            out["alpha"] = column
        elif name.startswith("csi:question:"):
            question, what = name.split(":")[2:4]
            if what.startswith("item_rest" if "alpha" in task else "mean"):
                out[question] = column
        elif name.startswith("response:"):
            tail = name.split(":custom-")[1].partition(":")[2].removesuffix("~log7")
            out |= {{"": "met", "elapsed:mean": "elapsed"}.get(tail, tail): column}
        elif name.startswith("qa:"):
            tail = name.rsplit(":", 1)[1]
            known = {"pooled": "score", "failed": "failed"}
            if tail in known or (tail.startswith("c") and tail[1:].isdigit()):
                out[known.get(tail, tail)] = column
    keys = [k for k in ("queue", "dealer", "agent", "channel", "slot") if k in got]
    text = {}
    for k in keys:
        values = got[k]
        if k == "slot":
            values = values.astype("datetime64[D]") if "nps" in task else values.astype("datetime64[us]").astype(np.int64)
        text[k] = values.astype(str)
    order = np.lexsort([text[k] for k in reversed(keys)]) if keys else slice(None)
    return {k: v[order] for k, v in text.items()} | {k: np.asarray(v, float)[order] for k, v in out.items()}


def csat_duration(seconds):
    return f"{seconds // 60}m" if seconds % 60 == 0 else f"{seconds}s"


def differences(reference, other, tolerance):
    for name, mine in reference.items():
        if name not in other:
            continue
        theirs = other[name]
        if mine.shape != theirs.shape:
            return f"{name}: {mine.shape[0]} rows and {theirs.shape[0]}"
        if mine.dtype.kind in "US" or theirs.dtype.kind in "USO":
            if not (mine.astype(str) == theirs.astype(str)).all():
                return f"{name}: keys differ"
        elif not np.allclose(mine, theirs, rtol=tolerance, atol=max(tolerance, 1e-9), equal_nan=True):
            at = int(np.flatnonzero(~np.isclose(mine, theirs, rtol=tolerance, atol=max(tolerance, 1e-9), equal_nan=True))[0])
            return f"{name}: {mine[at]!r} and {theirs[at]!r}"
    return ""


def timed(function):
    start = time.process_time()
    function()
    return time.process_time() - start


def run(kind, arguments):
    rows = max(1000, int(ROWS[kind] * arguments.scale))
    table = MAKE[kind](rows)
    named = ("polars", "duckdb", "numpy", "pandas", "pyarrow")
    engines = peers.response(table) if kind == "response" else {name: getattr(peers, name)(table) for name in named}
    frame = table
    if arguments.source == "polars":
        import polars

        frame = polars.from_arrow(table)
    for task, mine in ours(frame).items():
        if not task.startswith(kind) or arguments.only not in task:
            continue
        base = task.replace(", log7", ", exact quantiles")
        others = {name: tasks[base] for name, tasks in engines.items() if base in tasks}
        got = figures(task, mine())
        wrong = []
        for name, theirs in list(others.items()):
            answer = theirs()
            if answer is None:
                del others[name]
            elif found := differences({k: v for k, v in answer.items()}, got, 4.5e-3 if "log7" in task else 1e-9):
                wrong.append(f"{name}: {found}")
        times = {name: [] for name in ("csat", *others)}
        for _ in range(arguments.repeat):
            times["csat"].append(timed(mine))
            for name, theirs in others.items():
                if not times[name] or times[name][0] < 4.0 or len(times[name]) < 2:
                    times[name].append(timed(theirs))
        median = {name: statistics.median(t) for name, t in times.items()}
        fastest = min((t, name) for name, t in median.items() if name != "csat")
        line = "  ".join(f"{name} {t * 1e3:.0f}" for name, t in sorted(median.items(), key=lambda x: x[1]))
        print(f"{task:40} {fastest[0] / median['csat']:6.2f} x {fastest[1]:8} ms: {line}", flush=True)
        for text in wrong:
            print(f"    DIFFERS {text}", flush=True)


def states(repeat):
    """10,000 saved states of 100 contacts each, loaded, checked and merged."""
    made = []
    table = data.contacts(100_000)
    plan = dict(measures=["service_level", "abandonment", "speed_of_answer", {"measure": "wait", "buckets": "log7"}])
    for at in range(0, 100_000, 100):
        tally = csat.Tally(**plan)
        tally.push(table.slice(at, 100))
        made.append((tally, tally.save()))
    made *= 10

    def saved():
        total = csat.Tally(**plan)
        for _, state in made:
            total.merge(state)

    def live():
        total = csat.Tally(**plan)
        for tally, _ in made:
            total.merge(tally)

    for name, function in (("10,000 saved states loaded and merged", saved), ("10,000 states in memory merged", live)):
        print(f"{name:40} {statistics.median(timed(function) for _ in range(repeat)) * 1e3:8.1f} ms")


def cold(repeat):
    """Computations by name, as C and Python call them, request and answer included."""
    made = np.random.default_rng(3)
    items = made.normal(size=(400, 10))
    outcome = items @ np.linspace(0.1, 1.0, 10) + made.normal(size=400)
    n = made.integers(30, 200, 10_000)
    hits = made.binomial(n, made.normal(0.8, 0.01, len(n)).clip(0, 1))
    units = [{"unit": str(at), "successes": int(x), "n": int(of)} for at, (x, of) in enumerate(zip(hits, n))]
    calls = (70 + 50 * np.sin(np.arange(336) / 48 * 2 * np.pi)).tolist()
    marks = made.integers(1, 6, (20_000, 5)).tolist()
    ask = csat.call
    for name, function in (
        ("LMG of 10 drivers, 400 answers", lambda: ask("drivers.lmg", outcome=outcome.tolist(), drivers=items.tolist())),
        ("network of 10,000 nearly equal shares", lambda: ask("network.shares", units=units)),
        ("staffing of a week of half hours", lambda: ask(
            "staffing.week", contacts=calls, interval=1800.0, handle_times=[240.0], target=20.0, service_level=0.8)),
        ("Krippendorff's alpha of 100,000 marks", lambda: ask("agreement.krippendorff_alpha", ratings=marks, level="ordinal")),
    ):
        print(f"{name:40} {statistics.median(timed(function) for _ in range(repeat)) * 1e3:8.1f} ms")


def start_up():
    """Processor time of `import csat` above an empty interpreter."""
    def spent(code):
        before = os.times()
        subprocess.run([sys.executable, "-c", code], check=True)
        after = os.times()
        return after.children_user + after.children_system - before.children_user - before.children_system

    with_csat = min(spent("import csat") for _ in range(7))
    print(f"{'import csat':40} {(with_csat - min(spent('') for _ in range(7))) * 1e3:8.1f} ms above an empty interpreter")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0, help="share of the rows")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--only", default="", help="tasks whose name holds this")
    parser.add_argument("--from", dest="source", choices=("arrow", "polars"), default="polars")
    arguments = parser.parse_args()
    start_up()
    for kind in ROWS:
        if any(t.startswith(kind) and arguments.only in t for t in ours(None)):
            run(kind, arguments)
    if not arguments.only:
        states(arguments.repeat)
        cold(arguments.repeat)


if __name__ == "__main__":
    main()
