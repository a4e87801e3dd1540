"""Executes stored runs from queue to report, and jobs on trained runs.

May import the rooms below it, from `importing` to `utils`; `queue` and `jobs` do not import
TensorFlow, so that the web server may import them.
"""
