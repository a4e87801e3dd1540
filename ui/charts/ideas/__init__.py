"""Figures of the page Learn."""
