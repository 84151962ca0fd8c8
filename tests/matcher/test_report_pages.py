"""Management reports are read page by page: the page that tells of somebody's matter is named and quoted."""

import pytest

from matcher.compiled import compile_profiles
from matcher.find import find
from matcher.item import Attachment, ItemText
from matcher.profile import Profile
from matcher.signals.report_kind import report_signals
from matcher.topics import load_thesaurus

ROOF = Profile("tag", "Tag over hovedet", topics=("hjemløshed", "herberg", "værested"), target_groups=("hjemløse",))
SCHOOLS = (
    "Skoler. Elevfraværet er 6,1 procent mod 6,4 procent året før. Karaktererne ved afgangsprøven er uændrede, og "
    "udgifterne til vikarer følger budgettet. Antallet af elever pr. klasse er 22,3 i gennemsnit. "
)
ROADS = (
    "Veje og drift. Slidlag på kommunevejene følger planen. Vintertjenesten er 2,1 mio. kr. billigere end ventet, og "
    "udbuddet af renhold er afsluttet i 3. kvartal. "
)
HOMELESS = (
    "Hjemløshed. Ved udgangen af august var 84 borgere i hjemløshed mod 71 året før. Ventetiden til en plads på et "
    "herberg er steget til 19 dage. Antallet af unge hjemløse er 17. Væresteder melder om flere besøgende om natten. "
)
PAGES = (SCHOOLS * 3, ROADS * 3, HOMELESS + ROADS, SCHOOLS + ROADS)


@pytest.mark.parametrize(
    ("title", "paper"),
    [
        ("Ledelsesrapport pr. 31. august 2026", "Ledelsesrapport august 2026"),
        ("Orientering om ledelsesinformation for 3. kvartal", "Ledelsesinformation 3. kvartal 2026"),
        ("Budgetopfølgning pr. 31. august", "Samlet budgetopfølgning"),
        ("Ledelsesinformation", "Bilag 1"),
    ],
)
def test_the_page_of_a_report_that_tells_of_the_matter_is_named_and_quoted(title: str, paper: str) -> None:
    item = ItemText(title, committee="Byrådet", attachments=(Attachment(paper, PAGES),))
    assert report_signals(item)
    [found] = find(item, compile_profiles([ROOF], load_thesaurus()))
    assert found.reasons[0].section_name == f"»{paper}«, side 3"
    assert "84 borgere i hjemløshed" in found.passage or "herberg" in found.passage


def test_a_report_about_other_matters_is_silent() -> None:
    item = ItemText("Ledelsesrapport", attachments=(Attachment("Ledelsesrapport", (SCHOOLS * 3, ROADS * 3)),))
    assert find(item, compile_profiles([ROOF], load_thesaurus())) == []
