"""What several test files use."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

import csat
from csat._columns import is_missing

SCORES = [10, 9, 3, 8, None, 7, 0, 9]
DEALERS = ["North", "North", "River", "River", "River", None, "Hill", "Hill"]
AT = datetime(2026, 3, 2, 9, tzinfo=timezone.utc)


@pytest.fixture
def answers() -> dict[str, list[Any]]:
    return {"score": list(SCORES), "dealer": list(DEALERS)}


@pytest.fixture
def contacts() -> dict[str, list[Any]]:
    waits = [5, 20, 35, 12, 90, 0]
    return {
        "queue": ["a", "a", "b", "b", "a", "b"],
        "offered": [AT + timedelta(minutes=11 * i) for i in range(6)],
        "wait": [timedelta(seconds=s) for s in waits],
        "outcome": ["answered", "answered", "answered", "abandoned", "answered", "abandoned"],
    }


def values(result: Any) -> list[tuple[Any, ...]]:
    """The rows of any result that tell something, NaN as None, for comparison across kinds of frame."""
    table = result if isinstance(result, csat.Table) else csat.Table(_columns(result))
    rows = []
    for row in table:
        plain = {k: None if v is None or v != v else v for k, v in row.items()}
        rows.append(tuple(plain.values()))
    return rows


def _columns(result: Any) -> dict[str, list[Any]]:
    module = type(result).__module__.partition(".")[0].lstrip("_")
    if module == "polars":
        return {name: result[name].to_list() for name in result.columns}
    if module == "pandas":
        return {name: [None if is_missing(v) else v for v in result[name].tolist()] for name in result.columns}
    if module == "pyarrow":
        return result.to_pydict()
    return result.to_arrow_table().to_pydict()
