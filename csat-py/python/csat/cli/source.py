"""Reading files: what kind of file it is, its encoding and separator, and every line that does not fit."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from .trouble import NAMED, Aside, Trouble

LINE = "line in file"
"""The column that keeps where a row came from, through all filters."""

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_REPLACED = "\N{REPLACEMENT CHARACTER}"
_QUEUE_LOG = re.compile(r"^[^|]*\|[^|]*\|[^|]*\|[^|]*\|[A-Z]+(\||$)")


@dataclass
class Source:
    """A file as read."""

    name: str
    kind: str
    """`queue_log`, `csv` or `parquet`."""
    rows: int = 0
    """Lines or rows that held data, broken ones included."""
    encoding: str | None = None
    separator: str | None = None
    frame: pl.DataFrame = field(default_factory=pl.DataFrame)
    text: str = ""
    """The text of a queue log."""
    aside: Aside = field(default_factory=Aside)
    notes: list[str] = field(default_factory=list)

    @property
    def headers(self) -> list[str]:
        """The names of the columns."""
        return [name for name in self.frame.columns if name != LINE]

    def describe(self) -> str:
        """The format in words."""
        if self.kind == "csv":
            return f"CSV, {SEPARATORS.get(self.separator or ',', repr(self.separator))}, {self.encoding}"
        return {"queue_log": "Asterisk queue_log", "parquet": "Parquet"}[self.kind]


def read(path: str, encoding: str | None = None, separator: str | None = None) -> Source:
    """Reads a file of any of the three kinds."""
    data, name = _bytes(path), Path(path).name
    if data[:4] == b"PAR1":
        return _parquet(name, data)
    if data[:4] == b"PK\x03\x04" or data[:4] == b"\xd0\xcf\x11\xe0":
        raise Trouble(f"{name}: this is an Excel or zip file; save the sheet as CSV (UTF-8) and give that")
    notes: list[str] = []
    try:
        text, encoding = decode(name, data, encoding)
    except Trouble:
        text = data.decode("utf-8", "replace")
        if encoding is not None or separator is not None or not _is_queue_log(text):
            raise
        # Nothing in a log is fatal: its calls are found by fields that are ASCII.
        lines = [at for at, line in enumerate(text.split("\n"), 1) if _REPLACED in line]
        notes = [f"{len(lines)} lines hold bytes that are not UTF-8, first line {lines[0]}; they are shown as {_REPLACED}"]
        encoding = "utf-8"
    if not text.strip():
        raise Trouble(f"{name}: the file is empty; nothing to count")
    if separator is None and _is_queue_log(text):
        rows = sum(1 for line in text.split("\n") if line.strip())
        return Source(name, "queue_log", rows, encoding, text=text, notes=notes)
    return _csv(name, text, encoding, separator)


def _bytes(path: str) -> bytes:
    file = Path(path)
    if file.is_dir():
        raise Trouble(f"{path}: this is a folder; give the files in it")
    try:
        data = file.read_bytes()
        return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    except FileNotFoundError:
        raise Trouble(f"{path}: there is no such file") from None
    except (OSError, EOFError) as error:
        raise Trouble(f"{path}: cannot be read ({error})") from None


def _parquet(name: str, data: bytes) -> Source:
    try:
        frame = pl.read_parquet(io.BytesIO(data))
    except pl.exceptions.PolarsError as error:
        raise Trouble(f"{name}: this Parquet file cannot be read ({error})") from None
    if frame.height == 0:
        raise Trouble(f"{name}: the file has columns but no rows; nothing to count")
    return Source(name, "parquet", frame.height, frame=frame.with_row_index(LINE, 1))


def decode(name: str, data: bytes, encoding: str | None) -> tuple[str, str]:
    """The text of a file and its encoding: as told, else by byte-order mark, UTF-8, or Cyrillic cp1251."""
    if encoding is None:
        for mark, known in (
            (codecs.BOM_UTF8, "utf-8-sig"),
            (codecs.BOM_UTF16_LE, "utf-16"),
            (codecs.BOM_UTF16_BE, "utf-16"),
        ):
            if data.startswith(mark):
                return _decode(name, data, known), known.removesuffix("-sig")
        try:
            return data.decode("utf-8"), "utf-8"
        except UnicodeDecodeError as error:
            return _cyrillic(name, data, error), "cp1251"
    return _decode(name, data, encoding), encoding


def _decode(name: str, data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except LookupError:
        raise Trouble(f"{name}: there is no encoding `{encoding}`; use utf-8, cp1251 or utf-16") from None
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise Trouble(
            f"{name}, line {line}: byte 0x{data[error.start]:02x} is not {encoding}; "
            "the file has another encoding, or is damaged there"
        ) from None


def _cyrillic(name: str, data: bytes, not_utf8: UnicodeDecodeError) -> str:
    at, line = not_utf8.start, data[: not_utf8.start].count(b"\n") + 1
    if b"\x00" in data[:4096]:
        raise Trouble(f"{name}: this is not text; csat reads queue_log, CSV and Parquet")
    try:
        text = data.decode("cp1251")
    except UnicodeDecodeError:
        text = ""
    foreign = sum(ord(c) > 127 and c.isalpha() for c in text)
    # Russian in cp1251 reads as words of mostly small Cyrillic letters; other encodings give capitals, signs, or one
    # such letter among Latin ones.
    words = sum(map(len, re.findall(r"[А-Яа-яЁё][а-яё]{2,}", text)))
    if not foreign or words < 0.5 * foreign:
        raise Trouble(
            f"{name}, line {line}: byte 0x{data[at]:02x} is not UTF-8, and the text does not read as Russian in "
            'cp1251 either; say the encoding in a mapping file: [file] encoding = "…"'
        )
    return text


def _is_queue_log(text: str) -> bool:
    head = [line for line in text[:20000].splitlines() if line.strip()][:20]
    return sum(bool(_QUEUE_LOG.match(line)) for line in head) > len(head) / 2


def find_separator(text: str) -> str:
    """The separator under which the most of the first lines have the same number of fields, above one."""
    head = "\n".join(text[:50000].splitlines()[:50])

    def score(separator: str) -> tuple[float, int]:
        rows = [row for row in csv.reader(io.StringIO(head), delimiter=separator) if row]
        fields = len(rows[0]) if rows else 0
        return (sum(len(row) == fields for row in rows) / len(rows) if fields > 1 else 0.0, fields)

    best = max(SEPARATORS, key=score)
    return best if score(best)[1] > 1 else ","


def _csv(name: str, text: str, encoding: str, separator: str | None) -> Source:
    separator = separator or find_separator(text)
    csv.field_size_limit(10_000_000)
    source = Source(name, "csv", 0, encoding, separator)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    # One pass tells which records are whole and where they begin; only then is the text parsed into columns.
    kept, begin = io.StringIO(), 1
    lines: list[int] = []
    broken: list[tuple[int, str]] = []
    header: list[str] = []
    writer = csv.writer(kept, delimiter=separator, lineterminator="\n")
    plain = '"' not in text
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            if "unexpected end" in str(error) or not header:
                raise Trouble(f"{name}, line {begin}: a quotation mark is opened here and never closed") from None
            broken.append((begin, "quotation marks inside a value are not doubled"))
            row = []
        if row is None:
            break
        if not header and any(cell.strip() for cell in row):
            header = [cell.strip() for cell in row]
            _check_header(name, header, separator)
            writer.writerow(header) if not plain else kept.write(separator.join(header) + "\n")
        elif header and len(row) == len(header) and (len(row) > 1 or row[0].strip()):
            lines.append(begin)
            writer.writerow(row) if not plain else kept.write(separator.join(row) + "\n")
        elif any(cell.strip() for cell in row):
            broken.append((begin, f"{len(row)} fields, the header has {len(header)}"))
        begin = reader.line_num + 1
    for reason in ("wrong number of fields", "quotation marks"):
        own = [(line, what) for line, what in broken if what.startswith("quotation") == (reason == "quotation marks")]
        source.aside.add(reason, len(own), [(name, line, what) for line, what in own[:NAMED]])
    source.rows = len(lines) + len(broken)
    if not lines and broken:
        raise Trouble(f"{name}, line {broken[0][0]}: {broken[0][1]}, and no other line fits; is the separator right?")
    if not lines:
        raise Trouble(f"{name}: the file has a header but no rows; nothing to count")
    frame = pl.read_csv(
        io.BytesIO(kept.getvalue().encode()), separator=separator, infer_schema=False, quote_char=None if plain else '"'
    )
    if frame.height != len(lines):
        raise Trouble(
            f"{name}: {len(lines)} lines were found but {frame.height} rows read; the quotation marks do not match"
        )
    source.frame = frame.with_columns(pl.Series(LINE, lines, dtype=pl.UInt32))
    return source


def _check_header(name: str, header: list[str], separator: str) -> None:
    twice = sorted({cell for cell in header if cell and header.count(cell) > 1})
    if twice:
        raise Trouble(f"{name}: column `{twice[0]}` stands twice in the header; rename one")
    header[:] = [cell or f"column {at}" for at, cell in enumerate(header, 1)]
    if len(header) > 1 and all(re.fullmatch(r"[\d.,: /-]*", cell) for cell in header):
        raise Trouble(
            f"{name}: the first line holds values, not column names: {separator.join(header)[:60]}; add a header line"
        )
