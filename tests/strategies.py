"""Random layers and networks for hypothesis."""

from typing import get_args

from hypothesis import strategies as st

from mnist_core.network.layers import (
    Activation,
    AnyLayer,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    MaxPooling2D,
)
from mnist_core.network.spec import Augmentation, Network, Spec, Split, Training
from mnist_core.network.value import SpecError

PADDINGS = st.sampled_from(["valid", "same"])
ACTIVATIONS = st.sampled_from(get_args(Activation))
L2 = st.one_of(st.just(0.0), st.floats(0, 1))

convolutions = st.builds(
    Conv2D,
    filters=st.integers(1, 12),
    kernel_size=st.integers(1, 7),
    strides=st.integers(1, 7),
    padding=PADDINGS,
    activation=ACTIVATIONS,
    batch_normalization=st.booleans(),
    l2=L2,
)


def _pooling(kind: type[MaxPooling2D] | type[AveragePooling2D]) -> st.SearchStrategy[AnyLayer]:
    return st.builds(
        kind,
        pool_size=st.integers(1, 6),
        strides=st.one_of(st.none(), st.integers(1, 6)),
        padding=PADDINGS,
    )


spatial = st.one_of(
    convolutions,
    _pooling(MaxPooling2D),
    _pooling(AveragePooling2D),
    st.builds(BatchNormalization),
    st.builds(Dropout, rate=st.floats(0, 1, exclude_max=True)),
)
dense = st.builds(Dense, units=st.integers(1, 40), activation=ACTIVATIONS, l2=L2)
vector = st.one_of(
    dense,
    st.builds(BatchNormalization),
    st.builds(Dropout, rate=st.floats(0, 1, exclude_max=True)),
    st.builds(Flatten),
)
to_vector = st.one_of(st.builds(Flatten), st.builds(GlobalAveragePooling2D))

sensible = st.tuples(st.lists(spatial, max_size=5), to_vector, st.lists(vector, max_size=3)).map(
    lambda parts: [*parts[0], parts[1], *parts[2]]
)
"""Lists of layers in the usual order; most of them fit."""

anything = st.lists(st.one_of(spatial, vector, to_vector), max_size=6)
"""Lists of layers in any order; many of them cannot work."""


def _network(layers: list[AnyLayer]) -> Network | None:
    try:
        return Network(layers=tuple(layers))
    except SpecError:
        return None


networks = sensible.map(_network).filter(bool)
"""Networks that work."""

trainings = st.builds(
    Training,
    optimizer=st.sampled_from(["adam", "rmsprop", "nadam"]),
    learning_rate=st.floats(1e-6, 10),
    schedule=st.sampled_from(["constant", "cosine", "one_cycle", "step"]),
    batch_size=st.integers(1, 4096),
    epochs=st.integers(1, 1000),
    precision=st.sampled_from(["float32", "mixed_bfloat16"]),
    seed=st.integers(0, 2**31 - 1),
    augmentation=st.builds(
        Augmentation, shift=st.integers(0, 8), rotation=st.floats(0, 45), zoom=st.floats(0, 0.5)
    ),
)
splits = st.one_of(
    st.builds(Split, kind=st.just("last"), count=st.integers(1, 59_999)),
    st.builds(Split, kind=st.just("fraction"), fraction=st.floats(0.01, 0.99)),
    st.builds(Split, kind=st.just("fold"), folds=st.integers(5, 20), fold=st.integers(1, 5)),
    st.builds(Split, kind=st.sampled_from(["test", "none"]), limit=st.integers(1000, 60_000)),
)
specs = st.builds(Spec, network=networks, training=trainings, split=splits)
