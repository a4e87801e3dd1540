"""The lessons in lessons/: each can be read, starts, and leads to places that exist."""

import ast
import math
import re
from functools import cache
from typing import get_args

import pytest

from mnist_core.dataset.samples import SETS, example
from mnist_core.network import presets
from mnist_core.network.query import to_query
from mnist_core.network.settings import SETTINGS, change_settings
from mnist_core.network.spec import Spec
from mnist_core.network.summary import check_limits
from mnist_core.teaching.lessons.handwriting_check import HandwritingCheck
from mnist_core.teaching.lessons.lesson import AnyCheck, Lesson
from mnist_core.teaching.lessons.reader import ENGLISH, FOLDER, languages, read_all
from mnist_core.teaching.lessons.run_checks import Conditions, SmallerCheck
from mnist_core.training.estimate import cost_per_image

ROOT = FOLDER.parent
PAGES_WITH_TABS = ("data", "look", "tune", "compare", "learn", "handwriting")
TABS = {f"{page}_tab": page for page in PAGES_WITH_TABS}
OTHERS = frozenset({*TABS, "idea", "set", "image"})


def _text(*parts: str) -> str:
    return ROOT.joinpath(*parts).read_text(encoding="utf-8")


PAGES = frozenset(path.stem for path in (ROOT / "pages").glob("*.py"))
CATALOGS = {language: read_all(PAGES, OTHERS, language) for language in languages()}
CATALOG = CATALOGS[ENGLISH]
NAMES = [path.stem for path in sorted((FOLDER / ENGLISH).glob("*.md"))]
FILES = [f"{path.parent.name}/{path.stem}" for path in sorted(FOLDER.glob("*/*.md"))]
TRANSLATIONS = [name for name in FILES if not name.startswith(f"{ENGLISH}/")]


def _lesson(file: str) -> Lesson:
    """The lesson in a file, such as "de/overfitting"."""
    language, _, name = file.rpartition("/")
    catalog = CATALOGS[language or ENGLISH]
    found = catalog.find(name)
    assert found, catalog.broken
    return found


def _tabs(page: str) -> set[str]:
    """The names of a page's tabs or views, from its source: importing a page would run it."""
    for node in ast.walk(ast.parse(_text("pages", f"{page}.py"))):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in ("TABS", "GROUPS"):
            assert isinstance(node.value, ast.Dict)
            groups = [value for value in node.value.values if isinstance(value, ast.Dict)]
            keys = [key for names in groups or [node.value] for key in names.keys if key]
            return {ast.literal_eval(key) for key in keys}
    raise AssertionError(f"pages/{page}.py has no TABS or GROUPS")


@cache
def _words_of_the_app() -> str:
    """All sources, where every word stands that a student can see; strings of two lines joined."""
    folders = ("pages", "ui", "mnist_core")
    sources = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    return re.sub(r'"\n\s*"', "", text)


def test_every_file_is_a_lesson_and_all_five_notes_have_one():
    for catalog in CATALOGS.values():
        assert not catalog.broken, catalog.broken
    assert len(CATALOG.lessons) == len(NAMES) >= 8
    assert {lesson.note for lesson in CATALOG.lessons} >= set(presets.NOTES)
    orders = [lesson.order for lesson in CATALOG.lessons]
    assert orders == list(range(1, len(orders) + 1))
    assert len({lesson.title for lesson in CATALOG.lessons}) == len(orders)


@pytest.mark.parametrize("name", NAMES)
def test_a_lesson_fits_a_class_and_its_start_can_be_trained(name: str):
    lesson = _lesson(name)
    assert 4 <= len(lesson.steps) <= 6
    assert lesson.minutes <= 45
    if lesson.start is None:
        assert isinstance(lesson.check, HandwritingCheck)  # nothing is trained
        return
    assert check_limits(lesson.start.network)
    assert _work(lesson.start) <= MOST_WORK
    if isinstance(lesson.check, Conditions) and not isinstance(lesson.check, SmallerCheck):
        _assert_meets(lesson.start, lesson.check)


def _work(spec: Spec) -> float:
    """What training costs: multiply-adds of all images in all epochs, and what they bring along."""
    return cost_per_image(spec.network) * spec.split.training_images * spec.training.epochs


MOST_WORK = 1.2 * _work(change_settings(presets.find("note-2"), {"epochs": 2}))
"""About 45 seconds on two cores, which is what a class waits for without unrest."""


def _assert_meets(start: Spec, asked: Conditions) -> None:
    """Whoever trains what was prepared meets the conditions, but for what the run will show."""
    assert asked.network in (None, start.network)
    assert (asked.epochs or 0) <= start.training.epochs
    changes = start.training.augmentation
    if asked.augmented is not None:
        assert asked.augmented == any((changes.shift, changes.rotation, changes.zoom))


