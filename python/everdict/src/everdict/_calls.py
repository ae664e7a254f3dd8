"""Calls of the service `everdict.v1.Dicts`, over the connection and with the credentials of Modal's client."""

import asyncio
import time
import uuid
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


async def call(client: Any, name: str, request: Any) -> Any:
    """Makes a call and returns its answer.

    Repeated for a minute after a lost connection or answer, as when a server is restarted: all attempts have the same
    idempotency key, so the server makes the change once. Repeated as the server asks while it is overloaded.
    """
    key = str(uuid.uuid4())
    ends = time.monotonic() + _patience
    repeats, pause = 0, _first_pause
    while True:
        metadata = [("x-idempotency-key", key), ("x-retry-attempt", str(repeats))]
        try:
            return await client._call_safely(_attempt(client, name, request, metadata), name)
        except _CallError as failure:
            if failure.code == "overloaded":
                # Refused before any work.
                await asyncio.sleep(_pause_asked_for(failure.error))
                continue
            status = failure.error.status
            in_time = status in _retried_in_time and time.monotonic() < ends
            if not in_time and not (status in _retried_thrice and repeats < 3):
                raise failure.to_raise() from None
        except (StreamTerminatedError, ProtocolError, OSError, asyncio.TimeoutError, AttributeError) as failure:
            # grpclib up to 0.4.7 writes to a connection that is gone.
            if isinstance(failure, AttributeError) and "_write_appdata" not in str(failure):
                raise
            if time.monotonic() >= ends:
                raise error_of(Status.UNAVAILABLE, "unavailable", str(failure) or repr(failure)) from failure
        await asyncio.sleep(pause)
        repeats += 1
        pause = min(pause * 2, _pause_max)


async def stream(client: Any, name: str, request: Any) -> AsyncIterator[Any]:
    """Makes a call whose answer is a stream. Not repeated once it has begun."""
    channel = await client._get_channel(client.server_url)
    method = grpclib.client.UnaryStreamMethod(channel, f"/everdict.v1.Dicts/{name}", *methods[name])
    opened = None
    try:
        async with method.open() as opened:
            await opened.send_message(request, end=True)
            async for answer in opened:
                yield answer
    except GRPCError as error:
        raise _CallError(error, _code(opened)).to_raise() from None


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
