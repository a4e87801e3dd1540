"""The embedded MNIST, its splits, sets of handwritten digits, and preprocessing to 28x28 images.

It may import `network` (a split is part of a spec) and `utils`.
"""
