"""Imports trained models and sets of digits from files.

Models are read in a separate process. Imports `utils`, `network`, `dataset`, `evaluation` and
`storage` only, never Keras or TensorFlow: no code of a file runs.
"""
