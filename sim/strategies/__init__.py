"""The catalogue of strategies: the built-in ones, and those that a user adds.

A strategy is a `Policy` subclass: parameters with their template as defaults, and one verb,
``plan(view) -> Plan``. `register` puts it into the catalogue under its name, from where
scenarios use it.
"""

from __future__ import annotations

import difflib
import importlib.util
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import get_args

from sim.strategies.adaptation import Adaptation
from sim.strategies.collaborative import Collaborative
from sim.strategies.hard_sell import HardSell
from sim.strategies.innovator import Innovator
from sim.strategies.policy import Policy
from sim.strategies.relationship_reliant import RelationshipReliant
from sim.strategies.strategy import Effort, Plan, Strategy, View
from sim.strategies.transactional import Transactional

__all__ = [
    "Adaptation",
    "Collaborative",
    "Effort",
    "HardSell",
    "Innovator",
    "Plan",
    "Policy",
    "RelationshipReliant",
    "Strategy",
    "Transactional",
    "View",
    "catalogue",
    "find",
    "load_plugin",
    "loaded_plugins",
    "register",
]

_catalogue: dict[str, type[Policy]] = {}
_entry_points_loaded = False
_plugins: list[Path] = []


def register(policy: type[Policy]) -> type[Policy]:
    """Add a strategy to the catalogue; usable as a class decorator.

    Parameters
    ----------
    policy : type of Policy
        Must fix ``strategy: Literal["name"] = "name"``.

    Raises
    ------
    ValueError
        If the name is missing or taken by another strategy.
    """
    names = get_args(policy.model_fields["strategy"].annotation)
    if len(names) != 1 or not isinstance(names[0], str):
        raise ValueError(f'{policy.__name__} must fix its name: strategy: Literal["my-name"] = "my-name"')
    known = _catalogue.get(names[0])
    if known is not None and (known.__module__, known.__qualname__) != (policy.__module__, policy.__qualname__):
        raise ValueError(f"there is a strategy {names[0]!r} already ({known.__module__}.{known.__qualname__})")
    _catalogue[names[0]] = policy
    return policy


for _policy in (RelationshipReliant, HardSell, Collaborative, Transactional, Innovator):
    register(_policy)


def catalogue() -> dict[str, type[Policy]]:
    """All strategies by name: built in, installed (entry point `pushpull.strategies`), loaded."""
    global _entry_points_loaded
    if not _entry_points_loaded:
        _entry_points_loaded = True
        for entry in entry_points(group="pushpull.strategies"):
            register(entry.load())
    return dict(_catalogue)


def find(name: str) -> type[Policy]:
    """The strategy of that name.

    Raises
    ------
    ValueError
        If there is none; the message names the closest and all.
    """
    known = catalogue()
    if name in known:
        return known[name]
    close = difflib.get_close_matches(str(name), known, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    raise ValueError(f"{name!r} is not a strategy{hint} ({', '.join(known)})")


def load_plugin(path: Path | str) -> None:
    """Run a Python file that registers strategies (`@register`).

    Parameters
    ----------
    path : path
        A file the user names; nothing in a scenario can make this happen.

    Raises
    ------
    OSError
        If the file cannot be read.
    """
    path = Path(path).resolve()
    name = f"pushpull_plugin_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise OSError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    if path not in _plugins:
        _plugins.append(path)


def loaded_plugins() -> tuple[Path, ...]:
    """Files loaded so far by `load_plugin`, for processes that need the same strategies."""
    return tuple(_plugins)
