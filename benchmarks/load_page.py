"""What a student's page shows, for `benchmarks.load`: the tree of elements, as a browser keeps it.

Large messages are kept for some runs, so that the server sends only their hashes again.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

KEPT_RUNS = 2  # that a large message is kept without being shown, as `maxCachedMessageAge` says
BLOCKS_WITH_ID = ("popover", "expandable", "tab_container")


@dataclass
class Node:
    """An element or a block on the page, with the run and the fragment that it is of."""

    kind: str
    proto: Any
    fragment: str
    run: str
    script: str

    @property
    def id(self) -> str:
        """Of a widget: it ends in the widget's key."""
        return getattr(self.proto, "id", "")

    def asks(self, key: str, label: str) -> bool:
        """Whether it is the widget whose key ends so, or that has this label."""
        if key:
            return self.id.endswith(key)
        return bool(self.id) and label in getattr(self.proto, "label", "")


@dataclass
class Shown:
    """The elements of a page by their place; `told` gets each one that is put there.

    `run` and `fragments` are of the script that runs now or ran last; without fragments it is the
    whole page.
    """

    told: Callable[[Node], None]
    elements: dict[tuple[int, ...], Node] = field(default_factory=dict)
    kept: dict[str, tuple[ForwardMsg, int]] = field(default_factory=dict)
    run: str = ""
    fragments: list[str] = field(default_factory=list)
    main: str = ""
    runs: int = 0

    def all(self, kind: str) -> list[Node]:
        """The elements or blocks of a kind."""
        return [node for node in self.elements.values() if node.kind == kind]

    def find(self, kind: str, key: str = "", label: str = "") -> Iterator[Node]:
        """The widgets of a kind by the end of their key, or by their label."""
        return (node for node in self.all(kind) if node.asks(key, label))

    def ids(self) -> set[str]:
        """Of all widgets."""
        return {node.id for node in self.elements.values()}

    def begin(self, message: ForwardMsg) -> None:
        """A script begins."""
        run = message.metadata.run
        self.run, self.fragments = run.script_run_id, list(run.fragment_ids)
        if not self.fragments:
            self.main = message.new_session.main_script_hash

    def take(self, message: ForwardMsg) -> None:
        """An element, or the hash of one that was kept."""
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
        """A script has ended: what it did not send again is gone, if it came through."""
        ran = self.fragments
        if good:
            self.drop(lambda node: node.run != run and (not ran or node.fragment in ran))
        self.runs += not ran
        late = self.runs - KEPT_RUNS
        self.kept = {hash_: kept for hash_, kept in self.kept.items() if kept[1] >= late}

    def leave(self) -> None:
        """Another page: what stands round it stays."""
        self.drop(lambda node: node.script != self.main)

    def drop(self, gone: Callable[[Node], bool]) -> None:
        """Forget some elements."""
        self.elements = {where: node for where, node in self.elements.items() if not gone(node)}
