"""The part of the idea Cross-entropy that compares it with squared error."""

import numpy as np
import streamlit as st
from scipy.special import expit

from mnist_core.teaching.concepts import squared_error as theory
from mnist_core.utils.text import probability
from ui.charts.ideas import squared_error as charts
from ui.views.learn.ideas.layout import controls_and_figure
from ui.views.learn.ideas.tex import aligned
from ui.widgets import chart
from ui.widgets.controls import slider


def show() -> None:
    """Draw the lead of the right logit beside the gradients of both losses."""
    st.subheader("Why not squared error?")
    controls, figure = controls_and_figure()
    with controls:
        z = slider(
            "Lead $z$ of the right digit's logit",
            *(-float(charts.REACH), float(charts.REACH), -6.0, 0.5),
            format="%.1f",
            key="idea_cross_entropy_lead",
            help="The right digit's logit minus the combined logit of all other digits. Then "
            "$p = \\sigma(z)$.",
        )
        p = float(expit(z))
        entropy, squared = (
            abs(float(slope(np.array(z))))
            for slope in (theory.cross_entropy_slope, theory.squared_error_slope)
        )
        st.markdown(
            f"The right digit gets a probability of {probability(p)}. Cross-entropy pushes its "
            f"logit up **{entropy / squared:,.0f} times** as hard as squared error: "
            f"{entropy:.3g} against {squared:.2g}."
        )
    with figure:
        chart.show(
            charts.slopes(z),
            "Size of the gradient over the lead of the right logit; at "
            f"{z:g} cross-entropy has {entropy:.3g}, squared error {squared:.2g}",
        )
    st.latex(
        aligned(
            r"\frac{\partial (-\ln p)}{\partial z} &= -\frac{1}{p} \cdot p(1-p) = -(1-p)",
            r"\frac{\partial (1-p)^2}{\partial z} &= -2(1-p) \cdot p(1-p)",
        )
    )
    st.caption(
        "Squared error here is $(1-p)^2$, for the right digit alone. $p(1-p)$ is the slope of "
        "the sigmoid: nearly 0 where the network is sure, even if wrong. In cross-entropy the "
        "logarithm cancels the $p$. Squared error keeps it, so the network hardly learns from "
        "its worst mistakes."
    )
