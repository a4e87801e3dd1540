"""Experiments of several runs: repeats, folds, depths, studies with Optuna, comparison of runs.

It may import every room below, from `execution` down to `utils`, but never TensorFlow.
"""
