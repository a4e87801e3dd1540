"""Sources of a digit: a sheet to draw on, a file, or the test set."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import streamlit as st

from mnist_core.dataset import mnist, preprocessing
from mnist_core.dataset.images import DigitError
from mnist_core.dataset.mnist import TEST_IMAGES
from mnist_core.dataset.preprocessing import Prepared, Step
from mnist_core.utils.server_settings import server_settings
from ui.session import state
from ui.widgets import controls, drawable_canvas, gallery, touch

SIDE = 560  # pixels: side of the sheet's image, and its largest side on screen
PENS = {"Fine": 20, "Medium": 40, "Thick": 64}
"""Stroke widths in pixels of the image; medium becomes about as wide as in MNIST."""

FILES = ["png", "jpg", "jpeg", "webp", "bmp", "gif", "tiff"]
MAX_MB = 25

_SHEET, _WIDGET, _UPLOAD = "draw_sheet", "draw_canvas", "draw_upload"
_TEST_IMAGE, _PEN = "draw_test_image", "draw_pen"


@dataclass(frozen=True, eq=False)
class Digit:
    """A digit as a network receives it.

    image: (28, 28) uint8, ink bright; steps: from the picture to the image; label: the true digit,
    if known.
    """

    image: np.ndarray
    steps: tuple[Step, ...] = ()
    label: int | None = None


@dataclass
class Sheet:
    """A drawing of a session: its strokes, and its image as a file that the browser sent.

    `image` is None while the sheet is blank. During a stroke it is `unfinished`: it already shows
    that stroke, which `strokes` do not contain yet. The browser draws `start` when `start` or
    `edition` changes, and then sends the image. `received` are the strokes and the image that the
    browser sent last; while they stay the same, they are older than an undo. `undone` are the
    strokes that redo restores, the last one of them first.
    """

    strokes: list[dict] = field(default_factory=list)
    image: bytes | None = None
    start: list[dict] = field(default_factory=list)
    edition: int = 0
    received: tuple[list[dict], bytes] = ([], b"")
    unfinished: bool = False
    undone: list[dict] = field(default_factory=list)

    def undo(self) -> None:
        """Remove the last stroke; redo does not restore an unfinished one."""
        if self.unfinished:
            self.begin_with(self.strokes)
            return
        self.undone = [*self.undone, *self.strokes[-1:]]
        self.begin_with(self.strokes[:-1])

    def redo(self) -> None:
        """Restore the stroke that was removed last."""
        self.begin_with([*self.strokes, *self.undone[-1:]])
        self.undone = self.undone[:-1]

    def clear(self) -> None:
        """Remove all strokes; redo restores them one by one."""
        self.undone = [*self.undone, *reversed(self.strokes)]
        self.begin_with([])

    def begin_with(self, strokes: list[dict]) -> None:
        """Make the browser draw these strokes in place of its present ones."""
        self.strokes = self.start = strokes
        self.image = self.image if strokes else None
        self.unfinished = False
        self.edition += 1

    def receive(self, strokes: list[dict], image: bytes, unfinished: bool) -> None:
        """Take what was drawn, unless the browser has sent it before.

        unfinished: the image also shows a stroke in progress.
        """
        if (strokes, image) == self.received:
            return
        self.received, self.unfinished = (strokes, image), unfinished
        if unfinished:
            self.image = image
            return
        if len(strokes) > len(self.strokes):  # a new stroke ends what redo could restore
            self.undone = []
        self.strokes = strokes
        self.image = image if strokes else None


def sheet() -> Sheet:
    """Return the drawing of this session."""
    return state.setdefault(_SHEET, Sheet())


def is_mounted(place: str) -> bool:
    """Whether the browser has shown the sheet of this place since the page's last run."""
    return state.has(state.key(_WIDGET, place))


def draw(place: str = "", small: bool = False) -> tuple[Digit, ...]:
    """Draw the sheet with its buttons; return the digits on it, none while it is blank.

    place: where on a page the sheet is; the browser has one sheet per place, blank at first.
    small: leave out the pens and Redo. The sheet is a square as wide as its place, up to SIDE.
    Raises DigitError if the drawing shows no digit.
    """
    drawing = sheet()
    widget = state.key(_WIDGET, place) if place else _WIDGET
    if not state.has(widget) and drawing.strokes != drawing.start:
        drawing.begin_with(drawing.strokes)  # back from another page, which the browser forgot
    result = drawable_canvas.load().st_canvas(
        stroke_width=PENS[state.get(_PEN, "Medium")],
        stroke_color="#ffffff",
        background_color="#000000",
        width=SIDE,
        height=SIDE,
        initial_drawing={"objects": drawing.start, "edition": drawing.edition},
        return_image_data=True,
        key=widget,
    )
    # Not `image_data`, which would decode anything that a manipulated page sends.
    if result.image_bytes is not None:
        drawn = result.json_data
        strokes = [each for each in drawn.get("objects", []) if isinstance(each, dict)]
        drawing.receive(strokes, result.image_bytes, bool(drawn.get("unfinished")))
    if not small:
        controls.choice("Pen", PENS, _PEN, "Medium", label_visibility="collapsed")
    _buttons(drawing, small)
    if drawing.image is None:
        return ()
    try:
        return _digits(preprocessing.prepare_drawing(drawing.image))
    except DigitError:
        if drawing.unfinished:  # a stroke begins as a dot
            return ()
        raise


