"""Prefixes of keys as patterns that the server compares with the bytes of keys.

A key is the pickle of protocol 4 that Modal's client writes. Its frame has the length of the key in front, and a string
its own length, so a prefix becomes a few patterns. A pattern may match some other key too: `matches` has the last word.
"""

from typing import Any, Iterator

from modal._serialization import serialize
from modal.exception import InvalidError

from ._messages import messages

_framed = b"\x80\x04\x95"
# A string of more than 64 KiB stands outside of frames.
_unframed_string = b"\x80\x04X"
_frame_start = len(_framed) + 8
_text_max_bytes = 60_000
# More of a long prefix is not compared as bytes.
_compared_max_bytes = 1_024


def patterns(prefix: Any) -> list:
    """What the server compares. Nothing: any key may have the prefix."""
    if isinstance(prefix, str):
        return _string_patterns(prefix.encode("utf-8", "surrogatepass"))
    if isinstance(prefix, tuple) and prefix:
        return _tuple_patterns(_comparable(prefix))
    raise InvalidError("a prefix is a string, or a tuple of at least one element: the first elements of tuple keys")


def matches(prefix: Any, key: Any) -> bool:
    """Whether a key has the prefix."""
    if isinstance(prefix, str):
        return isinstance(key, str) and key.startswith(prefix)
    return isinstance(key, tuple) and key[: len(prefix)] == prefix


def _string_patterns(start: bytes) -> list:
    compared = start[:_compared_max_bytes]
    return [
        # Up to 255 bytes, up to 64 KiB, and longer.
        _pattern((0, _framed), (_frame_start, b"\x8c"), (_frame_start + 2, compared)),
        _pattern((0, _framed), (_frame_start, b"X"), (_frame_start + 5, compared)),
        _pattern((0, _unframed_string), (len(_unframed_string) + 4, compared)),
    ]


def _tuple_patterns(prefix: tuple) -> list:
    if not prefix:
        return []
    # The end is: the tuple, in the memo, stop. Tuples of up to three elements have no mark in front.
    elements = serialize(prefix)[_frame_start + (len(prefix) > 3) : -3][:_compared_max_bytes]
    marked = _pattern((0, _framed), (_frame_start, b"(" + elements))
    if len(prefix) > 3:
        return [marked]
    return [_pattern((0, _framed), (_frame_start, elements)), marked]


def _comparable(prefix: tuple) -> tuple:
    """The first elements, up to one that keys may have in other bytes.

    A text that is there twice may be one object or two, and a long text stands outside of frames.
    """
    seen: set = set()
    for count, element in enumerate(prefix):
        for leaf in _leaves(element):
            if leaf in seen or len(leaf) > _text_max_bytes:
                return prefix[:count]
            seen.add(leaf)
    return prefix


def _leaves(element: Any) -> Iterator:
    if isinstance(element, tuple):
        for each in element:
            yield from _leaves(each)
    elif isinstance(element, (str, bytes)):
        yield element


def _pattern(*parts: "tuple[int, bytes]") -> Any:
    return messages.KeyPattern(
        parts=[messages.KeyPart(offset=offset, bytes=found) for offset, found in parts if found]
    )
