"""What the pages share: settings, signed links and limits, made once for an app."""

from dataclasses import dataclass, field

from starlette.requests import Request

from config.settings import Settings
from notifier.links import Links
from web.rate_limit import Limiter


@dataclass(frozen=True)
class State:
    """Kept on ``app.state.shared``.

    ``forms`` limits what a reader sends, ``searches`` the searches through all text, ``guesses`` wrong operator
    passwords, ``sign_ups`` what makes us write to an address that a stranger typed, ``previews`` the looking through
    texts for somebody who is not signed up. ``one_click`` is wide: a large mail provider unsubscribes all its users
    from a few addresses.
    """

    settings: Settings
    links: Links
    forms: Limiter = field(default_factory=lambda: Limiter(burst=20, per_minute=20))
    searches: Limiter = field(default_factory=lambda: Limiter(burst=30, per_minute=30))
    guesses: Limiter = field(default_factory=lambda: Limiter(burst=5, per_minute=5))
    sign_ups: Limiter = field(default_factory=lambda: Limiter(burst=6, per_minute=0.5))
    previews: Limiter = field(default_factory=lambda: Limiter(burst=6, per_minute=2))
    one_click: Limiter = field(default_factory=lambda: Limiter(burst=600, per_minute=600))

    @property
    def database(self) -> str:
        """The database's URL."""
        return self.settings.effective_database_url


def state_of(request: Request) -> State:
    """The state of the app that answers ``request``."""
    state: State = request.app.state.shared
    return state
