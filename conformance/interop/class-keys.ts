/** Statements that make a module of classes, so that Python finds them by name, and others that it pickles by value. */
export const classesOfKeys = `
import sys, types, enum, collections, dataclasses, typing
import datetime as dt, decimal, fractions, uuid, pathlib, zoneinfo, ipaddress
import numpy
shapes = types.ModuleType("shapes")
sys.modules["shapes"] = shapes
exec('''
import collections, dataclasses, enum, typing
class Color(enum.Enum):
    RED = "red"
    BLUE = 2
class Level(enum.IntEnum):
    LOW = 1
class Mode(str, enum.Enum):
    FAST = "fast"
class Flags(enum.Flag):
    A = 1
    B = 2
@dataclasses.dataclass(frozen=True)
class Point:
    x: int
    y: float = 0.5
Pair = collections.namedtuple("Pair", ["left", "right"], module="shapes")
class Span(typing.NamedTuple):
    start: int
    end: int
class Slotted:
    __slots__ = ("a",)
    def __init__(self, a): self.a = a
    def __eq__(self, other): return self.a == other.a
    def __hash__(self): return hash(self.a)
class Name(str): pass
class Count(int): pass
class Blob(bytes): pass
class Ratio(float): pass
class Plain:
    class Inner(enum.Enum):
        ONE = 1
''', shapes.__dict__)
class Script(enum.Enum):
    ON = "on"
@dataclasses.dataclass(frozen=True)
class Cell:
    row: int
    column: int
`;

/** Keys of Python's classes, as Python expressions. */
export const classKeys: readonly string[] = [
  "shapes.Color.RED",
  "shapes.Color.BLUE",
  "shapes.Level.LOW",
  "shapes.Mode.FAST",
  "shapes.Flags.A | shapes.Flags.B",
  "shapes.Plain.Inner.ONE",
  "shapes.Point(1)",
  "shapes.Point(2, 1.0)",
  "shapes.Pair('a', 'b')",
  "shapes.Pair('ab', 'ab')",
  "shapes.Span(1, 2)",
  "shapes.Slotted('a')",
  "shapes.Name('ann')",
  "shapes.Count(7)",
  "shapes.Blob(b'x')",
  "shapes.Ratio(1.0)",
  "Script.ON",
  "Cell(1, 2)",
  "frozenset()",
  "frozenset({'a'})",
  "frozenset({1, 2, 3})",
  "frozenset({'ab', 'cd', ('ef', 1)})",
  "dt.datetime(2024, 2, 29, 12, 30)",
  "dt.datetime(2024, 2, 29, 12, 30, 15, 123456)",
  "dt.datetime(2024, 2, 29, tzinfo=dt.timezone.utc)",
  "dt.datetime(2024, 2, 29, 1, 2, 3, 4, tzinfo=dt.timezone.utc)",
  "dt.datetime(2024, 2, 29, tzinfo=dt.timezone(dt.timedelta(hours=2), 'CEST'))",
  "dt.datetime(2024, 2, 29, tzinfo=zoneinfo.ZoneInfo('Europe/Berlin'))",
  "dt.date(2024, 2, 29)",
  "dt.time(12, 30, fold=1)",
  "dt.timedelta(days=-1, microseconds=5)",
  "dt.timezone.utc",
  "zoneinfo.ZoneInfo('Asia/Tokyo')",
  "decimal.Decimal('1.50')",
  "decimal.Decimal('NaN')",
  "uuid.UUID('12345678-1234-5678-1234-567812345678')",
  "pathlib.PurePosixPath('a/b')",
  "pathlib.PureWindowsPath('c:/x')",
  "fractions.Fraction(1, 3)",
  "1.5+2j",
  "range(0, 10, 2)",
  "ipaddress.ip_address('10.0.0.1')",
  "ipaddress.ip_network('fe80::/64')",
  "numpy.int64(5)",
  "numpy.float32(0.5)",
  "numpy.str_('np')",
  "numpy.datetime64('2024-02-29')",
  "...",
  "int",
  "('user', shapes.Color.RED)",
  "(shapes.Point(3), dt.date(2024, 2, 29), 'x', 'x')",
  "(dt.date(2024, 2, 29), dt.datetime(2024, 2, 29))",
  "('a', ('b', (frozenset({1}), uuid.UUID(int=7))))",
];
