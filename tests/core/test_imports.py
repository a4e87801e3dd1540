"""What may import what: the web server must start without TensorFlow."""

import subprocess
import sys

import pytest

LIGHT = ("spec", "summary", "notation", "presets", "dataset", "digits", "evaluate", "store")
LIGHT_TOO = ("records", "progress", "options", "console", "hardware", "__main__")

CHECK = """
import sys, importlib
importlib.import_module(sys.argv[1])
heavy = {name.split(".")[0] for name in sys.modules}
print(*sorted(heavy & {"tensorflow", "keras", "streamlit", "plotly"}))
"""


@pytest.mark.parametrize("module", [*LIGHT, *LIGHT_TOO])
def test_light_modules_import_neither_tensorflow_nor_streamlit(module):
    command = [sys.executable, "-c", CHECK, f"mnist_core.{module}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_the_check_would_see_tensorflow():
    command = [sys.executable, "-c", CHECK, "mnist_core.build"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["keras", "tensorflow"]
