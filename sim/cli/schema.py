"""`pushpull schema`: the JSON Schema of a scenario, for editors."""

from __future__ import annotations

from sim.cli.options import Plugins, load_plugins
from sim.cli.printing import say_json

__all__ = ["schema"]


def schema(plugin: Plugins = None) -> None:
    """Print the JSON Schema of a scenario.

    An editor with the YAML language server completes and checks scenarios with it: save it as
    scenario.schema.json and start a scenario beside it with the line
    "# yaml-language-server: $schema=scenario.schema.json".

    Example: pushpull schema > scenario.schema.json
    """
    load_plugins(plugin)
    from sim.scenario import scenario_json_schema

    say_json(scenario_json_schema())
