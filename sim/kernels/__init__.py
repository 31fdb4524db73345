"""The rules looped over the columns.

`stages` names what one buyer does in one tick, from `months` to `living`; `rows` loops the
stages over rows; `sellers` is the sellers' side of a tick; `opening` fills the columns at the
start.
"""
