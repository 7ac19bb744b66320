"""Functions on whole frames: repeat answers; comparisons and networks of what they return."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

import csat
from csat._frames import give

# North: ann answers 10, then 2 about the same visit; bob 9 and a later visit 8. River: an answer about nothing known.
ANSWERS: dict[str, list[Any]] = {
    "recommend": [10, 2, 9, 8, 3],
    "who": ["ann", "ann", "bob", "bob", "cid"],
    "visit": [1, 1, 1, 2, None],
    "dealer": ["North", "North", "North", "North", "River"],
}
MAPPED: dict[str, Any] = {"score": "recommend", "respondent": "who", "contact": "visit"}


def nps(**options: Any) -> dict[str, Any]:
    row = next(iter(csat.nps(ANSWERS, **options)))
    return {name: row.get(name) for name in ("value", "n", "set_aside")}


def test_the_latest_answer_counts_where_respondent_and_contact_are_mapped() -> None:
    assert nps(**MAPPED) == {"value": -25.0, "n": 4, "set_aside": 1}
    assert nps(**MAPPED, repeat="first") == {"value": 25.0, "n": 4, "set_aside": 1}
    assert nps(**MAPPED, repeat="all") == nps(score="recommend") == {"value": 0.0, "n": 5, "set_aside": None}
    assert nps(**MAPPED, repeat="one_per:1d")["set_aside"] == 1
    named = {"respondent": ANSWERS["who"], "contact": ANSWERS["visit"], "score": ANSWERS["recommend"]}
    assert next(iter(csat.nps(named)))["set_aside"] == 1
    assert csat.nps(ANSWERS, **MAPPED, by="dealer", wide=True)["set_aside"] == [1, 1]


def test_the_instant_decides_before_the_order_of_rows() -> None:
    at = ["2026-03-02T12:00+00:00", "2026-03-02T11:00+00:00"]
    frame = {"score": [10, 2], "who": [7, 7], "visit": [1, 1]}
    for instants in ([datetime.fromisoformat(text) for text in at], at):
        found = csat.nps({**frame, "at": instants}, respondent="who", contact="visit", answered="at")
        assert found["value"][0] == 100.0
    with pytest.raises(csat.Error, match="row 1.*repeat = .all."):
        csat.nps({**frame, "at": [at[0], "yesterday"]}, respondent="who", contact="visit", answered="at")


def test_repeats_need_their_columns_and_keep_row_numbers() -> None:
    with pytest.raises(csat.MissingColumnError, match="respondent"):
        csat.nps(ANSWERS, score="recommend", repeat="first")
    with pytest.raises(csat.UnknownNameError, match="did you mean `first`"):
        csat.nps(ANSWERS, **MAPPED, repeat="frist")
    with pytest.raises(csat.BadValueError, match="row 3"):
        csat.nps({**ANSWERS, "recommend": [10, 2, 9, 11, 3]}, **MAPPED)
    # A repeat that is set aside is not looked at.
    assert next(iter(csat.nps({**ANSWERS, "recommend": [11, 2, 9, 8, 3]}, **MAPPED)))["n"] == 4
    with pytest.raises(csat.InvalidOptionError, match="set_aside"):
        csat.nps({**ANSWERS, "set_aside": [1] * 5}, **MAPPED, by="set_aside")
    same = csat.nps(ANSWERS, **MAPPED, threads=3)
    assert same == csat.nps(ANSWERS, **MAPPED)


def test_a_tally_never_sets_repeats_aside() -> None:
    tally = csat.Tally({"measure": "nps", "score": "recommend"}, columns={"respondent": "who", "contact": "visit"})
    assert next(iter(tally.push(ANSWERS).report()))["n"] == 5


@pytest.mark.parametrize("kind", ["table", "polars", "pandas", "pyarrow", "duckdb"])
def test_reports_are_compared_and_judged(kind: str) -> None:
    table = csat.nps(ANSWERS, score="recommend", by="dealer")
    report = give(table.frame, kind)
    network = csat.network.nets(report)
    assert [(unit.unit, unit.n, unit.value) for unit in network.units] == [("North", 4, 25.0), ("River", 1, -100.0)]
    change = csat.compare.shares(report, report, part="promoters", like_for_like=True)
    assert (change.before, change.units, change.difference) == (0.4, 2, 0.0)


def test_an_estimate_is_a_side_of_its_own() -> None:
    sides = [next(iter(csat.nps({"score": scores}).where(part="promoters"))) for scores in ([9, 3], [9, 10])]
    assert csat.compare.shares(*sides).difference == 0.5
    means = [csat.satisfaction({"score": scores}) for scores in ([1, 2, 3, 4], [3, 4, 5, 5])]
    plain = [[{"n": 4, "mean": 2.5, "standard_deviation": (5 / 3) ** 0.5}], [{"n": 4, "mean": 4.25, "standard_deviation": 0.75**0.5 * (11 / 9) ** 0.5}]]
    found, expected = csat.compare.means(*means, part="mean"), csat.compare.means(*plain)
    assert found.low == pytest.approx(expected.low) and found.difference == expected.difference == 1.75
    with pytest.raises(csat.InvalidArgumentError, match="interval"):
        csat.compare.means(csat.satisfaction({"score": [1, 2]}, conf=None), [], part="mean")


def test_definitions_are_compared_cell_by_cell() -> None:
    contacts = {"outcome": ["answered"] * 3 + ["abandoned"], "wait": [5.0, 20.0, 60.0, 3.0], "queue": list("aabb")}
    report = csat.service_level(contacts, definitions=["offered", "offered-lt", "answered_only"], cells=True, by="queue")
    first, strict, answered = csat.compare.definitions(report)
    assert (first.value, strict.value, answered.value) == (0.5, 0.25, 2 / 3)
    assert strict.differences == [{"outcome": "answered", "first": "hit", "second": "miss", "contacts": 1}]
    assert (first.contacts, answered.contacts) == (0, 1)
    assert csat.explain(strict.definition).startswith("offered-lt")
    with pytest.raises(csat.Error, match="cells"):
        csat.compare.definitions(csat.service_level(contacts))


def test_one_measure_of_two_columns_needs_a_name() -> None:
    answers = {"dealer_score": [10, 9], "brand_score": [3, 2]}
    recipes = [{"measure": "nps", "score": column} for column in answers]
    with pytest.raises(csat.InvalidOptionError, match="give one of them a name"):
        csat.Tally(recipes)
    tally = csat.Tally([recipes[0], {**recipes[1], "name": "brand"}]).push(answers)
    report = tally.report()
    assert report.where(definition="brand/nps")["value"] == [-100.0]
    assert report.where(definition="nps")["value"] == [100.0]
    assert csat.Tally.load(tally.save()).report() == report
