"""One file per publishing system. A new file is found by itself; nothing is registered by hand."""

import importlib
import inspect
import pkgutil

from crawler.platforms.base import Platform

_NO_ADAPTER = {"base"}


class BadAdapter(Exception):
    """A file in ``crawler/platforms`` that holds no adapter, or one whose name is taken: a programming error."""


def all_platforms() -> dict[str, type[Platform]]:
    """Every adapter by its name.

    Raises ``BadAdapter`` for a file without exactly one adapter or with a name used twice, and whatever importing
    a broken file raises: an adapter that silently is not there would look like a municipality without meetings.
    """
    found: dict[str, type[Platform]] = {}
    for module in pkgutil.iter_modules(__path__):
        if module.name not in _NO_ADAPTER:
            adapter = _adapter_in(f"{__name__}.{module.name}")
            if adapter.name in found:
                raise BadAdapter(f"{module.name}.py uses the name {adapter.name!r}, which another adapter has.")
            found[adapter.name] = adapter
    return found


def _adapter_in(path: str) -> type[Platform]:
    module = importlib.import_module(path)
    adapters = [
        member
        for _, member in inspect.getmembers(module, inspect.isclass)
        if issubclass(member, Platform) and member.__module__ == path and not inspect.isabstract(member)
    ]
    if len(adapters) != 1 or not getattr(adapters[0], "name", ""):
        raise BadAdapter(f"{path} must hold exactly one Platform with a name; it holds {len(adapters)}.")
    return adapters[0]
