"""The callbacks of a training, a file each, in the manner of Keras; `trainer` states their order.

They share a `TrainingContext` and may import what `training` may.
"""
