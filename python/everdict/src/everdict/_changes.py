"""Conditions and changes of a commit as messages."""

import math
from datetime import timedelta
from typing import Any, Optional, Union

from modal._serialization import serialize
from modal.exception import InvalidError

from ._messages import messages

#: Seconds, or a timedelta; NEVER: without end; None: as the policy of the dictionary says.
Ttl = Union[None, float, timedelta]

_version_digits = 16
# A hundred years of 365 days.
_ttl_max = 3_153_600_000


def condition(
    key: Any, *, version: Optional[str] = None, absent: bool = False, present: bool = False
) -> Any:
    """What must hold of a key: exactly one of the three."""
    if (version is not None) + bool(absent) + bool(present) != 1:
        raise InvalidError("a condition is one of version=…, absent=True and present=True")
    message = messages.Condition(key=serialize(key))
    if absent:
        message.absent = True
    elif present:
        message.present = True
    else:
        message.version = version_bytes(version)
    return message


def put(key: Any, value: Any, ttl: Ttl) -> Any:
    """Writes an entry."""
    change = messages.Change(key=serialize(key), put=messages.Put(value=serialize(value)))
    set_ttl(change.put.ttl, ttl)
    return change


def remove(key: Any) -> Any:
    """Removes an entry, if a live one is there."""
    return messages.Change(key=serialize(key), remove=messages.Remove())


def touch(key: Any, ttl: Ttl) -> Any:
    """Moves the end of a live entry."""
    change = messages.Change(key=serialize(key), touch=messages.Touch())
    set_ttl(change.touch.ttl, ttl)
    return change


def add(key: Any, by: Any, *, initial: Any, min: Any, max: Any, ttl_on_create: Ttl) -> Any:
    """Adds to a number."""
    numbers = {"by": by, "initial": initial, "min": min, "max": max}
    given = {name: _number(name, number) for name, number in numbers.items() if number is not None}
    change = messages.Change(key=serialize(key), add=messages.Add(**given))
    set_ttl(change.add.ttl_on_create, ttl_on_create, "ttl_on_create")
    return change


def version_bytes(version: Any) -> bytes:
    """The bytes of a version. Raises InvalidError if it is none."""
    digits = version if isinstance(version, str) and len(version) == _version_digits else ""
    try:
        found = bytes.fromhex(digits)
    except ValueError:
        found = b""
    if len(found) * 2 != _version_digits:
        raise InvalidError(f"{version!r} is no version: that is what `entry(key).version` says")
    return found


def version_text(found: bytes) -> str:
    """A version as programs see it."""
    return found.hex()


def set_ttl(message: Any, ttl: Ttl, name: str = "ttl") -> None:
    """Writes a time to live into its message; None leaves it out."""
    if ttl is None:
        return
    if ttl == math.inf:
        message.never = True
    else:
        message.ttl_ms = milliseconds(ttl, name, " or everdict.NEVER")


def milliseconds(ttl: Any, name: str, besides: str = "") -> int:
    """A time to live in whole milliseconds, at least one. `besides`: what else may be given, as the message says it."""
    seconds = ttl.total_seconds() if isinstance(ttl, timedelta) else ttl
    is_number = isinstance(seconds, (int, float)) and not isinstance(seconds, bool)
    if not is_number or not 0 < seconds <= _ttl_max:
        raise InvalidError(
            f"{name} is {ttl!r}: it is a number of seconds or a timedelta, more than 0 and at most {_ttl_max} seconds"
            f"{besides}"
        )
    return max(1, round(seconds * 1000))


def _number(name: str, number: Any) -> bytes:
    # Not isinstance: bool is an int for Python, but not for the server.
    if type(number) not in (int, float) or number != number:
        raise InvalidError(f"{name} is {number!r}: it is an int or a float, and not NaN")
    return serialize(number)
