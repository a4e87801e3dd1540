"""What is said of a file that came from anywhere."""

import re

from mnist_core.utils.errors import MnistError
from mnist_core.utils.server_settings import server_settings

MAX_BYTES = 25 * 2**20  # the largest network of the app, saved with Adam's two copies of it
CPU_S = 2  # to read any such file; a good one takes a tenth


class ImportModelError(MnistError):
    """A file that cannot become a run: the rule, what it has instead, the way out."""


def file_name(name: str) -> str:
    """A file's own name without its folders, harmless and at most 80 characters long."""
    return re.sub(r"[^\w .()+-]", "_", re.split(r"[/\\]", name)[-1])[-80:] or "a file"


def check_size(size: int) -> None:
    """Refuse a file that is empty or too large for any network here. size: in bytes."""
    most = server_settings().upload_mb(MAX_BYTES // 2**20)
    if size > most * 2**20:
        raise ImportModelError(
            f"a network file may have at most {most} MB; this one has "
            f"{size / 2**20:.0f} MB: save the model without its optimizer "
            "(model.save_weights), or make it smaller"
        )
    if not size:
        raise ImportModelError(
            "a network file must hold something; this one is empty: save it again"
        )
