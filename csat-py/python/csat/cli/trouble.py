"""What goes wrong with a file, told to the person who has it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches

NAMED = 10
"""How many bad rows are named; the others are only counted."""


class Trouble(Exception):
    """Bad input: what happened, where, and what to do. The command prints it and exits with 1."""


def nearest(name: str, known: Iterable[str], likeness: float = 0.6) -> str:
    """`; did you mean …?`, or nothing."""
    found = get_close_matches(name, list(known), n=1, cutoff=likeness)
    return f"; did you mean `{found[0]}`?" if found else ""


def _place(row: tuple[str, int | None, str]) -> tuple[str, int]:
    return row[0], row[1] or 0


@dataclass
class Aside:
    """Rows set aside: how many by reason, and the first ten by place."""

    counts: dict[str, int] = field(default_factory=dict)
    first: list[tuple[str, int | None, str]] = field(default_factory=list)
    """File, line where one is known, and what is wrong there."""

    def add(self, reason: str, count: int, named: Iterable[tuple[str, int | None, str]] = ()) -> None:
        """Counts rows of one reason and names some of them."""
        if count:
            self.counts[reason] = self.counts.get(reason, 0) + count
            self.first = sorted([*self.first, *named], key=_place)[:NAMED]

    def merge(self, other: Aside) -> None:
        """Adds what another file or step set aside."""
        for reason, count in other.counts.items():
            self.counts[reason] = self.counts.get(reason, 0) + count
        self.first = sorted([*self.first, *other.first], key=_place)[:NAMED]

    @property
    def total(self) -> int:
        """How many rows were set aside."""
        return sum(self.counts.values())
