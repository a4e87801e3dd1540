"""A visitor of a hosted server with the numbers of somebody else in the address sees nothing of it.

Nor does a link, a malformed one or a class's, lead anywhere but where its token does.
"""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.dataset import mnist
from mnist_core.engine.status import STARTING
from mnist_core.evaluation.run import Run
from mnist_core.experiments import definitions, studies
from mnist_core.experiments.definitions import Repeat
from mnist_core.experiments.search_space import Space, Study
from mnist_core.network.notation import parse
from mnist_core.network.query import to_query
from mnist_core.network.spec import Spec, Training
from mnist_core.storage import artifacts, classes
from mnist_core.storage.runs import Store
from mnist_core.storage.workspaces import (
    EXAMPLES,
    LOCAL,
    is_class_token,
    is_token,
    new_class_token,
    new_token,
    workspace_of,
)
from mnist_core.teaching.lessons import progress
from tests.helpers import MAIN_SCRIPT, running, words
from tests.victim import LESSON, MARK, SEED, Victim
from ui.session import cache, drafts, navigation, visitor
from ui.views.learn import lesson_catalog, teacher

SPEC = Spec(network=parse("C4 M F"))
MARKS = (MARK, str(SEED), "91.83", "0.91827")  # the last ones are what pages make of its figures
MINE, THEIRS = new_token(), new_token()


class Engine:
    """One that never gets ready."""

    def status(self):
        return STARTING

    def speed(self):
        return None

    def wake(self):
        pass


@pytest.fixture(autouse=True)
def _no_engine(monkeypatch):
    monkeypatch.setattr(cache, "engine", lambda: Engine())


@pytest.fixture
def browser(hosted, monkeypatch):
    """browser(token): from here on the visitor whose cookie this is."""
    hosted()
    return lambda token: monkeypatch.setattr(visitor, "cookie", lambda: token)


@pytest.fixture
def victim(browser) -> Iterator[Victim]:
    """Somebody of whom nothing may change; the visitor has two runs of their own."""
    victim = Victim(Store(workspace_of(THEIRS)))
    browser(MINE)
    mine = Store(workspace_of(MINE))
    finished = mine.create_run(SPEC, "mine", queued=False)
    mine.update(finished.id, state="finished", epochs=1)
    definitions.start(mine, Repeat(spec=SPEC, seeds=2))
    studies.start(mine, Study(base=SPEC, space=Space(batch_size=(32, 64))))
    before = victim.rows()
    yield victim
    assert victim.rows() == before


def shown(at: AppTest) -> str:
    """All that the browser was sent: every element of the page and the sidebar, and the address."""
    found = [str(dict(at.query_params))]
    waiting = list(at._tree.children.values())
    while waiting:
        node = waiting.pop()
        proto = getattr(node, "proto", None)
        found.append(str(proto))
        found.extend(str(getattr(proto, name)) for name in ("figure", "data") if _has(proto, name))
        waiting += list(getattr(node, "children", {}).values())
    return "\n".join(found)


def _has(proto: object, name: str) -> bool:
    return hasattr(proto, name)


TABS = {step.name: ("",) for step in navigation.STEPS} | teacher.TABS


KINDS = {"Repeat": "repeat", "k-fold": "folds", "Hidden layers": "depth"}
KINDS |= {"Learning rate": "range_test"}


def everything_of(victim: Victim, name: str, tab: str = "") -> dict[str, str]:
    """A query with all numbers of somebody else that a page knows a parameter for."""
    runs = [victim.finished, victim.waiting, *victim.kinds]
    query = {"run": str(victim.finished), "runs": ",".join(map(str, runs)), "image": "7"}
    group = victim.groups.get(KINDS.get(tab, ""), victim.study)
    query |= {"group": str(group), "lesson": LESSON, "challenge": "parameters", "set": "test"}
    return query | ({f"{name}_tab": tab} if tab else {})


@pytest.mark.parametrize("name", TABS)
def test_no_page_shows_what_is_somebody_elses(page, victim, name):
    for tab in TABS[name]:
        sent = shown(running(page(name, **everything_of(victim, name, tab))))
        assert not any(mark in sent for mark in MARKS), tab


