"""The same market written twice more, as one would without pushpull.

`mesa_objects` is plain Mesa, one Python object a buyer; `vectorised` is plain numpy, dense arrays
of buyers by sellers. Both follow the text of the model and not the code of `sim`, draw their own
random numbers, and give the same shares within Monte Carlo error.
"""
