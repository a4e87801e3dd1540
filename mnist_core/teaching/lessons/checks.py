"""The kinds of checks that a lesson's front matter may contain; `progress_checks` runs them."""

from collections.abc import Callable
from functools import lru_cache
from typing import Annotated, Literal, TypeVar, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from mnist_core.network import presets
from mnist_core.network.layers import AnyLayer
from mnist_core.network.notation import parse
from mnist_core.network.settings import SETTINGS, change_settings
from mnist_core.network.spec import Network, Spec
from mnist_core.network.value import SpecError
from mnist_core.utils.text import short_repr

LAYER_KINDS = tuple(layer.model_fields["kind"].default for layer in get_args(get_args(AnyLayer)[0]))

_parsed = lru_cache(maxsize=64)(parse)  # a check asks again for every run

UNFIT = "unfit"
"""The type of the pydantic error that carries the sentence of a SpecError."""


_T = TypeVar("_T")


def _checked_by(check: Callable[[_T], object]) -> AfterValidator:
    """Return a validator that accepts a value unless `check` raises a SpecError on it."""

    def validate(value: _T) -> _T:
        try:
            check(value)
        except SpecError as error:
            raise PydanticCustomError(UNFIT, "{reason}", {"reason": str(error)}) from None
        return value

    return AfterValidator(validate)


def _one_of(known: tuple[str, ...]) -> AfterValidator:
    def look(value: str) -> None:
        if value not in known:
            raise SpecError(
                f"it must be one of {', '.join(known)}; received {short_repr(value, 40)}"
            )

    return _checked_by(look)


def _check_settings(settings: dict[str, object]) -> None:
    """Raise SpecError unless the settings, as in a link, are valid together."""
    if unknown := settings.keys() - SETTINGS:
        raise SpecError(
            f"settings may hold {', '.join(SETTINGS)}; received {short_repr(min(unknown), 40)}: "
            "check its spelling or leave it out"
        )
    change_settings(Spec(network=parse("F")), settings)


Share = Annotated[float, Field(ge=0, le=1)]
Points = Annotated[float, Field(ge=0, le=100)]
Count = Annotated[int, Field(ge=0)]
Some = Annotated[int, Field(ge=1)]
Notation = Annotated[str, _checked_by(parse)]
Preset = Annotated[str, _checked_by(presets.find)]
Kind = Annotated[str, _one_of(LAYER_KINDS)]
Setting = Annotated[str, _one_of(("network", *SETTINGS))]
Settings = Annotated[dict[str, object], _checked_by(_check_settings)]


class Check(BaseModel):
    """One kind of check; strict, so that a number in quotes is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Conditions(Check):
    """Conditions that a run must meet, all of them.

    epochs, test_accuracy (in [0, 1]): at least; parameters, wrong (of 10,000 test images), images
    (for training, after the split): at most. has: a layer of this kind, or batch normalization
    within a convolution. settings: required values by their names in a link.
    """

    network: Notation | None = None
    preset: Preset | None = None
    epochs: Some | None = None
    parameters: Some | None = None
    test_accuracy: Share | None = None
    wrong: Count | None = None
    has: Kind | None = None
    settings: Settings = Field(default_factory=dict)
    images: Some | None = None
    augmented: bool | None = None

    @property
    def wanted(self) -> Network | None:
        """The required network; None for any."""
        if self.network is not None:
            return _parsed(self.network)
        return None if self.preset is None else presets.find(self.preset).network


class RunCheck(Conditions):
    """A run that meets the conditions."""

    kind: Literal["run"]


class Overfits(Check):
    """A run whose curves show overfitting. images: the most training images."""

    kind: Literal["overfits"]
    images: Some | None = None


class Smaller(Check):
    """A run with at most `factor` of a preset's parameters that loses under `points`.

    points: percentage points of test accuracy.
    """

    kind: Literal["smaller"]
    than: Preset
    factor: Annotated[float, Field(gt=0, le=1)] = 0.5
    points: Points = 0.3


class OneChange(Check):
    """Two runs that differ in one setting, and by at least `points` of test accuracy."""

    kind: Literal["one_change"]
    setting: Setting
    points: Points = 0.0


class FoldsCheck(Check):
    """A finished cross-validation with at least this number of folds."""

    kind: Literal["folds"]
    folds: Annotated[int, Field(ge=2, le=20)] = 2


class DepthsCheck(Check):
    """A finished study of depth with at least this number of different networks."""

    kind: Literal["depths"]
    variants: Annotated[int, Field(ge=1, le=7)] = 2


class StudyCheck(Check):
    """A study with at least this number of complete trials."""

    kind: Literal["study"]
    trials: Some = 1


Question = Literal["mistaken_most", "parameters", "flatten", "best_epoch", "rotation_90"]


class Answer(Check):
    """A question with a whole number as its answer, about the lesson's network or a run."""

    kind: Literal["answer"]
    question: Question
    run: Conditions = Conditions()


AnyCheck = (
    RunCheck | Overfits | Smaller | OneChange | FoldsCheck | DepthsCheck | StudyCheck | Answer
)

KINDS: dict[str, type[Check]] = {
    get_args(check.model_fields["kind"].annotation)[0]: check for check in get_args(AnyCheck)
}
