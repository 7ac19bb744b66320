"""From the texts of a file to times, durations, flags and marks. What cannot be read becomes null, never a guess."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import polars as pl

from .trouble import Trouble, nearest

UTC = pl.Datetime("us", "UTC")
ZONED = r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d([.,]\d+)?)? ?(Z|[+-]\d\d:?(\d\d)?)$"
EPOCH, EPOCH_MS = r"^\d{9,10}([.,]\d+)?$", r"^\d{12,13}$"
DATES = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d-%m-%Y", "%d.%m.%y", "%Y%m%d")
CLOCKS = ("%H:%M:%S%.f", "%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p")
FORMATS = (*(f"{date}{gap}{clock}" for date in DATES for gap in (" ", "T", ", ") for clock in CLOCKS), *DATES)
SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "min": 60.0, "h": 3600.0}
SAMPLE = 2000


def zone_of(name: str) -> ZoneInfo:
    """A zone by its name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        hint = nearest(name, available_timezones()) or "; a zone is a name such as Europe/Moscow"
        raise Trouble(f"there is no time zone `{name}`{hint}") from None


def without(values: pl.Series, gone: pl.Series) -> pl.Series:
    """The values, null where `gone` holds."""
    return pl.select(pl.when(~gone.fill_null(False)).then(values)).to_series()


def strip(texts: pl.Series) -> pl.Series:
    """Texts without spaces around them; empty ones are null."""
    texts = texts.cast(pl.String).str.strip_chars()
    return without(texts, texts == "")


def find_format(texts: pl.Series) -> tuple[str | None, str | None, list[str]]:
    """The format that reads most of a column, why it is in doubt, and every format that reads some of it."""
    sample = texts.drop_nulls().head(SAMPLE)
    if sample.is_empty():
        return None, None, []
    zoned = {name: int(sample.str.contains(pattern).sum()) for name, pattern in (("iso", ZONED), ("epoch", EPOCH), ("epoch_ms", EPOCH_MS))}
    likely = max(zoned, key=zoned.__getitem__)
    if zoned[likely] * 2 > len(sample):
        return likely, None, [likely]
    read = {form: int(naive(sample, form).is_not_null().sum()) for form in FORMATS}
    read = {form: count for form, count in read.items() if count}
    if zoned[likely] > max(read.values(), default=0):
        return likely, None, [likely, *read]
    if not read:
        return None, None, []
    best = max(read, key=read.__getitem__)
    rivals = [form for form, count in read.items() if count == read[best] and form != best]
    swapped = next((form for form in rivals if {form[:2], best[:2]} == {"%d", "%m"} and form[2] == best[2]), None)
    doubt = None
    if swapped and not naive(sample, best).equals(naive(sample, swapped)):
        doubt = f"`{sample[0]}` may be day/month or month/day: no value has a day above 12"
    return best, doubt, sorted(read, key=lambda form: -read[form])


def naive(texts: pl.Series, form: str) -> pl.Series:
    """Local times or dates of one form."""
    if "%H" in form or "%I" in form:
        return texts.str.to_datetime(form, strict=False, time_unit="us")
    return texts.str.to_date(form, strict=False).cast(pl.Datetime("us"))


def has_zone(form: str | list[str] | None) -> bool:
    """Whether times of this format carry their zone; of several formats, whether all do."""
    if isinstance(form, list):
        return all(has_zone(one) for one in form)
    return form in ("iso", "epoch", "epoch_ms") or bool(form and "%z" in form)


def times(values: pl.Series, form: str | list[str] | None, zone: str | None) -> pl.Series:
    """Instants in UTC. Local times take the earlier of two where clocks go back; a time that a clock skips is null."""
    if isinstance(values.dtype, pl.Datetime):
        return values.cast(UTC) if values.dtype.time_zone else local(values.cast(pl.Datetime("us")), zone)
    if values.dtype == pl.Date:
        return local(values.cast(pl.Datetime("us")), zone)
    texts = strip(values)
    if isinstance(form, list):
        return pl.select(pl.coalesce([pl.lit(times(texts, one, zone)) for one in form])).to_series()
    if form == "iso":
        iso = texts.str.replace(r"^(.{10}) ", "${1}T").str.replace(" ", "").str.replace(",", ".", literal=True)
        iso = iso.str.replace(r"([+-]\d\d)$", "${1}:00").str.replace(r"([+-]\d\d)(\d\d)$", "${1}:${2}")
        iso = iso.str.replace(r"(T\d\d:\d\d)(Z|[+-])", "${1}:00${2}")
        return without(iso, ~iso.str.contains("T")).str.to_datetime("%+", strict=False, time_unit="us").cast(UTC)
    if form in ("epoch", "epoch_ms"):
        whole = texts.str.replace(",", ".", literal=True).str.split_exact(".", 1).struct.unnest()
        seconds = whole["field_0"].cast(pl.Int64, strict=False)
        fraction = whole["field_1"].fill_null("").str.slice(0, 6).str.pad_end(6, "0").cast(pl.Int64, strict=False)
        micros = seconds * 1000 if form == "epoch_ms" else seconds * 1_000_000 + fraction
        return micros.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    if form is None:
        return pl.Series(values.name, [None] * len(values), dtype=UTC)
    if has_zone(form):
        return texts.str.to_datetime(form, strict=False, time_unit="us").cast(UTC)
    return local(naive(texts, form), zone)


