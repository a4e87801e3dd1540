"""Lessons read from files: the whole one, and every mistake with its line."""

import os

import pytest

from mnist_core.network.presets import find
from mnist_core.teaching.lessons import reader
from mnist_core.teaching.lessons.checks import Answer, RunCheck
from mnist_core.teaching.lessons.lesson import Link
from mnist_core.teaching.lessons.reader import Mistake

PAGES, PARAMETERS = ("data", "build", "learn"), ("set", "image", "idea", "learn_tab")

TEXT = """---
title: Your first network
order: 3                      # a comment
minutes: 45
note: note-5
about: One sentence.
start:
  preset: note-5
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
    assert lesson.check.wanted == find("note-5").network
    assert (lesson.check.epochs, lesson.check.test_accuracy) == (2, 0.97)
    look, build = lesson.steps
    assert look.link == Link("Open Data", "data", {"set": "test", "image": "7"})
    assert look.read == "A sum $\\sum_i x_i$\n\nand a second paragraph."
    assert (look.title, look.do, look.see) == ("Look", "Point at it.", "A seven.")
    assert (build.link, build.read, build.do, build.see) == (None, "a", "b", "c")


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("minutes: 45", "minutes: soon", 4, "valid integer; received 'soon'"),
        ("minutes: 45\n", "", 2, "minutes is missing"),
        ("minutes: 45", "minuts: 45", 4, "one of title, .* received 'minuts'"),
        ("minutes: 45", "minutes: 45\nminutes: 40", 5, "minutes stands here twice"),
        ("minutes: 45", "minutes: [1, 2", 5, "not YAML"),
        ("minutes: 45", "minutes: 2026-13-45", 2, "put it in quotes"),
        ("minutes: 45", "minutes: 5\x07", 4, "cannot be printed"),
        ("about: One", "about: {}", 6, "not YAML|valid string"),
        ("about: One sentence.", "about: Colons: are special", 6, "colon into quotes"),
        ("about: One sentence.", "about: &a [b, c]\nx: *a", 7, "no aliases"),
        ("about: One sentence.", f"about: {'[' * 50}{']' * 50}", 6, "levels"),
        ("about: One sentence.", "<<: {about: x}", 6, "merge keys"),
        ("about: One sentence.", "about: !!python/object:os.system x", 6, "not YAML"),
        ("note: note-5", "note: note-6", 5, "one of note-1, .* received 'note-6'"),
        ("preset: note-5", "preset: note-9", 8, "no preset 'note-9'"),
        ("preset: note-5", "network: C8 M X", 8, "layer 3, 'X'"),
        ("preset: note-5", "network: C8 M", 8, "Flatten"),
        ("preset: note-5", "network: F D4096", 8, "parameters"),
        ("  preset: note-5\n", "", 7, "either a preset or a network"),
        ("  epochs: 2\ntask", "  epoch: 2\ntask", 9, "received 'epoch'"),
        ("  epochs: 2\ntask", "  epochs: 0\ntask", 9, "greater than or equal to 1"),
        ("  epochs: 2\ntask", "  momentum: 0.9\ntask", 9, "momentum is a setting of sgd"),
        ("kind: run", "kind: walk", 12, "one of run, overfits, .* received 'walk'"),
        ("kind: run", "kind: [run]", 12, "must be one of"),
        ("  kind: run\n", "", 11, "must be one of"),
        ("network: C8 M C16 M F D64 Drop0.2", "network: C8 M", 13, "needs a vector"),
        ("network: C8 M C16 M F D64 Drop0.2", "preset: nobody", 13, "no preset"),
        ("network: C8 M C16 M F D64 Drop0.2", "has: magic", 13, "one of conv2d, .*'magic'"),
        ("network: C8 M C16 M F D64 Drop0.2", "settings: {speed: 3}", 13, "received 'speed'"),
        ("network: C8 M C16 M F D64 Drop0.2", "settings: {momentum: 0.9}", 13, "of sgd"),
        ("test_accuracy: 0.97", "test_accuracy: 97", 15, "less than or equal to 1; received 97"),
        ("test_accuracy: 0.97", "test_accuracy: '0.97'", 15, "valid number"),
        ("test_accuracy: 0.97", "accuracy: 0.97", 15, "one of network, .* received 'accuracy'"),
        ("---\nWords", "Words", 38, "front matter"),
        ("---\ntitle", "title", 1, "front matter"),
        ("Words before all steps.\n\n```\n## no heading\n```\n", "", 17, "introduction"),
        ("[Open Data](data", "[Open Data](date", 25, "no page 'date': choose one of build, "),
        ("image=7", "immage=7", 25, "'immage'"),
        ("image=7", "epochs=7", 25, "need a network beside them"),
        ("data?set=test&image=7", "build?network=C8+M", 25, "needs a vector"),
        ("data?set=test&image=7", "build?network=F&speed=1", 25, "received 'speed'"),
        ("[Open Data]", "Open it [Data]", 25, "one link alone"),
        ("Read: A sum", "A sum", 27, "one link alone"),
        ("Do: Point", "See: Point", 31, "received See: where Do is due"),
        ("See: A seven.", "See:", 23, "has no See"),
        ("See: A seven.", "See: A seven.\n\nRead: more", 35, "Read: where the next step is due"),
        ("## Build\nRead: a\nDo: b\nSee: c\n", "", 35, "at least 2 steps; received 1"),
        ("## Build", "## ", 35, "needs a title"),
    ],
)
def test_a_mistake_is_told_with_its_line(old, new, line, words):
    assert TEXT.count(old) == 1
    with pytest.raises(Mistake, match=words) as caught:
        read(TEXT.replace(old, new))
    assert caught.value.line == line


def test_questions_about_the_network_need_one():
    start = TEXT[TEXT.index("  kind: run") : TEXT.index("---\nWords")]
    asks = TEXT.replace(start, "  kind: answer\n  question: flatten\n  run: {epochs: 1}\n")
    lesson = read(asks)
    assert isinstance(lesson.check, Answer)
    assert lesson.check.run.epochs == 1
    with pytest.raises(Mistake, match="needs a Flatten layer") as caught:
        read(asks.replace("preset: note-5", "network: C8 GAP"))
    assert caught.value.line == 13
    with pytest.raises(Mistake, match="needs a start"):
        read(asks.replace("start:\n  preset: note-5\n  epochs: 2\n", ""))


def test_a_broken_file_hides_nothing_else(tmp_path):
    (tmp_path / "b.md").write_text(TEXT, encoding="utf-8-sig", newline="\r\n")
    (tmp_path / "a.md").write_text(TEXT.replace("order: 3", "order: 4"))
    (tmp_path / "README.md").write_text("How to write one.")
    (tmp_path / "no-steps.md").write_text(TEXT[: TEXT.index("## Look")])
    (tmp_path / "Bad Name.md").write_text(TEXT)
    (tmp_path / "latin.md").write_bytes(TEXT.replace("seven", "sièven").encode("latin-1"))
    (tmp_path / "long.md").write_text(TEXT + "x" * 70_000)
    (tmp_path / "folder.md").mkdir()
    found = reader.read_all(PAGES, PARAMETERS, tmp_path)
    assert [lesson.name for lesson in found.lessons] == ["b", "a"]
    told = {error.file: str(error) for error in found.broken}
    assert sorted(told) == ["Bad Name.md", "folder.md", "latin.md", "long.md", "no-steps.md"]
    assert told["latin.md"].startswith("latin.md, line 33: this is not UTF-8")
    assert "at most 65,536 bytes; received 70," in told["long.md"]
    assert "rename it" in told["Bad Name.md"]
    assert found.find("a") is found.lessons[1]
    assert found.find("nobody") is None


def test_files_are_read_again_when_they_change(tmp_path):
    path = tmp_path / "a.md"
    path.write_text(TEXT)
    first = reader.read_all(PAGES, PARAMETERS, tmp_path)
    assert reader.read_all(PAGES, PARAMETERS, tmp_path).lessons[0] is first.lessons[0]
    path.write_text(TEXT.replace("Your first", "Your last!"))
    os.utime(path, ns=(1, 1))
    (tmp_path / "z.md").write_text(TEXT)
    again = reader.read_all(PAGES, PARAMETERS, tmp_path)
    assert [lesson.title for lesson in again.lessons] == [
        "Your last! network",
        "Your first network",
    ]


def test_without_a_folder_there_are_no_lessons(tmp_path):
    found = reader.read_all(PAGES, PARAMETERS, tmp_path / "nowhere")
    assert (found.lessons, found.broken) == ((), ())
