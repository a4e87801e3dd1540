"""The search space of a study, and the conversion between a trial's parameters and its spec.

Parameters are a dict from the names of `Space` to values: {"learning_rate": 0.003, "filters": 16}.
"""

from itertools import product
from math import floor, log10, prod
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import Field, field_validator, model_validator

from mnist_core.network import edits
from mnist_core.network.layers import Conv2D, Dropout
from mnist_core.network.optimizers import Optimizer
from mnist_core.network.spec import Spec
from mnist_core.network.value import SpecError, Value
from mnist_core.storage import quota

ParamValue = int | float | str | None
Params = dict[str, Any]  # each name has values of one type, which `Space` checks
MOST_VALUES = 10  # of one setting
MOST_POINTS = 10_000  # of a grid


class Range(Value):
    """All numbers from `low` to `high`, inclusive; a grid search tries `steps` of them."""

    low: float
    high: float
    steps: Annotated[int | None, Field(ge=2, le=50, description="For a grid.")] = None

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if self.low >= self.high:
            raise SpecError(
                f"a range must go from a lower to a higher value; received {self.low:g} to "
                f"{self.high:g}: swap them, or leave this setting out of the search"
            )
        return self

    def rounded(self, value: float) -> float:
        """Round a value to four significant digits, more in a narrow range, within the range."""
        size = min(abs(value), self.high - self.low) or 1.0
        return min(max(round(value, 3 - floor(log10(size))), self.low), self.high)


_SHAPES = ("filters", "convolutions", "hidden_layers")
_BOUNDS = {"learning_rate": (1e-7, 10), "dropout": (0, 0.9), "rotation": (0, 45)}


Dimension = Range | tuple[int, ...] | tuple[str, ...]
"""The possible values of one setting."""

_Value = TypeVar("_Value")


class Space(Value):
    """The settings to search with their possible values; other settings stay as in the base.

    filters: of the first convolution; the others keep their proportion to it. convolutions: number
    of consecutive convolutions that replace each one; added ones have `same` padding and strides 1.
    hidden_layers: number of copies of the first hidden Dense layer, with its dropout and batch
    normalization, that replace all hidden layers. dropout: rate of every Dropout layer, or of a new
    one before the output if there is none.
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
    def _few_and_each_once(cls, values: _Value) -> _Value:
        if isinstance(values, tuple) and len(values) > MOST_VALUES:
            raise SpecError(
                f"a setting may have at most {MOST_VALUES} values; received {len(values)}: choose "
                "fewer, further apart"
            )
        if isinstance(values, tuple) and len(set(values)) < len(values):
            listed = ", ".join(map(str, values))
            raise SpecError(f"each value may occur once; received {listed}: remove the repetitions")
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
    def dimensions(self) -> dict[str, Dimension]:
        """The searched settings with their values, by name."""
        every = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: chosen for name, chosen in every.items() if chosen}


class Study(Value):
    """A search: `trials` samples of the space, each trained for `trial_epochs`.

    trial_images: number of training images, of which the same share as in the base is held out;
    None for all images of the base. pruning: whether trials end early if they are worse than the
    median of the finished trials at the same epoch. seed: of the sampler and of every training.
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
        shapes = [name for name in _SHAPES if name in self.dimensions]
        if self.base.transfer and shapes:
            raise SpecError(
                "trials that start from trained weights need the same network; received a search "
                f"over {shapes[0]}: search only settings of the training, or start from random "
                "weights"
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
                    f"{chosen.low:g} to {chosen.high:g} without steps: give it steps, for example "
                    "5, or choose the sampler tpe or random"
                )
        if self.sampler == "grid" and (self.grid_size or 0) > MOST_POINTS:
            raise SpecError(
                f"a grid may have at most {MOST_POINTS:,} points; this one has "
                f"{self.grid_size:,}: search fewer settings, or choose the sampler tpe or random"
            )
        return self

    @model_validator(mode="after")
    def _every_trial_works(self) -> Self:
        for params in self.corners():
            try:
                quota.check_network(spec_of(self, params).network)
            except SpecError as error:
                told = ", ".join(f"{name}={params[name]}" for name in _SHAPES if name in params)
                raise SpecError(f"some trials would not work: {told or 'all'}: {error}") from None
        return self

    @property
    def dimensions(self) -> dict[str, Dimension]:
        """The searched settings with their values, by name."""
        return self.space.dimensions

    def corners(self) -> list[Params]:
        """Return a choice of settings for each combination of those that change the network.

        Other settings take their first value.
        """
        axes = {
            name: chosen if name in _SHAPES and not isinstance(chosen, Range) else [_first(chosen)]
            for name, chosen in self.dimensions.items()
        }
        return [dict(zip(axes, point, strict=True)) for point in product(*axes.values())]

    @property
    def grid_size(self) -> int | None:
        """Number of points of the whole grid; None if a range has no steps."""
        counts = [c.steps if isinstance(c, Range) else len(c) for c in self.dimensions.values()]
        return prod(known) if len(known := [c for c in counts if c]) == len(counts) else None

    @property
    def total(self) -> int:
        """Number of trials that the study makes; a grid has no more than its points."""
        points = self.grid_size if self.sampler == "grid" else None
        return min(self.trials, points) if points else self.trials


