"""Calendars and response targets: one instant, whole columns of every kind, and what is refused."""

from __future__ import annotations

import json
import tomllib
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import csat

MOSCOW = ZoneInfo("Europe/Moscow")
POLICY = Path(__file__).resolve().parents[2] / "csat-core" / "data" / "policies" / "support_10_19.toml"
FRIDAY, MONDAY = datetime(2024, 3, 1, 18, 30, tzinfo=MOSCOW), datetime(2024, 3, 4, 10, 20, tzinfo=MOSCOW)


@pytest.fixture
def calendar() -> csat.Calendar:
    return csat.Calendar.production("ru", ("10:00", "19:00"), tz="Europe/Moscow")


@pytest.fixture
def sla() -> csat.Sla:
    return csat.Sla.shipped("support_10_19")


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=MOSCOW)


def test_one_instant(calendar: csat.Calendar) -> None:
    assert calendar.is_open(FRIDAY) and not calendar.is_open(local("2024-03-01T19:00"))
    assert calendar.next_open(local("2024-03-01T19:00")) == local("2024-03-04T10:00")
    assert calendar.next_opening_strictly_later(FRIDAY) == local("2024-03-04T10:00")
    assert calendar.previous_open(local("2024-03-04T10:00")) == local("2024-03-01T19:00")
    assert calendar.closing(FRIDAY) == local("2024-03-01T19:00")
    assert calendar.elapsed(FRIDAY, MONDAY) == timedelta(minutes=50)
    assert calendar.add(FRIDAY, timedelta(hours=1)) == calendar.add(FRIDAY, 3600) == local("2024-03-04T10:30")
    assert calendar.add(MONDAY, -3000) == FRIDAY
    assert calendar.open_periods_before(MONDAY, 2)[1] == (local("2024-03-01T10:00"), local("2024-03-01T19:00"))
    assert calendar.open_periods_after(FRIDAY, 1) == [(FRIDAY, local("2024-03-01T19:00"))]
    assert calendar.on_holiday("2024-03-08T12:00+03:00") and not calendar.on_break(FRIDAY)
    assert calendar.working_days_between("2024-04-26", "2024-05-02") == 2  # Saturday the 27th and Thursday the 2nd
    assert calendar.add_working_days("2024-04-26", 1) == "2024-04-27"
    assert calendar.add_business_days_keep_time(FRIDAY, 1) == local("2024-03-04T18:30")
    # The zone of the answer is that of the question, or of the calendar.
    assert calendar.closing(FRIDAY.astimezone(timezone.utc)).tzinfo is timezone.utc
    assert str(calendar.closing("2024-03-01T15:30Z")) == "2024-03-01 19:00:00+03:00"
    assert calendar.closing(datetime(2024, 3, 1, 18, 30), tz="Europe/Moscow") == local("2024-03-01T19:00")
    assert calendar.closing(pd.Timestamp(FRIDAY)) == local("2024-03-01T19:00")
    assert csat.Calendar.always("UTC").elapsed(FRIDAY, MONDAY) == MONDAY - FRIDAY
    assert csat.Calendar(calendar.to_json()).to_json() == calendar.to_json()


def columns(values: list[datetime | None]) -> dict[str, Any]:
    """The same instants as every kind of column."""
    utc = [None if v is None else v.astimezone(timezone.utc).replace(tzinfo=None) for v in values]
    return {
        "list": values,
        "texts": [None if v is None else v.isoformat() for v in values],
        "polars": pl.Series("at", values, pl.Datetime("us", "UTC")),
        "polars ms": pl.Series("at", values, pl.Datetime("ms", "Europe/Moscow")),
        "pandas": pd.Series(values, name="at", index=range(5, 5 + len(values))),
        "pandas arrow": pd.Series(values).astype(pd.ArrowDtype(pa.timestamp("us", "UTC"))),
        "pyarrow": pa.array(values, pa.timestamp("ns", "UTC")),
        "pyarrow chunks": pa.chunked_array([pa.array(values[:1], pa.timestamp("us", "UTC")), pa.array(values[1:], pa.timestamp("us", "UTC"))]),
        "numpy": np.array(utc, "M8[us]"),
    }


KINDS: dict[str, Any] = {"list": list, "texts": list, "polars": pl.Series, "pandas": pd.Series, "pyarrow": pa.ChunkedArray, "numpy": np.ndarray}


