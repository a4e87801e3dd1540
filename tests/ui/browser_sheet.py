"""A stand-in for the browser, whose canvas sends what is drawn on it."""

import io
from types import SimpleNamespace

import streamlit as st
from PIL import Image, ImageDraw


class Sheet:
    """The browser's side of the canvas."""

    def __init__(self) -> None:
        self.start = None
        self.forget()

    def forget(self) -> None:
        self.strokes, self.sent, self.fresh, self.unfinished = [], None, True, False

    def picture(self) -> bytes:
        image = Image.new("RGBA", (320, 300), "black")
        for stroke in self.strokes:
            ImageDraw.Draw(image).line(stroke["points"], fill="white", width=stroke["width"])
        file = io.BytesIO()
        image.save(file, "PNG")
        return file.getvalue()

    def draw(self, points, width=22) -> None:
        self.strokes = [*self.strokes, {"points": points, "width": width}]
        self.sent, self.unfinished = (self.strokes, self.picture()), False

    def draw_a_part(self, points, width=22) -> None:
        """Send a picture of a stroke that is drawn at this moment."""
        finished = self.strokes
        self.draw(points, width)
        self.sent, self.unfinished, self.strokes = (finished, self.picture()), True, finished

    def show(self, initial_drawing, key, return_image_data, **_) -> SimpleNamespace:
        assert return_image_data
        st.session_state[key] = "mounted"
        strokes, image = self.sent or (initial_drawing["objects"], None)
        if initial_drawing != self.start or self.fresh:
            self.strokes = list(initial_drawing["objects"])
            self.sent = None if self.fresh else (self.strokes, self.picture())
            self.unfinished = False
            self.start, self.fresh = initial_drawing, False
        drawn = {"objects": strokes} | ({"unfinished": True} if self.unfinished else {})
        return SimpleNamespace(json_data=drawn, image_bytes=image)
