"""Writes pandas-fixtures.json: what pandas, networkx and scipy write, so that the tests need none of them.

    python pandas-fixtures.py write     adds the values as the pandas of this Python writes them
    python pandas-fixtures.py check     reads [value, as it was, as the codec wrote it] from standard input, a line of
                                        JSON each, and says which differ

Run with pandas 1.5, 2 and 3 (the last with pyarrow, networkx and scipy), each in an environment of its own.
"""

import base64
import json
import pathlib
import pickle
import sys
import zlib

import numpy as np
import pandas as pd

FILE = pathlib.Path(__file__).with_suffix(".json")
ZONE = "Europe/Berlin"


def with_attrs(frame):
    frame.attrs["source"] = "test"
    return frame


def values():
    frame = pd.DataFrame({"a": [1, 2], "b": [1.5, 2.0], "c": ["x", None]}, index=["r", "s"])
    levels = pd.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["l", "n"])
    yield "Timestamp", pd.Timestamp("2024-02-29 12:00:00.123456789")
    yield "Timestamp in a zone", pd.Timestamp("2024-07-01 12:00", tz=ZONE)
    yield "Timestamp in UTC", pd.Timestamp("2024-02-29", tz="UTC")
    yield "Timestamp at an offset", pd.Timestamp("1677-09-22", tz="+05:30")
    yield "Timedelta", pd.Timedelta(days=-1, hours=2, nanoseconds=5)
    yield "NaT and NA", [pd.NaT, pd.NA, pd.NaT]
    yield "Period of a month", pd.Period("2024-02", "M")
    yield "Period of a quarter", pd.Period("1969Q4", "Q")
    yield "Interval", pd.Interval(0, 1.5, "left")
    yield "RangeIndex", pd.RangeIndex(5, 0, -2, name="k")
    yield "Index of ints", pd.Index([3, 2**60], name="k")
    yield "Index of texts", pd.Index(["a", "é"])
    yield "DatetimeIndex", pd.date_range("2024", periods=2)
    yield "DatetimeIndex in a zone", pd.date_range("2024-03-30 12:00", periods=2, tz=ZONE)
    yield "TimedeltaIndex", pd.to_timedelta(["1d", None])
    yield "PeriodIndex", pd.period_range("2024", periods=2, freq="M")
    yield "MultiIndex", levels
    yield "CategoricalIndex", pd.CategoricalIndex(["a", "b", "a"])
    yield "IntervalIndex", pd.IntervalIndex.from_breaks([0, 1, 2])
    yield "Categorical", pd.Categorical(["a", None, "b"], ordered=True)
    yield "array of booleans with gaps", pd.array([True, None], dtype="boolean")
    yield "Series", pd.Series([1, 2, 3], name="n")
    yield "Series with labels", pd.Series({"r": 1.0, "s": float("nan")})
    yield "Series of moments", pd.Series(pd.to_datetime(["2024-02-29 00:00:00.5", None]))
    yield "Series of spans", pd.Series(pd.to_timedelta(["1h", None]))
    yield "Series of ints with gaps", pd.Series([1, None], dtype="UInt8")
    yield "Series of texts with gaps", pd.Series(["a", None], dtype="string")
    yield "Series of intervals", pd.Series(pd.cut([1, 5], [0, 2, 6]))
    yield "DataFrame", frame
    yield "DataFrame of one block", pd.DataFrame(np.arange(6).reshape(2, 3) / 4, columns=["x", "y", "z"])
    yield "DataFrame of every dtype", pd.DataFrame(
        {
            "i": [1, 2**60],
            "t": pd.to_datetime(["2024-02-29", None]),
            "o": [[1], {"k": 1}],
            "z": pd.to_datetime(["2024-02-29", "2024-07-01"]).tz_localize(ZONE),
            "c": pd.Categorical(["x", "y"]),
            "n": pd.array([1, None], dtype="Int64"),
            "i8": np.array([1, 2], "i1"),
            "i2": [3, 4],
            "d": pd.to_timedelta([1, None], "D"),
            "f": np.array([0.5, 1], "f4"),
        },
        index=levels,
    )
    yield "DataFrame with columns of two levels", pd.DataFrame({("a", "x"): [1], ("a", "y"): [2]})
    yield "DataFrame with columns of one name", pd.DataFrame([[1, 2.5]], columns=["a", "a"])
    yield "DataFrame, every second row", pd.DataFrame({"a": [1, 2, 3], "s": ["x", "y", "z"], "b": [4, 5, 6]}).iloc[::2, ::-1]
    yield "DataFrame with attributes", with_attrs(frame.copy())
    yield "DataFrame without anything", pd.DataFrame()
    yield "DataFrame without rows", pd.DataFrame({"a": [], "b": []})
    yield "DataFrame of many", pd.DataFrame({f"c{n}": range(12) for n in range(14)})
    yield "frames within a dict", {"frame": frame, "parts": [frame["a"], frame.index, frame.columns]}
    yield "DataFrame with a sparse column", pd.DataFrame({"a": pd.arrays.SparseArray([0, 1]), "b": [1, 2]})
    yield "sparse Series", pd.Series(pd.arrays.SparseArray([0, 0, 1]))
    yield "offset", pd.offsets.MonthEnd()


