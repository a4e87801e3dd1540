"""Results of the core drawn as Plotly figures, a module per page; `style` alone knows colors.

It may import `mnist_core` and nothing else of `ui`.
"""
