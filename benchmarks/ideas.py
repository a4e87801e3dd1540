"""Server time per rerun of the page Learn: `python -m benchmarks.ideas`, half a minute.

Each idea, lesson tab and leaderboard is rerun whole, with sidebar and navigation. In the app only
the fragment of an idea reruns, so these are upper bounds. The browser's drawing is not included.
"""

import logging
import os
import statistics
import tempfile
import time

from streamlit.testing.v1 import AppTest

from mnist_core.engine import examples
from mnist_core.teaching.challenges import CHALLENGES
from tests.helpers import MAIN_SCRIPT
from ui.views.learn.ideas.catalog import IDEAS

ROUNDS = 15


def move(**query: str) -> tuple[float, float]:
    """Return median and maximum milliseconds of a rerun with these query parameters."""
    at = AppTest.from_file(MAIN_SCRIPT, default_timeout=60)
    at.query_params.update(query)
    at.switch_page("../../pages/learn.py").run()
    assert not at.exception, at.exception
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        at.run()
        taken.append(1000 * (time.perf_counter() - start))
    return statistics.median(taken), max(taken)


def main() -> None:
    logging.disable(logging.WARNING)  # Streamlit warns about running without a browser
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MNIST_DATABASE_URL"] = f"sqlite:///{folder}/ideas.db"
        examples.install()
        asked = [{"idea": idea.name} for idea in IDEAS]
        asked += [{"learn_tab": "Challenges", "challenge": name} for name in CHALLENGES]
        asked += [{"learn_tab": "Lessons"}, {"learn_tab": "For teachers"}]
        asked += [{"lesson": "first-network", "idea": IDEAS[0].name}]
        for query in asked:
            median, most = move(**query)
            print(f"{' '.join(query.values()):32} {median:6.1f} ms, at most {most:6.1f} ms")


if __name__ == "__main__":
    main()