def test_the_marks_are_in_sight_for_their_owner(page, victim, browser):
    """The same look at the pages finds them where they may be."""
    browser(THEIRS)
    for name, tab in (("compare", "Runs"), ("results", "Overview"), ("tune", "Repeat")):
        sent = shown(running(page(name, **everything_of(victim, name, tab))))
        assert any(mark in sent for mark in MARKS), name
    assert MARK in shown(page("train", run=str(victim.waiting)))


NO_TOKENS = [
    workspace_of(THEIRS),  # what a look into the database would show
    *(LOCAL, EXAMPLES, "making-examples", ""),
    *(THEIRS[:-1], f"{THEIRS}x", f" {THEIRS}", f"{THEIRS}\n", f"Class-{THEIRS}"),
    *(f"class-class-{THEIRS}", "class-", THEIRS[:-1] + "\u0430"),  # a Cyrillic letter
    *("x" * 100_000, "' or 1=1 --", "../../local"),
]


def test_an_address_that_names_no_workspace_is_refused_in_ones_own(page, victim):
    assert not any(is_token(address) or is_class_token(address) for address in NO_TOKENS)
    for address in (NO_TOKENS[0], LOCAL, "", f"{THEIRS}\n", "x" * 100_000):
        at = running(page("train", workspace=address))
        (error,) = at.error
        assert "needs a token of 22 characters" in error.value
        assert f"received {len(address):,} characters".replace(",", "") in error.value
        assert len(error.value) < 300
        assert "mine" in shown(at)
        assert not any(mark in shown(at) for mark in MARKS)
        assert "workspace" not in at.query_params


def test_another_case_is_another_workspace_and_an_empty_one(page, victim):
    at = running(page("compare", workspace=THEIRS.swapcase()))
    sent = shown(at)
    assert not any(mark in sent for mark in MARKS)
    assert "mine" not in words(at)


def test_of_a_parameter_that_comes_twice_the_last_one_counts(page, victim):
    """As with all others; the first one opens nothing beside it."""
    at = AppTest.from_file(MAIN_SCRIPT, default_timeout=30)
    at.query_params["workspace"] = [THEIRS, workspace_of(THEIRS)]
    at.switch_page("../../pages/compare.py")
    sent = shown(running(at.run()))
    assert not any(mark in sent for mark in MARKS)
    assert "mine" in sent


def test_a_link_with_a_token_opens_its_workspace_and_says_so(page, victim):
    """Whoever has the token has the workspace: that is what a token is."""
    at = running(page("compare", workspace=THEIRS))
    assert MARK in shown(at)
    assert "Shared workspace" in words(at)
    assert THEIRS in at.query_params["workspace"]
    at.button(key="hosted_back").click().run()
    sent = shown(running(at))
    assert not any(mark in sent for mark in MARKS)
    assert "mine" in sent
    assert "workspace" not in at.query_params


# A class.


def test_a_class_sees_the_same_runs_and_the_second_stops_what_the_first_queued(page, browser):
    token = new_class_token()
    store = Store(workspace_of(token))
    browser(MINE)
    first = running(page("train", workspace=token, network="C4 M F", epochs="1"))
    next(b for b in first.button if b.label == "Start training").click().run()
    (run,) = store.runs()
    assert (run.state, Store(workspace_of(MINE)).runs()) == ("queued", [])
    browser(THEIRS)
    second = running(page("train", workspace=token, run=str(run.id)))
    stop = next(b for b in second.button if b.key == f"train_stop_{run.id}")
    running(stop.click().run())
    assert store.run(run.id).state == "stopped"
    browser(new_token())
    outsider = running(page("train", run=str(run.id)))
    assert not any((b.key or "").endswith(f"_{run.id}") for b in outsider.button)


