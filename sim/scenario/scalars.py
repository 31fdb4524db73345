"""How a bare word of a scenario file becomes a value.

YAML 1.1, which PyYAML reads, turns ``yes`` and ``on`` into true, ``1:30`` into 90, ``2020-01-01``
into a date and ``1e3`` into text. Here only ``true`` and ``false`` are truths, ``1e3`` is a number,
and all that is left is text.
"""

from __future__ import annotations

import re

__all__ = ["FLOAT", "WHOLE", "scalar"]

WHOLE = re.compile(r"[-+]?(?:0|[1-9](?:_?[0-9])*|0x[0-9a-fA-F]+)")
FLOAT = re.compile(r"[-+]?(?:[0-9](?:_?[0-9])*(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9_]+")
_WORDS: dict[str, object] = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
_WORDS |= dict.fromkeys(("true", "True", "TRUE"), True) | dict.fromkeys(("false", "False", "FALSE"), False)
_WORDS |= {sign + word: float(sign + "inf") for sign in ("", "+", "-") for word in (".inf", ".Inf", ".INF")}
_WORDS |= {word: float("nan") for word in (".nan", ".NaN", ".NAN")}
_LONGEST = 400  # digits; beyond, Python itself refuses (4300) and no parameter could hold it


def scalar(text: str) -> object:
    """Read a bare word.

    Parameters
    ----------
    text : str
        As it stands in the file, without quotes.

    Returns
    -------
    None, bool, int, float or str

    Raises
    ------
    ValueError
        For a number of more than 400 characters.
    """
    if text in _WORDS:
        return _WORDS[text]
    whole = WHOLE.fullmatch(text)
    # 012 would be 10 for one reader of YAML and 12 for another; as text, it is never taken for either
    if not whole and (not FLOAT.fullmatch(text) or _LEADING_ZERO.fullmatch(text)):
        return text
    if len(text) > _LONGEST:
        raise ValueError(f"a number of {len(text)} characters")
    if whole:
        return int(text.replace("_", ""), 16 if "x" in text else 10)
    number = float(text.replace("_", ""))
    round_figure = "." not in text and number.is_integer() and abs(number) < 1e18
    return int(number) if round_figure else number  # 1e4 buyers is a whole number of buyers
