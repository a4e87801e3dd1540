"""A network and its training as plain values: layers, spec, notation, presets, summary, repair.

It may import `utils` alone, and builds nothing: `training` makes Keras models of these values.
"""
