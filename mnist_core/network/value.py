"""The base class of all specs: frozen values whose validation errors are sentences."""

from math import inf
from typing import Self

from pydantic import (
    BaseModel,
    ConfigDict,
    ModelWrapValidatorHandler,
    ValidationError,
    field_validator,
    model_validator,
)

from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import short_repr, without_markup

MOST_JSON = 100_000
"""Characters of JSON that are read; the largest valid spec takes a tenth of them."""


class SpecError(MnistError):
    """A setting or a layer that cannot work; `layer` is the layer's position from 0, or None."""

    def __init__(self, message: str, layer: int | None = None) -> None:
        super().__init__(message)
        self.layer = layer


def explain(error: ValidationError, union: str = "layer") -> str:
    """Return the first problem that pydantic found as one sentence with the value received.

    union: what a value with a `kind` is called.
    """
    first = error.errors(include_url=False)[0]
    context = first.get("ctx") or {}
    where = without_markup(".".join(str(part)[:40] for part in first["loc"])[:100]) or "the value"
    if first["type"] == "extra_forbidden":
        return f"there is no setting called {where}: check its spelling or leave it out"
    if first["type"] == "missing":
        return f"{where} is missing: it has no default, so give it a value"
    if first["type"] == "json_invalid":
        problem = context["error"]
        return f"this is not valid JSON ({problem}): check brackets, commas and quotes"
    if first["type"] == "union_tag_invalid":
        kinds = context["expected_tags"].replace("'", "")
        return (
            f"there is no {union} of the kind {short_repr(context['tag'], 40)}: choose one of "
            f"{kinds}"
        )
    if first["type"] == "union_tag_not_found":
        received = short_repr(first["input"])
        return f"a {union} needs its kind; received {received}: add it"
    if first["type"] == "int_parsing_size":
        return f"{where} must be a number with fewer digits; received {short_repr(first['input'])}"
    rule = first["msg"].removeprefix("Input ").removeprefix("String ").replace("should", "must", 1)
    return f"{where} {rule}; received {short_repr(first['input'])}"


def limits(model: type[BaseModel], name: str, step: float = 0) -> tuple[float, float]:
    """Return the smallest and the largest value that a setting's field allows.

    step: the distance from a limit that is itself not allowed.
    """
    rules = model.model_fields[name].metadata
    found = {
        key: getattr(rule, key)
        for rule in rules
        for key in ("ge", "gt", "le", "lt")
        if hasattr(rule, key)
    }
    least = found["gt"] + step if "gt" in found else found.get("ge", -inf)
    most = found["lt"] - step if "lt" in found else found.get("le", inf)
    return least, most


class Value(BaseModel):
    """A frozen pydantic model that raises SpecError, one sentence, on invalid values."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @field_validator("*", mode="after")
    @classmethod
    def _one_zero(cls, value: object) -> object:
        """Turn -0.0 into 0.0: they are equal, so their JSON must be equal too."""
        return value + 0.0 if isinstance(value, float) else value

    @model_validator(mode="wrap")
    @classmethod
    def _raise_sentences(cls, data: object, handler: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            return handler(data)
        except ValidationError as error:
            raise SpecError(explain(error)) from None

    def to_json(self) -> str:
        """Return canonical JSON: every setting, in the order of the fields."""
        return self.model_dump_json()

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read a value from its JSON. Raises SpecError on anything invalid or incomplete."""
        if len(text) > MOST_JSON:
            raise SpecError(
                f"this JSON may have at most {MOST_JSON:,} characters; received {len(text):,}: "
                "remove everything that is not a setting"
            )
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise SpecError(explain(error)) from None
