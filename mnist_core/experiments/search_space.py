"""What a search may change about a network and its training, and which spec a choice makes.

A choice is a dict from the names of `Space` to values: {"learning_rate": 0.003, "filters": 16}.
"""

from itertools import product
from math import floor, log10, prod
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from mnist_core.network import edits
from mnist_core.network.layers import Conv2D, Dropout
from mnist_core.network.spec import Spec
from mnist_core.network.value import SpecError, Value
from mnist_core.storage import quota

Optimizer = Literal["adam", "adamw", "rmsprop", "sgd", "nadam"]
Params = dict[str, Any]
MOST_VALUES = 10  # of one setting
MOST_POINTS = 10_000  # of a grid


class Range(Value):
    """All numbers from `low` to `high`, both included; a grid tries `steps` of them."""

    low: float
    high: float
    steps: Annotated[int | None, Field(ge=2, le=50, description="For a grid.")] = None

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if self.low >= self.high:
            raise SpecError(
                f"a range must go from a lower to a higher value; received {self.low:g} to "
                f"{self.high:g}: exchange them, or leave this one out of the search"
            )
        return self

    def rounded(self, value: float) -> float:
        """Four significant digits of a value, more where the range is narrow; within the range."""
        size = min(abs(value), self.high - self.low) or 1.0
        return min(max(round(value, 3 - floor(log10(size))), self.low), self.high)


_BOUNDS = {"learning_rate": (1e-7, 10), "dropout": (0, 0.9), "rotation": (0, 45)}


class Space(Value):
    """What may change, each with the values that it may take; what is left out stays as it is.

    filters: of the first convolution, the others keep their proportion to it. convolutions: so
    many in a row in the place of each one, those added with `same` padding and strides 1.
    hidden_layers: copies of the first hidden Dense layer with the dropout and normalization that
    follow it, in the place of all. dropout: the rate of every Dropout; without one, of a new one
    before the output.
    """

    learning_rate: Range | None = None
    batch_size: tuple[Annotated[int, Field(ge=1, le=4096)], ...] = ()
    optimizer: tuple[Optimizer, ...] = ()
    filters: tuple[Annotated[int, Field(ge=1, le=1024)], ...] = ()
    convolutions: tuple[Annotated[int, Field(ge=1, le=4)], ...] = ()
    hidden_layers: tuple[Annotated[int, Field(ge=0, le=6)], ...] = ()
    dropout: Range | None = None
    shift: tuple[Annotated[int, Field(ge=0, le=8)], ...] = ()
    rotation: Range | None = None

    @field_validator("*")
    @classmethod
    def _few_and_each_once(cls, values: Any) -> Any:
        if isinstance(values, tuple) and len(values) > MOST_VALUES:
            raise SpecError(
                f"give at most {MOST_VALUES} values of one setting; received {len(values)}: a "
                "trial of each would take long, so choose some that lie further apart"
            )
        if isinstance(values, tuple) and len(set(values)) < len(values):
            listed = ", ".join(map(str, values))
            raise SpecError(f"give every value once; received {listed}: remove the repeated ones")
        return values

    @model_validator(mode="after")
    def _something_to_search(self) -> Self:
        if not self.dimensions:
            names = ", ".join(type(self).model_fields)
            raise SpecError(f"a search needs something to change: choose at least one of {names}")
        for name, (low, high) in _BOUNDS.items():
            chosen = getattr(self, name)
            if chosen and not low <= chosen.low < chosen.high <= high:
                raise SpecError(
                    f"{name} must stay between {low:g} and {high:g}; received {chosen.low:g} to "
                    f"{chosen.high:g}: choose a narrower range"
                )
        return self

    @property
    def dimensions(self) -> dict[str, Range | tuple[Any, ...]]:
        """What is searched, by name."""
        every = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: chosen for name, chosen in every.items() if chosen}


