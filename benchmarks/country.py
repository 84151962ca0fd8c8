"""A made-up country of FirstAgenda sites on loopback: ``python -m benchmarks.country`` serves a part of it.

Each site has a port of its own, its list, and as many agendas as it is told, all inside a crawl's usual window. An
agenda has 15 items and about 75 kB, the middle of what real ones have. Every answer takes ``LATENCY``, as over a
network. Prints one JSON line with the ports; each line on standard input is answered with the number of requests.
"""

import argparse
import asyncio
import json
import sys
from datetime import timedelta
from itertools import accumulate

from config.clock import now

LATENCY = 0.05
SITES, MEETINGS, LARGEST = 98, 4000, 150
ITEMS = 15
COMMITTEES = ("Byrådet", "Økonomiudvalget", "Socialudvalget", "Kulturudvalget", "Teknikudvalget", "Ældrerådet")
COOKIE = ".AspNet.Cookies=benchmark"
_PARAGRAPH = (
    "<p>Forvaltningen indstiller, at udvalget drøfter, hvordan kommunens samarbejde med frivillige foreninger om "
    "besøgsvenner, fællesspisning og rådgivning kan styrkes inden for den ramme, som byrådet har vedtaget i budgettet "
    "for de kommende år, og at forslaget sendes i høring hos ældrerådet, handicaprådet og de lokale foreninger.</p>"
)


def sizes() -> list[int]:
    """How many agendas each site has: one large city, many small towns, ``MEETINGS`` in all."""
    weights = [1 / (place + 4) ** 0.55 for place in range(SITES - 1)]
    rest = MEETINGS - LARGEST
    marks = [round(rest * upto / sum(weights)) for upto in accumulate(weights)]
    return [LARGEST, *(after - before for before, after in zip([0, *marks], marks, strict=False))]


def _begins(number: int) -> str:
    moment = now().replace(hour=8, minute=0, second=0, microsecond=0)
    return (moment + timedelta(days=number % 40 - 25, hours=number // 40)).isoformat()


def _list(site: int, meetings: int) -> bytes:
    committees = [
        {
            "Id": f"c{place}",
            "Navn": name,
            "Moeder": [
                {
                    "Id": f"s{site}m{number}",
                    "MeetingBeginUtc": _begins(number),
                    "Dato": _begins(number),
                    "ReleasedDate": _begins(number - 6),
                    "Navn": "Dagsorden",
                    "Afsluttet": False,
                    "IsSupplementaryAgenda": False,
                    "Sted": "Rådhuset",
                }
                for number in range(place, meetings, len(COMMITTEES))
            ],
        }
        for place, name in enumerate(COMMITTEES)
    ]
    return json.dumps({"Udvalg": {"Udvalg 2026-2029": committees}}).encode()


def _agenda(site: int, number: int) -> bytes:
    place = number % len(COMMITTEES)
    points = [
        {
            "Id": f"s{site}m{number}p{point}",
            "Number": str(point + 1),
            "Sorting": point,
            "Navn": f"Sag {point + 1} til møde {number} om frivilligt socialt arbejde",
            "SagsNummer": f"26/{number * ITEMS + point}",
            "IsOpen": True,
            "Felter": [
                {
                    "Html": "<div><div id='sagsfremstillingContainer'><h3>Resume</h3><span>Om samarbejde.</span>"
                    f"<h3>Sagsfremstilling</h3>{_PARAGRAPH * 11}</div></div>",
                    "DocumentId": None,
                }
            ],
            "Bilag": [],
        }
        for point in range(ITEMS)
    ]
    head = {"MeetingBeginUtc": _begins(number), "Dato": _begins(number), "Sted": "Rådhuset"}
    committee = {"Id": f"c{place}", "Navn": COMMITTEES[place]}
    return json.dumps({"Udvalg": committee, "Moede": head, "Dagsordenpunkter": points}).encode()


class _Site:
    """One port's answers; ``requests`` counts over all sites of the process."""

    requests = 0

    def __init__(self, number: int, meetings: int) -> None:
        self._number = number
        self._list = _list(number, meetings)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answers one connection's requests until it is closed."""
        try:
            while head := (await reader.readuntil(b"\r\n\r\n")).decode("latin-1"):
                _Site.requests += 1
                await asyncio.sleep(LATENCY)
                writer.write(self._answer(head.split(" ", 2)[1], head))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _answer(self, path: str, head: str) -> bytes:
        status, extra, body = "200 OK", "", b""
        if path == "/":
            extra, body = f"Set-Cookie: {COOKIE}; path=/\r\n", b"<html>powered by FirstAgenda Publication</html>"
        elif path == "/robots.txt":
            status = "404 Not Found"
        elif COOKIE not in head:
            status, extra = "302 Found", "Location: /Home/AnonymousAuthentication\r\n"
        elif path.endswith("/udvalgsliste"):
            body = self._list
        else:
            body = _agenda(self._number, int(path.rpartition("m")[2]))
        kind = "text/html" if path == "/" else "application/json"
        told = f"HTTP/1.1 {status}\r\nContent-Type: {kind}; charset=utf-8\r\nContent-Length: {len(body)}\r\n{extra}\r\n"
        return told.encode() + body


async def _serve(numbers: list[int]) -> None:
    ports = []
    meetings = sizes()
    servers = []
    for number in numbers:
        server = await asyncio.start_server(_Site(number, meetings[number]).talk, "127.0.0.1", 0)
        servers.append(server)
        ports.append(server.sockets[0].getsockname()[1])
    print(json.dumps(dict(zip(numbers, ports, strict=True))), flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        print(_Site.requests, flush=True)


def main() -> None:
    """Serves a part of the country, or of each n-th site of it, until standard input ends."""
    parser = argparse.ArgumentParser(description="Serves a part of a made-up country.")
    parser.add_argument("part", type=int)
    parser.add_argument("parts", type=int)
    parser.add_argument("every", type=int, nargs="?", default=1)
    options = parser.parse_args()
    asyncio.run(_serve(list(range(0, SITES, options.every))[options.part :: options.parts]))


if __name__ == "__main__":
    main()