def plain(column: Any) -> list[Any]:
    """Values of a column: instants in UTC and durations, None where missing."""
    if isinstance(column, np.ndarray):
        return [None if v is None else v.replace(tzinfo=timezone.utc) if isinstance(v, datetime) else v for v in column.tolist()]
    listed = column.to_pylist() if isinstance(column, pa.ChunkedArray) else list(column)
    out = []
    for value in listed:
        value = None if value is None or value is pd.NaT else value
        value = value.to_pydatetime() if isinstance(value, pd.Timestamp) else value
        out.append(value.to_pytimedelta() if isinstance(value, pd.Timedelta) else value)
    return out


def test_columns_of_every_kind(calendar: csat.Calendar) -> None:
    start, end = [FRIDAY, local("2024-04-26T18:00"), FRIDAY], [MONDAY, local("2024-04-29T12:00"), None]
    ends = columns(end)
    for name, column in columns(start).items():  # type: ignore[arg-type]
        tz = "UTC" if name == "numpy" else None
        elapsed = calendar.elapsed(column, ends[name], tz=tz)
        assert isinstance(elapsed, KINDS[name.partition(" ")[0]]), name
        assert plain(elapsed) == [timedelta(minutes=50), timedelta(hours=10), None], name
        due = calendar.add(column, timedelta(hours=1), tz=tz)
        assert plain(due) == [local("2024-03-04T10:30"), local("2024-04-26T19:00"), local("2024-03-04T10:30")], name
        each = calendar.add(column, [timedelta(hours=1), None, timedelta(minutes=5)], tz=tz)
        assert plain(each) == [local("2024-03-04T10:30"), None, local("2024-03-01T18:35")], name
        assert [bool(v) for v in plain(calendar.is_open(column, tz=tz))] == [True] * 3, name
        assert plain(calendar.closing(column, tz=tz))[1] == local("2024-04-26T19:00"), name
    series = columns(start)["pandas"]  # type: ignore[arg-type]
    assert list(calendar.closing(series).index) == [5, 6, 7]


def test_what_calendars_refuse(calendar: csat.Calendar) -> None:
    naive = datetime(2024, 3, 1, 18, 30)
    for column in (pl.Series([naive]), pd.Series([naive]), np.array([naive], "M8[us]"), [naive]):
        with pytest.raises(csat.WrongTypeError, match="zone"):
            calendar.closing(column)
    with pytest.raises(csat.Error, match="zone|offset"):
        calendar.closing(naive)
    with pytest.raises(csat.InvalidArgumentError, match="row 1") as caught:
        calendar.elapsed([FRIDAY, MONDAY], [MONDAY, FRIDAY])
    assert caught.value.context["row"] == "1"
    with pytest.raises(csat.InvalidArgumentError, match="years 1970 to 2069"):
        calendar.closing(datetime(2150, 1, 1, tzinfo=timezone.utc))
    with pytest.raises(csat.InvalidArgumentError, match="rows"):
        calendar.elapsed([FRIDAY], [MONDAY, MONDAY])
    with pytest.raises(csat.InvalidArgumentError, match="durations"):
        calendar.add([FRIDAY, FRIDAY, FRIDAY], [timedelta(1)])
    for wrong in ("a day", None, float("nan"), True):
        with pytest.raises(csat.Error):
            calendar.add(FRIDAY, wrong)
    for wrong in (None, 1.5):
        with pytest.raises(csat.Error):
            calendar.closing(wrong)
    # A bare number does not say what it counts: neither alone nor in a column is it an instant.
    for number in (1_709_305_800, np.int64(1_709_305_800)):
        with pytest.raises(csat.InvalidArgumentError, match="does not say what it counts"):
            calendar.closing(number)
    for numbers in ([1_709_305_800], pl.Series([1_709_305_800]), np.array([1_709_305_800])):
        with pytest.raises(csat.WrongTypeError, match="give datetimes, or a column with a unit"):
            calendar.closing(numbers)
    for long in (timedelta(seconds=9_000_000_001), timedelta.min, 9_000_000_001):
        with pytest.raises(csat.InvalidArgumentError, match="at most 9e9 seconds"):
            calendar.add(FRIDAY, long)
    pieces = pa.chunked_array([[FRIDAY, FRIDAY], [FRIDAY, datetime(2250, 1, 1, tzinfo=timezone.utc)]], pa.timestamp("us", "UTC"))
    with pytest.raises(csat.Error, match="row 3"):
        calendar.closing(pieces)
    with pytest.raises(csat.UndefinedError, match="no working time at all"):
        csat.Calendar('{"time_zone": "UTC"}').next_open(FRIDAY)
    with pytest.raises(csat.UnknownNameError, match="time_zone"):
        csat.Calendar({"timezone": "UTC"})
    with pytest.raises(csat.UnknownNameError, match="Europe/Moscow"):
        csat.Calendar.always("Europe/Moscw")
    with pytest.raises(csat.UnknownNameError, match="production"):
        csat.Calendar.production("de", ("10:00", "19:00"), tz="Europe/Berlin")


