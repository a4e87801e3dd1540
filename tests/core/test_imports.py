"""What may import what: the web server must start without TensorFlow."""

import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[2]
HEAVY = {"build", "train", "trainee", "augment", "execute", "predict", "export", "reproduce"}
"""The modules of the core that work with TensorFlow; all others must do without."""

CORE = sorted(path.stem for path in (PROJECT / "mnist_core").glob("*.py"))
LIGHT = [name for name in CORE if name not in HEAVY | {"__init__", "lifeline"}]

CHECK = """
import sys, importlib
for name in sys.argv[1:]:
    importlib.import_module(name)
heavy = {name.split(".")[0] for name in sys.modules}
print(*sorted(heavy & {"tensorflow", "keras", "sklearn", "distributed", "streamlit", "plotly"}))
"""


def imported_with(*modules: str) -> list[str]:
    """The large packages that a new process has after it imported some modules."""
    command = [sys.executable, "-c", CHECK, *modules]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=PROJECT)
    return done.stdout.split()


def test_light_modules_import_nothing_large():
    assert imported_with(*(f"mnist_core.{name}" for name in LIGHT)) == []


def test_what_pages_share_imports_no_tensorflow():
    shared = [path.relative_to(PROJECT) for path in (PROJECT / "ui").rglob("*.py")]
    scripts = {"ui/shell.py", "ui/__init__.py", "ui/charts/__init__.py"}
    names = [
        str(p.with_suffix("")).replace("/", ".") for p in shared if p.as_posix() not in scripts
    ]
    assert imported_with(*names) == ["plotly", "streamlit"]


def test_the_check_would_see_tensorflow():
    assert {"keras", "tensorflow"} <= set(imported_with("mnist_core.build"))
