"""Plotly figures of core results, a module per page; only `style` defines colors."""
