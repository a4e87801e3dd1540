"""What the figures of a run say: curves, report, diagnosis, statistics, tables; no training.

It may import `dataset`, `network` and `utils`.
"""
