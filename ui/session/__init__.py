"""What one browser session knows: its state and address, its visitor, and cached results.

It may import `mnist_core` and nothing else of `ui`; it draws no elements.
"""
