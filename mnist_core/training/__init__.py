"""Building a network in Keras, training it, and predicting with it.

May import `evaluation`, `dataset`, `network` and `utils`. `estimate` and `learning_rate_finder` do
not import TensorFlow, so that the web server may import them.
"""
