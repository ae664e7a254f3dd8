import type { Iteration } from "../clients/dict-client.ts";
import type { IterateResult } from "../processes/driver-messages.ts";
import { CpuMeter, processRssBytes } from "./cpu-meter.ts";
import { sampleOf } from "./sample.ts";

const lookEveryMs = 20;

/** Goes over every entry once, and watches the memory of client and server while it does. */
export async function iterate(
  iteration: Iteration | undefined,
  raw: boolean,
  serverPid: number | undefined,
): Promise<IterateResult> {
  const read = raw ? iteration?.raw : iteration?.decoded;
  if (read === undefined) throw new Error("this client has no such iteration");
  const clientPeak = new MemoryPeak(process.pid);
  const serverPeak = new MemoryPeak(serverPid);
  const timer = setInterval(() => {
    clientPeak.look();
    serverPeak.look();
  }, lookEveryMs);
  const cpu = new CpuMeter(serverPid);
  const startMs = performance.now();
  try {
    const entries = await read();
    const seconds = (performance.now() - startMs) / 1000;
    const whole = seconds * 1e6;
    const latencies = { p50Us: whole, p90Us: whole, p99Us: whole, p999Us: whole, maxUs: whole };
    const sample = sampleOf({ operations: entries, seconds, latencies }, cpu.stop());
    return { sample, entries, clientGrowthBytes: clientPeak.growth, serverGrowthBytes: serverPeak.growth };
  } finally {
    clearInterval(timer);
  }
}

class MemoryPeak {
  readonly #pid: number | undefined;
  readonly #before: number | undefined;
  #highest: number | undefined;

  constructor(pid: number | undefined) {
    this.#pid = pid;
    this.#before = processRssBytes(pid);
    this.#highest = this.#before;
  }

  look(): void {
    const now = processRssBytes(this.#pid);
    if (now !== undefined && this.#highest !== undefined) this.#highest = Math.max(this.#highest, now);
  }

  get growth(): number | undefined {
    this.look();
    return this.#highest === undefined || this.#before === undefined
      ? undefined
      : this.#highest - this.#before;
  }
}
