"""Experiments of several runs: over seeds, over folds, and over numbers of hidden layers.

Each experiment is a group of ordinary runs; a worker trains them in turn, a cluster in parallel.
"""

from contextlib import suppress
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from mnist_core.network.layers import Dense, Flatten
from mnist_core.network.notation import write
from mnist_core.network.presets import NOTE_4
from mnist_core.network.settings import change_settings
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
    """One spec trained with several consecutive seeds from `first` on, on the same images."""

    kind: Literal["repeat"] = "repeat"
    spec: Spec
    seeds: Annotated[int, Field(ge=2, le=20)] = 5
    first: Seed = 0

    @property
    def name(self) -> str:
        """The name of the experiment in lists."""
        return f"{self.seeds} seeds from {self.first} · {write(self.spec.network)}"

    def specs(self) -> dict[str, Spec]:
        """Return the spec of each run by its name. Raises SpecError if a seed is too large."""
        seeds = range(self.first, self.first + self.seeds)
        return {f"seed {seed}": change_settings(self.spec, {"seed": seed}) for seed in seeds}


class Folds(Value):
    """k-fold cross-validation of one spec, replacing the spec's split except for its images.

    seed: of the folds, not of the weights.
    """

    kind: Literal["folds"] = "folds"
    spec: Spec
    folds: Annotated[int, Field(ge=2, le=20)] = 5
    seed: Seed = 0

    @property
    def name(self) -> str:
        """The name of the experiment in lists."""
        return f"{self.folds} folds · {write(self.spec.network)}"

    def specs(self) -> dict[str, Spec]:
        """Return the spec of each run by its name, such as fold 2 of 5."""
        old = self.spec.split
        drawn = {"folds": self.folds, "seed": self.seed, "limit": old.limit}
        kept = {"digits": old.digits, "handwriting": old.handwriting}
        return {
            f"fold {fold} of {self.folds}": self.spec.model_copy(
                update={"split": Split(kind="fold", fold=fold, **kept, **drawn)}
            )
            for fold in range(1, self.folds + 1)
        }


class Depths(Value):
    """The study of note 4: networks with different numbers of hidden layers of 512 units.

    folds: how many of the five folds to train.
    """

    kind: Literal["depth"] = "depth"
    depths: Annotated[tuple[Depth, ...], Field(min_length=1)] = (0, 1, 2, 3, 4)
    folds: Annotated[int, Field(ge=1, le=5)] = 5
    training: Training = NOTE_4.presets[0].spec.training

    @property
    def name(self) -> str:
        """The name of the experiment in lists."""
        depths = ", ".join(map(str, sorted(set(self.depths))))
        return f"hidden layers: {depths} · {plural(self.folds, 'fold')} each"

    def specs(self) -> dict[str, Spec]:
        """Return the spec of each run by its name: a fold of every depth before the next fold."""
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
    """Queue all runs of an experiment as a new group; on an error none of them remains.

    Raises SpecError if a network is too large, QuotaError beyond the limits of a hosted server.
    """
    specs = experiment.specs()
    quota.check_new(store.database, store.workspace, list(specs.values()))
    group = groups.create(store, experiment.kind, experiment.name, experiment.model_dump_json())
    try:
        for name, spec in specs.items():
            store.create_run(spec, name, group.id)
    except MnistError:  # another request has used up the quota, or the database is unavailable
        with suppress(StoreError):
            groups.delete(store, group.id)
        raise
    return group


def experiment_of(group: Group) -> Experiment:
    """Return the experiment that a group was created from."""
    return _EXPERIMENT.validate_json(group.settings)
