"""What a reader says we missed, and what came of looking into it."""

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storage.base import Base, word_column
from storage.models.agenda_item import AgendaItem
from storage.models.association import Association


class MissedOutcome(enum.StrEnum):
    """What we had of it at the moment of the report.

    ``told``: a mail had been made. ``waiting``: it was going to stand in a coming mail. ``not_mailed``: it was found,
    but not mailed, and the answer says why. ``not_matched``: we had it and did not think that it concerned the
    association. ``withdrawn``: it had left the agenda. ``absent``: we did not have it. ``unclear``: the words did not
    tell which item was meant.
    """

    TOLD = "told"
    WAITING = "waiting"
    NOT_MAILED = "not_mailed"
    NOT_MATCHED = "not_matched"
    WITHDRAWN = "withdrawn"
    ABSENT = "absent"
    UNCLEAR = "unclear"


class MissedReport(Base):
    """One report. ``said`` is the answer that the reader saw; ``score`` (0..1) what the matcher gave the item."""

    __tablename__ = "missed_report"

    id: Mapped[int] = mapped_column(primary_key=True)
    recipient_id: Mapped[int] = mapped_column(ForeignKey("recipient.id", ondelete="CASCADE"), index=True)
    association_id: Mapped[int | None] = mapped_column(ForeignKey("association.id", ondelete="CASCADE"), index=True)
    item_id: Mapped[int | None] = mapped_column(ForeignKey("agenda_item.id", ondelete="SET NULL"))
    what: Mapped[str] = mapped_column(Text)
    outcome: Mapped[MissedOutcome] = mapped_column(word_column(MissedOutcome))
    said: Mapped[list[str]]
    score: Mapped[float | None]
    created_at: Mapped[datetime] = mapped_column(index=True)
    handled_at: Mapped[datetime | None]

    association: Mapped[Association | None] = relationship()
    item: Mapped[AgendaItem | None] = relationship()
