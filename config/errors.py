"""What a person did or set up wrong, said so that they can mend it."""

import difflib


class ConfigError(Exception):
    """A setting or a file cannot be used. The message names the place and says what to do."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(f"{message} {hint}".strip())
        self.message = message
        self.hint = hint


def did_you_mean(word: str, known: list[str]) -> str:
    """``" Did you mean 'x'?"`` for the closest known word, or an empty string."""
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f" Did you mean '{close[0]}'?" if close else ""
