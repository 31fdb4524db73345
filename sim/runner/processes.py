"""Processes of our own: started when there is work, ended at once, made again when one of them dies."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager, nullcontext
from typing import Any

from sim.runner.loading import load_market

__all__ = ["Processes", "submitted"]


class Processes:
    """A pool of worker processes; none until they are asked for.

    Parameters
    ----------
    niceness : int
        How readily they yield the processor to others; for work in the background.
    """

    def __init__(self, niceness: int = 0) -> None:
        self._niceness = niceness
        self._pool: ProcessPoolExecutor | None = None
        self._size = 0

    @property
    def there(self) -> bool:
        """Whether there are any."""
        return self._pool is not None

    def enlisted(self, jobs: int) -> Executor:
        """So many processes, or more; if there are fewer, they are started anew."""
        if self._pool is not None and self._size < jobs:
            self.stop()
        if self._pool is None:
            # spawn: numba's threads do not outlive a fork, and Mesa 3.3 asks for it anyway
            self._pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), _enlist, (self._niceness,))
            self._size = jobs
        return self._pool

    def again(self, of_main: bool) -> Executor:
        """New processes for those of which one has died.

        Parameters
        ----------
        of_main : bool
            As for `submitted`.

        Raises
        ------
        concurrent.futures.BrokenExecutor
            If a new one dies as well, with nothing to do: there is no use in a third.
        """
        size = self._size
        self.stop(at_once=True)
        pool = self.enlisted(size)
        submitted(pool, of_main, os.getpid).result()
        return pool

    def stop(self, at_once: bool = False) -> None:
        """Let the processes go.

        Parameters
        ----------
        at_once : bool
            End them in the middle of what they do.
        """
        pool, self._pool = self._pool, None
        if pool is None:
            return
        if at_once:
            # Executor has no public way to end its processes before Python 3.14
            processes = list((getattr(pool, "_processes", None) or {}).values())
            pool.shutdown(wait=False, cancel_futures=True)
            for process in processes:
                process.terminate()
            for process in processes:
                process.join()
        pool.shutdown(wait=True, cancel_futures=True)


def submitted(executor: Executor, of_main: bool, call: Callable[..., Any], *arguments: Any) -> Future[Any]:
    """Submit a call to an executor that may start processes for it.

    Parameters
    ----------
    executor : Executor
    of_main : bool
        Whether the call needs what the user's script defines.
    call : callable
    arguments
        Of the call.
    """
    with _interrupts_held(), nullcontext() if of_main else _main_hidden():
        return executor.submit(call, *arguments)


def _enlist(niceness: int) -> None:
    """Begin a worker: Ctrl-C is for the parent, and without the parent there is nothing to do."""
    if niceness and hasattr(os, "nice"):
        os.nice(niceness)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    load_market()


def _end_with(parent: Any) -> None:
    parent.join()
    os._exit(1)


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Hold Ctrl-C back while processes start, so that they inherit that and die without a word."""
    here = threading.current_thread() is threading.main_thread()
    if not here or not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _main_hidden() -> Iterator[None]:
    """Keep starting processes from running the user's script again: they need nothing of it.

    So a script needs no `if __name__ == "__main__":`, unless it defines strategies itself.
    """
    main: dict[str, Any] = sys.modules["__main__"].__dict__
    hidden: dict[str, Any] = {name: main.pop(name) for name in ("__file__", "__spec__") if name in main}
    main["__spec__"] = None
    try:
        yield
    finally:
        del main["__spec__"]
        main.update(hidden)
