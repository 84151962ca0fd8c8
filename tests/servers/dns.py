"""A DNS server on loopback that knows a few TXT records."""

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import dns.message
import dns.rcode
import dns.resolver
import dns.rrset


@contextmanager
def dns_server(texts: Mapping[str, str | list[str]]) -> Iterator[dns.resolver.Resolver]:
    """Serves ``texts`` (name → TXT records) for the block; gives a resolver that asks it."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listening.bind(("127.0.0.1", 0))
    thread = threading.Thread(target=_serve, args=(listening, texts), daemon=True)
    thread.start()
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], listening.getsockname()[1]
    resolver.lifetime = 5
    try:
        yield resolver
    finally:
        # A datagram that is no question ends the thread.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", listening.getsockname())
        thread.join(timeout=5)
        listening.close()


def _serve(listening: socket.socket, texts: Mapping[str, str | list[str]]) -> None:
    while True:
        wire, asker = listening.recvfrom(4096)
        if not wire:
            return
        question = dns.message.from_wire(wire)
        answer = dns.message.make_response(question)
        name = str(question.question[0].name).rstrip(".")
        found = texts.get(name)
        if found is None:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        else:
            records = [found] if isinstance(found, str) else found
            quoted = [" ".join(f'"{part[at : at + 200]}"' for at in range(0, len(part), 200)) for part in records]
            answer.answer.append(dns.rrset.from_text(question.question[0].name, 60, "IN", "TXT", *quoted))
        listening.sendto(answer.to_wire(), asker)
