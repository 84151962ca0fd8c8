"""A story in words: what the templates print. Everything here is a plain string; titles and texts are untrusted."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time

from config.clock import COPENHAGEN, local
from config.sentences import first_sentences, sentences
from notifier.deadlines import Deadline, ahead, new_among
from notifier.links import Links
from notifier.story import Story, Why
from notifier.to_do import TO_ASSOCIATION, TO_CONSULTANT, Wording, to_do
from notifier.words import CHANGES, COMMITTEE_KINDS, capital, day_and_time, distance, listed, one_line, shortened
from storage.keys import fold
from storage.models import Recipient, Revision, Role, SectionKind

TITLE_AT_MOST = 200
ABOUT_AT_MOST = 320
PASSAGE_AT_MOST = 300
PASSAGE_WORDS_AT_LEAST = 3
DECISION_AT_MOST = 900
ADDED_AT_MOST = 400
REASONS_AT_MOST = 4
ATTACHMENTS_AT_MOST = 6
DEADLINES_AT_MOST = 3
AMOUNTS_AT_MOST = 3
MEETING_GONE = "Hele mødet er taget af kommunens liste"
NOON = time(12)

# Where an item says in short what it is about, the best place first.
_SAYS_MOST = (
    SectionKind.SUMMARY,
    SectionKind.QUESTION,
    SectionKind.PRESENTATION,
    SectionKind.RECOMMENDATION,
    SectionKind.OTHER,
)
# How lists and tables come out as text: the mark before a line, the bar between cells.
_LIST_MARK = re.compile(r"^\s*(?:[-•*–]|\d{1,2}[.)]|[a-z][.)])\s+(?=\S)")
_CELLS = re.compile(r"\s+\|\s+")


@dataclass(frozen=True)
class WhyView:
    """The reasons of one association. The links are empty where nobody is asked (a consultant's own profile)."""

    association: str
    said: tuple[str, ...]
    more: int
    relevant_url: str = ""
    not_relevant_url: str = ""


@dataclass(frozen=True)
class ToldView:
    """What an association was told of an item: shown to the consultant."""

    association: str
    said: tuple[str, ...]
    told: str


@dataclass(frozen=True)
class DeadlineView:
    """A deadline ahead: ``Høringsfrist``, ``tirsdag den 1. december (om 9 dage)``, and where the text says so."""

    name: str
    when: str
    sentence: str
    unsure: bool


@dataclass(frozen=True)
class ItemView:
    """One item as a mail shows it. ``about``: what the case is; ``passage``: what it says of the reader's matter;
    ``added``: what the text says now and did not when the reader was told of it. ``goals`` of the municipality's
    policies that the case touches, and ``brief``, the address of a draft of what to say about it, are left out while
    nobody gives them.
    """

    title: str
    municipality: str
    committee: str
    committee_kind: str
    when: str
    distance: str
    about: str
    passage: str
    news: str
    new_attachments: tuple[str, ...]
    more_attachments: int
    decision: str
    to_do: tuple[str, ...]
    link: str
    link_says: str
    page: str
    website: str
    whys: tuple[WhyView, ...]
    told: tuple[ToldView, ...] = ()
    deadlines: tuple[DeadlineView, ...] = ()
    amounts: tuple[str, ...] = ()
    amounts_label: str = ""
    weak: bool = False
    thread: str = ""
    added: str = ""
    goals: tuple[str, ...] = ()
    brief: str = ""


def item_view(
    story: Story, recipient: Recipient, links: Links, now: datetime, told: Sequence[ToldView] = ()
) -> ItemView:
    """Puts a story into words for one recipient.

    With ``told``, the associations' reasons stand there and are not repeated among the reader's own.
    """
    item, meeting = story.item, story.item.meeting
    committee = meeting.committee
    gone = story.gone
    decision = "" if gone else _decision(story.revision)
    fresh = _new_attachments(story)
    about = "" if gone else _about(story.revision)
    passage = "" if gone else _passage(story, about)
    added = "" if gone or decision else _added(story)
    amounts = _unsaid(story.amounts, item.title, about, passage, decision, added)
    return ItemView(
        title=one_line(item.title, TITLE_AT_MOST),
        municipality=one_line(committee.municipality.name),
        committee=one_line(committee.name),
        committee_kind=COMMITTEE_KINDS[committee.kind],
        when=day_and_time(meeting.starts_at, local(now).date(), time_known=meeting.time_known),
        distance="" if decision else distance(meeting.starts_at, now),
        about=about,
        passage=passage,
        news=MEETING_GONE if gone and meeting.withdrawn_at else news(story.changes, new_deadlines(story, now)),
        new_attachments=tuple(fresh[:ATTACHMENTS_AT_MOST]),
        more_attachments=max(0, len(fresh) - ATTACHMENTS_AT_MOST),
        decision=decision,
        to_do=to_do(meeting, now, gone=gone, decided=bool(decision), words=_words_for(story)),
        link=web_link(item.url) or web_link(meeting.url) or links.page(f"/sager/{item.id}"),
        link_says="Læs hele punktet hos kommunen" if web_link(item.url) else "Se mere om mødet",
        page=links.page(f"/sager/{item.id}"),
        website=web_link(committee.municipality.website),
        whys=tuple(
            _why_view(why, story, recipient, links)
            for why in story.whys
            if not told or why.ear.profile.association_id is None
        ),
        told=tuple(told),
        deadlines=deadline_views(ahead(story.deadlines, now)[:DEADLINES_AT_MOST], now),
        amounts=amounts[:AMOUNTS_AT_MOST],
        amounts_label="Beløb" if len(amounts) == len(story.amounts) else "Andre beløb",
        weak=not any(why.grade.value == "strong" for why in story.whys),
        thread="Sagen var med i en tidligere mail." if story.earlier and story.told is None else "",
        added=added,
    )


def news(changes: Sequence[str], fresh: Sequence[Deadline] = ()) -> str:
    """What happened since the last mail: ``Beslutningen er kommet, nyt bilag``; empty for news."""
    words = [CHANGES[change] for change in changes]
    if changes and fresh:
        words.insert(0, f"Ny {fresh[0].name.lower()}")
    if len(words) > 1 and "text" in changes:
        words.remove(CHANGES["text"])  # a decision, a deadline or a new paper says more than that the text moved
    return capital(listed([word[0].lower() + word[1:] for word in words]))


def new_deadlines(story: Story, now: datetime) -> tuple[Deadline, ...]:
    """Deadlines ahead that the reader was not told of with the item."""
    return new_among(ahead(story.deadlines, now), story.deadlines_before)


def deadline_views(deadlines: Sequence[Deadline], now: datetime) -> tuple[DeadlineView, ...]:
    """Deadlines in words."""
    today = local(now).date()
    return tuple(
        DeadlineView(
            one.name,
            f"{one.when(today)} ({distance(datetime.combine(one.day, NOON, tzinfo=COPENHAGEN), now)})",
            one.sentence,
            unsure=not one.sure,
        )
        for one in deadlines
    )


def _why_view(why: Why, story: Story, recipient: Recipient, links: Links) -> WhyView:
    said = tuple(one_line(sentence, 300) for sentence in why.said)
    association_id = why.ear.profile.association_id
    urls = ("", "")
    if association_id is not None and why.ear.subscription.association_id == association_id:
        yes = links.feedback(recipient, association_id, story.item.id, relevant=True)
        no = links.feedback(recipient, association_id, story.item.id, relevant=False)
        urls = (yes, no)
    return WhyView(
        association=one_line(why.ear.name) or "Civilsamfund",
        said=said[:REASONS_AT_MOST],
        more=max(0, len(said) - REASONS_AT_MOST),
        relevant_url=urls[0],
        not_relevant_url=urls[1],
    )


def _words_for(story: Story) -> Wording:
    consultant = story.whys[0].ear.subscription.role is Role.CONSULTANT
    return TO_CONSULTANT if consultant else TO_ASSOCIATION


def _decision(revision: Revision) -> str:
    own = [section.text for section in revision.sections if section.own_decision and section.text.strip()]
    return shortened("\n".join(own), DECISION_AT_MOST) if own else ""


def _new_attachments(story: Story) -> list[str]:
    if story.told is None:
        return []
    known = {one_line(one.title) for one in story.told.attachments}
    titles = [one_line(one.title) for one in story.revision.attachments]
    return [one_line(title, TITLE_AT_MOST) for title in titles if title not in known]


def _added(story: Story) -> str:
    """The sentences that are new since the reader was told; none where the text only lost some, or is all new."""
    if story.told is None or "text" not in story.changes:
        return ""
    before = {fold(one) for one in _sentences_of(story.told)}
    after = _sentences_of(story.revision)
    fresh = [one for one in after if fold(one) not in before]
    return one_line(" ".join(fresh), ADDED_AT_MOST) if len(fresh) < len(after) else ""


def _sentences_of(revision: Revision) -> list[str]:
    return [one for section in revision.sections if not section.own_decision for one in sentences(section.text)]


def _about(revision: Revision) -> str:
    """The first sentences of the place that says most."""
    texts: Mapping[SectionKind, str] = {
        section.kind: section.text for section in reversed(revision.sections) if section.text.strip()
    }
    text = next((texts[kind] for kind in _SAYS_MOST if kind in texts), "")
    return one_line(first_sentences(_running(text), ABOUT_AT_MOST), ABOUT_AT_MOST + 80)


def _running(text: str) -> str:
    """Lists and tables as running text."""
    lines = [one_line(_CELLS.sub(", ", _LIST_MARK.sub("", line))) for line in text.splitlines()]
    return " ".join(line if line.endswith((".", ",", ":", ";", "!", "?")) else f"{line};" for line in lines if line)[
        : ABOUT_AT_MOST * 4
    ].rstrip(";")


def _passage(story: Story, about: str) -> str:
    """What the text says of the reader's matter, unless the mail says it already."""
    bare = _CELLS.sub(", ", _LIST_MARK.sub("", story.best.quote))
    passage = one_line(bare, PASSAGE_AT_MOST)
    said = f"{story.item.title} {about}".casefold()
    again = passage.rstrip("….").casefold() in said or passage.casefold().startswith(
        about.rstrip("…").casefold() or "\n"
    )
    # A paper's heading may be the title with a few words before it: "Bilag til punkt 4: Ombygning af Algade 7".
    before = passage.casefold().removesuffix(one_line(story.item.title).casefold())
    heading = len(before) < len(passage) and _words(before) <= PASSAGE_WORDS_AT_LEAST
    return "" if again or heading or _words(passage) < PASSAGE_WORDS_AT_LEAST else capital(passage)


def _words(text: str) -> int:
    return sum(word.isalpha() for word in text.split())


def _unsaid(amounts: Sequence[str], *said: str) -> tuple[str, ...]:
    """The sums of money that the mail does not say already. "50.000 kr." is not said by "250.000 kr."."""
    shown = " ".join(said)
    return tuple(one for one in amounts if not re.search(rf"(?<![\d.,]){re.escape(one.rstrip('.'))}", shown))


def web_link(url: str) -> str:
    """Only http(s) addresses become links, whatever a page called an address."""
    clean = url.strip()
    return clean if clean.startswith(("http://", "https://")) and clean.isprintable() and " " not in clean else ""
