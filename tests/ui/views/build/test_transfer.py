"""Transfer learning on Build: where a run starts, what is frozen, which digits it learns."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.evaluation.run import Run
from mnist_core.network.notation import parse
from mnist_core.network.presets import find
from mnist_core.network.settings import change_settings
from mnist_core.network.spec import Spec
from mnist_core.network.transfer import weight_shapes
from mnist_core.storage.artifacts import load_start
from mnist_core.storage.runs import Store
from mnist_core.utils.npz import fingerprint, pack
from tests.helpers import checked, words

NETWORK = "C4 M F D8"


@pytest.fixture
def source() -> Run:
    return trained(Spec(network=parse(NETWORK)))


def trained(spec: Spec, seed: int = 0) -> Run:
    """A run with weights, made up."""
    run = Store().create_run(spec, "first", queued=False)
    draws = np.random.default_rng(seed)
    shapes = weight_shapes(run.spec.network).items()
    weights = {name: draws.normal(size=shape).astype(np.float32) for name, shape in shapes}
    Store().save_weights(run.id, b"", pack(weights), fingerprint(weights), 1.0)
    return Store().run(run.id)


def panel(at: AppTest) -> bool:
    return any("Transfer learning" in e.label and e.proto.expanded for e in at.expander)


def named(widgets, label: str):
    return next(w for w in widgets if w.label == label)


def metrics(at: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in at.metric}


def link(source: Run, **more: str) -> dict[str, str]:
    return {"network": NETWORK, "source": source.weights_hash or ""} | more


def test_a_link_brings_weights_frozen_layers_and_digits(page, source):
    at = checked(page("build", **link(source, freeze="conv2d_1", digits="5-9")))
    assert (metrics(at)["Trainable parameters"], metrics(at)["Non-trainable"]) == ("5,506", "40")
    assert named(at.multiselect, "Frozen layers").value == ["conv2d_1"]
    assert named(at.button_group, "Digits to learn").value == [5, 6, 7, 8, 9]
    assert ": conv2d_1, dense_1, output. Frozen: conv2d_1." in words(at)
    named(at.button, "Train this network").click().run()
    made = Store().runs()[0]
    assert made.name == f"{NETWORK} · from 1 · 1 frozen · digits 5\u20139"
    start = load_start(Store(), made)
    assert start is not None
    assert fingerprint(start) == source.weights_hash


def test_the_choices_of_the_panel_reach_the_run(page, source):
    at = checked(page("build", network=NETWORK, digits="0-4"))
    named(at.selectbox, "Start from").set_value(source.weights_hash).run()
    named(at.multiselect, "Frozen layers").set_value(["conv2d_1", "dense_1"]).run()
    named(at.button_group, "Digits to learn").set_value([2, 7]).run()
    checked(at)
    assert at.query_params["freeze"] in ("conv2d_1,dense_1", ["conv2d_1,dense_1"])
    assert at.query_params["digits"] in ("2,7", ["2,7"])
    assert metrics(at)["Trainable parameters"] == "90"
    named(at.multiselect, "Frozen layers").set_value(["conv2d_1", "dense_1", "output"]).run()
    assert "At least one layer must stay trainable" in at.error[0].value
    assert named(at.button, "Train this network").disabled


def test_one_digit_alone_is_refused_in_words(page):
    at = checked(page("build", network=NETWORK, digits="0,1"))
    named(at.button_group, "Digits to learn").set_value([1]).run()
    assert "Digits must name at least two" in at.error[0].value
    assert named(at.button, "Train this network").disabled


def test_a_layer_that_goes_is_not_frozen_any_more(page, source):
    at = checked(page("build", **link(source, freeze="conv2d_1,dense_1")))
    at.text_input(key="build_notation").set_value("C4 M F").run()
    checked(at)
    assert named(at.multiselect, "Frozen layers").value == ["conv2d_1"]
    assert "Random weights: output" in words(at)


def test_a_link_without_its_weights_trains_nothing_until_told_what(page, source):
    at = page("build", **link(source) | {"source": 16 * "0"})
    assert f"starting weights ({16 * '0'}) are not in this workspace" in at.error[0].value
    assert named(at.button, "Train this network").disabled
    named(at.button, "Start from random weights").click().run()
    checked(at)
    assert not named(at.button, "Train this network").disabled
    assert "source" not in at.query_params


def test_frozen_layers_survive_while_the_network_is_broken(page, source):
    at = page("build", **link(source, freeze="conv2d_1") | {"network": f"{NETWORK} M"})
    assert at.error  # pooling needs a map
    assert at.query_params["freeze"] == "conv2d_1"
    last = max(at.button, key=lambda button: "Remove" in button.label)
    at = checked(last.click().run())
    assert at.query_params["network"] == NETWORK
    assert named(at.multiselect, "Frozen layers").value == ["conv2d_1"]


def test_a_network_with_nothing_in_common_says_so(page, source):
    at = page("build", **link(source) | {"network": "F D3"})
    assert "o layer matches the source" in at.error[0].value
    assert named(at.button, "Train this network").disabled


def test_the_panel_is_closed_at_first_and_may_be_hidden(page, source):
    assert not panel(page("build", network=NETWORK))
    assert panel(page("build", **link(source)))
    at = page("build", **link(source, digits="5-9", freeze="conv2d_1", hide="build.transfer"))
    assert not any("Transfer learning" in box.label for box in at.expander)
    named(at.button, "Train this network").click().run()
    spec = change_settings(source.spec, {"source": source.weights_hash, "freeze": "conv2d_1"})
    assert Store().runs()[0].spec == change_settings(spec, {"digits": "5-9"})


def preset(at: AppTest, name: str) -> AppTest:
    at.selectbox(key="build_preset").set_value(name).run()
    return at


def test_a_preset_takes_the_newest_run_of_the_one_before(page, source):
    network = find("digits-0-4").network
    made = [trained(Spec(network=network, split=find("digits-0-4").split), seed) for seed in (1, 2)]
    at = checked(preset(page("build"), "digits-5-9"))
    assert named(at.selectbox, "Start from").value == made[1].weights_hash
    assert named(at.multiselect, "Frozen layers").value == ["conv2d_1", "conv2d_2"]
    assert at.selectbox(key="build_preset").value == "digits-5-9"
    named(at.button, "Train this network").click().run()
    assert Store().runs()[0].name == f"digits-5-9 · from {made[1].number} · 2 frozen"


def test_a_preset_without_the_one_before_offers_to_train_it(page):
    at = preset(page("build"), "100-images")
    assert "This preset starts from a trained digits-0-4" in at.error[0].value
    assert named(at.button, "Train this network").disabled
    named(at.button, "Train digits-0-4 first").click().run()
    assert Store().runs()[0].spec == find("digits-0-4")
    assert at.title[0].value == "Train"


def test_a_preset_may_begin_at_random_if_one_says_so(page):
    at = preset(page("build"), "digits-5-9")
    named(at.button, "Start from random weights").click().run()
    checked(at)
    named(at.button, "Train this network").click().run()
    assert Store().runs()[0].spec == find("digits-5-9")
