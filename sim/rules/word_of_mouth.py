"""Word of mouth: which neighbours talk (model A10).

Sources: Goldenberg, Libai & Muller 2001 for the range of rates; East, Hammond & Lomax 2008 and
Goldenberg et al. 2007 disagree on the power of bad news, hence a free ratio.
"""

from __future__ import annotations

import numpy as np

from sim.compiled import compiled
from sim.draws import uniform

__all__ = ["all_silent", "ceiling", "silent_run", "talking_probability"]


@compiled
def talking_probability(rate: float, dissatisfied_ratio: float, dissatisfied: bool) -> float:
    """Probability that a neighbour who ordered talks in a tick [-]."""
    return min(1.0, rate * dissatisfied_ratio) if dissatisfied else rate


@compiled
def ceiling(rate: float, dissatisfied_ratio: float) -> float:
    """The higher of the two talking probabilities: the rate at which possible talkers are drawn [-]."""
    return max(rate, min(1.0, rate * dissatisfied_ratio))


@compiled
def silent_run(word: np.uint32, ceiling: float, length: int) -> int:
    """How many neighbours in a row stay silent before the next possible talker.

    A geometric number from one word instead of a draw a neighbour; the possible talkers are
    then thinned to their own probability (Lewis & Shedler 1979 for thinning).

    Parameters
    ----------
    word : uint32
        Random word.
    ceiling : float
        Probability of a possible talker, in [0, 1] [-].
    length : int
        The result is cut off here: nobody left.
    """
    u = uniform(word)
    quiet = 1.0 - ceiling
    run = 0
    for _ in range(length):  # to the end: to leave early costs a wrong guess of the branch
        run += 1 if u < quiet else 0
        quiet *= 1.0 - ceiling
    return run


@compiled
def all_silent(ceiling: float, length: int) -> float:
    """Probability that none of `length` neighbours may talk, as `silent_run` reckons it [-]."""
    quiet = 1.0
    for _ in range(length):
        quiet *= 1.0 - ceiling
    return quiet
