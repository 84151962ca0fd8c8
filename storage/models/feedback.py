"""What recipients tell us: this was relevant, and follow that case."""

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, word_column


class Verdict(enum.StrEnum):
    """An association's judgement of a match."""

    RELEVANT = "relevant"
    NOT_RELEVANT = "not_relevant"


class Feedback(Base):
    """Natural key: association and item; a later verdict replaces an earlier one.

    ``about``: the subjects for which the item was found, as its reasons named them when the answer was given; what is
    learned from answers comes from these rows alone. ``set_aside_at``: since when the association has wanted this
    answer not to count (None: it counts).
    """

    __tablename__ = "feedback"
    __table_args__ = (UniqueConstraint("association_id", "item_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    association_id: Mapped[int] = mapped_column(ForeignKey("association.id", ondelete="CASCADE"))
    item_id: Mapped[int] = mapped_column(ForeignKey("agenda_item.id"))
    verdict: Mapped[Verdict] = mapped_column(word_column(Verdict))
    about: Mapped[list[str]]
    given_at: Mapped[datetime]
    set_aside_at: Mapped[datetime | None]


class FollowedCase(Base):
    """A case that an association follows whatever its words. ``note``: why, in the follower's own words."""

    __tablename__ = "followed_case"
    __table_args__ = (UniqueConstraint("association_id", "case_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    association_id: Mapped[int] = mapped_column(ForeignKey("association.id", ondelete="CASCADE"))
    case_id: Mapped[int] = mapped_column(ForeignKey("municipal_case.id"))
    note: Mapped[str] = mapped_column(default="")
    since: Mapped[datetime]
