"""The columns in which a market's state lives: name, dtype, unit and meaning, declared once.

One row a buyer, one entry a (buyer, seller) pair, one row a seller. A group is a structured
array: ``buyers["aspiration"]`` is a column, ``buyers[row].aspiration`` in compiled code an
entry. What belongs to one buyer lies together in memory, as one buyer is what a stage reads.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Annotated, Any, NamedTuple, get_type_hints

import numpy as np

__all__ = [
    "CAUSES",
    "EFFORTS",
    "FIXED",
    "Buyers",
    "Column",
    "Desk",
    "Notes",
    "Pairs",
    "Places",
    "SellerTally",
    "Sellers",
    "State",
    "Tally",
    "Terms",
    "allocate",
    "allocate_desk",
    "allocate_tally",
    "columns_of",
    "structure",
]

MAX_SELLERS = 64  # one bit a seller in `known`

# What set off the episode that ended in a switch; the order is that of the codes.
CAUSES = ("push message", "visit", "word of mouth", "disappointment", "routine research", "seller gone")
PUSH_MESSAGE, VISIT, WORD_OF_MOUTH, DISAPPOINTMENT, ROUTINE_RESEARCH, SELLER_GONE = range(6)

EFFORTS = ("visits_to_customers", "visits_to_prospects", "messages", "human_service", "self_service", "training")

# `Buyers.talk`
SILENT, SATISFIED, DISSATISFIED = range(3)
# `Buyers.episode`: 0 none, else cause + 1, plus MET once a rival's contact was attended
MET = 8

# Sums over buyers are kept as integers of this many parts a unit, so that no order of
# summation, chunk or thread can change a bit.
FIXED = 2.0**24

# Codes of `Terms`
ORDERS_EACH_TICK, ORDERS_BERNOULLI, ORDERS_POISSON = range(3)
RESEARCH_WEITZMAN, RESEARCH_FIXED_SAMPLE, RESEARCH_ALL, RESEARCH_NONE = range(4)
TALK_SIMPLE, TALK_THRESHOLD, TALK_BASS, TALK_NONE = range(4)
SERVICE_EXPONENTIAL, SERVICE_SINGLE_QUEUE, SERVICE_CALL_CENTRE = range(3)


CACHE_LINE = 64  # bytes

# Buyers that are taken together: few enough for what is on the desk to stay in the second-level cache
BLOCK = 256
PLACES, PLACES_I64, PLACES_U64, PLACES_U32 = (f"({BLOCK},){one}" for one in ("float64", "int64", "uint64", "uint32"))


class Column(NamedTuple):
    """Declaration of a column."""

    dtype: str
    unit: str
    meaning: str


class Buyers:
    """One entry a buyer; shape (buyers,)."""

    # the widest first, so that no room is lost between them
    known: Annotated[Any, Column("uint64", "bits", "sellers the buyer is aware of")]
    visited: Annotated[Any, Column("uint64", "bits", "sellers whose visit was received this tick")]
    pull_threshold: Annotated[Any, Column("float32", "-", "in pull mode while the pull share is above")]
    aspiration: Annotated[Any, Column("float32", "utils", "experience that is expected")]
    patience: Annotated[Any, Column("float32", "-", "patience in [0, 1]")]
    experience: Annotated[Any, Column("float32", "utils", "last experience")]
    surprise: Annotated[Any, Column("float32", "utils", "last experience less its mean")]
    order_size: Annotated[Any, Column("float32", "-", "size of an order, 1 at the opening")]
    purchase_rate: Annotated[Any, Column("float32", "orders/tick", "rate or probability of an order")]
    homework: Annotated[Any, Column("float32", "1/utils²", "precision from own research before that contact")]
    gathered: Annotated[Any, Column("float32", "1/utils²", "precision gathered in the episode")]
    tenure: Annotated[Any, Column("uint16", "ticks", "time with the incumbent")]
    seller: Annotated[Any, Column("uint8", "seller", "the incumbent: whom the buyer buys from")]
    chosen: Annotated[Any, Column("uint8", "seller", "choice of this tick, before delivery")]
    orders: Annotated[Any, Column("uint8", "orders", "orders of this tick")]
    segment: Annotated[Any, Column("uint8", "-", "segment")]
    talk: Annotated[Any, Column("uint8", "-", "silent, satisfied or dissatisfied with the last order")]
    episode: Annotated[Any, Column("uint8", "-", "cause of the open episode and whether a seller's contact was met")]
    favourite: Annotated[Any, Column("uint8", "seller", "best seller before the first contact of the episode")]


class Pairs:
    """One entry a buyer and seller; shape (buyers, sellers)."""

    belief_mean: Annotated[Any, Column("float32", "utils", "expected experience")]
    belief_variance: Annotated[Any, Column("float32", "utils²", "variance of that expectation")]
    relationship: Annotated[Any, Column("float32", "-", "relationship capital in [0, 1]")]
    taste: Annotated[Any, Column("float32", "utils", "taste for the seller, fixed")]


class Sellers:
    """One entry a seller; shape (sellers,)."""

    key: Annotated[Any, Column("uint32", "-", "identity in the draws: hash of the name")]
    alive: Annotated[Any, Column("bool", "-", "in the market")]
    trading: Annotated[Any, Column("bool", "-", "alive, with customers or a budget")]
    price: Annotated[Any, Column("float64", "money/order", "posted price")]
    unit_cost: Annotated[Any, Column("float64", "money/order", "cost of an order")]
    quality: Annotated[Any, Column("float64", "-", "quality of the product")]
    overclaim: Annotated[Any, Column("float64", "utils", "claims less truth")]
    quality_drift: Annotated[Any, Column("float64", "1/tick", "change of quality a tick")]
    service_shift: Annotated[Any, Column("float64", "-", "lasting shock to human service")]
    self_service: Annotated[Any, Column("float64", "-", "self-service and transparency stock")]
    human_service: Annotated[Any, Column("float64", "-", "human service delivered")]
    sales_skill: Annotated[Any, Column("float64", "-", "closing skill")]
    cash: Annotated[Any, Column("float64", "money", "cash")]
    budget: Annotated[Any, Column("float64", "money/tick", "selling budget")]
    budget_share: Annotated[Any, Column("float64", "-", "budget as a part of gross margin")]
    launch_until: Annotated[Any, Column("int64", "tick", "end of the launch; 0 for none")]
    entered: Annotated[Any, Column("int64", "tick", "tick of entry; 0 for the opening")]
    profit: Annotated[Any, Column("float64", "money/tick", "profit of the last tick")]
    in_red: Annotated[Any, Column("int64", "ticks", "ticks in a row with negative cash")]
    customers: Annotated[Any, Column("int64", "buyers", "buyers whose incumbent it is")]
    volume: Annotated[Any, Column("float64", "orders/tick", "orders of the last tick, by size")]
    visit_customers: Annotated[Any, Column("float64", "-", "probability that a customer is visited")]
    visit_prospects: Annotated[Any, Column("float64", "-", "probability that another buyer is visited")]
    message: Annotated[Any, Column("float64", "-", "probability that another buyer is sent a message")]
    effort: Annotated[Any, Column("(6,)float64", "-", "division of the budget, entries as EFFORTS")]


class Terms:
    """The market-wide terms that compiled code reads; one entry."""

    key0: Annotated[Any, Column("uint32", "-", "key of the replication, first word")]
    key1: Annotated[Any, Column("uint32", "-", "key of the replication, second word")]
    trading: Annotated[Any, Column("uint64", "bits", "sellers that are trading this tick")]
    orders: Annotated[Any, Column("int64", "-", "purchase incidence, ORDERS_*")]
    research: Annotated[Any, Column("int64", "-", "research rule, RESEARCH_*")]
    talk: Annotated[Any, Column("int64", "-", "word-of-mouth rule, TALK_*")]
    learning: Annotated[Any, Column("bool", "-", "mechanism on")]
    contacts: Annotated[Any, Column("bool", "-", "mechanism on")]
    relationship: Annotated[Any, Column("bool", "-", "mechanism on")]
    aspiration: Annotated[Any, Column("bool", "-", "mechanism on")]
    patience: Annotated[Any, Column("bool", "-", "mechanism on")]
    turnover: Annotated[Any, Column("float64", "1/tick", "probability that a buyer is replaced by a newcomer")]
    newcomer_low: Annotated[Any, Column("float64", "-", "lower end of a newcomer's pull threshold")]
    newcomer_high: Annotated[Any, Column("float64", "-", "upper end")]
    growing: Annotated[Any, Column("bool", "-", "some buyers' business grows or declines")]
    prior_variance: Annotated[Any, Column("float64", "utils²", "most that a belief variance can be")]
    discovery_floor: Annotated[
        Any, Column("float64", "-", "self-service with which a seller without any is found and read")
    ]
    degree: Annotated[Any, Column("int64", "buyers", "neighbours that a buyer listens to")]
    rewiring: Annotated[Any, Column("float64", "-", "probability that a link of the small world leads to anybody")]
    talk_rate: Annotated[Any, Column("float64", "1/tick", "probability that a satisfied neighbour talks")]
    talk_ratio: Annotated[Any, Column("float64", "-", "how much likelier a dissatisfied one does")]
    talk_ceiling: Annotated[Any, Column("float64", "1/tick", "the higher of the two talking probabilities")]
    all_silent: Annotated[Any, Column("float64", "-", "probability that no neighbour may talk")]
    talk_threshold: Annotated[Any, Column("float64", "-", "fraction of neighbours from which a buyer listens")]


class State(NamedTuple):
    """Everything that a stage reads or writes."""

    buyers: np.ndarray  # Buyers, shape (buyers,)
    pairs: np.ndarray  # Pairs, shape (buyers, sellers)
    neighbours: np.ndarray  # int32, shape (buyers, degree): table of links; shape (0, 0) for the small world of `terms`
    sellers: np.ndarray  # Sellers, shape (sellers,)
    behaviour: np.ndarray  # one entry a segment and mode, at 2 * segment + mode; fields as in `Behaviour`
    appeal: np.ndarray  # float64, shape (entries of behaviour, sellers): mean experience less taste [utils]
    terms: np.ndarray  # Terms, shape (1,)


class SellerTally:
    """What is counted over buyers in a tick for each seller; reals in integer parts of 1 / FIXED."""

    customers: Annotated[Any, Column("int64", "buyers", "buyers by chosen seller")]
    volume: Annotated[Any, Column("int64", "orders / FIXED", "orders by size")]
    visits_to_customers: Annotated[Any, Column("int64", "visits", "visits to own customers")]
    visits_to_prospects: Annotated[Any, Column("int64", "visits", "visits that other buyers attended")]
    messages: Annotated[Any, Column("int64", "messages", "messages that other buyers attended")]
    inspections: Annotated[Any, Column("int64", "inspections", "buyers who inspected the seller")]
    satisfaction: Annotated[Any, Column("int64", "utils / FIXED", "experience less aspiration, of its buyers")]
    served: Annotated[Any, Column("int64", "buyers", "buyers who ordered from it")]
    relationship: Annotated[Any, Column("int64", "1 / FIXED", "relationship of its customers")]
    relationship_from_visits: Annotated[Any, Column("int64", "1 / FIXED", "relationship built by visits")]
    relationship_from_experience: Annotated[Any, Column("int64", "1 / FIXED", "relationship built by experience")]


class Tally(NamedTuple):
    """What is counted over buyers in a tick."""

    sellers: np.ndarray  # SellerTally, shape (sellers,)
    switches: np.ndarray  # int64, shape (causes, from, to) [buyers]
    totals: np.ndarray  # int64, shape (TOTALS,): market-wide counts and sums, at the indices below


# Indices of `Tally.totals`; those marked F are in parts of 1 / FIXED
(
    PULL_BUYERS,
    RESEARCHED,
    BUYER_INITIATED,
    SELLER_INITIATED,
    SURPLUS,  # F [money]
    LOGSUM,  # F [money]
    ORDERED,
    BELIEF_ERROR,  # F [utils²]
    BELIEF_VARIANCE,  # F [utils²]
    BELIEFS,
    ASPIRATION,  # F [utils]
    PATIENCE,  # F [-]
    HOMEWORK,  # F [-]
    HOMEWORKS,
    DECIDED_BEFORE_CONTACT,
    SWITCHES,
    CONSIDERED,
    CHOICES,
) = range(18)
TOTALS = 18


class Places:
    """What is drawn, aimed and told for a block of buyers, at their places in it; one entry."""

    # words of the tick
    research_word: Annotated[Any, Column(PLACES_U32, "-", "word for the start of research")]
    orders_word: Annotated[Any, Column(PLACES_U32, "-", "word for orders")]
    talk_word: Annotated[Any, Column(PLACES_U32, "-", "word for the first talking neighbour")]
    # who the buyer is
    own: Annotated[Any, Column(PLACES_I64, "seller", "the incumbent")]
    row: Annotated[Any, Column(PLACES_I64, "-", "row of `State.behaviour`")]
    # contacts and what was told
    visit_aimed: Annotated[Any, Column(PLACES_U64, "bits", "sellers that aim a visit, not the incumbent")]
    message_aimed: Annotated[Any, Column(PLACES_U64, "bits", "sellers that aim a message")]
    load: Annotated[Any, Column(PLACES_I64, "sellers", "sellers that aim, not the incumbent")]
    chance: Annotated[Any, Column(PLACES, "-", "probability that a contact is attended")]
    visited: Annotated[Any, Column(PLACES_U64, "bits", "sellers whose visit was received")]
    messaged: Annotated[Any, Column(PLACES_U64, "bits", "sellers whose message was attended")]
    before: Annotated[Any, Column(PLACES, "utils", "belief about the incumbent before listening")]
    told: Annotated[Any, Column(PLACES_U64, "bits", "sellers of whom signals wait to be believed")]
    heard: Annotated[Any, Column(PLACES, "1/utils²", "precision gathered by listening")]
    contacted: Annotated[Any, Column(PLACES_U64, "bits", "sellers whose contact was attended")]
    # research and choice
    cause: Annotated[Any, Column(PLACES_I64, "-", "what started research")]
    inspected: Annotated[Any, Column(PLACES_U64, "bits", "sellers inspected")]
    researched: Annotated[Any, Column(PLACES, "1/utils²", "precision gathered by research")]
    considered: Annotated[Any, Column(PLACES_U64, "bits", "sellers considered")]
    chosen: Annotated[Any, Column(PLACES_I64, "seller", "the choice")]
    best: Annotated[Any, Column(PLACES, "utils", "highest utility so far, shock included")]
    top: Annotated[Any, Column(PLACES, "utils", "highest utility so far, without shock")]
    weights: Annotated[Any, Column(PLACES, "-", "exponentials of the utilities, as parts of that of `top`")]
    # lists of places that a stage turns to, and what is drawn for their entries
    listed: Annotated[Any, Column(PLACES_I64, "-", "places")]
    among: Annotated[Any, Column(PLACES_I64, "-", "those of them that one seller concerns")]
    slot: Annotated[Any, Column(PLACES_I64, "-", "next talking neighbour of an entry")]
    words: Annotated[Any, Column(f"(4,{BLOCK})uint32", "-", "words of a draw for each entry")]
    shock: Annotated[Any, Column(PLACES, "-", "standard normal number for each entry")]
    subject: Annotated[Any, Column(PLACES_I64, "seller", "whom a talking neighbour speaks of")]
    talker: Annotated[Any, Column(PLACES_I64, "buyer", "the neighbour who may talk, for each entry")]
    tale: Annotated[Any, Column(PLACES, "utils", "how its experience differed from the mean")]


class Notes:
    """The same for each seller; shape (sellers,)."""

    visit_word: Annotated[Any, Column(PLACES_U32, "-", "word for the attention to a visit")]
    message_word: Annotated[Any, Column(PLACES_U32, "-", "word for the attention to a message")]
    precision: Annotated[Any, Column(PLACES, "1/utils²", "precision of signals not yet believed; else 0")]
    signal: Annotated[Any, Column(PLACES, "1/utils", "their precision-weighted sum; else 0")]
    value: Annotated[Any, Column("float64", "utils", "reservation value")]
    order: Annotated[Any, Column("int64", "seller", "sellers by falling reservation value")]


class Desk(NamedTuple):
    """Room for one thread to work in."""

    places: np.ndarray  # Places, shape (1,)
    notes: np.ndarray  # Notes, shape (sellers,)


def columns_of(group: type) -> dict[str, Column]:
    """Declarations of a group of columns, by name."""
    hints = get_type_hints(group, include_extras=True)
    return {name: hint.__metadata__[0] for name, hint in hints.items()}


@cache
def structure(fields: tuple[tuple[str, str], ...]) -> np.dtype:
    """The dtype of these fields; always the same object, by which numba knows a structured array at once."""
    return np.dtype(list(fields), align=True)


@cache
def _dtype_of(group: type) -> np.dtype:
    return structure(tuple((name, column.dtype) for name, column in columns_of(group).items()))


def allocate(group: type, *shape: int) -> np.ndarray:
    """A structured array of zeros with the columns of a group.

    Parameters
    ----------
    group : type
        Buyers, Pairs, Sellers, Terms, SellerTally, Places or Notes.
    *shape : int
        Shape of the array.
    """
    dtype = _dtype_of(group)
    size = math.prod(shape) * dtype.itemsize
    room = np.zeros(size + CACHE_LINE, np.uint8)
    start = -room.ctypes.data % CACHE_LINE  # a buyer's row fills one line, not parts of two
    return room[start : start + size].view(dtype).reshape(shape)


def allocate_desk(sellers: int) -> Desk:
    """A desk of zeros."""
    return Desk(places=allocate(Places, 1), notes=allocate(Notes, sellers))


def allocate_tally(sellers: int) -> Tally:
    """A tally of zeros."""
    return Tally(
        sellers=allocate(SellerTally, sellers),
        switches=np.zeros((len(CAUSES), sellers, sellers), np.int64),
        totals=np.zeros(TOTALS, np.int64),
    )
