import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { waitUntil } from "./wait-until.ts";

/** The memory of a process without its garbage, in MiB. */
export interface SettledMemory {
  /** What it has of the system's, which includes what its allocator keeps for later. */
  readonly residentMiB: number;
  /** What is in use on the heap of its program and outside of it. A leak shows here. */
  readonly liveMiB: number;
}

/** A process that was started with {@link collectable}. */
export interface CollectableProcess {
  readonly pid: number;
  /** The last part of what it wrote to standard error. */
  log(): string;
}

/** What a program of Node is started with so that {@link settledMemory} can ask it. */
export const collectable: readonly string[] = [
  "--expose-gc",
  "--import",
  "data:text/javascript,let n = 0; process.on('SIGUSR2', () => { globalThis.gc(); " +
    "process.stderr.write('memory ' + ++n + ' ' + JSON.stringify(process.memoryUsage()) + '\\n') })",
];

const mib = 1024 * 1024;
const looks = 4;
/** Memory goes back to the system a while after it was freed. */
const pauseMs = 150;

/** Has a process collect its garbage, and looks at what is left. Linux only. */
export async function settledMemory(process: CollectableProcess): Promise<SettledMemory> {
  let residentLeast = Number.POSITIVE_INFINITY;
  let liveLeast = Number.POSITIVE_INFINITY;
  for (let look = 0; look < looks; look++) {
    liveLeast = Math.min(liveLeast, await collectedMiB(process));
    await delay(pauseMs);
    residentLeast = Math.min(residentLeast, residentMiB(process.pid));
  }
  return { residentMiB: residentLeast, liveMiB: liveLeast };
}

async function collectedMiB({ pid, log }: CollectableProcess): Promise<number> {
  const lines = () => [...log().matchAll(/^memory (\d+) (\{.*\})$/gm)];
  const before = lines().at(-1)?.[1];
  process.kill(pid, "SIGUSR2");
  await waitUntil("the garbage is collected", () => lines().at(-1)?.[1] !== before, { timeoutMs: 30_000 });
  const { heapUsed, external } = JSON.parse(lines().at(-1)![2]!) as NodeJS.MemoryUsage;
  return (heapUsed + external) / mib;
}

/** The resident memory of a process as it is. Linux only. */
export function residentMiB(pid: number): number {
  const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kib) / 1024;
}

/** How many files and connections a process has open. Linux only. */
export function openDescriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}
