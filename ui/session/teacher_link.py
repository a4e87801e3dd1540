"""What a teacher's link may hide, so that a class sees only what a lesson needs: hide=build.seed.

This is for focus, not a lock: one button shows everything again.
"""

import streamlit as st

from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import plain_markdown
from ui.session import navigation, state

PARTS = {
    "page": {
        step.name: step.title for step in navigation.STEPS if step.name not in ("home", "learn")
    },
    "build": {
        "presets": "Presets",
        "notation": "Short notation",
        "layers": "Changing the layers",
        "epochs": "epochs",
        "batch_size": "batch_size",
        "early_stopping": "early_stopping",
        "precision": "precision",
        "seed": "seed",
        "optimizer": "optimizer",
        "momentum": "momentum, nesterov, weight_decay",
        "learning_rate": "learning_rate",
        "schedule": "schedule",
        "loss": "loss, label_smoothing",
        "augmentation": "Augmentation",
        "split": "Validation images",
        "code": "Keras code",
        "link": "Copy link",
    },
    "train": {"bring": "Bringing in a network", "rate": "Another learning rate on the way"},
    "results": {"confusion": "Confusion", "mistakes": "Mistakes", "files": "Take it away"},
    "look": {
        "maps": "Feature maps",
        "filters": "Filters",
        "saliency": "Saliency",
        "fool": "What fools it",
        "embedding": "Embedding",
        "replay": "Replay",
        "robustness": "Robustness",
        "suspects": "Suspect labels",
    },
    "draw": {"upload": "Upload"},
    "compare": {"delete": "Delete"},
    "tune": {
        "search": "Search",
        "rate": "Learning rate",
        "repeat": "Repeat",
        "folds": "k-fold",
        "depth": "Hidden layers",
    },
}
"""By page, what can be hidden: its name in the address, and its words; a tab has its own ones.

Home and Learn stay, as the ways to everything else.
"""

NAMES = {f"{page}.{part}": words for page, parts in PARTS.items() for part, words in parts.items()}

_TABBED = {"results", "look", "tune"}
"""Pages of which whole tabs can be hidden."""

_NETWORK = {"presets", "notation", "layers", "code", "link"}
"""Parts of Build that are no settings of the training."""

LAYERS_ALONE = "It brings its layers alone: your teacher's link hides settings, which stay."

_FOLLOWS = {
    "nesterov": "momentum",
    "weight_decay": "momentum",
    "label_smoothing": "loss",
}
"""Settings that are hidden along with another one."""


class HiddenError(MnistError):
    """An address that asks to hide what there is not."""


def is_hidden(name: str) -> bool:
    """Whether the control of this name, such as build.seed, is out of sight."""
    return name in state.hidden()


def is_setting_hidden(name: str) -> bool:
    """The same for a setting of Build: its value then stays as it is."""
    return is_hidden(f"build.{_FOLLOWS.get(name, name)}")


def settings() -> bool:
    """Whether some control of Build is out of sight."""
    return any(name.startswith("build.") for name in state.hidden())


def keeps_training() -> bool:
    """Whether some setting of the training is: a preset then brings its layers alone."""
    return any(is_hidden(f"build.{part}") for part in PARTS["build"].keys() - _NETWORK)


def pages() -> set[str]:
    """The names of the pages that the navigation leaves out."""
    return {page for page in PARTS["page"] if is_hidden(f"page.{page}")}


def shown(page: str, words: list[str]) -> list[str]:
    """Of tabs, or other parts that PARTS lists for a page by these words, those in sight."""
    gone = {part for name, part in PARTS.get(page, {}).items() if is_hidden(f"{page}.{name}")}
    return [part for part in words if part not in gone]


def label(name: str) -> str:
    """What to call a name in a list: Page: Tune, Tune tab: k-fold, or Build: seed."""
    page = name.split(".")[0]
    if page == "page":
        return f"Page: {NAMES[name][2:]}"
    title = next(step.title[2:] for step in navigation.STEPS if step.name == page)
    return f"{title}{' tab' if page in _TABBED else ''}: {NAMES[name]}"


def sentences(names: tuple[str, ...]) -> list[str]:
    """What is hidden, page by page: Hidden on 2 Build: seed, epochs."""
    titles = {step.name: f"Hidden on {step.title}" for step in navigation.STEPS}
    groups = ((page, [n for n in names if n.startswith(f"{page}.")]) for page in PARTS)
    return [
        f"{titles.get(page, 'Hidden pages')}: {', '.join(NAMES[name] for name in group)}."
        for page, group in groups
        if group
    ]


def read_address() -> HiddenError | None:
    """Follow an address that was opened, and keep it; returns what it asks in vain, once."""
    asked = state.asked_to_hide()
    if asked is None:
        state.hide(state.hidden())  # sidebar links drop what the address had
        return None
    names = {name.strip() for name in asked.split(",")}
    state.hide(tuple(name for name in NAMES if name in names))
    unknown = sorted(names - NAMES.keys() - {""})
    if not unknown:
        return None
    count = f" and {len(unknown) - 1:,} more" if len(unknown) > 1 else ""
    return HiddenError(
        "a link hides what it names after hide=, such as hide=build.seed,page.tune; received "
        f"{plain_markdown(f'{unknown[0][:40]!r}')}{count}, which the app does not know and leaves "
        "out: make the link anew under *For teachers* on the page Learn"
    )


def sidebar() -> None:
    """One line wherever something is hidden, and the way back."""
    if state.hidden():
        with st.sidebar:
            st.caption(":material/visibility_off: Your teacher's link hides some controls.")
            show_everything("hidden_show")


def show_everything(key: str) -> None:
    """The button that ends it; what is hidden leaves the address too."""
    st.button(
        "Show everything", icon=":material/visibility:", key=key, on_click=state.hide, args=((),)
    )


def instead_of(page: str) -> bool:
    """For a hidden page that was opened all the same: say so in its place."""
    if not is_hidden(f"page.{page}"):
        return False
    st.title(PARTS["page"][page][2:])
    st.info(
        "Your teacher's link hides this page, so that you can keep to what the lesson is about. "
        "Go on with the pages in the sidebar, or show everything.",
        icon=":material/visibility_off:",
    )
    show_everything("hidden_page_show")
    return True
