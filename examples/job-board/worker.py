"""The writing half of the job board: Python, with Modal's own client, unmodified.

Works through a few jobs and keeps the status of each in the dict "job-board", where anybody may read it.
board.ts shows it.

Run it against a server (`npm start`), after pasting the lines that the server prints:

    pip install modal
    python examples/job-board/worker.py
"""

import datetime
import time

import modal

JOBS = {"resize-images": 4, "train-model": 6, "send-report": 2}


def now() -> datetime.datetime:
    # An aware datetime is a Date in TypeScript; a naive one names no moment.
    return datetime.datetime.now(datetime.timezone.utc)


board = modal.Dict.from_name("job-board", create_if_missing=True)
board.clear()
board.update({name: {"state": "queued", "done": 0, "steps": steps, "updated_at": now()} for name, steps in JOBS.items()})

for name, steps in JOBS.items():
    for done in range(steps + 1):
        # A put replaces the value as a whole, so a reader never sees half of an update.
        state = "done" if done == steps else "running"
        board.put(name, {"state": state, "done": done, "steps": steps, "updated_at": now()})
        time.sleep(0.05)

print(f"{len(JOBS)} jobs done")
