"""Rows in, matches out: once, on both databases, whatever happens in between."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

import matcher.run
import storage.engine
from matcher.item import ItemText
from matcher.reading import Reading
from matcher.run import run_matching
from storage.engine import engine_for, reading, transaction
from storage.models import Analysis, Association, Match, MatchOrigin, Municipality, Source
from tests.matcher.factories import LONELINESS, SEEN, SEWER, ItemRecord, SectionRecord, association, publish, source

Row = tuple[str, str, str, bool]


def matches(url: str) -> list[Row]:
    with reading(url) as session:
        rows = session.scalars(select(Match).order_by(Match.id))
        return [
            (row.profile.association.slug, row.revision.title, row.origin.value, row.current)
            for row in rows
            if row.profile.association
        ]


def test_a_published_item_is_matched_once(database_url: str) -> None:
    with transaction(database_url) as session:
        association(session, "besoegsvenner")
        association(session, "badminton", topics=["badminton"], target_groups=[])
        publish(session, source(session), LONELINESS, SEWER)

    first, second = run_matching(database_url), run_matching(database_url)

    assert (first.analysed, first.matches_new) == (2, 1)
    assert (second.analysed, second.matches_new) == (0, 0)
    assert matches(database_url) == [("besoegsvenner", LONELINESS.title, "published", True)]


def test_reasons_say_which_words_in_which_section(sqlite_url: str) -> None:
    with transaction(sqlite_url) as session:
        association(session, "besoegsvenner")
        publish(session, source(session), LONELINESS)
    run_matching(sqlite_url)
    with reading(sqlite_url) as session:
        match = session.scalars(select(Match)).one()
        said = " ".join(reason["said"] for reason in match.reasons)
    assert "overskriften" in said
    assert "i resumeet" in said
    assert "ensom" in said
    assert match.quote


def test_a_new_profile_meets_the_archive(database_url: str) -> None:
    with transaction(database_url) as session:
        publish(session, source(session), LONELINESS, SEWER)
    run_matching(database_url)
    with transaction(database_url) as session:
        association(session, "besoegsvenner")

    run_matching(database_url)

    assert matches(database_url) == [("besoegsvenner", LONELINESS.title, "profile", True)]


def test_a_changed_profile_lets_go_of_what_it_no_longer_wants(database_url: str) -> None:
    with transaction(database_url) as session:
        association(session, "forening")
        publish(session, source(session), LONELINESS, SEWER)
    run_matching(database_url)
    with transaction(database_url) as session:
        association(session, "forening", topics=["spildevand", "kloak"], target_groups=[])

    run_matching(database_url)

    assert matches(database_url) == [
        ("forening", LONELINESS.title, "published", False),
        ("forening", SEWER.title, "profile", True),
    ]


def test_looking_again_changes_nothing_and_mails_nothing(database_url: str) -> None:
    with transaction(database_url) as session:
        association(session, "besoegsvenner")
        publish(session, source(session), LONELINESS)
    run_matching(database_url)
    with transaction(database_url) as session:
        session.delete(session.scalars(select(Match)).one())

    run_matching(database_url, rematch=True)

    assert matches(database_url) == [("besoegsvenner", LONELINESS.title, "vocabulary", True)]


def test_the_same_text_set_otherwise_makes_no_news_of_what_only_our_looking_again_found(database_url: str) -> None:
    """Nor does it take anything from who was told: the match of before stands."""
    with transaction(database_url) as session:
        association(session, "besoegsvenner")
        publish(session, source(session), LONELINESS)
    run_matching(database_url)
    with transaction(database_url) as session:
        session.delete(session.scalars(select(Match)).one())
    run_matching(database_url, rematch=True)
    spaced = replace(LONELINESS, title=f"{LONELINESS.title}  ")
    with transaction(database_url) as session:
        publish(session, session.scalars(select(Source)).one(), spaced)

    run_matching(database_url)

    assert matches(database_url) == [
        ("besoegsvenner", title, "vocabulary", True) for title in (LONELINESS.title, spaced.title)
    ]


def test_other_municipalities_and_closed_associations_hear_nothing(sqlite_url: str) -> None:
    with transaction(sqlite_url) as session:
        session.add(Municipality(code=101, name="København"))
        where = source(session)
        association(session, "andetsteds", municipalities=["København"])
        association(session, "lukket")
        session.scalars(select(Association).where(Association.slug == "lukket")).one().closed_at = SEEN
        publish(session, where, LONELINESS)
    run_matching(sqlite_url)
    assert matches(sqlite_url) == []


def test_an_item_that_cannot_be_read_does_not_stop_the_others(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = matcher.run.read_item

    def fails_on_sewers(item: ItemText) -> Reading:
        if "spildevand" in item.title:
            raise RecursionError("too deep")
        return real(item)

    monkeypatch.setattr(matcher.run, "read_item", fails_on_sewers)
    with transaction(sqlite_url) as session:
        association(session, "besoegsvenner")
        publish(session, source(session), SEWER, LONELINESS)

    result = run_matching(sqlite_url)

    assert (result.analysed, result.failed, result.matches_new) == (2, 1, 1)
    assert run_matching(sqlite_url).analysed == 0


def test_a_killed_run_goes_on_where_it_stopped(sqlite_url: str) -> None:
    text = (SectionRecord("presentation", "Sagsfremstilling", "Ensomhed blandt ældre. " * 40),)
    items = [ItemRecord(str(n), f"Ensomme ældre, sag {n}", text, sorting=n) for n in range(150)]
    with transaction(sqlite_url) as session:
        association(session, "besoegsvenner")
        publish(session, source(session), *items)
    root = Path(__file__).parents[2]
    code = f"from matcher.run import run_matching; run_matching({sqlite_url!r})"
    process = subprocess.Popen([sys.executable, "-c", code], cwd=root)
    deadline = time.monotonic() + 60
    while not _analyses(sqlite_url) and time.monotonic() < deadline:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()

    run_matching(sqlite_url)

    assert _analyses(sqlite_url) == len(items)
    found = matches(sqlite_url)
    assert len(found) == len(items)
    assert {origin for _, _, origin, _ in found} == {MatchOrigin.PUBLISHED.value}


def _analyses(url: str) -> int:
    with reading(url) as session:
        return len(session.scalars(select(Analysis.id)).all())


ENDLESS = {
    "one word": "å" * 70_000,
    "compound": "ældre" * 6_000,
    "signs": "('" * 40_000,
    "pictures": "\N{GRINNING FACE}" * 20_000,
    "slashes": "unge/" * 15_000,
    "long": "Sagen er drøftet i udvalget og sendes videre. " * 8_000,
}


def test_a_giant_text_is_read_like_any_other(sqlite_url: str) -> None:
    lonely = LONELINESS.sections[0]
    giants = [
        replace(
            LONELINESS,
            platform_id=f"giant {name}",
            title=f"{LONELINESS.title}: {name}",
            sections=(SectionRecord("presentation", "", text), lonely),
        )
        for name, text in ENDLESS.items()
    ]
    with transaction(sqlite_url) as session:
        association(session, "besoegsvenner")
        publish(session, source(session), *giants)
    result = run_matching(sqlite_url)
    assert (result.analysed, result.failed, result.matches_new) == (len(ENDLESS), 0, len(ENDLESS))


def test_reading_a_long_text_keeps_nobody_from_writing(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(item: ItemText) -> Reading:
        # What the web page does when somebody unsubscribes meanwhile.
        with transaction(sqlite_url) as other:
            other.scalars(select(Association)).one().description = "changed meanwhile"
        return real(item)

    real = matcher.run.read_item
    monkeypatch.setattr(matcher.run, "read_item", read)
    monkeypatch.setattr(storage.engine, "BUSY_SECONDS", 0.1)
    engine_for.cache_clear()
    with transaction(sqlite_url) as session:
        association(session, "besoegsvenner")
        publish(session, source(session), LONELINESS)
    result = run_matching(sqlite_url)
    assert (result.analysed, result.failed) == (1, 0)
