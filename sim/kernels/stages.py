"""What one buyer does in one tick, stage by stage (model A13, steps 2 to 7).

listen -> research -> choose -> settle, and after all buyers have chosen: experience. Each
stage reads and writes one row; neighbours are read as they were at the end of the last tick.
"""

from __future__ import annotations

import numpy as np

from sim.columns import (
    ASPIRATION,
    BELIEF_ERROR,
    BELIEF_VARIANCE,
    BELIEFS,
    BUYER_INITIATED,
    CHOICES,
    CONSIDERED,
    DECIDED_BEFORE_CONTACT,
    DISAPPOINTMENT,
    DISSATISFIED,
    FIXED,
    HOMEWORK,
    HOMEWORKS,
    LOGSUM,
    MET,
    ORDERED,
    ORDERS_BERNOULLI,
    ORDERS_EACH_TICK,
    PATIENCE,
    PULL_BUYERS,
    PUSH_MESSAGE,
    RESEARCH_FIXED_SAMPLE,
    RESEARCH_NONE,
    RESEARCH_WEITZMAN,
    RESEARCHED,
    ROUTINE_RESEARCH,
    SATISFIED,
    SELLER_GONE,
    SELLER_INITIATED,
    SILENT,
    SURPLUS,
    SWITCHES,
    TALK_BASS,
    TALK_NONE,
    TALK_THRESHOLD,
    VISIT,
    WORD_OF_MOUTH,
    State,
    Tally,
)
from sim.compiled import compiled
from sim.draws import NOBODY, ORDER_STEP, PURPOSE, block, exponential, gumbel, logarithm, normal, uniform
from sim.rules import aspiration as aspirations
from sim.rules import beliefs, choice, contact, incidence, relationship, word_of_mouth
from sim.rules import research as researching

__all__ = [
    "aim",
    "aimed_by",
    "begin",
    "behaviour_row",
    "bit",
    "choose",
    "contact_words",
    "experience",
    "fixed",
    "listen",
    "month_words",
    "order_from",
    "pull_mode",
    "research",
    "settle",
    "utility",
]

# What `research` was started by; else a cause of CAUSES
NO_RESEARCH = -1


@compiled
def bit(seller: int) -> np.uint64:
    """The bit of a seller in `known` and `visited`."""
    return np.uint64(1) << np.uint64(seller)


@compiled
def has(bits: np.uint64, seller: int) -> bool:
    """Whether the seller's bit is set."""
    return (bits >> np.uint64(seller)) & np.uint64(1) != np.uint64(0)


@compiled
def fixed(x: float) -> int:
    """A real number in integer parts of 1 / FIXED, so that sums do not depend on their order."""
    return int(x * FIXED)


@compiled
def pull_mode(buyer: int, pull_share: float, state: State) -> int:
    """1 if the buyer is in pull mode, else 0."""
    return 1 if state.buyers[buyer].pull_threshold < pull_share else 0


@compiled
def behaviour_row(buyer: int, mode: int, state: State) -> int:
    """Row of `State.behaviour` that the buyer acts on."""
    return 2 * int(state.buyers[buyer].segment) + mode


@compiled
def truth(buyer: int, seller: int, row: int, state: State) -> float:
    """Mean experience that the seller would give the buyer now [utils]."""
    return state.appeal[row, seller] + state.pairs[buyer, seller].taste


@compiled
def belief(buyer: int, seller: int, state: State) -> tuple[float, float]:
    """Belief mean [utils] and variance [utils²]; stored in 32 bits, reckoned in 64."""
    pair = state.pairs[buyer, seller]
    return np.float64(pair.belief_mean), np.float64(pair.belief_variance)


@compiled
def believe(buyer: int, seller: int, precision: float, signal: float, state: State) -> None:
    """Update a belief with signals of total `precision`, `signal` their precision-weighted sum."""
    mean, variance = belief(buyer, seller, state)
    state.pairs[buyer, seller].belief_mean = beliefs.posterior_mean(mean, variance, precision, signal)
    state.pairs[buyer, seller].belief_variance = beliefs.posterior_variance(variance, precision)


