"""CPython as the judge of the codec: one long-lived process that answers requests on its standard input.

A request is a line of JSON with a `do`; the answer is a line of JSON. Values are described as graphs (see
value-specs.ts), which both sides build on their own.
"""

import array
import base64
import collections
import datetime
import io
import json
import os
import pathlib
import pickle
import re
import sys
import traceback
import uuid

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import oracle_types  # noqa: E402
from oracle_build import LEAVES, build, exception_names, numpy, unhex_float, zoneinfo  # noqa: E402
from oracle_compare import difference  # noqa: E402
from oracle_inert import load_inert  # noqa: E402

try:
    import cloudpickle
except ImportError:
    cloudpickle = None

if hasattr(sys, "set_int_max_str_digits"):
    sys.set_int_max_str_digits(0)
sys.setrecursionlimit(20_000)


def about():
    return {
        "version": ".".join(map(str, sys.version_info[:3])),
        "numpy": numpy is not None and numpy.__version__,
        "cloudpickle": cloudpickle is not None and cloudpickle.__version__,
        "zoneinfo": zoneinfo is not None and bool(zoneinfo.TZPATH),
        "exceptions": exception_names(),
    }


# --- pickling, with handles by persistent id as Modal's client has them


def persistent_id(self, value):
    return value.name if isinstance(value, oracle_types.Handle) else None


HandlePickler = type("HandlePickler", (pickle.Pickler,), {"persistent_id": persistent_id})
if cloudpickle is not None:
    HandleCloudPickler = type("HandleCloudPickler", (cloudpickle.Pickler,), {"persistent_id": persistent_id})


class HandleUnpickler(pickle.Unpickler):
    def persistent_load(self, name):
        return oracle_types.handle(name)


def dump_value(value, protocol, pickler, has_handles=False):
    by_value = pickler == "cloudpickle"
    if not has_handles:
        return (cloudpickle if by_value else pickle).dumps(value, protocol=protocol)
    file = io.BytesIO()
    (HandleCloudPickler if by_value else HandlePickler)(file, protocol).dump(value)
    return file.getvalue()


def load_bytes(data):
    if cloudpickle is not None:
        # Else a class that was pickled by value would come back as the very class that it was made from.
        cloudpickle.cloudpickle._DYNAMIC_CLASS_TRACKER_BY_CLASS.clear()
        cloudpickle.cloudpickle._DYNAMIC_CLASS_TRACKER_BY_ID.clear()
    return HandleUnpickler(io.BytesIO(data)).load()


def load(data):
    return load_bytes(base64.b64decode(data))


# --- keys


def build_key(description, texts):
    """The key that a description stands for. Equal texts are one object if there is a dict of them."""
    kind, content = description
    if kind == "t":
        return tuple([build_key(item, texts) for item in content])
    if kind in "ig":
        return int(content)
    if kind == "f":
        return unhex_float(content)
    if kind == "v":
        return content
    if kind == "c":
        return LEAVES[content[0]](*content[1:])
    # Slices are new objects, but for those that are one object in Python wherever they are made.
    made = ("#" + content)[1:] if kind == "s" else bytes.fromhex("00" + content)[1:]
    return made if texts is None else texts.setdefault((kind, made), made)


def keys(cases, repeats):
    """Of [description, our bytes]: those that pickle.dumps writes otherwise."""
    wrong = []
    for at, (description, ours) in enumerate(cases):
        theirs = pickle.dumps(build_key(description, None if repeats == "copy" else {}), protocol=4)
        if theirs != base64.b64decode(ours):
            wrong.append([at, theirs.hex()])
    return wrong


def key_pickles(descriptions, repeats):
    """The pickle of each key."""
    memo = lambda: None if repeats == "copy" else {}
    keys = [pickle.dumps(build_key(each, memo()), protocol=4) for each in descriptions]
    return [base64.b64encode(key).decode() for key in keys]


# --- values


