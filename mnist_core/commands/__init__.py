"""The larger commands of `python -m mnist_core`, one a file."""
