"""A webhook carried out: one POST to the address that was looked up once, never to one inside the house."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from tailorbird.contracts.wire import Fault

__all__ = ["call", "is_public"]

PATIENCE = 15.0
"""Seconds for one attempt, as the specification suggests."""
LONGEST_HEAD = 16 * 1024
_NAT64 = ip_network("64:ff9b::/96")


async def call(
    url: str, body: bytes, headers: Mapping[str, str], private_hosts: frozenset[str], context: ssl.SSLContext
) -> int:
    """The answer's status; redirects are not followed. `private_hosts`: `host` or `host:port` that may be private.

    Raises Fault(422) for an address that may not be called, Fault(503) when nobody answers there.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    trusted = bool({host, f"{host}:{port}"} & private_hosts)
    if parts.scheme != "https" and not trusted:
        raise Fault(422, f"{url} is not https, so what is sent could be read on the way.")
    try:
        async with asyncio.timeout(PATIENCE):
            address = await _address(host, port, trusted=trusted)
            return await _post(parts, address, port, body, headers, context if parts.scheme == "https" else None)
    except (OSError, TimeoutError, EOFError, ValueError) as error:
        raise Fault(503, f"{host} could not be told: {str(error) or type(error).__name__}.") from error


def is_public(address: str) -> bool:
    """Whether the address belongs to the public network, and not to a machine, a private net or a cloud's own."""
    found: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is None and found in _NAT64:
            inner = IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return found.is_global and not found.is_multicast


async def _address(host: str, port: int, *, trusted: bool) -> str:
    """Looked up once; who connects uses this very address, so that the name can't come to mean another meanwhile."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    private = [address for address in addresses if not is_public(address)]
    if private and not trusted:
        hint = "TAILORBIRD_PROFILES_PRIVATE_HOSTS allows it."
        raise Fault(422, f"{host} leads to {private[0]}, which is not public; {hint}")
    return addresses[0]


async def _post(
    parts: SplitResult, address: str, port: int, body: bytes, headers: Mapping[str, str], context: ssl.SSLContext | None
) -> int:
    host = parts.hostname or ""
    server_name = host if context is not None else None
    reader, writer = await asyncio.open_connection(address, port, ssl=context, server_hostname=server_name)
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        lines = [f"POST {target} HTTP/1.1", f"Host: {parts.netloc}", f"Content-Length: {len(body)}"]
        lines += ["Connection: close", "User-Agent: Tailorbird"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        writer.write("\r\n".join(lines).encode("ascii") + b"\r\n\r\n" + body)
        await writer.drain()
        status = await reader.readline()
        if len(status) > LONGEST_HEAD or not status.startswith(b"HTTP/1."):
            raise ValueError("what answers there does not speak HTTP")
        return int(status.split(b" ", 2)[1])
    finally:
        writer.close()
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(1.0):
                await writer.wait_closed()
