"""The mapping file: which column is what, in which format, unit and zone."""

from __future__ import annotations

import codecs
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .events import Events
from .trouble import Trouble, nearest
from .words import DURATIONS, FALSE, FLAGS, INSTANTS, INTEGERS, OUTCOME_CLASSES, TABLES, TRUE, UNITS, plain

TESTS = ("equals", "not", "one_of", "none_of", "at_least", "at_most", "empty")
FORMATS = '`iso`, `epoch`, `epoch_ms` or codes such as "%d.%m.%Y %H:%M:%S"'


@dataclass
class Column:
    """Where a role comes from."""

    sources: list[str]
    """One column, or several that are joined."""
    between: str = " "
    format: str | list[str] | None = None
    """One form of times, or several that are tried in their order."""
    unit: str | None = None
    plus: list[tuple[str, str]] = field(default_factory=list)
    """Columns of durations, with their units, that are added to an instant."""
    split: str | None = None
    """What stands between the parts of a text, of which one is read."""
    part: int = 1


@dataclass
class Mapping:
    """What a mapping file says, or what was recognised."""

    table: str | None = None
    zone: str | None = None
    encoding: str | None = None
    separator: str | None = None
    decimal: str | None = None
    columns: dict[str, Column] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    filters: dict[str, dict[str, Any]] = field(default_factory=dict)
    keys: list[str] = field(default_factory=list)
    measures: list[dict[str, Any]] = field(default_factory=list)
    name: str | None = None
    says_columns: bool = False
    """Whether the file has a [columns] section; then no further column is recognised."""
    sla: Any = None
    """Response targets: a file beside the mapping file, a shipped name, or a table."""
    folder: Path | None = None
    events: Events | None = None
    """Rows are events of tickets, not tickets."""


