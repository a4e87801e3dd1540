"""The command predict, with an example that is named and pictures of several kinds."""

import json

import numpy as np
import pytest
from PIL import Image

from mnist_core.cli.main import main
from mnist_core.dataset import mnist
from mnist_core.storage.runs import Store
from tests.mnist_core.cli.command_line import run
from tests.mnist_core.dataset import pictures


@pytest.fixture
def folder(tmp_path):
    images = mnist.load().x_test
    two = pictures.two(images[:2], np.random.default_rng(0))
    Image.fromarray(two).save(tmp_path / "two.png")
    Image.fromarray(255 - pictures.filling(images[3], 0)).save(tmp_path / "large.png")
    (tmp_path / "bad.png").write_bytes(b"nothing")
    return tmp_path


@pytest.mark.slow
def test_a_named_example_reads_every_digit_and_one_bad_picture_stops_no_other(folder, capsys):
    assert not Store().examples()  # the app has not run yet
    paths = [str(folder / name) for name in ("two.png", "bad.png", "large.png")]
    assert main(["predict", "fast", *paths, "--json"]) == 2
    out, told = capsys.readouterr()
    answer = json.loads(out)
    assert [found["digit"] for found in answer["predictions"]] == [7, 2, 0]
    assert [found["image"] for found in answer["predictions"]] == [paths[0], paths[0], paths[2]]
    assert [error["image"] for error in answer["errors"]] == [paths[1]]
    assert "bad.png: a picture must be a whole file" in told
    assert answer["run"] == "fast"
    (again,) = run(capsys, "predict", answer["run"], paths[2])["predictions"]
    expected = answer["predictions"][2]["probabilities"]
    np.testing.assert_allclose(again["probabilities"], expected, atol=1e-5)
    assert main(["predict", "fast", *paths[:2]]) == 2
    assert capsys.readouterr().out.count("two.png") == 2


def test_pictures_that_cannot_be_read_need_no_tensorflow(folder, capsys):
    assert main(["predict", "fast", str(folder / "bad.png"), "--json"]) == 2
    out, told = capsys.readouterr()
    assert json.loads(out)["predictions"] == []
    assert "TensorFlow" not in told
