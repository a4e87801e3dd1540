"""Parts of pages that several views use: pickers, editors, galleries, tabs, messages.

It may import `ui.session`, `ui.charts` and `mnist_core`, and knows no page.
"""
