"""An association, and the profile that says what concerns it."""

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storage.base import Base, word_column


class ProfileKind(enum.StrEnum):
    """``civil_society`` is our own profile: what consultants read besides the associations' items."""

    ASSOCIATION = "association"
    CIVIL_SOCIETY = "civil_society"


class Association(Base):
    """Natural key: ``slug``, the id in the profile file."""

    __tablename__ = "association"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    description: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    profile: Mapped["Profile | None"] = relationship(back_populates="association", cascade="all, delete-orphan")


class Profile(Base):
    """What an association (or, without one, every consultant) wants to hear of.

    Natural key: the association. ``municipality_codes`` empty means every municipality.
    ``content_hash`` moves when anything here does, and makes the matcher look again;
    ``changed_at`` is when a person last changed it. ``imported_hash``: the hash of what the profile file last said;
    an unchanged file leaves alone what people changed on the page since.
    """

    __tablename__ = "profile"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[ProfileKind] = mapped_column(word_column(ProfileKind), default=ProfileKind.ASSOCIATION)
    association_id: Mapped[int | None] = mapped_column(ForeignKey("association.id", ondelete="CASCADE"), unique=True)
    topics: Mapped[list[str]]
    target_groups: Mapped[list[str]]
    municipality_codes: Mapped[list[int]]
    exclude: Mapped[list[str]]
    committees: Mapped[list[str]]
    own_names: Mapped[list[str]]
    description: Mapped[str] = mapped_column(Text, default="")
    content_hash: Mapped[str]
    imported_hash: Mapped[str] = mapped_column(default="")
    changed_at: Mapped[datetime]

    association: Mapped[Association | None] = relationship(back_populates="profile")
