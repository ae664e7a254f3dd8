"""Handles as values: an `everdict.Dict` is stored as the handle of Modal's that it uses, so every client can read it."""

from typing import Any

from modal._serialization import Pickler

_persistent_id_of_modal = Pickler.persistent_id


def store_as_handles(*kinds: type) -> None:
    """Lets Modal's pickler write objects of these classes as their handles. Whatever else it writes stays as it is."""

    def persistent_id(pickler: Pickler, obj: Any) -> Any:
        return _persistent_id_of_modal(pickler, obj.handle if type(obj) in kinds else obj)

    Pickler.persistent_id = persistent_id
