"""What may import what: the web server must start without TensorFlow."""

import subprocess
import sys

from mnist_core.utils.paths import PROJECT

HEAVY = {
    f"training.{name}" for name in ("augmentation", "model", "predictor", "train_step", "trainer")
}
HEAVY |= {f"insight.{name}" for name in ("feature_maps", "questions", "saliency")}
HEAVY |= {"execution.embedding", "execution.job_tasks", "execution.label_error_search"}
HEAVY |= {"execution.recorder", "execution.runner", "cli.reproduce"}
HEAVY |= {"exporting.models", "exporting.tensorboard"}
"""The modules of the core that work with TensorFlow; all others must do without."""

CORE = PROJECT / "mnist_core"
NAMES = [".".join(path.relative_to(CORE).with_suffix("").parts) for path in CORE.rglob("*.py")]
LIGHT = [n for n in NAMES if n not in HEAVY and not n.endswith("__init__")]

CHECK = """
import sys, importlib
for name in sys.argv[1:]:
    importlib.import_module(name)
large = "tensorflow keras optuna sklearn openTSNE numba distributed streamlit plotly".split()
print(*sorted({name.split(".")[0] for name in sys.modules} & set(large)))
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
    modules = [path for path in shared if path.name not in ("main.py", "__init__.py")]
    names = [".".join(path.with_suffix("").parts) for path in modules]
    assert imported_with(*names) == ["plotly", "streamlit"]


def test_the_check_would_see_tensorflow():
    assert {"keras", "tensorflow"} <= set(imported_with("mnist_core.training.model"))
