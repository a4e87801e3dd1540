"""What a visitor of a hosted server is told: the open workspace, its limits, deletions to come.

On a server of one's own, which has no limits, none of it is shown.
"""

import pandas as pd
import streamlit as st

from mnist_core.network.spec import Spec
from mnist_core.storage import quota
from mnist_core.storage.quota import QuotaError, check_batch
from mnist_core.utils.server_settings import server_settings
from mnist_core.utils.text import plural
from ui.session import address, cache, links, visitor
from ui.widgets import messages

OWN = (
    "**Your own workspace.** Nobody else sees your runs. This browser finds them again by a "
    "cookie; another device opens them with your link. Keep it to yourself: whoever has it can do "
    "all that you can."
)
NO_COOKIES = (
    "**The workspace of this address.** Your browser keeps no cookies here, so the address is the "
    "only key to your runs: bookmark it, and show it to nobody. If somebody sent it to you, they "
    "see the same runs and can do all that you can."
)
CLASS = (
    "**The workspace of a class, {name}.** Everybody with its link sees the same runs, boards and "
    "queue, and can stop, rename and delete runs. How far you are in a lesson stays yours."
)
LENT = (
    "**A workspace that a link opened, {name}.** It may be your own of another device. Everybody "
    "with that link sees the same runs, and can stop, rename and delete them. How far you are in a "
    "lesson stays with this browser."
)
NO_WAY_BACK = (
    "Your browser keeps no cookies here: after a refresh, only a link that you kept leads back to "
    "runs of your own."
)


def show_workspace() -> None:
    """Draw, for the page Home, whose workspace is open and the limits with what is used of them."""
    if not server_settings().hosted:
        return
    st.header("Your place on this server")
    if visitor.is_own():
        keeps = visitor.keeps_cookies()
        st.write(OWN if keeps else NO_COOKIES)
        if keeps:
            link = st.expander("My link", icon=":material/key:", key="hosted_link")
            query = {address.WORKSPACE: visitor.own_token()}
            link.code(links.with_query(links.here(), query), language=None, wrap_lines=True)
    else:
        st.write((CLASS if visitor.in_class() else LENT).format(name=visitor.name()))
        if not visitor.keeps_cookies():
            st.write(NO_WAY_BACK)
    limits = st.expander(
        "What this server allows", icon=":material/speed:", key="hosted_limits", on_change="rerun"
    )
    if limits.open:
        with limits:
            _limits()


def _limits() -> None:
    allowed, store = server_settings(), cache.store()
    used = quota.usage(store.database, store.workspace)
    rows = [
        ("Parameters of a network", f"{allowed.max_parameters:,}", ""),
        ("Multiply-adds for one image", f"{allowed.max_multiply_adds:,}", ""),
        ("MB that all layers put out for a batch", f"{allowed.max_activation_mb:,g}", ""),
        ("Epochs of a run", f"{allowed.max_epochs:,}", ""),
        ("Seconds of training in a run", f"{allowed.max_seconds:,g}", ""),
        ("Runs of a workspace that wait", f"{allowed.max_queued:,}", f"{used.waiting:,}"),
        ("Runs that a workspace keeps", f"{allowed.max_runs:,}", f"{used.runs:,}"),
        ("Handwritten digits per person", f"{allowed.max_digits_per_writer:,}", ""),
        ("Handwritten digits per workspace", f"{allowed.max_digits:,}", ""),
        ("MB of handwriting in all workspaces", f"{allowed.max_handwriting_mb:,g}", ""),
        ("MB of an upload", f"{allowed.max_upload_mb:,g}", ""),
        (
            "MB of the runs of all workspaces",
            f"{allowed.max_database_mb:,g}",
            f"{cache.kept_mb():,.0f}",
        ),
    ]
    st.dataframe(
        pd.DataFrame(rows, columns=["What", "At most", "Used"]),
        hide_index=True,
        alt="The limits of this server and how much of them is used",
    )
    st.write(
        "Workspaces take turns in training, so a long queue in one does not hold up another. A run "
        "that has used up its time is stopped, and what it has learned is kept. When a workspace "
        "is full, its oldest run that is not pinned makes room for a new one; when the server is "
        "full, the oldest runs of all workspaces go, pinned ones last. **Pin** a run on the page "
        "Compare to keep it, and **export** it under Results to have it for good."
    )


def announce_run(spec: Spec) -> None:
    """Say which run will be deleted to make room for a run of a spec, or why there can be none."""
    try:
        quota.check_epochs(spec.training.epochs)
        check_batch(spec)
    except QuotaError as error:
        st.warning(messages.sentence(str(error)), icon=":material/warning:")
    else:
        announce_deletions()


def announce_deletions(new: int = 1) -> None:
    """Say which runs will be deleted to make room for new ones, or why there is no room."""
    store = cache.store()
    try:
        gone = quota.runs_to_displace(store.database, store.workspace, new)
    except QuotaError as error:
        messages.show_error(error)
        return
    if gone:
        numbers = [str(store.run(run_id).number) for run_id in gone[:3]]
        names = ", ".join(numbers) + (" ..." if len(gone) > 3 else "")
        st.caption(
            f":material/auto_delete: This workspace keeps at most "
            f"{plural(server_settings().max_runs, 'run')}, so {plural(len(gone), 'run')} will go "
            f"for {'this one' if new == 1 else f'these {new}'} ({names}), oldest first. Pin on "
            "Compare what you want to keep."
        )
