"""What runs are called: the same sign and number everywhere, and what they are."""

import pytest

from mnist_core.engine import examples
from mnist_core.network.naming import describe
from mnist_core.network.notation import parse
from mnist_core.network.presets import find
from mnist_core.network.settings import change_settings
from mnist_core.network.spec import Spec
from mnist_core.storage.runs import Store
from ui.charts import style
from ui.widgets.run_picker import run_label, run_name, run_number, run_tag, run_title

NOTE_5 = change_settings(find("note-5"), {"learning_rate": 0.01, "limit": 12_000})


@pytest.fixture
def store() -> Store:
    Store("somebody else").create_run(NOTE_5)  # so that ids and numbers differ
    return Store()


def test_a_run_is_called_by_its_number_its_name_and_its_network(store):
    run = store.create_run(NOTE_5, describe(NOTE_5))
    store.update(run.id, state="finished", test_accuracy=0.987)
    run = store.run(run.id)
    name = "note-5 · lr 0.01 · 12,000 images"
    assert run_label(run) == f"● Run 1 · 98.70\u00a0% · {name} · C8 M C16 M F D64 Drop0.2"
    assert run_name(run) == f"● Run 1 · {name}"
    assert run_tag(run) == "● Run 1 · 98.70\u00a0% · note-5"
    sign = f':color[●]{{foreground="{style.of_run(1)[0]}"}} **Run 1**'
    assert run_title(run) == f"{sign} · note-5 · lr 0.01 · 12,000 images · 98.70\u00a0%"
    assert "images · `C8 M C16 M F D64 Drop0.2` · 98" in run_title(run, network=True)


def test_a_network_that_the_name_says_already_is_not_said_twice(store):
    spec = Spec(network=parse("F D32"))
    assert run_label(store.create_run(spec, describe(spec))) == "● Run 1 · queued · F D32"
    assert run_label(store.create_run(spec)) == "■ Run 2 · queued · F D32"
    flat = store.create_run(Spec(network=parse("F")), "Fast")
    assert run_label(flat) == "◆ Run 3 · queued · Fast · F"
    long = store.create_run(Spec(network=parse("M C16 C16 M F D64 Drop0.2 D32")), "")
    assert run_tag(long) == "▲ Run 4 · queued · M C16 C16 M F D6 ..."
    wordy = store.create_run(NOTE_5, "ein_langes_wort_ohne_luecke")
    assert run_tag(wordy) == "✖ Run 5 · queued · ein_langes_wort_ ..."


@pytest.mark.parametrize(
    ("state", "accuracy", "facts"),
    [
        ("running", None, "running"),
        ("failed", None, "failed"),
        ("stopped", 0.5, "50.00\u00a0% · stopped"),
        ("finished", 0.5, "50.00\u00a0%"),
    ],
)
def test_the_state_is_said_where_it_matters(store, state, accuracy, facts):
    run = store.create_run(NOTE_5, "mine")
    store.update(run.id, state=state, test_accuracy=accuracy)
    assert run_title(store.run(run.id)).endswith(f" **Run 1** · mine · {facts}")
    assert run_label(store.run(run.id)).startswith(f"● Run 1 · {facts} · mine · ")


def test_a_name_is_no_markdown(store):
    run = store.create_run(NOTE_5, "**x** :smile:\n# y")
    assert r"\*\*x\*\*" in run_title(run)
    assert "**x**" in run_label(run)
    assert "\n" not in run_label(run) + run_title(run)


def test_examples_have_no_number_but_a_sign_of_their_own(store):
    examples.install()
    shown = {run.name: run_number(run) for run in store.examples()}
    assert shown == {"fast": "✚ Example", "note-5": "▼ Example"}


def test_the_home_page_lists_the_network_once(page):
    spec = Spec(network=parse("F D32"))
    Store().create_run(spec, "mine")
    row = page("home").dataframe[0].value.iloc[0]
    assert (row["Run"], row["Network"]) == ("● Run 1 · mine", "F D32")
    assert row["Test result"] == "queued"
    Store().update(1, state="stopped", test_accuracy=0.5)
    row = page("home").dataframe[0].value.iloc[0]
    assert row["Test result"].endswith("wrong of 10,000 · stopped")
