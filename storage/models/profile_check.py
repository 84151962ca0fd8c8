"""How far each profile has been compared with the archive."""

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, word_column
from storage.models.analysis import MatchOrigin


class ProfileCheck(Base):
    """Natural key: the profile. Missing, unfinished or of another hash or version: the matcher has to look.

    ``profile_hash`` and ``version`` (of thesaurus, weights and language) say what is compared with;
    ``through`` is the last analysis looked at, so that a killed run goes on where it stopped;
    ``origin`` is given to the matches that are found; ``problem`` says why the profile cannot find what it is meant to
    find, in a Danish sentence, or is empty.
    """

    __tablename__ = "profile_check"

    profile_id: Mapped[int] = mapped_column(ForeignKey("profile.id", ondelete="CASCADE"), primary_key=True)
    profile_hash: Mapped[str]
    version: Mapped[str]
    origin: Mapped[MatchOrigin] = mapped_column(word_column(MatchOrigin))
    through: Mapped[int] = mapped_column(default=0)
    finished: Mapped[bool] = mapped_column(default=False)
    problem: Mapped[str] = mapped_column(Text, default="")
