import * as bulkScripts from "./bulk-scripts.ts";
import * as commitScripts from "./commit-scripts.ts";
import * as dictScripts from "./dict-scripts.ts";
import * as entryScripts from "./entry-scripts.ts";
import * as environmentScripts from "./environment-scripts.ts";
import * as registryScripts from "./registry-scripts.ts";
import { Script } from "./script.ts";

/**
 * Every script. Loaded on each new connection, so that a server that does not know one is rare: it costs a round
 * trip, and calls behind it in the same batch overtake the one that needs its text sent.
 */
export const allScripts: readonly Script[] = [
  entryScripts,
  commitScripts,
  bulkScripts,
  dictScripts,
  registryScripts,
  environmentScripts,
]
  .flatMap((scripts) => Object.values<unknown>({ ...scripts }))
  .filter((value) => value instanceof Script);
