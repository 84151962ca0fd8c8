"""Evidence per meaning → a few features per audience, as one matrix for all audiences at once."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from matcher.evidence import DENSITY, PLACE, SHARE, WIDTH

if TYPE_CHECKING:
    from matcher.compiled import CompiledProfiles, Role
    from matcher.crowd import Crowd
    from matcher.evidence import Evidence

Matrix = NDArray[np.float64]
Column = NDArray[np.float64]
GROUP_IN_SHARE: Final = 0.5

FEATURES: Final = (
    "title",  # topic words in the title
    "lead",  # ... in summary, question, recommendation, or a short text without headings
    "body",  # ... in presentation, other sections and the titles of attachments
    "decision",
    "density",  # how much of the text they fill
    "share",  # how much of what the item is about belongs to the profile, where a topic of it is named
    "kle",
    "group_title",  # target group words in the title
    "group_text",  # ... anywhere in the text
    "own_body",  # the advisory council of the topic or group itself
    "committee",  # topic or group words in the committee's name
    "long",  # topic words in the running text of a long item only: probably incidental
    "others",  # title, summary or committee name other people than those the profile is there for
)
_SHARE: Final = FEATURES.index("share")
_SURE: Final[tuple[Role, ...]] = ("topic", "target_group")


class SureRows(NamedTuple):
    """Rows of FEATURES, one for each audience (or group of a crowd), as they are without any hint.

    ``share``: how much of the item is about the audience's matter, hints apart; ``named``: how surely a topic of it is
    named, 0..1; ``touched``: whether the item says anything to it.
    """

    rows: Matrix
    share: Column
    named: Column
    touched: NDArray[np.bool_]

    def with_hints(self, at: NDArray[np.intp], hints: Column | float) -> Matrix:
        """The rows numbered ``at``, with the share that ``hints`` add to each: all that hints do."""
        rows: Matrix = self.rows.take(at, axis=0)
        rows[:, _SHARE] = np.minimum(1.0, self.share.take(at) + hints) * self.named.take(at)
        return rows


def features(
    evidence: Evidence, profiles: CompiledProfiles | Crowd, *, central: bool = False
) -> tuple[NDArray[np.intp], Matrix]:
    """(numbers of the audiences with any evidence, one row of FEATURES for each).

    ``central``: the rows that the order goes by; topics that lie aside (``matcher.aside``) count less in them.
    """
    sure, hints = sure_rows(evidence, profiles)[central], hint_shares(evidence, profiles)
    audiences = np.flatnonzero(sure.touched | (hints > 0))
    return audiences, sure.with_hints(audiences, hints.take(audiences))


def hint_shares(evidence: Evidence, profiles: CompiledProfiles | Crowd) -> Column:
    """How much of the item may be about each audience's matter: weak words of what it wants, and what is near to it."""
    shares = np.zeros(profiles.size)
    tables: tuple[tuple[Role, dict[int, Column]], ...] = (("topic", evidence.hints), ("hint", evidence.sure))
    for role, table in tables:
        postings = profiles.postings.get(role, {})
        for node, vector in table.items():
            if node in postings and vector[SHARE]:
                audiences, weights = postings[node]
                np.add.at(shares, audiences, weights * vector[SHARE])
    return shares


def sure_rows(evidence: Evidence, profiles: CompiledProfiles | Crowd) -> tuple[SureRows, SureRows]:
    """What the sure words of the item give to each audience, or to each group of a crowd: for the alert, for the order.

    Both are the same where no topic lies aside.
    """
    topic = _spread(evidence.sure, profiles, "topic")
    group = _spread(evidence.sure, profiles, "target_group", np.maximum)
    if evidence.kind == "routine":
        for sums in (topic, group):
            sums[:, [PLACE["committee"], PLACE["body_name"]]] = 0
    others = _others(evidence, profiles)
    sure = _rows(topic.copy(), group.copy(), others, evidence)
    if profiles.postings.get("aside", {}).keys().isdisjoint(evidence.sure):
        return sure, sure
    aside = _spread(evidence.sure, profiles, "aside")
    return sure, _rows(np.maximum(0.0, topic - aside), group, others, evidence)


