"""What the matcher says of one item for one association, asked by a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from matcher.compiled import compile_profiles
from matcher.explain import explain
from matcher.find import find
from matcher.learning import as_weights, leanings
from matcher.profile import Resolver
from matcher.rows import answers_of, item_text, plain_profile
from matcher.would_find import thesaurus

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from storage.models import Profile, Revision


@dataclass(frozen=True)
class Verdict:
    """``score`` is 0..1, 0 when nothing of the profile stands in the item; ``said``: why, or what came nearest."""

    score: float
    matches: bool
    said: tuple[str, ...]


def look_again(session: Session, revision: Revision, profile: Profile) -> Verdict:
    """Reads the revision anew and compares it with the profile as it is now, with what its answers have taught."""
    answers = answers_of(session, profile.id).get(profile.id, ())
    learned = leanings(answers, Resolver(thesaurus())) if answers else ()
    plain, item = plain_profile(profile, as_weights(learned)), item_text(revision)
    compiled = compile_profiles([plain], thesaurus())
    found = next(iter(find(item, compiled, everything=True)), None)
    told = {reason.label for reason in found.reasons} if found else set()
    said = (*explain(item, compiled, plain.id), *(one.said for one in learned if one.subject in told))
    return Verdict(found.score if found else 0.0, found is not None and found.grade != "below", said)
