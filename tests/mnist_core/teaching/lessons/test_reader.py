"""Lessons read from files: the whole one, and every mistake in one sentence."""

from pathlib import Path

import pytest

from mnist_core.network.presets import find
from mnist_core.teaching.lessons import reader
from mnist_core.teaching.lessons.answers import AnswerCheck
from mnist_core.teaching.lessons.lesson import LessonError, Link
from mnist_core.teaching.lessons.run_checks import RunCheck

PAGES = frozenset({"data", "build", "learn"})
PARAMETERS = frozenset({"set", "image", "idea", "learn_tab"})

TEXT = """---
title: Your first network
order: 3                      # a comment
minutes: 45
note: note-5
about: One sentence.
start:
  network: note-5
  epochs: 2
task: Train it.
check:
  kind: run
  network: C8 M C16 M F D64 Drop0.2
  epochs: 2
  test_accuracy: 0.97
---
Words before all steps.

```
## no heading
```

## Look

[Open Data](data?set=test&image=7)

Read: A sum $\\sum_i x_i$

and a second paragraph.

Do: Point at it.

See: A seven.

## Build
Read: a
Do: b
See: c
"""


def read(text: str, name: str = "first"):
    return reader.parse_lesson(name, text, PAGES, PARAMETERS)


def test_a_lesson_has_all_that_its_file_says():
    lesson = read(TEXT)
    assert (lesson.name, lesson.title, lesson.order, lesson.minutes, lesson.note) == (
        *("first", "Your first network", 3, 45, "note-5"),
    )
    assert lesson.introduction == "Words before all steps.\n\n```\n## no heading\n```"
    assert lesson.start is not None
    assert lesson.start.network == find("note-5").network
    assert (lesson.start.training.epochs, lesson.start.split) == (2, find("note-5").split)
    assert isinstance(lesson.check, RunCheck)
    assert lesson.check.network == find("note-5").network
    assert (lesson.check.epochs, lesson.check.test_accuracy) == (2, 0.97)
    look, build = lesson.steps
    assert look.link == Link("Open Data", "data", {"set": "test", "image": "7"})
    assert look.read == "A sum $\\sum_i x_i$\n\nand a second paragraph."
    assert (look.title, look.do, look.see) == ("Look", "Point at it.", "A seven.")
    assert (build.link, build.read, build.do, build.see) == (None, "a", "b", "c")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("title: Your first network", "title:", "title must have at least 1 character"),
        ("minutes: 45", "minutes: 0", "minutes must be greater than or equal to 1"),
        ("minutes: 45", "minutes: 601", "minutes must be less than or equal to 600"),
        ("title: Your first network", f"title: {'y' * 81}", "title must have at most 80"),
        ("minutes: 45", "minutes: soon", "minutes must be a valid integer.*; received 'soon'"),
        ("minutes: 45\n", "", "minutes is missing"),
        ("minutes: 45", "minuts: 45", "minutes is missing"),
        ("minutes: 45", "minutes: 45\nlevel: 3", "no setting called level"),
        ("minutes: 45", "minutes: [1, 2", "not YAML"),
        ("minutes: 45", "minutes: 2026-13-45", "valid integer"),
        ("minutes: 45", f"minutes: {'9' * 5000}", "fewer digits"),
        ("minutes: 45", "minutes: 5\x07", "not YAML"),
        ("about: One sentence.", "about: {}", "about must be a valid string"),
        ("about: One sentence.", "about:", "about must have at least 1 character"),
        ("about: One sentence.", "about: Colons: are special", "colon in quotes"),
        ("about: One sentence.", f"about: {'[' * 1500}{']' * 1500}", "not YAML"),
        ("about: One sentence.", "about: [*a]", "not YAML"),
        ("note: note-5", "note: note-6", "note must be 'note-1', .*; received 'note-6'"),
        ("network: note-5", "network: note-9", "'note-9' is neither a preset"),
        ("network: note-5", "network: C8 M X", "layer 3, 'X'"),
        ("network: note-5", "network: C8 M", "Flatten"),
        ("network: note-5", "network: {a: b}", "layer 1"),
        ("start:\n  network: note-5\n  epochs: 2\n", "start: note-5\n", "start must hold settings"),
        ("  network: note-5\n", "", "network"),
        ("  epochs: 2\ntask", "  epoch: 2\ntask", "received 'epoch'"),
        ("  epochs: 2\ntask", "  epochs: 0\ntask", "greater than or equal to 1"),
        ("  epochs: 2\ntask", "  momentum: 0.9\ntask", "momentum is a setting of sgd"),
        ("kind: run", "kind: walk", "no check of the kind 'walk': choose one of run, "),
        ("kind: run", "kind: [run]", "no check of the kind"),
        ("  kind: run\n", "", "a check needs its kind"),
        ("network: C8 M C16 M F D64 Drop0.2", "network: C8 M", "needs a vector"),
        ("network: C8 M C16 M F D64 Drop0.2", "network: nobody", "neither a preset"),
        ("test_accuracy: 0.97", "test_accuracy: 97", "less than or equal to 1; received '97'"),
        ("test_accuracy: 0.97", "accuracy: 0.97", "no setting called check.run.accuracy"),
        ("---\nWords", "Words", "front matter"),
        ("---\ntitle", "title", "front matter"),
        ("Words before all steps.\n\n```\n## no heading\n```\n", "", "introduction must have"),
        ("[Open Data](data", "[Open Data](date", "one of the pages build, data, learn; received"),
        ("image=7", "immage=7", "'immage'"),
        ("image=7", "epochs=7", "network"),
        ("data?set=test&image=7", "build?network=C8+M", "needs a vector"),
        ("data?set=test&image=7", "build?network=F&speed=1", "received 'speed'"),
        ("[Open Data]", "Open it [Data]", "only a link"),
        ("Read: A sum", "A sum", "check the step 'Look'"),
        ("Do: Point", "See: Point", "check the step 'Look'"),
        ("See: A seven.", "See:", "check the step 'Look'"),
        ("See: A seven.", "See: A seven.\n\nRead: more", "check the step 'Look'"),
        (TEXT[TEXT.index("## Look") :], "", "needs steps"),
        ("## Build", "## ", "a step has a title"),
    ],
)
def test_a_mistake_is_one_sentence(old, new, words):
    assert TEXT.count(old) == 1
    with pytest.raises(LessonError, match=words):
        read(TEXT.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("minutes: 45", "minutes: 1"),
        ("minutes: 45", "minutes: 600"),
        ("title: Your first network", "title: y"),
        ("title: Your first network", f"title: {'y' * 80}"),
        ("about: One sentence.", "about: I"),
        ("task: Train it.", "task: I"),
        ("Words before all steps.\n\n```\n## no heading\n```", "I"),
    ],
)
def test_the_ends_of_a_range_are_allowed(old, new):
    assert len(read(TEXT.replace(old, new)).steps) == 2


