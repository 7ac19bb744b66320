"""The command: what it prints for people and programs, what it refuses, and that its numbers are the known ones."""

from __future__ import annotations

import csv
import errno
import gzip
import io
import json
import os
import re
from pathlib import Path

import pytest

pl = pytest.importorskip("polars", reason="the command needs the extra `cli`")
pytest.importorskip("click", reason="the command needs the extra `cli`")
pytest.importorskip("rich", reason="the command needs the extra `cli`")

import csat  # noqa: E402
from csat.cli import main  # noqa: E402
from csat.cli.convert import durations, find_format, marks, numbers, times  # noqa: E402
from csat.cli.mapping import load  # noqa: E402
from csat.cli.recognise import recognise  # noqa: E402
from csat.cli.source import find_separator, read  # noqa: E402
from csat.cli.trouble import Trouble  # noqa: E402
from csat.cli.words import OUTCOME_CLASSES, TABLES, outcome_of, role_of  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES, MAPPINGS = ROOT / "examples" / "data", ROOT / "examples" / "mappings"
DATA = Path(os.environ.get("CSAT_DATA", ROOT.parent / "shared" / "data"))


@pytest.fixture
def run(capsys):
    """Runs the command: exit code, standard output, standard error."""

    def go(*arguments: object) -> tuple[int, str, str]:
        code = main([str(one) for one in arguments])
        out = capsys.readouterr()
        return code, out.out, out.err

    return go


def data(*names: str) -> list[Path]:
    """Files of the data sets of others, which are not part of this project."""
    files = [DATA / name for name in names]
    if not all(file.exists() for file in files):
        pytest.skip(f"the data set {names[0].split('/')[0]} is not there (CSAT_DATA)")
    return files


def numbers_of(text: str) -> dict[tuple, dict]:
    """The numbers of --json by section, keys, definition and column."""
    found = json.loads(text)["numbers"]
    return {(n["section"], tuple(n["keys"].values()), n["slot"], n["definition"], n["of"]): n for n in found}


# --- real data -----------------------------------------------------------------------------------------------------


def test_the_bank_log_gives_the_published_service_levels(run):
    (log,) = data("anonymous_bank_feb1999/data_anonymous_bank_february.txt")
    mapping = MAPPINGS / "anonymous_bank_feb1999.toml"
    code, out, _ = run(
        "report",
        log,
        "--map",
        mapping,
        "--definition",
        "asterisk_sl1",
        "--definition",
        "offered",
        "--definition",
        "abandons_within_t_excluded",
        "--definition",
        "abandons_within_t_hit",
        "--json",
    )
    found = numbers_of(out)

    def total(definition: str) -> dict:
        return found["total", (), None, definition, None]

    assert code == 0
    assert total("volume:contacts")["value"] == 33043
    assert (total("volume:answered")["value"], total("volume:abandoned")["value"]) == (27141, 5902)
    for definition, numerator, denominator, value in (
        ("sl:offered:20s", 16209, 33043, 0.490543),
        ("sl:asterisk_sl1:20s", 16209, 27141, 0.597215),
        ("sl:abandons_within_t_excluded:20s", 16209, 29845, 0.543106),
        ("sl:abandons_within_t_hit:20s", 19407, 33043, 0.587326),
        ("ab:offered", 5902, 33043, 0.178616),
    ):
        number = total(definition)
        assert (number["numerator"], number["denominator"]) == (numerator, denominator), definition
        assert number["value"] == pytest.approx(value, abs=5e-7)
    assert total("asa:answered")["value"] == pytest.approx(40.729855, abs=5e-7)
    assert total("wait:abandoned:mean")["value"] == pytest.approx(43.987801, abs=5e-7)
    for queue, offered, rate in (("NW", 7564, 0.340296), ("PS", 21246, 0.137343)):
        of_queue = found["by queue", (queue,), None, "ab:offered", None]
        assert (of_queue["n"], of_queue["value"]) == (offered, pytest.approx(rate, abs=5e-7))


def test_the_bank_log_for_people(run):
    (log,) = data("anonymous_bank_feb1999/data_anonymous_bank_february.txt")
    code, out, _ = run("report", log, "--map", MAPPINGS / "anonymous_bank_feb1999.toml")
    assert code == 0
    for shown in (
        "49.05 %",
        "59.72 %",
        "54.31 %",
        "58.73 %",
        "17.86 %",
        "33,344 rows read, 33,043 contacts kept",
        "left out 276: outcome = skip (PHANTOM)",
        "mean of half-hours (do not use)",
    ):
        assert shown in out
    code, out, _ = run(
        "report",
        log,
        "--map",
        MAPPINGS / "anonymous_bank_feb1999.toml",
        "--queue",
        "PS",
        "--from",
        "1999-02-01",
        "--to",
        "1999-02-01",
        "--json",
    )
    assert {key[1] for key in numbers_of(out) if key[0] == "by queue"} == {("PS",)}


def test_airlines_give_the_known_nps(run):
    files = data("nps_airlines/prep_air.csv", "nps_airlines/other_airlines.csv")
    code, out, _ = run("report", *files, "--map", MAPPINGS / "nps_airlines.toml", "--json")
    found = {key[:4]: number for key, number in numbers_of(out).items()}
    total = found["total", (), None, "nps"]
    assert (code, total["n"]) == (0, 5907) and total["value"] == pytest.approx(9.310987, abs=5e-7)
    assert found["by Airline", ("Prep Air",), None, "nps"]["value"] == pytest.approx(21.195652, abs=5e-7)
    assert len([key for key in found if key[0] == "by Airline" and key[3] == "nps"]) == 99
    # The question says "recommend": without a mapping file the total is the same.
    assert "+9.3" in run("report", *files)[1]


def test_a_small_survey_gives_an_nps_below_zero(run):
    (file,) = data("nps_event_survey/responses.csv")
    code, out, _ = run("report", file, "--map", MAPPINGS / "nps_event_survey.toml", "--json")
    nps = next(n for n in json.loads(out)["numbers"] if n["definition"] == "nps")
    assert (code, nps["n"]) == (0, 39) and nps["value"] == pytest.approx(-35.897436, abs=5e-7)


def test_the_satisfaction_index_of_a_real_survey(run):
    (file,) = data("ecsi_mobi/mobi.csv")
    code, out, _ = run("report", file, "--map", MAPPINGS / "ecsi_mobi.toml", "--json")
    found = json.loads(out)["numbers"]
    index = [n["value"] for n in found if n["part"] == "index"]
    assert code == 0 and index == pytest.approx([71.97037, 72.454118, 70.783333], abs=5e-7)
    alpha = [n["value"] for n in found if n["part"] == "alpha"]
    assert alpha == pytest.approx([0.770113, 0.770113, 0.916555], abs=5e-7)
    means = {n["part"]: n["value"] for n in found}
    assert means["question/CUSA2/mean"] == pytest.approx(7.128) and means["question/CUSL2/mean"] == pytest.approx(4.988)


def test_a_dirty_file_is_told_about(run):
    (file,) = data("complaints_log/complaints.csv")
    code, out, _ = run("inspect", file)
    assert code == 0 and "times are written in 2 ways" in out
    code, out, _ = run("report", file, "--map", MAPPINGS / "complaints_log.toml")
    # 48 of the 100 rows say `True`.
    assert code == 0 and re.search(r"all +48\.00 % .* 48 +52\n", out)


def test_tickets_give_the_published_shares_by_department(run):
    files = data(*(f"it_tickets_sla/tickets_{month}.csv" for month in (1, 2, 3)))
    found = numbers_of(run("report", *files, "--map", MAPPINGS / "it_tickets_sla.toml", "--json")[1])
    met = {keys: n for (_, keys, _, name, _), n in found.items() if n["part"] == "met"}
    missed = next(n for n in found.values() if n["part"] == "missed" and n["section"] == "total")
    assert (met[()]["numerator"], missed["value"]) == (71, 32)
    published = {"HR": 1, "Operations": 1, "Project Management": 1, "Sales": 1, "Product Design": 10 / 11}
    assert {name: met[(name,)]["value"] for name in published} == published
    code, out, _ = run("report", *files, "--map", MAPPINGS / "it_tickets_sla.toml")
    assert code == 0 and "665 tickets made of these events" in out
    assert re.search(r"all +68\.93 % .* 71 +32 +562 ", out) and "with --as-of TIME" in out


