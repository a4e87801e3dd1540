"""A stored run from the queue to its report, and jobs on trained runs, whoever executes them.

May import the rooms below it, from `importing` to `utils`; `queue` and `jobs` do not import
TensorFlow, so that the web server may import them.
"""
