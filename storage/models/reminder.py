"""Reminders of deadlines: which were sent, and which deadlines are dealt with."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storage.base import Base
from storage.models.agenda_item import AgendaItem
from storage.models.message import Message


class Reminder(Base):
    """A deadline of an item recalled to one recipient, ``days_before`` it. The unique key is the promise "once"."""

    __tablename__ = "reminder"
    __table_args__ = (UniqueConstraint("recipient_id", "item_id", "kind", "due_on", "days_before"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), index=True)
    recipient_id: Mapped[int] = mapped_column(ForeignKey("recipient.id", ondelete="CASCADE"))
    item_id: Mapped[int] = mapped_column(ForeignKey("agenda_item.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    due_on: Mapped[date]
    days_before: Mapped[int]

    message: Mapped[Message] = relationship()


class HandledDeadline(Base):
    """An association has done what a deadline asks for, or wants no more of it: nobody of it is reminded."""

    __tablename__ = "handled_deadline"
    __table_args__ = (UniqueConstraint("association_id", "item_id", "due_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    association_id: Mapped[int] = mapped_column(ForeignKey("association.id", ondelete="CASCADE"))
    item_id: Mapped[int] = mapped_column(ForeignKey("agenda_item.id", ondelete="CASCADE"), index=True)
    due_on: Mapped[date]
    handled_at: Mapped[datetime]

    item: Mapped[AgendaItem] = relationship()
