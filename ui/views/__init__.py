"""What the pages show: one package per page; functions draw into the current container.

It may import `ui.widgets`, `ui.session`, `ui.charts` and `mnist_core`; no view imports the package
of another page.
"""
