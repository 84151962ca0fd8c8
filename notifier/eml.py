"""Mails as files, for an installation without a mail server."""

import asyncio
import hashlib
import os
import re
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from notifier.transport import Envelope, Fault, TransportError


class EmlTransport:
    """Writes each mail to ``folder`` as an ``.eml`` file that any mail program opens.

    The file's name comes from the Message-ID, so a mail that is repeated after a crash overwrites itself.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def __aenter__(self) -> Self:
        """Nothing to open."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing to let go of."""

    async def send(self, envelope: Envelope) -> None:
        """Writes the file. Raises ``TransportError``, never the mail's fault, when the folder cannot be written."""
        try:
            await asyncio.to_thread(self._write, envelope)
        except OSError as error:
            # The path may hold a user's name; the error's own words are enough.
            reason = f"Mailen kunne ikke skrives til outbox-mappen: {error.strerror or type(error).__name__}."
            raise TransportError(reason, Fault.OURS) from error

    def _write(self, envelope: Envelope) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / file_name(envelope.message_id)
        # Written beside and moved into place: a reader, or a crash, never sees half a mail.
        with tempfile.NamedTemporaryFile(dir=self.folder, prefix=".", suffix=".part", delete=False) as part:
            try:
                part.write(envelope.mime)
                part.flush()
                os.fsync(part.fileno())
                Path(part.name).replace(path)
            except BaseException:
                Path(part.name).unlink(missing_ok=True)
                raise


def file_name(message_id: str) -> str:
    """``abc.eml`` for ``<abc@host>``; always a plain name, whatever the Message-ID holds."""
    local = message_id.strip("<> ").partition("@")[0]
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,100}", local):
        return f"{local}.eml"
    return f"{hashlib.sha256(message_id.encode()).hexdigest()[:32]}.eml"
