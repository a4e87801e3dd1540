"""A workspace full of everything that somebody else must not see, and marks to find it by."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any, get_args

import numpy as np
import sqlalchemy as sa

from mnist_core.dataset.training_set import Digits
from mnist_core.evaluation.history import Checkpoint, Epoch, Progress, State
from mnist_core.evaluation.run import Run
from mnist_core.execution import jobs, queue
from mnist_core.experiments import definitions, studies
from mnist_core.experiments.definitions import Depths, Folds, Repeat
from mnist_core.experiments.search_space import Space, Study
from mnist_core.network.notation import parse
from mnist_core.network.spec import Handwriting, Spec, Split, Training, Transfer
from mnist_core.storage import artifacts, classes, groups, handwriting
from mnist_core.storage.database import Database
from mnist_core.storage.groups import Group
from mnist_core.storage.runs import Store
from mnist_core.storage.schema import GROUPS, METADATA, RUN_NUMBERS, RUNS, add_maker
from mnist_core.teaching.lessons import progress, students
from mnist_core.utils.npz import fingerprint, pack

MARK = "Zq7Secret"
SEED = 918_273_645
FIGURE = 0.918273645
LESSON = "first-network"
SPEC = Spec(
    network=parse("C3 M F"),
    training=Training(seed=SEED, epochs=3),
    split=Split(kind="last", count=1000, limit=3000),
)
PLAIN = Spec(network=parse("F"))
_SHAPES = {
    "conv2d_1/kernel": (3, 3, 1, 3),
    "conv2d_1/bias": (3,),
    "output/kernel": (507, 10),
    "output/bias": (10,),
}
WEIGHTS = {name: np.full(shape, FIGURE, np.float32) for name, shape in _SHAPES.items()}
STOLEN = Spec(network=SPEC.network, transfer=Transfer(source=fingerprint(WEIGHTS)))
"""What starts from A's weights, if somebody knows their hash."""

DIGIT = Digits(np.zeros((1, 28, 28), np.uint8), np.array([7], np.uint8))
CHOSEN = Handwriting(images=1, writers=(1,), last=10**6, source=DIGIT.source)
LEARNED = Split(handwriting=CHOSEN)
"""What learns from A's handwriting, if somebody knows its hash."""


