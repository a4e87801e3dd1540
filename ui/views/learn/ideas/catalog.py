"""All ideas in reading order; a new idea takes a file and a line here."""

from ui.views.learn.ideas import (
    activations,
    backpropagation,
    batch_norm,
    channels,
    convolution,
    counting,
    cross_entropy,
    dense,
    descent,
    dropout,
    fitting,
    flatten,
    history,
    holdout,
    initialization,
    labels,
    numbers,
    output_size,
    pooling,
    regularization,
    sharing,
    softmax,
)

IDEAS = tuple(
    module.IDEA
    for module in (
        numbers,
        convolution,
        channels,
        output_size,
        pooling,
        sharing,
        flatten,
        dense,
        activations,
        initialization,
        softmax,
        cross_entropy,
        labels,
        backpropagation,
        descent,
        dropout,
        batch_norm,
        fitting,
        regularization,
        holdout,
        counting,
        history,
    )
)
