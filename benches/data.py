"""Deterministic data for the benchmarks: contacts, recommendations, questionnaires, scorecards, tickets."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

US = 1_000_000
DAY = 86_400 * US
START = 1_735_689_600 * US  # 2025-01-01 UTC
QUESTIONS = [(10, w) for w in (0.16, 0.14, 0.12, 0.10, 0.10, 0.10)] + [(5, w) for w in (0.08, 0.08, 0.06, 0.06)]
CRITERIA = [(1, w) for w in (6, 4, 8, 5, 3, 7, 6, 4, 5, 5, 4, 3)] + [(5, w) for w in (8, 7, 6, 7, 6, 6)]
CRITICAL = (2, 5, 8)

# Working days 10:00-19:00 in Moscow (UTC+3 all year), with the weekdays off and the Saturday worked in and after 2025.
MOSCOW = 3 * 3_600 * US
OPEN, CLOSE = 10 * 3_600 * US, 19 * 3_600 * US
OFF = [f"2025-{day}" for day in ("01-01 01-02 01-03 01-06 01-07 01-08 05-01 05-02 05-08 05-09 06-12 06-13 11-03 11-04 12-31").split()]
OFF += [f"2026-01-{day:02}" for day in (1, 2, 5, 6, 7, 8, 9)]
WORKED = "2025-11-01"
TARGETS = {"email": 60, "call": 30, "chat": 2}  # minutes


def codes(values: np.ndarray, names: list[str]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(values.astype(np.int16)), pa.array(names))


def instants(values: np.ndarray, missing: np.ndarray | None = None) -> pa.Array:
    return pa.array(values, pa.int64(), mask=missing).cast(pa.timestamp("us", tz="UTC"))


def contacts(rows: int, seed: int = 11) -> pa.Table:
    """Contacts of 404 queues over 90 days, in order of arrival; one in eight is abandoned."""
    random = np.random.default_rng(seed)
    queues = [f"queue {i:03d}" for i in range(404)]
    hour = np.clip(random.normal(13, 3.2, rows), 6.0, 22.0)
    offered = START + random.integers(0, 90, rows) * DAY + (hour * 3600).astype(np.int64) * US
    offered.sort()
    wait = (random.exponential(28_000, rows)).astype(np.int64) * 1000
    patience = (random.exponential(140_000, rows)).astype(np.int64) * 1000 + US
    lost = patience < wait
    left = offered + np.minimum(wait, patience)
    seconds = lambda mean: random.exponential(mean, rows).astype(np.int32)
    talk, hold, wrap = seconds(160), seconds(12), seconds(40)
    return pa.table({
        "queue": codes((404 * random.random(rows) * random.random(rows)).astype(np.int16), queues),
        "offered": instants(offered),
        "answered": instants(left, lost),
        "ended": instants(left + np.where(lost, 0, (talk + hold).astype(np.int64) * US)),
        "talk": pa.array(talk, mask=lost),
        "hold": pa.array(hold, mask=lost),
        "wrap": pa.array(wrap, mask=lost),
    })


def recommendations(rows: int, seed: int = 12) -> pa.Table:
    """Answers 0-10 of 101 dealers over two years, in order; one in four is blank."""
    random = np.random.default_rng(seed)
    dealers = [f"dealer {i:03d}" for i in range(101)]
    dealer = (101 * random.random(rows)).astype(np.int16)
    score = np.clip(np.rint(8.3 + 0.02 * (dealer - 50) + 2.2 * random.standard_normal(rows)), 0, 10).astype(np.int8)
    day = np.sort(random.integers(19_723, 19_723 + 730, rows)).astype(np.int32)
    return pa.table({
        "dealer": codes(dealer, dealers),
        "answered": pa.array(day, pa.date32()),
        "score": pa.array(score, mask=random.random(rows) < 0.25),
    })


def questionnaires(rows: int, seed: int = 13) -> pa.Table:
    """Ten questions of 101 dealers, correlated, with blanks."""
    random = np.random.default_rng(seed)
    dealer = (101 * random.random(rows)).astype(np.int16)
    common = random.standard_normal(rows)
    columns = {"dealer": codes(dealer, [f"dealer {i:03d}" for i in range(101)])}
    for i, (top, _) in enumerate(QUESTIONS):
        z = 0.75 * common + 0.65 * random.standard_normal(rows)
        mark = np.clip(np.rint(1 + (top - 1) * (0.78 + 0.2 * z)), 1, top).astype(np.int8)
        columns[f"q{i + 1}"] = pa.array(mark, mask=random.random(rows) < 0.03 + 0.01 * i)
    return pa.table(columns)


def evaluations(rows: int, seed: int = 14) -> pa.Table:
    """Forms of 18 criteria of 2,000 agents; what does not apply is blank."""
    random = np.random.default_rng(seed)
    columns = {"agent": pa.array((2000 * random.random(rows)).astype(np.int32))}
    for i, (top, _) in enumerate(CRITERIA):
        met = random.binomial(top, 0.96 if i in CRITICAL else 0.84, rows).astype(np.int8)
        columns[f"c{i + 1}"] = pa.array(met, mask=random.random(rows) < 0.02 + 0.01 * i)
    return pa.table(columns)


def tickets(rows: int, seed: int = 15) -> pa.Table:
    """Tickets of one year in three channels, in no order; a quarter waits for long, one in thirty has no answer."""
    random = np.random.default_rng(seed)
    channel = random.choice(3, rows, p=(0.35, 0.4, 0.25))
    created = START + random.integers(0, 365 * 86_400_000, rows) * 1000
    usual = np.array([45.0, 12.0, 1.2])[channel] * 60_000
    delay = usual * np.exp(1.1 * random.standard_normal(rows))
    delay += np.where(random.random(rows) < 0.25, random.exponential(72_000_000, rows), 0)
    answered = created + delay.astype(np.int64) * 1000
    return pa.table({
        "channel": codes(channel, list(TARGETS)),
        "created": instants(created),
        "first_response": instants(answered, random.random(rows) < 1 / 30),
    })
