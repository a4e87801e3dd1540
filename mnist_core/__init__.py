"""Build, train, evaluate and keep small convolutional networks on MNIST; no Streamlit, no Plotly.

Only `build`, `train`, `execute` and `export` import TensorFlow; everything else starts without it.
"""
