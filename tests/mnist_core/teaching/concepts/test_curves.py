"""The recorded runs against what they are to show."""

from mnist_core.teaching.concepts import curves


def test_the_runs_show_what_they_are_to_show():
    answers = {name: run.answer for name, run in curves.recorded_runs().items()}
    assert answers == {
        "overfits": curves.OVERFITS,
        "learns": curves.GOOD,
        "jumps": curves.TOO_HIGH,
        "tiny": curves.UNDERFITS,
        "helped": curves.GOOD,
    }


def test_every_epoch_is_recorded():
    for run in curves.recorded_runs().values():
        assert [epoch.epoch for epoch in run.epochs] == [*range(1, run.spec.training.epochs + 1)]


def test_overfitting_is_in_the_figures_and_the_remedies_help():
    runs = curves.recorded_runs()
    overfits, helped = runs["overfits"].epochs, runs["helped"].epochs
    assert runs["overfits"].spec.split.boundary == runs["helped"].spec.split.boundary == 1000
    losses = [epoch.val_loss or 0 for epoch in overfits]
    assert overfits[-1].loss < 0.001
    assert losses[-1] > 1.2 * min(losses)
    assert (helped[-1].val_loss or 9) < min(losses)
    assert (helped[-1].val_accuracy or 0) > (overfits[-1].val_accuracy or 0)
