"""Runs computations: Dask, its worker processes, and the tasks that they run.

May import all rooms of the core except `cli`. Only what runs in a worker imports TensorFlow.
"""
