"""A line on stderr that says how far a calibration is."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Any

__all__ = ["Watch"]


class Watch:
    """Stages done, what is being done, and the time that it took so far.

    Parameters
    ----------
    shown : bool
    stages : int
        How many there are.
    """

    def __init__(self, shown: bool, stages: int) -> None:
        self._bar: Any = None
        if shown:
            from tqdm import tqdm

            terminal = sys.stderr.isatty()
            self._bar = tqdm(
                total=stages,
                unit=" stages",
                file=sys.stderr,
                mininterval=0.1 if terminal else 5.0,
                dynamic_ncols=terminal,
                bar_format="{l_bar}{bar}| {n_fmt}/{total_fmt} [{elapsed}{postfix}]",
            )
        self._begun = False

    def __enter__(self) -> Watch:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            if kind is None and self._bar.n < self._bar.total:
                self._bar.update(self._bar.total - self._bar.n)
            self._bar.close()

    def stage(self, what: str) -> None:
        """The stage before is done; this one begins."""
        if self._bar is None:
            return
        if self._begun:
            self._bar.update()
        self._begun = True
        self._bar.set_postfix_str(what)
