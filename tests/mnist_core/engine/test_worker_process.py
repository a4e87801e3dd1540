"""What a worker may have in memory, and which worker follows it."""

import subprocess
import sys
import time

from mnist_core.engine import worker_process
from mnist_core.engine.worker_process import Processes, WorkerSupervisor, _family, _own_bytes

NAMES = ("worker-1", "worker-2", "worker-3")


class Fake(Processes):
    """Workers that only have a size."""

    def __init__(self) -> None:
        self.sizes: dict[str, int] = {}

    def start_worker(self, name: str) -> None:
        self.sizes[name] = 300_000_000

    def running(self, name: str) -> bool:
        return name in self.sizes

    def own_bytes(self, name: str) -> int:
        return self.sizes.get(name, 0)

    def end_worker(self, name: str) -> None:
        self.sizes.pop(name, None)


def grown(roomy: bool) -> tuple[Fake, WorkerSupervisor]:
    """A supervisor whose worker has just grown too large."""
    fake = Fake()
    fake.memory_bytes = 4_000_000_000 if roomy else 2_000_000_000
    made = WorkerSupervisor(fake)
    made.update([NAMES[0]], [])
    fake.sizes[NAMES[0]] = 1_000_000_000
    return fake, made


def test_a_worker_that_has_grown_stays_while_it_has_a_task():
    fake, made = grown(roomy=False)
    made.update([NAMES[0]], [NAMES[0]])
    assert list(fake.sizes) == [NAMES[0]]
    made.update([NAMES[0]], [])
    assert list(fake.sizes) == [NAMES[1]]


def test_with_room_the_next_one_is_warm_before_the_old_one_goes():
    fake, made = grown(roomy=True)
    made.update([NAMES[0]], [])
    assert (made.name, list(fake.sizes)) == (NAMES[0], [*NAMES[:2]])
    made.update(NAMES[:2], [NAMES[0]])
    assert (made.name, list(fake.sizes)) == (NAMES[0], [*NAMES[:2]])
    made.update(NAMES[:2], [])
    assert (made.name, list(fake.sizes)) == (NAMES[1], [*NAMES[:2]])
    made.update(NAMES[:2], [NAMES[0]])
    assert (made.name, list(fake.sizes)) == (NAMES[1], [*NAMES[:2]])
    made.update(NAMES[:2], [])
    assert list(fake.sizes) == [NAMES[1]]


def test_where_memory_is_short_less_growth_is_enough():
    fake, made = grown(roomy=False)
    fake.sizes[NAMES[0]] = 500_000_000
    made.update([NAMES[0]], [])
    assert list(fake.sizes) == [NAMES[0]]
    fake.memory_bytes = 600_000_000
    made.update([NAMES[0]], [])
    assert list(fake.sizes) == [NAMES[1]]


def test_a_dead_worker_is_followed_by_another():
    fake, made = grown(roomy=True)
    fake.end_worker(NAMES[0])
    made.update([NAMES[0]], [NAMES[0]])
    assert (made.name, list(fake.sizes)) == (NAMES[1], [NAMES[1]])


def test_a_worker_that_runs_and_reports_no_more_is_ended(monkeypatch):
    fake, made = grown(roomy=True)
    made.update([], [])
    assert made.name == NAMES[0]
    later = time.monotonic() + worker_process.SILENT_S + 1
    monkeypatch.setattr(worker_process.time, "monotonic", lambda: later)
    made.update([], [])
    assert (made.name, list(fake.sizes)) == (NAMES[1], [NAMES[1]])


def test_a_scheduler_imports_nothing_of_the_core_that_is_heavy():
    code = """if True:
        import sys
        import mnist_core.engine.dispatch, mnist_core.engine.worker_process
        heavy = {"keras", "numpy", "optuna", "pydantic", "scipy", "sqlalchemy", "tensorflow"}
        assert not heavy & sys.modules.keys(), heavy & sys.modules.keys()
        rooms = {name for name in sys.modules if name.startswith("mnist_core.")}
        assert rooms <= {"mnist_core.engine", "mnist_core.engine.dispatch", "mnist_core.utils",
                         "mnist_core.engine.worker_process", "mnist_core.utils.paths"}, rooms
    """
    subprocess.run([sys.executable, "-c", code], check=True)


def test_what_a_process_has_for_itself_is_what_it_fills():
    code = "held = bytearray(b'1') * 200_000_000; print(flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout
        process.stdout.readline()
        (family, *_) = _family(process)
        assert 200e6 < _own_bytes(family) < 230e6
        process.communicate()
    assert _own_bytes(family) == 0