def test_in_a_class_runs_have_the_number_of_who_made_them(page, browser):
    token = new_class_token()
    shared = workspace_of(token)
    for owner in (MINE, THEIRS):
        Store(shared, visitor=workspace_of(owner)).create_run(SPEC, owner[:5])
        Store(workspace_of(owner)).create_run(SPEC, "own")
    Store(shared).create_run(SPEC, "a trial, of an engine")
    browser(MINE)
    at = running(page("compare", workspace=token, compare_tab="Runs"))
    (table,) = [each for each in at.dataframe if "Network" in str(each.proto.columns)]
    assert list(table.value["maker"][:3]) == ["", "2", "1 (you)"]
    assert "maker" in table.proto.column_order
    told = [bar.proto.text for bar in at.get("progress")]
    assert sorted(" by person 2: " in text for text in told) == [False, False, True]
    assert sorted(" by person 1 (you): " in text for text in told) == [False, False, True]
    own = running(page("compare", compare_tab="Runs"))
    (table,) = [each for each in own.dataframe if "Network" in str(each.proto.columns)]
    assert "maker" not in table.proto.column_order
    assert not any(" by " in bar.proto.text for bar in own.get("progress"))


def finished(shared: str, owner: str, name: str) -> Run:
    """A run of somebody in a class, with a test report."""
    store = Store(shared, visitor=workspace_of(owner))
    run = store.create_run(SPEC, name)
    artifacts.save_report(store, run.id, mnist.one_hot(mnist.load().y_test))
    store.update(run.id, state="finished")
    return run


def test_in_a_class_pages_begin_with_ones_own_runs_and_say_whose_the_others_are(page, browser):
    token = new_class_token()
    shared = workspace_of(token)
    theirs = finished(shared, THEIRS, "theirs")
    browser(MINE)
    home = running(page("home", workspace=token))
    assert "No network can read digits yet" in words(home)  # not somebody else's
    assert "Begin with the images" in [button.label for button in home.button]
    assert "Start a run above" in words(running(page("train", workspace=token)))
    picked = running(page("train", workspace=token, run=str(theirs.id), network="C4 M F"))
    assert picked.selectbox("pick_run").value == theirs.id
    next(b for b in picked.button if b.label == "Start training").click().run()
    started = Store(shared).runs()[0]
    assert started.made_by == workspace_of(MINE)
    assert picked.selectbox("pick_run").value == started.id  # and no longer the one of the link
    Store(shared).delete_run(started.id)
    mine = finished(shared, MINE, "mine")
    finished(shared, THEIRS, "newest")
    box = running(page("results", workspace=token)).selectbox("pick_run")
    assert box.value == mine.id
    people = [option.split(" · ")[1] for option in box.options]
    assert people[:3] == ["person 2 (you)", "person 1", "person 1"]


def test_how_far_one_is_in_a_lesson_stays_ones_own_in_a_class(page, browser):
    token = new_class_token()
    browser(MINE)
    at = running(page("learn", learn_tab="Lessons", lesson=LESSON, workspace=token))
    stores = [Store(workspace_of(name)) for name in (MINE, THEIRS, token)]
    assert [progress.load(store, LESSON) is not None for store in stores] == [True, False, False]
    progress.open_step(stores[0], LESSON, 2)
    browser(THEIRS)
    other = running(page("learn", learn_tab="Lessons", lesson=LESSON, workspace=token))
    begun = progress.load(stores[1], LESSON)
    assert begun is not None
    assert (begun.step, at.query_params["workspace"]) == (1, other.query_params["workspace"])


CHOOSE = {
    "train": {},
    "results": {},
    "draw": {},
    "look": {"look_tab": "Filters"},
    "compare": {"compare_tab": "Two runs"},
    "tune": {"tune_tab": "Repeat"},
}


@pytest.mark.parametrize("name", CHOOSE)
def test_into_a_class_and_back_nothing_chosen_is_left_over(page, victim, browser, name):
    """Widgets had other options there, and a number that is missing here must do no harm."""
    token = new_class_token()
    browser(THEIRS)
    start = everything_of(victim, name) | CHOOSE[name]
    at = running(page(name, **start))
    shared = Store(workspace_of(token))
    for number in range(2):
        run = shared.create_run(SPEC, f"shared{number}", queued=False)
        shared.update(run.id, state="finished", epochs=1)
    at.query_params["workspace"] = token
    sent = shown(running(at.run()))
    assert not any(mark in sent for mark in MARKS)
    running(at.run())
    at.button(key="hosted_back").click().run()
    sent = shown(running(at))
    assert "shared" not in sent
    assert "workspace" not in at.query_params
    running(at.run())


