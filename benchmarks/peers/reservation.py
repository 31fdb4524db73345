"""Weitzman's index for normal beliefs (model A6): h with φ(h) - h (1 - Φ(h)) = κ / σ̃."""

from __future__ import annotations

import numpy as np
from scipy.stats import norm

_INDEX = np.linspace(6.0, -8.0, 14001)
_RATIO = norm.pdf(_INDEX) - _INDEX * norm.sf(_INDEX)  # rises from 0 to 8, where it equals -h


def reservation_index(ratio: np.ndarray) -> np.ndarray:
    """h for each ratio κ / σ̃ [-]."""
    return np.where(ratio > _RATIO[-1], -ratio, np.interp(ratio, _RATIO, _INDEX))
