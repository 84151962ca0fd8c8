"""Matches into mailboxes: what waits is queued once, and what is queued is sent once."""
