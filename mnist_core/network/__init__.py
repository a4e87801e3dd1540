"""A network and its training as plain values: layers, spec, notation, presets, summary, repair.

It may import only `utils`, and builds nothing: `training` makes Keras models from these values.
"""