@compiled
def worth(buyer: int, seller: int, belief_variance: float, how: np.record, state: State) -> float:
    """Value of a seller if its belief variance were the given one, without switching cost [utils]."""
    pair = state.pairs[buyer, seller]
    return choice.value(
        np.float64(pair.belief_mean),
        belief_variance,
        how.risk_aversion,
        how.price_sensitivity,
        how.relationship_price_relief,
        state.sellers[seller].price,
        how.relationship_weight,
        np.float64(pair.relationship),
    )


@compiled
def value(buyer: int, seller: int, how: np.record, state: State) -> float:
    """Value of a seller under present beliefs, without switching cost, persuasion and shock [utils]."""
    return worth(buyer, seller, np.float64(state.pairs[buyer, seller].belief_variance), how, state)


@compiled
def month_words(buyer: int, tick: int, state: State) -> tuple[np.uint32, np.uint32, np.uint32, np.uint32]:
    """The words of a buyer's tick: research, orders, experience, first talking neighbour."""
    terms = state.terms[0]
    return block(terms.key0, terms.key1, buyer, NOBODY, tick, PURPOSE.MONTH)


@compiled
def begin(buyer: int, tick: int, pull_share: float, word: np.uint32, state: State, tally: Tally) -> None:
    """Who the buyer is this tick: generation, orders (step 0); `word` is for the orders."""
    me, terms = state.buyers[buyer], state.terms[0]
    if terms.turnover > 0.0:
        words = block(terms.key0, terms.key1, buyer, NOBODY, tick, PURPOSE.COHORT)
        if uniform(words[0]) < terms.turnover:
            span = terms.newcomer_high - terms.newcomer_low
            me.pull_threshold = terms.newcomer_low + span * uniform(words[1])
    if terms.orders == ORDERS_EACH_TICK:
        me.orders = 1
    else:
        rate = np.float64(me.purchase_rate)
        if terms.orders == ORDERS_BERNOULLI:
            me.orders = 1 if uniform(word) < rate else 0
        else:
            me.orders = incidence.poisson_orders(word, rate)
    mode = pull_mode(buyer, pull_share, state)
    if terms.growing:
        how = state.behaviour[behaviour_row(buyer, mode, state)]
        growth = how.growth
        if how.growth_sd > 0.0:
            words = block(terms.key0, terms.key1, buyer, NOBODY, 0, PURPOSE.BUSINESS)
            growth += how.growth_sd * normal(words[1])
        me.order_size = incidence.next_order_size(
            np.float64(me.order_size), growth, how.tenure_effect, np.float64(me.tenure)
        )
    tally.totals[PULL_BUYERS] += mode
    me.visited = np.uint64(0)


@compiled
def listen(
    buyer: int,
    tick: int,
    pull_share: float,
    word: np.uint32,
    visited: np.uint64,
    load: int,
    likely: np.uint64,
    state: State,
    tally: Tally,
    scratch: np.ndarray,
) -> tuple[np.uint64, float, float]:
    """Contacts by sellers, word of mouth, and what they do to beliefs (steps 2 and 3).

    Parameters
    ----------
    word : uint32
        Word for the first talking neighbour.
    visited, load, likely
        From `aim`.

    Returns
    -------
    contacted : uint64
        Bits of the sellers whose contact was attended.
    gathered : float
        Precision that was gathered [1/utils²].
    before : float
        Belief about the incumbent before word of mouth [utils].
    """
    me, pairs, sellers, terms = state.buyers[buyer], state.pairs, state.sellers, state.terms[0]
    row = behaviour_row(buyer, pull_mode(buyer, pull_share, state), state)
    own = int(me.seller)
    count = sellers.size
    if not terms.learning:
        for seller in range(count):
            pairs[buyer, seller].belief_mean = truth(buyer, seller, row, state)
            pairs[buyer, seller].belief_variance = 0.0
    before = np.float64(pairs[buyer, own].belief_mean)
    contacted, told = _attend(buyer, tick, row, visited, load, likely, state, tally, scratch)
    if terms.talk != TALK_NONE and uniform(word) >= terms.all_silent:
        told = _hear(buyer, tick, row, word, told, state, scratch)
    gathered = 0.0
    if told:
        for seller in range(count):
            precision = scratch[seller].precision
            if precision > 0.0:
                gathered += precision
                if terms.learning:
                    believe(buyer, seller, precision, scratch[seller].signal, state)
    return contacted, gathered, before


