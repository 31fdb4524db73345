"""`pushpull schema`: the JSON Schema of a scenario or an experiment, for editors."""

from __future__ import annotations

from typing import Annotated

import typer

from sim.cli.options import Plugins, load_plugins
from sim.cli.printing import say_json

__all__ = ["schema"]


def schema(
    experiment: Annotated[bool, typer.Option("--experiment", help="Of experiments, of every kind, instead.")] = False,
    plugin: Plugins = None,
) -> None:
    """Print the JSON Schema of a scenario, or of an experiment.

    An editor with the YAML language server completes and checks scenarios with it: save it as
    scenario.schema.json and start a scenario beside it with the line
    "# yaml-language-server: $schema=scenario.schema.json".

    Example: pushpull schema > scenario.schema.json
    """
    load_plugins(plugin)
    if experiment:
        from sim.studies.experiment import experiment_json_schema

        say_json(experiment_json_schema())
        return
    from sim.scenario import scenario_json_schema

    say_json(scenario_json_schema())
