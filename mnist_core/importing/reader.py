"""The reader process: a model file on standard input, its network on standard output.

It uses no TensorFlow, unpickles nothing and runs no code of the file. A crash, such as one in
HDF5's C code, ends this process alone. Input: a line of JSON, {"network": notation or null,
"layers": the JSON text of a layer list or null}, then the file. Output: a line of JSON, {"error"}
or {"spec", "told"}, then the weights as float32 in the order of the network's summary.
"""

import json
import sys
import time
from math import ceil

import h5py
import numpy as np

from mnist_core.importing import architecture, arrays, container, hdf5, training_config
from mnist_core.importing.errors import CPU_S, ImportModelError, check_size
from mnist_core.network.notation import parse, write
from mnist_core.network.spec import Network, Spec
from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import short_repr

MEMORY_BYTES = 2**30


def limit() -> None:
    """Limit the memory, processor time and file sizes of this process, where the system can.

    The time counts from this call, so that Python's start is left out.
    """
    try:
        import resource
    except ImportError:  # Windows, where only the parent's time limit applies
        return
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, ceil(time.process_time()) + CPU_S),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        try:
            resource.setrlimit(what, (most, most))
        except (ValueError, OSError):  # macOS cannot limit the address space
            continue


def read(
    data: bytes, network: Network | None, layers: str | None = None
) -> tuple[Spec, str, dict[str, np.ndarray]]:
    """Return a file's spec, a description of its training, and its weights by path.

    network: the network of a file that holds weights alone; layers: its layer list instead, as
    Keras's `model.to_json` writes it. Raises ImportModelError.
    """
    check_size(len(data))
    contents = container.unpack(data)
    with hdf5.open_file(contents.weights) as file:
        model, compiled = contents.config, (contents.config or {}).get("compile_config")
        if model is None and (text := hdf5.attribute(file, "model_config")):
            model = container.read_json(text)
            compiled = _compiled(file)
        elif model is None and layers is not None:
            model = container.read_json(layers)
        if model is None:
            found, values = _weights_alone(file, network)
        else:
            found = architecture.read(model)
            values = arrays.read(file, found)
    training, words = training_config.training(compiled)
    if model is None:
        words = f"; read as {write(found.network)}, which the file does not say{words}"
    words = "; ".join((words, *found.told))
    return Spec(network=found.network, training=training), words, values


def _compiled(file: h5py.File) -> dict[str, object] | None:
    """Return an .h5 file's training configuration, None if it is missing or cannot be read."""
    try:
        text = hdf5.attribute(file, "training_config")
        return container.read_json(text) if text else None
    except ImportModelError:
        return None


def _weights_alone(
    file: h5py.File, network: Network | None
) -> tuple[architecture.Architecture, dict[str, np.ndarray]]:
    """Read a file of weights for a known network. Raises ImportModelError if they do not fit."""
    hdf5.check_holds_layers(file)
    if network is None:
        raise ImportModelError(
            "a weights file does not say to which network it belongs: name the network, add its "
            "model.json, or choose the file that Keras's model.save wrote"
        )
    found = architecture.of_network(network)
    try:
        return found, arrays.read(file, found)
    except ImportModelError as error:
        raise ImportModelError(
            f"a weights file must fit the network that it is read for, {write(network)}; here "
            f"{error}"
        ) from None


def main() -> None:
    """Read one file, and write its network or an error."""
    limit()
    request = json.loads(sys.stdin.buffer.readline())
    values: dict[str, np.ndarray] = {}
    try:
        network = parse(request["network"]) if request["network"] is not None else None
        spec, told, values = read(sys.stdin.buffer.read(), network, request["layers"])
        answer = {"spec": spec.to_json(), "told": told}
    except MnistError as error:
        answer = {"error": str(error)}
    except MemoryError:
        answer = {
            "error": "a network file must be read in 1 GB of memory; this one needs more: save "
            "the network again with Keras"
        }
    except Exception as error:  # a damaged file can make h5py raise anything
        reason = short_repr(f"{type(error).__name__}: {error}")
        answer = {
            "error": f"a network file must be as Keras writes it; this one is damaged ({reason}): "
            "copy it again, or save the network again"
        }
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
    for value in values.values():
        sys.stdout.buffer.write(np.ascontiguousarray(value, np.float32).tobytes())
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
