"""The verbs of a tally, threads, errors."""

from __future__ import annotations

import json
import pickle
import random
import threading
import warnings
from datetime import timedelta
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from conftest import AT, values

import csat


def table(rows: int, seed: int = 1) -> dict[str, list[Any]]:
    chance = random.Random(seed)
    return {
        "score": [chance.choice([None, *range(11)]) for _ in range(rows)],
        "dealer": [chance.choice(["a", "b", "c", None]) for _ in range(rows)],
        "answered": [AT + timedelta(minutes=chance.randrange(5000)) for _ in range(rows)],
    }


def tally() -> csat.Tally:
    return csat.Tally("nps", by="dealer", every="1h", tz="Europe/Moscow")


def test_any_split_and_any_number_of_threads_give_the_same_bytes() -> None:
    data = pa.table(table(20_000))
    expected = tally().push(data).save()
    for threads in (1, 2, 7):
        for chunk in (500, 4096, 20_000):
            batches = pa.Table.from_batches(data.to_batches(max_chunksize=chunk))
            assert tally().push(batches, threads=threads).save() == expected
    pieces = tally()
    for start in range(0, 20_000, 3_333):
        pieces.push(data.slice(start, 3_333))
    assert pieces.save() == expected
    with pytest.raises(csat.InvalidArgumentError, match="threads"):
        tally().push(data, threads=0)


def test_the_verbs() -> None:
    first, second = tally().push(table(500, 1)), tally().push(table(500, 2))
    both = first.copy().merge(second)
    assert both.copy().subtract(second) == first
    assert first.empty_like().merge(both.save()) == both
    assert csat.Tally.load(both.save()) == both
    assert pickle.loads(pickle.dumps(both)) == both
    assert first.footprint == second.footprint and first.groups > 100 and first.memory > 0
    with pytest.raises(csat.BelowZeroError):
        first.subtract(both)
    with pytest.raises(csat.PlanMismatchError):
        first.merge(csat.Tally("nps"))
    with pytest.raises(csat.InvalidStateError):
        csat.Tally.load(both.save()[:-1])
    total = both.roll_up()
    assert total == csat.Tally("nps").push(table(500, 1)).push(table(500, 2))
    assert both.roll_up("dealer", "1d").roll_up() == total
    noon = AT.replace(hour=12)
    early, late = both.window(AT - timedelta(days=9), noon), both.copy().forget(noon)
    assert early.merge(late) == both
    assert late == both.copy().forget("2026-03-02T15:00") == both.copy().forget(1772452800000000)


def test_reports_read_the_same_counts_in_other_ways(contacts: dict[str, list[Any]]) -> None:
    counted = csat.Tally(["wait", "volume"], by="queue").push(contacts)
    assert set(counted.report()["measure"]) == {"wait", "volume"}
    again = counted.report_as([{"measure": "wait", "quantiles": [0.5]}, "volume"])
    assert len(again) < len(counted.report())
    with pytest.raises(csat.NotFoldedError):
        counted.report_as([{"measure": "wait", "of": "all"}, "volume"])
    wide = counted.report(wide=True, conf=None)
    assert len(wide) == 2 and "wait n" in wide.columns and not any(name.endswith(" low") for name in wide.columns)
    assert isinstance(counted.report(kind="polars"), pl.DataFrame)
    assert isinstance(counted.push(pl.DataFrame(contacts)).report(), pl.DataFrame)


def test_pending_contacts_are_seen_and_not_counted(contacts: dict[str, list[Any]]) -> None:
    counted = csat.Tally("volume").push(contacts)
    before = counted.save()
    pending = {"offered": [AT, AT], "outcome": [None, None], "wait": [None, None]}
    seen = counted.report(pending=pending, as_of=AT + timedelta(minutes=1))
    assert sum(seen["n"]) > sum(counted.report()["n"])
    assert counted.save() == before


def test_a_push_that_fails_counts_nothing() -> None:
    counted = tally().push(table(100))
    before = counted.save()
    bad = table(9000)
    bad["score"][8500] = 11
    for threads in (1, 2, 7):
        with pytest.raises(csat.BadValueError, match="row 8500: score is 11") as caught:
            counted.push(pa.Table.from_batches(pa.table(bad).to_batches(max_chunksize=1000)), threads=threads)
        assert caught.value.kind == "bad_value" and caught.value.context["row"] == "8500"
        assert counted.save() == before
        aside = tally().push(bad, bad_rows="set_aside", threads=threads).set_aside
        assert aside["total"] == 1 and aside["first"][0][0] == 8500
    with warnings.catch_warnings(record=True) as caught_warnings:
        warnings.simplefilter("always")
        csat.nps(bad, bad_rows="set_aside")
    assert [w.category for w in caught_warnings] == [csat.RowsSetAside]
    with pytest.raises(csat.UnknownNameError, match="set_aside"):
        tally().push(bad, bad_rows="setaside")


