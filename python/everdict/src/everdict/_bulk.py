"""Calls about many entries, and how a dictionary is set up."""

import base64
import binascii
from datetime import datetime, timedelta, timezone
from typing import Any, AsyncGenerator, Iterator, Mapping, Optional

from modal._serialization import deserialize, serialize
from modal.exception import InvalidError

from . import _prefixes
from ._answers import Expiry, Page, Settings
from ._calls import call, stream
from ._changes import Ttl, milliseconds, set_ttl
from ._messages import messages

# Of one request that writes: what every server takes, less 64 KiB of room for the rest of the request.
_put_max = 10_000
_put_bytes_max = 101 * 1024 * 1024 - 64 * 1024
_put_key_bytes_max = 32 * 1024 * 1024
_put_overhead = 40
# Of one request that names keys; a server takes more.
_keys_max = 1_000
_key_bytes_max = 8 * 1024 * 1024
_epoch = datetime(1970, 1, 1, tzinfo=timezone.utc)
_policies = {"after_write": "afterWrite", "after_use": "afterUse", "never": "never"}


async def put_many(client: Any, dict_id: str, entries: Mapping, ttl: Ttl) -> None:
    """Writes entries with a time to live of their own, in as few requests as there can be."""
    # All are made before the first is sent: what cannot be written as bytes stops all of them.
    for request in list(_update_requests(dict_id, entries, ttl)):
        await call(client, "Update", request)


def _update_requests(dict_id: str, entries: Mapping, ttl: Ttl) -> "Iterator[Any]":
    """At least one: that the dictionary is not there should not go unnoticed."""
    request = messages.UpdateRequest(dict_id=dict_id)
    size = key_size = 0
    for key, value in entries.items():
        pickles = serialize(key), serialize(value)
        size += sum(map(len, pickles)) + _put_overhead
        key_size += len(pickles[0])
        count = len(request.entries)
        if count and (count == _put_max or size > _put_bytes_max or key_size > _put_key_bytes_max):
            yield request
            request = messages.UpdateRequest(dict_id=dict_id)
            size, key_size = sum(map(len, pickles)) + _put_overhead, len(pickles[0])
        set_ttl(request.entries.add(key=pickles[0], value=pickles[1]).ttl, ttl)
    yield request


async def get_many(client: Any, dict_id: str, keys: "list[Any]", default: Any) -> "list[Any]":
    """The values of keys, in their order. The server may answer for the first ones only: it is asked for the rest."""
    values: list = []
    pickles = [serialize(key) for key in keys]
    while len(values) < len(pickles):
        asked = _request_of(pickles, len(values))
        answer = await call(client, "GetMany", messages.GetManyRequest(dict_id=dict_id, keys=asked))
        for found in answer.values:
            values.append(deserialize(found.value, client) if found.HasField("value") else default)
    return values


async def remove_many(client: Any, dict_id: str, pickles: "list[bytes]") -> int:
    """Removes keys and returns how many there were."""
    removed = sent = 0
    while sent < len(pickles):
        asked = _request_of(pickles, sent)
        answer = await call(client, "RemoveMany", messages.RemoveManyRequest(dict_id=dict_id, keys=asked))
        removed += answer.removed
        sent += len(asked)
    return removed


async def with_prefix(
    client: Any, dict_id: str, prefix: Any, values: bool
) -> "AsyncGenerator[tuple[bytes, Any, Any], None]":
    """The entries whose keys begin so: the bytes of the key, the key, and the value or None."""
    request = messages.ContentsRequest(
        dict_id=dict_id, keys=True, values=values, match=_prefixes.patterns(prefix)
    )
    async for answer in stream(client, "Contents", request):
        for entry in answer.entries:
            key = deserialize(entry.key, client)
            if _prefixes.matches(prefix, key):
                yield entry.key, key, deserialize(entry.value, client) if values else None


async def page(
    client: Any, dict_id: str, prefix: Any, after: Optional[str], limit: int, values: bool
) -> Page:
    """Some entries, and where to go on. Asks on until there is one, or no more."""
    if not isinstance(limit, int) or not 1 <= limit < 2**32:
        raise InvalidError(f"limit is {limit!r}: it is a count, at least 1")
    match = [] if prefix is None else _prefixes.patterns(prefix)
    cursor = None if after is None else _cursor_bytes(after)
    while True:
        request = messages.GetPageRequest(dict_id=dict_id, match=match, after=cursor, limit=limit, values=values)
        answer = await call(client, "GetPage", request)
        entries = []
        for entry in answer.entries:
            key = deserialize(entry.key, client)
            if prefix is None or _prefixes.matches(prefix, key):
                entries.append((key, deserialize(entry.value, client) if values else None))
        cursor = answer.next if answer.HasField("next") else None
        if entries or cursor is None:
            return Page(entries, None if cursor is None else _cursor_text(cursor))


def time_of(ms: float) -> datetime:
    """A time that the server tells, in milliseconds since 1970."""
    return _epoch + timedelta(milliseconds=ms)


def expiry_message(expiry: Expiry) -> Any:
    """An expiry policy as the server takes it."""
    if expiry.policy not in _policies:
        raise InvalidError(f"{expiry.policy!r} is no expiry policy: there are {', '.join(_policies)}")
    if (expiry.policy == "never") != (expiry.ttl is None):
        raise InvalidError("an expiry has a ttl in seconds, except never")
    ttl_ms = 0 if expiry.ttl is None else milliseconds(expiry.ttl, "the ttl of an expiry")
    return messages.Expiry(policy=_policies[expiry.policy], ttl_ms=ttl_ms)


def settings_of(described: Any) -> Settings:
    """How a dictionary is set up, as the server describes it."""
    expiry = None
    if described.HasField("expiry"):
        policy = next(name for name, word in _policies.items() if word == described.expiry.policy)
        expiry = Expiry(policy, None if policy == "never" else described.expiry.ttl_ms / 1000)
    return Settings(expiry, described.durability if described.HasField("durability") else None)


def _request_of(pickles: "list[bytes]", start: int) -> "list[bytes]":
    """As many keys as go into one request, at least one."""
    end, size = start + 1, len(pickles[start])
    while end < len(pickles) and end - start < _keys_max and size + len(pickles[end]) <= _key_bytes_max:
        size += len(pickles[end])
        end += 1
    return pickles[start:end]


def _cursor_text(found: bytes) -> str:
    return base64.urlsafe_b64encode(found).decode().rstrip("=")


def _cursor_bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, TypeError, binascii.Error):
        raise InvalidError("`after` is no cursor: it is the `next` of a page") from None
