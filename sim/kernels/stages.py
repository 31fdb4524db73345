"""What one buyer does in one tick, stage by stage (model A13, steps 0 and 2 to 7).

begin -> aim, listen -> research -> choose -> settle, and after all buyers have chosen:
experience. Each stage reads and writes one row; neighbours are read as they were at the end of
the last tick.
"""

from __future__ import annotations

from sim.kernels.choosing import choose, consideration, order_from, utility
from sim.kernels.ledger import settle
from sim.kernels.listening import aim, aimed_by, contact_words, listen
from sim.kernels.living import experience
from sim.kernels.looking import NO_RESEARCH, research
from sim.kernels.months import begin, month_words
from sim.kernels.row import behaviour_row, bit, fixed, has, pull_mode

__all__ = [
    "NO_RESEARCH",
    "aim",
    "aimed_by",
    "begin",
    "behaviour_row",
    "bit",
    "choose",
    "consideration",
    "contact_words",
    "experience",
    "fixed",
    "has",
    "listen",
    "month_words",
    "order_from",
    "pull_mode",
    "research",
    "settle",
    "utility",
]
