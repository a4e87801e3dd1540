"""Networks trained elsewhere: a Keras file, read as data in a process of its own, becomes a run."""
