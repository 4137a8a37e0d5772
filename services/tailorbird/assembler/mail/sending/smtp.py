"""Mails handed to an SMTP server, several at once; what it took is noted before anything else is done."""

from __future__ import annotations

import asyncio
import contextlib
import os
import queue
import smtplib
import ssl
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tailorbird.assembler.mail.sending.outgoing import Outgoing, Push, mime
from tailorbird.assembler.mail.sending.post import Posted, Recovered
from tailorbird.contracts.wire import Fault

__all__ = ["Smtp"]

TIMEOUT = 30.0
TRIES = 3
PAUSE = 1.0
"""Seconds before a mail is tried again that the server could not take now."""


class Smtp:
    """Connections to one server, each used by one thread at a time."""

    def __init__(self, url: str, journal: Path, passes: int) -> None:
        parts = urlsplit(url)
        try:
            port = parts.port
        except ValueError as error:
            raise Fault(422, f"'{url}' names no port: write smtp://host:587.") from error
        if not parts.hostname:
            raise Fault(422, f"'{url}' names no host: write smtp://host:587.")
        self._host, self._secure = parts.hostname, parts.scheme == "smtps"
        self._port = port or (465 if self._secure else 587)
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._journal = journal
        journal.parent.mkdir(parents=True, exist_ok=True)
        self._noted = os.open(journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._free: queue.SimpleQueue[smtplib.SMTP] = queue.SimpleQueue()
        self._threads = ThreadPoolExecutor(passes, thread_name_prefix="smtp")
        self._free.put(self._connected())

    async def post(self, batch: str, messages: Sequence[Outgoing | Push]) -> list[Posted]:
        del batch
        loop = asyncio.get_running_loop()
        mails = [message for message in messages if isinstance(message, Outgoing)]
        return list(await asyncio.gather(*(loop.run_in_executor(self._threads, self._send, mail) for mail in mails)))

    def recovered(self) -> Iterator[Recovered]:
        lines = self._journal.read_text(encoding="ascii").splitlines()
        # Killed while it wrote, a line may lack its end.
        marks = tuple(line for line in lines if len(line) == 32)
        if marks:
            yield Recovered(f"{self._journal.stem}-{len(marks)}", marks)

    def close(self) -> None:
        self._threads.shutdown()
        while not self._free.empty():
            with contextlib.suppress(smtplib.SMTPException, OSError):
                self._free.get_nowait().quit()
        os.close(self._noted)

    def _send(self, message: Outgoing) -> Posted:
        mail = mime(message, time.time()).as_bytes()
        reason = ""
        for attempt in range(TRIES):
            if attempt:
                time.sleep(PAUSE * attempt)
            try:
                connection = self._take()
            except Fault as fault:
                reason = fault.sentence
                continue
            try:
                connection.sendmail(_address(message.sender), [message.to], mail)
            except smtplib.SMTPRecipientsRefused as refused:
                code, said = refused.recipients[message.to]
                self._give_back(connection)
                reason = f"{code} {_text(said)}"
                if code >= 500:
                    return Posted(message.mark, left=False, word="bounced", reason=reason)
            except smtplib.SMTPResponseException as refused:
                self._give_back(connection)
                reason = f"{refused.smtp_code} {_text(refused.smtp_error)}"
                if refused.smtp_code >= 500:
                    return Posted(message.mark, left=False, reason=reason)
            except (smtplib.SMTPException, OSError, ValueError) as error:
                # Whether it was taken is not known: the same Message-ID lets the receiver see that it is the same.
                connection.close()
                reason = str(error)
            else:
                os.write(self._noted, message.mark.encode() + b"\n")
                self._free.put(connection)
                return Posted(message.mark, left=True)
        return Posted(message.mark, left=False, reason=reason)

    def _take(self) -> smtplib.SMTP:
        try:
            return self._free.get_nowait()
        except queue.Empty:
            return self._connected()

    def _give_back(self, connection: smtplib.SMTP) -> None:
        try:
            connection.rset()
        except (smtplib.SMTPException, OSError):
            connection.close()
        else:
            self._free.put(connection)

    def _connected(self) -> smtplib.SMTP:
        try:
            context = ssl.create_default_context()
            if self._secure:
                connection: smtplib.SMTP = smtplib.SMTP_SSL(self._host, self._port, timeout=TIMEOUT, context=context)
            else:
                connection = smtplib.SMTP(self._host, self._port, timeout=TIMEOUT)
                connection.ehlo()
                if connection.has_extn("starttls"):
                    connection.starttls(context=context)
            if self._user:
                connection.login(self._user, self._password)
        except (smtplib.SMTPException, OSError) as error:
            raise Fault(503, f"The SMTP server {self._host}:{self._port} cannot be reached: {error}.") from error
        return connection


def _address(sender: str) -> str:
    return sender.rpartition("<")[2].rstrip(">") or sender


def _text(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said
