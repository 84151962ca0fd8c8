"""How far the reading of a paper has come, in words for whoever reads the item."""

from storage.models import Attachment, Document, DocumentStatus, FetchStatus


def paper_said(paper: Attachment) -> str:
    """``12 sider læst``, ``kunne ikke læses: filen er låst med en adgangskode``, ``venter på at blive hentet``."""
    if paper.document is not None:
        return _document_said(paper.document)
    fetch = paper.fetch
    if fetch is None or (fetch.status is FetchStatus.WAITING and not fetch.attempts):
        return "venter på at blive hentet"
    return {
        FetchStatus.GIVEN_UP: f"kunne ikke hentes: {_clause(fetch.reason)}",
        FetchStatus.REFUSED: "ikke lagt ud som fil",
        FetchStatus.SUPERSEDED: "ikke hentet",
    }.get(fetch.status, "kunne ikke hentes, prøves igen")


def _document_said(document: Document) -> str:
    read = len(document.page_map)
    match document.status:
        case DocumentStatus.READ if read < document.pages:
            return f"{read} af {document.pages} sider læst"
        case DocumentStatus.READ:
            return "1 side læst" if read == 1 else f"{read} sider læst"
        case DocumentStatus.NEEDS_OCR:
            return "sider, som er billeder af tekst, er ikke læst"
        case _:
            return f"kunne ikke læses: {_clause(document.reason)}"


def _clause(reason: str | None) -> str:
    said = (reason or "ukendt grund").strip().rstrip(".")
    return said[:1].lower() + said[1:]
