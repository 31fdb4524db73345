"""How a run can end early."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sim.runner.units import Failure

__all__ = ["Interrupted", "PrecisionWarning", "RunBroken", "RunBusy", "RunError", "RunFailed"]

SHOWN = 5


class RunError(Exception):
    """A run did not get through; what is done is kept, and the same command goes on from there."""


class RunBusy(RunError):
    """Another process is at the same run."""


class RunBroken(RunError):
    """No worker process stays alive, or the user's executor failed."""


class RunFailed(RunError):
    """Some replications failed; the others are done, and kept if the run is on disk.

    Attributes
    ----------
    failures : tuple of Failure
    commands : tuple of str
        For each failure, a line for a shell that runs that one replication again.
    """

    def __init__(self, failures: Sequence[Failure], commands: Sequence[str], total: int, kept: bool = True) -> None:
        self.failures, self.commands = tuple(failures), tuple(commands)
        others = "; the others are kept" if kept and len(failures) < total else ""
        lines = [f"{len(failures)} of {total} replications failed{others}"]
        kinds: dict[str, list[int]] = {}
        for place, failure in enumerate(self.failures):
            kinds.setdefault(failure.error, []).append(place)
        for error, places in list(kinds.items())[:SHOWN]:
            one = self.failures[places[0]]
            which = f"{one.economy}, replication {one.replication}, seed {one.seed}"
            more = f" and {len(places) - 1} more" if len(places) > 1 else ""
            lines += [f"  {error} ({which}{more}); to see it again:", f"    {self.commands[places[0]]}"]
        if len(kinds) > SHOWN:
            lines.append(f"  and {len(kinds) - SHOWN} other errors")
        super().__init__("\n".join(lines))


class Interrupted(KeyboardInterrupt):
    """The user interrupted a run; what is done is kept, and the same command goes on from there.

    Attributes
    ----------
    done, total : int
        Replications that are kept, and that were to be done.
    kept : Path or None
        Folder of what is kept; None if the run is in memory only, and nothing is.
    """

    def __init__(self, done: int, total: int, kept: Path | None) -> None:
        self.done, self.total, self.kept = done, total, kept
        where = f"{done} of {total} replications are kept in {kept}; the same command goes on from there"
        super().__init__(where if kept is not None else f"{done} of {total} replications were done; nothing is kept")


class PrecisionWarning(UserWarning):
    """Replications ended before the precision that was asked for was reached."""
