"""Makes the README's two pictures from a demo folder, with Debian's Chromium and no network.

dagsordenvagt demo --once --folder data/demo
python docs/pictures/make.py data/demo
"""

import email
import shutil
import sys
from email import policy
from email.message import EmailMessage
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from sqlalchemy import select

from config.settings import Settings
from storage.engine import reading
from storage.models import AgendaItem, Meeting
from web.server import in_background

HERE = Path(__file__).parent
MAIL_ABOUT = "Lindebjerg: Midlertidig lukning af Lindebjerg Svømmehal og varmtvandsbassinet"
ITEM = 'Udkast til ny ældrepolitik "Et godt hverdagsliv hele livet"'
MAIL_SIZE, PAGE_SIZE = (640, 1600), (1000, 1180)


def main(folder: Path) -> None:
    """Writes mail.png and page.png beside this file."""
    settings = Settings(data_dir=folder, municipalities=folder / "municipalities.toml")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page()
        page.set_content(_html(folder / "mails"))
        _photograph(page, MAIL_SIZE, "mail.png")
        with in_background(settings) as address:
            page.goto(f"{address}/sager/{_item(settings)}")
            _photograph(page, PAGE_SIZE, "page.png")
        browser.close()


def _photograph(page: Page, size: tuple[int, int], name: str) -> None:
    """The upper part of the page, no higher than its content."""
    width, most = size
    page.set_viewport_size({"width": width, "height": most})
    height = page.evaluate("Math.ceil(document.querySelector('.frame, body').getBoundingClientRect().bottom)")
    clip = {"x": 0, "y": 0, "width": width, "height": min(height, most)}
    page.screenshot(path=HERE / name, clip=clip)  # type: ignore[arg-type]


def _html(mails: Path) -> str:
    """The HTML part of the mail we show."""
    for path in sorted(mails.glob("*.eml")):
        mail = email.message_from_bytes(path.read_bytes(), policy=policy.default)
        body = mail.get_body(("html",)) if mail["Subject"] == MAIL_ABOUT else None
        if isinstance(body, EmailMessage):
            return str(body.get_content())
    raise SystemExit(f"{mails} holds no mail with the subject {MAIL_ABOUT!r}; was it made by the demo?")


def _item(settings: Settings) -> int:
    """The id of the item we show, at its next meeting."""
    wanted = select(AgendaItem.id).join(Meeting).where(AgendaItem.title == ITEM).order_by(Meeting.starts_at)
    with reading(settings.effective_database_url) as session:
        found = session.scalars(wanted).all()
    if not found:
        raise SystemExit(f"The demo's database has no item {ITEM!r}.")
    return found[-1]


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "data/demo").resolve())
