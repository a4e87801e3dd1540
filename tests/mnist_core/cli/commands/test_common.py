"""The result of a run that the test images do not judge."""

import pytest

from mnist_core.cli.main import main
from mnist_core.storage.runs import Store
from tests.mnist_core.cli.command_line import SMALL, run


@pytest.mark.parametrize("what", ["a trial of a study", "a learning-rate range test"])
def test_a_run_that_the_test_images_do_not_judge_gets_no_report(capsys, what):
    schedule = ["--schedule", "range_test"] if "range" in what else []
    trained = run(capsys, "train", "C4 M F", *SMALL, "--name", "mine", *schedule)
    store, number = Store(), trained["id"]
    if "trial" in what:
        store.update(number, trial=0, test_accuracy=None)
        store.put(number, "predictions", b"not to be read")
    found = run(capsys, "evaluate", str(number))
    assert (found["state"], found["test_accuracy"]) == ("finished", None)
    assert "confusion" not in found
    assert main(["evaluate", str(number)]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert f"is {what}, so it never sees the test images" in shown
    assert "Test accuracy" not in shown
    assert store.run(number).test_accuracy is None
    assert main(["resume", str(number), "--epochs", "1"]) == 2
    assert store.run(number).planned == 2
