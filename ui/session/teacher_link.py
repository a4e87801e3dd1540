"""What a teacher's link hides, so that a class sees only what a lesson needs: hide=page.tune.

It helps focus and locks nothing: one button shows everything again.
"""

from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import plain_markdown
from ui.session import address, navigation, state

PARTS = {
    "page": {
        step.name: step.title for step in navigation.STEPS if step.name not in ("home", "learn")
    },
    "build": {
        "presets": "Presets",
        "notation": "Short notation",
        "layers": "Changing the layers",
        "training": "Training settings",
        "augmentation": "Augmentation",
        "transfer": "Transfer learning",
        "split": "Validation images",
        "code": "Keras code",
        "link": "Copy link",
    },
    "train": {"bring": "Import a trained model"},
    "results": {"confusion": "Confusion", "mistakes": "Mistakes", "files": "Export"},
    "look": {
        "maps": "Feature maps",
        "filters": "Filters",
        "patches": "Top patches",
        "embedding": "Embedding",
        "replay": "Replay",
        "weights": "Weights",
        "saliency": "Saliency",
        "fool": "Adversarial examples",
        "robustness": "Robustness",
        "suspects": "Suspect labels",
    },
    "tune": {
        "search": "Search",
        "rate": "Learning rate",
        "repeat": "Repeat",
        "folds": "k-fold",
        "depth": "Hidden layers",
    },
}
"""The panels and tabs that can be hidden, by page: their names in the address and on pages.

Home and Learn stay visible, since they lead to everything else.
"""

NAMES = {f"{page}.{part}": words for page, parts in PARTS.items() for part, words in parts.items()}

_TABBED = {"results", "look", "tune"}
"""Pages whose tabs can be hidden."""


RETIRED = {
    *("build.batch_size", "build.early_stopping", "build.epochs", "build.learning_rate"),
    *("build.loss", "build.momentum", "build.optimizer", "build.precision", "build.schedule"),
    *("build.seed", "compare.delete", "draw.upload", "train.rate"),
}
"""Single controls that earlier links may name; they stay visible."""


class HiddenError(MnistError):
    """Raised where an address hides something that does not exist."""


def hidden() -> tuple[str, ...]:
    """Return the names of what is hidden in this session."""
    return state.get(address.HIDE, ())


def hide(names: tuple[str, ...]) -> None:
    """Hide these and nothing else; write them to the address, so that a refresh hides them too."""
    state.put(address.HIDE, names)
    address.put(address.HIDE, ",".join(names) or None)


def is_hidden(name: str) -> bool:
    """Whether the panel, tab or page of this name, such as build.layers, is hidden."""
    return name in hidden()


def hidden_pages() -> set[str]:
    """Return the names of the pages that the navigation leaves out."""
    return {page for page in PARTS["page"] if is_hidden(f"page.{page}")}


def shown(page: str, words: list[str]) -> list[str]:
    """Return the tabs or other parts of a page that are not hidden. words: as in PARTS."""
    gone = {part for name, part in PARTS.get(page, {}).items() if is_hidden(f"{page}.{name}")}
    return [part for part in words if part not in gone]


def label(name: str) -> str:
    """Return a name in words for people: Page: Tune, Tune tab: k-fold, or Build: Presets."""
    page = name.split(".")[0]
    if page == "page":
        return f"Page: {navigation.BY_NAME[name.removeprefix('page.')].words}"
    title = navigation.BY_NAME[page].words
    return f"{title}{' tab' if page in _TABBED else ''}: {NAMES[name]}"


def sentences(names: tuple[str, ...]) -> list[str]:
    """Return what is hidden, one sentence per page: Hidden on 2 Build: Presets, Copy link."""
    titles = {step.name: f"Hidden on {step.title}" for step in navigation.STEPS}
    groups = ((page, [n for n in names if n.startswith(f"{page}.")]) for page in PARTS)
    return [
        f"{titles.get(page, 'Hidden pages')}: {', '.join(NAMES[name] for name in group)}."
        for page, group in groups
        if group
    ]


def read_address() -> HiddenError | None:
    """Hide what the address names from now on; return an error for unknown names, once.

    Sidebar links drop the names from the address, so they are written again.
    """
    asked = address.get(address.HIDE)
    if asked is None:
        hide(hidden())
        return None
    names = {name.strip() for name in asked.split(",")}
    hide(tuple(name for name in NAMES if name in names))
    unknown = sorted(names - NAMES.keys() - RETIRED - {""})
    if not unknown:
        return None
    count = f" and {len(unknown) - 1:,} more" if len(unknown) > 1 else ""
    return HiddenError(
        "in a link, hide= must name parts of the app, such as hide=build.layers,page.tune; "
        f"received {plain_markdown(f'{unknown[0][:40]!r}')}{count}, which the app does not know "
        "and ignores: make a new link under *For teachers* on the Learn page"
    )
