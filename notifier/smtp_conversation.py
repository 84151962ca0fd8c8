"""The part of an SMTP session that repeats: one mail after the other over a connection that is greeted and logged in.

aiosmtplib connects, encrypts and logs in, but waits for each answer before it says the next thing. Where the server
offers PIPELINING (RFC 2920), sender, recipient and DATA go in one breath here, which halves the time that a mail takes.
"""

import asyncio

from aiosmtplib import (
    SMTP,
    SMTPDataError,
    SMTPReadTimeoutError,
    SMTPRecipientRefused,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)

# Characters. No server has so much to say (RFC 5321, 4.5.3.1.5: 512 a line).
ANSWER_AT_MOST = 32 * 1024
FIRST_REFUSAL = 400
SERVICE_CLOSING = 421
GO_AHEAD = 354
# Seconds. A server that does not take leave is left.
GOODBYE = 5.0

Answer = tuple[int, str]


class Conversation:
    """Hands mails over on the connection of ``client``, which is ready for a mail and is not to be used any more.

    ``timeout`` is for each answer, ``data_timeout`` for the one to a mail's content, in seconds. Every error is one of
    aiosmtplib's; after one of ``SMTPServerDisconnected`` or ``SMTPReadTimeoutError`` the connection is of no more use.
    """

    def __init__(self, client: SMTP, *, timeout: float, data_timeout: float) -> None:
        transport = client.transport
        if not isinstance(transport, asyncio.Transport) or transport.is_closing():
            raise SMTPServerDisconnected("Connection lost")
        self.wide = client.supports_extension("smtputf8")
        self._pipelining = client.supports_extension("pipelining")
        self._timeout, self._data_timeout = timeout, data_timeout
        self._answers = _Answers()
        self._transport = transport
        transport.set_protocol(self._answers)

    @property
    def alive(self) -> bool:
        """False once the connection is known to be lost."""
        return not self._transport.is_closing() and not self._answers.ended

    async def address(self, sender: str, recipient: str) -> None:
        """Names sender and recipient; nothing of the mail has been handed over then.

        Raises ``SMTPSenderRefused``, ``SMTPRecipientRefused``, ``SMTPServerDisconnected`` (also for what is no answer,
        and for 421), ``SMTPReadTimeoutError``.
        """
        utf8 = not (sender + recipient).isascii()
        mail = f"MAIL FROM:<{sender}>{' SMTPUTF8' if utf8 else ''}"
        rcpt = f"RCPT TO:<{recipient}>"
        # What a server says unasked would be taken for the answer to the next command.
        if self._answers.waiting:
            raise SMTPServerDisconnected(self._answers.waiting)
        self._say(*((mail, rcpt, "DATA") if self._pipelining else (mail,)))
        code, said = self._living(await self._answer())
        if code >= FIRST_REFUSAL:
            await self._take_back(2)
            raise SMTPSenderRefused(code, said, sender)
        if not self._pipelining:
            self._say(rcpt)
        code, said = self._living(await self._answer())
        if code >= FIRST_REFUSAL:
            await self._take_back(1)
            raise SMTPRecipientRefused(code, said, recipient)

    async def hand_over(self, mime: bytes) -> None:
        """Hands over the mail that was addressed; returns after the 250.

        Raises ``SMTPDataError``, ``SMTPServerDisconnected``, ``SMTPReadTimeoutError``.
        """
        if not self._pipelining:
            self._say("DATA")
        code, said = await self._answer()
        if code != GO_AHEAD:
            raise SMTPDataError(code, said)
        self._transport.write(_stuffed(mime))
        code, said = await self._answer(self._data_timeout)
        if code != 250:  # noqa: PLR2004 - the one answer that means it
            raise SMTPDataError(code, said)

    async def reset(self) -> None:
        """Makes the connection ready for the next mail, or closes it."""
        try:
            self._say("RSET")
            self._living(await self._answer())
        except (SMTPServerDisconnected, SMTPReadTimeoutError):
            self.close()

    async def quit(self) -> None:
        """Says goodbye, as a polite client does; a server that is gone already is no error."""
        try:
            self._say("QUIT")
            await self._answer(GOODBYE)
        except (SMTPServerDisconnected, SMTPReadTimeoutError):
            pass
        self.close()

    def close(self) -> None:
        """Lets the connection go without a word."""
        self._transport.close()

    async def _take_back(self, answers: int) -> None:
        """Ends a transaction of which more was said already than the server wants to hear of (RFC 2920, 3.1)."""
        if not self._pipelining:
            return
        code = 0
        for _ in range(answers):
            code, _said = self._living(await self._answer())
        if code == GO_AHEAD:
            # It would take a mail for nobody: it gets an empty one, which it has to refuse.
            self._transport.write(b".\r\n")
            await self._answer()

    def _living(self, answer: Answer) -> Answer:
        """The answer, unless the server closes with it."""
        if answer[0] == SERVICE_CLOSING:
            raise SMTPServerDisconnected(f"{answer[0]} {answer[1]}")
        return answer

    def _say(self, *commands: str) -> None:
        if not self.alive:
            raise SMTPServerDisconnected("Connection lost")
        self._transport.write("".join(f"{one}\r\n" for one in commands).encode())

    async def _answer(self, seconds: float = 0.0) -> Answer:
        try:
            async with asyncio.timeout(seconds or self._timeout):
                return await self._answers.next()
        except TimeoutError as error:
            raise SMTPReadTimeoutError("Timed out waiting for server response") from error


class _Answers(asyncio.Protocol):
    """What the server says, answer by answer."""

    def __init__(self) -> None:
        self._text = bytearray()
        self._more = asyncio.Event()
        self.ended = False

    @property
    def waiting(self) -> str:
        """What was said and not asked for."""
        return self._text.decode(errors="replace")

    def data_received(self, data: bytes) -> None:
        """Keeps it for ``next``."""
        self._text += data
        self._more.set()

    def eof_received(self) -> bool:
        """The server has closed its side; so do we."""
        self.connection_lost(None)
        return False

    def connection_lost(self, _error: Exception | None) -> None:
        """Who waits for an answer is told."""
        self.ended = True
        self._more.set()

    async def next(self) -> Answer:
        """The next whole answer. Raises ``SMTPServerDisconnected``, also for what is none."""
        while True:
            answer = self._whole()
            if answer is not None:
                return answer
            if self.ended:
                raise SMTPServerDisconnected("Unexpected EOF received")
            if len(self._text) > ANSWER_AT_MOST:
                raise SMTPServerDisconnected("Response too long")
            self._more.clear()
            await self._more.wait()

    def _whole(self) -> Answer | None:
        said: list[str] = []
        begin = 0
        while (end := self._text.find(b"\n", begin)) >= 0:
            line = bytes(self._text[begin : end + 1])
            begin = end + 1
            if not line[:3].isdigit():
                # Whatever follows on this connection would be misread.
                raise SMTPServerDisconnected(f"Malformed SMTP response line: {line.decode(errors='replace')}")
            said.append(line[4:].strip().decode("utf-8", "surrogateescape"))
            if line[3:4] != b"-":
                del self._text[:begin]
                return int(line[:3]), "\n".join(said)
        return None


def _stuffed(mime: bytes) -> bytes:
    """The content as it travels: lines that begin with a dot get another (RFC 5321, 4.5.2), and a dot ends it.

    Our mails have CRLF line ends already (``notifier.message``).
    """
    content = mime.replace(b"\r\n.", b"\r\n..")
    if content.startswith(b"."):
        content = b"." + content
    return content + (b".\r\n" if content.endswith(b"\r\n") else b"\r\n.\r\n")