# --- the simulated week --------------------------------------------------------------------------------------------


def test_demo_finds_what_the_simulator_knows(run, tmp_path):
    code, out, _ = run("demo", "--out", tmp_path, "--json")
    found, truth = numbers_of(out), json.loads((tmp_path / "truth.json").read_text())
    assert code == 0

    def number(section: str, keys: tuple, definition: str) -> dict:
        return next(n for key, n in found.items() if key[:4] == (section, keys, None, definition))

    for queue in truth["queues"]:

        def of_queue(definition: str, queue: dict = queue) -> dict:
            return number("by queue", (queue["name"],), definition)

        level = of_queue("sl:offered:20s")
        assert (level["numerator"], level["denominator"]) == (queue["answered_within_20s"], queue["offered"])
        assert of_queue("ab:offered")["numerator"] == queue["abandoned"]
        assert of_queue("asa:answered")["value"] == pytest.approx(queue["wait_of_answered"] / queue["answered"])
        assert of_queue("transfer:answered")["numerator"] == queue["transferred"]
    handle = truth["total"]["talk_and_hold"] + truth["total"]["wrap"]
    assert number("total", (), "aht:total:mean")["value"] == pytest.approx(handle / truth["total"]["answered"])
    for dealer in truth["dealers"]:
        nps = number("by dealer", (dealer["name"],), "nps")
        assert nps["value"] == pytest.approx(100 * (dealer["promoters"] - dealer["detractors"]) / dealer["answers"])
        mean = number("by dealer", (dealer["name"],), "csat:1-5:mean")
        assert mean["value"] == pytest.approx(dealer["satisfaction"] / dealer["answers"])
    score = next(
        n
        for n in found.values()
        if n["measure"] == "scorecard" and n["part"] == "pooled_points" and n["section"] == "total"
    )
    yes, no, _ = truth["criteria"]
    assert score["value"] == pytest.approx(100 * yes / (yes + no))


def test_demo_prints_the_same_every_time(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first, second = run("demo", "--days", "2"), run("demo", "--days", "2")
    assert first == second and first[0] == 0
    assert "DIFFERENT" not in first[1] and first[1].count("  same") == 23
    assert all(line == line.rstrip() for line in first[1].splitlines())
    snapshot = Path(__file__).with_name("demo_two_days.txt")
    if os.environ.get("CSAT_WRITE_SNAPSHOTS"):
        snapshot.write_text(first[1], encoding="utf-8")
    assert first[1] == snapshot.read_text(encoding="utf-8")


def test_the_queue_log_and_its_table_say_the_same(run):
    tables = [
        numbers_of(run("report", EXAMPLES / name, "--json", "--tz", "Europe/Moscow")[1])
        for name in ("queue_log", "contacts.csv")
    ]
    levels = [{key: number for key, number in table.items() if key[3].startswith("sl:")} for table in tables]
    assert levels[0] == levels[1] and len(levels[0]) > 10


# --- for programs --------------------------------------------------------------------------------------------------


def test_csv_and_json_hold_the_same_numbers(run):
    _, text, said = run("report", EXAMPLES / "contacts.csv", "--csv")
    rows, entries = (
        list(csv.DictReader(io.StringIO(text))),
        json.loads(run("report", EXAMPLES / "contacts.csv", "--json")[1])["numbers"],
    )
    assert len(rows) == len(entries) and "23 contacts kept" in said
    for row, entry in zip(rows, entries, strict=True):
        assert row["definition"] == entry["definition"] and row["value"] == (
            "" if entry["value"] is None else str(entry["value"])
        )
    level = next(row for row in rows if row["definition"] == "sl:offered:20s")
    assert float(level["value"]) == 15 / 23 and level["n"] == "23"
    # Nothing is not zero: there is no wait of contacts that nobody abandoned.
    assert all(row["value"] == "" for row in rows if row["n"] == "0" and row["unit"] != "count")


def test_people_are_not_in_the_report_unless_asked_for(run):
    for form in ("--json", "--csv"):
        text = run("report", EXAMPLES / "contacts.csv", EXAMPLES / "answers.csv", EXAMPLES / "evaluations.csv", form)[1]
        assert "PJSIP" not in text and "c0417" not in text and "reviewer-" not in text
    assert "PJSIP/201" in run("report", EXAMPLES / "contacts.csv", "--by", "agent")[1]
    assert "c0417" not in run("inspect", EXAMPLES / "contacts.csv")[1]


def test_a_terminal_gets_boxes_and_a_pipe_plain_text(run):
    from csat.cli.show import Sheet, render

    sheet = Sheet("Title", ["Name", ">Value"], [["a", "1"], ["bb", "–"]], ["a note"])
    assert (
        render([sheet], ["head"], False)
        == "head\n\nTitle\nName  Value\n----  -----\na         1\nbb        –\n  a note\n"
    )
    boxes = render([sheet], ["head"], True, width=60)
    assert "╭" in boxes and "a note" in boxes


def test_options_of_the_report(run):
    code, out, _ = run(
        "report",
        EXAMPLES / "contacts.csv",
        "--within",
        "10",
        "--within",
        "1m",
        "--short",
        "5s",
        "--definition",
        "short_abandons_excluded",
        "--definition",
        "genesys_cloud-fsa",
        "--definition",
        "sl:offered:15s",
    )
    assert code == 0
    for id in (
        "sl:short_abandons_excluded-short5s:10s",
        "sl:genesys_cloud-fsa:1m",
        "sl:offered:15s",
        "ab:offered-short5s",
    ):
        assert id.replace("-short5s:", ":") in out or id in out
    assert "sl:wazo_qos" in run("report", EXAMPLES / "contacts.csv", "--definition", "all")[1]
    code, out, _ = run("report", EXAMPLES / "contacts.csv", "--from", "2026-03-02T08:30", "--to", "2026-03-02T09:00")
    assert "10 contacts in the denominator" in out and "Contacts                                 10" in out


def test_explain(run):
    code, out, _ = run("explain", "sl:offered:20s")
    assert code == 0 and "answered within T / all offered" in out and "T = 20s" in out
    assert "ab:lost" in run("explain")[1]
    code, _, said = run("explain", "oferred")
    assert code == 1 and "did you mean `offered`?" in said


# --- what people hand in -------------------------------------------------------------------------------------------

RUSSIAN = (
    "Очередь;Время поступления;Результат;Ожидание, с;Разговор\n"
    "Продажи;02.03.2026 08:03:10;Отвечен;6,5;0:03:04\n"
    "Продажи;02.03.2026 08:15:00;Потерян;3;\n"
    "Поддержка;02.03.2026 09:30:00;Отвечен;21,0;0:01:30\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
def test_a_russian_table_is_recognised(run, tmp_path, encoding):
    file = tmp_path / "звонки.csv"
    file.write_bytes(RUSSIAN.encode(encoding))
    code, out, said = run("report", file, "--tz", "Europe/Moscow", "--json")
    found = numbers_of(out)
    assert code == 0, said
    assert found["total", (), None, "asa:answered", None]["value"] == pytest.approx(13.75)
    assert found["total", (), None, "aht:talk:mean", None]["value"] == pytest.approx(137)
    assert found["by queue", ("Продажи",), None, "sl:offered:20s", None]["numerator"] == 1
    code, _, said = run("report", file)
    assert code == 1 and "without a zone" in said and "--tz" in said and "02.03.2026 08:03:10" in said


def test_parquet_and_gzip(run, tmp_path):
    frame = pl.read_csv(EXAMPLES / "contacts.csv", try_parse_dates=True)
    frame.write_parquet(tmp_path / "contacts.parquet")
    (tmp_path / "contacts.csv.gz").write_bytes(gzip.compress((EXAMPLES / "contacts.csv").read_bytes()))
    expected = numbers_of(run("report", EXAMPLES / "contacts.csv", "--json")[1])
    assert numbers_of(run("report", tmp_path / "contacts.parquet", "--json", "--tz", "Etc/GMT-3")[1]) == expected
    assert numbers_of(run("report", tmp_path / "contacts.csv.gz", "--json")[1]) == expected


HEADER = "queue,offered,answered,ended\n"
GOOD = "a,2026-03-02T08:00:00Z,2026-03-02T08:00:05Z,2026-03-02T08:01:00Z\n"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b" \n\n", "the file is empty"),
        (HEADER.encode(), "a header but no rows"),
        ((HEADER + '"a,b\n' + GOOD).encode(), "line 2: a quotation mark is opened here and never closed"),
        ((HEADER + "a,b\n").encode(), "line 2: 2 fields, the header has 4"),
        ("queue,offered\né,x\n".encode("latin-1"), "line 2: byte 0xe9 is not UTF-8"),
        (b"PK\x03\x04rest", "save the sheet as CSV"),
        (b"\xff\x00\x00\x01\x00", "this is not text"),
        (b"1,2,3\n4,5,6\n", "the first line holds values"),
        (b"a,a,b\n1,2,3\n", "`a` stands twice"),
        (b"name,colour\nx,red\n", "were not recognised"),
        ((HEADER + GOOD.replace("T", " ").replace("Z", "")).encode(), "times without a zone"),
        (b"queue,offered,ended\na,01/02/2026 10:00:00,01/02/2026 10:01:00\n", "day/month or month/day"),
        (b"queue,outcome,talk\na,answered,5\n", "contacts need `offered`"),
    ],
)
def test_bad_files_are_refused_in_words(run, tmp_path, content, words):
    file = tmp_path / "bad.csv"
    file.write_bytes(content)
    code, out, said = run("report", file)
    assert code == 1 and words in said and not out and "Traceback" not in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["report", "nowhere.csv"], "there is no such file"),
        (["report"], "Missing argument"),
        (["report", EXAMPLES], "this is a folder"),
        (["report", EXAMPLES / "contacts.csv", "--map", "nowhere.toml"], "no such mapping file"),
        (["report", EXAMPLES / "contacts.csv", "--definition", "oferred"], "did you mean `offered`?"),
        (["report", EXAMPLES / "contacts.csv", "--definition", "cisco_ucce_ignore"], "has variants"),
        (["report", EXAMPLES / "contacts.csv", "--within", "soon"], "not a duration"),
        (["report", EXAMPLES / "contacts.csv", "--tz", "Europe/Moskow"], "did you mean `Europe/Moscow`?"),
        (["report", EXAMPLES / "contacts.csv", "--queue", "sale"], "did you mean `sales`?"),
        (["report", EXAMPLES / "contacts.csv", "--from", "tomorrow"], "not a date or time"),
        (["report", EXAMPLES / "contacts.csv", "--by", "colour"], "no column `colour`"),
        (["report", EXAMPLES / "contacts.csv", "--json", "--csv"], "choose one"),
        (["report", EXAMPLES / "contacts.csv", "--jsn"], "No such option"),
        (["report", EXAMPLES / "answers.csv", "--within", "20x"], "not a duration"),
        (["report", EXAMPLES / "answers.csv", "--short", "x"], "x"),
        (["report", EXAMPLES / "answers.csv", "--definition", "oferred"], "did you mean `offered`?"),
        (["report", EXAMPLES / "answers.csv", "--sla", "nosuch"], "--sla nosuch: neither a file nor one of support_10_19"),
        (["report", EXAMPLES / "answers.csv", "--sla", EXAMPLES / "answers.csv"], "--sla"),
        (["report", EXAMPLES / "answers.csv", "--as-of", "soon"], "not a date or time"),
    ],
)
def test_bad_options_are_refused_in_words(run, arguments, words):
    code, out, said = run(*arguments)
    assert code == 1 and words in said and not out and "Traceback" not in said


