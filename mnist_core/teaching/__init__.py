"""Lessons, challenges, and the arithmetic behind the ideas of Learn.

It may import every room below, from `exporting` down to `utils`, but never TensorFlow.
"""
