"""The command line, `python -m mnist_core`: commands and what they print.

The top room of the core: it may import all others, and nothing imports it.
"""
