"""Optuna's tables, made by several at once."""

import subprocess
import sys
from threading import Barrier, Thread

import pytest

from mnist_core.experiments import optuna_storage
from mnist_core.storage.database import default_url
from mnist_core.storage.runs import Store


def test_two_threads_that_make_the_tables_at_once_have_the_same():
    Store()
    made, gate = [], Barrier(2)

    def make() -> None:
        gate.wait()
        made.append(optuna_storage.storage(default_url()))

    threads = [Thread(target=make) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made[0] is made[1]


MAKER = """
import sys
import optuna
from mnist_core.experiments import optuna_storage
print("ready", flush=True)
sys.stdin.readline()
optuna_storage.load_study(sys.argv[1], sys.argv[2])
"""


@pytest.mark.both_databases
@pytest.mark.slow
def test_processes_that_make_the_tables_at_once_agree(url):
    Store(url=url)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    line = [sys.executable, "-c", MAKER, url]
    makers = [subprocess.Popen([*line, name], **pipes) for name in ("one", "one")]
    for maker in makers:
        assert maker.stdout
        assert maker.stdout.readline() == "ready\n"
    for maker in makers:
        assert maker.stdin
        maker.stdin.write("\n")
        maker.stdin.flush()
    for maker in makers:
        maker.communicate(timeout=60)
    assert [maker.returncode for maker in makers] == [0, 0]
