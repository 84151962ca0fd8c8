"""A committee: council, standing committee, advisory council and so on."""

import enum

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storage.base import Base, word_column
from storage.models.municipality import Municipality


class CommitteeKind(enum.StrEnum):
    """What sort of body decides or advises (glossary in docs/)."""

    COUNCIL = "council"
    STANDING = "standing"
    SPECIAL_17_4 = "special_17_4"
    ADVISORY = "advisory"
    MAGISTRATE = "magistrate"
    OTHER = "other"


class Committee(Base):
    """Natural key: municipality and ``name_key``, the name folded and without an election period.

    The platforms give a committee a new id every period, so an id cannot be the key.
    """

    __tablename__ = "committee"
    __table_args__ = (UniqueConstraint("municipality_code", "name_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    municipality_code: Mapped[int] = mapped_column(ForeignKey("municipality.code"))
    name: Mapped[str]
    name_key: Mapped[str]
    kind: Mapped[CommitteeKind] = mapped_column(word_column(CommitteeKind), default=CommitteeKind.OTHER)
    group_name: Mapped[str] = mapped_column(default="")
    platform_id: Mapped[str] = mapped_column(default="")

    municipality: Mapped[Municipality] = relationship()
