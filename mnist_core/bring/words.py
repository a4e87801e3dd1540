"""What is said of a file that came from anywhere."""

import re
from typing import Any

from mnist_core.errors import MnistError

MAX_BYTES = 25 * 2**20  # the largest network of the app, saved with Adam's two copies of it
CPU_S = 2  # to read any such file; a good one takes a tenth


class BringError(MnistError):
    """A file that cannot become a run: the rule, what it has instead, the way out."""


_MARKUP = re.compile(
    r"[^\w .,;:(){}'=+/-]"
    r"|(?<=:)//"  # of an address,
    r"|(?<=\bwww)\."  # also of one without its http
    r"|:(?=[\w+-]+[:/])"  # an icon, such as :material/home:
    r"|\b_+|_+\b",  # in italics, or bold
    re.IGNORECASE,
)


def plain(text: str) -> str:
    """Text with something of the file in it, without what a page would take for markup."""
    return _MARKUP.sub("?", text)


def shown(value: Any) -> str:
    """A value out of a file, short and plain."""
    return plain(repr(value)[:60])


def file_name(name: str) -> str:
    """A file's own name without its folders, harmless and at most 80 characters long."""
    return re.sub(r"[^\w .()+-]", "_", re.split(r"[/\\]", name)[-1])[-80:] or "a file"


def check_size(size: int) -> None:
    """Refuse a file that is empty or too large for any network here. size: in bytes."""
    if size > MAX_BYTES:
        raise BringError(
            f"a network file may have at most {MAX_BYTES // 2**20} MB; this one has "
            f"{size / 2**20:.0f} MB: save the model without its optimizer "
            "(model.save_weights), or make it smaller"
        )
    if not size:
        raise BringError("a network file must hold something; this one is empty: save it again")
