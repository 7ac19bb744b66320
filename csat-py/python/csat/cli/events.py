"""From a log of what happened to tickets, one event a row, to tickets, one a row."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from . import convert
from .trouble import Trouble

ROLES = ("id", "at", "status", "order")


@dataclass
class Events:
    """Which statuses say that a ticket was answered and that it was done."""

    first_response: list[str] = field(default_factory=list)
    """The first event of these statuses is the first answer."""
    resolved: list[str] = field(default_factory=list)
    """The last event of these statuses is the end, while the ticket is in one of them."""


def tickets(frame: pl.DataFrame, events: Events) -> tuple[pl.DataFrame, int]:
    """One row a ticket, and how many events carried none. It is created with its first event; what it is now is its
    event of the highest `order`, or the latest where there is no such column; of those that tie the one further down."""
    for role in ("id", "at", "status"):
        if role not in frame.columns:
            raise Trouble(f"[events] needs `{role}` under [columns]: the column with {_HOLDS[role]}")
    order = convert.marks(frame["order"]).fill_null(-1) if "order" in frame.columns else pl.Series([0] * frame.height)
    known = frame.with_columns(order.alias("order")).filter(pl.col("id").is_not_null() & pl.col("at").is_not_null())
    at, status = pl.col("at"), pl.col("status")
    last = status.sort_by("order", "at", maintain_order=True).last()
    made = {"created": at.min()}
    if events.first_response:
        made["first_response"] = at.filter(status.is_in(events.first_response)).min()
    if events.resolved:
        end = at.filter(status.is_in(events.resolved)).max()
        made["resolved"] = pl.when(last.is_in(events.resolved)).then(end)
    others = [name for name in known.columns if name not in (*ROLES, *made)]
    kept = [pl.col(name).drop_nulls().first() for name in others]
    found = known.group_by("id", maintain_order=True).agg(*kept, *(value.alias(name) for name, value in made.items()))
    return found, frame.height - known.height


_HOLDS = {"id": "the ticket", "at": "the time of the event", "status": "what the ticket became"}
