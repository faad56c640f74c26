"""Loaded by every Python process of a test run: a connection that leaves this machine is an error."""

import socket
from typing import Any

_LOCAL = {"localhost", "127.0.0.1", "::1", "0.0.0.0", ""}  # noqa: S104  a listening address, not a target
_connect = socket.socket.connect
_connect_ex = socket.socket.connect_ex
_getaddrinfo = socket.getaddrinfo


def _check(self: socket.socket, address: Any) -> None:
    if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in _LOCAL:
        raise PermissionError(f"a test run must not leave this machine: {address[0]}")


def _guarded(self: socket.socket, address: Any) -> None:
    _check(self, address)
    _connect(self, address)


def _guarded_ex(self: socket.socket, address: Any) -> int:
    _check(self, address)
    return _connect_ex(self, address)


def _resolve(host: Any, *rest: Any, **more: Any) -> Any:
    if host is not None and host not in _LOCAL and host != socket.gethostname():
        raise PermissionError(f"a test run must not leave this machine: {host}")
    return _getaddrinfo(host, *rest, **more)


socket.socket.connect = _guarded  # type: ignore[method-assign]
socket.socket.connect_ex = _guarded_ex  # type: ignore[method-assign]
socket.getaddrinfo = _resolve
