"""The error of an import, and the limits of an uploaded file."""

import re

from mnist_core.utils.errors import MnistError
from mnist_core.utils.server_settings import server_settings
from mnist_core.utils.text import shortened

MAX_BYTES = 25 * 2**20  # the app's largest network, saved with the two moments of Adam
MAX_LAYERS_BYTES = 2**20
CPU_S = 2  # processor time to read a file; a valid file takes a tenth of it


MOST_CHARACTERS = 300
"""The longest message of a refusal, whatever names a file contains."""


class ImportModelError(MnistError):
    """A file that cannot be imported; the message gives the rule, the value and the way out."""

    def __init__(self, message: str) -> None:
        super().__init__(shortened(message, MOST_CHARACTERS))


def file_name(name: str) -> str:
    """Return a file's name without folders or special characters, at most 80 characters long."""
    return re.sub(r"[^\w .()+-]", "_", re.split(r"[/\\]", name)[-1])[-80:] or "a file"


def check_layers(text: bytes | str) -> None:
    """Raise ImportModelError on a layer list that is too long."""
    if len(text) > MAX_LAYERS_BYTES:
        raise ImportModelError(
            f"a layer list may have at most {MAX_LAYERS_BYTES:,} bytes; this one has "
            f"{len(text):,}: import a smaller network"
        )


def check_size(size: int) -> None:
    """Raise ImportModelError on a file that is empty or too large. size: in bytes."""
    most = server_settings().upload_mb(MAX_BYTES // 2**20)
    if size > most * 2**20:
        raise ImportModelError(
            f"a network file may have at most {most} MB; this one has "
            f"{size / 2**20:.0f} MB: save the model without its optimizer "
            "(model.save_weights), or make it smaller"
        )
    if not size:
        raise ImportModelError(
            "a network file must not be empty; this one has 0 bytes: save it again"
        )
