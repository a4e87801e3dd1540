"""The interface: what people see and use, built with Streamlit on top of `mnist_core`.

Its rooms import one way: app, then the pages, views, widgets, and at the bottom session and charts,
which do not import each other. All of them may import `mnist_core`.
"""