def skipped(values: pl.Series, form: str | list[str] | None, zone: str | None) -> pl.Series:
    """Local times that the clock of their zone skips."""
    if values.dtype == pl.String:
        forms = [one for one in (form if isinstance(form, list) else [form]) if one and not has_zone(one)]
        read = [pl.lit(naive(strip(values), one)) for one in forms]
        values = pl.select(pl.coalesce(read)).to_series() if read else pl.Series([None] * len(values), dtype=pl.Datetime("us"))
    if not isinstance(values.dtype, pl.Datetime) or values.dtype.time_zone:
        return pl.Series([False] * len(values))
    return values.is_not_null() & local(values.cast(pl.Datetime("us")), zone).is_null()


def local(values: pl.Series, zone: str | None) -> pl.Series:
    """Local times of a zone as instants."""
    return values.dt.replace_time_zone(zone or "UTC", ambiguous="earliest", non_existent="null").dt.convert_time_zone(
        "UTC"
    )


def numbers(values: pl.Series) -> pl.Series:
    """Numbers with a decimal point or comma; spaces between thousands are allowed."""
    if values.dtype.is_numeric():
        return values.cast(pl.Float64)
    texts = strip(values).str.replace_all(r"[\s\u{a0}\u{202f}]", "").str.replace(",", ".", literal=True)
    return texts.cast(pl.Float64, strict=False)


def durations(values: pl.Series, unit: str | None) -> pl.Series:
    """Microseconds, from numbers of a unit or from clock texts such as 0:01:30."""
    if isinstance(values.dtype, pl.Duration):
        return values.cast(pl.Duration("us"))
    if unit == "clock":
        parts = strip(values).str.extract_groups(r"^(?:(\d+):)?(\d+):(\d\d(?:[.,]\d+)?)$").struct.unnest()
        hours, minutes, rest = (parts[name].cast(pl.String) for name in parts.columns)
        rest = rest.str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
        whole = hours.fill_null("0").cast(pl.Int64, strict=False) * 3600 + minutes.cast(pl.Int64, strict=False) * 60
        seconds = whole + rest
    else:
        seconds = numbers(values) * SECONDS[unit or "s"]
    seconds = without(seconds, ~seconds.is_finite())
    return (seconds * 1e6).round().cast(pl.Int64, strict=False).cast(pl.Duration("us"))


def find_unit(values: pl.Series) -> str | None:
    """`clock` where most values are 0:01:30 or 1:30, `s` where they are numbers, nothing where neither."""
    if isinstance(values.dtype, pl.Duration) or values.dtype.is_numeric():
        return "s"
    sample = strip(values).drop_nulls().head(SAMPLE)
    if sample.is_empty():
        return "s"
    if sample.str.contains(r"^\d+:\d\d(:\d\d)?([.,]\d+)?$").sum() * 2 > len(sample):
        return "clock"
    return "s" if numbers(sample).is_not_null().sum() * 2 > len(sample) else None


def marks(values: pl.Series) -> pl.Series:
    """Whole numbers; anything else is null."""
    found = numbers(values)
    return without(found, found != found.round()).cast(pl.Int64, strict=False)


def is_decimal_comma(texts: pl.Series) -> bool:
    """Whether a column of texts writes its fractions with a comma."""
    sample = strip(texts).drop_nulls().head(SAMPLE)
    return bool(len(sample)) and bool(sample.str.contains(r"^-?\d+,\d+$").any()) and numbers(sample).is_not_null().all()


def one_offset(texts: pl.Series) -> str | None:
    """The zone `Etc/GMT-3` where every time carries +03:00: for showing local half hours."""
    found = strip(texts).drop_nulls().str.extract(r"([+-]\d\d):?00$|Z$", 1).unique().to_list()
    if len(found) == 1 and found[0] and re.fullmatch(r"[+-](0\d|1[0-2])", found[0]):
        hours = int(found[0])
        return "UTC" if hours == 0 else f"Etc/GMT{-hours:+d}"
    return None
