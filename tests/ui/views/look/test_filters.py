"""The tab Filters against NumPy, and the pictures that it shares; no training, no engine."""

from base64 import b64decode
from collections.abc import Callable
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from plotly.colors import sample_colorscale
from streamlit.testing.v1 import AppTest

from mnist_core.engine import examples
from mnist_core.engine.status import STARTING
from mnist_core.network.layers import Dense, Flatten
from mnist_core.network.spec import Network, Spec
from mnist_core.storage import artifacts
from mnist_core.storage.runs import Store
from tests.helpers import checked, words
from ui.charts import style, thumbnails
from ui.charts.tile_grid import TALLEST, TILE, columns_for, largest, tile_grid
from ui.session import cache


class Engine:
    """One that never gets ready: weights are read without it."""

    def status(self):
        return STARTING


@pytest.fixture
def opened(page: Callable[..., AppTest], monkeypatch) -> Callable[..., AppTest]:
    """opened(look_filters_view="..."): the tab with that chosen, on the first run there is."""
    monkeypatch.setattr(cache, "engine", lambda: Engine())
    examples.install()

    def open_tab(**kept) -> AppTest:
        at = page("look", look_tab="Filters")
        for key, value in kept.items():
            at.session_state[key] = value
        return checked(at.run())

    return open_tab


@pytest.fixture
def weights(opened) -> dict[str, np.ndarray]:
    """Those of the example note-5."""
    run = Store().examples()[0]
    return artifacts.load_weights(Store(run.workspace), run.id)


def test_filters_in_numbers_are_numpys(weights, opened):
    at = opened(look_filters_layer="conv2d_2")
    kernel = weights["conv2d_2/kernel"].astype(float)
    table = at.dataframe[0].value
    assert table["Mean"].to_numpy() == pytest.approx(kernel.mean(axis=(0, 1, 2)))
    assert table["Std"].to_numpy() == pytest.approx(kernel.std(axis=(0, 1, 2)))
    norms = [np.linalg.norm(kernel[..., number]) for number in range(16)]
    assert table["Norm"].to_numpy() == pytest.approx(norms)
    assert table["Bias"].to_numpy() == pytest.approx(weights["conv2d_2/bias"])
    assert f"mean {kernel.mean():z.4f}".replace("-", "−") in words(at)
    assert f"number {np.argmax(norms)}: the page opens on it" in words(at)
    assert at.number_input("look_filters_conv2d_2_filter").value == np.argmax(norms)


def test_filters_by_channel_and_by_filter(weights, opened):
    at = opened(look_filters_layer="conv2d_2")
    assert at.number_input("look_filters_conv2d_2_channel").max == 7
    at.number_input("look_filters_conv2d_2_filter").set_value(11)
    at.segmented_control("look_filters_view").set_value("By filter")
    checked(at.run())
    assert "**Filter 11, input channel" in words(at)
    bias = f"{weights['conv2d_2/bias'][11]:.4f}".replace("-", "−")
    assert f"Its bias is {bias}. The table below sums up" in words(at)
    assert "over all 8 input channels" in words(at)
    assert "Kernels of conv2d_2 by channel, each 3 × 3, 0 to 7 of 8" in str(
        [chart.proto for chart in at.get("plotly_chart")]
    )


def test_a_network_without_a_convolution_has_no_filters(opened):
    store = Store()
    run = store.create_run(Spec(network=Network(layers=(Flatten(), Dense(units=8)))))
    store.update(run.id, state="finished", test_accuracy=0.5)
    at = opened(look_filters_layer="conv2d_1")
    assert at.selectbox[0].value == run.id
    assert "no Conv2D layer" in words(at)
    assert "build" in {link.proto.page for link in at.get("page_link")}


