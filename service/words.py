"""Danish numbers and plurals on the console."""


def counted(number: int, one: str, many: str) -> str:
    """``1 møde``, ``1.200 møder``."""
    return f"{number:,} {one if number == 1 else many}".replace(",", ".")


def decimal(number: float, places: int) -> str:
    """``0,5``: with a comma."""
    return f"{number:.{places}f}".replace(".", ",")