@compiled
def _clear(scratch: np.ndarray) -> None:
    for seller in range(scratch.size):
        scratch[seller].precision = 0.0
        scratch[seller].signal = 0.0


@compiled
def contact_words(
    buyer: int, seller: int, tick: int, state: State
) -> tuple[np.uint32, np.uint32, np.uint32, np.uint32]:
    """Words of a seller's contacts: visit aimed, message aimed, visit attended, message attended."""
    terms = state.terms[0]
    return block(terms.key0, terms.key1, buyer, state.sellers[seller].key, tick, PURPOSE.CONTACT)


@compiled
def aim(buyer: int, tick: int, pull_share: float, state: State) -> tuple[np.uint64, int, np.uint64]:
    """Which sellers visit and message the buyer (step 2).

    Returns
    -------
    visited : uint64
        Bit of the incumbent if it visits: its customer always receives it.
    load : int
        Other sellers that aim at the buyer.
    likely : uint64
        Bits of those whose contact would be attended if it were the only one.
    """
    own = int(state.buyers[buyer].seller)
    attention = state.behaviour[behaviour_row(buyer, pull_mode(buyer, pull_share, state), state)].attention
    visited, likely = np.uint64(0), np.uint64(0)
    load = 0
    for seller in range(state.sellers.size):
        words = contact_words(buyer, seller, tick, state)
        visits, aims, attends = aimed_by(words, seller, seller == own, attention, state)
        visited |= bit(seller) if visits else np.uint64(0)
        load += 1 if aims else 0
        likely |= bit(seller) if attends else np.uint64(0)
    return visited, load, likely


@compiled
def aimed_by(
    words: tuple[np.uint32, np.uint32, np.uint32, np.uint32], seller: int, mine: bool, attention: float, state: State
) -> tuple[bool, bool, bool]:
    """Whether a seller visits its customer, aims at another's, and would find attention if alone."""
    policy = state.sellers[seller]
    visit = uniform(words[0]) < (policy.visit_customers if mine else policy.visit_prospects)
    message = (uniform(words[1]) < policy.message) & (not mine)
    attends = (visit & (uniform(words[2]) < attention)) | (message & (uniform(words[3]) < attention))
    return visit & mine, (visit | message) & (not mine), attends & (not mine)


@compiled
def _attend(
    buyer: int,
    tick: int,
    row: int,
    visited: np.uint64,
    load: int,
    likely: np.uint64,
    state: State,
    tally: Tally,
    scratch: np.ndarray,
) -> tuple[np.uint64, bool]:
    """Attend to contacts and hear what they tell. Returns attended bits and whether signals were told."""
    me, sellers = state.buyers[buyer], state.sellers
    if visited != np.uint64(0):
        tally.sellers[int(me.seller)].visits_to_customers += 1
    contacted = visited
    told = False
    if likely != np.uint64(0):
        how = state.behaviour[row]
        # attention is divided among the sellers that aim, so it is at most what `likely` assumed
        chance = contact.attended(how.attention, how.attention_span, load)
        for seller in range(sellers.size):
            if not has(likely, seller):
                continue
            words = contact_words(buyer, seller, tick, state)
            visit = uniform(words[0]) < sellers[seller].visit_prospects and uniform(words[2]) < chance
            message = uniform(words[1]) < sellers[seller].message and uniform(words[3]) < chance
            if visit or message:
                if not told:
                    told = True
                    _clear(scratch)
                    _note_favourite(buyer, how, state)
                contacted |= bit(seller)
                if visit:
                    visited |= bit(seller)
                    tally.sellers[seller].visits_to_prospects += 1
                if message:
                    tally.sellers[seller].messages += 1
                _tell(buyer, seller, tick, row, visit, message, state, scratch)
        me.known |= contacted
    me.visited = visited
    return contacted, told