def test_bad_rows_are_set_aside_counted_and_named(run, tmp_path):
    file = tmp_path / "calls.csv"
    lines = [
        GOOD,
        "a,yesterday,,2026-03-02T08:01:00Z\n",
        "a,b\n",
        GOOD,
        "a,2026-03-02T08:00:00Z,2026-03-02T07:00:05Z,2026-03-02T08:01:00Z\n",
        "\n",
        'a,2026-03-02T08:00:00Z,"2026-03-02T08:00:05Z",2026-03-02T08:01:00Z\n',
    ]
    file.write_text(HEADER + "".join(lines))
    code, out, _ = run("report", file)
    assert code == 0 and "Set aside: 3 rows" in out
    for words in (
        "calls.csv, line 3: `offered` `yesterday` is not a time",
        "calls.csv, line 4: 2 fields, the header has 4",
        "calls.csv, line 6: `answered` lies 3595",
        "1: wrong number of fields",
    ):
        assert words in out
    content = json.loads(run("report", file, "--json")[1])
    assert content["tables"][0]["set_aside"]["total"] == 3
    assert next(n for n in content["numbers"] if n["part"] == "contacts")["value"] == 3


def test_only_ten_bad_rows_are_named_and_no_person_among_them(run, tmp_path):
    file = tmp_path / "answers.csv"
    file.write_text("respondent,recommend\n" + "Mary,8\n" * 100 + "Peter,11\n" * 5 + "Paul,9.5\n" * 7)
    code, out, _ = run("report", file)
    assert code == 0 and "Set aside: 12 rows" in out and out.count("answers.csv, line") == 10
    assert "Paul" not in out and "Peter" not in out


def test_the_same_calls_twice_are_noticed(run, tmp_path):
    (tmp_path / "copy.csv").write_bytes((EXAMPLES / "contacts.csv").read_bytes())
    code, out, _ = run("report", EXAMPLES / "contacts.csv", tmp_path / "copy.csv")
    assert code == 0 and "23 contacts appear more than once" in out


def test_a_queue_log_with_faults(run, tmp_path):
    log = tmp_path / "queue_log"
    log.write_text(
        (EXAMPLES / "queue_log").read_text()
        + "1772434800|x|sales|NONE|ABANDON|1|1|5\nnot a line\n1772434801|y|sales|NONE|ENTERQUEUE||200|1\n"
    )
    code, out, _ = run("report", log)
    assert code == 0 and "1: line: no open visit" in out and "1: line: bad time" in out and "queue_log, line 79:" in out
    assert "1 calls still waited when the log ended" in out
    assert "contacts answered" in run("inspect", log)[1]
    log.write_text(
        "2026-03-02 08:00:00.000000|1.1|sales|NONE|ENTERQUEUE||200|1\n2026-03-02 08:00:05|1.1|sales|NONE|ABANDON|1|1|5\n"
    )
    code, _, said = run("report", log)
    assert code == 1 and "--tz" in said
    assert run("report", log, "--tz", "Europe/Moscow")[0] == 0


# --- mapping files -------------------------------------------------------------------------------------------------


