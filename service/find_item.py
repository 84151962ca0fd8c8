"""An agenda item as a person names it on the command line."""

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.errors import ConfigError
from storage.models import AgendaItem


def find_item(session: Session, told: str) -> AgendaItem:
    """The item with this number, or at this address of ours or of the municipality.

    Raises ``ConfigError`` when there is none.
    """
    number = re.search(r"(?:^|/sager/)(\d{1,18})(?:[?#].*)?$", told.strip())
    if number:
        row = session.get(AgendaItem, int(number[1]))
    else:
        row = session.scalar(select(AgendaItem).where(AgendaItem.url == told.strip()).order_by(AgendaItem.id).limit(1))
    if row is None:
        raise ConfigError(
            f"Der er intet punkt »{told}«.", hint="Brug nummeret i punktets adresse hos os: …/sager/123 er punkt 123."
        )
    return row