@compiled
def _note_favourite(buyer: int, how: np.record, state: State) -> None:
    """Remember the best known seller before the first contact of an episode."""
    me = state.buyers[buyer]
    if me.episode & MET:
        return
    best = -np.inf
    for seller in range(state.sellers.size):
        if state.sellers[seller].trading and has(me.known, seller):
            total = value(buyer, seller, how, state)
            if seller == me.seller:
                total += how.switching_cost
            if total > best:
                best = total
                me.favourite = seller


@compiled
def _tell(
    buyer: int, seller: int, tick: int, row: int, visit: bool, message: bool, state: State, scratch: np.ndarray
) -> None:
    """What a rival's visit and message say about it, overclaim included."""
    sellers, terms = state.sellers, state.terms[0]
    how = state.behaviour[row]
    words = block(terms.key0, terms.key1, buyer, sellers[seller].key, tick, PURPOSE.TELLING)
    claim = truth(buyer, seller, row, state) + beliefs.bias(
        sellers[seller].overclaim, sellers[seller].sales_skill, how.naivety
    )
    if visit:
        scratch[seller].precision += 1.0 / how.visit_variance
        scratch[seller].signal += (claim + np.sqrt(how.visit_variance) * normal(words[0])) / how.visit_variance
    if message:
        scratch[seller].precision += 1.0 / how.message_variance
        scratch[seller].signal += (claim + np.sqrt(how.message_variance) * normal(words[1])) / how.message_variance


@compiled
def _hear(buyer: int, tick: int, row: int, word: np.uint32, told: bool, state: State, scratch: np.ndarray) -> bool:
    """Word of mouth from neighbours' last orders. Returns whether any signal was told so far."""
    me, terms = state.buyers[buyer], state.terms[0]
    how = state.behaviour[row]
    degree = state.neighbours.shape[1]
    ceiling = terms.talk_ceiling
    slot = word_of_mouth.silent_run(word, ceiling, degree)
    while slot < degree:
        words = block(terms.key0, terms.key1, buyer, slot, tick, PURPOSE.TALK)
        neighbour = state.neighbours[buyer, slot]
        if terms.talk == TALK_BASS:
            count = state.neighbours.shape[0]
            neighbour = int(uniform(words[3]) * (count - 1))
            if neighbour >= buyer:
                neighbour += 1
        mood = state.buyers[neighbour].talk
        if mood != SILENT:
            chance = word_of_mouth.talking_probability(terms.talk_rate, terms.talk_ratio, mood == DISSATISFIED)
            seller = int(state.buyers[neighbour].seller)
            if uniform(words[0]) * ceiling < chance and _believed(buyer, seller, state):
                if not told:
                    told = True
                    _clear(scratch)
                tale = truth(buyer, seller, row, state) + state.buyers[neighbour].surprise
                tale += np.sqrt(how.word_of_mouth_variance) * normal(words[1])
                scratch[seller].precision += 1.0 / how.word_of_mouth_variance
                scratch[seller].signal += tale / how.word_of_mouth_variance
                me.known |= bit(seller)
        slot += 1 + word_of_mouth.silent_run(words[2], ceiling, degree - slot - 1)
    return told


@compiled
def _believed(buyer: int, seller: int, state: State) -> bool:
    """Rule `threshold`: another seller is heard of only when enough neighbours use it."""
    me, terms = state.buyers[buyer], state.terms[0]
    if terms.talk != TALK_THRESHOLD or seller == me.seller:
        return True
    degree = state.neighbours.shape[1]
    users = 0
    for slot in range(degree):
        if state.buyers[state.neighbours[buyer, slot]].seller == seller:
            users += 1
    return users >= terms.talk_threshold * degree


