"""What the pages show: a package per page, each function draws into the current container.

It may import `ui.widgets`, `ui.session`, `ui.charts` and `mnist_core`; no view imports the package
of another page.
"""
