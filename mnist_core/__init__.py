"""Build, train, evaluate and keep small convolutional networks on MNIST; no Streamlit, no Plotly.

`build`, `augment`, `trainee`, `train`, `predict`, `execute`, `reproduce` and `export` bring
TensorFlow along; everything else starts without it.
"""
