"""Imports trained models from files, read safely in a separate process.

Imports `utils`, `network`, `evaluation` and `storage` only, never Keras or TensorFlow: no code
of a file runs.
"""
