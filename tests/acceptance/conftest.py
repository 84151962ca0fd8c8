"""The acceptance tests look into the same mailboxes as the notifier's own."""

from tests.notifier.conftest import office, office_with

__all__ = ["office", "office_with"]
