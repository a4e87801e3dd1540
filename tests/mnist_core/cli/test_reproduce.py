"""`python -m mnist_core reproduce` as programs use it."""

import pytest

from mnist_core.cli import reproduce
from mnist_core.network.spec import Split
from tests.mnist_core.cli.command_line import run


@pytest.mark.slow
def test_reproduce_shows_every_note_beside_what_it_reports(capsys, monkeypatch):
    def shortened(spec):
        training = spec.training.model_copy(update={"epochs": 1})
        return spec.model_copy(
            update={"training": training, "split": Split(limit=5_000, count=500)}
        )

    monkeypatch.setattr(reproduce, "_shortened", shortened)
    results = run(capsys, "reproduce", "note-5", "note-4", "--quick")["results"]
    assert [result["name"] for result in results] == ["note-5", *(f"note-4/{n}" for n in range(5))]
    first = results[0]
    assert first["parameters"] == first["reported_parameters"] == 27_562
    assert first["epochs"] == 1
    assert first["test_accuracy"] > 0.5