def load(path: str) -> Mapping:
    """Reads a mapping file. Every key is checked: a mistyped one is an error that names the nearest."""
    try:
        content = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Trouble(
            f"{path}: there is no such mapping file; `csat inspect FILE --write-map {path}` begins one"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise Trouble(f"{path}: this mapping file cannot be read: {error}") from None
    try:
        mapping = _mapping(content, Path(path).name)
        mapping.folder = Path(path).parent
        return mapping
    except Trouble as trouble:
        raise Trouble(f"{Path(path).name}: {trouble}") from None


def _only(where: str, found: dict[str, Any], known: tuple[str, ...]) -> None:
    for key in found:
        if key not in known:
            raise Trouble(f"{where} knows no `{key}`{nearest(key, known)}; it may have {', '.join(known)}")


def _typed(where: str, value: Any, kind: type | tuple[type, ...], words: str) -> Any:
    if not isinstance(value, kind):
        raise Trouble(f"{where} must be {words}, not {value!r}")
    return value


def _mapping(content: dict[str, Any], name: str) -> Mapping:
    _only("a mapping file", content, ("table", "zone", "keys", "sla", "file", "columns", "values", "filter", "events", "measure"))
    for section in ("file", "columns", "values", "filter", "events"):
        _typed(f"[{section}]", content.get(section, {}), dict, "a table")
    file, table = content.get("file", {}), content.get("table")
    _only("[file]", file, ("encoding", "separator", "decimal"))
    _file(file)
    if table is not None and table not in TABLES:
        raise Trouble(f"table = {table!r} is not known{nearest(str(table), TABLES)}; use {', '.join(TABLES)}")
    mapping = Mapping(
        table, content.get("zone"), file.get("encoding"), file.get("separator"), file.get("decimal"), name=name
    )
    for key in ("zone",):
        _typed(key, content.get(key, ""), str, 'a name such as "Europe/Moscow"')
    mapping.sla = _typed("sla", content.get("sla", ""), (str, dict), "a file, a shipped name, or a table") or None
    if "events" in content:
        if table != "tickets":
            raise Trouble('[events] needs table = "tickets"')
        _only("[events]", content["events"], ("first_response", "resolved"))
        mapping.events = Events(**{key: _statuses(key, value) for key, value in content["events"].items()})
    mapping.says_columns = "columns" in content
    mapping.columns = {role: _column(role, value) for role, value in content.get("columns", {}).items()}
    mapping.values = {role: _values(role, table) for role, table in content.get("values", {}).items()}
    mapping.filters = {column: _filter(column, test) for column, test in content.get("filter", {}).items()}
    mapping.keys = [
        _typed("keys", key, str, "a list of names")
        for key in _typed("keys", content.get("keys", []), list, "a list of names")
    ]
    mapping.measures = [
        _typed("[[measure]]", one, dict, "a table")
        for one in _typed("[[measure]]", content.get("measure", []), list, "a list")
    ]
    for role in mapping.values if mapping.says_columns else ():
        if role not in mapping.columns:
            near = nearest(role, mapping.columns)
            raise Trouble(f"[values.{role}]: there is no `{role}` under [columns]{near}; there are {', '.join(mapping.columns)}")
    return mapping


def _file(file: dict[str, Any]) -> None:
    """How the file is written."""
    encoding, separator = file.get("encoding", "utf-8"), file.get("separator", ",")
    try:
        codecs.lookup(_typed("[file] encoding", encoding, str, 'a name such as "cp1251"'))
    except LookupError:
        raise Trouble(f"[file] encoding: there is no encoding `{encoding}`; use utf-8, cp1251 or utf-16") from None
    if not (isinstance(separator, str) and len(separator) == 1 and separator.isascii() and separator not in '"\n\r'):
        raise Trouble(f'[file] separator must be one character such as ";" or "\\t", not {separator!r}')
    if file.get("decimal", ".") not in (".", ","):
        raise Trouble(f'[file] decimal must be "." or ",", not {file["decimal"]!r}')


def _statuses(key: str, value: Any) -> list[str]:
    given = value if isinstance(value, list) else [value]
    return [_typed(f"events.{key}", one, str, "a status, or a list of statuses") for one in given]


def _column(role: str, value: Any) -> Column:
    where = f"columns.{role}"
    if isinstance(value, str):
        return Column([value])
    _typed(where, value, dict, "a column name, or a table with `column` or `join`")
    _only(where, value, ("column", "join", "between", "format", "unit", "plus", "split", "part"))
    if ("column" in value) == ("join" in value):
        raise Trouble(f"{where} needs either `column` or `join`, a list of columns")
    if "column" in value:
        _typed(f"{where}: `column`", value["column"], str, "the name of a column")
    sources = value.get("join", [value.get("column")])
    if not isinstance(sources, list) or not sources or not all(isinstance(one, str) for one in sources):
        raise Trouble(f"{where}: `join` must be a list of one or more columns, not {sources!r}")
    _typed(f"{where}: `between`", value.get("between", ""), str, "a text")
    added = _typed(f"{where}: `plus`", value.get("plus", []), list, "a list of columns")
    plus = [_added(where, one) for one in added]
    column = Column(list(sources), value.get("between", " "), value.get("format"), value.get("unit"), plus)
    column.split, column.part = value.get("split"), value.get("part", 1)
    whole = isinstance(column.part, int) and not isinstance(column.part, bool) and column.part > 0
    if ("split" in value) != ("part" in value) or not whole or (column.split is not None and not (isinstance(column.split, str) and column.split)):
        raise Trouble(f"{where}: `split` (a text, what stands between the parts) and `part` (1, 2, …) go together")
    forms = column.format if isinstance(column.format, list) else [column.format or "iso"]
    if not forms or not all(isinstance(form, str) for form in forms):
        raise Trouble(f"{where}: `format` is {FORMATS}, or a list of such")
    for unit in [column.unit, *(unit for _, unit in plus)]:
        if unit not in (None, "clock", *UNITS):
            raise Trouble(f"{where}: there is no unit `{unit}`; use {', '.join(UNITS)}, or clock for 0:01:30")
    if column.format and role not in INSTANTS:
        raise Trouble(f"{where}: `format` is for times; {role} is {kind_of(role)}")
    if column.plus and role not in INSTANTS:
        raise Trouble(f"{where}: `plus` is for times; {role} is {kind_of(role)}")
    return column


def _added(where: str, one: Any) -> tuple[str, str]:
    """A column of durations that is added to a time, and its unit."""
    if isinstance(one, str):
        return one, "s"
    _typed(f"{where}: `plus`", one, dict, 'a column, or a table such as { column = "menu", unit = "s" }')
    _only(f"{where}: `plus`", one, ("column", "unit"))
    return _typed(f"{where}: `plus`", one.get("column"), str, "a table with `column`"), one.get("unit", "s")


def kind_of(role: str) -> str:
    """What a role holds, in words."""
    kinds = ((INSTANTS, "a time"), (DURATIONS, "a duration"), (FLAGS, "yes or no"), (INTEGERS, "a whole number"))
    return next((words for roles, words in kinds if role in roles), "a text")


def _values(role: str, table: Any) -> dict[str, str]:
    _typed(f"[values.{role}]", table, dict, 'a table such as AGENT = "answered"')
    if role in (*INSTANTS, *DURATIONS, *INTEGERS):
        raise Trouble(f"[values.{role}]: {role} is {kind_of(role)}; values are given for texts, and for yes or no")
    for value, meaning in table.items():
        _typed(f"[values.{role}] {value}", meaning, (str, bool, int, float), "a text")
        if role in FLAGS and plain(str(meaning)) not in (*TRUE, *FALSE):
            raise Trouble(f"[values.{role}] {value} = {meaning!r} is neither yes nor no")
        if role == "outcome" and meaning not in OUTCOME_CLASSES:
            raise Trouble(
                f"[values.outcome] {value} = {meaning!r} is not an outcome class{nearest(str(meaning), OUTCOME_CLASSES)}; "
                f"use {', '.join(OUTCOME_CLASSES)}"
            )
    return {str(value): str(meaning) for value, meaning in table.items()}


def _filter(column: str, test: Any) -> dict[str, Any]:
    tests: dict[str, Any] = test if isinstance(test, dict) else {"one_of" if isinstance(test, list) else "equals": test}
    _only(f"[filter] {column}", tests, TESTS)
    for name, value in tests.items():
        where = f"[filter] {column}: {name}"
        if name in ("at_least", "at_most"):
            _typed(where, None if isinstance(value, bool) else value, (int, float), "a number")
        elif name == "empty":
            _typed(where, value, bool, "true or false")
        elif name in ("one_of", "none_of"):
            for one in _typed(where, value, list, "a list of values"):
                _typed(where, one, (str, int, float), "a list of values")
        else:
            _typed(where, value, (str, int, float), "a value")
    return tests


def quoted(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(quoted(one) for one in value) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(key)} = {quoted(one)}" for key, one in value.items()) + " }"
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c >= " " else {"\t": "\\t", "\n": "\\n"}.get(c, f"\\u{ord(c):04x}") for c in text) + '"'


