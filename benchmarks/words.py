"""The number of words on each page and tab: `python -m benchmarks.words`, a minute.

It counts titles, texts, labels, helps, options and the contents of closed expanders, on a page with
only the example runs. It does not count the navigation, Streamlit's own menus, browser components
and charts.
"""

import logging
import os
import re
import tempfile

from streamlit.testing.v1 import AppTest

from mnist_core.engine import examples
from tests.helpers import MAIN_SCRIPT
from ui.session import navigation
from ui.views.learn.ideas.catalog import IDEAS
from ui.views.learn.teacher import TABS

WRITTEN = ("body", "label", "help", "options", "placeholder", "caption")
"""The fields of Streamlit's elements with words for people."""


def count(page: str, **query: str) -> int:
    """Return the words of a page with these query parameters."""
    at = AppTest.from_file(MAIN_SCRIPT, default_timeout=60)
    at.query_params.update(query)
    at.switch_page(f"../../pages/{page}.py").run()
    assert not at.exception, at.exception
    return sum(_words(node) for node in at.main.children.values())


def _words(node) -> int:
    """Return the words of an element or a block and of all that is in it."""
    found = 0
    for name in WRITTEN:
        value = getattr(getattr(node, "proto", None), name, "")
        texts = [value] if isinstance(value, str) else map(str, value)
        found += sum(len(re.findall(r"[A-Za-z]{2,}", text)) for text in texts)
    return found + sum(_words(child) for child in getattr(node, "children", {}).values())


def main() -> None:
    logging.disable(logging.WARNING)  # Streamlit warns about running without a browser
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MNIST_DATABASE_URL"] = f"sqlite:///{folder}/words.db"
        examples.install()
        total = 0
        for page in navigation.BY_NAME:
            places = [{}] if page not in TABS else [{f"{page}_tab": tab} for tab in TABS[page]]
            if page == "learn":
                places = [*({"idea": idea.name} for idea in IDEAS), *places[1:]]
            for query in places:
                words = count(page, **query)
                total += words
                print(f"{page:12} {' '.join(query.values()):26} {words:6,}")
        print(f"{'together':39} {total:6,}")


if __name__ == "__main__":
    main()