@compiled
def research(
    buyer: int,
    tick: int,
    pull_share: float,
    word: np.uint32,
    before: float,
    state: State,
    tally: Tally,
    scratch: np.ndarray,
) -> tuple[int, np.uint64, float]:
    """Buyer-initiated research: trigger, discovery, inspection, beliefs (step 4).

    Parameters
    ----------
    word : uint32
        Word for the start of research.
    before : float
        Belief about the incumbent before word of mouth, from `listen` [utils].

    Returns
    -------
    cause : int
        What started it, a code of CAUSES; `NO_RESEARCH` if there was none.
    inspected : uint64
        Bits of the inspected sellers.
    gathered : float
        Precision that was gathered [1/utils²].
    """
    me, sellers, terms = state.buyers[buyer], state.sellers, state.terms[0]
    inspected = np.uint64(0)
    if terms.research == RESEARCH_NONE or me.orders == 0:
        return NO_RESEARCH, inspected, 0.0
    row = behaviour_row(buyer, pull_mode(buyer, pull_share, state), state)
    how = state.behaviour[row]
    cause = _trigger(buyer, word, how, before, state)
    if cause == NO_RESEARCH:
        return NO_RESEARCH, inspected, 0.0
    tally.totals[RESEARCHED] += 1
    own = int(me.seller)
    known = me.known
    candidates = 0
    widest = 0.0
    for seller in range(sellers.size):
        if not sellers[seller].trading or seller == own:
            continue
        if not has(known, seller):
            words = block(terms.key0, terms.key1, buyer, sellers[seller].key, tick, PURPOSE.RESEARCH)
            if uniform(words[0]) >= researching.discovery_probability(
                how.discovery, sellers[seller].self_service, terms.discovery_floor
            ):
                continue
            known |= bit(seller)
        precision = _inspection_precision(seller, how, state)
        variance = belief(buyer, seller, state)[1]
        spread = researching.spread(variance, precision)
        widest = max(widest, spread)
        # the variance that the inspection would leave (A17.12)
        base = worth(buyer, seller, beliefs.posterior_variance(variance, precision), how, state)
        scratch[seller].value = researching.reservation_value(base, spread, how.search_cost)
        # insertion keeps the candidates in falling order; ties stay in the order of the columns
        place = candidates
        while place > 0 and scratch[scratch[place - 1].order].value < scratch[seller].value:
            scratch[place].order = scratch[place - 1].order
            place -= 1
        scratch[place].order = seller
        candidates += 1
    me.known = known
    best = -np.inf
    if sellers[own].trading:
        best = value(buyer, own, how, state) + how.switching_cost
    most = candidates
    if terms.research == RESEARCH_FIXED_SAMPLE and widest > 0.0:
        most = researching.fixed_sample_size(how.search_cost / widest)
        if sellers[own].trading:  # the incumbent is one of the sample
            most -= 1
    gathered = 0.0
    for place in range(min(most, candidates)):
        seller = scratch[place].order
        if terms.research == RESEARCH_WEITZMAN and scratch[seller].value <= best:
            break
        inspected |= bit(seller)
        tally.sellers[seller].inspections += 1
        tally.totals[SURPLUS] -= fixed(how.search_cost / how.price_sensitivity)
        gathered += _inspect(buyer, seller, tick, row, state)
        best = max(best, value(buyer, seller, how, state))
    return cause, inspected, gathered


@compiled
def _trigger(buyer: int, word: np.uint32, how: np.record, before: float, state: State) -> int:
    """Whether research starts, and why."""
    me, pairs = state.buyers[buyer], state.pairs
    own = int(me.seller)
    if not state.sellers[own].trading:
        return SELLER_GONE
    u = uniform(word)
    if u < how.research_rate:
        return ROUTINE_RESEARCH
    mean = np.float64(pairs[buyer, own].belief_mean)
    gap = _research_gap(buyer, mean, how, state)
    if researching.surely_not(u, how.research_rate, gap):
        return NO_RESEARCH
    if u >= researching.research_probability(how.research_rate, gap):
        return NO_RESEARCH
    if mean != before:  # would it have started without what neighbours said about the incumbent this tick?
        gap = _research_gap(buyer, before, how, state)
        if u >= researching.research_probability(how.research_rate, gap):
            return WORD_OF_MOUTH
    return DISAPPOINTMENT


