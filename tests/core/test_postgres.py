"""What is promised of the database, on a real PostgreSQL: tests of other files, run again."""

from collections.abc import Iterator
from itertools import count

import pytest
import sqlalchemy as sa

from mnist_core.storage.database import Database, StoreError
from mnist_core.storage.runs import Store
from tests.core.cluster import database_server, new_database

# What is collected here finds the fixtures of this file in place of its own file's.
from tests.core.test_claims import (  # noqa: F401
    test_a_run_of_a_dead_process_can_be_taken,
    test_a_run_that_a_living_process_trains_is_not_given_away,
    test_a_run_that_loses_its_process_waits_again_and_the_second_time_it_fails,
    test_another_machine_may_be_silent_for_a_while,
    test_everybody_reads_the_examples_and_nobody_changes_them,
    test_of_many_that_claim_a_run_at_once_one_has_it,
    test_the_queue_is_first_come_first_served_over_all_workspaces,
    test_what_waits_is_stopped_at_once_and_what_runs_is_asked,
)
from tests.core.test_jobs import (  # noqa: F401
    run,
    store,
    test_a_deleted_run_takes_its_jobs_along,
    test_a_job_of_a_dead_process_has_failed,
    test_a_job_that_its_worker_left_untouched_is_not_handed_out_for_ever,
    test_a_result_is_kept_and_the_job_gone,
    test_only_one_process_does_a_job,
    test_what_is_asked_waits_once_in_the_order_of_asking,
)
from tests.core.test_lessons_progress import (  # noqa: F401
    test_progress_in_lessons_is_kept_for_a_workspace,
    test_the_first_time_a_lesson_is_passed_counts,
    test_two_who_begin_a_lesson_at_once_both_succeed,
)
from tests.core.test_looker import (  # noqa: F401
    test_processes_that_make_the_tables_at_once_agree,
)
from tests.core.test_quota import (  # noqa: F401
    test_many_who_begin_an_experiment_at_once_leave_no_half_of_one,
    test_many_who_create_at_once_do_not_pass_a_limit,
    test_many_who_make_groups_at_once_do_not_pass_the_limit,
    test_no_more_goes_than_must,
    test_room_is_made_over_all_workspaces_and_never_of_what_is_needed,
    test_runs_that_come_back_need_room_as_well,
    test_so_many_runs_of_a_workspace_may_wait_and_no_more,
    test_the_oldest_run_that_nobody_pinned_makes_room,
    test_two_workspaces_take_turns_however_much_one_of_them_queues,
    test_where_nothing_may_go_a_new_run_is_refused,
)
from tests.core.test_store import (  # noqa: F401
    SPEC,
    test_a_database_of_version_2_is_brought_up_to_date,
    test_a_deleted_run_is_out_of_sight,
    test_a_run_comes_back_as_it_was_written,
    test_another_workspace_can_neither_read_nor_change_a_run,
    test_curves_come_back_in_order,
    test_deleting_takes_curves_and_artifacts_along,
    test_forgetting_what_came_after_a_checkpoint,
    test_groups_are_for_their_workspace,
    test_jobs_of_older_databases_were_asked_for_by_nobody_known,
    test_processes_that_make_the_database_at_once_agree,
    test_processes_that_write_at_once_lose_nothing,
    test_what_a_person_asks_for_reaches_the_run,
)

pytestmark = pytest.mark.slow
_numbers = count(1)


@pytest.fixture(scope="module")
def server(postgresql_programs) -> Iterator[str]:
    with database_server(postgresql_programs) as url:
        yield url


@pytest.fixture
def url(server) -> str:
    return new_database(server, f"test_{next(_numbers)}")


@pytest.fixture(autouse=True)
def _own_database(url, monkeypatch):
    monkeypatch.setenv("MNIST_DATABASE_URL", url)


@pytest.fixture(autouse=True)
def _connections_closed(monkeypatch) -> Iterator[None]:
    """The tests of SQLite leave theirs to the garbage collector, which psycopg warns of."""
    made: list[sa.Engine] = []
    create = sa.create_engine

    def create_engine(*arguments, **settings) -> sa.Engine:
        made.append(create(*arguments, **settings))
        return made[-1]

    monkeypatch.setattr(sa, "create_engine", create_engine)
    yield
    for engine in made:
        engine.dispose()


def test_a_database_of_another_version_is_refused(url):
    Store(url=url)
    with sa.create_engine(url, poolclass=sa.NullPool).begin() as connection:
        connection.execute(sa.text("update schema_version set version = 7"))
    with pytest.raises(StoreError, match=r"must have version \d; it has version 7"):
        Database(url)


def test_a_server_that_is_away_is_named_without_its_password(url):
    away = sa.make_url(url).set(port=1, password="secret")
    with pytest.raises(StoreError, match="cannot be used") as caught:
        Database(away.render_as_string(hide_password=False))
    assert "secret" not in str(caught.value)


def test_a_pinned_run_with_a_note_and_large_artifacts_comes_back(url):
    kept = Store(url=url)
    made = kept.create_run(SPEC, 1, pinned=True, note="ein Gruß ✓", trial=0)
    kept.put(made.id, "weights", bytes(range(256)) * 20_000)
    again = Store(url=url).run(made.id)
    assert (again.pinned, again.note, again.trial) == (True, "ein Gruß ✓", 0)
    assert kept.get(made.id, "weights") == bytes(range(256)) * 20_000
