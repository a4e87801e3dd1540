"""The embedded MNIST, its splits, and the way from a drawing or a photo to a 28x28 image.

And sets of digits that people wrote themselves.

It may import `network` (a split is part of a spec) and `utils`.
"""
