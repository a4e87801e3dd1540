"""Opening a network file by way of a process of its own, which may die of it."""

import json
import os
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from math import prod

import numpy as np

from mnist_core.importing.arrays import shapes
from mnist_core.importing.errors import CPU_S, ImportModelError, check_size
from mnist_core.network.notation import write
from mnist_core.network.spec import Network, Spec
from mnist_core.network.summary import Limits
from mnist_core.utils.paths import PROJECT

WAIT_S = 60  # for those of others
TIME_S = 30  # on the wall, where others may compute as well
_MOST = 4 * Limits().parameters + 2**16  # bytes of an answer
_one = threading.Lock()  # two at once would only wait for the processor


@dataclass(frozen=True, eq=False)
class ImportedModel:
    """A network out of a file: `weights` as `records.weights` has them, `told` how it trained."""

    spec: Spec
    weights: dict[str, np.ndarray]
    told: str


def import_file(data: bytes, network: Network | None = None) -> ImportedModel:
    """A .keras, .h5 or weights file as a network of ours.

    network: what a file of weights alone is of. Raises BringError, in a second or so.
    """
    check_size(len(data))
    asked = {"network": write(network) if network else None}
    if not _one.acquire(timeout=WAIT_S):
        raise ImportModelError(
            f"network files are read one at a time, and others came first for {WAIT_S} s: try "
            "again in a minute"
        )
    try:
        answer = _ask(json.dumps(asked).encode() + b"\n", data)
    finally:
        _one.release()
    line, _, rest = answer.partition(b"\n")
    try:
        said = json.loads(line)
    except ValueError:
        raise ImportModelError(
            f"a network file must be read in {CPU_S} s of computing and 1 GB of memory; this one "
            "ended its reader: it is damaged or made to do harm, so save the network anew with "
            "Keras, or this computer is very busy: try again"
        ) from None
    if "error" in said:
        raise ImportModelError(said["error"])
    spec = Spec.from_json(said["spec"])
    return ImportedModel(spec, _arrays(spec.network, rest), said["told"])


def _ask(*parts: bytes) -> bytes:
    """What the reader answers, or the beginning of it where it was ended."""
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
            with suppress(OSError):  # it ended before it read all
                for part in parts:
                    process.stdin.write(part)
                process.stdin.close()
            answer = process.stdout.read(_MOST)
            process.kill()
            return answer
    finally:
        timer.cancel()


def _arrays(network: Network, data: bytes) -> dict[str, np.ndarray]:
    """Weights by path, of the shapes that the network has; the reader is not believed."""
    arrays, start = {}, 0
    for layer, variables in shapes(network).items():
        for name, shape in variables.items():
            end = start + 4 * prod(shape)
            if end > len(data):
                raise ImportModelError("the reader of the file was ended too soon: try again")
            arrays[f"{layer}/{name}"] = np.frombuffer(data[start:end], np.float32).reshape(shape)
            start = end
    return arrays
