"""Lessons: read from Markdown files, their tasks checked against a visitor's runs, progress stored.

Imports only rooms below `teaching`.
"""
