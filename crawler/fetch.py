"""How adapters ask: on the source's own host only, with its cookies, each fault named in words."""

from collections.abc import Awaitable, Callable
from email.utils import parsedate_to_datetime
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urljoin, urlsplit

from scrapy import Request
from scrapy import exceptions as scrapy_errors
from scrapy.http import Response

from config.clock import now
from crawler.platforms.base import BadAnswer, Blocked, ServerError, Trouble, Unreachable
from crawler.turns import UNKNOWN

Download = Callable[[Request], Awaitable[Response]]

REDIRECTS = (301, 302, 303, 307, 308)
NOT_NOW = {
    408: "Siden svarede for sent (HTTP 408)",
    429: "Siden beder os om at vente (HTTP 429)",
    502: "Siden er nede (HTTP 502)",
    503: "Siden er lukket lige nu (HTTP 503)",
    504: "Siden svarede for sent (HTTP 504)",
}
# The longest wait that a site can make us keep within a visit; beyond it the visit ends and comes back later.
LONGEST_WAIT = 120.0
_CHALLENGE = (b"cf-challenge", b"challenge-platform", b"Just a moment...", b"_Incapsula_", b"captcha")
_SAID = {
    scrapy_errors.DownloadTimeoutError: "Siden svarede ikke i tide",
    scrapy_errors.CannotResolveHostError: "Værtsnavnet findes ikke i DNS eller peger på en intern adresse",
    scrapy_errors.DownloadConnectionRefusedError: "Siden tager ikke imod forbindelser",
    scrapy_errors.ResponseDataLossError: "Forbindelsen blev afbrudt midt i svaret",
}


class HostFetch:
    """``crawler.platforms.base.Fetch`` over Scrapy's downloader, for one visit to one source.

    ``requests`` counts what was asked; ``left`` is how many meetings the visit has before it. Cookies are kept by name
    alone: every request goes to the same host.
    """

    def __init__(self, download: Download, base_url: str) -> None:
        self._download = download
        self._base = base_url.rstrip("/")
        self.cookies: dict[str, str] = {}
        self.requests = 0
        self.left = UNKNOWN

    async def get(
        self, path: str, *, headers: dict[str, str] | None = None, accept: tuple[int, ...] = (200,), redirects: int = 0
    ) -> Response:
        """See ``Fetch.get``."""
        url = self._allowed(urljoin(f"{self._base}/", path))
        response = await self._once(url, headers or {})
        while redirects and response.status in REDIRECTS:
            redirects -= 1
            target = (response.headers.get("Location") or b"").decode("latin-1")
            url = self._allowed(urljoin(url, target))
            response = await self._once(url, headers or {})
        if response.status in accept:
            return response
        raise _refusal(response)

    def _allowed(self, url: str) -> str:
        """``url``, if it may be asked for. A site's answer decides no other place that we ask than its own host."""
        if not self.is_own(url):
            raise BadAnswer(f"Siden henviser til en anden adresse end sin egen: {url[:200]}")
        return url

    def is_own(self, url: str) -> bool:
        """Whether ``url`` lies on the source's own host."""
        base, wanted = urlsplit(self._base), urlsplit(url)
        same = (wanted.scheme, wanted.netloc) == (base.scheme, base.netloc)
        return same or ((base.scheme, wanted.scheme) == ("http", "https") and wanted.netloc == base.hostname)

    async def _once(self, url: str, headers: dict[str, str]) -> Response:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items()) if self.is_own(url) else ""
        asked = headers | ({"Cookie": cookies} if cookies else {})
        request = Request(url, headers=asked, dont_filter=True, priority=self.left)
        self.requests += 1
        try:
            response = await self._download(request)
        except scrapy_errors.IgnoreRequest as error:
            if "DOWNLOAD_MAXSIZE" in str(error):
                # Scrapy's word for an answer that grows too large when it is unpacked.
                raise _too_large(url) from error
            self.requests -= 1
            raise Blocked(f"Sidens robots.txt tillader os ikke at læse {urlsplit(url).path}") from error
        except scrapy_errors.DownloadCancelledError as error:
            raise _too_large(url) from error
        except Exception as error:
            raise _no_answer(error) from error
        if self.is_own(url):
            self._keep_cookies(response)
        return response

    def _keep_cookies(self, response: Response) -> None:
        for header in response.headers.getlist("Set-Cookie"):
            cookie: SimpleCookie = SimpleCookie()
            try:
                cookie.load(header.decode("latin-1"))
            except CookieError:
                continue
            for name, morsel in cookie.items():
                if morsel["max-age"] in {"0", "-1"} or not morsel.value:
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.coded_value


def _too_large(url: str) -> Trouble:
    return BadAnswer(f"Svaret er større, end vi tager imod: {urlsplit(url).path}")


def _no_answer(error: Exception) -> Trouble:
    for kind, said in _SAID.items():
        if isinstance(error, kind):
            return Unreachable(said)
    detail = " ".join(str(error).split())[:200]
    return Unreachable(f"Der kunne ikke hentes noget ({type(error).__name__}{': ' if detail else ''}{detail})")


def _refusal(response: Response) -> Trouble:
    status, body = response.status, response.body[:20_000]
    path = urlsplit(response.url).path
    if status in {401, 403, 503} and any(sign in body for sign in _CHALLENGE):
        return Blocked(f"Siden viser en robotkontrol (HTTP {status}); den omgås ikke")
    if status in {401, 403}:
        return Blocked(f"Siden afviser os (HTTP {status}): {path}")
    if status in NOT_NOW:
        return Unreachable(NOT_NOW[status], wait=_retry_after(response))
    if status >= 500:  # noqa: PLR2004
        return ServerError(f"Siden svarede med en fejl (HTTP {status}): {path}")
    if status in REDIRECTS:
        target = (response.headers.get("Location") or b"?").decode("latin-1")[:200]
        return BadAnswer(f"Siden sender os videre (HTTP {status}) til {target}")
    return BadAnswer(f"Siden svarede med HTTP {status}: {path}")


def _retry_after(response: Response) -> float:
    """Seconds from a Retry-After header (RFC 9110: a number or a date); 0 when there is none."""
    said = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
    if said.isascii() and said.isdecimal():
        return float(said[:9])
    try:
        return max(0.0, (parsedate_to_datetime(said) - now()).total_seconds())
    except (ValueError, TypeError):
        return 0.0
