"""What a trained network has learned and where it fails: saliency, feature maps, robustness.

Imports `utils`, `network`, `dataset`, `evaluation` and `training`; only
`activation_maximization`, `batch_training`, `feature_maps`, `questions`, `saliency` and
`top_patches` import TensorFlow.
"""
