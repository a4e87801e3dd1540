"""Residual blocks in the graph of a file: each becomes one entry of the chain."""

from mnist_core.importing.chain import Entry, Reads
from mnist_core.importing.conversions import ACTIVATIONS, Settings, convert, is_function
from mnist_core.utils.text import short_repr

_MAIN = ["Conv2D", "BatchNormalization", "Activation", "Conv2D", "BatchNormalization"]
_SHORTCUT = ["Conv2D", "BatchNormalization"]
_RULE = (
    "branches must form a residual block: Conv2D, BatchNormalization, relu, Conv2D and "
    "BatchNormalization beside a shortcut, which may have a 1x1 Conv2D and BatchNormalization; "
    "then Add and relu"
)
_WAY_OUT = "build it of such blocks, or as one chain of layers, and train it again"


def fold(entries: list[Entry], reads: Reads) -> tuple[list[Entry], Reads]:
    """Return the layers with an entry of the kind "Residual" in place of each block, and its reads.

    Its parts are in the order of `layers.residual`. Raises ImportModelError on other Adds.
    """
    for add in [entry for entry in entries if entry.kind == "Add"]:
        by_name = {entry.name: entry for entry in entries}
        last = [entry for entry in entries if add.name in reads[entry.name]]
        main, shortcut, start = _paths(add, by_name, reads)
        if len(last) != 1 or not _is_relu(last[0]):
            raise add.refuse(f"{_RULE}; it is not followed by relu alone: {_WAY_OUT}")
        parts = [*main[:4], *shortcut[:1], main[4], *shortcut[1:]]
        inner = {entry.name for entry in (*parts, add)}
        block = Entry(add.number, "Residual", last[0].name, {}, tuple(parts))
        entries = [
            block if entry is last[0] else entry for entry in entries if entry.name not in inner
        ]
        reads = {name: read for name, read in reads.items() if name not in inner}
        reads[block.name] = [start]
    return entries, reads


def settings(entry: Entry) -> Settings:
    """Return the settings of a block of a file. Raises ImportModelError if it cannot be one."""
    convolutions = [convert(part) for part in entry.parts if part.kind == "Conv2D"]
    filters, strides = (convolutions[0][name] for name in ("filters", "strides"))
    for number, found in enumerate(convolutions):
        needed = {
            "filters": filters,
            "kernel_size": 1 if number == 2 else 3,
            "strides": 1 if number == 1 else strides,
            "padding": "same",
            "activation": "linear",
        }
        if number == 2:
            needed["padding"] = found["padding"]  # a 1x1 window needs none
        if wrong := [name for name, value in needed.items() if found[name] != value]:
            raise entry.refuse(
                f"{wrong[0]} of convolution {number + 1} of a residual block must be "
                f"{needed[wrong[0]]}; received {short_repr(found[wrong[0]])}: {_WAY_OUT}"
            )
    return {"kind": "residual", "filters": filters, "strides": strides}


def _paths(
    add: Entry, by_name: dict[str, Entry], reads: Reads
) -> tuple[list[Entry], list[Entry], object]:
    """Return the layers of the main path and of the shortcut, and the name of what both read."""
    if len(reads[add.name]) == 2:
        for main_end, shortcut_end in (reads[add.name], reads[add.name][::-1]):
            main, start = _back(main_end, _MAIN, by_name, reads)
            shortcut, same = _back(shortcut_end, _SHORTCUT, by_name, reads)
            if main and shortcut and start == same:
                return main, shortcut, start
            if main and start == shortcut_end:
                return main, [], start
    raise add.refuse(f"{_RULE}; it adds {short_repr(reads[add.name])}: {_WAY_OUT}")


def _back(
    end: object, kinds: list[str], by_name: dict[str, Entry], reads: Reads
) -> tuple[list[Entry], object]:
    """Return the layers that lead to one, if they are of these kinds, and what they read."""
    path: list[Entry] = []
    for kind in reversed(kinds):
        entry = by_name.get(str(end))
        fits = entry and (_is_relu(entry) if kind == "Activation" else entry.kind == kind)
        if entry is None or not fits or len(reads[entry.name]) != 1:
            return [], None
        path.insert(0, entry)
        end = reads[entry.name][0]
    return path, end


def _is_relu(entry: Entry) -> bool:
    return is_function(entry) and ACTIVATIONS[entry.kind](entry, entry.config) == "relu"
