"""Helpers that know nothing of MNIST: errors, text, arrays as bytes, the machine, server settings.

The lowest room: it imports no other room of the core, and every other room may import it.
"""
