"""Groups of runs: found, changed and deleted in their own workspace alone."""

import pytest

from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec
from mnist_core.storage import groups
from mnist_core.storage.database import StoreError
from mnist_core.storage.runs import Store

SPEC = Spec(network=parse("C4 M F"))


@pytest.mark.both_databases
def test_groups_are_for_their_workspace(url):
    mine, theirs = Store("mine", url), Store("theirs", url)
    group = groups.create(mine, "repeat", "seeds", settings="{}", state="running")
    run = mine.create_run(SPEC, group_id=group.id)
    assert groups.list_groups(mine, "repeat") == [groups.find(mine, group.id)] == [group]
    assert groups.list_groups(theirs, "repeat") == groups.list_groups(mine, "folds") == []
    assert not groups.update_if(theirs, group, {}, state="stopped")
    assert not groups.update_if(mine, group, {"state": "finished"}, state="stopped")
    for call in (groups.find, groups.delete):
        with pytest.raises(StoreError, match=f"there is no group {group.id} here"):
            call(theirs, group.id)
    assert groups.update_if(mine, group, {"state": "running"}, state="stopped")
    assert groups.find(mine, group.id).state == "stopped"
    groups.delete(mine, group.id)
    assert groups.list_groups(mine, "repeat") == [item for item in mine.runs() if item == run] == []


def test_deleting_a_group_leaves_other_runs(url):
    store = Store(url=url)
    group, other = groups.create(store, "folds", "one"), groups.create(store, "folds", "two")
    store.create_run(SPEC, group_id=group.id)
    kept = [store.create_run(SPEC, group_id=other.id), store.create_run(SPEC)]
    groups.delete(store, group.id)
    assert store.runs() == kept[::-1]
    assert groups.list_groups(store, "folds") == [other]


def test_running_studies_of_all_workspaces_are_found_oldest_first(url):
    made = [groups.create(Store(name, url), "study", name, state="running") for name in "ab"]
    groups.create(Store("c", url), "study", "c", state="stopped")
    groups.create(Store("a", url), "repeat", "no study")
    assert groups.running_studies(url) == made


def test_a_group_stays_in_its_workspace(url):
    store = Store(url=url)
    group = groups.create(store, "study", "mine", state="running")
    with pytest.raises(StoreError, match="stays in its workspace"):
        groups.update_if(store, group, {}, workspace="theirs")  # type: ignore[call-arg]
    assert groups.find(store, group.id) == group