class Victim:
    """What A has: runs in every state, groups of every kind, a study, jobs, lessons."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.finished = self._finished().id
        self.waiting = store.create_run(SPEC, MARK, note=MARK).id
        self.training = queue.claim(store, store.create_run(SPEC, MARK).id).id
        self.brought = store.create_run(
            SPEC, MARK, queued=False, planned=0, origin=f"{MARK}.keras", state="finished"
        ).id
        self.groups = self._groups()
        self.study = self._study()
        progress.begin(store, LESSON)
        progress.save_answer(store, LESSON, MARK)
        progress.mark_passed(store, LESSON, self.finished)
        self.digit = handwriting.add(store, MARK, 7, DIGIT.images[0], MARK.encode()).id
        handwriting.set_open(store, True)
        classes.rename(store, MARK)
        classes.make_code(store)
        students.give_name(store, MARK)
        with store.database.write() as connection:
            add_maker(connection, store.workspace, MARK)

    def _finished(self) -> Run:
        store = self.store
        run = queue.claim(store, store.create_run(SPEC, MARK, note=MARK, reason=MARK).id)
        batches = np.full(4, FIGURE, np.float32)
        report = Progress(1, 3, 4, 4, FIGURE, FIGURE, 1.0, 1.0, 0, batches, batches)
        store.record_progress(run.id, [report])
        weights = WEIGHTS
        data = Checkpoint(State(3, 0.1, 1), {f"weights/{n}": w for n, w in weights.items()})
        for number in (1, 2):
            epoch = Epoch(number, FIGURE, FIGURE, FIGURE, FIGURE, 0.1, 1.0)
            store.record_epoch(run.id, epoch, data.to_bytes())
            kept = np.full((20, 10), FIGURE, np.float32)
            shown = artifacts.EpochSnapshot(kept, np.zeros((10, 10), np.uint16))
            artifacts.save_epoch_snapshot(store, run.id, number, shown)
        store.save_weights(run.id, data.to_bytes(), pack(weights), fingerprint(weights), 12.5)
        probabilities = np.full((10_000, 10), FIGURE / 10, np.float32)
        probabilities[:, 3] = FIGURE
        artifacts.save_report(store, run.id, probabilities)
        store.update(run.id, state="finished", test_accuracy=FIGURE)
        jobs.enqueue(store, run.id, "robustness")
        jobs.claim(store, run.id, "robustness")
        run = store.run(run.id)
        jobs.store_result(
            store, run, "robustness", {"rotated": np.full((2, 9), FIGURE, np.float32)}
        )
        jobs.enqueue(store, run.id, "tsne")
        jobs.enqueue(store, run.id, "embedding")
        jobs.claim(store, run.id, "embedding")  # by this process, which is a stranger's here too
        jobs.enqueue(store, run.id, "suspects")
        jobs.claim(store, run.id, "suspects")
        jobs.fail(store, run.id, "suspects", MARK)
        return run

    def _groups(self) -> dict[str, int]:
        """One of each kind, with a run that waits."""
        small = SPEC.model_copy(update={"training": SPEC.training})
        made = [
            definitions.start(self.store, Repeat(spec=small, seeds=2, first=SEED)),
            definitions.start(self.store, Folds(spec=small, folds=2, seed=SEED)),
            definitions.start(self.store, Depths(depths=(0, 1), folds=1, training=small.training)),
        ]
        for kind in ("reproduce", "range_test"):
            made.append(groups.create(self.store, kind, MARK, MARK))
            self.store.create_run(SPEC, MARK, made[-1].id)
        for group in made:
            groups.update_if(self.store, group, {}, name=MARK)
        return {group.kind: group.id for group in made}

    def _study(self) -> int:
        space = Space(learning_rate={"low": 1e-4, "high": 1e-1})  # type: ignore[arg-type]
        study = Study(base=SPEC, space=space, trials=5, seed=SEED)
        group = studies.start(self.store, study, MARK)
        for number, state in enumerate(("finished", "paused", "queued")):
            run = self.store.create_run(SPEC, MARK, group.id, trial=number, state=state, note=MARK)
            epoch = Epoch(1, FIGURE, FIGURE, FIGURE, FIGURE, 0.1, 1.0)
            self.store.record_epoch(run.id, epoch, b"")
        return group.id

    @property
    def runs(self) -> list[int]:
        """All numbers."""
        return self._ids(RUNS)

    @property
    def kinds(self) -> list[int]:
        """One number of each kind of run."""
        trials = [run.id for run in self.store.runs(self.study)]
        single = [self.finished, self.waiting, self.training, self.brought]
        return [*single, *trials]

    @property
    def all_groups(self) -> list[int]:
        """All numbers of groups, the study's too."""
        return self._ids(GROUPS)

    def _ids(self, table: sa.Table) -> list[int]:
        mine = sa.select(table.c.id).where(table.c.workspace == self.store.workspace)
        with self.store.database.read() as connection:
            return sorted(connection.scalars(mine))

    def rows(self) -> dict[str, list[tuple]]:
        """All that the database holds of it, table by table."""
        return rows(self.store.database, self.store.workspace)


def rows(database: Database, workspace: str) -> dict[str, list[tuple]]:
    """All rows of a workspace, by table, but for the count of its runs, which only rises."""
    mine = sa.select(RUNS.c.id).where(RUNS.c.workspace == workspace)
    found = {}
    with database.read() as connection:
        for table in METADATA.sorted_tables:
            columns = table.c
            if table is RUN_NUMBERS:
                continue
            if "workspace" in columns:
                which = columns.workspace == workspace
            elif "run_id" in columns:
                which = columns.run_id.in_(mine)
            else:
                continue
            query = sa.select(table).where(which).order_by(*table.primary_key)
            found[table.name] = [tuple(row) for row in connection.execute(query)]
    return found


def forged(run: Run, run_id: int) -> Run:
    """What a stranger can make up who guesses a number, and nothing else, of somebody's run."""
    bare = {"name": "", "note": "", "reason": "", "origin": "", "test_accuracy": 0.5}
    return replace(run, id=run_id, spec=PLAIN, **bare)


def forged_group(group: Group, group_id: int) -> Group:
    """The same for a group; what settings say of it is a stranger's own."""
    settings = Repeat(spec=PLAIN, seeds=2).model_dump_json()
    return replace(group, id=group_id, kind="repeat", name="", settings=settings)


def marks_in(value: Any) -> list[str]:
    """Which of A's marks a value shows, however deep in it."""
    figure = np.float32(FIGURE)
    wanted = {
        "name": MARK.encode(),
        "seed": str(SEED).encode(),
        "figure": repr(FIGURE)[:7].encode(),
        "array": figure.tobytes(),
    }
    shown = b"\n".join(_pieces(value))
    return [name for name, mark in wanted.items() if mark in shown]


def _pieces(value: Any) -> Iterator[bytes]:
    if isinstance(value, bytes):
        yield value
    elif isinstance(value, np.ndarray):
        yield value.tobytes()
    elif isinstance(value, dict):
        for pair in value.items():
            yield from _pieces(pair)
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from _pieces(item)
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from _pieces(getattr(value, field.name))
    else:
        yield repr(value).encode()


KINDS: tuple[str, ...] = get_args(groups.Kind)
