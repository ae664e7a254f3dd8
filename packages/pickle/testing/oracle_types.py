"""Classes that pickles of the tests refer to by name."""

import collections
import dataclasses
import enum


class Color(enum.Enum):
    RED = 1
    GREEN = "green"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


Pair = collections.namedtuple("Pair", ["left", "right"])


@dataclasses.dataclass(eq=False)
class Box:
    content: object = None
    label: str = ""


class Plain:
    pass


class JobFailed(Exception):
    def __init__(self, message, code):
        super().__init__(message, code)
        self.code = code


class Stack(list):
    """A list with attributes: items and state."""


class Registry(dict):
    """A dict with attributes: entries and state."""


class Slotted:
    __slots__ = ("a", "b")


class SlottedMore(Slotted):
    """Slots and a dict: the state has both."""


class Point:
    """A class that the tests register with the codec."""

    def __init__(self):
        self.x = self.y = None


class Handle:
    """An object that pickles refer to by a persistent id."""

    def __init__(self, name):
        self.name = name


HANDLES = {}


def handle(name):
    return HANDLES.setdefault(name, Handle(name))


class Outer:
    class Inner:
        """A class inside another, which protocols before 4 cannot name."""


class WithState:
    def __init__(self):
        self.value = None

    def __getstate__(self):
        return ("v1", self.value)

    def __setstate__(self, state):
        self.value = state[1]


class Keyworded:
    def __new__(cls, first, *, second):
        self = super().__new__(cls)
        self.first, self.second = first, second
        return self

    def __init__(self, *args, **kwargs):
        pass

    def __getnewargs_ex__(self):
        return (self.first,), {"second": self.second}
