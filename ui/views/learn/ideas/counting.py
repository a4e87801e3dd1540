"""The idea Counting parameters: a quiz on random networks."""

import random

import pandas as pd
import streamlit as st

from mnist_core.network.notation import write
from mnist_core.teaching.concepts import common_mistakes, quiz
from mnist_core.teaching.concepts.quiz import Question
from mnist_core.utils.text import format_shape
from ui.session import navigation, state
from ui.views.learn.ideas.idea import Idea, Where
from ui.widgets.controls import choice, number, side_by_side

_NUMBER, _SCORE = "idea_counting_number", "idea_counting_score"
HIGHEST_NUMBER = 9999
CHECKED, SOLVED, SHOWN = "checked", "solved", "shown"
TOTAL, TRAINABLE = "Total", "Trainable"
Part = int | str
"""What a box asks for: the position of a layer's row, TOTAL or TRAINABLE."""
LEVELS = {
    "Easy": "One convolution. The shapes are given; some layers have no parameters at all.",
    "Medium": "Two convolutions with pooling; work out the shapes yourself.",
    "Hard": "Three convolutions with padding, strides and batch normalization.",
}


@st.fragment
def show() -> None:
    with side_by_side():
        level = choice("Difficulty", list(LEVELS), "idea_counting_level")
        chosen = number(
            "Question number",
            *(1, HIGHEST_NUMBER),
            key=_NUMBER,
            width=200,
            help="The same difficulty and number give everyone the same network, so a class can "
            "work together.",
        )
        st.button("New question", icon=":material/casino:", on_click=another)
    question = quiz.ask(level.lower(), chosen)
    notation = write(question.network)
    st.caption(LEVELS[level])
    st.markdown(f"An image of 28 × 28 × 1 goes through `{notation}`, then the output layer:")
    _ask(question)
    _verdict(question)
    st.page_link(
        navigation.path("build"),
        label="Open this network in Build",
        icon=":material/layers:",
        query_params={"network": notation},
    )


def another() -> None:
    """Choose a question other than the present one."""
    others = {*range(1, HIGHEST_NUMBER + 1)} - {state.get(_NUMBER, 1)}
    state.put(_NUMBER, random.choice([*others]))


def _key(question: Question, part: Part) -> str:
    """Return the key of a box, or of how far a question has come: each question has its own."""
    return state.key("idea_counting", question.level, question.number, part)


def numbers(question: Question) -> dict[Part, int]:
    """Return the right counts: of the layers that are asked, the total, the trainable ones."""
    whole = question.summary
    right: dict[Part, int] = {
        at: row.parameters for at, row in enumerate(whole.rows) if row in question.asked
    }
    right[TOTAL] = whole.parameters
    return right | ({TRAINABLE: whole.trainable} if whole.non_trainable else {})


def answers(question: Question) -> dict[Part, int | None]:
    """Return what was typed for each of the `numbers`, None where the box is empty."""
    return {part: state.get(_key(question, part), None) for part in numbers(question)}


def _ask(question: Question) -> None:
    """Draw the layers with a box for each number; all answers are checked together."""
    rows = question.summary.rows
    with st.form("idea_counting_form"):
        left, right = st.columns(2, gap="medium")
        for at, row in enumerate(rows):
            with left if at < (len(rows) + 1) // 2 else right:
                title = rf"{at + 1}\. **{row.type}** {quiz.words(row, question)}".strip()
                if question.level == "easy":
                    title += f" → {format_shape(row.output_shape)}"
                if row in question.asked:
                    _box(question, at, title)
                else:
                    st.markdown(f"{title}: 0, nothing to learn")
        with right:
            _box(question, TOTAL, "**Total** of all layers, the output layer too")
            if question.summary.non_trainable:
                _box(question, TRAINABLE, "How many of them are **trainable**")
        with st.container(horizontal=True):
            st.form_submit_button("Check", type="primary", on_click=score, args=(question,))
            st.form_submit_button("Show the arithmetic", on_click=reveal, args=(question,))


def _box(question: Question, part: Part, title: str) -> None:
    most, key = 10_000_000, _key(question, part)
    number(title, 0, most, None, 1, key=key, placeholder="How many parameters?")


def score(question: Question) -> None:
    """Count a question that is answered right; a wrong answer resets the streak."""
    stage = _key(question, "stage")
    if state.get(stage) in (SOLVED, SHOWN):
        return
    right, given = numbers(question), answers(question)
    solved, in_a_row = state.get(_SCORE, (0, 0))
    if given == right:
        state.put(stage, SOLVED)
        state.put(_SCORE, (solved + 1, in_a_row + 1))
        return
    state.put(stage, CHECKED)
    if any(answer not in (None, right[part]) for part, answer in given.items()):
        state.put(_SCORE, (solved, 0))