@compiled
def _research_gap(buyer: int, belief_mean: float, how: np.record, state: State) -> float:
    me = state.buyers[buyer]
    return researching.research_gap(
        np.float64(me.aspiration),
        belief_mean,
        how.relationship_shield,
        np.float64(me.patience),
        np.float64(state.pairs[buyer, me.seller].relationship),
        how.indifference,
        how.research_temperature,
    )


@compiled
def _inspection_precision(seller: int, how: np.record, state: State) -> float:
    return researching.research_precision(
        state.sellers[seller].self_service,
        state.terms[0].discovery_floor,
        how.research_variance,
        how.review_variance,
        how.review_reading,
    )


@compiled
def _inspect(buyer: int, seller: int, tick: int, row: int, state: State) -> float:
    """Inspect a seller: an unbiased signal. Returns its precision [1/utils²]."""
    terms = state.terms[0]
    precision = _inspection_precision(seller, state.behaviour[row], state)
    if terms.learning and precision > 0.0:  # a seller that shows nothing teaches nothing
        word = block(terms.key0, terms.key1, buyer, state.sellers[seller].key, tick, PURPOSE.RESEARCH)[1]
        seen = truth(buyer, seller, row, state) + normal(word) / np.sqrt(precision)
        believe(buyer, seller, precision, seen * precision, state)
    return precision


@compiled
def consideration(buyer: int, contacted: np.uint64, inspected: np.uint64, state: State) -> np.uint64:
    """Bits of the sellers considered: the incumbent, those contacted and attended, those inspected.

    A buyer whose seller is gone considers the sellers that it knows, or else all (A17.15).
    """
    me, sellers = state.buyers[buyer], state.sellers
    own = int(me.seller)
    considered = contacted | inspected
    if sellers[own].trading:
        considered |= bit(own)
    if considered == np.uint64(0):
        considered = state.terms[0].trading & me.known
    if considered == np.uint64(0):
        considered = state.terms[0].trading
    return considered


@compiled
def utility(buyer: int, seller: int, pull_share: float, contacted: np.uint64, state: State) -> float:
    """Utility at the moment of choice, without the taste shock [utils]."""
    how = state.behaviour[behaviour_row(buyer, pull_mode(buyer, pull_share, state), state)]
    total = value(buyer, seller, how, state)
    if seller == state.buyers[buyer].seller and state.sellers[seller].trading:
        total += how.switching_cost
    if has(contacted, seller):
        total += choice.closing_effect(how.persuasion, state.sellers[seller].sales_skill)
    return total


@compiled
def choose(
    buyer: int,
    tick: int,
    order: int,
    pull_share: float,
    contacted: np.uint64,
    considered: np.uint64,
    state: State,
    tally: Tally,
) -> int:
    """Choose among the sellers considered: the argmax of utility plus a Gumbel shock (step 5).

    Parameters
    ----------
    order : int
        Number of the order in this tick, from 0.

    Returns
    -------
    int
        The chosen seller; the incumbent if nobody is left in the market.
    """
    sellers, terms = state.sellers, state.terms[0]
    chosen = int(state.buyers[buyer].seller)
    how = state.behaviour[behaviour_row(buyer, pull_mode(buyer, pull_share, state), state)]
    if considered == bit(chosen):  # nobody to compare the incumbent with: no shock is needed
        tally.totals[LOGSUM] += fixed(utility(buyer, chosen, pull_share, contacted, state) / how.price_sensitivity)
        tally.totals[CONSIDERED] += 1
        tally.totals[CHOICES] += 1
        return chosen
    best = -np.inf
    top = -np.inf
    weights = 0.0
    size = 0
    for seller in range(sellers.size):
        if not has(considered, seller):
            continue
        size += 1
        total = utility(buyer, seller, pull_share, contacted, state)
        # log-sum of the utilities, kept from overflow by its largest term
        if total > top:
            weights = 1.0 if top == -np.inf else weights * exponential(top - total) + 1.0
            top = total
        else:
            weights += exponential(total - top)
        purpose = PURPOSE.CHOICE + ORDER_STEP * order
        total += gumbel(block(terms.key0, terms.key1, buyer, sellers[seller].key, tick, purpose)[0])
        if total > best:
            best = total
            chosen = seller
    if size > 0:
        tally.totals[LOGSUM] += fixed((top + logarithm(weights)) / how.price_sensitivity)
        tally.totals[CONSIDERED] += size
        tally.totals[CHOICES] += 1
    return chosen


