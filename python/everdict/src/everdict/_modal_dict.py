"""What `everdict.Dict` has from Modal, by asking a handle of Modal's."""

import inspect
from typing import Any, AsyncGenerator, Mapping, Optional

from modal._utils.async_utils import synchronize_api
from modal.dict import _Dict as _Handle
from synchronicity.async_wrap import asynccontextmanager


#: Whether this release of modal has `put(skip_if_exists=True)`.
modal_skips = "skip_if_exists" in inspect.signature(_Handle.put).parameters


class _ModalDict:
    """The methods of `modal.Dict`. Each sends what Modal's own sends, because Modal's own sends it."""

    def __init__(self, handle: Any):
        """Takes a handle that Modal made: `everdict.Dict(modal.Dict.from_name("jobs"))`."""
        if not isinstance(handle, _Handle):
            raise TypeError("everdict.Dict takes a modal.Dict; or use everdict.Dict.from_name")
        self._handle = handle

    @classmethod
    def from_name(cls, name: str, *data: Any, **options: Any) -> Any:
        """A dictionary by its name, looked up when it is first used. With `create_if_missing=True` it is then created."""
        return cls(_Handle.from_name(name, *data, **options))

    @classmethod
    def from_id(cls, dict_id: str, **options: Any) -> Any:
        """A dictionary by its id, which `object_id` told. Not in every release of modal."""
        return cls(_Handle.from_id(dict_id, **options))

    @classmethod
    async def lookup(cls, name: str, *data: Any, client: Any = None, **options: Any) -> Any:
        """A dictionary by its name, looked up at once. Raises NotFoundError if there is none."""
        handle = _Handle.from_name(name, *data, **options)
        await handle.hydrate(client)
        return cls(handle)

    @classmethod
    @asynccontextmanager
    async def ephemeral(cls, *data: Any, **options: Any) -> AsyncGenerator[Any, None]:
        """A dictionary without a name, which is there as long as the `with` block."""
        async with _Handle.ephemeral(*data, **options) as handle:
            yield cls(handle)

    @staticmethod
    async def delete(name: str, **options: Any) -> None:
        """Deletes a dictionary, in old releases of modal; newer ones have `objects.delete`."""
        await _Handle.delete(name, **options)

    @property
    def handle(self) -> Any:
        """The handle of Modal's that this one uses: a `modal.Dict`."""
        return self._handle

    @property
    def name(self) -> Optional[str]:
        """The name of the dictionary; None if it has none, or an old release of modal does not keep it."""
        return getattr(self._handle, "name", None)

    @property
    def object_id(self) -> str:
        """The id of the dictionary, once it was used or hydrated."""
        return self._handle.object_id

    async def hydrate(self, client: Any = None) -> Any:
        """Looks the dictionary up now, and returns this handle."""
        await self._handle.hydrate(client)
        return self

    async def info(self) -> Any:
        """As `modal.Dict.info`. Not in every release of modal."""
        return await self._handle.info()

    async def clear(self) -> None:
        """Removes all entries."""
        await self._handle.clear()

    async def get(self, key: Any, default: Any = None) -> Any:
        """The value of a key, or `default`."""
        return await self._handle.get(key, default)

    async def contains(self, key: Any) -> bool:
        """Whether a key is there."""
        return await self._handle.contains(key)

    async def len(self) -> int:
        """The number of entries, with those that have ended and are not yet swept."""
        return await self._handle.len()

    async def update(self, other: Optional[Mapping] = None, /, **entries: Any) -> None:
        """Writes many entries, all of them or none."""
        await self._handle.update(other, **entries)

    async def put(self, key: Any, value: Any, *, skip_if_exists: bool = False) -> bool:
        """Writes an entry."""
        options = {"skip_if_exists": True} if skip_if_exists else {}
        # Releases of modal before 1.0 return None.
        return await self._handle.put(key, value, **options) is not False

    async def pop(self, key: Any) -> Any:
        """Removes an entry and returns its value. Raises KeyError if no live one is there."""
        return await self._handle.pop(key)

    async def keys(self) -> AsyncGenerator[Any, None]:
        """The keys, in no particular order."""
        async for key in self._handle.keys():
            yield key

    async def values(self) -> AsyncGenerator[Any, None]:
        """The values, in no particular order."""
        async for value in self._handle.values():
            yield value

    async def items(self) -> AsyncGenerator[Any, None]:
        """Keys and values, in no particular order."""
        async for entry in self._handle.items():
            yield entry

    async def __getitem__(self, key: Any) -> Any:
        return await self._handle.__getitem__(key)

    async def __setitem__(self, key: Any, value: Any) -> None:
        await self._handle.put(key, value)

    async def __delitem__(self, key: Any) -> None:
        await self._handle.pop(key)

    async def __contains__(self, key: Any) -> bool:
        return await self._handle.contains(key)

    def __repr__(self) -> str:
        return f"everdict.Dict({self._handle!r})"

    async def _open(self) -> "tuple[Any, str]":
        """Modal's client, and the id of the dictionary."""
        await self._handle.hydrate()
        return self._handle.client, self._handle.object_id


class _DictManager:
    """`Dict.objects`: creates, lists and deletes dictionaries, as `modal.Dict.objects`. Not in every release of modal."""

    def __init__(self, wrap: Any):
        self._wrap = wrap

    async def create(self, name: str, **options: Any) -> None:
        """Creates a dictionary."""
        await _Handle.objects.create(name, **options)

    async def list(self, **options: Any) -> "list[Any]":
        """The dictionaries of an environment, newest first."""
        return [self._wrap(handle) for handle in await _Handle.objects.list(**options)]

    async def delete(self, name: str, **options: Any) -> None:
        """Deletes a dictionary and its entries."""
        await _Handle.objects.delete(name, **options)


ModalDict = synchronize_api(_ModalDict, target_module="everdict")
DictManager = synchronize_api(_DictManager, target_module="everdict")
