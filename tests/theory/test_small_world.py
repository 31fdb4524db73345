"""What V16 does not say of the small world (Watts & Strogatz 1998): other rewirings, and distances."""

from __future__ import annotations

import math

import numpy as np
import pytest
from markets import small

from sim.market import Market

COUNT = 4_000


def clustering(degree: int, rewiring: float) -> float:
    """Part of the pairs on a buyer's list of which the first listens to the second."""
    network = {"degree": degree, "rewiring": rewiring}
    links = Market(small(1, buyers={"count": COUNT, "network": network})).neighbours
    listens = np.zeros((COUNT, COUNT), bool)
    listens[np.arange(COUNT)[:, None], links] = True
    pairs = 0
    for first in range(degree):
        for second in range(degree):
            if first != second:
                pairs += int(listens[links[:, first], links[:, second]].sum())
    return pairs / (COUNT * degree * (degree - 1))


@pytest.mark.parametrize("degree", [10, 4])
@pytest.mark.parametrize("rewiring", [0.05, 0.3])
def test_clustering_falls_with_the_cube(degree: int, rewiring: float) -> None:
    """C(p) / C(0) = (1 - p)³ up to O(K / N): all three links of a triangle must be left."""
    ratio = clustering(degree, rewiring) / clustering(degree, 0.0)
    # triangles of one buyer share links; the error of that many independent buyers is an upper bound
    assert ratio == pytest.approx((1 - rewiring) ** 3, abs=4 * math.sqrt(0.25 / COUNT) + 2 * degree / COUNT)


def test_paths_are_short_long_before_clustering_is_lost() -> None:
    """The small world: at p = 0.1 half of the clustering is left and distances are those of a random graph."""

    def mean_distance(rewiring: float) -> float:
        network = {"degree": 6, "rewiring": rewiring}
        links = Market(small(1, buyers={"count": COUNT, "network": network})).neighbours
        heard = np.full(COUNT, -1)
        heard[0], ring, distance = 0, np.array([0]), 0
        while ring.size:
            distance += 1
            reached = np.unique(links[ring])
            ring = reached[heard[reached] < 0]
            heard[ring] = distance
        return float(heard[heard > 0].mean())

    ring, small_world, random = mean_distance(0.0), mean_distance(0.1), mean_distance(1.0)
    assert ring > 20 * random
    assert small_world < 2.5 * random
    assert clustering(6, 0.1) > 0.5 * clustering(6, 0.0) > 20 * clustering(6, 1.0)
