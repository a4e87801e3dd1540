"""Commands as a program calls them."""

import json

from mnist_core.cli.main import main

SMALL = ["--limit", "2000", "--count", "500", "--epochs", "2", "--batch-size", "64"]


def run(capsys, *arguments: str) -> dict:
    """The JSON object that a command prints, and nothing else, on standard output."""
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)
