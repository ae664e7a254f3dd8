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
_patience = 60.0
# A server may do these twice, unless it knows the idempotency key.
_under_key = {"Commit", "RemoveMany"}
# It remembers a key for 20 seconds at least, which leaves a repeat 5 to get there.
_doubt_max = 15.0
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


class _TooLate(Exception):
    """An attempt that was not sent, because the server may have forgotten those before it."""


_failures = (_CallError, _TooLate, StreamTerminatedError, ProtocolError, OSError, asyncio.TimeoutError, AttributeError)


async def call(client: Any, name: str, request: Any) -> Any:
    """Makes a call and returns its answer.

    Repeated for a minute after a lost connection or answer, as when a server is restarted, and as the server asks while
    it is overloaded. A change that the server would not make twice by itself has the same idempotency key in all
    attempts, and none is sent later than 15 seconds after the first that may have been applied.
    """
    key = str(uuid.uuid4())
    attempts = _Attempts(name in _under_key)
    while True:
        metadata = [("x-idempotency-key", key), ("x-retry-attempt", str(attempts.failed))]
        try:
            return await client._call_safely(_attempt(client, name, request, metadata, attempts), name)
        except _failures as failure:
            await attempts.pause_after(failure)


async def stream(client: Any, name: str, request: Any) -> AsyncIterator[Any]:
    """Makes a call whose answer is a stream. Repeated as `call`, until the first part has come."""
    attempts = _Attempts(is_under_key=False)
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

    def __init__(self, is_under_key: bool) -> None:
        self.failed = 0
        self._is_under_key = is_under_key
        self._ends: Optional[float] = None
        self._pause = _first_pause
        self._sent: Optional[float] = None
        self._in_doubt: Optional[float] = None

    def begin_to_send(self) -> None:
        """Says that an attempt is sent now. Raises if that is too late."""
        if self._is_too_late(0):
            # In newer releases of modal its own errors are also GRPCErrors, which count as the server's here.
            raise _TooLate
        self._sent = time.monotonic()

    async def pause_after(self, failure: Exception) -> None:
        """Waits before the next attempt. Raises if there is to be none."""
        if isinstance(failure, _TooLate):
            raise _unknown_outcome() from None
        sent, self._sent = self._sent, None
        # That says that nothing was done by this attempt. An earlier one stays in doubt.
        is_overloaded = isinstance(failure, _CallError) and failure.code == "overloaded"
        if not is_overloaded and not self._may_repeat(failure):
            raise _to_raise(failure) from None
        if not is_overloaded and self._in_doubt is None:
            self._in_doubt = sent
        pause = _pause_asked_for(failure.error) if is_overloaded else self._pause
        if self._is_too_late(pause):
            raise _unknown_outcome() from None
        await asyncio.sleep(pause)
        if not is_overloaded:
            self.failed += 1
            self._pause = min(self._pause * 2, _pause_max)

    def _is_too_late(self, pause: float) -> bool:
        if not self._is_under_key or self._in_doubt is None:
            return False
        return time.monotonic() + pause > self._in_doubt + _doubt_max

    def _may_repeat(self, failure: Exception) -> bool:
        if isinstance(failure, _CallError) and failure.error.status in _retried_thrice:
            return self.failed < 3
        if self._ends is None:
            self._ends = time.monotonic() + _patience
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


def _unknown_outcome() -> Exception:
    return error_of(
        Status.UNAVAILABLE,
        "unavailable",
        f"the outcome is unknown: the call was sent and not answered, and after {_doubt_max:.0f} seconds the server may have "
        "forgotten its idempotency key, so it was not made again; it may have been applied",
    )


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


async def _attempt(
    client: Any, name: str, request: Any, metadata: "list[tuple[str, str]]", attempts: _Attempts
) -> Any:
    channel = await client._get_channel(client.server_url)
    method = grpclib.client.UnaryUnaryMethod(channel, f"/everdict.v1.Dicts/{name}", *methods[name])
    opened = None
    try:
        async with method.open(metadata=metadata) as opened:
            # First the headers, for which a connection is made: until the message is sent, nothing can be applied.
            await opened.send_request()
            attempts.begin_to_send()
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
