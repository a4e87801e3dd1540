"""The idea One training step: its formulas by arithmetic, its figure, and the page."""

import ast
import math
import operator
import re
from collections.abc import Callable

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.engine import examples
from mnist_core.engine.engine import EngineError
from mnist_core.engine.status import READY, STARTING
from mnist_core.insight.observation import MOST_STEPS, Layer, Observation, Variable
from mnist_core.network.optimizers import OPTIMIZERS
from mnist_core.network.spec import Spec, Split, Training
from mnist_core.teaching.concepts.update import RULES, decay, rule, update
from tests.helpers import checked, click, messages, words
from ui.charts.ideas import training_step as charts
from ui.session import cache
from ui.views.learn.ideas.tex import tex
from ui.views.learn.ideas.update_tex import LINES, SYMBOLS, by_hand, decimals, settings
from ui.widgets import playback

TRAININGS = [
    *(Training.model_validate({"optimizer": name, "learning_rate": 0.02}) for name in OPTIMIZERS),
    Training(optimizer="sgd", momentum=0.8),
    Training(optimizer="sgd", momentum=0.8, nesterov=True),
    Training(optimizer="adam", beta_1=0.6, beta_2=0.7),
]


BINARY: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
FUNCTIONS = {"sqrt": math.sqrt, "copysign": math.copysign, "max": max, "abs": abs}


def worked_out(node: ast.expr) -> float:
    """The value of an expression of numbers, the operators above and the functions above."""
    match node:
        case ast.Constant(float() | int() as number):
            return number
        case ast.UnaryOp(ast.USub(), operand):
            return -worked_out(operand)
        case ast.BinOp(left, sign, right):
            return BINARY[type(sign)](worked_out(left), worked_out(right))
        case ast.Call(ast.Name(name), arguments):
            return FUNCTIONS[name](*map(worked_out, arguments))
    raise AssertionError(ast.dump(node))


def value(latex: str) -> float:
    """Work out an expression in LaTeX; between a ) and a ( stands the bar of a fraction."""
    words = re.sub(r"\\mathbf|\\operatorname", "", latex).replace(r"\,", " ")
    words = re.sub(r"\|([^|]*)\|", r"abs(\1)", words).replace("{sign}(", "copysign(1, ")
    for latin, python in ((r"\frac", ""), (r"\sqrt", "sqrt"), (r"\max", "max"), (r"\cdot", "*")):
        words = words.replace(latin, python)
    words = words.replace("^", "**").replace("{", "(").replace("}", ")").replace(")(", ")/(")
    return worked_out(ast.parse(words, mode="eval").body)


@pytest.mark.parametrize("training", TRAININGS, ids=rule)
@pytest.mark.parametrize("gradients", [[0.25], [0.25, -0.5, 0.75], [2e-8], [3e-6, -2e-8]])
def test_the_numbers_of_every_line_give_its_result(training, gradients):
    numbers, weight = update(training, gradients), 0.125
    latex = by_hand(training, numbers, weight, narrow=True)
    text = latex.removeprefix(r"\begin{aligned} ").removesuffix(r" \end{aligned}")
    _, *rest = text.split(r" \\ ")
    for formula, values, result in zip(rest[::3], rest[1::3], rest[2::3], strict=True):
        result_of, said = (value(part.removeprefix("&= ")) for part in (values, result))
        assert result_of == pytest.approx(said, rel=2e-3), formula
    shown = value(rest[-1].removeprefix("&= "))
    after = weight - decay(training) * weight - numbers["step"]
    assert shown == pytest.approx(after, abs=1e-6)
    change = shown - value(tex(weight, decimals(training, numbers, weight)))
    assert change == pytest.approx(after - weight, rel=0.06, abs=1e-12)  # two digits of it show
    wide = by_hand(training, numbers, weight, narrow=False)
    assert value(wide.rpartition(" = ")[2].removesuffix(r" \end{aligned}")) == shown


def observed(steps: int) -> Observation:
    """Two layers, with the largest gradient of the output, -0.5, at row 2, column 1."""
    gradient = np.array([[0.1, 0.0], [0.2, 0.1], [0.0, -0.5]], np.float32)
    weights = np.stack([gradient * -10 * 0.9**step for step in range(steps + 1)])
    kernel = Variable("output/kernel", (2, 3), weights, np.stack([gradient] * steps))
    bias = Variable("output/bias", (3,), np.zeros((steps + 1, 3, 1)), np.full((steps, 3, 1), 0.25))
    first = Variable("dense_1/kernel", (4, 2), np.ones((steps + 1, 2, 4)), np.ones((steps, 2, 4)))
    return Observation(
        2.0 * 0.5 ** np.arange(steps + 1),
        np.full((steps + 1, 8, 10), 0.1),
        (
            Layer("dense_1", (first,), np.ones(steps + 1), np.ones(steps)),
            Layer(
                "output",
                (kernel, bias),
                2.5 * 0.5 ** np.arange(steps, -1.0, -1) * 2,
                np.arange(steps) + 0.125,
            ),
        ),
    )


