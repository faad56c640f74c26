"""HTTP for model calls: aiohttp behind the openai client, without redirects, proxies or endless bodies."""

from __future__ import annotations

import aiohttp
import httpx2

MAX_BODY_BYTES = 4_000_000
_CHUNK = 1 << 16


class RefusedBody(httpx2.TransportError):
    """The reply was too long, or encoded so that its length cannot be bounded."""


class Transport(httpx2.AsyncBaseTransport):
    """One connection pool for one endpoint.

    A redirect is returned as what it is, never followed: the body of a call holds conversations and goes to the
    configured host alone. Proxy variables of the environment are not read.
    """

    def __init__(self, max_bytes: int = MAX_BODY_BYTES) -> None:
        self._max_bytes = max_bytes
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request and read its whole reply, up to the cap.

        Raises:
            httpx2.TransportError: the connection failed or the reply cannot be read.
        """
        if self._session is None:
            # deadlines are the caller's: it bounds whole calls, not reads
            self._session = aiohttp.ClientSession(auto_decompress=False, timeout=aiohttp.ClientTimeout(total=None), trust_env=False)
        headers = {k: v for k, v in request.headers.items() if k != "accept-encoding"} | {"accept-encoding": "identity"}
        try:
            async with self._session.request(request.method, str(request.url), headers=headers, data=request.content, allow_redirects=False) as reply:
                body = await self._body(reply)
                return httpx2.Response(reply.status, headers=reply.raw_headers, content=body, request=request)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise httpx2.TransportError(type(error).__name__) from None

    async def _body(self, reply: aiohttp.ClientResponse) -> bytes:
        if reply.headers.get("content-encoding", "identity") != "identity":
            raise RefusedBody("a compressed reply that was not asked for")
        chunks, size = [], 0
        async for chunk in reply.content.iter_chunked(_CHUNK):
            size += len(chunk)
            if size > self._max_bytes:
                raise RefusedBody(f"a reply of more than {self._max_bytes} bytes")
            chunks.append(chunk)
        return b"".join(chunks)

    async def aclose(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()
