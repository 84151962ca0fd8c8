"""A case (sag): the items of one municipality that treat the same matter, through its committees."""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storage.base import Base

if TYPE_CHECKING:
    from storage.models.agenda_item import AgendaItem


class Case(Base):
    """Natural key: municipality and ``key``: the case number with the folded title where one number covers many
    matters (Aarhus' budget items share one), or the folded title alone when there is no number."""

    __tablename__ = "municipal_case"
    __table_args__ = (UniqueConstraint("municipality_code", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    municipality_code: Mapped[int] = mapped_column(ForeignKey("municipality.code"))
    key: Mapped[str] = mapped_column(Text)
    case_number: Mapped[str] = mapped_column(default="")
    title: Mapped[str] = mapped_column(Text)
    step: Mapped[str] = mapped_column(default="")
    first_seen_at: Mapped[datetime]

    items: Mapped[list["AgendaItem"]] = relationship(back_populates="case")
