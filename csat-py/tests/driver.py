"""Answers test vectors through the Python package: a JSON request a line on standard input, a JSON answer a line.

    {"list": true}                                                     what the package has
    {"function": NAME, "arguments": {...}}                             a function of numbers you already have
    {"plan": {...}, "batches": [[column, ...]], "as_of", "confidence"}  a tally; a column has name, type and values

Answers are {"ok": ...} or {"error": {"kind", "message", "reason"}}.
"""

from __future__ import annotations

import json
import math
import sys
from datetime import datetime, timedelta, timezone
from typing import Any

import csat

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
MICROSECOND = timedelta(microseconds=1)


def clock(name: str, arguments: dict[str, Any]) -> Any:
    """Calendars and SLAs through their classes, given back as the door of the core writes them."""
    part, _, word = name.partition(".")
    if part == "calendar":
        found = getattr(csat.Calendar(arguments.pop("calendar")), word)(*arguments.values())
    else:
        given = arguments.pop("sla")
        sla = csat.Sla.shipped(given) if isinstance(given, str) else csat.Sla(given)
        found = getattr(sla, word)(**arguments)
    return written(found)


def written(value: Any) -> Any:
    """Instants as text in UTC, durations in seconds."""
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, dict):
        return {key: written(item) for key, item in value.items()}
    return [written(item) for item in value] if isinstance(value, (list, tuple)) else value


#: What the classes answer.
CLOCKS = {
    f"calendar.{word}"
    for word in (
        "elapsed", "add", "is_open", "next_open", "previous_open", "closing", "next_opening_strictly_later",
        "open_periods_after", "open_periods_before", "on_break", "on_holiday", "is_working_day", "working_days_between",
    )
} | {"response.judge"}


def function(name: str, arguments: dict[str, Any]) -> Any:
    """By its class or module where there is one (`csat.Calendar`, `csat.stats.share.wilson`), else by name."""
    if name in CLOCKS:
        return clock(name, arguments)
    part, _, word = name.partition(".")
    module = getattr(csat.stats, part, None)
    own = getattr(module, word, None)
    return csat.call(name, **arguments) if own is None else own(**arguments)


def values(column: dict[str, Any]) -> list[Any]:
    if column["type"] == "instant":
        return [None if v is None else EPOCH + v * MICROSECOND for v in column["values"]]
    return column["values"]


def tally(request: dict[str, Any]) -> list[dict[str, Any]]:
    plan = request["plan"]
    whole = csat.Tally(
        plan["measures"], by=plan.get("keys"), every=plan.get("every"), tz=plan.get("zone"), columns=plan.get("columns")
    )
    as_of = None if request["as_of"] is None else EPOCH + request["as_of"] * MICROSECOND
    for batch in request["batches"]:
        part = whole.empty_like()
        part.push({column["name"]: values(column) for column in batch}, as_of=as_of)
        whole.merge(part)
    if csat.Tally.load(whole.save()) != whole:
        raise SystemExit("a loaded tally differs")
    keys = plan.get("keys") or []
    rows = []
    for row in whole.report(conf=request["confidence"], kind="table"):
        row = dict(row)
        slot = row.get("slot")
        if isinstance(slot, datetime):
            row["slot"] = (slot - EPOCH) // MICROSECOND
        rows.append({**row, "keys": {key: row[key] for key in keys}})
    return rows


def answer(request: dict[str, Any]) -> Any:
    if "list" in request:
        named = csat.functions()
        return {"functions": [f if isinstance(f, str) else f["name"] for f in named]}
    if "function" in request:
        return function(request["function"], request["arguments"])
    return tally(request)


def plain(value: Any) -> Any:
    """As JSON can say it: infinities as text, what does not exist as null."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else "inf" if value > 0 else "-inf"
    return value


def main() -> None:
    for line in sys.stdin:
        try:
            reply: dict[str, Any] = {"ok": plain(answer(json.loads(line)))}
        except csat.Error as error:
            context = getattr(error, "context", None)
            reason = dict(context).get("reason") if context else None
            reply = {"error": {"kind": error.kind, "message": str(error), "reason": reason}}
        except Exception as error:  # a fault of the package or of this script: the vector fails and says so
            reply = {"error": {"kind": "driver", "message": f"{type(error).__name__}: {error}", "reason": None}}
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()
