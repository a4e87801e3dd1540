"""The short form of a layer, such as C32k5same: its letters, and its settings in their order."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

_FLOAT = r"[0-9.e+-]+"


@dataclass(frozen=True)
class Notation:
    """The short form of a kind of layer.

    letters: its beginning. settings: what stands before the value of each setting, by name; a
    setting without a default must be there, and a switch is its word alone. always: a setting that
    is written even where it has its default. example: for error messages.
    """

    letters: str
    settings: Mapping[str, str]
    example: str
    always: str = ""

    def pattern(self, layer: type[BaseModel]) -> re.Pattern[str]:
        """Return what matches the whole short form; upper and lower case mean the same."""
        parts = [
            _part(name, prefix, layer.model_fields[name]) for name, prefix in self.settings.items()
        ]
        return re.compile(self.letters + "".join(parts), re.IGNORECASE | re.ASCII)

    def write(self, layer: BaseModel) -> str:
        """Return the short form of a layer, its defaults left out."""
        fields = type(layer).model_fields
        values = {name: getattr(layer, name) for name in self.settings}
        return self.letters + "".join(
            prefix if values[name] is True else f"{prefix}{values[name]}"
            for name, prefix in self.settings.items()
            if name == self.always or values[name] != fields[name].default
        )


def _part(name: str, prefix: str, field: FieldInfo) -> str:
    """Return the pattern of a setting with what stands before it."""
    annotation = field.annotation
    if annotation is bool:
        return f"(?P<{name}>{prefix})?"
    if get_origin(annotation) is Literal:
        value = "|".join(sorted(get_args(annotation), key=len, reverse=True))
    else:
        value = _FLOAT if annotation is float else r"\d+"
    part = f"(?:{prefix}(?P<{name}>{value}))"
    return part if field.is_required() else f"{part}?"
