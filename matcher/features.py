"""Evidence per meaning → a few features per audience, as one matrix for all audiences at once."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from matcher.evidence import DENSITY, PLACE, SHARE, WIDTH

if TYPE_CHECKING:
    from matcher.compiled import CompiledProfiles, Role
    from matcher.crowd import Crowd
    from matcher.evidence import Evidence

Matrix = NDArray[np.float64]
GROUP_IN_SHARE: Final = 0.5
IN_A_PAPER: Final = 0.4  # a word inside an attachment, against one in the item's own text

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
)


def features(evidence: Evidence, profiles: CompiledProfiles | Crowd) -> tuple[NDArray[np.intp], Matrix]:
    """(numbers of the audiences, or the groups of a crowd, with any evidence; one row of FEATURES for each)."""
    topic = _spread(evidence.sure, profiles, "topic")
    hints = _spread(evidence.hints, profiles, "topic") + _spread(evidence.sure, profiles, "hint")
    group = _spread(evidence.sure, profiles, "target_group", np.maximum)
    if evidence.kind == "routine":
        for sums in (topic, hints, group):
            sums[:, [PLACE["committee"], PLACE["body_name"]]] = 0
    audiences = np.flatnonzero((topic + hints + group).any(axis=1))
    return audiences, _rows(topic[audiences], hints[audiences], group[audiences], evidence)


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


def _full(sums: Matrix) -> Matrix:
    """Evidence adds up, but never beyond 1."""
    filled: Matrix = 1 - np.exp(-1.2 * sums)
    return filled


def _rows(topic: Matrix, hints: Matrix, group: Matrix, evidence: Evidence) -> Matrix:
    for sums in (topic, group):  # papers that only their titles tell of are part of the text
        papers = np.maximum(sums[:, PLACE["attachment"]], IN_A_PAPER * sums[:, PLACE["page"]])
        sums[:, PLACE["body"]] = np.maximum(sums[:, PLACE["body"]], papers)
        sums[:, PLACE["line"]] = np.maximum(sums[:, PLACE["line"]], sums[:, PLACE["attachment"]])
    t, g = _full(topic), _full(group)
    any_topic = _full(topic[:, [PLACE["title"], PLACE["lead"], PLACE["body"], PLACE["decision"]]].sum(axis=1))
    text = [PLACE["lead"], PLACE["body"], PLACE["decision"]]
    group_text = _full(group[:, text].sum(axis=1))
    committee = np.maximum(t[:, PLACE["committee"]], g[:, PLACE["committee"]])
    long = math.log(max(evidence.words, 40) / 40)
    body_only = t[:, PLACE["body"]] * (1 - t[:, PLACE["title"]]) * (1 - t[:, PLACE["lead"]]) * (1 - t[:, PLACE["line"]])
    share = np.minimum(1.0, topic[:, SHARE] + hints[:, SHARE] + GROUP_IN_SHARE * group[:, SHARE])
    columns = {
        "title": t[:, PLACE["title"]],
        "lead": t[:, PLACE["lead"]],
        "body": t[:, PLACE["body"]],
        "decision": t[:, PLACE["decision"]],
        "density": np.tanh(topic[:, DENSITY]),
        "share": share * any_topic,
        "kle": t[:, PLACE["kle"]],
        "group_title": g[:, PLACE["title"]],
        "group_text": group_text,
        "own_body": np.maximum(t[:, PLACE["body_name"]], g[:, PLACE["body_name"]]),
        "committee": committee,
        "long": long * body_only,
    }
    return np.column_stack([columns[name] for name in FEATURES])
