"""Core results to Plotly figures, one module a page; `style` is the only one that knows colours."""
