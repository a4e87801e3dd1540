"""Lessons, challenges, and the arithmetic behind the ideas of Learn.

Imports every room below, from `utils` to `exporting`, and never TensorFlow.
"""
