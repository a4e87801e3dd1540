"""The drawing of a network: a place to click for every layer."""

from itertools import pairwise

from mnist_core.network.notation import parse
from mnist_core.network.summary import summarize
from ui.charts.network import diagram


def test_a_click_says_which_layer_it_is():
    network = parse("C8bn M C16 F D64 Drop0.2")
    figure = diagram(summarize(network).rows)
    clicked = [layer for trace in figure.data for layer in trace.customdata]
    output = len(network.layers)
    assert clicked == [-1, 0, 0, 0, 1, 2, 3, 4, 5, output]  # three Keras layers for C8bn
    assert clicked.count(-1) == clicked.count(output) == 1


def test_every_layer_has_its_place_from_left_to_right():
    figure = diagram(summarize(parse("C8 M F D8")).rows)
    (trace,) = figure.data
    assert all(left < right for left, right in pairwise(trace.x))
    names = [
        note.text.split("<br>")[0] for note in figure.layout.annotations if "<br>" in note.text
    ]
    assert names == ["input", "conv 3×3", "max pool 2×2", "flatten", "dense", "dense"]


def test_a_residual_block_is_one_box_with_a_loop_over_it():
    figure = diagram(summarize(parse("C4 Res4 Res8s2 GAP")).rows)
    assert list(figure.data[0].customdata) == [-1, 0, 1, 2, 3, 4]
    loops = [shape for shape in figure.layout.shapes if " C" in shape.path]
    assert len(loops) == 2


def test_a_frozen_layer_has_a_lock_and_says_so():
    rows = summarize(parse("C8 M C8 F D8"), {"conv2d_2", "dense_1"}).rows
    plain, locked = diagram(summarize(parse("C8 M C8 F D8")).rows), diagram(rows)
    assert len(locked.layout.shapes) == len(plain.layout.shapes) + 2 * 2
    (trace,) = locked.data
    words = zip(trace.customdata, trace.text, strict=True)
    frozen = [layer for layer, text in words if "frozen" in text]
    assert frozen == [2, 4]
    bodies = [shape for shape in locked.layout.shapes if shape.fillcolor == "#ffffff"]
    lefts = sorted(float(shape.path[1:].split(",")[0]) for shape in bodies)
    for left, layer in zip(lefts, frozen, strict=True):
        at = trace.x[list(trace.customdata).index(layer)]
        assert abs(left - at) < 6


def test_a_residual_block_is_locked_only_if_all_its_weights_are_frozen():
    network = parse("C4 Res4 GAP")
    inside = [row.name for row in summarize(network).rows if row.layer == 1 and row.parameters]
    for names, locked in ((inside, True), (inside[:1], False)):
        figure = diagram(summarize(network, names).rows)
        assert ("frozen" in figure.data[0].text[2]) == locked
