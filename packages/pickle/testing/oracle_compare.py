"""Whether two values are alike: same types, same content, and shared where the other is shared."""

import array
import collections
import datetime
import decimal
import fractions
import ipaddress
import pathlib
import re
import struct
import types
import uuid

import oracle_types
from oracle_build import is_code, numpy, zoneinfo

SCALARS = (bool, int, str, bytes, decimal.Decimal, fractions.Fraction, uuid.UUID, datetime.date, datetime.timedelta)
IPS = tuple(getattr(ipaddress, f"IPv{n}{kind}") for n in (4, 6) for kind in ("Address", "Network", "Interface"))
BY_IDENTITY = (types.BuiltinFunctionType, oracle_types.Handle)
# What Python gives every class anew.
CLASS_NOISE = {"__dict__", "__weakref__", "__doc__", "__module__", "_abc_impl", "__firstlineno__", "__static_attributes__"}


class Different(Exception):
    pass


def difference(a, b):
    """None, or where two values differ."""
    try:
        Comparison().run(a, b)
    except Different as found:
        return str(found)
    return None


class Comparison:
    """Walks two values at once, without recursion."""

    def __init__(self):
        self.left, self.right = {}, {}
        self.todo = []

    def run(self, a, b):
        self.todo.append((a, b, "value"))
        while self.todo:
            self.pair(*self.todo.pop())

    def pair(self, a, b, where):
        if type(a) is not type(b):
            # Loading a class that was pickled by value makes a class each time.
            self.expect(is_dynamic(type(a)) and is_dynamic(type(b)), f"{where}: {type(a)} is not {type(b)}")
            self.todo.append((type(a), type(b), where + ".class"))
        if a is b and self.is_one_of_a_kind(a):
            return
        if isinstance(a, BY_IDENTITY):
            self.expect(a is b, where)
        elif isinstance(a, float):
            self.expect(struct.pack("d", a) == struct.pack("d", b) or (a != a and b != b), where)
        elif isinstance(a, SCALARS + (datetime.time, complex, range, re.Pattern, pathlib.PurePath, *IPS)):
            self.scalar(a, b, where)
        elif isinstance(a, slice):
            for part in ("start", "stop", "step"):
                self.todo.append((getattr(a, part), getattr(b, part), f"{where}.{part}"))
        elif self.is_new(a, b, where):
            self.compound(a, b, where)

    def is_one_of_a_kind(self, a):
        return a is None or a is Ellipsis or a is NotImplemented or isinstance(a, (type, *BY_IDENTITY))

    def is_new(self, a, b, where):
        known = self.left.get(id(a))
        if known is None and id(b) not in self.right:
            self.left[id(a)] = (a, b)
            self.right[id(b)] = b
            return True
        # Empty tuples and the like are one object in Python, whoever made them.
        empty = isinstance(a, (tuple, frozenset)) and not a
        self.expect(empty or known is not None and known[1] is b, where + " (identity)")
        return False

    def compound(self, a, b, where):
        if isinstance(a, (bytearray, array.array)):
            self.expect(a == b and getattr(a, "typecode", None) == getattr(b, "typecode", None), where)
        elif numpy is not None and isinstance(a, (numpy.ndarray, numpy.generic, numpy.dtype)):
            self.arrays(a, b, where)
        elif zoneinfo is not None and isinstance(a, zoneinfo.ZoneInfo):
            self.expect(a.key == b.key, where)
        elif isinstance(a, oracle_types.enum.Enum):
            self.expect(a.name == b.name, where)
            self.todo.append((a.value, b.value, where + ".value"))
        elif isinstance(a, BaseException):
            self.exceptions(a, b, where)
        elif isinstance(a, (list, tuple, collections.deque)):
            self.expect(len(a) == len(b), where)
            self.expect(getattr(a, "maxlen", None) == getattr(b, "maxlen", None), where)
            self.each(a, b, where)
            self.attributes(a, b, where)
        elif isinstance(a, dict):
            self.dicts(a, b, where)
        elif isinstance(a, (set, frozenset)):
            self.expect(len(a) == len(b), where)
            self.hashed(a, b, where)
        elif isinstance(a, (types.FunctionType, types.CellType, type)) or is_code(a):
            self.code(a, b, where)
        else:
            self.attributes(a, b, where)

    def each(self, a, b, where):
        self.expect(len(a) == len(b), where)
        for index, (x, y) in enumerate(zip(a, b)):
            self.todo.append((x, y, f"{where}[{index}]"))

    def hashed(self, a, b, where):
        others = {key: key for key in b}
        for key in a:
            self.expect(key in others, f"{where}: an element or key is missing")
            self.todo.append((key, others[key], where + ".key"))

    def dicts(self, a, b, where):
        self.expect(len(a) == len(b), where)
        if isinstance(a, collections.OrderedDict):
            self.expect(list(a) == list(b), where + " (order)")
        if isinstance(a, collections.defaultdict):
            self.expect(a.default_factory is b.default_factory, where)
        self.hashed(a, b, where)
        for key in a:
            self.todo.append((dict.get(a, key), dict.get(b, key), f"{where}[{key!r:.40}]"))
        self.attributes(a, b, where)

    def attributes(self, a, b, where):
        x, y = attributes_of(a), attributes_of(b)
        self.expect(sorted(x) == sorted(y), f"{where}: attributes {sorted(x)} / {sorted(y)}")
        for name in x:
            self.todo.append((x[name], y[name], f"{where}.{name}"))

    def exceptions(self, a, b, where):
        # What pickle itself asks for: an OSError's file name is no attribute and not in `args`.
        self.each(a.__reduce_ex__(4)[1], b.__reduce_ex__(4)[1], where + ".args")
        self.attributes(a, b, where)

    def arrays(self, a, b, where):
        self.expect(a.dtype == b.dtype if not isinstance(a, numpy.dtype) else a == b, where)
        if isinstance(a, numpy.dtype):
            return
        self.expect(a.shape == b.shape, where)
        if a.dtype.hasobject:
            self.each(a.ravel().tolist(), b.ravel().tolist(), where)
            return
        self.expect(a.tobytes() == b.tobytes(), where)
        self.expect(a.flags.f_contiguous == b.flags.f_contiguous, where)

    def code(self, a, b, where):
        """Functions and classes that were pickled by value."""
        if isinstance(a, type):
            self.expect(is_dynamic(a) and is_dynamic(b) and a.__qualname__ == b.__qualname__, where)
            self.each(a.__bases__, b.__bases__, where + ".bases")
            names = [sorted(set(vars(cls)) - CLASS_NOISE) for cls in (a, b)]
            self.expect(names[0] == names[1], f"{where}: {names}")
            for name in names[0]:
                self.members(vars(a)[name], vars(b)[name], f"{where}.{name}")
        elif isinstance(a, types.CellType):
            self.todo.append((a.cell_contents, b.cell_contents, where + ".cell"))
        elif isinstance(a, types.FunctionType):
            for name in ("__name__", "__qualname__", "__code__", "__defaults__", "__kwdefaults__", "__closure__"):
                self.todo.append((getattr(a, name), getattr(b, name), f"{where}.{name}"))
            self.attributes(a, b, where)
        else:
            for name in ("co_code", "co_names", "co_varnames", "co_freevars", "co_cellvars", "co_flags", "co_argcount"):
                self.expect(getattr(a, name) == getattr(b, name), f"{where}.{name}")
            self.each(a.co_consts, b.co_consts, where + ".co_consts")

    def members(self, a, b, where):
        # Descriptors and the like are made anew by the class; what they refer to is compared elsewhere.
        if isinstance(a, (types.FunctionType, *SCALARS, tuple, list, dict)) and not where.endswith("_member_map_"):
            self.todo.append((a, b, where))

    def scalar(self, a, b, where):
        if isinstance(a, (complex, decimal.Decimal)):
            self.expect(repr(a) == repr(b), where)
        elif isinstance(a, (datetime.datetime, datetime.time)):
            self.expect(a.replace(tzinfo=None) == b.replace(tzinfo=None) and a.fold == b.fold, where)
            self.expect(repr(a.tzinfo) == repr(b.tzinfo), where)
        elif isinstance(a, re.Pattern):
            self.expect(a.pattern == b.pattern and a.flags == b.flags, where)
        else:
            self.expect(a == b, f"{where}: {a!r:.80} is not {b!r:.80}")

    def expect(self, holds, where):
        if not holds:
            raise Different(where)


def is_dynamic(cls):
    return cls.__module__ == "__main__"


def attributes_of(value):
    """The instance's dict, and what is in slots."""
    found = dict(getattr(value, "__dict__", {}))
    for cls in type(value).__mro__:
        slots = cls.__dict__.get("__slots__", ()) if cls.__module__ == "oracle_types" else ()
        found.update({name: getattr(value, name) for name in slots if name != "__dict__" and hasattr(value, name)})
    return found
