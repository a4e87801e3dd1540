"""What pages show of the data set, kept: a class mostly looks at the same few splits."""

from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st

from mnist_core import dataset, samples
from mnist_core.samples import GreyLevels, Part, Typicality
from mnist_core.spec import Split

_BY_VALUE: dict[str | type[Any], Callable[[Any], Any]] = {Split: Split.model_dump_json}


@st.cache_resource(max_entries=20, show_spinner=False, hash_funcs=_BY_VALUE)
def parts(split: Split) -> tuple[Part, Part, Part]:
    """The images that train, validate and test."""
    return samples.parts(split)


@st.cache_resource(max_entries=20, show_spinner=False, hash_funcs=_BY_VALUE)
def grey_levels(split: Split) -> GreyLevels:
    """The pixels of the images that train."""
    return samples.grey_levels(parts(split)[0])


@st.cache_resource(max_entries=20, show_spinner=False, hash_funcs=_BY_VALUE)
def mean_images(split: Split) -> np.ndarray:
    """The mean image of each digit that trains: (10, 28, 28) uint8."""
    train = parts(split)[0]
    return np.rint(dataset.mean_images(train.images, train.labels)).astype(np.uint8)


@st.cache_resource(max_entries=50, show_spinner=False, hash_funcs=_BY_VALUE)
def typicality(split: Split, digit: int) -> Typicality:
    """The images of a digit that train, from typical to untypical."""
    return samples.typicality(parts(split)[0], digit)
