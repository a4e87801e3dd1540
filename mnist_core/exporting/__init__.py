"""A run as a file: script, notebook, model, model card, report, tables, TensorBoard events.

Imports the rooms below, from `utils` to `experiments`; only `models` and `tensorboard` import
TensorFlow.
"""
