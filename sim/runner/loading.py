"""How a process of our own loads the market: quickly, and without what a market does not use."""

from __future__ import annotations

import atexit
import gc
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from threading import RLock
from types import ModuleType
from typing import Any

__all__ = ["load_market"]

# Mesa imports these for spaces, networks and data frames: half of what there is to load.
UNUSED = ("mesa.discrete_space", "mesa.experimental.continuous_space", "networkx", "pandas")


def load_market() -> None:
    """Load the market; modules that Mesa wants and a market does not use wait until somebody uses them.

    What is loaded makes some hundred thousand objects which stay until the end. Left to itself, the
    garbage collector goes through all of them several times meanwhile, and again when the process ends.
    """
    finder = _Deferring()
    sys.meta_path.insert(0, finder)
    gc.disable()
    try:
        import sim.market  # noqa: F401
    finally:
        sys.meta_path.remove(finder)
        gc.freeze()
        gc.enable()
    atexit.register(gc.freeze)  # compiled code, which comes with the first task


class _Deferring(MetaPathFinder):
    """Finds modules that are loaded later."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(fullname, path) if fullname in UNUSED else None
        if spec is not None and spec.loader is not None:
            spec.loader = _Deferred(spec.loader)
        return spec


class _Deferred(Loader):
    """Loads a module when it is first asked for something in it.

    `importlib.util.LazyLoader` does so when it is asked for anything, and Mesa asks every module
    for its file (`inspect.getmodule`).
    """

    def __init__(self, loader: Loader) -> None:
        self.loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self.loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        module.__class__ = _Module
        module.__dict__.pop("__path__", None)  # what is imported from within it needs it


class _Module(ModuleType):
    """A module that is not loaded yet."""

    def __getattr__(self, name: str) -> Any:
        spec: Any = self.__spec__
        with _loading:
            deferred = spec.loader
            if isinstance(deferred, _Deferred):
                spec.loader = self.__loader__ = deferred.loader
                if spec.submodule_search_locations is not None:
                    self.__path__ = spec.submodule_search_locations
                try:
                    deferred.loader.exec_module(self)
                except BaseException:
                    spec.loader = self.__loader__ = deferred
                    deferred.exec_module(self)
                    raise
                self.__class__ = ModuleType  # type: ignore[assignment]
        return ModuleType.__getattribute__(self, name)


_loading = RLock()
