"""The council site of Lindebjerg Kommune, which does not exist. Run alone: `python -m service.demo.site --port N`."""

import argparse
from datetime import date, timedelta

import uvicorn
from starlette.types import ASGIApp

from config.clock import now
from service.demo.firstagenda import FirstAgendaServer
from service.demo.publications import portal
from service.demo.read_content import Content, Publication, read_content
from service.demo.serving import HOST

PHASES = (1, 2)
# The crawler's default window reaches so far back; older meetings are in the list but not fetched.
WINDOW_BACK = timedelta(days=30)


class DemoSite:
    """The site in one of its phases; `advance()` publishes what comes later."""

    def __init__(self, content: Content, today: date) -> None:
        self.phase = PHASES[0]
        self._content = content
        self._today = today
        first = portal(content, self.phase)
        self.server = FirstAgendaServer(first.committees, first.meetings, first.pdf, content.municipality.name)

    @property
    def app(self) -> ASGIApp:
        """What a web server runs."""
        return self.server.app

    def advance(self) -> int:
        """Publishes the next phase and returns its number; the last phase stays."""
        self.phase = min(self.phase + 1, PHASES[-1])
        published = portal(self._content, self.phase)
        self.server.publish(published.committees, published.meetings, published.pdf)
        return self.phase

    def expected_publications(self, phase: int) -> int:
        """How many publications the list holds in `phase` for meetings from 30 days back."""
        return len(self._listed(phase))

    def expected_items(self, phase: int) -> int:
        """How many different agenda items are published in `phase` for meetings from 30 days back.

        An item counts once, however many publications (agenda, agenda again, minutes) of its meeting hold it.
        """
        return len(
            {
                (publication.meeting, number, item.case, item.title)
                for publication in self._listed(phase)
                for number, item in enumerate(publication.items, start=publication.numbered_from)
            }
        )

    def _listed(self, phase: int) -> list[Publication]:
        since = self._today - WINDOW_BACK
        return [p for p in self._content.publications if p.visible(phase) and p.starts_at.date() >= since]


def build_site(today: date | None = None) -> DemoSite:
    """The site with its meetings around `today` (default: the day in Denmark)."""
    day = today or now().date()
    return DemoSite(read_content(day), day)


def main(arguments: list[str] | None = None) -> None:
    """Serves the site alone until it is interrupted."""
    parser = argparse.ArgumentParser(description="Lindebjerg Kommunes dagsordener, en opdigtet kommune.")
    parser.add_argument("--port", type=int, default=8098)
    parser.add_argument("--phase", type=int, choices=PHASES, default=PHASES[0])
    options = parser.parse_args(arguments)
    site = build_site()
    while site.phase < options.phase:
        site.advance()
    uvicorn.run(site.app, host=HOST, port=options.port, lifespan="off")


if __name__ == "__main__":
    main()
