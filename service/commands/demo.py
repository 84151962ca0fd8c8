"""`dagsordenvagt demo`."""

from pathlib import Path
from typing import Annotated

import typer

from config.errors import ConfigError


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(demo)


def demo(
    once: Annotated[bool, typer.Option("--once", help="Slut bagefter i stedet for at vise siderne")] = False,
    folder: Annotated[Path, typer.Option(help="Demoens egen mappe; den tømmes først")] = Path("data/demo"),
) -> None:
    """Alt på denne maskine uden net: en opdigtet kommune, seks foreninger og en mailserver."""
    try:
        # Needs the extra "demo", which a server leaves out.
        from service.demo.run import run_demo
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"Demoen mangler pakken {error.name}.", hint='Kør `pip install "dagsordenvagt[demo]"` eller `make install`.'
        ) from error
    try:
        code = run_demo(once=once, folder=folder)
    except FileExistsError as error:
        raise ConfigError(str(error), hint="Vælg en anden med --folder.") from error
    raise typer.Exit(code)
