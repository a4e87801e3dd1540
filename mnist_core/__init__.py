"""Build, train, evaluate and keep small convolutional networks on MNIST; no Streamlit, no Plotly.

Each room says in its own docstring what it is for; `docs/architecture.md` shows how they stack.
"""
