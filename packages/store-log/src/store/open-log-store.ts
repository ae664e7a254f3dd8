import { createError } from "@everdict/protocol";
import type { SnapshotFiles } from "../examine/snapshot.ts";
import type { DirectoryLock } from "../files/files.ts";
import { HealthWatch } from "../files/health-watch.ts";
import { KeySecret, keySecretName, readKeySecret, writeKeySecret } from "../files/key-secret.ts";
import { makeRoomToOpen } from "../files/reserve-file.ts";
import { requireNoRestore } from "../files/restore-mark.ts";
import { watchedFiles } from "../files/watched-files.ts";
import { makeDurable } from "../recovery/make-durable.ts";
import { removeStaleHints } from "../segments/hint.ts";
import { segmentName } from "../segments/segment.ts";
import { assembleStore } from "./assemble-store.ts";
import type { LogStore } from "./log-store.ts";
import { type CompleteOptions, completeOptions, type LogStoreOptions } from "./options.ts";

/**
 * Opens the store of a directory: a log-structured hash table in plain files, created if there is none.
 *
 * Every effect is flushed to disk (`fdatasync`) before its promise resolves, and is invisible until then. In a
 * dictionary that was created with another durability it is only written at that moment. All keys are in memory, and
 * values within a budget. A directory opens after a crash as at any other time: flushed entries are there, removed ones
 * stay gone, and the torn end of the last write is cut off. A full disk opens, too: reads and removals go on, and
 * writes as soon as there is room.
 *
 * @throws `store_locked` if another process owns the directory, naming its pid; `data_loss` if files are damaged
 *   or missing, naming the place; `conflict` if a newer version wrote them; `invalid_argument` for an option out
 *   of bounds
 * @example
 * const store = await openLogStore({ directory: "data" });
 * await store.close();
 */
export async function openLogStore(options: LogStoreOptions): Promise<LogStore> {
  const given = completeOptions(options);
  const health = new HealthWatch(given.onHealth);
  const files = watchedFiles(given.files, health);
  const complete = { ...given, files };
  const { directory } = complete;
  await files.createDirectory(directory, (message) => complete.onWarning(new Error(message)));
  await makeRoomToOpen(files, directory);
  const lock = await files.lock(directory);
  try {
    await requireNoRestore(files, directory);
    return await openOwned(complete, lock, health);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/**
 * Opens a log only for reading: a snapshot. No call that writes is allowed. `reclaimed` resolves when all garbage is
 * known.
 */
export async function openSnapshotStore(
  files: SnapshotFiles,
  directory: string,
): Promise<{ readonly store: LogStore; readonly reclaimed: Promise<void> }> {
  const options = completeOptions({ directory, files, valueCacheMaxBytes: 0 });
  const health = new HealthWatch(options.onHealth);
  const lock = await files.lock();
  const parts = { options, lock, health, secret: new KeySecret() };
  const { store, reclaimer, compactor, hints } = await assembleStore(parts, async () => {});
  await compactor.stop();
  hints.disable();
  return { store, reclaimed: reclaimer.idle() };
}

async function openOwned(
  options: CompleteOptions,
  lock: DirectoryLock,
  health: HealthWatch,
): Promise<LogStore> {
  const { files, directory } = options;
  // Nothing in the log rests on it. One that cannot be read is left alone: the next start may be able to.
  const known = await readKeySecret(files, directory).catch((error: unknown) => {
    options.onWarning(secretUnread(error));
    return new KeySecret();
  });
  const secret = known ?? new KeySecret();
  const parts = { options, lock, health, secret };
  const { store, room, housekeeper, compactor, hints } = await assembleStore(parts, async (recovered) => {
    await removeStaleHints(files, recovered.segments);
    await makeDurable(recovered, files, directory);
    if (known === undefined) await writeKeySecret(files, directory, secret);
    for (const { segment, isDamaged } of recovered.headless)
      if (isDamaged) options.onWarning(headerMended(segment.number));
  });
  await room.open();
  void room.look();
  housekeeper.start();
  compactor.consider();
  hints.consider();
  return store;
}

function headerMended(number: number): Error {
  return createError(
    "data_loss",
    `the header of ${segmentName(number)} was damaged. Nothing is lost, and it was written anew, but the disk may be failing`,
  );
}

function secretUnread(error: unknown): Error {
  return createError(
    "data_loss",
    `${keySecretName} cannot be read, and the disk may be failing: ${(error as Error).message}. Nothing is lost, but until the next start no page goes on from a cursor of before`,
  );
}
