"""Values from their descriptions (see value-specs.ts), for the oracle."""

import array
import builtins
import collections
import datetime
import decimal
import fractions
import ipaddress
import pathlib
import re
import struct
import types
import urllib.parse
import uuid

import oracle_types

try:
    import numpy
except ImportError:
    numpy = None
try:
    import zoneinfo
except ImportError:
    zoneinfo = None


def unhex_float(text):
    return struct.unpack(">d", bytes.fromhex(text))[0]


def nested_list(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


def ndarray(dtype, shape, order, data):
    return numpy.frombuffer(bytes.fromhex(data), dtype=dtype).copy().reshape(shape, order=order)


def object_array_in_itself():
    array = numpy.empty(1, dtype=object)
    array[0] = [array]
    return array


def unusual_array(number):
    """Arrays of types that JavaScript cannot make by itself, or in a form that is not the usual one."""
    return [
        lambda: numpy.array([1, 2], dtype=">i4"),
        lambda: numpy.array(["a", "bc"]),
        lambda: numpy.array([(1, 2.0)], dtype=[("x", "i4"), ("y", "f8")]),
        lambda: numpy.array(["2024-01-02"], dtype="datetime64[D]"),
        lambda: numpy.array([1j, 2.5]),
        lambda: numpy.array([[1, "x"], [None, 2]], dtype=object),
        lambda: numpy.complex128(1 + 2j),
        lambda: numpy.dtype("f4"),
        lambda: numpy.arange(10)[::2],
        lambda: numpy.array([(1, "ab", [(2, 3)])], dtype=[("x", "u1"), ("n", "<U2"), ("p", [("a", ">i2"), ("b", "f4")], (1,))]),
        lambda: numpy.zeros(2, dtype=numpy.dtype([("a", "i1"), ("b", "f8")], align=True)),
        lambda: numpy.array([(1, 2.0)], dtype=[("x", "i4"), ("y", "f8")])[0],
        lambda: numpy.rec.array([(1, 2.0)], dtype=[("x", "i4"), ("y", "f8")]),
        lambda: numpy.array(["2024-01-02", "NaT"], dtype="datetime64[25us]"),
        lambda: numpy.datetime64("2024-01-02T03:04", "m"),
        lambda: numpy.str_("abc"),
        lambda: numpy.bytes_(b"a\x00b"),
        lambda: numpy.zeros((2, 2), dtype=numpy.longdouble),
        lambda: numpy.matrix([[1, 2]]),
        lambda: numpy.ma.array([1, 2], mask=[0, 1]),
        lambda: object_array_in_itself(),
    ][number]()


# Classes and functions that no module has, so that cloudpickle writes them by value.


def closure(default, cell):
    def function(a, b=default, *, c=1):
        return a, b, c, cell

    return function


def dynamic_class(attribute):
    namespace = {"attribute": attribute, "method": lambda self: self.attribute, "__module__": "__main__"}
    return type("Dynamic", (oracle_types.Plain,), namespace)


DYNAMIC = {
    "enum": oracle_types.enum.Enum("DynamicColor", {"RED": 1, "BLUE": "b"}, module="__main__"),
    "namedtuple": collections.namedtuple("DynamicPair", ["x", "y"], module="__main__"),
    "dataclass": oracle_types.dataclasses.make_dataclass(
        "DynamicData", ["x", ("y", int, 3)], namespace={"total": lambda self: self.x + self.y}
    ),
    "exception": type("DynamicError", (ValueError,), {"__module__": "__main__"}),
}
DYNAMIC["dataclass"].__module__ = "__main__"


def dynamic_instance(name):
    made = DYNAMIC[name]
    return {
        "enum": lambda: made.BLUE,
        "namedtuple": lambda: made(1, "y"),
        "dataclass": lambda: made(1.5),
        "exception": lambda: made("failed", 7),
    }[name]()


LEAVES = {
    "none": lambda: None,
    "bool": lambda value: value,
    "int": int,
    "bigint": int,
    "float": unhex_float,
    "str": lambda text: "".join(list(text)),
    "longstr": lambda text, count: text * count,
    "bytes": bytes.fromhex,
    "buffer": bytes.fromhex,
    "longbytes": lambda count: bytes([7]) * count,
    "bytearray": bytearray.fromhex,
    "decimal": decimal.Decimal,
    "fraction": lambda top, bottom: fractions.Fraction(int(top), int(bottom)),
    "complex": lambda re_, im: complex(unhex_float(re_), unhex_float(im)),
    "uuid": lambda text: uuid.UUID(text),
    "date": datetime.date,
    "timedelta": datetime.timedelta,
    "utc": lambda *fields: datetime.datetime(*fields, datetime.timezone.utc),
    "naive": datetime.datetime,
    "range": lambda *parts: range(*map(int, parts)),
    "path": lambda name, *parts: getattr(pathlib, name)(*parts),
    "url": urllib.parse.urlparse,
    "regexp": re.compile,
    "jsregexp": lambda _source, _flags, pattern, flags: re.compile(pattern, flags),
    "array": lambda code, items: array.array(code, [float(i) if code in "fd" else int(i) for i in items]),
    "ellipsis": lambda: Ellipsis,
    "notimplemented": lambda: NotImplemented,
    "global": lambda name: {"len": len, "OrderedDict": collections.OrderedDict, "Plain": oracle_types.Plain}[name],
    "enum": lambda cls, name: getattr(oracle_types, cls)[name],
    "handle": oracle_types.handle,
    "ndarray": ndarray,
    "npscalar": lambda dtype, data: numpy.frombuffer(bytes.fromhex(data), dtype=dtype)[0],
    "ip": lambda name, text: getattr(ipaddress, name)(text),
    "npother": unusual_array,
    "zoneinfo": lambda key: zoneinfo.ZoneInfo(key),
    "unicodeerror": lambda name, *args: getattr(builtins, name)(*args[:1], *decoded(name, args[1:])),
    "dynamic": dynamic_instance,
    "holes": lambda count: [1, None] * count,
    "keyed": lambda number, text: {(number, (text, number)): text},
    "biglist": lambda count: list(range(count)),
    "bigtuple": lambda count: tuple(range(count)),
    "bigset": lambda count: set(range(count)),
    "bigdict": lambda count: {f"k{i}": i for i in range(count)},
    "bigmap": lambda count: {i: i for i in range(count)},
    "bigtexts": lambda count: [f"t{i}" for i in range(count)] * 2,
    "deep": nested_list,
}


def decoded(name, args):
    """A UnicodeDecodeError is about bytes, which descriptions give as hexadecimal."""
    return (bytes.fromhex(args[0]), *args[1:]) if name == "UnicodeDecodeError" else args


MUTABLE = {
    "list": lambda *_: [],
    "dict": lambda *_: {},
    "map": lambda *_: {},
    "odict": lambda *_: collections.OrderedDict(),
    "set": lambda *_: set(),
    "deque": lambda items, length: collections.deque(maxlen=length),
    "defaultdict": lambda factory, pairs: collections.defaultdict({"list": list, "int": int, "": None}[factory]),
    "box": lambda *_: oracle_types.Box(),
    "plain": lambda *_: oracle_types.Plain(),
    "inner": lambda *_: oracle_types.Outer.Inner(),
    "point": lambda *_: oracle_types.Point(),
    "slotted": lambda *_: oracle_types.Slotted(),
    "slottedmore": lambda *_: oracle_types.SlottedMore(),
    "stack": lambda *_: oracle_types.Stack(),
    "registry": lambda *_: oracle_types.Registry(),
    "withstate": lambda *_: oracle_types.WithState(),
}


def build(spec):
    """The value that a description stands for; see value-specs.ts for the order of things."""
    made = [None] * len(spec)
    for at, (kind, *parts) in enumerate(spec):
        if kind in MUTABLE:
            made[at] = MUTABLE[kind](*parts)
    for at in range(len(spec) - 1, -1, -1):
        kind, *parts = spec[at]
        if kind in LEAVES:
            made[at] = LEAVES[kind](*parts)
        elif kind not in MUTABLE:
            made[at] = IMMUTABLE[kind](made, *parts)
    for at, (kind, *parts) in enumerate(spec):
        if kind in FILLERS:
            FILLERS[kind](made[at], made, *parts)
    return made[0]


def each(made, indexes):
    return [made[i] for i in indexes]


def zoned(cls):
    return lambda made, *parts: cls(*parts[:-2], None if parts[-1] is None else made[parts[-1]], fold=parts[-2])


IMMUTABLE = {
    "tuple": lambda made, items: tuple(each(made, items)),
    "frozenset": lambda made, items: frozenset(each(made, items)),
    "namedtuple": lambda made, *parts: oracle_types.Pair(*each(made, parts)),
    "slice": lambda made, *parts: slice(*each(made, parts)),
    "counter": lambda made, counts: collections.Counter({made[key]: count for key, count in counts}),
    "timezone": lambda made, offset, name: datetime.timezone(*([made[offset]] if name is None else [made[offset], name])),
    "time": zoned(datetime.time),
    "datetime": zoned(datetime.datetime),
    "exception": lambda made, name, args, _: getattr(builtins, name)(*each(made, args)),
    "jserror": lambda made, _class, name, message, *_: getattr(builtins, name)(*[message] if message else []),
    "exceptiongroup": lambda made, name, message, errors: getattr(builtins, name)(message, each(made, errors)),
    "jobfailed": lambda made, *parts: oracle_types.JobFailed(*each(made, parts)),
    "keyworded": lambda made, first, second: oracle_types.Keyworded(made[first], second=made[second]),
    "function": lambda made, default, _: closure(made[default], None),
    "lambda": lambda made, default: lambda x=made[default]: (x, len),
    "class": lambda made, attribute: dynamic_class(made[attribute]),
    "instance": lambda made, attribute: dynamic_class(made[attribute])(),
}


def fill_pairs(target, made, pairs):
    for key, value in pairs:
        target[made[key]] = made[value]


def fill_attributes(target, made, attributes):
    for name, value in attributes:
        setattr(target, name, made[value])


def fill_items(target, made, items, *_):
    target.extend(each(made, items))


def with_note(fill):
    def filled(target, made, content, note):
        fill(target, made, content)
        if note is not None:
            target.note = made[note]

    return filled


def fill_js_error(target, made, cls, name, message, cause):
    if cls not in ("Error", name):
        target.name = cls
    if cause is not None:
        target.cause = made[cause]


def fill_function(target, made, _default, cell):
    target.__closure__[0].cell_contents = made[cell]


FILLERS = {
    "list": fill_items,
    "deque": fill_items,
    "dict": fill_pairs,
    "map": fill_pairs,
    "odict": fill_pairs,
    "set": lambda target, made, items: target.update(each(made, items)),
    "defaultdict": lambda target, made, _factory, pairs: fill_pairs(target, made, pairs),
    "box": lambda target, made, content, label: fill_attributes(vars_of(target, label=label), made, [("content", content)]),
    "plain": fill_attributes,
    "inner": fill_attributes,
    "point": lambda target, made, x, y: fill_attributes(target, made, [("x", x), ("y", y)]),
    "slotted": fill_attributes,
    "slottedmore": fill_attributes,
    "stack": with_note(fill_items),
    "registry": with_note(fill_pairs),
    "withstate": lambda target, made, value: fill_attributes(target, made, [("value", value)]),
    "exception": lambda target, made, _name, _args, attributes: fill_attributes(target, made, attributes),
    "jserror": fill_js_error,
    "function": fill_function,
    "instance": lambda target, made, attribute: fill_attributes(target, made, [("own", attribute)]),
}


def vars_of(target, **attributes):
    for name, value in attributes.items():
        setattr(target, name, value)
    return target


def exception_names():
    """The builtin exceptions that this Python has."""
    return [
        name
        for name, value in vars(builtins).items()
        if isinstance(value, type) and issubclass(value, BaseException) and value.__name__ == name
    ]


def is_code(value):
    return isinstance(value, types.CodeType)
