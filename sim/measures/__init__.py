"""What is measured of a market (model A12): pure functions of arrays.

Durations are in ticks, counted from the first element of the path that is given. A duration
that did not end within the path is ``inf`` (right-censored); one that is not defined for the
path is NaN. Nothing here replaces the one by the other or leaves one out unseen.
"""

from __future__ import annotations

from sim.measures.erosion import (
    gap_half_life,
    half_life,
    half_life_of_hazard,
    hazard,
    leading_rival,
    rebound,
    time_to_exit,
    time_to_overtake,
)
from sim.measures.loyalty import excess_frequency, repeat_by_chance, two_step_repeat_of_chain
from sim.measures.matching import best_match, better_elsewhere, kept_by_liking, retention_by_bond
from sim.measures.panel import (
    at_size_of,
    duplication_coefficient,
    panel_sums,
    panel_targets,
    target_bases,
    target_names,
)
from sim.measures.replications import (
    Estimate,
    half_width,
    mean_interval,
    median_interval,
    proportion_interval,
    t_interval,
)
from sim.measures.retention import ShiftedBetaGeometric, shifted_beta_geometric, survivors
from sim.measures.shares import effective_sellers, hhi, met_by_buyers, revenue_share, unit_share
from sim.measures.switching import (
    churn,
    initiation_index,
    loss_rate,
    retention_by_tenure,
    second_eigenvalue,
    stationary_shares,
    switching_counts,
    switching_probabilities,
)
from sim.measures.value import (
    belief_error,
    consumer_surplus,
    customer_equity,
    expected_maximum,
    expected_orders,
    homework_share,
    logsum_surplus,
    margin_multiple,
    producer_surplus,
    satisfaction,
)

__all__ = [
    "Estimate",
    "ShiftedBetaGeometric",
    "at_size_of",
    "belief_error",
    "best_match",
    "better_elsewhere",
    "churn",
    "consumer_surplus",
    "customer_equity",
    "duplication_coefficient",
    "effective_sellers",
    "excess_frequency",
    "expected_maximum",
    "expected_orders",
    "gap_half_life",
    "half_life",
    "half_life_of_hazard",
    "half_width",
    "hazard",
    "hhi",
    "homework_share",
    "initiation_index",
    "kept_by_liking",
    "leading_rival",
    "logsum_surplus",
    "loss_rate",
    "margin_multiple",
    "mean_interval",
    "median_interval",
    "met_by_buyers",
    "panel_sums",
    "panel_targets",
    "producer_surplus",
    "proportion_interval",
    "rebound",
    "repeat_by_chance",
    "retention_by_bond",
    "retention_by_tenure",
    "revenue_share",
    "satisfaction",
    "second_eigenvalue",
    "shifted_beta_geometric",
    "stationary_shares",
    "survivors",
    "switching_counts",
    "switching_probabilities",
    "t_interval",
    "target_bases",
    "target_names",
    "time_to_exit",
    "time_to_overtake",
    "two_step_repeat_of_chain",
    "unit_share",
]
