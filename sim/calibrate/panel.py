"""A panel of purchases in memory."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sim.calibrate.classes import Histories, histories_of
from sim.measures import panel_sums

__all__ = ["ROW_ORDER", "Panel", "window_for"]

ROW_ORDER = "No column tells when a purchase was made: the order of the rows is taken for it."
SHORTEST, LONGEST = 3, 30  # of a window [purchases]


@dataclass(frozen=True)
class Panel:
    """Purchases of buyers, each in the order in which they were made.

    Attributes
    ----------
    sellers : tuple of str
        Who was bought from, by falling number of purchases.
    choices : ndarray of int, shape (buyers, purchases)
        Sellers as positions; -1 beyond a buyer's length.
    lengths : ndarray of int, shape (buyers,)
        Purchases of each buyer, at least 1 [purchases].
    prices : ndarray, shape (buyers, purchases, sellers), optional
        Price of every seller at each purchase, NaN where unknown [money of the file].
    source : str
        Name of the file, without folders.
    digest : str
        Of its bytes.
    ordered : bool
        Whether the order of purchases is known; if not, they stand in a random order.
    notes : tuple of str
        What a reader should know about the file.
    """

    sellers: tuple[str, ...]
    choices: NDArray[np.int64]
    lengths: NDArray[np.int64]
    prices: NDArray[np.float64] | None = None
    source: str = ""
    digest: str = ""
    ordered: bool = True
    notes: tuple[str, ...] = ()

    @property
    def buyers(self) -> int:
        """Number of buyers."""
        return len(self.lengths)

    @property
    def purchases(self) -> int:
        """Number of purchases."""
        return int(self.lengths.sum())

    @cached_property
    def histories(self) -> Histories:
        """What the likelihood of classes needs."""
        return histories_of(self.choices, self.lengths, len(self.sellers))

    def sums(self, window: int) -> NDArray[np.float64]:
        """Of each buyer; see `sim.measures.panel_sums`."""
        return panel_sums(self.choices, self.lengths, len(self.sellers), window)

    def shuffled(self, seed: int) -> Panel:
        """The same purchases, each buyer's in a random order: what is known of a panel without order."""
        random = np.random.default_rng([seed, 1])
        keys = random.random(self.choices.shape)
        keys[np.arange(self.choices.shape[1]) >= self.lengths[:, None]] = 2.0
        order = np.argsort(keys, axis=1, kind="stable")
        prices = None if self.prices is None else np.take_along_axis(self.prices, order[:, :, None], axis=1)
        notes = tuple(note for note in self.notes if note != ROW_ORDER)
        chosen = np.take_along_axis(self.choices, order, axis=1)
        return replace(self, choices=chosen, prices=prices, ordered=False, notes=notes)

    def first_part(self, part: float) -> NDArray[np.int64]:
        """Purchases in the first part of each history; a buyer with one purchase keeps it [purchases]."""
        return np.maximum(1, np.floor(self.lengths * part)).astype(np.int64)


def window_for(lengths: NDArray[np.int64]) -> int:
    """The first purchases in which penetration and duplication are counted.

    All buyers can be counted in the shortest history, which is taken unless it is less than half
    of the median one; then the lower quartile, which three quarters of the buyers have.

    Parameters
    ----------
    lengths : ndarray, shape (buyers,)
        [purchases]
    """
    shortest, quartile, median = (float(np.quantile(lengths, part)) for part in (0, 0.25, 0.5))
    chosen = shortest if shortest >= median / 2 else quartile
    return int(min(max(chosen, SHORTEST), LONGEST))
