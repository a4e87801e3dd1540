"""Experiments of several runs: one spec over seeds, over folds, and over numbers of hidden layers.

Each is a group of ordinary runs: an engine trains them in turn, a cluster side by side.
"""

from contextlib import suppress
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from mnist_core.network.layers import Dense, Flatten
from mnist_core.network.notation import write
from mnist_core.network.presets import NOTE_4
from mnist_core.network.settings import changed
from mnist_core.network.spec import Network, Spec, Split, Training
from mnist_core.network.value import Value
from mnist_core.storage import groups, quota
from mnist_core.storage.database import StoreError
from mnist_core.storage.groups import Group
from mnist_core.storage.runs import Store
from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import plural

Seed = Annotated[int, Field(ge=0, lt=2**31)]
Depth = Annotated[int, Field(ge=0, le=6)]


class Repeat(Value):
    """One spec with several seeds, `first` and those after it; the images stay the same."""

    kind: Literal["repeat"] = "repeat"
    spec: Spec
    seeds: Annotated[int, Field(ge=2, le=20)] = 5
    first: Seed = 0

    @property
    def name(self) -> str:
        """What a list calls it."""
        return f"{self.seeds} seeds from {self.first} · {write(self.spec.network)}"

    def specs(self) -> dict[str, Spec]:
        """The spec of each run by its name. Raises SpecError where a seed is too large."""
        seeds = range(self.first, self.first + self.seeds)
        return {f"seed {seed}": changed(self.spec, {"seed": seed}) for seed in seeds}


class Folds(Value):
    """k-fold cross-validation of one spec, whose own split gives way; its `limit` stays.

    seed: draws the folds, not the weights.
    """

    kind: Literal["folds"] = "folds"
    spec: Spec
    folds: Annotated[int, Field(ge=2, le=20)] = 5
    seed: Seed = 0

    @property
    def name(self) -> str:
        """What a list calls it."""
        return f"{self.folds} folds · {write(self.spec.network)}"

    def specs(self) -> dict[str, Spec]:
        """The spec of each run by its name, such as fold 2 of 5."""
        drawn = {"folds": self.folds, "seed": self.seed, "limit": self.spec.split.limit}
        return {
            f"fold {fold} of {self.folds}": self.spec.model_copy(
                update={"split": Split(kind="fold", fold=fold, **drawn)}
            )
            for fold in range(1, self.folds + 1)
        }


class Depths(Value):
    """Note 4's study: networks of some hidden layers of 512 units, on `folds` of five folds."""

    kind: Literal["depth"] = "depth"
    depths: Annotated[tuple[Depth, ...], Field(min_length=1)] = (0, 1, 2, 3, 4)
    folds: Annotated[int, Field(ge=1, le=5)] = 5
    training: Training = NOTE_4.presets[0].spec.training

    @property
    def name(self) -> str:
        """What a list calls it."""
        depths = ", ".join(map(str, sorted(set(self.depths))))
        return f"hidden layers: {depths} · {plural(self.folds, 'fold')} each"

    def specs(self) -> dict[str, Spec]:
        """The spec of each run by its name; one fold of every depth before the next fold."""
        return {
            f"{plural(depth, 'hidden layer')}, fold {fold}": Spec(
                network=Network(layers=(Flatten(), *[Dense(units=512)] * depth)),
                training=self.training,
                split=Split(kind="fold", folds=5, fold=fold),
            )
            for fold in range(1, self.folds + 1)
            for depth in sorted(set(self.depths))
        }


Experiment = Repeat | Folds | Depths

_EXPERIMENT: TypeAdapter[Experiment] = TypeAdapter(
    Annotated[Experiment, Field(discriminator="kind")]
)


def start(store: Store, experiment: Experiment) -> Group:
    """Queue all runs of an experiment as a new group, or none of them.

    Raises SpecError on a network that is too large, QuotaError over what a hosted server allows.
    """
    specs = experiment.specs()
    quota.check_new(store.database, store.workspace, list(specs.values()))
    group = groups.create(store, experiment.kind, experiment.name, experiment.model_dump_json())
    try:
        for name, spec in specs.items():
            store.create_run(spec, name, group.id)
    except MnistError:  # somebody else here was quicker, or the database is away
        with suppress(StoreError):
            groups.delete(store, group.id)
        raise
    return group


def planned(group: Group) -> Experiment:
    """What a group that `start` made was to be."""
    return _EXPERIMENT.validate_json(group.settings)
