"""Reads a model file in a separate process, so that a bad file can end only that process."""

import json
import os
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from math import prod

import numpy as np

from mnist_core.importing.errors import CPU_S, ImportModelError, check_layers, check_size
from mnist_core.network.notation import write
from mnist_core.network.spec import Network, Spec
from mnist_core.network.summary import Limits, summarize
from mnist_core.utils.paths import PROJECT

WAIT_S = 60  # for the files of other visitors
TIME_S = 30  # by the clock, since other work may occupy the processor
_MOST_BYTES = 4 * Limits().parameters + 2**16  # of the reader's output
_lock = threading.Lock()  # one reader at a time: two would only wait for the processor


@dataclass(frozen=True, eq=False)
class ImportedModel:
    """An imported network.

    weights: arrays by path, as in `storage.artifacts.load_weights`; told: what the file says about
    the training, as the end of a sentence.
    """

    spec: Spec
    weights: dict[str, np.ndarray]
    told: str


def import_file(
    data: bytes, network: Network | None = None, layers: bytes | None = None
) -> ImportedModel:
    """Import a .keras, .h5 or weights file; this takes about a second. Raises ImportModelError.

    network: the network whose weights the file holds; layers: its layer list instead, as Keras's
    `model.to_json` writes it. A file of weights alone needs one of them.
    """
    check_size(len(data))
    if layers is not None:
        check_layers(layers)
    request = {
        "network": write(network) if network else None,
        "layers": None if layers is None else layers.decode("utf-8", "replace"),
    }
    if not _lock.acquire(timeout=WAIT_S):
        raise ImportModelError(
            f"network files are read one at a time, and this one has waited {WAIT_S} s: try again "
            "in a minute"
        )
    try:
        answer = _run_reader(json.dumps(request).encode() + b"\n", data)
    finally:
        _lock.release()
    line, _, rest = answer.partition(b"\n")
    try:
        header = json.loads(line)
    except ValueError:
        raise ImportModelError(
            f"a network file must be read in {CPU_S} s of computing and 1 GB of memory; this one "
            "ended its reader. Try again if the computer is very busy; otherwise the file is "
            "damaged or malicious: save the network again with Keras"
        ) from None
    if "error" in header:
        raise ImportModelError(header["error"])
    spec = Spec.from_json(header["spec"])
    return ImportedModel(spec, _arrays(spec.network, rest), header["told"])


def _run_reader(*parts: bytes) -> bytes:
    """Run the reader process on some input, and return its output, cut off if it was killed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "mnist_core.importing.reader"],
        cwd=PROJECT,
        env={name: value for name, value in os.environ.items() if not name.startswith("MNIST_")}
        | {"OPENBLAS_NUM_THREADS": "1"},  # each thread would count as memory
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    timer = threading.Timer(TIME_S, process.kill)
    timer.start()
    try:
        with process:
            assert process.stdin
            assert process.stdout
            with suppress(OSError):  # the reader may end before it has read everything
                for part in parts:
                    process.stdin.write(part)
                process.stdin.close()
            answer = process.stdout.read(_MOST_BYTES)
            process.kill()
            return answer
    finally:
        timer.cancel()


def _arrays(network: Network, data: bytes) -> dict[str, np.ndarray]:
    """Return weights by path from the reader's bytes, in the shapes that the network requires."""
    arrays, start = {}, 0
    for row in summarize(network).rows:
        for name, shape in row.keras.weights.items():
            end = start + 4 * prod(shape)
            if end > len(data):
                raise ImportModelError("the reader of the file ended too soon: try again")
            arrays[f"{row.name}/{name}"] = np.frombuffer(data[start:end], np.float32).reshape(shape)
            start = end
    return arrays
