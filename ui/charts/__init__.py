"""Results of the core drawn as Plotly figures, one module per page; only `style` defines colors.

It may import `mnist_core` and nothing else of `ui`.
"""