@pytest.mark.parametrize("name", FILES)
def test_every_link_leads_to_a_place_that_exists(name: str):
    ideas = _text("ui", "views", "learn", "ideas", "catalog.py")
    for link in (step.link for step in _lesson(name).steps):
        assert link
        query = dict(link.query)
        for parameter in query.keys() & TABS.keys():
            assert link.page == TABS[parameter]
            assert query[parameter] in _tabs(link.page)
        if "idea" in query:
            assert (link.page, query["learn_tab"]) == ("learn", "Ideas")
            module = query["idea"].replace("-", "_")
            assert f"\n        {module},\n" in ideas
            assert f'name="{query["idea"]}"' in _text(
                "ui", "views", "learn", "ideas", f"{module}.py"
            )
        if "image" in query:
            assert link.page != "data" or "data_tab" in query  # another tab may be open there
            assert query["set"] in SETS
            assert example(query["set"], int(query["image"]))
        assert query.keys() <= {*OTHERS, "network", *SETTINGS}


@pytest.mark.parametrize("name", FILES)
def test_a_link_that_prepares_a_preset_has_all_of_its_settings(name: str):
    """A link to the network of a note must not lose the note's optimizer, loss, batch or split."""
    at_random = (preset for preset in presets.PRESETS.values() if not preset.source)
    known = {preset.spec.network: preset.spec for preset in at_random}
    written = {to_query(spec)["network"]: spec for spec in known.values()}
    for link in (step.link for step in _lesson(name).steps):
        assert link
        preset = written.get(link.query.get("network", ""))
        if preset is None or "limit" in link.query:  # with few images it is another experiment
            continue
        wanted = {key: value for key, value in to_query(preset).items() if key != "epochs"}
        assert wanted.items() <= link.query.items(), f"{name}: {link.query} lacks some of {wanted}"


@pytest.mark.parametrize("name", FILES)
def test_no_line_breaks_a_formula_or_begins_with_a_percent_sign(name: str):
    """A formula that goes on in the next line is shown raw."""
    for number, line in enumerate(_text("lessons", f"{name}.md").split("\n"), start=1):
        dollars = re.sub(r"`[^`]*`", "", line).count("$")
        assert dollars % 2 == 0, f"{name}.md, line {number}: a formula breaks over the line"
        assert not line.lstrip().startswith("%"), f"{name}.md, line {number}: begins with %"
        assert not re.search(r"\d %", line), f"{name}.md, line {number}: a plain space before %"


@pytest.mark.parametrize("name", FILES)
def test_a_lesson_says_that_training_may_take_longer(name: str):
    lesson = _lesson(name)
    words = ("three times as long", "dreimal so lange")
    assert lesson.start is None or any(
        said in " ".join(lesson.introduction.split()) for said in words
    )


def test_the_guide_names_all_presets_kinds_of_checks_and_their_fields():
    guide = _text("lessons", "README.md")
    kinds = get_args(AnyCheck)
    names = {kind.model_fields["kind"].annotation.__args__[0] for kind in kinds}
    fields = {field for kind in kinds for field in kind.model_fields} - {"kind"}
    for word in (*presets.PRESETS, *names, *fields):
        assert f"`{word}`" in guide


def _bold(text: str) -> list[str]:
    """The bold words of a text; names of buttons, in a Do."""
    return [" ".join(words.split()) for words in text.split("**")[1::2]]


@pytest.mark.parametrize("name", FILES)
def test_what_is_bold_in_a_do_is_written_in_the_app(name: str):
    for step in _lesson(name).steps:
        for words in _bold(step.do):
            label = re.sub(r"\d+ runs", "{count}", words)  # Train 3 runs
            assert label in _words_of_the_app(), f"{name}, {step.title}: {label}"


@pytest.mark.parametrize("name", TRANSLATIONS)
def test_a_translation_has_the_steps_of_the_english_lesson(name: str):
    english, translated = _lesson(name.partition("/")[2]), _lesson(name)
    for field in ("name", "order", "minutes", "note", "start", "check"):
        assert getattr(translated, field) == getattr(english, field)
    for field in ("title", "about", "task", "introduction"):
        assert getattr(translated, field) != getattr(english, field)
    for one, other in zip(english.steps, translated.steps, strict=True):
        assert (one.link and (one.link.page, one.link.query)) == (
            other.link and (other.link.page, other.link.query)
        )
        assert _bold(one.do) == _bold(other.do)  # names of buttons
        assert one.read.count("$") == other.read.count("$")


def test_half_the_parameters_is_what_the_lesson_says():
    lesson = _lesson("half-the-parameters")
    assert isinstance(lesson.check, SmallerCheck)
    half = check_limits(presets.find("note-5").network).parameters // 2
    assert lesson.check.than == presets.find("note-5").network
    assert lesson.check.parameters == half
    assert f"{half:,}" in lesson.task


def test_the_mistakes_in_the_notes_are_worked_out_right():
    text = " ".join(_text("lessons", "en", "find-the-mistakes.md").split())
    precision, recall = 0.9844, 0.9970
    f1 = 2 / (1 / precision + 1 / recall)  # the harmonic mean
    assert f"/ {precision + recall:.4f} = {f1:.4f}$" in text
    assert f"0.9931 means {round(10_000 * (1 - 0.9931))} mistakes" in text
    assert f"0.0353 / 0.0271 = {0.0353 / 0.0271:.2f}$" in text
    assert f"0.5 = {math.log(2):.3f}$" in text
