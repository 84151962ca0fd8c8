"""Does DNS vouch for our mails? SPF, DKIM and DMARC of the address that they come from (docs/deliverability.md)."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import dns.exception
import dns.resolver

from config.settings import Settings
from notifier.message import sender_for

# Seconds for one question, all tries together.
TIMEOUT = 4.0
TOO_LENIENT = {"+all", "all", "?all"}


@dataclass(frozen=True)
class Record:
    """What was found about one of the three. ``advice`` is empty when all is well."""

    name: str
    said: str
    advice: str = ""


class NoResolver(Exception):
    """Nobody answered: says nothing about the records."""


def system_resolver() -> dns.resolver.Resolver:
    """The machine's own resolver with a short timeout. Raises ``dns.exception.DNSException`` when there is none."""
    resolver = dns.resolver.Resolver()
    resolver.lifetime = TIMEOUT
    return resolver


def dns_records(
    settings: Settings, resolver_for: Callable[[], dns.resolver.Resolver] = system_resolver
) -> list[Record]:
    """SPF, DKIM and DMARC in turn. Raises ``NoResolver``."""
    try:
        resolver = resolver_for()
    except (dns.exception.DNSException, OSError) as error:
        raise NoResolver(str(error)) from error
    domain = sender_for(settings).address.rpartition("@")[2]
    return_domain = settings.bounce_address.rpartition("@")[2] or domain
    return [
        _spf(resolver, return_domain),
        _dkim(resolver, settings.dkim_domain or domain, settings),
        _dmarc(resolver, domain),
    ]


def _spf(resolver: dns.resolver.Resolver, domain: str) -> Record:
    found = [text for text in _texts(resolver, domain) if text.casefold().startswith("v=spf1")]
    if not found:
        advice = f'Sæt en TXT-post på {domain}, som nævner jeres mailserver: "v=spf1 include:… -all".'
        return Record("SPF", f"{domain} siger ikke, hvem der må sende for det.", advice)
    if len(found) > 1:
        return Record("SPF", f"{domain} har {len(found)} SPF-poster.", "Der må kun være én: saml dem.")
    last = found[0].split()[-1].casefold()
    if last in TOO_LENIENT:
        return Record("SPF", f"{domain} lader alle sende ({last}).", 'Slut posten med "-all" eller "~all".')
    return Record("SPF", f"{domain}: {found[0]}")


def _dkim(resolver: dns.resolver.Resolver, domain: str, settings: Settings) -> Record:
    name = f"{settings.dkim_selector}._domainkey.{domain}"
    if settings.dkim_key_file is None:
        advice = "Sæt DAGSORDENVAGT_DKIM_KEY_FILE, medmindre jeres mailserver selv underskriver."
        return Record("DKIM", "Programmet underskriver ikke mails.", advice)
    found = [text for text in _texts(resolver, name) if "p=" in text]
    if not found:
        return Record("DKIM", f"{name} findes ikke.", "Læg den offentlige nøgle der som TXT-post.")
    if re.search(r"\bp=\s*(;|$)", found[0]):
        return Record("DKIM", f"{name} er trukket tilbage (tom nøgle).", "Læg den nye offentlige nøgle der.")
    return Record("DKIM", f"{name} har en nøgle.")


def _dmarc(resolver: dns.resolver.Resolver, domain: str) -> Record:
    parts = domain.split(".")
    # RFC 7489, 6.6.3: the organisation's own record counts when the exact domain has none.
    for name in dict.fromkeys([domain, ".".join(parts[-2:])]):
        found = [text for text in _texts(resolver, f"_dmarc.{name}") if text.casefold().startswith("v=dmarc1")]
        if found:
            return Record("DMARC", f"_dmarc.{name}: {found[0]}")
    advice = f'Sæt en TXT-post på _dmarc.{domain}: "v=DMARC1; p=none; rua=mailto:…".'
    return Record("DMARC", f"{domain} har ingen DMARC-post, som Gmail og Yahoo kræver.", advice)


def _texts(resolver: dns.resolver.Resolver, name: str) -> list[str]:
    try:
        answer = resolver.resolve(name, "TXT")
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except (dns.exception.DNSException, OSError) as error:
        raise NoResolver(type(error).__name__) from error
    return [b"".join(one.strings).decode("utf-8", "replace") for one in answer]
