"""What may import what: the web server must start without TensorFlow."""

import ast
import subprocess
import sys

import pytest

from mnist_core.utils.paths import PROJECT

HEAVY = {
    *("training.augmentation", "training.fused_adam", "training.gradients", "training.model"),
    *("training.predictor", "training.train_step", "training.trainer"),
}
HEAVY |= {
    f"insight.{name}"
    for name in ("batch_training", "feature_maps", "questions", "saliency", "top_patches")
}
HEAVY |= {
    "insight.activation_maximization",
    "execution.embedding",
    "execution.job_tasks",
    "execution.label_error_search",
}
HEAVY |= {"execution.recorder", "execution.runner", "cli.reproduce"}
HEAVY |= {"exporting.models", "exporting.tensorboard"}
"""The modules of the core that work with TensorFlow; all others must do without."""

CORE = PROJECT / "mnist_core"
NAMES = [".".join(path.relative_to(CORE).with_suffix("").parts) for path in CORE.rglob("*.py")]
HEAVY |= {name for name in NAMES if name.startswith("training.callbacks.")}
LIGHT = [n for n in NAMES if n not in HEAVY and not n.endswith("__init__")]

LARGE = "tensorflow keras optuna sklearn openTSNE numba distributed streamlit plotly"

CHECK = """
import sys, importlib
large, absent, *modules = sys.argv[1:]
sys.modules.update(dict.fromkeys(absent.split()))
for name in modules:
    importlib.import_module(name)
found = {name.split(".")[0] for name, module in sys.modules.items() if module}
print(*sorted(found & {*large.split()}))
"""


def imported_with(*modules: str, absent: str = "") -> list[str]:
    """Return the large packages that a new process has after it imported some modules.

    absent: packages that cannot be imported there.
    """
    command = [sys.executable, "-c", CHECK, LARGE, absent, *modules]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=PROJECT)
    return done.stdout.split()


@pytest.mark.slow
def test_light_modules_import_nothing_large():
    assert imported_with(*(f"mnist_core.{name}" for name in LIGHT)) == []


@pytest.mark.slow
def test_what_pages_share_imports_no_tensorflow():
    shared = [path.relative_to(PROJECT) for path in (PROJECT / "ui").rglob("*.py")]
    modules = [path for path in shared if path.name not in ("main.py", "__init__.py")]
    names = [".".join(path.with_suffix("").parts) for path in modules]
    assert imported_with(*names) == ["plotly", "streamlit"]


@pytest.mark.slow
def test_the_check_would_see_a_large_package():
    assert imported_with("plotly.basedatatypes") == ["plotly"]
    with pytest.raises(subprocess.CalledProcessError) as caught:
        imported_with("mnist_core.training.model", absent="keras tensorflow")
    assert "import of keras halted" in caught.value.stderr


@pytest.mark.slow
def test_tests_that_train_nothing_start_no_tensorflow():
    core = PROJECT / "tests" / "mnist_core"
    found = [*(core / "storage").glob("*.py"), core / "network" / "test_spec.py"]
    files = [PROJECT / "tests" / "conftest.py", core / "conftest.py", *found]
    names = [".".join(path.relative_to(PROJECT).with_suffix("").parts) for path in files]
    assert len(names) > 3
    assert not {"keras", "tensorflow"} & set(imported_with(*names))


def test_no_test_imports_a_test():
    for path in (PROJECT / "tests").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            modules = []
            if isinstance(node, ast.ImportFrom):
                modules = [f"{node.module}.{name.name}" for name in node.names]
            elif isinstance(node, ast.Import):
                modules = [name.name for name in node.names]
            for module in modules:
                shared = [*module.split(".")][:-1] if module.startswith("tests.") else []
                names = [name for name in shared if name.startswith("test_") or name == "conftest"]
                assert not names, f"{path} imports {module}: move what is shared to a helper"
