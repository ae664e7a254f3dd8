"""What the operations take and return."""

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Optional

#: A time to live that never ends.
NEVER = math.inf


class _Removed:
    def __repr__(self) -> str:
        return "everdict.REMOVED"


#: What a function given to `Dict.modify` returns to remove the entry.
REMOVED = _Removed()


@dataclass(frozen=True)
class Entry:
    """A live entry and what is known of it."""

    key: Any
    value: Any
    #: Tells this write of the entry from every other write of the key: 16 hexadecimal digits, compared for equality only.
    version: str
    #: When it ends, in UTC. None: never.
    expires_at: Optional[datetime]


@dataclass(frozen=True)
class Changed:
    """What became of one change of a transaction."""

    #: Of a put or an addition the new one, of a removal that of what was removed. None: no live entry was there.
    version: Optional[str]
    #: Of an addition: the sum.
    value: Any = None


@dataclass(frozen=True)
class Page:
    """Some entries, in an order that means nothing and stays the same."""

    #: Keys and values. Without values, each value is None.
    entries: "list[tuple[Any, Any]]"
    #: What the next page takes as `after`. None: these were the last.
    next: Optional[str]


@dataclass(frozen=True)
class Stats:
    """How much is in a dictionary."""

    #: With those that have ended and are not yet swept.
    entries: int
    #: What keys and values take where they are stored. None: the store does not know.
    bytes: Optional[int]


@dataclass(frozen=True)
class Expiry:
    """When entries without a time to live of their own end."""

    #: `after_write`, `after_use` or `never`.
    policy: str
    #: In seconds; None with `never`.
    ttl: Optional[float] = None


@dataclass(frozen=True)
class Settings:
    """How a dictionary is set up."""

    expiry: Optional[Expiry]
    #: `sync`, `everysec` or `memory`. None: the store does not tell.
    durability: Optional[str]