def test_a_mapping_begun_by_inspect_gives_the_same_report(run, tmp_path):
    for name in ("contacts.csv", "answers.csv", "evaluations.csv"):
        mapping = tmp_path / f"{name}.toml"
        code, out, said = run("inspect", EXAMPLES / name, "--write-map", mapping)
        assert code == 0 and mapping.exists(), said
        assert (
            run("report", EXAMPLES / name, "--map", mapping, "--csv")[1] == run("report", EXAMPLES / name, "--csv")[1]
        ), name
    code, _, said = run("inspect", EXAMPLES / "contacts.csv", "--write-map", mapping)
    assert code == 1 and "exists" in said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("colums = {}", "did you mean `columns`?"),
        ('table = "contact"', "did you mean `contacts`?"),
        ('[columns]\noffered = { join = ["a"], colum = "b" }', "did you mean `column`?"),
        ("[columns]\noffered = {}", "needs either `column` or `join`"),
        ('[columns]\nwait = { column = "a", unit = "week" }', "there is no unit `week`"),
        ('[columns]\nwait = { column = "a", format = "%H" }', "`format` is for times; wait is a duration"),
        ('[values.outcome]\nAGENT = "answred"', "did you mean `answered`?"),
        ("[filter]\nx = { above = 0 }", "knows no `above`"),
        ("zone = 3", "zone must be a name"),
        ("table = ", "cannot be read"),
        ('[columns]\nqueue = "Queue"', "did you mean `queue`?"),
        ('zone = "Mars/Olympus"\n[columns]\nqueue = "queue"', "no time zone `Mars/Olympus`"),
        ('[file]\nseparator = "ab"', "[file] separator must be one character"),
        ("[file]\nseparator = 5", "[file] separator must be one character"),
        ('[file]\nseparator = "ж"', "[file] separator must be one character"),
        ("[file]\nencoding = 5", "[file] encoding must be a name"),
        ('[file]\nencoding = "utf-99"', "there is no encoding `utf-99`"),
        ('[file]\ndecimal = "x"', "[file] decimal must be"),
        ("[columns]\noffered = { join = [] }", "columns.offered: `join` must be a list of one or more columns"),
        ("[columns]\noffered = { join = [1] }", "`join` must be a list"),
        ("[columns]\noffered = { column = 5 }", "`column` must be the name of a column"),
        ('[columns]\noffered = { column = "a", plus = "b" }', "`plus` must be a list"),
        ('[columns]\noffered = { column = "a", plus = [5] }', "`plus` must be a column"),
        ('[columns]\noffered = { column = "a", plus = [{ colum = "b" }] }', "did you mean `column`?"),
        ('[columns]\noffered = { join = ["a", "b"], between = 5 }', "`between` must be a text"),
        ('[columns]\nqueue = { column = "queue", split = 5, part = 1 }', "`split` (a text"),
        ('keys = ["nosuch"]', "keys: there is no column `nosuch`"),
        ('keys = ["queu"]', "did you mean `queue`?"),
        ('[values.nosuch]\na = "b"', "[values.nosuch]: there is no column `nosuch`"),
        ('[columns]\nqueue = "queue"\n[values.que]\na = "b"', "[values.que]: there is no `que` under [columns]; did you mean `queue`?"),
        ('[values.offered]\na = "b"', "offered is a time; values are given for texts"),
        ('[values.transferred]\nja = "perhaps"', "neither yes nor no"),
        ("[values.queue]\na = [1]", "[values.queue] a must be a text"),
        ("[filter]\nqueue = { one_of = 5 }", "[filter] queue: one_of must be a list of values"),
        ("[filter]\nqueue = { at_least = 'x' }", "[filter] queue: at_least must be a number"),
        ("[filter]\nqueue = { empty = 'x' }", "[filter] queue: empty must be true or false"),
        ('sla = "nosuch"', "sla in the mapping file: neither a file nor one of support_10_19"),
        ('[[measure]]\nmeasure = "npss"', "[[measure]] unknown measure `npss`; did you mean `nps`?"),
        ("[[measure]]\ncolumns = 5", "[[measure]] a recipe needs `measure`"),
        ('table = "contacts"\n[columns]\nofered = "offered"', "`ofered`; did you mean `offered`?"),
    ],
)
def test_mistakes_in_a_mapping_are_named(run, tmp_path, text, words):
    mapping = tmp_path / "map.toml"
    mapping.write_text(text)
    code, _, said = run("report", EXAMPLES / "contacts.csv", "--map", mapping)
    assert code == 1 and words in said


def test_a_name_of_a_mapping_that_is_nearly_known_is_asked_about(run, tmp_path):
    mapping = tmp_path / "map.toml"
    columns = "".join(f'{name} = "{name}"\n' for name in ("queue", "offered", "answered", "ended"))
    mapping.write_text(f'table = "contacts"\n[columns]\n{columns}quue = "queue"\nregion = "queue"\n')
    said = "`quue` under [columns] is no name of contacts and is read as a further text; did you mean `queue`?"
    for command in ("report", "inspect"):
        code, out, _ = run(command, EXAMPLES / "contacts.csv", "--map", mapping)
        assert code == 0 and said in out and "`region` under" not in out


def test_a_mapping_begun_of_an_unknown_table_asks_which_it_is(run, tmp_path):
    file, mapping = tmp_path / "list.csv", tmp_path / "map.toml"
    file.write_text("name,colour\nx,red\n")
    code, out, _ = run("inspect", file, "--write-map", mapping)
    assert code == 0 and "Mapping file begun" not in out.partition("What is wrong")[2].partition("\n\n")[0]
    assert out.endswith(f"Mapping file begun: {mapping}. Edit it, then: csat report {file} --map {mapping}\n")
    code, _, said = run("report", file, "--map", mapping)
    assert code == 1 and "map.toml: say which table list.csv is" in said


def test_options_that_do_not_apply_are_noted(run):
    options = ["--queue", "sales", "--within", "30s", "--short", "5s", "--sla", "support_10_19", "--show-customers"]
    code, out, _ = run("report", EXAMPLES / "answers.csv", *options)
    assert code == 0
    assert "note: --queue, --within, --short, --show-customers apply to contacts; these files hold answers" in out
    assert "note: --sla apply to contacts and tickets; these files hold answers" in out
    assert "apply to" not in run("report", EXAMPLES / "answers.csv", EXAMPLES / "contacts.csv", *options)[1]


def test_every_part_of_a_mapping(run, tmp_path):
    file, mapping = tmp_path / "log.txt", tmp_path / "map.toml"
    # 23:59:50 plus 20 s in the menu is the next day; the third row is no call, the fourth a fault of the log.
    file.write_text(
        "day|at|menu|result|waited|line\n260302|23:59:50|20|AGENT|1500|7\n260302|9:00:00|5|HANG|300000|7\n"
        "260302|9:00:00|5|PHANTOM|0|7\n260302|9:00:00|-5|AGENT|0|7\n260302|9:00:00|5|AGENT|0|8\n"
    )
    mapping.write_text(
        'table = "contacts"\nzone = "Asia/Jerusalem"\n[file]\nseparator = "|"\n[columns]\nqueue = "line"\n'
        'offered = { join = ["day", "at"], format = "%y%m%d %H:%M:%S", plus = ["menu"] }\noutcome = "result"\n'
        'wait = { column = "waited", unit = "ms" }\n[values.outcome]\nAGENT = "answered"\nHANG = "abandoned"\n'
        'PHANTOM = "skip"\n[values.queue]\n7 = "seven"\n[filter]\nmenu = { at_least = 0 }\nline = ["7", "9"]\n'
    )
    code, out, said = run("report", file, "--map", mapping)
    assert code == 0, said
    assert "left out 1: filter menu at least 0" in out and "left out 1: filter line one of" in out
    assert "left out 1: outcome = skip (PHANTOM)" in out
    assert "from 2026-03-02 09:00 to 2026-03-03 00:00" in out and "seven" in out
    found = numbers_of(run("report", file, "--map", mapping, "--json")[1])
    assert found["total", (), None, "asa:answered", None]["value"] == 1.5
    assert found["total", (), None, "ab:offered", None]["value"] == 0.5


# --- the pieces ----------------------------------------------------------------------------------------------------


def test_times_in_all_their_forms():
    def micros(text: str, zone: str | None = "Europe/Moscow") -> str | None:
        values = pl.Series([text])
        found = times(values, find_format(values)[0], zone)[0]
        return found and found.isoformat().replace("+00:00", "Z")

    same = "2026-03-02T05:03:10Z"
    for text in (
        "2026-03-02T08:03:10+03:00",
        "2026-03-02 08:03:10+0300",
        "2026-03-02T05:03:10Z",
        "2026-03-02 05:03:10 Z",
        "2026-03-02T08:03:10+03",
        "1772427790",
        "1772427790000",
        "2026-03-02 08:03:10",
        "02.03.2026 08:03:10",
        "2026/03/02 08:03:10",
        "20260302 08:03:10",
        "2026-03-02T08:03:10.000",
    ):
        assert micros(text) == same, text
    assert micros("1772427790,25") == "2026-03-02T05:03:10.250000Z"
    assert micros("2026-03-02T08:03+03:00") == "2026-03-02T05:03:00Z"
    assert micros("31/12/2026 10:00") == "2026-12-31T07:00:00Z" and micros("12/31/2026 10:00") == "2026-12-31T07:00:00Z"
    # The clock skips 02:30 in spring and shows it twice in autumn.
    assert micros("2026-03-29 02:30:00", "Europe/Berlin") is None
    assert micros("2026-10-25 02:30:00", "Europe/Berlin") == "2026-10-25T00:30:00Z"
    assert find_format(pl.Series(["word"]))[0] is None


