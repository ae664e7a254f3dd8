import { takeLock } from "@everdict/directory";
import { createError } from "@everdict/protocol";

/** How long to wait for another process, in milliseconds. What it does under the lock takes a few. */
const defaultWaitMs = 5000;

/** What this process does to the tokens of each directory, one after the other, so that it never waits for itself. */
const queues = new Map<string, Promise<void>>();

/**
 * Runs `work` while nobody else changes the tokens of a directory, in this process or in another. Files that a killed
 * process left behind do not block it.
 *
 * @throws `conflict` if another process holds the lock for longer than `waitMs`, by default 5 seconds; and what the
 *   system says, with nothing left behind
 */
export function withTokenLock<T>(
  directory: string,
  work: () => Promise<T>,
  { waitMs = defaultWaitMs }: { readonly waitMs?: number } = {},
): Promise<T> {
  const before = queues.get(directory) ?? Promise.resolve();
  const result = before.then(() => underLock(directory, work, waitMs));
  const settled = result.then(ignore, ignore);
  queues.set(directory, settled);
  void settled.then(() => {
    if (queues.get(directory) === settled) queues.delete(directory);
  });
  return result;
}

function ignore(): void {}

async function underLock<T>(directory: string, work: () => Promise<T>, waitMs: number): Promise<T> {
  const lock = await takeLock(directory, {
    kind: "tokens",
    waitMs,
    refusal: ({ description, path }) =>
      createError(
        "conflict",
        `process ${description} changes the tokens in ${directory} for more than ${waitMs} ms; ` +
          `if it is certainly gone, remove ${path}`,
      ),
  });
  try {
    return await work();
  } finally {
    await lock.release();
  }
}