def dump(cases):
    """The pickles of [description, protocol, pickler]; None for one that Python itself cannot write and read again,
    such as a list subclass that holds itself, at protocols 0 and 1.
    """
    written = []
    for spec, protocol, pickler in cases:
        kinds = {node[0] for node in spec}
        try:
            data = dump_value(build(spec), protocol, pickler, "handle" in kinds)
        except (RecursionError, pickle.PicklingError):
            data = None
        except Exception as error:
            raise RuntimeError(f"{spec} at protocol {protocol}") from error
        # At protocols 0 and 1 Python copies the content of a list subclass that holds itself before it is complete.
        is_copied = protocol < 2 and not kinds.isdisjoint(SELF_COPYING) and data is not None
        if is_copied and difference_of(spec, lambda: load_bytes(data)) is not None:
            data = None
        written.append(data and base64.b64encode(data).decode())
    return written


SELF_COPYING = {"stack", "registry"}


def compare(cases):
    """Of [expected, pickle]: those where the pickle loads as something else, with where, or None where Python itself
    cannot write the value and read it again. Expected is a description, or a pickle as text: what Python itself makes
    of what it wrote.
    """
    wrong = []
    for at, (expected, data) in enumerate(cases):
        found = difference_of(expected, lambda: load(data))
        if found is not None:
            wrong.append([at, found if python_can(expected) else None])
    return wrong


def difference_of(expected, loaded):
    try:
        theirs = load(expected) if isinstance(expected, str) else build(expected)
        return difference(loaded(), theirs)
    except Exception:
        return traceback.format_exc(limit=3)


def python_can(expected):
    """Whether Python brings the value through its own pickles: the one that it wrote, and that of protocol 4, in which
    we write. An exception group that is part of its own exceptions is one that it does not: they are appended only
    once the group has been made. At protocol 0 some are appended one by one before, so that Python loads that alone.
    """
    pickler = "pickle" if cloudpickle is None else "cloudpickle"

    def own():
        value = load(expected) if isinstance(expected, str) else build(expected)
        return load_bytes(dump_value(value, 4, pickler, True))

    if isinstance(expected, str) and difference_of(expected, lambda: load(expected)) is not None:
        return False
    return difference_of(expected, own) is None


def compare_inert(before, after):
    """None, or where two pickles differ, of packages that need not be installed."""
    return difference(*(load_inert(base64.b64decode(data)) for data in (after, before)))


# --- scripts of single tests


def evaluate(expression, protocol, pickler="pickle"):
    """The pickle of what an expression gives; names of `run` are in scope."""
    value = eval(expression, SCRIPT_NAMES)  # noqa: S307, the tests wrote it
    return base64.b64encode(dump_value(value, protocol, pickler)).decode()


def check(data, expression):
    """Whether an expression about `value`, the loaded pickle, holds; else what `value` is."""
    value = load(data)
    holds = eval(expression, {**SCRIPT_NAMES, "value": value})  # noqa: S307
    return True if holds is True else repr(value)


SCRIPT_NAMES = {
    **{name: getattr(oracle_types, name) for name in dir(oracle_types) if not name.startswith("_")},
    "collections": collections,
    "datetime": datetime,
    "pickle": pickle,
    "pathlib": pathlib,
    "uuid": uuid,
    "re": re,
    "array": array,
    "numpy": numpy,
    "difference": difference,
}


def run(script):
    """Defines names for later expressions, as if in an interactive session."""
    main = sys.modules["__main__"].__dict__
    exec(script, main)  # noqa: S102, the tests wrote it
    SCRIPT_NAMES.update({name: main[name] for name in main if not name.startswith("_")})
    return True


HANDLERS = {f.__name__: f for f in (about, keys, key_pickles, dump, compare, compare_inert, evaluate, check, run)}


def serve():
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"ok": HANDLERS[request.pop("do")](**request)}
        except BaseException:
            answer = {"error": traceback.format_exc()}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    serve()
