"""Profiles that cannot find what they are meant to: looked for whenever a profile or the vocabulary changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from matcher.profile import Resolver
from matcher.rows import plain_profile
from storage.models import Profile as ProfileRow
from storage.models import ProfileCheck

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from matcher.profile import Profile
    from matcher.topics import Thesaurus

SHORTEST: Final = 3
NO_WORDS: Final = "Profilen har ingen ord, som vi kan finde i en dagsorden."
ALL_EXCLUDED: Final = "Alle profilens ord står også blandt de ord, som I ikke vil høre om."


def problem_of(profile: Profile, resolver: Resolver) -> str:
    """Why a profile finds nothing, in a Danish sentence for its people; empty when it is in order."""
    typed = {word.casefold().strip() for word in (*profile.topics, *profile.target_groups, *profile.own_names)}
    usable = {word for word in typed if resolver.concepts_of(word) or _can_be_found(word)}
    if not usable:
        return NO_WORDS
    return ALL_EXCLUDED if usable <= {word.casefold().strip() for word in profile.exclude} else ""


def note_problems(session: Session, thesaurus: Thesaurus) -> None:
    """Puts down the problem of each profile whose comparison begins anew."""
    rows = session.execute(
        select(ProfileCheck, ProfileRow)
        .join(ProfileRow, ProfileCheck.profile_id == ProfileRow.id)
        .where(ProfileCheck.finished.is_(False), ProfileCheck.through == 0)
        .options(joinedload(ProfileRow.association))
    ).all()
    resolver = Resolver(thesaurus) if rows else None
    for check, row in rows:
        check.problem = problem_of(plain_profile(row), resolver) if resolver and row.association else ""


def _can_be_found(word: str) -> bool:
    letters = "".join(letter for letter in word if letter.isalnum())
    if len(letters) < SHORTEST:
        return False
    from spacy.lang.da.stop_words import STOP_WORDS  # noqa: PLC0415 - spaCy takes a second; few words get here

    return word not in STOP_WORDS
