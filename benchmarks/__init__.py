"""Measurements of pushpull against its peers; `python benchmarks/run.py`, read docs/benchmarks.md."""
