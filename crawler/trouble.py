"""What can go wrong between us and a site, told apart by what is to be done about it."""


class Trouble(Exception):
    """The site did not give what was asked for. ``reason`` is a Danish sentence for the operator, saying what was seen.

    ``temporary``: asking again in a while may help. ``host_fault``: it says something about the whole host, not about
    the one thing that was asked for. ``wait`` is the number of seconds that the site asked us to wait.
    """

    temporary = False
    host_fault = False

    def __init__(self, reason: str, *, wait: float = 0.0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait = wait


class BadAnswer(Trouble):
    """An answer came, but not one that can be used."""


class ServerError(Trouble):
    """HTTP 500: on one meeting a stale id, on the list a fault of the site."""

    temporary = True


class Unreachable(Trouble):
    """No answer, or one that says "not now" (408, 429, 502, 503, 504)."""

    temporary = True
    host_fault = True


class Blocked(Trouble):
    """The site does not want us: robots.txt, 401, 403 or a bot challenge. Never to be got around."""


class NotPublished(Trouble):
    """The site shows that the meeting will be held, and that there is no agenda yet: nothing failed."""
