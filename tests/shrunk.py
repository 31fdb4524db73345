"""Scenarios and experiments of a clone, made small."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import yaml

BUYERS, REPLICATIONS = 60, 2
DESIGN = {"points": 40, "samples": 4, "trajectories": 2}  # at most
FACTORS = 2  # values of a factor on a grid, groups, strategies


def shrink(clone: Path, spared: Collection[str] = ()) -> None:
    """Rewrite every scenario and experiment of a clone with so little work that it takes a second.

    A scenario keeps its sellers, events, economies and months, and has fewer buyers and
    replications. An experiment moreover has one economy and fewer points: the first values of a
    factor's list, the ends of its range, the first of its groups and strategies.

    Parameters
    ----------
    clone : Path
    spared : collection of str
        Names of files that stay as they are.
    """
    for file in (*clone.glob("scenarios/*.yaml"), *clone.glob("experiments/*.yaml"), *clone.glob("docs/*/*.yaml")):
        if file.name not in spared:
            tree = yaml.safe_load(file.read_text(encoding="utf-8"))
            small = _experiment(tree) if "kind" in tree else {**tree, "buyers": {**tree["buyers"], "count": BUYERS}}
            small["replications"] = REPLICATIONS
            file.write_text(yaml.safe_dump(small, sort_keys=False), encoding="utf-8")


def _experiment(tree: dict[str, Any]) -> dict[str, Any]:
    small = {**tree, "set": {"buyers.count": BUYERS}, "factors": {}, "economies": ["transition"]}
    grid = tree.get("design", {}).get("kind", "grid") == "grid"
    for path, values in tree.get("factors", {}).items():
        short = {**values, "levels": FACTORS} if grid and "levels" in values else values
        small["factors"][path] = values[:FACTORS] if isinstance(values, list) else short
    small["design"] = {key: min(value, DESIGN.get(key, value)) for key, value in tree.get("design", {}).items()}
    for key in ("groups", "strategies"):
        if key in tree:
            small[key] = tree[key][:FACTORS]
    if "retest_points" in tree:
        small["retest_points"] = 10
    return {key: value for key, value in small.items() if value or key in tree}
