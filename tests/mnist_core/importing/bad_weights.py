"""Makers of files whose HDF5 is not what Keras writes: see `bad_models`."""

from collections.abc import Callable
from io import BytesIO

import h5py
import numpy as np

from tests.mnist_core.importing.bad_models import Good, bad, members, pack

FIRST = "layers/conv2d/vars/0"  # the kernel, (3, 3, 1, 2)


def with_weights(good: Good, change: Callable[[h5py.File], object]) -> bytes:
    parts = members(good)
    buffer = BytesIO(parts["model.weights.h5"])
    with h5py.File(buffer, "r+") as file:
        change(file)
    return pack(parts | {"model.weights.h5": buffer.getvalue()})


def replaced(good: Good, make: Callable[[h5py.Group], object]) -> bytes:
    """The first kernel made anew, under the name 0."""

    def change(file: h5py.File) -> None:
        del file[FIRST]
        make(file["layers/conv2d/vars"])

    return with_weights(good, change)


@bad("must have the shape (3, 3, 1, 2), as its layer has; it has (300000, 300000)")
def shape_bomb(good: Good) -> bytes:
    huge = (300_000, 300_000)
    return replaced(good, lambda g: g.create_dataset("0", huge, "f4", chunks=(1000, 1000)))


@bad("must have the shape")
def compressed_shape_bomb(good: Good) -> bytes:
    def make(group: h5py.Group) -> None:
        group.create_dataset("0", data=np.zeros((10**7,), "f4"), compression="gzip")

    return replaced(good, make)


@bad("in one piece and not compressed")
def huge_chunk(good: Good) -> bytes:
    def make(group: h5py.Group) -> None:
        shape, most, chunk = (3, 3, 1, 2), (None,) * 4, (3, 3, 2**18, 16)
        group.create_dataset("0", shape, "f4", maxshape=most, chunks=chunk, compression="gzip")

    return replaced(good, make)


@bad("is a link to another place")
def external_link(good: Good) -> bytes:
    def make(group: h5py.Group) -> None:
        group["0"] = h5py.ExternalLink("/etc/passwd", "/kernel")

    return replaced(good, make)


@bad("is a link to another place")
def soft_link_loop(good: Good) -> bytes:
    def make(group: h5py.Group) -> None:
        group["0"] = h5py.SoftLink("/layers/conv2d/vars/0")

    return replaced(good, make)


@bad("levels deep")
def hard_link_loop(good: Good) -> bytes:
    def make(group: h5py.Group) -> None:
        group["loop"] = group

    return replaced(good, make)


@bad("in one piece and not compressed")
def external_storage(good: Good) -> bytes:
    def make(group: h5py.Group) -> None:
        group.create_dataset("0", (3, 3, 1, 2), "f4", external=[("/etc/passwd", 0, 72)])

    return replaced(good, make)


@bad("in one piece and not compressed")
def virtual_dataset(good: Good) -> bytes:
    def make(group: h5py.Group) -> None:
        layout = h5py.VirtualLayout((3, 3, 1, 2), "f4")
        layout[...] = h5py.VirtualSource("/etc/passwd", "kernel", (3, 3, 1, 2))
        group.create_virtual_dataset("0", layout)

    return replaced(good, make)


@bad("must have the shape")
def wrong_shapes(good: Good) -> bytes:
    return replaced(good, lambda g: g.create_dataset("0", data=np.zeros((5, 5, 1, 2), "f4")))


@bad("the file contains fewer")
def values_never_written(good: Good) -> bytes:
    return replaced(good, lambda g: g.create_dataset("0", (3, 3, 1, 2), "f4"))


@bad("has none for 'conv2d'")
def missing_weights(good: Good) -> bytes:
    return with_weights(good, lambda file: file["layers"].pop("conv2d"))


@bad("must have kernel, bias; the file has 'bias'")
def missing_kernel(good: Good) -> bytes:
    return with_weights(good, lambda file: file.pop(FIRST))


