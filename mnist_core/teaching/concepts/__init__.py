"""The ideas of Learn computed on small numbers: convolution, pooling, softmax, optimizers and more.

Imports `utils`, `network` and `evaluation`.
"""
