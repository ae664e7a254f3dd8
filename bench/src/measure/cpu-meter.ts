import { readFileSync } from "node:fs";

/** Processor time of one run. Undefined where the system does not tell (only Linux tells of other processes). */
export interface CpuUse {
  /** This process, in microseconds. */
  readonly clientUs: number;
  /** The server's process, in microseconds, in steps of 10,000. */
  readonly serverUs: number | undefined;
  /** What every other program took meanwhile, in cores: the noise of this run. */
  readonly foreignCores: number | undefined;
}

/** A clock tick of /proc, which Linux fixed at 100 a second for programs. */
const tickUs = 10_000;

/** Measures from its creation to {@link CpuMeter.stop}. */
export class CpuMeter {
  readonly #serverPid: number | undefined;
  readonly #startMs = performance.now();
  readonly #client = process.cpuUsage();
  readonly #server: number | undefined;
  readonly #machine = machineUs();

  constructor(serverPid: number | undefined) {
    this.#serverPid = serverPid;
    this.#server = processCpuUs(serverPid);
  }

  stop(): CpuUse {
    const { user, system } = process.cpuUsage(this.#client);
    const clientUs = user + system;
    const serverUs = difference(processCpuUs(this.#serverPid), this.#server);
    const machine = difference(machineUs(), this.#machine);
    const elapsedUs = (performance.now() - this.#startMs) * 1000;
    const foreignCores =
      machine === undefined ? undefined : Math.max(0, (machine - clientUs - (serverUs ?? 0)) / elapsedUs);
    return { clientUs, serverUs, foreignCores };
  }
}

/** User and system time of a process so far, in microseconds; undefined if there is no telling. */
export function processCpuUs(pid: number | undefined): number | undefined {
  if (pid === undefined) return undefined;
  try {
    // The name, in parentheses, may hold spaces; what follows it does not.
    const fields = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ").at(-1)?.split(" ") ?? [];
    return (Number(fields[11]) + Number(fields[12])) * tickUs;
  } catch {
    return undefined;
  }
}

/** Resident memory of a process in bytes; undefined if there is no telling. */
export function processRssBytes(pid: number | undefined): number | undefined {
  if (pid === undefined) return undefined;
  try {
    const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"));
    return line === null ? undefined : Number(line[1]) * 1024;
  } catch {
    return undefined;
  }
}

/** What all processors spent on programs and the system; interrupts belong to nobody and are left out. */
function machineUs(): number | undefined {
  try {
    const [, user, nice, system] = readFileSync("/proc/stat", "latin1").split("\n", 1)[0]!.split(/\s+/);
    return (Number(user) + Number(nice) + Number(system)) * tickUs;
  } catch {
    return undefined;
  }
}

function difference(after: number | undefined, before: number | undefined): number | undefined {
  return after === undefined || before === undefined ? undefined : after - before;
}