def test_a_lesson_of_the_greatest_length_is_read():
    assert len(read(TEXT + "c" * (65_536 - len(TEXT))).steps) == 2
    with pytest.raises(LessonError, match="at most 65,536 characters; received 65,537"):
        read(TEXT + "c" * (65_537 - len(TEXT)))


def test_a_question_has_conditions_and_a_known_name():
    start = TEXT[TEXT.index("  kind: run") : TEXT.index("---\nWords")]
    text = TEXT.replace(start, "  kind: answer\n  question: flatten\n  epochs: 1\n")
    lesson = read(text)
    assert isinstance(lesson.check, AnswerCheck)
    assert (lesson.check.question, lesson.check.epochs) == ("flatten", 1)
    with pytest.raises(LessonError, match=r"question must be 'mistaken_most', .*'flat'"):
        read(text.replace("question: flatten", "question: flat"))


def test_one_change_is_of_a_known_setting():
    start = TEXT[TEXT.index("  kind: run") : TEXT.index("---\nWords")]
    text = TEXT.replace(start, "  kind: one_change\n  setting: speed\n  points: 1\n")
    with pytest.raises(LessonError, match=r"setting must be one of network, .*'speed'"):
        read(text)
    assert read(text.replace("speed", "momentum")).check.kind == "one_change"


@pytest.fixture
def english(tmp_path: Path) -> Path:
    """The folder of the English lessons, in `tmp_path`."""
    folder = tmp_path / "en"
    folder.mkdir()
    return folder