@compiled
def order_from(buyer: int, seller: int, state: State, tally: Tally) -> None:
    """Place one order; an orphan in a market without sellers has nobody to place it with."""
    if state.sellers[seller].trading:
        tally.sellers[seller].volume += fixed(np.float64(state.buyers[buyer].order_size))


@compiled
def settle(
    buyer: int,
    chosen: int,
    contacted: np.uint64,
    inspected: np.uint64,
    cause: int,
    heard: float,
    researched: float,
    state: State,
    tally: Tally,
) -> None:
    """Enter the choice in the books: customers, the ledger of switches, the episode.

    An episode is a run of ticks in which the buyer considers a rival; it is set off by what
    came first: a contact, research, or the loss of the seller.

    Parameters
    ----------
    cause : int
        What started research, from `research`.
    heard, researched : float
        Precision gathered by listening and by research [1/utils²].
    """
    me = state.buyers[buyer]
    own = int(me.seller)
    rivals = contacted & ~bit(own)
    orphan = not state.sellers[own].trading
    episode = int(me.episode)
    if rivals == np.uint64(0) and cause == NO_RESEARCH and not orphan:
        episode = 0
    else:
        if episode == 0:
            episode = 1 + _opening_cause(rivals, cause, orphan, buyer, state)
            me.homework = 0.0
            me.gathered = 0.0
        if rivals != np.uint64(0):
            episode |= MET
        me.gathered += heard + researched
        if not episode & MET:
            me.homework += researched
    if chosen != own:
        set_off = (episode & ~MET) - 1
        if episode == 0:  # a stage was overridden and chose without a reason that the ledger knows
            set_off = DISAPPOINTMENT
        tally.switches[set_off, own, chosen] += 1
        tally.totals[SWITCHES] += 1
        if has(inspected, chosen):
            tally.totals[BUYER_INITIATED] += 1
        elif has(contacted, chosen):
            tally.totals[SELLER_INITIATED] += 1
        if me.gathered > 0.0:
            tally.totals[HOMEWORK] += fixed(np.float64(me.homework) / np.float64(me.gathered))
            tally.totals[HOMEWORKS] += 1
        if not episode & MET or me.favourite == chosen:
            tally.totals[DECIDED_BEFORE_CONTACT] += 1
        episode = 0
    me.episode = episode
    me.chosen = chosen
    me.known |= bit(chosen)
    tally.sellers[chosen].customers += 1


@compiled
def _opening_cause(rivals: np.uint64, cause: int, orphan: bool, buyer: int, state: State) -> int:
    if orphan:
        return SELLER_GONE
    if rivals & state.buyers[buyer].visited != np.uint64(0):
        return VISIT
    if rivals != np.uint64(0):
        return PUSH_MESSAGE
    return cause