def test_the_figure_has_a_scale_for_each_picture_and_frames_the_weight():
    layers = observed(2).layers
    figure = charts.layers(layers, ("output/kernel", 2, 1), "light")
    tops = [trace.zmax for trace in figure.data]
    assert tops == pytest.approx([1, 1, 4.5, 4.5, 0.5, 0.5])  # before the last step
    kernel = figure.data[4]
    assert np.asarray(kernel.z)[2, 1] == np.float32(-0.5)
    frame = figure.layout.shapes[1]
    x, y = kernel.x0 + kernel.dx, kernel.y0 + 2 * kernel.dy
    assert frame.x0 < x < frame.x1
    assert frame.y0 < y < frame.y1
    assert frame.x1 - frame.x0 == pytest.approx(kernel.dx)
    assert len(figure.layout.shapes) == 2
    notes = [note.text for note in figure.layout.annotations]
    assert {"<b>output</b>", "2.5", "1.1"} <= set(notes)
    edges = [(trace.x0 - trace.dx / 2, trace.dx * np.shape(trace.z)[1]) for trace in figure.data]
    (start, wide), (next_start, narrow) = edges[2:4]
    assert (start, start + wide) == pytest.approx((0, next_start))
    assert next_start + narrow == pytest.approx(1)


class Engine:
    """One that is ready when told so, and has seen what is made up here."""

    now = STARTING
    asked: tuple = ()
    away = False
    diverges_at = 99

    def status(self):
        return self.now

    def observe_training(self, workspace, run, fresh, images, labels, steps):
        self.asked = (run.name, fresh, labels.tolist(), steps)
        assert images.shape == (len(labels), 28, 28)
        if self.away:
            raise EngineError("no worker answers")
        seen = observed(steps)
        seen.losses[self.diverges_at :] = np.nan
        return seen


@pytest.fixture
def idle(monkeypatch) -> Engine:
    made = Engine()
    monkeypatch.setattr(cache, "engine", lambda: made)
    examples.install()
    return made


def test_it_waits_for_the_engine_and_then_steps(page: Callable[..., AppTest], idle):
    at = checked(page("learn", idea="training-step"))
    assert "The training step will appear here." in words(at)
    idle.now = READY
    checked(at.run())
    assert idle.asked == ("note-5", True, [5, 0, 4, 1], 1)
    assert "**Step 1:** the loss of this batch goes from $2$ to $1$." in words(at)
    assert "output/kernel[1, 2]" in words(at)
    assert r"g_{1} &= \frac{\partial L}{\partial w} = -0.5" in words(at)
    at = click(at, "Next step")
    assert idle.asked[-1] == MOST_STEPS
    assert "goes from $1$ to $0.5$" in words(at)
    assert r"m_{2} &= \beta_1 m_{1}" in words(at)
    assert f"Keras's own optimizer gives ${5 * 0.81:g}$" in words(at)
    at.number_input("idea_training_step_count_8").set_value(2)
    checked(at.run())
    assert idle.asked[2:] == ([5, 0], 1)
    at.segmented_control("idea_training_step_weights").set_value("As trained")
    at.selectbox("idea_training_step_variable").set_value("output/bias")
    checked(at.run())
    assert idle.asked[1] is False
    assert "output/bias[0]" in words(at)
    at.number_input("idea_training_step_count_8").set_value(4)
    at.segmented_control("idea_training_step_weights").set_value("Before training")
    checked(at.run())
    click(at, "Reset")
    assert idle.asked[-1] == 1


def test_an_error_takes_the_step_back_and_leaves_the_buttons(page: Callable[..., AppTest], idle):
    idle.now = READY
    at = checked(page("learn", idea="training-step"))
    idle.away = True
    at = click(at, "Next step")
    assert "No worker answers." in messages(at)
    assert at.button("idea_training_step_restart").disabled  # it is step 1 again
    idle.away = False
    at = checked(at.run())
    assert "**Step 1:**" in words(at)
    assert "**Step 2:**" in words(checked(click(at, "Next step")))


