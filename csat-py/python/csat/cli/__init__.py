"""The command `csat`."""

from __future__ import annotations

import sys


def main() -> int:
    """Runs the command; says what to install if its part of the package is not there."""
    try:
        from ._main import main as run  # type: ignore[import-not-found, unused-ignore]
    except ImportError as error:
        print(f"csat: the command needs `pip install csat-py[cli]` ({error})", file=sys.stderr)
        return 1
    return int(run())
