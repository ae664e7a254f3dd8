import { stat } from "node:fs/promises";
import { join } from "node:path";
import { isLockName } from "@everdict/directory";
import { keySecretName, readKeySecret } from "../files/key-secret.ts";
import { nodeFiles } from "../files/node-files.ts";
import { reserveName } from "../files/reserve-file.ts";
import { restoreMark } from "../files/restore-mark.ts";
import { findHint, hintNumber } from "../segments/hint.ts";
import { lastSegmentName, readLastSegment } from "../segments/last-segment.ts";
import { segmentNumber } from "../segments/segment.ts";
import type { SegmentExamination } from "./examine-log.ts";

/** A file of a data directory that is no segment. */
export interface FileReport {
  readonly name: string;
  readonly bytes: number;
  /** What it is. */
  readonly what: string;
  /** How it is. */
  readonly state: string;
  /** Whether something is lost by how it is. */
  readonly isDamaged: boolean;
}

/**
 * Looks at every file of a directory but the segments of the log. The log can do without all of these files, so a
 * broken one is reported, but is no damage.
 *
 * @param names - all that are there
 * @param segments - as they were found
 */
export async function examineFiles(
  directory: string,
  names: readonly string[],
  segments: readonly SegmentExamination[],
): Promise<FileReport[]> {
  const reports: FileReport[] = [];
  for (const name of [...names].sort()) {
    if (segmentNumber(name) !== undefined) continue;
    const stats = await stat(join(directory, name)).catch(() => undefined);
    // Its owner may have removed it meanwhile.
    if (stats === undefined) continue;
    const found = await describe(directory, name, segments);
    reports.push({ name, bytes: stats.isFile() ? stats.size : 0, ...found, isDamaged: false });
  }
  return reports;
}

async function describe(
  directory: string,
  name: string,
  segments: readonly SegmentExamination[],
): Promise<Pick<FileReport, "what" | "state">> {
  if (hintNumber(name) !== undefined) return describeHint(directory, hintNumber(name)!, segments);
  if (name === lastSegmentName) return describeMark(directory);
  if (name === keySecretName) return describeSecret(directory);
  if (isLockName(name)) return { what: "lock of a process, living or dead", state: "in order" };
  if (name === reserveName) return { what: "room kept for a full disk", state: "in order" };
  if (name === restoreMark) return { what: "mark of a restore or salvage", state: "not completed" };
  return { what: "not of the log", state: "not looked into" };
}

async function describeHint(
  directory: string,
  number: number,
  segments: readonly SegmentExamination[],
): Promise<Pick<FileReport, "what" | "state">> {
  const what = `hint of segment ${number}`;
  const segment = segments.find((each) => each.number === number);
  const hint = await findHint(nodeFiles, directory, number).catch(() => undefined);
  if (hint === undefined) return { what, state: "torn or damaged; not needed, the segment is read instead" };
  if (segment === undefined) return { what, state: "whole, but its segment is not there" };
  return {
    what,
    state: hint.bytes === segment.bytes ? "whole" : "whole, but its segment has another length",
  };
}

async function describeMark(directory: string): Promise<Pick<FileReport, "what" | "state">> {
  const what = "where the log ends";
  const { number, flushed } = await readLastSegment(nodeFiles, directory);
  if (number === 0) return { what, state: "torn or damaged; not needed, the next start writes it anew" };
  return { what, state: flushed === undefined ? "whole, without a length" : "whole" };
}

async function describeSecret(directory: string): Promise<Pick<FileReport, "what" | "state">> {
  const what = "secret of the order of pages";
  if ((await readKeySecret(nodeFiles, directory)) === undefined)
    return {
      what,
      state: "torn or damaged; not needed, the next start makes a new one and refuses cursors of pages",
    };
  return { what, state: "whole" };
}