def test_a_step_that_diverges_says_so_and_is_the_last(page: Callable[..., AppTest], idle):
    idle.now, idle.diverges_at = READY, 3
    at = checked(page("learn", idea="training-step"))
    at = click(at, "Next step")
    assert not at.button("idea_training_step_more").disabled
    at = checked(click(at, "Next step"))
    assert "Step 3 diverged" in messages(at)
    assert "The learning rate 0.001 is too large" in messages(at)
    assert at.button("idea_training_step_more").disabled
    at = checked(click(at, "Reset"))
    assert "**Step 1:**" in words(at)


def test_it_plays_until_the_last_step_or_one_that_diverges(
    page: Callable[..., AppTest], idle, monkeypatch
):
    monkeypatch.setattr(playback, "STEP_S", 0)  # each run of the page is a step
    idle.now = READY
    at = checked(page("learn", idea="training-step"))
    play = "idea_training_step_playback_play"
    for last, said in ((MOST_STEPS, f"**Step {MOST_STEPS}:**"), (3, "Step 3 diverged")):
        idle.diverges_at = last + (said[0] == "*")
        at = checked(at.button(play).click().run())
        for _ in range(MOST_STEPS):
            if at.button(play).label == "Play":
                break
            at = checked(at.run())
        assert said in words(at) + messages(at)
        assert at.button("idea_training_step_more").disabled
        at = checked(at.number_input("idea_training_step_count_8").set_value(2).run())


def test_every_batch_has_its_own_cell(page: Callable[..., AppTest], idle):
    idle.now = READY
    at = checked(page("learn", idea="training-step"))
    row = next(each for each in at.number_input if each.label.startswith("Row"))
    row.set_value(0)
    assert "output/kernel[1, 0]" in words(checked(at.run()))
    at.number_input("idea_training_step_count_8").set_value(2)
    assert "output/kernel[1, 2]" in words(checked(at.run()))


def test_an_imported_run_is_left_out_and_a_small_split_limits_the_batch(
    page: Callable[..., AppTest], idle
):
    store, example = cache.store(), cache.store().examples()[0]
    spec = Spec(network=example.spec.network, split=Split(count=59_997))
    own, theirs = (store.create_run(spec, name) for name in "ab")
    for run in (own, theirs):
        store.update(run.id, test_accuracy=0.9, state="finished")
    store.update(theirs.id, origin="theirs.h5")
    idle.now = READY
    at = checked(page("learn", idea="training-step"))
    offered = at.selectbox("idea_training_step_run").options
    assert len(offered) == len(store.examples()) + 1
    at.selectbox("idea_training_step_run").set_value(own.id)
    checked(at.run())
    assert at.number_input("idea_training_step_count_3").max == 3
    assert len(idle.asked[2]) == 3


def test_without_a_trained_run_it_is_no_error(page: Callable[..., AppTest], monkeypatch):
    made = Engine()
    made.now = READY
    monkeypatch.setattr(cache, "engine", lambda: made)
    at = checked(page("learn", idea="training-step"))
    assert made.asked == ()
    assert "No network is trained yet" in messages(at)


def test_the_rules_are_those_that_have_lines_and_symbols():
    assert LINES.keys() == RULES.keys() == SYMBOLS.keys()


@pytest.mark.parametrize(
    ("training", "said"),
    [
        (Training(), r"Adam, learning rate 0.001, $\beta_1 = 0.9$, $\beta_2 = 0.999$"),
        (Training(optimizer="rmsprop", learning_rate=0.02), "RMSprop, learning rate 0.02"),
        (
            Training(optimizer="sgd", learning_rate=0.1, momentum=0.9, nesterov=True),
            "SGD, learning rate 0.1, Nesterov momentum 0.9",
        ),
        (Training(optimizer="sgd", learning_rate=0.1), "SGD, learning rate 0.1"),
    ],
)
def test_the_optimizer_is_named_with_its_settings(training, said):
    assert settings(training) == said
    assert settings(Training(optimizer="adamw")).endswith("weight decay 0.004")


@pytest.mark.parametrize("name", ["note-5", "fast"])
def test_the_arithmetic_by_hand_is_kerass_own_step(page: Callable[..., AppTest], engine, name):
    at = checked(page("learn", idea="training-step"))
    run = next(run for run in cache.store().examples() if run.name == name)
    at.selectbox("idea_training_step_run").set_value(run.id)
    at.segmented_control("idea_training_step_weights").set_value("As trained")
    checked(at.run())
    for _ in range(2):
        at = checked(click(at, "Next step"))
    assert "**Step 3:**" in words(at)
    (own,) = re.findall(r"\\mathbf\{(.*?)\}", words(at))
    (theirs,) = re.findall(r"own optimizer gives \$(.*?)\$", words(at))
    assert float(own) == pytest.approx(float(theirs), abs=2e-6)
