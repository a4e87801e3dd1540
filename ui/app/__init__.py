"""The app around the pages: main script, frame with the sidebar, and the server's middleware.

It may import every other package of `ui`; none of them imports it.
"""