@compiled
def experience(buyer: int, pull_share: float, noise: float, state: State, tally: Tally) -> None:
    """Delivery and what it leaves: beliefs, aspiration, patience, relationships (steps 6 and 7).

    `noise` is a standard normal number [-].
    """
    me, pairs, sellers, terms = state.buyers[buyer], state.pairs, state.sellers, state.terms[0]
    row = behaviour_row(buyer, pull_mode(buyer, pull_share, state), state)
    how = state.behaviour[row]
    chosen = int(me.chosen)
    expected = np.float64(me.aspiration)
    served = me.orders > 0 and sellers[chosen].trading
    felt, short = expected, 0.0
    if served:
        promised = truth(buyer, chosen, row, state)
        felt = promised + how.experience_noise * noise
        short = aspirations.shortfall(expected, felt)
        me.experience = felt
        me.surprise = felt - promised
        if terms.learning:
            _learn(buyer, chosen, felt, how, state)
        tally.totals[SURPLUS] += fixed(promised / how.price_sensitivity - sellers[chosen].price)
        tally.totals[ORDERED] += 1
    _reflect(buyer, felt, short, served, how, state)
    _bond(buyer, chosen, felt, expected, short, served, how, state, tally)
    market = me.known & terms.trading
    for seller in range(sellers.size):
        mean, variance = belief(buyer, seller, state)
        if terms.learning:
            variance = beliefs.drifted(variance, how.belief_drift, terms.prior_variance)
            pairs[buyer, seller].belief_variance = variance
        if has(market, seller):
            error = mean - truth(buyer, seller, row, state)
            tally.totals[BELIEF_ERROR] += fixed(error * error)
            tally.totals[BELIEF_VARIANCE] += fixed(variance)
            tally.totals[BELIEFS] += 1
    aspired = np.float64(me.aspiration)
    me.talk = SILENT
    if served:
        me.talk = DISSATISFIED if felt < aspired else SATISFIED
        tally.sellers[chosen].satisfaction += fixed(felt - aspired)
        tally.sellers[chosen].served += 1
    tally.totals[ASPIRATION] += fixed(aspired)
    tally.totals[PATIENCE] += fixed(np.float64(me.patience))
    if chosen != me.seller:
        me.tenure = 0
    elif me.tenure < 65535:
        me.tenure += 1
    me.seller = chosen


@compiled
def _learn(buyer: int, seller: int, felt: float, how: np.record, state: State) -> None:
    """Own experience as a signal about the seller."""
    pairs = state.pairs
    if how.experience_noise <= 0.0:  # an experience without noise tells all
        pairs[buyer, seller].belief_mean = felt
        pairs[buyer, seller].belief_variance = 0.0
        return
    precision = 1.0 / (how.experience_noise * how.experience_noise)
    believe(buyer, seller, precision, felt * precision, state)


@compiled
def _reflect(buyer: int, felt: float, short: float, served: bool, how: np.record, state: State) -> None:
    """Aspiration and patience after the tick."""
    me, terms = state.buyers[buyer], state.terms[0]
    if terms.aspiration and served:
        best = -np.inf
        market = me.known & terms.trading
        for seller in range(state.sellers.size):
            if has(market, seller):
                best = max(best, belief(buyer, seller, state)[0])
        me.aspiration = aspirations.next_aspiration(
            np.float64(me.aspiration), how.aspiration_rate, how.aspiration_reach, felt, best
        )
    if terms.patience:
        me.patience = aspirations.next_patience(
            np.float64(me.patience), how.patience_rate, how.patience_norm, how.patience_loss, short
        )
    else:
        me.patience = how.patience_norm


@compiled
def _bond(
    buyer: int,
    chosen: int,
    felt: float,
    expected: float,
    short: float,
    served: bool,
    how: np.record,
    state: State,
    tally: Tally,
) -> None:
    """Relationships with all sellers after the tick."""
    if not state.terms[0].relationship:
        return
    visited = state.buyers[buyer].visited
    bonds = state.pairs[buyer]
    bond = np.float64(bonds[chosen].relationship)
    gain, loss = 0.0, 0.0
    if has(visited, chosen):
        gain = relationship.from_visit(bond, how.visit_bonding)
        tally.sellers[chosen].relationship_from_visits += fixed(gain)
    if served:
        trust = relationship.from_experience(bond, how.experience_bonding, felt, expected)
        tally.sellers[chosen].relationship_from_experience += fixed(trust)
        gain += trust
        loss = relationship.betrayed(bond, how.betrayal, short)
    kept = relationship.after_tick(bond, how.relationship_decay, gain, loss)
    tally.sellers[chosen].relationship += fixed(kept)
    others = visited & ~bit(chosen)
    for seller in range(state.sellers.size):
        bond = np.float64(bonds[seller].relationship)
        gain = 0.0
        if others != np.uint64(0) and has(others, seller):
            gain = relationship.from_visit(bond, how.visit_bonding)
            tally.sellers[seller].relationship_from_visits += fixed(gain)
        bonds[seller].relationship = relationship.after_tick(bond, how.relationship_decay, gain, 0.0)
    bonds[chosen].relationship = kept
