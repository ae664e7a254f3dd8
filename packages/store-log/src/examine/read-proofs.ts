import { nodeFiles } from "../files/node-files.ts";
import { findHint } from "../segments/hint.ts";
import { readLastSegment } from "../segments/last-segment.ts";
import type { LogProofs } from "./examine-log.ts";

/**
 * What is known of the log in a directory besides its segments. To be read before the segments are listed: its owner
 * may begin another.
 */
export async function readProofs(directory: string): Promise<LogProofs> {
  const lastSegment = await readLastSegment(nodeFiles, directory);
  return { lastSegment, hintOf: (number) => findHint(nodeFiles, directory, number) };
}
