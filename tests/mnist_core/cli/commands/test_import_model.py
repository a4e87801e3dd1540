"""`python -m mnist_core bring` as people use it."""

from mnist_core.cli.main import main
from mnist_core.network.notation import parse, write
from mnist_core.storage.runs import Store
from tests.mnist_core.importing.keras_files import good_model

SMALL = parse("C2 M F D4")


def test_the_command(tmp_path, capsys):
    path = tmp_path / "mine.weights.h5"
    path.write_bytes(good_model().weights)
    assert main(["bring", str(path), "--network", write(SMALL), "--name", "from home"]) == 0
    run = Store().runs()[0]
    assert (run.name, run.origin) == ("from home", "mine.weights.h5")
    out = capsys.readouterr().out
    assert f"{100 * (run.test_accuracy or 0):.2f}" in out
    assert "trained elsewhere" in out
    assert main(["bring", str(path)]) == 2
    assert "does not say to which network" in capsys.readouterr().err
    assert main(["bring", str(tmp_path / "none.h5")]) == 2
    assert "cannot be read" in capsys.readouterr().err
