"""What digests tell besides agenda items: coming cases and reports, each once."""

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storage.base import Base
from storage.models.announced import AnnouncedCase
from storage.models.message import Message
from storage.models.report import Report


class NoticeEntry(Base):
    """A coming case or a report told to a recipient; one of the two is set. The unique keys are the promise "once"."""

    __tablename__ = "notice_entry"
    __table_args__ = (
        UniqueConstraint("recipient_id", "announced_case_id"),
        UniqueConstraint("recipient_id", "report_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), index=True)
    recipient_id: Mapped[int] = mapped_column(ForeignKey("recipient.id", ondelete="CASCADE"))
    announced_case_id: Mapped[int | None] = mapped_column(
        ForeignKey("announced_case.id", ondelete="CASCADE"), index=True
    )
    report_id: Mapped[int | None] = mapped_column(ForeignKey("report.id", ondelete="CASCADE"), index=True)

    message: Mapped[Message] = relationship()
    announced_case: Mapped[AnnouncedCase | None] = relationship()
    report: Mapped[Report | None] = relationship()
