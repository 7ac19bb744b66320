"""What is generated is what is committed; everything in the closed lists is reachable; every example runs."""

from __future__ import annotations

import doctest
import importlib
import importlib.util
import inspect
import json
import math
import pkgutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import csat

HERE = Path(__file__).resolve().parent
VECTORS = HERE.parent.parent / "tests" / "vectors"


def test_regenerating_gives_the_same_text() -> None:
    spec = importlib.util.spec_from_file_location("generate", HERE.parent / "scripts" / "generate.py")
    assert spec and spec.loader
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    for path, text in generate.files().items():
        assert (generate.PACKAGE / path).read_text(encoding="utf-8") == text, f"{path} is stale: run scripts/generate.py"


def test_every_measure_has_a_function_with_its_options() -> None:
    for about in csat.measures():
        function = getattr(csat, about["name"])
        parameters = inspect.signature(function).parameters
        for option in about["options"]:
            assert {option["name"], option["name"] + "_"} & set(parameters), about["name"]
        assert "buckets" not in parameters or parameters["buckets"].default == "exact"
        for word in ("Args:", "Returns:", "Raises:", "Example:", ">>>"):
            assert word in function.__doc__, about["name"]
        assert about["name"] in dir(csat)


def door_functions() -> dict[str, Any]:
    found = {}
    for module in pkgutil.walk_packages(csat.__path__, "csat."):
        if module.ispkg or module.name.count(".") > 2 or "._" in module.name or ".cli" in module.name:
            continue
        loaded = importlib.import_module(module.name)
        for name in getattr(loaded, "__all__", []):
            found[f"{module.name.rpartition('.')[2]}.{name.rstrip('_')}"] = getattr(loaded, name)
    return found


def test_every_function_of_the_door_has_a_python_function() -> None:
    found = door_functions()
    for function in csat.functions():
        assert function["name"] in found, function["name"]
        parameters = inspect.signature(found[function["name"]]).parameters
        assert [p.rstrip("_") for p in parameters] and len(parameters) == len(function["parameters"]) or not function["parameters"]
    assert csat.stats.share.wilson(8, 10).low == csat.call("share.wilson", successes=8, n=10)["low"]
    assert csat.stats.share.wilson(8, 10, confidence=0.9).low > csat.stats.share.wilson(8, 10).low


def test_the_door_refuses_what_it_does_not_know() -> None:
    with pytest.raises(csat.InvalidArgumentError):
        csat.stats.share.wilson(11, 10)
    with pytest.raises(csat.UnknownNameError, match="share.wilson"):
        csat.call("share.wilsson")
    with pytest.raises(csat.UnknownNameError, match="successes"):
        csat.call("share.wilson", succeses=1, n=2)
    with pytest.raises(csat.InvalidArgumentError, match="finite"):
        csat.call("mean.t_interval", values=[math.inf])
    with pytest.raises(AttributeError, match="did you mean `nps`"):
        csat.npss  # noqa: B018


def same(found: Any, expected: Any, tolerance: dict[str, float]) -> bool:
    if isinstance(expected, dict):
        return isinstance(found, dict) and all(same(found[k], v, tolerance) for k, v in expected.items())
    if isinstance(found, dict) and isinstance(expected, list):
        found = list(found.values())
    if isinstance(expected, list):
        return len(found) == len(expected) and all(same(f, e, tolerance) for f, e in zip(found, expected))
    if isinstance(expected, str) and expected in ("inf", "-inf"):
        expected = float(expected)
    if isinstance(expected, (int, float)) and not isinstance(expected, bool):
        return found is not None and math.isclose(found, expected, rel_tol=tolerance["rel"], abs_tol=tolerance["abs"])
    return bool(found == expected)


def door_vectors() -> list[Any]:
    known = {function["name"] for function in csat.functions()}
    cases = []
    for path in sorted(VECTORS.glob("*.json")):
        for case in json.loads(path.read_text(encoding="utf-8")).get("cases", []):
            if case.get("method") in known and "expected" in case:
                cases.append(pytest.param(case, id=case["id"]))
    return cases


@pytest.mark.parametrize("case", door_vectors())
def test_vectors_of_the_door(case: dict[str, Any]) -> None:
    arguments = {**case["input"], **case["options"]}
    expected = case["expected"]
    if isinstance(expected, dict) and set(expected) == {"error"}:
        with pytest.raises(csat.Error) as caught:
            csat.call(case["method"], **arguments)
        assert expected["error"] == caught.value.kind or expected["error"] in str(caught.value)
        return
    found = csat.call(case["method"], **arguments)
    if isinstance(expected, dict) and set(expected) == {"answer"} and not (isinstance(found, dict) and "answer" in found):
        expected = expected["answer"]
    assert same(found, expected, case.get("tolerance", {"abs": 1e-9, "rel": 1e-9})), found


