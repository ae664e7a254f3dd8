"""Calls of the service `everdict.v1.Dicts`, over the connection and with the credentials of Modal's client."""

import asyncio
import time
import uuid
from contextlib import aclosing
from typing import Any, AsyncIterator, Optional

import grpclib.client
from grpclib import GRPCError, Status
from grpclib.exceptions import StreamTerminatedError
from h2.exceptions import ProtocolError

from ._errors import error_of
from ._messages import methods

_retried_in_time = {Status.DEADLINE_EXCEEDED, Status.UNAVAILABLE}
# Modal's client repeats these so often.
_retried_thrice = {Status.CANCELLED, Status.INTERNAL, Status.UNKNOWN}
# A server remembers a call for two minutes.
_patience = 60.0
_first_pause = 0.1
_pause_max = 1.0
_overload_pause = 0.5


class _CallError(Exception):
    """A status that the server sent, with the trailers."""

    def __init__(self, error: GRPCError, code: Optional[str]):
        super().__init__(str(error))
        self.error = error
        self.code = code

    def to_raise(self) -> Exception:
        return error_of(self.error.status, self.code, self.error.message or str(self.code))


_failures = (_CallError, StreamTerminatedError, ProtocolError, OSError, asyncio.TimeoutError, AttributeError)


async def call(client: Any, name: str, request: Any) -> Any:
    """Makes a call and returns its answer.

    Repeated for a minute after a lost connection or answer, as when a server is restarted: all attempts have the same
    idempotency key, so the server makes the change once. Repeated as the server asks while it is overloaded.
    """
    key = str(uuid.uuid4())
    attempts = _Attempts()
    while True:
        metadata = [("x-idempotency-key", key), ("x-retry-attempt", str(attempts.failed))]
        try:
            return await client._call_safely(_attempt(client, name, request, metadata), name)
        except _failures as failure:
            await attempts.pause_after(failure)


async def stream(client: Any, name: str, request: Any) -> AsyncIterator[Any]:
    """Makes a call whose answer is a stream. Repeated as `call`, until the first part has come."""
    attempts = _Attempts()
    has_begun = False
    while True:
        try:
            async with aclosing(_stream_once(client, name, request)) as answers:
                async for answer in answers:
                    has_begun = True
                    yield answer
            return
        except _failures as failure:
            if has_begun:
                raise _to_raise(failure) from None
            await attempts.pause_after(failure)


class _Attempts:
    """How often a call failed, and whether it is made again."""

    def __init__(self) -> None:
        self.failed = 0
        self._ends = time.monotonic() + _patience
        self._pause = _first_pause

    async def pause_after(self, failure: Exception) -> None:
        """Waits before the next attempt. Raises if there is to be none."""
        if isinstance(failure, _CallError) and failure.code == "overloaded":
            # Refused before any work.
            await asyncio.sleep(_pause_asked_for(failure.error))
            return
        if not self._may_repeat(failure):
            raise _to_raise(failure) from None
        await asyncio.sleep(self._pause)
        self.failed += 1
        self._pause = min(self._pause * 2, _pause_max)

    def _may_repeat(self, failure: Exception) -> bool:
        if isinstance(failure, _CallError) and failure.error.status in _retried_thrice:
            return self.failed < 3
        is_lost = not isinstance(failure, _CallError) or failure.error.status in _retried_in_time
        return is_lost and _is_of_connection(failure) and time.monotonic() < self._ends


def _is_of_connection(failure: Exception) -> bool:
    # grpclib up to 0.4.7 writes to a connection that is gone.
    return not isinstance(failure, AttributeError) or "_write_appdata" in str(failure)


def _to_raise(failure: Exception) -> Exception:
    if isinstance(failure, _CallError):
        return failure.to_raise()
    if not _is_of_connection(failure):
        return failure
    return error_of(Status.UNAVAILABLE, "unavailable", str(failure) or repr(failure))


async def _stream_once(client: Any, name: str, request: Any) -> AsyncIterator[Any]:
    channel = await client._get_channel(client.server_url)
    method = grpclib.client.UnaryStreamMethod(channel, f"/everdict.v1.Dicts/{name}", *methods[name])
    opened = None
    try:
        async with method.open() as opened:
            await opened.send_message(request, end=True)
            async for answer in opened:
                yield answer
    except GRPCError as error:
        raise _CallError(error, _code(opened)) from None


async def _attempt(client: Any, name: str, request: Any, metadata: "list[tuple[str, str]]") -> Any:
    channel = await client._get_channel(client.server_url)
    method = grpclib.client.UnaryUnaryMethod(channel, f"/everdict.v1.Dicts/{name}", *methods[name])
    opened = None
    try:
        async with method.open(metadata=metadata) as opened:
            await opened.send_message(request, end=True)
            answer = await opened.recv_message()
        return answer
    except GRPCError as error:
        raise _CallError(error, _code(opened)) from None


def _code(opened: Any) -> Optional[str]:
    trailers = getattr(opened, "trailing_metadata", None)
    return trailers.get("x-everdict-code") if trailers else None


def _pause_asked_for(error: GRPCError) -> float:
    # Older releases of modal do not read the details.
    asked = [each.retry_after_secs for each in error.details or [] if hasattr(each, "retry_after_secs")]
    return max(asked[0], 0.1) if asked else _overload_pause
