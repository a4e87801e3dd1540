"""Experiments of several runs: repeats, folds, depths, studies with Optuna, comparison of runs.

Imports every room below, from `utils` to `execution`, and never TensorFlow.
"""
