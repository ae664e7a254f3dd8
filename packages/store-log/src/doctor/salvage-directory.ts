import { copyFile, open, stat } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";
import { createError } from "@everdict/protocol";
import { fillDirectory } from "../backup/fill-directory.ts";
import { examineLog, type LogExamination } from "../examine/examine-log.ts";
import { readProofs } from "../examine/read-proofs.ts";
import { openSnapshot } from "../examine/snapshot.ts";
import { nodeFiles } from "../files/node-files.ts";
import { openLogStore } from "../store/open-log-store.ts";
import { type SalvagedLog, salvageLog } from "./salvage-log.ts";

/** What {@link salvageDirectory} takes. */
export interface SalvageOptions {
  /** The damaged directory. Nothing is written into it. */
  readonly directory: string;
  /** Where to; made if it is not there, else empty. Not inside of the damaged one. */
  readonly output: string;
  /** Names of other files to take along, if they are there. */
  readonly alongside?: readonly string[] | undefined;
  /** Milliseconds since the epoch. Default: `Date.now`. */
  readonly clock?: (() => number) | undefined;
}

/** A dictionary of what was saved. */
export interface SalvagedDict {
  readonly environment: string;
  /** Empty: ephemeral. */
  readonly name: string;
  /** How many entries were saved. */
  readonly entries: number;
  /** How many entries are known to be lost: in damaged records whose key a hint knows. */
  readonly lost: number;
  /** How many of those have an older value instead. */
  readonly older: number;
}

/** What {@link salvageDirectory} saved, and what it could not. */
export interface SalvageReport
  extends Pick<SalvagedLog, "records" | "unreadable" | "isComplete">,
    Pick<LogExamination, "missing" | "isEndProven"> {
  readonly dicts: readonly SalvagedDict[];
}

/**
 * Saves every whole record of a directory, damaged or not, into a new one. It opens a store there before it resolves.
 * The last whole record of each key counts, and a removal counts, too. It only reads the old directory, so it works
 * beside an owner. It needs memory for all keys. An interrupted call leaves a directory on which no store opens, and
 * can be run again.
 *
 * @throws `conflict` if something is in the output, or a newer program wrote the log; `invalid_argument` if one directory is
 *   in the other, or there is no log; `store_locked` if a process owns the output; and what the system says
 * @example await salvageDirectory({ directory: "damaged", output: "saved" });
 */
export async function salvageDirectory(options: SalvageOptions): Promise<SalvageReport> {
  const { directory, output, alongside = [], clock = Date.now } = options;
  requireApart(directory, output);
  const proofs = await readProofs(directory);
  const snapshot = await openSnapshot(directory);
  try {
    const { segments } = snapshot;
    const examination = await examineLog(segments, proofs);
    if (segments.length === 0 && examination.missing.length === 0)
      throw createError("invalid_argument", `there is no log in ${directory}`);
    const log = { segments, proofs, examination, files: nodeFiles, directory: output, nowMs: clock() };
    const salvaged = await fillDirectory(output, alongside, async () => {
      const result = await salvageLog(log);
      for (const name of alongside) await copyIfThere(join(directory, name), join(output, name));
      return result;
    });
    const { missing, isEndProven } = examination;
    const { records, unreadable, isComplete } = salvaged;
    const dicts = await dictsIn(output, salvaged);
    return { dicts, records, unreadable, missing, isEndProven, isComplete };
  } finally {
    await snapshot.close();
  }
}

/** Opens what was saved, and counts. */
async function dictsIn(directory: string, { lost }: SalvagedLog): Promise<SalvagedDict[]> {
  const store = await openLogStore({ directory });
  try {
    const keysOf = new Map(lost.map(({ id, keys }) => [id, keys]));
    const listed = store.listEnvironments().flatMap((environment) =>
      store.listDicts({ environmentId: environment.id }).map(({ id, name }) => {
        return { id, environment: environment.name, name };
      }),
    );
    const ids = new Set(listed.map(({ id }) => id));
    const ephemeral = lost.filter(({ id }) => !ids.has(id) && store.getDict(id) !== undefined);
    return [...listed, ...ephemeral].map(({ id, environment, name }) => {
      const keys = keysOf.get(id) ?? [];
      const older = keys.filter((key) => store.contains(id, key)).length;
      return { environment, name, entries: store.len(id), lost: keys.length, older };
    });
  } finally {
    await store.close();
  }
}

function requireApart(directory: string, output: string): void {
  const isInside = (inner: string, outer: string) => {
    const path = relative(resolve(outer), resolve(inner));
    return path === "" || !(path === ".." || path.startsWith(`..${sep}`));
  };
  if (isInside(output, directory) || isInside(directory, output))
    throw createError(
      "invalid_argument",
      `${output} and ${directory} are one in the other: choose another directory`,
    );
}

async function copyIfThere(from: string, to: string): Promise<void> {
  if ((await stat(from).catch(() => undefined)) === undefined) return;
  await copyFile(from, to);
  const handle = await open(to, "r+");
  try {
    await handle.chmod(0o600);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
