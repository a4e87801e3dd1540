"""What is told of a run: how it ended, and its name."""

import ast

import nbformat
import pytest

from mnist_core.exporting import facts, formats, notebook, script
from mnist_core.exporting.card import of_run as card_of
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec
from mnist_core.storage.runs import Store
from tests.mnist_core.exporting.repeated_runs import SPECS


@pytest.mark.parametrize(
    ("state", "reason", "told"),
    [
        ("finished", "early stopping", ""),
        (
            "finished",
            "the loss diverged",
            "Training ended after 1 of 2 epochs (the loss diverged).",
        ),
        ("stopped", "", "Training was stopped after 1 of 2 epochs."),
        ("failed", "a\n\x00long\u202e  way", "Training failed after 1 of 2 epochs (a long way)."),
        ("queued", "", "It is waiting for its turn after 1 of 2 epochs."),
    ],
)
def test_how_a_run_ended(url, state, reason, told):
    store = Store(url=url)
    run = store.create_run(SPECS["a fold"])
    store.update(run.id, state=state, reason=reason, epochs=1)
    run = store.run(run.id)
    assert " ".join(facts.deviations(run)) == told
    code = script.of_run(run)
    assert ("What it does not repeat" in code) is bool(told)
    assert ("at most 2 epochs from the start" in " ".join(code.split())) is bool(told)
    card = card_of(store, run.id)
    assert told in card
    assert ("1 of 2 epochs, ended by early stopping, in" in card) is not told


def test_names_from_outside_stay_on_their_line(url):
    store = Store(url=url)
    wild = 'x"\n\n# Fake\x00 <img src=a> [b](c) *d* \ud7ff\u2028e'
    run = store.create_run(Spec(network=parse("F D8leaky_relu")), wild)
    assert facts.title(run) == f'Run {run.id}, "x" # Fake <img src=a> [b](c) *d* e": F D8leaky_relu'
    ast.parse(script.of_run(run))
    shown = r"\# Fake \<img src=a\> \[b\](c) \*d\* e"
    head, *_ = nbformat.reads(notebook.of_run(run), as_version=4).cells
    for text in (head.source, card_of(store, run.id)):
        assert shown in text.partition("\n")[0]
        assert r"D8leaky\_relu" in text
    assert f'load_model("{formats.stem(run)}.keras")' in card_of(store, run.id)
    assert formats.stem(run) == "x-Fake-img-src-a-b-c-d-e"