def _spread(
    table: dict[int, Matrix], profiles: CompiledProfiles | Crowd, role: Role, join: np.ufunc = np.add
) -> Matrix:
    """Weighted evidence of all meanings joined: audiences x places.

    Topics add up. Of groups the best counts: "børn", "familier" and "forældre" are one thing said three times.
    """
    total = np.zeros((WIDTH, profiles.size))
    postings = profiles.postings.get(role, {})
    for node, vector in table.items():
        if node in postings:
            audiences, weights = postings[node]
            for place in np.flatnonzero(vector).tolist():
                column = total[place]
                column[audiences] = join(column[audiences], weights * vector[place])
    return total.T


def _others(evidence: Evidence, profiles: CompiledProfiles | Crowd) -> Column:
    """How much more plainly an item names others than the people an audience is there for, 0..1.

    Whoever names no target group is there for all, and has no others; people linked to one's own are none either.
    """
    own, others = np.zeros(profiles.size), np.zeros(profiles.size)
    for node, strength in evidence.people.items():
        mine = _wanted(node, profiles, _SURE)
        np.maximum(own, strength, out=own, where=mine)
        np.maximum(others, strength, out=others, where=~(mine | _wanted(node, profiles, ("kin",))))
    return np.where(profiles.names_people, np.maximum(0.0, others - own), 0.0)


def _wanted(node: int, profiles: CompiledProfiles | Crowd, roles: tuple[Role, ...]) -> NDArray[np.bool_]:
    """Which audiences want a meaning in one of these roles."""
    wanted = np.zeros(profiles.size, dtype=np.bool_)
    for role in roles:
        postings = profiles.postings.get(role, {})
        if node in postings:
            wanted[postings[node][0]] = True
    return wanted


def _full(sums: Matrix) -> Matrix:
    """Evidence adds up, but never beyond 1."""
    filled: Matrix = 1 - np.exp(-1.2 * sums)
    return filled


def _rows(topic: Matrix, group: Matrix, others: Column, evidence: Evidence) -> SureRows:
    touched: NDArray[np.bool_] = (topic != 0).any(axis=1) | (group != 0).any(axis=1)
    for sums in (topic, group):  # papers that only their titles tell of are part of the text
        sums[:, PLACE["body"]] = np.maximum(sums[:, PLACE["body"]], sums[:, PLACE["attachment"]])
        sums[:, PLACE["line"]] = np.maximum(sums[:, PLACE["line"]], sums[:, PLACE["attachment"]])
    t, g = _full(topic), _full(group)
    any_topic = _full(topic[:, [PLACE["title"], PLACE["lead"], PLACE["body"], PLACE["decision"]]].sum(axis=1))
    text = [PLACE["lead"], PLACE["body"], PLACE["decision"]]
    group_text = _full(group[:, text].sum(axis=1))
    committee = np.maximum(t[:, PLACE["committee"]], g[:, PLACE["committee"]])
    long = math.log(max(evidence.words, 40) / 40)
    body_only = t[:, PLACE["body"]] * (1 - t[:, PLACE["title"]]) * (1 - t[:, PLACE["lead"]]) * (1 - t[:, PLACE["line"]])
    share = topic[:, SHARE] + GROUP_IN_SHARE * group[:, SHARE]
    columns = {
        "title": t[:, PLACE["title"]],
        "lead": t[:, PLACE["lead"]],
        "body": t[:, PLACE["body"]],
        "decision": t[:, PLACE["decision"]],
        "density": np.tanh(topic[:, DENSITY]),
        "share": np.minimum(1.0, share) * any_topic,
        "kle": t[:, PLACE["kle"]],
        "group_title": g[:, PLACE["title"]],
        "group_text": group_text,
        "own_body": np.maximum(t[:, PLACE["body_name"]], g[:, PLACE["body_name"]]),
        "committee": committee,
        "long": long * body_only,
        "others": others,
    }
    rows = np.column_stack([columns[name] for name in FEATURES])
    return SureRows(rows, share, any_topic, touched)
