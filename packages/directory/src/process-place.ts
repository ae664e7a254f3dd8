/** Where a process runs, and whether it is alive, as far as that can be known without its help. */

import { readFile, readlink } from "node:fs/promises";
import { hostname } from "node:os";

/** Where a process is. Two processes with the same place mean the same process by a pid. */
export interface ProcessPlace {
  readonly host: string;
  /** Of the kernel. Empty where it does not say: only Linux does. */
  readonly bootId: string;
  /** Empty where there is no such thing. */
  readonly pidNamespace: string;
}

const deadTick = "dead";

/** The place of this process. */
export async function ownPlace(): Promise<ProcessPlace> {
  const bootId = await readTrimmed("/proc/sys/kernel/random/boot_id");
  const pidNamespace = await readlink("/proc/self/ns/pid").catch(() => "");
  return { host: hostname(), bootId, pidNamespace };
}

/** Whether a process of the same host is in another pid namespace, as far as that is known. */
export function isElsewhere(
  { pidNamespace }: Pick<ProcessPlace, "pidNamespace">,
  self: ProcessPlace,
): boolean {
  return Boolean(pidNamespace) && self.pidNamespace !== "" && pidNamespace !== self.pidNamespace;
}

/** Whether the process of a pid is the one that started at a tick, and lives. One that cannot be seen counts as living. */
export async function isAlive(
  pid: number,
  startTick: string,
  place: ProcessPlace | undefined,
  self: ProcessPlace,
): Promise<boolean> {
  if (place !== undefined) {
    if (place.host !== self.host) return true;
    if (place.bootId !== self.bootId) return false;
    if (isElsewhere(place, self)) return true;
  }
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Any other error than "no such process" means that there is one.
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  const presentTick = await processStartTick(pid);
  if (presentTick === deadTick) return false;
  return presentTick === startTick || presentTick === "0" || startTick === "0";
}

/** When a process started, in ticks since boot; "0" where that cannot be known. */
export async function processStartTick(pid: number): Promise<string> {
  const stat = await readTrimmed(`/proc/${pid}/stat`);
  // The second field is the program's name in parentheses, which may itself hold spaces and parentheses. The
  // state is field 3, the start is field 22.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // A killed process whose parent has not asked for its exit status is still listed, and can be signalled.
  if (fields[0] === "Z" || fields[0] === "X") return deadTick;
  return fields[19] ?? "0";
}

async function readTrimmed(path: string): Promise<string> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch {
    return "";
  }
}
