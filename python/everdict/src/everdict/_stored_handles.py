"""Handles as values: an `everdict.Dict` is stored as the handle of Modal's that it uses, so every client can read it."""

from typing import Any

from modal._serialization import Pickler

_persistent_id_of_modal = Pickler.persistent_id
# Modal's has nothing to say about these. Asked about every part of a value, it would take longer to say so.
_plain = frozenset({str, bytes, int, float, bool, type(None), list, tuple, dict, set})


def store_as_handles(*kinds: type) -> None:
    """Lets Modal's pickler write objects of these classes as their handles. What it writes else stays as it is."""

    def persistent_id(pickler: Pickler, obj: Any) -> Any:
        kind = type(obj)
        if kind in _plain:
            return None
        return _persistent_id_of_modal(pickler, obj.handle if kind in kinds else obj)

    Pickler.persistent_id = persistent_id