@bad("'dense_9' belongs to none")
def extra_weights(good: Good) -> bytes:
    return with_weights(good, lambda f: f.create_dataset("layers/dense_9/vars/0", data=[1.0]))


def filled(good: Good, value: float) -> bytes:
    def change(file: h5py.File) -> None:
        file[FIRST][0, 0, 0, 0] = value

    return with_weights(good, change)


@bad("has 1 that are NaN or infinite")
def nan_weight(good: Good) -> bytes:
    return filled(good, np.nan)


@bad("has 1 that are NaN or infinite")
def infinite_weight(good: Good) -> bytes:
    return filled(good, np.inf)


@bad("has 18 that are NaN or infinite")
def too_large_for_float32(good: Good) -> bytes:
    return replaced(good, lambda g: g.create_dataset("0", data=np.full((3, 3, 1, 2), 1e300)))


@bad("must be float16, float32 or float64")
def complex_weights(good: Good) -> bytes:
    return replaced(good, lambda g: g.create_dataset("0", data=np.zeros((3, 3, 1, 2), "c8")))


@bad("must be float16, float32 or float64")
def long_double_weights(good: Good) -> bytes:
    data = np.zeros((3, 3, 1, 2), np.longdouble)
    return replaced(good, lambda g: g.create_dataset("0", data=data))


@bad("must be float16, float32 or float64")
def whole_numbers(good: Good) -> bytes:
    return replaced(good, lambda g: g.create_dataset("0", data=np.zeros((3, 3, 1, 2), "i4")))


@bad("must be float16, float32 or float64")
def string_weights(good: Good) -> bytes:
    kind = h5py.string_dtype()
    return replaced(good, lambda g: g.create_dataset("0", (3, 3, 1, 2), kind))


@bad("must be float16, float32 or float64")
def object_references(good: Good) -> bytes:
    return replaced(good, lambda g: g.create_dataset("0", (3, 3, 1, 2), h5py.ref_dtype))


@bad("neither")
def a_type_as_weight(good: Good) -> bytes:
    def make(group: h5py.Group) -> None:
        group["0"] = np.dtype("f4")

    return replaced(good, make)


@bad("must be whole")
def weights_that_are_text(good: Good) -> bytes:
    return pack(members(good) | {"model.weights.h5": b"no HDF5 at all"})


def with_h5(good: Good, change: Callable[[h5py.File], object]) -> bytes:
    buffer = BytesIO(good.h5)
    with h5py.File(buffer, "r+") as file:
        change(file)
    return buffer.getvalue()


@bad("model_config must be a single text")
def a_table_for_a_layer_list(good: Good) -> bytes:
    return with_h5(good, lambda file: file.attrs.create("model_config", ["a", "b"]))


@bad("must be valid JSON")
def h5_with_broken_json(good: Good) -> bytes:
    return with_h5(good, lambda file: file.attrs.create("model_config", "{"))


@bad("is a link to another place")
def h5_with_external_link(good: Good) -> bytes:
    def change(file: h5py.File) -> None:
        del file["model_weights"]
        file["model_weights"] = h5py.ExternalLink("/etc/passwd", "/")

    return with_h5(good, change)


@bad("must list at most 200 names")
def h5_with_empty_names(good: Good) -> bytes:
    buffer = BytesIO()
    with h5py.File(buffer, "w") as file:
        file["dense/kernel:0"] = np.zeros((2, 2), "f4")
        file.attrs["layer_names"] = h5py.Empty("f4")
    return buffer.getvalue()


@bad("at most 1,000 objects")
def many_links(good: Good) -> bytes:
    buffer = BytesIO()
    with h5py.File(buffer, "w") as file:
        group = file.create_group("layers")
        for number in range(1001):
            group[f"link{number}"] = group
    return buffer.getvalue()


@bad("arrays at the top, such as 'temperatures'")
def h5_of_something_else(good: Good) -> bytes:
    buffer = BytesIO()
    with h5py.File(buffer, "w") as file:
        file["temperatures"] = np.arange(10.0)
    return buffer.getvalue()
