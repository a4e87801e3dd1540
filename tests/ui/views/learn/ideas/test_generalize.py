"""The ideas fitting and holdout: what they say is what the figures hold; no engine."""

import numpy as np
import pytest
from scipy import stats

from mnist_core.evaluation.diagnosis import diagnose
from mnist_core.teaching.concepts import curves
from tests.helpers import figure, numbers, words
from ui.views.learn.ideas import regularization


def test_a_guess_tells_the_run_and_the_stop_tells_what_was_seen_by_then(page):
    at = page("learn", idea="fitting")
    assert "What the app reads" not in words(at)
    at.pills(key="idea_fitting_guess_overfits").set_value(curves.OVERFITS).run()
    run = curves.recorded_runs()["overfits"]
    assert at.success[0].value.startswith("Yes: it overfits. ")
    assert "225,034 weights for 1,000 images" in at.success[0].value
    assert run.reading(40).seen in words(at)
    at.slider(key="idea_fitting_stop_overfits").set_value(3).run()
    assert diagnose(run.spec, run.epochs[:3]).seen in words(at)
    assert run.reading(40).seen not in words(at)


def test_a_wrong_guess_is_put_right(page):
    at = page("learn", idea="fitting")
    at.segmented_control(key="idea_fitting_run").set_value("C").run()
    at.pills(key="idea_fitting_guess_jumps").set_value(curves.UNDERFITS).run()
    assert not at.exception
    assert at.warning[0].value.startswith("Not quite. The learning rate is too high")
    assert "learning rate of 1.4" in at.warning[0].value


def test_a_degree_is_judged_by_the_points_held_out(page):
    at = page("learn", idea="fitting")
    at.segmented_control(key="idea_fitting_view").set_value("A curve to bend").run()
    at.slider(key="idea_fitting_degree").set_value(0).run()
    assert "it underfits" in words(at)
    at.slider(key="idea_fitting_points").set_value(16)
    at.slider(key="idea_fitting_degree").set_value(15).run()
    assert "15 + 1 = 16 weights for 16 points" in words(at)
    assert "it overfits" in words(at)
    at.slider(key="idea_fitting_noise").set_value(0.0).run()
    assert not at.exception


@pytest.mark.parametrize(("settings", "images", "true"), [(1, 100, 99.9), (1000, 2000, 95.0)])
def test_luck_in_numbers_is_scipys(page, settings, images, true):
    at = page("learn", idea="holdout")
    at.slider(key="idea_holdout_settings").set_value(settings)
    at.select_slider(key="idea_holdout_images").set_value(images)
    at.slider(key="idea_holdout_accuracy").set_value(true).run()
    below = stats.binom.cdf(np.arange(images), images, true / 100)
    mean = (1 - below**settings).sum() / images
    assert f"shows {100 * mean:.2f}\u00a0% on average" in words(at)
    sigma = stats.binom.std(images, true / 100) / images
    assert f"= {sigma:.5f}$" in words(at)
    assert ("nothing to choose" in words(at)) == (settings == 1)
    best = float(at.metric[0].value.split("\u00a0")[0])
    assert best >= true if settings == 1000 else best <= 100


def test_measuring_again_is_another_draw(page):
    at = page("learn", idea="holdout")
    first = [metric.value for metric in at.metric]
    at.button(key="idea_holdout_again").click().run()
    assert not at.exception
    assert [metric.value for metric in at.metric] != first
    assert at.metric[2].value == first[2] == "99.0\u00a0%"


def test_a_draft_that_validates_on_the_test_set_is_warned(page):
    at = page("learn", idea="holdout")
    at.segmented_control(key="idea_holdout_view").set_value("Who sees which images").run()
    assert "trains on 48,000, validates on 12,000 and keeps 10,000" in words(at)
    at = page("learn", idea="holdout", network="F", split="test")
    at.segmented_control(key="idea_holdout_view").set_value("Who sees which images").run()
    assert "validates on the test set itself" in at.warning[0].value


def test_a_classs_digits_are_none_of_the_70_000(page):
    """A draft that learns from handwriting alone is counted like one that learns from MNIST."""
    said, drawn = [], []
    for more in ({}, {"handwriting": f"7 digits by 2-4 up to 9 ({16 * 'c'})"}):
        at = page("learn", idea="holdout", network="F", limit="9000", count="2000", **more)
        at.segmented_control(key="idea_holdout_view").set_value("Who sees which images").run()
        said.append(next(each.value for each in at.markdown if "**Your draft**" in each.value))
        drawn.append([numbers(bar["x"])[0] for bar in figure(at)["data"]])
    assert (
        "trains on 7,000, validates on 2,000 and keeps 10,000 for the test. It leaves 51,000"
        in (said[0])
    )
    assert said[1] == said[0]
    assert drawn[1] == drawn[0]


def test_each_remedy_is_drawn_beside_the_run_without_it(page):
    at = page("learn", idea="regularization")
    without = curves.recorded_runs()["overfits"].epochs
    for remedy in regularization.REMEDIES:
        at.button_group("idea_regularization_remedy").set_value(remedy.title).run()
        assert not at.exception
        assert remedy.words in words(at)
        epochs = curves.recorded_runs()[remedy.recorded].epochs
        for drawn, metric in enumerate(("val_loss", "val_accuracy")):
            lines = [line["y"] for line in figure(at, drawn)["data"]]
            assert [numbers(line).tolist() for line in lines] == [
                pytest.approx([getattr(epoch, metric) for epoch in run])
                for run in (without, epochs)
            ]
    assert len(at.table[0].value) == 1 + len(regularization.REMEDIES)