def service_level_vectors() -> list[Any]:
    cases = []
    for case in json.loads((VECTORS / "service_level.json").read_text(encoding="utf-8"))["cases"]:
        contacts = case["input"].get("contacts", [])
        plain = all(set(c) <= {"outcome", "wait_s", "count"} for c in contacts) and contacts
        for variant in case["variants"]:
            if case["metric"] == "service_level" and plain and set(variant["options"]) == {"definition"} and "hits" in variant["expected"]:
                cases.append(pytest.param(case["input"], variant, id=f"{case['id']}-{variant['variant']}"))
    return cases


@pytest.mark.parametrize(("given", "variant"), service_level_vectors())
def test_vectors_of_service_level(given: dict[str, Any], variant: dict[str, Any]) -> None:
    rows = [c for c in given["contacts"] for _ in range(c.get("count", 1))]
    frame = {"outcome": [r["outcome"] for r in rows], "wait": [float(r["wait_s"]) for r in rows]}
    result = csat.service_level(frame, within=[f"{given['threshold_s']}s"], definitions=[variant["options"]["definition"]])
    row = next(iter(result))
    assert (row["numerator"], row["denominator"]) == (variant["expected"]["hits"], variant["expected"]["counted"])
    if variant["expected"].get("value") is not None:
        assert row["value"] == pytest.approx(variant["expected"]["value"], abs=1e-6)


def queue_log_vectors() -> list[Any]:
    cases = json.loads((VECTORS / "queue_log.json").read_text(encoding="utf-8"))["cases"]
    return [pytest.param(case, id=case["name"]) for case in cases]


@pytest.mark.parametrize("case", queue_log_vectors())
def test_vectors_of_queue_log(case: dict[str, Any]) -> None:
    text = "\n".join(case["lines"]) + ("" if case.get("cut_off") else "\n")
    log = csat.QueueLog.read_text(text, stitch_gap=case.get("stitch_gap_seconds"), tz=case.get("zone"))
    host = {"call_id": "id", "caller": "customer"}
    for name, table in (("contacts", log.contacts), ("waiting", log.waiting), ("talking", log.talking)):
        if name not in case:
            continue
        assert len(table) == len(case[name])
        for at, expected in enumerate(case[name]):
            row = {column: table.frame.column(column)[at] for column in table.columns}
            assert {key: row[host.get(key, key)] for key in expected} == expected
    remarked = {remark["reason"]: remark["lines"] for remark in log.remarks}
    assert remarked == case.get("remarks", {})
    assert {key: log.counts[key] for key in case.get("counts", {})} == case.get("counts", {})


def modules() -> list[str]:
    names = [m.name for m in pkgutil.walk_packages(csat.__path__, "csat.") if not m.name.endswith("_csat") and ".cli" not in m.name]
    return ["csat", *names]


@pytest.mark.parametrize("name", modules())
def test_examples_run(name: str) -> None:
    failed, _ = doctest.testmod(importlib.import_module(name))
    assert failed == 0


def test_examples_were_found() -> None:
    tried = sum(doctest.testmod(importlib.import_module(name)).attempted for name in ("csat", "csat._functions", "csat._tally"))
    assert tried > 3 * len(csat.measures())


def test_importing_csat_imports_no_other_library() -> None:
    code = "import sys; before = set(sys.modules); import csat; print(*sorted({m.partition('.')[0] for m in set(sys.modules) - before}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split()) - {"csat"}
    assert loaded <= set(sys.stdlib_module_names), loaded
    assert not loaded & {"typing", "re", "json", "inspect"}, loaded


def test_types() -> None:
    stub = subprocess.run([sys.executable, "-m", "mypy.stubtest", "csat._csat"], capture_output=True, text=True, cwd=HERE.parent)
    assert stub.returncode == 0, stub.stdout
    checked = subprocess.run([sys.executable, "-m", "mypy", "python/csat"], capture_output=True, text=True, cwd=HERE.parent)
    assert checked.returncode == 0, checked.stdout


def test_forms_and_demo() -> None:
    form = csat.Form.shipped("call_18")
    assert csat.Form(form.to_json()).hash == form.hash and len(form.criteria) == 18
    with pytest.raises(csat.UnknownNameError):
        form.score({"no_such_criterion": 1})
    with pytest.raises(csat.BadValueError, match=form.criteria[0]):
        form.score({form.criteria[0]: "perhaps"})
    explanation = form.explain(dict.fromkeys(form.criteria, True))
    assert explanation.score == 100.0 and form.criteria[3] in str(explanation)
    data = csat.demo(days=1)
    log = csat.QueueLog.read_text(data.queue_log)
    answered = log.contacts["outcome"].count("answered")
    assert answered == data.truth.total.answered == data.contacts["outcome"].count("answered")
    assert csat.demo(days=1).csv == data.csv
    with pytest.raises(csat.InvalidArgumentError):
        csat.demo(days=0)


def test_types_are_those_of_python() -> None:
    for path in (HERE.parent / "python" / "csat").rglob("*.py"):
        for rust in ("Vec<", "Option<", "`f64", "`String", "`usize", "`At`", "::"):
            assert rust not in path.read_text(encoding="utf-8"), (path.name, rust)
