"""The command line in odd surroundings: closed and full streams, old terminals, an early Ctrl-C."""

import codecs
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from mnist_core.cli import process
from mnist_core.cli.main import main
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec
from mnist_core.storage.runs import Store

pytestmark = pytest.mark.skipif(os.name != "posix", reason="file descriptors as POSIX has them")
COMMAND = [sys.executable, "-m", "mnist_core"]


def in_a_shell(words: str, **variables: str) -> subprocess.CompletedProcess:
    """A command, with redirections, as a shell runs it."""
    line = f"{' '.join(COMMAND)} {words}"
    return subprocess.run(
        ["sh", "-c", line], capture_output=True, check=False, env=os.environ | variables
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux alone has it")
def test_a_full_disk_is_told():
    done = in_a_shell("presets > /dev/full")
    assert done.returncode == 1
    assert done.stderr.decode() == "cannot write the output (No space left on device)\n"


def test_a_reader_that_goes_is_no_news():
    done = in_a_shell("presets | true")  # the table comes when nobody reads any more
    assert done.stderr == b""


def test_a_closed_standard_error_harms_nothing():
    done = in_a_shell("train F --limit 1000 --count 200 --epochs 1 --json 2>&-")
    assert done.returncode == 0
    assert b'"state": "finished"' in done.stdout


def test_a_terminal_of_ascii_shows_what_it_can():
    Store().create_run(Spec(network=parse("F")), "caf\u00e9 \u2013 \u4e2d", queued=False)
    done = in_a_shell("runs", PYTHONIOENCODING="ascii", COLUMNS="120")
    assert "cafe - ?" in done.stdout.decode("ascii")
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("text", "shown"),
    [("98.70\u00a0%", "98.70 %"), ("0 · 1 – 2 × 3", "0 . 1 - 2 x 3"), ("é… ✓\udcff", "e... ??")],
)
def test_similar_characters_stand_in(text, shown):
    codecs.register_error("similar", process._alike)
    assert text.encode("ascii", "similar").decode() == shown


def test_ctrl_c_while_tensorflow_starts_ends_at_once_and_leaves_no_run():
    asked = subprocess.Popen(
        [*COMMAND, "train", "F"],
        stderr=subprocess.PIPE,
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # as in a terminal
    )
    assert asked.stderr
    assert asked.stderr.readline() == b"Starting TensorFlow ...\n"
    asked.send_signal(signal.SIGINT)
    _, said = asked.communicate(timeout=60)
    assert asked.returncode == 130
    assert said == b"Stopping during startup.\n"
    assert Store().runs() == []


@pytest.mark.parametrize("width", [20, 40, 80])
def test_tables_are_whole_at_any_width(capsys, monkeypatch, width):
    monkeypatch.setattr("mnist_core.cli.console.console._width", width)
    assert main(["summary", "C32 M C64 M F D128"]) == 0
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= width
    for figure in ("204,928", "225,034", "18,496"):
        assert figure in shown
    assert "…" not in shown


def test_a_name_has_a_limit_and_one_line(capsys):
    assert main(["train", "F", "--name", "x" * 81]) == 2
    assert "must have at most 80 characters; received 81" in capsys.readouterr().err


@pytest.mark.parametrize("word", ["C8\u017f2", "\u212a8", "C\u0663", "D8\udcff"])
def test_only_ascii_is_notation(capsys, word):
    assert main(["summary", word, "F"]) == 2
    assert "not a layer" in capsys.readouterr().err


def test_a_setting_that_is_tuned_twice_is_refused(capsys):
    twice = ["--tune", "batch_size=32", "--tune", "batch-size=64"]
    assert main(["tune", "F", *twice]) == 2
    assert "received batch_size twice" in capsys.readouterr().err
