"""The coverage receipt in words."""

from dataclasses import dataclass
from datetime import date, datetime

from config.clock import local
from notifier.receipt import ComingMeeting, Fault, ReadSource, Receipt
from notifier.words import counted, day, day_and_time, listed, one_line

# With more municipalities than this, committees are no longer named one by one.
NAMED_ONE_BY_ONE = 5
FAULTS_AT_MOST = 10
COMMITTEES_AT_MOST = 12
UNSUPPORTED_AT_MOST = 15


@dataclass(frozen=True)
class ReceiptView:
    """What the foot of a digest says of its own ground. ``all_well``: something was read, and nothing failed."""

    summary: str
    read: tuple[str, ...]
    faults: tuple[str, ...]
    not_covered: str
    meetings: tuple[str, ...]
    all_well: bool


def receipt_view(receipt: Receipt, now: datetime) -> ReceiptView:
    """Puts a receipt into words."""
    today = local(now).date()
    faults = [_fault(fault, today) for fault in receipt.faults]
    if len(faults) > FAULTS_AT_MOST:
        left = counted(len(faults) - FAULTS_AT_MOST, "fejl mere", "fejl mere")
        faults = [*faults[:FAULTS_AT_MOST], f"Og {left}; se siden om kilder."]
    one_by_one = len(receipt.read) <= NAMED_ONE_BY_ONE
    return ReceiptView(
        summary=_summary(receipt),
        read=tuple(_read(source, today) for source in receipt.read) if one_by_one else _read_together(receipt, today),
        faults=tuple(faults),
        not_covered=_not_covered(receipt),
        meetings=tuple(_meeting(meeting, today) for meeting in receipt.meetings),
        all_well=not receipt.has_gaps,
    )


def _summary(receipt: Receipt) -> str:
    if not receipt.read:
        return "Ingen af de kommuner, som det handler om, har kunnet læses."
    items = counted(receipt.items_read, "punkt", "punkter")
    papers = counted(
        sum(source.papers for source in receipt.read), "dagsorden eller referat", "dagsordener og referater"
    )
    where = f"{receipt.read[0].name} Kommune" if len(receipt.read) == 1 else f"{len(receipt.read)} kommuner"
    return f"De seneste syv dage har vi læst {papers} med {items} fra {where}."


def _read(source: ReadSource, today: date) -> str:
    names = [one_line(name) for name in source.committees]
    shown = listed(names) if len(names) <= COMMITTEES_AT_MOST else _cut(names)
    when = f"{one_line(source.name)}: senest læst {day_and_time(source.last_read, today)}."
    return f"{when} Udvalg: {shown}." if names else f"{when} Der var ingen nye dagsordener."


def _read_together(receipt: Receipt, today: date) -> tuple[str, ...]:
    """One line for many: each name, and the moment since which every one of them has been read."""
    oldest = min(source.last_read for source in receipt.read)
    names = listed([one_line(source.name) for source in receipt.read])
    return (f"Alle er læst siden {day_and_time(oldest, today)}: {names}.",)


def _cut(names: list[str]) -> str:
    left = len(names) - COMMITTEES_AT_MOST
    return f"{', '.join(names[:COMMITTEES_AT_MOST])} og {left} mere"


def _fault(fault: Fault, today: date) -> str:
    what = one_line(fault.what, 200).rstrip(".")
    when = [f"siden {day(fault.since, today)}"] if fault.since else []
    when += [f"sidst læst {day_and_time(fault.last_read, today)}"] if fault.last_read else []
    return f"{one_line(fault.name)}: {what}" + (f" ({', '.join(when)})." if when else ".")


def _not_covered(receipt: Receipt) -> str:
    names = [one_line(name) for name in receipt.unsupported]
    if len(names) > UNSUPPORTED_AT_MOST:
        return f"{len(names)} kommuner kan vi ikke læse endnu."
    return f"Kan ikke læses endnu: {listed(names)}. Sager derfra ser vi ikke." if names else ""


def _meeting(meeting: ComingMeeting, today: date) -> str:
    when = day_and_time(meeting.starts_at, today, time_known=meeting.time_known)
    items = counted(meeting.items, "punkt", "punkter") if meeting.items else "dagsordenen er ikke læst endnu"
    return f"{one_line(meeting.committee)}, {one_line(meeting.municipality)}: {when} ({items})"
