"""How we log: plain lines for people, one JSON object a line for machines, never a mail address."""

import logging
import re
import sys
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

from config.settings import Settings

_ADDRESS = re.compile(r"[^\s@<>\"'(),;:]+@[^\s@<>\"'(),;:]+\.\w+")


def without_addresses(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replaces every mail address in a log line: logs are kept longer and seen by more people than the database."""
    return {key: _clean(value) for key, value in event.items()}


def _clean(value: Any) -> Any:
    """A value as it may be logged: numbers as they are, everything else without addresses."""
    if isinstance(value, int | float | None):
        return value
    if isinstance(value, dict):
        return {key: _clean(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(one) for one in value]
    return hide_addresses(value if isinstance(value, str) else repr(value))


def hide_addresses(text: str) -> str:
    """``text`` with every mail address replaced: for what is kept or printed without its recipient."""
    return _ADDRESS.sub("<address>", text)


def set_up_logging(settings: Settings, *, level: int = logging.INFO) -> None:
    """Sends structlog's and the standard library's lines to stderr in the form that the settings ask for."""
    as_json = settings.log_format == "json" or (settings.log_format == "auto" and not sys.stderr.isatty())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=False),
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(
            # The pretty tracebacks show the values of variables, and addresses among them.
            colors=sys.stderr.isatty(),
            exception_formatter=structlog.dev.plain_traceback,
        )
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                without_addresses,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("httpx", "httpcore", "alembic", "sqlalchemy", "apscheduler.executors", "mail.log", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
