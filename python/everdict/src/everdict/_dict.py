"""Modal's Dict with what an Everdict server can do besides."""

import asyncio
import inspect
import itertools
import random
import time
from typing import Any, AsyncGenerator, Callable, Iterable, Mapping, Optional

from modal._serialization import deserialize, serialize
from modal._utils.async_utils import synchronize_api
from modal.exception import InvalidError

from . import _bulk, _changes
from ._answers import REMOVED, Entry, Expiry, Page, Settings, Stats
from ._calls import call
from ._changes import Ttl
from ._errors import Refused
from ._messages import messages
from ._modal_dict import DictManager, _ModalDict, modal_skips
from ._stored_handles import store_as_handles
from ._transaction import _Transaction



class _NotGiven:
    def __repr__(self) -> str:
        return "..."


_not_given = _NotGiven()
_spread_max = 64
_spread_of_old = 8


class _Dict(_ModalDict):
    """Modal's `Dict`, and what only an Everdict server can do.

    The methods of `modal.Dict` take, return and send what they do there. What is added raises `everdict.Unsupported` on a
    server that does not know it. Each method has an `.aio` form, as in Modal.

    Examples:
        d = everdict.Dict.from_name("jobs", create_if_missing=True)
        d.put("session", "…", ttl=30)
        d.increment("visits")
    """

    async def put(
        self,
        key: Any,
        value: Any,
        *,
        skip_if_exists: bool = False,
        only_if_exists: bool = False,
        if_version: Any = _not_given,
        ttl: Ttl = None,
    ) -> bool:
        """Writes an entry. Returns whether it was written: False if a condition does not hold.

        Args:
            skip_if_exists: Only if no live entry is there.
            only_if_exists: Only if a live entry is there.
            if_version: Only if the entry has this version, which `entry` told.
            ttl: How long it lives, in seconds, rounded to milliseconds, from 1 millisecond to 100 years;
                `everdict.NEVER`: without end; None: as the policy says. It holds until the entry is written again.
                If entries live after their use, a use renews by it.
        """
        version = _version_in(if_version)
        conditions = sum(map(bool, (skip_if_exists, only_if_exists, version is not None)))
        if conditions > 1:
            raise InvalidError("skip_if_exists, only_if_exists and if_version exclude each other: give one of them")
        is_modals = ttl is None and not only_if_exists and version is None
        if is_modals and (modal_skips or not skip_if_exists):
            return await super().put(key, value, skip_if_exists=skip_if_exists)
        if conditions == 0:
            await self.put_many({key: value}, ttl=ttl)
            return True
        transaction = _Transaction(self._handle).put(key, value, ttl=ttl)
        transaction.check(key, version=version, absent=skip_if_exists, present=only_if_exists)
        return await _was_committed(transaction)

    async def put_many(self, entries: Mapping, *, ttl: Ttl = None) -> None:
        """Writes many entries, with a time to live as in `put`.

        More than 10,000 of them, or more than 100 MiB, travel in several parts, one after another. Each part is written
        all or nothing; if one fails, those before it are written, and those after it are not.
        """
        if not isinstance(entries, Mapping):
            raise InvalidError(f"entries is {type(entries).__name__}: it is a dict, or another mapping")
        client, dict_id = await self._open()
        await _bulk.put_many(client, dict_id, entries, ttl)

    async def pop(self, key: Any, default: Any = _not_given, *, if_version: Any = _not_given) -> Any:
        """Removes an entry and returns its value. Of several callers at once only one gets it.

        Args:
            default: What is returned if no live entry is there, or one of another version. Without it: KeyError.
            if_version: Only if the entry has this version.
        """
        version = _version_in(if_version)
        if version is None:
            try:
                return await super().pop(key)
            except KeyError:
                if default is _not_given:
                    raise
                return default
        found = await self.entry(key)
        # The value of a version never changes.
        if found is not None and found.version == version and await self.remove(key, if_version=version):
            return found.value
        if default is _not_given:
            raise KeyError(f"{key} not in dict {self._handle.object_id} with version {version}")
        return default

    async def remove(self, key: Any, *, if_version: Any = _not_given) -> bool:
        """Removes an entry. Returns whether a live one was there, and had the version if one is given."""
        version = _version_in(if_version)
        transaction = _Transaction(self._handle).remove(key)
        if version is not None:
            transaction.check(key, version=version)
        return await _was_committed(transaction) and transaction.results[0].version is not None

    async def entry(self, key: Any) -> Optional[Entry]:
        """A live entry with its version and its end, or None. Counts as use."""
        client, dict_id = await self._open()
        answer = await call(client, "GetEntry", messages.GetEntryRequest(dict_id=dict_id, key=serialize(key)))
        if not answer.HasField("entry"):
            return None
        found = answer.entry
        ends = _bulk.time_of(found.expires_at_ms) if found.HasField("expires_at_ms") else None
        return Entry(key, deserialize(found.value, client), _changes.version_text(found.version), ends)

    async def modify(
        self,
        key: Any,
        function: Callable[[Any], Any],
        *,
        default: Any = None,
        ttl: Ttl = None,
        attempts_max: Optional[int] = None,
    ) -> Any:
        """Replaces a value by what a function makes of it. The function may run several times: it must have no side effects.

        Returns what was written, or None if the entry was removed. No change of others in between is lost: if there was
        one, the function runs again with what is there then.

        Args:
            function: Takes the value and returns the next one, or `everdict.REMOVED` to remove the entry. Not an async one:
                it would run on the loop of Modal's client.
            default: What the function takes if no live entry is there.
            ttl: Of the entry that is written, as in `put`.
            attempts_max: How often the function may run, at least once; None: until it is written.

        Raises:
            Refused: others changed the entry during each of the attempts. Nothing was changed.
        """
        _check_modify(function, attempts_max)
        for attempt in itertools.count(1):
            began = time.monotonic()
            found = await self.entry(key)
            value = default if found is None else found.value
            # In a thread of its own: a function that waits holds up no other call.
            following = await asyncio.to_thread(function, value)
            if inspect.iscoroutine(following):
                following.close()
                raise _is_async(function)
            if following is REMOVED and found is None:
                return None
            transaction = _Transaction(self._handle)
            transaction.check(key, version=found and found.version, absent=found is None)
            if following is REMOVED:
                transaction.remove(key)
            else:
                transaction.put(key, following, ttl=ttl)
            try:
                await transaction.commit()
                return None if following is REMOVED else following
            except Refused:
                if attempt == attempts_max:
                    raise
            await asyncio.sleep(_pause(attempt, time.monotonic() - began))

    async def increment(
        self,
        key: Any,
        by: Any = 1,
        *,
        initial: Any = None,
        min: Any = None,
        max: Any = None,
        ttl_on_create: Ttl = None,
    ) -> Any:
        """Adds to an int or a float, and returns the sum. Others read it as a plain number, and may set it.

        Args:
            by: What to add, an int or a float.
            initial: What an absent entry counts as; None: 0.
            min: The least sum that is allowed; None: any.
            max: The greatest sum that is allowed; None: any.
            ttl_on_create: Of an entry that this creates, as in `put`. The end of an entry that is there does not move.

        Raises:
            NotANumber: the entry holds something else. OutOfBounds: the sum is outside of the bounds. Nothing was changed.
        """
        transaction = _Transaction(self._handle).increment(
            key, by, initial=initial, min=min, max=max, ttl_on_create=ttl_on_create
        )
        return (await transaction.commit())[0].value

    async def touch(self, key: Any, *, ttl: Ttl = None) -> bool:
        """Moves the end of an entry: `ttl` seconds from now, or as the policy says. Returns whether a live one is there."""
        transaction = _Transaction(self._handle).touch(key, ttl=ttl)
        return (await transaction.commit())[0].version is not None

    def transaction(self) -> _Transaction:
        """Collects conditions and changes of several keys, which are made together or not at all."""
        return _Transaction(self._handle)

    async def get_many(self, keys: Iterable[Any], default: Any = None) -> "list[Any]":
        """The values of many keys, in their order; `default` where no live entry is. Counts as use."""
        listed = _keys_in(keys)
        client, dict_id = await self._open()
        return await _bulk.get_many(client, dict_id, listed, default)

    async def remove_many(
        self, keys: Optional[Iterable[Any]] = None, *, prefix: Any = None, dry_run: bool = False
    ) -> int:
        """Removes many entries, each by itself. Returns how many there were.

        Args:
            keys: Which ones.
            prefix: Instead of keys: all whose string begins so, or whose tuple has these first elements.
            dry_run: Counts them and removes nothing.
        """
        if (keys is None) == (prefix is None):
            raise InvalidError("give either keys or prefix")
        listed = [] if keys is None else _keys_in(keys)
        client, dict_id = await self._open()
        if prefix is not None:
            found = _bulk.with_prefix(client, dict_id, prefix, values=False)
            pickles = [pickle async for pickle, _, _ in found]
            return len(pickles) if dry_run else await _bulk.remove_many(client, dict_id, pickles)
        named = {serialize(key): key for key in listed}
        if dry_run:
            return sum([await self.contains(key) for key in named.values()])
        return await _bulk.remove_many(client, dict_id, list(named))

    async def keys(self, *, prefix: Any = None) -> AsyncGenerator[Any, None]:
        """The keys, in no particular order; with `prefix` only those that begin so, found where the entries are."""
        async for key, _ in self._contents(prefix, values=False):
            yield key

    async def values(self, *, prefix: Any = None) -> AsyncGenerator[Any, None]:
        """The values, as `keys`."""
        async for _, value in self._contents(prefix, values=True):
            yield value

    async def items(self, *, prefix: Any = None) -> AsyncGenerator[Any, None]:
        """Keys and values, as `keys`."""
        async for entry in self._contents(prefix, values=True):
            yield entry

    async def page(
        self, *, prefix: Any = None, after: Optional[str] = None, limit: int = 100, values: bool = True
    ) -> Page:
        """Some entries, and where to go on. An entry that is there throughout is on exactly one of the pages.

        Args:
            prefix: Only keys that begin so.
            after: The `next` of the page before. None: from the beginning.
            limit: How many entries at most. A page may have fewer although more follow, but none only at the end.
            values: Whether values are wanted.
        """
        client, dict_id = await self._open()
        return await _bulk.page(client, dict_id, prefix, after, limit, values)

    async def stats(self) -> Stats:
        """How much is in the dictionary, in constant time."""
        client, dict_id = await self._open()
        answer = await call(client, "GetStats", messages.GetStatsRequest(dict_id=dict_id))
        return Stats(int(answer.entries), int(answer.bytes) if answer.HasField("bytes") else None)

    async def settings(self) -> Settings:
        """How the dictionary is set up."""
        client, dict_id = await self._open()
        return _bulk.settings_of(await call(client, "GetInfo", messages.GetInfoRequest(dict_id=dict_id)))

    async def configure(
        self, *, expiry: Optional[Expiry] = None, durability: Optional[str] = None
    ) -> Settings:
        """Changes how the dictionary is set up, for what is written or used from now on. What is left out stays."""
        client, dict_id = await self._open()
        request = messages.ConfigureRequest(dict_id=dict_id, durability=durability)
        if expiry is not None:
            request.expiry.CopyFrom(_bulk.expiry_message(expiry))
        return _bulk.settings_of(await call(client, "Configure", request))

    async def _contents(self, prefix: Any, values: bool) -> AsyncGenerator[Any, None]:
        if prefix is not None:
            client, dict_id = await self._open()
            async for pickle, key, value in _bulk.with_prefix(client, dict_id, prefix, values):
                yield key, value
        elif values:
            async for entry in super().items():
                yield entry
        else:
            async for key in super().keys():
                yield key, None