def _key(name: str) -> str:
    return name if name and all(c.isascii() and (c.isalnum() or c in "_-") for c in name) else quoted(name)


def write(mapping: Mapping, spare: list[str], open_values: dict[str, list[str]], title: str) -> str:
    """The text of a mapping file to begin with: what was recognised, and what is left to say as comments."""
    out = [
        f"# How csat reads {title}. Begun by `csat inspect`; change what is wrong.",
        f"table = {quoted(mapping.table)}" if mapping.table else f'# table = "…"   # say which: {", ".join(TABLES)}',
    ]
    out.append(
        f"zone = {quoted(mapping.zone)}" if mapping.zone else '# zone = "Europe/Moscow"   # of times that carry no zone'
    )
    if mapping.keys:
        out.append(f"keys = {quoted(mapping.keys)}   # what figures are broken down by")
    file = [
        f"{key} = {quoted(value)}"
        for key, value in (
            ("encoding", mapping.encoding),
            ("separator", mapping.separator),
            ("decimal", mapping.decimal),
        )
        if value
    ]
    out += ["", "[file]", *file] if file else []
    out += ["", "[columns]"]
    for role, column in mapping.columns.items():
        out.append(f"{_key(role)} = {_column_text(column)}")
    known = TABLES.get(mapping.table or "", {})
    missing = [role for role in known if role not in mapping.columns]
    if not mapping.table:
        out += ["# What each table can have; give the column, without the mark in front, where there is one:"]
        out += [f"# {table}: {', '.join(roles)}" for table, roles in TABLES.items()]
    if missing:
        out += [
            "# Not found; give the column if there is one:",
            *(f'# {role} = "…"   # {kind_of(role)}' for role in missing),
        ]
    if spare:
        out.append("# Columns of the file that are not used: " + ", ".join(spare))
    for role, table in (mapping.values | {r: {} for r in open_values if r not in mapping.values}).items():
        out += ["", f"[values.{role}]", *(f"{_key(value)} = {quoted(meaning)}" for value, meaning in table.items())]
        out += [
            f'# {_key(value)} = "…"   # not recognised; one of {", ".join(OUTCOME_CLASSES)}'
            for value in open_values.get(role, [])
        ]
    for measure in mapping.measures:
        out += ["", "[[measure]]", *(f"{_key(key)} = {quoted(value)}" for key, value in measure.items())]
    example = mapping.columns.get("wait", Column(["seconds"])).sources[0]
    out += [
        "",
        "# Rows to keep: equals, not, one_of, none_of, at_least, at_most, empty.",
        "# [filter]",
        f"# {_key(example)} = {{ at_least = 0 }}",
    ]
    return "\n".join(out) + "\n"


def _column_text(column: Column) -> str:
    parts = [f"join = {quoted(column.sources)}" if len(column.sources) > 1 else f"column = {quoted(column.sources[0])}"]
    parts += [f"between = {quoted(column.between)}"] if len(column.sources) > 1 and column.between != " " else []
    parts += [f"split = {quoted(column.split)}, part = {column.part}"] if column.split else []
    parts += [f"format = {quoted(column.format)}"] if column.format else []
    parts += [f"unit = {quoted(column.unit)}"] if column.unit else []
    if column.plus:
        parts.append(
            "plus = [" + ", ".join(f"{{ column = {quoted(c)}, unit = {quoted(u)} }}" for c, u in column.plus) + "]"
        )
    return quoted(column.sources[0]) if len(parts) == 1 and len(column.sources) == 1 else "{ " + ", ".join(parts) + " }"
