"""The recorded runs against what they are to show."""

from mnist_core.network.query import to_query
from mnist_core.teaching.concepts import curves


def test_the_runs_show_what_they_are_to_show():
    expected = {
        "overfits": curves.OVERFITS,
        "learns": curves.GOOD,
        "jumps": curves.TOO_HIGH,
        "tiny": curves.UNDERFITS,
        "helped": curves.GOOD,
    }
    runs = curves.recorded_runs()
    assert {name: runs[name].answer for name in expected} == expected


def test_every_epoch_is_recorded():
    for name, run in curves.recorded_runs().items():
        numbers = [epoch.epoch for epoch in run.epochs]
        assert numbers == [*range(1, len(numbers) + 1)]
        assert (len(numbers) < run.spec.training.epochs) == (name == "early_stopping")


def test_overfitting_is_in_the_figures_and_the_remedies_help():
    runs = curves.recorded_runs()
    overfits, helped = runs["overfits"].epochs, runs["helped"].epochs
    assert runs["overfits"].spec.split.boundary == runs["helped"].spec.split.boundary == 1000
    losses = [epoch.val_loss or 0 for epoch in overfits]
    assert overfits[-1].loss < 0.001
    assert losses[-1] > 1.2 * min(losses)
    assert (helped[-1].val_loss or 9) < min(losses)
    assert (helped[-1].val_accuracy or 0) > (overfits[-1].val_accuracy or 0)


REMEDIES = {
    "images": {"limit"},
    "augmentation": {"shift", "rotation"},
    "dropout": {"network"},
    "l2": {"network"},
    "weight_decay": {"optimizer", "weight_decay"},
    "smaller": {"network"},
    "early_stopping": {"early_stopping"},
    "schedule": {"schedule"},
    "batch": {"batch_size"},
}


def test_each_remedy_is_one_change():
    runs = {name: to_query(run.spec) for name, run in curves.recorded_runs().items()}
    without = runs["overfits"]
    for name, changed in REMEDIES.items():
        names = without.keys() | runs[name].keys()
        assert {one for one in names if without.get(one) != runs[name].get(one)} == changed


def test_the_remedies_do_what_the_page_says():
    runs = curves.recorded_runs()
    least = {name: min(epoch.val_loss or 9 for epoch in run.epochs) for name, run in runs.items()}
    last = {name: run.epochs[-1].val_accuracy or 0 for name, run in runs.items()}
    tried = [least[name] for name in REMEDIES]
    assert least["images"] == min(tried)
    assert least["smaller"] > least["overfits"]
    assert last["smaller"] < last["overfits"]
    smaller = [epoch.val_loss or 0 for epoch in runs["smaller"].epochs]
    assert smaller[-1] > 1.1 * min(smaller)
    stopped = runs["early_stopping"].epochs
    assert last["early_stopping"] < last["overfits"]
    assert min(stopped, key=lambda epoch: epoch.val_loss or 9).epoch == len(stopped) - 3
