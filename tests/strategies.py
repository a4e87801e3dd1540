"""Random layers and networks for hypothesis."""

from typing import Literal, get_args, get_origin

from hypothesis import strategies as st

from mnist_core.network.layers import IMAGE_SHAPE, LAYERS, AnyLayer
from mnist_core.network.optimizers import OPTIMIZERS
from mnist_core.network.spec import Augmentation, Network, Spec, Split, Training, Transfer
from mnist_core.network.value import SpecError

_MOST = {"filters": 12, "units": 40}


def _setting(layer: type[AnyLayer], name: str) -> st.SearchStrategy[object]:
    """Values of one setting of a layer, not so large that Keras takes long."""
    annotation = layer.model_fields[name].annotation
    if annotation is bool:
        return st.booleans()
    if get_origin(annotation) is Literal:
        return st.sampled_from(get_args(annotation))
    if annotation is float:
        return st.one_of(st.just(0.0), st.floats(0, 1, exclude_max=True))
    whole = st.integers(1, _MOST.get(name, 7))
    return whole if annotation is int else st.one_of(st.none(), whole)


def any_of(name: str) -> st.SearchStrategy[AnyLayer]:
    """Layers of one class, by its name."""
    layer = LAYERS[name]
    settings = {key: _setting(layer, key) for key in layer.model_fields if key != "kind"}
    return st.builds(layer, **settings)


to_vector = st.one_of(*(any_of(name) for name, kind in LAYERS.items() if kind.makes_vector))
spatial = st.one_of(
    *(any_of(n) for n, kind in LAYERS.items() if not kind.makes_vector and n != "Dense")
)
vector = st.one_of(*(any_of(name) for name, kind in LAYERS.items() if not kind.needs_image))
dense = any_of("Dense")

sensible = st.tuples(st.lists(spatial, max_size=5), to_vector, st.lists(vector, max_size=3)).map(
    lambda parts: [*parts[0], parts[1], *parts[2]]
)
"""Lists of layers in the usual order; most of them fit."""

anything = st.lists(st.one_of(spatial, vector, to_vector), max_size=6)
"""Lists of layers in any order; many of them cannot work."""


def _network(layers: list[AnyLayer]) -> Network:
    """The network of these layers, without those that do not fit where they stand."""
    shape, fitting = IMAGE_SHAPE, list[AnyLayer]()
    for layer in layers:
        try:
            shape = layer.output_shape(shape)
        except SpecError:
            continue
        fitting.append(layer)
    return Network(layers=tuple(fitting))


networks = sensible.map(_network)
"""Networks that work."""

trainings = st.builds(
    Training,
    optimizer=st.sampled_from(list(OPTIMIZERS)),
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
    st.builds(
        Split,
        kind=st.sampled_from(["test", "none"]),
        limit=st.integers(10, 60_000),
        digits=st.sets(st.integers(0, 9), min_size=2).map(tuple),
    ),
)
transfers = st.one_of(
    st.none(), st.builds(Transfer, source=st.text("0123456789abcdef", min_size=16, max_size=16))
)
specs = st.builds(Spec, network=networks, training=trainings, split=splits, transfer=transfers)