def test_pictures_are_red_above_zero_and_blue_below():
    drawn = thumbnails._colored(np.array([[-1, 0, 1, np.nan]]), "light")[0].astype(int)
    assert drawn[0, 2] > drawn[0, 0]
    assert drawn[2, 0] > drawn[2, 2]
    assert drawn[:, 3].tolist() == [255, 255, 255, 0]
    assert thumbnails.picture(np.zeros((9, 9, 20)), "dark").startswith("data:image/png;base64,")


def test_a_vector_as_a_grid_keeps_its_order():
    grid = thumbnails.grid(np.arange(10))
    assert grid.shape == (3, 4)
    assert grid.ravel()[:10].tolist() == list(range(10))
    assert np.isnan(grid.ravel()[10:]).all()


def pixels(url: str) -> np.ndarray:
    """The picture in a data URL: RGBA, (h, w, 4)."""
    return np.asarray(Image.open(BytesIO(b64decode(url.split(",")[1]))).convert("RGBA"))


def colors(shares: np.ndarray) -> np.ndarray:
    """The diverging scale of the light theme as Plotly samples it. shares: in [-1, 1]."""
    scale = [list(stop) for stop in style.diverging("light")]
    sampled = sample_colorscale(scale, ((shares + 1) / 2).ravel().tolist(), colortype="tuple")
    return 255 * np.array(sampled).reshape(*shares.shape, 3)


def test_a_wall_places_each_tile_at_its_point():
    rng = np.random.default_rng(2)
    tiles = rng.normal(size=(11, 4, 5))
    for scale in ("shared", "local"):
        figure = tile_grid(tiles, [str(n) for n in range(11)], "light", scale, 4)
        picture, points = figure.data
        drawn, reach = pixels(picture.source), largest(tiles, scale)
        assert (drawn[..., 3] > 0).sum() == tiles.size  # nothing is drawn around them
        for tile, x, y, most in zip(tiles, points.x, points.y, reach, strict=True):
            top, left = round(y - 1.5), round(x - 2)
            shown = drawn[top : top + 4, left : left + 5, :3]
            np.testing.assert_allclose(shown, colors(tile / most), atol=2)


def test_a_wall_is_as_high_as_its_rows_on_a_phone_too():
    names = [str(number) for number in range(16)]
    for count, rows in ((4, 1), (8, 2), (16, 4)):
        for width in (340, 600):
            figure = tile_grid(
                np.zeros((count, 9, 9)), names[:count], "light", columns=4, width=width
            )
            tile = (min(width, 400)) / 4.05
            assert rows * tile < figure.layout.height < rows * 1.4 * tile + 70


@pytest.mark.parametrize("side", [3, 5, 26])
@pytest.mark.parametrize("count", [8, 16, 32, 64])
@pytest.mark.parametrize("width", [290, 340, 480, 800])
def test_no_name_lies_over_the_tiles_above_it(side, count, width):
    names = [str(number) for number in range(count)]
    columns = columns_for(count, width)
    figure = tile_grid(np.zeros((count, side, side)), names, "light", columns=columns, width=width)
    (left, right), (bottom, top) = figure.layout.xaxis.range, figure.layout.yaxis.range
    high = figure.layout.height - figure.layout.margin.t - figure.layout.margin.b
    first, below = (figure.layout.annotations[at].y for at in (0, min(columns, count - 1)))
    for real in np.linspace(0.65 * width, 2 * width, 20):  # pixels of the column on the page
        cell = min((real - 16) / (right - left), high / (bottom - top))
        assert (first - top) * cell >= 13  # as high as the font; the color bar is above
        if count > columns:
            assert (below - first - side) * cell >= 13


@pytest.mark.parametrize("width", [340, 480, 800])
def test_tiles_are_as_large_as_one_view_allows(width):
    for count in (1, 6, 8, 16, 32, 64):
        chosen = columns_for(count, width)
        sides = {columns: min(TILE, width // columns) for columns in range(4, 17)}
        high = {columns: 1.35 * side * -(-count // columns) for columns, side in sides.items()}
        assert high[chosen] <= TALLEST
        assert all(high[n] > TALLEST for n, side in sides.items() if side > sides[chosen])
