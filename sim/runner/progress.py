"""A line on stderr that says how far a run is."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Any

__all__ = ["Progress"]


class Progress:
    """Replications done, rate, time left, how many failed, and how many workers were lost.

    Parameters
    ----------
    shown : bool
    total : int
        Replications to be done.
    done : int
        Those of them that were done before; they do not count for the rate.
    """

    def __init__(self, shown: bool, total: int, done: int = 0) -> None:
        self._bar: Any = None
        self._failures = self._lost = 0
        if shown:
            from tqdm import tqdm

            terminal = sys.stderr.isatty()
            self._bar = tqdm(
                total=total,
                initial=done,
                unit=" replications",
                file=sys.stderr,
                mininterval=0.1 if terminal else 5.0,  # a log wants few lines
                dynamic_ncols=terminal,
                smoothing=0.1,
            )

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def step(self, failed: bool = False, lost: int = 0) -> None:
        """One replication more is done, or has failed; so many workers were lost by now."""
        if self._bar is None:
            return
        if failed or lost > self._lost:
            self._failures, self._lost = self._failures + failed, lost
            told = [f"{self._failures} failed"] if self._failures else []
            told += [f"{lost} worker{'s' if lost > 1 else ''} lost"] if lost else []
            self._bar.set_postfix_str(", ".join(told), refresh=False)
        self._bar.update()

    def extend(self, total: int) -> None:
        """More replications are to be done than was known."""
        if self._bar is not None and total != self._bar.total:
            self._bar.total = total
            self._bar.refresh()
