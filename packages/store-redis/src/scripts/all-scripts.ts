import { createShardScript, extendShardScript } from "./dict-scripts.ts";
import {
  clearScript,
  containsScript,
  popScript,
  putIfAbsentScript,
  reapScript,
  sweepScript,
  touchScript,
  writeScript,
} from "./entry-scripts.ts";
import {
  changeEnvironmentScript,
  createEnvironmentScript,
  deleteEnvironmentScript,
} from "./environment-scripts.ts";
import {
  beginCreationScript,
  beginDeletionScript,
  claimScript,
  endCreationScript,
  endDeletionScript,
  findDictScript,
  listDictsScript,
} from "./registry-scripts.ts";
import type { Script } from "./script.ts";

/**
 * Every script. Loaded on each new connection, so that a server that does not know one is rare: it costs a round
 * trip, and calls behind it in the same batch overtake the one that needs its text sent.
 */
export const allScripts: readonly Script[] = [
  writeScript,
  putIfAbsentScript,
  popScript,
  containsScript,
  touchScript,
  clearScript,
  sweepScript,
  reapScript,
  createShardScript,
  extendShardScript,
  beginCreationScript,
  endCreationScript,
  beginDeletionScript,
  endDeletionScript,
  findDictScript,
  listDictsScript,
  claimScript,
  createEnvironmentScript,
  changeEnvironmentScript,
  deleteEnvironmentScript,
];
