"""Items: the list with its filter, and one item."""

from typing import Any

from fastapi import APIRouter, HTTPException
from starlette.requests import Request
from starlette.responses import Response

from storage.engine import reading
from web.dates import stamp
from web.errors import error_page
from web.gates import limit
from web.paging import Page
from web.params import day_of, number_of, page_of, row_id, text_of
from web.patience import TookTooLong, at_most
from web.queries import choices
from web.queries.items import ItemFilter, ItemLine, find_items, one_item
from web.rendering import page
from web.state import state_of

router = APIRouter()

# Seconds that a search may keep the database busy; words and search through all text need more than a list does.
SEARCH_SECONDS = 4.0
WORDS_AT_MOST = 6


def filter_of(request: Request) -> ItemFilter:
    """The filter that an address describes."""
    return ItemFilter(
        municipality=number_of(request, "kommune"),
        committee=number_of(request, "udvalg"),
        association=text_of(request, "forening"),
        only_matches=request.query_params.get("fund") == "1",
        text=" ".join(text_of(request, "q").split()[:WORDS_AT_MOST]),
        since=day_of(request, "fra"),
        until=day_of(request, "til"),
    )


@router.api_route("/sager", methods=["GET", "HEAD"])
def items(request: Request) -> Response:
    """The items that a filter describes."""
    state, wanted = state_of(request), filter_of(request)
    if wanted.text:
        limit(request, state.searches)
    with reading(state.database) as session:
        offered: dict[str, Any] = {
            "municipalities": choices.municipalities(session),
            "committees": choices.committees(session, wanted.municipality),
            "associations": choices.associations(session, wanted.association),
        }
    found, titles_only = _search(state.database, wanted, page_of(request))
    return page(request, "items.html", found=found, wanted=wanted, titles_only=titles_only, **offered)


def _search(database: str, wanted: ItemFilter, number: int) -> tuple[Page[ItemLine], bool]:
    """The page found, and whether only titles were searched because the text took too long.

    Raises ``TookTooLong`` when even that did.
    """
    try:
        with reading(database) as session, at_most(session, SEARCH_SECONDS):
            return find_items(session, wanted, number), False
    except TookTooLong:
        with reading(database) as session, at_most(session, SEARCH_SECONDS):
            return find_items(session, wanted, number, in_sections=False), True


@router.api_route("/sager/{item_id}", methods=["GET", "HEAD"])
def item(request: Request, item_id: str) -> Response:
    """One item with its text, papers, changes and matches."""
    with reading(state_of(request).database) as session:
        shown = one_item(session, row_id(item_id))
    if shown is None:
        raise HTTPException(404)
    if shown.item.taken_down_at is not None:
        said = f"Teksten blev fjernet {stamp(shown.item.taken_down_at)}: {shown.item.taken_down_reason}"
        return error_page(request, 410, said=(shown.item.title, said))
    return page(request, "item.html", shown=shown)
