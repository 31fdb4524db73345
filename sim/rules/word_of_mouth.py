"""Word of mouth: which neighbours talk (model A10).

Sources: Goldenberg, Libai & Muller 2001 for the range of rates; East, Hammond & Lomax 2008 and
Goldenberg et al. 2007 disagree on the power of bad news, hence a free ratio.
"""

from __future__ import annotations

import numpy as np

from sim.compiled import compiled
from sim.draws import logarithm, uniform

__all__ = ["ceiling", "silence", "silent_run", "talking_probability"]


@compiled
def talking_probability(rate: float, dissatisfied_ratio: float, dissatisfied: bool) -> float:
    """Probability that a neighbour who ordered talks in a tick [-]."""
    return min(1.0, rate * dissatisfied_ratio) if dissatisfied else rate


@compiled
def ceiling(rate: float, dissatisfied_ratio: float) -> float:
    """The higher of the two talking probabilities: the rate at which possible talkers are drawn [-]."""
    return max(rate, min(1.0, rate * dissatisfied_ratio))


@compiled
def silence(ceiling: float) -> float:
    """Logarithm of the probability that a neighbour stays silent, at most 0; -inf if all may talk [-]."""
    return logarithm(1.0 - ceiling) if ceiling < 1.0 else -np.inf


@compiled
def silent_run(word: int, silence: float, length: int) -> int:
    """How many neighbours in a row stay silent before the next possible talker.

    A geometric number from one word instead of a draw a neighbour; the possible talkers are
    then thinned to their own probability (Lewis & Shedler 1979 for thinning).

    Parameters
    ----------
    word : uint32
        Random word.
    silence : float
        From `silence` [-].
    length : int
        The result is cut off here: nobody left.
    """
    if silence >= 0.0:
        return length
    run = np.floor(logarithm(uniform(word)) / silence)
    return int(min(run, float(length)))
