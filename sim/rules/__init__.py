"""What buyers and sellers do, written once: small pure functions of numbers, compiled.

One file a mechanism. Engines, tests and studies all call these functions.
"""

# Raise with every change that moves numbers (CHANGELOG: "Results change").
MODEL_VERSION = "1"
