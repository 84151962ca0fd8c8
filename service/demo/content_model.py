"""What the files in `content/` may hold. A typing error is an error: unknown keys are refused."""

import datetime as dt
import re
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

Weekday = Literal["mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag"]


class Entry(BaseModel):
    """Base of everything read from the files."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=False)


class Attachment(Entry):
    """A document that belongs to an item; `text` is what its PDF says (empty: a cover sheet of the item)."""

    title: str = Field(min_length=1)
    text: str = ""
    has_pdf: bool = True


class EarlierDecision(Entry):
    """What another committee decided on the same matter; `meeting` is the name of its file."""

    meeting: str
    text: str


class Item(Entry):
    """One agenda item.

    `body` is light markup: `## heading` opens a section, `### ` a sub-heading, `- ` a bullet, `1. ` a numbered
    line, `|a|b|` a table row, a blank line ends a paragraph.
    """

    title: str = ""
    case: str = ""
    body: str = ""
    decision: str = ""
    earlier: list[EarlierDecision] = []
    attachments: list[Attachment] = []
    closed: bool = False
    same_as: str = Field("", pattern=r"^$|^[\w-]+/\d+$", description="meeting/number with title, text, attachments")
    pdf_only: str = Field("", description="text that the portal has only as a document of its own")
    raw_html: str = Field("", description="put behind the text as it stands: what careless editors paste in")

    @model_validator(mode="after")
    def _has_a_title(self) -> Self:
        if not self.title and not self.same_as:
            raise ValueError("an item needs a title, or same_as: <meeting>/<number>")
        return self


class Change(Entry):
    """What a later publication says differently about one item."""

    append: str = ""
    decision: str = ""
    add_attachments: list[Attachment] = []


class When(Entry):
    """A day around the demo's day: a weekday so many calendar weeks away, or about so many days away."""

    week: int | None = None
    weekday: Weekday | None = None
    days: int | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        by_week = self.week is not None and self.weekday is not None
        if by_week == (self.days is not None) or (self.week is None) != (self.weekday is None):
            raise ValueError("give either week and weekday, or days")
        return self


class Meeting(Entry):
    """One meeting and its first publication."""

    committee: str
    when: When
    time: dt.time
    ends: dt.time | None = None
    place: str | None = None
    kind: str | None = "Dagsorden"
    phase: int = Field(1, ge=1, le=2)
    released: int | None = Field(None, le=0, description="days from today; default: a few days before the meeting")
    numbered_from: int = Field(1, ge=1)
    absent: list[str] = []
    items: list[Item] = Field(min_length=1)

    @field_validator("time", "ends", mode="before")
    @classmethod
    def _danish_clock(cls, value: object) -> object:
        return value.replace(".", ":") if isinstance(value, str) else value


class Update(Entry):
    """A later publication of a meeting: the same text with changes, under new ids."""

    based_on: str
    withdraws: bool = Field(True, description="the publication it builds on leaves the list")
    kind: str
    phase: int = Field(1, ge=1, le=2)
    released: int | None = Field(None, le=0)
    absent: list[str] = []
    changes: dict[int, Change] = {}


class Committee(Entry):
    """A committee; `bare_decision` writes "Beslutning" instead of "Beslutning i <udvalg> den <dato>"."""

    name: str
    group: str
    members: list[str] = []
    bare_decision: bool = False

    @property
    def spoken_name(self) -> str:
        """The name without a trailing election period, as it stands in headings."""
        return re.sub(r"\s*\d{4}\s*-\s*\d{4}$", "", self.name)


class Municipality(Entry):
    """The made-up municipality; committees in the order in which the portal shows them."""

    name: str
    committees: dict[str, Committee]
