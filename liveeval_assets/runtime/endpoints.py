"""Where an endpoint is: a configured address, or an embedded server that is started for this process and dies with it."""

from __future__ import annotations

import atexit
import contextlib
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from liveeval_assets.settings import Endpoint
from liveeval_assets.shared.errors import ProviderError, SettingsError

_START_SECONDS = 60.0
_STOP_SECONDS = 5.0
_POLL_SECONDS = 0.02
# the child asks the kernel to end it with its parent, then becomes the server
_LAUNCH = (
    "import ctypes, os, sys\n"
    "if sys.platform == 'linux': ctypes.CDLL(None).prctl(1, 9)\n"
    "if os.getppid() != int(sys.argv[1]): sys.exit(1)\n"
    "os.execv(sys.executable, [sys.executable, '-m', 'liveeval_assets.simulation.server', *sys.argv[2:]])\n"
)


@dataclass(frozen=True)
class Address:
    """Where calls go and the key that they carry."""

    base_url: str
    api_key: str


def address_of(home: Path, name: str, endpoint: Endpoint) -> Address:
    """Resolve an endpoint, starting its embedded server if it has one.

    Raises:
        SettingsError: no usable address, or the variable that holds the key is not set.
        ProviderError: the embedded server did not start.
    """
    if endpoint.embedded:
        return Address(f"http://127.0.0.1:{_embedded(home, endpoint).port}/v1", "embedded")
    key = os.environ.get(endpoint.api_key_env, "") if endpoint.api_key_env else ""
    if endpoint.api_key_env and not key:
        raise SettingsError(f"llm.endpoints.{name}: the environment variable {endpoint.api_key_env} is not set; export the endpoint's key in it")
    check_url(f"llm.endpoints.{name}.base_url", endpoint.base_url, has_key=bool(key))
    return Address(endpoint.base_url, key or "none")


def check_url(setting: str, url: str, *, has_key: bool) -> None:
    """Refuse addresses that would leak a key or reach what nobody meant: only http(s), no user info, no link-local.

    Raises:
        SettingsError: with the reason; the address itself is not repeated beyond its host.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme not in {"http", "https"} or not host:
        raise SettingsError(f"{setting} must be an http(s) address such as https://api.example.com/v1")
    if parts.username is not None or parts.password is not None:
        raise SettingsError(f"{setting} must not hold a user or password; put the key into the variable named by api_key_env")
    with contextlib.suppress(ValueError):
        if ip_address(host).is_link_local:
            raise SettingsError(f"{setting}: {host} is a link-local address")
    if parts.scheme == "http" and has_key and not _is_loopback(host):
        raise SettingsError(f"{setting}: a key is never sent unencrypted; use https")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class EmbeddedServer:
    """A child process that speaks the protocol on a free port of the loopback interface."""

    def __init__(self, home: Path, role: str, recorded: Path | None) -> None:
        extra = ["--recorded", str(recorded)] if recorded else []
        command = [sys.executable, "-c", _LAUNCH, str(os.getpid()), "--home", str(home), "--port", "0", "--role", role, *extra]
        self._said = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115 - closed with the child
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self._said, text=True)  # noqa: S603
        self.port = self._first_line(role)
        self._wait(role)

    @property
    def is_alive(self) -> bool:
        """Whether the child still runs."""
        return self._process.poll() is None

    def stop(self) -> None:
        """End the child."""
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._close_pipes()

    def _first_line(self, role: str) -> int:
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        if not line.isdigit():
            raise self._failed(role)
        return int(line)

    def _wait(self, role: str) -> None:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        until = time.monotonic() + _START_SECONDS
        while self.is_alive and time.monotonic() < until:
            with contextlib.suppress(urllib.error.URLError, OSError), opener.open(f"http://127.0.0.1:{self.port}/health", timeout=1):
                return
            time.sleep(_POLL_SECONDS)
        raise self._failed(role)

    def _failed(self, role: str) -> ProviderError:
        self._process.kill()
        self._process.wait()
        self._said.seek(0)
        last = self._said.read().strip().splitlines()
        self._close_pipes()
        return ProviderError(f"the embedded server '{role}' did not start: {last[-1] if last else 'it said nothing'}")

    def _close_pipes(self) -> None:
        self._said.close()
        if self._process.stdout is not None:
            self._process.stdout.close()


_SERVERS: dict[tuple[str, str, str], EmbeddedServer] = {}
_LOCK = threading.Lock()


def _embedded(home: Path, endpoint: Endpoint) -> EmbeddedServer:
    """One server per home and role for the whole process: twelve weekly runs need not start twelve."""
    recorded = home / endpoint.recorded_file if endpoint.recorded_file else None
    key = (str(home), endpoint.embedded, str(recorded or ""))
    with _LOCK:
        server = _SERVERS.get(key)
        if server is None or not server.is_alive:
            server = _SERVERS[key] = EmbeddedServer(home, endpoint.embedded, recorded)
        return server


@atexit.register
def stop_servers() -> None:
    """End every embedded server of this process."""
    with _LOCK:
        while _SERVERS:
            _SERVERS.popitem()[1].stop()