class Study(Value):
    """A search: `trials` choices from the space, each trained for `trial_epochs`.

    trial_images: so many of the training images, with as large a share held out as in the base;
    None for all that the base uses. pruning: trials that are worse than the median of the finished
    ones at the same epoch end early. seed: of the sampler, and of every trial's training.
    """

    base: Spec
    space: Space
    trials: Annotated[int, Field(ge=1, le=500)] = 20
    sampler: Literal["tpe", "random", "grid"] = "tpe"
    pruning: bool = True
    trial_epochs: Annotated[int, Field(ge=1, le=1000)] = 2
    trial_images: Annotated[int | None, Field(ge=1000, le=60_000)] = None
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0

    @model_validator(mode="after")
    def _can_be_judged(self) -> Self:
        kind = self.base.split.kind
        if kind in ("test", "none"):
            why = "keeps no validation images"
            if kind == "test":
                why = "validates on the test images, which would then no longer be a fair judge"
            raise SpecError(
                "trials are compared on validation images, but the split "
                f"{kind!r} {why}: choose the split `last`, `fraction` or `fold`"
            )
        if self.base.training.schedule == "range_test":
            raise SpecError(
                "a learning-rate range test trains nothing to compare; received "
                "schedule=range_test: choose another schedule"
            )
        if self.trial_images and self.trial_images > self.base.split.images:
            raise SpecError(
                f"trial_images must be at most the {self.base.split.images:,} that the base uses; "
                f"received {self.trial_images:,}: choose fewer, or leave it out to use all"
            )
        return self

    @model_validator(mode="after")
    def _grid_is_finite(self) -> Self:
        for name, chosen in self.space.dimensions.items():
            if self.sampler == "grid" and isinstance(chosen, Range) and not chosen.steps:
                raise SpecError(
                    f"a grid needs to know how many values of {name} to try; received the range "
                    f"{chosen.low:g} to {chosen.high:g} without steps: give it steps, 5 say, or "
                    "choose the sampler tpe or random"
                )
        if self.sampler == "grid" and (self.grid_size or 0) > MOST_POINTS:
            raise SpecError(
                f"a grid may have at most {MOST_POINTS:,} points; this one has "
                f"{self.grid_size:,}: search fewer settings, or choose the sampler tpe or random"
            )
        return self

    @model_validator(mode="after")
    def _every_trial_works(self) -> Self:
        names = [n for n in ("filters", "convolutions", "hidden_layers") if n in self.dimensions]
        for values in product(*(self.dimensions[name] for name in names)):
            params = {name: _lowest(chosen) for name, chosen in self.dimensions.items()}
            params |= zip(names, values, strict=True)
            try:
                quota.check_network(spec_of(self, params).network)
            except SpecError as error:
                told = ", ".join(f"{n}={v}" for n, v in zip(names, values, strict=True))
                raise SpecError(f"not every trial could work: {told or 'each'}: {error}") from None
        return self

    @property
    def dimensions(self) -> dict[str, Range | tuple[Any, ...]]:
        """What is searched, by name."""
        return self.space.dimensions

    @property
    def grid_size(self) -> int | None:
        """Points of the whole grid; None where a range has no steps."""
        counts = [c.steps if isinstance(c, Range) else len(c) for c in self.dimensions.values()]
        return prod(known) if len(known := [c for c in counts if c]) == len(counts) else None

    @property
    def total(self) -> int:
        """Trials that will be made: a grid has no more than its points."""
        points = self.grid_size if self.sampler == "grid" else None
        return min(self.trials, points) if points else self.trials


def largest(study: Study) -> Spec:
    """The trial that has most of all that makes a network or a batch larger."""
    names = ("batch_size", "filters", "convolutions", "hidden_layers")
    found = {name: study.dimensions[name] for name in names if name in study.dimensions}
    return spec_of(study, {name: max(values) for name, values in found.items()})


def _lowest(chosen: Range | tuple[Any, ...]) -> Any:
    return chosen.low if isinstance(chosen, Range) else chosen[0]


def spec_of(study: Study, params: Params) -> Spec:
    """The spec of a trial: the base with the choice, and the study's epochs, images and seed."""
    spec = full(study, params)
    shorter = {"epochs": study.trial_epochs, "seed": study.seed}
    split = spec.split
    if study.trial_images:
        split = edits.with_images(split, study.trial_images)
    training = edits.with_settings(spec.training, shorter)
    return Spec(network=spec.network, training=training, split=split)


def full(study: Study, params: Params) -> Spec:
    """The spec that a choice stands for: the base's own epochs, images and seed.

    A momentum or weight decay of the base is left out where the chosen optimizer has none.
    """
    network = study.base.network
    for name, change in _CHANGES.items():
        if name in params:
            network = change(network, params[name])
    settings = {name: value for name, value in params.items() if name not in _CHANGES}
    training = edits.with_settings(study.base.training, settings)
    return Spec(network=network, training=training, split=study.base.split)


_CHANGES = {
    "hidden_layers": edits.with_hidden,
    "filters": edits.with_filters,
    "convolutions": edits.with_convolutions,
    "dropout": edits.with_dropout,
}
"""In the order in which they are made: what is copied has to be there."""


def params_of(study: Study, spec: Spec) -> Params:
    """The choice that a trial's spec was made of: `spec_of` read backwards."""
    training, layers = spec.training, spec.network.layers
    convolutions = [layer for layer in layers if isinstance(layer, Conv2D)]
    before = edits.count(Conv2D, study.base.network.layers)
    found = {
        "learning_rate": training.learning_rate,
        "batch_size": training.batch_size,
        "optimizer": training.optimizer,
        "filters": convolutions[0].filters if convolutions else None,
        "convolutions": len(convolutions) // max(1, before),
        "hidden_layers": len(edits.hidden(spec.network)),
        "dropout": next((layer.rate for layer in layers if isinstance(layer, Dropout)), None),
        "shift": training.augmentation.shift,
        "rotation": training.augmentation.rotation,
    }
    return {name: found[name] for name in study.dimensions}
