"""Nothing that could run code out of a file or a message is used anywhere in the project."""

import ast

import pytest

from mnist_core.utils.paths import PROJECT

FOLDERS = ("mnist_core", "pages", "ui", "benchmarks", "tests")
SOURCES = [
    PROJECT / "app.py",
    *(path for name in FOLDERS for path in (PROJECT / name).rglob("*.py")),
]

MODULES = {"pickle", "cPickle", "_pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
MODULES |= {"jsonpickle"}
BUILTINS = {"eval", "exec", "__import__"}
METHODS = {"read_pickle", "to_pickle", "system", "popen", "unsafe_load", "full_load", "load_model"}
METHODS |= {"enable_unsafe_deserialization", "unpack_archive", "extractall"}

SAFE_LOADERS = (["yaml.SafeLoader"], ["yaml.BaseLoader"])  # of the second all values are text

EXCEPTIONS = {  # tests alone: the product has none
    "tests/mnist_core/importing/bad_models.py": {
        "import pickle"
    },  # makes a file that the app must refuse
    "tests/mnist_core/importing/test_architecture.py": {
        "exec()"
    },  # Keras scripts that the app itself wrote are run
    "tests/mnist_core/exporting/scripts.py": {"exec()"},
    "tests/mnist_core/exporting/test_code_training.py": {"exec()"},
    "tests/mnist_core/exporting/test_models.py": {"exec()", ".extractall()", ".load_model()"},
    "tests/mnist_core/exporting/test_tensorboard.py": {".extractall()"},
    "tests/mnist_core/execution/test_runner.py": {
        ".load_model()"
    },  # files that the app itself exported
    "tests/mnist_core/cli/commands/test_runs.py": {".load_model()"},
    "tests/mnist_core/execution/test_recorder.py": {"exec()"},  # of a line that fails on purpose
    "tests/mnist_core/network/test_summary.py": {"eval()"},  # of the sums that the app writes
}


def faults(tree: ast.AST) -> list[tuple[int, str]]:
    """What a source does that could run code out of data: (line, what)."""
    return [
        (node.lineno, told)  # type: ignore[attr-defined]
        for node in ast.walk(tree)
        if (told := _imports(node) or _calls(node))
    ]


def _imports(node: ast.AST) -> str | None:
    names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
    if isinstance(node, ast.ImportFrom):
        names = [node.module or ""]
    bad = [name for name in names if name.split(".")[0] in MODULES]
    return f"import {bad[0]}" if bad else None


def _calls(node: ast.AST) -> str | None:
    if not isinstance(node, ast.Call):
        return None
    given = {word.arg: word.value for word in node.keywords}
    for word, wrong in (("shell", True), ("allow_pickle", True), ("safe_mode", False)):
        if word in given and not _is(given[word], not wrong):
            return f"{word}="
    if isinstance(node.func, ast.Name):
        return f"{node.func.id}()" if node.func.id in BUILTINS else None
    if not isinstance(node.func, ast.Attribute):
        return None
    name, owner = node.func.attr, ast.unparse(node.func.value)
    if name in METHODS or (owner, name) == ("torch", "load"):
        return f".{name}()"
    if owner == "yaml" and name in ("load", "compose", "parse"):
        loaders = [ast.unparse(value) for value in (*node.args[1:], given.get("Loader")) if value]
        return None if loaders in SAFE_LOADERS else f"yaml.{name}() without a safe loader"
    if owner in ("np", "numpy") and name == "load" and "allow_pickle" not in given:
        return "np.load() without allow_pickle=False"
    return None


def _is(node: ast.expr, value: bool) -> bool:
    return isinstance(node, ast.Constant) and node.value is value


def test_no_source_unpickles_or_runs_what_it_reads():
    assert len(SOURCES) > 200
    unused = dict(EXCEPTIONS)
    for path in SOURCES:
        name = path.relative_to(PROJECT).as_posix()
        found = faults(ast.parse(path.read_text(encoding="utf-8")))
        allowed = unused.pop(name, set())
        assert {told for _, told in found} == allowed, f"{name}: {found}"
    assert not unused


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from cloudpickle import dumps",
        "torch.load(file)",
        "eval('1')",
        "exec(text)",
        "np.load(file)",
        "np.load(file, allow_pickle=True)",
        "np.savez(file, allow_pickle=flag)",
        "pd.read_pickle(file)",
        "yaml.load(text)",
        "yaml.load(text, Loader=yaml.Loader)",
        "yaml.unsafe_load(text)",
        "subprocess.run(line, shell=True)",
        "os.system(line)",
        "keras.models.load_model(file)",
        "keras.saving.load_model(file, safe_mode=False)",
        "archive.extractall(folder)",
    ],
)
def test_it_is_found(source):
    assert faults(ast.parse(source))


@pytest.mark.parametrize(
    "source",
    [
        "np.load(file, allow_pickle=False)",
        "yaml.parse(text, yaml.SafeLoader)",
        "yaml.safe_load(text)",
        "re.compile('a')",
        "model.compile(loss='mse')",
        "subprocess.run([name], shell=False)",
        "from mnist_core.exporting.code import script",
        "compile(script, 'script', 'exec')",
    ],
)
def test_what_is_harmless_is_let_be(source):
    assert faults(ast.parse(source)) == []
