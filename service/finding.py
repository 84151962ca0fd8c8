"""One line of the doctor's report."""

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warning", "error"]


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's report. ``advice`` says what to do; empty when all is well."""

    subject: str
    state: State
    said: str
    advice: str = ""
