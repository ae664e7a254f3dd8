"""Counts, and changes an entry under a condition, with gRPC alone: no modal, no package of Everdict's.

    pip install grpcio grpcio-tools
    python examples/grpc/counter.py

The messages are made from the files in proto/ as they stand. Keys and values are pickles, as everywhere.
"""

import os
import pickle
import sys
import time
import uuid
from pathlib import Path

import grpc

sys.path.append(str(Path(__file__).parents[2] / "proto"))
modal, modal_services = grpc.protos_and_services("modal/client/api.proto")
v1, services = grpc.protos_and_services("everdict/v1/dicts.proto")

url = os.environ["MODAL_SERVER_URL"]
channel = grpc.insecure_channel(url.removeprefix("http://"))
dicts = services.DictsStub(channel)
token = [
    ("x-modal-token-id", os.environ["MODAL_TOKEN_ID"]),
    ("x-modal-token-secret", os.environ["MODAL_TOKEN_SECRET"]),
    ("x-modal-client-type", "1"),
    ("x-modal-client-version", "1.0.0"),
]


def ask(method, request):
    """Makes a call, and makes it again under the same idempotency key if its answer is lost.

    The server remembers a key for 20 seconds at least. No attempt is under way for longer than 15 seconds after the
    first: what came later could be a second change.
    """
    metadata = token + [("x-idempotency-key", str(uuid.uuid4()))]
    ends = time.monotonic() + 15
    for left in reversed(range(4)):
        try:
            return method(request, metadata=metadata, timeout=ends - time.monotonic(), wait_for_ready=True)
        except grpc.RpcError as error:
            is_lost = error.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.INTERNAL)
            if not is_lost or left == 0 or time.monotonic() >= ends:
                raise


def dumps(value):
    return pickle.dumps(value, protocol=4)


def dict_id(name):
    request = modal.DictGetOrCreateRequest(
        deployment_name=name, object_creation_type=modal.OBJECT_CREATION_TYPE_CREATE_IF_MISSING
    )
    return ask(modal_services.ModalClientStub(channel).DictGetOrCreate, request).dict_id


def increment(dictionary, key, by=1):
    """Adds to a number where it is, so that no addition of others is lost. Returns the sum."""
    change = v1.Change(key=dumps(key), add=v1.Add(by=dumps(by)))
    answer = ask(dicts.Commit, v1.CommitRequest(dict_id=dictionary, changes=[change]))
    if answer.WhichOneof("outcome") == "refused":
        raise ValueError(f"{key} is not a number")
    return pickle.loads(answer.committed.results[0].value)


def replace(dictionary, key, change):
    """Writes what a function makes of a value. If another has written it meanwhile, the function runs again."""
    while True:
        found = ask(dicts.GetEntry, v1.GetEntryRequest(dict_id=dictionary, key=dumps(key)))
        if found.HasField("entry"):
            value = change(pickle.loads(found.entry.value))
            condition = v1.Condition(key=dumps(key), version=found.entry.version)
        else:
            value = change(None)
            condition = v1.Condition(key=dumps(key), absent=True)
        put = v1.Change(key=dumps(key), put=v1.Put(value=dumps(value)))
        request = v1.CommitRequest(dict_id=dictionary, conditions=[condition], changes=[put])
        if ask(dicts.Commit, request).WhichOneof("outcome") == "committed":
            return value


def main():
    visits = dict_id("visits")
    for page in ["home", "about", "home"]:
        increment(visits, page)
    longest = replace(visits, "longest", lambda present: max(present or "", "about", key=len))
    keys = [dumps(page) for page in ["home", "about", "nowhere"]]
    # Large values may come in several answers: fewer than asked for means that the rest is to be asked for again.
    found = ask(dicts.GetMany, v1.GetManyRequest(dict_id=visits, keys=keys)).values
    counts = [pickle.loads(each.value) if each.HasField("value") else None for each in found]
    print("home, about, nowhere:", *counts)
    print("longest:", longest)


if __name__ == "__main__":
    main()
