"""A long-lived Python that runs snippets for tests: one JSON object a line in, one a line out.

Starting Python and importing modal takes half a second, a call takes a millisecond; so hundreds of cases share
one process. Each snippet runs in the scope it names, where its variables stay for the next snippet; the value
of its last expression is answered as its repr, and as JSON where JSON can hold it.
"""

import ast
import asyncio
import json
import os
import sys
import traceback
import warnings

import modal

# The answers travel on the original standard output; whatever else prints goes to standard error.
answers = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="surrogatepass")
os.dup2(2, 1)
warnings.simplefilter("ignore")


def same(a, b, seen=None):
    """Deep equality that also wants equal types, and tells -0.0 from 0.0 and takes nan for nan."""
    seen = {} if seen is None else seen
    if type(a) is not type(b):
        return False
    if isinstance(a, float):
        return repr(a) == repr(b)
    if (id(a), id(b)) in seen:
        return True
    seen[(id(a), id(b))] = (a, b)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(same(x, y, seen) for x, y in zip(a, b))
    if isinstance(a, dict):
        pairs = zip(a.items(), b.items())
        return len(a) == len(b) and all(same(k, l, seen) and same(v, w, seen) for (k, v), (l, w) in pairs)
    if isinstance(a, (set, frozenset)):
        return same(sorted(a, key=repr), sorted(b, key=repr), seen)
    if hasattr(a, "utcoffset"):
        return a == b and a.utcoffset() == b.utcoffset()
    return bool(a == b)


def run(coroutine):
    """Runs a coroutine to its end, for snippets that use the `.aio` forms at once."""
    return asyncio.run(coroutine)


# What every snippet finds. modal's deprecation warnings look at the caller's module name.
given = {"__name__": "__main__", "modal": modal, "json": json, "same": same, "run": run}


def evaluate(code, scope):
    """Executes the code; answers the value of its last expression, or None."""
    tree = ast.parse(code)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<snippet>", "exec"), scope)
    return None if last is None else eval(compile(ast.Expression(last.value), "<snippet>", "eval"), scope)


def answer(request, scopes):
    if request.get("forget"):
        scopes.pop(request["scope"], None)
        return {"repr": "None", "json": None}
    scope = scopes.setdefault(request["scope"], dict(given))
    scope.update(request["variables"])
    try:
        value = evaluate(request["code"], scope)
    except BaseException as error:
        return {
            "error": {
                "classes": [each.__name__ for each in type(error).__mro__],
                "message": str(error),
                "traceback": traceback.format_exc(),
            }
        }
    try:
        as_json = json.loads(json.dumps(value, allow_nan=False))
    except Exception:
        as_json = None
    return {"repr": "…" if sys.getsizeof(value) > 1_000_000 else repr(value)[:100_000], "json": as_json}


def main():
    scopes = {}
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps({"id": request["id"], **answer(request, scopes)}), file=answers, flush=True)


main()
