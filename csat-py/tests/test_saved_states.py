"""The golden bytes of saved states, from Python."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

import csat

FILE = Path(__file__).resolve().parents[2] / "tests" / "vectors" / "saved_states.json"
STATES = json.loads(FILE.read_text(encoding="utf-8"))["states"]
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def column(kind: str, values: list[Any]) -> list[Any]:
    if kind == "instants":
        return [None if v is None else EPOCH + timedelta(microseconds=v) for v in values]
    return values


@pytest.mark.parametrize("state", STATES, ids=lambda state: state["id"])
def test_the_bytes_are_those_of_every_language(state: dict[str, Any]) -> None:
    plan = state["plan"]
    tally = csat.Tally(plan["measures"], by=plan.get("keys"), every=plan.get("every"), tz=plan.get("zone"))
    columns = {name: column(*next(iter(values.items()))) for name, values in state["columns"].items()}
    if columns:
        tally.push(columns)
    assert tally.save(cells=state["kind"] == "cells").hex() == state["bytes"]
    if state["kind"] == "tally":
        assert csat.Tally.load(bytes.fromhex(state["bytes"])) == tally
