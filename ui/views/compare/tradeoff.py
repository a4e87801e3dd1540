"""The tab Trade-off of the page Compare: accuracy against parameters and training time."""

import pandas as pd
import streamlit as st

from mnist_core.evaluation.run import Run
from mnist_core.experiments import comparison
from mnist_core.utils.text import duration, percent, plain_markdown
from ui.charts import compare as charts
from ui.charts import style
from ui.session import state
from ui.views.compare import text
from ui.widgets import chart

COSTS = {"parameters": "parameters", "seconds": "seconds in training"}


@st.fragment
def show(runs: list[Run], picked: list[Run]) -> None:
    """Draw two scatter plots of all evaluated runs, each with its Pareto front as a list."""
    table = comparison.table([run for run in runs if run.test_accuracy is not None])
    if len(table) < 2:
        st.info(text.TWO_RESULTS, icon=":material/info:")
        return
    st.write(text.FRONT)
    with st.expander(
        "How to read the axes and bars",
        icon=":material/function:",
        key="compare_axes",
        on_change="rerun",
    ) as box:
        if box.open:
            st.write(text.AXES)
            st.latex(text.INTERVAL_FORMULA)
    for column, (cost, axis) in zip(st.columns(2, gap="large"), COSTS.items(), strict=True):
        known = table[(table[cost] > 0).fillna(False)]
        column.markdown(f"**Accuracy against {axis}**")
        if known.empty:
            column.info(text.NO_COST, icon=":material/info:")
            continue
        with column:
            chart.show(
                charts.trade_off(known, cost, axis, picked),
                f"Test accuracy of {len(known)} runs against {axis}, with the Pareto front",
                state.key("compare", cost),
            )
        column.markdown("On the front, cheapest first:\n" + _front(known, cost))


def _front(table: pd.DataFrame, cost: str) -> str:
    """Return the runs on the Pareto front as a list in Markdown."""
    best = comparison.front(*(table[name].to_numpy(float) for name in (cost, "test_accuracy")))
    lines = []
    for row in table[best].sort_values(cost).to_dict("records"):
        price = f"{row[cost]:,} parameters" if cost == "parameters" else duration(row[cost])
        name = f" ({plain_markdown(row['name'])})" if row["name"] else ""
        run = style.numbered(row["run"], row["example"])
        lines.append(f"- {run}{name}: {price}, **{percent(row['test_accuracy'])}**")
    return "\n".join(lines)