def test_durations_numbers_and_marks():
    def seconds(text: str, unit: str) -> float | None:
        found = durations(pl.Series([text]), unit)[0]
        return found and found.total_seconds()

    assert [seconds("1:02:03", "clock"), seconds("2:03", "clock"), seconds("90", "clock")] == [3723, 123, None]
    assert [
        seconds("1,5", "s"),
        seconds("1500", "ms"),
        seconds("1.5", "min"),
        seconds("x", "s"),
        seconds("nan", "s"),
    ] == [1.5, 1.5, 90, None, None]
    assert numbers(pl.Series(["1 234,5", "1\u00a0000", "", "x"])).to_list() == [1234.5, 1000, None, None]
    assert marks(pl.Series(["7", "7.0", "7,5", " 8 "])).to_list() == [7, 7, None, 8]


def test_headers_in_two_languages():
    for header, role, unit in (
        ("Время поступления", "offered", None),
        ("queueName", "queue", None),
        ("Wait Time (sec)", "wait", "s"),
        ("ожидание, мин", "wait", "min"),
        ("QUEUE_NAME", "queue", None),
        ("talk_ms", "talk", "ms"),
        ("Цвет", None, None),
    ):
        assert role_of("contacts", header) == (role, unit), header
    assert [outcome_of(word) for word in ("Отвечен", "HANG", "Phantom", "flow_out", "чудо")] == [
        "answered",
        "abandoned",
        "skip",
        "flow_out",
        None,
    ]


def test_the_words_fit_the_tables_of_csat():
    _csat = pytest.importorskip("csat._csat")
    known = {table["name"]: {column["name"] for column in table["columns"]} for table in _csat.tables()}
    # The command recognises the tables that people export; the others need a mapping in code.
    for name, words in TABLES.items():
        assert set(words) <= known[name], name
    assert OUTCOME_CLASSES[0] == "answered" and len(OUTCOME_CLASSES) == 13


def test_separators_and_scales(tmp_path):
    assert [find_separator(text) for text in ("a;b\n1,5;2\n", "a\tb\n1\t2\n", "a|b|c\n1|2|3\n", "a\n1\n")] == [
        ";",
        "\t",
        "|",
        ",",
    ]
    file = tmp_path / "survey.csv"
    file.write_text("recommend,satisfaction,q1,q2,rate us 0-10\n" + "10,5,9,10,0\n1,1,2,1,10\n")
    measures = recognise(read(str(file))).mapping.measures
    assert [(m["measure"], m.get("scale")) for m in measures] == [
        ("nps", None),
        ("satisfaction", None),
        ("satisfaction", [0, 10]),
        ("satisfaction_index", None),
    ]
    assert measures[3]["questions"] == [{"column": "q1", "scale": [1, 10]}, {"column": "q2", "scale": [1, 10]}]


def test_the_example_mappings_are_read():
    for file in sorted(MAPPINGS.glob("*.toml")):
        mapping = load(str(file))
        assert mapping.table in TABLES and re.match(r"#", file.read_text(encoding="utf-8"))
    with pytest.raises(Trouble):
        load(str(MAPPINGS / "nowhere.toml"))


def test_telephone_numbers_are_not_shown(run, tmp_path):
    file = tmp_path / "calls.csv"
    file.write_text("phone,wait,outcome\n79001234567,5,answered\n79007654321,7,abandoned\n")
    for arguments in (["inspect", file], ["report", file], ["report", file, "--json"]):
        code, out, _ = run(*arguments)
        assert code == 0 and "7900" not in out


# --- targets and missed calls --------------------------------------------------------------------------------------

# Friday 1 March 2024 to Monday 4 March under 10:00-19:00: mail of 18:30 is due on Monday 10:30, a chat of 18:59 at 10:01.
TICKETS = (
    "Номер;Канал;Дата создания;Первый ответ;Дата закрытия\n"
    "1;email;01.03.2024 18:30;04.03.2024 10:20;04.03.2024 12:00\n"
    "2;email;01.03.2024 18:50;04.03.2024 11:00;\n"
    "3;chat;01.03.2024 18:59;04.03.2024 10:00;\n"
    "4;telegram;01.03.2024 12:00;;\n"
    "5;fax;01.03.2024 12:00;01.03.2024 12:01;\n"
)
CALLS = (
    "id,queue,customer,direction,offered,answered,ended\n"
    "1,a,79001112233,inbound,2024-03-01T18:50:00+03:00,,2024-03-01T18:51:00+03:00\n"
    "2,a,79001112233,outbound,2024-03-04T10:10:00+03:00,2024-03-04T10:10:20+03:00,2024-03-04T10:12:00+03:00\n"
    "3,a,79004445566,inbound,2024-03-01T12:00:00+03:00,,2024-03-01T12:01:00+03:00\n"
    "4,a,79004445566,outbound,2024-03-01T12:10:00+03:00,,2024-03-01T12:10:30+03:00\n"
    "5,a,79007778899,inbound,2024-03-01T12:00:00+03:00,,2024-03-01T12:01:00+03:00\n"
    "6,a,79007778899,inbound,2024-03-01T12:03:00+03:00,2024-03-01T12:03:05+03:00,2024-03-01T12:05:00+03:00\n"
    "7,a,,inbound,2024-03-01T12:00:00+03:00,,2024-03-01T12:01:00+03:00\n"
    "8,a,79004445566,inbound,2024-03-01T13:00:00+03:00,,2024-03-01T13:01:00+03:00\n"
)


def row_of(out: str, name: str) -> list[str]:
    """The cells of the row that begins with a name."""
    line = next(line for line in out.splitlines() if line.startswith(name))
    return re.split(r"  +", line.strip())


def test_targets_met_by_channel(run, tmp_path):
    file = tmp_path / "tickets.csv"
    file.write_text(TICKETS, encoding="utf-8")
    code, out, said = run("report", file, "--tz", "Europe/Moscow", "--sla", "support_10_19")
    assert code == 0, said
    assert "First response: targets met by channel" in out and "by team" not in out
    # In time, missed, open, without a target; times used of tickets with a target: 50, 70 and 1 minute.
    assert row_of(out, "all") == ["all", "66.67 %", "20.77 to 93.85", "2", "1", "1", "1", "50.0 min", "66.0 min"]
    assert row_of(out, "email")[1:6] == ["50.00 %", "9.45 to 90.55", "1", "1", "0"]
    assert row_of(out, "telegram")[1] == row_of(out, "fax")[1] == "–"
    late = run("report", file, "--tz", "Europe/Moscow", "--sla", "support_10_19", "--as-of", "2024-03-05T12:00")[1]
    assert row_of(late, "telegram")[1] == "0.00 %" and row_of(late, "all")[1] == "50.00 %"
    numbers = numbers_of(run("report", file, "--tz", "Europe/Moscow", "--sla", "support_10_19", "--json")[1])
    chat = numbers["by channel", ("chat",), None, "response:first_response:support_10_19", None]
    assert (chat["numerator"], chat["denominator"]) == (1, 1)
    rows = list(csv.DictReader(io.StringIO(run("report", file, "--tz", "UTC", "--sla", "support_10_19", "--csv")[1])))
    assert {"by channel", "total"} == {row["section"] for row in rows}


def test_a_policy_file_and_a_due_time(run, tmp_path):
    file, policy = tmp_path / "tickets.csv", tmp_path / "policy.toml"
    file.write_text(TICKETS, encoding="utf-8")
    policy.write_text(
        '[calendar]\ntime_zone = "Europe/Moscow"\n[calendar.hours]\nfri = [["10:00", "19:00"]]\n'
        'mon = [["10:00", "19:00"]]\n[[policies]]\n[[policies.targets]]\nevent = "resolution"\ntarget = "3h"\n'
    )
    out = run("report", file, "--tz", "Europe/Moscow", "--sla", policy)[1]
    # 18:30 to 19:00 and 10:00 to 12:00 are 2.5 hours; no target for a first response, so no table of it.
    assert "Resolution: targets met by channel" in out and "First response" not in out
    assert row_of(out, "all")[-1] == "2.5 h" and row_of(out, "email")[1] == "100.00 %"
    due = tmp_path / "due.csv"
    due.write_text("ticket,team,created,resolved,due\n1,x,2024-03-01T10:00Z,2024-03-01T11:00Z,2024-03-01T12:00Z\n")
    assert row_of(run("report", due)[1], "x")[1] == "100.00 %"


