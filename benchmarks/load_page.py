"""The elements of a student's page, for `benchmarks.load`, as a browser keeps them.

Large messages are cached for some runs, in which the server sends only their hashes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

KEPT_RUNS = 2  # runs for which a large message stays cached, see `maxCachedMessageAge`
BLOCKS_WITH_ID = ("popover", "expandable", "tab_container")


@dataclass
class Node:
    """An element or a block of the page, with the run and the fragment that sent it."""

    kind: str
    proto: Any
    fragment: str
    run: str
    script: str

    @property
    def id(self) -> str:
        """The widget's ID, which ends with its key."""
        return getattr(self.proto, "id", "")

    def asks(self, key: str, label: str) -> bool:
        """Return whether this widget's key ends with `key`, or whether it has this label."""
        if key:
            return self.id.endswith(key)
        return bool(self.id) and label in getattr(self.proto, "label", "")


@dataclass
class Shown:
    """The elements of a page by position; `told` is called with each new element.

    `run` and `fragments` belong to the present or last script run; without fragments it is a run
    of the whole page.
    """

    told: Callable[[Node], None]
    elements: dict[tuple[int, ...], Node] = field(default_factory=dict)
    kept: dict[str, tuple[ForwardMsg, int]] = field(default_factory=dict)
    run: str = ""
    fragments: list[str] = field(default_factory=list)
    main: str = ""
    runs: int = 0

    def all(self, kind: str) -> list[Node]:
        """Return the elements or blocks of a kind."""
        return [node for node in self.elements.values() if node.kind == kind]

    def find(self, kind: str, key: str = "", label: str = "") -> Iterator[Node]:
        """Yield the widgets of a kind whose key ends with `key`, or that have this label."""
        return (node for node in self.all(kind) if node.asks(key, label))

    def ids(self) -> set[str]:
        """Return the IDs of all widgets."""
        return {node.id for node in self.elements.values()}

    def begin(self, message: ForwardMsg) -> None:
        """Handle the start of a script run."""
        run = message.metadata.run
        self.run, self.fragments = run.script_run_id, list(run.fragment_ids)
        if not self.fragments:
            self.main = message.new_session.main_script_hash

    def take(self, message: ForwardMsg) -> None:
        """Store an element, or one from the cache by its hash."""
        place, delta = message.metadata, message
        if message.HasField("ref_hash"):
            delta = self.kept[message.ref_hash][0]
            self.kept[message.ref_hash] = (delta, self.runs)
        elif place.cacheable:
            self.kept[message.hash] = (message, self.runs)
        what = delta.delta.WhichOneof("type")
        if what not in ("new_element", "add_block"):
            return
        proto = getattr(delta.delta, what)
        kind = proto.WhichOneof("type") or "container"
        inner = getattr(proto, kind, proto)
        if kind in BLOCKS_WITH_ID and not inner.id:
            inner = proto
        where, script = tuple(place.delta_path), place.active_script_hash
        node = Node(kind, inner, delta.delta.fragment_id, self.run, script)
        self.elements[where] = node
        self.told(node)

    def end(self, run: str, good: bool) -> None:
        """Handle the end of a script run: if it succeeded, elements not sent again are removed."""
        ran = self.fragments
        if good:
            self.drop(lambda node: node.run != run and (not ran or node.fragment in ran))
        self.runs += not ran
        late = self.runs - KEPT_RUNS
        self.kept = {hash_: kept for hash_, kept in self.kept.items() if kept[1] >= late}

    def leave(self) -> None:
        """Remove the page's elements on a move to another page; the frame around them stays."""
        self.drop(lambda node: node.script != self.main)

    def drop(self, gone: Callable[[Node], bool]) -> None:
        """Remove the elements for which `gone` is true."""
        self.elements = {where: node for where, node in self.elements.items() if not gone(node)}
