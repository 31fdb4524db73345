"""Service: human service is rival and congests, self-service is not (model A3)."""

from __future__ import annotations

from sim.compiled import compiled
from sim.draws import exponential

__all__ = [
    "erlang_c",
    "human_service",
    "in_time_call_centre",
    "in_time_single_queue",
    "next_self_service",
    "self_service_target",
    "single_queue_length",
    "with_shock",
]


@compiled
def human_service(spending: float, customers: float, unit_spending: float) -> float:
    """Human service delivered, in [0, 1]: ``1 - exp(-(spending / n) / c_h)`` [-].

    Parameters
    ----------
    spending : float
        Spent on human service [money/tick].
    customers : float
        Customers who share it; less than 1 counts as 1 [buyers].
    unit_spending : float
        c_h [money/tick a customer].
    """
    return 1.0 - exponential(-spending / max(customers, 1.0) / unit_spending)


@compiled
def self_service_target(spending: float, buyers: float, unit_spending: float) -> float:
    """Where the self-service stock goes under steady spending: ``1 - exp(-(spending / N) / c_T)`` [-]."""
    return 1.0 - exponential(-spending / buyers / unit_spending)


@compiled
def next_self_service(stock: float, rate: float, target: float) -> float:
    """Self-service stock one tick later [-]."""
    return stock + rate * (target - stock)


@compiled
def single_queue_length(utilisation: float) -> float:
    """Mean number in an M/M/1 system: ``ρ / (1 - ρ)``, ρ in [0, 1) [customers]."""
    return utilisation / (1.0 - utilisation)


@compiled
def in_time_single_queue(capacity: float, load: float, limit: float) -> float:
    """Probability that an M/M/1 request is done within `limit` [-].

    The time in the system is exponential at rate μ - λ; an overloaded queue serves nobody in time.

    Parameters
    ----------
    capacity, load : float
        μ and λ [1/tick].
    limit : float
        [ticks]
    """
    if capacity <= load:
        return 0.0
    return 1.0 - exponential(-(capacity - load) * limit)


@compiled
def erlang_c(servers: int, load: float) -> float:
    """Probability that a request must wait in M/M/c (Erlang C) [-].

    Parameters
    ----------
    servers : int
        c, at least 1.
    load : float
        Offered load a = λ / μ [erlangs]; at c or above everybody waits.
    """
    if load >= servers:
        return 1.0
    blocked = 1.0
    for server in range(1, servers + 1):
        blocked = load * blocked / (server + load * blocked)
    return blocked / (1.0 - load / servers * (1.0 - blocked))


@compiled
def in_time_call_centre(servers: int, load: float, server_rate: float, limit: float) -> float:
    """Probability that an M/M/c request waits at most `limit` [-].

    ``1 - C(c, a) exp(-(c - a) μ t)``; an overloaded centre answers nobody in time.
    """
    if servers < 1 or load >= servers:
        return 0.0
    return 1.0 - erlang_c(servers, load) * exponential(-(servers - load) * server_rate * limit)


@compiled
def with_shock(service: float, shift: float) -> float:
    """Human service after a lasting shock, in [0, 1] [-]."""
    return min(max(service + shift, 0.0), 1.0)
