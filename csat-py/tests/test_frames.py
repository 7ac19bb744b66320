"""Every kind of frame in, the same kind out, the same numbers."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from conftest import AT, DEALERS, SCORES, values

import csat


def kinds(answers: dict[str, list[Any]]) -> dict[str, Any]:
    table = pa.table(answers)
    duckdb.execute("create or replace type dealers as enum ('Hill', 'North', 'River')")
    return {
        "dict": answers,
        "rows": [dict(zip(answers, row)) for row in zip(*answers.values())],
        "numpy": {"score": np.array([np.nan if s is None else s for s in SCORES]), "dealer": np.array(DEALERS, dtype=object)},
        "csat": csat.Table(answers),
        "polars": pl.DataFrame(answers),
        "polars lazy": pl.LazyFrame(answers),
        "polars categories": pl.DataFrame(answers).with_columns(pl.col("dealer").cast(pl.Categorical)),
        "polars enum": pl.DataFrame(answers).with_columns(pl.col("dealer").cast(pl.Enum(["River", "North", "Hill"]))),
        "polars chunks": pl.concat([pl.DataFrame(answers).head(3), pl.DataFrame(answers).tail(5)], rechunk=False),
        "polars slice": pl.concat([pl.DataFrame({"score": [1], "dealer": ["x"]}), pl.DataFrame(answers)]).slice(1),
        "pandas": pd.DataFrame(answers),
        "pandas objects": pd.DataFrame(answers, dtype=object),
        "pandas nullable": pd.DataFrame(answers).convert_dtypes(),
        "pandas arrow": pd.DataFrame(answers).convert_dtypes(dtype_backend="pyarrow"),
        "pandas categories": pd.DataFrame(answers).astype({"dealer": "category"}),
        "pandas float32": pd.DataFrame(answers).astype({"score": "float32"}),
        "pandas index": pd.DataFrame(answers).set_index("dealer"),
        "pyarrow": table,
        "pyarrow batch": table.to_batches()[0],
        "pyarrow reader": pa.RecordBatchReader.from_batches(table.schema, table.to_batches(max_chunksize=3)),
        "pyarrow slice": pa.concat_tables([table, table]).slice(8),
        "pyarrow dictionary": table.set_column(1, "dealer", table["dealer"].dictionary_encode()),
        "pyarrow dictionary 8": table.set_column(1, "dealer", table["dealer"].cast(pa.dictionary(pa.int8(), pa.large_string()))),
        "pyarrow view": table.set_column(1, "dealer", table["dealer"].cast(pa.string_view())),
        "pyarrow int8": table.set_column(0, "score", table["score"].cast(pa.int8())),
        "pyarrow uint16": table.set_column(0, "score", table["score"].cast(pa.uint16())),
        "pyarrow halffloat": table.set_column(0, "score", table["score"].cast(pa.float16())),
        "pyarrow decimal": table.set_column(0, "score", table["score"].cast(pa.decimal128(24, 2))),
        "duckdb": duckdb.from_arrow(table),
        "duckdb sums": duckdb.sql("select sum(score) score, dealer from (select unnest(range(8)) i, unnest("
            + str(SCORES).replace("None", "null") + ") score, unnest(" + str(DEALERS).replace("None", "null") + ") dealer) group by i, dealer"),
        "duckdb enum": duckdb.from_arrow(table).project("score, dealer::dealers as dealer"),
    }


OUT = {"polars": pl.DataFrame, "pandas": pd.DataFrame, "pyarrow": pa.Table, "duckdb": duckdb.DuckDBPyRelation}


def test_every_kind_of_frame_gives_the_same(answers: dict[str, list[Any]]) -> None:
    expected = values(csat.nps(answers, by="dealer"))
    assert len(expected) == 4 * 5
    for name, frame in kinds(answers).items():
        result = csat.nps(frame, by="dealer")
        wanted = csat.Table if name.endswith("reader") else OUT.get(name.partition(" ")[0], csat.Table)
        assert isinstance(result, wanted), name
        assert values(result) == expected, name


def test_keys_keep_their_type(answers: dict[str, list[Any]]) -> None:
    frame = pl.DataFrame(answers).with_columns(pl.col("dealer").cast(pl.Categorical), k=pl.lit(3, pl.Int8))
    assert csat.nps(frame, by=["dealer", "k"]).schema["dealer"] == pl.Categorical
    assert csat.nps(frame, by=["dealer", "k"]).schema["k"] == pl.Int8
    assert csat.nps(pl.DataFrame(answers), by="dealer").schema["dealer"] == pl.String
    assert csat.nps(pd.DataFrame(answers), by="dealer")["dealer"].dtype == pd.DataFrame(answers)["dealer"].dtype
    joined = pl.DataFrame(answers).join(csat.nps(pl.DataFrame(answers), by="dealer"), on="dealer")
    assert joined.height == 7 * 5


def test_missing_and_nan_are_the_same() -> None:
    scores = [10.0, None, float("nan"), 0.0]
    frames = [
        pl.DataFrame({"score": scores}, strict=False),
        pd.DataFrame({"score": scores}),
        pa.table({"score": pa.array(scores)}),
        {"score": scores},
        {"score": np.array([10.0, np.nan, np.nan, 0.0])},
        {"score": np.ma.array([10, 1, 1, 0], mask=[False, True, True, False])},
    ]
    for frame in frames:
        rows = values(csat.nps(frame))
        assert [row[1] for row in rows if row[0] in ("nps", "missing")] == [0.0, 2.0]


def test_times_of_every_kind(contacts: dict[str, list[Any]]) -> None:
    seconds = [w.total_seconds() for w in contacts["wait"]]
    local = [t.astimezone(ZoneInfo("Europe/Berlin")) for t in contacts["offered"]]
    naive = [t.replace(tzinfo=None) for t in local]
    waits: list[Any] = [
        contacts["wait"],
        seconds,
        [int(s) for s in seconds],
        [Decimal(s) for s in seconds],
        np.array(seconds, dtype="f4"),
        np.array([int(s) for s in seconds], dtype="m8[s]"),
        pd.Series(contacts["wait"]),
        pa.array([int(s) * 1000 for s in seconds], pa.duration("ms")),
        pa.array([Decimal(s) for s in seconds], pa.decimal128(10, 3)),
        pa.array([pa.scalar((0, 0, int(s) * 10**9), pa.month_day_nano_interval()).as_py() for s in seconds], pa.month_day_nano_interval()),
        pl.Series(contacts["wait"]),
    ]
    instants: list[Any] = [
        contacts["offered"],
        local,
        naive,
        np.array(naive, dtype="M8[s]"),
        pd.Series(local),
        pd.Series(naive),
        pl.Series(contacts["offered"]),
        pl.Series(naive),
        pa.array(contacts["offered"], pa.timestamp("ns", "Asia/Tokyo")),
        pa.array(naive, pa.timestamp("s")),
    ]
    expected = values(csat.wait(contacts, of="all", every="30m", tz="Europe/Berlin"))
    for wait in waits:
        for offered in instants if wait is waits[0] else instants[:1]:
            frame = {**contacts, "wait": wait, "offered": offered}
            assert values(csat.wait(frame, of="all", every="30m", tz="Europe/Berlin")) == expected


def test_units_say_what_numbers_count(contacts: dict[str, list[Any]]) -> None:
    expected = values(csat.wait(contacts, of="all"))
    frame = {**contacts, "wait": [w // timedelta(milliseconds=1) for w in contacts["wait"]]}
    assert values(csat.wait(frame, of="all", units={"wait": "ms"})) == expected
    with pytest.raises(csat.UnknownNameError, match="wait"):
        csat.wait(frame, units={"wiat": "ms"})
    with pytest.raises(csat.UnknownNameError, match="time unit"):
        csat.wait(frame, units={"wait": "minutes"})


def test_intervals_of_duckdb(contacts: dict[str, list[Any]]) -> None:
    calls = pa.table(contacts)
    frame = duckdb.sql("select queue, offered, outcome, wait::interval as wait from calls")
    assert values(csat.wait(frame, of="all")) == values(csat.wait(contacts, of="all"))
    with pytest.raises(csat.BadValueError, match="months"):
        csat.wait(duckdb.sql("select queue, offered, outcome, interval '1 month' wait from calls"))


def test_naive_times_need_a_zone(contacts: dict[str, list[Any]]) -> None:
    naive = [t.replace(tzinfo=None) for t in contacts["offered"]]
    for offered in (naive, pl.Series(naive), pd.Series(naive), np.array(naive, dtype="M8[us]")):
        with pytest.raises(csat.WrongTypeError, match="zone"):
            csat.wait({**contacts, "offered": offered}, every="1h")
    skipped = {**contacts, "offered": [datetime(2026, 3, 29, 2, 30)] * 6}
    with pytest.raises(csat.BadValueError, match="clocks were put forward"):
        csat.wait(skipped, every="1h", tz="Europe/Berlin")
    with pytest.raises(csat.WrongTypeError, match="with and without"):
        csat.wait({**contacts, "offered": [AT, naive[0], None, None, None, None]})


def test_dates_choose_a_day() -> None:
    days = [date(2026, 3, 2), date(2026, 3, 3), None, date(2026, 3, 2)]
    expected = values(csat.nps({"score": [9, 9, 0, 0], "answered": days}, every="1d"))
    for answered in (pl.Series(days), np.array(days, dtype="M8[D]"), pa.array(days), pa.array(days, pa.date64())):
        assert values(csat.nps({"score": [9, 9, 0, 0], "answered": answered}, every="1d")) == expected
    assert [row[0] for row in expected[::5]] == [None, datetime(2026, 3, 2, tzinfo=timezone.utc), datetime(2026, 3, 3, tzinfo=timezone.utc)]


def test_bytes_that_are_no_text_are_refused() -> None:
    bad = pa.Array.from_buffers(pa.string(), 2, [None, pa.py_buffer(np.array([0, 1, 2], "i4")), pa.py_buffer(b"\xff\xfe")])
    coded = pa.DictionaryArray.from_arrays(pa.array([0, 1], pa.int32()), bad)
    view = pa.Array.from_buffers(pa.string_view(), 1, [None, pa.py_buffer(b"\x02\x00\x00\x00\xff\xfe" + bytes(10))])
    outside = pa.DictionaryArray.from_arrays(pa.array([0, 7], pa.int32()), pa.array(["a"]), safe=False)
    for column in (bad, coded, view, outside):
        frame = pa.table({"score": pa.array([9] * len(column)), "dealer": column})
        with pytest.raises(csat.BadTextError) as caught:
            csat.nps(frame, by="dealer")
        assert caught.value.context["column"] == "dealer"
        csat.nps(frame)  # a column that is not used is not looked at


def test_plain_sequences_are_the_one_column() -> None:
    expected = values(csat.nps({"score": [9, 10, 3]}))
    for data in ([9, 10, 3], (9, 10, 3), np.array([9, 10, 3]), pl.Series([9, 10, 3]), pd.Series([9, 10, 3]), pa.array([9, 10, 3])):
        assert values(csat.nps(data)) == expected
    assert isinstance(csat.nps(pl.Series([9])), pl.DataFrame)
    with pytest.raises(csat.InvalidArgumentError, match="one column"):
        csat.wait([1, 2, 3])
    with pytest.raises(csat.InvalidArgumentError, match="str"):
        csat.nps("scores.csv")


def test_odd_memory() -> None:
    wide = np.arange(40, dtype=">i2").reshape(4, 10)
    expected = values(csat.nps([0, 10, 20, 30][:2]))
    assert values(csat.nps({"score": wide[:2, 0]})) == expected  # strided, of the other byte order
    with pytest.raises(csat.WrongTypeError, match="one dimension"):
        csat.nps({"score": wide})
    for bad in ({"score": [b"9"]}, {"score": [9, "nine"]}, {"score": [True, 9]}, {"score": np.array([b"9"])}, {"score": [object()]}):
        with pytest.raises(csat.WrongTypeError):
            csat.nps(bad)
    with pytest.raises(csat.InvalidArgumentError, match="rows"):
        csat.nps({"score": [9, 10], "dealer": ["a"]}, by="dealer")
    with pytest.raises(csat.WrongTypeError, match="lunch"):
        csat.nps(pa.table({"score": [9], "lunch": pa.array([[1]])}), by="lunch")
    assert len(csat.nps(pa.table({"score": [9], "lunch": pa.array([[1]])}))) == 5


def test_empty_frames() -> None:
    for frame in (pl.DataFrame(schema={"score": pl.Int8}), pd.DataFrame({"score": []}), pa.table({"score": pa.array([], pa.int8())}), {"score": []}):
        rows = values(csat.nps(frame))
        assert rows[0][:2] == ("nps", None) and rows[0][4] == 0
    with pytest.raises(csat.MissingColumnError):
        csat.nps(pl.DataFrame())


def test_chunks_of_columns_may_end_anywhere() -> None:
    scores = pa.chunked_array([[9], [10, 3], [], [8, 0]])
    dealers = pa.chunked_array([["a", "b", "a"], ["b", "a"]])
    expected = values(csat.nps({"score": [9, 10, 3, 8, 0], "dealer": ["a", "b", "a", "b", "a"]}, by="dealer"))
    assert values(csat.nps({"score": scores, "dealer": dealers}, by="dealer")) == expected


WITHOUT_PYARROW = """
import sys
sys.modules["pyarrow"] = None
import pandas as pd, numpy as np, csat
at = pd.to_datetime(["2026-03-02 09:00", None, "2026-03-02 10:00"]).tz_localize("Europe/Moscow")
frame = pd.DataFrame({"score": [9, 3, None], "dealer": ["a", None, "a"], "answered": at})
frame["k"] = frame.dealer.astype("category")
result = csat.nps(frame, by=["dealer", "k"], every="1h", tz="Europe/Moscow")
assert isinstance(result, pd.DataFrame) and len(result) == 15, result
assert str(result["slot"].dt.tz) == "Europe/Moscow", result.dtypes
print(result.value.round(3).tolist())
"""


def test_pandas_works_without_pyarrow() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT_PYARROW], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_results_export_arrow(answers: dict[str, list[Any]]) -> None:
    result = csat.nps(answers, by="dealer")
    assert pl.DataFrame(result).height == len(result) == pa.table(result).num_rows == 20
    assert result.to_pandas().shape == result.to("pyarrow").shape == (20, len(result.columns))
    assert "<table>" in result._repr_html_() and "definition" in repr(result)
    assert result.where(dealer="Hill", part="nps")["value"] == [0.0]
    assert csat.nps(answers, by="dealer") == result != csat.nps(answers)
    with pytest.raises(csat.UnknownNameError, match="value"):
        result["valeu"]


@pytest.mark.parametrize("lazy", [False, True])
def test_a_column_that_is_wanted_twice_is_read_once(lazy: bool) -> None:
    frame = pl.DataFrame({"score": [1, 5], "answered": [AT, AT + timedelta(hours=5)]})
    frame = frame.with_columns(respondent=pl.Series(["a", "b"]), contact=pl.lit("x"), followed_up=pl.col("answered"))
    given = frame.lazy() if lazy else frame
    for function in (csat.nps, csat.satisfaction, csat.followup):
        assert function(given, every="1d", wide=True).height > 0
    index = csat.satisfaction_index(given, questions=[{"column": "score", "scale": [1, 10]}], every="1d")
    assert index["slot"].unique().to_list() == [AT.replace(hour=0)]
    by = csat.nps(given, by="respondent").filter(pl.col("part") == "nps")
    assert dict(zip(by["respondent"], by["value"], strict=True)) == {"a": -100.0, "b": -100.0}


def test_a_name_with_a_quotation_mark_is_read_from_duckdb() -> None:
    relation = duckdb.from_arrow(pa.table({"score": [1, 10], 'a"b': ["x", "y"]}))
    assert {row[0] for row in csat.nps(relation, by='a"b').fetchall()} == {"x", "y"}


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        ({"score": [1, 10**30]}, "column `score`, row 1: 10+ is beyond 64 bits"),
        ({"score": [1], "k": [2**64 - 1]}, "column `k`, row 0: 18446744073709551615 is beyond 64 bits"),
        ({"score": [1, 2], "k": ["a", "\ud800"]}, r"column `k`, row 1: the text '\\ud800' holds half a surrogate pair"),
        (pd.DataFrame({"score": [1], "k": ["\ud800"]}, dtype=object), r"column `k`.*'\\ud800' holds half a surrogate pair"),
        (pd.DataFrame({"score": [1], "k": pd.Categorical([0]).rename_categories(pd.Index(["\ud800"], dtype=object))}), "column `k`.*half a surrogate pair"),
        ({"score": [1], "k": [True, 1]}, "column `k`: a column mixes truth values"),
    ],
)
def test_a_value_that_has_no_place_is_named(frame: Any, words: str) -> None:
    with pytest.raises(csat.Error, match=words) as raised:
        csat.nps(frame, by="k" if "k" in frame else None)
    assert raised.value.context["column"] in ("k", "score")


def test_an_unread_column_may_have_any_name() -> None:
    assert csat.nps({"score": [10], "\ud800": [1]}).where(part="nps")["value"] == [100.0]