def test_missed_calls_never_returned(run, tmp_path):
    file = tmp_path / "calls.csv"
    file.write_text(CALLS)
    code, out, said = run("report", file, "--sla", "support_10_19")
    assert code == 0, said
    # Five missed calls of three numbers and one of none: 1 reached on Monday in time, 3 tried only, 5 got through, 8 never.
    assert "2 outgoing contacts are left out" in out and row_of(out, "Contacts  ")[1] == "6"
    assert row_of(out, "Closed in time")[3:] == ["2", "4"]
    assert row_of(out, "A call back was tried")[3:] == ["2", "4"]
    assert row_of(out, "A call back reached")[3:] == ["1", "4"]
    assert row_of(out, "The customer called again")[3:] == ["1", "4"]
    assert row_of(out, "Never returned")[3:] == ["2", "4"]
    listed = out[out.index("Missed calls never returned") :]
    assert row_of(listed, "2024") == ["2024-03-01 12:00", "2024-03-01 13:00", "2", "a", "2024-03-01 12:10", "3"]
    assert "without a customer or number, of which nothing can be said: 1" in out
    never = json.loads(run("report", file, "--json")[1])["tables"][0]["never_returned"]
    assert [(one["calls"], one["id"]) for one in never] == [(2, "3")]


def test_a_number_is_shown_only_when_asked_for(run, tmp_path):
    file = tmp_path / "calls.csv"
    file.write_text(CALLS)
    for form in ([], ["--json"], ["--csv"]):
        assert "7900" not in "".join(run("report", file, *form)[1:])
    shown = run("report", file, "--show-customers")[1]
    assert row_of(shown, "7900")[0] == "79004445566" and shown.count("7900") == 1
    never = json.loads(run("report", file, "--show-customers", "--json")[1])["tables"][0]["never_returned"]
    assert [one["customer"] for one in never] == ["79004445566"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "tickets need targets: --sla FILE"),
        (["--sla", "support_10_91"], "did you mean `support_10_19`?"),
        (["--sla", "nowhere.toml"], "no such file with response targets"),
        (["--sla", "support_10_19", "--as-of", "now"], "--as-of now: not a date or time"),
    ],
)
def test_wrong_targets_are_refused_in_words(run, tmp_path, options, words):
    file = tmp_path / "tickets.csv"
    file.write_text(TICKETS, encoding="utf-8")
    code, out, said = run("report", file, "--tz", "Europe/Moscow", *options)
    assert code == 1 and words in said and not out and "Traceback" not in said


def test_a_log_of_statuses_becomes_tickets(run, tmp_path):
    file, mapping = tmp_path / "log.csv", tmp_path / "map.toml"
    # 1 is closed, opened again and closed; 2 was closed and is open again by its number; 3 has no ticket's name.
    file.write_text(
        "ticket,no,at,status\n1 / x,1,2024-03-01T10:00Z,new\n1 / x,2,2024-03-01T10:30Z,assigned\n"
        "1 / x,3,2024-03-01T11:00Z,closed\n1 / x,4,2024-03-01T12:00Z,new\n1 / x,5,2024-03-01T14:00Z,closed\n"
        "2 / y,1,2024-03-01T10:00Z,new\n2 / y,3,2024-03-01T10:20Z,assigned\n2 / y,2,2024-03-01T10:20Z,closed\n"
        ",1,2024-03-01T10:00Z,new\n"
    )
    policy = (
        '[sla.calendar]\ntime_zone = "UTC"\nhours = { fri = [["00:00", "24:00"]] }\n[[sla.policies]]\n'
        '[[sla.policies.targets]]\nevent = "resolution"\ntarget = "3h"\n'
        '[[sla.policies.targets]]\nevent = "first_response"\ntarget = "25m"\n'
    )
    columns = '[columns]\nid = "ticket"\nat = "at"\nstatus = "status"\norder = "no"\n'
    columns += 'team = { column = "ticket", split = " / ", part = 2 }\n'
    mapping.write_text(
        f'table = "tickets"\nkeys = ["team"]\n{columns}[events]\nresolved = "closed"\nfirst_response = ["assigned"]\n{policy}'
    )
    code, out, said = run("report", file, "--map", mapping)
    assert code == 0, said
    assert "2 tickets made of these events" in out and "left out 1: an event without a ticket or a time" in out
    resolution = out[out.index("Resolution: targets met by team") :]
    assert row_of(resolution, "all")[3:6] == ["0", "1", "1"] and row_of(resolution, "all")[-1] == "4.0 h"
    first = out[out.index("First response: targets met by team") : out.index("Resolution")]
    assert row_of(first, "x")[1] == "0.00 %" and row_of(first, "y")[1] == "100.00 %"
    for text, words in (
        (f'table = "contacts"\n{columns}[events]\nresolved = "closed"\n', 'needs table = "tickets"'),
        (f'table = "tickets"\n{columns}[events]\nresolvd = "closed"\n', "did you mean `resolved`?"),
        ('table = "tickets"\n[columns]\nid = { column = "ticket", part = 2 }\n', "go together"),
        ('table = "tickets"\n[columns]\nid = "ticket"\n[events]\nresolved = "closed"\n', "[events] needs `at`"),
    ):
        mapping.write_text(text)
        code, _, said = run("report", file, "--map", mapping)
        assert code == 1 and words in said, said


def test_events_of_one_instant_keep_the_order_of_the_file(run, tmp_path):
    file, mapping = tmp_path / "log.csv", tmp_path / "map.toml"
    # Every ticket is closed in the second in which it was opened; without a number the row further down is the later one.
    moves = [f"{n},2024-03-01T10:00Z,{status}" for n in range(500) for status in ("new", "assigned", "closed")]
    file.write_text("\n".join(["ticket,at,status", *moves]), encoding="utf-8")
    mapping.write_text(
        'table = "tickets"\n[columns]\nid = "ticket"\nat = "at"\nstatus = "status"\n[events]\nresolved = "closed"\n'
        '[sla.calendar]\ntime_zone = "UTC"\nhours = { fri = [["00:00", "24:00"]] }\n[[sla.policies]]\n'
        '[[sla.policies.targets]]\nevent = "resolution"\ntarget = "3h"\n'
    )
    code, out, said = run("report", file, "--map", mapping)
    assert code == 0, said
    assert re.search(r"all +100\.00 % .* 500 +0 ", out), out


# --- the documentation ---------------------------------------------------------------------------------------------

MANUAL = (ROOT / "docs" / "COMMAND.md").read_text(encoding="utf-8")
CONSOLE = re.findall(r"```console\n\$ csat (.*)\n((?:.*\n)*?)```", MANUAL)


@pytest.mark.parametrize(("arguments", "shown"), CONSOLE)
def test_the_manual_shows_what_is_printed(run, monkeypatch, tmp_path, arguments, shown):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "examples").symlink_to(EXAMPLES.parent)
    out = run(*arguments.split())[1]
    pieces = [piece.strip("\n") for piece in shown.split("…\n") if piece.strip("\n")]
    assert pieces and all(piece in out for piece in pieces)


def test_the_mapping_files_of_the_manual_are_read(tmp_path):
    texts = re.findall(r"```toml\n((?:.*\n)*?)```", MANUAL)
    assert len(texts) == 2
    for text in texts:
        (tmp_path / "map.toml").write_text(text, encoding="utf-8")
        load(str(tmp_path / "map.toml"))


def test_the_manual_names_every_option(run):
    for command in ("report", "inspect", "demo"):
        for option in re.findall(r"(--[a-z-]+)", run(command, "--help")[1]):
            assert option in MANUAL or option == "--help", option


# --- due ------------------------------------------------------------------------------------------------------------


