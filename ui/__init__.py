"""The interface: what people see and use, drawn by Streamlit over `mnist_core`.

Its rooms import one way: app, then the pages, views, widgets, and at the bottom session and charts,
which know nothing of one another. All of them may import `mnist_core`.
"""
