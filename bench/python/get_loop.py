"""Gets from a Dict with Modal's own client, for as long as each line of standard input says, in seconds.

One line of JSON comes back for each: how many calls, how long they took, and this process's CPU time.
"""

import json
import sys
import time

import modal

values = modal.Dict.from_name("bench-python", create_if_missing=True)
values["key"] = {"id": 100000, "name": "value 100000 with some text", "tags": ["red", "green"], "score": 0.5}
for _ in range(20):
    assert values.get("key")["id"] == 100000
print("ready", flush=True)

for line in sys.stdin:
    wanted = float(line)
    calls = 0
    cpu = time.process_time()
    start = time.perf_counter()
    while True:
        values.get("key")
        calls += 1
        seconds = time.perf_counter() - start
        if seconds >= wanted:
            break
    print(json.dumps({"calls": calls, "seconds": seconds, "cpuSeconds": time.process_time() - cpu}), flush=True)