def test_a_choice_of_several_runs_does_not_come_along(page, browser):
    """The boxes of Draw and Compare, with runs that exist on one side only."""
    browser(MINE)
    token = new_class_token()
    for name in (MINE, token):
        store = Store(workspace_of(name))
        for number in range(3):
            run = store.create_run(SPEC, f"{name[:5]}{number}", queued=False)
            store.update(run.id, state="finished")
    mine, shared = (
        {str(run.id) for run in Store(workspace_of(name)).runs()} for name in (MINE, token)
    )
    at = running(page("compare", runs=",".join(sorted(mine))))
    assert compared(at) == mine
    at.query_params["workspace"] = token
    running(at.run())
    assert compared(at).isdisjoint(mine)
    at.multiselect[0].set_value([int(run_id) for run_id in shared]).run()
    assert compared(running(at)) == shared
    at.button(key="hosted_back").click().run()
    assert compared(running(at)).isdisjoint(shared)


def compared(at: AppTest) -> set[str]:
    return {str(run_id) for run_id in at.multiselect[0].value}


# Links.


def links(at: AppTest) -> list[dict[str, list[str]]]:
    """The queries of all addresses that a page offers for copying."""
    found = [code.value for code in at.code if "?" in code.value.split("\n")[0]]
    assert found
    return [parse_qs(urlsplit(address).query, keep_blank_values=True) for address in found]


OFFERS = {"build": {"network": "C4 M F"}, "learn": {"learn_tab": "For teachers"}}


def opened(at: AppTest) -> AppTest:
    """The page with all that it offers for copying."""
    at.session_state["build_Copy link"] = True
    return running(at.run())


@pytest.mark.parametrize("name", OFFERS)
@pytest.mark.parametrize("remembered", [True, False])
def test_a_copied_link_never_has_ones_own_token(page, browser, name, remembered):
    browser(MINE if remembered else None)
    at = opened(page(name, **OFFERS[name]))
    assert ("workspace" in at.query_params) is not remembered  # the only key there is
    assert not any("workspace" in link for link in links(at))
    assert MINE not in shown(at)


@pytest.mark.parametrize("name", OFFERS)
def test_a_link_that_is_copied_in_a_class_leads_into_it(page, browser, name):
    browser(MINE)
    token = new_class_token()
    at = opened(page(name, workspace=token, **OFFERS[name]))
    assert all(link["workspace"] == [token] for link in links(at))
    assert MINE not in shown(at)


@pytest.mark.parametrize("name", OFFERS)
def test_where_a_class_has_a_code_the_links_for_others_have_it_and_no_token(page, browser, name):
    browser(MINE)
    token = new_class_token()
    code = classes.make_code(Store(workspace_of(token)))
    of_code = opened(page(name, workspace=code, **OFFERS[name]))
    assert all(link["workspace"] == [code] for link in links(of_code))
    assert token not in shown(of_code)
    of_token = opened(page(name, workspace=token, **OFFERS[name]))
    found = [link["workspace"][0] for link in links(of_token)]
    assert code in found
    assert found.count(token) == (name == "learn")  # the long link, for the teacher


def test_a_code_opens_its_class_and_no_other(page, victim, browser):
    token = new_class_token()
    shared = Store(workspace_of(token))
    run = shared.create_run(SPEC, "shared", queued=False)
    shared.update(run.id, state="finished", epochs=1)
    code = classes.make_code(shared)
    typed = f"{code[:4]}-{code[4:]}".lower()
    at = running(page("compare", workspace=typed))
    assert at.query_params["workspace"] in (code, [code])  # so that a refresh leads there too
    assert "shared" in shown(at)
    assert "Class workspace" in words(at)
    classes.rename(shared, "7b")
    assert "Class workspace 7b" in words(at.run())  # the same session
    at.button(key="hosted_back").click().run()
    assert "shared" not in shown(running(at))
    at.query_params["workspace"] = THEIRS
    assert "shared" not in shown(running(at.run()))
    at.query_params["workspace"] = code
    assert "shared" in shown(running(at.run()))


