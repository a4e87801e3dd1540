"""Build, train, evaluate and keep small convolutional networks on MNIST; no Streamlit, no Plotly.

The docstring of each package says what it is for; `docs/architecture.md` shows how they depend.
"""
