"""Arguments, options and results that several commands share."""

import json
import re
from typing import Any

import click

from mnist_core.cli import console as show
from mnist_core.engine import examples
from mnist_core.evaluation.run import Run
from mnist_core.network.naming import NAME_LENGTH
from mnist_core.network.notation import write
from mnist_core.network.presets import PRESETS
from mnist_core.network.settings import SETTINGS, Command, read_spec
from mnist_core.network.spec import Spec
from mnist_core.storage import handwriting
from mnist_core.storage.artifacts import load_report as kept_report
from mnist_core.storage.artifacts import load_weights
from mnist_core.storage.database import StoreError
from mnist_core.storage.runs import Store, called
from mnist_core.storage.workspaces import EXAMPLES
from mnist_core.utils.text import one_line, short_repr

_NUMBER: click.ParamType = click.IntRange(1, 2**31 - 1)


class RunNumber(click.ParamType):
    """Converts the number of a run, or the name of an example to install, to the run's id."""

    name = "run"

    def convert(
        self, value: str | int, param: click.Parameter | None, ctx: click.Context | None
    ) -> int | str:
        return self.run_id(value, param, ctx)

    def run_id(
        self, value: str | int, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """Return the id of the run with a number, or of the example with a name."""
        if value not in examples.NAMES:
            try:
                number = int(_NUMBER.convert(value, param, ctx))
            except click.BadParameter:
                self.fail(
                    "must be the number of a run (`runs` lists them) or the name of an example, "
                    f"{' or '.join(examples.NAMES)}; received {short_repr(value)}"
                )
            return Store().numbered(number).id
        examples.install()
        return next(run.id for run in Store().examples() if run.name == value)


RUN = click.argument("run_id", metavar="RUN", type=RunNumber())


class Source(RunNumber):
    """Converts a run, or the hash of its weights, to the hash of the weights to start from."""

    def convert(
        self, value: str | int, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        if isinstance(value, str) and re.fullmatch("[0-9a-f]{16}", value):
            return value
        run = Store().run(self.run_id(value, param, ctx))
        if run.weights_hash is None:
            self.fail(f"{called(run)} has no trained weights yet (it is {run.state}): train it")
        return run.weights_hash


_FROM = click.option(
    "--from", "source", type=Source(), metavar="RUN", help="Start from the weights of this run."
)


OUR_CLASS = "class"
_SET = click.option(
    "--handwriting",
    "collection",
    metavar="SET",
    help="Also train on handwriting: `class` for the digits written in this workspace, or the name "
    "of an imported set.",
)
_ALONE = click.option(
    "--without-mnist", is_flag=True, help="With --handwriting: train on the handwriting only."
)


def start_options(command: Command) -> Command:
    """Add to a command the options whose values only a store can check; see `read_start`."""
    return _FROM(_SET(_ALONE(command)))


def read_start(store: Store, network: tuple[str, ...], given: dict[str, Any]) -> Spec:
    """Return the spec of a command's network and options.

    A preset that starts from trained weights gets the weights of the newest run of its source. A
    preset that learns from handwriting gets the digits of the class. Raises StoreError if there is
    no such run, CollectionError if too few people have written.
    """
    preset = PRESETS.get(" ".join(network))
    collection, alone = given.get("collection"), given.get("without_mnist")
    given = {name: value for name, value in given.items() if name in SETTINGS}
    if preset and preset.handwriting and collection is None:
        collection = OUR_CLASS
    if alone and collection is None:
        raise click.UsageError("--without-mnist needs --handwriting: name the set to train on")
    if collection not in (None, OUR_CLASS, *handwriting.imported(store)):
        known = ", ".join(map(repr, (OUR_CLASS, *handwriting.imported(store))))
        raise click.UsageError(
            f"--handwriting must be one of {known}; received {short_repr(collection)}"
        )
    if collection is not None:
        name = handwriting.OWN if collection == OUR_CLASS else collection
        chosen = handwriting.choose_to_learn(store, name, mnist=not alone)
        given = given | {"handwriting": chosen}
    if preset and preset.source and not given.get("source"):
        start = store.start_of(preset)
        if start is None:
            raise StoreError(
                f"{preset.name} starts from a run of {preset.source}; there is none yet: train "
                f"{preset.source} first, or pass a run with --from"
            )
        given = given | {"source": start.source}
    if preset and preset.source and given.get("freeze") is None:
        given = given | {"freeze": ",".join(preset.frozen)}
    return read_spec(network, given)


class Name(click.ParamType):
    """A name on one line, of at most NAME_LENGTH characters."""

    name = "name"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        words = one_line(value)
        if len(words) > NAME_LENGTH:
            self.fail(f"must have at most {NAME_LENGTH} characters; received {len(words)}")
        return words


JSON = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object instead of tables."
)


def show_result(store: Store, run_id: int, as_json: bool, **more: object) -> None:
    """Print the report of a run on the test images, evaluating it first if need be.

    A trial or a range test never sees these images: print its state. more: further keys of the
    JSON.
    """
    run = store.run(run_id)
    if not run.sees_test:
        return print_json(facts(run)) if as_json else show.show_unevaluated(run)
    report = kept_report(store, run_id)
    if report is None:
        load_weights(store, run_id)  # an early error for a run that has none
        show.start_tensorflow()
        from mnist_core.execution.runner import assess, assess_import

        report = assess_import(store, run_id) if run.origin else assess(store, run_id)
    run = store.run(run_id)
    if not as_json:
        return show.show_report(run, report)
    return print_json(facts(run) | {"confusion": report.confusion.tolist()} | more)


def identity(run: Run) -> dict[str, object]:
    """Return the keys that identify a run: `run` for commands, `number`, and `id` for links."""
    argument = run.name if run.workspace == EXAMPLES else run.number
    return {"run": argument, "number": run.number, "id": run.id}


def facts(run: Run) -> dict[str, object]:
    """Return the facts of a run that --json prints."""
    return {
        **identity(run),
        "name": run.name,
        "notation": write(run.spec.network),
        "state": run.state,
        "reason": run.reason,
        "parameters": run.parameters,
        "epochs": run.epochs,
        "planned_epochs": run.planned,
        "seconds": run.seconds,
        "test_accuracy": run.test_accuracy,
        "test_loss": run.test_loss,
        "spec": run.spec.model_dump(),
    }


def print_json(value: dict[str, object]) -> None:
    """Print one line of JSON on standard output."""
    print(json.dumps(value))