def test_an_sla_from_every_source(sla: csat.Sla, tmp_path: Path) -> None:
    text = POLICY.read_text(encoding="utf-8")
    for made in (csat.Sla(text), csat.Sla(tomllib.loads(text)), csat.Sla.load(POLICY), csat.Sla(POLICY), csat.Sla(sla.to_json())):
        assert made.to_json() == sla.to_json()
    assert (sla.name, sla.tz, csat.Sla.shipped_names()) == ("support_10_19", "Europe/Moscow", ["support_10_19"])
    path = tmp_path / "calendar.json"
    path.write_text(json.dumps({"time_zone": "UTC", "hours": {"fri": [["10:00", "19:00"]]}}), encoding="utf-8")
    assert csat.Calendar.load(path).is_open("2024-03-01T12:00Z")


def test_one_ticket(sla: csat.Sla) -> None:
    due = {
        ("callback", None, "2024-03-01T18:50"): "2024-03-04T10:20",
        ("callback", None, "2024-03-01T19:00"): "2024-03-04T11:00",
        ("callback", None, "2024-03-01T20:15"): "2024-03-04T11:00",
        ("first_response", "email", "2024-03-01T18:30"): "2024-03-04T10:30",
        ("first_response", "chat", "2024-03-01T18:59"): "2024-03-04T10:01",
    }
    for (event, channel, start), expected in due.items():
        assert sla.judge(event, local(start), channel=channel).due == local(expected)
    paused = [(local("2024-03-04T10:02"), local("2024-03-04T10:05")), (local("2024-03-04T10:00"), local("2024-03-04T10:04"))]
    judged = sla.judge("first_response", FRIDAY, MONDAY, channel="email", pauses=paused)
    assert (judged.verdict, judged.elapsed, judged.remaining) == ("met", timedelta(minutes=45), timedelta(minutes=15))
    assert "paused Mon 2024-03-04 10:00 to 10:05" in sla.explain("first_response", FRIDAY, MONDAY, channel="email", pauses=paused)
    noon = local("2024-03-02T12:00")  # a Saturday: kept as the customer named it
    for minutes, verdict in ((-6, "missed_early"), (-5, "met"), (15, "met"), (16, "missed_late")):
        judged = sla.judge("ordered_call", local("2024-03-02T11:00"), noon + timedelta(minutes=minutes), requested=noon)
        assert (judged.verdict, judged.elapsed) == (verdict, timedelta(minutes=minutes))
    assert sla.judge("ordered_call", noon, noon, requested=FRIDAY).verdict == "missed_late"  # a time in the past
    assert sla.judge("first_response", FRIDAY, channel="email", as_of=MONDAY).verdict == "running"
    assert sla.judge("first_response", FRIDAY, MONDAY, channel="fax").due is None


def frames(table: dict[str, list[Any]]) -> dict[str, Any]:
    arrow = pa.table(table)
    return {
        "dict": table,
        "rows": [dict(zip(table, row)) for row in zip(*table.values())],
        "polars": pl.DataFrame(table),
        "polars lazy": pl.LazyFrame(table),
        "polars categories": pl.DataFrame(table).with_columns(pl.col("channel").cast(pl.Categorical)),
        "polars chunks": pl.concat([pl.DataFrame(table).head(1), pl.DataFrame(table).tail(3)], rechunk=False),
        "pandas": pd.DataFrame(table, index=[7, 8, 9, 10]),
        "pandas arrow": pd.DataFrame(table).convert_dtypes(dtype_backend="pyarrow"),
        "pyarrow": arrow,
        "pyarrow batch": arrow.to_batches()[0],
        "duckdb": duckdb.from_arrow(arrow),
        "csat": csat.Table(table),
    }


OUT = {"polars": pl.DataFrame, "pandas": pd.DataFrame, "pyarrow": pa.Table, "duckdb": duckdb.DuckDBPyRelation}


