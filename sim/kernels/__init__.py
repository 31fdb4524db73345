"""The rules looped over the columns.

`stages` holds what one buyer does in one tick, stage by stage; `rows` loops the stages over
rows; `sellers` is the sellers' side of a tick; `opening` fills the columns at the start.
"""
