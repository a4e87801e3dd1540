"""What the command line shows people."""

from mnist_core.cli.main import main
from tests.mnist_core.cli.command_line import SMALL


def test_summary_of_a_notation_for_people(capsys):
    assert main(["summary", "C8", "M", "F"]) == 0
    shown = capsys.readouterr().out
    assert "conv2d_1, relu" in shown
    assert "(None, 13, 13, 8)" in shown
    assert "Total parameters: 13,610" in shown


def test_the_report_for_people(capsys):
    assert main(["train", "F", *SMALL]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "Classification report" in shown
    assert "weighted avg" in shown
    assert "Confusion matrix: true digit down, predicted across" in shown
    assert "wrong of 10,000" in shown
    assert main(["runs"]) == 0
    assert "finished" in capsys.readouterr().out
