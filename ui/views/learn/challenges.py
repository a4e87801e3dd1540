"""The tab Challenges: a rule, the leaderboard, and a link to a network that takes part."""

import pandas as pd
import streamlit as st

from mnist_core.evaluation.run import Run
from mnist_core.execution import jobs
from mnist_core.execution.jobs import Job
from mnist_core.experiments import comparison
from mnist_core.network.notation import write
from mnist_core.network.presets import PRESETS
from mnist_core.network.query import to_query
from mnist_core.teaching import challenges
from mnist_core.teaching.challenges import Board, Challenge
from ui.session import address, cache, navigation, selection
from ui.views.learn.query_choice import pick
from ui.widgets import class_digits, job_result, makers, messages, run_picker

MOST = 20
JOB = "robustness"
FAIR = (
    "The app itself measures every score. A leaderboard uses the test set many times, so first "
    "place is partly luck. McNemar's test on the Compare page shows whether the lead over second "
    "place could be chance. Its p-value is a little too small here: the same images decided "
    "which two runs it compares."
)


FEW = (
    "With few writers, first place is partly luck. **Results** on the page Our handwriting gives "
    "each network's 95\u00a0% interval: how far its accuracy could shift with other writers."
)


def show() -> None:
    """Draw the choice of a challenge, and the chosen one."""
    known = challenges.CHALLENGES
    titles = {name: challenge.title for name, challenge in known.items()}
    name = pick("Challenge", titles, "challenge")
    _one(known[name])


@st.fragment
def _one(challenge: Challenge) -> None:
    store = cache.store()
    runs = [comparison.settled(run) for run in store.runs()]
    examples = store.examples()
    measured = _measured(challenge, runs, examples)
    board = challenges.board(challenge, runs, measured)

    st.header(challenge.title)
    st.write(f"**The rule:** {challenge.rule}")
    st.write(f":material/lightbulb: {challenge.hint}")
    if rivals := challenges.board(challenge, examples, measured).places:
        best = rivals[0]
        st.caption(
            f"The score to beat: {best.score.figure}, {best.score.detail}. It belongs to our "
            f"example {best.run.name}, which is not on the leaderboard."
        )
    with st.container(horizontal=True):
        st.page_link(
            navigation.path("build"),
            label="Start with a network for this challenge",
            icon=":material/layers:",
            query_params=challenge.start,
        )
        if record := PRESETS.get(challenge.record):
            st.page_link(
                navigation.path("build"),
                label=f"Our record: {record.name}, {record.title}",
                icon=":material/trophy:",
                query_params=to_query(record.spec),
            )
    entered = _entered(challenge, runs)
    if challenge.measured == "rotation":
        _measure([run for run in entered if run.id not in measured])
    elif challenge.measured == "handwriting":
        class_digits.offer_to_read([*entered, *examples])
        st.page_link(navigation.path("handwriting"), icon=":material/draw:")
    if board.places:
        _table(board, challenge.measured != "handwriting")
    else:
        st.info("This leaderboard is empty. Be the first!", icon=":material/trophy:")
    _newest(board, runs)
    st.caption(FEW if challenge.measured == "handwriting" else FAIR)


def _table(board: Board, on_test_images: bool) -> None:
    """Draw the leaderboard. on_test_images: whether McNemar's test on Compare speaks of it."""
    shown = board.places[:MOST]
    st.markdown("**Leaderboard**")  # on a phone the table's toolbar covers what is above it
    st.dataframe(
        pd.DataFrame(
            {
                "Place": [place.place for place in shown],
                "Score": [place.score.figure for place in shown],
                "Run": [run_picker.run_name(place.run) for place in shown],
                **_started_by([place.run for place in shown]),
                "Details": [place.score.detail for place in shown],
                "Network": [write(place.run.spec.network) for place in shown],
            }
        ),
        hide_index=True,
        alt="Leaderboard: " + "; ".join(f"{p.place}. run {p.run.number}" for p in shown[:3]),
    )
    if len(board.places) > MOST:
        st.caption(f"The best {MOST} of {len(board.places)}.")
    with st.container(horizontal=True):
        best = shown[0].run
        st.page_link(
            navigation.path("results"),
            label=f"See run {best.number}, in first place",
            icon=":material/fact_check:",
            query_params=selection.query_of(best),
        )
        if len(shown) > 1 and on_test_images:
            st.page_link(
                navigation.path("compare"),
                label="Could the lead over second place be chance?",
                icon=":material/compare_arrows:",
                query_params={
                    "runs": f"{best.id},{shown[1].run.id}",
                    address.COMPARE_TAB: "Two runs",
                },
            )


