"""A browser tab without a browser: Streamlit's WebSocket protocol, for `benchmarks.load`.

It sends widget values, waits for the script runs that answer, and follows the fragments' timers.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.request import urlopen

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from benchmarks.load_page import Node, Shown

ANSWER_S = 60.0  # seconds until a student gives up
ENDED = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)


@dataclass
class Asked:
    """A requested rerun; `run` is the script run that answers, once it has begun."""

    fragment: str
    answer: asyncio.Future[float]
    run: str = ""


@dataclass
class Tab:
    """A session. `seen` is called with each message, `looked` with the seconds of timed reruns."""

    address: str
    seen: Callable[[bytes], None]
    shown: Shown
    looked: Callable[[float], None]
    states: dict[str, WidgetState] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)
    query: str = ""
    page: str = ""

    def __post_init__(self) -> None:
        self._asked: list[Asked] = []
        self._timers: dict[str, tuple[float, asyncio.Task]] = {}
        self._socket: ClientConnection | None = None
        self._reader: asyncio.Task | None = None
        self.lost = ""

    async def arrive(self) -> None:
        """Load the page and its first requests, and store their cookies."""
        self._cookies = await asyncio.to_thread(self._get_page)

    def _get_page(self) -> dict[str, str]:
        kept: dict[str, str] = {}
        for path in ("/", "/_stcore/health", "/_stcore/host-config"):
            with urlopen(self.address + path, timeout=ANSWER_S) as answer:
                for line in answer.headers.get_all("Set-Cookie") or []:
                    cookie = SimpleCookie(line)
                    kept |= {
                        name: morsel.value for name, morsel in cookie.items() if name not in kept
                    }
                answer.read()
        return kept

    async def open(self) -> float:
        """Connect and run the first page; return the seconds."""
        token = self._cookies.get("_streamlit_xsrf", "PLACEHOLDER_AUTH_TOKEN")
        cookie = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        self._socket = await connect(
            self.address.replace("http", "ws", 1) + "/_stcore/stream",
            origin=self.address,  # type: ignore[arg-type]
            subprotocols=["streamlit", token],  # type: ignore[list-item]
            additional_headers={"Cookie": cookie},
            max_size=None,
            open_timeout=ANSWER_S,
            proxy=None,
        )
        self._reader = asyncio.create_task(self._read())
        return await self.rerun()

    async def close(self) -> None:
        """Disconnect, like a closed tab."""
        self._stop_timers()
        if self._reader:
            self._reader.cancel()
        if self._socket:
            await self._socket.close()

    async def go(self, name: str) -> float:
        """Navigate to a page by the end of its address; return the seconds."""
        self._stop_timers()
        self.shown.leave()
        self.query = ""
        return await self.rerun(page=self.pages[name])

    async def send(self, node: Node, **value: object) -> float:
        """Set a widget's value, as in `double_value=3.0`; triggers are not kept."""
        state = WidgetState(id=node.id, **value)  # type: ignore[arg-type]
        trigger = next(iter(value)).endswith("trigger_value")
        self.states[node.id] = state
        try:
            return await self.rerun(node.fragment)
        finally:
            if trigger:
                self.states.pop(node.id, None)

    async def rerun(self, fragment: str = "", page: str = "", auto: bool = False) -> float:
        """Request a rerun and wait for its end; return the seconds. Raises TimeoutError."""
        assert self._socket
        message = BackMsg()
        asked = message.rerun_script
        asked.query_string, asked.fragment_id, asked.is_auto_rerun = self.query, fragment, auto
        asked.page_script_hash = page or self.page
        asked.widget_states.widgets.extend(self.states.values())
        asked.cached_message_hashes.extend(self.shown.kept)
        asked.context_info.timezone = "UTC"
        asked.context_info.locale = "en-GB"
        asked.context_info.url = f"{self.address}/"
        asked.context_info.color_scheme = "light"
        mine = Asked(fragment, asyncio.get_running_loop().create_future())
        self._asked.append(mine)
        begin = time.perf_counter()
        try:
            await self._socket.send(message.SerializeToString())
            return await asyncio.wait_for(mine.answer, ANSWER_S) - begin
        finally:
            self._asked.remove(mine)

    async def _read(self) -> None:
        assert self._socket
        try:
            async for data in self._socket:
                assert isinstance(data, bytes)
                self.seen(data)
                self._take(ForwardMsg.FromString(data))
        except ConnectionClosed as error:
            self.lost = str(error)
        for asked in self._asked:
            if not asked.answer.done():
                asked.answer.set_exception(ConnectionError(self.lost or "closed by the server"))

    def _take(self, message: ForwardMsg) -> None:
        match message.WhichOneof("type"):
            case "new_session":
                self._begin(message)
            case "delta" | "ref_hash":
                self.shown.take(message)
            case "script_finished":
                self._end(message)
            case "navigation":
                told = message.navigation
                self.pages = {page.url_pathname: page.page_script_hash for page in told.app_pages}
                self.page = told.page_script_hash
            case "page_info_changed":
                self.query = message.page_info_changed.query_string
            case "auto_rerun":
                self._start_timer(message.auto_rerun.fragment_id, message.auto_rerun.interval)
            case "stop_auto_rerun":
                for fragment in message.stop_auto_rerun.fragment_ids:
                    self._stop_timer(fragment)

    def _begin(self, message: ForwardMsg) -> None:
        self.shown.begin(message)
        ran = self.shown.fragments
        if not ran:
            self._stop_timers()
            self.page = message.new_session.page_script_hash
        for asked in self._asked:
            if not ran or asked.fragment in ran:
                asked.run = self.shown.run
            elif asked.run and not asked.answer.done():  # some runs do not report their end
                asked.answer.set_result(time.perf_counter())

    def _end(self, message: ForwardMsg) -> None:
        run = message.metadata.run.script_run_id or self.shown.run
        good = message.script_finished in ENDED
        self.shown.end(run, good)
        if good:
            shown = self.shown.ids()
            self.states = {one: state for one, state in self.states.items() if one in shown}
        for asked in self._asked:
            # A run that ended early restarts, or the next run starts before the end is reported.
            if good and asked.run == run and not asked.answer.done():
                asked.answer.set_result(time.perf_counter())

    def _start_timer(self, fragment: str, interval: float) -> None:
        if fragment in self._timers and self._timers[fragment][0] == interval:
            return
        self._stop_timer(fragment)
        task = asyncio.create_task(self._look_again(fragment, interval))
        self._timers[fragment] = (interval, task)

    async def _look_again(self, fragment: str, interval: float) -> None:
        """Rerun a fragment at its interval, without waiting for the last answer, as browsers do."""
        looks: set[asyncio.Task] = set()
        while True:
            await asyncio.sleep(interval)
            look = asyncio.create_task(self._look(fragment))
            looks.add(look)
            look.add_done_callback(looks.discard)

    async def _look(self, fragment: str) -> None:
        # The fragment may be gone; a lost connection is reported elsewhere.
        with suppress(TimeoutError, ConnectionError, ConnectionClosed):
            self.looked(await self.rerun(fragment, auto=True))

    def _stop_timer(self, fragment: str) -> None:
        if fragment in self._timers:
            self._timers.pop(fragment)[1].cancel()

    def _stop_timers(self) -> None:
        for fragment in list(self._timers):
            self._stop_timer(fragment)
