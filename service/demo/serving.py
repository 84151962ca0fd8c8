"""Serves the made-up council site as the web page is served: over real HTTP on loopback, in a thread."""

from web.server import in_thread as serve

HOST = "127.0.0.1"

__all__ = ["HOST", "serve"]
