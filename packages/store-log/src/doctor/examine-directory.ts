import { readdir } from "node:fs/promises";
import { examineFiles, type FileReport } from "../examine/examine-files.ts";
import { examineLog, type LogExamination, type SegmentExamination } from "../examine/examine-log.ts";
import { readProofs } from "../examine/read-proofs.ts";
import { openSnapshot, type Snapshot, SnapshotFiles } from "../examine/snapshot.ts";
import { directoryOwner } from "../files/own-directory.ts";
import { restoreMark } from "../files/restore-mark.ts";
import { openSnapshotStore } from "../store/open-log-store.ts";

/** A segment as {@link examineDirectory} found it. */
export interface SegmentReport extends SegmentExamination {
  /** Bytes of records that still decide something; undefined if the log is damaged, since then nobody knows. */
  readonly liveBytes: number | undefined;
}

/** What {@link examineDirectory} found. */
export interface DirectoryReport extends Pick<LogExamination, "missing" | "isEndProven"> {
  /** The process that has the directory open, if one does. */
  readonly owner: { readonly pid: number; readonly host: string } | undefined;
  readonly segments: readonly SegmentReport[];
  /** All files that are no segment, by name. Those that are not of the log are only named. */
  readonly files: readonly FileReport[];
  /** Whether a restore or a salvage into the directory was begun and not completed. */
  readonly isRestoreUnfinished: boolean;
  /** Whether everything is as it was written. */
  readonly isWhole: boolean;
  /** Whether a store opens on it. What is damaged in a segment that has a hint shows only when it is read. */
  readonly opens: boolean;
}

/**
 * Reads everything in a directory and checks every checksum. Changes nothing, and works while a process has the
 * directory open. Needs memory for all keys, unless there is damage.
 *
 * @throws `conflict` if a newer program wrote the log; and what the system says
 * @example
 * const { isWhole, segments } = await examineDirectory("data");
 */
export async function examineDirectory(directory: string): Promise<DirectoryReport> {
  const owner = await directoryOwner(directory);
  const names = await readdir(directory);
  const isRestoreUnfinished = names.includes(restoreMark);
  const proofs = await readProofs(directory);
  const snapshot = await openSnapshot(directory);
  try {
    const { segments, missing, isWhole, opens, isEndProven } = await examineLog(snapshot.segments, proofs);
    // What its owner wrote since is not part of it.
    for (const [index, { file }] of snapshot.segments.entries()) await file.truncate(segments[index]!.bytes);
    const live = opens ? await liveBytes(snapshot, directory) : new Map<number, number>();
    return {
      owner,
      segments: segments.map((segment) => ({ ...segment, liveBytes: live.get(segment.number) })),
      files: await examineFiles(directory, names, segments),
      missing,
      isRestoreUnfinished,
      isEndProven,
      isWhole: isWhole && !isRestoreUnfinished,
      opens: opens && !isRestoreUnfinished,
    };
  } finally {
    await snapshot.close();
  }
}

async function liveBytes({ segments }: Snapshot, directory: string): Promise<Map<number, number>> {
  const { store, reclaimed } = await openSnapshotStore(new SnapshotFiles(segments), directory);
  await reclaimed;
  const usage = store.segmentUsage();
  await store.close();
  return new Map(usage.map(({ number, liveBytes: live }) => [number, live]));
}
