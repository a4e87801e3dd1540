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
