"""The sellers' side of a tick: budgets and contacts before, service during, stocks after (A13)."""

from __future__ import annotations

import numpy as np

from sim.columns import FIXED, SERVICE_CALL_CENTRE, SERVICE_SINGLE_QUEUE, State, Tally
from sim.compiled import compiled
from sim.rules import contact, experience, selling, service

__all__ = ["EVERYONE", "begin_tick", "end_tick", "open_tick", "serve", "serve_customers", "set_appeal"]

EVERYONE = -1

# Entries of `Sellers.effort`
VISITS_TO_CUSTOMERS, VISITS_TO_PROSPECTS, MESSAGES, HUMAN_SERVICE, SELF_SERVICE, TRAINING = range(6)


@compiled
def open_tick(state: State, selling_terms: np.ndarray, tick: int, buyers: int) -> None:
    """All that buyers find when they come: contacts, and what each seller would give them now."""
    begin_tick(state, selling_terms, tick, buyers)
    serve(state, selling_terms, tick)
    set_appeal(state)


@compiled
def begin_tick(state: State, selling_terms: np.ndarray, tick: int, buyers: int) -> None:
    """Budgets, who is trading, and the probabilities of contact (steps 1 and 2).

    Parameters
    ----------
    state : State
    selling_terms : record
        `Selling` of the scenario; one record.
    tick : int
        [ticks]
    buyers : int
        Size of the market.
    """
    sellers = state.sellers
    how = selling_terms[0]
    terms = state.terms[0]
    terms.trading = np.uint64(0)
    for seller in range(sellers.size):
        sellers[seller].visit_customers = 0.0
        sellers[seller].visit_prospects = 0.0
        sellers[seller].message = 0.0
        if not sellers[seller].alive:
            sellers[seller].trading = False
            sellers[seller].budget = 0.0
            continue
        price, unit_cost, share = sellers[seller].price, sellers[seller].unit_cost, sellers[seller].budget_share
        target = selling.budget_target(share, price, unit_cost, sellers[seller].volume)
        floor = 0.0
        if tick < sellers[seller].launch_until and sellers[seller].cash > 0.0:
            floor = selling.launch_budget(share, price, unit_cost, how.launch_share, buyers)
        if tick == sellers[seller].entered:
            sellers[seller].budget = max(target, floor)
        else:
            sellers[seller].budget = selling.next_budget(sellers[seller].budget, how.budget_rate, target, floor)
        budget = sellers[seller].budget
        customers = sellers[seller].customers
        sellers[seller].trading = budget > 0.0 or customers > 0
        if sellers[seller].trading:
            terms.trading |= np.uint64(1) << np.uint64(seller)
        effort = sellers[seller].effort
        if terms.contacts:
            sellers[seller].visit_customers = contact.visit_probability(
                budget * effort[VISITS_TO_CUSTOMERS], how.visit_cost, customers
            )
            sellers[seller].visit_prospects = contact.visit_probability(
                budget * effort[VISITS_TO_PROSPECTS], how.visit_cost, buyers - customers
            )
            sellers[seller].message = contact.message_probability(budget * effort[MESSAGES], how.message_cost, buyers)


@compiled
def serve(state: State, selling_terms: np.ndarray, entered_at: int) -> None:
    """Human service that the customers of this tick share (step 6).

    Parameters
    ----------
    state : State
    selling_terms : record
    entered_at : int
        Only sellers who entered at this tick, to whom buyers listen before anyone was served;
        EVERYONE for all.
    """
    sellers = state.sellers
    how = selling_terms[0]
    for seller in range(sellers.size):
        if entered_at >= 0 and sellers[seller].entered != entered_at:
            continue
        if not sellers[seller].alive:
            sellers[seller].human_service = 0.0
            continue
        spending = sellers[seller].budget * sellers[seller].effort[HUMAN_SERVICE]
        customers = sellers[seller].customers
        if how.congestion == SERVICE_SINGLE_QUEUE:
            delivered = service.in_time_single_queue(
                spending / how.call_cost, max(customers, 1) * how.calls, how.answer_within
            )
        elif how.congestion == SERVICE_CALL_CENTRE:
            servers = int(spending / how.server_cost)
            load = max(customers, 1) * how.calls / how.calls_per_server
            delivered = service.in_time_call_centre(servers, load, how.calls_per_server, how.answer_within)
        else:
            delivered = service.human_service(spending, customers, how.human_service_cost)
        sellers[seller].human_service = service.with_shock(delivered, sellers[seller].service_shift)


@compiled
def serve_customers(state: State, selling_terms: np.ndarray, tally: Tally) -> None:
    """Take customers and orders from the tally of choices, and serve them (step 6)."""
    for seller in range(state.sellers.size):
        state.sellers[seller].customers = tally.sellers[seller].customers
        state.sellers[seller].volume = tally.sellers[seller].volume / FIXED
    serve(state, selling_terms, EVERYONE)
    set_appeal(state)


@compiled
def set_appeal(state: State) -> None:
    """Mean experience less taste, for each row of behaviour and each seller."""
    sellers = state.sellers
    for row in range(state.behaviour.size):
        how = state.behaviour[row]
        for seller in range(sellers.size):
            state.appeal[row, seller] = experience.mean_experience(
                how.quality_weight,
                sellers[seller].quality,
                how.service_weight,
                how.self_service_weight,
                sellers[seller].human_service,
                sellers[seller].self_service,
            )


@compiled
def end_tick(state: State, selling_terms: np.ndarray, buyers: int) -> None:
    """Books and stocks after delivery: profit, cash, exit, skill, self-service (step 8).

    Parameters
    ----------
    state : State
    selling_terms : record
    buyers : int
        Size of the market.
    """
    sellers = state.sellers
    how = selling_terms[0]
    for seller in range(sellers.size):
        sellers[seller].profit = 0.0
        if not sellers[seller].alive:
            sellers[seller].self_service = 0.0
            continue
        effort = sellers[seller].effort
        spending = sellers[seller].budget * effort.sum()
        sellers[seller].profit = selling.profit(
            sellers[seller].price, sellers[seller].unit_cost, sellers[seller].volume, spending, how.fixed_cost * buyers
        )
        sellers[seller].cash += sellers[seller].profit
        sellers[seller].in_red = sellers[seller].in_red + 1 if sellers[seller].cash < 0.0 else 0
        if how.exit and sellers[seller].in_red >= how.exit_after:
            sellers[seller].alive = False
        if how.skill:
            prac = selling.practice(effort[VISITS_TO_CUSTOMERS], effort[VISITS_TO_PROSPECTS], effort[MESSAGES])
            sellers[seller].sales_skill = selling.next_skill(
                sellers[seller].sales_skill,
                how.skill_gain,
                how.skill_decay,
                prac,
                effort[TRAINING],
                how.training_effect,
            )
        target = service.self_service_target(
            sellers[seller].budget * effort[SELF_SERVICE], buyers, how.self_service_cost
        )
        sellers[seller].self_service = service.next_self_service(
            sellers[seller].self_service, how.self_service_rate, target
        )
        sellers[seller].quality = max(sellers[seller].quality + sellers[seller].quality_drift, 0.0)
