"""Asterisk `queue_log`: event lines in, contacts out."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import Any, Self

from . import _csat
from ._csat import InvalidArgumentError
from ._table import Table


class QueueLog:
    """A reader of Asterisk's `queue_log`, for whole files and for a log that is being written.

    >>> import csat
    >>> log = csat.QueueLog.read_text(
    ...     "1700000000|1700000000.1|support|NONE|ENTERQUEUE||2001|1\\n"
    ...     "1700000012|1700000000.1|support|PJSIP/7|CONNECT|12|1700000003.2|5\\n"
    ...     "1700000072|1700000000.1|support|PJSIP/7|COMPLETECALLER|12|60|1\\n"
    ... )
    >>> log.contacts["outcome"], log.contacts["wait"]
    (['answered'], [12.0])
    >>> log.counts["entered"], log.remarks
    (1, [])
    """

    def __init__(self, *, stitch_gap: float | None = None, tz: str | None = None) -> None:
        """Starts a reader.

        Args:
            stitch_gap: visits of one call within so many seconds of one another are one contact; None keeps them apart.
            tz: the zone of times without one, as in the database variant of `queue_log`.
        """
        number = isinstance(stitch_gap, (int, float)) and not isinstance(stitch_gap, bool)
        if stitch_gap is not None and not (number and 0 <= stitch_gap <= 1e9):
            raise InvalidArgumentError(f"stitch_gap = {stitch_gap!r}; use seconds of 0 or more, or None")
        gap = None if stitch_gap is None else round(stitch_gap * 1e6)
        self._log = _csat.QueueLog(gap, tz)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.contacts: Table = Table(self._log.drain())

    @classmethod
    def read(cls, path: str | Path, *, stitch_gap: float | None = None, tz: str | None = None) -> Self:
        """Reads a whole file. Bytes that are not UTF-8 are replaced: names of queues are ASCII in practice."""
        text = Path(path).read_text(encoding="utf-8", errors="replace")
        return cls.read_text(text, stitch_gap=stitch_gap, tz=tz)

    @classmethod
    def read_text(cls, text: str, *, stitch_gap: float | None = None, tz: str | None = None) -> Self:
        """Reads a whole log; its complete contacts are in `contacts`."""
        log = cls(stitch_gap=stitch_gap, tz=tz)
        log._push(text)
        log._log.finish()
        log.contacts = Table(log._log.drain())
        return log

    def push(self, text: str | bytes) -> Table:
        """Takes the next lines, or pieces of lines, and gives the contacts that became complete. Bytes that are not
        UTF-8 are replaced."""
        self._push(text)
        return Table(self._log.drain())

    def _push(self, text: str | bytes) -> None:
        if isinstance(text, (bytes, bytearray, memoryview)):
            text = self._decoder.decode(bytes(text))
        elif not isinstance(text, str):
            raise InvalidArgumentError(f"a queue log is text or bytes, not {type(text).__name__}")
        try:
            self._log.push(text)
        except UnicodeEncodeError:  # half a surrogate pair, which is no character
            self._log.push(text.encode("utf-8", "replace").decode("utf-8"))

    @property
    def waiting(self) -> Table:
        """The contacts that wait now."""
        return Table(self._log.waiting())

    @property
    def talking(self) -> Table:
        """The contacts with an agent now."""
        return Table(self._log.talking())

    @property
    def remarks(self) -> list[dict[str, Any]]:
        """What did not fit: reason, whether lines were set aside for it, how many, the first line numbers."""
        return self._log.remarks()

    @property
    def counts(self) -> dict[str, int]:
        """Lines read, visits entered, calls refused, other events, lines set aside."""
        return self._log.counts()
