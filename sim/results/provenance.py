"""Where results come from: four keys, as tskit and msprime do it, and the key of a run.

Nothing of the moment is stored, nor the name of the machine, its user or its folders: the
same run on the same software gives the same bytes.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import os
import platform
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from sim.rules import MODEL_VERSION
from sim.scenario.scenario import Scenario

__all__ = [
    "MODEL_VERSION",
    "SCHEMA_VERSION",
    "foreign_policies",
    "key_of",
    "provenance_of",
    "source_digest",
    "sources_of",
]

SCHEMA_VERSION = "1.0.0"
LIBRARIES = ("mesa", "numpy", "numba", "pandas", "pyarrow", "pydantic", "scipy")


# Rooms that say or show what came out, but have no part in it.
WITHOUT_PART = ("calibrate", "claims", "cli", "live", "plots", "report", "runner", "studies")


@cache
def source_digest() -> str:
    """Digest of the product's own code, as far as it decides what comes out.

    `MODEL_VERSION` says when numbers are meant to move; this notices when they may have moved
    unmeant, as while somebody works on the rules.

    Returns
    -------
    str
        Sixteen hexadecimal digits.
    """
    package = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        room = path.relative_to(package)
        if room.parts[0] not in WITHOUT_PART:
            digest.update(room.as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _digest(text: str | bytes) -> str:
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()


def sources_of(scenario: Scenario) -> dict[str, str]:
    """Digest of the code of each strategy that is not the product's own.

    Returns
    -------
    dict of str to str
        By the strategy's name; a strategy without a file (typed into a session) has the
        digest of its qualified name, for lack of anything better.
    """
    found: dict[str, str] = {}
    for policy in foreign_policies(scenario):
        try:
            code: str | bytes = Path(inspect.getfile(policy)).read_bytes()
        except (TypeError, OSError):
            code = f"{policy.__module__}.{policy.__qualname__}"
        found[str(policy.model_fields["strategy"].default)] = _digest(code)[:16]
    return found


def foreign_policies(scenario: Scenario) -> list[type[Any]]:
    """Strategies of a scenario that are not the product's own, each once."""
    changes = [part for event in scenario.events for part in (event.enter, event.change) if part is not None]
    # a seller's model is made of its strategy and the terms of a seller, in this order
    policies = dict.fromkeys(type(part).__bases__[0] for part in [*scenario.sellers, *changes])
    return [policy for policy in policies if not policy.__module__.startswith("sim.")]


def key_of(scenario: Scenario, precision: Mapping[str, float] | None = None) -> str:
    """Name of a run's folder.

    Parameters
    ----------
    scenario : Scenario
        What is run, seed and replications included.
    precision : mapping, optional
        The stopping rule, if replications are not fixed.

    Returns
    -------
    str
        Twelve hexadecimal digits: a digest of the resolved scenario, the stopping rule, the
        model's version, and the code of strategies that are not the product's own.
    """
    what = {
        "scenario": scenario.resolved(),
        "precision": dict(precision) if precision else None,
        "model_version": MODEL_VERSION,
        "strategies": sources_of(scenario),
    }
    return _digest(json.dumps(what, sort_keys=True, ensure_ascii=True, allow_nan=False))[:12]


def provenance_of(scenario: Scenario, parameters: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Provenance of a run, in four keys.

    Parameters
    ----------
    scenario : Scenario
        What was run.
    parameters : mapping, optional
        Further parameters of the run.

    Returns
    -------
    dict
        schema_version, software, parameters, environment; plain values.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "software": {"name": "pushpull", "version": metadata.version("pushpull"), "sources": source_digest()},
        "parameters": {
            "scenario": scenario.name,
            "seed": scenario.seed,
            "replications": scenario.replications,
            "economies": list(scenario.economies),
            "model_version": MODEL_VERSION,
            "strategies": sources_of(scenario),
            **(parameters or {}),
        },
        "environment": {
            "os": {"system": platform.system(), "release": platform.release(), "machine": platform.machine()},
            "processors": os.cpu_count(),
            "python": {"implementation": platform.python_implementation(), "version": platform.python_version()},
            "libraries": {name: {"version": metadata.version(name)} for name in LIBRARIES},
        },
    }
