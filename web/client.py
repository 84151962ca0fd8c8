"""Who is asking: the client's address, whether it is the operator, and whether a form came from our own page."""

import base64
import binascii
import ipaddress
import secrets
from urllib.parse import SplitResult, urlsplit

from starlette.requests import Request

from config.settings import Settings

# Any of these says that a proxy stands in between, so the peer's address is not the reader's.
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via")


def _loopback(host: str | None) -> bool:
    if not host:
        return False
    name = host.strip("[]").lower()
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _parts(url: str) -> SplitResult:
    """An address taken apart; empty when it cannot be."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


def _private(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return False


def client_of(request: Request) -> str:
    """The address that rate limits count by.

    Behind a proxy (a peer with a private address) it is the last entry of X-Forwarded-For, the one which
    the proxy itself wrote; what stands before it is the client's own claim. An IPv6 address counts as its /64
    network: whoever has one has all of it, and would never run out of tries.
    """
    peer = request.client.host if request.client else ""
    forwarded = request.headers.get("x-forwarded-for", "").rsplit(",", 1)[-1].strip()
    return _network(forwarded[:64] if forwarded and _private(peer) else peer)


def _network(host: str) -> str:
    try:
        address = ipaddress.IPv6Address(host.strip("[]"))
    except ValueError:
        return host
    return str(address.ipv4_mapped or ipaddress.IPv6Network((int(address) >> 64 << 64, 64)))


def is_this_machine(request: Request, settings: Settings) -> bool:
    """True for a person at the machine itself, on a service that is not published.

    The peer, the Host header and ``base_url`` must all be loopback and no proxy header present. The Host header keeps
    out web sites whose name was rebound to 127.0.0.1; ``base_url`` keeps out a proxy on this machine that adds no
    headers: once the service has a public name, the operator needs the password.
    """
    if any(name in request.headers for name in _FORWARDED):
        return False
    hosts = (
        request.client.host if request.client else None,
        _parts(f"//{request.headers.get('host', '')}").hostname,
        urlsplit(settings.base_url).hostname,
    )
    return all(_loopback(host) for host in hosts)


def password_given(request: Request) -> str | None:
    """The password of an HTTP Basic header, whatever the user name; None without a readable one."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return None


def knows_password(request: Request, settings: Settings) -> bool:
    """True when the request carries the operator's password. Never true while none is set."""
    wanted = settings.operator_password.get_secret_value() if settings.operator_password else ""
    given = password_given(request)
    return bool(wanted) and given is not None and secrets.compare_digest(given.encode(), wanted.encode())


def from_own_page(request: Request, settings: Settings) -> bool:
    """True unless the browser says that a form was sent from another site.

    Browsers send Sec-Fetch-Site, older ones Origin; a program that sends neither carries nobody's session either.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("origin")
    if origin is None:
        return True
    own = {urlsplit(settings.base_url).netloc, request.headers.get("host", "")}
    return _parts(origin).netloc in own - {""}
