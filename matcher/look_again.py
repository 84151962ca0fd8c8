"""What the matcher says of one item for one association, asked by a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from matcher.compiled import compile_profiles
from matcher.explain import explain
from matcher.find import find
from matcher.rows import item_text, plain_profile
from matcher.would_find import thesaurus

if TYPE_CHECKING:
    from storage.models import Profile, Revision


@dataclass(frozen=True)
class Verdict:
    """``score`` is 0..1, 0 when nothing of the profile stands in the item; ``said``: why, or what came nearest."""

    score: float
    matches: bool
    said: tuple[str, ...]


def look_again(revision: Revision, profile: Profile) -> Verdict:
    """Reads the revision anew and compares it with the profile as it is now."""
    plain, item = plain_profile(profile), item_text(revision)
    compiled = compile_profiles([plain], thesaurus())
    found = next(iter(find(item, compiled, everything=True)), None)
    said = tuple(explain(item, compiled, plain.id))
    return Verdict(found.score if found else 0.0, found is not None and found.grade != "below", said)
