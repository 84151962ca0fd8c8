"""Failures that a person can do something about, in words."""

from typing import NamedTuple

from sqlalchemy.exc import OperationalError

from config.errors import ConfigError
from service.exit_codes import FAILED, USAGE
from storage.lock import Busy


class Failure(NamedTuple):
    """What to tell the person, and the exit code for the program that asked."""

    text: str
    code: int


def in_words(error: Exception) -> Failure | None:
    """The failure in words, or None for an error in the program itself."""
    match error:
        case ConfigError():
            return Failure(f"Fejl: {error}", USAGE)
        case Busy():
            return Failure(f"'{error}' kører allerede i en anden proces. Vent, til den er færdig.", FAILED)
        case OperationalError():
            reason = str(error.orig or error).strip().splitlines()[0]
            return Failure(f"Databasen svarer ikke: {reason}\nKør `dagsordenvagt doctor`.", FAILED)
    return None