def test_due_says_when_and_why(run) -> None:
    code, out, _ = run("due", "2024-03-01T18:50", "--sla", "support_10_19", "--event", "callback")
    assert code == 0
    assert out.splitlines()[:2] == ["Due: Mon 2024-03-04 10:20:00 +0300", "Verdict: running"]
    late = ["due", "2024-03-01T18:30+03:00", "--sla", "support_10_19", "--channel", "email", "--done", "2024-03-04T10:40"]
    code, out, _ = run(*late)
    assert code == 0 and "Verdict: missed\nLate by: 0:10:00\n" in out
    assert "Mon 2024-03-04 10:00 to 10:40: 40m" in out
    code, out, _ = run(*late, "--pause", "2024-03-04T10:00/2024-03-04T10:15", "--json")
    found = json.loads(out)
    assert (found["verdict"], found["due"], found["elapsed"], found["remaining"]) == (
        "met", "2024-03-04T10:45:00+03:00", 3300.0, 300.0,
    )
    assert found["explanation"][0].startswith("first_response by email within 1h of working time")
    judged = ["due", "2024-03-01T18:30", "--sla", "support_10_19", "--channel", "chat"]
    assert "Verdict: overdue" in run(*judged, "--now")[1]
    assert "Verdict: running" in run(*judged, "--as-of", "2024-03-01T18:31")[1]
    assert "Due: none (no target" in run("due", "2024-03-01T18:30", "--sla", "support_10_19", "--channel", "fax")[1]


def test_due_reads_a_file_and_refuses(run, tmp_path) -> None:
    path = tmp_path / "sla.toml"
    path.write_text(
        "calendar = { time_zone = 'UTC', hours = { fri = [['10:00', '19:00']] } }\n"
        "policies = [{ targets = [{ event = 'resolution', target = '2h' }] }]\n",
        encoding="utf-8",
    )
    assert "Due: Fri 2024-03-08 11:00:00 +0000" in run("due", "2024-03-01T18:00", "--sla", path, "--event", "resolution")[1]
    ticket = ["due", "2024-03-01T18:30", "--sla", "support_10_19", "--channel", "email"]
    for arguments, words in [
        (["due", "2024-03-01T18:00"], "--sla"),
        (["due", "2024-03-01T18:00", "--sla", "suport_10_19"], "did you mean `support_10_19`?"),
        (["due", "yesterday", "--sla", "support_10_19"], "yesterday"),
        ([*ticket, "--done", "2024-03-01T18:00"], "earlier than the start"),
        ([*ticket, "--pause", "2024-03-01T18:00"], "slash"),
        ([*ticket, "--event", "answer"], "unknown event `answer`"),
        ([*ticket, "--now", "--as-of", "2024-03-01T19:00"], "choose one"),
        ([*ticket, "--tz", "Europe/Moscw"], "Europe/Moscow"),
    ]:
        code, out, error = run(*arguments)
        assert code == 1 and out == "" and words in error, (arguments, error)
    path.write_text("policies = []", encoding="utf-8")
    code, _, error = run("due", "2024-03-01T18:00", "--sla", path)
    assert code == 1 and "calendar" in error


def test_due_says_which_file_cannot_be_read(run, tmp_path, monkeypatch) -> None:
    path = tmp_path / "sla.toml"
    path.touch()

    def refuse(*_: object, **__: object) -> str:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(type(path), "read_text", refuse)
    code, out, error = run("due", "2024-03-01T18:00", "--sla", path)
    assert (code, out) == (1, "") and f"--sla {path}: Permission denied" in error and "Traceback" not in error


# --- what stands in a file ----------------------------------------------------------------------------------------


def parts_of(text: str) -> dict[tuple[str | None, str], dict]:
    """The numbers of the total of --json by columns asked about and part."""
    return {(n["of"], n["part"]): n for n in json.loads(text)["numbers"] if n["section"] == "total"}


def test_one_odd_answer_sets_its_row_aside_and_not_the_criterion(run, tmp_path):
    file = tmp_path / "evaluations.csv"
    rows = ["id,reviewer,form_version,greeting,closing", *(f"{at},r,1,yes,no" for at in range(50)), "50,r,1,maybe,no"]
    file.write_text("\n".join([*rows, ""]))
    code, out, said = run("report", file, "--json")
    assert code == 0, said
    score, aside = parts_of(out)[None, "score"], json.loads(out)["tables"][0]["set_aside"]
    assert (score["value"], score["n"], json.loads(out)["tables"][0]["rows"]) == (50.0, 50, 50)
    assert aside["total"] == 1 and aside["first"][0]["line"] == 52 and "maybe" in aside["first"][0]["what"]
    file.write_text("id,reviewer,form_version,greeting,remark\n1,r,1,yes,no\n2,r,1,no,was late\n3,r,1,no,rude\n")
    assert "`remark`: only 1 of 3 values are yes or no" in run("report", file)[1]


def test_two_questions_of_one_kind_are_told_apart(run, tmp_path):
    file, mapping = tmp_path / "answers.csv", tmp_path / "map.toml"
    file.write_text("recommend,satisfaction,satisfaction_agent\n10,5,1\n9,4,2\n3,2,5\n")
    code, out, said = run("report", file, "--json")
    assert code == 0, said
    found = parts_of(out)
    for column, share in (("satisfaction", 2 / 3), ("satisfaction_agent", 1 / 3)):
        number = found[column, "positive"]
        assert number["value"] == pytest.approx(share) and number["definition"].startswith(f"{column}/csat:")
    assert found["recommend", "nps"]["definition"] == "nps"
    assert run("inspect", file, "--write-map", mapping)[0] == 0
    assert parts_of(run("report", file, "--map", mapping, "--json")[1]) == found
    # Columns of different files, and headers that differ only after forty letters.
    long = "how satisfied are you with the work of our "
    file.write_text(f"{long}shop,{long}desk\n5,4\n")
    (tmp_path / "other.csv").write_text("satisfaction\n3\n")
    ids = {n["definition"] for n in parts_of(run("report", file, tmp_path / "other.csv", "--json")[1]).values()}
    assert len({one.partition("/")[0] for one in ids}) == 3


@pytest.mark.parametrize(
    "name", ["ecsi_mobi/mobi.csv", "bank_satisfaction/satisfaction.csv", "nps_event_survey/responses.csv"]
)
def test_real_surveys_of_several_indices_are_reported(run, name):
    (file,) = data(name)
    code, out, said = run("report", file, "--tz", "UTC", "--json")
    assert code == 0, said
    assert len({n["definition"] for n in json.loads(out)["numbers"]}) == len(json.loads(out)["numbers"])


def test_repeat_answers_are_set_aside_as_python_does(run, tmp_path):
    file = tmp_path / "answers.csv"
    file.write_text(
        "respondent,contact,answered,nps\na,x,2026-03-01T12:00Z,10\na,x,2026-03-01T11:00Z,1\nb,y,2026-03-01T11:00Z,10\n"
    )
    code, out, _ = run("report", file)
    assert code == 0 and "3 rows read, 2 answers kept" in out and "note: 1 repeat answers are set aside" in out
    number = parts_of(run("report", file, "--json")[1])["nps", "nps"]
    frame = pl.read_csv(file, try_parse_dates=True)
    (row,) = csat.nps(frame, score="nps").filter(pl.col("part") == "nps").to_dicts()
    assert (number["value"], number["n"]) == (row["value"], row["n"]) == (100.0, 2)
    assert json.loads(run("report", file, "--json")[1])["tables"][0]["repeat_answers"] == row["set_aside"] == 1


def test_kept_is_what_was_counted(run, tmp_path):
    file = tmp_path / "calls.csv"
    before = "b,2026-03-02T08:00:00Z,2026-03-02T07:00:00Z,2026-03-02T08:01:00Z\n"
    file.write_text(HEADER + GOOD + before + GOOD.replace("-02T", "-03T") + GOOD.replace("a,", "b,"))
    code, out, _ = run("report", file)
    assert code == 0 and "4 rows read, 3 contacts kept" in out and "Set aside: 1 rows" in out
    code, out, _ = run("report", file, "--to", "2026-03-02", "--tz", "UTC", "--queue", "a")
    assert "4 rows read, 1 contacts kept" in out
    assert "left out 1: not in the period --to 2026-03-02" in out
    assert "left out 2: of other queues than --queue a" in out
    code, out, _ = run("report", file, file)
    assert "; 4 rows read\n" in out and "\n6 contacts kept\n" in out
    # An abandoned call that ended before it came is one row, not one for each table that leaves it out.
    file.write_text("customer," + HEADER + "x,b,2026-03-02T08:00:00Z,,2026-03-02T07:01:00Z\nx," + GOOD)
    assert "2 rows read, 1 contacts kept" in run("report", file)[1] and "Set aside: 1 rows" in run("report", file)[1]


