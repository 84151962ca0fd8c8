"""What a command's exit code says (design.md section 5)."""

OK = 0
"""Everything asked for was done."""

FAILED = 1
"""What was asked for could not be done."""

USAGE = 2
"""A setting, a file or an argument cannot be used; the message says what to do."""

PARTIAL = 3
"""Some sources, entries or mails failed while others succeeded."""


def worst(*codes: int) -> int:
    """The code for several steps together: a failed step beside a good one is a partial success."""
    if all(code == OK for code in codes):
        return OK
    return FAILED if all(code == FAILED for code in codes) else PARTIAL
