"""Links and a database of an earlier version: tests/data/README.md says how they were made."""

import gzip
import json
from pathlib import Path
from urllib.parse import parse_qsl

from mnist_core.engine import examples
from mnist_core.network.notation import parse
from mnist_core.network.query import from_query
from mnist_core.network.spec import Spec
from mnist_core.network.summary import summarize
from mnist_core.storage.database import default_url
from tests.helpers import DATA, checked

LINKS = json.loads((DATA / "links-before-rooms.json").read_text(encoding="utf-8"))


def test_build_opens_the_spec_of_a_link(page):
    query = dict(parse_qsl(LINKS[1]["link"]))
    at = checked(page("build", **query))
    parameters = {metric.label: metric.value for metric in at.metric}["Trainable parameters"]
    assert parameters == f"{summarize(parse(query['network'])).trainable:,}"
    asked = {name: at.query_params[name] for name in query}
    asked = {name: value[0] if isinstance(value, list) else value for name, value in asked.items()}
    assert from_query(asked) == Spec.model_validate(LINKS[1]["spec"])


def test_results_opens_the_run_of_a_link(page):
    path = Path(default_url().removeprefix("sqlite:///"))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.decompress((DATA / "database-before-rooms.db.gz").read_bytes()))
    at = checked(page("results", run="1", results_tab="Overview"))
    assert any("11.17" in metric.value for metric in at.metric)


def test_tabs_that_have_another_name_now_are_found(page):
    examples.install()
    at = checked(page("results", results_tab="Take it away"))
    assert at.get("download_button")
    at = checked(page("look", look_tab="What fools it"))
    assert at.session_state["look_tab"] == "Adversarial examples"
    assert at.query_params["look_tab"] == "Adversarial examples"
