"""The pages in a real browser: narrow screens, both colour schemes, the keyboard."""

import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from storage.engine import reading, transaction
from storage.models import AgendaItem
from tests.conftest import missing
from tests.web.world import ALICE, BOB, World, build, person, subscription
from web.server import in_background

pytestmark = pytest.mark.browser

# Contrast after WCAG 2: every visible text against the nearest painted background behind it.
LOW_CONTRAST = """
() => {
  const linear = v => v / 255 <= .03928 ? v / 255 / 12.92 : ((v / 255 + .055) / 1.055) ** 2.4;
  const lum = ([r, g, b]) => [r, g, b].map(linear).reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const rgba = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const behind = node => { for (; node; node = node.parentElement) {
    const c = rgba(getComputedStyle(node).backgroundColor); if (c.length < 4 || c[3] > 0) return c; }
    return [255, 255, 255]; };
  const bad = [];
  for (const node of document.querySelectorAll('body *')) {
    const own = [...node.childNodes].some(child => child.nodeType === 3 && child.textContent.trim());
    if (!own || !node.getClientRects().length || node.closest('.unseen, .skip')) continue;
    const [a, b] = [lum(rgba(getComputedStyle(node).color)), lum(behind(node))];
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) bad.push(node.textContent.trim().slice(0, 40) + ' ' + ratio.toFixed(2));
  }
  return bad;
}
"""
NAMELESS = """
() => [...document.querySelectorAll('input:not([type=hidden]), select, button, a, iframe')]
  .filter(one => !(one.labels && one.labels.length) && !one.textContent.trim() && !one.title && !one.ariaLabel)
  .map(one => one.outerHTML.slice(0, 80))
"""
LEVELS = "() => [...document.querySelectorAll('h1, h2, h3, h4')].map(one => Number(one.tagName[1]))"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    path = shutil.which("chromium")
    if path is None:
        missing("Chromium (apt-get install chromium)")
        return
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@pytest.fixture
def world(sqlite_url: str, tmp_path: Path) -> World:
    """One database is enough for looks. A title without a blank to break at is the worst for narrow screens."""
    made = build(sqlite_url, tmp_path / "data")
    with transaction(sqlite_url) as session:
        session.get_one(AgendaItem, made.budget).title = "Ungdomsuddannelsesvejledningsområdet" * 5
    return made


@pytest.fixture
def paths(world: World) -> list[str]:
    """Every page, also those that links in mails open."""
    links = world.links
    with reading(world.url) as session:
        alice = person(session, ALICE)
        mailed = [
            links.confirm(subscription(session, BOB, "ungerummet")),
            links.unsubscribe(alice, alice.subscriptions[:1]),
            links.preferences(alice),
            links.feedback(alice, 1, world.loneliness, relevant=True),
        ]
    return [
        "/", "/sager", "/sager?kommune=999&q=ensomme", "/sager?q=findesikke", f"/sager/{world.loneliness}",
        f"/sager/{world.budget}", f"/sager/{world.withdrawn}", f"/sager/{world.hostile}", "/moeder",
        "/moeder?vis=afholdte", f"/moeder/{world.meeting}", "/kilder", "/kilder/999", "/foreninger",
        "/foreninger/ungerummet", "/mails", f"/mails/{world.mail}", f"/mails/{world.confirm_mail}", "/findes-ikke",
        *(link.removeprefix(world.settings.base_url) for link in mailed),
    ]  # fmt: skip


def test_no_page_scrolls_sideways_on_the_narrowest_phone(browser: Browser, world: World, paths: list[str]) -> None:
    with in_background(world.settings) as site, browser.new_page(viewport={"width": 320, "height": 600}) as page:
        for path in paths:
            page.goto(site + path)
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, path


def test_pages_are_readable_in_light_and_dark_and_named_for_screen_readers(
    browser: Browser, world: World, paths: list[str]
) -> None:
    with in_background(world.settings) as site, browser.new_page() as page:
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            for path in paths:
                page.goto(site + path)
                assert page.evaluate(LOW_CONTRAST) == [], (scheme, path)
        for path in paths:
            page.goto(site + path)
            assert page.evaluate(NAMELESS) == [], path
            levels = page.evaluate(LEVELS)
            assert levels.count(1) == 1, path
            assert all(after - before <= 1 for before, after in pairwise(levels)), (path, levels)
            assert page.get_attribute("html", "lang") == "da"


def test_the_browser_refuses_nothing_of_ours_and_asks_nobody_else(
    browser: Browser, world: World, paths: list[str]
) -> None:
    with in_background(world.settings) as site, browser.new_page() as page:
        complaints: list[str] = []
        asked: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("request", lambda request: asked.append(request.url))
        for path in [path for path in paths if path != "/findes-ikke"]:
            page.goto(site + path)
        # Only the mail in its sandbox holds a script, and that one is stopped.
        assert [one for one in complaints if "/indhold" not in one] == []
        assert [url for url in asked if not url.startswith(site)] == []


def test_a_reader_unsubscribes_with_the_keyboard_alone(browser: Browser, world: World, paths: list[str]) -> None:
    path = next(path for path in paths if path.startswith("/afmeld/"))
    with in_background(world.settings) as site, browser.new_page() as page:
        page.goto(site + path)
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Gå til indholdet"
        page.keyboard.press("Enter")
        _tab_to(page, "input")
        page.keyboard.press("ArrowDown")
        _tab_to(page, "button")
        page.keyboard.press("Enter")
        page.wait_for_selector("text=Du er afmeldt")
        assert page.url == site + path
        page.reload()
        assert "Du er afmeldt" in page.inner_text("h1"), "a reload does not send the form again"


def _tab_to(page: Page, tag: str) -> None:
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.tagName.toLowerCase()") == tag:
            return
    raise AssertionError(f"no {tag} is reached with the keyboard")
