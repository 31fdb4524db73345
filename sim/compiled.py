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
from pathlib import Path
from typing import Any, TypeVar

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


def compiled(function: Function) -> Function:
    """Compile a function with numba: cached, without the GIL, IEEE arithmetic (no fast-math).

    Compiled functions neither make nor keep arrays, so numba's reference counts, which would
    cost more than the arithmetic, are off; and they are inlined into the loop that calls them.
    The plain function stays reachable as ``function.py_func``.
    """
    return _made(function, inlined=True)


def compiled_loop(function: Function) -> Function:
    """As `compiled`, for a loop over all buyers: compiled once and called, not inlined."""
    return _made(function, inlined=False)


def _made(function: Function, inlined: bool) -> Function:
    made: Function = numba.njit(
        cache=True,
        nogil=True,
        error_model="numpy",
        forceinline=inlined,
        _nrt=False,
    )(function)
    return made