def test_errors_speak() -> None:
    with pytest.raises(csat.MissingColumnError, match="did you mean `recomend`"):
        csat.nps({"recomend": [9], "other": [1]}, score="recommend")
    with pytest.raises(csat.MissingColumnError, match="did you mean `dealr`"):
        csat.nps(pl.DataFrame({"score": [9], "dealr": ["a"]}), by="dealer")
    with pytest.raises(csat.UnknownNameError, match="did you mean `nps`"):
        csat.Tally("npss")
    with pytest.raises(csat.UnknownNameError, match="Europe/Moscow"):
        csat.Tally("nps", every="1h", tz="Europe/Mosow")
    with pytest.raises(csat.BadTextError, match="slot"):
        csat.Tally("nps", every="7 parsecs")
    with pytest.raises(ValueError):
        csat.Tally("nps", by=["a", "a"])
    with pytest.raises(csat.InvalidArgumentError, match="64 bits"):
        csat.Tally({"measure": "nps", "promoters": 2**80})
    deep: Any = []
    for _ in range(500):
        deep = [deep]
    with pytest.raises(csat.InvalidArgumentError, match="nested"):
        csat.Tally({"measure": "nps", "promoters": deep})
    assert {name for _, name in csat.error_kinds()} <= set(dir(csat))
    assert all(issubclass(getattr(csat, name), csat.Error) for _, name in csat.error_kinds())


def test_many_threads_share_one_tally() -> None:
    shared, other = tally(), tally()
    pieces = [table(300, seed) for seed in range(8)]
    work = [threading.Thread(target=shared.push, args=(piece,)) for piece in pieces]
    work += [threading.Thread(target=other.push, args=(piece,)) for piece in pieces]
    work += [threading.Thread(target=lambda: (shared.report(), other.save())) for _ in range(4)]
    for thread in work:
        thread.start()
    for thread in work:
        thread.join()
    assert shared == other
    crossing = [threading.Thread(target=a.merge, args=(b,)) for a, b in ((shared, other), (other, shared))]
    for thread in crossing:
        thread.start()
    for thread in crossing:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in crossing)
    expected = tally()
    for piece in pieces:
        expected.push(piece)
    assert values(shared.roll_up().report())[0][5] >= 2 * values(expected.roll_up().report())[0][5]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"threads": -1}, "threads = -1; use a whole number from 1 to 1024"),
        ({"threads": "2"}, "threads = '2'"),
        ({"units": "s"}, "units = 's'; give a dict"),
        ({"bad_rows": 5}, "unknown value of bad_rows `5`"),
        ({"columns": {"scroe": "x"}}, "answers have no column `scroe`; did you mean `score`"),
        ({"columns": {"offered": "x"}}, "answers have no column `offered`"),
        ({"by": 5}, "keys are a column name or a list of them, not 5"),
        ({"by": "\ud800"}, "half a surrogate pair"),
    ],
)
def test_a_wrong_option_is_named(options: dict[str, Any], words: str) -> None:
    with pytest.raises(csat.Error, match=words):
        csat.nps({"score": [1], "x": [2]}, **options)


def test_columns_of_the_table_that_are_not_read_may_be_mapped() -> None:
    tally = csat.Tally("nps", columns={"dealer": "d", "touchpoint": "t"}, by="dealer")
    assert tally.push({"score": [10], "d": ["North"]}).report()["dealer"][0] == "North"


def test_a_saved_state_is_bytes_of_any_kind() -> None:
    tally = csat.Tally("nps").push([10, 3])
    state, empty = tally.save(), csat.Tally("nps")
    assert tally.copy().merge(bytearray(state)).subtract(memoryview(state)) == tally
    assert tally.copy().subtract(tally.save(cells=True)).report()["n"] == empty.report()["n"]
    for wrong in ("x", 5, None):
        for verb in (csat.Tally.load, empty.merge, empty.subtract):
            with pytest.raises(csat.InvalidArgumentError, match="a saved state is bytes"):
                verb(wrong)  # type: ignore[arg-type]


def test_forms_are_read_from_dicts_and_refused_in_words() -> None:
    shipped = csat.Form.shipped("chat_8")
    assert csat.Form(json.loads(shipped.to_json())).hash == csat.Form(shipped.to_json()).hash == shipped.hash
    for given, words in (
        ("chat_8", r'use csat.Form.shipped\("chat_8"\)'),
        ("call_81", r'did you mean csat.Form.shipped\("call_18"\)'),
        ("forms/own.toml", "csat.Form.load reads a file"),
        (5, "not int"),
        ({1: "x"}, "a name is a text, not 1"),
    ):
        with pytest.raises(csat.InvalidArgumentError, match=words):
            csat.Form(given)  # type: ignore[arg-type]
    for answers, words in ((["yes"], "not list"), ({5: "yes"}, "named by a text, not 5"), ({"\ud800": 1}, "surrogate")):
        for verb in (shipped.score, shipped.explain):
            with pytest.raises(csat.Error, match=words):
                verb(answers)  # type: ignore[arg-type]


def test_a_queue_log_takes_bytes() -> None:
    line = "1700000000|1.1|поддержка|NONE|ENTERQUEUE||2001|1\n".encode()
    log = csat.QueueLog()
    log.push(line[:20])  # ends inside a letter
    log.push(line[20:])
    log.push(line.replace(b"1.1", b"1.2").replace("поддержка".encode(), b"\xff"))
    assert log.waiting["queue"] == ["поддержка", "\N{REPLACEMENT CHARACTER}"]
    log.push(line.decode().replace("1.1", "1.3").replace("поддержка", "\ud800"))
    assert log.waiting["queue"][-1] == "?"
    with pytest.raises(csat.InvalidArgumentError, match="text or bytes, not int"):
        log.push(5)  # type: ignore[arg-type]
    for gap in (-1, "x", float("nan")):
        with pytest.raises(csat.InvalidArgumentError, match="stitch_gap"):
            csat.QueueLog(stitch_gap=gap)  # type: ignore[arg-type]
