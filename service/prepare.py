"""What every command that touches the database does first."""

import time

from config.catalogue import Catalogue, load_catalogue
from config.clock import now
from config.consultant_profile import read_consultant_profile
from config.settings import Settings
from storage.engine import transaction
from storage.lock import Busy
from storage.migrate import schema_state, upgrade
from storage.save_association import save_civil_society_profile
from storage.save_catalogue import save_catalogue

# Two services that start together: the second waits for the first's migrations.
MIGRATION_SECONDS = 60


def prepare(settings: Settings) -> Catalogue:
    """Brings the schema, the municipalities and the consultants' profile up to date. Returns the catalogue.

    Raises ``ConfigError`` for a catalogue that cannot be used, ``storage.lock.Busy`` when another process
    migrates for longer than a minute.
    """
    url = settings.effective_database_url
    current, head = schema_state(url)
    if current != head:
        _upgrade_in_turn(url)
    catalogue = load_catalogue(settings)
    with transaction(url) as session:
        save_catalogue(session, catalogue)
        save_civil_society_profile(session, read_consultant_profile(), now())
    return catalogue


def _upgrade_in_turn(url: str) -> None:
    deadline = time.monotonic() + MIGRATION_SECONDS
    while True:
        try:
            upgrade(url)
        except Busy:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return
