"""The idea Underfitting and overfitting: recorded learning curves, and polynomials."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mnist_core.evaluation.diagnosis import best_epoch
from mnist_core.network.query import to_query
from mnist_core.network.summary import summarize
from mnist_core.teaching.concepts import curves, fitting
from mnist_core.teaching.concepts.curves import ANSWERS, RecordedRun
from mnist_core.teaching.concepts.fitting import DEGREES, LEAST_POINTS, Fits
from mnist_core.utils.text import percent
from ui.charts.ideas import generalize as charts
from ui.session import address, navigation, state
from ui.views.learn.ideas.idea import Idea, Where
from ui.views.learn.ideas.layout import controls_and_figure
from ui.widgets import chart
from ui.widgets.controls import choice, number, slider

STORIES = {
    "overfits": "**A large network, few images**: {parameters:,} weights for {train:,} images. "
    "The training loss goes to 0 while the validation loss turns around and climbs: "
    "overfitting. The validation accuracy hardly suffers, but the loss also punishes "
    "overconfident mistakes.",
    "learns": "**A network that suits its task**: {parameters:,} weights for {train:,} images. "
    "Both losses fall together and stay close. Training may even look worse: only training "
    "has dropout, and its figure is the mean over an epoch of learning. Validation is "
    "measured at the end.",
    "jumps": "**A learning rate of {rate:g} with plain SGD**: each step jumps across the valley, "
    "so even the training loss jumps and ends high. More images or epochs would not "
    "help; smaller steps would.",
    "tiny": "**A network that is too small**: {parameters:,} weights in all. Both curves level "
    "off together, far from 0. There is hardly a gap, so more images would not help; "
    "more filters would.",
    "helped": "**Run A with three changes**: the same {train:,} images, but shifted and turned "
    "differently in every epoch; dropout; and a falling learning rate. After {epochs} "
    "epochs, it reads {val} of the validation images right; run A reads {other}.",
}
LETTERS = dict(zip("ABCDE", STORIES, strict=True))


@st.fragment
def show() -> None:
    runs, polynomials = "Real runs", "A curve to bend"
    columns = controls_and_figure()
    with columns[0]:
        view = choice("Look at", [runs, polynomials], "idea_fitting_view")
    if view == runs:
        _runs(*columns)
    else:
        _polynomials(*columns)


def _runs(controls: DeltaGenerator, figure: DeltaGenerator) -> None:
    """Draw one of the recorded runs, whose settings are hidden until the user has guessed."""
    with controls:
        letter = choice("Run", list(LETTERS), "idea_fitting_run")
        name = LETTERS[letter]
        run = curves.recorded_runs()[name]
        last = len(run.epochs)
        stop = slider("Stop at epoch", 1, last, last, key=state.key("idea_fitting_stop", name))
        guess = st.pills(
            "What do you see over all epochs?",
            ANSWERS,
            key=state.key("idea_fitting_guess", name),
            wrap=True,
            persist_state="session",
        )
    best = best_epoch(run.epochs[:stop]) if guess else None
    now = run.epochs[stop - 1]
    with figure:
        for metric in ("loss", "accuracy"):
            values = f"{getattr(now, metric):.4f} and {getattr(now, f'val_{metric}'):.4f}"
            chart.show(
                charts.until(metric, run.epochs, stop, best.epoch if best else None),
                f"{metric} of run {letter}: training and validation at epoch {stop} are {values}",
            )
    if guess is None:
        controls.caption(
            "Choose an answer to see what this run is and what the app reads in the curves."
        )
    else:
        _explain(run, guess, stop)


def _explain(run: RecordedRun, guess: str, stop: int) -> None:
    """Draw whether the guess is right, the run's settings, and the diagnosis up to an epoch."""
    spec, last = run.spec, run.epochs[-1]
    other = curves.recorded_runs()["overfits"].epochs[-1].val_accuracy or 0
    story = STORIES[run.name].format(
        parameters=summarize(spec.network).parameters,
        train=spec.split.training_images,
        rate=spec.training.learning_rate,
        epochs=len(run.epochs),
        val=percent(last.val_accuracy or 0, 1),
        other=percent(other, 1),
    )
    if guess == run.answer:
        st.success(f"Yes: {guess[:1].lower()}{guess[1:]}. {story}", icon=":material/check:")
    else:
        st.warning(
            f"Not quite. {run.answer}, though that is not easy to see at first. {story}",
            icon=":material/search:",
        )
    found = run.reading(stop)
    ended = f"if training had ended at epoch {stop}"
    at = "over all epochs" if stop == len(run.epochs) else ended
    st.markdown(f"**What the app reads in the curves, {at}.** {found.seen} {found.advice}")
    st.caption(
        "The app applies a few rules to the last epochs. If the curves jitter, as they do with few "
        "images, one epoch can mislead the app, and you."
    )
    st.page_link(
        navigation.path("build"),
        label="Open this run's network in Build",
        icon=":material/layers:",
        query_params=to_query(spec),
    )


