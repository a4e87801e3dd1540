"""The app around the pages: main script, frame with the sidebar, and the server's middleware.

It may import every other room of `ui`; no other room imports it.
"""