@pytest.mark.parametrize("by_code", [False, True])
def test_who_leaves_a_class_is_told_so_with_the_way_back(page, browser, by_code):
    browser(MINE)
    token = new_class_token()
    shared = Store(workspace_of(token))
    shared.create_run(SPEC, "shared", queued=False)
    classes.rename(shared, "7b")
    key = classes.make_code(shared) if by_code else token
    at = running(page("compare", workspace=key))
    assert not at.toast  # it was opened there, and has not moved
    at.button(key="hosted_back").click().run()
    assert "You are back in your own workspace" in words(at)
    running(at.run())
    assert "You are back in your own workspace" in words(at)  # until it is closed
    back = at.button(key="hosted_return")
    assert back.label == "Back to 7b"
    running(back.click().run())
    assert "shared" in shown(at)
    assert "Class workspace 7b" in words(at)
    (toast,) = at.toast
    assert "You are now in **7b**. Everyone with its link" in toast.value
    assert not running(at.run()).toast
    at.button(key="hosted_back").click().run()
    running(at.button(key="hosted_stay").click().run())
    assert "You are back in your own workspace" not in words(at)
    assert not [b for b in at.button if b.key == "hosted_return"]


@pytest.mark.parametrize("cookie", [MINE, None], ids=["cookie", "no cookie"])
@pytest.mark.parametrize("by_code", [False, True])
@pytest.mark.parametrize("prepared", ["network", "lesson", "both"])
def test_a_link_into_a_class_brings_its_network_and_lesson(
    page, browser, cookie, by_code, prepared
):
    """Other runs, also of one's own, bring other drafts where no link says what to prepare."""
    browser(cookie)
    token = new_class_token()
    shared = Store(workspace_of(token))
    for store in (shared, Store(workspace_of(MINE))):
        run = store.create_run(SPEC, "before", queued=False)
        store.update(run.id, state="finished", epochs=1)
    lesson = next(one for one in lesson_catalog.all_lessons().lessons if one.start)
    network = Spec(network=parse("C7 M F D9"), training=Training(epochs=3))
    query = {"workspace": classes.make_code(shared) if by_code else token}
    if prepared != "network":
        query |= {"lesson": lesson.name}
    if prepared != "lesson":
        query |= to_query(network)
    expected = lesson.start if prepared == "lesson" else network
    at = running(page("build", **query))
    assert drafted(at) == expected
    assert "Class workspace" in words(at)
    at.switch_page("../../pages/train.py")
    running(at.run())
    assert drafted(at) == expected
    assert Store(workspace_of(token)).runs()[0].name == "before"


def test_a_link_that_is_opened_in_a_session_brings_its_network_too(page, browser):
    browser(MINE)
    token = new_class_token()
    at = running(page("build", network="C4 M F"))
    at.query_params.clear()
    at.query_params.update({"workspace": token, "network": "C7 M F D9", "epochs": "3"})
    at = running(at.run())
    assert drafted(at) == Spec(network=parse("C7 M F D9"), training=Training(epochs=3))
    at.button(key="hosted_back").click().run()
    running(at)


def drafted(at: AppTest) -> Spec | None:
    """What Build has, as Train would start it."""
    draft = at.session_state[drafts._DRAFT]
    return draft.working_spec()


def test_a_code_of_no_class_opens_nothing(page, victim):
    code = classes.make_code(Store(workspace_of(new_class_token())))
    wrong = ("0" if code[0] != "0" else "1") + code[1:]
    at = running(page("train", workspace=wrong))
    (error,) = at.error
    assert f"class has the code {wrong}" in error.value
    assert "mine" in shown(at)
    assert "workspace" not in at.query_params


def test_a_link_that_is_copied_in_a_lent_workspace_does_not_pass_it_on(page, browser):
    browser(MINE)
    at = opened(page("build", workspace=THEIRS, network="C4 M F"))
    assert not any("workspace" in link for link in links(at))


# Alone on a laptop.


@pytest.mark.parametrize("name", ["home", "compare", "build"])
def test_alone_on_a_laptop_there_is_one_workspace_and_nothing_is_said(page, name):
    run = Store().create_run(SPEC, "here", queued=False)
    for asked in (THEIRS, "nonsense"):
        at = running(page(name, workspace=asked))
        assert not at.error
        assert "orkspace" not in words(at)
        assert not [b for b in at.button if (b.key or "").startswith("hosted")]
        if name == "compare":
            assert "here" in shown(at)
        if name == "build":
            assert not any("workspace" in link for link in links(opened(at)))
    assert Store(LOCAL).runs() == [run]
