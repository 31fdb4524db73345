"""The one place through which numba is used, and where its compiled code is kept.

numba's own cache looks only at the file of the function itself: when a function that it
calls in another file is edited, the old code is served and numbers are silently wrong. The
cache therefore lives in a folder named by a digest of every file that compiled code may come
from, of numba's version and of the processor.
"""

from __future__ import annotations

import hashlib
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from functools import update_wrapper
from pathlib import Path
from typing import Any, TypeVar, cast

import llvmlite
import numba
import numpy as np

__all__ = ["cache_folder", "compiled", "compiled_loop", "law_digest"]

Function = TypeVar("Function", bound=Callable[..., Any])

# Compiled code may only be defined in, and only use constants of, these rooms (tests/test_floors.py).
LAW = ("compiled.py", "draws.py", "columns.py", "rules", "kernels")


def law_digest(package: Path | None = None) -> str:
    """Digest of the source of every compiled room.

    Parameters
    ----------
    package : Path, optional
        Folder of the package; by default this one.

    Returns
    -------
    str
        Sixteen hexadecimal digits.
    """
    package = package or Path(__file__).parent
    digest = hashlib.sha256()
    for room in LAW:
        place = package / room
        for file in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            digest.update(str(file.relative_to(package)).encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def cache_folder() -> Path:
    """Folder of the compiled code; `PUSHPULL_CACHE` sets its parent."""
    if os.environ.get("PUSHPULL_CACHE"):
        parent = Path(os.environ["PUSHPULL_CACHE"])
    elif os.environ.get("XDG_CACHE_HOME"):
        parent = Path(os.environ["XDG_CACHE_HOME"]) / "pushpull"
    else:
        parent = Path.home() / ".cache" / "pushpull"
    made_with = (
        numba.__version__,
        llvmlite.__version__,
        np.__version__,
        sys.version,
        platform.machine(),
        llvmlite.binding.get_host_cpu_name(),
        str(sorted(llvmlite.binding.get_host_cpu_features().items())),
    )
    name = f"{law_digest()}-{hashlib.sha256(repr(made_with).encode()).hexdigest()[:8]}"
    folder = parent / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK):
            return folder
    except OSError:
        pass
    return Path(tempfile.gettempdir()) / f"pushpull-{os.getuid() if hasattr(os, 'getuid') else 'user'}" / name


numba.config.CACHE_DIR = str(cache_folder())


# Compiled functions neither make nor keep arrays, so numba's reference counts, which would cost
# more than the arithmetic, are off; arithmetic is that of IEEE (no fast-math).
_OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "_nrt": False}


class _Called(numba.types.Dispatcher):
    """How compiled code sees a function: one form for every type, not another one for each number written in a call."""

    def get_call_type(self, context: Any, args: tuple[Any, ...], kws: dict[str, Any]) -> Any:
        plain = tuple(numba.types.unliteral(type_) for type_ in args)
        return super().get_call_type(context, plain, {key: numba.types.unliteral(kws[key]) for key in kws})


class Law:
    """A compiled function that is inlined into what calls it, and can be called from Python too.

    Inside compiled code numba takes the lean form below. Making it callable from Python costs
    as much compiling again, and is done only for what Python really calls.

    Attributes
    ----------
    py_func : function
        The plain function.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        update_wrapper(self, function)
        self.py_func = function
        self._lean = numba.njit(forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True, **_OPTIONS)(function)
        self._numba_type_ = _Called(self._lean)  # what numba sees of this object
        self._callable = numba.njit(cache=True, **_OPTIONS)(function)

    def __call__(self, *arguments: Any) -> Any:
        return self._callable(*arguments)

    @property
    def stats(self) -> Any:
        """How often the compiled form for Python was found in the cache, and how often not."""
        return self._callable.stats


def compiled(function: Function) -> Function:
    """Compile a function with numba: cached, without the GIL, inlined into the loop that calls it.

    The plain function stays reachable as ``function.py_func``.
    """
    return cast(Function, Law(function))


def compiled_loop(function: Function) -> Function:
    """As `compiled`, for a loop over all buyers: compiled once and called, not inlined."""
    made: Function = numba.njit(cache=True, **_OPTIONS)(function)
    return made