def _keys_in(keys: Any) -> "list[Any]":
    # A text is an iterable of other keys, and it is seldom meant so.
    if isinstance(keys, (str, bytes, bytearray, memoryview)):
        raise InvalidError(f"keys is {keys!r}: it is a list of keys, as [{keys!r}]")
    if not isinstance(keys, Iterable):
        raise InvalidError(f"keys is {keys!r}: it is a list of keys, or another iterable")
    return list(keys)


def _version_in(if_version: Any) -> Optional[str]:
    # None is no version: a version that a program forgot to find must not mean that any will do.
    if if_version is _not_given:
        return None
    _changes.version_bytes(if_version)
    return if_version


def _check_modify(function: Any, attempts_max: Any) -> None:
    if not callable(function):
        raise InvalidError(f"function is {function!r}: it is a function of the value")
    if inspect.iscoroutinefunction(function):
        raise _is_async(function)
    is_count = isinstance(attempts_max, int) and not isinstance(attempts_max, bool)
    if attempts_max is not None and not (is_count and attempts_max >= 1):
        raise InvalidError(f"attempts_max is {attempts_max!r}: it is a count, at least 1, or None")


def _is_async(function: Any) -> InvalidError:
    return InvalidError(
        f"function is {function!r}, which is async: it must return the next value itself; nothing was changed"
    )


def _pause(attempt: int, took: float) -> float:
    """How long to wait after an attempt that took so long: anywhere in a spread of attempts.

    The spread grows, so that many callers come apart, and shrinks again for those that have waited for long, so that
    newcomers do not overtake them for ever.
    """
    grown = 2 ** min(attempt, 30)
    spread = grown if grown <= _spread_max else max(_spread_of_old, _spread_max**2 / grown)
    return random.random() * spread * min(max(took, 0.0005), 0.25)


async def _was_committed(transaction: _Transaction) -> bool:
    try:
        await transaction.commit()
        return True
    except Refused:
        return False


Dict = synchronize_api(_Dict, target_module="everdict")
Dict.objects = DictManager(Dict)
# As an argument a handle arrives as the class that `synchronize_api` took.
store_as_handles(Dict, _Dict)
