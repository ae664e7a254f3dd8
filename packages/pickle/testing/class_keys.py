"""The bytes of keys, each given as a Python expression, as this Python writes them: a line of JSON in, a line out.

Each expression is evaluated on its own, so that its texts are one object where they are one in a program's source.
"""

import json
import pickle
import sys
from datetime import date, datetime, time, timedelta, timezone  # noqa: F401
from decimal import Decimal  # noqa: F401
from fractions import Fraction  # noqa: F401
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Network  # noqa: F401
from pathlib import PurePosixPath  # noqa: F401
from uuid import UUID, SafeUUID  # noqa: F401

try:
    from zoneinfo import ZoneInfo  # noqa: F401
except ImportError:
    pass


def written(expression):
    try:
        return pickle.dumps(eval(expression), protocol=4).hex()  # noqa: S307
    except NameError:
        return None


print(json.dumps([written(expression) for expression in json.loads(sys.stdin.readline())]))