def listed(frame: Any, name: str) -> list[Any]:
    if isinstance(frame, duckdb.DuckDBPyRelation):
        frame = frame.to_arrow_table()
    column = frame[name]
    if isinstance(frame, csat.Table):
        column = [timedelta(seconds=v) if isinstance(v, float) else v for v in column]
    found = plain(column)
    # DuckDB has intervals for durations.
    found = [timedelta(days=v.days, microseconds=v.nanoseconds // 1000) if isinstance(v, pa.MonthDayNano) else v for v in found]
    return [None if v != v else v for v in found]


def test_columns_of_tickets(sla: csat.Sla) -> None:
    table = {
        "id": ["a", "b", "c", "d"],
        "created": [FRIDAY, FRIDAY, FRIDAY, None],
        "first_response": [MONDAY, None, None, None],
        "channel": ["email", "chat", "fax", "email"],
    }
    pauses = {"ticket": ["a", "a", "zz"], "from": [MONDAY - timedelta(minutes=20), MONDAY - timedelta(minutes=18), MONDAY],
              "until": [MONDAY - timedelta(minutes=15), MONDAY - timedelta(minutes=16), None]}
    for name, frame in frames(table).items():
        for long in ({}, {"pauses": pauses}, {"pauses": pl.DataFrame(pauses)}):
            judged = sla.judge_columns(frame, "first_response", as_of=MONDAY, **long)
            assert isinstance(judged, OUT.get(name.partition(" ")[0], csat.Table)), name
            minutes = 45 if long else 50
            assert listed(judged, "verdict") == ["met", "overdue", "no_target", None], name
            assert listed(judged, "elapsed")[0] == timedelta(minutes=minutes), name
            assert listed(judged, "remaining")[:2] == [timedelta(minutes=60 - minutes), timedelta(minutes=-48)], name
            due = [local("2024-03-04T10:35" if long else "2024-03-04T10:30"), local("2024-03-01T18:32"), None, None]
            assert listed(judged, "due") == due, name
    judged = sla.judge_columns(frames(table)["pandas"], "first_response")
    assert list(judged.index) == [7, 8, 9, 10]
    # Under other names, the event in a column, pauses by the number of the row.
    mine = {"kind": ["callback", "first_response"], "opened": [FRIDAY, FRIDAY], "closed": [MONDAY, MONDAY], "via": [None, "email"]}
    names = {"event": "kind", "start": "opened", "done": "closed", "channel": "via"}
    rows = {"ticket": [1], "from": [FRIDAY], "until": [FRIDAY + timedelta(minutes=10)]}
    judged = sla.judge_columns(mine, columns=names, pauses=rows)
    assert judged["verdict"] == ["missed", "met"] and judged["elapsed"] == [3000.0, 2400.0]


def test_what_an_sla_refuses(sla: csat.Sla) -> None:
    table = {"created": [FRIDAY, FRIDAY], "first_response": [MONDAY, MONDAY], "channel": ["email", "email"]}
    with pytest.raises(csat.InvalidArgumentError, match="row 1 of the tickets") as caught:
        sla.judge_columns({**table, "first_response": [MONDAY, FRIDAY - timedelta(1)]}, "first_response")
    assert caught.value.context["row"] == "1"
    naive = [datetime(2024, 3, 1, 18, 30)] * 2
    for created in (naive, pl.Series(naive), np.array(naive, "M8[us]")):
        with pytest.raises(csat.WrongTypeError, match="zone"):
            sla.judge_columns({**table, "created": created}, "first_response")
    judged = sla.judge_columns({**table, "created": naive}, "first_response", tz="Europe/Moscow")
    assert judged["elapsed"] == [3000.0, 3000.0]
    with pytest.raises(csat.MissingColumnError, match="channel"):
        sla.judge_columns({"created": [FRIDAY]}, "first_response")
    with pytest.raises(csat.MissingColumnError, match="answred"):
        sla.judge_columns(table, "first_response", columns={"done": "answred"})
    with pytest.raises(csat.UnknownNameError, match="chanel"):
        sla.judge_columns(table, "first_response", columns={"chanel": "via"})
    with pytest.raises(csat.InvalidOptionError, match="no target for resolution"):
        sla.judge_columns(table, "resolution")
    with pytest.raises(csat.UnknownNameError, match="first_response"):
        sla.judge_columns(table, "first_respons")
    pause = {"ticket": [0], "from": [MONDAY], "until": [FRIDAY]}
    with pytest.raises(csat.BadValueError, match="row 0 of the pauses"):
        sla.judge_columns(table, "first_response", pauses=pause)
    with pytest.raises(csat.BadValueError, match="not the number of a row"):
        sla.judge_columns(table, "first_response", pauses={**pause, "ticket": [2]})
    with pytest.raises(csat.InvalidArgumentError, match="earlier than the start"):
        sla.judge("callback", MONDAY, FRIDAY)
    with pytest.raises(csat.InvalidArgumentError, match="missing"):
        sla.judge("callback", None)
    with pytest.raises(csat.UnknownNameError, match="callback"):
        sla.judge("calback", FRIDAY)
    with pytest.raises(csat.UnknownNameError, match="targets"):
        csat.Sla({"calendar": {"time_zone": "UTC"}, "policies": [{"target": []}]})
