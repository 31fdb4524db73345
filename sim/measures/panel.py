"""What a panel of purchases says about repeat buying: shares, switching, penetration, duplication.

A panel is a table of choices, one row a buyer, in the order of purchase. All measures are
functions of sums over buyers (`panel_sums`), so that a bootstrap over buyers, a class of buyers
or a simulated market is measured in the same way: add rows of sums, then `panel_targets`.

The measures are those of the double jeopardy and duplication literature (Ehrenberg, Uncles &
Goodhardt 2004) on the first purchases of each buyer, and of first- and second-order switching on
whole histories.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "at_size_of",
    "duplication_coefficient",
    "panel_sums",
    "panel_targets",
    "target_bases",
    "target_names",
]

# What the sums hold, in order; the size of each part for so many sellers
_PARTS = ("purchases", "moves", "apart", "same", "buyers", "bought", "often", "only", "both")


def _cuts(sellers: int) -> dict[str, slice]:
    sizes = dict(zip(_PARTS, (sellers, sellers**2, 1, 1, 1, sellers, sellers, sellers, sellers**2), strict=True))
    ends = np.cumsum([0, *sizes.values()])
    return {name: slice(int(start), int(stop)) for name, start, stop in zip(sizes, ends, ends[1:], strict=False)}


def panel_sums(
    choices: ArrayLike,
    lengths: ArrayLike,
    sellers: int,
    window: int,
    groups: ArrayLike | None = None,
) -> NDArray[np.float64]:
    """Count purchases, moves between sellers and what the first purchases held.

    Parameters
    ----------
    choices : array_like of int, shape (buyers, purchases)
        Seller of each purchase as a position, in the order of purchase. What lies beyond a
        buyer's length is not read.
    lengths : array_like of int, shape (buyers,)
        Purchases of each buyer [purchases].
    sellers : int
        Number of sellers.
    window : int
        First purchases in which penetration, frequency and duplication are counted, for buyers
        with at least so many [purchases].
    groups : array_like of int, shape (buyers,), optional
        Group of each buyer, from 0; left out, each buyer is a group of its own.

    Returns
    -------
    ndarray, shape (groups, sums)
        Rows may be added, weighted and handed to `panel_targets`.
    """
    chosen, length = np.asarray(choices, dtype=np.int64), np.asarray(lengths, dtype=np.int64)
    buyers, longest = chosen.shape
    group = np.arange(buyers) if groups is None else np.asarray(groups, dtype=np.int64)
    count = int(group.max(initial=-1)) + 1
    cut = _cuts(sellers)
    sums = np.zeros((count, cut["both"].stop))
    there = np.arange(longest) < length[:, None]
    where = np.broadcast_to(group[:, None], chosen.shape)

    def tally(cells: NDArray[np.int64], size: int) -> NDArray[np.float64]:
        return np.bincount(cells, minlength=count * size).reshape(count, size).astype(np.float64)

    sums[:, cut["purchases"]] = tally((where * sellers + chosen)[there], sellers)
    later = there[:, 1:]
    moves = (where[:, 1:] * sellers + chosen[:, :-1]) * sellers + chosen[:, 1:]
    sums[:, cut["moves"]] = tally(moves[later], sellers**2)
    later = there[:, 2:]
    sums[:, cut["apart"]] = tally(where[:, 2:][later], 1)
    sums[:, cut["same"]] = tally(where[:, 2:][later & (chosen[:, 2:] == chosen[:, :-2])], 1)
    full = length >= window
    first, of = chosen[full, :window], group[full]
    often = np.bincount(
        (np.arange(len(first))[:, None] * sellers + first).ravel(), minlength=len(first) * sellers
    ).reshape(len(first), sellers)
    bought = (often > 0).astype(np.float64)
    sums[:, cut["buyers"]] = tally(of, 1)
    np.add.at(sums[:, cut["bought"]], of, bought)
    np.add.at(sums[:, cut["often"]], of, often.astype(np.float64))
    np.add.at(sums[:, cut["only"]], of, (often == window).astype(np.float64))
    if groups is None:
        sums[of, cut["both"]] = (bought[:, :, None] * bought[:, None, :]).reshape(len(first), -1)
    else:
        for one in np.unique(of):
            held = bought[of == one]
            sums[one, cut["both"]] = (held.T @ held).ravel()
    return sums


def at_size_of(sums: ArrayLike, like: ArrayLike, sellers: int) -> NDArray[np.float64]:
    """Sums of one panel at the size of another: its rates, with the other's numbers of purchases.

    Makes sums of classes of buyers comparable, so that they can be weighted by the size of the
    classes.

    Parameters
    ----------
    sums : array_like, shape (..., sums)
        Of `panel_sums`.
    like : array_like, shape (sums,)
        Added over buyers.
    sellers : int

    Returns
    -------
    ndarray, shape (..., sums)
    """
    rates, size, cut = np.asarray(sums, dtype=np.float64), np.asarray(like, dtype=np.float64), _cuts(sellers)
    scaled = np.empty_like(rates)
    wholes = {"purchases": "purchases", "moves": "moves", "apart": "apart", "same": "apart"}
    for name, where in cut.items():
        whole = cut[wholes.get(name, "buyers")]
        own = rates[..., whole].sum(axis=-1, keepdims=True)
        scaled[..., where] = rates[..., where] * _ratio(size[whole].sum(), own)
    return scaled


def panel_targets(sums: ArrayLike, sellers: int) -> NDArray[np.float64]:
    """Measures of a panel from its sums.

    Parameters
    ----------
    sums : array_like, shape (..., sums)
        Of `panel_sums`, added over buyers.
    sellers : int
        Number of sellers.

    Returns
    -------
    ndarray, shape (..., targets)
        In the order of `target_names`: purchase share of each seller; repeat rate, of all and by
        seller; the same seller two purchases later; penetration, purchases a buyer of the
        seller, and buyers of it alone among its buyers, in the window; the duplication
        coefficient; the switching matrix row by row. NaN where there is nothing to divide by.
    """
    total, cut = np.asarray(sums, dtype=np.float64), _cuts(sellers)
    part = {name: total[..., where] for name, where in cut.items()}
    moves = part["moves"].reshape(*total.shape[:-1], sellers, sellers)
    matrix = _ratio(moves, moves.sum(axis=-1, keepdims=True))
    stays = np.diagonal(moves, axis1=-2, axis2=-1).sum(axis=-1, keepdims=True)
    penetration = _ratio(part["bought"], part["buyers"])
    both = part["both"].reshape(*total.shape[:-1], sellers, sellers)
    blocks = (
        _ratio(part["purchases"], part["purchases"].sum(axis=-1, keepdims=True)),
        _ratio(stays, moves.sum(axis=(-2, -1))[..., None]),
        np.diagonal(matrix, axis1=-2, axis2=-1),
        _ratio(part["same"], part["apart"]),
        penetration,
        _ratio(part["often"], part["bought"]),
        _ratio(part["only"], part["bought"]),
        duplication_coefficient(both, penetration)[..., None],
        matrix.reshape(*total.shape[:-1], sellers**2),
    )
    return np.concatenate(blocks, axis=-1)


def duplication_coefficient(both: ArrayLike, penetration: ArrayLike) -> NDArray[np.float64]:
    """D of the duplication law: buyers of one seller buy another D times as likely as anybody does.

    The least-squares line through the origin of the part of seller i's buyers who also buy j on
    the penetration of j, over all pairs i ≠ j (Goodhardt 1966, for the law).

    Parameters
    ----------
    both : array_like, shape (..., sellers, sellers)
        Buyers of both sellers; on the diagonal, of the seller [buyers].
    penetration : array_like, shape (..., sellers)
        Part of all buyers who buy the seller [-].

    Returns
    -------
    ndarray, shape (...)
        D [-]; NaN if nobody buys anything.
    """
    joint, reach = np.asarray(both, dtype=np.float64), np.asarray(penetration, dtype=np.float64)
    off = ~np.eye(joint.shape[-1], dtype=bool)
    share = _ratio(joint, np.diagonal(joint, axis1=-2, axis2=-1)[..., None])
    usable = off & np.isfinite(share)
    across = np.where(usable, reach[..., None, :], 0.0)
    return _ratio((across * np.where(usable, share, 0.0)).sum(axis=(-2, -1)), (across**2).sum(axis=(-2, -1)))


def target_names(sellers: Sequence[str], window: int) -> list[str]:
    """Names of the measures in the order of `panel_targets`.

    Parameters
    ----------
    sellers : sequence of str
    window : int
        As in `panel_sums` [purchases].
    """
    blocks = [f"share {name}" for name in sellers] + ["repeat rate"]
    blocks += [f"repeat {name}" for name in sellers] + ["2-step repeat"]
    for what in ("pen", "w", "sole"):
        blocks += [f"{what}{window} {name}" for name in sellers]
    return [*blocks, "D", *(f"P[{first}->{then}]" for first in sellers for then in sellers)]


def target_bases(sums: ArrayLike, sellers: int) -> NDArray[np.float64]:
    """How many purchases, moves or buyers each measure of `panel_targets` rests on.

    Parameters
    ----------
    sums : array_like, shape (sums,)
        Of `panel_sums`, added over buyers.
    sellers : int

    Returns
    -------
    ndarray, shape (targets,)
        Denominator of each measure; for D the number of buyers with a whole window.
    """
    total, cut = np.asarray(sums, dtype=np.float64), _cuts(sellers)
    leaving = total[cut["moves"]].reshape(sellers, sellers).sum(axis=1)
    people, bought = np.repeat(total[cut["buyers"]], sellers), total[cut["bought"]]
    return np.concatenate(
        [
            np.repeat(total[cut["purchases"]].sum(), sellers),
            [leaving.sum()],
            leaving,
            total[cut["apart"]],
            people,
            bought,
            bought,
            total[cut["buyers"]],
            np.repeat(leaving, sellers),
        ]
    )


def _ratio(part: ArrayLike, whole: ArrayLike) -> NDArray[np.float64]:
    above, below = np.broadcast_arrays(np.asarray(part, dtype=np.float64), np.asarray(whole, dtype=np.float64))
    return np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0)