def others():
    import networkx
    import scipy.sparse

    graph = networkx.path_graph(3)
    graph.add_edge("a", 0, weight=0.5)
    yield "Graph", graph
    yield "DiGraph", networkx.DiGraph([(1, 2), (2, 1)])
    yield "MultiGraph", networkx.MultiGraph([(1, 2), (1, 2)])
    for kind in ("csr_matrix", "csc_array", "coo_matrix", "lil_matrix", "dok_matrix", "dia_matrix"):
        yield kind, getattr(scipy.sparse, kind)(np.array([[1, 0], [0, 2.5]]))
    yield "Series of pyarrow", pd.Series([1, None, 3], dtype="int64[pyarrow]")
    yield "Generator", np.random.default_rng(1)
    yield "MaskedArray", np.ma.array([1, 2], mask=[0, 1])


def write():
    fixtures = json.loads(FILE.read_text()) if FILE.exists() else {}
    rows = list(values()) + (list(others()) if pd.__version__ >= "3" else [])
    version = ".".join(pd.__version__.split(".")[:2])
    fixtures[version] = {name: packed(pickle.dumps(value, protocol=4)) for name, value in rows}
    fixtures[version]["DataFrame at protocol 2"] = packed(pickle.dumps(dict(rows)["DataFrame"], protocol=2))
    fixtures[version]["DataFrame at protocol 5"] = packed(pickle.dumps(dict(rows)["DataFrame"], protocol=5))
    FILE.write_text(json.dumps(dict(sorted(fixtures.items())), indent=1) + "\n")


def packed(data):
    return base64.b64encode(zlib.compress(data, 9)).decode()


def check():
    wrong = 0
    for line in sys.stdin:
        name, before, after = json.loads(line)
        found = difference(*(pickle.loads(base64.b64decode(data)) for data in (before, after)))
        if found is not None:
            wrong += 1
            print(name, found)
    print("all equal" if wrong == 0 else f"{wrong} differ", "for pandas", pd.__version__)
    sys.exit(wrong > 0)


def difference(a, b):
    """None, or what differs."""
    if type(a) is not type(b):
        return f"{type(a)} is not {type(b)}"
    if hasattr(a, "toarray"):
        return difference(a.toarray(), b.toarray())
    if isinstance(a, dict):
        return a.keys() != b.keys() or next(filter(None, (difference(a[key], b[key]) for key in a)), None)
    if isinstance(a, (list, tuple)):
        return len(a) != len(b) or next(filter(None, map(difference, a, b)), None)
    equal = {
        pd.DataFrame: pd.testing.assert_frame_equal,
        pd.Series: pd.testing.assert_series_equal,
        pd.Index: pd.testing.assert_index_equal,
        pd.api.extensions.ExtensionArray: pd.testing.assert_extension_array_equal,
    }
    for kind, assert_equal in equal.items():
        if isinstance(a, kind):
            assert_equal(a, b)
            return None if getattr(a, "attrs", None) == getattr(b, "attrs", None) else "attrs"
    if a is pd.NaT or a is pd.NA:
        return None if a is b else "another object"
    if isinstance(a, np.ndarray):
        return None if a.dtype == b.dtype and a.tolist() == b.tolist() else "elements"
    if hasattr(a, "adj"):
        return difference(dict(a.nodes), dict(b.nodes)) or difference(list(a.edges(data=True)), list(b.edges(data=True)))
    if hasattr(a, "bit_generator"):
        return difference(a.bit_generator.state, b.bit_generator.state)
    return None if a == b else f"{a!r} is not {b!r}"


if __name__ == "__main__":
    {"write": write, "check": check}[sys.argv[1]]()
