"""What a teacher's link opens: its address, what contradicts itself in it, and what is seen."""

from dataclasses import dataclass

import streamlit as st

from mnist_core.network.query import to_query
from mnist_core.network.spec import Spec
from ui.session import navigation, teacher_link
from ui.views.learn import lesson_catalog

_PAGES = {step.name: step for step in navigation.STEPS}


@dataclass(frozen=True)
class Opening:
    """What a link opens. tab, idea, lesson: as addresses name them, or None."""

    page: str
    tab: str | None = None
    idea: str | None = None
    lesson: str | None = None
    spec: Spec | None = None
    hide: tuple[str, ...] = ()

    def query(self) -> dict[str, str]:
        """What its address has after the page."""
        given = {
            f"{self.page}_tab": self.tab,
            "idea": self.idea,
            "lesson": self.lesson,
            "hide": ",".join(self.hide),
        }
        spec = to_query(self.spec) if self.spec else {}
        return spec | {name: value for name, value in given.items() if value}


def summary(spec: Spec) -> str:
    """A spec in a line: the notation, and the settings that are not those of the app."""
    query = to_query(spec)
    network = query.pop("network") or "no hidden layer"
    return " · ".join([f"`{network}`", *(f"{name} {value}" for name, value in query.items())])


def address(page: str) -> str:
    """The address of a page; this one stands on Learn."""
    base = (st.context.url or "").split("?")[0].rstrip("/").removesuffix("/learn")
    return f"{base}/{'' if page == 'home' else page}"


def problems(opening: Opening) -> list[str]:
    """What contradicts itself, as sentences."""
    found, title = [], _PAGES[opening.page].title
    tabs = {
        teacher_link.NAMES[name] for name in opening.hide if name.startswith(f"{opening.page}.")
    }
    if f"page.{opening.page}" in opening.hide:
        found.append(f"The link opens {title} and hides it: open another page, or show this one.")
    elif opening.tab in tabs:
        found.append(f"The link opens the tab {opening.tab} and hides it: take one of them back.")
    if opening.spec is None and any(name.startswith("build.") for name in opening.hide):
        found.append(
            "The link hides controls of Build, but prepares no network: everybody keeps the "
            "values that happen to be there."
        )
    lesson = lesson_catalog.shelf().find(opening.lesson) if opening.lesson else None
    if lesson and lesson.start and opening.spec not in (None, lesson.start):
        found.append(
            "The link opens a lesson that prepares a network of its own, but brings another one: "
            "what the lesson says may not fit it. Choose *The lesson's*, unless you mean it so."
        )
    if "build.momentum" in opening.hide and "build.optimizer" not in opening.hide:
        found.append(
            "The link hides momentum, but not the optimizer: whoever tries another one loses the "
            "momentum that you prepared. Hide both, or neither."
        )
    return found


def seen(opening: Opening) -> str:
    """The opening in words."""
    place = _PAGES[opening.page].title + (f", tab {opening.tab}" if opening.tab else "")
    told = [f"They arrive on {place}."]
    if opening.lesson:
        told.append("Their lesson is open.")
    if opening.spec:
        told.append(f"On Build stands {summary(opening.spec)}.")
    if not opening.hide:
        told.append("Nothing is hidden.")
    return " ".join([*told, *teacher_link.sentences(opening.hide)])
