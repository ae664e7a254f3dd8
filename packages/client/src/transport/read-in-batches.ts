/**
 * A Node stream of objects as an async sequence of batches.
 *
 * A stream hands out its objects one by one, often many in one turn of the event loop; an await for each would
 * cost more than the object. So what arrives in one turn is handed on together. When a batch is full and the
 * consumer has not come back for it, the stream is paused, which in the end stops the sender: memory stays flat.
 * An error comes after everything that arrived before it.
 */

import type { Readable } from "node:stream";
import { inLaterTurn } from "@everdict/protocol";

const batchMaxObjects = 1000;
const batchMaxBytes = 1024 * 1024;

/** Reads a stream of objects to its end. Stopping early leaves the stream to the caller to destroy. */
export async function* readInBatches<T>(
  stream: Readable,
  sizeOf: (object: T) => number,
): AsyncGenerator<readonly T[], void, undefined> {
  let batch: T[] = [];
  let batchBytes = 0;
  let failure: unknown;
  let ended = false;
  let wake: (() => void) | undefined;
  let wakeScheduled = false;

  // Waking in a later phase of the loop lets the rest of this turn's objects join the batch.
  const scheduleWake = () => {
    if (wakeScheduled) return;
    wakeScheduled = true;
    inLaterTurn(() => {
      wakeScheduled = false;
      wake?.();
      wake = undefined;
    });
  };

  stream.on("data", (object: T) => {
    batch.push(object);
    batchBytes += sizeOf(object);
    if (batch.length >= batchMaxObjects || batchBytes >= batchMaxBytes) stream.pause();
    scheduleWake();
  });
  stream.on("error", (error: unknown) => {
    failure ??= error;
  });
  stream.on("end", () => {
    ended = true;
    scheduleWake();
  });
  stream.on("close", () => {
    if (!ended) failure ??= new Error("the stream was closed before its end");
    ended = true;
    scheduleWake();
  });

  try {
    for (;;) {
      if (batch.length > 0) {
        const full = batch;
        batch = [];
        batchBytes = 0;
        stream.resume();
        yield full;
      } else if (ended) {
        if (failure !== undefined) throw failure;
        return;
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    // A cancelled stream may still report its cancellation; nobody is interested any more.
    stream.removeAllListeners("data");
    stream.pause();
  }
}
