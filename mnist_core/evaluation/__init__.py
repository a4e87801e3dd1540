"""Evaluation of runs: curves, report, diagnosis, statistics, tables; no training.

It may import `dataset`, `network` and `utils`.
"""
