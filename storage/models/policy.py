"""A municipality's policies and the goals in them."""

from datetime import datetime

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storage.base import Base


class Policy(Base):
    """A policy or strategy. Natural key: municipality and url."""

    __tablename__ = "policy"
    __table_args__ = (UniqueConstraint("municipality_code", "url"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    municipality_code: Mapped[int] = mapped_column(ForeignKey("municipality.code"))
    title: Mapped[str] = mapped_column(Text)
    url: Mapped[str] = mapped_column(Text)
    adopted: Mapped[str] = mapped_column(default="")
    seen_at: Mapped[datetime]

    goals: Mapped[list["PolicyGoal"]] = relationship(back_populates="policy", order_by="PolicyGoal.position")


class PolicyGoal(Base):
    """One goal of a policy, in the policy's own words."""

    __tablename__ = "policy_goal"
    __table_args__ = (UniqueConstraint("policy_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    policy_id: Mapped[int] = mapped_column(ForeignKey("policy.id"))
    position: Mapped[int]
    text: Mapped[str] = mapped_column(Text)

    policy: Mapped[Policy] = relationship(back_populates="goals")
