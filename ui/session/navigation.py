"""The pages in their order; the only module that knows their files."""

from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from mnist_core.utils.paths import PROJECT

FOLDER = PROJECT / "pages"


@dataclass(frozen=True)
class Step:
    """A page: the name of its file, its title and icon, and a sentence about it for newcomers."""

    name: str
    title: str
    icon: str
    about: str

    @property
    def words(self) -> str:
        """The title without its number."""
        return self.title.lstrip("0123456789 ")


STEPS = (
    Step("home", "Home", ":material/home:", "Start here."),
    Step("data", "1 Data", ":material/grid_on:", "See the 70,000 digits as a network does."),
    Step("build", "2 Build", ":material/layers:", "Choose the layers and how they are trained."),
    Step("train", "3 Train", ":material/play_circle:", "Watch the network learn, batch by batch."),
    Step("results", "4 Results", ":material/fact_check:", "Check the test results."),
    Step("look", "5 Look inside", ":material/frame_inspect:", "See what a network has learned."),
    Step("draw", "6 Draw", ":material/draw:", "Draw a digit and let the network read it."),
    Step("compare", "7 Compare", ":material/compare_arrows:", "All runs side by side."),
    Step("tune", "8 Tune", ":material/tune:", "Repeat, cross-validate, search for settings."),
    Step("learn", "9 Learn", ":material/school:", "Interactive ideas, lessons, challenges."),
    Step(
        "handwriting",
        "Our handwriting",
        ":material/signature:",
        "Write digits as a class and see how well a network reads them.",
    ),
)

BY_NAME = {step.name: step for step in STEPS}


def pages(hidden: Container[str] = ()) -> list:
    """Return the pages for `st.navigation`; the first one is the home page.

    hidden: the names of pages to leave out; links to them still work.
    """
    return [
        st.Page(
            FOLDER / f"{step.name}.py",
            title=step.title,
            icon=step.icon,
            url_path=step.name,
            default=step.name == "home",
            visibility="hidden" if step.name in hidden else "visible",
            help=step.about,
        )
        for step in STEPS
    ]


def path(name: str) -> Path:
    """Return the file of a page, for `st.switch_page` and `st.page_link`: `path("train")`."""
    return FOLDER / f"{name}.py"
