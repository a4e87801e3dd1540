"""The wall of a class: all its digits at once, in one element that stays on the page.

Its browser side is in `mnist_core/frontend/wall`. Each message has the images of new digits only;
if the browser reports missing ones, the next message has all images.
"""

import base64
from collections.abc import Callable, Mapping
from functools import cache as once
from typing import Any, Literal

from streamlit.components import v2 as components

from mnist_core.network.layers import CLASSES
from mnist_core.storage.handwriting import Sample
from mnist_core.utils.text import plural, with_article
from ui.charts import style
from ui.session import state
from ui.widgets import touch

Order = Literal["By digit", "By writer"]
_SENT = "wall_sent"


def show(samples: list[Sample], order: Order, predicted: Mapping[int, int]) -> None:
    """Draw the digits in groups. predicted: a network's prediction by the id of a digit.

    Within a group, digits are sorted by label, then by time.
    """
    sent: set[int] = state.get(_SENT, set())
    key = (lambda each: each.label) if order == "By digit" else (lambda each: each.writer)
    groups = range(CLASSES) if order == "By digit" else sorted({each.writer for each in samples})
    name = "" if order == "By digit" else "Writer "
    listed = sorted(samples, key=lambda each: (key(each), each.label, each.id))
    right = sum(predicted.get(each.id) == each.label for each in samples)
    read = f"; the network reads {right} of {len(predicted)} correctly" if predicted else ""
    _component()(
        key="wall",
        data={
            "images": [
                [each.id, base64.b64encode(each.image.tobytes()).decode()]
                for each in samples
                if each.id not in sent
            ],
            "digits": [_digit(each, f"{name}{key(each)}", predicted) for each in listed],
            "groups": [f"{name}{group}" for group in groups],
            "colors": {"right": style.RIGHT, "wrong": style.WRONG},
            "growth": touch.growth() or 1,
            "alt": f"{plural(len(samples), 'handwritten digit')}{read}",
        },
        on_missed_change=forget,
    )
    state.put(_SENT, {each.id for each in samples})


def forget() -> None:
    """Send every image with the next message."""
    state.pop(_SENT)


def _digit(sample: Sample, group: str, predicted: Mapping[int, int]) -> dict[str, object]:
    read = predicted.get(sample.id)
    words = f"Writer {sample.writer}: {with_article(sample.label)}"
    mark = ""
    if read is not None:
        mark = "right" if read == sample.label else "wrong"
        words += f", read as {read}"
    return {"number": sample.id, "group": group, "mark": mark, "words": words}


@once
def _component() -> Callable[..., Any]:
    """Register the component; only a running server can."""
    return components.component("mnist_core.wall", js="wall.js", css="wall.css")
