"""Modal's `Dict` with what an Everdict server can do besides: conditions, times to live, counters, reads in bulk."""

from ._answers import NEVER, REMOVED, Changed, Entry, Expiry, Page, Settings, Stats
from ._dict import Dict
from ._errors import NotANumber, OutOfBounds, Refused, Unsupported
from ._transaction import Transaction

__version__ = "0.1.0"

__all__ = [
    "NEVER",
    "REMOVED",
    "Changed",
    "Dict",
    "Entry",
    "Expiry",
    "NotANumber",
    "OutOfBounds",
    "Page",
    "Refused",
    "Settings",
    "Stats",
    "Transaction",
    "Unsupported",
]
