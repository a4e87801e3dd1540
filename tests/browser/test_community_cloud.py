"""The app behind a proxy like that of Streamlit Community Cloud, in its frame."""

import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Frame, Page, expect

from mnist_core.dataset import mnist
from mnist_core.storage.workspaces import is_token, new_class_token
from tests.browser.community_cloud import BELOW, community_cloud
from tests.browser.driver import DESKTOP, LONG_MS, Server, serve, watch

INSIDE: dict[str, Any] = {**DESKTOP, "ignore_https_errors": True}
NO_STORAGE = (
    "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('closed'); }})"
)


@pytest.fixture(scope="module")
def hosted_app(tmp_path_factory) -> Iterator[Server]:
    """A hosted server, without the proxy."""
    folder = tmp_path_factory.mktemp("cloud")
    secrets = folder / "secrets.toml"
    secrets.write_text('MNIST_HOSTED = "1"\n')
    with serve(folder, None, "--secrets.files", str(secrets)) as app:
        yield app


@pytest.fixture(scope="module")
def cloud(hosted_app: Server) -> Iterator[str]:
    """The address of the app on Community Cloud."""
    with community_cloud(hosted_app, hosted_app.log.parent) as address:
        yield address


@pytest.fixture
def visitor(browser: Browser) -> Iterator[BrowserContext]:
    """The browser of somebody who was never here."""
    context = browser.new_context(**INSIDE)
    yield context
    context.close()


def enter(page: Page, address: str) -> Frame:
    """Go to an address; return the frame of the app once it is drawn and knows the visitor."""
    page.goto(address)
    frame = next(frame for frame in page.frames if frame != page.main_frame)
    settled(frame)
    return frame


def settled(frame: Frame) -> None:
    frame.get_by_role("heading", level=1).wait_for(timeout=LONG_MS)
    frame.wait_for_function("() => window[Symbol.for('mnist.history')]", timeout=LONG_MS)
    frame.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()


def token_of(frame: Frame) -> str:
    """The token in the link that Home offers for other devices."""
    frame.get_by_text("My link").click()
    link = frame.get_by_test_id("stCode").filter(has_text="workspace=").text_content()
    found = re.search(r"workspace=([\w-]+)", link or "")
    assert found
    assert is_token(found[1])
    return found[1]


def test_a_workspace_survives_refresh_bookmark_and_closing_the_browser(cloud, visitor, browser):
    page = visitor.new_page()
    frame = enter(page, cloud)
    first = token_of(frame)
    assert "workspace" not in frame.url
    assert not [cookie for cookie in visitor.cookies() if cookie.get("name", "")[:5] == "mnist"]
    page.reload()
    settled(frame := page.frames[1])
    assert token_of(frame) == first
    assert token_of(enter(visitor.new_page(), cloud)) == first
    later = browser.new_context(**INSIDE, storage_state=visitor.storage_state())
    assert token_of(enter(later.new_page(), cloud)) == first
    later.close()


def test_a_copied_address_gives_nothing_away(cloud, visitor, browser):
    frame = enter(visitor.new_page(), cloud)
    first = token_of(frame)
    stranger = browser.new_context(**INSIDE)
    assert token_of(enter(stranger.new_page(), frame.url.replace(BELOW, "/"))) != first
    stranger.close()


def test_a_link_to_somebodys_workspace_is_no_way_to_become_them(cloud, visitor, browser):
    theirs = browser.new_context(**INSIDE)
    token = token_of(enter(theirs.new_page(), cloud))
    theirs.close()
    own = token_of(enter(visitor.new_page(), cloud))
    frame = enter(visitor.new_page(), f"{cloud}/?workspace={token}")
    frame.get_by_text("Shared workspace").first.wait_for()
    assert frame.evaluate("localStorage.getItem('mnist_workspace')") == own


def test_the_policy_allows_all_that_the_app_does_in_the_frame(hosted_app, visitor):
    folder = hosted_app.log.parent
    with community_cloud(hosted_app, folder, every=True) as address:
        seen = watch(visitor, Server(address, hosted_app.process, hosted_app.log))
        frame = enter(visitor.new_page(), f"{address}/draw")
        frame.locator("canvas.upper-canvas").first.wait_for()
        settled(frame)
        assert seen.elsewhere == []
        assert not [words for words in seen.complaints if "Content Security Policy" in words]


def test_progress_in_a_class_survives_a_refresh(cloud, visitor):
    page = visitor.new_page()
    link = f"{cloud}/data?workspace={new_class_token()}&lesson=first-network"
    frame = enter(page, link)
    frame.get_by_text("Class workspace").first.wait_for()
    frame.get_by_text("Step 1 of 5").wait_for()
    frame.get_by_role("link", name="Next").click()
    frame.get_by_text("Step 2 of 5").wait_for()
    settled(enter(page, link))
    expect(page.frames[1].get_by_text("Step 2 of 5")).to_be_visible()


def test_where_the_browser_stores_nothing_the_address_is_the_key(cloud, visitor):
    visitor.add_init_script(NO_STORAGE)
    page = visitor.new_page()
    frame = enter(page, cloud)
    frame.wait_for_url(re.compile("workspace="))
    frame.get_by_text("The workspace of this address").wait_for()
    key = frame.url.replace(BELOW, "/")
    frame = enter(page, key)
    frame.get_by_text("The workspace of this address").wait_for()
    assert frame.url.replace(BELOW, "/") == key


def test_pages_links_and_back_work_in_the_frame(cloud, visitor):
    page = visitor.new_page()
    frame = enter(page, f"{cloud}/build?network=C4+M+F&epochs=2")
    expect(frame.get_by_role("heading", level=1)).to_contain_text("Build")
    frame.get_by_test_id("stSidebarNavLink").filter(has_text="6 Draw").click()
    expect(frame.get_by_role("heading", level=1)).to_contain_text("Draw")
    frame.evaluate("history.back()")
    expect(frame.get_by_role("heading", level=1)).to_contain_text("Build")
    assert "network=C4" in frame.url


def test_an_upload_comes_through(cloud, visitor):
    picture = io.BytesIO()
    Image.fromarray(mnist.load().x_test[0]).save(picture, "png")
    frame = enter(visitor.new_page(), f"{cloud}/draw")
    frame.get_by_test_id("stButtonGroup").get_by_text("Upload", exact=True).click()
    frame.locator("input[type=file]").first.set_input_files(
        {"name": "seven.png", "mimeType": "image/png", "buffer": picture.getvalue()}
    )
    frame.get_by_text("seven.png").wait_for()
