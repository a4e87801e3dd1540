"""The contents of a teacher's link: its address, contradictions in it, and a description."""

from dataclasses import dataclass

from mnist_core.network.query import to_query
from mnist_core.network.spec import Spec
from ui.session import links, navigation, teacher_link
from ui.views.learn import lesson_catalog


@dataclass(frozen=True)
class LinkContents:
    """What a teacher's link opens. tab, idea, lesson, language: as in addresses, or None."""

    page: str
    tab: str | None = None
    idea: str | None = None
    lesson: str | None = None
    spec: Spec | None = None
    hide: tuple[str, ...] = ()
    language: str | None = None

    def query(self) -> dict[str, str]:
        """Return the query parameters of the link."""
        given = {
            f"{self.page}_tab": self.tab,
            "idea": self.idea,
            "lesson": self.lesson,
            "hide": ",".join(self.hide),
            "language": self.language,
        }
        spec = to_query(self.spec) if self.spec else {}
        return spec | {name: value for name, value in given.items() if value}


def summary(spec: Spec) -> str:
    """Return a spec in a line: its notation, and the settings that differ from the defaults."""
    query = to_query(spec)
    network = query.pop("network") or "no hidden layer"
    return " · ".join([f"`{network}`", *(f"{name} {value}" for name, value in query.items())])


def address(page: str) -> str:
    """Return the address of a page, relative to the page Learn."""
    base = links.here().rstrip("/").removesuffix("/learn")
    return f"{base}/{'' if page == 'home' else page}"


def problems(contents: LinkContents) -> list[str]:
    """Return contradictions in the link, as sentences."""
    found, title = [], navigation.BY_NAME[contents.page].title
    tabs = {
        teacher_link.NAMES[name] for name in contents.hide if name.startswith(f"{contents.page}.")
    }
    if f"page.{contents.page}" in contents.hide:
        found.append(f"The link both opens and hides {title}: open another page, or show this one.")
    elif contents.tab in tabs:
        found.append(
            f"The link both opens and hides the tab {contents.tab}: open another tab, or show this "
            "one."
        )
    if contents.spec is None and any(name.startswith("build.") for name in contents.hide):
        found.append(
            "The link hides parts of Build but prepares no network: the hidden parts keep the "
            "values that each student has there."
        )
    lesson = lesson_catalog.all_lessons().find(contents.lesson) if contents.lesson else None
    if lesson and lesson.start and contents.spec not in (None, lesson.start):
        found.append(
            "The link opens a lesson that prepares a network, but brings a different one: the "
            "lesson's text may not fit. Choose *The lesson's*, unless you want this."
        )
    return found


def seen(contents: LinkContents) -> str:
    """Return a description of what students will see."""
    place = navigation.BY_NAME[contents.page].title + (
        f", tab {contents.tab}" if contents.tab else ""
    )
    told = [f"They start on {place}."]
    if contents.lesson:
        told.append("The lesson is open.")
    if contents.spec:
        told.append(f"Build shows {summary(contents.spec)}.")
    if not contents.hide:
        told.append("Nothing is hidden.")
    return " ".join([*told, *teacher_link.sentences(contents.hide)])
