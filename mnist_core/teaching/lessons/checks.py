"""What a lesson may ask for, as its front matter writes it; `judge` looks whether it is done."""

from collections.abc import Callable
from functools import lru_cache
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from mnist_core.network import presets
from mnist_core.network.layers import AnyLayer
from mnist_core.network.notation import parse
from mnist_core.network.settings import SETTINGS, changed
from mnist_core.network.spec import Network, Spec
from mnist_core.network.value import SpecError
from mnist_core.utils.text import shown

LAYER_KINDS = tuple(layer.model_fields["kind"].default for layer in get_args(get_args(AnyLayer)[0]))

_parsed = lru_cache(maxsize=64)(parse)  # a check asks again for every run

UNFIT = "unfit"
"""The type of pydantic's error for what our own rules refuse; its message is a sentence."""


def _fits(look: Callable[[Any], object]) -> AfterValidator:
    """Keep a value if `look` raises no SpecError on it."""

    def validate(value: Any) -> Any:
        try:
            look(value)
        except SpecError as error:
            raise PydanticCustomError(UNFIT, "{reason}", {"reason": str(error)}) from None
        return value

    return AfterValidator(validate)


def _one_of(known: tuple[str, ...]) -> AfterValidator:
    def look(value: str) -> None:
        if value not in known:
            raise SpecError(f"it must be one of {', '.join(known)}; received {shown(value, 40)}")

    return _fits(look)


def _can_stand_together(settings: dict[str, Any]) -> None:
    """Settings as in a link, tried on a network of no matter."""
    if unknown := settings.keys() - SETTINGS:
        raise SpecError(
            f"settings may hold {', '.join(SETTINGS)}; received {shown(min(unknown), 40)}: "
            "check its spelling or leave it out"
        )
    changed(Spec(network=parse("F")), settings)


Share = Annotated[float, Field(ge=0, le=1)]
Points = Annotated[float, Field(ge=0, le=100)]
Count = Annotated[int, Field(ge=0)]
Some = Annotated[int, Field(ge=1)]
Notation = Annotated[str, _fits(parse)]
Preset = Annotated[str, _fits(presets.find)]
Kind = Annotated[str, _one_of(LAYER_KINDS)]
Setting = Annotated[str, _one_of(("network", *SETTINGS))]
Settings = Annotated[dict[str, Any], _fits(_can_stand_together)]


class Check(BaseModel):
    """One kind of check; strict, so that a number in quotes is told rather than guessed."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Conditions(Check):
    """What a run must meet, all of it; accuracies in [0, 1], `wrong` of the 10,000 test images.

    images: at most so many training images after the split. settings: by their names in a link,
    all as given. has: a layer of this kind, or batch normalization within a convolution.
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
        """The network that the run must have; None for any."""
        if self.network is not None:
            return _parsed(self.network)
        return None if self.preset is None else presets.find(self.preset).network


class RunCheck(Conditions):
    """A run that meets the conditions."""

    kind: Literal["run"]


class Overfits(Check):
    """A run whose curves show overfitting. images: it trained on at most so many."""

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
    """Two runs alike but for one setting, whose test accuracies are `points` apart or more."""

    kind: Literal["one_change"]
    setting: Setting
    points: Points = 0.0


class FoldsCheck(Check):
    """A cross-validation with at least so many folds, all of them through."""

    kind: Literal["folds"]
    folds: Annotated[int, Field(ge=2, le=20)] = 2


class DepthsCheck(Check):
    """A study of depth over at least so many numbers of hidden layers, all of it through."""

    kind: Literal["depths"]
    variants: Annotated[int, Field(ge=1, le=7)] = 2


class StudyCheck(Check):
    """A search for settings with at least so many complete trials."""

    kind: Literal["study"]
    trials: Some = 1


Question = Literal["mistaken_most", "parameters", "flatten", "best_epoch", "rotation_90"]


class Answer(Check):
    """A whole number that the app can work out itself, from the student's own run if need be."""

    kind: Literal["answer"]
    question: Question
    run: Conditions = Conditions()


AnyCheck = (
    RunCheck | Overfits | Smaller | OneChange | FoldsCheck | DepthsCheck | StudyCheck | Answer
)

KINDS: dict[str, type[Check]] = {
    get_args(check.model_fields["kind"].annotation)[0]: check for check in get_args(AnyCheck)
}
