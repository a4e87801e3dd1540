"""The command tune: runs a study from the command line, with its own engine."""

import json
import signal
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, get_args

import click
from rich.live import Live
from rich.table import Table

from mnist_core.cli import console as show
from mnist_core.cli.commands.common import Name, read_start, start_options
from mnist_core.cli.process import COMMAND
from mnist_core.engine.engine import Engine, EngineError
from mnist_core.experiments import studies
from mnist_core.experiments.search_space import Space, Study, full_spec
from mnist_core.experiments.studies import StudyProgress
from mnist_core.network.notation import write
from mnist_core.network.settings import SOURCE, settings_of, spec_options
from mnist_core.network.spec import Spec
from mnist_core.network.value import SpecError
from mnist_core.storage.runs import Store
from mnist_core.utils.text import duration, percent

REFRESH_EVERY_S = 0.5
PAUSE_WITHIN_S = 30
RANGES = [name for name, field in Space.model_fields.items() if field.default is None]


@click.command()
@click.argument("network", nargs=-1)
@spec_options
@start_options
@click.option(
    "--tune",
    "chosen",
    multiple=True,
    metavar="SETTING=VALUES",
    help="A setting to search; repeat the option for more. Give values, batch_size=32,64,128, or, "
    f"for {', '.join(RANGES)}, a range low:high, with low:high:steps for a grid.  "
    f"Settings: {', '.join(Space.model_fields)}.",
)
@click.option("--trials", type=click.IntRange(1, 500), default=20, show_default=True)
@click.option(
    "--sampler",
    type=click.Choice(get_args(Study.model_fields["sampler"].annotation)),
    default="tpe",
    show_default=True,
)
@click.option("--epochs-per-trial", type=click.IntRange(1, 1000), default=2, show_default=True)
@click.option("--images", type=int, help="Training images per trial, before the split.")
@click.option("--no-prune", is_flag=True, help="Let poor trials finish.")
@click.option("--name", default="", type=Name(), help="The name of the study.")
@click.option("--resume", "group_id", type=int, metavar="STUDY", help="Resume this study.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
def tune(network: tuple[str, ...], group_id: int | None, as_json: bool, **given: Any) -> None:
    """Search for better settings of NETWORK, a preset or a notation, with Optuna.

    Trials are compared on the validation images, never on the test set. Ctrl-C stops the study
    cleanly; --resume continues it. If DASK_SCHEDULER_ADDRESS is set, that cluster does the work.
    """
    store = Store()
    if (group_id is None) == (not network):
        raise click.UsageError(
            "give either a NETWORK, to start a study, or --resume with the number of a study"
        )
    if group_id is None:
        group_id = studies.start(store, *_study(network, given)).id
    else:
        studies.resume(store, group_id)
    view = _run(store, group_id)
    if view.group.state == "failed":
        raise EngineError(f"study {group_id} failed: {view.group.reason}")
    if as_json:
        print(json.dumps(_facts(view)))
    else:
        _show(view)


def _study(network: tuple[str, ...], given: dict[str, Any]) -> tuple[Study, str]:
    """Return the study that the options describe, and its name. Raises SpecError."""
    own = ("chosen", "trials", "sampler", "epochs_per_trial", "images", "no_prune", "name")
    options = {name: given.pop(name) for name in own}
    base = read_start(Store(), network, given)
    study = Study(
        base=base,
        space=Space.model_validate(_dimensions(options["chosen"])),
        trials=options["trials"],
        sampler=options["sampler"],
        pruning=not options["no_prune"],
        trial_epochs=options["epochs_per_trial"],
        trial_images=options["images"],
        seed=base.training.seed,
    )
    return study, options["name"] or Store().describe(base)


def _dimensions(chosen: Iterable[str]) -> dict[str, object]:
    """Return the values of `Space` by name, each from one option --tune. Raises SpecError."""
    found: dict[str, object] = {}
    for words in chosen:
        name, values = _dimension(words)
        if name in found:
            raise SpecError(
                f"--tune takes each setting once; received {name} twice: put all its values "
                f"in one --tune {name}=..."
            )
        found[name] = values
    return found


def _dimension(words: str) -> tuple[str, object]:
    """Return the name and the `Space` value of an option such as learning_rate=1e-4:1e-2."""
    name, equals, values = (part.strip() for part in words.partition("="))
    name = name.replace("-", "_")
    if not equals or name not in Space.model_fields:
        names = ", ".join(Space.model_fields)
        raise SpecError(
            f"--tune takes SETTING=VALUES with one of {names}; received {words!r:.60}: write, "
            "for example, --tune batch_size=32,64,128"
        )
    if name not in RANGES:
        return name, [value.strip() for value in values.split(",")]
    ends = values.split(":")
    if len(ends) not in (2, 3):
        raise SpecError(
            f"{name} takes a range low:high, or low:high:steps for a grid; received "
            f"{values!r:.60}: write, for example, --tune {name}=0.001:0.01"
        )
    return name, dict(zip(("low", "high", "steps"), ends, strict=False))


def _run(store: Store, group_id: int) -> StudyProgress:
    """Run a study to its end or to Ctrl-C under a live table; return how it was left."""
    engine = Engine()
    with _stoppable() as stopped:
        show.errors.print("Starting a worker ...")
        engine.start()
        try:
            with Live(console=show.errors, transient=True, auto_refresh=False) as live:
                view = studies.read(store, group_id)
                while view.group.state == "running" and not stopped.is_set():
                    live.update(_table(view, max(5, show.errors.height - 8)), refresh=True)
                    stopped.wait(REFRESH_EVERY_S)
                    view = studies.read(store, group_id)
            if stopped.is_set():
                _stop(store, group_id)
        finally:
            engine.stop()
    return studies.read(store, group_id)


@contextmanager
def _stoppable() -> Iterator[threading.Event]:
    """Yield an event that the first Ctrl-C sets; the second Ctrl-C aborts."""
    stopped = threading.Event()

    def stop(*_: object) -> None:
        if stopped.is_set():
            raise KeyboardInterrupt
        stopped.set()
        show.errors.print("Stopping; trials in training are paused.")

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield stopped
    finally:
        signal.signal(signal.SIGINT, before)


def _stop(store: Store, group_id: int) -> None:
    """Stop a study, and wait until its trials have stored what they have learned."""
    studies.stop(store, group_id)
    for _ in range(int(PAUSE_WITHIN_S / REFRESH_EVERY_S)):
        if all(trial.state != "running" for trial in studies.read(store, group_id).trials):
            return
        threading.Event().wait(REFRESH_EVERY_S)


def _table(view: StudyProgress, most: int | None = None) -> Table:
    """Return a table of the trials. most: the number of the latest trials to show; None for all."""
    names = list(view.study.dimensions)
    made = show.table(
        f"Study {view.group.id}: {len(view.trials)} of {view.study.total} trials started; "
        "accuracy on the validation images",
        *(
            "trial",
            "state",
            *(name.replace("_", " ") for name in names),
            "epochs",
            "accuracy",
            "time",
        ),
        left=2,
    )
    for trial in view.trials[-most:] if most else view.trials:
        state = "best" if trial == view.best else trial.state
        made.add_row(
            *(str(trial.number), state, *(_short(trial.params[name]) for name in names)),
            f"{trial.epochs}/{view.study.trial_epochs}",
            "" if trial.value is None else percent(trial.value),
            duration(trial.seconds) if trial.seconds else "",
        )
    return made


def _short(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _show(view: StudyProgress) -> None:
    """Print the trials of a study, the best one, and the command that trains it in full."""
    show.show(_table(view))
    if view.best and view.best.value is not None:
        best = ", ".join(f"{name} {_short(value)}" for name, value in view.best.params.items())
        show.console.print(
            f"Best: trial {view.best.number} with {percent(view.best.value)} of the "
            f"validation images right ({best}). No trial has seen the test set. To train this one "
            "in full:"
        )
        show.console.print(command(full_spec(view.study, view.best.params)), soft_wrap=True)
    if view.group.state == "stopped":
        show.console.print(
            f"The study is stopped; to resume it: {COMMAND} tune --resume {view.group.id}"
        )


def _facts(view: StudyProgress) -> dict[str, object]:
    """Return the facts of a study that --json prints."""
    best = view.best
    return {
        "study": view.group.id,
        "name": view.group.name,
        "state": view.group.state,
        "trials": [asdict(trial) for trial in view.trials],
        "best": best and asdict(best),
        "command": best and command(full_spec(view.study, best.params)),
    }


def command(spec: Spec) -> str:
    """Return the command that trains a spec, with the settings that differ from the defaults."""
    usual = settings_of(Spec(network=spec.network))
    words = [COMMAND, "train", write(spec.network)]
    for name, value in settings_of(spec).items():
        if value != usual.get(name):
            flag = "from" if name == SOURCE else name.replace("_", "-")
            words.append(f"--{flag}" if value is True else f"--{flag} {value}")
    return " ".join(words)