def test_a_period_that_ends_before_it_begins_is_refused(run):
    for since, until in (("2026-03-03", "2026-03-01"), ("2026-03-03", "2026-03-02"), ("2026-03-02T10:00", "2026-03-02T10:00")):
        code, out, said = run("report", EXAMPLES / "contacts.csv", "--from", since, "--to", until)
        assert code == 1 and not out and f"--from {since} --to {until}: the period ends before it begins" in said
    assert run("report", EXAMPLES / "contacts.csv", "--from", "2026-03-02", "--to", "2026-03-02")[0] == 0


LOG = "".join(
    f"17000000{at:02d}|{call}|{queue}|NONE|{event}\n"
    for at, call, queue, event in (
        (0, "1.1", "support", "ENTERQUEUE||2001|1"),
        (10, "1.1", "support", "ABANDON|1|1|10"),
        (20, "1.2", "d\N{REPLACEMENT CHARACTER}sk", "ENTERQUEUE||2002|1"),
        (30, "1.2", "d\N{REPLACEMENT CHARACTER}sk", "ABANDON|1|1|10"),
    )
)


def test_nothing_in_a_log_is_fatal(run, tmp_path):
    log = tmp_path / "queue_log"
    broken = LOG.encode().replace("\N{REPLACEMENT CHARACTER}".encode(), b"\xff")
    log.write_bytes(broken + b"1700000040|1.3|support|NONE|NOSUCH|1\nyesterday|1.3|support|NONE|ENTERQUEUE||1|1\n")
    code, out, said = run("report", log)
    assert code == 0, said
    assert "2 lines hold bytes that are not UTF-8, first line 3" in out and "2 contacts kept" in out
    assert "queue_log, line 5: unknown event `NOSUCH`" in out
    assert "queue_log, line 6: the first field is not a time of the years 1900 to 2199; expected epoch seconds" in out
    assert run("inspect", log)[0] == 0
    far = "99999999999|1.9|support|NONE|ENTERQUEUE||3|1\n99999999999|1.9|support|NONE|ABANDON|1|1|1\n"
    log.write_text(LOG + far)
    code, out, said = run("report", log)
    assert code == 0, said
    assert "line 5: the first field is not a time of the years 1900 to 2199" in out and "2 contacts kept" in out


def test_a_call_of_a_log_that_is_refused_is_named_by_its_id(run, tmp_path, monkeypatch):
    from csat.cli import engine

    queue_log = engine.queue_log

    def late(text: str, zone: str | None):
        frame, *rest = queue_log(text, zone)
        earlier = pl.col("offered") - pl.when(pl.col("id") == "1.2").then(pl.duration(hours=1)).otherwise(pl.duration())
        return frame.with_columns(ended=earlier), *rest

    monkeypatch.setattr(engine, "queue_log", late)
    log = tmp_path / "queue_log"
    log.write_text(LOG)
    code, out, _ = run("report", log)
    assert code == 0 and "  queue_log: call 1.2: `ended`" in out and "line" not in out.partition("call 1.2")[2].partition("\n")[0]


@pytest.mark.parametrize("options", [("--days", 2, "--volume", 3), ("--days", 1, "--volume", 1)])
def test_a_demo_of_a_few_calls(run, tmp_path, options):
    code, out, said = run("demo", "--out", tmp_path / "few", *options)
    assert code == 0, said
    assert "Known truth" in out and "DIFFERENT" not in out


def test_one_bad_time_of_two_does_not_refuse_the_file(run, tmp_path):
    file = tmp_path / "calls.csv"
    file.write_text(HEADER + GOOD + "a,2026-03-02T08:00:00Z,garbage,2026-03-02T08:01:00Z\n")
    code, out, said = run("report", file)
    assert code == 0, said
    assert "1 contacts kept" in out and "calls.csv, line 3: `answered` `garbage` is not a time" in out
    file.write_text(HEADER + "a,soon,later,never\n")
    assert "line 2: `offered` (offered): no known time format, such as `soon`" in run("report", file)[2]


def test_a_time_that_the_clock_skips_is_called_that(run, tmp_path):
    file = tmp_path / "calls.csv"
    night = [f"a,2024-03-31 {at}:00,2024-03-31 {at}:05,2024-03-31 04:00:00\n" for at in ("01:30", "02:30", "03:30")]
    file.write_text(HEADER + "".join(night) + "a,at noon,,2024-03-31 12:00:00\n")
    code, out, _ = run("report", file, "--tz", "Europe/Berlin")
    assert code == 0 and "2 contacts kept" in out
    assert "`offered` `2024-03-31 02:30:00` does not exist in Europe/Berlin: its clock skips that time" in out
    assert "1: offered: a time that the clock skips" in out and "`at noon` is not a time" in out
    pl.read_csv(file).with_columns(
        pl.col("offered", "answered", "ended").str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False)
    ).head(3).write_parquet(tmp_path / "calls.parquet")
    code, out, _ = run("report", tmp_path / "calls.parquet", "--tz", "Europe/Berlin")
    assert code == 0 and "does not exist in Europe/Berlin" in out


def test_marks_of_several_reviewers_are_no_survey(run, tmp_path):
    file = tmp_path / "marks.csv"
    file.write_text("rater1,rater2,rater3\n3,3,2\n3,6,1\n")
    code, out, said = run("report", file)
    assert code == 1 and "were not recognised" in said
    file.write_text("q1,q2,speed 1-5\n3,6,2\n3,6,1\n")
    assert "that holds the answers: `q1` 1 to 10, `q2` 1 to 10; a mapping" in run("report", file)[1]


def test_due_says_what_the_targets_are_for(run):
    code, out, _ = run("due", "2024-03-01T20:15", "--sla", "support_10_19", "--channel", "smoke")
    assert code == 0 and "Verdict: no_target" in out
    assert "first_response: channels chat, social, telegram" in out and "callback: any ticket" in out


def test_evaluations_of_one_answer_a_row_are_made_wide(run, tmp_path):
    long, wide, mapping = tmp_path / "long.csv", tmp_path / "wide.csv", tmp_path / "map.toml"
    head = "evaluation,agent,form_version,criterion,answer\n"
    rows = [f"{at},ann,1,{name},{mark}\n" for at in range(6) for name, mark in (("greeting", "да"), ("closing", "нет"))]
    rows[-1] = "5,ann,1,closing,perhaps\n"
    long.write_text(head + "".join(rows) + ",ann,1,closing,yes\n")
    wide.write_text(
        "id,agent,reviewer,form_version,greeting,closing\n" + "".join(f"{at},ann,r,1,yes,no\n" for at in range(5))
    )
    code, out, said = run("report", long, "--json")
    assert code == 0, said
    found = parts_of(out)
    assert found == parts_of(run("report", wide, "--json")[1]) and found[None, "score"]["n"] == 5
    code, out, _ = run("report", long)
    assert "12 answers make 6 evaluations" in out and "5 evaluations kept" in out
    assert "long.csv, line 14: no `evaluation` or no `criterion`" in out and "long.csv, line 12:" in out
    assert run("inspect", long, "--write-map", mapping)[0] == 0
    code, again, said = run("report", long, "--map", mapping, "--json")
    assert code == 0 and parts_of(again) == found, said
    long.write_text(head + rows[0] + rows[1] + rows[0])
    code, _, said = run("report", long)
    assert code == 1 and "long.csv: lines 2 and 4 answer the same criterion" in said
    long.write_text(head.replace("agent", "closing") + "".join(rows))
    assert "the criterion `closing` is called like a column" in run("report", long)[2]
