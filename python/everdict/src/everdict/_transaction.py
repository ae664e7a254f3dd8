"""Changes of several keys that are made together, or not at all."""

from typing import Any, Optional

from modal._serialization import deserialize
from modal._utils.async_utils import synchronize_api
from modal.exception import InvalidError

from . import _changes
from ._answers import Changed
from ._calls import call
from ._changes import Ttl
from ._errors import NotANumber, OutOfBounds, Refused
from ._messages import messages

# Of a key in a message.
_key_length_max = 200


class _Transaction:
    """Collects conditions and changes. `commit` checks and makes all of them at one instant, or changes nothing.

    A `with` block commits at its end; one that ends with an exception sends nothing. Of one key there may be one condition and
    one change. On a cluster, the keys of a transaction must be in one shard: a dictionary created with one shard has
    no other.

    Examples:
        with d.transaction() as t:
            t.check("alice", version=alice.version)
            t.put("alice", alice.value - 10)
            t.increment("bob", 10)
    """

    def __init__(self, handle: Any):
        self._handle = handle
        self._conditions: list = []
        self._changes: list = []
        self._condition_keys: list = []
        self._change_keys: list = []
        self._committed = False
        self._results: "Optional[list[Changed]]" = None

    def check(
        self, key: Any, *, version: Optional[str] = None, absent: bool = False, present: bool = False
    ) -> "_Transaction":
        """Asks that the entry has this version, that no live one is there, or that one is."""
        self._conditions.append(_changes.condition(key, version=version, absent=absent, present=present))
        self._condition_keys.append(key)
        return self

    def put(self, key: Any, value: Any, *, ttl: Ttl = None) -> "_Transaction":
        """Writes an entry, with a time to live in seconds if it should have one of its own."""
        return self._add(key, _changes.put(key, value, ttl))

    def remove(self, key: Any) -> "_Transaction":
        """Removes an entry, if a live one is there."""
        return self._add(key, _changes.remove(key))

    def touch(self, key: Any, *, ttl: Ttl = None) -> "_Transaction":
        """Moves the end of an entry, if a live one is there."""
        return self._add(key, _changes.touch(key, ttl))

    def increment(
        self,
        key: Any,
        by: Any = 1,
        *,
        initial: Any = None,
        min: Any = None,
        max: Any = None,
        ttl_on_create: Ttl = None,
    ) -> "_Transaction":
        """Adds to a number, as `Dict.increment`."""
        change = _changes.add(key, by, initial=initial, min=min, max=max, ttl_on_create=ttl_on_create)
        return self._add(key, change)

    @property
    def results(self) -> "Optional[list[Changed]]":
        """What became of each change, in their order. None: not committed yet."""
        return self._results

    async def commit(self) -> "list[Changed]":
        """Checks all conditions and makes all changes at one instant, or none. Returns what became of each change.

        Repeated under one idempotency key after a lost answer: the changes are made once.

        Raises:
            Refused: a condition does not hold. NotANumber, OutOfBounds: an addition is not possible. Unsupported: the
            server cannot change these keys together. Nothing was changed.
        """
        if self._committed:
            raise InvalidError("this transaction was committed or tried already: begin another")
        self._committed = True
        await self._handle.hydrate()
        client = self._handle.client
        request = messages.CommitRequest(
            dict_id=self._handle.object_id, conditions=self._conditions, changes=self._changes
        )
        answer = await call(client, "Commit", request)
        if answer.WhichOneof("outcome") == "refused":
            raise self._refusal(answer.refused)
        self._results = [_changed(each, client) for each in answer.committed.results]
        return self._results

    async def __aenter__(self) -> "_Transaction":
        return self

    async def __aexit__(self, exc_type: Any, exc: Any, traceback: Any) -> None:
        if exc_type is None and not self._committed and (self._conditions or self._changes):
            await self.commit()

    def _add(self, key: Any, change: Any) -> "_Transaction":
        self._changes.append(change)
        self._change_keys.append(key)
        return self

    def _refusal(self, refused: Any) -> Refused:
        found = _changes.version_text(refused.found_version) if refused.HasField("found_version") else None
        reasons = messages.Refused.Reason
        is_condition = refused.reason == reasons.Value("REASON_CONDITION")
        key = (self._condition_keys if is_condition else self._change_keys)[refused.index]
        # As Modal's KeyError says it.
        where = f"{_short(key)} in dict {self._handle.object_id}"
        if is_condition:
            what = "no live entry is there" if found is None else f"its version is {found}"
            kind, message = Refused, f"the condition of {where} does not hold: {what}"
        elif refused.reason == reasons.Value("REASON_OUT_OF_BOUNDS"):
            kind, message = OutOfBounds, f"the sum of {where} would be outside of the bounds"
        else:
            kind, message = NotANumber, f"the entry of {where} is no int or float"
        return kind(f"{message}; nothing was changed", key=key, index=refused.index, found=found)


def _short(key: Any) -> str:
    text = repr(key)
    return text if len(text) <= _key_length_max else f"{text[:_key_length_max]}…"


def _changed(result: Any, client: Any) -> Changed:
    version = _changes.version_text(result.version) if result.HasField("version") else None
    return Changed(version, deserialize(result.value, client) if result.HasField("value") else None)


Transaction = synchronize_api(_Transaction, target_module="everdict")
