"""What the filter forms offer."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import Association, Committee, Municipality

# With more associations than this a list to choose from helps nobody.
ASSOCIATIONS_OFFERED = 200

Choice = tuple[str, str]


def municipalities(session: Session) -> Sequence[Choice]:
    """(code, name) of every municipality in the catalogue."""
    rows = session.execute(select(Municipality.code, Municipality.name).order_by(Municipality.name))
    return [(str(code), name) for code, name in rows]


def committees(session: Session, municipality: int | None) -> Sequence[Choice]:
    """(id, name) of a municipality's committees; none until a municipality is chosen."""
    if municipality is None:
        return []
    rows = session.execute(
        select(Committee.id, Committee.name).where(Committee.municipality_code == municipality).order_by(Committee.name)
    )
    return [(str(number), name) for number, name in rows]


def associations(session: Session, chosen: str = "") -> Sequence[Choice]:
    """(slug, name) of the first associations by name, and of the chosen one."""
    rows = session.execute(
        select(Association.slug, Association.name).order_by(Association.name).limit(ASSOCIATIONS_OFFERED)
    ).all()
    offered = [(slug, name) for slug, name in rows]
    if chosen and chosen not in dict(offered):
        name = session.scalar(select(Association.name).where(Association.slug == chosen))
        offered += [(chosen, name)] if name else []
    return offered
