"""The check of a task about the class's own handwriting."""

from typing import Literal

from pydantic import Field

from mnist_core.storage import handwriting
from mnist_core.storage.runs import Store
from mnist_core.storage.workspaces import LOCAL
from mnist_core.teaching.lessons.check import Check, Verdict
from mnist_core.utils.text import plural


class HandwritingCheck(Check):
    """At least this number of handwritten digits, each of the ten digits among them."""

    kind: Literal["handwriting"]
    digits: int = Field(ge=10, le=60)

    def evaluate(self, store: Store, answer: str = "") -> Verdict:
        """Pass with the student's own digits; where nobody is told apart, with everybody's."""
        every = store.visitor == LOCAL
        own = [
            each.label
            for each in handwriting.samples(store)
            if every or each.made_by == store.visitor
        ]
        missing = sorted(set(range(10)) - set(own))
        if len(own) >= self.digits and not missing:
            return Verdict(True, f"You have written {plural(len(own), 'digit')}.")
        words = f"{plural(len(own), 'digit')} of {self.digits} so far"
        words += f"; still missing: {', '.join(map(str, missing))}" if missing and own else ""
        return Verdict(False, f"{words}: write them on the page Our handwriting.")
