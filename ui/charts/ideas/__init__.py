"""Figures of the ideas on the page Learn."""