def test_a_broken_file_hides_nothing_else(tmp_path, english):
    (english / "b.md").write_text(TEXT, encoding="utf-8-sig", newline="\r\n")
    (english / "a.md").write_text(TEXT.replace("order: 3", "order: 4"))
    (english / "no-steps.md").write_text(TEXT[: TEXT.index("## Look")])
    (english / "Bad Name.md").write_text(TEXT)
    (english / "latin.md").write_bytes(TEXT.replace("seven", "sièven").encode("latin-1"))
    (english / "long.md").write_text(TEXT + "x" * 70_000)
    (english / "folder.md").mkdir()
    found = reader.read_all(PAGES, PARAMETERS, folder=tmp_path)
    assert [lesson.name for lesson in found.lessons] == ["b", "a"]
    told = {name: str(error) for name, error in found.broken.items()}
    assert sorted(told) == ["Bad Name", "folder", "latin", "long", "no-steps"]
    assert told["latin"].startswith("en/latin.md: it cannot be read as UTF-8 text")
    assert "at most 65,536 characters; received 70," in told["long"]
    assert told["Bad Name"].startswith("en/Bad Name.md: name must match pattern")
    assert found.find("a") is found.lessons[1]
    assert found.find("nobody") is None


def test_files_are_read_again_when_they_change(tmp_path, english):
    path = english / "a.md"
    path.write_text(TEXT)
    first = reader.read_all(PAGES, PARAMETERS, folder=tmp_path)
    assert reader.read_all(PAGES, PARAMETERS, folder=tmp_path).lessons[0] is first.lessons[0]
    path.write_text(TEXT.replace("Your first", "Your last!"))
    (english / "z.md").write_text(TEXT)
    again = reader.read_all(PAGES, PARAMETERS, folder=tmp_path)
    assert [lesson.title for lesson in again.lessons] == [
        "Your last! network",
        "Your first network",
    ]


def test_without_a_folder_there_are_no_lessons(tmp_path):
    found = reader.read_all(PAGES, PARAMETERS, folder=tmp_path / "nowhere")
    assert (found.lessons, found.broken) == ((), {})


GERMAN = """---
title: Dein erstes Netz
---
Eine Einleitung.

## Schau

Read: Lies.

Do: Tu.

See: Sieh.
"""


def test_a_translation_replaces_the_words_and_keeps_the_rest(tmp_path, english):
    (tmp_path / "de").mkdir()
    (tmp_path / "de" / "a.md").write_text(GERMAN)
    for name in ("a", "b"):
        (english / f"{name}.md").write_text(TEXT)
    (tmp_path / ".ipynb_checkpoints").mkdir()
    assert reader.languages(tmp_path) == ["en", "de"]
    original = reader.read_all(PAGES, PARAMETERS, folder=tmp_path).lessons[0]
    assert not reader.read_all(PAGES, PARAMETERS, folder=tmp_path).untranslated
    german = reader.read_all(PAGES, PARAMETERS, "de", tmp_path)
    translated, other = german.lessons
    assert german.untranslated == {"b"}
    assert (translated.title, translated.introduction) == ("Dein erstes Netz", "Eine Einleitung.")
    assert translated.steps[0].do == "Tu."
    kept = ("name", "order", "minutes", "start", "task", "check")
    assert all(getattr(translated, name) == getattr(original, name) for name in kept)
    assert other == original.model_copy(update={"name": "b"})
    assert not reader.read_all(PAGES, PARAMETERS, "fr", tmp_path).broken


def test_a_broken_translation_is_named_and_its_lesson_is_in_english(tmp_path, english):
    (tmp_path / "de").mkdir()
    (tmp_path / "de" / "a.md").write_text(GERMAN.replace("See:", "Sieh:"))
    (english / "a.md").write_text(TEXT)
    (tmp_path / "de" / "z.md").write_text(GERMAN)
    found = reader.read_all(PAGES, PARAMETERS, "de", tmp_path)
    assert str(found.broken["z"]) == "de/z.md: there is no en/z.md"
    assert found.lessons == reader.read_all(PAGES, PARAMETERS, folder=tmp_path).lessons
    assert str(found.broken["a"]).startswith("de/a.md: a step has a title")
    assert found.untranslated == {"a"}
