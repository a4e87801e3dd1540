"""The callbacks used in training, one per file, in the style of Keras; `trainer` sets their order.

They share a `TrainingContext` and may import what `training` may.
"""
