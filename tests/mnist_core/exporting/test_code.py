"""The code that the app shows trains as the app does."""

import numpy as np
import pytest
from hypothesis import given

from mnist_core.dataset import mnist
from mnist_core.exporting.code import keras_code
from mnist_core.network.presets import find
from mnist_core.network.settings import change_settings
from mnist_core.network.spec import Spec
from mnist_core.training.estimate import steps
from mnist_core.training.model import build
from tests.mnist_core.exporting.scripts import run, run_all
from tests.strategies import specs


@given(specs)
def test_the_script_of_any_spec_can_be_read_by_python(spec):
    compile(keras_code(spec), "script", "exec")


@pytest.mark.parametrize(
    "split",
    [
        {"split": "last", "count": 250},
        {"split": "fraction", "fraction": 0.3},
        {"split": "test"},
        {"split": "none"},
        {"split": "fold", "folds": 4, "fold": 3, "split_seed": 5},
        {"split": "fold", "folds": 4, "fold": 3, "split_seed": 5, "digits": "0,5-9"},
        {"split": "last", "count": 250, "digits": "0,5-9"},
        {"split": "test", "digits": "0,5-9"},
    ],
    ids=lambda split: f"{split['split']}, {split.get('digits', 'all')}",
)
@pytest.mark.parametrize("preset", ["note-5", "note-2"])
def test_the_whole_script_trains_on_the_images_of_the_split(preset, split, few_images):
    spec = change_settings(
        Spec(network=find("note-5").network, training=find(preset).training), split
    )
    spec = change_settings(spec, {"limit": 500, "epochs": 1, "batch_size": 50})
    names = run_all(spec)
    part, data = mnist.partition(spec.split), mnist.load()
    truth = mnist.one_hot(data.y_train) if preset == "note-2" else data.y_train
    np.testing.assert_allclose(names["x_train"][..., 0], data.x_train[part.train] / np.float32(255))
    np.testing.assert_array_equal(names["y_train"], truth[part.train])
    history = names["model"].history
    assert ("val_loss" in history.history) == (spec.split.kind != "none")
    assert history.params["epochs"] == 1
    assert names["model"].optimizer.iterations == steps(spec).total
    if spec.split.kind in ("last", "fraction", "fold"):
        np.testing.assert_array_equal(names["y_val"], truth[part.validation])
    if spec.split.kind == "test" and spec.split.digits:
        kept = names["y_test"][np.isin(names["y_test"], spec.split.digits)]
        truth = mnist.one_hot(kept) if preset == "note-2" else kept
        np.testing.assert_array_equal(names["y_val"], truth)


def test_mixed_precision_is_that_of_the_app(few_images):
    spec = change_settings(find("note-5"), {"precision": "mixed_bfloat16"})
    ours = build(spec.network, "mixed_bfloat16")
    theirs = run(keras_code(spec))
    policies = [layer.dtype_policy.name for layer in theirs.layers]
    assert policies == [layer.dtype_policy.name for layer in ours.layers]
    assert "mixed_precision" not in keras_code(find("note-5"))


def test_the_first_weights_are_those_of_the_app():
    spec = change_settings(find("note-5"), {"seed": 7})
    ours = build(spec.network, seed=7).get_weights()
    for first, second in zip(run(keras_code(spec)).get_weights(), ours, strict=True):
        np.testing.assert_array_equal(first, second)
