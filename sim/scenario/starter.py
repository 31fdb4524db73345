"""A scenario to start from."""

from __future__ import annotations

from sim.scenario.mistakes import Finding, ScenarioError, described
from sim.scenario.names import NAME as PATTERN
from sim.scenario.names import NAME_MATCH, NAMES_IN_WORDS

__all__ = ["starter"]

_TEXT = """\
# A market, its sellers, and the economies to compare. What is left out keeps its default; the
# scenario.yaml among the results of a run has every one written out.
name: "{name}"
description: >-
  What becomes of the sellers of today when a newcomer meets buyers who search for themselves?
horizon: 120                       # ticks to run [months]
seed: 1                            # the same seed gives the same market, whatever else is changed
replications: 8                    # independent runs of each economy
buyers:
  count: 2000
behaviour:                         # a value in push and a value in pull; one number stands for both
  search_cost: {{push: 0.5, pull: 0.05}}
  switching_cost: {{push: 3.0, pull: 0.75}}
economies:                         # each runs on the same buyers, sellers and draws
  push: {{pull_share: 0}}
  transition: {{pull_share: {{kind: logistic, midpoint: 48, width: 8}}}}
  pull: {{pull_share: 1}}
sellers:                           # who is there at the opening; `pushpull strategies` tells what they can do
  - {{name: Heritage, strategy: relationship-reliant}}
  - {{name: Closers, strategy: hard-sell}}
  - {{name: Allies, strategy: collaborative}}
  - {{name: Value, strategy: transactional, price: 0.8}}
events:                            # enter, exit, change (of course), adjust, shock or set, each at a tick
  - {{at: 24, enter: {{name: Newcomer, strategy: innovator}}}}
  # - {{at: 60, change: {{seller: Heritage, strategy: collaborative}}}}
  # - {{at: 72, shock: {{seller: Closers, quality: -0.2}}}}
"""


def starter(name: str) -> str:
    """A short commented scenario, ready to run.

    Parameters
    ----------
    name : str
        Name of the scenario: letters, digits, blanks, ``_``, ``.`` and ``-``, at most 80.

    Returns
    -------
    str
        YAML.

    Raises
    ------
    ScenarioError
        If the name cannot name a scenario.
    """
    if not NAME_MATCH.fullmatch(name):
        raise ScenarioError.of([Finding((), f"must be {NAMES_IN_WORDS[PATTERN]}, not {described(name)}")])
    return _TEXT.format(name=name)
