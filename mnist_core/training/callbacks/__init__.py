"""The callbacks of one training, a file each, in the manner of Keras.

They share a `TrainingContext` and import what `training` may; `training.trainer` states their
order. All of them import TensorFlow.
"""
