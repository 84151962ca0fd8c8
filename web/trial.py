"""Trying out what stands in a profile form: what it would have found, what is wrong with it, what could be added."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from config.clock import now
from matcher.advice import advice_on
from matcher.profile import Profile, Resolver
from matcher.profile_problems import problem_of
from matcher.rows import learned_by
from matcher.suggestions import Suggestion, suggestions
from matcher.would_find import WouldFind, thesaurus, would_find
from storage.models import Profile as ProfileRow
from web.profile_form import ProfileForm

PREVIEW_DAYS = 90
# So many mails a week are read by few (lessons from others' services: people then report them as spam).
BROAD_PER_WEEK = 15.0


@dataclass(frozen=True)
class Trial:
    """``found`` is None when nobody asked to see it; ``warning`` is a sentence, or empty."""

    found: WouldFind | None
    warning: str
    suggested: Sequence[Suggestion]

    @property
    def broad(self) -> bool:
        """Whether it would bring more than people read, but not so much that it needs a warning."""
        return self.found is not None and not self.warning and self.found.per_week > BROAD_PER_WEEK


def try_out(session: Session, form: ProfileForm, *, search: bool, kept: ProfileRow | None = None) -> Trial:
    """``search``: look through the archive too, for some seconds. ``kept``: the profile that the form is to change."""
    entry = form.entry()
    profile = Profile(
        id="form",
        name=entry.name,
        description=entry.description,
        topics=tuple(entry.topics),
        target_groups=tuple(entry.target_groups),
        municipalities=tuple(entry.municipalities),
        exclude=tuple(entry.exclude),
        committees=tuple(kept.committees) if kept else (),
        own_names=tuple(kept.own_names) if kept else (),
        leanings=learned_by(session, thesaurus(), kept.id).get(kept.id, ()) if kept else (),
    )
    resolver = Resolver(thesaurus())
    found = None
    if search:
        codes = [int(one) for one in entry.municipalities]
        found = would_find(session, profile, codes, now() - timedelta(days=PREVIEW_DAYS))
    warning = problem_of(profile, resolver) or (advice_on(found) if found else "")
    return Trial(found, warning, suggestions(profile, resolver, found.companions if found else ()))