def _buttons(sheet: Sheet, small: bool) -> None:
    """Draw the buttons that remove and restore strokes, on a phone in one row."""
    phone = touch.on_phone()
    with st.container(horizontal=True, gap="xxsmall" if phone else "small"):
        for name, icon, keys, action, some in (
            ("Undo", "undo", "Ctrl+Z", sheet.undo, sheet.strokes),
            ("Redo", "redo", "Ctrl+Y", sheet.redo, sheet.undone),
            ("Clear", "delete", None, sheet.clear, sheet.strokes),
        ):
            if small and name == "Redo":
                continue
            st.button(
                name,
                icon=None if phone else f":material/{icon}:",
                key=state.key("draw", name.lower()),
                shortcut=None if phone else keys,
                disabled=not some,
                on_click=action,
            )


def _digits(prepared: tuple[Prepared, ...]) -> tuple[Digit, ...]:
    return tuple(Digit(digit.image, digit.steps) for digit in prepared)


def upload() -> tuple[Digit, ...]:
    """Draw an uploader; return the digits in the photo or scan, none before an upload.

    Raises DigitError if the picture shows no digit.
    """
    most = server_settings().upload_mb(MAX_MB)
    file = st.file_uploader(
        "A picture of one or more digits, in any color",
        FILES,
        key="draw_file",
        max_upload_size=most,
        help="On a phone, you can take a photo right here. The app keeps it only until you take "
        "another one, remove it or leave.",
        on_change=state.put,
        args=(_UPLOAD, None),
    )
    if file is None:
        return _last_upload()
    if file.size > most * 2**20:  # the browser's own check can be bypassed
        raise DigitError(
            f"a picture may be at most {most} MB; received {file.size / 2**20:.0f} MB: crop it "
            "to the digit, or save it at a smaller size"
        )
    prepared: tuple[Prepared, ...] | None = state.get(_UPLOAD, None)
    if prepared is None:
        prepared = preprocessing.prepare(file.getvalue())
        state.put(_UPLOAD, prepared)  # in this session alone
    _show_picture(prepared)
    return _digits(prepared)


def choose_test_image() -> tuple[Digit, ...]:
    """Draw a choice of the 10,000 test images, by number or at random; return the chosen one."""
    row = st.number_input(
        "Number, from 0 to 9,999",
        *(0, 9_999),
        key=_TEST_IMAGE,
        persist_state="session",
    )
    st.button("Random image", icon=":material/casino:", key="draw_any", on_click=_take_any)
    data = mnist.load()
    image, label = data.x_test[row], int(data.y_test[row])
    st.image(gallery.enlarge(image, 10), width=280, alt=f"Test image {row:,}, labeled {label}")
    st.write(f"Label: **{label}**. MNIST images need no preprocessing.")
    return (Digit(image, label=label),)


SOURCES: dict[str, Callable[[], tuple[Digit, ...]]] = {
    "Draw": draw,
    "Upload": upload,
    "Test image": choose_test_image,
}


def _take_any() -> None:
    state.put(_TEST_IMAGE, random.randrange(TEST_IMAGES))


def _last_upload() -> tuple[Digit, ...]:
    """Return the last digits, since an uploader is empty after a visit to another page."""
    prepared: tuple[Prepared, ...] | None = state.get(_UPLOAD, None)
    if prepared is None:
        return ()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("Your last picture", width="content")
        st.button(
            "Remove",
            icon=":material/delete:",
            key="draw_remove",
            on_click=state.put,
            args=(_UPLOAD, None),
        )
    _show_picture(prepared)
    return _digits(prepared)


def _show_picture(prepared: tuple[Prepared, ...]) -> None:
    """Draw the gray levels of an upload, which all its digits share."""
    picture = prepared[0].steps[0].image
    st.image(gallery.enlarge(picture, 1), "Your picture", alt="Your picture in gray")
