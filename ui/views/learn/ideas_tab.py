"""The tab Ideas: one idea at a time, with text, figure, formula, and links to its uses."""

import streamlit as st

from ui.session import navigation, state
from ui.views.learn.ideas.catalog import IDEAS
from ui.views.learn.ideas.idea import Idea
from ui.views.learn.query_choice import choose, pick


def show() -> None:
    """Draw the idea in the address, else the first one, and a list of all ideas."""
    titles = {idea.name: idea.title for idea in IDEAS}
    heading, ideas = st.columns(2, gap="medium", vertical_alignment="center")
    with ideas, st.container(horizontal=True, gap="small"):
        name = pick("Idea", titles, "idea")
        at = list(titles).index(name)
        _turn("Previous", IDEAS[at - 1] if at else None)
        _turn("Next", IDEAS[at + 1] if at + 1 < len(IDEAS) else None)
    heading.header(titles[name])
    _one(next(idea for idea in IDEAS if idea.name == name))


def _turn(words: str, to: Idea | None) -> None:
    """Draw a button that chooses another idea, if there is one."""
    st.button(
        words,
        key=state.key("learn_idea", words.lower()),
        disabled=to is None,
        help=to.title if to else None,
        on_click=choose,
        args=("idea", to.name if to else ""),
    )


def _one(idea: Idea) -> None:
    st.markdown(idea.says)
    idea.show()
    st.markdown(f":material/touch_app: **Try it:** {idea.to_try}")
    with st.container(border=True):
        for formula in idea.formulas:
            st.latex(formula)
        st.caption(idea.symbols)
    with st.container(horizontal=True):
        for place in idea.where:
            step = next(step for step in navigation.STEPS if step.name == place.page)
            page, query = navigation.path(place.page), place.query
            st.page_link(page, label=place.words, icon=step.icon, query_params=query or None)
