"""Names the state of our own reading: once it changes, what differs in a paper may be our doing and no news."""

import inspect
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from crawler.platforms import all_platforms

# The modules that make items of pages, beside the adapters themselves.
SHARED = (
    "danish_time",
    "headings",
    "item_parts",
    "items",
    "page_items",
    "page_text",
    "sections",
    "trouble",
    "web_page",
    "platforms/base",
)
HERE = Path(__file__).parent


@lru_cache(maxsize=32)
def reader_of(platform: str) -> str:
    """A digest of the code that reads sites of a platform; empty for one that has no adapter."""
    adapter = all_platforms().get(platform)
    if adapter is None:
        return ""
    files = (Path(inspect.getfile(adapter)), *(HERE / f"{name}.py" for name in SHARED))
    return sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]