def largest(study: Study) -> Spec:
    """Return the spec of the trial with the largest network and batch in the space."""
    names = ("batch_size", "filters", "convolutions", "hidden_layers")
    found = {name: study.dimensions[name] for name in names if name in study.dimensions}
    return spec_of(study, {name: max(values) for name, values in found.items()})


def _first(chosen: Dimension) -> ParamValue:
    """Return the first value of a dimension."""
    return chosen.low if isinstance(chosen, Range) else chosen[0]


def spec_of(study: Study, params: Params) -> Spec:
    """Return a trial's spec: base and parameters, with the study's epochs, images and seed."""
    spec = full_spec(study, params)
    shorter = {"epochs": study.trial_epochs, "seed": study.seed}
    split = spec.split
    if study.trial_images:
        split = edits.with_images(split, study.trial_images)
    training = edits.with_settings(spec.training, shorter)
    return Spec(network=spec.network, training=training, split=split, transfer=spec.transfer)


def full_spec(study: Study, params: Params) -> Spec:
    """Return the spec for a full training: base and parameters, with the base's epochs and images.

    Momentum or weight decay of the base is dropped if the chosen optimizer does not have it.
    """
    network = study.base.network
    for name, change in _CHANGES.items():
        if name in params:
            network = change(network, params[name])
    settings = {name: value for name, value in params.items() if name not in _CHANGES}
    training = edits.with_settings(study.base.training, settings)
    base = study.base
    return Spec(network=network, training=training, split=base.split, transfer=base.transfer)


_CHANGES = {
    "hidden_layers": edits.with_hidden_layers,
    "filters": edits.with_filters,
    "convolutions": edits.with_convolutions,
    "dropout": edits.with_dropout,
}
"""Changes of the network, in the order of their application: later ones apply to added layers."""


def params_of(study: Study, spec: Spec) -> Params:
    """Return the parameters of a trial's spec, the inverse of `spec_of`."""
    training, layers = spec.training, spec.network.layers
    convolutions = [layer for layer in layers if isinstance(layer, Conv2D)]
    before = edits.count_layers(Conv2D, study.base.network.layers)
    found = {
        "learning_rate": training.learning_rate,
        "batch_size": training.batch_size,
        "optimizer": training.optimizer,
        "filters": convolutions[0].filters if convolutions else None,
        "convolutions": len(convolutions) // max(1, before),
        "hidden_layers": len(edits.hidden_positions(spec.network)),
        "dropout": next((layer.rate for layer in layers if isinstance(layer, Dropout)), None),
        "shift": training.augmentation.shift,
        "rotation": training.augmentation.rotation,
    }
    return {name: found[name] for name in study.dimensions}
