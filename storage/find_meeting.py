"""Which meeting a publication is of, also when it comes with another start than before."""

from datetime import datetime, time, timedelta

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, selectinload

from config.clock import COPENHAGEN, local
from storage.keys import committee_key, committee_kind, title_key
from storage.models import AgendaItem, Committee, Meeting, Publication, Source, Stage
from storage.published import PublishedItem, PublishedMeeting
from storage.vanish import GONE

RANK = {Stage.AGENDA: 0, Stage.SUPPLEMENTARY: 0, Stage.MINUTES: 1}
# Titles so short ("Orientering", "Eventuelt") stand on every agenda and recognise none.
TELLING_TITLE = 25
ALIKE_ENOUGH = 0.6


def meeting_of(
    session: Session, source: Source, published: PublishedMeeting, seen_at: datetime
) -> tuple[Meeting, bool]:
    """The meeting that was published, made if it is new, and whether it has been moved since it was last read."""
    committee = _committee(session, source, published)
    meeting = session.scalar(
        select(Meeting).where(Meeting.committee_id == committee.id, Meeting.starts_at == published.starts_at)
    )
    moved = False
    if meeting is None and (held := _held_at_another_hour(session, published, committee)):
        meeting = held
        if published.time_known and not held.time_known:
            held.starts_at = published.starts_at
    if meeting is None and (before := _at_another_time(session, source, published, committee, seen_at)):
        same_day = local(before.starts_at).date() == local(published.starts_at).date()
        # A date that gets its clock time, or a page that has lost it, is no move.
        moved = not same_day or (before.time_known and published.time_known)
        known_start = before.starts_at if same_day and not published.time_known else None
        meeting, before.starts_at = before, known_start or published.starts_at
    if meeting is None:
        meeting = Meeting(committee=committee, starts_at=published.starts_at, first_seen_at=seen_at, stage=Stage.AGENDA)
        session.add(meeting)
    meeting.withdrawn_at = None
    stage = Stage(published.stage)
    if RANK[stage] >= RANK[meeting.stage]:
        meeting.stage = stage if stage is Stage.MINUTES else meeting.stage
        meeting.ends_at = published.ends_at or meeting.ends_at
        meeting.time_known = published.time_known or meeting.starts_at != published.starts_at
        meeting.place = published.place.strip() or meeting.place or ""
        if stage is not Stage.SUPPLEMENTARY or not meeting.url:
            meeting.url = published.url
    return meeting, moved


def _committee(session: Session, source: Source, published: PublishedMeeting) -> Committee:
    code, key = source.municipality_code, committee_key(published.committee_name)
    committee = session.scalar(select(Committee).where(Committee.municipality_code == code, Committee.name_key == key))
    if committee is None:
        committee = Committee(municipality_code=code, name_key=key, name=published.committee_name.strip())
        committee.kind = committee_kind(published.committee_name)
        session.add(committee)
        session.flush()
    committee.platform_id = published.committee_platform_id or committee.platform_id or ""
    committee.group_name = published.group_name or committee.group_name or ""
    return committee


def _held_at_another_hour(session: Session, published: PublishedMeeting, committee: Committee) -> Meeting | None:
    """The meeting whose minutes give the hour at which it really began: the only one of the committee's on that day
    that treated the same matters. The hour that was announced stands, since nobody is to be told of a move any more.
    """
    if Stage(published.stage) is not Stage.MINUTES:
        return None
    day = datetime.combine(local(published.starts_at).date(), time(0), COPENHAGEN)
    of_day = select(Meeting).where(
        Meeting.committee_id == committee.id, Meeting.starts_at >= day, Meeting.starts_at < day + timedelta(days=1)
    )
    now = {title_key(item.title) for item in published.items}
    found = []
    for meeting in session.scalars(of_day.options(selectinload(Meeting.items))):
        before = {item.title_key for item in meeting.items}
        if len(before & now) >= max(1, ALIKE_ENOUGH * max(len(before), len(now))):
            found.append(meeting)
    return found[0] if len(found) == 1 else None


def _at_another_time(
    session: Session, source: Source, published: PublishedMeeting, committee: Committee, seen_at: datetime
) -> Meeting | None:
    """The meeting as which this very publication was read before: an id that stays, with another start.

    Or, where ids follow the publication: the committee's meeting that is to come and whose papers have all left the
    list, if it is on the same day or most of what it was to treat is treated now.
    """
    of_committee = select(Meeting).where(Meeting.committee_id == committee.id)
    own = session.scalar(
        of_committee.join(Publication, Publication.meeting_id == Meeting.id).where(
            Publication.source_id == source.id, Publication.platform_id == published.platform_id
        )
    )
    if own is not None or published.starts_at < seen_at:
        return own
    listed = and_(Publication.status.not_in(GONE), Publication.missing_since.is_(None))
    left = of_committee.where(
        Meeting.starts_at > seen_at, Meeting.publications.any(), ~Meeting.publications.any(listed)
    ).order_by(Meeting.starts_at)
    for meeting in session.scalars(left.options(selectinload(Meeting.items))):
        same_day = local(meeting.starts_at).date() == local(published.starts_at).date()
        if same_day or _same_matters(meeting, published):
            return meeting
    return None


def _same_matters(meeting: Meeting, published: PublishedMeeting) -> bool:
    before = {key for item in meeting.items if (key := _telling(item))}
    now = {key for item in published.items if (key := _telling(item))}
    return len(before & now) >= max(1, ALIKE_ENOUGH * len(before))


def _telling(item: AgendaItem | PublishedItem) -> str:
    key = title_key(item.title)
    return key if len(key) >= TELLING_TITLE else ""
