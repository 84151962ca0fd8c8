"""How papers are asked for: through the portal's lasting link, wherever in public it leads, and nowhere inside."""

from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup
from scrapy.http import Response

from crawler.fetch import HostFetch
from crawler.page_text import clean_text
from crawler.platforms.base import BadAnswer, is_internal

# A visitor without cookie is sent to log in as nobody and back again; then the link leads to the storage.
REDIRECTS = 4
_HTML_READ = 500_000
# A page with less text than this around its frame is there for the frame.
_HARDLY_ANY_TEXT = 300
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_FRAMES = "iframe#pdfframe[src], iframe[src], embed[src], object[data]"


class PaperFetch(HostFetch):
    """As its parent, and follows to other public hosts, where the portal keeps its files behind signed addresses.

    The portal's cookies stay on the portal's own host.
    """

    async def paper(self, url: str) -> bytes:
        """The file's bytes. Raises ``Trouble``.

        A page that only shows the file in a frame is looked through, once.
        """
        response = await self.get(url, redirects=REDIRECTS)
        frame = _frame_of(response)
        if frame:
            response = await self.get(urljoin(response.url, frame), redirects=REDIRECTS)
        _refuse_other_pages(response)
        body: bytes = response.body
        return body

    def _allowed(self, url: str) -> str:
        if self.is_own(url):
            return url
        try:
            wanted = urlsplit(url)
            host, inside = wanted.hostname or "", is_internal(wanted.hostname or "localhost")
            port = wanted.port
        except ValueError:
            raise BadAnswer(f"Bilagets adresse er ikke en adresse: {clean_text(url)[:200]}") from None
        if wanted.scheme not in {"http", "https"} or wanted.username or (port is not None and port < 1):
            raise BadAnswer(f"Bilagets adresse er ikke en almindelig webadresse: {clean_text(url)[:200]}")
        if inside and not (host in _LOOPBACK and urlsplit(self._base).hostname in _LOOPBACK):
            raise BadAnswer("Bilagets adresse fører til en intern adresse; den følges ikke.")
        return url


def _frame_of(response: Response) -> str:
    """The address in the frame that the page is there for; empty for anything else."""
    page = _page(response)
    if page is None:
        return ""
    frame = page.select_one(_FRAMES)
    if frame is None or (frame.get("id") != "pdfframe" and len(clean_text(page.get_text(" "))) > _HARDLY_ANY_TEXT):
        return ""
    address = frame.get("src") or frame.get("data")
    return str(address).strip() if address else ""


def _refuse_other_pages(response: Response) -> None:
    """Portals show their own pages with status 200 where a file is gone or wants a visitor who is logged in."""
    page = _page(response)
    if page is None:
        return
    if page.select_one("input[type=password]"):
        raise BadAnswer("Portalen viste en side til at logge ind på i stedet for bilaget.")
    if "Der opstod en fejl" in page.get_text(" "):
        raise BadAnswer("Portalen viste en side med en fejl i stedet for bilaget.")
    if page.select_one("iframe#pdfframe"):
        raise BadAnswer("Portalens side med bilaget fører kun til en side mere.")


def _page(response: Response) -> BeautifulSoup | None:
    start = response.body[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not start.startswith(b"<") or (start.startswith(b"<?xml") and b"<html" not in start):
        return None
    return BeautifulSoup(response.body[:_HTML_READ], "lxml")