def reveal(question: Question) -> None:
    """Show the arithmetic; on an unsolved question this counts as giving up."""
    score(question)
    stage = _key(question, "stage")
    if state.get(stage) == CHECKED:
        state.put(stage, SHOWN)
        state.put(_SCORE, (state.get(_SCORE, (0, 0))[0], 0))


def _verdict(question: Question) -> None:
    """Draw which answers are right or wrong and why, and the arithmetic after the question."""
    stage = state.get(_key(question, "stage"))
    solved, in_a_row = state.get(_SCORE, (0, 0))
    st.markdown(f":material/trophy: **{solved} solved, {in_a_row} right in a row**")
    if not stage:
        return
    right, given = numbers(question), answers(question)
    if given == right:
        st.success("All right. The arithmetic:", icon=":material/check_circle:")
    else:
        st.markdown("\n".join(_judged(question, part, right[part], given) for part in right))
        if None in given.values() and stage == CHECKED:
            empty = [_title(question, part) for part, answer in given.items() if answer is None]
            st.markdown(
                f":material/help: Still empty: {', '.join(empty)}. Every box needs a number."
            )
    if stage != CHECKED:
        _arithmetic(question)


def _title(question: Question, part: Part) -> str:
    """Return the name of a box: 2. Conv2D, Total or Trainable."""
    return f"{part + 1}. {question.summary.rows[part].type}" if isinstance(part, int) else part


def _judged(question: Question, part: Part, right: int, given: dict[Part, int | None]) -> str:
    """Return the result of one answer as a line of Markdown, empty without an answer."""
    answer, title = given[part], _title(question, part)
    if answer is None:
        return ""
    if answer == right:
        return f"- :material/check: {title}: {right:,} is right."
    if part == TRAINABLE:
        hint = common_mistakes.hint_trainable(question, answer)
    elif isinstance(part, int):
        hint = common_mistakes.hint(question, question.summary.rows[part], answer)
    else:
        layers = [number or 0 for at, number in given.items() if isinstance(at, int)]
        hint = common_mistakes.hint_total(question, layers, answer)
    return f"- :material/close: {title}: {answer:,} is not right. {hint}"


def _arithmetic(question: Question) -> None:
    """Draw the calculation of each count, and their sum."""
    whole = question.summary
    rows = [
        (f"{at}. {row.type}", format_shape(row.output_shape), f"`{row.arithmetic}`")
        for at, row in enumerate(whole.rows, 1)
    ]
    sums = " + ".join(f"{row.parameters:,}" for row in whole.rows if row.parameters)
    rows.append(("Total", "", f"`{sums} = {whole.parameters:,}`"))
    if whole.non_trainable:
        less = f"{whole.parameters:,} - {whole.non_trainable:,} = {whole.trainable:,}"
        rows.append(("Trainable", "", f"`{less}`"))
    st.table(
        pd.DataFrame(rows, columns=["Layer", "Output", "Parameters"]),
        border="horizontal",
        hide_index=True,
        alt=f"The parameters of each layer, {whole.parameters:,} in all",
    )


IDEA = Idea(
    name="counting",
    title="Counting parameters",
    says="A network's **parameters** are the numbers that training changes, and a pencil is "
    "enough to count them. Count those of this network, with its output layer of 10 units. "
    "The app checks your counts and says what may have gone wrong.",
    formulas=(
        r"\text{Conv2D: } k \cdot k \cdot C_{\text{in}} \cdot C_{\text{out}} + C_{\text{out}}",
        r"\text{Dense: } n_{\text{in}} \cdot n_{\text{out}} + n_{\text{out}}",
        r"\text{BatchNorm: } 4\, C \quad (2\, C \text{ trained})",
        r"o = \left\lfloor \frac{n + 2p - k}{s} \right\rfloor + 1",
    ),
    symbols=r"$k$: side of the kernel; $C_{\text{in}}$, $C_{\text{out}}$: channels in and out; "
    r"$C_{\text{out}}$ is the number of filters. $n_{\text{in}}$, $n_{\text{out}}$: "
    "values in and units; $C$: normalized channels. Sizes: input side $n$, padding $p$ "
    r"on each side, stride $s$, output side $o$; `same` gives $o = \lceil n / s \rceil$. "
    "The terms after the $+$ are the biases; here a convolution before batch "
    "normalization has none. Pooling, flatten, dropout and activations have no "
    "parameters.",
    to_try="Count note 5 for practice: 3·3·1·8 + 8 = 80, 3·3·8·16 + 16 = 1,168, "
    "5·5·16·64 + 64 = 25,664 and 64·10 + 10 = 650 make 27,562. Then try for three right in a row.",
    where=(Where("build", "See the counts of note 5", {"network": "C8 M C16 M F D64 Drop0.2"}),),
    show=show,
)
