"""A real IMAP server on loopback (Twisted's), in a process of its own, with one mailbox and its folders in memory.

python -m tests.servers.imap      prints its port and serves user "bounce", password "secret"
"""

# ruff: noqa: ARG002, N802, T201 - the names and arguments are Twisted's interface

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any

from imap_tools import MailBoxUnencrypted, MailMessageFlags
from twisted.cred import checkers, portal
from twisted.internet import defer, protocol, reactor
from twisted.mail import imap4
from zope.interface import implementer

USER, PASSWORD = "bounce", "secret"


@implementer(imap4.IMessage)
class _Message:
    def __init__(self, uid: int, flags: tuple[str, ...], content: bytes) -> None:
        self.uid, self.flags, self.content = uid, set(flags), content

    def getUID(self) -> int:
        return self.uid

    def getFlags(self) -> list[str]:
        return sorted(self.flags)

    def getInternalDate(self) -> str:
        return "Thu, 01 Oct 2026 09:00:00 +0200"

    def getSize(self) -> int:
        return len(self.content)

    def isMultipart(self) -> bool:
        return False

    def getBodyFile(self) -> BytesIO:
        return BytesIO(self.content.partition(b"\r\n\r\n")[2])

    def getHeaders(self, negate: bool, *names: str) -> dict[str, str]:
        return {}

    def open(self) -> BytesIO:
        """The whole mail: Twisted's IMessageFile."""
        return BytesIO(self.content)


_Message = implementer(imap4.IMessageFile)(_Message)  # type: ignore[misc]


@implementer(imap4.IMailbox)
class _Box:
    def __init__(self) -> None:
        self.mails: list[_Message] = []
        self.uids = count(1)
        self.next_uid = 1
        self.listeners: list[Any] = []

    def getFlags(self) -> list[str]:
        return ["\\Seen", "\\Flagged", "\\Deleted"]

    def getHierarchicalDelimiter(self) -> str:
        return "/"

    def getUIDValidity(self) -> int:
        return 1

    def getUID(self, place: int) -> int:
        return self.mails[place - 1].uid

    def getUIDNext(self) -> int:
        return self.next_uid

    def getMessageCount(self) -> int:
        return len(self.mails)

    def getRecentCount(self) -> int:
        return 0

    def getUnseenCount(self) -> int:
        return len(self.mails)

    def isWriteable(self) -> bool:
        return True

    def destroy(self) -> None:
        self.mails.clear()

    def requestStatus(self, names: list[str]) -> defer.Deferred[Any]:
        return imap4.statusRequestHelper(self, names)

    def addListener(self, listener: Any) -> None:
        self.listeners.append(listener)

    def removeListener(self, listener: Any) -> None:
        self.listeners.remove(listener)

    def addMessage(self, message: Any, flags: tuple[str, ...] = (), date: Any = None) -> defer.Deferred[int]:
        content = message if isinstance(message, bytes) else message.read()
        uid = next(self.uids)
        self.next_uid = uid + 1
        self.mails.append(_Message(uid, flags, content))
        return defer.succeed(uid)

    def expunge(self) -> list[int]:
        gone = [place for place, mail in enumerate(self.mails, start=1) if "\\Deleted" in mail.flags]
        self.mails = [mail for mail in self.mails if "\\Deleted" not in mail.flags]
        return gone

    def fetch(self, messages: Any, uid: bool) -> list[tuple[int, _Message]]:
        messages.last = self.next_uid if uid else len(self.mails)
        return [
            (place, mail) for place, mail in enumerate(self.mails, start=1) if (mail.uid if uid else place) in messages
        ]

    def store(self, messages: Any, flags: tuple[str, ...], mode: int, uid: bool) -> dict[int, list[str]]:
        changed = {}
        for place, mail in self.fetch(messages, uid):
            mail.flags = set(flags) if mode == 0 else mail.flags | set(flags) if mode > 0 else mail.flags - set(flags)
            changed[place] = mail.getFlags()
        return changed


class _Account(imap4.MemoryAccount):
    def _emptyMailbox(self, name: str, number: int) -> _Box:
        return _Box()


@implementer(portal.IRealm)
class _Realm:
    def __init__(self) -> None:
        self.account = _Account(USER)
        self.account.create("INBOX")

    def requestAvatar(self, avatar: Any, mind: Any, *interfaces: Any) -> Any:
        return imap4.IAccount, self.account, lambda: None


def main() -> None:
    """Serves until it is ended."""
    checker = checkers.InMemoryUsernamePasswordDatabaseDontUse()
    checker.addUser(USER.encode(), PASSWORD.encode())
    door = portal.Portal(_Realm(), [checker])

    class Factory(protocol.Factory):
        def buildProtocol(self, address: Any) -> Any:
            server = imap4.IMAP4Server()
            server.portal, server.factory = door, self
            return server

    port = reactor.listenTCP(0, Factory(), interface="127.0.0.1")  # type: ignore[attr-defined]
    print(port.getHost().port, flush=True)
    reactor.run()  # type: ignore[attr-defined]


class ImapBox:
    """The mailbox from outside: put mails in, see what is where."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"imap://{USER}:{PASSWORD}@127.0.0.1:{port}/INBOX"

    def _opened(self, folder: str) -> Any:
        return MailBoxUnencrypted("127.0.0.1", self.port, timeout=10).login(USER, PASSWORD, initial_folder=folder)

    def put(self, *mails: bytes) -> None:
        with self._opened("INBOX") as box:
            for mail in mails:
                box.append(mail, "INBOX", flag_set=[MailMessageFlags.ANSWERED])  # Twisted wants a flag

    def subjects(self, folder: str = "INBOX", *, flagged: bool | None = None) -> list[str]:
        with self._opened("INBOX") as box:
            if not box.folder.exists(folder):
                return []
            box.folder.set(folder)
            found = list(box.fetch(mark_seen=False))
            return [one.subject for one in found if flagged is None or ("\\Flagged" in one.flags) == flagged]


@contextmanager
def imap_server() -> Iterator[ImapBox]:
    """Runs a server in a process of its own for the block."""
    root = Path(__file__).parents[2]
    child = subprocess.Popen([sys.executable, "-m", "tests.servers.imap"], cwd=root, stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None
        yield ImapBox(int(child.stdout.readline()))
    finally:
        child.terminate()
        child.wait(timeout=10)
        assert child.stdout is not None
        child.stdout.close()


if __name__ == "__main__":
    main()
