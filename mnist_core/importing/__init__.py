"""Trained models from foreign files, read safely in a process of their own.

Imports `utils`, `network`, `evaluation` and `storage` alone, and never Keras or TensorFlow: no code
of a file runs.
"""
