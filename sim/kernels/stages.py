"""What buyers do in one tick, stage by stage (model A13, steps 0 and 2 to 7).

begin -> listen -> research -> choose -> settle, and after all buyers have chosen: experience.
Each stage reads and writes the row of a buyer, `listen` those of a block of them; neighbours are
read as they were at the end of the last tick.
"""

from __future__ import annotations

from sim.kernels.choosing import choose, choose_alone, consideration, order_from, utility
from sim.kernels.ledger import settle
from sim.kernels.listening import listen, listen_alone, seat
from sim.kernels.living import experience
from sim.kernels.looking import NO_RESEARCH, research
from sim.kernels.months import begin, month_words
from sim.kernels.row import behaviour_row, bit, draw_normals, fixed, has, pull_mode

__all__ = [
    "NO_RESEARCH",
    "begin",
    "behaviour_row",
    "bit",
    "choose",
    "choose_alone",
    "consideration",
    "draw_normals",
    "experience",
    "fixed",
    "has",
    "listen",
    "listen_alone",
    "month_words",
    "order_from",
    "pull_mode",
    "research",
    "seat",
    "settle",
    "utility",
]
