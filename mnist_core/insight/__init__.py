"""What a trained network has learned, and where it fails; `lens` and `work` import TensorFlow."""
