"""A filled database behind the real pages over HTTP."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.web.world import World, build
from web.server import in_background

# Seconds. The first page with a preview loads the Danish language, and test machines are busy.
PATIENCE = 60


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> World:
    """The small council, on either database."""
    return build(database_url, tmp_path / "data")


@pytest.fixture
def site(world: World) -> Iterator[str]:
    """The pages' base URL; the reader sits at this machine."""
    with in_background(world.settings) as base_url:
        yield base_url


@pytest.fixture
def browse(site: str) -> Iterator[httpx.Client]:
    """A browser of the operator, at this machine."""
    with httpx.Client(base_url=site, timeout=PATIENCE) as client:
        yield client


@pytest.fixture
def public(site: str) -> Iterator[httpx.Client]:
    """A browser of somebody out there, through a proxy."""
    with httpx.Client(base_url=site, timeout=PATIENCE, headers={"X-Forwarded-For": "203.0.113.7"}) as client:
        yield client
