"""The choice of a class's handwriting in a spec, in JSON and in links."""

import pytest

from mnist_core.network import query
from mnist_core.network.presets import PRESETS
from mnist_core.network.spec import MAX_WRITERS, Handwriting, Split
from mnist_core.network.value import SpecError

HASH = 16 * "c"
CHOICES = {
    f"240 digits by 1-9 up to 412 ({HASH}) with MNIST": Handwriting(
        images=240, writers=tuple(range(1, 10)), last=412, source=HASH
    ),
    f"7 digits by 2,31 up to 9 ({HASH}) of last year (8b): of with MNIST": Handwriting(
        images=7, writers=(31, 2, 31), last=9, source=HASH, mnist=False,
        collection="last year (8b): of with MNIST",
    ),
}  # fmt: skip


@pytest.mark.parametrize("text", CHOICES)
def test_a_choice_and_its_text_are_the_same(text):
    choice = CHOICES[text]
    assert str(choice) == text
    assert Handwriting.from_text(text) == Split.model_validate({"handwriting": text}).handwriting
    assert Handwriting.from_text(text) == choice == Handwriting.from_json(choice.to_json())
    spec = PRESETS["note-5"].spec.model_copy(update={"split": Split(handwriting=choice)})
    assert query.from_query(query.to_query(spec)) == spec


@pytest.mark.parametrize(
    "text",
    [
        "",
        "class",
        f"0 digits by 1 up to 9 ({HASH})",
        f"7 digits by 0-3 up to 9 ({HASH})",
        f"7 digits by 3-1 up to 9 ({HASH})",
        f"7 digits by 1- up to 9 ({HASH})",
        f"7 digits by 1-2147483646 up to 9 ({HASH})",
        f"7 digits by 1-9999999999 up to 9 ({HASH})",
        f"7 digits by 1,{','.join(map(str, range(MAX_WRITERS)))} up to 9 ({HASH})",
        f"7 digits by 1 up to 0 ({HASH})",
        "7 digits by 1 up to 9 (C0FFEE)",
        f"7 digits by 1 up to 9 ({HASH}) of " + 41 * "x",
        f"7 digits by 1 up to 9 ({HASH}) of a\nb",
        f"7 digits by 1 up to 9 ({HASH}) of  a",
        f"7 digits by 1 up to 9 ({HASH}) of a\0b",
        f"7 digits by 1 up to {2**31} ({HASH})",
        f"٧ digits by 1 up to 9 ({HASH})",
    ],
)
def test_any_other_text_gives_a_sentence(text):
    with pytest.raises(SpecError) as caught:
        Split.model_validate({"handwriting": text})
    assert len(str(caught.value)) < 300


def test_handwriting_goes_with_all_ten_digits_only():
    choice = next(iter(CHOICES.values()))
    with pytest.raises(SpecError, match="only when the network learns all ten digits; received"):
        Split(digits=(5, 6, 7, 8, 9), handwriting=choice)


def test_folds_are_of_mnists_images():
    alone = Handwriting(images=7, writers=(1,), last=9, source=HASH, mnist=False)
    with pytest.raises(SpecError, match="received handwriting without MNIST"):
        Split(kind="fold", handwriting=alone)