def _started_by(runs: list[Run]) -> dict[str, list[str]]:
    """Return a column with the numbers of the people who started runs; none outside of classes."""
    people = makers.numbers()
    return {"Started by": [makers.maker(run, people) for run in runs]} if people else {}


def _newest(board: Board, runs: list[Run]) -> None:
    """Draw the rank of the newest run, or why it does not qualify."""
    newest = next((run for run in runs if run.sees_test and makers.is_mine(run)), None)
    if newest is None:
        return
    if reason := board.outside.get(newest.id):
        words = f"Your newest run, number {newest.number}, is not on the leaderboard: {reason}."
        st.write(words)
    else:
        place = next(place for place in board.places if place.run.id == newest.id)
        st.write(
            f"Your newest run, number {newest.number}, is in place {place.place} of "
            f"{len(board.places)}: {place.score.figure}."
        )


def _entered(challenge: Challenge, runs: list[Run]) -> list[Run]:
    """Return the runs that a challenge does not exclude."""
    return [run for run in runs if not challenges.exclusion_reason(run, challenge.any_start)]


def _measured(challenge: Challenge, runs: list[Run], examples: list[Run]) -> dict[int, float]:
    """Return what a challenge measures of runs, by run id, where it is known."""
    match challenge.measured:
        case "rotation":
            return _rotations([*runs, *examples])
        case "handwriting":
            reports = class_digits.class_reports([*_entered(challenge, runs), *examples])
            return {run_id: found.report.accuracy for run_id, found in reports.items()}
        case "":
            return {}


def _rotations(runs: list[Run]) -> dict[int, float]:
    """Return the measured accuracies on rotated digits, by run id."""
    found, done = {}, jobs.runs_with_result(cache.store(), JOB)
    for run in runs:
        accuracy = cache.rotation_accuracy(run) if run.id in done else None
        if accuracy is not None:
            found[run.id] = accuracy
    return found


def _measure(runs: list[Run]) -> None:
    """Draw a button that measures the runs without a result."""
    asked = _asked(runs)
    if any(job.state != "failed" for job in asked.values()):
        _watch(runs, asked)
        return
    numbers = {run.id: run.number for run in runs}
    for run_id, job in asked.items():
        st.error(f"Run {numbers[run_id]}: {messages.sentence(job.reason)}", icon=":material/error:")
    if runs:
        words = f"Measure run {runs[0].number}" if len(runs) == 1 else f"Measure {len(runs)} runs"
        st.button(
            f"{words}, about 5 s each" if len(runs) > 1 else f"{words}, about 5 s",
            icon=":material/play_circle:",
            key="learn_measure",
            on_click=job_result.ask,
            args=([run.id for run in runs], JOB),
        )


def _asked(runs: list[Run]) -> dict[int, Job]:
    """Return the jobs of the runs that are being measured, or whose measurement failed."""
    ids = {run.id for run in runs}
    found = jobs.find_all(cache.store(), JOB)
    return {run_id: job for run_id, job in found.items() if run_id in ids}


@st.fragment(run_every=0.5)
def _watch(runs: list[Run], asked: dict[int, Job]) -> None:
    """Draw the progress of the measurements; rerun the page when one is done."""
    now = _asked(runs)
    moving = [job for job in now.values() if job.state != "failed"]
    if not moving or now.keys() != asked.keys():
        st.rerun()
    status = cache.engine().status()
    done = max(job.done for job in moving)
    words = f"Measuring: {len(moving)} to go" if status.ready else f"Waiting: {status.words}"
    st.progress(done, words)
