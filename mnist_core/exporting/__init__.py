"""Exports a run: script, notebook, model, model card, report, tables, TensorBoard events.

Also exports a set of digits: arrays, IDX files, pictures, the last two with a data card.

Imports the rooms below, from `utils` to `experiments`; only `models` and `tensorboard` import
TensorFlow.
"""