def _polynomials(controls: DeltaGenerator, figure: DeltaGenerator) -> None:
    """Draw the fit of a polynomial, whose degree sets its flexibility."""
    with controls:
        degree = slider("Degree of the polynomial", 0, DEGREES - 1, 3, key="idea_fitting_degree")
        points = slider("Training points", LEAST_POINTS, 200, 20, key="idea_fitting_points")
        noise = slider("Noise, σ", 0.0, 0.6, 0.25, 0.05, key="idea_fitting_noise")
        seed = number("Seed of the points", 0, 9999, 0, key="idea_fitting_seed")
    fits = fitting.fit(points, noise, seed)
    with figure:
        chart.show(
            charts.points(fits, degree),
            f"{points} noisy points of a sine wave and the best polynomial of degree {degree}",
        )
        chart.show(
            charts.errors(fits, degree, noise),
            f"Training error falls with the degree; validation error is lowest at {fits.best}",
        )
    st.markdown(_in_numbers(fits, degree))
    st.caption(
        "Both errors are the root of the mean squared distance; the validation error uses 200 "
        "points that the fit never saw. Degree 0 is a flat line, 1 a straight one. Errors above "
        "10 and polynomials beyond ±2.6 run off the charts."
    )


def _in_numbers(fits: Fits, degree: int) -> str:
    training, held_out = fits.training[degree], fits.validation[degree]
    best, least = fits.best, fits.validation[fits.best]
    lowest = f"At degree {best} the validation error is lowest, {least:.3g}."
    if degree == best:
        verdict = "No other degree has a lower validation error: **this one suits the points**."
    elif held_out < 1.1 * least:
        verdict = f"**That is nearly the best.** {lowest}"
    elif degree < best:
        verdict = f"**Too stiff: it underfits.** {lowest}"
    else:
        verdict = f"**Too flexible: it overfits** and follows the noise. {lowest}"
    return (
        f"Degree {degree} has {degree} + 1 = {degree + 1} weights for {len(fits.x)} points. "
        f"Training error {training:.3g}, validation error {held_out:.3g}. {verdict}"
    )


IDEA = Idea(
    name="fitting",
    title="Underfitting and overfitting",
    says="A network can fail in two ways. If it is too simple for the digits, it **underfits**. "
    "If it is so flexible that it memorizes its training images, it **overfits**. Only "
    "images that it was not trained on can tell, and the two curves of every run show the "
    "difference. Read the curves of five real runs and guess.",
    formulas=(
        r"L_{\mathrm{train}} = \frac{1}{n} \sum_{i=1}^{n} \ell\big(f(x_i), y_i\big)",
        r"\mathrm{gap} = L_{\mathrm{val}} - L_{\mathrm{train}}",
        r"f(x) = \sum_{j=0}^{d} w_j\, P_j(x)",
        r"\min_{w_0, \dots, w_d} \; \sum_{i=1}^{n} \big(f(x_i) - y_i\big)^2",
        r"\mathrm{error} = \sqrt{\frac{1}{n} \sum_{i=1}^{n} \big(f(x_i) - y_i\big)^2}",
    ),
    symbols="$f$ is the fitted network or polynomial; $x_i$ an input, $y_i$ its right answer, "
    r"$n$ their number; $\ell$ the loss of one of them, cross-entropy for our networks; "
    r"$L_{\mathrm{val}}$ is the same mean over images held out. $d$ is the degree, $w_j$ "
    "a weight and $P_j$ the Legendre polynomial of degree $j$: they span the same curves "
    r"as $1, x, \dots, x^d$, with fewer rounding errors. Two high losses mean underfitting; a "
    "wide gap that grows means overfitting.",
    to_try="Stop run A at its lowest validation loss: that is early stopping. Then bend a curve: "
    "raise the degree until it passes through 16 points, and see what it does in between. "
    "With 200 points the same degree does little harm.",
    where=(
        Where("train", "Read your own curves in Train"),
        Where("compare", "Overlay curves in Compare", {address.COMPARE_TAB: "Curves"}),
    ),
    show=show,
)
